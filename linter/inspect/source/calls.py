"""Finds calls that may reach out in a masked source, and what they go to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.inspect.source.masking import Masked, mask
from linter.lazy import compiled
from linter.model import UNKNOWN, Fact
from linter.references.host import is_this_machine

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from linter.inspect.text import Source
    from linter.knowledge import Knowledge
    from linter.model import Location

FACTS_LIMIT = 200
ARGUMENTS_LIMIT = 2_000
"""Characters after a call's bracket that are searched for its arguments."""
SHOWN = 120
MATCHES_LIMIT = 2_000
"""Places of one file that are looked at more closely."""
_AFTER = 80
BEFORE = 300
"""Characters before a call on its line that are looked at."""

REMOTE, LOOPBACK, LOCAL = "remote", "loopback", "local"

_CONDITIONAL = compiled(r"(?:^|[^\w.])(?:if|else|unless|while|try|tryCatch|function|def|fn|=>|&&|\|\||\?)(?:$|[^\w.])")
_DEFINES = compiled(r"(?:function|def|func|async)\s+$")
_LITERAL = compiled(r"""\s*(?:[A-Za-z_.][\w.]{0,40}\s*=(?!=)\s*)?([rbuf]?)(["'`])(.*?)(?<!\\)\2""", re.DOTALL)


class Api(NamedTuple):
    """An entry of the table, its expressions compiled."""

    name: str
    call: re.Pattern[str]
    mode: str
    argument: int
    unless: re.Pattern[str] | None
    once: bool
    texts: bool


def scan(source: Source, language: str, knowledge: Knowledge) -> list[Fact]:
    """`source.call` facts of a source, in order."""
    entry: Mapping[str, Any] = knowledge.get(f"other_languages.languages.{language}")
    apis: list[Api] = knowledge.index(f"inspect.source.{language}", lambda tables: list(_apis(entry)))
    signs = [entry.get(name, ()) for name in ("line", "block", "quotes", "long_quotes")]
    text = mask(source.text, *signs)
    facts: dict[int, Fact] = {}
    seen = 0
    for api in apis:
        for found in api.call.finditer(text.without_comments if api.texts else text.code):
            seen += 1
            if len(facts) >= FACTS_LIMIT or seen > MATCHES_LIMIT:
                break
            if found.start() in facts:
                continue
            fact = _fact(found, api, source, text, language, knowledge)
            if fact is not None:
                facts[found.start()] = fact
                if api.once:
                    break
    _metadata(facts, source, text, language, knowledge)
    return [facts[at] for at in sorted(facts)]


def _metadata(facts: dict[int, Fact], source: Source, text: Masked, language: str, knowledge: Knowledge) -> None:
    """Marks calls of metadata services, and adds the addresses of such that no call is seen to take."""
    hosts, refusal = knowledge.index("inspect.source.metadata", _metadata_patterns)
    for found in hosts.finditer(text.without_comments):
        if len(facts) >= FACTS_LIMIT:
            break
        start, end = found.span()
        around = next((at for at, fact in facts.items() if _holds(fact, source.location(start, end))), None)
        if around is not None:
            facts[around] = facts[around].with_fields(metadata_host=True)
            continue
        line = text.without_comments.rfind("\n", max(0, start - BEFORE), start) + 1
        before = text.without_comments[max(line, start - BEFORE) : end + _AFTER].partition("\n\n")[0]
        if refusal.search(before) or refusal.search(text.without_comments[max(0, line - BEFORE) : line]):
            continue
        address = " ".join(found.group().split())
        facts[start] = Fact("source.call", source.location(start, end), _blank(language, "address") | {
            "target": address[:SHOWN],
            "destination": REMOTE,
            "text": address[:SHOWN],
            "metadata_host": True,
        })  # fmt: skip


def _metadata_patterns(knowledge: Knowledge) -> tuple[re.Pattern[str], re.Pattern[str]]:
    table = knowledge.get("network")
    return re.compile(table["metadata_pattern"]), re.compile(table["metadata_refusal_pattern"])


def _holds(call: Fact, place: Location) -> bool:
    outer, inner = call.location.span, place.span
    return (outer.line, outer.column) <= (inner.line, inner.column) and (inner.end_line, inner.end_column) <= (
        outer.end_line,
        outer.end_column,
    )


def _apis(entry: Mapping[str, Any]) -> Iterator[Api]:
    for each in entry["apis"]:
        unless = re.compile(each["unless"]) if "unless" in each else None
        yield Api(
            each["name"],
            re.compile(each["call"], re.MULTILINE),
            each["mode"],
            each.get("argument", 0),
            unless,
            each.get("once", False),
            each.get("texts", False),
        )


def _fact(
    found: re.Match[str], api: Api, source: Source, text: Masked, language: str, knowledge: Knowledge
) -> Fact | None:
    start, end = found.span()
    start += len(found.group()) - len(found.group().lstrip())
    line_start = text.code.rfind("\n", max(0, start - BEFORE), start) + 1
    before = text.code[line_start or max(0, start - BEFORE) : start]
    if _DEFINES.search(before):
        return None
    close = _closing(text.code, end) if text.code[end - 1 : end] == "(" else end
    written = " ".join(text.without_comments[start:close].split())
    if api.unless is not None and api.unless.search(text.without_comments[start:close]):
        return None
    target = _argument(text, end, close, api.argument) if close > end else None
    where = _where(api, target, knowledge)
    if where is None:
        return None
    shown = target is not None and where in (REMOTE, LOOPBACK) and (api.mode == "host" or "://" in target)
    fields = _blank(language, api.name) | {
        "target": target[:SHOWN] if target and shown else None,
        "destination": where,
        "text": written if len(written) <= SHOWN else f"{written[: SHOWN - 1]}…",
        "top_level": is_at_top(text, start, before),
    }
    return Fact("source.call", source.location(start, close), fields)


def _blank(language: str, api: str) -> dict[str, Any]:
    return {
        "language": language,
        "api": api,
        "target": None,
        "destination": UNKNOWN,
        "text": "",
        "top_level": False,
        "metadata_host": False,
        "reached": UNKNOWN,
        "started_as": UNKNOWN,
        "in_image": UNKNOWN,
        "scope": UNKNOWN,
    }


def is_at_top(text: Masked, offset: int, before: str) -> bool:
    """Whether what stands at an offset runs whenever the file does; `before` is what stands before it on its line."""
    return text.at_top(offset) and not _CONDITIONAL.search(before)


def _where(api: Api, target: str | None, knowledge: Knowledge) -> str | None:
    """Where a call goes; None when it is none of those that are told of."""
    from linter.references.destination import judge_of

    address = judge_of(knowledge).address(target) if target is not None else None
    if address in ("loopback", "unix"):
        return LOOPBACK
    if api.mode == "always":
        return REMOTE
    if api.mode == "unknown":
        return UNKNOWN
    if target is None:
        return None if api.mode == "literal" else UNKNOWN
    if api.mode == "host" and address is None:
        host = target.rpartition(":")[0] or target
        return LOOPBACK if is_this_machine(host) or not host else REMOTE
    if address == REMOTE:
        return REMOTE
    return None if api.mode == "literal" else UNKNOWN if address == UNKNOWN else LOCAL


def _closing(code: str, at: int) -> int:
    """The offset after the bracket that closes a call opened before `at`; the line's end when there is none near."""
    level = 1
    for offset in range(at, min(len(code), at + ARGUMENTS_LIMIT)):
        if code[offset] in "([{":
            level += 1
        elif code[offset] in ")]}":
            level -= 1
            if level == 0:
                return offset + 1
    end = code.find("\n", at)
    return len(code) if end < 0 else end


def _argument(text: Masked, start: int, close: int, wanted: int) -> str | None:
    """The literal text that an argument is or begins with; None when it is none. `wanted` counts from 0."""
    level, at, number = 0, start, 0
    for offset in range(start, close):
        sign = text.code[offset]
        if number == wanted:
            break
        if sign in "([{":
            level += 1
        elif sign in ")]}":
            level -= 1
        elif sign == "," and level == 0:
            number, at = number + 1, offset + 1
    found = _LITERAL.match(text.without_comments, at, close) if number == wanted else None
    if found is None:
        return None
    value = re.split(r"\$\{|#\{|%s", found.group(3), maxsplit=1)[0]
    return value or None
