"""Whether the programs of an image answer what SageMaker asks: GET /ping, POST /invocations."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.assemble.python.web import ANY, Route, Web
from linter.assemble.servers import PROXIES
from linter.lazy import compiled
from linter.model import UNKNOWN, Fact

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from linter.assemble.python.modules import Module
    from linter.assemble.python.worlds import World
    from linter.knowledge import Knowledge

ANSWERED, WRONG_METHOD, MISSPELT, SLASH, MISSING = "answered", "wrong_method", "misspelt", "slash", "missing"
_AS = ("ping_as", "invocations_as", "execution_parameters_as")
_NEAR = 0.82
"""How alike two paths are, from 0 to 1, that one is taken for a slip of the other."""
_PARAMETER = compiled(r"<[^<>]*>|\{[^{}]*\}")


class Asked(NamedTuple):
    """A request that SageMaker sends."""

    name: str
    path: str
    method: str
    required: bool


def asked(knowledge: Knowledge) -> list[Asked]:
    """The requests of the contract."""
    table: Mapping[str, Mapping[str, Any]] = knowledge.get("frameworks.contract")
    return [Asked(name, each["path"], each["method"], each["required"]) for name, each in table.items()]


class Contract:
    """Judges the routes of each image's programs."""

    def __init__(self, web: Web, facts: Sequence[Fact], knowledge: Knowledge) -> None:
        self.web = web
        self.asked = asked(knowledge)
        figures = ("quotas.inference.bidirectional_path", "quotas.inference.bidirectional_label")
        self.streams: tuple[str, str] = tuple(knowledge.get(f"{each}.value") for each in figures)
        self.settings: Sequence[str] = knowledge.get("frameworks.execution_parameters")
        self.intercepting = frozenset(knowledge.get("frameworks.intercepting"))
        self.opaque = frozenset(knowledge.get("frameworks.opaque"))
        answering = frozenset(knowledge.get("frameworks.answering_servers"))
        inside = [
            fact
            for fact in facts
            if fact.kind.startswith("server.") and fact.fields.get("scope") in ("container", UNKNOWN)
        ]
        programs = [fact for fact in inside if fact.kind == "server.program"]
        self.others = any(fact["server"] in answering for fact in programs)
        self.serves = any(fact["server"] not in PROXIES for fact in programs)
        self.proxies = [fact for fact in inside if fact.kind == "server.routes"]
        unclear = {fact.location.path for fact in self.proxies if any(fact[name] == UNKNOWN for name in _AS)}
        followed = {fact.location.path for fact in self.proxies} - unclear
        self.rewrites = any(_rewrites(fact) for fact in inside if fact.location.path not in followed)
        self.sent = {each.name: self._sent(each) for each in self.asked}

    def facts(self) -> Iterator[Fact]:
        """`server.route` for every route, `server.contract` for every request that an image has to answer."""
        for route in self.web.routes:
            yield self._route(route)
            parameters = self._parameters(route) if self.answers(route) == "execution_parameters" else None
            if parameters is not None:
                yield parameters
        for world in self.web.settler.placement.worlds:
            if world.placed and world.certain:
                yield from self._of_world(world)

    def answers(self, route: Route) -> str | None:
        """The request of the contract that a route has the path of."""
        return next((each.name for each in self.asked if route.path == each.path), None)

    def _route(self, route: Route) -> Fact:
        fields = {
            "framework": route.framework or UNKNOWN,
            "path": UNKNOWN if route.path is None else route.path,
            "methods": route.methods if isinstance(route.methods, str) else list(route.methods),
            "handler": route.fact["handler"],
            "application": self._application(route),
            "mounted": route.mounted,
            "request": self.answers(route),
            "labels": self._labels(route),
            "reached": "yes" if route.run.reached else UNKNOWN if route.run.open else "no",
            "scope": route.run.scope,
        }
        return Fact("server.route", route.fact.location, fields).with_trace(route.run.trace)

    def _application(self, route: Route) -> str | None:
        key = self.web.resolve(route.fact["owner"], route.module, route.run.names)
        return f"{key[0].shown}:{key[1]}" if key is not None else None

    @staticmethod
    def _labels(route: Route) -> list[str] | str:
        """The labels of the image that runs a route."""
        layout = route.run.world.names.layout
        return sorted(layout.start.image["labels"]) if layout is not None and route.run.reached else UNKNOWN

    def _parameters(self, route: Route) -> Fact | None:
        """What a route for the best settings of batch transform gives back, where it is written out."""
        handler = route.fact["handler"]
        value = self.web.value(route.module.constants.get(f"{handler}()"), route.module, "")
        members = value.get("dict") if isinstance(value, dict) else None
        if not isinstance(members, dict) or not members or route.run.scope != "container":
            return None
        wanted = [members.get(name) for name in self.settings]
        concurrent, payload, strategy = (each if _is_plain(each) else UNKNOWN for each in wanted)
        numbers = isinstance(concurrent, int | float) and isinstance(payload, int | float)
        fields = {
            "max_concurrent_transforms": concurrent,
            "max_payload_mb": payload,
            "batch_strategy": strategy,
            "product_mb": concurrent * payload if numbers else UNKNOWN,  # type: ignore[operator]
            "strangers": ", ".join(sorted(name for name in members if name not in self.settings)[:5]) or None,
            "scope": route.run.scope,
        }
        return Fact("server.execution_parameters", route.fact.location, fields).with_trace(route.run.trace)

    # --- one image

    def _of_world(self, world: World) -> Iterator[Fact]:
        reached = {module for module, _ in world.reach.nodes}
        made = [
            (fact, module)
            for (module, _), fact in self.web.objects.items()
            if fact["step"] == "application" and module in reached
        ]
        routes = [route for route in self.web.routes if route.module in reached or world.names.holds(route.module)]
        serves = any(fact["step"] == "serve" and module in reached for fact, module in self.web.facts)
        if not made or not (serves or self.serves):
            return
        home, module = self._served(made, reached)
        whole = self._whole(world, reached, routes)
        answers = [(each, *self._state(each, routes, whole)) for each in map(self._renamed, self.asked)]
        meant = self._is_meant(world, answers)
        for each, state, route in answers:
            place = home if route is None or state == MISSING else route.fact
            run = self.web.run(module, home["part"]) if route is None else route.run
            fields = {
                "framework": (route.framework if route else None) or home["framework"],
                "request": each.name,
                "path": each.path,
                "asked": None if each in self.asked else next(a.path for a in self.asked if a.name == each.name),
                "method": each.method,
                "required": each.required,
                "state": state,
                "found": self._found(state, route),
                "whole": whole,
                "meant": meant,
                "proxy": self._proxy(each),
                "dockerfile": self._dockerfile(world),
                "scope": "container",
            }
            yield Fact("server.contract", place.location, fields).with_trace(run.trace)
        if meant and whole and self._lacks_streams(world, routes):
            fields = {
                **fields,
                "request": "bidirectional",
                "path": self.streams[0],
                "method": "WEBSOCKET",
                "required": False,
            }
            fields |= {"asked": None, "state": MISSING, "found": None, "proxy": None, "framework": home["framework"]}
            yield Fact("server.contract", home.location, fields)

    def _lacks_streams(self, world: World, routes: Sequence[Route]) -> bool:
        """Whether an image's label promises bidirectional streams, and no route answers them."""
        path, label = self.streams
        layout = world.names.layout
        promised = layout is not None and label in layout.start.image["labels"]
        return promised and not any(route.path == path for route in routes)

    def _served(self, made: Sequence[tuple[Fact, Module]], reached: set[Module]) -> tuple[Fact, Module]:
        """The application that a server of the image is told to serve, else the first with routes."""
        for fact, module in self.web.facts:
            if fact["step"] == "serve" and module in reached:
                key = self.web.resolve(fact["owner"], module, self.web.run(module, fact["part"]).names)
                if key is not None and key in self.web.objects:
                    return self.web.objects[key], key[0]
        with_routes = {
            self.web.resolve(route.fact["owner"], route.module, route.run.names) for route in self.web.routes
        }
        return next((each for each in made if (each[1], each[0]["object"]) in with_routes), made[0])

    @staticmethod
    def _dockerfile(world: World) -> str:
        layout = world.names.layout
        return layout.start.build.dockerfile if layout is not None else UNKNOWN

    def _whole(self, world: World, reached: set[Module], routes: Sequence[Route]) -> bool:
        """Whether everything that may answer a request is in sight."""
        if world.open or self.others or self.rewrites or UNKNOWN in self.sent.values():
            return False
        if any(route.path is None and route.mounted != "no" for route in routes):
            return False
        if any(module in reached and self._takes_all(fact, module) for fact, module in self.web.open_mounts):
            return False
        if not all(module.fact["parsed"] == "full" and not self._intercepts(module) for module in reached):
            return False
        return not any(self._is_opaque(each, module, world) for module in reached for each in module.fact["imports"])

    def _intercepts(self, module: Module) -> bool:
        """Whether a function of a module sees requests before any route does."""
        decorators = (name for part in module.fact["parts"] for name in part["decorators"])
        return any("." in name and name.rpartition(".")[2] in self.intercepting for name in decorators)

    def _is_opaque(self, each: Mapping[str, Any], module: Module, world: World) -> bool:
        """Whether an import is of a library that may answer requests in a way that is not followed."""
        root = each["module"].partition(".")[0]
        return not each["level"] and root in self.opaque and world.names.find(module, 0, [root]) is None

    def _takes_all(self, fact: Fact, module: Module) -> bool:
        """Whether something unknown that is mounted may answer the requests of the contract."""
        if fact["prefix"] is None:
            return True
        value = self.web.value(fact["prefix"], module, fact["part"])
        text = value if isinstance(value, str) else None
        return text is None or any(each.path.startswith(text.rstrip("/") or "/") for each in self.asked)

    def _state(self, wanted: Asked, routes: Sequence[Route], whole: bool) -> tuple[str, Route | None]:
        """What becomes of a request, and the route that says so."""
        if self._proxy(wanted) == "static":
            return ANSWERED, None
        live = [route for route in routes if route.mounted != "no"]
        exact = [route for route in live if route.path == wanted.path]
        for route in exact:
            if _takes(route, wanted.method):
                return ANSWERED, route
        if any(_may_take(route, wanted) for route in live):
            return UNKNOWN, None
        if not whole:
            return UNKNOWN, exact[0] if exact else None
        if exact:
            return WRONG_METHOD, exact[0]
        right = {each.path for each in (*self.asked, *map(self._renamed, self.asked))}
        paths = {
            route.path.casefold(): route
            for route in live
            if route.path and route.path not in right and _takes(route, wanted.method)
        }
        if f"{wanted.path}/" in paths:
            return SLASH, paths[f"{wanted.path}/"]
        near = get_close_matches(wanted.path, list(paths), 1, _NEAR)
        return (MISSPELT, paths[near[0]]) if near else (MISSING, None)

    def _is_meant(self, world: World, answers: Sequence[tuple[Asked, str, Route | None]]) -> bool:
        """Whether the image is seen to be made for hosting: by one of the routes, or by a program called `serve`."""
        if any(state in (ANSWERED, WRONG_METHOD, MISSPELT, SLASH) for _, state, _ in answers):
            return True
        layout = world.names.layout
        return layout is not None and "serve" in layout.start.started.values()

    def _proxy(self, wanted: Asked) -> str | None:
        """What the proxies before the application do with a request; None without one."""
        ways = {fact[wanted.name] for fact in self.proxies}
        return None if not ways else ways.pop() if len(ways) == 1 else UNKNOWN

    def _sent(self, wanted: Asked) -> str | None:
        """The path under which the proxies pass a request on; None for its own, unknown when they differ."""
        ways = {fact[f"{wanted.name}_as"] for fact in self.proxies} - {None, UNKNOWN}
        only = ways.pop() if len(ways) == 1 else None if not ways else UNKNOWN
        return None if only == wanted.path else only

    def _renamed(self, wanted: Asked) -> Asked:
        """A request as the application gets it."""
        sent = self.sent[wanted.name]
        return wanted if sent in (None, UNKNOWN) else wanted._replace(path=sent)

    @staticmethod
    def _found(state: str, route: Route | None) -> str | None:
        """What is there in place of the request's route."""
        if route is None or state in (ANSWERED, MISSING):
            return None
        if state == WRONG_METHOD:
            return ", ".join(route.methods) if not isinstance(route.methods, str) else route.methods
        return route.path


def _is_plain(value: Any) -> bool:
    return value is None or (isinstance(value, str | int | float) and not isinstance(value, bool))


def _takes(route: Route, method: str) -> bool:
    if isinstance(route.methods, str):
        return route.methods in (ANY, UNKNOWN)
    return method in route.methods


def _may_take(route: Route, wanted: Asked) -> bool:
    """Whether a route with parts that stand for anything may answer a request."""
    if route.path is None or not _takes(route, wanted.method):
        return False
    literal = _PARAMETER.split(route.path, maxsplit=1)
    if len(literal) > 1:
        return wanted.path.startswith(literal[0])
    return "*" in route.path and wanted.path.startswith(route.path.partition("*")[0])


def _rewrites(fact: Fact) -> bool:
    """Whether a proxy before the application changes the paths of requests."""
    if fact.kind == "server.setting" and fact["name"] == "rewrite":
        return True
    if fact.kind != "server.proxy":
        return False
    if fact["server"] not in PROXIES:  # of these, only where they pass requests on to is read
        return True
    place = fact["target"].partition("://")[2].partition(":/")[0]
    return fact["target"] == UNKNOWN or (
        bool(place.partition("/")[2]) and not fact["target"].startswith("http://unix:")
    )
