"""Clients that are told an address once, and relative addresses after that."""

from __future__ import annotations

import pytest

from tests.assemble.python.products import product

HEAD = "import os\nimport aiohttp\nimport httpx\n\n\n"


def goes(code: str, **files: str) -> list[tuple[str, str | None]]:
    texts = {"serve.py": HEAD + code, **{f"{name}.py": text for name, text in files.items()}}
    return [(fact["destination"], fact["target"]) for fact in product(texts)]


@pytest.mark.parametrize(
    "code",
    [
        'client = httpx.Client(base_url="https://e.com/api/")\nclient.get("/v1")\n',
        'httpx.Client(base_url="https://e.com/api").post(url="v1")\n',
        'with httpx.Client(base_url="https://e.com/api") as client:\n    client.get("v1")\n',
        'URL = "https://e.com/api"\nasync def ask():\n    async with aiohttp.ClientSession(URL) as s:\n'
        '        await s.get("/v1")\nask()\n',
        'class Asks:\n    def __init__(self, url="https://e.com/api"):\n        self._http = httpx.AsyncClient(base_url=url)\n'
        '    async def ask(self):\n        await self._http.request("GET", "/v1")\n\nAsks().ask()\n',
        'def ask(http):\n    http.get("/v1")\n\nask(httpx.Client(base_url="https://e.com/api"))\n',
        'URL = os.getenv("URL", "https://e.com/api")\nclient = httpx.Client(base_url=URL)\nclient.get("/v1")\n',
    ],
)
def test_a_relative_address_belongs_to_the_clients(code: str) -> None:
    assert goes(code) == [("remote", "https://e.com/api/v1")]


@pytest.mark.parametrize(
    ("code", "destination"),
    [
        ('httpx.Client(base_url="http://localhost:8000").get("/v1")\n', "loopback"),
        ('httpx.Client(base_url="https://e.com").get("http://localhost:8000/v1")\n', "loopback"),
        ('httpx.Client().get("/v1")\n', "unknown"),
        ('httpx.Client(base_url=read()).get("/v1")\n', "unknown"),
        ('httpx.AsyncClient(app=app, base_url="http://test").get("/v1")\n', "unknown"),
        ('httpx.Client(transport=httpx.ASGITransport(app), base_url="http://test").get("/v1")\n', "unknown"),
        ('httpx.Client(base_url="https://e.com").get(read())\n', "unknown"),
    ],
)
def test_what_stays_here_or_is_not_known(code: str, destination: str) -> None:
    assert [where for where, _ in goes(code)] == [destination]


def test_the_part_behind_a_known_beginning_may_be_open() -> None:
    code = 'def ask(number):\n    httpx.Client(base_url="https://e.com").get(f"/v1/{number}")\n'
    assert goes(code) == [("remote", "https://e.com/v1/…")]
