"""Where scripts push images against where the requests beside them look for these."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.model import UNKNOWN, Fact, Location, Step
from linter.references.image import parse_image

if TYPE_CHECKING:
    from collections.abc import Sequence

_ROLES = ("inference", "training", "additional")


def with_pushes(facts: Sequence[Fact]) -> list[Fact]:
    """The facts of one product, and an `image.push` for each push of a repository that its requests name too."""
    named: dict[str, list[Fact]] = {}
    for fact in facts:
        known = fact.kind == "image.reference" and UNKNOWN not in (fact["host"], fact["repository"])
        if known and fact["request"] is not None and fact["role"] in _ROLES and fact["registry_kind"] == "ecr":
            named.setdefault(fact["repository"], []).append(fact)
    commands = [fact for fact in facts if fact.kind == "shell.command" and fact["pushes"] is True] if named else []
    pushes = [(command, text, parse_image(text)) for command in commands for text in command["tags"]]
    hosts: dict[str, set[str]] = {}
    for _, _, image in pushes:
        hosts.setdefault(str(image.repository), set()).add(str(image.host))
    whole = UNKNOWN not in hosts and all(command["tags"] for command in commands)
    found = []
    for command, text, image in pushes:
        meant = named.get(str(image.repository))
        if not meant or image.registry_kind != "ecr" or image.host == UNKNOWN:
            continue
        agrees = UNKNOWN if not whole or UNKNOWN in hosts[str(image.repository)] else "no"
        if any(fact["host"] in hosts[str(image.repository)] for fact in meant):
            agrees = "yes"
        found.append(_push(command, text, meant[0], agrees))
    return [*facts, *found]


def _push(command: Fact, text: str, meant: Fact, agrees: str) -> Fact:
    fields = {
        "text": text,
        "named": meant["text"],
        "host_agrees": agrees,
        "marketplace": meant["marketplace"],
        "scope": command["scope"],
    }
    place = command.place("tags")
    step = Step(Location(*meant.place("text")), f"the request names {meant['text']}")
    return Fact("image.push", place, fields, {"text": place.span}).with_trace((step,))
