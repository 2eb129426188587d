"""What assemble makes of Dockerfiles and the files beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from linter.assemble import assemble
from linter.discover import discover
from linter.engine import inspect_all
from linter.judge.load import load_knowledge
from linter.tree import MemoryTree

if TYPE_CHECKING:
    from linter.model import Fact

PYTHON = "#!/usr/bin/env python\n"


def facts(files: dict[str, str], *, executable: frozenset[str] = frozenset(), **options: Any) -> list[Fact]:
    tree = MemoryTree({path: text.encode() for path, text in files.items()}, executable)
    knowledge = load_knowledge()
    return assemble(inspect_all(tree, discover(tree, [""]).artifacts, knowledge).facts, tree, knowledge, **options)


def one(found: list[Fact], kind: str, **fields: Any) -> Fact:
    hits = [fact for fact in found if fact.kind == kind and all(fact[name] == value for name, value in fields.items())]
    assert len(hits) == 1, [fact.fields for fact in found if fact.kind == kind]
    return hits[0]


@pytest.mark.parametrize(
    ("steps", "serve"),
    [
        ("COPY serve /opt/program/serve\nENV PATH=/opt/program:$PATH", "yes"),
        ("COPY serve /opt/program/\nENV PATH=/opt/program:$PATH", "yes"),
        ("COPY . /opt/program\nENV PATH=/opt/program:$PATH", "yes"),
        ("COPY . /opt/program\nENV PATH /opt/program:${PATH}", "yes"),
        ("COPY serve /usr/local/bin/", "yes"),
        ("WORKDIR /opt/program\nCOPY serve .\nENV PATH=/opt/program:$PATH", "yes"),
        ("COPY start.py /usr/bin/serve", "yes"),
        ("COPY serve /opt/program/serve", "no"),
        ("COPY start.py /opt/program/\nENV PATH=/opt/program:$PATH", "no"),
        ("RUN ln -s /opt/program/start.py /usr/bin/serve", "unknown"),
        ("COPY --from=build /out /usr/local/bin", "unknown"),
        ("RUN pip install sagemaker-containers", "yes"),
        ("RUN pip install .", "unknown"),
        ("ADD https://example.com/program.tar /opt/program\nENV PATH=/opt/program:$PATH", "unknown"),
    ],
)
def test_whether_path_finds_serve(steps: str, serve: str) -> None:
    found = facts({"Dockerfile": f"FROM python:3.12-slim\n{steps}\n", "serve": PYTHON, "start.py": PYTHON})
    assert one(found, "image.start")["serve_on_path"] == serve


def test_an_unseen_base_leaves_everything_open() -> None:
    start = one(facts({"Dockerfile": "FROM registry.example.com/base:1\n"}), "image.start")
    assert (start["serve_on_path"], start["entrypoint_form"], start["base_brings_start_program"]) == ("unknown",) * 3


def test_aws_serving_images_answer_by_themselves() -> None:
    text = "FROM 763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2.3.0-cpu-py311\n"
    start = one(facts({"Dockerfile": text}), "image.start")
    assert (start["base_brings_start_program"], start["serve_on_path"]) == ("yes", "yes")


def test_the_started_file_is_followed_through_rename_and_scripts() -> None:
    found = facts(
        {
            "container/Dockerfile": "FROM python:3.12-slim\nENV PATH=/opt/program:$PATH\n"
            "COPY run.sh /opt/program/serve\n"
            "COPY server.sh /opt/program/server.sh\n",
            "container/run.sh": "#!/bin/bash\nbash /opt/program/server.sh\n",
            "container/server.sh": "#!/bin/bash\nexec gunicorn -b 0.0.0.0:8080 app:app\n",
            "container/unrelated.sh": "#!/bin/bash\npip install x\n",
        }
    )
    scopes = {(f.location.path, f["scope"], f["started_as"]) for f in found if f.kind == "program.file"}
    assert ("container/run.sh", "container", "serve") in scopes
    assert ("container/server.sh", "container", "serve") in scopes
    assert ("container/unrelated.sh", "seller", None) in scopes
    assert one(found, "server.listener")["scope"] == "container"
    assert one(found, "image.start")["listens"] == [8080]


@pytest.mark.parametrize(
    ("steps", "on_disk", "bit"),
    [
        ("COPY serve /opt/program/serve", False, "no"),
        ("COPY serve /opt/program/serve", True, "yes"),
        ("COPY --chmod=755 serve /opt/program/serve", False, "yes"),
        ("COPY --chmod=644 serve /opt/program/serve", True, "no"),
        ("COPY --chmod=u+x serve /opt/program/serve", False, "yes"),
        ("COPY serve /opt/program/serve\nRUN chmod +x /opt/program/serve", False, "yes"),
        ("COPY serve /opt/program/serve\nRUN chmod 755 /opt/program/*", False, "yes"),
        ("COPY serve /opt/program/serve\nRUN chmod -R a+x /opt", False, "yes"),
        ("COPY serve /opt/program/serve\nWORKDIR /opt/program\nRUN chmod +x train serve", False, "yes"),
        ("COPY serve /opt/program/serve\nRUN chmod 644 /opt/program/serve", False, "no"),
    ],
)
def test_the_execute_bit(steps: str, on_disk: bool, bit: str) -> None:
    files = {"Dockerfile": f"FROM python:3.12-slim\nENV PATH=/opt/program:$PATH\n{steps}\n", "serve": PYTHON}
    found = facts(files, executable=frozenset({"serve"} if on_disk else ()))
    program = one(found, "program.file")
    assert (program["execute_bit"], program["execute_bit_needed"]) == (bit, "yes")


@pytest.mark.parametrize(
    ("files", "source", "state"),
    [
        ({"Dockerfile": "FROM a\nCOPY x /y\n", "x": "1"}, "x", "found"),
        ({"Dockerfile": "FROM a\nCOPY x z /y/\n", "z": "1"}, "x", "missing"),
        ({"Dockerfile": "FROM a\nCOPY x /y\n"}, "x", "unknown"),
        ({"docker/Dockerfile": "FROM a\nCOPY src/x /y\n", "src/x": "1"}, "src/x", "found"),
        ({"Dockerfile": "FROM a\nCOPY *.txt /y/\n", "a.txt": "1"}, "*.txt", "found"),
        ({"Dockerfile": "FROM a\nCOPY a.md *.txt /y/\n", "a.md": "1"}, "*.txt", "missing"),
        ({"Dockerfile": "FROM a\nCOPY x /y\n", "x": "1", ".dockerignore": "x\n"}, "x", "ignored"),
        ({"Dockerfile": "FROM a\nCOPY d /y\n", "d/x": "1", ".dockerignore": "d/x\n"}, "d", "found"),
        ({"Dockerfile": "FROM a\nCOPY x /y\n", "x": "1", "Dockerfile.dockerignore": "x\n"}, "x", "ignored"),
        ({"Dockerfile": "FROM a\nARG F\nCOPY $F /y\n"}, "unknown", "unknown"),
        ({"Dockerfile": "FROM a\nADD https://example.com/x /y\n"}, "https://example.com/x", "unknown"),
        ({"Dockerfile": "FROM a\nCOPY --from=b x /y\n"}, "x", "unknown"),
        (
            {"a/Dockerfile": "FROM a\nCOPY x /y\n", "b/x": "1", "build.sh": "docker build -f a/Dockerfile b\n"},
            "x",
            "found",
        ),
    ],
)
def test_copied_sources_and_the_build_context(files: dict[str, str], source: str, state: str) -> None:
    assert one(facts(files), "dockerfile.copy", source=source)["source_state"] == state


@pytest.mark.parametrize(
    ("path", "text", "scope"),
    [
        ("container/nginx.conf", "FROM a\nCOPY nginx.conf /opt/program/\n", "container"),
        ("container/nginx.conf", "FROM a\nCOPY . /opt/program/\n", "container"),
        ("container/nginx.conf", "FROM a\nCOPY app /opt/program/\n", "seller"),
        ("container/local_test/nginx.conf", "FROM a\nCOPY app /opt/program/\n", "test"),
        ("container/nginx.conf", "FROM a AS b\nCOPY . /src\nFROM c\nCOPY --from=b /src /opt/program\n", "unknown"),
    ],
)
def test_what_runs_at_the_buyers(path: str, text: str, scope: str) -> None:
    files = {"container/Dockerfile": text, path: "server { listen 8080; }", "container/app/x.py": ""}
    assert one(facts(files), "server.listener")["scope"] == scope


def test_without_a_dockerfile_the_scope_is_unknown() -> None:
    assert one(facts({"nginx.conf": "server { listen 8080; }"}), "server.listener")["scope"] == "unknown"


def test_two_products_side_by_side_are_not_joined() -> None:
    def request(account: str) -> str:
        return (
            '{"ModelPackageName": "m", "CertifyForMarketplace": true, "InferenceSpecification": {"Containers": '
            f'[{{"Image": "{account}.dkr.ecr.us-east-1.amazonaws.com/m:1"}}]}}, "ValidationSpecification": '
            f'{{"ValidationRole": "arn:aws:iam::{account}:role/Val"}}}}'
        )

    files = {
        "a/container/Dockerfile": "FROM x\n", "a/request.json": request("444455556666"),
        "b/container/Dockerfile": "FROM x\n", "b/request.json": request("777788889999"),
    }  # fmt: skip
    owners = {(f.location.path, f["owner"]) for f in facts(files) if f.kind == "image.reference"}
    assert owners == {("a/request.json", "seller"), ("b/request.json", "seller")}


@pytest.mark.parametrize(
    ("dockerfile", "role"),
    [
        ("training/Dockerfile", "training"),
        ("inference/Dockerfile", "inference"),
        ("Dockerfile.train", "training"),
        ("x/Dockerfile", "unknown"),
    ],
)
def test_roles_by_name(dockerfile: str, role: str) -> None:
    assert one(facts({dockerfile: "FROM python:3.12-slim\n"}), "image.start")["role"] == role


def test_every_fact_of_a_product_obeys_its_schema() -> None:
    import json

    import jsonschema_rs

    from linter.resources import schemas_folder

    files = {
        "Dockerfile": 'FROM python:3.12-slim\nENV PATH=/opt/program:$PATH\nCOPY . /opt/program\nCMD ["serve"]\n',
        "serve": "#!/bin/bash\nnginx\ngunicorn --timeout 60 -b unix:/tmp/g.sock app:app\n",
        "nginx.conf": "http { server { listen 8080; location / { proxy_pass http://unix:/tmp/g.sock; } } }",
        "request.yaml": "ModelPackageName: m\nInferenceSpecification: {Containers: [{Image: 'x'}]}\n",
    }
    for fact in facts(files):
        schema = json.loads((schemas_folder() / "facts" / f"{fact.kind}.schema.json").read_text())
        jsonschema_rs.validate(schema, dict(fact.fields))
