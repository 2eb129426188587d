"""Names of the SageMaker and Marketplace Catalog APIs by which a request is known, whatever its file is called."""

from __future__ import annotations

import re

SHAPES = {"algorithm": "CreateAlgorithm", "model_package": "CreateModelPackage"}
"""The request that makes each kind of product, by the name of its shape."""
OPERATIONS = {"create-algorithm": "algorithm", "create-model-package": "model_package"}
"""What a command of the AWS command line makes."""
TASKS = {"createAlgorithm": "algorithm", "createModelPackage": "model_package"}
"""What a task of a state machine makes, by the end of its resource."""
MODEL_PACKAGE_RESOURCE = "AWS::SageMaker::ModelPackage"
MODEL_RESOURCE = "AWS::SageMaker::Model"
TERRAFORM_RESOURCE = "awscc_sagemaker_model_package"
# Members that the resource has and the request has not.
RESOURCE_ONLY = frozenset(
    {
        "AdditionalInferenceSpecificationsToAdd",
        "ApprovalDescription",
        "LastModifiedTime",
        "ModelPackageStatusDetails",
        "ModelPackageVersion",
    }
)

# One of these stands in every text that holds a request, a part of one, or a change of Region availability.
_TELLING = (
    "TrainingSpecification",
    "InferenceSpecification",
    "AdditionalInferenceSpecifications",
    "ValidationSpecification",
    "SourceAlgorithmSpecification",
    "ModelPackageName",
    "ModelPackageGroupName",
    "AlgorithmName",
    "CertifyForMarketplace",
    "ValidationProfiles",
    "TransformJobDefinition",
    "TrainingJobDefinition",
    "SupportedContentTypes",
    "SupportedResponseMIMETypes",
    "SupportedRealtimeInferenceInstanceTypes",
    "SupportedTransformInstanceTypes",
    "SupportedTrainingInstanceTypes",
    "SupportedHyperParameters",
    "TrainingChannels",
    "ChangeSet",
    "ChangeType",
    "aws-marketplace:StartChangeSet",
    "AddRegions",
    "RestrictRegions",
    "UpdateFutureRegionSupport",
    MODEL_PACKAGE_RESOURCE,
    MODEL_RESOURCE,
    TERRAFORM_RESOURCE,
)
_PATTERN = re.compile(rb"\b(?:" + b"|".join(name.encode() for name in _TELLING) + rb")\b")


def looks_like_manifest(data: bytes) -> bool:
    """Whether a JSON or YAML text can hold something that this inspector reads. Cheap: nothing is parsed."""
    return _PATTERN.search(data) is not None


REGION_CHANGES = frozenset({"AddRegions", "RestrictRegions", "UpdateFutureRegionSupport"})

# Members that only one of the two requests has.
ALGORITHM_ONLY = frozenset({"AlgorithmName", "AlgorithmDescription", "TrainingSpecification"})
PACKAGE_NAMES = frozenset({"ModelPackageName", "ModelPackageGroupName"})
PACKAGE_ONLY = PACKAGE_NAMES | {
    "ModelPackageDescription",
    "SourceAlgorithmSpecification",
    "SkipModelValidation",
    "ModelApprovalStatus",
    "AdditionalInferenceSpecifications",
}
PARTS = (
    "TrainingSpecification",
    "InferenceSpecification",
    "ValidationSpecification",
    "SourceAlgorithmSpecification",
)
# Beside a name, one of these tells a request to create something from a request to look it up.
CREATES = frozenset(
    {*PARTS, "CertifyForMarketplace", "SkipModelValidation", "AdditionalInferenceSpecifications", "SourceUri"}
)
SUPPORTED_LISTS = frozenset(
    {
        "SupportedContentTypes",
        "SupportedResponseMIMETypes",
        "SupportedRealtimeInferenceInstanceTypes",
        "SupportedTransformInstanceTypes",
    }
)
TRAINING_LISTS = frozenset({"TrainingChannels", "SupportedTrainingInstanceTypes", "SupportedHyperParameters"})
# Members of other requests that hold structures of the same names.
FOREIGN = frozenset(
    {
        "ModelName",
        "ExecutionRoleArn",
        "TrainingJobName",
        "TransformJobName",
        "AlgorithmSpecification",
        "HyperParameterTuningJobName",
        "HyperParameterTuningJobConfig",
    }
)
# Keys under which descriptions of requests stand, not requests: schemas, service models, template parameters.
DESCRIBING_KEYS = frozenset(
    {"properties", "members", "definitions", "$defs", "shapes", "Parameters", "parameters", "Arguments", "examples"}
)

# Members whose texts are prose or expressions, in which brackets and dollar signs are no placeholders.
PROSE = frozenset(
    {
        "AlgorithmDescription",
        "ModelPackageDescription",
        "Description",
        "StageDescription",
        "Regex",
        "DataInputConfig",
        "ModelCardContent",
        "Value",
    }
)
# Members with a text of the program's own, in which braces are no placeholders.
FREE_TEXT = frozenset({"DefaultValue"})
