"""Names in the cloud: one module parses each kind.

The parsers are pure: a text goes in, a frozen result comes out, nothing is raised and nothing is looked up. All first
mask what is not a literal part of the name. A masked part keeps its length, so offsets hold in the text.
"""

from __future__ import annotations

import re

from linter.lazy import compiled
from linter.model import UNKNOWN

MASK = "\ue000"
"""Stands for each character of a placeholder. From the private use area: no name in the cloud may contain it."""

READ_AT_MOST = 4096
"""Characters of a text that are parsed. No name in the cloud is half as long; the rest would only cost time."""

# What templates and half-resolved expressions look like. Every repetition has a bound, so hostile text stays cheap.
_TEMPLATE = compiled(
    r"\$?\{\{[^{}]{0,200}\}\}"  # {{ jinja }}, ${{ actions }}
    r"|\$\{[^{}]{0,200}\}"  # ${shell}, ${AWS::Region}
    r"|\{[^{}/]{0,200}\}"  # {format}
    r"|\$\([^()]{0,200}\)"  # $(command)
    r"|\$[A-Za-z_][A-Za-z0-9_]{0,99}"  # $NAME
    r"|<[^<>\n]{1,200}>"  # <bucket>
    r"|\[[A-Za-z][A-Za-z0-9_ -]{0,60}\]"  # [bucket]
    r"|%\([A-Za-z0-9_]{1,60}\)s|%s"  # %(name)s
    r"|%[A-Z_]{4,60}%"  # %NAME%
    r"|@{1,2}[A-Z][A-Z0-9_]{1,60}@{1,2}|__[A-Z][A-Z0-9_]{0,60}__"  # @NAME@, __NAME__
    r"|\.{3,}|\u2026"  # ...
)

# Words that samples leave for the reader to replace; the whole token around such a word is masked.
_WORD = compiled(
    r"replace[-_ ]?(?:me|this|with)(?![a-z])"
    r"|change[-_]?me(?![a-z])"
    r"|(?<![a-z0-9])(?:your|yours)[-_ ][a-z]"
    r"|(?<![a-z0-9])(?:insert|enter)[-_ ](?:your|here)"
    r"|(?<![a-z0-9])x{3,64}(?![a-z0-9])",
    re.IGNORECASE,
)
_WHOLE_WORD = compiled(
    r"(?<![A-Za-z0-9_-])(?:TODO|FIXME|TBD|PLACEHOLDER|aws_account_id|account[-_]?id)(?![A-Za-z0-9_-])"
)
# One of these stands in every text that the patterns above match: most names hold none, and need no search.
_TEMPLATE_SIGNS = ("{", "$", "<", "[", "%", "@", "__", "...", "\u2026")
_WORD_SIGNS = (
    *("replace", "change", "your", "insert", "enter", "xxx"),
    *("todo", "fixme", "tbd", "placeholder", "account"),
)
_TOKEN = compiled(r"[A-Za-z0-9_-]")


def mask(text: str) -> str:
    """The text with every character of a placeholder replaced by `MASK`; as long as the text (or `READ_AT_MOST`)."""
    head = text[:READ_AT_MOST]
    if any(sign in head for sign in _TEMPLATE_SIGNS):
        head = _TEMPLATE.sub(_blot, head)
    lower = head.lower()
    if not head.isascii() or any(sign in lower for sign in _WORD_SIGNS):
        for pattern in (_WORD, _WHOLE_WORD):
            head = _mask_tokens(head, pattern)
    return head


def literal(text: str, masked: str, start: int, end: int) -> str:
    """The characters of a range, or "unknown" when a placeholder stands in it."""
    return UNKNOWN if MASK in masked[start:end] else text[start:end]


def _blot(match: re.Match[str]) -> str:
    return MASK * len(match[0])


def _mask_tokens(text: str, pattern: re.Pattern[str]) -> str:
    pieces, done = [], 0
    for match in pattern.finditer(text):
        start, end = match.span()
        if start < done:
            continue
        while start > done and _TOKEN.match(text[start - 1]):
            start -= 1
        while end < len(text) and _TOKEN.match(text[end]):
            end += 1
        pieces.append(text[done:start] + MASK * (end - start))
        done = end
    return "".join(pieces) + text[done:]
