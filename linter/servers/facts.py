"""The facts of kinds `server.*`, each with every field of its schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from linter.model import UNKNOWN, Fact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linter.model import Location, Span
    from linter.servers.address import Address

TEXT_LIMIT = 500
"""Characters of a setting's value that a fact holds."""


class Maker(NamedTuple):
    """Makes facts about one server that stand in one statement."""

    server: str
    location: Location
    via: str
    scope: str = UNKNOWN
    started_as: str | None = UNKNOWN

    def listener(self, address: Address, tls: str, declared: bool, spans: Mapping[str, Span | None]) -> Fact:
        """An address that the server listens on."""
        return self._fact(
            "listener",
            spans,
            address=_short(address.text),
            port=address.port,
            host=_short(address.host),
            interface=address.interface,
            tls=tls,
            declared=declared,
            via=self.via,
            role=UNKNOWN,
            image_ports=UNKNOWN,
            scope=self.scope,
        )

    def timeout(
        self,
        name: str,
        seconds: float | str | None,
        kind: str,
        worker_class: str | None,
        declared: bool,
        spans: Mapping[str, Span | None],
    ) -> Fact:
        """A time after which the server gives up."""
        return self._fact(
            "timeout",
            spans,
            name=name,
            seconds=seconds,
            declared=declared,
            worker_class=_short(worker_class),
            kind=kind,
            scope=self.scope,
            started_as=self.started_as,
        )

    def body_limit(self, name: str, limit: int | str | None, declared: bool, spans: Mapping[str, Span | None]) -> Fact:
        """The largest body that the whole server accepts."""
        return self._fact(
            "body_limit",
            spans,
            name=name,
            bytes=limit,
            declared=declared,
            applies_to_invocations="yes",
            max_payload_mb=UNKNOWN,
            covers_declared_payload=UNKNOWN,
            scope=self.scope,
        )

    def setting(self, name: str, value: Any, context: str | None, spans: Mapping[str, Span | None]) -> Fact:
        """Any other setting that is given."""
        if isinstance(value, str):
            value = _short(value)
        return self._fact(
            "setting", spans, name=name, value=value, context=_short(context), declared=True, scope=self.scope
        )

    def program(self, application: str | None, spans: Mapping[str, Span | None]) -> Fact:
        """That the server is started."""
        return self._fact("program", spans, application=_short(application), via=self.via, scope=self.scope)

    def _fact(self, about: str, spans: Mapping[str, Span | None], **fields: Any) -> Fact:
        known = {name: span for name, span in spans.items() if span is not None}
        return Fact(f"server.{about}", self.location, {"server": self.server, **fields}, known)


def _short(text: str | None) -> str | None:
    if text is None or len(text) <= TEXT_LIMIT:
        return text
    return text[: TEXT_LIMIT - 1] + "…"
