"""What the functions of a CloudFormation template give, as far as the template alone says it.

A parameter stands for its default, as it does when nobody sets it. Conditions are settled only by what no parameter
changes, for which of two branches holds is what they are there to leave open.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from linter.document.base import Node
from linter.inspect.manifest.values import is_intrinsic

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linter.document import Document, Pointer

_DEPTH = 40
_LONGEST = 4096
_MOST = 200
"""Parts of one text that are put together."""
_VARIABLE = re.compile(r"\$\{([^!${}][^${}]{0,255})\}")


class _Open:
    """What is known only when somebody deploys the template."""


OPEN = _Open()


def settled(document: Document, pointer: Pointer) -> Document:
    """The same document, the functions in the value at a path replaced by what they give."""
    if len(pointer) < 3 or pointer[-3] != "Resources":
        return document
    template, places = document.at(pointer[:-3])
    value, node = document.at(pointer)
    return document.grafted(pointer, *_Template(template, places).inside(value, node, 0))


class _Template:
    def __init__(self, template: Mapping[str, Any], places: Node) -> None:
        self.places = places
        self.parameters = _section(template, "Parameters")
        self.mappings = _section(template, "Mappings")
        self.conditions = _section(template, "Conditions")

    def inside(self, value: Any, node: Node, depth: int) -> tuple[Any, Node]:
        """A value and its places, everything in it settled as far as possible."""
        if depth > _DEPTH or not isinstance(value, (dict, list)) or node.items is None:
            return value, node
        if is_intrinsic(value):
            branch = self.branch(value, node)
            if branch is not None:
                return self.inside(*branch, depth + 1)
            found = self.known(value, 0)
            return (self.partly(value), node) if found is OPEN else (found, self.written(value, node))
        settled: Any = {} if isinstance(value, dict) else []
        places = Node(node.start, node.end, settled)
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            inner, place = self.inside(part, node.items.get(key, node), depth + 1)
            if isinstance(settled, dict):
                settled[key] = inner
            else:
                settled.append(inner)
            places.add(key, place, node.keys.get(str(key)) if node.keys else None)
        return settled, places

    def written(self, value: Any, node: Node) -> Node:
        """Where the value stands that a function gives: at the parameter or in the mapping that it takes it from."""
        name, given = next(iter(value.items()))
        path: list[Any] = []
        if name == "Ref":
            path = ["Parameters", given, "Default"]
        elif name == "Fn::FindInMap":
            path = ["Mappings", *(self.known(part, 1) for part in given[:3])]
        place: Node | None = self.places if path else None
        for part in path:
            place = place.items.get(str(part)) if place and place.items and part is not OPEN else None
        place = place or node
        return Node(place.start, place.end)

    def branch(self, value: Any, node: Node) -> tuple[Any, Node] | None:
        """The branch of `Fn::If` that holds, with its places."""
        given = value.get("Fn::If")
        holds = self.holds(given[0], 0) if isinstance(given, list) and len(given) == 3 else None
        inner = node.items.get("Fn::If") if node.items else None
        if holds is None or inner is None or inner.items is None:
            return None
        number = 1 if holds else 2
        return given[number], inner.items[number]

    def partly(self, value: Any) -> Any:
        """A function whose text is only known in parts, with those parts filled in."""
        name, given = next(iter(value.items()))
        if name == "Fn::Sub":
            template, own = (given[0], given[1]) if isinstance(given, list) and len(given) == 2 else (given, {})
            if isinstance(template, str) and isinstance(own, dict):
                return {name: self.filled(template, own, 0)[0]}
        if name == "Fn::Join" and isinstance(given, list) and len(given) == 2 and isinstance(given[1], list):
            parts = [self.known(part, 1) for part in given[1][:_MOST]]
            known = [old if new is OPEN else str(new) for old, new in zip(given[1], parts, strict=False)]
            return {name: [given[0], [*known, *given[1][_MOST:]]]}
        return value

    def known(self, value: Any, depth: int, defaults: bool = True) -> Any:
        """What a value is, or OPEN. Without `defaults`, parameters are open."""
        if isinstance(value, (str, int, float)):
            return value
        if not is_intrinsic(value) or depth > 8:
            return OPEN
        name, given = next(iter(value.items()))
        if name == "Ref":
            return self.parameter(given) if defaults else OPEN
        if name == "Fn::FindInMap" and isinstance(given, list) and len(given) in (3, 4):
            return self.mapped([self.known(part, depth + 1, defaults) for part in given[:3]])
        if name == "Fn::Sub" and defaults:
            template, own = (given[0], given[1]) if isinstance(given, list) and len(given) == 2 else (given, {})
            if isinstance(template, str) and isinstance(own, dict):
                text, whole = self.filled(template, own, depth + 1)
                return text if whole else OPEN
        if name == "Fn::Join" and isinstance(given, list) and len(given) == 2:
            return self.joined(given[0], given[1], depth + 1, defaults)
        if name == "Fn::Select" and isinstance(given, list) and len(given) == 2:
            items = given[1] if isinstance(given[1], list) else self.known(given[1], depth + 1, defaults)
            number = str(self.known(given[0], depth + 1, defaults))
            if isinstance(items, list) and number.isdecimal() and len(number) < 9 and int(number) < len(items):
                return self.known(items[int(number)], depth + 1, defaults)
        return OPEN

    def parameter(self, name: Any) -> Any:
        entry = self.parameters.get(name) if isinstance(name, str) else None
        if not isinstance(entry, dict):
            return OPEN
        default, kind = entry.get("Default"), str(entry.get("Type", ""))
        if not isinstance(default, (str, int, float)) or default == "" or kind.startswith("AWS::SSM::"):
            return OPEN
        if kind == "CommaDelimitedList" or kind.startswith("List<"):
            return [part.strip() for part in str(default).split(",")][:_MOST]
        return default

    def mapped(self, path: list[Any]) -> Any:
        """What a mapping holds; where a key is open, what it holds for all keys alike."""
        reached: list[Any] = [self.mappings]
        for part in path:
            inner = [each for each in reached if isinstance(each, dict)]
            if len(inner) < len(reached) or not inner:
                return OPEN
            reached = [value for each in inner for value in (each.values() if part is OPEN else [each.get(str(part))])]
            reached = reached[:_MOST]
        found = reached[0] if reached and all(each == reached[0] for each in reached) else None
        if isinstance(found, list) and all(isinstance(each, (str, int, float)) for each in found):
            return found[:_MOST]
        return found if isinstance(found, (str, int, float)) else OPEN

    def joined(self, sign: Any, parts: Any, depth: int, defaults: bool) -> Any:
        items = parts if isinstance(parts, list) else self.known(parts, depth, defaults)
        if not isinstance(items, list) or not isinstance(sign, str) or len(items) > _MOST:
            return OPEN
        known = [self.known(part, depth, defaults) for part in items]
        if any(part is OPEN or isinstance(part, list) for part in known):
            return OPEN
        text = sign.join(str(part) for part in known)
        return text if len(text) <= _LONGEST else OPEN

    def filled(self, template: str, own: Mapping[str, Any], depth: int) -> tuple[str, bool]:
        """The text of `Fn::Sub` with the variables that are known filled in, and whether that is all of them."""
        if len(template) > _LONGEST:
            return template, False
        whole = True
        values: dict[str, Any] = {}

        def fill(found: re.Match[str]) -> str:
            nonlocal whole
            name = found.group(1)
            if name not in values:  # each once: a chain of functions that use the next one twice would never end
                values[name] = self.known(own[name], depth) if name in own else self.parameter(name)
            value = values[name]
            if value is OPEN or isinstance(value, list):
                whole = False
                return found.group()
            return str(value)

        text = _VARIABLE.sub(fill, template)
        return (text.replace("${!", "${"), whole) if len(text) <= _LONGEST else (template, False)

    def holds(self, condition: Any, depth: int) -> bool | None:
        """Whether a condition holds, or None when a parameter decides."""
        if depth > 8:
            return None
        if isinstance(condition, str):
            return self.holds(self.conditions.get(condition), depth + 1)
        if not is_intrinsic(condition):
            return None
        name, given = next(iter(condition.items()))
        if name == "Condition":
            return self.holds(given, depth + 1) if isinstance(given, str) else None
        if not isinstance(given, list) or not 1 <= len(given) <= 10:
            return None
        if name == "Fn::Equals" and len(given) == 2:
            one, other = (self.known(part, 0, defaults=False) for part in given)
            return None if one is OPEN or other is OPEN else str(one) == str(other)
        answers = [self.holds(part, depth + 1) for part in given]
        if name == "Fn::Not":
            return None if answers[0] is None else not answers[0]
        if name in ("Fn::And", "Fn::Or"):
            decides = name == "Fn::Or"
            return decides if decides in answers else None if None in answers else not decides
        return None


def _section(template: Any, name: str) -> Mapping[str, Any]:
    found = template.get(name) if isinstance(template, dict) else None
    return found if isinstance(found, dict) else {}
