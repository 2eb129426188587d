"""SARIF: valid by the official schema, and within GitHub's requirements and limits."""

from __future__ import annotations

import gzip
import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linter.model import Artifact, Edit, Finding, Location, Report, Span
from linter.render import sarif
from linter.render.fingerprint import line_hashes
from linter.render.limits import SARIF_DESCRIPTION, SARIF_GZIP_BYTES, SARIF_RESULTS_KEPT, SARIF_RULE_NAME
from linter.render.sarif import render_sarif

from .samples import DOCKERFILE, FETCH, PORT, Rule, at, finding, full, report
from .test_text import HOSTILE, hostile

# Verbatim `sarif-2.1.0.json` of the npm package @microsoft/sarif-multitool-linux 5.7.0 (MIT), the OASIS schema as
# published with Microsoft's SARIF SDK.
SCHEMA = Path(__file__).parents[2] / "schemas/sarif-2.1.0.schema.json"
VALIDATOR = jsonschema_rs.validator_for(json.loads(SCHEMA.read_text(encoding="utf-8")), validate_formats=True)


def run(what: Report, **more: Any) -> Any:
    """The only run of a report's SARIF log, checked as GitHub would."""
    text = render_sarif(what, **more)
    assert text.isascii()
    log = json.loads(text)
    VALIDATOR.validate(log)
    assert log["version"] == "2.1.0"
    assert log["$schema"]
    (only,) = log["runs"]
    check_for_github(only)
    return only


def check_for_github(only: Any) -> None:
    """What GitHub requires and the schema does not say."""
    driver = only["tool"]["driver"]
    assert driver["name"] == "mllint"
    assert len(only["results"]) <= SARIF_RESULTS_KEPT
    for rule in driver["rules"]:
        assert 0 < len(rule["name"]) <= SARIF_RULE_NAME
        for field in ("shortDescription", "fullDescription"):
            assert 0 < len(rule[field]["text"]) <= SARIF_DESCRIPTION
        assert rule["help"]["text"]
        assert rule["help"]["markdown"]
        assert len(rule["properties"]["tags"]) <= 10
        assert rule["properties"]["precision"] in ("very-high", "high", "medium", "low")
        assert rule["properties"]["problem.severity"] in ("error", "warning", "recommendation")
        score = rule["properties"].get("security-severity")
        assert score is None or (0 < float(score) <= 10 and "security" in rule["properties"]["tags"])
    for result in only["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        assert result["partialFingerprints"]
        assert len(result["locations"]) == 1
        assert len(result.get("relatedLocations", ())) < 100
    for physical in everywhere(only, "physicalLocation"):
        assert physical["artifactLocation"]["uri"]
    for region in (*everywhere(only, "region"), *everywhere(only, "contextRegion"), *everywhere(only, "deletedRegion")):
        start = (region["startLine"], region["startColumn"])
        assert (1, 1) <= start <= (region["endLine"], region["endColumn"])
        assert region["startColumn"] >= 1 <= region["endColumn"]
    for place in (*everywhere(only, "artifactLocation"), *everywhere(only, "location")):
        if "index" in place:
            assert only["artifacts"][place["index"]]["location"]["uri"] == place["uri"]
        if "uri" in place:
            assert "\\" not in place["uri"]
            assert ("uriBaseId" in place) == (not place["uri"].startswith("file:"))


def everywhere(value: Any, name: str) -> list[Any]:
    """All values of a property, however deep."""
    if isinstance(value, list):
        return [found for part in value for found in everywhere(part, name)]
    if not isinstance(value, dict):
        return []
    here = [value[name]] if name in value else []
    return here + [found for part in value.values() for found in everywhere(part, name)]


def test_a_clean_report_has_results_and_all_rules() -> None:
    only = run(report())
    assert only["results"] == []
    assert [rule["id"] for rule in only["tool"]["driver"]["rules"]] == ["MLP001", "MLP002", "MLP003"]
    assert only["invocations"] == [{"executionSuccessful": True, "exitCode": 0}]
    assert "automationDetails" not in only  # the uploader sets the category, and only where there is none
    assert only["columnKind"] == "unicodeCodePoints"


def test_a_result() -> None:
    first = run(full())["results"][0]
    assert first["ruleId"] == "MLP001"
    assert first["level"] == "error"
    assert first["message"]["text"] == (
        "`curl` downloads a program and `sh` runs it.\n\nSee also: [the container starts here](1)."
    )
    assert first["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "Dockerfile", "uriBaseId": "%SRCROOT%", "index": 0},
                "region": {
                    "startLine": 3,
                    "startColumn": 5,
                    "endLine": 3,
                    "endColumn": 50,
                    "snippet": {"text": "curl -sSL https://example.com/install.sh | sh"},
                },
                "contextRegion": {
                    "startLine": 3,
                    "startColumn": 1,
                    "endLine": 3,
                    "endColumn": 50,
                    "snippet": {"text": "    curl -sSL https://example.com/install.sh | sh"},
                },
            }
        }
    ]
    assert first["partialFingerprints"]["primaryLocationLineHash"] == line_hashes(DOCKERFILE)[2]
    assert first["relatedLocations"][0]["id"] == 1


@pytest.mark.parametrize(
    ("on_disk", "known", "expected"),
    [
        ("a\r\nb\r\n", "a\r\nb\r\n", "a\r\nb\r\n"),
        ("\ufeffa\nb\n", "a\nb\n", "\ufeffa\nb\n"),  # decoded without its byte order mark
        ("a\nb\nand so on", "a\nb\n", None),  # cut off
    ],
)
def test_the_line_hash_is_the_uploader_s_or_none(on_disk: str, known: str, expected: str | None) -> None:
    artifacts = (Artifact("x", "shell", len(on_disk.encode())),)
    what = report(finding(location=at("x", 1)), artifacts=artifacts, sources={"x": known})
    hashes = run(what)["results"][0]["partialFingerprints"]
    assert hashes.get("primaryLocationLineHash") == (line_hashes(expected)[0] if expected else None)


def test_a_fix() -> None:
    (fix,) = run(full())["results"][1]["fixes"]
    (change,) = fix["artifactChanges"]
    assert fix["description"]["text"] == "Listen on port 8080"
    assert change["replacements"] == [
        {
            "deletedRegion": {"startLine": 2, "startColumn": 9, "endLine": 2, "endColumn": 11},
            "insertedContent": {"text": "8080"},
        }
    ]


def test_a_rule() -> None:
    rule = run(full())["tool"]["driver"]["rules"][1]
    assert rule["shortDescription"]["text"] == "The server listens on another port."
    assert rule["fullDescription"]["text"] == "SageMaker talks to port 8080."
    assert rule["defaultConfiguration"] == {"level": "warning"}
    assert rule["help"]["markdown"].startswith("**MLP002 wrong-port**: The server listens on another port.")
    assert rule["properties"]["requirement"] == ["port-8080", "not-in-the-catalog"]
    assert rule["properties"]["precision"] == "medium"
    assert "security-severity" not in rule["properties"]


def test_security_rules_have_a_number_and_the_tag() -> None:
    fetch, _, quiet = run(report())["tool"]["driver"]["rules"]
    assert fetch["properties"]["security-severity"] == "8.0"
    assert quiet["properties"]["security-severity"] == "4.2"
    assert quiet["properties"]["tags"] == ["security", "network"]


def test_rules_point_at_the_requirements() -> None:
    only = run(report())
    (taxonomy,) = only["taxonomies"]
    assert taxonomy["name"] == "AWS Marketplace ML product requirements"
    assert [taxon["id"] for taxon in taxonomy["taxa"]] == ["port-8080", "no-network"]
    for rule in only["tool"]["driver"]["rules"]:
        (relation,) = rule["relationships"]  # a requirement that is not in the catalog is left out
        assert taxonomy["taxa"][relation["target"]["index"]]["id"] == relation["target"]["id"]
        assert relation["target"]["toolComponent"]["guid"] == taxonomy["guid"]


def test_notices_are_notifications() -> None:
    (invocation,) = run(full())["invocations"]
    assert invocation["exitCode"] == 1
    assert [n["level"] for n in invocation["toolExecutionNotifications"]] == ["note", "note", "warning"]
    third = invocation["toolExecutionNotifications"][2]
    assert third["descriptor"]["id"] == "syntax"
    assert third["locations"][0]["physicalLocation"]["region"]["startLine"] == 4


def test_a_failure_inside_is_told() -> None:
    (invocation,) = run(report(error="KeyError", exit_code=4))["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["exitCode"] == 4
    assert invocation["toolExecutionNotifications"][-1]["level"] == "error"


def test_suppressed_findings_only_when_asked() -> None:
    assert len(run(full())["results"]) == 2
    third = run(full(), include_suppressed=True)["results"][2]
    (why,) = third["suppressions"]
    assert why["kind"] == "inSource"
    assert why["justification"] == "agreed with the team"
    assert why["location"]["physicalLocation"]["region"]["startLine"] == 3


def test_the_same_fingerprints_with_and_without_suppressed_ones() -> None:
    few, all_of_them = run(full())["results"], run(full(), include_suppressed=True)["results"]
    assert [result["partialFingerprints"] for result in few] == [r["partialFingerprints"] for r in all_of_them[:2]]


def test_the_source_root_is_a_folder() -> None:
    assert run(full())["originalUriBaseIds"]["%SRCROOT%"]["uri"] == "file:///srv/product/"
    assert run(report(base="/a b/c#d"))["originalUriBaseIds"]["%SRCROOT%"]["uri"] == "file:///a%20b/c%23d/"
    assert run(report(base="/"))["originalUriBaseIds"]["%SRCROOT%"]["uri"] == "file:///"
    assert "uri" not in run(report(base="."))["originalUriBaseIds"]["%SRCROOT%"]


def test_paths_from_the_root_of_the_repository() -> None:
    only = run(full(), root="/srv")
    assert only["originalUriBaseIds"]["%SRCROOT%"]["uri"] == "file:///srv/"
    assert only["artifacts"][0]["location"]["uri"] == "product/Dockerfile"
    assert (
        only["results"][1]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "product/conf/nginx.conf"
    )
    assert run(full(), root="/else")["artifacts"][0]["location"]["uri"] == "Dockerfile"


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("my model/100%.py", "my%20model/100%25.py"),
        ("a#b?c.py", "a%23b%3Fc.py"),
        ("模型/é.py", "%E6%A8%A1%E5%9E%8B/%C3%A9.py"),
        ("new\nline.py", "new%0Aline.py"),
        ("bytes\udcff.py", "bytes%FF.py"),
        ("c:x", "c%3Ax"),
    ],
)
def test_hostile_names(path: str, uri: str) -> None:
    only = run(report(finding(location=at(path)), artifacts=(Artifact(path, "script", 3),), sources={path: "x\n"}))
    assert only["artifacts"][0]["location"]["uri"] == uri
    assert only["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_files_outside_the_base_have_an_absolute_uri() -> None:
    run(report(finding(location=at("/etc/passwd"))))


@pytest.mark.parametrize("path", ["", "."])
def test_a_finding_about_no_file_gets_one(path: str) -> None:
    physical = run(report(finding(location=at(path))))["results"][0]["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"]["uri"] == "Dockerfile"


@pytest.mark.parametrize("span", [Span(0, 0, 0, 0), Span(-1, -1, -1, -1), Span(5, 9, 3, 1), Span(2, 9, 2, 3)])
def test_regions_are_sound_whatever_comes_in(span: Span) -> None:
    edit = Edit(Location("Dockerfile", span), "x", "")
    run(report(finding(location=Location("Dockerfile", span), edits=(edit,))))


def test_a_rule_that_nobody_listed() -> None:
    stray = Finding("X1", "", "note", "odd", "Odd.", at("Dockerfile"), at("Dockerfile"), ())
    only = run(report(stray))
    assert only["tool"]["driver"]["rules"][3]["id"] == "X1"
    assert only["results"][0]["ruleIndex"] == 3


def test_long_texts_are_cut() -> None:
    rule = Rule("MLP001", "n" * 300, "s" * 2_000, why="w " * 2_000, tags=tuple(f"tag-{n}" for n in range(30)))
    run(report(finding(rule, message="m" * 5_000), rules=(replace(rule, security_severity="5.0"),)))


def test_many_related_places() -> None:
    related = tuple((at("Dockerfile", n), f"[place] {n}") for n in range(1, 2_000))
    assert "[\\[place\\] 1](1)" in run(report(finding(related=related)))["results"][0]["message"]["text"]


def test_messages_hold_no_foreign_links() -> None:
    only = run(report(finding(message="Click [here](http://evil) \x1b[31mnow")))
    assert only["results"][0]["message"]["text"] == "Click [here] (http://evil) \\x1b[31mnow"


def test_too_many_results_keep_the_worst() -> None:
    mild = [finding(PORT, at("Dockerfile", 1, n)) for n in range(1, SARIF_RESULTS_KEPT + 1)]
    bad = [finding(FETCH, at("Dockerfile", 2, n)) for n in range(1, 11)]
    only = run(report(*mild, *bad))
    assert len(only["results"]) == SARIF_RESULTS_KEPT
    assert [result["level"] for result in only["results"][:11]] == ["error"] * 10 + ["warning"]
    told = only["invocations"][0]["toolExecutionNotifications"][-1]["message"]["text"]
    assert told.startswith("10 of 5,010 findings are left out, the mildest ones:")


def test_a_file_that_would_be_refused_is_made_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    limit = 40_000
    monkeypatch.setattr(sarif, "SARIF_GZIP_BYTES", limit)
    noise = random.Random(1)
    found = [finding(location=at("x", n), message="".join(chr(noise.randrange(33, 0x3000)) for _ in range(300)))
             for n in range(200)]  # fmt: skip
    text = render_sarif(report(*found, sources={}))
    assert len(gzip.compress(text.encode())) < limit
    log = json.loads(text)
    VALIDATOR.validate(log)
    assert 0 < len(log["runs"][0]["results"]) < 200
    assert "findings are left out" in text


def test_a_full_file_is_accepted() -> None:
    noise = random.Random(1)
    source = "".join("".join(chr(noise.randrange(33, 0x3000)) for _ in range(700)) + "\n" for _ in range(100))
    found = [
        finding(location=at("x", n % 100 + 1, 1, n % 100 + 1, 600), message="m" * 900)
        for n in range(SARIF_RESULTS_KEPT)
    ]
    text = render_sarif(report(*found, sources={"x": source}))
    assert len(gzip.compress(text.encode())) < SARIF_GZIP_BYTES


@settings(deadline=None)
@given(st.text(st.characters() | st.sampled_from(HOSTILE), max_size=30))
def test_hostile_reports_are_valid(word: str) -> None:
    run(hostile(word), include_suppressed=True)


def test_the_same_report_gives_the_same_text() -> None:
    assert render_sarif(full()) == render_sarif(full())
