"""What the functions that answer SageMaker's requests do with them: always the same answer, headers demanded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.model import UNKNOWN, Fact

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from linter.assemble.python.handling import Handler, Handling
    from linter.assemble.python.modules import Module

_DECLARED = "SupportedResponseMIMETypes"
_ACCEPTED = "SupportedContentTypes"
_PING, _INVOCATIONS = "ping", "invocations"
_TYPE_STEP, _ANSWER_STEP = "content", "answer"
_SHOWN = 8
"""Types that are named in a message."""
_DEMANDS = "demands"
_OF_PROGRAMS = ("metering", "one_mode")
_OTHERS = ("form", "status", "model_loaded", "buffered")
_BUFFERING = "proxy_buffering"


class Answering:
    """Joins what single functions do with the requests that reach them."""

    def __init__(self, handling: Handling, facts: Sequence[Fact]) -> None:
        self.handling = handling
        self.web = handling.web
        self.noted: dict[tuple[Module, str], list[Fact]] = {}
        for fact, module in self.web.facts:
            if fact["step"] == _ANSWER_STEP:
                self.noted.setdefault((module, fact["part"]), []).append(fact)
        self.declared = [fact for fact in facts if fact.kind == "manifest.media_type"]
        inside = [fact for fact in facts if fact.fields.get("scope") == "container"]
        self.proxied = any(fact.kind == "server.routes" and fact[_INVOCATIONS] == "passed" for fact in inside)
        self.unbuffered = any(
            fact.kind == "server.setting" and fact["name"] == _BUFFERING and fact["value"] != "on" for fact in inside
        )

    def facts(self) -> Iterator[Fact]:
        """`server.answer` for what each handler does, `server.type_use` for each type that code takes or gives."""
        seen: set[tuple[int, str]] = set()
        met = [(each, True) for each in self._intercepting()]
        met += [(each, False) for each in self.handling.handlers()] if self.noted else []
        for handler, passes_on in met:
            for fact in self.noted.get((handler.module, handler.part), ()):
                what = fact["settings"]["what"]
                if what in _OF_PROGRAMS or (passes_on and what != _DEMANDS):
                    continue
                if (id(fact), handler.request) not in seen:
                    seen.add((id(fact), handler.request))
                    yield from self._of(fact, handler)
        yield from self._types_taken()
        for fact, module in self.web.facts:
            if fact["step"] == _ANSWER_STEP and fact["settings"]["what"] in _OF_PROGRAMS:
                yield from self._of_program(fact, module)

    def _intercepting(self) -> Iterator[Handler]:
        """Functions that see every request first."""
        for (module, part), facts in self.noted.items():
            run = self.web.run(module, part)
            if run.reached and any(fact["settings"]["intercepts"] for fact in facts):
                yield self.handling.handler(_PING, module, part, run, "sees every request first")

    def _of(self, fact: Fact, handler: Handler) -> Iterator[Fact]:
        settings = fact["settings"]
        what, value = settings["what"], settings["value"]
        if what == "gives":
            if handler.request == _INVOCATIONS:
                yield from self._type("gives", value["type"], _DECLARED, fact, handler.run.scope)
            return
        fields = {
            "request": handler.request,
            "answer": what,
            "form": value.get("form"),
            "name": value.get("name") or value.get("call"),
            "status": value["status"] if value.get("status") is not None else UNKNOWN if what == "constant" else None,
            "model_loaded": self.handling.model_loaded() if what == "constant" else None,
            "buffered": self._buffered(value) if what == "streams" else None,
            "text": fact["text"],
            "scope": handler.run.scope,
        }
        yield Fact("server.answer", fact.location, fields).with_trace((*handler.run.trace, *handler.steps))

    def _of_program(self, fact: Fact, module: Module) -> Iterator[Fact]:
        """What code does wherever in the container it runs."""
        run = self.web.run(module, fact["part"])
        if not run.reached:
            return
        value = fact["settings"]["value"]
        if fact["settings"]["what"] == "metering":
            fields = {**value, "text": fact["text"], "scope": run.scope}
            yield Fact("server.metering", fact.location, fields).with_trace(run.trace)
        else:
            fields = {**dict.fromkeys(_OTHERS), "request": _INVOCATIONS, "answer": fact["settings"]["what"]}
            fields |= {"name": value["name"], "text": fact["text"], "scope": run.scope}
            yield Fact("server.answer", fact.location, fields).with_trace(run.trace)

    def _buffered(self, value: Mapping[str, Any]) -> str:
        """Whether a proxy collects a stream before it passes it on."""
        return "yes" if self.proxied and not self.unbuffered and not value["unbuffered"] else "no"

    # --- types

    def _types_taken(self) -> Iterator[Fact]:
        """The types that handlers compare the type of a request with."""
        for fact, module in self.web.facts:
            if fact["step"] == _TYPE_STEP and self.declared:
                run = self.web.run(module, fact["part"])
                for text in fact["settings"]["exact"] if run.reached else ():
                    if "/" in text and "*" not in text:
                        yield from self._type("takes", text, _ACCEPTED, fact, run.scope)

    def _type(self, use: str, text: str, member: str, fact: Fact, scope: str) -> Iterator[Fact]:
        of_both = {each["value"] for each in self.declared if use == "takes"}
        declared = [each["value"] for each in self.declared if each["member"] == member]
        if not declared:
            return
        bare = {_bare(each) for each in (*declared, *of_both)}
        known = UNKNOWN not in bare
        fields = {
            "use": use,
            "value": text,
            "declared": "yes" if _bare(text) in bare or "*/*" in bare else "no" if known else UNKNOWN,
            "types": ", ".join(sorted({_bare(each) for each in declared})[:_SHOWN]),
            "scope": scope,
        }
        yield Fact("server.type_use", fact.location, fields)


def _bare(text: str) -> str:
    return text.partition(";")[0].strip().lower()
