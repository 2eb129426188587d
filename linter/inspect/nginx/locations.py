"""Which `location` of a server handles a path, by nginx's own order of search."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from linter.inspect.nginx.regex import Matcher
    from linter.inspect.nginx.syntax import Directive

HARMLESS_INCLUDES = ("mime.types", "_params", "fastcgi.conf")
"""Endings of the files that nginx itself brings along: they hold types and parameters, never locations."""


class Pattern(NamedTuple):
    """What a `location` matches. `kind` is exact, prefix, final (a prefix that bars regexes), regex, iregex, named or
    unknown."""

    kind: str
    text: str


class Found(NamedTuple):
    """`location` handles the path (None: only the server itself). `redirected`: nginx answers with a redirect to the
    same path with `/` at its end. `certain` is false when something that was not read might take the path first."""

    location: Directive | None
    redirected: bool = False
    certain: bool = True
    final: bool = False


def pattern_of(location: Directive) -> Pattern:
    """What the arguments of a `location` mean, with the modifier as its own word or glued to the pattern."""
    args = location.args
    if not 1 <= len(args) <= 2 or any(word.templated for word in args):
        return Pattern("unknown", "")
    modifier, text = (args[0].text, args[1].text) if len(args) == 2 else _split(args[0].text)
    kinds = {"": "prefix", "=": "exact", "^~": "final", "~": "regex", "~*": "iregex", "@": "named"}
    return Pattern(kinds.get(modifier, "unknown"), text)


def _split(text: str) -> tuple[str, str]:
    for modifier in ("^~", "~*", "~", "=", "@"):
        if text.startswith(modifier):
            return modifier, text if modifier == "@" else text[len(modifier) :]
    return "", text


def is_handler(directive: Directive) -> bool:
    """Whether the directive passes requests on to another server (`proxy_pass`, `uwsgi_pass`, `grpc_pass` …)."""
    return directive.name.endswith("_pass") and directive.block is None


def unread(block: Directive) -> bool:
    """Whether a block includes a file, or has a template's placeholder, that may stand for locations and handlers."""
    included = any(not include.arg().endswith(HARMLESS_INCLUDES) for include in block.children("include"))
    return included or block.holds_placeholder


def named(server: Directive, name: str) -> Directive | None:
    """The location `@name` of a server."""
    return next((loc for loc in server.children("location") if pattern_of(loc) == ("named", name)), None)


def find(block: Directive, path: str, matches: Matcher) -> Found:
    """The location below a server (or location) that handles a path without query, as nginx would choose it."""
    known = [(pattern_of(loc), loc) for loc in block.children("location") if loc.block is not None]
    certain = not unread(block) and all(pattern.kind != "unknown" for pattern, _ in known)
    for pattern, location in known:
        if pattern == ("exact", path):
            return Found(location, final=True)
    prefixes = [(pattern, loc) for pattern, loc in known if pattern.kind in ("prefix", "final")]
    if not any(pattern.text == path for pattern, _ in prefixes):
        for pattern, location in known:
            slashed = pattern.kind in ("exact", "prefix", "final") and pattern.text == f"{path}/"
            if slashed and any(map(is_handler, location.block or ())):
                return Found(location, redirected=True, certain=certain, final=True)
    fitting = [(len(pattern.text), pattern, loc) for pattern, loc in prefixes if path.startswith(pattern.text)]
    best: Directive | None = None
    regexes = True
    if fitting:
        _, pattern, best = max(fitting, key=lambda item: item[0])
        regexes = pattern.kind != "final"
        inner = find(best, path, matches)
        certain &= inner.certain
        if inner.final:
            return inner._replace(certain=certain)
        best = inner.location or best
    chosen = _by_regex(known, path, certain, matches) if regexes else None
    return chosen or Found(best, certain=certain)


def _by_regex(known: list[tuple[Pattern, Directive]], path: str, certain: bool, matches: Matcher) -> Found | None:
    for pattern, location in known:
        if pattern.kind not in ("regex", "iregex"):
            continue
        fits = matches(pattern.text, path, pattern.kind == "iregex")
        if fits is None:
            return Found(location, certain=False)
        if fits:
            inner = find(location, path, matches)
            return Found(inner.location or location, inner.redirected, certain and inner.certain, True)
    return None
