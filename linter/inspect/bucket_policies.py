"""Bucket policies, in files of their own, in templates and in code: whom they let read what."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from linter.document import DocumentError, load_document
from linter.lazy import compiled
from linter.model import Fact, Location
from linter.references import MASK, mask

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from linter.document import Document, Pointer
    from linter.knowledge import Knowledge

CLOUDFORMATION, TERRAFORM = "AWS::S3::BucketPolicy", "aws_s3_bucket_policy"
BUCKET = "AWS::S3::Bucket"
STATEMENTS_LIMIT = 500
POLICIES_LIMIT = 200
_POLICY_DEPTH = 2
_LONGEST = 2048
_PARTS = 50
_OPEN = compiled(r"\$\{(?!aws:)")
"""What a program fills in; variables of policies themselves begin with `aws:`."""
_VARIABLE = compiled(r"\$\{([A-Za-z0-9]{1,255})(\.Arn)?\}")


def policy_facts(value: Any, place: Location | None, document: Document, path: str, knowledge: Knowledge) -> list[Fact]:
    """An `s3.grant` for each place that a statement of a policy about reading names, at the statement or at `place`."""
    reading = knowledge.get("data_words.reading_actions")
    facts: list[Fact] = []
    for pointer, statement in _statements(value):
        location = place or Location(path, document.span(pointer))
        facts += [Fact("s3.grant", location, fields) for fields in _grants(statement, reading)]
    return facts


def code_facts(policy: Any, location: Location, knowledge: Knowledge) -> list[Fact]:
    """The `s3.grant` facts of a policy that code sends; none when a part of it is filled in."""
    try:
        text = policy if isinstance(policy, str) else json.dumps(policy)
        value = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return []
    if _OPEN.search(text):
        return []
    from linter.document import Document

    return policy_facts(value, location, Document.empty(), location.path, knowledge)


def template_facts(document: Document, path: str, knowledge: Knowledge) -> list[Fact]:
    """The `s3.grant` facts of the bucket policies in a CloudFormation template or in Terraform's JSON."""
    facts: list[Fact] = []
    for number, (pointer, policy) in enumerate(_policies(document)):
        if number >= POLICIES_LIMIT:
            break
        facts += code_facts(policy, Location(path, document.key_span(pointer)), knowledge)
    return facts


def _policies(document: Document) -> Iterator[tuple[Pointer, Any]]:
    """Where each policy stands, and what is known of it."""
    value = document.value
    resources = value.get("Resources") if isinstance(value, dict) else None
    resources = resources if isinstance(resources, dict) else {}
    kinds = {name: each.get("Type") for name, each in resources.items() if isinstance(each, dict)}
    if CLOUDFORMATION in kinds.values():
        from linter.inspect.manifest.cloudformation import settled

        named = [name for name, kind in kinds.items() if kind == BUCKET]
        buckets = {name: _member(_properties(settled, document, name), "BucketName") for name in named[:POLICIES_LIMIT]}
        for name in [name for name, kind in kinds.items() if kind == CLOUDFORMATION][:POLICIES_LIMIT]:
            policy = _member(_properties(settled, document, name), "PolicyDocument")
            if policy is not None:
                yield ("Resources", name, "Properties", "PolicyDocument"), _filled(policy, buckets, 0)
    terraform = _member(_member(value, "resource"), TERRAFORM)
    for name, given in terraform.items() if isinstance(terraform, dict) else ():
        if isinstance(given, dict) and "policy" in given:
            yield ("resource", TERRAFORM, name, "policy"), given["policy"]


def _properties(settled: Any, document: Document, name: str) -> Any:
    properties = _member(document.value["Resources"][name], "Properties")
    if not isinstance(properties, dict):
        return None
    return settled(document, ("Resources", name, "Properties")).value["Resources"][name]["Properties"]


def _filled(value: Any, buckets: Mapping[str, Any], depth: int) -> Any:
    """A policy with the names of the template's buckets; what stays open is a function, and so no text."""
    if depth > 12:
        return "${deep}"
    if isinstance(value, list):
        return [_filled(each, buckets, depth + 1) for each in value[:STATEMENTS_LIMIT]]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        name, given = next(iter(value.items()))
        if name == "Ref" or name.startswith("Fn::"):
            return _text(name, given, buckets, depth)
    return {key: _filled(each, buckets, depth + 1) for key, each in value.items()}


def _text(name: str, given: Any, buckets: Mapping[str, Any], depth: int) -> str:
    """What a function gives, where it only joins names of buckets; else a text that tells of a gap."""
    if name == "Ref" and isinstance(given, str):
        return _bucket(given, False, buckets)
    if name == "Fn::GetAtt":
        parts = given.split(".") if isinstance(given, str) else given
        if isinstance(parts, list) and len(parts) == 2 and parts[1] == "Arn":
            return _bucket(parts[0], True, buckets)
    if name == "Fn::Sub" and isinstance(given, str) and len(given) <= _LONGEST:
        return _VARIABLE.sub(lambda found: _bucket(found[1], found[2] is not None, buckets), given)
    if name == "Fn::Join" and isinstance(given, list) and len(given) == 2 and isinstance(given[1], list):
        texts = [_filled(each, buckets, depth + 1) for each in given[1][:_PARTS]]
        if isinstance(given[0], str) and all(isinstance(each, str) for each in texts):
            return str(given[0].join(texts)[:_LONGEST])
    return "${open}"


def _bucket(name: Any, is_arn: bool, buckets: Mapping[str, Any]) -> str:
    found = buckets.get(name) if isinstance(name, str) else None
    if not isinstance(found, str) or not found:
        return "${open}"
    return f"arn:aws:s3:::{found}" if is_arn else found


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _statements(value: Any, level: int = 0) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any]]]:
    """Statements with where they stand; also of the answer of `get-bucket-policy`, which holds the policy as a text."""
    if not isinstance(value, dict):
        return
    inner = value.get("Policy")
    if isinstance(inner, str) and level < _POLICY_DEPTH:
        try:
            inner = load_document(inner, format="json").value
        except DocumentError:
            return
        yield from ((("Policy",), statement) for _, statement in _statements(inner, level + 1))
        return
    found = value.get("Statement")
    one = isinstance(found, dict)
    for number, statement in enumerate(_list(found)[:STATEMENTS_LIMIT]):
        if isinstance(statement, dict):
            yield (("Statement",) if one else ("Statement", number)), statement


def _grants(statement: dict[str, Any], reading: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The fields of a statement's grants; none when it is not about reading objects, or names them by exclusion."""
    actions = [str(action).lower() for action in _list(statement.get("Action"))]
    principal, effect = statement.get("Principal"), str(statement.get("Effect")).lower()
    if not any(action in reading for action in actions) or principal is None or effect not in ("allow", "deny"):
        return
    for resource in _list(statement.get("Resource")):
        bucket, _, key = str(resource).rpartition(":::")[2].partition("/")
        if bucket and MASK not in mask(str(resource)) and not {"*", "?"} & set(bucket):
            yield {
                "bucket": bucket,
                "key": key,
                "effect": effect,
                "everyone": _everyone(principal),
                "conditional": bool(statement.get("Condition")),
            }


def _everyone(principal: Any) -> bool:
    named = _list(principal.get("AWS")) if isinstance(principal, dict) else [principal]
    return "*" in named


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
