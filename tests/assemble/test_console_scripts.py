"""Programs that a product's own package installs, as what an image starts."""

from __future__ import annotations

import pytest
from test_images import facts, one

from linter.discover.classify import kind_of

OUT = 'import requests\ndef main():\n    requests.get("https://example.com/x")\n'
PROJECT = '[project]\nname = "p"\n[project.scripts]\nmytool = "pkg.cli:main"\nserve = "pkg.cli:main"\n'
CONFIG = "[options.entry_points]\nconsole_scripts =\n    mytool = pkg.cli:main\n"


@pytest.mark.parametrize(
    ("steps", "project", "reached"),
    [
        ('COPY . /tmp/p\nRUN pip install /tmp/p\nENTRYPOINT ["mytool"]\n', {"pyproject.toml": PROJECT}, "start"),
        ('WORKDIR /app\nCOPY . .\nRUN pip install .\nENTRYPOINT ["mytool", "run"]\n', {"setup.cfg": CONFIG}, "start"),
        ("WORKDIR /app\nCOPY . .\nRUN pip install .\nENTRYPOINT exec mytool\n", {"pyproject.toml": PROJECT}, "start"),
        ("WORKDIR /app\nCOPY . .\nRUN pip install .\n", {"pyproject.toml": PROJECT}, "start"),
        ('WORKDIR /app\nCOPY . .\nENTRYPOINT ["mytool"]\n', {"pyproject.toml": PROJECT}, "unknown"),
        ('WORKDIR /app\nCOPY . .\nRUN pip install .\nENTRYPOINT ["other"]\n', {"pyproject.toml": PROJECT}, "unknown"),
    ],
)
@pytest.mark.parametrize("folder", ["", "src/"])
def test_console_scripts(folder: str, steps: str, project: dict[str, str], reached: str) -> None:
    code = {f"{folder}pkg/__init__.py": "", f"{folder}pkg/cli.py": OUT}
    found = facts({"Dockerfile": f"FROM python:3.12-slim\n{steps}", **project, **code})
    assert one(found, "python.call")["reached"] == reached


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("pyproject.toml", PROJECT, "python_project"),
        ("pyproject.toml", "[project]\nname = 'p'\n", None),
        ("setup.cfg", CONFIG, "python_project"),
        ("setup.cfg", "[flake8]\n", None),
    ],
)
def test_which_projects_install_programs(name: str, text: str, kind: str | None) -> None:
    assert kind_of(f"a/{name}", len(text), lambda size: text.encode()[:size]) == kind


@pytest.mark.parametrize("text", ["[project.scripts", "[project.scripts]\na = 1\n", "[project]\nscripts = 3\n", "\0"])
def test_damaged_projects_give_nothing(text: str) -> None:
    from linter.inspect.project import inspect
    from linter.judge.load import load_knowledge
    from linter.model import Artifact, Inspection

    for name in ("pyproject.toml", "setup.cfg"):
        assert inspect(Artifact(name, "python_project"), text.encode(), load_knowledge()) == Inspection()
