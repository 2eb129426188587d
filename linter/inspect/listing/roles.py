"""Which function reads a value of which role; the roles stand beside the shapes in the table `listing`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.inspect.listing import links, options, pricing, texts
from linter.inspect.listing.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from linter.inspect.listing.changes import Change
    from linter.inspect.manifest.request import Node

    Builder = Callable[[Reading, Change, Node, str], None]

__all__ = ["BUILDERS", "Reading"]

_TEXTS = ("title", "short_description", "long_description", "highlight", "usage", "release_notes")
_ARNS = ("model_package_arn", "algorithm_arn", "access_role_arn")
_LINKS = ("notebook_link", "repository_link", "logo_link", "licence_link", "sample_link", "link")
_TYPES = ("realtime_type", "transform_type", "training_type", "unwanted_training_type")

BUILDERS: Mapping[str, Builder] = {
    **dict.fromkeys(_TEXTS, texts.text_fact),
    **dict.fromkeys(_ARNS, links.arn_fact),
    **dict.fromkeys(_LINKS, links.link_fact),
    **dict.fromkeys(_TYPES, options.instance_type_fact),
    **dict.fromkeys(("sample_input", "sample_output"), options.sample_fact),
    **dict.fromkeys(("rate", "grant"), pricing.rate_fact),
    **dict.fromkeys(("usage_term", "trial_term"), pricing.term_fact),
    "version": options.version_fact,
    "option": options.option_fact,
    "pricing": pricing.pricing_fact,
    "licence": pricing.licence_fact,
}
