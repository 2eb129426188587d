"""Scripts that build steps write: `RUN echo … > start.sh`, `cat <<EOF > start.sh`, `COPY <<EOF start.sh`.

Each becomes a `dockerfile.written_file` fact, and its commands become `shell.command` and `server.*` facts that stand
at the step, as those of a script that is copied stand in the script.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple

from linter.inspect.cron import as_script, is_table
from linter.inspect.dockerfile.embedded import note_code
from linter.inspect.dockerfile.expand import ExpansionError, expand
from linter.inspect.dockerfile.lines import UNSEEN
from linter.inspect.dockerfile.state import Write
from linter.inspect.mapped import Mapped, Part
from linter.lazy import compiled
from linter.model import UNKNOWN, Fact

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from linter.inspect.dockerfile.instruction import Instruction
    from linter.inspect.dockerfile.state import Build, Stage
    from linter.inspect.shell.commands import Command
    from linter.knowledge import Knowledge
    from linter.model import Span

MAX_WRITES = 500
"""Writes that are read from one Dockerfile."""
COMMANDS_LIMIT = 500
"""Commands of one written script that become facts."""

_PRINTERS = frozenset({"echo", "printf", "cat", "tee"})
_CHANGERS = frozenset({"sed", "perl", "awk", "mv", "rm", "envsubst", "truncate", "patch"})
_REDIRECT = compiled(r"1?(>>|>\|?)\s*(?!&)(\S[\s\S]*)")
_SHEBANG = compiled(r"#![ \t]*\S*?(?:ba|da|k|z|a)?sh(?:\s|$)|#![ \t]*\S*/env[ \t]+(?:-S[ \t]+)?(?:ba|da|k|z|a)?sh\b")
_ESCAPE = compiled(r"\\(n|t|r|\\|\"|'|0?[0-7]{1,3}|[abefv])")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"', "'": "'"}
_ECHO_OPTIONS = compiled(r"-[neE]+")
_DIRECTIVE = compiled(r"%%|%[sb]|%")


class _Target(NamedTuple):
    path: str
    append: bool


def note_writes(
    build: Build, stage: Stage, ins: Instruction, script: Mapped | None, commands: Sequence[Command]
) -> None:
    """Notes the files that a RUN writes with what shells have for it, and what it changes in those written before."""
    if script is None or (">" not in script.text and "tee" not in script.text and not build.written):
        return
    folder = stage.settings.workdir
    for number, command in enumerate(commands):
        if command.program == "cd":
            word = command.arguments[0] if command.arguments else UNKNOWN
            folder = UNSEEN if word == UNKNOWN else posixpath.normpath(posixpath.join(folder, word))
        elif command.program in _PRINTERS:
            before = commands[number - 1] if number and command.piped and commands[number - 1].piped else None
            for target in _targets(build, stage, command, folder):
                _write(
                    build, Write(stage, target.path, ins.start, ins.end, _text(command, before, script)), target.append
                )
        elif command.program in _CHANGERS:
            _forget(build, stage, command)


def note_copied_text(build: Build, stage: Stage, ins: Instruction, destination: str) -> None:
    """Notes the here-documents of a COPY or ADD. `destination` is absolute."""
    if not ins.heredocs or UNSEEN in destination:
        return
    for heredoc in ins.heredocs:
        inside = destination.endswith("/") or len(ins.words) > 2
        path = posixpath.join(destination, heredoc.mark.name) if inside else destination
        parts = list(heredoc.parts)
        if heredoc.mark.expand:  # the build expands variables, unless a backslash stands before them
            parts = [(text.replace("\\$", "$"), at, width) for text, at, width in parts]
        _write(build, Write(stage, path, ins.start, ins.end, parts), append=False)


def _write(build: Build, write: Write, append: bool) -> None:
    before = next((each for each in build.written if each.stage is write.stage and each.path == write.path), None)
    if before is None:
        if append:  # to a file that is not seen
            write.parts = None
        if len(build.written) < MAX_WRITES:
            build.written.append(write)
    elif not append:
        before.parts, before.start, before.end = write.parts, write.start, write.end
    elif before.parts is None or write.parts is None:
        before.parts = None
    else:
        before.parts += write.parts


def _forget(build: Build, stage: Stage, command: Command) -> None:
    """A step that changes, moves or removes a file leaves its text open."""
    names = {posixpath.basename(word) for word in command.arguments}
    for write in build.written:
        if write.stage in stage.lineage() and (posixpath.basename(write.path) in names or UNKNOWN in names):
            write.parts = None


def _targets(build: Build, stage: Stage, command: Command, folder: str) -> Iterator[_Target]:
    """Absolute paths that a command writes to, as far as they are known."""
    found = [match for text in command.redirects if (match := _REDIRECT.fullmatch(text))]
    words = [(match[2], match[1] == ">>") for match in found]
    if command.program == "tee":
        appends = any(word in ("-a", "--append") for word in command.arguments)
        texts = zip(command.arguments, command.argument_texts, strict=True)
        words = [(text, appends) for word, text in texts if not word.startswith("-")]
    for word, append in words:
        if "`" in word or "$(" in word:  # what a command prints
            continue
        try:
            path = expand(word, stage.settings.get, build.escape)
        except ExpansionError:
            continue
        if path and UNSEEN not in path and not path.startswith("/dev/"):
            path = path if path.startswith("/") else posixpath.join(folder, path)
            if UNSEEN not in path:
                yield _Target(posixpath.normpath(path), append)


# --- texts


def _text(command: Command, before: Command | None, script: Mapped) -> list[Part] | None:
    """What a command prints, as parts of the Dockerfile; None when it cannot be known."""
    if command.program in ("cat", "tee"):
        if command.heredoc is not None and (command.program == "tee" or not command.arguments):
            from linter.inspect.commands import heredoc_text

            body = heredoc_text(command)
            return [_placed(part, script) for part in body.parts(0, len(body.text))]
        return _text(before, None, script) if command.program == "tee" and before is not None else None
    text = _printed(command)
    return None if text is None else [_placed((text, command.start, command.end - command.start), script)]


def _placed(part: Part, script: Mapped) -> Part:
    text, at, width = part
    start, end = script.place(at, at + width)
    return text, start, end - start


def _printed(command: Command) -> str | None:
    """The text of `echo` and `printf`. Variables stay as they are written; a shell fills them in when it builds."""
    from linter.inspect.commands import argument_text

    words = [argument_text(command, number, 0).text for number in range(len(command.arguments))]
    if command.program == "echo":
        options = ""
        while words and _ECHO_OPTIONS.fullmatch(words[0]):
            options += words.pop(0)
        text = " ".join(words)
        # Most shells called `sh` read escapes without being told to, and nobody writes `\n` to see it.
        return (text if "E" in options else _unescaped(text)) + ("" if "n" in options else "\n")
    if command.program != "printf" or not words:
        return None
    form = words.pop(0)
    form = words.pop(0) if form == "--" and words else form
    return _formatted(form, words)


def _formatted(form: str, words: list[str]) -> str | None:
    """`printf`: the format, once more as long as there are words."""
    directives = [found for found in _DIRECTIVE.findall(form) if found != "%%"]
    if "%" in directives:
        return None
    out = []
    while True:
        taken = iter(words[: len(directives)])
        parts = _DIRECTIVE.split(form)
        found = _DIRECTIVE.findall(form)
        for part, sign in zip(parts, [*found, ""], strict=True):
            out.append(_unescaped(part))
            word = "%" if sign == "%%" else next(taken, "") if sign else ""
            out.append(_unescaped(word) if sign == "%b" else word)
        words = words[len(directives) :]
        if not words or not directives:
            return "".join(out)


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda found: _ESCAPES.get(found[1], ""), text)


# --- facts


def is_script(write: Write, knowledge: Knowledge) -> bool:
    """Whether what is written is known, and a script for a shell of the Bourne family or a table of cron."""
    text = "".join(part[0] for part in write.parts or ())
    if text.startswith("#!"):
        return _SHEBANG.match(text) is not None
    if is_table(write.path, knowledge):
        return True
    return bool(text.strip()) and write.path.endswith((".sh", ".bash"))


def note_written_files(build: Build) -> None:
    """Drafts of the `dockerfile.written_file` facts; to be called before the facts are made."""
    from linter.inspect.dockerfile.state import Draft

    started = _started(build)
    build.written = [
        write for write in build.written if is_script(write, build.knowledge) or _is_started_code(write, started)
    ]
    for number, write in enumerate(build.written):
        fields = {"path": write.path, "script": script_name(build, number, write)}
        build.note(Draft("dockerfile.written_file", write.start, write.end, fields, {}, write.stage))
        if _is_started_code(write, started):
            note_code(build, write.stage, Mapped.joined(list(write.parts or ()), write.start))


def _started(build: Build) -> list[str]:
    """What the image's own ENTRYPOINT names. Other Python that steps write mostly runs while the image is built."""
    draft = build.stages[-1].settings.last.get("ENTRYPOINT") if build.stages else None
    return [str(word) for word in draft.fields["words"]] if draft is not None else []


def _is_started_code(write: Write, started: Sequence[str]) -> bool:
    """Whether what is written is Python that the image starts, as a file or as a server's application."""
    if not write.path.endswith(".py") or not write.parts:
        return False
    name = posixpath.basename(write.path)
    return any(
        word == write.path or word.removeprefix("./") == name or word.startswith(f"{name.removesuffix('.py')}:")
        for word in started
    )


def script_name(build: Build, number: int, write: Write) -> str:
    """A name for a written script; no file of the product can have it, and it ends in the script's path."""
    return f"{build.source.path}#{number}{write.path}"


def script_facts(build: Build) -> Iterator[Fact]:
    """The facts of the commands in written scripts, each with the name of its script."""
    if not build.written:
        return
    from linter.inspect.dockerfile.secrets import HIDDEN
    from linter.inspect.shell.commands import parse_commands
    from linter.inspect.shell.facts import Setting, command_facts

    for number, write in enumerate(build.written):
        if write.path.endswith(".py"):  # read with the other Python of the file
            continue
        text = Mapped.joined(list(write.parts or ()), write.start)
        cron = is_table(write.path, build.knowledge)
        commands = parse_commands(as_script(text.text, build.knowledge) if cron else text.text)[:COMMANDS_LIMIT]
        settings = write.stage.settings
        known = {name: value for name, value in settings.env.items() if UNSEEN not in value}
        environment = {name: HIDDEN if name in settings.hidden else value for name, value in known.items()}

        def span(start: int, end: int, text: Mapped = text) -> Span:
            return build.source.span(*text.place(start, end))

        run_by = "cron" if cron else "script"
        setting = Setting(build.source.path, span, build.knowledge, environment=environment, run_by=run_by)
        name = script_name(build, number, write)
        for fact in command_facts(commands, setting, commands[-1] if commands else None):
            named = fact.kind == "shell.command"
            yield Fact(fact.kind, fact.location, {**fact.fields, "script": name}, fact.spans) if named else fact
