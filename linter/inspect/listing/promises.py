"""What a text for buyers offers and promises: ways of hosting, and the sizes and times of requests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from linter.model import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.knowledge import Knowledge

_SENTENCE = re.compile(r"[^.!?;\n]+(?:\.\d[^.!?;\n]*)*")
_SIZE = re.compile(r"(?<![\w.])(\d{1,6}(?:\.\d{1,3})?)[ -]?(MB|MiB|megabytes?|GB|GiB|gigabytes?)\b", re.IGNORECASE)
_TIME = re.compile(r"(?<![\w.])(\d{1,6}(?:\.\d{1,3})?)[ -]?(s|secs?|seconds?|mins?|minutes?|h|hours?)\b", re.IGNORECASE)
_SENTENCES = 2_000
_LONGEST = 2_000
_THOUSAND, _MINUTE, _HOUR = 1_000, 60, 3_600


class Promises:
    """The table `listing.promises`, compiled."""

    def __init__(self, knowledge: Knowledge) -> None:
        table = knowledge.get("listing.promises")
        self.offers = {name: re.compile(text, re.IGNORECASE) for name, text in table["offers"].items()}
        names = (
            "negated",
            "spot",
            "on_demand",
            "realtime",
            "batch",
            "limit",
            "payload",
            "other_sizes",
            "duration",
            "other_times",
            "each",
        )
        self.words = {name: re.compile(table[name], re.IGNORECASE) for name in names}

    def of(self, text: str) -> dict[str, Any]:
        """The fields of a `listing.text` about what it promises; sizes in MB, times in seconds."""
        sentences = [
            found.group()[:_LONGEST] for found, _ in zip(_SENTENCE.finditer(text), range(_SENTENCES), strict=False)
        ]
        offered = [name for name in self.offers if any(self._is_offered(name, each) for each in sentences)]
        sizes = {
            mode: [size for each in sentences for size in self._sizes(each, mode)] for mode in ("realtime", "batch")
        }
        times = {
            mode: [time for each in sentences for time in self._times(each, mode)] for mode in ("realtime", "batch")
        }
        return {
            "offers": offered,
            "mentions": [name for name, pattern in self.offers.items() if pattern.search(text)],
            "realtime_mb": max(sizes["realtime"], default=None),
            "batch_mb": max(sizes["batch"], default=None),
            "realtime_seconds": max(times["realtime"], default=None),
            "batch_seconds": max(times["batch"], default=None),
            "spot_seconds": max((time for each in sentences for time in self._spot_times(each)), default=None),
            "streams": UNKNOWN,
            "protects": UNKNOWN,
        }

    def _is_offered(self, name: str, sentence: str) -> bool:
        return self.offers[name].search(sentence) is not None and not self.words["negated"].search(sentence)

    def _mode(self, sentence: str) -> str | None:
        """The one way of asking that a sentence speaks of."""
        if any(pattern.search(sentence) for pattern in self.offers.values()):
            return None
        modes = [mode for mode in ("realtime", "batch") if self.words[mode].search(sentence)]
        return modes[0] if len(modes) == 1 else None

    def _sizes(self, sentence: str, mode: str) -> Iterator[float]:
        """How large a request may be, as a sentence says it."""
        words = self.words
        if not _SIZE.search(sentence) or self._mode(sentence) != mode or words["other_sizes"].search(sentence):
            return
        if (
            words["limit"].search(sentence)
            and words["payload"].search(sentence)
            and not words["negated"].search(sentence)
        ):
            for found in _SIZE.finditer(sentence):
                yield float(found[1]) * (_THOUSAND if found[2][0] in "gG" else 1)

    def _times(self, sentence: str, mode: str) -> Iterator[float]:
        """How long an answer takes, as a sentence says it."""
        words = self.words
        if (
            not _TIME.search(sentence)
            or not words["duration"].search(sentence)
            or words["other_times"].search(sentence)
        ):
            return
        if words["negated"].search(sentence) or not words["each"].search(sentence):
            return
        spoken = self._mode(sentence)
        if spoken == mode or (mode == "realtime" and spoken is None and not words["batch"].search(sentence)):
            yield from _seconds(sentence)

    def _spot_times(self, sentence: str) -> Iterator[float]:
        """How long training on spot instances takes, as a sentence says it."""
        words = self.words
        if not _TIME.search(sentence) or not words["spot"].search(sentence):
            return
        if not words["negated"].search(sentence) and not words["on_demand"].search(sentence):
            yield from _seconds(sentence)


def _seconds(sentence: str) -> Iterator[float]:
    for found in _TIME.finditer(sentence):
        unit = found[2][0].lower()
        yield float(found[1]) * (_HOUR if unit == "h" else _MINUTE if unit == "m" else 1)


def promises_of(knowledge: Knowledge) -> Promises:
    """The table, made once a run."""
    found: Promises = knowledge.index("inspect.listing.promises", Promises)
    return found
