"""Built images on the command line: which arguments are images, what is said about them, and what is refused."""

from __future__ import annotations

import gzip
import json
import os
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from linter.cli.main import main
from tests.image.packing import new_archive, old_archive, tar

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

APP = tar({"opt/program/serve": b"#!/usr/bin/python3\nimport requests\nrequests.get('https://example.com/x')\n"})
SETTINGS = {"config": {"Env": ["PATH=/opt/program:/usr/bin"]}}


def check(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["check", *arguments])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.tar").write_bytes(tar(new_archive((APP,), **SETTINGS)))
    (tmp_path / "old.tar.gz").write_bytes(gzip.compress(tar(old_archive((APP,), **SETTINGS))))
    return tmp_path


@pytest.mark.parametrize("name", ["app.tar", "old.tar.gz"])
@pytest.mark.parametrize("option", [(), ("--image",)])
def test_an_archive_is_known_by_its_content_or_named_as_an_image(
    folder: Path, name: str, option: tuple[str, ...]
) -> None:
    found = json.loads(check("--format", "json", *option, name).stdout)
    assert {"image", "python"} == {each["kind"] for each in found["artifacts"]}
    assert any(each["rule"] == "NET060" and each["inside"]["image"] == name for each in found["findings"])


def test_an_image_beside_its_folder(folder: Path) -> None:
    (folder / "Dockerfile").write_text("FROM python:3.12\nCOPY serve /opt/program/serve\n")
    (folder / "serve").write_text("#!/usr/bin/env python\n")
    found = check("-q", ".", "--image", "app.tar").stdout
    assert "app.tar!/opt/program/serve:3:1 error NET060" in found


def test_manifest_and_configuration_alone(folder: Path) -> None:
    found = check("-q", "--no-layers", "app.tar").stdout
    assert "NET060" not in found
    assert "!/opt" not in found


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--image", "gone.tar"), "gone.tar"),
        (("--image", "notes.txt"), "holds no image"),
        (("--image", "app.tar", "--platform", "linux"), "a platform is OS/ARCHITECTURE"),
        (("--image", "docker-archive:"), "names no image"),
        (("--image", ""), "has no name"),
    ],
)
def test_what_is_no_image_is_refused_in_a_sentence(folder: Path, arguments: tuple[str, ...], sentence: str) -> None:
    (folder / "notes.txt").write_text("no image")
    result = check(*arguments)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes need POSIX")
def test_a_pipe_among_the_paths_holds_nobody_up(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    assert check("pipe").exit_code in (0, 3)


def test_facts_of_an_image(folder: Path) -> None:
    result = CliRunner().invoke(main, ["facts", "--kind", "image.manifest", "--image", "app.tar"])
    assert json.loads(result.stdout)["kind"] == "image.manifest"
