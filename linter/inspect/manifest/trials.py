"""Models in CloudFormation templates that try an image of the seller's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.inspect.manifest.cloudformation import settled
from linter.inspect.manifest.names import MODEL_RESOURCE
from linter.inspect.manifest.values import is_no_value
from linter.model import UNKNOWN, Fact, Location

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.document import Document, Pointer
    from linter.inspect.text import Source
    from linter.knowledge import Knowledge


def trial_facts(source: Source, document: Document, pointer: Pointer, knowledge: Knowledge) -> Iterator[Fact]:
    """The `sagemaker.job` of a model that names an image; models of subscribed products name none."""
    entry = knowledge.get("publishing.resources")[MODEL_RESOURCE]
    properties, _ = settled(document, pointer).at(pointer)
    given = [properties.get(name) for name in entry["containers"]]
    containers = [each for part in given for each in (part if isinstance(part, list) else [part])]
    if not any(isinstance(each, dict) and entry["image"] in each for each in containers):
        return
    fields = {
        "call": MODEL_RESOURCE,
        "isolation": _isolation(properties, entry["switch"]),
        "private_registry": any(_names_registry(each, knowledge) for each in containers),
        "hub_model": None,  # the variables of a template's containers are facts of their own
        "product_has_image": UNKNOWN,
        "product_publishes": UNKNOWN,
    }
    yield Fact("sagemaker.job", Location(source.path, document.key_span(pointer[:-1])), fields)


def _names_registry(container: Any, knowledge: Knowledge) -> bool:
    """Whether a container's image is to be fetched from a registry outside of AWS."""
    given = container.get("ImageConfig") if isinstance(container, dict) else None
    setting = knowledge.get("publishing.private_registry")
    return isinstance(given, dict) and any(given.get(name) == value for name, value in setting.items())


def _isolation(properties: dict[str, Any], switch: str) -> str:
    value = properties.get(switch)
    if value is None or is_no_value(value):
        return "absent"
    return {"true": "on", "false": "off"}.get(str(value).lower(), UNKNOWN)
