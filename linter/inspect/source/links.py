"""Which other files a source loads, and in which package of which program it stands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from linter.inspect.source.calls import is_at_top
from linter.inspect.source.masking import mask
from linter.model import Fact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linter.inspect.text import Source
    from linter.knowledge import Knowledge

LINKS_LIMIT = 200


def file_fact(source: Source, language: str, knowledge: Knowledge) -> Fact | None:
    """The `source.file` of a source; None for one that says nothing of other files."""
    entry: Mapping[str, Any] = knowledge.get(f"other_languages.languages.{language}")
    if not ("links" in entry or "main" in entry):
        return None
    text = mask(source.text, *[entry.get(name, ()) for name in ("line", "block", "quotes", "long_quotes")])
    links: list[dict[str, Any]] = []
    for found in re.finditer(entry["links"]["call"], text.without_comments) if "links" in entry else ():
        if len(links) >= LINKS_LIMIT:
            break
        start = found.start()
        if text.code[start : start + 3] != source.text[start : start + 3]:
            continue  # it stands in a text
        before = text.code[text.code.rfind("\n", 0, start) + 1 : start]
        line = source.position(start)[0]
        links.append({"target": found.group(1), "line": line, "top_level": is_at_top(text, start, before)})
    package = re.search(entry["package"], text.code, re.MULTILINE) if "package" in entry else None
    main = "main" in entry and re.search(entry["main"], text.code, re.MULTILINE) is not None
    if not (links or main or package):
        return None
    fields = {"language": language, "links": links, "package": package.group(1) if package else None, "main": main}
    return Fact("source.file", source.location(0, 0), fields)
