"""YAML and JSON texts as plain values that know where they stand. Texts are taken for hostile."""

from __future__ import annotations

import re
from typing import Literal

from linter.document.base import MAX_DEPTH, Document, DocumentError, Pointer, Problem

Format = Literal["yaml", "json"]

__all__ = ["MAX_DEPTH", "Document", "DocumentError", "Format", "Pointer", "Problem", "load_document", "load_documents"]


def load_documents(text: str, format: Format = "yaml") -> list[Document]:
    """All documents of a text: any number for YAML (none when it is empty), exactly one for JSON.

    A byte order mark at the start is no part of the text. Raises DocumentError, and nothing else, when the text cannot
    be read.
    """
    text = _encodable(text.lstrip("\ufeff"))
    if format == "json":
        from linter.document.json import load_json

        return [load_json(text)]
    from linter.document.yaml import load_yaml

    return list(load_yaml(text))


def load_document(text: str, *, format: Format = "yaml") -> Document:
    """The only document of a text; an empty YAML text is one with the value None.

    Raises DocumentError when the text cannot be read or holds several documents.
    """
    documents = load_documents(text, format)
    if len(documents) > 1:
        line, column, _, _ = documents[1].span()
        raise DocumentError("only one document is expected here; remove what follows the `---`", line, column)
    return documents[0] if documents else Document.empty()


def _encodable(text: str) -> str:
    """Lone surrogates cannot be encoded, neither for libyaml nor later in a report."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return re.sub("[\ud800-\udfff]", "\ufffd", text)
    return text
