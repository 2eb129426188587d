"""The table `frameworks` of the knowledge, made ready for look-ups by dotted name and by the name of a method."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from linter.references.apis import CALLED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from linter.knowledge import Knowledge

APPLICATION, ROUTER = "application", "router"


class Made(NamedTuple):
    """A class whose instances answer requests, or are mounted on what does."""

    framework: str
    kind: str
    spec: Mapping[str, Any]


class Frameworks:
    """All frameworks, by what code says of them."""

    def __init__(self, knowledge: Knowledge) -> None:
        table = knowledge.get("frameworks")
        self.frameworks: Mapping[str, Mapping[str, Any]] = table["frameworks"]
        self.made: dict[str, Made] = {}
        self.functions: dict[str, tuple[str, Mapping[str, Any]]] = {}
        self.mounting: dict[str, tuple[str, Mapping[str, Any]]] = {}
        self.including: dict[str, str] = {}
        self.handler_bases: dict[str, str] = {}
        self.servers: Mapping[str, Mapping[str, Any]] = table["servers"]
        self.embedded: Mapping[str, str] = table["embedded_servers"]
        self.one_at_a_time = frozenset(table["one_at_a_time_calls"])
        self.content_marks = frozenset(table["content_marks"])
        self.rejecting = frozenset(table["rejecting_statuses"])
        self.too_large = frozenset(table["too_large_statuses"])
        self.length_marks = frozenset(table["length_marks"])
        self.refusing = frozenset(table["refusing_words"])
        self.handler_makers = frozenset(table["handler_makers"])
        self.handler_wrappers = frozenset(table["handler_wrappers"])
        self.setting_methods = frozenset(table["setting_methods"])
        self.through: set[str] = set()
        self._methods: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = {}
        self.attributes: set[str] = set()
        roots: set[str] = {name.partition(".")[0] for name in (*self.servers, *self.embedded)}
        for name, each in self.frameworks.items():
            roots.update(each["roots"])
            self._read(name, each)
        self.roots = frozenset(roots)
        last = (*self.made, *self.functions, *self.mounting, *self.servers)
        self.called = frozenset(path.rpartition(".")[2] for path in last) | self.attributes
        """Names under which something of interest may be called; aliases of imports come on top."""

    def _read(self, name: str, each: Mapping[str, Any]) -> None:
        for path, spec in each["applications"].items():
            self.made[path] = Made(name, APPLICATION, spec)
        for path, spec in each["routers"].items():
            self.made[path] = Made(name, ROUTER, spec)
        self.functions.update({path: (name, spec) for path, spec in each.get("functions", {}).items()})
        self.mounting.update({path: (name, spec) for path, spec in each.get("mounting_functions", {}).items()})
        self.including.update(dict.fromkeys(each.get("including", ()), name))
        self.handler_bases.update(dict.fromkeys(each.get("handler_bases", ()), name))
        self.through.update(each.get("through", ()))
        for use in ("add", "mount", "run"):
            for method, spec in each[use].items():
                self._methods.setdefault((use, method), {})[name] = spec
                self.attributes.add(method)

    def method(self, use: str, name: str) -> Mapping[str, Mapping[str, Any]]:
        """What a method does (`add`, `mount` or `run`), by framework."""
        return self._methods.get((use, name), {})

    def last_part(self, path: str) -> str:
        """A dotted name without the marks behind what is called."""
        return path.replace(CALLED, "")


def frameworks(knowledge: Knowledge) -> Frameworks:
    """The frameworks of the knowledge."""
    found: Frameworks = knowledge.index("inspect.python.web", Frameworks)
    return found


def places(spec: Mapping[str, Any], name: str) -> Sequence[int | str]:
    """Where an argument stands: positions and keywords."""
    found: Sequence[int | str] = spec.get(name, ())
    return found


def literal_paths(pattern: str) -> Iterator[str]:
    """The paths that a simple regular expression stands for; nothing for one that is not simple."""
    text = pattern.removeprefix("^").removesuffix("$").removesuffix(r"\Z")
    optional = text.endswith("/?")
    text = text.removesuffix("/?").removesuffix("/*")
    for sign in ("/", "-", "_", "."):
        text = text.replace(f"\\{sign}", sign)
    if any(sign in text for sign in "\\^$*+?[](){}|"):
        return
    yield text
    if optional:
        yield f"{text}/"
