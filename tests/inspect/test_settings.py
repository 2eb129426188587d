"""Settings files: credentials in them, and what a Spring application is set to."""

from __future__ import annotations

from typing import Any

import pytest

from linter.discover.classify import kind_of

TOKEN = "hf_" + "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3z"


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        (".env", f"TOKEN={TOKEN}\n", "settings"),
        (".env", "LEVEL=info\n", None),
        ("settings.yaml", f"token: {TOKEN}\n", "settings"),
        ("settings.toml", f"token = '{TOKEN}'\n", "settings"),
        ("settings.ini", "[disk]\nsize = sk-1\n", None),
        ("id_rsa", "-----BEGIN OPENSSH PRIVATE KEY-----\n", "settings"),
        ("cacert.pem", "-----BEGIN CERTIFICATE-----\n", None),
        ("application.properties", "server.port=5000\n", "settings"),
        ("application.yml", "java:\n  memory: 5\n", None),
        ("application-dev.yml", "server:\n  port: 5000\n", None),
        ("app.ini", "[db]\nurl = mysql://db.acme.io/a\n", "store_settings"),
        ("app.yaml", "url: mongodb+srv://db.acme.io/a\n", "store_settings"),
        ("app.json", '{"url": "postgresql+psycopg2://db.acme.io/a"}', "store_settings"),
        ("docker-compose.yml", "services:\n  a:\n    image: redis://db.acme.io\n", None),
    ],
)
def test_which_files_are_settings(name: str, text: str, kind: str | None) -> None:
    assert kind_of(f"app/{name}", len(text), lambda count: text.encode()[:count]) == kind


BODY = "Qx7Rf2LxW9bTz4KmVc8YpD3sHn6JgE5aUoX1iKm2P9rS4t"
SAMPLES = {
    "aws-access-key-id": "AKIA" + "Q3EGRTZLM4XW7PVB",
    "aws-secret-access-key": "aws_secret_access_key = " + "k9/Zq7Rf2LxW9bTz4KmVc8YpD3sHn6JgE5aUoX1i",
    "github-token": "ghp_" + BODY[:36],
    "huggingface-token": TOKEN,
    "openai-key": "sk-" + "proj-" + BODY + BODY + BODY[:20],
    "anthropic-key": "sk-ant-" + "api03-" + BODY + BODY[:47] + "AA",
    "private-key": "-----BEGIN RSA " + f"PRIVATE KEY-----\n{BODY}\n{BODY}\n-----END RSA PRIVATE KEY-----",
}


def test_each_format_that_is_looked_for_makes_a_file_one_of_settings(read: Any, knowledge: Any) -> None:
    assert SAMPLES.keys() == set(knowledge.get("program_behaviour.credentials")["formats"])
    for secret, sample in SAMPLES.items():
        text = f"[a]\n{sample}\n"
        assert kind_of("app/a.ini", len(text), lambda count, text=text: text.encode()[:count]) == "settings", secret
        assert [fact["secret"] for fact in read(text, "settings", "a.ini").of("secret.file")] == [secret]


def test_a_credential_is_told_once_and_without_its_value(read: Any) -> None:
    reading = read(f"a: 1\nb: {TOKEN}\nc: {TOKEN}\n", "settings", "settings.yaml")
    fact = reading.one("secret.file")
    assert (fact["secret"], fact.location.span.line) == ("huggingface-token", 2)
    assert TOKEN not in str(reading.facts)


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("server.port=5000\n", "application.properties", (5000, "all", "no")),
        ("server:\n  port: 5000\n  address: 127.0.0.1\n", "application.yml", (5000, "loopback", "no")),
        ("server.port: 5000\n", "application.yaml", (5000, "all", "no")),
        ("server.port=${PORT:5000}\n", "application.properties", ("unknown", "all", "no")),
        ("server.address=127.0.0.1\n", "application.properties", (8080, "loopback", "no")),
        ("server.port=8443\nserver.ssl.key-store=a.p12\n", "application.properties", (8443, "all", "yes")),
    ],
)
def test_where_spring_listens(read: Any, text: str, path: str, expected: tuple[Any, ...]) -> None:
    fact = read(text, "settings", f"src/main/resources/{path}").one("server.listener")
    assert (fact["port"], fact["interface"], fact["tls"]) == expected


@pytest.mark.parametrize(
    "text",
    [
        "spring:\n  application:\n    name: a\n",
        "spring.config.activate.on-profile: dev\nserver.port: 5000\n",
        "server: [\n",
        "- server.port\n",
    ],
)
def test_settings_that_say_nothing_of_the_port(read: Any, text: str) -> None:
    assert not read(text, "settings", "application.yml").of("server.listener")


def test_limits_of_spring(read: Any) -> None:
    text = "spring.codec.max-in-memory-size=2MB\nspring.mvc.async.request-timeout=30s\nspring.servlet.multipart.max-request-size=1MB\n"
    reading = read(text, "settings", "application.properties")
    assert reading.one("server.body_limit")["bytes"] == 2 * 1024 * 1024
    assert (reading.one("server.timeout")["seconds"], reading.one("server.timeout")["kind"]) == (30, "worker")


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("url = redis://cache.acme.io:6379/0", ("url", "redis://cache.acme.io:6379")),
        (
            "'DB': 'postgresql+psycopg2://me:pass@db.acme.io:5432/a?ssl=1'",
            ("DB", "postgresql+psycopg2://db.acme.io:5432"),
        ),
        ("amqps://queue/", ("unknown", "amqps://queue")),
        ("url = redis://localhost:6379/0", None),
        ("url = mongodb://127.0.0.1", None),
        ("url = mysql://user:pass@host:3306/name", None),
        ("url = mysql://${USER}@${HOST}/name", None),
        ("url = mysql://%(user)s@%(host)s/name", None),
        ("url = mysql://<user>@<host>/name", None),
        ("# url = mysql://db.acme.io/a", None),
        ("; url = mysql://db.acme.io/a", None),
        ("url = mysqlx://db.acme.io/a", None),
        ("url = jdbc:mysql://", None),
        ("url = sqlite:////opt/a.db", None),
        ("url = https://db.acme.io", None),
    ],
)
def test_addresses_of_stores(read: Any, line: str, found: tuple[str, str] | None) -> None:
    facts = read(f"[a]\n{line}\n", "settings", "a.ini").of("settings.store")
    assert [(fact["key"], fact["address"]) for fact in facts] == ([found] if found else [])
