"""Roles that templates and code create: which services their trust policies let take them. Nothing is asked of AWS."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from linter.model import UNKNOWN, Fact, Location

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.document import Document, Pointer

CLOUDFORMATION, TERRAFORM = "AWS::IAM::Role", "aws_iam_role"
ROLES_LIMIT = 200
_ASSUMES = "sts:assumerole"


def role_facts(document: Document, path: str) -> list[Fact]:
    """An `iam.role` for each role of a CloudFormation template or of Terraform in JSON that has a trust policy."""
    facts: list[Fact] = []
    for pointer, name, policy in _roles(document.value):
        if len(facts) >= ROLES_LIMIT:
            break
        facts.append(role_fact(name, policy, Location(path, document.key_span(pointer))))
    return facts


def role_fact(name: Any, policy: Any, location: Location, document: str | None = None) -> Fact:
    """The `iam.role` of a role with its trust policy, as a value or as JSON. `document` is the file that holds it."""
    fields = {
        "name": name if isinstance(name, str) and name and "${" not in name else UNKNOWN,
        "trusts": trusted(policy),
        "document": document,
        "lacks": UNKNOWN,
    }
    return Fact("iam.role", location, fields)


def _roles(value: Any) -> Iterator[tuple[Pointer, Any, Any]]:
    """Where each role's trust policy stands, the role's name, and the policy."""
    for name, resource in _members(_member(value, "Resources")):
        given = _member(resource, "Properties") if _member(resource, "Type") == CLOUDFORMATION else None
        if isinstance(given, dict) and "AssumeRolePolicyDocument" in given:
            place = ("Resources", name, "Properties", "AssumeRolePolicyDocument")
            yield place, given.get("RoleName"), given["AssumeRolePolicyDocument"]
    for name, given in _members(_member(_member(value, "resource"), TERRAFORM)):
        if isinstance(given, dict) and "assume_role_policy" in given:
            yield ("resource", TERRAFORM, name, "assume_role_policy"), given.get("name"), given["assume_role_policy"]


def trusted(policy: Any) -> list[str] | str:
    """The services that a trust policy lets take the role; unknown when it is not known whole."""
    if isinstance(policy, str):
        try:
            policy = json.loads(policy)
        except (ValueError, RecursionError):
            return UNKNOWN
    statements = _listed(_member(policy, "Statement"))
    found: set[str] = set()
    for statement in statements:
        principal = _member(statement, "Principal")
        if not isinstance(statement, dict) or not isinstance(principal, (dict, str)) or "NotPrincipal" in statement:
            return UNKNOWN
        actions = _listed(statement.get("Action"))
        if any(not isinstance(each, str) or "${" in each for each in (statement.get("Effect"), *actions)):
            return UNKNOWN
        if statement["Effect"] != "Allow" or not any(str(each).lower() in (_ASSUMES, "sts:*") for each in actions):
            continue
        if principal == "*":
            return UNKNOWN
        services = _listed(_member(principal, "Service"))
        if not all(isinstance(each, str) and "${" not in each for each in services):
            return UNKNOWN
        found.update(services)
    return sorted(found) if statements else UNKNOWN


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _members(value: Any) -> list[tuple[str, Any]]:
    return list(value.items()) if isinstance(value, dict) else []


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
