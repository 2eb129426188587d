"""What a server of an nginx configuration does with a request: passes it on, answers it, or refuses it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from linter.inspect.nginx.locations import find, is_handler, named, pattern_of, unread

if TYPE_CHECKING:
    from linter.inspect.nginx.regex import Matcher
    from linter.inspect.nginx.syntax import Directive

PASSED, STATIC, BLOCKED, UNKNOWN = "passed", "static", "blocked", "unknown"

MAX_JUMPS = 10
"""nginx gives up after this many internal redirects, too."""

# Handlers that are programs of their own: what they answer cannot be read from the configuration.
_PROGRAMS = (
    "content_by_lua",
    "rewrite_by_lua",
    "access_by_lua",
    "js_content",
    "perl",
    "passenger_enabled",
    "echo_exec",
)
_ANSWERS = frozenset(("stub_status", "empty_gif", "echo", "mp4", "flv"))
_DECISIVE = frozenset(("return", "rewrite", "break", "deny", "allow", "root", "alias", "try_files", "auth_basic"))
_PATH_VARIABLES = frozenset(("$uri", "$document_uri"))
_ELSEWHERE = ("http://", "https://", "$scheme")
# A pattern that stands for a path and what follows it: `^/invocations(.*)$`.
_SIMPLE = re.compile(r"\^?([\w/.-]*)(?:\((?:\.\*|\.\+|/?\.\*\??)\))?\$?")
_CONDITION = re.compile(r"\(\s*(\$\w+)\s+(!?=|!?~\*?)\s+([^\n]{0,300}?)\s*\)")


class Request(NamedTuple):
    method: str
    path: str
    matches: Matcher
    origin: str = ""
    """The path that the client asked for, when nginx itself sent the request on to `path`."""
    moved: bool = False
    """Whether it did so by another location (`try_files`, `rewrite … last`), which `internal` permits."""
    renamed: bool = False
    """Whether `path` is what a `rewrite … break` made of it in the location that handles it."""
    kept: str = ""
    """The path that goes on unchanged where `path` is the name of a location (`@…`)."""

    @property
    def uri(self) -> str:
        """The path under which the request goes on."""
        return self.kept if self.path.startswith("@") else self.path


class Outcome(NamedTuple):
    """What becomes of a request. `place` is the block that handles it (a location, or the server itself), `handler` the
    directive that passes it on, `sent` the path under which it does."""

    verdict: str
    place: Directive
    handler: Directive | None = None
    sent: str | None = None


class Stop(NamedTuple):
    """The request ends. `code` is the status that nginx itself answers, where it does."""

    verdict: str
    code: str = ""
    handler: Directive | None = None
    sent: str | None = None


class Move(NamedTuple):
    """The request goes on under another path, or in the location of that name (`@…`)."""

    path: str


class Kept(NamedTuple):
    """The request stays in its place, under another path."""

    path: str


def evaluate(server: Directive, request: Request) -> Outcome:
    """What a server block (or a file of bare locations) does with a request."""
    request = request._replace(origin=request.path)
    place, step = server, _rewrite(server, request)[1]
    if isinstance(step, Stop):
        return _outcome(step, place)
    if isinstance(step, Move | Kept):
        request = request._replace(path=step.path)
    for _ in range(MAX_JUMPS):
        place, stop = _place(server, request)
        step = stop or _serve(place, request)
        if isinstance(step, Stop):
            return _outcome(step, place)
        request = request._replace(path=step.path, moved=True, kept=request.uri)
    return Outcome(BLOCKED, place)


def nearest(place: Directive, *names: str) -> list[Directive]:
    """The directives of these names in `place`, or in the innermost block around it that has any: nginx inherits so."""
    for block in (place, *place.ancestors()):
        if found := list(block.children(*names)):
            return found
    return []


def _outcome(stop: Stop, place: Directive) -> Outcome:
    """The answer, unless an `error_page` may turn a refusal into something else."""
    if stop.verdict == BLOCKED and stop.code:
        for page in nearest(place, "error_page"):
            words = [word.text for word in page.args]
            replaced = any(word.startswith("=") for word in words) or (words[-1:] and words[-1].startswith("@"))
            if stop.code in words and replaced:
                return Outcome(UNKNOWN, place)
    return Outcome(stop.verdict, place, stop.handler, stop.sent)


def _place(server: Directive, request: Request) -> tuple[Directive, Stop | None]:
    """The block that handles a path or the name of a location."""
    if request.path.startswith("@"):
        location = named(server, request.path)
        return (location, None) if location else (server, Stop(UNKNOWN))
    found = find(server, request.path, request.matches)
    place = found.location or server
    if not found.certain:
        return place, Stop(UNKNOWN)
    return place, Stop(BLOCKED, "301") if found.redirected else None


def _serve(location: Directive, request: Request) -> Stop | Move:
    """What a location does with a request, in the order of nginx's phases."""
    if not request.moved and nearest(location, "internal"):
        return Stop(BLOCKED, "404")
    if unread(location) and not next(filter(is_handler, location.block or ()), None):
        return Stop(UNKNOWN)
    if _excepted(location, request):  # as if in a location of its own, without the rewriting of this one
        return _access(location, request) or _content(location, location, request)
    block, step = _rewrite(location, request)
    if isinstance(step, Kept):
        request, step = request._replace(path=step.path, renamed=True), None
    return step or _access(location, request) or _content(block, location, request)


# -- rewriting ---------------------------------------------------------------------------------------------------------


def _rewrite(block: Directive, request: Request) -> tuple[Directive, Stop | Move | Kept | None]:
    """Run `return`, `rewrite`, `if` and `break` of a block. Gives the block whose handler counts: an `if` may be it."""
    handling, path, changed = block, request.uri, False
    for directive in block.block or ():
        step: Stop | Move | Kept | None = None
        if directive.name == "break":
            return handling, Kept(path) if changed else None
        if directive.name == "return":
            step = _return(directive)
        elif directive.name == "rewrite":
            step = _rewritten(directive, request._replace(path=path))
        elif directive.name == "if" and directive.block is not None:
            truth = _condition(directive, request._replace(path=path))
            if truth is None and (_decisive(directive) or block.first("try_files")):
                return handling, Stop(UNKNOWN)
            if truth:
                handling, step = _rewrite(directive, request._replace(path=path))
                if step is None and any(directive.children("break")):
                    return handling, None
        if isinstance(step, Move) and directive.name == "rewrite":
            flag = directive.arg(2)
            if flag == "break":
                return handling, Kept(step.path)
            if flag == "last":
                return handling, _known(step)
            path, changed = step.path, True
            if "$" in path:
                return handling, Stop(UNKNOWN)
        elif step is not None:
            return handling, step
    return handling, Move(path) if changed else None


def _decisive(block: Directive) -> bool:
    """Whether an `if` changes what becomes of a request, and not only its headers or variables."""
    return any(child.name in _DECISIVE or is_handler(child) for child in block.block or ())


def _return(directive: Directive) -> Stop:
    value = directive.arg()
    if len(directive.args) == 1 and value.startswith(_ELSEWHERE):
        return Stop(BLOCKED, "302")
    if not value.isdecimal():
        return Stop(UNKNOWN)
    return Stop(STATIC) if value.startswith("2") else Stop(BLOCKED, value)


def _rewritten(directive: Directive, request: Request) -> Stop | Move | None:
    """Where a `rewrite` sends the path; None when it does not match."""
    pattern, target, flag = directive.arg(0), directive.arg(1), directive.arg(2)
    fits = None if directive.words[1:2] and directive.words[1].templated else request.matches(pattern, request.path)
    if fits is None:
        return Stop(UNKNOWN)
    if not fits:
        return None
    if flag in ("redirect", "permanent") or target.startswith(_ELSEWHERE):
        return Stop(BLOCKED, "302")
    return Move(_filled(pattern, target.partition("?")[0], request.path))


def _filled(pattern: str, target: str, path: str) -> str:
    """A target with what its `$1` stands for, as far as the pattern is a simple one."""
    simple = _SIMPLE.fullmatch(pattern)
    if "$1" not in target or simple is None or "(" not in pattern or not path.startswith(simple.group(1)):
        return target
    rest = path[len(simple.group(1)) :]
    return target.replace("$1", rest)


def _known(step: Move) -> Stop | Move:
    return Stop(UNKNOWN) if "$" in step.path else step


def _condition(directive: Directive, request: Request) -> bool | None:
    """Whether the condition of an `if` holds for the request. None when that depends on more than method and path."""
    found = _CONDITION.fullmatch(" ".join(word.text for word in directive.args))
    if not found:
        return None
    variable, operator, value = found.groups()
    if variable == "$request_method":
        actual = request.method
    elif variable == "$request_uri":
        actual = request.origin
    elif variable in _PATH_VARIABLES:
        actual = request.uri
    else:
        return None
    same: bool | None
    if "~" in operator:
        same = request.matches(value, actual, operator.endswith("*"))
    else:
        same = None if "$" in value else actual == value
    return same if same is None or not operator.startswith("!") else not same


# -- access and content ------------------------------------------------------------------------------------------------


def _access(location: Directive, request: Request) -> Stop | None:
    """The refusal of a request, if the location refuses it."""
    refusal = None
    for limit in _excepted(location, request):
        refusal = _allowed(list(limit.children("allow", "deny")))
    refusal = refusal or _allowed(nearest(location, "allow", "deny"))
    if refusal and any(rule.arg() == "any" for rule in nearest(location, "satisfy")):
        return Stop(UNKNOWN)
    if not refusal and any(rule.arg() != "off" for rule in nearest(location, "auth_request")):
        return Stop(UNKNOWN)
    return refusal


def _excepted(location: Directive, request: Request) -> list[Directive]:
    """The `limit_except` blocks that hold for the request's method."""
    limits = location.children("limit_except")
    return [limit for limit in limits if request.method not in (word.text.upper() for word in limit.args)]


def _allowed(rules: list[Directive]) -> Stop | None:
    """What `allow` and `deny` say to a client of unknown address; the first rule that fits counts."""
    doubtful = False
    for rule in rules:
        if rule.arg() != "all":
            doubtful = True
        elif rule.name == "allow":
            return Stop(UNKNOWN) if any(r.name == "deny" for r in rules[: rules.index(rule)]) else None
        else:
            return Stop(UNKNOWN) if doubtful else Stop(BLOCKED, "403")
    return Stop(UNKNOWN) if any(rule.name == "deny" for rule in rules) else None


def _content(block: Directive, location: Directive, request: Request) -> Stop | Move:
    """What answers: a program inside nginx, `try_files`, another server, nginx itself, or a file."""
    inside = block.block or []
    if any(child.name.startswith(_PROGRAMS) for child in (*inside, *(location.block or ()))):
        return Stop(UNKNOWN)
    tries = block.first("try_files")  # an `if` that holds does not inherit it
    if tries is not None and tries.args:
        return _try_files(tries.args[-1].text, location, request)
    handler = next(filter(is_handler, inside), None) or next(filter(is_handler, location.block or ()), None)
    if handler is not None and location.name in ("location", "if"):
        return Stop(PASSED, handler=handler, sent=_sent(handler, location, request))
    if any(child.name in _ANSWERS for child in inside):
        return Stop(STATIC)
    return _file(location, request)


def _sent(handler: Directive, location: Directive, request: Request) -> str:
    """The path under which a request is passed on: a URI behind the host replaces what the location matched."""
    if "$" in request.uri:
        return UNKNOWN
    target = handler.arg().partition("://")[2] or handler.arg()
    uri = target.partition(":")[2].partition(":")[2] if target.startswith("unix:") else _from_slash(target)
    if handler.name != "proxy_pass" or not uri or request.renamed:
        return request.uri
    pattern = pattern_of(location)
    if "$" in target or pattern.kind not in ("prefix", "final", "exact") or not request.uri.startswith(pattern.text):
        return UNKNOWN
    return (uri + request.uri[len(pattern.text) :]).partition("?")[0]


def _from_slash(target: str) -> str:
    at = target.find("/")
    return target[at:] if at >= 0 else ""


def _try_files(last: str, location: Directive, request: Request) -> Stop | Move:
    """What the last argument of `try_files` says, no file being there under the path of a route."""
    if last.startswith("="):
        return _file(location, request)
    return _known(Move(last.partition("?")[0])) if not last.startswith("@") else Move(last)


def _file(location: Directive, request: Request) -> Stop:
    """A file may answer a GET; nginx refuses a POST to one. Its default folder holds no routes."""
    if request.method != "GET":
        return Stop(BLOCKED, "405")
    declared = location.first("alias") or nearest(location, "root")
    return Stop(STATIC) if declared else Stop(BLOCKED, "404")
