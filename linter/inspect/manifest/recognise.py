"""Which values of a document are requests, parts of requests, or answers that only look like requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from linter.inspect.manifest import names
from linter.inspect.manifest.members import ANY_PROFILE, ANY_REQUEST, ANY_VALIDATION
from linter.inspect.manifest.policies import is_publishing_policy
from linter.inspect.manifest.request import Found
from linter.inspect.manifest.states import task_of
from linter.inspect.manifest.values import is_intrinsic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.document import Pointer

_LEVELS = 4
"""How many wrappers may stand around a request: a list, an operation's name, a section of a configuration."""
_DEEPEST = 24
"""The same where a tool's own structure tells that more levels follow: states inside of states, modules of a plan."""
_MOST = 20_000
"""Values that are looked at in one document before the search ends."""

ALGORITHM, PACKAGE, UNSURE = "algorithm", "model_package", "unknown"


class Skipped(NamedTuple):
    """An answer of the service or a request to change something: not judged."""

    what: str
    pointer: Pointer


class ChangeSet(NamedTuple):
    """A list of changes for AWS Marketplace."""

    pointer: Pointer


class Model(NamedTuple):
    """A model that a template deploys; `pointer` is that of its properties."""

    pointer: Pointer


class Policy(NamedTuple):
    """An IAM policy that lets somebody publish on AWS Marketplace."""

    pointer: Pointer


def recognise(value: Any) -> Iterator[Found | Skipped | ChangeSet | Model | Policy]:
    """All requests, parts, answers, change sets and policies of a document, in its order; nothing inside of another."""
    stack: list[tuple[Any, Pointer]] = [(value, ())]
    seen = 0
    while stack and seen < _MOST:
        here, pointer = stack.pop()
        seen += 1
        if isinstance(here, dict):
            found = _known(here, pointer)
            if found:
                yield found
                continue
        elif isinstance(here, list) and _is_change(here[0] if here else None):
            yield ChangeSet(pointer)
            continue
        if len(pointer) < _LEVELS or (len(pointer) < _DEEPEST and _leads_on(here, pointer)):
            stack.extend(reversed(list(_below(here, pointer))))


def _leads_on(value: Any, pointer: Pointer) -> bool:
    """Whether a value is part of a state machine, or of what Terraform plans or keeps."""
    if "States" in pointer or "root_module" in pointer:
        return True
    return isinstance(value, dict) and isinstance(value.get("States"), dict)


def _below(value: Any, pointer: Pointer) -> Iterator[tuple[Any, Pointer]]:
    if isinstance(value, dict) and not is_intrinsic(value):
        inside = ((key, part) for key, part in value.items() if key not in names.DESCRIBING_KEYS)
        yield from ((part, (*pointer, key)) for key, part in inside if isinstance(part, (dict, list)))
    elif isinstance(value, list):
        yield from ((part, (*pointer, index)) for index, part in enumerate(value) if isinstance(part, (dict, list)))


def _known(value: dict[str, Any], pointer: Pointer) -> Found | Skipped | ChangeSet | Model | Policy | None:
    keys = value.keys()
    if names.TERRAFORM_RESOURCE in pointer[-3:-1] and "resource" in pointer:
        if isinstance(pointer[-1], str) and pointer[-2] != names.TERRAFORM_RESOURCE:
            return None
        return Found("CreateModelPackage", PACKAGE, True, "terraform", pointer)
    if value.get("type") == names.TERRAFORM_RESOURCE and isinstance(value.get("values"), dict):
        if value["values"].get("model_package_arn"):
            return Skipped("describes a resource that exists already", pointer)
        return Found("CreateModelPackage", PACKAGE, True, "terraform", (*pointer, "values"))
    task = task_of(value)
    if task:
        return Found(names.SHAPES[task[0]], task[0], True, "state_machine", (*pointer, task[1]))
    if is_publishing_policy(value):
        return Policy(pointer)
    if value.get("Type") == names.MODEL_PACKAGE_RESOURCE and isinstance(value.get("Properties"), dict):
        return Found("CreateModelPackage", PACKAGE, True, "cloudformation", (*pointer, "Properties"))
    if value.get("Type") == names.MODEL_RESOURCE and isinstance(value.get("Properties"), dict):
        return Model((*pointer, "Properties"))
    if isinstance(value.get("ChangeSet"), list):
        if keys & {"ChangeSetId", "ChangeSetArn", "ErrorDetailList"}:
            return Skipped("describes a change set that was sent already", pointer)
        return ChangeSet((*pointer, "ChangeSet"))
    if _is_change(value):
        return ChangeSet(pointer)
    if keys & {"ModelPackageArn", "AlgorithmArn"}:
        return _answer(value, pointer)
    if keys & names.FOREIGN:
        return None
    return _whole(value, pointer) or _part(value, pointer) or _bare(value, pointer)


def _answer(value: dict[str, Any], pointer: Pointer) -> Skipped | None:
    keys = value.keys()
    if not keys & {*names.PARTS, "AdditionalInferenceSpecifications", "AdditionalInferenceSpecificationsToAdd"}:
        return None
    if keys & {"CreationTime", "ModelPackageStatus", "AlgorithmStatus", "ResponseMetadata"}:
        return Skipped("describes a resource that exists already", pointer)
    return Skipped("changes a resource that exists already", pointer)


def _whole(value: dict[str, Any], pointer: Pointer) -> Found | None:
    keys = value.keys()
    if not all(_can_be_name(value[name]) for name in (keys & names.PACKAGE_NAMES) | (keys & {"AlgorithmName"})):
        return None
    named = "AlgorithmName" in keys and bool(keys & {"AlgorithmDescription", *names.CREATES})
    certified = "TrainingSpecification" in keys and "CertifyForMarketplace" in keys
    if (named or certified) and not keys & names.PACKAGE_NAMES:
        return Found("CreateAlgorithm", ALGORITHM, True, "request", pointer)
    package = keys & names.PACKAGE_NAMES and keys & names.CREATES
    if package or "CertifyForMarketplace" in keys:
        if _trains(value.get("ValidationSpecification")) and not keys & names.PACKAGE_ONLY:
            return Found("CreateAlgorithm", ALGORITHM, True, "request", pointer)
        return Found("CreateModelPackage", PACKAGE, True, "request", pointer)
    return None


def _part(value: dict[str, Any], pointer: Pointer) -> Found | None:
    """A structure under its member's name, with or without others beside it, and without the request's name."""
    keys = value.keys()
    if not any(isinstance(value.get(name), dict) and not _describes(value[name]) for name in names.PARTS):
        return None
    if keys & names.ALGORITHM_ONLY or _trains(value.get("ValidationSpecification")):
        return Found("CreateAlgorithm", ALGORITHM, False, "request", pointer)
    if keys & names.PACKAGE_ONLY:
        return Found("CreateModelPackage", PACKAGE, False, "request", pointer)
    return Found(ANY_REQUEST, UNSURE, False, "request", pointer)


def _bare(value: dict[str, Any], pointer: Pointer) -> Found | None:
    """The value of a structure alone."""
    keys = value.keys()
    if "Containers" in keys and keys & names.SUPPORTED_LISTS and not _describes(value["Containers"]):
        return Found("InferenceSpecification", UNSURE, False, "request", pointer)
    if "TrainingImage" in keys and keys & names.TRAINING_LISTS:
        return Found("TrainingSpecification", ALGORITHM, False, "request", pointer)
    if _has_profiles(value):
        if _trains(value):
            return Found("AlgorithmValidationSpecification", ALGORITHM, False, "request", pointer)
        return Found(ANY_VALIDATION, UNSURE, False, "request", pointer)
    jobs = [value.get(name) for name in ("TrainingJobDefinition", "TransformJobDefinition")]
    if any(isinstance(job, dict) and not job.keys() & names.FOREIGN and not _describes(job) for job in jobs):
        if isinstance(jobs[0], dict):
            return Found("AlgorithmValidationProfile", ALGORITHM, False, "request", pointer)
        return Found(ANY_PROFILE, UNSURE, False, "request", pointer)
    return None


def _can_be_name(value: Any) -> bool:
    """A name is a text or comes from an intrinsic function; patterns of events and descriptions have lists and more."""
    return not isinstance(value, (dict, list)) or is_intrinsic(value) or value == {}


def _describes(value: Any) -> bool:
    """Whether a value describes a member (as a schema or a service model does) instead of giving it."""
    return isinstance(value, dict) and bool(value.keys() & {"shape", "$ref", "type", "anyOf", "oneOf", "allOf"})


def _trains(validation: Any) -> bool:
    profiles = validation.get("ValidationProfiles") if isinstance(validation, dict) else None
    if not isinstance(profiles, list):
        return False
    return any(isinstance(profile, dict) and "TrainingJobDefinition" in profile for profile in profiles)


def _has_profiles(value: dict[str, Any]) -> bool:
    profiles = value.get("ValidationProfiles")
    if not isinstance(profiles, list):
        return False
    members = {"ProfileName", "TrainingJobDefinition", "TransformJobDefinition"}
    return "ValidationRole" in value or any(isinstance(each, dict) and each.keys() & members for each in profiles)


def _is_change(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("ChangeType"), str) and bool(value.keys() & _CHANGE_MEMBERS)


_CHANGE_MEMBERS = {"Entity", "Details", "DetailsDocument"}
