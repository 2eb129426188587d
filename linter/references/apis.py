"""The table `network_apis`: which functions and classes of libraries reach the network, looked up by dotted name."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linter.knowledge import Knowledge

CALLED = "()"
PROPERTIES = frozenset({"property", "cached_property"})
"""Decorators of methods that are read like attributes."""
"""Stands behind a part of a dotted name that is called: `requests.Session().get`."""
OPTIONS_OF = "<options>"
"""The constant of a module that holds the options of its program, as far as they may be texts."""
VARIABLE = "os.environ"
"""The name of the fact for a variable that code sets: it has the entry of the call that would say the same."""

_LONGEST_NAME = 400


class Argument(NamedTuple):
    """Where a call is told where to go: by position from 0 (without `self`; negative from the end) or by keyword."""

    at: int | None = None
    keyword: str | None = None
    absent: str | None = None
    """What a call does that does not give it; of an additional argument only."""
    files: bool = False
    """Whether it names files, one or several; of these, only addresses elsewhere say anything. The same."""
    words: bool = False
    """Of a command line: whether the arguments from there on are its words."""


class Api(NamedTuple):
    """One entry of the table; its fields are described at the top of `rules/knowledge/network_apis.yaml`."""

    name: str
    category: str
    kind: str
    mode: str
    reason: str
    argument: Argument | None = None
    also: tuple[Argument, ...] = ()
    absent: str | None = None
    endpoint: tuple[Argument, ...] = ()
    local_keywords: Mapping[str, Any] = {}
    local_values: tuple[Any, ...] = ()
    local_prefixes: tuple[str, ...] = ()
    remote_values: tuple[Any, ...] | None = None
    remote_pattern: str | None = None
    accepts_objects: bool = False
    when_told: str | None = None
    """Where an address leads that publishing code gives to the program, and of which nothing more is known."""
    any_object: bool = False
    offline_by: tuple[str, ...] = ()
    constructor_acts: bool = False
    any_method: bool = False
    harmless_methods: tuple[str, ...] = ()
    methods: Mapping[str, Any] = {}
    returns: str | None = None
    application: Argument | None = None
    excluded: tuple[str, ...] = ()
    fetches: tuple[str, ...] = ()
    loads: Argument | None = None
    decided_by: tuple[str, ...] = ()
    """Entries whose calls say, for the whole process, where this one goes."""
    decided_pattern: str | None = None
    """What of an address leaves that to them."""
    variables: tuple[str, ...] = ()
    """Variables of the environment that say the same as the deciding argument."""
    base: Argument | None = None
    """Of a client's method: which argument of the client is the address that relative ones belong to."""

    @property
    def places(self) -> tuple[Argument, ...]:
        """All arguments that may say where the call goes."""
        return (*((self.argument,) if self.argument else ()), *self.also, *self.endpoint)


class ApiTable:
    """The entries, made ready for look-ups."""

    def __init__(self, knowledge: Knowledge) -> None:
        table = knowledge.get("network_apis")
        self.aliases: Mapping[str, str] = table["aliases"]
        self._entries: dict[str, tuple[str, Mapping[str, Any]]] = {}
        self._patterns: dict[tuple[str, int], list[tuple[list[str], str]]] = {}
        self._of_any_library: dict[str, str] = {}
        self._apis: dict[str, Api] = {}
        """Entries that were asked for: to make all ready takes longer than to read a file."""
        self._found: dict[str, Api | None] = {}
        self.variables: dict[str, str] = {}
        """Variables of the environment that decide where calls go, with the entry that says the same."""
        last_names: set[str] = set()
        acting: set[str] = set()
        for category, entries in table["apis"].items():
            for name, entry in entries.items():
                self._entries[name] = (category, entry)
                parts = name.split(".")
                if parts[0] == "*":
                    self._of_any_library[parts[-1]] = name
                elif "*" in name:
                    self._patterns.setdefault((parts[0], len(parts)), []).append((parts, name))
                if "variables" in entry:
                    self.variables |= dict.fromkeys(entry["variables"], name)
                if entry.get("kind") == "import":
                    acting.add(parts[0])
                if entry["mode"] not in ("never", "path"):
                    last_names.update((parts[-1], *entry.get("methods", ())))
        self.last_names = frozenset(last_names)
        self.methods_of_any_object = frozenset(
            last for last, name in self._of_any_library.items() if self._entries[name][1].get("any_object")
        )
        """Methods whose name tells enough, also of an object whose class is not known."""
        acting |= {name.split(".", 1)[0] for name, other in self.aliases.items() if other.split(".", 1)[0] in acting}
        self.acting_roots = frozenset(acting)
        """The first parts of modules whose import alone may act."""
        self.roots = frozenset(
            root for root in (part.split(".", 1)[0] for part in (*self._entries, *self.aliases)) if "*" not in root
        )

    def named(self, name: str) -> Api:
        """The entry of a name that stands in the table."""
        return self._api(name)

    def _api(self, name: str) -> Api:
        if name not in self._apis:
            category, entry = self._entries[name]
            self._apis[name] = _api(name, category, entry)
        return self._apis[name]

    def _exact(self, name: str) -> Api | None:
        return self._api(name) if name in self._entries and "*" not in name else None

    def find(self, path: str) -> Api | None:
        """The entry that a dotted name means, `()` behind what is called; None for everything that is not known.

        The entry of a method has the name `class.method`, whether the table lists it below its class or takes every
        method of the class for a call.
        """
        if path not in self._found:
            known = len(path) < _LONGEST_NAME and (self.has_root(path) or path[:2] == "*.")
            self._found[path] = self._find(path) if known else None
        return self._found[path]

    def find_called(self, path: str) -> Api | None:
        """The entry that a call of a dotted name means; one of an object is none of its class."""
        return self.find(f"{path}.__call__" if path.endswith(CALLED) else path)

    def knows(self, path: str) -> bool:
        """Whether a dotted name is an entry, or what entries belong to, or another name of that."""
        owner, _, last = path.rpartition(".")
        name = f"{self.canonical(owner)}.{last}"
        return self.find(path) is not None or name in self.aliases or name in self._owners

    @cached_property
    def _owners(self) -> frozenset[str]:
        """The classes and modules that entries belong to."""
        return frozenset(name.rpartition(".")[0] for name in self._entries)

    def find_of_any(self, path: str) -> Api | None:
        """The entry for what has a telling name, of a class that the table does not know; with `any_object` also of
        an object whose class nobody knows.
        """
        owner, _, last = path.rpartition(".")
        name = self._of_any_library.get(last)
        if name is None:
            return None
        api = self._api(name)
        if api.any_object:
            return api
        if CALLED in path or path.startswith(".") or self.has_root(path):
            return None
        return api if "." in owner and owner.rpartition(".")[2][:1].isupper() else None

    def method_of_any(self, name: str) -> Api | None:
        """The entry for what objects of any library do by a method of a telling name."""
        entry = self._of_any_library.get(name)
        return self._api(entry) if entry is not None else None

    def _find(self, path: str) -> Api | None:
        if path[:2] == "*.":
            return self._api(path) if path in self._entries else None
        name = self.canonical(path)
        found = self._lookup(name)
        if found is None:
            short = _from_class(name)
            found = self._lookup(short) if short is not None else None
        return found

    def has_root(self, path: str) -> bool:
        """Whether the first part of a dotted name is one of the table's: no entry has a name that starts otherwise."""
        return path.lstrip(".").partition(".")[0].removesuffix(CALLED) in self.roots

    def canonical(self, path: str) -> str:
        """The name under which the table knows an object: aliases resolved, and what factories return."""
        name = ""
        for part in path.split("."):
            called = part.endswith(CALLED)
            name = f"{name}.{part.removesuffix(CALLED)}" if name else part.removesuffix(CALLED)
            name = self.aliases.get(name, name)
            if called:
                api = self._lookup(name)
                if api is None or api.returns is None:
                    name += "" if api is not None and api.kind == "class" else CALLED
                else:
                    name = api.returns
        return name

    def _lookup(self, name: str) -> Api | None:
        found = self._exact(name) or self._of_family(name)
        if found is not None:
            return found
        owner, _, method = name.rpartition(".")
        whole = self._exact(owner) or (self._of_family(owner) if owner else None)
        return _method(whole, method, name) if whole is not None and whole.kind == "class" else None

    def _of_family(self, name: str) -> Api | None:
        """The family with most literal characters that a name belongs to."""
        if CALLED in name:
            return None
        parts = name.split(".")
        found = [
            (len(family) - family.count("*"), family)
            for pattern, family in self._patterns.get((parts[0], len(parts)), ())
            if all(map(fnmatchcase, parts, pattern)) and not _is_excluded(parts, pattern, self._api(family))
        ]
        return self._api(max(found, key=lambda each: each[0])[1]) if found else None


def _from_class(name: str) -> str | None:
    """A library's class by the short name that libraries give to it: `transformers.models.bert.BertModel` as
    `transformers.BertModel`; None for what has none. Modules begin with a small letter, classes with a large one.
    """
    root, *rest = name.split(".")
    number = next((number for number, part in enumerate(rest) if part[:1].isupper()), 0)
    return ".".join((root, *rest[number:])) if number else None


def _is_excluded(parts: list[str], pattern: list[str], api: Api) -> bool:
    return any("*" in star and part in api.excluded for part, star in zip(parts, pattern, strict=True))


def _method(owner: Api, method: str, name: str) -> Api | None:
    if method in owner.methods:
        entry = owner.methods[method]
        inherited = {"reason": owner.reason, "kind": "method", "offline_by": owner.offline_by}
        base = owner.argument if owner.mode == "client" and entry.get("mode") == "url" else None
        return _api(name, owner.category, {**inherited, **entry})._replace(base=base)
    if owner.mode == "client" and owner.any_method and method not in owner.harmless_methods and method[:1] != "_":
        return owner._replace(name=name, kind="method", mode="always", argument=None, also=(), any_method=False)
    return None


def _api(name: str, category: str, entry: Mapping[str, Any]) -> Api:
    argument = entry.get("arg")
    return Api(
        name=name,
        category=category,
        kind=entry.get("kind", "call"),
        mode=entry["mode"],
        reason=entry["reason"],
        argument=Argument(**argument) if argument else None,
        also=tuple(Argument(**each) for each in entry.get("also", ())),
        absent=entry.get("absent"),
        endpoint=tuple(Argument(**each) for each in entry.get("endpoint", ())),
        local_keywords=entry.get("local_keywords", {}),
        local_values=tuple(entry.get("local_values", ())),
        local_prefixes=tuple(entry.get("local_prefixes", ())),
        remote_values=tuple(entry["remote_values"]) if "remote_values" in entry else None,
        remote_pattern=entry.get("remote_pattern"),
        accepts_objects=entry.get("accepts_objects", False),
        when_told=entry.get("when_told"),
        any_object=entry.get("any_object", False),
        offline_by=tuple(entry.get("offline_by", ())),
        constructor_acts=entry.get("constructor_acts", False),
        any_method=entry.get("any_method", False),
        harmless_methods=tuple(entry.get("harmless_methods", ())),
        methods=entry.get("methods", {}),
        returns=entry.get("returns"),
        application=Argument(**entry["application"]) if "application" in entry else None,
        excluded=tuple(entry.get("except", ())),
        fetches=tuple(entry.get("fetches", ())),
        loads=Argument(**entry["loads"]) if "loads" in entry else None,
        decided_by=tuple(entry.get("decided_by", ())),
        decided_pattern=entry.get("decided_pattern"),
        variables=tuple(entry.get("variables", ())),
    )


def api_table(knowledge: Knowledge) -> ApiTable:
    """The table of this run's knowledge, built once."""
    found: ApiTable = knowledge.index("references.apis", ApiTable)
    return found
