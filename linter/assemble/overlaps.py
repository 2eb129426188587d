"""Whether what a job writes lies where it, or another job of the request, reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.model import UNKNOWN, Fact
from linter.references.s3 import parse_s3

if TYPE_CHECKING:
    from collections.abc import Iterable

YES, NO = "yes", "no"


def overlap(given: str | None, data_type: str | None, output: str | None) -> str:
    """Whether an output location equals an input, lies in it or contains it: yes, no or unknown."""
    if given is None or output is None:
        return NO
    one, other = parse_s3(given), parse_s3(output)
    if one is None or other is None or one.placeholder or other.placeholder or UNKNOWN in (one.bucket, other.bucket):
        return UNKNOWN
    if one.bucket != other.bucket:
        return NO
    source, target = one.key or "", other.key or ""
    if not source and data_type == "S3Prefix":
        return UNKNOWN  # of a whole bucket as input another rule tells
    if source and not source.endswith("/") and data_type == "S3Prefix" and target.startswith(source):
        return YES
    source, target = _folder(source), _folder(target)
    return YES if source.startswith(target) or target.startswith(source) else NO


def _folder(key: str) -> str:
    return f"{key.strip('/')}/" if key.strip("/") else ""


def any_overlap(inputs: Iterable[tuple[str | None, str | None]], output: str | None) -> str:
    found = {overlap(given, data_type, output) for given, data_type in inputs}
    if output == UNKNOWN:
        return UNKNOWN
    return next((state for state in (YES, UNKNOWN) if state in found), NO)


def overlapped(output: Fact, inputs: Iterable[Fact]) -> str | None:
    """The input that an output overlaps; None when there is none."""
    states = {fact["text"]: overlap(fact["text"], fact["data_type"], output["text"]) for fact in inputs}
    hit = next((text for text, state in states.items() if state == YES), None)
    return hit if hit is not None else (UNKNOWN if UNKNOWN in states.values() else None)
