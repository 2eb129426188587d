"""What an image says about itself, from descriptions of images as the examples of rules have them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest

from linter.image.examples import built_image
from linter.image.facts.image import image_facts
from linter.judge.load import load_knowledge
from linter.resources import schemas_folder

if TYPE_CHECKING:
    from linter.model import Fact

KNOWLEDGE = load_knowledge()
PACKAGES = "usr/local/lib/python3.12/site-packages"


def facts(given: dict[str, Any], kind: str) -> list[Fact]:
    image = built_image("m:1", given, KNOWLEDGE)
    found = image_facts(image.name, image.described, image.scans, image.merged, KNOWLEDGE).facts
    for fact in found:
        schema = json.loads((schemas_folder() / "facts" / f"{fact.kind}.schema.json").read_text("utf-8"))
        jsonschema_rs.validator_for(schema).validate(dict(fact.fields))
    return [fact for fact in found if fact.kind == kind]


def one(given: dict[str, Any], kind: str) -> Fact:
    (fact,) = facts(given, kind)
    return fact


def test_manifest_and_configuration_alone_tell_sizes_and_leave_files_unknown() -> None:
    given = {"read": False, "layers": [{"size": 3_000_000, "created_by": "COPY . /app"}, {"size": 5_000_000}]}
    manifest = one(given, "image.manifest")
    assert (manifest["size"], manifest["layers"], manifest["read"]) == (8_000_000, 2, False)
    assert manifest["heaviest"] == "layer 2 (4.8 MiB), layer 1 `COPY . /app` (2.9 MiB)"
    assert one(given, "image.configuration")["gpu"] == "unknown"
    assert not facts(given, "image.system")
    assert [layer["entries"] for layer in facts(given, "image.layer")] == ["unknown", "unknown"]


def test_layers_of_archives_are_no_measure_of_what_a_registry_holds() -> None:
    layer = {"media_type": "application/vnd.docker.image.rootfs.diff.tar", "size": 1000}
    fact = one({"source": "docker-archive", "media_type": None, "layers": [layer]}, "image.layer")
    assert (fact["size"], fact["measured"], fact["pushed_size"]) == (1000, False, 400)
    fact = one({"layers": [layer]}, "image.layer")
    assert (fact["measured"], fact["pushed_size"]) == (True, 1000)


def test_each_folder_stands_for_what_lies_in_it_and_in_no_other_of_the_list() -> None:
    files = {
        "opt/conda/lib/libmkl.so": {"size": 600},
        "opt/conda/bin/python": {"size": 10},
        "opt/model/a.bin": {"size": 300},
        "opt/model/b.bin": {"size": 100},
        "etc/passwd": {"size": 5},
    }
    found = {
        fact["path"]: (fact["size"], fact["files"]) for fact in facts({"layers": [{"files": files}]}, "image.folder")
    }
    assert found == {"opt/conda/lib": (600, 1), "opt/model": (400, 2)}


def test_a_cache_a_deleted_and_a_replaced_file_are_waste() -> None:
    layers = [
        {
            "files": {
                "root/.cache/pip/http/x": {"size": 2_000_000},
                "opt/a": {"size": 3_000_000},
                "opt/b": {"size": 4_000_000},
            }
        },
        {"whiteouts": ["opt/a"], "files": {"opt/b": {"size": 1}}, "created_by": "RUN rm opt/a"},
    ]
    found = {fact["kind"]: fact for fact in facts({"layers": layers}, "image.waste")}
    assert {kind: (fact["size"], fact["layer"], fact["by"]) for kind, fact in found.items()} == {
        "cache": (2_000_000, 1, None),
        "deleted": (3_000_000, 1, 2),
        "replaced": (4_000_000, 1, 2),
    }
    assert found["deleted"]["by_step"] == "RUN rm opt/a"
    assert [layer["wasted"] for layer in facts({"layers": layers}, "image.layer")] == [7_000_000, 0]


def test_packages_by_the_databases_and_files_of_their_managers() -> None:
    status = (
        "Package: libc6\nStatus: install ok installed\nSource: glibc (2.36)\nVersion: 2.36-9\n\n"
        "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n"
    )
    files = {
        "var/lib/dpkg/status": status,
        "var/lib/dpkg/status.d/tzdata": "Package: tzdata\nVersion: 2024a\n",
        "lib/apk/db/installed": "C:Q1\nP:musl\nV:1.2.5-r0\no:musl\n\nP:zlib\nV:1.3.1-r1\n",
        f"{PACKAGES}/Flask_Login-0.6.3.dist-info/METADATA": "Metadata-Version: 2.1",
        f"{PACKAGES}/old-1.0-py3.12.egg-info": "x",
        "opt/conda/conda-meta/numpy-base-1.26.4-py311h_0.json": "{}",
        "srv/node_modules/@acme/web/package.json": '{"name": "@acme/web", "version": "2.0.1"}',
        "usr/lib/R/library/Matrix/DESCRIPTION": "Package: Matrix\nVersion: 1.6-5\n",
        "opt/program/lib/log4j-core-2.14.1.jar": {"size": 1000},
    }
    found = {(f["ecosystem"], f["name"], f["version"]) for f in facts({"layers": [{"files": files}]}, "image.package")}
    assert found == {
        ("deb", "libc6", "2.36-9"),
        ("deb", "tzdata", "2024a"),
        ("apk", "musl", "1.2.5-r0"),
        ("apk", "zlib", "1.3.1-r1"),
        ("PyPI", "flask-login", "0.6.3"),
        ("PyPI", "old", "1.0"),
        ("conda", "numpy-base", "1.26.4"),
        ("npm", "@acme/web", "2.0.1"),
        ("CRAN", "Matrix", "1.6-5"),
        ("Maven", "log4j-core", "2.14.1"),
    }


def test_the_system_is_found_behind_a_link() -> None:
    files = {
        "etc/os-release": {"target": "../usr/lib/os-release"},
        "usr/lib/os-release": 'NAME="Ubuntu"\nID=ubuntu\nVERSION_ID="18.04"\nPRETTY_NAME="Ubuntu 18.04.6 LTS"\n',
    }
    fact = one({"layers": [{"files": files}]}, "image.system")
    assert (fact["id"], fact["release"], fact["maintained"]) == ("ubuntu", "18.04", "ended")


@pytest.mark.parametrize(
    ("text", "release", "maintained"),
    [
        ("ID=alpine\nVERSION_ID=3.9.4\n", "3.9.4", "ended"),
        ('ID="centos"\nNAME="CentOS Stream"\nVERSION_ID="8"\n', "stream8", "ended"),
        ("ID='amzn'\nVERSION_ID='2023'\n", "2023", "yes"),
        ("ID=debian\nVERSION_CODENAME=sid\n", "sid", "yes"),
        ("ID=unheard-of\nVERSION_ID=1\n", "1", "unknown"),
    ],
)
def test_releases_and_their_ends(text: str, release: str, maintained: str) -> None:
    fact = one({"layers": [{"files": {"etc/os-release": text}}]}, "image.system")
    assert (fact["release"], fact["maintained"]) == (release, maintained)


def test_leftovers_of_a_layer_are_told_together_and_those_of_packages_not_at_all() -> None:
    files = {f"opt/program/.git/{name}": "x" for name in ("HEAD", "config", "index")}
    files |= {f"{PACKAGES}/pkg/{name}.ipynb": "{}" for name in "ab"}
    (fact,) = facts({"layers": [{"files": files}]}, "image.file")
    assert (fact["role"], fact["files"]) == ("version-control", 3)


def test_empty_driver_files_of_container_runtimes_are_no_drivers() -> None:
    files: dict[str, Any] = {"usr/lib/x86_64-linux-gnu/libcuda.so.550.54": {"size": 0}}
    assert not facts({"layers": [{"files": files}]}, "image.file")


HOSTILE: list[Any] = [
    None,
    1,
    "x",
    [],
    [None, 7, {"a": 1}],
    {"a": None},
    {"Env": 1},
    {"Labels": [1]},
    {"created_by": 9},
]


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("key", ["os", "architecture", "history", "config", "created"])
def test_configurations_may_hold_anything(key: str, value: Any) -> None:
    image = built_image("m:1", {"layers": [{"files": {"a": "b"}}]}, KNOWLEDGE)
    described = image.described._replace(config={key: value})
    found = image_facts("m:1", described, image.scans, image.merged, KNOWLEDGE).facts
    assert {"image.configuration", "image.manifest"} <= {fact.kind for fact in found}


@pytest.mark.parametrize("word", ["Env", "Entrypoint", "Cmd", "Labels", "ExposedPorts", "Volumes", "User", "OnBuild"])
@pytest.mark.parametrize("value", HOSTILE)
def test_settings_may_hold_anything(word: str, value: Any) -> None:
    assert facts({"config": {word: value}}, "image.configuration")


def test_damage_to_a_layer_is_told_once_whatever_it_shows_in() -> None:
    codes = ("bad-header", "layer-damaged", "digest-mismatch", "too-many-entries")
    damaged = {"problems": [{"code": code, "message": f"what {code} is"} for code in codes]}
    other = {"problems": [{"code": "digest-mismatch", "message": "what digest-mismatch is"}]}
    found = [(fact["layer"], fact["message"]) for fact in facts({"layers": [damaged, other]}, "image.problem")]
    assert found == [
        (1, "what bad-header is; what layer-damaged is; what digest-mismatch is"),
        (1, "what too-many-entries is"),
        (2, "what digest-mismatch is"),
    ]


def test_what_was_not_read_and_what_is_broken_is_told_apart() -> None:
    problems = [{"code": code, "message": "m"} for code in ("digest-mismatch", "unsafe-name", "layer-takes-too-long")]
    found = facts(
        {"layers": [{"problems": problems}], "problems": [{"code": "never-heard", "message": "m"}]}, "image.problem"
    )
    assert [(fact["code"], fact["meaning"], fact["layer"]) for fact in found] == [
        ("never-heard", "unread", None),
        ("digest-mismatch", "broken", 1),
        ("unsafe-name", "unsafe", 1),
        ("layer-takes-too-long", "unread", 1),
    ]
