"""Content types that requests declare, held against those that the code compares the type of a request with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.model import UNKNOWN, Fact

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from linter.assemble.python.modules import Module
    from linter.assemble.python.web import Web

_DECLARED = "SupportedContentTypes"
_SHOWN = 8
"""Types that are named in a message."""


def content_facts(web: Web, declared: Sequence[Fact]) -> Iterator[Fact]:
    """`server.media_type` for each content type that a request declares, when code of the image asks for types."""
    asked = [(fact, module) for fact, module in web.facts if fact["step"] == "content"]
    known = [(fact, module) for fact, module in asked if _runs(web, fact, module)]
    if not known:
        return
    exact = {_bare(text) for fact, _ in known for text in fact["settings"]["exact"]}
    parts = {text.lower() for fact, _ in known for text in fact["settings"]["parts"]}
    rejects = any(fact["settings"]["rejects"] for fact, _ in known)
    types = sorted(each for each in exact if "/" in each)
    for fact in declared:
        if fact["member"] != _DECLARED or fact["value"] == UNKNOWN or not types:
            continue
        bare = _bare(fact["value"])
        handled = bare in exact or any(part in bare for part in parts) or "*" in bare
        handled = handled or any(text.endswith("/*") and bare.startswith(text[:-1]) for text in exact)
        fields = {
            "value": fact["value"],
            "handled": "yes" if handled else "no" if rejects else UNKNOWN,
            "types": ", ".join(types[:_SHOWN]),
            "marketplace": fact["marketplace"],
        }
        yield Fact("server.media_type", fact.location, fields, dict(fact.spans), elsewhere=fact.elsewhere)


def _runs(web: Web, fact: Fact, module: Module) -> bool:
    run = web.run(module, fact["part"])
    return run.reached and run.scope == "container"


def _bare(text: str) -> str:
    return text.partition(";")[0].strip().lower()
