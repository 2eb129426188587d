"""Terraform's own language is not read: a notice says so where a file would create what is sold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from linter.inspect.text import NotText, Source
from linter.lazy import compiled
from linter.model import Inspection, Notice

if TYPE_CHECKING:
    from linter.knowledge import Knowledge
    from linter.model import Artifact

_MOST = 10
"""Resources of one file that are told of."""
_CREATES = compiled(
    r'^[ \t]*resource[ \t]+"?(awscc_sagemaker_model_package)"?[ \t]+"?[\w-]+"?[ \t]*\{'
    r"|:sagemaker:(createModelPackage|createAlgorithm)\b",
    re.MULTILINE,
)


def inspect(artifact: Artifact, data: bytes, knowledge: Knowledge) -> Inspection:
    """A notice for each resource that creates a model package, and for each state of a machine that does."""
    try:
        source = Source(artifact.path, data)
    except NotText as reason:
        return Inspection(notices=(Notice("not-text", f"this file was not read: {reason}", artifact.path),))
    notices = []
    for found in list(_CREATES.finditer(source.text))[:_MOST]:
        number = found.lastindex or 0
        message = (
            f"the request of `{found.group(number)}` was not checked, since Terraform's own language is not read; "
            "check the plan instead: `terraform show -json <plan> > plan.json`"
        )
        notices.append(Notice("terraform-unread", message, artifact.path, source.span(*found.span(number)), "warning"))
    return Inspection(notices=tuple(notices))
