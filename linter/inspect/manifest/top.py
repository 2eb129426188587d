"""Facts about a whole request: `manifest.algorithm` and `manifest.model_package`."""

from __future__ import annotations

from typing import Any

from linter.inspect.manifest.request import NO, Node, Request
from linter.model import UNKNOWN


def marketplace_of(request: Request) -> str:
    """Whether a request is meant for AWS Marketplace: yes, no or unknown.

    A package in a group that is not certified belongs to a private registry; a package without a group is for sale.
    Code and state machines also create resources for one's own use: there, certification or validation have to say what
    they are for.
    """
    if not request.found.whole:
        return UNKNOWN
    if _is_private(request):
        return "no"
    if request.found.request == "algorithm" or request.root.has("ModelPackageGroupName") == NO:
        return "yes"
    certify = certified(request.root)
    if certify in (True, "wrong_type"):
        return "yes"
    return UNKNOWN if certify == UNKNOWN else "no"


def _is_private(request: Request) -> bool:
    root = request.root
    if request.found.form not in ("code", "state_machine") or certified(root) not in (False, "absent"):
        return False
    return root.has("ValidationSpecification") == NO


def certified(root: Node) -> bool | str:
    """CertifyForMarketplace: true, false, absent, wrong_type or unknown."""
    node = root.child("CertifyForMarketplace")
    if node is None:
        return "absent"
    value = root.flag("CertifyForMarketplace")
    if isinstance(value, bool):
        return value
    return UNKNOWN if node.unknown else "wrong_type"


def _length(node: Node, member: str) -> int | str | None:
    text = node.text(member)
    return len(text) if text is not None and text != UNKNOWN else text


def _tags(root: Node) -> list[str] | str | None:
    node = root.child("Tags")
    if node is None or node.value is None:
        return None
    if not isinstance(node.value, list):
        return UNKNOWN
    keys = [item.text("Key") or UNKNOWN for item in node.items()]
    return [*keys, UNKNOWN] if node.open else keys


def _profiles(root: Node) -> int | str | None:
    validation = root.child("ValidationSpecification")
    if validation is None or validation.value is None:
        return None
    if validation.unknown or not isinstance(validation.value, dict):
        return UNKNOWN
    return validation.count("ValidationProfiles")


def _shared(root: Node, description: str) -> dict[str, Any]:
    return {
        "form": root.request.found.form,
        "certify": certified(root),
        "listed": UNKNOWN,
        "has_inference": root.has("InferenceSpecification"),
        "has_validation": root.has("ValidationSpecification"),
        "validation_profiles": _profiles(root),
        "tags": _tags(root),
        "description_length": _length(root, description),
    }


_SPANS = {
    "certify": "CertifyForMarketplace",
    "has_inference": "InferenceSpecification",
    "has_validation": "ValidationSpecification",
    "tags": "Tags",
}


def algorithm_fact(root: Node) -> None:
    """The `manifest.algorithm` of a request; parts without its name give none."""
    if not root.request.found.whole:
        return
    fields = {
        **_shared(root, "AlgorithmDescription"),
        "name": root.text("AlgorithmName"),
        "has_training": root.has("TrainingSpecification"),
    }
    spans = {
        **_SPANS,
        "name": "AlgorithmName",
        "has_training": "TrainingSpecification",
        "description_length": "AlgorithmDescription",
    }
    root.request.emit("manifest.algorithm", root, fields, root.spans(**spans) | _profile_span(root))


def model_package_fact(root: Node) -> None:
    """The `manifest.model_package` of a request; parts without its name give none."""
    if not root.request.found.whole:
        return
    source = root.path("SourceAlgorithmSpecification", "SourceAlgorithms")
    first = next(source.items(), None) if source and isinstance(source.value, list) else None
    additional = root.count("AdditionalInferenceSpecifications")
    fields = {
        **_shared(root, "ModelPackageDescription"),
        "name": root.text("ModelPackageName"),
        "group": root.text("ModelPackageGroupName"),
        "approval_status": root.text("ModelApprovalStatus"),
        "skip_validation": root.text("SkipModelValidation"),
        "has_source_algorithm": root.has("SourceAlgorithmSpecification"),
        "source_algorithm": first.text("AlgorithmName") if first else None,
        "source_uri": root.text("SourceUri"),
        "additional_specifications": additional,
    }
    spans = {
        **_SPANS,
        "name": "ModelPackageName",
        "group": "ModelPackageGroupName",
        "approval_status": "ModelApprovalStatus",
        "skip_validation": "SkipModelValidation",
        "has_source_algorithm": "SourceAlgorithmSpecification",
        "source_uri": "SourceUri",
        "additional_specifications": "AdditionalInferenceSpecifications",
        "description_length": "ModelPackageDescription",
    }
    places = root.spans(**spans) | _profile_span(root)
    if first:
        places |= first.spans(source_algorithm="AlgorithmName")
    root.request.emit("manifest.model_package", root, fields, places)


def _profile_span(root: Node) -> dict[str, Any]:
    validation = root.child("ValidationSpecification")
    return validation.spans(validation_profiles="ValidationProfiles") if validation else {}
