"""Kept facts are those that an inspection would give, and nothing that goes wrong with the cache shows."""

from __future__ import annotations

import os
import sqlite3
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.inspect import cache as module
from linter.inspect.cache import NAME, FactCache, Misshapen, pack, unpack
from linter.inspect.run import inspect_all, inspect_one
from linter.judge.load import load_knowledge
from linter.model import Artifact, Fact, Inspection, Location, Notice, Span, Step
from linter.tree import MemoryTree
from linter.watch import WatchedTree

if TYPE_CHECKING:
    from pathlib import Path

KNOWLEDGE = load_knowledge()
PYTHON = Artifact("a/serve.py", "python", 3, False)
FACT = Fact(
    "x.y",
    Location("a/serve.py", Span(1, 2, 3, 4)),
    {"text": "é\ud800", "list": [1, None, {"a": True}], "number": 1.5},
    {"text": Span(1, 2, 1, 3)},
    (Step(Location("b.py", Span(5, 1, 5, 2)), "imports a.serve"),),
)
PLAIN = Fact("x.z", Location("other.py"), {})
INSPECTION = Inspection((FACT, PLAIN), (Notice("code", "text", "a/serve.py", Span(), "error"), Notice("c", "t")))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("MLLINT_NO_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MLLINT_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def packed(inspection: Inspection = INSPECTION) -> bytes:
    data = pack(inspection, [PLAIN], PYTHON.path)
    assert data is not None
    return data


def fill(inspection: Inspection = INSPECTION) -> None:
    cache = FactCache("tool", "knowledge")
    cache.put(PYTHON, "content", packed(inspection))
    cache.write()


def test_what_holds_itself_is_not_packed() -> None:
    circle: list[object] = []
    circle.append(circle)
    assert pack(Inspection((Fact("x.y", Location("a"), {"list": circle}),)), [], "a") is None


def kept(
    artifact: Artifact = PYTHON, content: str = "content", tool: str = "tool", knowledge: str = "knowledge"
) -> Any:
    cache = FactCache(tool, knowledge)
    found = cache.get(artifact, content)
    cache.write()
    return found


def test_what_was_put_comes_back() -> None:
    fill()
    assert kept() == (INSPECTION, [PLAIN])


@pytest.mark.parametrize(
    "other",
    [
        {"artifact": PYTHON._replace(path="b.py")},
        {"artifact": PYTHON._replace(kind="script")},
        {"artifact": PYTHON._replace(executable=True)},
        {"content": "other"},
        {"tool": "newer"},
        {"knowledge": "newer"},
    ],
)
def test_anything_else_is_another_entry(other: dict[str, Any]) -> None:
    fill()
    assert kept(**other) is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)


@given(fields=st.dictionaries(st.text(max_size=5), json_values, max_size=4))
def test_packing_changes_nothing_or_refuses(fields: dict[str, Any]) -> None:
    inspection = Inspection((Fact("k", Location("p"), fields),))
    data = pack(inspection, [], "p")
    assert data is None or unpack(data, "p") == (inspection, [])


@pytest.mark.parametrize("value", [(1, 2), {1: 2}, {"a": ("b",)}, float("nan"), {1, 2}, b"bytes", "\ud83d\ude00"])
def test_what_json_would_change_is_not_kept(value: Any) -> None:
    assert pack(Inspection((Fact("k", Location("p"), {"f": value}),)), [], "p") is None


@given(st.binary(max_size=60) | json_values.map(lambda value: _compressed(value)))
def test_other_bytes_are_refused(data: bytes) -> None:
    if data != _compressed([[], [], []]):
        with pytest.raises(Misshapen):
            unpack(data, "p")


def _compressed(value: Any) -> bytes:
    import json
    import zlib

    return zlib.compress(json.dumps(value).encode())


@pytest.mark.parametrize(
    "plain",
    [
        [[["k", None, [1, 1, 1], {}]], [], []],
        [[["k", None, [1, 1, 1, "1"], {}]], [], []],
        [[["k", 3, [1, 1, 1, 1], {}]], [], []],
        [[["k", None, [1, 1, 1, 1], []]], [], []],
        [[[7, None, [1, 1, 1, 1], {}]], [], []],
        [[["k", None, [1, 1, 1, 1], {}, {"f": 3}]], [], []],
        [[["k", None, [1, 1, 1, 1], {}, {}, [["p", [1, 1, 1, 1], 3]]]], [], []],
        [[], [["code", "message", None, None]], []],
        [[], [["code", 1, None, None, "note"]], []],
        [[], []],
    ],
)
def test_misshapen_values_are_refused(plain: Any) -> None:
    with pytest.raises(Misshapen):
        unpack(_compressed(plain), "p")


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: b"no database at all, but some text" * 100,
        lambda data: data[: len(data) // 2],
        lambda data: data[:100] + b"\xff" * 400 + data[500:],
        lambda data: data[:4096] + bytes(len(data) - 4096),
        lambda data: data[:-200] + bytes(200),
        lambda data: data.replace(b"CREATE TABLE", b"CREATE TRIGG"),
    ],
)
def test_a_damaged_file_is_no_cache_and_the_next_run_has_one_again(folder: Path, damage: Any) -> None:
    fill()
    (folder / NAME).write_bytes(damage((folder / NAME).read_bytes()))
    assert kept() in (None, (INSPECTION, [PLAIN]))
    fill()
    kept()
    fill()
    assert kept() == (INSPECTION, [PLAIN])


def test_a_foreign_database_is_moved_aside(folder: Path) -> None:
    folder.mkdir()
    with sqlite3.connect(folder / NAME) as database:
        database.execute("CREATE TABLE strangers (name)")
    database.close()
    fill()
    assert kept() == (INSPECTION, [PLAIN])
    assert (folder / f"{NAME}.broken").exists()


def test_a_row_that_was_changed_is_none(folder: Path) -> None:
    fill()
    other = packed(Inspection((PLAIN,)))
    with sqlite3.connect(folder / NAME) as database:
        database.execute("UPDATE facts SET value = ?", (b"12345678" + other,))
    database.close()
    assert kept() is None


@pytest.mark.parametrize("value", ["text", 5, None])
def test_a_row_of_another_type_is_none(folder: Path, value: Any) -> None:
    fill()
    with sqlite3.connect(folder / NAME) as database:
        database.execute("UPDATE facts SET value = ?, used = 'x'", (value if value is not None else b"",))
    database.close()
    assert kept() is None


def test_a_locked_file_is_waited_for_briefly_and_then_done_without(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill()
    monkeypatch.setattr(module, "WAIT_SECONDS", 0.05)
    holder = sqlite3.connect(folder / NAME, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    assert kept() is None
    fill(Inspection())
    holder.execute("ROLLBACK")
    holder.close()
    assert kept() == (INSPECTION, [PLAIN])


def test_places_that_cannot_be_written_are_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.write_text("")
    for place in (file, file / "below", tmp_path / "long" / ("x" * 300)):
        monkeypatch.setenv("MLLINT_CACHE_DIR", str(place))
        fill()
        assert kept() is None


def test_a_read_only_file_is_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill()
    uri = f"file:{folder / NAME}?mode=ro"
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda place, **given: connect(uri, uri=True, **given))
    assert kept() == (INSPECTION, [PLAIN])
    cache = FactCache("tool", "knowledge")
    cache.put(PYTHON, "new", packed())
    cache.write()
    assert kept(content="new") is None


def test_without_a_cache_folder_nothing_is_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLLINT_NO_CACHE", "1")
    fill()
    assert kept() is None
    assert not folder.exists()


def test_the_oldest_go_when_there_is_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST_BYTES", 400_000)
    for day in range(20):
        monkeypatch.setattr(module.time, "time", lambda day=day: day * 86_400.0)
        cache = FactCache("tool", "knowledge")
        noise = os.urandom(20_000).hex()
        data = pack(Inspection((Fact("k", Location("p"), {"f": noise}),)), [], PYTHON.path)
        assert data
        cache.put(PYTHON, str(day), data)
        assert day == 0 or cache.get(PYTHON, "0"), "what is used stays"
        cache.write()
    assert kept(content="0")
    assert kept(content="19")
    assert kept(content="1") is None


def test_the_file_is_the_users_own(folder: Path) -> None:
    fill()
    assert os.name != "posix" or (folder / NAME).stat().st_mode & 0o077 == 0


def _several(number: int) -> bool:
    cache = FactCache("tool", "knowledge")
    cache.put(PYTHON, str(number % 3), packed())
    found = cache.get(PYTHON, "content")
    cache.write()
    return found is not None


def test_many_processes_at_once(folder: Path) -> None:
    fill()
    with ProcessPoolExecutor(4) as pool:
        assert all(pool.map(_several, range(24)))
    assert kept(content="2") == (INSPECTION, [PLAIN])


# inspect_all with a cache

FILES = {
    "Dockerfile": "FROM python:3.12\nCOPY serve.py /\nCMD python serve.py\n",
    "serve.py": "import requests\n\n\ndef f():\n    return requests.get('https://example.com')  # mllint: ignore[NET001]\n",
    "start.sh": "#!/bin/sh\ncurl https://example.com\n",
    "bad.py": "def f(:\n",
    "damaged.sh": b"echo \xff\n",
}


def write(base: Path, files: dict[str, Any]) -> tuple[WatchedTree, list[Artifact]]:
    from linter.discover import discover

    base.mkdir(exist_ok=True)
    for name, text in files.items():
        (base / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    tree = WatchedTree(base)
    return tree, list(discover(tree, [""]).artifacts)


def run(base: Path, files: dict[str, Any], jobs: int = 1) -> tuple[Any, int]:
    tree, artifacts = write(base, files)
    cache = FactCache("tool", KNOWLEDGE.digest)
    return inspect_all(tree, artifacts, KNOWLEDGE, jobs, cache=cache), cache.hits


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_second_run_inspects_what_changed(tmp_path: Path, jobs: int) -> None:
    tree, artifacts = write(tmp_path / "p", FILES)
    plain = inspect_all(tree, artifacts, KNOWLEDGE)
    assert run(tmp_path / "p", FILES, jobs) == (plain, 0)
    assert run(tmp_path / "p", FILES, jobs) == (plain, len(FILES))
    changed, hits = run(tmp_path / "p", {**FILES, "start.sh": "#!/bin/sh\ntrue\n"}, jobs)
    assert hits == len(FILES) - 1
    assert changed != plain


def test_an_inspector_that_fails_is_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> Any:
        raise RuntimeError("no")

    import linter.inspect.shell

    with monkeypatch.context() as patch:
        patch.setattr(linter.inspect.shell, "inspect", fail)
        failed, _ = run(tmp_path / "p", FILES)
    assert failed.failure
    again, hits = run(tmp_path / "p", FILES)
    assert again.failure is None
    assert hits == len(FILES) - 2


def test_what_was_done_before_an_interrupt_is_kept(tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    tree, artifacts = write(tmp_path / "p", FILES)
    with pytest.raises(KeyboardInterrupt):
        inspect_all(tree, artifacts, KNOWLEDGE, 1, stop, FactCache("tool", KNOWLEDGE.digest))
    assert run(tmp_path / "p", FILES)[1] == 3


def test_trees_in_memory_are_not_kept(folder: Path) -> None:
    files = {"start.sh": b"true\n", "stop.sh": b"true\n"}
    artifacts = [Artifact(name, "shell", 5) for name in files]
    inspect_all(MemoryTree(files), artifacts, KNOWLEDGE, cache=FactCache("tool", "knowledge"))
    assert not (folder / NAME).exists()


def test_a_single_file_does_without_the_database(tmp_path: Path, folder: Path) -> None:
    assert run(tmp_path / "p", {"start.sh": FILES["start.sh"]})[1] == 0
    assert not (folder / NAME).exists()


@pytest.mark.parametrize("name", FILES)
def test_inspections_of_every_kind_can_be_kept(tmp_path: Path, name: str) -> None:
    tree, artifacts = write(tmp_path / "p", {name: FILES[name]})
    inspection, suppressions, _ = inspect_one(tree, artifacts[0], KNOWLEDGE)
    data = pack(inspection, suppressions, artifacts[0].path)
    assert data is not None
    assert unpack(data, artifacts[0].path) == (inspection, suppressions)
