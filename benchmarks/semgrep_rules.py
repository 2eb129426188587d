"""The calls that mllint knows, as rules of semgrep: one for each API of rules/knowledge/network_apis.yaml.

Semgrep has the easier task: it finds the names, and neither asks where a call goes nor whether the container reaches
it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

Table = dict[str, Any]


def rules(apis: Mapping[str, Mapping[str, Table]]) -> Table:
    """A configuration of semgrep from the table `apis`: category, dotted name, entry."""
    entries = [(category, name, entry) for category, names in apis.items() for name, entry in names.items()]
    return {"rules": [rule(number, *each) for number, each in enumerate(entries)]}


def rule(number: int, category: str, name: str, entry: Table) -> Table:
    """The rule of one API. Its id is numbered, for two names may differ in their stars alone."""
    dotted, conditions = pattern(name, entry.get("except", ()))
    wanted = {"pattern-either": [{"pattern": text} for text in forms(dotted, entry)]}
    return {
        "id": f"{category}-{number}-{re.sub(r'[^A-Za-z0-9]+', '-', name).strip('-')}",
        "languages": ["python"],
        "severity": "WARNING",
        "message": f"{name} may call out",
        "metadata": {"api": name, "mode": entry["mode"]},
        "patterns": [wanted, *conditions],
    }


def forms(dotted: str, entry: Table) -> Iterator[str]:
    """What semgrep looks for: the call, its client's methods called at once, or the import."""
    if entry["kind"] == "import":
        yield f"import {dotted}"
        yield f"from {dotted} import $IMPORTED"
        return
    yield f"{dotted}(...)"
    for method in entry.get("methods") or ():
        yield f"{dotted}(...).{method}(...)"


def pattern(name: str, excluded: tuple[str, ...]) -> tuple[str, list[Table]]:
    """A dotted name in semgrep's words, and the conditions on what stands for its stars."""
    segments: list[str] = []
    conditions: list[Table] = []
    for number, segment in enumerate(name.split(".")):
        if "*" not in segment:
            segments.append(segment)
            continue
        variable = f"$SEGMENT{number}"
        segments.append(variable)
        if segment != "*" or excluded:
            conditions.append({"metavariable-regex": {"metavariable": variable, "regex": _regex(segment, excluded)}})
    return ".".join(segments), conditions


def _regex(segment: str, excluded: tuple[str, ...]) -> str:
    body = ".*".join(re.escape(part) for part in segment.split("*"))
    unless = "|".join(re.escape(each) for each in excluded)
    return rf"^(?!(?:{unless})$){body}$" if excluded else f"^{body}$"


def write(knowledge: Path, place: Path) -> int:
    """Write the rules for a table of knowledge, and say how many there are."""
    # The table is JSON enough for YAML, and JSON is what semgrep reads fastest.
    import json

    import yaml

    made = rules(yaml.safe_load(knowledge.read_text("utf-8"))["apis"])
    place.write_text(json.dumps(made, indent=1), "utf-8")
    return len(made["rules"])
