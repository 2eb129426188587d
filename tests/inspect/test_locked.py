"""Lock files and environments of project tools: the distributions that they name."""

from __future__ import annotations

from typing import Any

import pytest

from linter.discover.classify import kind_of

LOCK = '[[package]]\nname = "Torch_Vision"\nversion = "1"\n\n[[package]]\nname = "wandb"\nversion = "2"\n[package.extras]\nx = ["no"]\n'
PIPFILE_LOCK = '{\n    "_meta": {\n        "hash": {}\n    },\n    "default": {\n        "wandb": {\n            "version": "==1"\n        }\n    },\n    "develop": {\n        "pytest": {\n        }\n    }\n}\n'
ENVIRONMENT = "name: x\nchannels:\n  - conda-forge\ndependencies:\n  - python=3.11\n  - pytorch::torch>=2\n  - pip\n  - pip:\n    - wandb==1\n    - -r requirements.txt\nprefix: /x\n"
PROJECT = '[project]\nname = "app"\ndependencies = [\n  "uvicorn[standard]>=1",\n  "wandb~=0.17",\n]\n[project.optional-dependencies]\ntest = ["pytest"]\n'
POETRY = '[tool.poetry]\nname = "app"\n[tool.poetry.dependencies]\npython = "^3.11"\nwandb = {version = "1"}\n[tool.poetry.group.dev.dependencies]\npytest = "1"\n'


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("poetry.lock", LOCK, ["torch-vision", "wandb"]),
        ("uv.lock", LOCK, ["torch-vision", "wandb"]),
        ("pdm.lock", LOCK, ["torch-vision", "wandb"]),
        ("Pipfile.lock", PIPFILE_LOCK, ["wandb"]),
        ("Pipfile", '[packages]\nwandb = "*"\n[dev-packages]\npytest = "*"\n', ["wandb"]),
        ("environment.yml", ENVIRONMENT, ["pip", "python", "torch", "wandb"]),
        ("pyproject.toml", PROJECT, ["uvicorn", "wandb"]),
        ("pyproject.toml", '[project]\ndependencies = ["wandb", "ray[tune] >=2"]\n', ["ray", "wandb"]),
        ("pyproject.toml", POETRY, ["python", "wandb"]),
    ],
)
def test_what_is_named(read: Any, name: str, text: str, found: list[str]) -> None:
    kind = kind_of(f"app/{name}", len(text), lambda count: text.encode()[:count])
    assert kind is not None
    kind = {"python_project": "project"}.get(kind, kind)
    (fact,) = read(text, kind, name).of("project.locked")
    assert fact["distributions"] == found


@pytest.mark.parametrize(
    "text", ["", "\0", "[[package]]", "[project]\ndependencies = [", "dependencies:", "\udc80" * 3]
)
def test_what_is_broken_names_nothing(read: Any, text: str) -> None:
    for name in ("poetry.lock", "Pipfile.lock", "environment.yml", "Pipfile"):
        assert read(text.encode("utf-8", "surrogateescape"), "locked", name).of("project.locked") == []


def test_other_files_of_such_names_are_left_alone() -> None:
    text = b"environment:\n  name: prod\n"
    assert kind_of("app/environment.yml", len(text), lambda count: text[:count]) is None


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("# c\nWLSACCESSID=8f4e\nWLSSECRET=1\n", "WLSACCESSID"),
        ("TOKENSERVER=licences.acme.io\n", "TOKENSERVER"),
        ("SERVER licences.acme.io ANY 27000\n", "SERVER"),
        ("SERVER this_host ANY 27000\n", None),
        ("TOKENSERVER=localhost:41954\n", None),
        ("TYPE=NODE\nHOSTID=1\n", None),
        ("# SERVER licences.acme.io\n", None),
    ],
)
def test_licences_that_a_server_checks(read: Any, text: str, key: str | None) -> None:
    assert kind_of("app/tool.lic", len(text), lambda count: text.encode()[:count]) == "licence"
    assert [fact["key"] for fact in read(text, "licences", "tool.lic").of("licence.file")] == ([key] if key else [])
