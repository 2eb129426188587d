"""`mllint check --image` as a user calls it: names, options, what is said about where an image was found."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from linter.cli.main import main
from tests.image import packing

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = {"opt/program/serve": b"#!/bin/sh\nexec python3 app.py\n", "opt/program/app.py": b"import requests\n"}


def mllint(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


def image(path: Path, files: dict[str, bytes] | None = None, platform: str = "linux/amd64") -> Path:
    path.parent.mkdir(exist_ok=True)
    layer = packing.tar(files if files is not None else PROGRAM)
    path.write_bytes(packing.tar(packing.old_archive([layer], platform=platform)))
    return path


def places(result: Result) -> set[str]:
    return {finding["location"]["path"] for finding in json.loads(result.stdout)["findings"]}


def test_files_of_an_image_are_listed_too(tmp_path: Path) -> None:
    result = mllint("check", "--list-files", "-q", "--image", image(tmp_path / "app.tar"))
    assert result.stdout == "app.tar!/opt/program/app.py\tpython\napp.tar!/opt/program/serve\tshell\n", result.output


def test_images_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    one, two = image(tmp_path / "a" / "x.tar"), image(tmp_path / "b" / "x.tar", {"etc/os-release": b"ID=arch\n"})
    result = mllint("check", "-f", "json", "--image", one, "--image", two)
    assert {path.split("!")[0] for path in places(result)} == {"x.tar", "b/x.tar"}


def test_layers_that_were_left_out_are_told(tmp_path: Path) -> None:
    result = mllint("check", "--no-layers", "--image", image(tmp_path / "app.tar"))
    assert "All good: no findings in 1 file, as far as it could be inspected." in result.stdout
    assert "layers were left out" in result.stdout


def test_another_platform_than_the_one_asked_for_is_told(tmp_path: Path) -> None:
    path = image(tmp_path / "app.tar")
    said = "it is for linux/amd64 alone, and not for linux/arm64"
    assert said in mllint("check", "--platform", "linux/arm64", "--image", path).stderr
    assert "alone" not in mllint("check", "--platform", "linux/amd64", "--image", path).stderr


@pytest.mark.parametrize("name", ["", " "])
def test_an_image_without_a_name_is_refused(name: str) -> None:
    result = mllint("check", "--image", name)
    assert result.exit_code == 2
    assert "--image has no name" in result.stderr
