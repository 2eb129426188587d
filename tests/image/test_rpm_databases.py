"""Databases of rpm in layers: what they tell, and what damaged and hostile ones can do (nothing).

`MLLINT_MUTATIONS` sets how many databases are tried.
"""

from __future__ import annotations

import json
import os
import shutil
import struct
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linter.config import Config
from linter.engine import check
from linter.image.examples import built_image
from linter.image.facts.advisories import read_advisories
from linter.image.facts.image import image_facts
from linter.image.layers.kept import pack, unpack
from linter.image.layers.merge import merge
from linter.image.model import BuiltImage
from linter.image.opening import files_wanted
from linter.image.rpm.database import packed, read_database, unpacked
from linter.judge.load import load_rules
from linter.tree import MemoryTree
from tests.image.archives import LIMITS, layer, scan
from tests.image.rpm_making import header, in_berkeley, in_ndb, in_sqlite
from tests.tables import knowledge

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from linter.image.model import Scan
    from linter.image.rpm.database import Database
    from linter.model import Fact

COUNT = int(os.environ.get("MLLINT_MUTATIONS", "300"))
KNOWLEDGE = knowledge()
WANTED = files_wanted(KNOWLEDGE)
PLACE = "var/lib/rpm/rpmdb.sqlite"
HEADERS = [
    header("openssl", "1:3.0.7-24.el9", files={"/etc/ssl.cnf": 7, "/usr/bin/openssl": 9}),
    header("openssl-libs", "1:3.0.7-24.el9", source="openssl-3.0.7-24.el9.src.rpm", filler=9000),
    header("perl-Errno", "1.30-481.el9", source="perl-5.32.1-481.el9.src.rpm", filler=100),
    header("gpg-pubkey", "fd431d51-4ae0493b", filler=10),
]
FORMS = {
    PLACE: in_sqlite(HEADERS),
    "usr/lib/sysimage/rpm/rpmdb.sqlite": in_sqlite(HEADERS, journaled=False),
    "usr/lib/sysimage/rpm/Packages.db": in_ndb(HEADERS),
    "var/lib/rpm/Packages": in_berkeley(HEADERS),
    "usr/lib/sysimage/rpm/Packages": in_berkeley(HEADERS, ">"),
    "var/lib/rpm/Packages.db": in_berkeley(HEADERS, tree=True),
}


def read(data: bytes) -> Database:
    return read_database(data, lambda path: not path.startswith("usr/"))


def image(*scans: Scan) -> BuiltImage:
    described = built_image("m:1", {"layers": [{}] * len(scans)}, KNOWLEDGE).described
    return BuiltImage("m:1", described, scans, merge(scans, LIMITS))


def image_with(files: Mapping[str, Any]) -> BuiltImage:
    return image(scan(layer(*files.items()), WANTED))


def facts(files: Mapping[str, Any], kind: str = "image.package", advisories: Any = None) -> list[Fact]:
    found = image_with(files)
    read = read_advisories([("a.json", json.dumps(advisories).encode())]) if advisories else None
    said = image_facts(found.name, found.described, found.scans, found.merged, KNOWLEDGE, read).facts
    return [fact for fact in said if fact.kind == kind]


@pytest.mark.parametrize("place", FORMS)
def test_every_form_tells_the_same_packages(place: str) -> None:
    found = facts({place: FORMS[place]})
    assert {(fact["ecosystem"], fact["name"], fact["version"]) for fact in found} == {
        ("rpm", "openssl", "1:3.0.7-24.el9"),
        ("rpm", "openssl-libs", "1:3.0.7-24.el9"),
        ("rpm", "perl-Errno", "1.30-481.el9"),
    }
    assert {fact.location.path for fact in found} == {f"m:1!/{place}"}
    assert not facts({place: FORMS[place]}, "image.problem")


def test_a_source_counts_where_it_has_the_version_of_the_package() -> None:
    found = {name: source for name, _, source in read(FORMS[PLACE]).packages}
    assert found == {"openssl": "openssl", "openssl-libs": "openssl", "perl-Errno": None, "gpg-pubkey": "gpg-pubkey"}


def test_little_of_a_database_is_kept_and_nothing_of_it_shown() -> None:
    large = [header(f"package-{number}", "1-1", filler=100_000) for number in range(300)]
    files = {PLACE: in_sqlite([*large, *(header(name, "8.7p1-38.el9") for name in ("openssh", "openssh-server"))])}
    found = scan(layer(*files.items()), WANTED)
    assert not found.problems
    assert sum(map(len, found.contents.values())) < 20_000 < 30_000_000 < len(files[PLACE])
    packed_scan = pack(found)
    assert packed_scan is not None
    assert unpack(packed_scan).contents == found.contents
    report = check(MemoryTree({}), [], Config(), load_rules(), KNOWLEDGE, images=[image(found)])
    assert [finding.message for finding in report.findings if finding.rule == "CTR044"] == [
        "The package openssh-server 8.7p1-38.el9 serves remote access, which nobody can reach at the buyer's"
    ]
    assert not report.sources


def test_the_database_of_the_last_layer_counts() -> None:
    first, second = (scan(layer((PLACE, in_sqlite([header("a", f"{n}-1")]))), WANTED) for n in (1, 2))
    built = image(first, second)
    said = image_facts("m:1", built.described, built.scans, built.merged, KNOWLEDGE).facts
    (found,) = [fact for fact in said if fact.kind == "image.package"]
    assert (found["version"], found["layer"]) == ("2-1", 2)


def test_files_of_signed_packages_are_those_of_the_distribution_unless_they_were_changed() -> None:
    text = b"password = correcthorsebatterystaple9\n"
    files = {"/opt/vendor/notes.ipynb": 2, "/etc/vendor/app.conf": len(text), "/opt/vendor/gone.ipynb": 9}

    def roles(signed: bool, content: bytes = b"{}") -> set[str]:
        database = in_sqlite([header("vendor", "1-1", files=files, ghosts=["/opt/vendor/gone.ipynb"], signed=signed)])
        given = {PLACE: database, "opt/vendor/notes.ipynb": content, "opt/vendor/gone.ipynb": b"123456789"}
        given["etc/vendor/app.conf"] = text
        return {fact["path"] for fact in facts(given, "image.file")}

    assert roles(signed=True) == {"opt/vendor/gone.ipynb"}
    assert "opt/vendor/notes.ipynb" in roles(signed=True, content=b'{"cells": []}')
    assert {"opt/vendor/notes.ipynb", "etc/vendor/app.conf"} <= roles(signed=False) | {"opt/vendor/notes.ipynb"}


def osv(ecosystem: str, name: str, fixed: str, identifier: str = "X-1") -> dict[str, Any]:
    ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}]
    return {"id": identifier, "affected": [{"package": {"ecosystem": ecosystem, "name": name}, "ranges": ranges}]}


ROCKY = b'ID="rocky"\nVERSION_ID="9.3"\n'
RHEL = b'ID="rhel"\nVERSION_ID="8.9"\n'
SLES = b'ID="sles"\nVERSION_ID="15.5"\n'
AMAZON = b'ID="amzn"\nVERSION_ID="2023"\n'


@pytest.mark.parametrize(
    ("system", "ecosystem", "name", "fixed", "hit"),
    [
        (ROCKY, "Rocky Linux:9", "openssl", "1:3.0.7-25.el9", ["openssl", "openssl-libs"]),
        (ROCKY, "Rocky Linux:9", "openssl-libs", "1:3.0.7-25.el9_3", ["openssl-libs"]),
        (ROCKY, "Rocky Linux", "openssl", "1:3.0.7-25.el9", ["openssl", "openssl-libs"]),
        (ROCKY, "Rocky Linux:9", "openssl", "1:3.0.7-24.el9", []),
        (ROCKY, "Rocky Linux:9", "openssl", "3.0.8-1.el9", []),
        (ROCKY, "Rocky Linux:8", "openssl", "1:3.0.7-25.el9", []),
        (ROCKY, "AlmaLinux:9", "openssl", "1:3.0.7-25.el9", []),
        (ROCKY, "Rocky Linux:9", "perl", "4:5.32.1-490.el9", []),
        (ROCKY, "Rocky Linux:9", "openssl", "1:3.0.7-25.module+el9", []),
        (RHEL, "Red Hat:enterprise_linux:8::baseos", "openssl", "1:3.0.7-25.el9", ["openssl", "openssl-libs"]),
        (RHEL, "Red Hat:rhel_eus:8.9::baseos", "openssl", "1:3.0.7-25.el9", []),
        (RHEL, "Red Hat:enterprise_linux:9::baseos", "openssl", "1:3.0.7-25.el9", []),
        (SLES, "SUSE:Linux Enterprise Module for Basesystem 15 SP5", "openssl-libs", "1:3.1-1", ["openssl-libs"]),
        (SLES, "SUSE:Linux Enterprise Server 15 SP4-LTSS", "openssl-libs", "1:3.1-1", []),
        (AMAZON, "Rocky Linux:9", "openssl", "1:3.0.7-25.el9", []),
        (b"", "Rocky Linux:9", "openssl", "1:3.0.7-25.el9", []),
    ],
)
def test_advisories_go_by_distribution_release_and_source(
    system: bytes, ecosystem: str, name: str, fixed: str, hit: list[str]
) -> None:
    found = facts({"etc/os-release": system, PLACE: FORMS[PLACE]}, "image.vulnerability", osv(ecosystem, name, fixed))
    assert sorted(fact["package"] for fact in found) == hit


@pytest.mark.parametrize(
    ("installed", "fixed", "hit"),
    [
        ("1:18.18.2-1.module+el8.9.0+1", "1:18.18.2-2.module+el8.9.0+7", True),
        ("1:18.18.2-1.module+el8.9.0+1", "1:20.11.1-1.module+el8.9.0+7", False),
        ("1:18.18.2-1.module+el8.9.0+1", "1:18.18.2-2.el8", False),
    ],
)
def test_modules_are_held_against_their_own_branch(installed: str, fixed: str, hit: bool) -> None:
    files = {"etc/os-release": b"ID=rocky\nVERSION_ID=8.9\n", PLACE: in_sqlite([header("nodejs", installed)])}
    assert bool(facts(files, "image.vulnerability", osv("Rocky Linux:8", "nodejs", fixed))) is hit


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({PLACE: FORMS[PLACE][:9000]}, "SQLite says"),
        ({PLACE: FORMS[PLACE], f"{PLACE}-wal": b"x" * 100}, "journal"),
        ({PLACE: in_sqlite([], True, "DROP TABLE Packages")}, "no table"),
        ({PLACE: in_sqlite([b"x" * 50, *HEADERS])}, "1 of its entries are damaged"),
        ({"var/lib/rpm/Packages": FORMS["var/lib/rpm/Packages"][:12_000]}, "ends too early"),
        ({"var/lib/rpm/Packages": b"something else" * 100}, "no form that is known"),
        ({"var/lib/rpm/Packages.db": FORMS["usr/lib/sysimage/rpm/Packages.db"][:9000]}, "damaged"),
        ({"var/lib/rpm/Packages.db": b"RpmP" + bytes(5000)}, "slots"),
    ],
)
def test_what_could_not_be_read_is_told(files: dict[str, bytes], says: str) -> None:
    (fact,) = facts(files, "image.problem")
    assert (fact["code"], fact["meaning"]) == ("packages-not-read", "unread")
    assert says in fact["message"]


@pytest.mark.parametrize("tag", [1000, 1001, 1002, 1003, 1028, 1044, 1116, 1117, 1118])
def test_a_tag_that_points_behind_the_end_damages_one_package(tag: int) -> None:
    whole = bytearray(HEADERS[0])
    at = next(8 + 16 * n for n in range(99) if struct.unpack_from(">I", whole, 8 + 16 * n)[0] == tag)
    whole[at + 8 : at + 12] = b"\x7f\xff\xff\xff"
    found = read(in_ndb([bytes(whole), HEADERS[1]]))
    assert found.problem == "1 of its entries are damaged"
    assert [name for name, _, _ in found.packages] == ["openssl-libs"]


def test_a_database_that_is_too_large_is_told() -> None:
    limit = KNOWLEDGE.get("image_files.keep_bytes.rpm_database")
    built = built_image("m:1", {"layers": [{"files": {PLACE: {"size": limit + 1}}}]}, KNOWLEDGE)
    said = image_facts("m:1", built.described, built.scans, built.merged, KNOWLEDGE).facts
    assert [fact["code"] for fact in said if fact.kind == "image.problem"] == ["packages-not-read"]


def test_an_empty_database_is_no_problem() -> None:
    for data in (in_sqlite([]), in_ndb([]), in_berkeley([])):
        assert read(data) == ((), {}, None)
    assert not facts({PLACE: b""}, "image.problem")


ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x AS hnum, zeroblob(9) AS blob FROM n"


@pytest.mark.parametrize(
    "statements",
    [
        ["DROP TABLE Packages", f"CREATE VIEW Packages AS {ENDLESS}"],
        ["ALTER TABLE Packages RENAME TO p", "CREATE VIEW Packages AS SELECT hnum, blob FROM p"],
        ["DROP TABLE Packages", "CREATE TABLE Packages (hnum, blob GENERATED ALWAYS AS (zeroblob(1000000000)))",
         "INSERT INTO Packages (hnum) VALUES (1)"],
        ["DROP TABLE Packages", "CREATE VIRTUAL TABLE Packages USING fts5(hnum, blob)"],
    ],
)  # fmt: skip
def test_a_schema_that_would_compute_is_refused(statements: list[str]) -> None:
    found = read(in_sqlite([], True, *statements))
    assert found.problem
    assert not found.packages


def test_a_python_without_sqlite_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sqlite3", None)
    assert read(FORMS[PLACE]) == ((), {}, "this Python was built without sqlite3")


def test_triggers_and_other_tables_do_no_harm() -> None:
    trigger = "CREATE TRIGGER t AFTER INSERT ON Packages BEGIN DELETE FROM Packages; END"
    assert len(read(in_sqlite(HEADERS, True, trigger, f"CREATE VIEW v AS {ENDLESS}")).packages) == len(HEADERS)


def test_chains_in_circles_and_pages_that_are_shared_end() -> None:
    data = bytearray(FORMS["var/lib/rpm/Packages"])
    second = next(
        at for at in range(4096, len(data), 4096) if data[at + 25] == 7 and data[at + 16 : at + 20] != bytes(4)
    )
    data[second + 16 : second + 20] = struct.pack("<I", second // 4096)
    assert "damaged" in (read(bytes(data)).problem or "")
    same = bytearray(in_ndb([HEADERS[0]] * 3))
    for slot in range(2):
        same[48 + 16 * slot + 8 : 48 + 16 * slot + 12] = same[40:44]
        same[48 + 16 * slot + 4 : 48 + 16 * slot + 8] = same[36:40]
    large = bytes(same)[: 4096 + len(HEADERS[0]) + 30]
    assert read(large).problem


def test_what_is_kept_may_be_damaged() -> None:
    whole = read(FORMS[PLACE])
    assert unpacked(packed(whole)) == whole
    for text in (b"", b"\0[", b"\0[[[1, 2, 3]], {}, null]", b"\0[[], [], null]", b"\0[[], {}, 5]", b"[" * 100_000):
        assert unpacked(text).problem


@st.composite
def databases(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(st.sampled_from(list(FORMS.values()))))
    near = draw(st.sampled_from([200, 8192, len(data)]))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, min(near, len(data)) - 1))
        piece = draw(
            st.sampled_from([bytes(4), b"\xff" * 4, b"\x7f\xff\xff\xff", b"\1"]) | st.binary(min_size=1, max_size=8)
        )
        data[at : at + len(piece)] = piece
    if draw(st.booleans()):
        del data[draw(st.integers(0, len(data))) :]
    return bytes(data)


@settings(max_examples=COUNT, deadline=None, suppress_health_check=list(HealthCheck))
@given(databases())
def test_any_bytes_are_read_to_an_end(data: bytes) -> None:
    found = read(data)
    assert unpacked(packed(found)) == found
    assert all(name and version for name, version, _ in found.packages)


# Against rpm itself

SPEC = """
Name: {name}
Version: {version}
Release: {release}
{epoch}
Summary: A package
License: MIT
BuildArch: noarch
%description
A package.
%install
mkdir -p %{{buildroot}}/opt/{name} %{{buildroot}}/etc/{name}
for i in $(seq 400); do echo $i > %{{buildroot}}/opt/{name}/file-$i; done
echo a > %{{buildroot}}/etc/{name}/settings.conf
%files
/opt/{name}
%config /etc/{name}
%ghost /opt/{name}/log
"""
QUERY = "%{NAME} %|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\n"


def needs(*tools: str) -> pytest.MarkDecorator:
    missing = [tool for tool in tools if not shutil.which(tool)]
    return pytest.mark.skipif(bool(missing), reason=f"not installed here: {', '.join(missing)}")


def run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout


@needs("rpm", "rpmbuild")
def test_what_rpm_has_installed_is_what_it_lists_itself(tmp_path: Path) -> None:
    built = [
        ("alpha", "1.2", "3.el9", ""),
        ("beta", "4~rc1", "1", "Epoch: 2"),
        ("gamma-long-name", "20240101^git1", "0", "Epoch: 0"),
    ]
    for name, version, release, epoch in built:
        spec = tmp_path / f"{name}.spec"
        text = SPEC.format(name=name, version=version, release=release, epoch=epoch)
        spec.write_text(text.replace("%files", f"touch %{{buildroot}}/opt/{name}/log\n%files"), "utf-8")
        run("rpmbuild", "-bb", "--quiet", "--define", f"_topdir {tmp_path}/top", str(spec))
    root = ["--root", str(tmp_path / "root"), "--define", "_dbpath /var/lib/rpm", "--define", "_db_backend sqlite"]
    run("rpm", *root, "--nodeps", "--force-debian", "-i", *map(str, (tmp_path / "top").rglob("*.noarch.rpm")))
    data = (tmp_path / "root" / PLACE).read_bytes()
    found = read_database(data, lambda path: path.startswith("opt/"))
    told = run("rpm", *root, "-qa", "--qf", QUERY).replace(" 0:", " ").split("\n")
    assert sorted(f"{name} {version}" for name, version, _ in found.packages) == sorted(filter(None, told))
    assert {source for _, _, source in found.packages} == {"alpha", "beta", "gamma-long-name"}
    assert not found.files  # nobody has signed them
    assert found.problem is None
    journal = tmp_path / "root" / f"{PLACE}-wal"
    assert not journal.exists() or not journal.stat().st_size


@needs("rpm")
@pytest.mark.parametrize("order", ["<", ">"])
def test_rpm_reads_what_the_tests_write(tmp_path: Path, order: str) -> None:
    given = [header("openssl", "1:3.0.7-24.el9", signed=False), header("perl", "5.32-1", signed=False, filler=50_000)]
    (tmp_path / "Packages").write_bytes(in_berkeley(given, order))
    told = run("rpm", "--dbpath", str(tmp_path), "--define", "_db_backend bdb_ro", "-qa", "--qf", QUERY)
    if not told:
        pytest.skip("this rpm was built without its reader of Berkeley DB")
    assert sorted(told.split("\n")[:-1]) == ["openssl 1:3.0.7-24.el9", "perl 5.32-1"]
