"""Reads bucket policies and templates that create roles: whom they let do what. They are evidence; AWS is not asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.document import DocumentError, load_document
from linter.inspect.bucket_policies import policy_facts, template_facts
from linter.inspect.iam_roles import role_facts
from linter.inspect.text import NotText, Source
from linter.model import Inspection, Notice

if TYPE_CHECKING:
    from linter.knowledge import Knowledge
    from linter.model import Artifact

RESOURCES_LIMIT = 1000


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
    facts = [
        *role_facts(document, artifact.path),
        *template_facts(document, artifact.path, knowledge),
        *policy_facts(document.value, None, document, artifact.path, knowledge),
    ]
    return Inspection(tuple(facts[:RESOURCES_LIMIT]))
