"""Makes text harmless for the place where it is shown. All that comes from an inspected file is taken for hostile."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

_JOINERS = "\u200c\u200d"  # zero-width, but needed to write emoji and several scripts
_SPECIAL = re.compile(r"[\x00-\x1f\x7f-\xa0\xad]|[^\x00-\xff]")
_MARKDOWN = re.compile(r"[\\`*_{}\[\]()#|~$!^]")
_MARKDOWN_START = re.compile(r"^([-+=]|\d+(?=[.)]))")
_LINK_START = re.compile(r"(?<=\w):(?=//)|(?<=www)\.|@", re.IGNORECASE)
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}


def terminal_safe(text: str, keep: str = "") -> str:
    """`text` with every character spelled out (`\\x1b`, `\\u202e`) that could steer a terminal or hide other text.

    These are control characters (line ends and tabs too, unless they stand in `keep`), formatting characters such as
    those for writing direction and tags, line separators, private use, and lone halves of surrogate pairs.
    """
    return _SPECIAL.sub(lambda found: found[0] if found[0] in keep else visible(found[0]), text)


def visible(char: str) -> str:
    """One character as it may be shown: itself, or spelled out."""
    if char in _JOINERS or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"):
        return char
    short = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(char)
    if short:
        return short
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def one_line(text: str) -> str:
    """`text` on one line: white space becomes single blanks, and the rest is made safe for a terminal."""
    return terminal_safe(" ".join(text.split()))


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, with `…` in place of what was cut off."""
    return text if len(text) <= limit else text[: max(limit - 1, 0)].rstrip() + "…"


def markdown_safe(text: str) -> str:
    """`text` as one line of Markdown that shows just this text: no markup, no HTML, no link, no table border."""
    text = _MARKDOWN.sub(r"\\\g<0>", one_line(text))
    text = _LINK_START.sub(r"\\\g<0>", text)
    # A digit cannot be escaped; the dot behind it can.
    text = _MARKDOWN_START.sub(lambda m: f"{m[1]}\\" if m[1].isdigit() else f"\\{m[1]}", text)
    return re.sub(r"[&<>\"']", lambda found: _HTML[found[0]], text)


def markdown_code(text: str) -> str:
    """`text` in type of equal width. By HTML, since a code span cannot hold every text, least of all in a table."""
    return f"<code>{markdown_safe(terminal_safe(text))}</code>"


def markdown_prose(text: str) -> str:
    """As `markdown_safe`, but what stands between backquotes is set as code."""
    parts = one_line(text).split("`")
    if len(parts) % 2 == 0:  # one without a partner
        return markdown_safe(text)
    return "".join(markdown_code(part) if number % 2 else _inner(part) for number, part in enumerate(parts))


def _inner(text: str) -> str:
    """`markdown_safe` with the blanks at both ends, which hold it apart from its neighbours."""
    blank = " " if text[:1] == " " else ""
    return f"{blank}{markdown_safe(text)}{' ' if text.strip() and text[-1] == ' ' else ''}"


def command_text(text: str) -> str:
    """The text of a GitHub workflow command. Line ends stay line ends, in the runner's own spelling."""
    text = terminal_safe(text.replace("\r\n", "\n"), keep="\n")
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def command_property(text: str, *, exact: bool = False) -> str:
    """A property of a GitHub workflow command; `exact` for names of files, in which nothing may be spelled anew."""
    if not exact:
        text = terminal_safe(text)
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A").replace(":", "%3A").replace(",", "%2C")
    return terminal_safe(text)


def message_safe(text: str) -> str:
    """A SARIF message: safe for a terminal, and without the `[text](target)` that viewers turn into links."""
    return terminal_safe(text.replace("\r\n", "\n"), keep="\n\t").replace("](", "] (")


def json_safe(text: str) -> str:
    """JSON that is safe for a terminal and says the same: what could steer one is spelled as JSON does (`\\u202e`)."""
    return _SPECIAL.sub(lambda found: found[0] if visible(found[0]) == found[0] else _json_escape(found[0]), text)


def _json_escape(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def valid_text(text: str) -> str:
    """`text` without lone surrogates, which JSON readers refuse; nothing else is changed."""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace") if _surrogate(text) else text


def uri_path(path: str) -> str:
    """A path, with `/` between its parts, as a URI reference. Names that are not UTF-8 keep their bytes."""
    try:
        data = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        data = path.encode("utf-8", "replace")
    return ("file://" if path.startswith("/") else "") + quote(data, safe="/")


def _surrogate(text: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in text)
