"""Facts about what a product costs: pricing terms, the price of each dimension, free trials, licence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from linter.inspect.listing.reading import Reading, above
from linter.inspect.manifest.instances import types_of
from linter.inspect.manifest.request import NO, YES, Node
from linter.model import UNKNOWN

if TYPE_CHECKING:
    from linter.inspect.listing.changes import Change
    from linter.inspect.listing.tables import Tables
    from linter.inspect.manifest.instances import InstanceTypes

_MOST_RATES, _MOST_TERMS = 5_000, 10
_PERIOD = re.compile(r"^P(?=[0-9])(?:([0-9]{1,4})Y)?(?:([0-9]{1,4})M)?(?:([0-9]{1,4})W)?(?:([0-9]{1,5})D)?$")
_DAYS = (365, 30, 7, 1)
_NUMBER = re.compile(r"^-?[0-9]{1,30}(?:\.[0-9]{0,30})?$")
MODES = ("realtime", "transform", "training")


def pricing_fact(reading: Reading, change: Change, node: Node, _role: str) -> None:
    """The `pricing.offer` of the details of UpdatePricingTerms."""
    if not isinstance(node.value, dict):
        return
    terms = node.child("Terms")
    listed = [part for part in terms.value if isinstance(part, dict)] if terms and isinstance(terms.value, list) else []
    types = [part["Type"] for part in listed if isinstance(part.get("Type"), str)]
    priced, complete = _priced(reading, change, node, listed)
    if terms is not None and not isinstance(terms.value, list):
        complete = False
    fields = {
        "model": node.text("PricingModel"),
        "terms": types[:20],
        "complete": complete,
        **{mode: sorted(priced[mode]) for mode in MODES},
        "per_request": bool(priced["per_request"]),
        "trial": "FreeTrialPricingTerm" in types,
        "sells": UNKNOWN,
        "manifest": UNKNOWN,
        "new_product": UNKNOWN,
        "unpriced": UNKNOWN,
    }
    reading.emit("pricing.offer", change, terms or node, fields)


def _priced(
    reading: Reading, change: Change, node: Node, terms: list[dict[str, Any]]
) -> tuple[dict[str, set[str]], bool]:
    """The instance types with a price for each way of use, and whether all dimensions could be told."""
    if change.index not in reading.priced:
        reading.priced[change.index] = _read_prices(node, terms, reading.tables)
    return reading.priced[change.index]


def _read_prices(node: Node, terms: list[dict[str, Any]], tables: Tables) -> tuple[dict[str, set[str]], bool]:
    priced: dict[str, set[str]] = {mode: set() for mode in (*MODES, "per_request")}
    complete = True
    cards = [card for term in terms[:_MOST_TERMS] for card in _listed(term.get("RateCards"))[:_MOST_TERMS]]
    for card in cards:
        rates = card.get("RateCard") if isinstance(card, dict) else None
        complete = complete and isinstance(rates, list)
        for rate in _listed(rates)[:_MOST_RATES]:
            key = rate.get("DimensionKey") if isinstance(rate, dict) else None
            if not isinstance(key, str) or Node(node.request, node.pointer, key).unknown:
                complete = False
                continue
            form, instance, mode = dimension(key, tables)
            if form == "hourly":
                priced[mode].add(instance)
            elif form == "per_request":
                priced["per_request"].add(key)
    return priced, complete


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def dimension(key: str, tables: Tables) -> tuple[str, str, str]:
    """The form of a dimension's key (hourly, per_request, other_per_request or malformed), instance type and mode."""
    if key in tables.per_request:
        return "per_request", UNKNOWN, "realtime"
    for end, mode in tables.hourly.items():
        if key.endswith(f".{end}") and key.startswith("ml."):
            return "hourly", key[: -len(end) - 1], mode
    return ("other_per_request" if tables.per_request_like.search(key) else "malformed"), UNKNOWN, UNKNOWN


def rate_fact(reading: Reading, change: Change, node: Node, role: str) -> None:
    """The `pricing.rate` of a price of a rate card, or of a dimension that a trial grants."""
    if not isinstance(node.value, dict):
        return
    key = node.text("DimensionKey")
    form, instance, mode = dimension(key, reading.tables) if key and key != UNKNOWN else (UNKNOWN, UNKNOWN, UNKNOWN)
    types = types_of(node)
    known = _known(instance, mode, types) if form == "hourly" else UNKNOWN
    where = change.pointer(node).rpartition("/")[0]
    again = key not in (None, UNKNOWN) and (where, str(key)) in reading.keys
    reading.keys.add((where, str(key)))
    wrong = form == "hourly" and known != "own"
    price_node = node.child("Price")
    fields = {
        "in": "trial" if role == "grant" else "rate_card",
        "key": key,
        "form": form,
        "instance_type": instance,
        "mode": mode,
        "known": known,
        "suggestion": types.suggestion(instance, mode) if wrong and reading.guess() else None,
        "price": _shown(price_node),
        "price_state": _price_state(price_node, reading.tables),
        "duplicate": again,
        "sells": UNKNOWN,
        "supported": UNKNOWN,
    }
    key_node = node.child("DimensionKey")
    spans = {"key": key_node.span} if key_node else {}
    if price_node:
        spans["price"] = price_node.span
    reading.emit("pricing.rate", change, node, fields, spans)


def _known(instance: str, mode: str, types: InstanceTypes) -> str:
    lists = types.lists(instance)
    if lists:
        return "own" if mode in lists else "other"
    return UNKNOWN if types.well_formed(instance) else "malformed"


def _shown(node: Node | None) -> str | None:
    return None if node is None or node.value is None else str(node.value)[:80]


def _price_state(node: Node | None, tables: Tables) -> str:
    """ok, number (no text, as documents also show it), negative, not-a-number, out-of-bounds, absent or unknown."""
    if node is None or node.value is None:
        return "absent"
    if node.unknown:
        return UNKNOWN
    value = node.value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if value < 0:
            return "negative"
        return "number" if tables.price.search(f"{value:f}".rstrip("0").rstrip(".")) else "out-of-bounds"
    if not isinstance(value, str):
        return "not-a-number"
    if tables.price.search(value):
        return "ok"
    if not _NUMBER.search(value.strip()):
        return "not-a-number"
    return "negative" if value.strip().startswith("-") else "out-of-bounds"


def term_fact(reading: Reading, change: Change, node: Node, role: str) -> None:
    """The `pricing.term` of a usage-based term or a free trial."""
    if not isinstance(node.value, dict):
        return
    duration = node.text("Duration")
    period = _PERIOD.search(duration) if duration and duration != UNKNOWN else None
    days = sum(int(part or 0) * each for part, each in zip(period.groups(), _DAYS, strict=True)) if period else None
    siblings = above(node)
    offer = [part for part in siblings if isinstance(part, dict)] if isinstance(siblings, list) else []
    priced, complete = _priced(reading, change, node, offer)
    duration_node = node.child("Duration")
    fields = {
        "type": "trial" if role == "trial_term" else "usage",
        "duration": duration,
        "days": UNKNOWN if duration == UNKNOWN else days,
        "duration_state": _duration_state(duration, period),
        "per_request": bool(priced["per_request"]),
        "transform": YES if priced["transform"] else NO if complete else UNKNOWN,
        "realtime": YES if priced["realtime"] or priced["per_request"] else NO if complete else UNKNOWN,
        "offer": UNKNOWN,
        "sells": UNKNOWN,
    }
    type_node = node.child("Type")
    spans = {"type": type_node.span} if type_node else {}
    if duration_node:
        spans["duration"] = duration_node.span
    reading.emit("pricing.term", change, node, fields, spans)


def _duration_state(duration: str | None, period: re.Match[str] | None) -> str | None:
    """days, other (months or years), malformed, unknown; None when there is none."""
    if duration is None or duration == UNKNOWN:
        return duration
    if period is None:
        return "malformed"
    return "days" if period[4] and not any(period.groups()[:3]) else "other"


def licence_fact(reading: Reading, change: Change, node: Node, _role: str) -> None:
    """The `listing.licence` of a legal document."""
    if not isinstance(node.value, dict):
        return
    fields = {"type": node.text("Type"), "url": node.has("Url"), "version": node.has("Version")}
    reading.emit("listing.licence", change, node, fields)
