"""Whether a version lies in what an OSV advisory calls affected, as each ecosystem orders versions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from linter.lazy import compiled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Key = Callable[[str], Any]

MOST = 10_000
_DEBIAN_PART = compiled(r"([^0-9]*)([0-9]*)")
_APK = compiled(r"([0-9]+(?:\.[0-9]+)*)([a-z]?)((?:_[a-z]+[0-9]*)*)(?:-r([0-9]+))?")
_APK_SUFFIX = compiled(r"_([a-z]+)([0-9]*)")
_APK_ORDER = {"alpha": -4, "beta": -3, "pre": -2, "rc": -1, "cvs": 1, "svn": 2, "git": 3, "hg": 4, "p": 5}
_PEP440 = compiled(
    r"v?(?:([0-9]{1,9})!)?([0-9]{1,12}(?:\.[0-9]{1,12}){0,20})(?:[-_.]?(a|alpha|b|beta|c|rc|pre|preview)[-_.]?([0-9]{0,9}))?"
    r"(?:-([0-9]{1,9})|[-_.]?(?:post|rev|r)[-_.]?([0-9]{0,9}))?([-_.]?dev[-_.]?([0-9]{0,9}))?(?:\+[a-z0-9._-]{1,80})?"
)
_PRE = {"a": 0, "alpha": 0, "b": 1, "beta": 1, "c": 2, "rc": 2, "pre": 2, "preview": 2}
_SEMVER = compiled(
    r"v?([0-9]{1,12})\.([0-9]{1,12})\.([0-9]{1,12})(?:-([0-9A-Za-z.-]{1,100}))?(?:\+[0-9A-Za-z.-]{1,100})?"
)


class NoVersion(ValueError):
    """The text is no version of that ecosystem."""


def is_affected(version: str, affected: Mapping[str, Any], ecosystem: str) -> tuple[bool, str | None]:
    """Whether an OSV `affected` entry covers a version, and the first version that mends it. Where the order of the
    ecosystem's versions is not known, only versions that are listed one by one count.
    """
    listed = affected.get("versions")
    ranges = affected.get("ranges")
    hit = isinstance(listed, list) and version in listed[:MOST]
    key = _KEYS.get(ecosystem)
    fixed: str | None = None
    for each in ranges[:MOST] if isinstance(ranges, list) else ():
        if not isinstance(each, dict) or each.get("type") not in ("ECOSYSTEM", "SEMVER") or key is None:
            continue
        try:
            inside, mended = _in_range(key(version), list(_events(each.get("events"))), key)
        except NoVersion:
            continue
        if inside:
            hit, fixed = True, mended
    return hit, fixed


def _events(events: Any) -> Iterator[tuple[str, str]]:
    for event in events[:MOST] if isinstance(events, list) else ():
        for name, value in event.items() if isinstance(event, dict) else ():
            if name in ("introduced", "fixed", "last_affected") and isinstance(value, str):
                yield name, value


def _in_range(version: Any, events: list[tuple[str, str]], key: Key) -> tuple[bool, str | None]:
    """OSV's evaluation: events in order of version, the last at or below the version decides."""
    ordered = sorted(events, key=lambda event: (event[1] != "0", key(event[1]) if event[1] != "0" else ()))
    inside = False
    for name, value in ordered:
        if name == "introduced" and (value == "0" or version >= key(value)):
            inside = True
        elif (name == "fixed" and version >= key(value)) or (name == "last_affected" and version > key(value)):
            inside = False
    if not inside:
        return False, None
    return True, next((v for n, v in ordered if n == "fixed" and key(v) > version), None)


def _pep440(text: str) -> Any:
    found = _PEP440.fullmatch(text.strip().lower())
    if not found:
        raise NoVersion(text)
    epoch, release, pre, pre_number, dash, post, dev, dev_number = found.groups()
    numbers = [int(part) for part in release.split(".")]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    after = dash if dash is not None else post
    has_post = after is not None
    stage = (_PRE[pre], int(pre_number or 0)) if pre else (-1, 0) if dev is not None and not has_post else (3, 0)
    return (
        int(epoch or 0),
        tuple(numbers),
        stage,
        int(after or 0) if has_post else -1,
        int(dev_number or 0) if dev is not None else math.inf,
    )


def _semver(text: str) -> Any:
    found = _SEMVER.fullmatch(text.strip())
    if not found:
        raise NoVersion(text)
    major, minor, patch, pre = found.groups()
    parts = tuple((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in pre.split(".")) if pre else ()
    return int(major), int(minor), int(patch), not pre, parts


def _debian(text: str) -> Any:
    """Debian policy 5.6.12: epoch, upstream version, revision; letters before other signs, `~` before the end."""
    epoch, colon, rest = text.strip().partition(":")
    if not colon:
        epoch, rest = "0", text.strip()
    if not epoch.isdecimal() or not rest:
        raise NoVersion(text)
    upstream, _, revision = rest.rpartition("-") if "-" in rest else (rest, "", "")
    return int(epoch), _debian_part(upstream), _debian_part(revision)


def _debian_part(text: str) -> Any:
    parts = []
    for letters, digits in _DEBIAN_PART.findall(text):
        parts.append(((*tuple(map(_debian_order, letters)), 0), int(digits or 0)))
    return tuple(parts)


def _debian_order(char: str) -> int:
    return -1 if char == "~" else ord(char) if char.isalpha() else ord(char) + 256


def _apk(text: str) -> Any:
    found = _APK.fullmatch(text.strip())
    if not found:
        raise NoVersion(text)
    numbers, letter, suffixes, revision = found.groups()
    order = tuple((_APK_ORDER.get(name, 0), int(number or 0)) for name, number in _APK_SUFFIX.findall(suffixes))
    return tuple(map(int, numbers.split("."))), letter, (*order, (0, 0)), int(revision or 0)


_KEYS: Mapping[str, Key] = {"PyPI": _pep440, "conda": _pep440, "npm": _semver, "deb": _debian, "apk": _apk}

# CVSS 3.1, specification document, section 7.4: weights of the metrics' values.
_WEIGHTS = {
    "AV": {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2},
    "AC": {"L": 0.77, "H": 0.44},
    "UI": {"N": 0.85, "R": 0.62},
    "C": {"H": 0.56, "L": 0.22, "N": 0.0},
    "I": {"H": 0.56, "L": 0.22, "N": 0.0},
    "A": {"H": 0.56, "L": 0.22, "N": 0.0},
}
_PRIVILEGES = {"U": {"N": 0.85, "L": 0.62, "H": 0.27}, "C": {"N": 0.85, "L": 0.68, "H": 0.5}}
_RATINGS = ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.1, "low"))


def severity_of_vector(vector: Any) -> str | None:
    """The rating of a CVSS 3 vector's base score; None for other vectors."""
    if not isinstance(vector, str) or not vector.startswith("CVSS:3"):
        return None
    metrics = dict(part.split(":", 1) for part in vector.split("/")[1:] if ":" in part)
    try:
        score = _score(metrics)
    except KeyError:
        return None
    return rating(score)


def rating(score: float) -> str:
    """The rating of a CVSS score."""
    return next((name for least, name in _RATINGS if score >= least), "negligible")


def _score(metrics: Mapping[str, str]) -> float:
    changed = metrics["S"] == "C"
    weight = {name: values[metrics[name]] for name, values in _WEIGHTS.items()}
    base = 1 - (1 - weight["C"]) * (1 - weight["I"]) * (1 - weight["A"])
    impact = 7.52 * (base - 0.029) - 3.25 * (base - 0.02) ** 15 if changed else 6.42 * base
    if impact <= 0:
        return 0.0
    ease = 8.22 * weight["AV"] * weight["AC"] * _PRIVILEGES[metrics["S"]][metrics["PR"]] * weight["UI"]
    total = min((1.08 if changed else 1.0) * (impact + ease), 10.0)
    return math.ceil(round(total * 10, 4)) / 10
