"""Environment variables and hyperparameter values: what they say, and whether they are secret or lead online."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from linter.inspect.manifest.request import without_signature
from linter.model import UNKNOWN
from linter.references.host import is_this_machine
from linter.references.stores import remote_store

if TYPE_CHECKING:
    from linter.inspect.manifest.request import Node

HIDDEN = "<hidden>"
_KEPT = 4096
"""Characters of a value that a fact keeps; longer than the service admits for hyperparameters and containers."""
_URL = re.compile(r"^(?:https?|wss?|grpcs?|ftp)://(?:[^/@\s]*@)?(\[[^\]\s]*\]|[^/:?#\s]*)", re.IGNORECASE)
_HUB_ID = re.compile(r"^[A-Za-z0-9][\w.-]{0,95}(?:/[A-Za-z0-9][\w.-]{0,95})?(?:[@:][\w.-]{1,64})?$")
_TYPES: dict[type[Any], str] = {str: "string", bool: "boolean", int: "number", float: "number", type(None): "null"}


def environment_facts(node: Node, place: str) -> None:
    """One `manifest.environment` for each entry of a map.

    `place` is container, transform, training or hyperparameter: where the map stands.
    """
    for entry in node.items(place="value"):
        if node.request.full:
            return
        key = str(entry.pointer[-1])
        known = entry.known
        value = known if isinstance(known, str) else _written(known)
        secret = _secret(entry, key, value) if value != UNKNOWN else "none"
        online_key = _online_key(entry, key)
        fields = {
            "place": place,
            "key": key,
            "value": HIDDEN if secret != "none" else without_signature(value)[:_KEPT],
            "secret": secret,
            "online": _online(online_key, value),
            "online_key": online_key,
            "store": remote_store(value, entry.request.knowledge) if value != UNKNOWN else None,
            "offline": UNKNOWN,
            "baked": False,
            "value_type": _TYPES.get(type(entry.value), "object"),
            "value_length": len(value) if isinstance(known, str) and not entry.unknown else None,
            "declared": UNKNOWN if place == "hyperparameter" else None,
            "in_range": UNKNOWN if place == "hyperparameter" else None,
        }
        node.request.emit("manifest.environment", entry, fields, {"key": entry.key_span, "value": entry.span})


def _written(value: Any) -> str:
    """A value that is no string as it stands in JSON; nothing of structures, which are no values of a map."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else UNKNOWN


def _secret(node: Node, key: str, value: str) -> str:
    from linter.references.secrets import secret_in_value

    return secret_in_value(key, value, node.request.knowledge) or "none"


def _online_key(node: Node, key: str) -> str | None:
    """What a variable leads to, by the table: `hub_id`, `location`, `telemetry`, …; None for others."""
    table = node.request.knowledge.get("container.online_environment")
    return next((kind for kind, keys in table.items() if key in keys), None)


def _online(kind: str | None, value: str) -> str:
    """Whether a value makes a serving stack go online: what it names there."""
    text = value.strip()
    if text == UNKNOWN:
        return UNKNOWN if kind else "none"
    if text.lower().startswith(("s3://", "s3a://", "s3n://")):
        return "s3"
    if url := _URL.match(text):
        return "none" if is_this_machine(url[1]) else "url"
    return "hub_id" if kind == "hub_id" and _HUB_ID.match(text) else "none"
