"""ENTRYPOINT and CMD: how the container starts, and what only looks like an exec form."""

from __future__ import annotations

import posixpath
import shlex
from typing import TYPE_CHECKING

from linter.inspect.dockerfile.embedded import note_start
from linter.inspect.dockerfile.lines import UNSEEN
from linter.inspect.dockerfile.runs import MAX_ARGUMENTS, MAX_TEXT, is_shell
from linter.inspect.dockerfile.state import names
from linter.inspect.dockerfile.words import array_prefix
from linter.model import UNKNOWN
from linter.references.shells import SHELL_PROGRAMS

if TYPE_CHECKING:
    from linter.inspect.dockerfile.instruction import Instruction
    from linter.inspect.dockerfile.state import Build, Settings, Stage

_SILENT = ("trailing-comment", "trailing-text", "single-quotes")


def start(build: Build, stage: Stage, ins: Instruction) -> None:
    settings, text = stage.settings, ins.args.text
    build.secrets.in_text(text)
    items = [word.text for word in ins.words] if ins.json else []
    form = "exec" if items else "shell" if text and not ins.json else "empty"
    malformed = malformed_exec(text) if form == "shell" else None
    words = items if form != "shell" else shell_words(text, settings.shell)
    wrapper, rest = _unwrapped(build, words if form == "exec" else [])
    draft = build.draft("dockerfile.start", ins, stage, {
        "instruction": ins.name,
        "form": form,
        "words": [UNKNOWN if UNSEEN in word else word for word in words[:MAX_ARGUMENTS]],
        "text": text[:MAX_TEXT],
        "effective": False,
        "trailing_text": malformed in _SILENT,
        "malformed_exec": malformed,
        "program": _program(rest if form == "exec" else words, form),
        "wrapper": wrapper,
        "runs_shell": _runs_shell(rest),
    }, words=ins.args)  # fmt: skip
    _remember(settings, ins, (*settings.shell, text) if form == "shell" else tuple(items), form)
    settings.last[ins.name] = draft
    note_start(build, stage, ins, draft)


def _remember(settings: Settings, ins: Instruction, command: tuple[str, ...], form: str) -> None:
    if ins.name == "CMD":
        settings.cmd, settings.cmd_form, settings.cmd_set_here = command, form, True
        return
    settings.entrypoint, settings.entrypoint_form = command, form
    if not settings.cmd_set_here:
        # As BuildKit does: an ENTRYPOINT drops a CMD that came with the base.
        settings.cmd, settings.cmd_form = None, None
        settings.last.pop("CMD", None)


def malformed_exec(text: str) -> str | None:
    """Why a text that was meant as an exec form is shell form, or None when it was not meant so."""
    if not text.startswith("["):
        return None
    found = array_prefix(text)
    inner = text[1:].lstrip()
    if found:
        rest = text[found[1] :].strip()
        if text[1:2].isspace() and rest.startswith(("&&", "||", ";", "|")):
            return None
        return "trailing-comment" if rest.startswith("#") else "trailing-text"
    if text[1:2].isspace() and not ("," in text and text.rstrip().endswith("]")):
        # `[ -f x ] && …`: the program called `[`.
        return None
    return "single-quotes" if inner.startswith("'") else "other"


def shell_words(text: str, shell: tuple[str, ...]) -> list[str]:
    """Program and arguments of the last command of a shell form."""
    from linter.inspect.shell.commands import parse_commands

    commands = parse_commands(text) if is_shell(shell) else []
    return [commands[-1].program, *commands[-1].arguments] if commands else []


def _unwrapped(build: Build, words: list[str]) -> tuple[str | None, list[str]]:
    """The init wrapper that an exec form begins with, and the words after it."""
    first = posixpath.basename(words[0]) if words else ""
    if first not in wrapper_names(build):
        return None, words
    rest = words[1:]
    if "--" in rest:
        return first, rest[rest.index("--") + 1 :]
    while rest and rest[0].startswith("-"):
        rest = rest[1:]
    return first, rest


def _program(words: list[str], form: str) -> str | None:
    if form == "shell":
        return posixpath.basename(words[0]) or UNKNOWN if words and UNSEEN not in words[0] else UNKNOWN
    if not words:
        return None if form == "empty" else UNKNOWN
    if UNSEEN in words[0]:
        return UNKNOWN
    followed = shell_words(shlex.join(words), ("sh",))
    name = followed[0] if followed and followed[0] != UNKNOWN else words[0]
    return posixpath.basename(name) or UNKNOWN


def _runs_shell(words: list[str]) -> bool:
    if not words or posixpath.basename(words[0]) not in SHELL_PROGRAMS:
        return False
    for word in words[1:]:
        if not word.startswith("-"):
            return False
        if not word.startswith("--") and "c" in word:
            return True
    return False


def wrapper_names(build: Build) -> list[str]:
    """The init wrappers that knowledge names."""
    return names(build.knowledge.get("container.init_wrapper_names"))
