"""Facts about a training specification: its channels, hyperparameters and metrics."""

from __future__ import annotations

import re
import warnings

from linter.inspect.manifest.inference import digest_matches
from linter.inspect.manifest.instances import machines
from linter.inspect.manifest.request import NO, YES, Node
from linter.model import UNKNOWN
from linter.references.ranges import bounds_form_ok, bounds_ordered, in_range

RANGES = {
    "IntegerParameterRangeSpecification": "integer",
    "ContinuousParameterRangeSpecification": "continuous",
    "CategoricalParameterRangeSpecification": "categorical",
}
_LONGEST_REGEX = 500


def training_fact(node: Node) -> None:
    """The `manifest.training` of a training specification."""
    image, digest = node.text("TrainingImage"), node.text("TrainingImageDigest")
    fields = {
        "image": image,
        "image_digest": digest,
        "digest_matches": digest_matches(image, digest),
        "channel_count": node.count("TrainingChannels"),
        "distributed": node.flag("SupportsDistributedTraining"),
        "instance_type_count": node.count("SupportedTrainingInstanceTypes"),
        "instance_types": node.texts("SupportedTrainingInstanceTypes"),
        **machines(node, "SupportedTrainingInstanceTypes"),
        "hyperparameter_count": node.count("SupportedHyperParameters"),
        "tunable_count": _tunable(node),
        "metric_count": node.count("MetricDefinitions"),
        "objective_count": node.count("SupportedTuningJobObjectiveMetrics"),
        "objectives_undeclared": _undeclared(node),
        "code_uses_hosts": UNKNOWN,
        "code_reads_hosts": UNKNOWN,
    }
    spans = {
        "image": "TrainingImage",
        "image_digest": "TrainingImageDigest",
        "digest_matches": "TrainingImageDigest",
        "channel_count": "TrainingChannels",
        "distributed": "SupportsDistributedTraining",
        "instance_type_count": "SupportedTrainingInstanceTypes",
        "instance_types": "SupportedTrainingInstanceTypes",
        "hyperparameter_count": "SupportedHyperParameters",
        "metric_count": "MetricDefinitions",
        "objective_count": "SupportedTuningJobObjectiveMetrics",
        "objectives_undeclared": "SupportedTuningJobObjectiveMetrics",
    }
    node.request.emit("manifest.training", node, fields, node.spans(**spans))


def _structures(node: Node, member: str) -> list[Node] | None:
    """The elements of a list of structures; None when they are not all known."""
    child = node.child(member)
    if child is None or child.value is None:
        return []
    if child.open or not isinstance(child.value, list):
        return None
    items = list(child.items())
    return items if all(isinstance(item.value, dict) and not item.unknown for item in items) else None


def _tunable(node: Node) -> int | str:
    items = _structures(node, "SupportedHyperParameters")
    if items is None:
        return UNKNOWN
    flags = [item.flag("IsTunable") for item in items]
    return UNKNOWN if UNKNOWN in flags else sum(flag is True for flag in flags)


def _undeclared(node: Node) -> list[str] | str:
    """Metrics of tuning objectives that no metric definition names."""
    objectives = _structures(node, "SupportedTuningJobObjectiveMetrics")
    metrics = _structures(node, "MetricDefinitions")
    if objectives is None or metrics is None:
        return UNKNOWN
    declared = {item.text("Name") for item in metrics}
    if UNKNOWN in declared:
        return UNKNOWN
    wanted = [item.text("MetricName") for item in objectives]
    return [name for name in wanted if name is not None and name != UNKNOWN and name not in declared]


def channel_fact(node: Node) -> None:
    """The `manifest.channel` of one training channel."""
    fields = {
        "index": node.index,
        "name": node.text("Name"),
        "required": node.flag("IsRequired"),
        "content_types": node.texts("SupportedContentTypes"),
        "input_modes": node.texts("SupportedInputModes"),
        "compression": node.texts("SupportedCompressionTypes"),
        "duplicate": _duplicate(node, "Name"),
        "read_in_code": UNKNOWN,
        "code_reads_pipes": UNKNOWN,
    }
    spans = node.spans(
        name="Name",
        duplicate="Name",
        required="IsRequired",
        content_types="SupportedContentTypes",
        input_modes="SupportedInputModes",
        compression="SupportedCompressionTypes",
    )
    node.request.emit("manifest.channel", node, fields, spans)


def metric_fact(node: Node) -> None:
    """The `manifest.metric` of one metric definition."""
    regex = node.text("Regex")
    compiles, groups = _compiled(regex)
    fields = {
        "index": node.index,
        "name": node.text("Name"),
        "regex": regex,
        "compiles": compiles,
        "groups": groups,
        "printed": UNKNOWN,
        "duplicate": _duplicate(node, "Name"),
    }
    spans = node.spans(name="Name", duplicate="Name", regex="Regex", compiles="Regex", groups="Regex")
    node.request.emit("manifest.metric", node, fields, spans)


def _compiled(regex: str | None) -> tuple[str, int | str | None]:
    if regex is None or regex == UNKNOWN or len(regex) > _LONGEST_REGEX:
        return UNKNOWN, None if regex is None else UNKNOWN
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return YES, re.compile(regex).groups
    except (re.error, RecursionError, OverflowError, ValueError):
        return NO, UNKNOWN


def hyperparameter_fact(node: Node) -> None:
    """The `manifest.hyperparameter` of one specification, with its range as written."""
    given = node.child("Range")
    name_of_range, member = given.variant(RANGES) if given else ("none", None)
    one = given.child(member) if given and member else None
    low, high = (one.text("MinValue"), one.text("MaxValue")) if one else (None, None)
    values = one.texts("Values") if one else None
    kind, default = node.text("Type"), node.text("DefaultValue")
    fields = {
        "index": node.index,
        "name": node.text("Name"),
        "type": kind,
        "tunable": node.flag("IsTunable"),
        "required": node.flag("IsRequired"),
        "default": default,
        "range_kind": name_of_range,
        "range_matches_type": _matches(kind, name_of_range),
        "min": low,
        "max": high,
        "values": values,
        "bounds_ordered": bounds_ordered(low, high),
        "bounds_form_ok": bounds_form_ok(name_of_range, low, high),
        "default_in_range": in_range(default, kind, low, high, values),
        "duplicate": _duplicate(node, "Name"),
    }
    spans = node.spans(
        name="Name",
        duplicate="Name",
        type="Type",
        tunable="IsTunable",
        required="IsRequired",
        default="DefaultValue",
        default_in_range="DefaultValue",
        range_kind="Range",
        range_matches_type="Range",
    )
    if one:
        spans |= one.spans(
            min="MinValue", max="MaxValue", values="Values", bounds_ordered="MinValue", bounds_form_ok="MinValue"
        )
    node.request.emit("manifest.hyperparameter", node, fields, spans)


def _matches(kind: str | None, name: str) -> str | None:
    if name == "none":
        return None
    if name == UNKNOWN or kind in (None, UNKNOWN):
        return UNKNOWN
    return YES if str(kind).lower() == name else NO


def _duplicate(node: Node, member: str) -> bool:
    """Whether an element before this one in its list has the same name."""
    name = node.text(member)
    return name is not None and name != UNKNOWN and node.request.repeated(node, name)
