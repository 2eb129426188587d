"""Hand-made facts about Python code, as the inspector would give them, joined with real Dockerfiles and scripts."""

from __future__ import annotations

import ast
import itertools
from typing import TYPE_CHECKING, Any

from linter.assemble import assemble
from linter.discover import discover
from linter.inspect.run import inspect_all
from linter.judge.load import load_knowledge
from linter.model import Fact, Location, Span
from linter.tree import MemoryTree

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


_LINES = itertools.count(100)


def imports_of(part: str, statements: Iterable[str], guard: str = "none") -> list[dict[str, Any]]:
    found = []
    for line, statement in enumerate(statements, 1):
        node = ast.parse(statement).body[0]
        assert isinstance(node, ast.Import | ast.ImportFrom)
        for each in node.names:
            if isinstance(node, ast.Import):
                alias = each.asname or each.name.partition(".")[0]
                found.append({"part": part, "module": each.name, "level": 0, "name": None, "alias": alias})
            else:
                found.append(
                    {
                        "part": part,
                        "module": node.module or "",
                        "level": node.level,
                        "name": each.name,
                        "alias": each.asname or each.name,
                    }
                )
            found[-1] |= {"line": line, "guard": guard}
    return found


def part(name: str, references: str = "", **more: Any) -> dict[str, Any]:
    kind = more.pop("kind", {"": "module", "__main__": "main"}.get(name, "function"))
    return {
        "name": name,
        "kind": kind,
        "line": more.pop("line", 1),
        "references": sorted(references.split()),
        "attributes": sorted(more.pop("attributes", "").split()),
        "decorators": more.pop("decorators", "").split(),
        "bases": more.pop("bases", "").split(),
        "parameters": more.pop("parameters", "").split(),
        "keeps": more.pop("keeps", False),
    }


def module(
    file: str,
    imports: Mapping[str, Sequence[str]] | Sequence[str] = (),
    parts: Sequence[dict[str, Any]] = (),
    *,
    constants: Mapping[str, Any] | None = None,
    invocations: Sequence[tuple[str, str, list[Any], dict[str, Any]]] = (),
    **fields: Any,
) -> Fact:
    by_part = imports if isinstance(imports, dict) else {"": imports}
    statements = [each for name, lines in by_part.items() for each in imports_of(name, lines)]
    named = {each["name"] for each in parts}
    whole = [*([] if "" in named or fields.get("parsed") == "lines" else [part("")]), *parts]
    called = [
        {"part": where, "callee": callee, "line": 1, "arguments": arguments, "keywords": keywords}
        for where, callee, arguments, keywords in invocations
    ]
    values = {
        "path": file,
        "origin": "file",
        "parsed": "full",
        "seller_side": False,
        "container_sign": False,
        "imports": statements,
        "parts": whole,
        "constants": dict(constants or {}),
        "switched_off": [],
        "objects": {},
        "invocations": called,
    }
    location = fields.pop("location", Location(file, Span(1, 1, 1, 2)))
    return Fact("python.module", location, values | fields)


def call(
    path: str,
    where: str = "",
    api: str | None = "requests.get",
    line: int | None = None,
    argument: Any = None,
    **fields: Any,
) -> Fact:
    """A call of `api`, or, without one, of the `name` in `fields`; `argument` is its first and deciding one."""
    values = {
        "api": api,
        "name": api,
        "category": "http_client" if api else None,
        "reason": "http" if api else None,
        "mode": "url" if api else None,
        "part": where,
        "text": f"{api}(…)",
        "argument": argument,
        "arguments": {"positional": [] if argument is None else [argument], "keywords": {}, "spread": False},
        "target": None,
        "destination": "unknown",
        "from_request": False,
        "names": [],
        "likely_target": None,
        "metadata_host": False,
        "whole_module": True,
        "program": None,
        "command_category": None,
        "deed": "",
        "starts": None,
        "offline": "no",
        "baked": False,
        "carried_by": "none",
        "guard": "none",
        "under": [],
        "scope": "unknown",
        "reached": "unknown",
        "reached_from": None,
    }
    line = line or next(_LINES)
    return Fact("python.call", Location(path, Span(line, 1, line, 20)), values | fields)


def command(path: str, where: str, program: str, starts: str | None = None, line: int = 5, **fields: Any) -> Fact:
    text = f"subprocess.run({program})"
    known = {
        "mode": "command",
        "category": "process_spawn",
        "destination": "none",
        "program": program,
        "starts": starts,
    }
    return call(path, where, "subprocess.run", line, **{"text": text, **known, **fields})


def settled(
    files: Mapping[str, str], python: Sequence[Fact], executable: Iterable[str] = (), **options: Any
) -> list[Fact]:
    """All facts of a product: real ones of Dockerfiles, scripts and manifests, and the given ones of Python code."""
    texts = dict.fromkeys((fact.location.path for fact in python), "#\n") | dict(files)
    tree = MemoryTree({path: text.encode() for path, text in texts.items()}, frozenset(executable))
    knowledge = load_knowledge()
    others = inspect_all(tree, discover(tree, [""]).artifacts, knowledge).facts
    real = [fact for fact in others if not fact.kind.startswith("python.")]
    return assemble([*real, *python], tree, knowledge, **options)


def calls(facts: Iterable[Fact]) -> list[Fact]:
    """In the order in which they were made."""
    return sorted((fact for fact in facts if fact.kind == "python.call"), key=lambda fact: fact.location.line)


def only(facts: Iterable[Fact]) -> Fact:
    found = [fact for fact in calls(facts) if fact["mode"] != "command"]
    assert len(found) == 1, [fact.fields for fact in found]
    return found[0]
