"""Sample notebooks: which steps of using a product they show, and what in them works at the seller's alone.

Only what the code of cells says counts, never their saved outputs. A notebook is a sample when it uses a subscribed
product and creates none.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.inspect.manifest.values import placeholder_in
from linter.model import UNKNOWN, Fact, Location, Span
from linter.references.region import is_region_code

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from linter.inspect.code import Code
    from linter.knowledge import Knowledge

_MARKETPLACE = re.compile(r"marketplace", re.IGNORECASE)
_ROLE = re.compile(r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/")
_OWN_PATH = re.compile(r"^(?:/home/(?!ec2-user/|sagemaker-user/|studio)|/Users/|[A-Za-z]:\\)\S")
_BUCKET = re.compile(r"bucket(?:_?name)?$", re.IGNORECASE)
_MOST_HINTS = 50
_TELLING = ("package", "algorithm", "package_keys", "algorithm_keys")
STEPS = ("endpoint", "request", "batch", "clean_up", "training", "tuning")


class _Words(NamedTuple):
    """The table `listing.notebooks`, made ready for lookups."""

    package: frozenset[str]
    algorithm: frozenset[str]
    package_keys: frozenset[str]
    algorithm_keys: frozenset[str]
    publishing: frozenset[str]
    private: re.Pattern[str]
    steps: dict[str, frozenset[str]]
    asking: frozenset[str]
    kits: frozenset[str]
    public_buckets: re.Pattern[str]
    needed: re.Pattern[str]


def _words(knowledge: Knowledge) -> _Words:
    def build(tables: Knowledge) -> _Words:
        table: dict[str, Any] = tables.get("listing.notebooks")
        telling = [name for group in _TELLING for name in table[group]]
        return _Words(
            package=frozenset(table["package"]),
            algorithm=frozenset(table["algorithm"]),
            package_keys=frozenset(table["package_keys"]),
            algorithm_keys=frozenset(table["algorithm_keys"]),
            publishing=frozenset(table["publishing"]),
            private=re.compile(table["private"]),
            steps={step: frozenset(table["steps"][step]) for step in STEPS},
            asking=frozenset(table["asking"]),
            kits=frozenset(table["kits"]),
            public_buckets=re.compile(table["public_buckets"]),
            needed=re.compile(r"\b(?:" + "|".join(map(re.escape, telling)) + r")\b"),
        )

    words: _Words = knowledge.index("inspect.notebooks", build)
    return words


def sample_facts(
    prose: str, code: Code | None, shells: Iterable[str], path: str, whole: bool, knowledge: Knowledge
) -> list[Fact]:
    """The `notebook.sample` of a sample notebook and its `notebook.hint`s; nothing for other notebooks.

    `prose` is what cells of text say, `code` the Python of the others, `shells` their commands. `whole` tells whether
    all cells could be read.
    """
    from linter.inspect.python.parse import parse

    words = _words(knowledge)
    commands = "\n".join(shells)
    python = code.text if code else ""
    if not words.needed.search(f"{python}\n{commands}") or not _MARKETPLACE.search(f"{prose}\n{python}"):
        return []
    tree = parse(python).tree
    seen = _Seen(tree, words)
    called = frozenset(seen.calls) | frozenset(part.replace("-", "_") for part in commands.split())
    sells = _sells(seen, called, words)
    if sells is None or code is None or words.publishing & called or words.private.search(python):
        return []
    node = next((seen.calls[name] for name in (*words.package, *words.algorithm) if name in seen.calls), None)
    span = _span(code, node) if node is not None else code.span(1, 1, 1, 2)
    fields = {
        "sells": sells,
        **{step: bool(names & called) for step, names in words.steps.items()},
        "kits": sorted(words.kits & seen.imports),
        "whole": whole and tree is not None,
        "missing": UNKNOWN,
        "linked": UNKNOWN,
    }
    facts = [Fact("notebook.sample", Location(path, span), fields)]
    for kind, shown, where in seen.hints(knowledge):
        hint = {"kind_of_hint": kind, "text": shown[:200]}
        facts.append(Fact("notebook.hint", Location(path, _span(code, where)), hint))
    return facts


def _sells(seen: _Seen, called: frozenset[str], words: _Words) -> str | None:
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

    def __init__(self, tree: ast.Module | None, words: _Words) -> None:
        self.words = words
        self.calls: dict[str, ast.expr] = {}
        self.keys: set[str] = set()
        self.imports: set[str] = set()
        self.nodes: list[ast.AST] = list(ast.walk(tree)) if tree else []
        for node in self.nodes:
            if isinstance(node, ast.Call):
                name = _called(node)
                if name:
                    self.calls.setdefault(name, node.func)
            elif isinstance(node, ast.Dict):
                keys = (key.value for key in node.keys if isinstance(key, ast.Constant))
                self.keys.update(key for key in keys if isinstance(key, str))
            elif isinstance(node, ast.Import):
                self.imports.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                self.imports.add(node.module.partition(".")[0])

    def hints(self, knowledge: Knowledge) -> Iterator[tuple[str, str, ast.expr]]:
        """What works at the seller's alone, or asks the buyer: its kind, what to show, where."""
        count = 0
        for node in self.nodes:
            for kind, shown, where in self._hints_of(node):
                if kind == "asks" or placeholder_in(shown, "name", knowledge) is None:
                    count += 1
                    if count > _MOST_HINTS:
                        return
                    yield kind, shown, where

    def _hints_of(self, node: ast.AST) -> Iterator[tuple[str, str, ast.expr]]:
        if isinstance(node, ast.Call):
            if _called(node) in self.words.asking and _stands_alone(node.func):
                yield "asks", _called(node), node.func
            for word in node.keywords:
                yield from self._named(word.arg or "", word.value)
        elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            yield from self._named(node.targets[0].id, node.value)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if _ROLE.search(node.value):
                yield "role", node.value, node
            elif _OWN_PATH.search(node.value):
                yield "path", node.value, node

    def _named(self, name: str, value: ast.expr) -> Iterator[tuple[str, str, ast.expr]]:
        """A value under a name that says what it is."""
        if not isinstance(value, ast.Constant) or not isinstance(value.value, str) or not value.value:
            return
        if name == "region_name" and is_region_code(value.value):
            yield "region", value.value, value
        elif _BUCKET.search(name) and not self.words.public_buckets.search(value.value):
            yield "bucket", value.value, value


def _stands_alone(function: ast.expr) -> bool:
    """Whether a function is called by its bare name, or from the module of the same name (`getpass.getpass`)."""
    if isinstance(function, ast.Attribute):
        return isinstance(function.value, ast.Name) and function.value.id == function.attr
    return True


def _called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""
