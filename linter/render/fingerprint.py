"""Marks by which a finding is known again when its file has changed."""

from __future__ import annotations

import hashlib
import sys
from collections import Counter
from itertools import accumulate
from typing import TYPE_CHECKING

from linter.render.shared import by_position, lines_of, sound_span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from linter.model import Finding

_WINDOW = 100
_FACTOR = 37
_MASK = 2**64 - 1
_POWER = pow(_FACTOR, _WINDOW, 2**64)
_END = 0xFFFF


def line_hashes(text: str) -> list[str]:
    """For every line what GitHub's uploader (codeql-action, `src/fingerprints.ts`) calls `primaryLocationLineHash`.

    `text` is the file as it stands on disk, decoded, with its own line ends. The hash covers the hundred UTF-16 units
    from the start of a line on, blanks and tabs left out, every line end as `\\n`; equal hashes are numbered. The value
    must be the uploader's to the last digit: it warns about every one that differs.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace(" ", "").replace("\t", "")
    encoding = "utf-16-le" if sys.byteorder == "little" else "utf-16-be"
    units = memoryview(text.encode(encoding, "surrogatepass")).cast("H").tolist()
    starts = [0, *(at for at, unit in enumerate(units, 1) if unit == 0x0A)]
    units += [_END] + [0] * _WINDOW
    # sums[n] is the hash of all units before n; the window's own hash falls out of two of them.
    sums = list(accumulate(units, lambda total, unit: (total * _FACTOR + unit) & _MASK, initial=0))
    seen: Counter[int] = Counter()
    hashes = []
    for start in starts:
        value = (sums[start + _WINDOW] - sums[start] * _POWER) & _MASK
        seen[value] += 1
        hashes.append(f"{value:x}:{seen[value]}")
    return hashes


def stable_keys(findings: Iterable[Finding], sources: Mapping[str, str]) -> dict[int, str]:
    """`id(finding)` -> key of rule, path and content of the line; it stays when the line moves.

    Equal ones are numbered in the order of their positions, so give all findings of the run at once, the suppressed
    ones too: else a key would change when another finding is suppressed.
    """
    lines: dict[str, list[str]] = {}
    seen: Counter[str] = Counter()
    keys = {}
    for finding in by_position(findings):
        path, number = finding.location.path, sound_span(finding.location.span).line
        if path not in lines:
            lines[path] = lines_of(sources[path]) if path in sources else []
        held = lines[path]
        # Without its text a finding is known by what it says.
        content = "".join(held[number - 1].split()) if number <= len(held) else f"\0{finding.message}"
        joined = "\0".join((finding.rule, path, content))
        digest = hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        seen[digest] += 1
        keys[id(finding)] = f"{digest}:{seen[digest]}"
    return keys
