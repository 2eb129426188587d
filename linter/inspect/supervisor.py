"""Reads supervisord's configuration: which programs it starts, how, and how long it waits for them to stop."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.inspect.text import NotText, Source
from linter.model import UNKNOWN, Inspection, Notice
from linter.servers import values
from linter.servers.facts import Maker
from linter.servers.table import Option

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from linter.knowledge import Knowledge
    from linter.model import Artifact, Fact

SERVER = "supervisord"
SIZE_LIMIT = 1 << 20
ENTRIES_LIMIT = 5000

_SECTION = re.compile(r"\[([^\]\r\n]{0,200})\]")
_ENTRY = re.compile(r"([^=:\s\[][^=:\r\n]{0,100}?)[ \t]*([=:])")
_EXPANSION = re.compile(r"%\(([^()%\r\n]{0,100})\)([sd])")
_VARIABLE = re.compile(r"""([A-Za-z_]\w{0,100})[ \t]*=[ \t]*("[^"\n]*"|'[^'\n]*'|[^,\n]*),?[ \t\r\n]*""", re.ASCII)
_PROGRAMS = ("program:", "eventlistener:", "fcgi-program:")
_WITH_SETTINGS = (*_PROGRAMS, "group:")
_SWITCHES = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
_BOOLEANS = frozenset(
    ("nodaemon", "silent", "autostart", "stopasgroup", "killasgroup", "redirect_stderr", "minfds_check", "nocleanup")
)
_NOT_TOLD = frozenset(["command", "environment", "password", "username"])
_FOREGROUND = "nodaemon"
_STOP = Option("stopwaitsecs", "timeout", "text", {"kind": "stop"})


class Entry(NamedTuple):
    """One `key=value` of a section. Offsets are characters of the text; `value` keeps its line ends as blanks."""

    section: str
    key: str
    value: str
    start: int
    value_start: int
    end: int


def inspect(artifact: Artifact, data: bytes, knowledge: Knowledge) -> Inspection:
    """`server.*` and `shell.command` facts of one configuration. Bad input gives notices."""
    try:
        source = Source(artifact.path, data)
    except NotText as reason:
        message = f"this supervisord configuration was not read: {reason}"
        return Inspection(notices=(Notice("not-text", message, artifact.path),))
    entries = list(_entries(source.text))
    notices = []
    if len(source.text) > SIZE_LIMIT or len(entries) >= ENTRIES_LIMIT:
        message = "this supervisord configuration is too large and was read in part only; split it"
        notices.append(Notice("supervisor-too-large", message, artifact.path, level="warning"))
    environments = {entry.section: _environment(entry.value) for entry in entries if entry.key == "environment"}
    facts: list[Fact] = []
    for entry in entries:
        facts.extend(_facts(entry, source, knowledge, environments))
    facts.extend(_default(entries, source))
    return Inspection(tuple(facts), tuple(notices))


def _entries(text: str) -> Iterator[Entry]:
    """All entries. A line that starts with a blank goes on with the value above; `;` after a blank starts a comment."""
    section, found, at = "", 0, 0
    pending: Entry | None = None
    for line in text[:SIZE_LIMIT].split("\n"):
        start, at = at, at + len(line) + 1
        bare = line.rstrip("\r")
        if pending is not None and bare[:1] in (" ", "\t") and bare.strip() and bare.strip()[0] not in ";#":
            content = _without_comment(bare).rstrip()
            gap = " " * (start - pending.end)
            pending = pending._replace(value=pending.value + gap + content, end=start + len(content))
            continue
        if not bare.strip() or bare[0] in ";#":
            continue
        if pending is not None:
            yield pending
            pending = None
        heading = _SECTION.match(bare)
        if heading:
            section = heading.group(1).strip()
            continue
        match = _ENTRY.match(bare)
        if match is None or not section:
            continue
        found += 1
        if found >= ENTRIES_LIMIT:
            return
        content = _without_comment(bare[match.end() :])
        lead = len(content) - len(content.lstrip())
        value = content.strip()
        value_start = start + match.end() + lead
        pending = Entry(section, match.group(1).lower(), value, start, value_start, value_start + len(value))
    if pending is not None:
        yield pending


def _without_comment(text: str) -> str:
    at = min((found for found in (text.find(" ;"), text.find("\t;")) if found >= 0), default=len(text))
    return text[:at]


def _facts(
    entry: Entry, source: Source, knowledge: Knowledge, environments: dict[str, dict[str, str]]
) -> Iterator[Fact]:
    make = Maker(SERVER, source.location(entry.start, entry.end), "file")
    span = source.span(entry.value_start, entry.end)
    if entry.section.startswith(_PROGRAMS) and entry.key == "command":
        environment = {**environments.get("supervisord", {}), **environments.get(entry.section, {})}
        yield from _command(entry, source, knowledge, environment)
    elif entry.section == "inet_http_server" and entry.key == "port":
        # The control port of supervisord, not one that answers requests.
        yield make.setting(entry.key, _value(entry), entry.section, {"value": span})
    elif entry.section == "supervisord" or entry.section.startswith(_WITH_SETTINGS):
        if entry.key == "stopwaitsecs":
            length = values.seconds(_STOP, entry.value)
            yield make.timeout(entry.key, length, "stop", None, True, {"seconds": span})
        elif entry.key not in _NOT_TOLD:
            yield make.setting(entry.key, _value(entry), entry.section, {"value": span})


def _default(entries: Sequence[Entry], source: Source) -> Iterator[Fact]:
    """supervisord's own section says that it stays in the foreground, or it does not."""
    own = [entry for entry in entries if entry.section == SERVER]
    if own and not any(entry.key == _FOREGROUND for entry in own):
        make = Maker(SERVER, source.location(own[0].start, own[0].end), "file")
        yield make.setting(_FOREGROUND, False, SERVER, {}).with_fields(declared=False)


def _value(entry: Entry) -> Any:
    text = " ".join(entry.value.split())
    if _EXPANSION.search(text):
        return UNKNOWN
    if entry.key in _BOOLEANS:
        return _SWITCHES.get(text.lower(), text)
    if text.isascii() and text.isdecimal() and len(text) < 16:
        return int(text)
    return text or None


def _command(entry: Entry, source: Source, knowledge: Knowledge, environment: dict[str, str]) -> Iterator[Fact]:
    """The command of a program, as the shell would take it; supervisord splits words the same way."""
    from linter.inspect.shell.commands import parse_commands
    from linter.inspect.shell.facts import Setting, command_facts

    text = _EXPANSION.sub(_as_variable, entry.value)
    setting = Setting(
        source.path,
        lambda start, end: source.span(entry.value_start + start, entry.value_start + end),
        knowledge,
        environment=environment,
        run_by="supervisor",
    )
    written = {_as_variable(found): found.group() for found in _EXPANSION.finditer(entry.value)}
    for fact in command_facts(parse_commands(text), setting):
        yield _as_written(fact, written) if written and fact.kind == "shell.command" else fact


def _as_written(fact: Fact, written: dict[str, str]) -> Fact:
    text = fact["text"]
    for variable, expansion in written.items():
        text = text.replace(variable, expansion)
    return fact.with_fields(text=text)


def _as_variable(found: re.Match[str]) -> str:
    """`%(ENV_PORT)s` as a shell variable of the same length that nothing sets."""
    name = re.sub(r"\W", "_", found.group(1), flags=re.ASCII)
    return "${_" + name + "}"


def _environment(text: str) -> dict[str, str]:
    """`A="b",C=d`; values with an expansion are unknown."""
    found: dict[str, str] = {}
    at = 0
    while len(found) < 200 and (match := _VARIABLE.match(text, at)):
        value = match.group(2).strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        found[match.group(1)] = UNKNOWN if _EXPANSION.search(value) else value
        at = match.end()
    return found
