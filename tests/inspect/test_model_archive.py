"""Archives of models: what they are and what lies in them, without unpacking any."""

from __future__ import annotations

import gzip
import io
import random
import tarfile
from typing import Any

import pytest

from linter.inspect.model_archive import inspect
from linter.judge.examples import packed
from linter.model import Artifact, Inspection


@pytest.fixture
def look(knowledge, valid):
    def look(data: bytes, size: int | None = None) -> Inspection:
        found = inspect(Artifact("model.tar.gz", "model_archive", size or len(data)), data, knowledge)
        valid(found.facts)
        return found

    return look


def told(found: Inspection, *names: str) -> Any:
    (fact,) = found.facts
    return fact[names[0]] if len(names) == 1 else tuple(fact[name] for name in names)


def test_what_lies_in_an_archive(look):
    files = {"model.pt": "weights", "code/inference.py": "import torch", "code/requirements.txt": "torch"}
    found = look(packed(files))
    assert told(found, "form", "complete", "files", "unpacked_bytes") == ("gzip_tar", True, 3, 24)
    assert told(found, "code", "requirements", "folder") == (["code/inference.py"], True, None)
    assert [notice.code for notice in found.notices] == ["archive-code"]


@pytest.mark.parametrize(
    ("data", "form"),
    [
        (gzip.compress(b"pickled"), "gzip"),
        (gzip.compress(b""), "gzip"),
        (gzip.compress(b"\0" * 10240), "gzip_tar"),
        (b"PK\x03\x04" + b"x" * 600, "zip"),
        (b"\x28\xb5\x2f\xfd" + b"x" * 600, "zstd"),
        (gzip.decompress(packed({"a": "b"})), "tar"),
        (b"version https://git-lfs", "other"),
        (b"\x1f\x8bnothing of the kind", "gzip"),
    ],
    ids=["pickle", "empty file", "empty archive", "zip", "zstd", "plain tar", "text", "no gzip"],
)
def test_forms(look, data, form):
    assert told(look(data), "form") == form


def links(**targets: str) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for name, target in targets.items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            archive.addfile(member)
    return made.getvalue()


def test_members_that_lead_out(look):
    assert told(look(packed({"../a": "", "/b": "", "c/../../d": "", "e/../f": "", "..g": ""})), "unsafe") == [
        "../a",
        "/b",
        "c/../../d",
    ]
    found = look(links(one="/etc/passwd", two="../x", three="four"))
    assert told(found, "unsafe") == ["one", "two"]


def test_one_folder_around_all_and_files_held_twice(look):
    assert told(look(packed({"model/a": "", "model/b/c": "", "model/._a": ""})), "folder") == "model"
    assert told(look(packed({"model/a": "", "b": ""})), "folder") is None
    assert told(look(packed({"1/saved_model.pb": ""})), "folder") is None
    assert told(look(packed({"a": "", "./a": ""})), "twice") == ["a"]


def test_an_archive_of_which_only_the_beginning_is_known(look):
    data = packed({"code/a.py": "x", "weights": random.Random(1).randbytes(50_000).hex()})
    found = look(data[:3000], len(data))
    assert told(found, "form", "complete", "folder") == ("gzip_tar", False, "unknown")
    assert "archive-sampled" in [notice.code for notice in found.notices]


def test_hostile_archives_are_survived(look):
    bomb = gzip.compress(b"\0" * (140 * 1024 * 1024), compresslevel=1)
    assert told(look(bomb), "files") == 0
    header = bytearray(gzip.decompress(packed({"a": "b"}))[:512])
    header[124:136] = b"\x80" + b"\x7f" * 11
    assert told(look(gzip.compress(bytes(header))), "complete") is False
    many = io.BytesIO()
    with tarfile.open(fileobj=many, mode="w:gz") as archive:
        for number in range(20_100):
            archive.addfile(tarfile.TarInfo(f"f{number}"))
    assert told(look(many.getvalue()), "complete", "files") == (False, 20_000)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("size", [50_000, 130_000_000_000, 8**20])
def test_sizes_that_the_archive_does_not_keep_take_no_time(look, size):
    found = look(packed({"model.pt": size}))
    assert told(found, "form", "files", "complete") == ("gzip_tar", 1, False)


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        ("torch==2.3.0\nshap\n", (2, "torch==2.3.0")),
        ("# torch\n\n", (0, None)),
        ("--no-index\n--find-links lib\nshap\n", (0, None)),
        ("./lib/own.whl\n", (0, None)),
        ("\x00\xff" * 10, (1, None)),
        ("shap\n" * 100_000, (5000, "shap")),
    ],
)
def test_what_an_archive_lets_a_toolkit_install(look, text, needed):
    found = look(packed({"model.pt": "weights", "code/requirements.txt": text}))
    count, example = told(found, "needs_index", "example")
    assert count == needed[0]
    assert needed[1] is None or example == needed[1]


def test_requirements_elsewhere_in_an_archive_are_installed_by_nobody(look):
    found = look(packed({"requirements.txt": "torch", "src/code/requirements.txt": "shap"}))
    assert told(found, "needs_index", "requirements") == (0, True)


def settings(found: Inspection) -> list[tuple[Any, ...]]:
    return [
        (fact["member"], fact["value"], fact["destination"], fact["path_exists"])
        for fact in found.facts
        if fact.kind == "model.setting"
    ]


ADAPTER = '{"peft_type": "LORA", "base_model_name_or_path": "acme/base"}'


def test_settings_in_an_archive_say_what_is_loaded(look):
    found = look(packed({"adapter_config.json": ADAPTER, "weights.bin": "x", "code/config.json": '{"a": 1}'}))
    assert settings(found) == [("adapter_config.json", "acme/base", "hub", "no")]
    inside = look(packed({"./lora/adapter_config.json": ADAPTER, "lora/acme/base/config.json": "{}"}))
    assert settings(inside) == [("lora/adapter_config.json", "acme/base", "local", "yes")]


def test_parts_of_a_cut_archive_may_still_come(look):
    parts = '[{"idx": 0, "path": "", "name": ""}, {"idx": 1, "path": "1_Pooling", "name": "1"}]'
    data = packed({"modules.json": parts, "weights": random.Random(1).randbytes(50_000).hex()})
    assert [each[3] for each in settings(look(data))] == ["yes", "no"]
    assert [each[3] for each in settings(look(data[:3000], len(data)))] == ["yes", "unknown"]


def test_folders_count_as_parts(look):
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        folder = tarfile.TarInfo("./1_Pooling")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        text = b'[{"idx": 1, "path": "1_Pooling", "name": "1"}]'
        member = tarfile.TarInfo("modules.json")
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text))
    assert settings(look(made.getvalue())) == [("modules.json", "1_Pooling", "local", "yes")]


def test_settings_that_are_hostile_or_large_are_left_alone(look):
    many = {f"m{number}/adapter_config.json": ADAPTER for number in range(60)}
    assert len(settings(look(packed(many)))) == 50
    assert settings(look(packed({"adapter_config.json": ADAPTER + " " * 600_000}))) == []
    assert settings(look(packed({"../adapter_config.json": ADAPTER, "adapter_config.json": "{" * 10_000}))) == []
