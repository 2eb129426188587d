"""Sample notebooks joined with each other, with the links of listings to them, and with the files beside them."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from linter.model import UNKNOWN, Fact
from linter.tree import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from linter.tree import Tree

YES, NO = "yes", "no"
_STEPS = ("endpoint", "request", "batch", "clean_up", "training", "tuning")
"""Steps of a sample notebook; the last two are those of algorithms alone."""
_SUFFIX = ".ipynb"


def settle_notebooks(facts: list[Fact], tree: Tree) -> list[Fact]:
    """Fill in what `notebook.sample`, `notebook.hint` and the links to notebooks leave open."""
    if not any(fact.kind.startswith("notebook.") for fact in facts):
        return facts
    return _Notebooks(facts, tree).result(facts)


class _Notebooks:
    def __init__(self, facts: Sequence[Fact], tree: Tree) -> None:
        self.tree = tree
        self.beside: dict[str, list[Fact]] = defaultdict(list)
        self.names: dict[str, str] = {}
        """Names of sample notebooks in small letters without signs, with how they are written."""
        for fact in facts:
            if fact.kind == "notebook.sample":
                self.beside[_folder(fact)].append(fact)
                name = posixpath.basename(fact.location.path)
                self.names[_plain(name)] = name
        links = [fact["url"] for fact in facts if fact.kind == "listing.link" and fact["role"] == "notebook"]
        self.linked = {unquote(posixpath.basename(url)) for url in links}
        offered = [fact for fact in facts if fact.kind == "region.use" and fact["asset"] == "listing"]
        self.offered = {fact["code"] for fact in offered if fact["known"] is True}

    def result(self, facts: Sequence[Fact]) -> list[Fact]:
        settle = {"notebook.sample": self.sample, "notebook.hint": self.hint, "listing.link": self.link}
        return [fact.with_fields(**settle[fact.kind](fact)) if fact.kind in settle else fact for fact in facts]

    def sample(self, fact: Fact) -> dict[str, Any]:
        """The steps that neither a sample notebook nor another one beside it shows, and the Regions that it lacks."""
        beside = self.beside[_folder(fact)]
        shown = {step for one in beside for step in _STEPS if one[step]}
        wanted = _STEPS if fact["sells"] == "algorithm" else _STEPS[:4]
        missing = [step.replace("_", "-") for step in wanted if step not in shown]
        whole = all(one["whole"] for one in beside)
        linked = posixpath.basename(fact.location.path) in self.linked
        lacking: list[str] | str = UNKNOWN
        if self.offered and fact["regions"] and len(self.beside) == 1:
            lacking = sorted(self.offered - set(fact["regions"]))
        return {
            "missing": missing if whole else UNKNOWN,
            "linked": YES if linked else UNKNOWN,
            "regions_missing": lacking,
        }

    def hint(self, fact: Fact) -> dict[str, Any]:
        if fact["kind_of_hint"] != "file":
            return {}
        path = clean(posixpath.join(_folder(fact), fact["text"]))
        if path.startswith(".."):
            return {"there": UNKNOWN}
        return {"there": YES if self.tree.entry(path) else NO}

    def link(self, fact: Fact) -> dict[str, Any]:
        """The notebook that a link misses by a hair: its name is written in another way."""
        name = unquote(posixpath.basename(fact["url"]))
        if fact["role"] != "notebook" or not name.endswith(_SUFFIX) or name in self.names.values():
            return {}
        return {"misses": self.names.get(_plain(name))}


def _folder(fact: Fact) -> str:
    return posixpath.dirname(fact.location.path)


def _plain(name: str) -> str:
    return "".join(sign for sign in name.lower() if sign.isalnum())
