"""IAM policies that let somebody publish on AWS Marketplace: may the same person describe what is published?"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from linter.inspect.manifest.request import NO, YES, pointer_text
from linter.inspect.manifest.values import placeholder_in
from linter.model import UNKNOWN, Fact, Location, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.document import Document, Pointer
    from linter.inspect.text import Source
    from linter.knowledge import Knowledge

PUBLISHES = "aws-marketplace:StartChangeSet"
_DESCRIBES = {
    "describes_package": "sagemaker:DescribeModelPackage",
    "describes_algorithm": "sagemaker:DescribeAlgorithm",
}
_MOST = 2_000


def is_publishing_policy(value: dict[str, Any]) -> bool:
    """Whether a value is a policy that names the operation by which a listing is changed."""
    return "Statement" in value and any(action == PUBLISHES for action, allows in _actions(value) if allows)


def policy_fact(document: Document, pointer: Pointer, source: Source, knowledge: Knowledge) -> Fact:
    """The `iam.policy` of a policy that lets somebody publish."""
    value: Any = document.value
    for part in pointer:
        value = value[part]
    actions = [(action, allows) for action, allows in _actions(value)]
    whole = document.span(pointer)
    fields = {
        "pointer": pointer_text(pointer),
        **{name: _granted(wanted, actions, knowledge) for name, wanted in _DESCRIBES.items()},
        "for_listing": UNKNOWN,
    }
    start = document.key_span((*pointer, "Statement"))
    at = start if start.line >= whole.line else Span(whole.line, whole.column, whole.line, whole.column + 1)
    return Fact("iam.policy", Location(source.path, at), fields)


def _granted(wanted: str, actions: list[tuple[str, bool]], knowledge: Knowledge) -> str:
    """Whether an operation is allowed; unknown when an action is filled in later, or statements name exceptions."""
    for action, allows in actions:
        if action == UNKNOWN or placeholder_in(action, "value", knowledge):
            return UNKNOWN
        if allows and fnmatchcase(wanted.lower(), action.lower().replace("[", "[[]")):
            return YES
    return NO


def _actions(policy: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    """All actions of a policy, and whether their statements allow them."""
    statements = policy.get("Statement")
    seen = 0
    for statement in statements if isinstance(statements, list) else [statements]:
        if not isinstance(statement, dict):
            continue
        allows = statement.get("Effect") == "Allow"
        if "NotAction" in statement:
            yield UNKNOWN, allows
        given = statement.get("Action")
        for action in given if isinstance(given, list) else [given] if given is not None else []:
            seen += 1
            if seen > _MOST:
                return
            yield (action if isinstance(action, str) else UNKNOWN), allows
