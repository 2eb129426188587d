"""Facts about the images, S3 locations and ARNs that a request names."""

from __future__ import annotations

from typing import Any

from linter.inspect.manifest.request import Node
from linter.inspect.references import arn_reference, image_reference, region_uses, s3_uri
from linter.model import UNKNOWN, Fact

_S3_SHAPES = frozenset({"S3Uri", "Url", "S3ModelUri"})
_MODEL_DATA = frozenset({"ModelDataUrl", "ModelDataSource", "AdditionalModelDataSources"})
# Shape of a value that is an ARN, or may be one, -> role of the fact.
_ARN_ROLES = {
    "RoleArn": "validation_role",
    "KmsKeyId": "kms",
    "HubContentArn": "other",
    "TrainingPlanArn": "other",
    "HubDataSetArn": "other",
}


def link_facts(node: Node, shape: str) -> None:
    """Put `image.reference`, `s3.uri` or `arn.reference`, and the Regions they imply, on the request's list."""
    if not node.reference.strip() or not (isinstance(node.value, str) or node.unknown or node.known != node.value):
        return
    fact = _fact(node, shape)
    if fact:
        node.request.facts.append(fact)
        node.request.facts.extend(region_uses(fact, node.request.knowledge))


def _fact(node: Node, shape: str) -> Fact | None:
    request = node.request
    common: dict[str, Any] = {
        "request": request.found.request if request.found.request != UNKNOWN else None,
        "request_id": request.request_id,
        "marketplace": request.marketplace,
        "locate": node.locate,
    }
    where = (node.reference, node.location)
    if shape == "ContainerImage":
        return image_reference(*where, _image_role(node), request.knowledge, **common)
    if shape in _S3_SHAPES:
        return s3_uri(*where, _s3_role(node), request.knowledge, data_type=_data_type(node), **common)
    if shape in _ARN_ROLES:
        return arn_reference(*where, _ARN_ROLES[shape], request.knowledge, **common)
    if shape == "ArnOrName":
        if node.name == "AlgorithmName":
            return arn_reference(*where, "source_algorithm", request.knowledge, **common)
        return arn_reference(*where, "other", request.knowledge, **common) if _is_arn(node) else None
    if shape == "ModelPackageSourceUri":
        if _is_arn(node):
            return arn_reference(*where, "model_package", request.knowledge, **common)
        if node.reference.lower().startswith("s3:"):
            return s3_uri(*where, "model_data", request.knowledge, data_type=None, **common)
    return None


def _is_arn(node: Node) -> bool:
    return node.reference.startswith("arn:")


def _image_role(node: Node) -> str:
    if node.name == "TrainingImage":
        return "training"
    return "additional" if "AdditionalInferenceSpecifications" in node.pointer else "inference"


def _s3_role(node: Node) -> str:
    above = frozenset(part for part in node.pointer if isinstance(part, str))
    if above & _MODEL_DATA:
        return "model_data"
    if "S3OutputPath" in above:
        return "output"
    if "TransformInput" in above:
        return "validation_input"
    return "training_input" if "InputDataConfig" in above else "other"


def _data_type(node: Node) -> str | None:
    """The S3DataType beside an S3Uri."""
    if node.name != "S3Uri":
        return None
    value: Any = node.request.document.value
    for part in node.pointer[:-1]:
        value = value[part]
    return Node(node.request, node.pointer[:-1], value).text("S3DataType")
