"""Locations in S3 that publishing code gives to AWS's clients and SDK outside of requests: `estimator.fit("s3://…")`."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from linter.model import Fact, Location
from linter.references.patterns import is_test_file
from linter.references.s3 import parse_s3

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator, Sequence

    from linter.inspect.python.place import Places
    from linter.inspect.python.publishing import AwsCall
    from linter.inspect.python.values import Values
    from linter.knowledge import Knowledge

MOST = 200
"""Locations of one text."""
_SCHEME = "s3://"
_FILLED = frozenset("{}<>[]$%*")
"""What only a template has in a bucket's name."""
_DEPTH = 3


def mentions(calls: Sequence[AwsCall], values: Values, places: Places, knowledge: Knowledge) -> Iterator[Fact]:
    """An `s3.mention` for each argument that is a whole location by what the file says, requests left out."""
    if is_test_file(places.path, frozenset(knowledge.get("request_calls.test_folders"))):
        return
    yield from islice(_mentions(calls, values, places, knowledge), MOST)


def _mentions(calls: Sequence[AwsCall], values: Values, places: Places, knowledge: Knowledge) -> Iterator[Fact]:
    requests = knowledge.get("request_calls.calls")
    limit = knowledge.figure("quotas.manifest.s3_uri_chars")
    for call in calls:
        entry = requests.get(call.name)
        if entry is not None and entry["members"] == "same" and not call.of_sdk:
            continue
        for node in _arguments(call.called.node):
            for text in _texts(values.of(node, call.called.scope), 0):
                uri = parse_s3(text, limit=limit)
                if uri is not None and not uri.placeholder and not _is_filled_in(text, knowledge):
                    fields = {"text": text[:limit], "call": call.name, "problems": list(uri.problems)}
                    yield Fact("s3.mention", Location(places.path, places.span(node)), fields)


def _is_filled_in(text: str, knowledge: Knowledge) -> bool:
    """Whether somebody is to put a bucket of their own into a location."""
    from linter.inspect.manifest.values import placeholder_in

    bucket = text[len(_SCHEME) :].partition("/")[0]
    dots = bool(bucket) and not any(sign.isalnum() for sign in bucket)
    if text == _SCHEME or dots or _FILLED & set(bucket):
        return True
    is_example = bucket.lower().replace("_", "-") in knowledge.get("placeholders.buckets")
    return is_example or placeholder_in(text, "value", knowledge) is not None


def _arguments(node: ast.Call) -> Iterator[ast.expr]:
    yield from node.args
    yield from (keyword.value for keyword in node.keywords)


def _texts(value: Any, depth: int) -> Iterator[str]:
    """Locations in a value, also those in mappings and lists."""
    if isinstance(value, str):
        if value.lower().startswith(_SCHEME):
            yield value
    elif isinstance(value, dict) and "dict" in value and depth < _DEPTH:
        for each in value["dict"].values():
            yield from _texts(each, depth + 1)
    elif isinstance(value, list) and depth < _DEPTH:
        for each in value:
            yield from _texts(each, depth + 1)
