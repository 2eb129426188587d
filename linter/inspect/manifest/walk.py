"""The walk over one request along the shapes of the service: what stands where, what is strange, what is missing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from linter.inspect.manifest import members
from linter.inspect.manifest.environment import environment_facts
from linter.inspect.manifest.inference import container_fact, inference_fact
from linter.inspect.manifest.instances import instance_type_fact
from linter.inspect.manifest.links import link_facts
from linter.inspect.manifest.meant import REQUESTS, find_meant, is_annotation, is_of_the_tool, other_place
from linter.inspect.manifest.media import MEDIA_TYPES, media_type_fact
from linter.inspect.manifest.names import PARTS
from linter.inspect.manifest.request import Node, Request, without_signature
from linter.inspect.manifest.top import algorithm_fact, marketplace_of, model_package_fact
from linter.inspect.manifest.training import channel_fact, hyperparameter_fact, metric_fact, training_fact
from linter.inspect.manifest.validation import (
    input_channel_fact,
    profile_fact,
    training_job_fact,
    transform_job_fact,
    validation_fact,
)
from linter.model import UNKNOWN, Span

Build = Callable[[Node], None]

STRUCTURES: Mapping[str, Build] = {
    "CreateAlgorithm": algorithm_fact,
    "CreateModelPackage": model_package_fact,
    "InferenceSpecification": inference_fact,
    "AdditionalInferenceSpecificationDefinition": inference_fact,
    "ModelPackageContainerDefinition": container_fact,
    "TrainingSpecification": training_fact,
    "ChannelSpecification": channel_fact,
    "HyperParameterSpecification": hyperparameter_fact,
    "MetricDefinition": metric_fact,
    "AlgorithmValidationSpecification": validation_fact,
    "ModelPackageValidationSpecification": validation_fact,
    members.ANY_VALIDATION: validation_fact,
    "AlgorithmValidationProfile": profile_fact,
    "ModelPackageValidationProfile": profile_fact,
    members.ANY_PROFILE: profile_fact,
    "TrainingJobDefinition": training_job_fact,
    "TransformJobDefinition": transform_job_fact,
    "Channel": input_channel_fact,
}
MAPS = {"EnvironmentMap": "container", "TransformEnvironmentMap": "transform", "HyperParameters": "hyperparameter"}
_TYPES: Mapping[str, type[Any] | tuple[type[Any], ...]] = {
    "structure": dict, "map": dict, "list": list, "string": str, "boolean": bool, "integer": int,
}  # fmt: skip
_TOLD_IN_PART = frozenset({"ModelPackageContainerDefinition"})
"""Structures whose facts say `unknown` of what is not seen. Of others, what is not there cannot be told from that."""
_SHOWN = 120


def walk(request: Request) -> None:
    """Put all facts about a request on its list. Depth is bounded by the shapes, which are not recursive."""
    find_meant(request)
    request.marketplace = marketplace_of(request)
    _Walk(request).visit(request.root, request.found.shape, required=True)


class _Walk:
    def __init__(self, request: Request) -> None:
        self.request = request
        self.coerced = request.coerced
        self.placeholders: set[str] = set()
        self.in_branch = False
        """Whether a condition decides whether the value at hand is sent."""

    def visit(self, node: Node, name: str, required: bool) -> None:
        if self.request.full:
            return
        kind = members.shape(name)
        if kind["type"] not in ("structure", "map"):
            self.branches(node, name)
        self.placeholder(node)
        if not node.unknown and not self.has_type(node, kind["type"]):
            self.value(node, name, "wrong_type", _TYPE_NAMES[kind["type"]], self.suggestion(node, kind))
        elif "instance_types" in kind:
            instance_type_fact(node, kind["instance_types"])
        elif kind["type"] == "structure":
            self.structure(node, name, kind)
        elif kind["type"] == "list":
            self.entries(node, name, kind)
            for item in node.items():
                self.visit(item, kind["member"], required=False)
        elif kind["type"] == "map":
            self.map(node, name, kind)
        else:
            self.scalar(node, name, kind, required)

    def branches(self, node: Node, name: str) -> None:
        """Judge what either branch of an open condition gives, for itself: nothing else is compared with it."""
        outside, self.in_branch = self.in_branch, True
        for branch in node.branches():
            self.visit(branch, name, required=False)
        self.in_branch = outside

    def structure(self, node: Node, name: str, kind: members.Shape) -> None:
        if node.unknown or not isinstance(node.value, dict):
            return
        build = STRUCTURES.get(name)
        if build and (not node.open or name in _TOLD_IN_PART):
            build(node)
        known = kind["members"]
        is_part = node.pointer == self.request.found.pointer and name in REQUESTS and not self.request.found.whole
        for member in node.value:
            child = node.child(member) if node.holds(member) else None
            if child is None:
                continue
            if self.request.full:
                return
            if member in known:
                self.visit(child, known[member], member in kind["required"])
            elif not (is_part or (self.coerced and name in REQUESTS and is_of_the_tool(self.request, member))):
                self.stranger(node, child, name)
        if not is_part:
            for member in kind["required"]:
                if node.child(member) is None:
                    self.missing(node, member, name)

    def map(self, node: Node, name: str, kind: members.Shape) -> None:
        if node.unknown:
            return
        self.entries(node, name, kind)
        keys = members.shape(kind["key"])
        for item in node.items(place="value"):
            problem = _text_problem(item.name, keys, required=True)
            if problem and not self.request.is_gap(item.name):
                self.value(item, kind["key"], "key", problem[1], None, item.key_span)
            self.visit(item, kind["value"], required=False)
        if name in MAPS:
            environment_facts(node, MAPS[name])

    def entries(self, node: Node, name: str, kind: members.Shape) -> None:
        """Whether a list or map has as many entries as the service takes."""
        low, high = kind.get("min"), kind.get("max")
        if node.unknown or node.hides_entries or (low is None and high is None):
            return
        count = sum(1 for _ in node.items())
        problem = "too_few" if count < (low or 0) else "too_many" if high is not None and count > high else None
        if problem:
            self.value(node, name, problem, f"{_range(low, high)} entries", None)

    def scalar(self, node: Node, name: str, kind: members.Shape, required: bool) -> None:
        if not self.in_branch:
            link_facts(node, name)
        if name in MEDIA_TYPES:
            media_type_fact(node)
        value = node.known
        if node.unknown:
            return
        if isinstance(value, str) and kind["type"] == "string":
            problem = _text_problem(value, kind, required)
            if problem and problem[0] == "pattern" and node.filled_in:
                return
        elif isinstance(value, int) and kind["type"] == "integer":
            low, high = kind.get("min"), kind.get("max")
            outside = (low is not None and value < low) or (high is not None and value > high)
            problem = ("out_of_range", _range(low, high)) if outside else None
        else:
            return
        if problem:
            self.value(node, name, problem[0], problem[1], self.suggestion(node, kind))

    def has_type(self, node: Node, expected: str) -> bool:
        value = node.known
        if isinstance(value, bool) and expected != "boolean":
            return self.coerced and expected == "string"
        if isinstance(value, _TYPES[expected]):
            return True
        if not self.coerced:
            return False
        if expected == "string":  # CloudFormation turns scalars into what the resource wants
            return isinstance(value, (int, float))
        if expected == "integer":
            return isinstance(value, str) and value.lstrip("-").isdecimal()
        return expected == "boolean" and value in ("true", "false")

    def suggestion(self, node: Node, kind: members.Shape) -> str | None:
        value = node.value
        if "enum" in kind:
            choices: list[str] = kind["enum"]
            if value is None:
                return "None" if "None" in choices else None
            return members.nearest(value, choices) if isinstance(value, str) else None
        if kind["type"] == "string" and isinstance(value, (bool, int, float)):
            return '"' + (str(value).lower() if isinstance(value, bool) else str(value)) + '"'
        if kind["type"] == "boolean" and isinstance(value, str) and value.lower() in ("true", "false"):
            return value.lower()
        if kind["type"] == "integer" and isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,9}", value):
            return str(int(value))
        return None

    # --- the facts of the walk itself

    def value(
        self, node: Node, shape: str, problem: str, expected: str, suggestion: str | None, span: Span | None = None
    ) -> None:
        fields = {
            "member": node.name if len(node.name) <= _SHOWN else node.name[: _SHOWN - 1] + "…",
            "parent": self.parent(node),
            "shape": shape,
            "value": _shown(node) if problem not in ("too_few", "too_many") else f"{len(node.value)} entries",
            "value_type": type_name(node.value),
            "problem": problem,
            "expected": expected,
            "suggestion": suggestion,
        }
        self.request.emit("manifest.value", node, fields, {"value": span or node.span})

    def placeholder(self, node: Node) -> None:
        found = node.placeholder
        if found is None or self.in_branch:
            return
        locate = node.locate
        span = locate(found.start, found.end) if locate else None
        fields = {
            "text": found.text[:200],
            "kind": found.kind,
            "member": node.name,
            "parent": self.parent(node),
            "repeated": found.text in self.placeholders,
        }
        self.placeholders.add(found.text)
        self.request.emit("manifest.placeholder", node, fields, {"text": span or node.span})

    def stranger(self, parent: Node, node: Node, shape: str) -> None:
        """A member that the structure does not have, and the one that was probably meant."""
        member = node.name
        fields = {
            "member": member,
            "parent": self.title(parent),
            "shape": shape,
            "suggestion": self.request.suggestions.get(node.pointer),
            "place": other_place(self.request, member),
            "annotation": is_annotation(member),
        }
        self.request.emit("manifest.member", node, fields, {"member": node.key_span})
        if member == "Environment" and isinstance(node.value, dict):
            environment_facts(node, "training")

    def missing(self, node: Node, member: str, shape: str) -> None:
        is_root = node.pointer == self.request.found.pointer and self.request.found.whole
        fields = {
            "member": member,
            "parent": self.title(node),
            "shape": shape,
            "supplied_elsewhere": UNKNOWN if is_root and member in PARTS else "no",
        }
        self.request.emit("manifest.missing", node, fields)

    def parent(self, node: Node) -> str:
        pointer = node.pointer
        while pointer and isinstance(pointer[-1], int):
            pointer = pointer[:-1]
        return self.title(Node(self.request, pointer[:-1], None)) if len(pointer) else self.request.found.shape

    def title(self, node: Node) -> str:
        """The member that holds a structure; at the top the request's operation or the part's structure."""
        inside = node.pointer[len(self.request.found.pointer) :]
        names = [part for part in inside if isinstance(part, str)]
        return names[-1] if names else self.request.found.shape.removeprefix("Any")


_TYPE_NAMES = {
    "structure": "an object",
    "map": "an object",
    "list": "a list",
    "string": "a string",
    "boolean": "true or false",
    "integer": "a whole number",
}


def _text_problem(value: str, kind: members.Shape, required: bool) -> tuple[str, str] | None:
    if "enum" in kind:
        if value in kind["enum"]:
            return None
        return ("not_in_enum" if value else "empty"), "one of " + ", ".join(kind["enum"])
    pattern = kind.get("pattern")
    if not value:
        bad = required or kind.get("min", 0) > 0 or (pattern and not members.matcher(pattern)(""))
        return ("empty", "a text that is not empty") if bad else None
    if len(value) > kind.get("max", len(value)):
        return "too_long", f"at most {kind['max']} characters"
    if pattern and not members.matcher(pattern)(value):
        return "pattern", members.in_words(pattern)
    if len(value) < kind.get("min", 0):
        return "too_short", f"at least {kind['min']} characters"
    return None


def _range(low: int | None, high: int | None) -> str:
    if high is None:
        return f"at least {low}"
    return f"{low} to {high}" if low is not None else f"at most {high}"


def type_name(value: Any) -> str:
    """The JSON type of a value."""
    if isinstance(value, bool):
        return "boolean"
    names = {str: "string", int: "number", float: "number", dict: "object", list: "array", type(None): "null"}
    return names.get(type(value), "string")


def _shown(node: Node) -> str:
    """The value as a message may show it: cut short; values of maps, which may be secret, only by their type."""
    value = node.value
    if isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "a list"
    if value is None:
        return "null"
    if isinstance(value, str) and node.place == "value":
        return f"a text of {len(value)} characters"
    text = str(value).lower() if isinstance(value, bool) else without_signature(str(value))
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
