"""Where a call goes: what its deciding argument says, judged by the table `network_apis`.

A value is plain JSON: a literal, a list, or an object that says what is not known yet (`{}`: nothing is). The inspector
judges what the file shows; `assemble` judges once more when it has filled in what other files say.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.lazy import compiled
from linter.references.host import is_elsewhere, is_this_machine

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from linter.knowledge import Knowledge
    from linter.references.apis import Api, Argument

REMOTE, HUB, LOOPBACK, UNIX, LOCAL, NONE, PEER, UNKNOWN = (
    *("remote", "hub", "loopback", "unix", "local", "none", "peer", "unknown"),
)
OUTSIDE = (REMOTE, HUB)
"""Destinations that take a network."""
HOLE = "\ue001"
"""Stands in a text for a part that is not known. From the private use area."""
TOLD = "told"
"""Form of a value that publishing code gives to the program: the name that it is given by. The value is not known."""
ANY_KEY = "*"
"""Among the members of a mapping: that for any other key."""
SPREAD = "**"
"""Among keyword arguments: a mapping of which other files, or the callers, tell the members."""
ABSENT = object()
"""An argument that a call does not give."""
ALTERNATIVES = 16
"""Values that one argument may have before it counts as not known."""
NESTING = 40
"""Levels of a value that are looked at."""

_SCHEME = compiled(r"([A-Za-z][A-Za-z0-9+.-]{0,30})(?:\+[a-z0-9]{1,20})?:(//)?([^/?#\s]*)")
_HOST_PORT = compiled(r"^(\[[0-9A-Fa-f:.%]+\]|[^:/\s]*)(?::[\d\ue001]{1,5})?(?:/.*)?$")
_ANY_WORD = "x"
"""Stands for an unknown part of a name."""
_SHOWN = 120
_CHAIN = "::"
_VIRTUAL = "/vsi"


class Arguments(NamedTuple):
    """The arguments of a call as values. `spread`: `*args` or `**kwargs` may give more."""

    positional: tuple[Any, ...] = ()
    keywords: Mapping[str, Any] = {}
    spread: bool = False

    def get(self, argument: Argument) -> Any:
        """The value of an argument, or ABSENT; `{}` when it may come from `*args` or `**kwargs`."""
        if argument.keyword is not None and argument.keyword in self.keywords:
            return self.keywords[argument.keyword]
        if argument.at is not None and -len(self.positional) <= argument.at < len(self.positional):
            return self.positional[argument.at]
        return {} if self.spread else ABSENT

    def keyword(self, name: str) -> Any:
        """The value of a keyword that is given."""
        return self.keywords[name]

    def having(self, argument: Argument, value: Any) -> Arguments:
        """The same with another value for an argument that is given."""
        if argument.keyword is not None and argument.keyword in self.keywords:
            return type(self)(self.positional, {**self.keywords, argument.keyword: value}, self.spread)
        positional = (value if number == argument.at else each for number, each in enumerate(self.positional))
        return type(self)(tuple(positional), self.keywords, self.spread)


class Verdict(NamedTuple):
    """Where a call goes, and what it is seen to go to: a URL, a host, a hub id; None when that has no name."""

    destination: str
    target: str | None = None


class Judge:
    """Judges destinations by the knowledge."""

    def __init__(self, knowledge: Knowledge) -> None:
        network, apis = knowledge.get("network"), knowledge.get("network_apis")
        self.remote_schemes = frozenset(network["remote_schemes"])
        self.local_schemes = frozenset(network["local_schemes"])
        self.nearby_schemes = frozenset(network["nearby_schemes"])
        self.encrypted_schemes = frozenset(network["encrypted_schemes"])
        self.remote_prefixes = tuple(network["remote_path_prefixes"])
        self.peers = compiled(network["peer_pattern"])
        self.metadata = tuple(host for host in network["metadata_hosts"])
        hub = apis["hub"]
        self.hub_id = compiled(hub["id_pattern"])
        self.local_owners = frozenset(hub["local_owners"])
        self.aliases = frozenset(hub["bare_aliases"])
        self.weights = tuple(hub["weight_suffixes"])
        self.builders = frozenset(hub["packaged_builders"])

    def is_metadata(self, target: str | None) -> bool:
        """Whether a target is the instance's metadata or credentials service."""
        if target is None:
            return False
        found = _SCHEME.match(target)
        host = (found.group(3) if found else target).rpartition("@")[2]
        return host in self.metadata or host.rpartition(":")[0] in self.metadata

    @staticmethod
    def deciding(api: Api, arguments: Arguments) -> Any:
        """The value that decides where a call goes: of the first place that is given, else ABSENT."""
        return next((value for place in api.places if (value := arguments.get(place)) is not ABSENT), ABSENT)

    def judge(self, api: Api, arguments: Arguments) -> Verdict:
        """Where a call of an entry goes, as far as its arguments say."""
        verdict = self._verdict(api, arguments)
        if api.fetches and verdict.target is None and verdict.destination in (REMOTE, HUB):
            return Verdict(verdict.destination, api.fetches[0])
        return verdict

    def _verdict(self, api: Api, arguments: Arguments) -> Verdict:
        if api.mode == "package":
            return self._package(api, arguments)
        if api.mode in ("never", "path", "client", "command"):
            return Verdict(NONE)
        if api.mode == "peer":
            texts = [text for text in alternatives(self.deciding(api, arguments)) if isinstance(text, str)]
            return Verdict(PEER, visible(texts[0]) if texts and texts[0] != HOLE else None)
        if self.is_made_local(api, arguments):
            return Verdict(NONE)
        if api.mode == "always":
            return self._always(api, arguments)
        verdicts = []
        for place in (*((api.argument,) if api.argument else ()), *api.also):
            value = arguments.get(place)
            if place.files:
                verdicts += self._files(value)
            elif value is not ABSENT:
                verdict = self.judge_value(api, value)
                # What was loaded before may be given instead of a name.
                verdicts.append(Verdict(NONE) if api.accepts_objects and verdict == Verdict(UNKNOWN) else verdict)
            elif place.absent is not None:
                verdicts.append(Verdict(_OUTCOMES.get(place.absent, UNKNOWN)))
        if api.argument is None or arguments.get(api.argument) is ABSENT:
            decided = any(verdict.destination != NONE for verdict in verdicts)
            if not decided:
                verdicts.append(Verdict(self._absent(api)))
        return _worst(verdicts)

    def _files(self, value: Any, depth: int = 0) -> list[Verdict]:
        """Where the files are that a value names, as far as they are elsewhere."""
        if depth > NESTING:
            return []
        if isinstance(value, dict) and "dict" in value:
            value = list(value["dict"].values())
        if isinstance(value, list):
            return [verdict for each in value for verdict in self._files(each, depth + 1)]
        found = ((text, self.address(text)) for text in alternatives(value) if isinstance(text, str))
        return [Verdict(where, visible(text)) for text, where in found if where in OUTSIDE]

    def _package(self, api: Api, arguments: Arguments) -> Verdict:
        """The package that is loaded, when it is one by the form of its name; paths and objects are none."""
        value = self.deciding(api, arguments)
        texts = api.fetches if value is ABSENT else [text for text in alternatives(value) if isinstance(text, str)]
        name = next((text for text in texts if api.remote_pattern and re.search(api.remote_pattern, text)), None)
        return Verdict(LOCAL, name)

    def is_made_local(self, api: Api, arguments: Arguments) -> bool:
        """Whether a keyword says to stay offline, `local_files_only=True`, whichever of its values it has."""
        for keyword, wanted in api.local_keywords.items():
            if keyword not in arguments.keywords:
                continue
            given = alternatives(arguments.keyword(keyword))
            if all(each in wanted or ("*" in wanted and each is not None) for each in given):
                return True
        return False

    def _always(self, api: Api, arguments: Arguments) -> Verdict:
        """Calls out by itself; an address of this machine keeps it here."""
        for place in api.endpoint:
            for text in alternatives(arguments.get(place)):
                if isinstance(text, str) and (where := self._host(text).destination) in (LOOPBACK, UNIX):
                    return Verdict(where, visible(text))
        value = arguments.get(api.argument) if api.argument else ABSENT
        texts = [text for text in alternatives(value) if isinstance(text, str)]
        for text in texts:
            if text in api.local_values or (api.local_prefixes and text.startswith(api.local_prefixes)):
                return Verdict(LOCAL, visible(text))
        return Verdict(REMOTE, visible(texts[0]) if texts and texts[0] != HOLE else None)

    @staticmethod
    def _absent(api: Api) -> str:
        if api.absent is not None:
            return _OUTCOMES.get(api.absent, UNKNOWN)
        return {"default": REMOTE, "flag": NONE, "config": NONE}.get(api.mode, UNKNOWN)

    def judge_value(self, api: Api, value: Any) -> Verdict:
        """Where a call goes whose deciding argument has a value; the worst of several possible ones."""
        if api.when_told is not None and (name := told_by(value)) is not None:
            return Verdict(_OUTCOMES[api.when_told], name)
        return _worst([self._judge_one(api, one) for one in alternatives(value)])

    def _judge_one(self, api: Api, value: Any) -> Verdict:
        if isinstance(value, str | int | float | bool | None) and value in api.local_values and value is not True:
            return Verdict(LOCAL)
        if isinstance(value, str) and api.local_prefixes and value.startswith(api.local_prefixes):
            return Verdict(LOCAL, visible(value))
        if isinstance(value, str) and api.remote_pattern and re.search(api.remote_pattern, value):
            return Verdict(HUB if api.mode == "hub_id" else REMOTE, visible(value))
        if api.mode in ("flag", "default"):
            return self._switch(api, value)
        if api.mode == "host":
            return self._host(value)
        if isinstance(value, list):  # several paths or addresses
            if value:
                return self.judge_value(api, {"any": value})
            return Verdict(NONE if api.mode == "config" else UNKNOWN)  # `report_to=[]`: to nobody
        if api.mode == "config" and api.remote_values is not None and not isinstance(value, dict):
            return Verdict(REMOTE if value in api.remote_values else NONE)
        if not isinstance(value, str):
            return Verdict(UNKNOWN if isinstance(value, dict) and api.mode != "config" else LOCAL)
        if api.mode == "hub_id":
            return self._hub(api, value)
        where = self.address(value)
        if where is None:
            where = UNKNOWN if value.startswith(HOLE) and api.mode != "config" else LOCAL
        return Verdict(where, visible(value))

    def _switch(self, api: Api, value: Any) -> Verdict:
        """`download=True`, `weights="imagenet"`: whether a value switches a download on."""
        if isinstance(value, dict):  # a member of a library's enumeration, `ResNet50_Weights.DEFAULT`, is a choice
            chosen = value.get("library")
            return Verdict(REMOTE, visible(chosen)) if isinstance(chosen, str) else Verdict(UNKNOWN)
        if isinstance(value, str) and (where := self.address(value)) is not None:
            return Verdict(where, visible(value))
        if isinstance(value, str) and (value.startswith(("/", "./", "~", HOLE)) or value.endswith(self.weights)):
            return Verdict(UNKNOWN if value.startswith(HOLE) else LOCAL, visible(value))
        if api.remote_values is not None:
            return Verdict(REMOTE if value in api.remote_values else NONE)
        if api.mode == "default":
            return Verdict(REMOTE if value or value is None else NONE)
        return Verdict(REMOTE, visible(value) if isinstance(value, str) else None) if value else Verdict(NONE)

    def _host(self, value: Any) -> Verdict:
        if isinstance(value, list):  # (host, port)
            return self._host(value[0]) if value else Verdict(UNKNOWN)
        if value is None:
            return Verdict(LOOPBACK)
        if value == "":  # the default of a variable or an option that is to be set
            return Verdict(UNKNOWN)
        if not isinstance(value, str):
            return Verdict(UNKNOWN if isinstance(value, dict) else LOCAL)
        if value.startswith(("/", "unix:", "ipc:", "inproc:")):
            return Verdict(UNIX, value)
        where = self.address(value)
        if where is None:
            found = _HOST_PORT.match(value)
            host = found.group(1) if found else value
            where = UNKNOWN if HOLE in host else self._machine(host)
        return Verdict(where, visible(value))

    def _hub(self, api: Api, text: str) -> Verdict:
        where = self.address(text)
        if where is not None:
            return Verdict(where, visible(text))
        if text.startswith(("/", "./", "../", "~", ".")) or text[1:3] in (":\\", ":/"):
            return Verdict(LOCAL, visible(text))
        owner, _, name = text.partition("/")
        if owner in self.local_owners:
            return Verdict(LOCAL, visible(text))
        if HOLE in text:
            told = HOLE not in owner and not name.startswith(HOLE) and self.hub_id.match(text.replace(HOLE, _ANY_WORD))
            return Verdict(HUB if told else UNKNOWN, visible(text))
        if text in self.builders and api.name.startswith("datasets."):
            return Verdict(LOCAL, text)
        if text in self.aliases:
            return Verdict(HUB, text)
        if text.endswith(self.weights):
            return Verdict(LOCAL, text)
        if self.hub_id.match(text):
            return Verdict(HUB, text)
        return Verdict(LOCAL if text.count("/") > 1 else UNKNOWN, text)

    def address(self, text: str) -> str | None:
        """Where a text that is an address points; None for a text that is none, such as a path."""
        if text.startswith(self.remote_prefixes):
            return REMOTE
        if _CHAIN in text and "[" not in text and (chained := self._chained(text)) is not None:
            return chained
        # `/vsizip/vsis3/…`: one of GDAL's file systems opens another.
        if text.startswith(_VIRTUAL) and any(
            prefix in text for prefix in self.remote_prefixes if prefix[:4] == _VIRTUAL
        ):
            return REMOTE
        found = _SCHEME.match(text)
        if found is None or len(found.group(1)) == 1:
            return None
        scheme, slashes = found.group(1).lower(), found.group(2)
        if scheme not in self.remote_schemes:
            first, _, last = scheme.partition("+")  # `postgresql+psycopg2`, `zip+s3`
            scheme = last if first in self.local_schemes and last in self.remote_schemes else first
        if scheme in self.local_schemes:
            return UNIX if scheme == "unix" else LOCAL
        if scheme not in self.remote_schemes or not slashes:
            return None
        host = found.group(3).rpartition("@")[2]
        if HOLE in host:
            literal = host.partition(HOLE)[0]
            if scheme not in self.nearby_schemes or (scheme in self.encrypted_schemes and not literal):
                return REMOTE
            if ":" in literal:
                return LOOPBACK if is_this_machine(literal.partition(":")[0]) else UNKNOWN
            end = host.rpartition(HOLE)[2].partition(":")[0]
            return REMOTE if is_elsewhere(literal, end) else UNKNOWN
        name = host if host.startswith("[") and host.endswith("]") else host.rpartition(":")[0] or host
        return self._machine(name) if host else LOOPBACK

    def _machine(self, host: str) -> str:
        """Which machine a host's name means: this one, a peer of the same training job, or any other."""
        return LOOPBACK if is_this_machine(host) else PEER if self.peers.fullmatch(host) else REMOTE

    def _chained(self, text: str) -> str | None:
        """Where `simplecache::s3://bucket/key` points: fsspec opens its parts from the last to the first."""
        parts = text.split(_CHAIN)
        if not all(
            part.isidentifier() or ("://" in part and part.count("[") == part.count("]")) for part in parts[:-1]
        ):
            return None  # `http://[::1]` is an address of IPv6
        found = [where for part in parts if part and (where := self.address(part)) is not None]
        return next((where for where in found if where == REMOTE), None)


_OUTCOMES = {"local": NONE, "remote": REMOTE}


def _worst(verdicts: list[Verdict]) -> Verdict:
    for wanted in (REMOTE, HUB, UNKNOWN, PEER, LOOPBACK, UNIX, LOCAL):
        found = next((verdict for verdict in verdicts if verdict.destination == wanted), None)
        if found is not None:
            return found
    return verdicts[0] if verdicts else Verdict(UNKNOWN)


def alternatives(value: Any, depth: int = 0) -> list[Any]:
    """The literals that a value may be, an unknown part of a text as HOLE; `{}` for one that is not known at all."""
    if value is ABSENT:
        return []
    if not isinstance(value, dict):
        return [value]
    if depth > NESTING:
        return [{}]
    return list(_alternatives(value, depth + 1))[:ALTERNATIVES] or [{}]


def is_requested(value: Any, depth: int = 0) -> bool:
    """Whether a request decides where a value leads: it is what the request says, or begins with that."""
    if not isinstance(value, dict) or depth > NESTING:
        return False
    if "any" in value:
        return any(is_requested(each, depth + 1) for each in value["any"])
    if "join" in value:
        first, *others = value["join"] or [None]
        after_scheme = isinstance(first, str) and first.endswith("://") and bool(others)
        return is_requested(others[0] if after_scheme else first, depth + 1)
    return "request" in value


def told_by(value: Any, depth: int = 0) -> str | None:
    """The name by which publishing code gives a value of which nothing more is known; None for any other value."""
    if not isinstance(value, dict) or depth > NESTING:
        return None
    if TOLD in value:
        return str(value[TOLD])
    found = (told_by(each, depth + 1) for each in value.get("any", ()))
    return next((name for name in found if name is not None), None)


def _alternatives(value: dict[str, Any], depth: int) -> Iterator[Any]:
    if "any" in value:
        for each in value["any"]:
            yield from alternatives(each, depth)
    elif "join" in value:
        yield from _joined(value["join"], "", depth)
    elif "path" in value:
        yield from _joined_path(value["path"], depth)
    elif "default" in value:
        yield from alternatives(value["default"], depth)
    elif "library" in value:
        yield value
    else:
        yield {}


def _joined(parts: list[Any], separator: str, depth: int) -> Iterator[str]:
    texts = [""]
    for number, part in enumerate(parts):
        ends = [_text(one) for one in alternatives(part, depth)]
        texts = [f"{text}{separator if number else ''}{end}" for text in texts for end in ends][:ALTERNATIVES]
    yield from texts


def _joined_path(parts: list[Any], depth: int) -> Iterator[str]:
    """Parts of a path: unless it starts with an address it is a path, and no hub id."""
    for joined in _joined(parts, "\0", depth):
        text = posixpath.join(*joined.split("\0"))
        yield text if _SCHEME.match(text) or text.startswith(("/", ".", "~")) else f"./{text}"


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return str(value) if isinstance(value, bool) else HOLE
    return str(value)


def visible(text: str) -> str:
    """A text as it can be shown: unknown parts as `…`, cut when it is long."""
    shown = text.replace(HOLE, "…").strip()
    return shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 1]}…"


def judge_of(knowledge: Knowledge) -> Judge:
    """The judge of this run's knowledge, built once."""
    found: Judge = knowledge.index("references.destination", Judge)
    return found
