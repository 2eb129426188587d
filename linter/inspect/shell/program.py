"""The fact `program.file`: what kind of program a text file is, and whether it can be run by its own name."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from linter.inspect.text import UTF8_BOM
from linter.model import UNKNOWN, Fact, Location

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linter.inspect.text import Source
    from linter.knowledge import Knowledge
    from linter.model import Artifact, Span

SHEBANG_LIMIT = 1000
"""Characters of a first line that are read; Linux itself reads 255."""

_LINE_ENDS = {(False, False): "none", (True, False): "crlf", (False, True): "lf", (True, True): "mixed"}
_EXECUTABLE = {True: "yes", False: "no", None: UNKNOWN}


def program_file(
    artifact: Artifact,
    data: bytes,
    source: Source,
    knowledge: Knowledge,
    ending: Mapping[str, Any] | None = None,
    spans: Mapping[str, Span] | None = None,
) -> Fact:
    """The fact about a whole file. `ending` holds the fields about how a shell script ends."""
    first = source.line(1)
    shebang = first[:SHEBANG_LIMIT] if first.startswith("#!") else None
    interpreter = interpreter_of(shebang)
    places = dict(spans or {})
    place = source.span(0, len(first))
    if shebang is not None:
        places |= {"shebang": place, "interpreter": place}
    fields = {
        "language": _language(artifact.path, interpreter, knowledge),
        "shebang": shebang,
        "interpreter": interpreter,
        "line_ends": _line_ends(data),
        "bom": data.startswith(UTF8_BOM),
        "executable": _EXECUTABLE[artifact.executable],
        "hands_over": None,
        "last_program": None,
        "last_command_background": None,
        "image_path": UNKNOWN,
        "started_as": UNKNOWN,
        "execute_bit": UNKNOWN,
        "execute_bit_needed": UNKNOWN,
        "interpreter_found": UNKNOWN,
        "scope": UNKNOWN,
    }
    return Fact("program.file", Location(artifact.path, place), {**fields, **(ending or {})}, places)


def interpreter_of(shebang: str | None) -> str | None:
    """Base name of the interpreter of a `#!` line, the program that `env` looks up included; None without one."""
    words = (shebang or "").removeprefix("#!").split()
    if not words:
        return None
    name = words[0].rpartition("/")[2]
    if name != "env":
        return name or None
    skip = False
    for word in words[1:]:
        if skip:
            skip = False
        elif word in ("-u", "-C", "--unset", "--chdir"):
            skip = True
        elif word.startswith("-S") and len(word) > 2:
            return word[2:].rpartition("/")[2]
        elif not word.startswith("-") and "=" not in word:
            return word.rpartition("/")[2]
    return None


def _language(path: str, interpreter: str | None, knowledge: Knowledge) -> str:
    table = knowledge.get("programs")
    if interpreter is not None:
        names = table["interpreters"]
        found: str | None = names.get(interpreter) or names.get(interpreter.rstrip("0123456789."))
        return found or "other"
    name = PurePosixPath(path).name
    extensions: Mapping[str, str] = table["extensions"]
    return extensions.get(PurePosixPath(name).suffix.lower(), UNKNOWN)


def _line_ends(data: bytes) -> str:
    crlf = data.count(b"\r\n")
    return _LINE_ENDS[crlf > 0, data.count(b"\n") > crlf]
