"""Clients of libraries that a function of the file is handed by its callers in the same file."""

from __future__ import annotations

import pytest

from tests.assemble.python.products import product


def found(code: str) -> list[tuple[str, str]]:
    return [(fact["api"], fact["destination"]) for fact in product({"serve.py": code})]


SECRETS = "import boto3\ndef read({}):\n    return session.client('secretsmanager')\n"


@pytest.mark.parametrize(
    "code",
    [
        SECRETS.format("session") + "read(boto3.Session())\n",
        SECRETS.format("session") + "own = boto3.Session(region_name='eu-west-1')\nread(session=own)\n",
        SECRETS.format("name, session=None") + "read('x', boto3.Session())\n",
        SECRETS.format("session") + "def start():\n    read(boto3.Session())\nstart()\n",
        "import boto3\nclass Reader:\n    def __init__(self, session):\n        self.session = session\n        self.read()\n"
        "    def read(self):\n        self.session.client('secretsmanager')\nReader(boto3.Session())\n",
        "import boto3\nclass Reader:\n    def read(self, session):\n        session.client('secretsmanager')\n"
        "    def all(self):\n        self.read(boto3.Session())\nReader().all()\n",
        "import boto3\ndef outer(session):\n    inner(session)\ndef inner(session):\n"
        "    session.client('secretsmanager')\nouter(boto3.Session())\n",
        "import boto3\ndef again(session, n):\n    session.client('secretsmanager')\n    again(session, n - 1)\n"
        "again(boto3.Session(), 3)\n",
    ],
)
def test_the_session_of_a_caller(code: str) -> None:
    assert found(code) == [("boto3.Session.client", "remote")]


def test_what_other_functions_of_the_name_are_given_does_not_count() -> None:
    assert (
        found(
            SECRETS.format("session") + "class Other:\n    def read(self, session):\n        pass\n"
            "Other().read(boto3.Session())\n"
        )
        == []
    )
    assert found(SECRETS.format("session") + "read(make())\n") == []
    assert found(SECRETS.format("name, session") + "read(boto3.Session(), make())\n") == []


def test_addresses_that_a_client_of_a_caller_is_given() -> None:
    code = (
        "import aiohttp, asyncio\n"
        "async def fetch(session, number):\n"
        "    async with session.get(f'https://api.example.com/{number}') as answer:\n"
        "        return await answer.json()\n"
        "async def main():\n"
        "    async with aiohttp.ClientSession() as session:\n"
        "        await fetch(session, 3)\n"
        "asyncio.run(main())\n"
    )
    assert found(code) == [("aiohttp.ClientSession.get", "remote")]
