"""Built images judged as products, on their own and beside the folder that they were built from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest

from linter.config import Config
from linter.engine import check
from linter.image.model import Problem
from linter.image.tree import ImageTree
from linter.judge.load import load_knowledge, load_rules
from linter.render.github import render_github
from linter.render.json import render_json
from linter.render.sarif import render_sarif
from linter.render.text import render_text
from linter.resources import schemas_folder
from linter.tree import MemoryTree
from tests.image.making import built

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linter.image.model import BuiltImage
    from linter.model import Report

SERVE = ("#!/usr/bin/env python\nimport app\napp.run()\n", 0o755)
CALLS = "import requests\n\n\ndef run():\n    requests.get('https://example.com/weights')\n"
PROGRAM = {"opt/program/serve": SERVE, "opt/program/app.py": CALLS}
SETTINGS = {"Env": ["PATH=/opt/program:/usr/bin"], "WorkingDir": "/opt/program"}


def checked(*images: BuiltImage, files: Mapping[str, str] | None = None) -> Report:
    tree = MemoryTree({path: text.encode() for path, text in (files or {}).items()})
    wanted = [""] if files else []
    return check(tree, wanted, Config(), load_rules(), load_knowledge(), base="/repo", images=images)


def rules_of(report: Report) -> dict[str, Any]:
    return {finding.rule: finding for finding in report.findings}


def test_a_call_in_a_file_of_an_image_is_found_with_the_way_to_it() -> None:
    finding = rules_of(checked(built(PROGRAM, SETTINGS)))["NET060"]
    assert finding.location.path == "app.tar!/opt/program/app.py"
    assert finding.severity == "error"
    assert [step.location.path for step in finding.trace][:1] == ["app.tar!/<configuration>"]
    assert finding.inside.path == "/opt/program/app.py"
    assert finding.inside.layer == f"sha256:{0:064x}"
    assert finding.inside.step == "COPY . /opt/program"


def test_an_image_is_judged_by_its_configuration() -> None:
    settings = {**SETTINGS, "User": "1000", "Entrypoint": ["/bin/sh", "-c", "python /opt/program/serve"]}
    found = rules_of(checked(built(PROGRAM, settings)))
    assert {"CTR014"} <= set(found)
    assert found["CTR014"].location.path == "app.tar!/<configuration>"


@pytest.mark.parametrize(
    ("files", "settings", "rule"),
    [
        ({"opt/program/serve": SERVE[0]}, SETTINGS, "CTR024"),
        ({"opt/program/serve": ("#!/bin/sh\r\nexec python app.py\r\n", 0o755)}, SETTINGS, "CTR025"),
        ({"opt/other/x": "x"}, {**SETTINGS, "Entrypoint": ["/srv/start"]}, "CTR023"),
        ({"opt/other/x": "x"}, SETTINGS, "CTR001"),
    ],
)
def test_the_start_is_followed_inside_the_image(files: dict[str, Any], settings: dict[str, Any], rule: str) -> None:
    assert rule in rules_of(checked(built(files, settings)))


def test_a_program_behind_links_is_found() -> None:
    image = built(PROGRAM, {"Env": ["PATH=/usr/bin"]}, links={"usr/bin/serve": "../../opt/program/serve"})
    found = rules_of(checked(image))
    assert "CTR001" not in found
    assert "NET060" in found


def test_code_of_installed_packages_is_not_the_sellers() -> None:
    places = ("usr/lib/python3/dist-packages/x/a.py", "usr/local/lib/python3.12/urllib/a.py", "usr/share/x/a.py")
    report = checked(built({**dict.fromkeys(places, CALLS), "opt/program/serve": ("#!/bin/sh\n", 0o755)}, SETTINGS))
    assert not [finding for finding in report.findings if finding.rule.startswith("NET")]


def test_what_the_repository_shows_already_is_not_told_again() -> None:
    files = {"Dockerfile": "FROM python:3.12\nCOPY . /opt/program\nENV PATH=/opt/program:$PATH\n", "app.py": CALLS}
    files["serve"] = SERVE[0]
    report = checked(built(PROGRAM, SETTINGS), files=files)
    assert [f.location.path for f in report.findings if f.rule == "NET060"] == ["app.py"]


def test_a_finding_in_an_image_stands_at_the_instruction_that_made_its_layer() -> None:
    files = {
        "Dockerfile": "FROM python:3.12\nENV A=b\nCOPY . /opt/program\nENV PATH=/opt/program:$PATH\n",
        "serve": SERVE[0],
    }
    image = built(PROGRAM, SETTINGS, history=("/bin/sh -c #(nop) ADD file:aa in / ", "COPY . /opt/program # buildkit"))
    anchor = rules_of(checked(image, files=files))["NET060"].inside.anchor
    assert (anchor.path, anchor.line) == ("Dockerfile", 3)


def test_reports_name_files_of_the_repository_and_the_place_in_the_image() -> None:
    files = {"Dockerfile": "FROM python:3.12\nCOPY . /opt/program\nENV PATH=/opt/program:$PATH\n", "serve": SERVE[0]}
    report = checked(built(PROGRAM, SETTINGS), files=files)
    log = json.loads(render_sarif(report))
    jsonschema_rs.validate(json.loads((schemas_folder() / "sarif-2.1.0.schema.json").read_text("utf-8")), log)
    result = next(each for each in log["runs"][0]["results"] if each["ruleId"] == "NET060")
    place = result["locations"][0]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "Dockerfile"
    assert place["physicalLocation"]["region"]["startLine"] == 2
    assert place["logicalLocations"][0]["fullyQualifiedName"] == "app.tar!/opt/program/app.py"
    assert result["message"]["text"].startswith("In the image app.tar at /opt/program/app.py, line 5: ")
    assert result["properties"]["layer"] == f"sha256:{0:064x}"
    uris = [each["physicalLocation"]["artifactLocation"]["uri"] for each in _all_places(result)]
    assert set(uris) <= {"Dockerfile", "serve"}
    assert "file=Dockerfile,line=2," in render_github(report)
    text = render_text(report, colour=False, verbosity=0, cwd="/repo", width=100)
    assert "app.tar!/opt/program/app.py:5:5" in text
    assert "in:   layer sha256:000000000000, made by `COPY . /opt/program`" in text
    shown = json.loads(render_json(report))
    jsonschema_rs.validate(json.loads((schemas_folder() / "report.schema.json").read_text("utf-8")), shown)
    assert next(f for f in shown["findings"] if f["rule"] == "NET060")["inside"]["path"] == "/opt/program/app.py"


def _all_places(result: dict[str, Any]) -> list[dict[str, Any]]:
    flows = [place["location"] for flow in result["codeFlows"] for t in flow["threadFlows"] for place in t["locations"]]
    return [*result["locations"], *flows]


def test_links_are_followed_inside_the_image_alone() -> None:
    links = {"a": "b", "b": "a", "up": "../../../opt/x", "dir": "/opt", "gone": "/nowhere"}
    merged = built({"opt/x": "1"}, links=links).merged
    assert merged is not None
    tree = ImageTree(merged)
    assert tree.entry("a") is None
    assert tree.entry("gone") is None
    assert [entry.path for name in ("up", "dir/x") if (entry := tree.entry(name))] == ["opt/x", "opt/x"]
    assert tree.read("dir/x", 10) == b"1"


def test_a_secret_in_a_build_step_is_repeated_by_no_report() -> None:
    token = "ghp_" + "a8Fk2LmQ9xZr7TbV4cWn1YpS6dHj3GuE5oKt"
    report = checked(
        built(PROGRAM, SETTINGS, history=(f"RUN git clone https://b:{token}@github.com/a/b /opt/program",))
    )
    assert {"SEC034", "NET060"} <= set(rules_of(report))
    for text in _reports(report):
        assert token not in text


def test_a_secret_in_a_file_is_repeated_by_no_report() -> None:
    token = "ghp_" + "a8Fk2LmQ9xZr7TbV4cWn1YpS6dHj3GuE5oKt"
    report = checked(built({**PROGRAM, "opt/program/.env": f"TOKEN={token}\n"}, SETTINGS))
    assert any(finding.location.path.endswith("/.env") for finding in report.findings)
    for text in _reports(report):
        assert token not in text


def test_a_file_that_is_called_like_the_configuration_is_not_shown_as_it() -> None:
    report = checked(built({**PROGRAM, "<configuration>": "USER pretended\n"}, {**SETTINGS, "User": "1000"}))
    assert "CTR014" in rules_of(report)
    for text in _reports(report):
        assert "pretended" not in text


def test_a_step_of_the_classic_builder_is_shown_without_the_whole_digest_of_what_it_copied() -> None:
    step = f"/bin/sh -c #(nop) COPY dir:{'0123456789abcdef' * 4} in /opt/program "
    found = rules_of(checked(built(PROGRAM, SETTINGS, history=(step,))))
    assert found["NET060"].inside.step == "COPY dir:0123456789ab… in /opt/program"


def _reports(report: Report) -> tuple[str, ...]:
    text = render_text(report, colour=False, verbosity=2, cwd="/repo", width=100)
    return text, render_json(report), render_sarif(report), render_github(report)


def test_of_an_image_that_was_not_read_to_its_end_nothing_is_said_to_be_missing() -> None:
    image = built({"opt/other/x": "x"}, SETTINGS)
    cut = image.merged._replace(problems=(Problem("layer-truncated", "the layer ends early", 0),))
    assert "CTR001" in rules_of(checked(image))
    found = rules_of(checked(image._replace(merged=cut)))
    assert "CTR001" not in found
    assert any(rule.startswith("IMG06") for rule in found)
