"""Calls to the outside from Lua that stands in an nginx configuration."""

from __future__ import annotations

import pytest

from linter.inspect.nginx import inspect
from linter.judge.load import load_knowledge
from linter.model import Artifact

TEMPLATE = (
    "http {\n  server {\n    # access_by_lua_block { require 'socket.http' }\n    location / {\n%s\n    }\n  }\n}\n"
)


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ('content_by_lua_block {\n  local c = require "resty.http"\n}', [("resty.http", 6)]),
        ('content_by_lua_block {\n  if x then y = {} end\n  c:request_uri("https://example.com")\n}', [("request_uri", 7)]),
        ('content_by_lua_block {\n  -- c:request_uri("https://example.com")\n}', []),
        ('content_by_lua_block { }\nproxy_pass http://127.0.0.1:9000;', []),
        ("return 200 'require \"resty.http\"';", []),
    ],
)  # fmt: skip
def test_calls_in_lua_blocks(block: str, expected: list[tuple[str, int]]) -> None:
    data = (TEMPLATE % block).encode()
    facts = inspect(Artifact("nginx.conf", "nginx", len(data)), data, load_knowledge()).facts
    found = [(fact["api"], fact.location.line) for fact in facts if fact.kind == "source.call"]
    assert found == expected
