"""ENV, ARG, LABEL, USER, WORKDIR, EXPOSE, STOPSIGNAL, VOLUME, SHELL, ONBUILD: instructions that set things."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from linter.inspect.dockerfile.embedded import note_start
from linter.inspect.dockerfile.expand import ExpansionError, expand_words, known
from linter.inspect.dockerfile.lines import UNSEEN
from linter.inspect.dockerfile.secrets import HIDDEN
from linter.inspect.dockerfile.state import MAX_VARIABLES
from linter.inspect.dockerfile.words import Word
from linter.lazy import compiled
from linter.model import UNKNOWN
from linter.references.stores import remote_store

if TYPE_CHECKING:
    from linter.inspect.dockerfile.instruction import Instruction
    from linter.inspect.dockerfile.state import Build, Settings, Stage

MAX_PORTS = 64
_DRIVE = compiled(r"[A-Za-z]:[\\/]")
_PORTS = compiled(r"(?:.*:)?([0-9]{1,5})(?:-([0-9]{1,5}))?(?:/([A-Za-z]+))?", re.ASCII)


def env(build: Build, stage: Stage, ins: Instruction) -> None:
    before = stage.settings.copy()
    pairs = list(zip(ins.words[::2], ins.words[1::2], strict=False))
    if not pairs:
        build.problem(ins, "ENV needs a name and a value")
    for key, value in pairs:
        name = build.expand(ins, key.text, before)
        text = build.expand(ins, value.text, before)
        secret = _variable(build, stage, ins, name, key, value, text)
        settings = stage.settings
        if name and UNSEEN not in name and (name in settings.env or len(settings.env) < MAX_VARIABLES):
            settings.env[name] = text
            settings.hidden = settings.hidden | {name} if secret else settings.hidden - {name}


def arg(build: Build, stage: Stage | None, ins: Instruction, scope: Settings) -> None:
    """ARG, before the first FROM (`stage` None) or in a stage; `scope` gives the variables for its defaults."""
    if not ins.words:
        build.problem(ins, "ARG needs a name")
    before = scope.copy() if stage else scope
    for word in ins.words:
        key_text, equals, raw = word.text.partition("=")
        key = Word(key_text, word.start, word.start + len(key_text))
        value = Word(raw, key.end + 1, word.end) if equals else None
        name = build.expand(ins, key_text, before)
        text = build.expand(ins, raw, before) if equals else None
        _variable(build, stage, ins, name, key, value, text)
        if not name or UNSEEN in name or len(scope.args) >= MAX_VARIABLES:
            continue
        scope.args[name] = text if text is not None else build.global_args.get(name, UNSEEN) if stage else UNSEEN


def _variable(
    build: Build, stage: Stage | None, ins: Instruction, name: str, key: Word, value: Word | None, text: str | None
) -> bool:
    raw = value.text if value else None
    kind = None
    if value and text is not None:
        kind = build.secrets.in_value(name, text if UNSEEN not in text else value.text.strip("'\""))
    fields = {
        "instruction": ins.name,
        "key": known(name),
        "value": HIDDEN if kind else known(text),
        "raw": HIDDEN if kind else raw,
        "secret": "likely" if kind else "none",
        "store": remote_store(text, build.knowledge) if text and UNSEEN not in text else None,
        "used_in_build": False,
        "offline": UNKNOWN,
        "baked": False,
    }
    build.draft("dockerfile.variable", ins, stage, fields, key=key, value=value)
    return bool(kind)


def label(build: Build, stage: Stage, ins: Instruction) -> None:
    for key, value in zip(ins.words[::2], ins.words[1::2], strict=False):
        name = build.expand(ins, key.text, stage.settings)
        text = build.expand(ins, value.text, stage.settings)
        if build.secrets.in_value(name, text):
            text = HIDDEN
        build.draft("dockerfile.label", ins, stage, {"key": known(name), "value": known(text)}, key=key, value=value)
        if UNSEEN not in name and len(stage.settings.labels) < MAX_VARIABLES:
            stage.settings.labels[name] = text


def user(build: Build, stage: Stage, ins: Instruction) -> None:
    if not ins.words:
        return build.problem(ins, "USER needs a name")
    word = ins.words[0]
    text = build.expand(ins, word.text, stage.settings)
    name = text.partition(":")[0]
    root = UNKNOWN if UNSEEN in name else "yes" if name in ("root", "0", "") else "no"
    fields = {"user": known(text), "root": root, "effective": False}
    draft = build.draft("dockerfile.user", ins, stage, fields, user=word)
    stage.settings.user = text
    stage.settings.last["user"] = draft
    return None


def workdir(build: Build, stage: Stage, ins: Instruction) -> None:
    if not ins.words:
        return build.problem(ins, "WORKDIR needs a path")
    word = ins.words[0]
    path = absolute(build.expand(ins, word.text, stage.settings), stage.settings)
    stage.settings.workdir = path
    build.draft("dockerfile.workdir", ins, stage, {"path": known(path)}, path=word)
    return None


def absolute(path: str, settings: Settings) -> str:
    """A path in the image, resolved against the working folder; it holds `UNSEEN` where that is unknown."""
    if _DRIVE.match(path):
        return path
    if not path.startswith(("/", UNSEEN)):
        if UNSEEN in settings.workdir and not settings.workdir.startswith("/"):
            return UNSEEN
        path = posixpath.join(settings.workdir, path)
    if not path.startswith("/"):
        return UNSEEN
    return "/" + posixpath.normpath(path).lstrip("/")


def expose(build: Build, stage: Stage, ins: Instruction) -> None:
    for word in ins.words:
        try:
            values = expand_words(word.text, stage.settings.get, build.escape)
        except ExpansionError as problem:
            build.problem(ins, f"`{word.text[:60]}` cannot be expanded: {problem}")
            continue
        for value in values:
            _port(build, stage, ins, word, value)


def _port(build: Build, stage: Stage, ins: Instruction, word: Word, value: str) -> None:
    found = _PORTS.fullmatch(value)
    ports: list[int | str] = [UNKNOWN]
    protocol = UNKNOWN if UNSEEN in value else "tcp"
    if UNSEEN in value:
        bare, slash, end = value.partition("/")
        protocol = end.lower() if slash and end and UNSEEN not in end and UNSEEN in bare else UNKNOWN
    elif not found:
        return build.problem(ins, f"`{value[:40]}` is no port")
    else:
        first, last = int(found[1]), int(found[2] or found[1])
        if not 0 <= first <= last <= 65_535:
            return build.problem(ins, f"`{value[:40]}` is no port")
        ports = list(range(first, min(last, first + MAX_PORTS - 1) + 1))
        protocol = (found[3] or "tcp").lower()
    for port in ports:
        build.draft("dockerfile.expose", ins, stage, {"port": port, "protocol": protocol}, port=word)
    texts = tuple(f"{port}/{protocol}" if port != UNKNOWN else UNKNOWN for port in ports)
    if len(stage.settings.exposed) < MAX_VARIABLES:
        stage.settings.exposed += tuple(text for text in texts if text not in stage.settings.exposed)
    return None


def stopsignal(build: Build, stage: Stage, ins: Instruction) -> None:
    if ins.words:
        text = build.expand(ins, ins.words[0].text, stage.settings)
        stage.settings.stopsignal = text
        build.draft("dockerfile.stopsignal", ins, stage, {"signal": known(text)}, signal=ins.words[0])


def volume(build: Build, stage: Stage, ins: Instruction) -> None:
    for word in ins.words:
        path = build.expand(ins, word.text, stage.settings)
        build.draft("dockerfile.volume", ins, stage, {"path": known(path)}, path=word)


def shell(build: Build, stage: Stage, ins: Instruction) -> None:
    if ins.json and ins.words:
        stage.settings.shell = tuple(word.text for word in ins.words)
    else:
        build.problem(ins, "SHELL needs its arguments in JSON form")


def onbuild(build: Build, stage: Stage, ins: Instruction) -> None:
    if ins.sub is None:
        return build.problem(ins, "ONBUILD needs an instruction")
    fields = {"instruction": ins.sub.name, "text": ins.args.text}
    build.draft("dockerfile.onbuild", ins, stage, fields, instruction=ins.args)
    stage.settings.onbuild += 1
    return None


def healthcheck(build: Build, stage: Stage, ins: Instruction) -> None:
    """What it runs is told when the whole file is read: the last one holds."""
    build.checks.append((stage, ins))
    if len(ins.words) > 1 and ins.words[0].text.upper() == "CMD":
        note_start(build, stage, ins, None)


def ignored(build: Build, stage: Stage, ins: Instruction) -> None:
    """MAINTAINER: read, and of no interest."""
