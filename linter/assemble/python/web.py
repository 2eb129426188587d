"""Routes of the product's web applications: paths with the prefixes of what they are mounted on, and who answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from linter.assemble.python.names import PART
from linter.model import UNKNOWN, Fact
from linter.references.destination import HOLE, alternatives

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from linter.assemble.python.calls import Settler
    from linter.assemble.python.modules import Module
    from linter.assemble.python.names import Names
    from linter.assemble.python.placement import Run
    from linter.knowledge import Knowledge

Key = tuple["Module", str]
ANY = "any"
_ELSEWHERE = "@"
_DEPTH = 10
_PATHS_LIMIT = 8
"""Paths that one route may have by its prefixes and values."""


class Route(NamedTuple):
    """A route of an application with its whole path; `path` is None when it is not known."""

    fact: Fact
    module: Module
    run: Run
    framework: str | None
    path: str | None
    methods: tuple[str, ...] | str
    mounted: str


class Web:
    """The applications, routes and mounts of one product."""

    def __init__(self, facts: Sequence[tuple[Fact, Module]], settler: Settler, knowledge: Knowledge) -> None:
        self.facts = facts
        self.settler = settler
        self.table: Mapping[str, Mapping[str, Any]] = knowledge.get("frameworks.frameworks")
        self.verbs = frozenset(knowledge.get("frameworks.http_methods"))
        self.any_verb = frozenset(name.upper() for name in knowledge.get("frameworks.any_method_names"))
        self._prefixes: dict[Key, list[str | None]] = {}
        self.runs: dict[Key, Run] = {}
        self.objects: dict[Key, Fact] = {
            (module, fact["object"]): fact for fact, module in facts if fact["step"] in ("application", "router")
        }
        self.mounts: dict[Key, list[tuple[Fact, Module]]] = {}
        self.open_mounts: list[tuple[Fact, Module]] = []
        """What is mounted and not known: it may have any route."""
        for fact, module in facts:
            if fact["step"] == "mount":
                key = self.resolve(fact["object"], module, self.run(module, fact["part"]).names)
                if key is None:
                    self.open_mounts.append((fact, module))
                else:
                    self.mounts.setdefault(key, []).append((fact, module))
        self.routes = [route for fact, module in facts if fact["step"] == "route" for route in self._of(fact, module)]

    def run(self, module: Module, part: str) -> Run:
        """Whether and as what a part of a module runs."""
        key = (module, part)
        if key not in self.runs:
            self.runs[key] = self.settler.placement.run_of(module, part)
        return self.runs[key]

    def value(self, value: Any, module: Module, part: str) -> Any:
        """A value with everything filled in that other files and the images say."""
        run = self.run(module, part)
        environment = self.settler.environment(module)
        return self.settler.values.settle(value, module, part, run.names, environment)

    # --- names

    def resolve(self, reference: str | None, module: Module, names: Names, depth: int = 0) -> Key | None:
        """The application, router or list of routes that a name of a module means."""
        if reference is None or depth > _DEPTH:
            return None
        if not reference.startswith(_ELSEWHERE):
            key = (module, reference)
            return key if key in self.objects else self._alias(reference, module, names, depth) or key
        dotted = reference[1:].replace(":", ".")
        bare = dotted.lstrip(".")
        parts = [part.removesuffix("()") for part in bare.split(".")]
        found = names.find(module, len(dotted) - len(bare), parts)
        if found is None:
            target = names.from_root(parts[:-1], ()) if len(parts) > 1 else None
            if target is None:
                return None
            return self._inside(target, parts[-1:], reference.endswith("()"), names, depth)
        return self._inside(found.module, list(found.rest), reference.endswith("()"), names, depth)

    def _inside(self, module: Module, rest: list[str], called: bool, names: Names, depth: int) -> Key | None:
        name = ".".join(rest)
        if (module, name) in self.objects or not rest:
            return (module, name)
        if name == "urlpatterns":
            return (module, name)
        if called and module.kind(name) == "function":
            return self._made_by(module, name, names, depth)
        for each in module.imported_as("", rest[0]):
            start = "." * each["level"] + each["module"]
            join = "" if start.endswith(".") or not start else "."
            whole = f"{start}{join}{each['name']}" if each["name"] is not None else each["module"]
            inner = ".".join([whole, *rest[1:]]) + ("()" if called else "")
            found = self.resolve(f"{_ELSEWHERE}{inner}", module, names, depth + 1)
            if found is not None:
                return found
        return self._alias(name, module, names, depth)

    def _made_by(self, module: Module, function: str, names: Names, depth: int) -> Key | None:
        """What a function gives back: an application that it makes, or one of the module."""
        own = [key for key in self.objects if key[0] is module and key[1].startswith(f"{function}.")]
        apps = [key for key in own if self.objects[key]["step"] == "application"]
        if apps:
            return apps[0]
        return self._alias(f"{function}()", module, names, depth)

    def _alias(self, name: str, module: Module, names: Names, depth: int) -> Key | None:
        """What a constant of a module stands for: `app = create_app()`, `app = predictor.app`."""
        value = module.constants.get(name)
        if not isinstance(value, dict):
            return None
        if "name" in value and value["name"] != name:
            return self._written(value["name"], False, module, names, depth)
        return self._written(value["returned"], True, module, names, depth) if "returned" in value else None

    def _written(self, dotted: str, called: bool, module: Module, names: Names, depth: int) -> Key | None:
        """A name as a module writes it."""
        if depth > _DEPTH:
            return None
        if (module, dotted) in self.objects:
            return (module, dotted)
        return self._inside(module, dotted.split("."), called, names, depth + 1)

    # --- paths

    def prefixes(self, key: Key, depth: int = 0) -> list[str | None]:
        """What may stand before the paths of an application or router; None for what is not known."""
        if key in self._prefixes or depth > _DEPTH:
            return self._prefixes.get(key, [None])
        self._prefixes[key] = [None]  # of what is mounted on itself nothing is known
        made = self.objects.get(key)
        found: list[str | None] = []
        for fact, module in self.mounts.get(key, ()):
            found += self._mounted(fact, module, made, key, depth)
        lists = made is None and key[1] == "urlpatterns"
        if not found and ((made is not None and made["step"] == "application") or lists):
            found = [""]
        self._prefixes[key] = list(dict.fromkeys(found))[:_PATHS_LIMIT] or [None]
        return self._prefixes[key]

    def _mounted(self, fact: Fact, module: Module, made: Fact | None, key: Key, depth: int) -> Iterator[str | None]:
        run = self.run(module, fact["part"])
        owner = self.resolve(fact["owner"], module, run.names)
        own = [""] if made is None or made["prefix"] is None else self._texts(made["prefix"], key[0], made["part"])
        given = None if fact["prefix"] is None else self._texts(fact["prefix"], module, fact["part"])
        known = owner is not None and (owner in self.objects or owner in self.mounts)
        for start in self.prefixes(owner, depth + 1) if known and owner is not None else [""]:
            for first in given or [""]:
                for second in [""] if fact["replaces"] and given is not None else own:
                    whole = (start, first, second)
                    yield None if None in whole else "".join(_part(each) for each in whole if each is not None)

    def _texts(self, value: Any, module: Module, part: str) -> list[str | None]:
        settled = alternatives(self.value(value, module, part))[:_PATHS_LIMIT]
        return [each if isinstance(each, str) and HOLE not in each else None for each in settled]

    def _of(self, fact: Fact, module: Module) -> Iterator[Route]:
        """A route under each of its paths."""
        run = self.run(module, fact["part"])
        key = self.resolve(fact["owner"], module, run.names)
        made = self.objects.get(key) if key is not None else None
        framework = fact["framework"] or (made["framework"] if made is not None else None)
        loose = key is None or (made is None and key not in self.mounts and key[1] != "urlpatterns")
        prefixes = [""] if loose or key is None else self.prefixes(key)
        mounted = "yes" if not loose else UNKNOWN
        methods = self._methods(fact, module, framework)
        relative = self.table.get(framework or "", {}).get("relative", False)
        for path in self._texts(fact["path"], module, fact["part"]):
            for prefix in prefixes:
                whole = None if path is None else _whole(prefix or "", path, relative)
                known = mounted if prefix is not None else "no" if self._is_loose(key) else UNKNOWN
                yield Route(fact, module, run, framework, whole, methods, known)

    def _is_loose(self, key: Key | None) -> bool:
        """Whether a router is seen to be mounted nowhere, and nothing unknown is mounted that may be it."""
        return key is not None and key not in self.mounts and not self.open_mounts

    def _methods(self, fact: Fact, module: Module, framework: str | None) -> tuple[str, ...] | str:
        of_class = self._of_class(fact, module, framework)
        if of_class is not None:
            return of_class
        if fact["methods"] == ANY:
            return ANY
        settled = self.value(fact["methods"], module, fact["part"])
        texts = [one for each in settled for one in alternatives(each)] if isinstance(settled, list) else [{}]
        if not all(isinstance(each, str) and HOLE not in each for each in texts):
            return UNKNOWN
        return ANY if "*" in texts or "ANY" in texts else tuple(sorted({each.upper() for each in texts}))

    def _of_class(self, fact: Fact, module: Module, framework: str | None) -> tuple[str, ...] | str | None:
        """The methods that a class of handlers has functions for; None when the handler is no class of the product."""
        if not fact["by_class"] or fact["handler"] in (None, UNKNOWN):
            return None
        names = self.run(module, fact["part"]).names
        handler = fact["handler"]
        if module.kind(handler) == "class":
            owner: Key | None = (module, handler)
        else:
            target = names.resolve(module, fact["part"], handler)
            known = target is not None and target.kind == PART and target.module is not None
            owner = (target.module, target.name) if known and target is not None and target.module else None
        if owner is None or owner[0].kind(owner[1]) != "class":
            return None
        prefix = self.table.get(framework or "", {}).get("class_prefix", "")
        verbs: set[str] = set()
        waiting = [owner]
        for at in range(_DEPTH):
            if at >= len(waiting):
                break
            holder, name = waiting[at]
            children = (child.rpartition(".")[2] for child in holder.children(name))
            verbs |= {child.removeprefix(prefix).upper() for child in children if child.startswith(prefix)}
            bases = names.bases(holder, name)
            waiting += [(base.module, base.name) for base in bases if base.kind == PART and base.module is not None]
        found = verbs & self.verbs
        return tuple(sorted(found)) if found else None if verbs.isdisjoint(self.any_verb) else ANY


def _part(prefix: str) -> str:
    """A prefix with one slash before it and none behind."""
    text = prefix.strip("/")
    return f"/{text}" if text else ""


def _whole(prefix: str, path: str, relative: bool) -> str:
    if not prefix:
        return path if path.startswith("/") or not relative else f"/{path}"
    if not path:
        return prefix
    return prefix.rstrip("/") + (path if path.startswith("/") else f"/{path}")
