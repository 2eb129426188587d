"""What LibCST's own resolver says about the calls of a text, to be compared with what the inspector says."""

from __future__ import annotations

from typing import NamedTuple

Place = tuple[int, int, int, int]
"""Line (from 1) and column (from 0, in characters) of a call's start and of its end."""


class Callee(NamedTuple):
    """Qualified names of what is called, by where they come from: imports, builtins, the text itself."""

    imported: frozenset[str]
    built_in: frozenset[str]
    local: frozenset[str]


def qualified_names(text: str) -> dict[Place, Callee]:
    """For each call of a text that LibCST can read; it raises `libcst.ParserSyntaxError` for others."""
    import libcst as cst
    from libcst.metadata import MetadataWrapper, PositionProvider, QualifiedNameProvider, QualifiedNameSource

    wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
    places = wrapper.resolve(PositionProvider)
    names = wrapper.resolve(QualifiedNameProvider)
    calls: dict[Place, Callee] = {}
    for node, found in names.items():
        if not isinstance(node, cst.Call):
            continue
        if callable(found):
            found = found()
        at = places[node]
        kept: dict[QualifiedNameSource, set[str]] = {source: set() for source in QualifiedNameSource}
        for name in found or ():
            kept[name.source].add(name.name)
        calls[at.start.line, at.start.column, at.end.line, at.end.column] = Callee(
            frozenset(kept[QualifiedNameSource.IMPORT]),
            frozenset(kept[QualifiedNameSource.BUILTIN]),
            frozenset(kept[QualifiedNameSource.LOCAL]),
        )
    return calls
