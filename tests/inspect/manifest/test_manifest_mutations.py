"""A mistake in a request is found where it stands; a request without one is clean.

`MLLINT_MUTATIONS` sets how many requests are tried.
"""

import json
import os

import jsonschema_rs
import mutations
import pytest

from linter.document import load_document
from linter.engine import check_texts

COUNT = int(os.environ.get("MLLINT_MUTATIONS", "300"))
AT_THE_HEAD = frozenset({"missing", "too few", "too many"})
"""Mistakes of a structure as a whole, which are shown where it begins."""


def complaints(case):
    found = check_texts({"request.json": json.dumps(case.request, indent=1)}, frozenset(), {})
    return [finding for finding in found if finding.severity != "note"]


def is_at_its_place(case, finding):
    document = load_document(json.dumps(case.request, indent=1), format="json")
    key, value, span = document.key_span(case.pointer), document.span(case.pointer), finding.location.span
    if case.what in AT_THE_HEAD:
        return span.line in (key.line, value.line)
    begin = min((key.line, key.column), (value.line, value.column))
    return begin <= (span.line, span.column) and (span.end_line, span.end_column) <= (value.end_line, value.end_column)


@pytest.mark.parametrize("seed", range(4))
def test_each_mistake_is_found_at_its_place(seed):
    missed = []
    for case in mutations.cases(COUNT // 4, seed):
        found = complaints(case)
        if not any(is_at_its_place(case, finding) for finding in found):
            shown = [(finding.rule, finding.location.span, finding.message) for finding in found]
            missed.append((case.what, case.shape, case.pointer, shown))
    assert not missed, f"{len(missed)} of {COUNT // 4}: {missed[:5]}"


def test_requests_without_a_mistake_are_clean():
    for case in mutations.valid_cases(max(COUNT // 20, 10)):
        assert not complaints(case), case


def test_what_is_called_valid_and_broken_is_so_by_the_schema_too():
    """The schemas that users get and the inspector agree: but for duplicates, which JSON Schema cannot tell."""
    validators = {
        operation: jsonschema_rs.validator_for({"$ref": f"#/$defs/{operation}", "$defs": mutations.SHAPES})
        for operation in mutations.REQUESTS
    }
    for case in mutations.valid_cases(40):
        assert validators[case.operation].is_valid(case.request)
    for case in mutations.cases(COUNT):
        assert case.what == "duplicate" or not validators[case.operation].is_valid(case.request), case
