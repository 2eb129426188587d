"""Whether any program of a run writes what the expressions of a request's metrics look for in the log."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from linter.model import UNKNOWN, Fact

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from linter.knowledge import Knowledge
    from linter.tree import Tree

FILES_LIMIT = 500
BYTES_LIMIT = 512 * 1024
"""Programs that are searched, and bytes of each."""
# What is no plain text in an expression: classes, groups' marks, escapes of kinds of characters, repetitions.
_NOT_PLAIN = re.compile(r"\[[^\]]{0,200}\]|\(\?[:=!<][=!]?|\\[dDwWsSbB]|\{[0-9,]{1,10}\}")
_WORD = re.compile(r"[A-Za-z]{3,40}")
# Where the containers of training read and write: without a program that does, the training program is not seen.
_TRAINS = re.compile(r"/opt/ml\b|\bsm_(?:channel|model_dir)")
_CODE = ("python.module", "program.file")


def settle_metrics(facts: list[Fact], tree: Tree, knowledge: Knowledge) -> list[Fact]:
    """`manifest.metric` with `printed`: whether a word of its expression stands in any program of the run."""
    metrics = [fact for fact in facts if fact.kind == "manifest.metric" and fact["compiles"] == "yes"]
    if not metrics:
        return facts
    own = {fact.location.path for fact in metrics}
    paths = dict.fromkeys(fact.location.path for fact in facts if fact.kind in _CODE)
    texts = list(_texts(tree, [path for path in paths if path not in own]))
    printers = re.compile(rf"\b(?:{'|'.join(knowledge.get('publishing.metric_printers'))})\b")
    trains = len(paths) <= FILES_LIMIT and any(_TRAINS.search(text) for text in texts)
    whole = trains and not any(printers.search(text) for text in texts)
    settled = []
    for fact in facts:
        if fact.kind == "manifest.metric" and fact["compiles"] == "yes":
            words = _WORD.findall(_NOT_PLAIN.sub(" ", fact["regex"]))
            found = any(word.lower() in text for word in words for text in texts)
            fact = fact.with_fields(printed="yes" if found else "no" if whole and words else UNKNOWN)
        settled.append(fact)
    return settled


def _texts(tree: Tree, paths: Sequence[str]) -> Iterator[str]:
    """The programs in small letters; notebooks are none, they run at the seller's."""
    for path in paths[:FILES_LIMIT]:
        if path.endswith(".ipynb"):
            continue
        try:
            yield tree.read(path, BYTES_LIMIT).decode("utf-8", "replace").lower()
        except OSError:
            continue
