"""Facts about versions, delivery options, their samples and the instance types that they recommend."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from linter.inspect.listing.reading import Reading, above, kind_of_details, option_of
from linter.inspect.manifest.instances import types_of
from linter.inspect.manifest.request import NO, YES, Node
from linter.model import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linter.inspect.listing.changes import Change

_LISTS = {
    "realtime_type": "realtime",
    "transform_type": "transform",
    "training_type": "training",
    "unwanted_training_type": "training",
}
_LONGEST_SAMPLE = 20_000


def version_fact(reading: Reading, change: Change, node: Node, _role: str) -> None:
    """The `listing.version` of the details of a change that adds or updates a version."""
    version = node.child("Version")
    title = version.text("VersionTitle") if version else None
    options = node.child("DeliveryOptions")
    count = node.count("DeliveryOptions")
    title_node = version.child("VersionTitle") if version else None
    fields = {
        "product": change.identifier,
        "title": title,
        "update": change.type.startswith("Update"),
        "option_count": count,
        "title_repeated": UNKNOWN,
    }
    spans = {"title": title_node.span} if title_node else {}
    if options is not None:
        spans["option_count"] = options.span
    reading.emit("listing.version", change, node, fields, spans)


def option_fact(reading: Reading, change: Change, node: Node, _role: str) -> None:
    """The `listing.delivery_option` of one delivery option."""
    if not isinstance(node.value, dict):
        return
    details = node.child("Details")
    given = details.value if details is not None and isinstance(details.value, dict) else {}
    kinds = {kind_of_details(member) for member, value in given.items() if value is not None} - {UNKNOWN}
    option, _ = option_of(reading, change, node)
    fields = {
        "option": option,
        "sells": "both" if len(kinds) > 1 else next(iter(kinds), UNKNOWN if given or details is None else "none"),
        "update": change.type.startswith("Update"),
        "names_resource": _names_resource(given),
        "manifest": UNKNOWN,
        "manifest_kind": UNKNOWN,
        "new_types": UNKNOWN,
    }
    reading.emit("listing.delivery_option", change, details or node, fields)


def _names_resource(details: Mapping[str, Any]) -> bool:
    members = ("SageMakerModelPackageArn", "SageMakerAlgorithmArn", "ModelPackageArn", "AlgorithmArn")
    return any(isinstance(part, dict) and any(name in part for name in members) for part in details.values())


def instance_type_fact(reading: Reading, change: Change, node: Node, role: str) -> None:
    """The `listing.instance_type` of a recommended instance type."""
    option, kind = option_of(reading, change, node)
    own = _LISTS[role]
    types = types_of(node)
    name = node.known if isinstance(node.known, str) else UNKNOWN
    if name == UNKNOWN or not name.strip():
        known = "placeholder"
    elif own in types.lists(name):
        known = "own"
    elif types.lists(name):
        known = "other"
    else:
        known = UNKNOWN if types.well_formed(name) else "malformed"
    wrong = known in ("other", UNKNOWN, "malformed")
    fields = {
        "option": option,
        "sells": kind,
        "member": node.name,
        "list": own,
        "wanted": role != "unwanted_training_type" and not (kind == "model_package" and own == "training"),
        "value": name,
        "known": known,
        "suggestion": types.suggestion(name, own) if wrong and reading.guess() else None,
        "supported": UNKNOWN,
        "supported_types": UNKNOWN,
    }
    reading.emit("listing.instance_type", change, node, fields, {"value": node.span})


def sample_fact(reading: Reading, change: Change, node: Node, role: str) -> None:
    """The `listing.sample` of a SampleInput or SampleOutput."""
    if not isinstance(node.value, dict):
        return
    option, kind = option_of(reading, change, node)
    parameters = _parameters(node)
    texts = [_text(node, member) for member in ("RealtimeInferenceText", "BatchTransformText")]
    states = [_text_state(text) for text in texts if text is not None]
    keys = _keys(texts)
    is_input = role == "sample_input"
    fields = {
        "option": option,
        "sells": kind,
        "direction": "input" if is_input else "output",
        "realtime": _given(node, "RealtimeInference"),
        "transform": _given(node, "BatchTransform"),
        "text_state": "broken_json" if "broken_json" in states else next(iter(states), None),
        "keys_undescribed": sorted(keys - parameters.keys()) if keys and parameters else [],
        "keys_missing": sorted(name for name, needed in parameters.items() if needed and name not in keys)
        if is_input and keys
        else [],
        "realtime_supported": UNKNOWN,
        "transform_supported": UNKNOWN,
    }
    reading.emit("listing.sample", change, node, fields)


def _given(node: Node, mode: str) -> str:
    """In which form a mode's sample is given: text, link, both, none or unknown."""
    text, link = _filled(_prose(node, f"{mode}Text")), _filled(node.child(f"{mode}Url"))
    if link == NO and mode == "BatchTransform":
        link = _filled(node.child("BatchTranformUrl"))
    if UNKNOWN in (text, link):
        return UNKNOWN
    return {(YES, YES): "both", (YES, NO): "text", (NO, YES): "link"}.get((text, link), "none")


def _prose(node: Node, member: str) -> Node | None:
    """A member whose text is a sample: its brackets and dollar signs are no placeholders."""
    child = node.child(member)
    return Node(node.request, child.pointer, child.value, "prose") if child else None


def _text(node: Node, member: str) -> str | None:
    child = _prose(node, member)
    if child is None or child.value is None:
        return None
    return child.known if isinstance(child.known, str) else UNKNOWN


def _filled(node: Node | None) -> str:
    if node is None or node.value is None or node.value == "":
        return NO
    return UNKNOWN if node.unknown else YES


def _text_state(text: str) -> str:
    """json, broken_json (it begins like JSON and is none), other or unknown."""
    if text == UNKNOWN or len(text) > _LONGEST_SAMPLE:
        return UNKNOWN
    head = text.lstrip()[:1]
    if head not in ("{", "["):
        return "other"
    return "json" if all(_loads(line) is not None for line in _values(text)) else "broken_json"


def _values(text: str) -> list[str]:
    """The whole text, or its lines when it has one JSON value a line."""
    if _loads(text) is not None:
        return [text]
    lines = [line for line in text.splitlines() if line.strip()]
    return lines if len(lines) > 1 and all(line.lstrip()[:1] in ("{", "[") for line in lines) else [text]


def _loads(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _keys(texts: list[str | None]) -> set[str]:
    """The keys of samples that are JSON objects."""
    keys: set[str] = set()
    for text in texts:
        if text and text != UNKNOWN and len(text) <= _LONGEST_SAMPLE:
            for line in _values(text)[:50]:
                value = _loads(line)
                keys |= set(value) if isinstance(value, dict) else set()
    return keys


def _parameters(node: Node) -> dict[str, bool]:
    """The described parameters beside a sample, and whether each is required."""
    listed = above(node).get("Parameters")
    found: dict[str, bool] = {}
    for part in listed[:100] if isinstance(listed, list) else ():
        if isinstance(part, dict) and isinstance(part.get("Name"), str):
            found[part["Name"]] = part.get("Required") is True
    return found
