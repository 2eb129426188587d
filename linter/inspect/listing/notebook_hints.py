"""What in a sample notebook asks the buyer, works at the seller's alone, or tells of the seller."""

from __future__ import annotations

import ast
import posixpath
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.inspect.manifest.values import placeholder_in
from linter.references.region import is_region_code

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from linter.inspect.listing.notebooks import Sample
    from linter.inspect.mapped import Mapped
    from linter.knowledge import Knowledge

_ROLE = re.compile(r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/")
_RESOURCE = re.compile(r"^arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:[0-9]{12}:(?:model-package|algorithm)/[^/\s]")
_OWN_PATH = re.compile(r"^(?:/home/(?!ec2-user/|sagemaker-user/|studio)|/Users/|[A-Za-z]:\\)\S")
_BUCKET = re.compile(r"bucket(?:_?name)?$", re.IGNORECASE)
_ACCOUNT = re.compile(r"\barn:aws[a-z-]*:[a-z0-9-]*:[a-z0-9-]*:([0-9]{12}):|\b([0-9]{12})\.dkr\.ecr\.")
_FILE = re.compile(r"^(?:\./)?[\w -][\w ./-]*\.[A-Za-z][A-Za-z0-9]{1,7}$")
_WRITING = re.compile(r"[wax+]")
_MOST_HINTS = 50
_SEARCHED_OUTPUT = 1 << 20
"""Characters of one cell's outputs that are searched. What is larger is pictures."""

Where = ast.expr | tuple[int, int]
"""An expression of the cells, or offsets in the file."""


class Hint(NamedTuple):
    kind: str
    text: str
    where: Where


def hints_of(
    sample: Sample, nodes: Sequence[ast.AST], prose: Mapped, regions: AbstractSet[str], knowledge: Knowledge
) -> Iterator[Hint]:
    """All hints of a sample notebook, bounded in number. `regions` are those that it has a map for."""
    table = knowledge.get("listing.notebooks")
    count = 0
    for hint in (
        *_of_code(nodes, regions, table),
        *_hosting(nodes, table["hosting"]),
        *_files(sample, nodes, table),
        *_of_prose(prose, table, knowledge.get("listing.prose.gaps")),
        *_of_outputs(sample, knowledge),
    ):
        is_value = hint.kind in ("region", "role", "bucket", "path", "resource", "file")
        if not is_value or placeholder_in(hint.text, "name", knowledge) is None:
            count += 1
            if count > _MOST_HINTS:
                return
            yield hint


def _of_code(nodes: Iterable[ast.AST], regions: AbstractSet[str], table: dict[str, Any]) -> Iterator[Hint]:
    public = re.compile(table["public_buckets"])
    for node in nodes:
        if isinstance(node, ast.Call):
            if called_name(node) in table["asking"] and _stands_alone(node.func):
                yield Hint("asks", called_name(node), node.func)
            for word in node.keywords:
                yield from _named(word.arg or "", word.value, public)
        elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            yield from _named(node.targets[0].id, node.value, public)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if _ROLE.search(node.value):
                yield Hint("role", node.value, node)
            elif _OWN_PATH.search(node.value):
                yield Hint("path", node.value, node)
            elif not regions and _RESOURCE.search(node.value):
                yield Hint("resource", node.value, node)


def _hosting(nodes: Iterable[ast.AST], table: dict[str, list[str]]) -> Iterator[Hint]:
    """The first place for each way of hosting that is not a real-time endpoint."""
    ways = {name: way for way, names in table.items() for name in names}
    seen: set[str] = set()
    for node in nodes:
        found: list[tuple[str, ast.expr]] = []
        if isinstance(node, ast.Call):
            found = [(called_name(node), node.func), *((word.arg or "", word.value) for word in node.keywords)]
        elif isinstance(node, ast.Dict):
            found = [(_text(key), key) for key in node.keys if key is not None]
        for name, where in found:
            way = ways.get(name)
            if way is not None and way not in seen:
                seen.add(way)
                yield Hint(way, name, where)


def _named(name: str, value: ast.expr, public_buckets: re.Pattern[str]) -> Iterator[Hint]:
    """A value under a name that says what it is."""
    text = _text(value)
    if not text:
        return
    if name == "region_name" and is_region_code(text):
        yield Hint("region", text, value)
    elif _BUCKET.search(name) and not public_buckets.search(text):
        yield Hint("bucket", text, value)


def _files(sample: Sample, nodes: Sequence[ast.AST], table: dict[str, Any]) -> Iterator[Hint]:
    """Files beside the notebook that it reads and does not make; none where it fetches files, which may be these."""
    everything = f"{sample.code.text if sample.code else ''}\n{sample.shells}"
    if re.search(table["fetching"], everything):
        return
    assigned = _assigned(nodes)
    made = {posixpath.basename(path) for path in sample.written}
    read: dict[str, list[ast.expr]] = {}
    for node in nodes:
        if not isinstance(node, ast.Call):
            continue
        reads = called_name(node) in table["reading"] and not _writes(node)
        given = [*node.args, *(word.value for word in node.keywords)]
        for number, value in enumerate(given):
            text = _text(value) or assigned.get(value.id if isinstance(value, ast.Name) else "", "")
            if not text or not _FILE.match(text):
                continue
            if reads and number == 0:
                read.setdefault(text, []).append(value)
            else:
                made.add(posixpath.basename(text))
    for text, places in read.items():
        name = posixpath.basename(text)
        written = sum(isinstance(place, ast.Constant) for place in places)
        named_once = written + (1 if text in assigned.values() else 0)
        if name not in made and everything.count(name) <= named_once:  # else something else may make it
            yield Hint("file", text, places[0])


def _assigned(nodes: Iterable[ast.AST]) -> dict[str, str]:
    """Names that stand for one text throughout."""
    bound: Counter[str] = Counter(
        node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    )
    found = {}
    for node in nodes:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            text = _text(node.value)
            if text and bound[node.targets[0].id] == 1:
                found[node.targets[0].id] = text
    return found


def _writes(node: ast.Call) -> bool:
    """Whether a call of `open` and its like writes the file, or may."""
    mode = next((word.value for word in node.keywords if word.arg == "mode"), None)
    if mode is None and called_name(node) == "open" and len(node.args) > 1:
        mode = node.args[1]
    return mode is not None and _WRITING.search(_text(mode) or "w") is not None


def _of_prose(prose: Mapped, table: dict[str, Any], gaps: Sequence[str]) -> Iterator[Hint]:
    """Sentences that send the buyer for data, and the first gap that the seller has to fill in."""
    for found in re.finditer(table["sending"], prose.text):
        yield Hint("sends", found.group().strip(), prose.place(found.start(), found.end()))
    gap = re.search("|".join(gaps), prose.text)
    if gap:
        yield Hint("gap", gap.group(), prose.place(gap.start(), gap.end()))


def _of_outputs(sample: Sample, knowledge: Knowledge) -> Iterator[Hint]:
    """The first error and the first account in saved outputs."""
    if sample.notebook.failed:
        start, _ = sample.notebook.failed[0]
        yield Hint("error", "", (start, start + 1))
    known = {
        *knowledge.get("placeholders.note_accounts"),
        *knowledge.get("registries.marketplace_product_accounts").values(),
        *knowledge.get("registries.accounts"),
    }
    for start, end in sample.notebook.outputs:
        for found in _ACCOUNT.finditer(sample.source.text, start, min(end, start + _SEARCHED_OUTPUT)):
            number = 1 if found.group(1) else 2
            if found.group(number) not in known:
                yield Hint("account", "", found.span(number))
                return


def _text(value: ast.expr | None) -> str:
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""


def _stands_alone(function: ast.expr) -> bool:
    """Whether a function is called by its bare name, or from the module of the same name (`getpass.getpass`)."""
    if isinstance(function, ast.Attribute):
        return isinstance(function.value, ast.Name) and function.value.id == function.attr
    return True


def called_name(node: ast.Call) -> str:
    """The last name of what is called; empty when it has none."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""
