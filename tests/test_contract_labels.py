"""The labels of containers' contracts in public repositories, and their scorer."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent / "labels"))

import score_contracts as contracts

from linter.model import Fact, Location, Span

REPOSITORIES = contracts.load()
LINES = [json.loads(line) for line in contracts.LABELS.read_text("utf-8").splitlines()]
EACH = [
    (repository, image, label) for repository in REPOSITORIES for image in repository.images for label in image.labels
]
LIMIT_BYTES = 300_000
TREES = "MLLINT_LABELLED_TREES"
ENOUGH = 200
"""Labels that are scored, from which on a share says something."""

# Slightly below what was measured when the labels were made. Raise them when mllint gets better.
SHARE, SHARE_OF_KIND, MOST_ALONE = 0.965, 0.93, 2

FIELDS = {
    "route": {"path", "methods"},
    "no_route": {"path"},
    "listener": {"server", "port", "host"},
    "server": {"server", "application"},
    "start": {"entrypoint"},
    "timeout": {"server", "name", "seconds"},
    "client_timeout": {"server", "name", "seconds"},
    "body_limit": {"server", "name", "bytes"},
    "workers": {"server", "name", "value"},
    "setting": {"server", "name", "value"},
    "passes": {"route", "to"},
    "accepts": {"types", "otherwise"},
    "returns": {"types"},
    "handler": {"name"},
    "reads": {"folder", "file"},
    "writes": {"folder", "file"},
    "channel": {"channel"},
    "failure": {"file"},
    "checkpoints": {"folder"},
    "no_failure": set(),
    "no_model": set(),
}
"""The fields that the values of each kind have at least."""

FORBIDDEN = {
    "a folder of one machine": r"(?<![\w.>-])/home(?!/model-server|[\w-])|[A-Z]:\\",
    "a key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bhf_\w{20}|\bsk-\w{20}|\bgh[pousr]_\w{20}|PRIVATE KEY",
    "a number of an account": r"\b\d{12}\b",
    "control characters": r"[\x00-\x1f\x7f]",
}


# The file


def test_repositories_are_named_once_in_order_and_pinned() -> None:
    names = [each.repository.lower() for each in REPOSITORIES]
    assert names == sorted(set(names))
    for each in REPOSITORIES:
        assert re.fullmatch(r"[\w.-]+/[\w.-]+", each.repository)
        assert re.fullmatch(r"[0-9a-f]{40}", each.commit), each.repository
        assert isinstance(each.complete, bool)
        assert each.images, each.repository


def test_labels_are_well_formed() -> None:
    for repository, image, label in EACH:
        where = f"{repository.repository} {image.image} {label.path}:{label.line}"
        assert FIELDS[label.kind] <= label.value.keys(), where
        assert type(label.line) is int, where
        assert label.line > 0, where
        assert label.running in ("yes", "no"), where
        for path in (image.image, label.path):
            assert not path.startswith("/"), where
            assert not {"..", "."} & set(path.split("/")), where
        if label.kind in ("route", "no_route"):
            assert label.value["path"].startswith("/"), where
        for method in label.value.get("methods", ()):
            assert method == method.upper(), where


def test_nothing_is_labelled_twice() -> None:
    for each in REPOSITORIES:
        said = [
            (label.kind, label.path, label.line, json.dumps(label.value, sort_keys=True))
            for image in each.images
            for label in image.labels
        ]
        assert len(set(said)) == len(said), each.repository


@pytest.mark.parametrize("what", FORBIDDEN)
def test_labels_hold_no(what: str) -> None:
    for line in LINES:
        assert not re.search(FORBIDDEN[what], json.dumps(line, ensure_ascii=False)), line


def test_the_file_is_small() -> None:
    assert contracts.LABELS.stat().st_size <= LIMIT_BYTES
    assert len(REPOSITORIES) >= 100


# The scorer


CODE = """import flask

app = flask.Flask(__name__)

@app.route("/ping",
           methods=["GET"])
def ping():
    return ""

app.run(
    host="0.0.0.0",
    port=8080,
)
"""


def label(kind: str, line: int, path: str = "serve.py", **value: Any) -> contracts.Label:
    return contracts.Label(kind, path, line, value)


def fact(kind: str, line: int, at: str = "serve.py", **fields: Any) -> Fact:
    return Fact(f"server.{kind}", Location(at, Span(line, 1, line, 2)), {"scope": "container", **fields})


def route(line: int, path: str, *methods: str) -> Fact:
    return fact("route", line, path=path, methods=list(methods))


def scored(folder: Path, labels: list[contracts.Label], facts: list[Fact], **others: Any) -> contracts.Score:
    (folder / "serve.py").write_text(CODE, "utf-8")
    image = contracts.Image("Dockerfile", ("flask",), tuple(labels))
    return contracts.score_tree(folder, contracts.Contracts("a/b", "0" * 40, True, (image,), **others), facts)


PING = label("route", 5, path_="/ping", methods=["GET"])
PING.value["path"] = PING.value.pop("path_")


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        ([route(5, "/ping", "GET")], "agrees"),
        ([route(7, "/ping", "GET", "HEAD", "OPTIONS")], "agrees"),
        ([route(5, "/ping", "POST")], "differs"),
        ([fact("route", 5, path="/ping", methods="unknown")], "unknown"),
        ([route(10, "/ping", "POST")], "missing"),
        ([route(5, "/invocations", "GET")], "missing"),
        ([], "missing"),
    ],
)
def test_routes_are_compared_by_path_place_and_methods(tmp_path: Path, facts: list[Fact], outcome: str) -> None:
    assert scored(tmp_path, [PING], facts).counts == {("route", outcome): 1}


@pytest.mark.parametrize(
    ("port", "interface", "outcome"),
    [
        (8080, "all", "agrees"),
        ("unknown", "all", "unknown"),
        (8000, "all", "differs"),
        (8080, "loopback", "differs"),
        ("unknown", "loopback", "differs"),
    ],
)
def test_listeners_are_compared_by_port_and_interface(tmp_path: Path, port: Any, interface: str, outcome: str) -> None:
    said = fact("listener", 10, server="flask", port=port, interface=interface)
    result = scored(tmp_path, [label("listener", 12, server="flask", port=8080, host="0.0.0.0")], [said])
    assert result.counts == {("listener", outcome): 1}


@pytest.mark.parametrize(
    ("application", "outcome"),
    [("serve:app", "agrees"), ("app", "agrees"), (None, "unknown"), ("serve:api", "differs")],
)
def test_an_object_that_is_served_is_known_by_its_name(tmp_path: Path, application: Any, outcome: str) -> None:
    said = fact("program", 10, server="flask", application=application)
    result = scored(tmp_path, [label("server", 10, server="flask", application="app")], [said])
    assert result.counts == {("server", outcome): 1}


@pytest.mark.parametrize(
    ("application", "outcome"),
    [
        ("serve:app", "agrees"),
        ("web.serve:app", "agrees"),
        ("a.web.serve:app", "agrees"),
        ("main:app", "agrees"),
        ("other:app", "differs"),
    ],
)
def test_a_module_may_be_seen_from_another_folder_or_import_the_name(
    tmp_path: Path, application: str, outcome: str
) -> None:
    said = fact("program", 10, server="flask", application=application)
    wanted = label("server", 10, server="flask", application="web.serve:app", resolved="main:app")
    assert scored(tmp_path, [wanted], [said]).counts == {("server", outcome): 1}


def test_time_outs_are_compared_by_server_name_and_length(tmp_path: Path) -> None:
    wanted = label("timeout", 10, server="gunicorn", name="timeout", seconds=60)
    for server, seconds, outcome in (("gunicorn", 60, "agrees"), ("gunicorn", 30, "differs"), ("nginx", 60, "missing")):
        said = fact("timeout", 10, server=server, name="timeout", seconds=seconds)
        assert scored(tmp_path, [wanted], [said]).counts == {("timeout", outcome): 1}


def test_one_fact_answers_one_label(tmp_path: Path) -> None:
    result = scored(tmp_path, [PING, PING], [route(5, "/ping", "GET")])
    assert result.counts == {("route", "agrees"): 1, ("route", "missing"): 1}
    assert result.share("route") == 0.5


def test_a_route_that_is_not_there_must_not_be_seen(tmp_path: Path) -> None:
    absent = label("no_route", 3)
    absent.value["path"] = "/invocations"
    assert scored(tmp_path, [absent], [route(5, "/ping", "GET")]).counts == {("no_route", "agrees"): 1}
    assert scored(tmp_path, [absent], [route(5, "/invocations", "GET")]).counts == {("no_route", "differs"): 1}
    assert scored(tmp_path, [absent], []).counts == {("no_route", "missing"): 1}
    assert scored(tmp_path, [PING, absent], [route(5, "/ping", "GET")]).counts["no_route", "agrees"] == 1


def test_doubts_and_what_does_not_run_are_not_scored_and_still_answered(tmp_path: Path) -> None:
    labels = [contracts.Label("route", "serve.py", 5, PING.value, doubt="who knows")]
    result = scored(tmp_path, labels, [route(5, "/ping", "GET")])
    assert (result.counts, result.doubtful, result.alone) == ({}, 1, [])


def test_what_mllint_says_alone_is_told_of_complete_repositories(tmp_path: Path) -> None:
    facts = [
        route(5, "/ping", "GET"),
        fact("listener", 10, server="gunicorn", port=8000, interface="loopback", declared=False),
        fact("program", 1, server="nginx", application=None, via="file"),
        fact("setting", 1, server="nginx", name="daemon", value="off"),
    ]
    assert [each["kind"] for each in scored(tmp_path, [], facts).alone] == ["server.route"]


def start(**others: Any) -> Fact:
    fields = {
        "dockerfile": "Dockerfile",
        "last": True,
        "entrypoint_form": "none",
        "entrypoint": None,
        "cmd": None,
        "program_file": None,
        "serve_on_path": "yes",
        "train_on_path": "no",
        "base_brings_start_program": "no",
    }
    return Fact("image.start", Location("Dockerfile", Span()), {**fields, **others})


BY_ENTRYPOINT = {"entrypoint": ["python", "/serve.py"], "program": "serve.py"}


@pytest.mark.parametrize(
    ("wanted", "said", "outcome"),
    [
        ({"entrypoint": None, "serve": "serve", "train": None}, {}, "agrees"),
        ({"entrypoint": None, "serve": "serve", "train": "train"}, {}, "differs"),
        ({"entrypoint": None, "serve": "serve", "train": None}, {"serve_on_path": "unknown"}, "unknown"),
        ({"entrypoint": None, "serve": "base", "train": None}, {"base_brings_start_program": "yes"}, "agrees"),
        ({"entrypoint": [], "serve": "serve", "train": None}, {"entrypoint_form": "empty"}, "agrees"),
        (BY_ENTRYPOINT, {"entrypoint": ["python", "/serve.py"], "program_file": "serve.py"}, "agrees"),
        (BY_ENTRYPOINT, {"entrypoint": ["python", "/serve.py"]}, "unknown"),
        (BY_ENTRYPOINT, {"entrypoint": ["python"], "program_file": "serve.py"}, "differs"),
        ({"entrypoint": ["a"], "program": None}, {"entrypoint": ["a"], "program_file": "b"}, "differs"),
    ],
)
def test_starts_are_compared_by_entry_point_and_program(
    tmp_path: Path, wanted: dict[str, Any], said: dict[str, Any], outcome: str
) -> None:
    result = scored(tmp_path, [contracts.Label("start", "Dockerfile", 1, wanted)], [start(**said)])
    assert result.counts == {("start", outcome): 1}


def test_mllint_is_asked_and_the_score_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    folder = tmp_path / "some__one"
    folder.mkdir()
    (folder / "Dockerfile").write_text(
        'FROM python:3.12-slim\nCOPY serve.py /serve.py\nENTRYPOINT ["python", "/serve.py"]\nEXPOSE 8080\n', "utf-8"
    )
    (folder / "serve.py").write_text(CODE, "utf-8")
    wanted = contracts.Label("start", "Dockerfile", 3, BY_ENTRYPOINT)
    image = contracts.Image("Dockerfile", ("flask",), (wanted,))
    known = [contracts.Contracts("some/one", "0" * 40, False, (image,))]
    monkeypatch.setattr(contracts, "load", lambda: known)
    assert contracts.main([str(tmp_path)]) == 0
    assert re.search(r"start +1 +0 +0 +0 +100\.0%", capsys.readouterr().out)


def test_no_labelled_tree_is_no_score(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert contracts.main([str(tmp_path)]) == 2
    assert "docs/labels.md" in capsys.readouterr().err


def test_a_tree_at_another_commit_is_not_scored(tmp_path: Path) -> None:
    folder = tmp_path / "some__one"
    (folder / ".git").mkdir(parents=True)
    (folder / ".git" / "HEAD").write_text("f" * 40 + "\n", "utf-8")
    known = [contracts.Contracts("some/one", "0" * 40, True, (contracts.Image("Dockerfile", (), (PING,)),))]
    ((_, result),) = contracts.measure([tmp_path], known)
    assert not result.counts
    assert "f" * 40 in result.failed[0]["why"]


@pytest.mark.timeout(0)  # many trees take minutes
@pytest.mark.skipif(
    TREES not in os.environ, reason=f"{TREES} names no trees of labelled repositories; see docs/labels.md"
)
def test_mllint_sees_what_readers_saw() -> None:
    folders = [Path(each) for each in os.environ[TREES].split(os.pathsep) if each]
    total = contracts.Score()
    for _, result in contracts.measure(folders, REPOSITORIES):
        total.add(result)
    assert not total.failed
    if sum(total.counts.values()) < ENOUGH:
        pytest.skip(f"{sum(total.counts.values())} labels of contracts in these trees are too few for a share")
    shown = contracts.text(total)
    share = total.share(*contracts.SCORED)
    assert share is not None
    assert share >= SHARE, shown
    for kind in contracts.SCORED:
        of_kind = total.share(kind)
        few = sum(total.counts[kind, outcome] for outcome in contracts.OUTCOMES) < ENOUGH // 10
        assert few or of_kind is None or of_kind >= SHARE_OF_KIND, f"{kind}\n{shown}"
    assert len(total.alone) <= MOST_ALONE, shown
