"""Facts about a validation specification: its profiles and the jobs that they define.

What has to agree with the rest of the request is `unknown` here; `linter.assemble.manifests` settles it.
"""

from __future__ import annotations

from typing import Any

from linter.inspect.manifest.inference import ends_with
from linter.inspect.manifest.request import NO, YES, Node
from linter.model import UNKNOWN

_SOURCES = {"S3DataSource": "s3", "FileSystemDataSource": "file_system", "DatasetSource": "dataset"}


def validation_fact(node: Node) -> None:
    """The `manifest.validation` of a validation specification."""
    fields = {"role": node.text("ValidationRole"), "profile_count": node.count("ValidationProfiles")}
    spans = node.spans(role="ValidationRole", profile_count="ValidationProfiles")
    node.request.emit("manifest.validation", node, fields, spans)


def profile_fact(node: Node) -> None:
    """The `manifest.validation_profile` of one profile."""
    request = node.request.found.request
    has_training = node.has("TrainingJobDefinition")
    fields = {
        "kind": "algorithm" if request == UNKNOWN and has_training == YES else request,
        "index": node.index,
        "name": node.text("ProfileName"),
        "has_training_job": has_training,
        "has_transform_job": node.has("TransformJobDefinition"),
    }
    spans = node.spans(
        name="ProfileName", has_training_job="TrainingJobDefinition", has_transform_job="TransformJobDefinition"
    )
    node.request.emit("manifest.validation_profile", node, fields, spans)


def training_job_fact(node: Node) -> None:
    """The `manifest.training_job` of a training job definition."""
    resources, stopping, output = (
        node.child(name) for name in ("ResourceConfig", "StoppingCondition", "OutputDataConfig")
    )
    fields = {
        "input_mode": node.text("TrainingInputMode"),
        "stopping_condition": {"no": "absent", "yes": "present"}.get(node.has("StoppingCondition"), UNKNOWN),
        "max_runtime": _integer(stopping, "MaxRuntimeInSeconds"),
        "max_wait": _integer(stopping, "MaxWaitTimeInSeconds"),
        "wait_covers_runtime": _wait_covers_runtime(stopping),
        "spot": node.flag("EnableManagedSpotTraining"),
        "checkpoints": node.holds("CheckpointConfig"),
        "instance_type": resources.text("InstanceType") if resources else None,
        "instance_count": _integer(resources, "InstanceCount"),
        "instance_groups": resources.count("InstanceGroups") if resources else None,
        "instance_total": _instances(resources),
        "volume_gb": _integer(resources, "VolumeSizeInGB"),
        "channels": _channels(node),
        "hyperparameters": _keys(node, "HyperParameters"),
        "output_path": output.uri("S3OutputPath") if output else None,
        "kms_key": output.text("KmsKeyId") if output else None,
        "volume_kms_key": resources.text("VolumeKmsKeyId") if resources else None,
        "instance_declared": UNKNOWN,
        "channels_undeclared": UNKNOWN,
        "channels_missing": UNKNOWN,
        "hyperparameters_undeclared": UNKNOWN,
        "hyperparameters_missing": UNKNOWN,
        "input_mode_declared": UNKNOWN,
        "distributed_conflict": UNKNOWN,
        "input_output_overlap": UNKNOWN,
    }
    spans = node.spans(
        input_mode="TrainingInputMode",
        input_mode_declared="TrainingInputMode",
        stopping_condition="StoppingCondition",
        spot="EnableManagedSpotTraining",
        checkpoints="CheckpointConfig",
        channels="InputDataConfig",
        channels_undeclared="InputDataConfig",
        channels_missing="InputDataConfig",
        hyperparameters="HyperParameters",
        hyperparameters_undeclared="HyperParameters",
        hyperparameters_missing="HyperParameters",
    )
    if stopping:
        spans |= stopping.spans(
            max_runtime="MaxRuntimeInSeconds",
            max_wait="MaxWaitTimeInSeconds",
            wait_covers_runtime="MaxWaitTimeInSeconds",
        )
    if output:
        spans |= output.spans(output_path="S3OutputPath", input_output_overlap="S3OutputPath", kms_key="KmsKeyId")
    if resources:
        spans |= resources.spans(
            instance_type="InstanceType",
            instance_declared="InstanceType",
            instance_count="InstanceCount",
            instance_total="InstanceCount",
            distributed_conflict="InstanceCount",
            instance_groups="InstanceGroups",
            volume_gb="VolumeSizeInGB",
            volume_kms_key="VolumeKmsKeyId",
        )
        if "instance_groups" in spans:
            spans["instance_total"] = spans["distributed_conflict"] = spans["instance_groups"]
    node.request.emit("manifest.training_job", node, fields, spans)


def input_channel_fact(node: Node) -> None:
    """The `manifest.input_channel` of one entry of a job's InputDataConfig."""
    source = node.child("DataSource")
    kind, member = source.variant(_SOURCES) if source else ("none", None)
    data = source.child("S3DataSource") if source else None
    name = node.text("ChannelName")
    fields = {
        "index": node.index,
        "name": name,
        "duplicate": name is not None and name != UNKNOWN and node.request.repeated(node, name),
        "content_type": node.text("ContentType"),
        "input_mode": node.text("InputMode"),
        "compression": node.text("CompressionType"),
        "source_kind": kind,
        "s3_data_type": data.text("S3DataType") if data else None,
        "s3_uri": data.uri("S3Uri") if data else None,
        "hub_access": bool(data and data.holds("HubAccessConfig")),
        "declared": UNKNOWN,
        "content_type_declared": UNKNOWN,
        "input_mode_declared": UNKNOWN,
        "compression_declared": UNKNOWN,
    }
    spans = node.spans(
        name="ChannelName",
        declared="ChannelName",
        content_type="ContentType",
        content_type_declared="ContentType",
        input_mode="InputMode",
        input_mode_declared="InputMode",
        compression="CompressionType",
        compression_declared="CompressionType",
        source_kind="DataSource",
    )
    if source and member:
        spans |= source.spans(source_kind=member)
    if data:
        spans |= data.spans(s3_data_type="S3DataType", s3_uri="S3Uri", hub_access="HubAccessConfig")
    node.request.emit("manifest.input_channel", node, fields, spans)


def transform_job_fact(node: Node) -> None:
    """The `manifest.transform_job` of a transform job definition."""
    given, output, resources = (
        node.child(name) for name in ("TransformInput", "TransformOutput", "TransformResources")
    )
    data = given.path("DataSource", "S3DataSource") if given else None
    payload, concurrent = node.integer("MaxPayloadInMB"), node.integer("MaxConcurrentTransforms")
    product = payload * concurrent if isinstance(payload, int) and isinstance(concurrent, int) else UNKNOWN
    uri = data.uri("S3Uri") if data else None
    fields = {
        "max_payload_mb": payload,
        "max_concurrent": concurrent,
        "payload_times_concurrency": product,
        "batch_strategy": node.text("BatchStrategy"),
        "environment_count": node.count("Environment"),
        "content_type": given.text("ContentType") if given else None,
        "split_type": given.text("SplitType") if given else None,
        "compression": given.text("CompressionType") if given else None,
        "s3_data_type": data.text("S3DataType") if data else None,
        "s3_uri": uri,
        "uri_is_gzip": ends_with(uri.lower() if uri else uri, (".gz", ".gzip")),
        "uri_ends_with_slash": ends_with(uri, "/"),
        "accept": output.text("Accept") if output else None,
        "assemble_with": output.text("AssembleWith") if output else None,
        "output_path": output.uri("S3OutputPath") if output else None,
        "kms_key": output.text("KmsKeyId") if output else None,
        "instance_type": resources.text("InstanceType") if resources else None,
        "instance_count": _integer(resources, "InstanceCount"),
        "volume_kms_key": resources.text("VolumeKmsKeyId") if resources else None,
        "content_type_declared": UNKNOWN,
        "accept_declared": UNKNOWN,
        "instance_declared": UNKNOWN,
        "input_output_overlap": UNKNOWN,
    }
    spans = node.spans(
        max_payload_mb="MaxPayloadInMB",
        max_concurrent="MaxConcurrentTransforms",
        payload_times_concurrency="MaxPayloadInMB",
        batch_strategy="BatchStrategy",
        environment_count="Environment",
    )
    if given:
        spans |= given.spans(
            content_type="ContentType",
            content_type_declared="ContentType",
            split_type="SplitType",
            compression="CompressionType",
        )
    if data:
        spans |= data.spans(s3_data_type="S3DataType", s3_uri="S3Uri", uri_is_gzip="S3Uri", uri_ends_with_slash="S3Uri")
    if output:
        spans |= output.spans(
            accept="Accept",
            accept_declared="Accept",
            assemble_with="AssembleWith",
            output_path="S3OutputPath",
            input_output_overlap="S3OutputPath",
            kms_key="KmsKeyId",
        )
    if resources:
        spans |= resources.spans(
            instance_type="InstanceType",
            instance_declared="InstanceType",
            instance_count="InstanceCount",
            volume_kms_key="VolumeKmsKeyId",
        )
    node.request.emit("manifest.transform_job", node, fields, spans)


def _integer(node: Node | None, member: str) -> int | str | None:
    return node.integer(member) if node else None


def _wait_covers_runtime(stopping: Node | None) -> str | None:
    """Whether the longest wait is at least the longest run; None without a wait."""
    wait, run = _integer(stopping, "MaxWaitTimeInSeconds"), _integer(stopping, "MaxRuntimeInSeconds")
    if wait is None:
        return None
    if not isinstance(wait, int) or not isinstance(run, int):
        return UNKNOWN
    return YES if wait >= run else NO


def _instances(resources: Node | None) -> int | str | None:
    """How many instances a job asks for, all groups together."""
    groups = resources.child("InstanceGroups") if resources else None
    if resources is None or groups is None or groups.value is None:
        return _integer(resources, "InstanceCount")
    if groups.open or not isinstance(groups.value, list):
        return UNKNOWN
    counts = [group.integer("InstanceCount") for group in groups.items()]
    total = 0
    for count in counts:
        if not isinstance(count, int):
            return UNKNOWN
        total += count
    return total


def _channels(node: Node) -> list[str] | str | None:
    child = node.child("InputDataConfig")
    if child is None or child.value is None:
        return None
    if not isinstance(child.value, list):
        return UNKNOWN
    names = [item.text("ChannelName") or UNKNOWN for item in child.items()]
    return [*names, UNKNOWN] if child.open else names


def _keys(node: Node, member: str) -> list[str] | str | None:
    child: Any = node.child(member)
    if child is None or child.value is None:
        return None
    if child.unknown or child.open or not isinstance(child.value, dict):
        return UNKNOWN
    return list(child.value)
