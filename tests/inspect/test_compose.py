"""What compose files build."""

from __future__ import annotations

import json

import jsonschema_rs
import pytest

from linter.discover.classify import kind_of
from linter.inspect.compose import inspect
from linter.judge.load import load_knowledge
from linter.model import Artifact, Inspection
from linter.resources import schemas_folder


def read(text: str) -> Inspection:
    found = inspect(Artifact("compose.yaml", "compose"), text.encode(), load_knowledge())
    schema = json.loads((schemas_folder() / "facts" / "compose.build.schema.json").read_text())
    for fact in found.facts:
        jsonschema_rs.validate(schema, dict(fact.fields))
    return found


@pytest.mark.parametrize(
    ("build", "context", "dockerfile", "target"),
    [
        ("build: .", ".", None, None),
        ("build: {context: ../x, dockerfile: docker/D, target: serve}", "../x", "docker/D", "serve"),
        ("build: {dockerfile: D}", ".", "D", None),
        ("build: {context: '${X:-src}/y', dockerfile: $D}", "src/y", "unknown", None),
        ("build: https://github.com/a/b.git", "unknown", None, None),
        ("build: {context: 3}", "unknown", None, None),
    ],
)
def test_builds(build: str, context: str, dockerfile: str | None, target: str | None) -> None:
    (fact,) = read(f"services:\n  model:\n    {build}\n").facts
    assert dict(fact.fields) == {"service": "model", "context": context, "dockerfile": dockerfile, "target": target}
    assert (fact.location.span.line, fact.location.span.column) == (3, 5)


@pytest.mark.parametrize(
    "text",
    ["", "a: [", "services: []", "services: {a: 1, b: {image: x}}", "services: {a: {build: {dockerfile_inline: FROM x}}}",
     "- 1", "services:\n  a:\n    build: [1]\n", "\x00", "services: {1: {build: [}}"],
)  # fmt: skip
def test_what_builds_nothing(text: str) -> None:
    assert read(text) == Inspection()


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("docker-compose.yml", "services:\n  a:\n    build: .\n", "compose"),
        ("compose.yaml", "version: '3'\nservices:\n  a:\n    build:\n      context: .\n", "compose"),
        ("x/docker-compose.gpu.yml", "services:\n  a:\n    build: .\n", "compose"),
        ("compose.yaml", "services:\n  a:\n    image: x\n", None),
        ("other.yaml", "services:\n  a:\n    build: .\n", None),
    ],
)
def test_which_files_are_compose_files(name: str, text: str, kind: str | None) -> None:
    assert kind_of(name, len(text), lambda size: text.encode()[:size]) == kind
