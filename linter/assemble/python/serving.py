"""Servers that Python code starts: by a call of a library, or as a program of their own. Facts of kinds `server.*`."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from linter.model import UNKNOWN, Fact, Location
from linter.references.destination import HOLE, alternatives
from linter.servers import address
from linter.servers.facts import Maker
from linter.servers.options import Argument
from linter.servers.start import Surroundings
from linter.servers.start import facts as started_facts
from linter.servers.table import head_of, servers
from linter.servers.values import seconds, size

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from linter.assemble.python.calls import Settler
    from linter.assemble.python.modules import Module
    from linter.assemble.python.placement import Run
    from linter.assemble.python.web import Web
    from linter.knowledge import Knowledge
    from linter.model import Span

CODE = "code"
_ROLES = ("serve", "train", "entrypoint")
_WORDS_LIMIT = 200
_OPERATORS = frozenset({"&&", "||", ";", "|", "&", "\n"})
_HARMLESS = ("workers", "threaded")
_SETTINGS = ("workers", "reload", "debug", "threaded")


class Serving:
    """Makes the facts of servers that code starts."""

    def __init__(self, web: Web, settler: Settler, knowledge: Knowledge) -> None:
        self.web = web
        self.settler = settler
        self.knowledge = knowledge
        self.table = servers(knowledge)
        self.wrappers = frozenset({"exec", *knowledge.get("container.exec_wrappers")})
        self.defaults: Mapping[str, Mapping[str, Any]] = knowledge.get("frameworks.defaults")

    # --- by a call of a library

    def by_call(self) -> Iterator[Fact]:
        """The servers that code serves an application with; of code that is not seen to run, none."""
        for fact, module in self.web.facts:
            if fact["step"] == "serve":
                run = self.web.run(module, fact["part"])
                # What training starts, for a simulator or a display, answers none of SageMaker's requests.
                if (run.reached or run.open) and run.started_as != "train":
                    yield from self._served(fact, module, run)

    def _served(self, fact: Fact, module: Module, run: Run) -> Iterator[Fact]:
        scope = run.scope if run.reached else UNKNOWN
        server = fact["server"]
        settings = {name: self.web.value(value, module, fact["part"]) for name, value in fact["settings"].items()}
        backend = _one(settings.get("backend"))
        if isinstance(backend, str) and backend not in ("wsgiref", UNKNOWN):
            server = backend
        if "options" in settings:
            words = list(self._option_words(server, settings["options"]))
            yield from self._command([(server, server), *words], fact.location, run, scope, via=CODE)
            return
        make = Maker(server, fact.location, CODE, scope, _role(run))
        if settings.get("side") is True:
            where = self._address(server, settings)
            fields = {"server": server, "port": where.port, "interface": where.interface, "scope": scope}
            yield Fact("server.side", fact.location, fields).with_trace(run.trace)
            return
        if settings.get("program_alone") is True:
            yield make.program(None, {}).with_trace(run.trace)
            return
        yield make.program(self._application(fact, module, run), {}).with_trace(run.trace)
        written = _writes_port(fact["settings"])
        yield self._listener(make, server, settings, fact.location.span if written else None).with_trace(run.trace)
        for name in _SETTINGS if scope == "container" else _HARMLESS:
            value = settings.get(name)
            if value is not None:
                known = _one(value)
                yield make.setting(name, known if isinstance(known, bool | int | str) else UNKNOWN, None, {})
        for timeout in self._timeouts(make, server, settings):
            yield timeout.with_trace(run.trace)
        if settings.get("one_at_a_time") is True and scope == "container":
            yield make.setting("threads", 1, None, {}).with_trace(run.trace)

    def _timeouts(self, make: Maker, server: str, settings: Mapping[str, Any]) -> Iterator[Fact]:
        known = self.table.by_name.get(server)
        for name, option in known.options.items() if known is not None else ():
            given = _one(settings[name]) if option.gives == "timeout" and name in settings else None
            if given is not None:
                yield make.timeout(name, seconds(option, given), option.entry["kind"], None, True, {})

    def _application(self, fact: Fact, module: Module, run: Run) -> str | None:
        """What is served, as people write it: `predictor:app`."""
        if fact["handler"] is not None:
            return f"{module.shown}:{fact['handler']}"
        key = self.web.resolve(fact["owner"], module, run.names)
        if key is not None:
            return f"{key[0].shown}:{key[1]}"
        return UNKNOWN

    def _listener(self, make: Maker, server: str, settings: Mapping[str, Any], at: Span | None) -> Fact:
        """Where the server listens. `at` is the place of its port when that stands there as a number."""
        tls = "yes" if settings.get("tls") not in (None, {}) else "no"
        return make.listener(
            self._address(server, settings), tls, bool({"host", "port", "pair"} & set(settings)), {"port": at}
        )

    def _address(self, server: str, settings: Mapping[str, Any]) -> address.Address:
        if settings.get("unix") is not None:
            return address.unix(_text(settings["unix"]))
        host, port = self._default(server, "host"), self._default(server, "port")
        if settings.get("address") is not None:
            text = _text(settings["address"])
            return address.read(text, text or "", "host", host, port if isinstance(port, int) else None)
        pair = settings.get("pair")
        if isinstance(pair, list) and len(pair) == 2:
            settings = {"host": pair[0], "port": pair[1]}
        elif pair is not None:
            text = _text(pair)
            return address.read(text, text or "", "host", host, None) if text is not None else address.unknown()
        if "**" in settings:
            host, port = UNKNOWN, UNKNOWN
        if "host" in settings:
            given = _one(settings["host"])
            host = given if isinstance(given, str) else host if given is None else UNKNOWN
        if "port" in settings:
            found = _one(settings["port"])
            port = port if found is None else address.port_of(str(found) if isinstance(found, int | str) else None)
        host = host or "0.0.0.0"
        interface = address.interface_of(host)
        return address.Address(f"{host}:{port}", port if isinstance(port, int) else UNKNOWN, host, interface)

    def _default(self, server: str, name: str) -> Any:
        if server in self.defaults:
            return self.defaults[server].get(name, UNKNOWN)
        known = self.table.by_name.get(server)
        found = known.default(name) if known is not None else None
        return UNKNOWN if found is None else found

    def _option_words(self, server: str, options: Any) -> Iterator[tuple[str | None, str]]:
        """A mapping of settings as the words of a command line."""
        known = self.table.by_name[server].options
        members = options if isinstance(options, dict) and "dict" not in options else options.get("dict", {})
        for name, value in members.items():
            option = known.get(name)
            spelling = (
                next((each for each in option.entry.get("as", ()) if each.startswith("--")), None) if option else None
            )
            if option is None or spelling is None:
                continue
            found = _one(value)
            if not option.takes_value:
                if found is True:
                    yield spelling, spelling
                continue
            yield spelling, spelling
            yield _word(value)

    # --- as programs

    def by_command(self, calls: Sequence[tuple[Fact, Module]]) -> Iterator[Fact]:
        """The servers that code starts as programs, `subprocess.Popen(["gunicorn", …])`."""
        for call, module in calls:
            run = self.web.run(module, call["part"])
            if call["scope"] in ("build", "test", "seller") or not (run.reached or run.open):
                continue
            for words in self._commands(call, module):
                scope = run.scope if run.reached else UNKNOWN
                yield from self._command(words, call.location, run, scope, via="command")

    def _commands(self, call: Fact, module: Module) -> Iterator[list[tuple[str | None, str]]]:
        values = [*call["arguments"]["positional"], call["argument"]]
        settled = [self.web.value(value, module, call["part"]) for value in values]
        lists = [one for value in settled for one in alternatives(value) if isinstance(one, list) and one]
        if lists:
            words = [_word(each) for each in lists[0][:_WORDS_LIMIT]]
            yield words
            for position, (value, _) in enumerate(words[:-1]):  # sh -c "gunicorn …"
                if value == "-c" and position and words[position + 1][0] is not None:
                    yield from _split(words[position + 1][0] or "", self.wrappers)
            return
        texts = [one for one in alternatives(settled[-1]) if isinstance(one, str)]
        for text in texts[:1]:
            yield from _split(text, self.wrappers)

    def _command(
        self, words: Sequence[tuple[str | None, str]], place: Location, run: Run, scope: str, *, via: str
    ) -> Iterator[Fact]:
        plain = [UNKNOWN if value is None else value for value, _ in words]
        if not plain:
            return
        head, _ = head_of(plain)
        started = self.table.started([plain[0].rpartition("/")[2], *plain[1:]]) if head else None
        if started is None:
            return
        arguments = [Argument(value, prefix, number) for number, (value, prefix) in enumerate(words)]
        around = Surroundings(place, [], run.world.environment, scope, _role(run))
        for fact in started_facts(started, arguments, around):
            fact = fact.with_trace(run.trace)
            yield fact.with_fields(via=via) if "via" in fact.fields else fact

    # --- limits of frameworks

    def body_limits(self) -> Iterator[Fact]:
        """How large a body the frameworks take, where an application says so or has a small default."""
        for fact, module in self.web.facts:
            run = self.web.run(module, fact["part"])
            if fact["step"] == "limit" and run.reached and run.scope == "container":
                limit = fact["settings"]["bytes"]
                limit = limit if limit is None or isinstance(limit, int) else UNKNOWN
                make = Maker(fact["framework"] or UNKNOWN, fact.location, CODE, run.scope)
                yield make.body_limit(fact["settings"]["name"], limit, True, {}).with_trace(run.trace)
        yield from self._limits_of_applications()

    def _limits_of_applications(self) -> Iterator[Fact]:
        table: Mapping[str, Mapping[str, Any]] = self.knowledge.get("frameworks.frameworks")
        for (module, _), made in self.web.objects.items():
            framework = table.get(made["framework"] or "", {})
            run = self.web.run(module, made["part"])
            if (
                "body_argument" not in framework
                or made["step"] != "application"
                or not (run.reached and run.scope == "container")
            ):
                continue
            name = next(iter(framework["body_argument"].values()))
            given = made["settings"].get("body")
            make = Maker(made["framework"], made.location, CODE, run.scope)
            limit = (
                framework["body_default"] if given is None else size(_one(self.web.value(given, module, made["part"])))
            )
            yield make.body_limit(name, limit, given is not None, {}).with_trace(run.trace)


def _role(run: Run) -> str | None:
    return run.started_as if run.started_as in _ROLES else UNKNOWN


def _writes_port(settings: Mapping[str, Any]) -> bool:
    """Whether a call has its port as a number, and not from the environment."""
    pair = settings.get("pair")
    given = pair[1] if isinstance(pair, list) and len(pair) == 2 else settings.get("port")
    return isinstance(given, int) and not isinstance(given, bool)


def _one(value: Any) -> Any:
    """The only thing that a value may be; `{}` for one of several."""
    found = alternatives(value)
    return found[0] if len(found) == 1 and not (isinstance(found[0], str) and HOLE in found[0]) else {}


def _text(value: Any) -> str | None:
    found = _one(value)
    return str(found) if isinstance(found, str | int) and not isinstance(found, bool) else None


def _word(value: Any) -> tuple[str | None, str]:
    """A word of a command line, None when it is not known, and its known beginning."""
    found = alternatives(value)
    if len(found) != 1 or isinstance(found[0], bool) or not isinstance(found[0], str | int | float):
        return None, ""
    text = str(found[0])
    return (text, text) if HOLE not in text else (None, text.partition(HOLE)[0])


def _split(text: str, wrappers: frozenset[str]) -> Iterator[list[tuple[str | None, str]]]:
    """The commands of a line of the shell, each as its words."""
    reader = shlex.shlex(text[:4000], posix=True, punctuation_chars=True)
    reader.whitespace_split = True
    try:
        tokens = list(reader)
    except ValueError:
        return
    words: list[tuple[str | None, str]] = []
    for token in [*tokens, ";"]:
        if token in _OPERATORS:
            if words:
                yield words
            words = []
        elif not words and (token in wrappers or ("=" in token and "/" not in token.partition("=")[0])):
            continue
        else:
            literal = HOLE not in token and "$" not in token
            words.append((token, token) if literal else (None, token.partition(HOLE)[0].partition("$")[0]))
