"""Whether programs in R, Java and JavaScript answer what SageMaker asks, as far as their routes are seen.

Routes there are found line by line, and nothing tells what is mounted where: only a product that answers one of the
requests is judged by the other.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from linter.model import UNKNOWN, Fact

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from linter.knowledge import Knowledge

_NEAR = 0.82
"""How alike two paths are, from 0 to 1, that one is taken for a slip of the other."""
_OPEN = ("*", ":", "<", "{")
"""What in a path stands for anything."""


def other_contracts(facts: Sequence[Fact], knowledge: Knowledge) -> list[Fact]:
    """A `source.contract` for each request of the contract that the routes of a framework do not answer."""
    table: Mapping[str, Any] = knowledge.get("frameworks.other_languages")
    frameworks = {entry["framework"] for entries in table.values() for entry in entries}
    groups: dict[str, list[Fact]] = {}
    for fact in facts:
        if fact.kind == "server.route" and fact["framework"] in frameworks and fact["scope"] == "container":
            groups.setdefault(fact["framework"], []).append(fact)
    if not groups or any(fact.kind == "server.contract" for fact in facts):
        return []
    contract: Mapping[str, Mapping[str, Any]] = knowledge.get("frameworks.contract")
    wanted = {name: each for name, each in contract.items() if each["required"]}
    return [found for routes in groups.values() for found in _judged(routes, wanted)]


def _judged(routes: Sequence[Fact], wanted: Mapping[str, Mapping[str, Any]]) -> Iterator[Fact]:
    if any(mark in route["path"] for route in routes for mark in _OPEN):
        return
    states = {name: _state(each["path"], each["method"], routes) for name, each in wanted.items()}
    if not any(state == "answered" for state, _ in states.values()):
        return
    for name, (state, route) in states.items():
        if state != "answered":
            at = route or routes[0]
            fields = {
                "framework": at["framework"],
                "request": name,
                "path": wanted[name]["path"],
                "method": wanted[name]["method"],
                "state": state,
                "found": None if route is None else _shown(route, state),
                "scope": "container",
            }
            yield Fact("source.contract", at.location, fields)


def _state(path: str, method: str, routes: Sequence[Fact]) -> tuple[str, Fact | None]:
    same = [route for route in routes if route["path"].endswith(path)]
    for route in same:
        if route["methods"] in ("any", UNKNOWN) or method in route["methods"]:
            return "answered", route
    if same:
        return "wrong_method", same[0]
    others = {route["path"]: route for route in routes if method in route["methods"] or route["methods"] == "any"}
    near = get_close_matches(path, list(others), 1, _NEAR)
    return ("misspelt", others[near[0]]) if near else ("missing", None)


def _shown(route: Fact, state: str) -> str:
    if state == "misspelt":
        return str(route["path"])
    return route["methods"] if isinstance(route["methods"], str) else ", ".join(route["methods"])
