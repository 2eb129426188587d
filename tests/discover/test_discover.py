"""What is looked at, and as what."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from linter.discover import discover
from linter.discover.classify import kind_of
from linter.judge.load import load_knowledge
from linter.references.patterns import is_excluded
from linter.tree import DiskTree, MemoryTree

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "name",
    ["Dockerfile", "dockerfile", "Dockerfile.cpu", "app.Dockerfile", "inference.dockerfile", "dockerfile-amd",
     "Containerfile", "Dockerfile_gpu", "Dockerfile.j2", "cpu_Dockerfile", "my-dockerfile", "Dockerfile.txt",
     "train.Dockerfile.template"],
)  # fmt: skip
def test_every_naming_habit_of_dockerfiles(name: str) -> None:
    assert kind_of(f"a/{name}", 10, lambda n: b"FROM x") == "dockerfile"


@pytest.mark.parametrize(
    "name",
    ["Dockerfile.md", "dockerfile.py", "Dockerfile.sh", "dockerfiles.json", "docker-compose.yml", "mydockerfiles"],
)
def test_what_only_sounds_like_a_dockerfile(name: str) -> None:
    assert kind_of(name, 10, lambda n: b"hello") != "dockerfile"


@pytest.mark.parametrize(
    ("path", "head", "kind"),
    [
        (".dockerignore", b"*", "dockerignore"),
        ("Dockerfile.dockerignore", b"*", "dockerignore"),
        ("nginx.conf", b"server { listen 8080; }", "nginx"),
        ("conf.d/default.conf", b"server {\n", "nginx"),
        ("nginx.conf.template", b"http {\n", "nginx"),
        ("app.conf", b"[program:x]\ncommand=y", "supervisor"),
        ("supervisord.ini", b"[supervisord]\n", "supervisor"),
        ("other.conf", b"key = value\n", None),
        ("gunicorn.conf.py", b"bind='x'", "gunicorn"),
        ("gunicorn_config.py", b"bind='x'", "gunicorn"),
        ("build_and_push.sh", b"docker build .", "shell"),
        ("samples/request.json", b'{"key": "AKIAQ7ZK3RT5XWPL2MNB"}', "data"),
        ("settings/request.json", b'{"key": "AKIAQ7ZK3RT5XWPL2MNB"}', "settings"),
        ("Makefile", b"all:\n\tdocker push a\n", "makefile"),
        ("mk/release.mk", b"all:\n\taws s3 ls\n", "makefile"),
        ("Makefile", b"all:\n\tcc -c a.c\n", None),
        ("main.tf", b'resource "awscc_sagemaker_model_package" "p" {}', "terraform"),
        ("main.tf", b'resource "aws_s3_bucket" "b" {}', None),
        ("serve", b"#!/bin/bash\n", "shell"),
        ("serve", b"#!/usr/bin/env python\n", "python"),
        ("serve", b"#!/usr/bin/env Rscript\n", "script"),
        ("serve", b"#!/bin/bash python\n", "shell"),
        ("train", b"import os\n", "python"),
        ("train", b"# -*- coding: utf-8 -*-\nfrom __future__ import annotations\n", "python"),
        ("train", b"exec sagemaker-train\n", "script"),
        ("train", b"", "script"),
        ("tool", b"\x7fELF", None),
        ("main.py", b"import os\n", "python"),
        ("main.py", b"", "python"),
        ("window.pyw", b"import os\n", "python"),
        ("main.py", b"#!/usr/bin/env python3\n", "python"),
        ("main.py", b"#!/bin/sh\n", "shell"),
        ("main.py", b"#!/usr/bin python3\n", "python"),
        ("serve", b"#!/usr/bin python3\n", "python"),
        ("tool", b"#!/opt/conda/bin/python3.11 -u\n", "python"),
        ("tool", b"#!/usr/bin/env -S python3 -u\n", "python"),
        ("settings.py.in", b"import os\n", None),
        ("plot.R", b"#!/usr/bin/env Rscript\n", "script"),
        ("a/publish.ipynb", b"{}", "notebook"),
        ("a/Dockerfile.ipynb", b"{}", "notebook"),
        ("package.json", b'{"name": "x"}', None),
        ("request.json", b'{"InferenceSpecification": {}}', "manifest"),
        ("request.yaml", b"TrainingSpecification:\n", "manifest"),
    ],
)
def test_kinds(path: str, head: bytes, kind: str | None) -> None:
    assert kind_of(path, len(head), lambda n: head[:n]) == kind


def test_copies_and_caches_are_left_out() -> None:
    tree = MemoryTree(
        {f"{folder}/Dockerfile": b"FROM x" for folder in ("a", "node_modules/b", ".ipynb_checkpoints", "v/.venv/lib")}
    )
    assert [artifact.path for artifact in discover(tree, [""]).artifacts] == ["a/Dockerfile"]


def test_a_folder_given_by_name_is_read_all_the_same() -> None:
    tree = MemoryTree({"node_modules/b/Dockerfile": b"FROM x"})
    assert len(discover(tree, ["node_modules/b"]).artifacts) == 1


@pytest.mark.parametrize(
    ("pattern", "hit"),
    [("tests", True), ("tests/", True), ("a/tests", True), ("a/tests/*", True), ("**/Dockerfile", True),
     ("*.json", False),
     ("Dockerfile", True), ("b", False), ("a", True), ("/a", True), ("/tests", False)],
)  # fmt: skip
def test_excludes(pattern: str, hit: bool) -> None:
    assert is_excluded("a/tests/Dockerfile", [pattern]) is hit


def test_excludes_hold_for_files_named_one_by_one() -> None:
    tree = MemoryTree({"a/Dockerfile": b"FROM x"})
    assert discover(tree, ["a/Dockerfile"], ["a"]).artifacts == ()


def test_git_decides_what_a_folder_holds(tmp_path: Path) -> None:
    for name in ("a/Dockerfile", "ignored/Dockerfile", "new/Dockerfile"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("FROM x")
    (tmp_path / ".gitignore").write_text("ignored/\n")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    found = discover(DiskTree(tmp_path), [""]).artifacts
    assert [artifact.path for artifact in found] == ["a/Dockerfile", "new/Dockerfile"]
    named = discover(DiskTree(tmp_path), ["ignored/Dockerfile"]).artifacts
    assert [artifact.path for artifact in named] == ["ignored/Dockerfile"]


def test_a_repository_cannot_make_git_run_its_programs(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    hook = tmp_path / "hook.sh"
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    subprocess.run(["git", "-C", str(tmp_path), "config", "core.fsmonitor", str(hook)], check=True)
    (tmp_path / "Dockerfile").write_text("FROM x")
    discover(DiskTree(tmp_path), [""])
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("path", "head", "kind"),
    [
        ("data.csv", b"a,b", "data"),
        ("samples/request.json", b"{}", "data"),
        ("samples/request.txt", b"hello", "data"),
        ("sample_input.json", b"{}", "data"),
        ("config.json", b"{}", None),
        ("notes.txt", b"hello", None),
        ("samples/requirements.txt", b"flask", "requirements"),
        ("samples/package-lock.json", b"{}", None),
        ("tests/data.csv", b"a,b", None),
        ("data/test/data.csv", b"a,b", "data"),
        ("empty.csv", b"", None),
        (
            "policy.json",
            b'{"Version": "2012-10-17", "Statement": [{"Principal": "*", "Action": "s3:*"}]}',
            "access_policy",
        ),
        ("policy.json", b'{"Version": "2012-10-17", "Statement": [{"Action": "s3:*", "Resource": "*"}]}', None),
        ("trust.json", b'{"Statement": [{"Principal": "*", "Action": "sts:AssumeRole"}]}', None),
    ],
)
def test_data_and_bucket_policies(path: str, head: bytes, kind: str | None) -> None:
    assert kind_of(path, len(head), lambda n: head[:n]) == kind


def test_of_many_data_files_the_first_are_looked_at() -> None:
    files = {f"d{folder}/{number:03}.csv": b"a,b\n" for folder in range(40) for number in range(30)}
    files["samples/a.csv"] = b"a,b\n"
    found = discover(MemoryTree(files), [""])
    assert len(found.artifacts) == 501
    assert {artifact.path for artifact in found.artifacts} >= {"d0/000.csv", "d0/019.csv", "samples/a.csv"}
    assert "d0/020.csv" not in {artifact.path for artifact in found.artifacts}
    (notice,) = found.notices
    assert notice.message.startswith("700 data files were not searched")
    assert discover(MemoryTree(files), ["d0/025.csv"]).artifacts


def test_templates_that_the_cdk_makes_are_read_and_copies_beside_them_are_not() -> None:
    template = '{"Resources": {"P": {"Type": "AWS::SageMaker::ModelPackage", "Properties": {"ModelPackageName": "a"}}}}'
    files = (
        "cdk.out/S.template.json",
        "cdk.out/asset.1/Dockerfile",
        "cdk.out/asset.1/S.template.json",
        "cdk.out/x.json",
    )
    tree = MemoryTree({f"infra/{path}": template.encode() for path in files})
    assert [artifact.path for artifact in discover(tree, [""]).artifacts] == ["infra/cdk.out/S.template.json"]


@pytest.mark.parametrize("scheme", load_knowledge().get("network.settings_stores.schemes"))
def test_settings_with_the_address_of_any_store_are_read(scheme: str) -> None:
    """`discover` runs before knowledge is read, and so has a sieve of its own for the schemes."""
    data = f"address = {scheme}://db.example.com:1234/x\n".encode()
    assert kind_of("settings.ini", len(data), lambda count: data[:count]) == "store_settings"
