"""The content types that a request declares or uses, one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.model import UNKNOWN

if TYPE_CHECKING:
    from linter.inspect.manifest.request import Node

MEDIA_TYPES = frozenset({"ContentType", "ResponseMIMEType"})
"""Shapes of the service whose values are media types."""
_REPORTS = frozenset({"ModelMetrics", "DriftCheckBaselines"})
"""Reports of a private registry, in which `.json` does as well."""


def media_type_fact(node: Node) -> None:
    """The `manifest.media_type` of one value."""
    value = node.known
    if not isinstance(value, str) or not _REPORTS.isdisjoint(node.pointer):
        return
    name = value.partition(";")[0].strip().lower()
    typos = node.request.knowledge.get("media_types.typos")
    fields = {
        "value": value,
        "member": node.name,
        "suggestion": None if node.unknown else typos.get(name),
        "has_slash": UNKNOWN if node.unknown else "yes" if "/" in name else "no",
    }
    node.request.emit("manifest.media_type", node, fields, {"value": node.span})
