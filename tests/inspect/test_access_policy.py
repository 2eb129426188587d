"""Bucket policies as evidence: whom they let read what."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.inspect.conftest import Reading

OPEN = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/in/*"}


def grants(read: Callable[..., Reading], policy: Any) -> list[tuple[str, str, str, bool, bool]]:
    text = policy if isinstance(policy, str) else json.dumps(policy)
    facts = read(text, "access_policy", path="policy.json").of("s3.grant")
    return [(f["bucket"], f["key"], f["effect"], f["everyone"], f["conditional"]) for f in facts]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, [("b", "in/*", "allow", True, False)]),
        ({"Principal": {"AWS": ["*"]}}, [("b", "in/*", "allow", True, False)]),
        ({"Principal": {"AWS": "arn:aws:iam::123456789012:root"}}, [("b", "in/*", "allow", False, False)]),
        ({"Effect": "Deny", "Condition": {"Bool": {}}}, [("b", "in/*", "deny", True, True)]),
        ({"Resource": ["arn:aws:s3:::b", "arn:aws-cn:s3:::c/*"]}, [("b", "", "allow", True, False), ("c", "*", "allow", True, False)]),
        ({"Action": ["s3:ListBucket", "s3:PutObject"]}, []),
        ({"Resource": "arn:aws:s3:::${Bucket}/*"}, []),
        ({"Resource": "*"}, []),
        ({"Principal": None}, []),
        ({"Effect": "Maybe"}, []),
    ],
)  # fmt: skip
def test_statements_about_reading(read: Callable[..., Reading], change: dict[str, Any], expected: list[Any]) -> None:
    assert grants(read, {"Statement": [{**OPEN, **change}]}) == expected


def test_the_answer_of_the_command_line(read: Callable[..., Reading]) -> None:
    answer = {"Policy": json.dumps({"Version": "2012-10-17", "Statement": OPEN})}
    assert grants(read, answer) == [("b", "in/*", "allow", True, False)]


@pytest.mark.parametrize(
    "text",
    ["", "[", "null", "3", '{"Statement": 3}', '{"Statement": [[1], "x", null]}', '{"Policy": "{"}', '{"Policy": "[]"}',
     '{"Statement": [{"Effect": [], "Principal": {"AWS": {}}, "Action": {}, "Resource": [{}, 1, null]}]}',
     '{"Statement": ' + "[" * 5000, '{"Policy": "' + '{\\"Policy\\":' * 500 + '"}'],
)  # fmt: skip
def test_what_is_no_policy_gives_nothing(read: Callable[..., Reading], text: str) -> None:
    assert grants(read, text) == []
