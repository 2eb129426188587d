"""Templates that are no JSON or YAML before something fills them in: their tags become blanks, so that the rest reads.

`{% if … %}`, `{# … #}` of Jinja, `{{ if … }}` of Go and Helm, `<% … %>` of ERB, `%{ if … }` of Terraform. Of a
condition the first branch is kept; what a loop repeats is read once. All that is left stays where it stands.
"""

from __future__ import annotations

import re

_TAG = re.compile(
    r"\{#(?:[^#]|#(?!\})){0,500}+#\}"
    r"|\{%[-+~]?\s*(?P<jinja>\w*)(?:[^%\n]|%(?!\})){0,200}+%\}"
    r"|\{\{-?\s*(?P<go>if|else|end|range|with|define|block|template|include)\b[^{}\n]{0,500}+\}\}"
    r"|\{\{-?\s*/\*(?:[^*]|\*(?!/)){0,500}+\*/\s*-?\}\}"
    r"|<%-?\s*(?P<erb>(?!=)\w*)(?:[^%\n]|%(?!>)){0,200}+%>"
    r"|%\{\s*(?P<terraform>if|else|endif|for|endfor)\b[^{}\n]{0,500}+\}"
)
_OPENS = frozenset({"if", "unless", "for", "range", "with", "define", "block", "raw", "macro", "filter", "call"})
_BRANCHES = frozenset({"else", "elif", "elsif"})
_BEGINNINGS = ("{%", "{#", "{{", "<%", "%{")
_MOST = 2_000
"""Tags of one text; a text with more is left as it is."""
_OUTSIDE_LINES = re.compile(r"[^\n]")


def without_tags(text: str) -> str:
    """The same text, as long as before, with blanks for the tags and for all branches but the first."""
    if sum(text.count(beginning) for beginning in _BEGINNINGS) > _MOST:
        return text
    gone: list[tuple[int, int]] = []
    opened: list[int | None] = []
    """For each open block, where its second branch begins."""
    for tag in _TAG.finditer(text):
        word = next((group for group in tag.groups() if group), "")
        gone.append(tag.span())
        if word in _OPENS:
            opened.append(None)
        elif word in _BRANCHES and opened and opened[-1] is None:
            opened[-1] = tag.end()
        elif word.startswith("end") and opened:
            second = opened.pop()
            if second is not None:
                gone.append((second, tag.start()))
    parts, at = [], 0
    for start, end in sorted(gone):
        if end <= at:
            continue
        start = max(start, at)
        parts += [text[at:start], _OUTSIDE_LINES.sub(" ", text[start:end])]
        at = end
    return "".join([*parts, text[at:]])
