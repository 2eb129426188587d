"""Reads bucket policies and templates that create roles: whom they let do what. They are evidence; AWS is not asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.document import DocumentError, load_document
from linter.inspect.iam_roles import role_facts
from linter.inspect.text import NotText, Source
from linter.model import Fact, Inspection, Location, Notice
from linter.references import MASK, mask

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from linter.knowledge import Knowledge
    from linter.model import Artifact

STATEMENTS_LIMIT = 500
RESOURCES_LIMIT = 1000
_POLICY_DEPTH = 2


def inspect(artifact: Artifact, data: bytes, knowledge: Knowledge) -> Inspection:
    """An `s3.grant` for each place that a statement about reading names, an `iam.role` for each role of a template.

    A file that is neither gives nothing.
    """
    try:
        source = Source(artifact.path, data)
        document = load_document(source.text, format="json" if artifact.path.lower().endswith("json") else "yaml")
    except (NotText, DocumentError):
        notice = Notice("policy-unread", "not read as a policy: it is no plain JSON or YAML", artifact.path)
        return Inspection(notices=(notice,))
    reading = knowledge.get("data_words.reading_actions")
    facts = role_facts(document, artifact.path)
    for pointer, statement in _statements(document.value):
        location = Location(artifact.path, document.span(pointer))
        facts += [Fact("s3.grant", location, fields) for fields in _grants(statement, reading)]
    return Inspection(tuple(facts[:RESOURCES_LIMIT]))


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
