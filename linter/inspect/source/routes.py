"""Routes and listeners of web frameworks in other languages, by their well-known forms, line by line.

What they look like is `other_languages` in the table `frameworks`. Nothing tells what is mounted where, so all of it is
weaker evidence than what Python's syntax tree gives.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from linter.inspect.source.masking import mask
from linter.model import UNKNOWN, Fact
from linter.servers import address
from linter.servers.facts import Maker

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from linter.inspect.text import Source
    from linter.knowledge import Knowledge

FACTS_LIMIT = 200
_CODE = "code"
_VERBS = re.compile(r"\b(?:GET|POST|PUT|DELETE|PATCH|HEAD|OPTIONS)\b")


def web_in(source: Source, language: str, knowledge: Knowledge) -> list[Fact]:
    """`server.route`, `server.program` and `server.listener` facts of a source."""
    entries = knowledge.get("frameworks.other_languages").get(language, ())
    if not any(each["needs"] in source.text for each in entries):
        return []
    table: Mapping[str, Any] = knowledge.get(f"other_languages.languages.{language}")
    signs = [table.get(name, ()) for name in ("line", "block", "quotes", "long_quotes")]
    bare = mask(source.text, *signs).without_comments
    contract: Mapping[str, Mapping[str, Any]] = knowledge.get("frameworks.contract")
    requests = {each["path"]: name for name, each in contract.items()}
    found: list[Fact] = []
    for number, entry in enumerate(entries):
        if entry["needs"] in source.text:
            pattern = knowledge.index(f"inspect.source.routes.{language}.{number}", lambda _, e=entry: _compiled(e))
            found += _found(entry, pattern, source, source.text if entry.get("comments") else bare, requests)
    return found[:FACTS_LIMIT]


def _compiled(entry: Mapping[str, Any]) -> re.Pattern[str]:
    return re.compile(entry["pattern"], re.MULTILINE)


def _found(
    entry: Mapping[str, Any], pattern: re.Pattern[str], source: Source, text: str, requests: Mapping[str, str]
) -> Iterator[Fact]:
    for number, match in enumerate(pattern.finditer(text)):
        if number >= FACTS_LIMIT:
            return
        groups = match.groupdict()
        start = match.start() + len(match.group()) - len(match.group().lstrip())
        place = source.location(start, match.end())
        if entry["gives"] == "route":
            fields = {
                "framework": entry["framework"],
                "path": groups["path"],
                "methods": _methods(groups.get("method"), entry),
                "handler": None,
                "application": None,
                "mounted": UNKNOWN,
                "request": requests.get(groups["path"]),
                "labels": UNKNOWN,
                "reached": UNKNOWN,
                "scope": UNKNOWN,
            }
            yield Fact("server.route", place, fields)
            continue
        make = Maker(entry["framework"], place, _CODE)
        yield make.program(None, {})
        port = address.port_of(groups.get("port"))
        host = groups.get("host") or entry.get("host") or UNKNOWN
        yield make.listener(address.Address(f"{host}:{port}", port, host, address.interface_of(host)), "no", True, {})


def _methods(text: str | None, entry: Mapping[str, Any]) -> list[str] | str:
    if text is None:
        return "any"
    upper = text.upper()
    if upper in entry.get("any", ()):
        return "any"
    return sorted(set(_VERBS.findall(upper))) or UNKNOWN
