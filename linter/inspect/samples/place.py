"""Where sample data lies in a product, and what data files are called."""

from __future__ import annotations

import re

from linter.lazy import compiled

SAMPLES = "samples"

_SUFFIXES = {
    ".csv": "csv", ".tsv": "tsv", ".jsonl": "json-lines", ".ndjson": "json-lines", ".jsonlines": "json-lines",
    ".json": "json", ".txt": "text",
}  # fmt: skip
_ANYWHERE = frozenset({"csv", "tsv", "json-lines"})
"""Formats that hold data wherever they lie; texts and JSON are data only where samples usually lie."""

_SAMPLE_FOLDER = compiled(
    r"(?:^|/)(?:samples?|payloads?|(?:sample|test|validation|val|example|demo|input|marketplace)[-_ ]?"
    r"(?:data|datasets?|samples?|files|inputs?|payloads?|requests?)"
    r"|data(?:sets?)?/(?:validation|val|valid|test|samples?|examples?|inputs?))/",
    re.I,
)
_SAMPLE_NAME = compiled(
    r"^(?:samples?|payloads?|validation|examples?)(?:[-_. ]|$)|[-_. ](?:samples?|payloads?)\.\w+$", re.I
)
_DATA_FOLDER = compiled(r"(?:^|/)(?:[\w-]*data(?:sets?)?|[\w-]*samples?)(?:/|$)", re.I)
# Data of programs' own tests, of packages, of websites: no sample of the product.
_OTHERS = compiled(
    r"(?:^|/)(?:tests?|testing|unit[-_]?tests?|integration[-_]?tests?|fixtures?|mocks?|locales?|i18n|vendor|third[-_]?party"
    r"|dist|public|\.[\w-]+|[\w.-]+\.(?:dist|egg)-info)/",
    re.I,
)
_NOT_DATA = compiled(
    r"^(?:requirements|constraints|license|licence|notice|readme|changelog|authors|copying|version|cmakelists|robots"
    r"|package|tsconfig|composer|appsettings|launch|settings|top_level|entry_points|vocab|merges)\b"
    r"|(?:[-_.]lock|schema|config|policy|template|tokenizer|metadata)\.(?:json|txt)$|^policy-?|\.postman_|^\.",
    re.I,
)


def format_of(path: str) -> str | None:
    """The format of a data file by its name, or None for a file that is no data or is nobody's sample."""
    name = path.rpartition("/")[2]
    dot = name.rfind(".")
    found = _SUFFIXES.get(name[dot:].lower()) if dot > 0 else None
    if found is None or _NOT_DATA.search(name) or is_of_others(path):
        return None
    return found if found in _ANYWHERE or place_of(path) else None


_PACKED = {".gz": "gzip", ".zip": "zip", ".xlsx": "spreadsheet"}


def packed_format(path: str) -> str | None:
    """How a sample is packed, by its name: `gzip`, `zip` or `spreadsheet`; None for what is no packed sample.

    Such files are samples only where samples usually lie. A gzip file counts when its name says what is in it.
    """
    dot = path.rfind(".")
    found = _PACKED.get(path[dot:].lower()) if dot > 0 else None
    if found is None or place_of(path) is None or is_of_others(path):
        return None
    return found if found != "gzip" or member_format(path[:dot]) else None


def member_format(path: str) -> str | None:
    """The format of a member of an archive of samples, by its name."""
    name = path.rpartition("/")[2]
    dot = name.rfind(".")
    return None if dot < 1 or _NOT_DATA.search(name) or "__MACOSX/" in path else _SUFFIXES.get(name[dot:].lower())


def place_of(path: str) -> str | None:
    """`samples` for a file in a place where samples usually lie, or named as one."""
    if _SAMPLE_FOLDER.search(path) or _SAMPLE_NAME.search(path.rpartition("/")[2]):
        return SAMPLES
    return None


def is_of_others(path: str) -> bool:
    """Whether a file is the data of a program's tests or of a package. `data/test/` is a part of a data set."""
    found = _OTHERS.search(path)
    if found is None:
        return False
    return not (found.group().strip("/").lower() == "test" and _DATA_FOLDER.search(path[: found.start() + 1]))
