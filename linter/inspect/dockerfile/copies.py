"""COPY and ADD: one fact a source, with where it goes and where it comes from."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from linter.inspect.dockerfile.expand import ExpansionError, known
from linter.inspect.dockerfile.lines import UNSEEN
from linter.inspect.dockerfile.settings import absolute
from linter.inspect.dockerfile.words import Word, heredoc_mark
from linter.inspect.dockerfile.written import note_copied_text
from linter.lazy import compiled
from linter.model import UNKNOWN
from linter.references.credential_files import credential_files
from linter.references.patterns import has_glob

if TYPE_CHECKING:
    from linter.inspect.dockerfile.instruction import Instruction
    from linter.inspect.dockerfile.state import Build, Stage
    from linter.knowledge import Knowledge

MAX_SOURCES = 1_000
_GIT = compiled(r"git@|git://|ssh://|https?://[^?#]*\.git(?:[?#]|$)|(?:https?://)?github\.com/[^/]+/[^/]+$")


def copy(build: Build, stage: Stage, ins: Instruction) -> None:
    if len(ins.words) < 2:
        return build.problem(ins, f"{ins.name} needs a source and a destination")
    target = ins.words[-1]
    destination = build.expand(ins, target.text, stage.settings)
    path = absolute(destination, stage.settings)
    stage.settings.layers += 1
    shared = _shared(build, stage, ins)
    sources = ins.words[:-1]
    for word in sources[:MAX_SOURCES]:
        source, kind = _source(build, stage, ins, word)
        whole = kind in ("path", "glob") and posixpath.normpath(source.lstrip("/") or ".") in (".", "*")
        build.draft("dockerfile.copy", ins, stage, {
            "instruction": ins.name,
            "source": known(source),
            "sources_count": len(sources),
            "destination": known(path),
            "destination_is_folder": _is_folder(destination, len(sources), kind, source, whole),
            "source_kind": kind,
            "whole_context": whole and shared["from_kind"] == "context",
            **shared,
            "source_state": UNKNOWN,
            "dockerignore": UNKNOWN,
            "reserved_place": UNKNOWN,
            "model_data_declared": UNKNOWN,
            "aws_base": UNKNOWN,
            "leftovers": UNKNOWN,
            "credential_files": UNKNOWN,
            "possible_credential_files": UNKNOWN,
            "copied_bytes": UNKNOWN,
            "copied_size": UNKNOWN,
            "largest_copied": None,
            "credential_kind": _credential_kind(build.knowledge, source, kind),
        }, source=word, destination=target, chmod=ins.flag("chmod"), chown=ins.flag("chown"),
            **{"from": ins.flag("from")})  # fmt: skip
    note_copied_text(build, stage, ins, path + "/" if destination.endswith("/") else path)
    return None


def _shared(build: Build, stage: Stage, ins: Instruction) -> dict[str, Any]:
    origin, origin_kind = copied_from(build, stage, ins.flag("from"))
    chmod, chown = ins.flag("chmod"), ins.flag("chown")
    return {
        "from": origin,
        "from_kind": origin_kind,
        "chmod": known(build.expand(ins, chmod.text, stage.settings)) if chmod else None,
        "chown": known(build.expand(ins, chown.text, stage.settings)) if chown else None,
        "link": _switch(ins, "link"),
        "parents": _switch(ins, "parents"),
        "exclude": ins.flag_values("exclude")[:MAX_SOURCES],
    }


def _switch(ins: Instruction, name: str) -> bool:
    flag = ins.flag(name)
    return flag is not None and flag.text.lower() != "false"


def copied_from(build: Build, stage: Stage, flag: Word | None) -> tuple[str | None, str]:
    """What `--from` names and its kind. A stage so named counts as used."""
    if flag is None or not flag.text:
        return None, "context"
    text = flag.text
    if "$" in text or UNSEEN in text:
        return UNKNOWN, UNKNOWN
    found = build.stage_of(text, stage.index)
    if found is None and text.isdecimal() and len(text) < 6 and int(text) < stage.index:
        found = build.stages[int(text)]
    if found is None:
        return text, "image"
    build.used.add(found.index)
    return found.name or str(found.index), "stage"


def _source(build: Build, stage: Stage, ins: Instruction, word: Word) -> tuple[str, str]:
    mark = _mark(word.text) if ins.heredocs else None
    if mark:
        return mark, "heredoc"
    text = build.expand(ins, word.text, stage.settings)
    if ins.name == "ADD":
        if _GIT.match(text):
            return text, "git"
        if text.startswith(("http://", "https://")):
            return text, "url"
    if UNSEEN in text:
        return text, UNKNOWN
    return text, "glob" if has_glob(text) else "path"


def _mark(text: str) -> str | None:
    try:
        mark = heredoc_mark(text)
    except ExpansionError:
        return None
    return mark.name if mark else None


def _is_folder(destination: str, count: int, kind: str, source: str, whole: bool) -> bool | str:
    if destination in (".", "..") or destination.endswith(("/", "/.", "/..", "\\")) or count > 1 or whole:
        return True
    if kind in ("url", "heredoc"):
        return UNKNOWN if destination.endswith(UNSEEN) else False
    return True if kind == "git" or source.endswith("/") else UNKNOWN


def _credential_kind(knowledge: Knowledge, source: str, kind: str) -> str | None:
    """The kind of credential file that a source's name tells of."""
    if kind == UNKNOWN:
        return UNKNOWN
    if kind not in ("path", "glob"):
        return None
    return credential_files(knowledge).kind(posixpath.normpath(source).lstrip("/"), or_folder=True)
