"""Sample notebooks: which steps of using a product they show, and what in them works at the seller's alone.

What the code of cells says counts; of their saved outputs only what buyers should not see there. A notebook is a sample
when it uses a subscribed product and creates none.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.inspect.listing.notebook_hints import Hint, called_name, hints_of
from linter.inspect.mapped import Mapped
from linter.model import UNKNOWN, Fact, Location
from linter.references.region import is_region_code

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from linter.inspect.cells import Notebook
    from linter.inspect.code import Code
    from linter.inspect.text import Source
    from linter.knowledge import Knowledge
    from linter.model import Span

_MARKETPLACE = re.compile(r"marketplace", re.IGNORECASE)
_TELLING = ("package", "algorithm", "package_keys", "algorithm_keys")
STEPS = ("endpoint", "request", "batch", "clean_up", "training", "tuning")


class Sample(NamedTuple):
    """A notebook that may be a sample: its cells, their Python, their commands, the files that cells write.

    `whole` tells whether all cells could be read.
    """

    source: Source
    notebook: Notebook
    code: Code | None
    shells: str
    written: Sequence[str]
    whole: bool


class Words(NamedTuple):
    """The table `listing.notebooks`, made ready for lookups."""

    package: frozenset[str]
    algorithm: frozenset[str]
    package_keys: frozenset[str]
    algorithm_keys: frozenset[str]
    publishing: frozenset[str]
    private: re.Pattern[str]
    steps: dict[str, frozenset[str]]
    kits: frozenset[str]
    needed: re.Pattern[str]


def _words(knowledge: Knowledge) -> Words:
    def build(tables: Knowledge) -> Words:
        table: dict[str, Any] = tables.get("listing.notebooks")
        telling = [name for group in _TELLING for name in table[group]]
        return Words(
            package=frozenset(table["package"]),
            algorithm=frozenset(table["algorithm"]),
            package_keys=frozenset(table["package_keys"]),
            algorithm_keys=frozenset(table["algorithm_keys"]),
            publishing=frozenset(table["publishing"]),
            private=re.compile(table["private"]),
            steps={step: frozenset(table["steps"][step]) for step in STEPS},
            kits=frozenset(table["kits"]),
            needed=re.compile(r"\b(?:" + "|".join(map(re.escape, telling)) + r")\b"),
        )

    words: Words = knowledge.index("inspect.notebooks", build)
    return words


def sample_facts(sample: Sample, knowledge: Knowledge) -> list[Fact]:
    """The `notebook.sample` of a sample notebook and its `notebook.hint`s; nothing for other notebooks."""
    from linter.inspect.python.parse import parse

    words, code = _words(knowledge), sample.code
    python = code.text if code else ""
    if not words.needed.search(f"{python}\n{sample.shells}"):
        return []
    prose = Mapped.joined(list(sample.notebook.prose), 0)
    if code is None or not (_MARKETPLACE.search(prose.text) or _MARKETPLACE.search(python)):
        return []
    tree = parse(python).tree
    seen = _Seen(tree)
    called = frozenset(seen.calls) | frozenset(part.replace("-", "_") for part in sample.shells.split())
    sells = _sells(seen, called, words)
    if sells is None or words.publishing & called or words.private.search(python):
        return []
    node = next((seen.calls[name] for name in (*words.package, *words.algorithm) if name in seen.calls), None)
    span = _span(code, node) if node is not None else code.span(1, 1, 1, 2)
    fields = {
        "sells": sells,
        **{step: bool(names & called) for step, names in words.steps.items()},
        "kits": sorted(words.kits & seen.imports),
        "regions": sorted(seen.regions),
        "whole": sample.whole and tree is not None,
        "missing": UNKNOWN,
        "linked": UNKNOWN,
        "regions_missing": UNKNOWN,
    }
    facts = [Fact("notebook.sample", Location(sample.source.path, span), fields)]
    for hint in hints_of(sample, seen.nodes, prose, seen.regions, knowledge):
        place = sample.source.span(*hint.where) if isinstance(hint.where, tuple) else _span(code, hint.where)
        facts.append(Fact("notebook.hint", Location(sample.source.path, place), _fields(hint)))
    return facts


def _fields(hint: Hint) -> dict[str, Any]:
    return {"kind_of_hint": hint.kind, "text": hint.text[:200], "there": UNKNOWN if hint.kind == "file" else None}


def _sells(seen: _Seen, called: frozenset[str], words: Words) -> str | None:
    package = bool(words.package & called) or bool(words.package_keys & seen.keys and "create_model" in called)
    algorithm = bool(words.algorithm & called)
    algorithm = algorithm or bool(words.algorithm_keys & seen.keys and words.steps["training"] & called)
    if algorithm:
        return "algorithm"
    return "model_package" if package else None


def _span(code: Code, node: ast.expr) -> Span:
    line = node.end_lineno if node.end_lineno == node.lineno else node.lineno
    end = (node.end_col_offset or 0) if node.end_lineno == node.lineno else node.col_offset + 1
    return code.span(node.lineno, node.col_offset + 1, line or node.lineno, end + 1)


class _Seen:
    """What is called, imported and written in the cells of a notebook."""

    def __init__(self, tree: ast.Module | None) -> None:
        self.calls: dict[str, ast.expr] = {}
        self.keys: set[str] = set()
        self.imports: set[str] = set()
        self.regions: set[str] = set()
        """Regions that a mapping of the notebook has an entry for."""
        self.nodes: list[ast.AST] = list(ast.walk(tree)) if tree else []
        for node in self.nodes:
            if isinstance(node, ast.Call):
                name = called_name(node)
                if name:
                    self.calls.setdefault(name, node.func)
            elif isinstance(node, ast.Dict):
                keys = list(_texts(node))
                self.keys.update(keys)
                self.regions.update(key for key in keys if is_region_code(key))
            elif isinstance(node, ast.Import):
                self.imports.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                self.imports.add(node.module.partition(".")[0])


def _texts(node: ast.Dict) -> Iterator[str]:
    for key in node.keys:
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield key.value
