"""The store never changes a result and never stands in the way."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from linter import store
from linter.store import KEPT, built, cache_folder, digest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

INPUTS = [("a.yaml", b"1"), ("b.yaml", b"2")]


class Builder:
    def __init__(self, value: Any) -> None:
        self.value, self.calls = value, 0

    def __call__(self) -> Any:
        self.calls += 1
        return self.value


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("MLLINT_NO_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MLLINT_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def compiled(name: str, inputs: Iterable[tuple[str, bytes]], build: Any) -> Any:
    """What is built of some inputs, or was kept of them."""
    return built(name, digest(name, inputs), lambda: {"all": build()})["all"]


def entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def test_built_once_for_the_same_inputs_in_any_order(folder: Path) -> None:
    build = Builder({"é": [1, None, "\ud800"]})
    first = compiled("x", INPUTS, build)
    assert compiled("x", reversed(INPUTS), build) == first == build.value
    assert build.calls == 1
    assert len(entries(folder)) == 1


@pytest.mark.parametrize(("damage", "calls"), [(b"", 1), (b"!", 2)])
def test_what_the_package_brings_is_not_built(
    folder: Path, monkeypatch: pytest.MonkeyPatch, damage: bytes, calls: int
) -> None:
    build = Builder({"a": 1})
    compiled("x", INPUTS, build)
    shipped = folder.rename(folder.with_name("shipped"))
    for entry in entries(shipped):
        entry.write_bytes(entry.read_bytes() + damage)
    monkeypatch.setattr(store, "SHIPPED", shipped)
    monkeypatch.setenv("MLLINT_NO_CACHE", "1")
    assert compiled("x", INPUTS, build) == {"a": 1}
    assert build.calls == calls


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("x", [("a.yaml", b"1"), ("b.yaml", b"3")]),
        ("x", [("a.yaml", b"1"), ("c.yaml", b"2")]),
        ("x", [("a.yaml", b"1")]),
        ("x", [("a.yaml", b"12"), ("b.yaml", b"")]),
        ("y", INPUTS),
    ],
)
def test_other_inputs_are_another_entry(name: str, inputs: list[tuple[str, bytes]]) -> None:
    compiled("x", INPUTS, Builder(1))
    assert compiled(name, inputs, Builder(2)) == 2


def test_another_version_is_another_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    before = digest("x", INPUTS)
    monkeypatch.setattr(store, "__version__", "99.0")
    assert digest("x", INPUTS) != before


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:-1],
        lambda data: data.replace(b"7", b"8"),
        lambda data: b"no checksum",
        lambda data: b"\x80" * 100,
        lambda data: data + b"x",
    ],
)
def test_a_damaged_entry_is_built_again_and_mended(folder: Path, damage: Any) -> None:
    compiled("x", INPUTS, Builder(777))
    [place] = entries(folder)
    place.write_bytes(damage(place.read_bytes()))
    build = Builder(777)
    assert compiled("x", INPUTS, build) == 777
    assert build.calls == 1
    assert compiled("x", INPUTS, build) == 777
    assert build.calls == 1


def test_an_entry_that_is_no_file_is_lived_with(folder: Path) -> None:
    compiled("x", INPUTS, Builder(1))
    [place] = entries(folder)
    place.unlink()
    place.mkdir()
    assert compiled("x", INPUTS, Builder(2)) == 2
    assert [entry.name for entry in entries(folder)] == [place.name]


def test_a_folder_that_cannot_be_made_is_lived_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MLLINT_CACHE_DIR", str(tmp_path / "file" / "cache"))
    assert compiled("x", INPUTS, Builder(3)) == 3


def test_a_folder_that_cannot_be_written_is_lived_with(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError("read-only")

    monkeypatch.setattr(os, "replace", refuse)
    assert compiled("x", INPUTS, Builder(3)) == 3
    assert entries(folder) == []


def test_what_build_raises_passes_and_nothing_is_kept(folder: Path) -> None:
    def fail() -> None:
        raise KeyError("broken rule")

    with pytest.raises(KeyError):
        compiled("x", INPUTS, fail)
    assert not folder.exists()


def test_old_entries_go(folder: Path) -> None:
    compiled("other", INPUTS, Builder(0))
    for number in range(KEPT + 5):
        compiled("x", [("a", str(number).encode())], Builder(number))
        for age, place in enumerate(entries(folder)):
            os.utime(place, (age, age))
    names = [place.name for place in entries(folder)]
    assert sum(name.startswith("x-") for name in names) == KEPT
    assert sum(name.startswith("other-") for name in names) == 1
    newest = Builder(-1)
    compiled("x", [("a", str(KEPT + 4).encode())], newest)
    assert newest.calls == 0


def test_no_cache(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLLINT_NO_CACHE", "1")
    build = Builder(1)
    compiled("x", INPUTS, build)
    compiled("x", INPUTS, build)
    assert build.calls == 2
    assert not folder.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="paths of POSIX")
def test_where_the_cache_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLLINT_CACHE_DIR")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    assert cache_folder() == tmp_path / ".cache" / "mllint"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache_folder() == tmp_path / ".cache" / "mllint"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "mllint"
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert cache_folder() == tmp_path / "local" / "mllint"


def _work(number: int) -> list[Any]:
    """Many entries, some shared with other processes, under constant pruning."""
    return [
        compiled("x", [("a", str(key % 12).encode())], lambda key=key: {"key": key % 12, "text": "x" * 20_000})
        for key in range(number, number + 40)
    ]


def test_processes_at_once(folder: Path) -> None:
    with ProcessPoolExecutor(4) as pool:
        for number, values in enumerate(pool.map(_work, range(8))):
            assert [value["key"] for value in values] == [key % 12 for key in range(number, number + 40)]
    assert not [place for place in entries(folder) if place.name.startswith(".")]
    for place in entries(folder):
        _, places, texts = place.read_bytes().split(b"\n", 2)
        [(begin, end)] = json.loads(places).values()
        json.loads(texts[begin:end])


def test_values_are_had_by_name_as_they_were_built(folder: Path) -> None:
    values = {"é": [1, None, "\ud800"], "": {}, "last": "x\ny"}
    for kept in (built("x", "key", lambda: values), built("x", "key", Builder({}))):
        assert dict(kept) == values
        assert "none" not in kept
        assert len(kept) == len(values)
    assert len(entries(folder)) == 1


@pytest.mark.parametrize("body", [b"", b"7", b"{", b'["a", 3]', b'{"a": 1', b"\xff\n"])
def test_what_is_no_entry_of_values_is_built_again(folder: Path, body: bytes) -> None:
    assert dict(built("x", "key", lambda: {"a": 1})) == {"a": 1}
    [place] = entries(folder)
    checksum = hashlib.blake2b(body, digest_size=32).hexdigest().encode()
    place.write_bytes(checksum + b"\n" + body)
    assert dict(built("x", "key", lambda: {"a": 2})) == {"a": 2}


def test_contents_are_read_again_only_when_files_have_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLLINT_CACHE_DIR", str(tmp_path))
    reads: list[int] = []

    def contents() -> list[tuple[str, bytes]]:
        reads.append(1)
        return [("a", b"x")]

    old = ("a", 1, 1_000_000_000, 1_000_000_000)
    first = store.remembered("things", [old], [], contents)
    assert store.remembered("things", [old], [], contents) == first == store.digest("things", [("a", b"x")])
    assert len(reads) == 1
    assert store.remembered("things", [("a", 1, 2_000_000_000, 1_000_000_000)], [], contents) == first
    assert len(reads) == 2
    now = time.time_ns()
    for _ in range(2):  # what has just changed may change again without its times showing it
        store.remembered("things", [("a", 1, now, now)], [], contents)
    assert len(reads) == 4
