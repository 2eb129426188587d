"""Applications, routes, mounts and servers of one module, as facts `python.web`."""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING, Any

from linter.inspect.python.forms import UNKNOWN_VALUE, small
from linter.inspect.python.scopes import CLASS, FUNCTION, dotted
from linter.inspect.python.web.handlers import handler_facts
from linter.inspect.python.web.references import ELSEWHERE, References, holders
from linter.inspect.python.web.servers import embedded, runs, serves
from linter.inspect.python.web.table import ROUTER, Frameworks, literal_paths, places
from linter.model import Fact, Location

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from linter.inspect.python.names import Names
    from linter.inspect.python.place import Places
    from linter.inspect.python.scopes import Part, Scope
    from linter.inspect.python.values import Values

FACTS_LIMIT = 1000
"""Facts of one module."""
_TEXT_LIMIT = 200


def blank(step: str, framework: str | None, part: str, text: str) -> dict[str, Any]:
    """All fields of a `python.web` fact."""
    return {
        "step": step,
        "framework": framework,
        "part": part,
        "owner": None,
        "object": None,
        "path": None,
        "methods": None,
        "prefix": None,
        "handler": None,
        "by_class": False,
        "replaces": False,
        "server": None,
        "settings": {},
        "text": text,
    }


class Reader:
    """Reads one module."""

    def __init__(self, names: Names, values: Values, places_: Places, table: Frameworks) -> None:
        self.names, self.values, self.places, self.table = names, values, places_, table
        self.references = References(names, table)
        self.decorators: set[int] = set()
        self.mounted: dict[int, list[Any]] = {}
        """What stands before the paths of calls that stand in a mounting call, by their identity."""

    @cached_property
    def holders(self) -> Mapping[int, str]:
        """Which name holds what a call makes, by the identity of the call."""
        return holders(self.names)

    def facts(self) -> Iterator[Fact]:
        """All of them; of a module that holds very many, the first."""
        for number, fact in enumerate(self._all()):
            if number >= FACTS_LIMIT:
                return
            yield fact

    def _all(self) -> Iterator[Fact]:
        for scope in self.names.outline.scopes.values():
            node = scope.node
            if scope.kind in (FUNCTION, CLASS) and isinstance(
                node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
            ):
                for decorator in node.decorator_list:
                    yield from self._decorated(decorator, scope)
        yield from handler_facts(self)
        wanted = self.table.called | self._other_names()
        for called in self.names.outline.calls_named(wanted):
            if id(called.node) not in self.decorators:
                yield from self._called(called.node, called.scope, called.part)

    def _other_names(self) -> set[str]:
        """Names under which this module calls things of interest: imports with another name, classes with a base."""
        renamed = {each.alias for each in self.names.outline.imports if each.alias and each.name in self.table.called}
        derived = {
            scope.name.rpartition(".")[2]
            for scope in self.names.outline.scopes.values()
            if scope.kind == CLASS and any(base.path for base in self.names.bases(scope))
        }
        return renamed | derived

    # --- arguments

    def argument(self, node: ast.Call, where: Sequence[int | str]) -> ast.expr | None:
        """The expression that is given for an argument."""
        for place in where:
            if isinstance(place, int):
                before = node.args[: place + 1]
                if place < len(node.args) and not any(isinstance(each, ast.Starred) for each in before):
                    return node.args[place]
            else:
                for keyword in node.keywords:
                    if keyword.arg == place:
                        return keyword.value
        return None

    def value(self, node: ast.Call, where: Sequence[int | str], scope: Scope) -> Any:
        """Its value; None when it is not given."""
        found = self.argument(node, where)
        return None if found is None else small(self.values.of(found, scope))

    def made(self, step: str, framework: str | None, part: Part, node: ast.AST, **fields: Any) -> Fact:
        """A fact about a place of the module; of a function or class it is the line where that begins."""
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            text = f"{'class' if isinstance(node, ast.ClassDef) else 'def'} {node.name}"
            span = self.places.line(node.lineno)
        else:
            text, span = " ".join(self.places.text(node)[:_TEXT_LIMIT].split()), self.places.span(node)
        return Fact(
            "python.web",
            Location(self.places.path, span),
            {**blank(step, framework, part.name, text), **fields},
        )

    # --- decorators

    def _decorated(self, node: ast.expr, scope: Scope) -> Iterator[Fact]:
        call = node if isinstance(node, ast.Call) else None
        if call is None or scope.parent is None:
            return
        self.decorators.add(id(call))
        function = self._function(call, scope.parent)
        if function is not None:
            framework, spec = function
            yield from self._routes(call, scope.parent, scope.parent.part, framework, spec, None, scope.name)
            return
        func = call.func
        if not isinstance(func, ast.Attribute):
            return
        specs = self.table.method("add", func.attr)
        framework_ = self._framework(func.value, scope.parent)
        guess = self._imported(specs) if framework_ is None else framework_
        if not specs or (framework_ is not None and framework_ not in specs):
            return
        chosen = specs.get(guess or "") or next(iter(specs.values()))
        owner = self.references.of(func.value, scope.parent)
        if framework_ is None and not self._looks_like_route(call, chosen, scope.parent):
            return
        yield from self._routes(call, scope.parent, scope.parent.part, guess, chosen, owner, scope.name)

    def _looks_like_route(self, call: ast.Call, spec: Mapping[str, Any], scope: Scope) -> bool:
        value = self.value(call, places(spec, "path"), scope)
        return isinstance(value, str) and value.startswith("/")

    def _framework(self, node: ast.expr, scope: Scope) -> str | None:
        """The framework that an application or router is of."""
        if isinstance(node, ast.Attribute) and node.attr in self.table.through:
            node = node.value
        for meaning in self.names.of(node, scope):
            path = meaning.path
            if meaning.kind == "instance" and meaning.scope is not None:
                path = next((base.path for base in self.names.bases(meaning.scope) if base.path), "")
            found = self.table.made.get(self.table.last_part(path))
            if found is not None:
                return found.framework
        return None

    def _imported(self, specs: Mapping[str, Any]) -> str | None:
        """The one framework of some that the module imports, for what only other code makes."""
        roots = {each.module.partition(".")[0] for each in self.names.outline.imports if each.level == 0}
        found = [name for name in specs if not roots.isdisjoint(self.table.frameworks[name]["roots"])]
        return found[0] if len(found) == 1 else None

    def _function(self, call: ast.Call, scope: Scope) -> tuple[str, Mapping[str, Any]] | None:
        for meaning in self.names.of(call.func, scope):
            if meaning.kind == "path" and meaning.path in self.table.functions:
                return self.table.functions[meaning.path]
        return None

    # --- routes

    def _routes(
        self,
        call: ast.Call,
        scope: Scope,
        part: Part,
        framework: str | None,
        spec: Mapping[str, Any],
        owner: str | None,
        handler: str | None,
    ) -> Iterator[Fact]:
        """The routes that one call adds."""
        given = self.argument(call, places(spec, "handler"))
        handler = self.handler(given, scope) if given is not None else handler
        if handler is None and "handler" in spec and "listing" not in spec:
            handler = "unknown"
        methods = self._methods(call, spec, scope)
        prefix = self.mounted.get(id(call))
        fields = {"owner": owner, "methods": methods, "handler": handler, "by_class": bool(spec.get("by_class"))}
        if "paths_from" in spec:
            values = [small(self.values.of(each, scope)) for each in call.args[spec["paths_from"] :]]
        elif "listing" in spec:
            yield from self._listed(self.argument(call, places(spec, "listing")), scope, part, framework, owner)
            return
        else:
            value = self.value(call, places(spec, "path"), scope)
            values = [UNKNOWN_VALUE if value is None else value]
        for value in values:
            for path in self._paths(value, spec):
                full = path if prefix is None else {"join": [*prefix, path]}
                yield self.made("route", framework, part, call, path=full, **fields)

    def _paths(self, value: Any, spec: Mapping[str, Any]) -> list[Any]:
        if spec.get("below"):
            return [UNKNOWN_VALUE]
        if not spec.get("pattern"):
            return [value]
        return (list(literal_paths(value)) if isinstance(value, str) else []) or [UNKNOWN_VALUE]

    def _methods(self, call: ast.Call, spec: Mapping[str, Any], scope: Scope) -> Any:
        """A list of methods, `any`, or an unknown value."""
        if "fixed" in spec:
            return list(spec["fixed"])
        given = self.value(call, places(spec, "methods"), scope)
        if given is None:
            return "any" if any(each.arg is None for each in call.keywords) else spec.get("default", UNKNOWN_VALUE)
        return [given] if isinstance(given, str) else given

    def handler(self, node: ast.expr, scope: Scope) -> str | None:
        """The name of the function or class that handles requests, as written or as the file knows it."""
        while isinstance(node, ast.Call):
            func = node.func
            wraps = isinstance(func, ast.Attribute) and func.attr in self.table.handler_makers
            if isinstance(func, ast.Name) and func.id in self.table.handler_wrappers and node.args:
                node = node.args[0]
            else:
                node = func.value if wraps and isinstance(func, ast.Attribute) else func
        for meaning in self.names.of(node, scope):
            if meaning.kind in ("function", "class", "instance") and meaning.scope is not None:
                return meaning.scope.name
        return dotted(node)

    def _listed(
        self, node: ast.expr | None, scope: Scope, part: Part, framework: str | None, owner: str | None
    ) -> Iterator[Fact]:
        """Routes in a list of pairs of a pattern and a handler, as Tornado takes them."""
        elements = self._elements(node, scope)
        for each in elements if elements is not None else ():
            if isinstance(each, ast.Tuple) and len(each.elts) > 1:
                spec = {"pattern": True}
                handler = self.handler(each.elts[1], scope)
                for path in self._paths(small(self.values.of(each.elts[0], scope)), spec):
                    fields = {"path": path, "handler": handler, "by_class": True, "methods": "any", "owner": owner}
                    yield self.made("route", framework, part, each, **fields)
            elif not isinstance(each, ast.Call):
                elements = None
        if elements is None and node is not None:
            yield self.made("route", framework, part, node, path=UNKNOWN_VALUE, methods="any", owner=owner)

    def _elements(self, node: ast.expr | None, scope: Scope, depth: int = 0) -> list[ast.expr] | None:
        """The elements of a list that is written out; None when it may hold others."""
        if isinstance(node, ast.List | ast.Tuple):
            return list(node.elts)
        if isinstance(node, ast.BinOp) and depth < 10:
            left, right = self._elements(node.left, scope, depth + 1), self._elements(node.right, scope, depth + 1)
            return None if left is None or right is None else [*left, *right]
        if isinstance(node, ast.Name) and depth < 10:
            owner, bindings = self.names.bindings(node.id, scope)
            if owner is not None and len(bindings) == 1 and bindings[0].kind == "value" and not bindings[0].path:
                return self._elements(bindings[0].node, owner, depth + 1)
        return None

    # --- calls

    def _called(self, node: ast.Call, scope: Scope, part: Part) -> Iterator[Fact]:
        for path in self._meant(node.func, scope):
            found = list(self._of_path(path, node, scope, part))
            if found:
                yield from found
                return
        func = node.func
        if isinstance(func, ast.Attribute):
            yield from self._method(func, node, scope, part)

    def _meant(self, node: ast.expr, scope: Scope) -> Iterator[str]:
        """The dotted names of what is called; of a class of the file those of its bases."""
        for meaning in self.names.of(node, scope):
            if meaning.kind == "path":
                yield self.table.last_part(meaning.path)
            elif meaning.kind == "class" and meaning.scope is not None:
                for base in self.names.bases(meaning.scope):
                    yield self.table.last_part(base.path)

    def _of_path(self, path: str, node: ast.Call, scope: Scope, part: Part) -> Iterator[Fact]:
        table = self.table
        if path in table.made:
            yield from self._application(path, node, scope, part)
        elif path in table.functions:
            framework, spec = table.functions[path]
            if self._includes(node, framework, spec, scope) is None:
                owner = "urlpatterns" if "listed_as" in table.frameworks[framework] else None
                yield from self._routes(node, scope, part, framework, spec, owner, None)
            else:
                yield self._included(node, framework, spec, scope, part)
        elif path in table.mounting:
            framework, spec = table.mounting[path]
            prefix = self.value(node, places(spec, "prefix"), scope)
            before = [*self.mounted.get(id(node), ()), UNKNOWN_VALUE if prefix is None else prefix]
            for each in ast.walk(node):
                if isinstance(each, ast.Call) and each is not node:
                    self.mounted[id(each)] = before
            what = self.argument(node, places(spec, "what"))
            if what is not None:
                reference = self.references.of(what, scope)
                yield self.made("mount", framework, part, node, object=reference, prefix={"join": before})
        elif path in table.servers:
            yield serves(self, table.servers[path], node, scope, part, threaded=path not in table.one_at_a_time)
        elif path in table.embedded:
            yield from embedded(self, table.embedded[path], node, scope, part)

    def _application(self, path: str, node: ast.Call, scope: Scope, part: Part) -> Iterator[Fact]:
        made = self.table.made[path]
        name = self.holders.get(id(node), f"#{node.lineno}")
        settings = {}
        body = self.table.frameworks[made.framework].get("body_argument", {}).get(path)
        if body is not None:
            settings["body"] = self.value(node, (body,), scope)
        prefix = self.value(node, places(made.spec, "prefix"), scope)
        yield self.made(made.kind, made.framework, part, node, object=name, prefix=prefix, settings=settings)
        on = self.argument(node, places(made.spec, "mounted_on"))
        if on is not None and made.kind == ROUTER:
            owner = self.references.of(on, scope)
            yield self.made("mount", made.framework, part, node, owner=owner, object=name)
        listed = self.argument(node, places(made.spec, "handlers"))
        if listed is not None:
            yield from self._listed(listed, scope, part, made.framework, name)

    def _includes(self, node: ast.Call, framework: str, spec: Mapping[str, Any], scope: Scope) -> ast.expr | None:
        given = self.argument(node, places(spec, "handler"))
        if isinstance(given, ast.Call):
            for meaning in self.names.of(given.func, scope):
                if self.table.including.get(meaning.path) == framework:
                    return given.args[0] if given.args else given
        return None

    def _included(self, node: ast.Call, framework: str, spec: Mapping[str, Any], scope: Scope, part: Part) -> Fact:
        """`path("api/", include("api.urls"))`."""
        what = self._includes(node, framework, spec, scope)
        given = self.values.of(what, scope)
        prefix = self.value(node, places(spec, "path"), scope)
        if spec.get("pattern"):
            prefix = next(iter(literal_paths(prefix)), {}) if isinstance(prefix, str) else UNKNOWN_VALUE
        name = f"{ELSEWHERE}{given}.urlpatterns" if isinstance(given, str) else None
        if name is None and what is not None:
            reference = self.references.of(what, scope)
            name = f"{reference}.urlpatterns" if reference is not None and reference.startswith(ELSEWHERE) else None
        return self.made("mount", framework, part, node, owner="urlpatterns", object=name, prefix=prefix)

    def _method(self, func: ast.Attribute, node: ast.Call, scope: Scope, part: Part) -> Iterator[Fact]:
        """`app.add_url_rule(…)`, `app.include_router(…)`, `app.run(…)`."""
        framework = self._framework(func.value, scope)
        adds = self.table.method("add", func.attr)
        guess = self._imported(adds) if framework is None else framework
        spec = adds.get(guess or "") or next((each for each in adds.values() if "handler" in each), None)
        known = framework is not None and framework in adds
        if spec is not None and (known or (framework is None and self._looks_like_route(node, spec, scope))):
            owner = self.references.of(func.value, scope)
            if known and "handler" not in spec and "listing" not in spec:
                return  # app.get("/x") without a function decorates nothing
            if "handler" not in spec and "listing" not in spec:
                return
            yield from self._routes(node, scope, part, guess, spec, owner, None)
            return
        mounts = self.table.method("mount", func.attr)
        mount = mounts.get(framework or "")
        if mount is None and framework is None and len(mounts) == 1 and self._may_mount(func.attr):
            framework, mount = next(iter(mounts.items()))
        if mount is not None:
            yield from self._mounts(func, mount, framework, node, scope, part)
            return
        yield from runs(self, func, framework, node, scope, part)

    @staticmethod
    def _may_mount(method: str) -> bool:
        """Whether a method's name alone says that something is mounted."""
        return "_" in method and method != "init_app"

    def _mounts(
        self,
        func: ast.Attribute,
        spec: Mapping[str, Any],
        framework: str | None,
        node: ast.Call,
        scope: Scope,
        part: Part,
    ) -> Iterator[Fact]:
        owner = self.references.of(func.value, scope)
        what = self.argument(node, places(spec, "what"))
        if isinstance(what, ast.List):
            return  # of routes, which are read where they stand
        mounted = self.references.of(what, scope)
        if "onto" in spec:
            owner, mounted = self.references.of(self.argument(node, places(spec, "onto")), scope), owner
        fields = {"owner": owner, "object": mounted, "replaces": bool(spec.get("replaces"))}
        prefix = self.value(node, places(spec, "prefix"), scope)
        yield self.made("mount", framework, part, node, prefix=prefix, **fields)
