"""What the facts of a Dockerfile say."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from dockerfile_support import of, read, text_at

from linter.inspect.dockerfile import base_images

if TYPE_CHECKING:
    from linter.model import Fact


@pytest.mark.parametrize(
    ("image", "registry", "repository", "tag", "state"),
    [
        ("python:3.9", None, "python", "3.9", "fixed"),
        ("python", None, "python", None, "missing"),
        ("docker.io/library/python:latest", "docker.io", "python", "latest", "floating"),
        ("localhost:5000/a/b", "localhost:5000", "a/b", None, "missing"),
        ("nvcr.io/nvidia/cuda:12@sha256:00", "nvcr.io", "nvidia/cuda", "12", "digest"),
        ("org/a:${T}", None, "org/a", "unknown", "unknown"),
        ("1.dkr.ecr.${R}.amazonaws.com/a/b:1", "unknown", "a/b", "1", "fixed"),
        ("${B}", "unknown", "unknown", "unknown", "unknown"),
        ("a${S}", None, "unknown", "unknown", "unknown"),
        ("${B}:latest", "unknown", "unknown", "latest", "floating"),
    ],
)
def test_reference(image: str, registry: str | None, repository: str, tag: str | None, state: str) -> None:
    fact = of(f"ARG B\nARG R\nARG S\nARG T\nFROM {image}\n", "from")[0]
    assert (fact["registry"], fact["repository"], fact["tag"], fact["tag_state"]) == (registry, repository, tag, state)


@pytest.mark.parametrize(
    ("image", "distribution", "release", "maintained"),
    [
        ("python:3.9-slim-buster", "debian", "10", "ended"),
        ("ubuntu:18.04", "ubuntu", "18.04", "ended"),
        ("ubuntu:jammy-20240101", "ubuntu", "22.04", "yes"),
        ("nvidia/cuda:12.4.1-runtime-ubuntu22.04", "ubuntu", "22.04", "yes"),
        ("python:3.12-alpine3.22", "alpine", "3.22", "yes"),
        ("python:3.8", "debian", "unknown", "ended"),
        ("python:3.12", "debian", "unknown", "yes"),
        ("debian:12.5-slim", "debian", "12", "yes"),
        ("alpine:3.4", "alpine", "3.4", "ended"),
        ("registry.access.redhat.com/ubi9/python-39:1", "ubi", "9", "yes"),
        ("public.ecr.aws/docker/library/python:3.12-bookworm", "debian", "12", "yes"),
        ("1.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:1.8-cpu-py36-ubuntu18.04", "ubuntu", "18.04", "ended"),
        ("somebody/thing:1", "unknown", "unknown", "unknown"),
    ],
)
def test_base_image(
    monkeypatch: pytest.MonkeyPatch, image: str, distribution: str, release: str, maintained: str
) -> None:
    monkeypatch.setattr(base_images, "today", lambda: date(2026, 1, 1))
    fact = of(f"FROM {image}\n", "from")[0]
    assert (fact["distribution"], fact["release"], fact["maintained"]) == (distribution, release, maintained)


def test_scannable() -> None:
    found = of("FROM scratch\nFROM gcr.io/distroless/python3:latest\nFROM debian:12\nFROM x\n", "from")
    assert [fact["scannable"] for fact in found] == ["unlikely", "unlikely", "yes", "unknown"]


def test_platform() -> None:
    text = (
        "FROM --platform=linux/x86_64 a\nFROM --platform=$BUILDPLATFORM a\nFROM a\nFROM --platform=linux/arm64/v8 a\n"
    )
    assert [(f["os"], f["architecture"]) for f in of(text, "from")] == [
        ("linux", "amd64"),
        ("unknown", "unknown"),
        (None, None),
        ("linux", "arm64"),
    ]


def test_stages() -> None:
    text = (
        "FROM a AS Base\nRUN 1\nFROM base AS build\nRUN 2\nFROM b AS other\nRUN 3\nFROM base\n"
        "COPY --from=build /x /y\nCOPY --from=0 /x /y\nCOPY --from=nginx:1 /x /y\nCOPY --from=$X /x /y\n"
    )
    runs = of(text, "run")
    assert [(f["stage"], f["stage_name"], f["in_image"], f["images"]) for f in runs] == [
        (0, "base", True, [3]),
        (1, "build", False, []),
        (2, "other", False, [2]),
    ]
    assert [(f["base"], f["is_base_of_image"]) for f in of(text, "from")] == [
        ("image", True),
        ("stage", False),
        ("image", False),
        ("stage", False),
    ]
    assert [(f["from"], f["from_kind"]) for f in of(text, "copy")] == [
        ("build", "stage"),
        ("base", "stage"),
        ("nginx:1", "image"),
        ("unknown", "unknown"),
    ]
    assert [(f["stage"], f["last"], f["base"]) for f in of(text, "image")] == [(2, False, "b"), (3, True, "a")]


def test_leaf_stages_are_images_of_their_own() -> None:
    found = of("FROM a AS x\nRUN 1\nFROM x AS train\nFROM x AS serve\n", "run")
    assert (found[0]["images"], found[0]["in_image"]) == ([1, 2], True)


def test_copy() -> None:
    text = 'FROM a\nWORKDIR /w\nCOPY --chown=u:g --chmod=755 --link a b* c/\nCOPY ["d e", "f"]\nCOPY . .\nCOPY x ./y\n'
    found = of(text, "copy")
    assert [
        (f["source"], f["source_kind"], f["sources_count"], f["destination"], f["destination_is_folder"]) for f in found
    ] == [
        ("a", "path", 2, "/w/c", True),
        ("b*", "glob", 2, "/w/c", True),
        ("d e", "path", 1, "/w/f", "unknown"),
        (".", "path", 1, "/w", True),
        ("x", "path", 1, "/w/y", "unknown"),
    ]
    assert (found[0]["chown"], found[0]["chmod"], found[0]["link"]) == ("u:g", "755", True)
    assert [f["whole_context"] for f in found] == [False, False, False, True, False]
    assert text_at(text, found[1], "source") == "b*"
    assert text_at(text, found[2], "source") == '"d e"'
    assert text_at(text, found[0], "chmod") == "--chmod=755"


def test_copy_to_unknown_folder() -> None:
    found = of("FROM a\nCOPY x y\nCOPY x /$z/y\nWORKDIR sub\nCOPY x y\n", "copy")
    assert [f["destination"] for f in found] == ["unknown"] * 3
    assert of("FROM scratch\nWORKDIR sub\nCOPY x y\n", "copy")[0]["destination"] == "/sub/y"


def test_add_and_heredocs() -> None:
    text = "FROM a\nADD https://x.y/z.git#main https://x.y/z.tgz git@g.com:a/b.git /d/\nCOPY <<E /f\nx\nE\n"
    assert [f["source_kind"] for f in of(text, "copy")] == ["git", "url", "git", "heredoc"]


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        (".aws/credentials", "aws-credentials"),
        ("x/.env", "dotenv"),
        ("keys/id_rsa", "ssh-key"),
        ("app.py", None),
        (".env.example", None),
        ("config", None),
        ("*.pem", "private-key"),
        ("./home/.ssh", "ssh-folder"),
        ("etc/ssl/certs/of/a.pem", None),
    ],
)
def test_credentials(source: str, kind: str | None) -> None:
    assert of(f"FROM a\nCOPY {source} /x\n", "copy")[0]["credential_kind"] == kind


@pytest.mark.parametrize(
    ("run", "left"),
    [
        ("RUN apt-get update && apt-get install -y a", ["apt"]),
        ("RUN apt-get update && apt-get install -y a && rm -rf /var/lib/apt/lists/*", []),
        ("RUN rm -rf /var/lib/apt/lists/* && apt-get install a", ["apt"]),
        ("RUN --mount=type=cache,target=/var/lib/apt --mount=type=cache,target=/var/cache/apt apt-get install a", []),
        ("RUN pip install a", ["pip"]),
        ("RUN python3 -m pip install a", ["pip"]),
        ("RUN pip3 install --no-cache-dir a", []),
        ("RUN PIP_NO_CACHE_DIR=1 pip install a", []),
        ("RUN export PIP_NO_CACHE_DIR=1 && pip install a", []),
        ("RUN pip install a && rm -rf ~/.cache", []),
        ("ENV PIP_NO_CACHE_DIR=1\nRUN pip install a", []),
        ("RUN pip --version", []),
        ("RUN apk add --no-cache a", []),
        ('RUN ["pip", "install", "a"]', ["pip"]),
        ("RUN <<EOF\napt-get install a\npip install b\nEOF", ["apt", "pip"]),
    ],
)
def test_caches(run: str, left: list[str]) -> None:
    assert of(f"FROM a\n{run}\n", "run")[-1]["caches_left"] == left


def test_drivers() -> None:
    fact = of(
        "FROM a\nRUN apt-get install -y nvidia-driver-535 cuda cuda-toolkit-12-4 && echo nvidia-driver-1\n", "run"
    )[0]
    assert (fact["driver_packages"], fact["driver_metapackages"]) == (["nvidia-driver-535"], ["cuda"])


def test_commands_have_their_place() -> None:
    text = "FROM a\nRUN cd /x && \\\n    # why\n    wget -q \\\n\n  http://y/z ; chmod +x $F\n"
    found = of(text, "command")
    assert [(f["program"], f["arguments"]) for f in found] == [
        ("cd", ["/x"]),
        ("wget", ["-q", "http://y/z"]),
        ("chmod", ["+x", "unknown"]),
    ]
    assert text_at(text, found[1]) == "wget -q \\\n\n  http://y/z"
    text = "FROM a\nRUN <<-EOF\n\twget b\n\tEOF\nRUN cat <<A >x && curl c\nwget d\nA\n"
    assert [text_at(text, f) for f in of(text, "command") if f["program"] in ("wget", "curl")] == ["wget b", "curl c"]


def test_heredoc_for_another_program_is_no_shell() -> None:
    text = "FROM a\nRUN <<EOF\n#!/usr/bin/env python3\nimport os\nEOF\n"
    assert [(f["program"], f["arguments"]) for f in of(text, "command")] == [("python3", ["unknown"])]


def test_shell_that_is_not_of_bourne_gives_no_commands() -> None:
    assert not of('FROM a\nSHELL ["powershell", "-Command"]\nRUN Get-Item x\n', "command")


def test_settings() -> None:
    text = (
        'FROM a\nUSER app:app\nUSER 0\nEXPOSE 8080 90/UDP 100-101 $x\nSTOPSIGNAL SIGINT\nVOLUME ["/a"]\n'
        'LABEL a.b="c d" e=f\nONBUILD RUN x y\nHEALTHCHECK NONE\n'
    )
    assert [(f["user"], f["root"], f["effective"]) for f in of(text, "user")] == [
        ("app:app", "no", False),
        ("0", "yes", True),
    ]
    assert [(f["port"], f["protocol"]) for f in of(text, "expose")] == [
        (8080, "tcp"),
        (90, "udp"),
        (100, "tcp"),
        (101, "tcp"),
        ("unknown", "unknown"),
    ]
    assert text_at(text, of(text, "expose")[1], "port") == "90/UDP"
    assert [(f["key"], f["value"]) for f in of(text, "label")] == [("a.b", "c d"), ("e", "f")]
    assert [(f["instruction"], f["text"]) for f in of(text, "onbuild")] == [("RUN", "RUN x y")]
    image = of(text, "image")[0]
    assert (image["user"], image["stopsignal"], image["entrypoint"], image["cmd"]) == (
        "0",
        "SIGINT",
        "unknown",
        "unknown",
    )
    assert image["exposed"] == ["8080/tcp", "90/udp", "100/tcp", "101/tcp", "unknown"]


def test_secrets_are_in_no_fact() -> None:
    token = "hf_" + "AbCdEfGhIjKlMnOpQrStUvWxYz01234567"
    text = f"FROM a\nENV HF_TOKEN={token}\nLABEL x=$HF_TOKEN\nRUN curl -H 'Authorization: Bearer {token}' x\n"
    text += f"CMD run --t {token}\n"
    inspection = read(text)
    assert token not in str(inspection)
    assert [f["secret"] for f in inspection.facts if f.kind == "dockerfile.variable"] == ["likely"]
    assert next(f for f in inspection.facts if f.kind == "dockerfile.run")["inline_secret"]
    assert next(f for f in inspection.facts if f.kind == "dockerfile.image")["env"] == {"HF_TOKEN": "<hidden>"}


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("", ["dockerfile-empty"]),
        ("# only a comment\n", ["dockerfile-empty"]),
        ("RUN a\n", ["dockerfile-without-from"]),
        ("# Title\n\nSome words\nof text\n", ["dockerfile-without-from"]),
        ("FROM a\nFOO b\nRUN c\n", ["dockerfile-syntax"]),
        ("FROM a b\n", ["dockerfile-syntax"]),
        ("RUN x\nFROM a\n", ["dockerfile-syntax"]),
        ("FROM ${NO}\n", ["dockerfile-syntax"]),
        ("FROM a\nRUN <<E\nb\n", ["dockerfile-syntax"]),
        ('FROM a\nCMD ["a", 1]\n', ["dockerfile-syntax"]),
        ("FROM a\nENV b\n", ["dockerfile-syntax"]),
        ("FROM a\nRUN " + "x" * 70_000 + "\nUSER b\n", ["dockerfile-syntax"]),
        ("FROM {{ base }}\nRUN a\n", ["dockerfile-template"]),
        ("FROM a\nRUN docker inspect -f '{{.X}}' y\n", []),
        ("FROM a\n", []),
    ],
    ids=range(15),
)
def test_notices(text: str, codes: list[str]) -> None:
    assert [notice.code for notice in read(text).notices] == codes


def test_template() -> None:
    text = (
        "{# note\n more #}\nFROM {{ base }} AS x\n{% if gpu %}\nENV A={{ a }} B=1\n{% endif %}\n"
        "RUN pip install {{ p }} q\\\n{% for x in y %}\n && wget z\nCOPY a /opt/{{ b }}/\n"
    )
    inspection = read(text)
    assert [notice.code for notice in inspection.notices] == ["dockerfile-template"]
    kinds: dict[str, list[Fact]] = {}
    for fact in inspection.facts:
        kinds.setdefault(fact.kind.removeprefix("dockerfile."), []).append(fact)
    assert (kinds["from"][0]["image"], kinds["from"][0]["stage_name"]) == ("unknown", "x")
    assert [f["value"] for f in kinds["variable"]] == ["unknown", "1"]
    assert kinds["command"][0]["arguments"] == ["install", "unknown", "q"]
    assert kinds["command"][1]["program"] == "wget"
    assert kinds["copy"][0]["destination"] == "unknown"


def test_image_of_a_child_stage() -> None:
    text = (
        "FROM scratch AS a\nENV X=1\nWORKDIR /w\nCMD b\nRUN c\nFROM a\nENV Y=$X\nENTRYPOINT d e\nCOPY f g\nLABEL k=v\n"
    )
    image = of(text, "image")[0]
    assert {k: image[k] for k in ("base", "workdir", "user", "cmd", "cmd_form", "entrypoint", "layers", "labels")} == {
        "base": "scratch",
        "workdir": "/w",
        "user": None,
        "cmd": None,
        "cmd_form": None,
        "entrypoint": ["/bin/sh", "-c", "d e"],
        "layers": 2,
        "labels": {"k": "v"},
    }
    assert (image["env"]["X"], image["env"]["Y"]) == ("1", "1")
