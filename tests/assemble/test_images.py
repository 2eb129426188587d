"""What assemble makes of Dockerfiles and the files beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from linter.assemble import assemble
from linter.discover import discover
from linter.inspect.run import inspect_all
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


@pytest.mark.parametrize(
    ("last", "configuration", "hands_over"),
    [
        ("exec nginx -c /opt/program/nginx.conf", "", "background"),
        ("nginx -c /opt/program/nginx.conf", "", "background"),
        ("exec nginx -c /opt/program/nginx.conf", "daemon off;\n", "exec"),
        ("exec nginx -g 'daemon off;'", "", "exec"),
    ],
)
def test_nginx_as_the_last_program(last: str, configuration: str, hands_over: str) -> None:
    files = {
        "Dockerfile": "FROM python:3.12-slim\nENV PATH=/opt/program:$PATH\nCOPY serve nginx.conf /opt/program/\n",
        "serve": f"#!/bin/bash\ngunicorn -b unix:/tmp/g.sock app:app &\n{last}\n",
        "nginx.conf": f"{configuration}events {{}}\nhttp {{ server {{ listen 8080; }} }}\n",
    }
    assert one(facts(files), "program.file")["hands_over"] == hands_over


@pytest.mark.parametrize(
    ("path", "text", "purpose"),
    [
        ("Dockerfile", "FROM python:3.12-slim\nWORKDIR /opt/program\n", "sagemaker"),
        ("Dockerfile", "FROM python:3.12-slim\nENV SM_MODEL_DIR=/x\n", "sagemaker"),
        ("Dockerfile.sagemaker", "FROM python:3.12-slim\n", "sagemaker"),
        ("Dockerfile", "FROM python:3.12-slim\nEXPOSE 8080\nCOPY predictor.py /app/\n", "sagemaker"),
        ("Dockerfile", "FROM alpine:3.22\nEXPOSE 8080\nCMD ./api\n", "unknown"),
        ("Dockerfile", "FROM ubuntu:latest\n", "unknown"),
        ("lambda/Dockerfile", "FROM python:3.12-slim\n", "other"),
        ("agentcore/Dockerfile", "FROM python:3.12-slim\nEXPOSE 8080\nCOPY model.py /app/\n", "other"),
        ("docker/Dockerfile.notebook", "FROM python:3.12-slim\nWORKDIR /opt/program\n", "other"),
        (
            "docker/Dockerfile.dev",
            "FROM python:3.12-slim\nENV PATH=/opt/program:$PATH\nCOPY docker/serve /opt/program/\n",
            "sagemaker",
        ),
        ("Dockerfile", 'FROM public.ecr.aws/lambda/python:3.12\nWORKDIR /opt/program\nCMD ["app.handler"]\n', "other"),
        ("Dockerfile", "FROM python:3.12-slim\nWORKDIR /opt/ml/processing\n", "other"),
        ("Dockerfile", "FROM python:3.12-slim\nRUN pip install 'bedrock-agentcore>=1'\nEXPOSE 8080\n", "other"),
        ("agentcore/Dockerfile", "FROM python:3.12-slim\nEXPOSE 8080\n", "other"),
        ("jobs/processing/docker/Dockerfile", "FROM python:3.12-slim\nWORKDIR /opt/program\n", "other"),
        (
            "Dockerfile",
            'FROM python:3.12-slim\nWORKDIR /opt/program\nENTRYPOINT ["python", "preprocess.py"]\n',
            "other",
        ),
        ("contest/Dockerfile", "FROM python:3.12-slim\n", "unknown"),
        ("Dockerfile.sagemaker", "FROM public.ecr.aws/lambda/python:3.12\n", "sagemaker"),
        ("Dockerfile", "FROM public.ecr.aws/lambda/python:3.12\nCOPY app.py /opt/ml/code/\n", "sagemaker"),
    ],
)
def test_what_an_image_is_made_for(path: str, text: str, purpose: str) -> None:
    assert one(facts({path: text, "docker/serve": PYTHON}), "image.start")["purpose"] == purpose


def test_a_manifest_beside_it_says_what_an_image_is_for() -> None:
    request = '{"ModelPackageName": "m", "InferenceSpecification": {"Containers": [{"Image": "x/y:1"}]}}'
    found = facts({"Dockerfile": "FROM python:3.12-slim\n", "package.json": request})
    assert one(found, "image.start")["purpose"] == "sagemaker"


def test_the_rules_of_images_do_not_bind_what_is_made_for_something_else() -> None:
    found = facts({"lambda/Dockerfile": 'FROM python:3.12-slim\nEXPOSE 22\nENTRYPOINT ["jupyter-lab"]\n'})
    assert {fact["in_image"] for fact in found if "in_image" in fact.fields} == {False}
    assert {fact["scope"] for fact in found if fact.kind == "shell.command"} == {"seller"}


@pytest.mark.parametrize(
    "step",
    ["pip3 install /opt/program/", "python -m pip install .", "pip install ./x-1.0-py3-none-any.whl",
     "python setup.py install",
     "uv pip install --system .", "poetry install", "./install.sh", "bash install.sh"],
)  # fmt: skip
def test_a_package_of_ones_own_may_bring_serve(step: str) -> None:
    found = facts({"Dockerfile": f"FROM python:3.12-slim\nCOPY . /opt/program\nRUN {step}\n"})
    assert one(found, "image.start")["serve_on_path"] == "unknown"


def test_a_path_folder_that_nothing_fills_is_filled_elsewhere() -> None:
    text = 'FROM python:3.12-slim\nCOPY ./ /\nENV PATH="$PATH:/sagemaker"\n'
    assert one(facts({"docker/Dockerfile": text}), "image.start")["serve_on_path"] == "unknown"


def test_variants_of_one_image_are_built_from_the_folder_above() -> None:
    files = {"docker/cpu/Dockerfile": "FROM a\nCOPY start.sh /opt/program/\n", "start.sh": "#!/bin/sh\n"}
    assert one(facts(files), "dockerfile.copy")["source_state"] == "found"


def test_a_chmod_of_the_build_script_leaves_the_bit_open() -> None:
    files = {
        "Dockerfile": "FROM python:3.12-slim\nENV PATH=/opt/program:$PATH\nCOPY app /opt/program\n",
        "app/serve": PYTHON,
        "build.sh": "#!/bin/sh\nchmod +x app/serve\ndocker build -t x .\n",
    }
    assert one(facts(files), "program.file", started_as="serve")["execute_bit"] == "unknown"


@pytest.mark.parametrize("place", ["cd container && chmod +x app/serve", "cd container/app\nchmod 755 serve"])
def test_a_chmod_after_a_change_of_folder_leaves_the_bit_open(place: str) -> None:
    files = {
        "container/Dockerfile": "FROM python:3.12-slim\nENV PATH=/opt/program:$PATH\nCOPY app /opt/program\n",
        "container/app/serve": PYTHON,
        "build.sh": f"#!/bin/sh\n{place}\n",
    }
    assert one(facts(files), "program.file", started_as="serve")["execute_bit"] == "unknown"


@pytest.mark.parametrize(
    ("beside", "state"),
    [
        ({}, "missing"),
        ({".gitmodules": '[submodule "engine"]\n\tpath = engine\n'}, "unknown"),
        ({"prepare.sh": "#!/bin/sh\ngit clone https://example.com/a/engine.git --branch v1\n"}, "unknown"),
        ({"prepare.sh": "#!/bin/sh\ngit clone --depth 1 https://example.com/a/b engine\n"}, "unknown"),
        ({"prepare.sh": "#!/bin/sh\ngit clone https://example.com/a/other\n"}, "missing"),
    ],
)
def test_folders_that_git_brings_are_not_missing(beside: dict[str, str], state: str) -> None:
    files = {"Dockerfile": "FROM a\nCOPY serve.py /a/\nCOPY engine /b\n", "serve.py": "", **beside}
    assert one(facts(files), "dockerfile.copy", source="engine")["source_state"] == state


@pytest.mark.parametrize(
    ("dockerfile", "place"),
    [("inference/Dockerfile", "/opt/ml"), ("train/Dockerfile", "/opt/ml/input"), ("x/Dockerfile", "/opt/ml/input")],
)
def test_nothing_is_mounted_over_a_jobs_folders_where_requests_are_answered(dockerfile: str, place: str) -> None:
    text = "FROM python:3.12-slim\nCOPY nginx.conf /opt/ml/input/config/nginx.conf\n"
    found = facts({dockerfile: text, dockerfile.replace("Dockerfile", "nginx.conf"): ""})
    assert one(found, "dockerfile.copy")["reserved_place"] == place


def test_of_the_two_programs_of_a_base_the_entry_point_may_run_one() -> None:
    head = "FROM 520713654638.dkr.ecr.us-east-1.amazonaws.com/sagemaker-tensorflow:1.12.0-cpu-py3\n"
    text = f'{head}COPY start.sh /usr/local/bin/\nENTRYPOINT ["bash", "start.sh", "train"]\n'
    found = facts({"Dockerfile": text, "start.sh": "#!/bin/bash\nexec train\n"})
    assert one(found, "image.start")["role"] == "training"
    assert one(found, "program.file")["started_as"] == "train"
    both = {"Dockerfile": f"{text}COPY serve /usr/local/bin/serve\n", "start.sh": "", "serve": PYTHON}
    assert one(facts(both), "image.start")["role"] == "both"


@pytest.mark.parametrize(
    ("steps", "train"),
    [
        ("ENV SAGEMAKER_TRAINING_MODULE=own.training:main\nCOPY . /src\nRUN pip install /src", "yes"),
        ("COPY . /src\nRUN pip install /src", "unknown"),
        ("ENV SAGEMAKER_TRAINING_MODULE=own.training:main\nRUN pip install torch", "no"),
    ],
)
def test_a_package_of_ones_own_may_bring_a_toolkit(steps: str, train: str) -> None:
    found = facts({"Dockerfile": f"FROM python:3.12-slim\n{steps}\n", "setup.py": ""})
    assert one(found, "image.start")["train_on_path"] == train


def test_a_proxy_whose_configuration_is_not_here_may_be_in_front() -> None:
    text = "#!/bin/bash\nnginx -c /opt/nginx.conf\ntritonserver --model-repository=/opt/ml/model\n"
    ports = one(facts({"start.sh": text}), "server.listener", server="tritonserver")["image_ports"]
    assert "unknown" in ports


def test_of_two_images_the_one_without_the_bit_counts() -> None:
    head = "FROM python:3.12-slim\nENV PATH=/opt/program:$PATH\nCOPY serve /opt/program/\n"
    files = {"Dockerfile": f"{head}RUN chmod +x /opt/program/serve\n", "Dockerfile_ia": head, "serve": PYTHON}
    assert one(facts(files), "program.file")["execute_bit"] == "no"


def test_a_bare_interpreter_takes_the_argument_for_its_script() -> None:
    files = {
        "Dockerfile": 'FROM python:3.12-slim\nWORKDIR /opt/program\nCOPY app.py .\nENTRYPOINT ["python"]\n',
        "app.py": "",
    }
    assert one(facts(files), "image.start")["program_found"] == "missing"


def test_a_folder_copied_onto_the_reserved_tree_brings_its_places() -> None:
    files = {"Dockerfile": "FROM a\nCOPY ml/ /opt/ml\n", "ml/input/config/x.json": "{}", "ml/model/m.pkl": ""}
    assert one(facts(files), "dockerfile.copy")["reserved_place"] == "/opt/ml/input"


def test_a_configuration_file_overrides_the_defaults_of_the_command() -> None:
    files = {
        "Dockerfile": "FROM python:3.12-slim\nENV PATH=/opt/program:$PATH\nCOPY . /opt/program\n",
        "serve": "#!/bin/bash\nexec gunicorn app:app\n",
        "gunicorn.conf.py": 'bind = "0.0.0.0:8080"\ntimeout = 120\n',
    }
    found = facts(files)
    assert one(found, "server.listener")["port"] == 8080
    assert one(found, "server.timeout", name="timeout")["seconds"] == 120


SERVED = 'COPY . /app\nWORKDIR /app\nENTRYPOINT ["python", "main.py"]\n'


@pytest.mark.parametrize(
    ("files", "context"),
    [
        ({"docker/Dockerfile": "FROM a\nCOPY . /app\n", "main.py": "", "README.md": ""}, ""),
        ({"docker/Dockerfile": "FROM a\nCOPY . /app\n", "docker/compose.yml": "", "docker/run.sh": "", "x.py": ""}, ""),
        ({"p/docker/Dockerfile": "FROM a\nCOPY . /app\n", "p/src/main.py": "", "q/y.py": ""}, "p"),
        ({"docker/gpu/Dockerfile": "FROM a\nCOPY . /app\n", "docker/cpu/Dockerfile": "FROM b\n", "x.py": ""}, ""),
        ({"docker/Dockerfile": f"FROM a\n{SERVED}", "docker/nginx.conf": "", "main.py": ""}, ""),
        ({"docker/Dockerfile": f"FROM a\n{SERVED}", "docker/main.py": "", "main.py": ""}, "docker"),
        # code of its own, siblings with a Dockerfile of theirs, nothing above, nothing copied
        ({"docker/Dockerfile": "FROM a\nCOPY . /app\n", "docker/app.py": "", "main.py": ""}, "docker"),
        ({"a/Dockerfile": "FROM a\nCOPY . /app\n", "b/Dockerfile": "FROM b\n", "b/main.py": ""}, "a"),
        ({"d/1/Dockerfile": "FROM a\nCOPY . /\n", "d/2/Dockerfile": "FROM a\n", "d/parts/x.py": ""}, "d/1"),
        ({"d/1/Dockerfile": "FROM a\nCOPY . /\n", "d/__init__.py": ""}, "d/1"),
        ({"docker/Dockerfile": "FROM a\nCOPY . /app\n", "README.md": ""}, "docker"),
        ({"docker/Dockerfile": "FROM a\n", "main.py": ""}, "docker"),
        ({"container/Dockerfile": "FROM a\nCOPY trees /opt/program\n", "container/trees/serve": "", "x.py": ""},
         "container"),
        # globs tell as much as paths, where they match anything
        ({"docker/Dockerfile": "FROM a\nADD docker/code/* /app/\n", "docker/code/x.py": ""}, ""),
        ({"docker/Dockerfile": "FROM a\nADD code/*.py /app/\n", "docker/code/x.py": "", "code/a.txt": ""}, "docker"),
        ({"docker/Dockerfile": "FROM a\nCOPY docker/a*/x.py lock* /app/\n", "docker/ab/x.py": ""}, ""),
        ({"docker/Dockerfile": "FROM a\nCOPY docker/ab/x*.py lock* /app/\n", "docker/ab/x.py": ""}, ""),
    ],
)  # fmt: skip
def test_the_folder_that_a_dockerfile_is_built_from(files: dict[str, str], context: str) -> None:
    from linter.assemble.contexts import choose

    tree = MemoryTree({path: text.encode() for path, text in files.items()})
    dockerfile = next(path for path in files if path.endswith("Dockerfile"))
    found = inspect_all(tree, discover(tree, [""]).artifacts, load_knowledge()).facts
    own = [fact for fact in found if fact.location.path == dockerfile]
    assert choose(dockerfile, own, tree, ()).folder == context


def test_the_target_of_a_build_command_at_the_root() -> None:
    text = "FROM python:3.12-slim AS serving\nFROM python:3.12-slim\n"
    found = facts({"Dockerfile": text, "build.sh": "docker build --target serving .\n"})
    assert len([fact for fact in found if fact.kind == "image.start"]) == 2


def test_in_a_guessed_context_nothing_is_known_to_be_missing() -> None:
    files = {"docker/Dockerfile": "FROM a\nCOPY weights.bin /app/\nCOPY . /app\n", "main.py": "print(1)\n"}
    assert one(facts(files), "dockerfile.copy", source="weights.bin")["source_state"] == "unknown"


HELPER = 'FROM python:3.12-slim\nCOPY download.py fetch.sh ./\nENTRYPOINT ["python", "download.py"]\n'
PRODUCT = "FROM python:3.12-slim\nENV PATH=/opt/program:$PATH\nCOPY serve /opt/program/\n"
OUT = 'import requests\nrequests.get("https://example.com/x")\n'


@pytest.mark.parametrize(
    ("helper", "product", "scope"),
    [
        (HELPER, PRODUCT, "unknown"),
        (HELPER, "FROM python:3.12-slim\n", "unknown"),  # neither of them is plainly the product
        (f"{HELPER}EXPOSE 8080\n", PRODUCT, "unknown"),
        (f"{HELPER}ENV SM_MODEL_DIR=/opt/ml/model\n", PRODUCT, "container"),
        (HELPER.replace("download.py", "train_model.py"), PRODUCT, "unknown"),
        (HELPER.replace("python:3.12-slim", "registry.example.com/own:1"), PRODUCT, "unknown"),
        ("FROM registry.example.com/own:1\nCOPY download.py .\nCMD download.py\n", PRODUCT, "unknown"),
        (HELPER, f"{PRODUCT}COPY download.py /opt/program/\n", "container"),
    ],
)
def test_code_that_only_a_helper_image_runs(helper: str, product: str, scope: str) -> None:
    code = "train_model.py" if "train_model" in helper else "download.py"
    serve = PYTHON + ("import download\n" if "download" in product else "print(1)\n")
    files = {"Dockerfile.download": helper, "Dockerfile.serving": product, code: OUT, "serve": serve, "fetch.sh": ""}
    found = facts(files, executable=frozenset({"serve"}))
    assert one(found, "python.call", api="requests.get")["scope"] == scope


def test_code_of_a_helper_that_the_product_takes_along_is_not_started() -> None:
    product = f"{PRODUCT}COPY . /opt/program/\n"
    files = {"Dockerfile.download": HELPER, "Dockerfile": product, "download.py": OUT, "serve": PYTHON, "fetch.sh": ""}
    call = one(facts(files, executable=frozenset({"serve"})), "python.call", api="requests.get")
    assert (call["scope"], call["reached"], call.trace) == ("container", "no", ())


def test_commands_that_only_a_helper_image_runs() -> None:
    helper = 'FROM python:3.12-slim\nCOPY fetch.sh /\nENTRYPOINT ["/fetch.sh"]\n'
    files = {"Dockerfile.fetch": helper, "Dockerfile": PRODUCT, "serve": PYTHON, "fetch.sh": "#!/bin/sh\ncurl x.org\n"}
    found = facts(files)
    assert {(f["scope"], f["started_as"]) for f in found if f.kind == "shell.command"} == {("unknown", "unknown")}
    assert one(found, "program.file", started_as="serve")["scope"] == "container"


@pytest.mark.parametrize(
    ("compose", "state"),
    [
        ("services:\n  a:\n    build: {context: ../b, dockerfile: ../a/Dockerfile}\n", "found"),
        ("services:\n  a:\n    build:\n      context: ${ROOT:-../b}\n      dockerfile: ../a/Dockerfile\n", "found"),
        ("services:\n  a:\n    build: ../b\n", "unknown"),  # another Dockerfile
        ("services:\n  a:\n    build: {context: $ROOT, dockerfile: ../a/Dockerfile}\n", "unknown"),
    ],
)
def test_the_build_context_of_a_compose_file(compose: str, state: str) -> None:
    files = {"a/Dockerfile": "FROM a\nCOPY x /y\n", "b/x": "1", "deploy/docker-compose.yml": compose}
    assert one(facts(files), "dockerfile.copy")["source_state"] == state


@pytest.mark.parametrize(
    ("stages", "expected"),
    [
        ('FROM base AS sagemaker\nENTRYPOINT ["run"]\nFROM base\n', {"sagemaker": "sagemaker", None: "unknown"}),
        ("FROM base AS sagemaker\nFROM base AS dev\n", {"sagemaker": "sagemaker", "dev": "other"}),
        ("FROM base AS sagemaker\nFROM sagemaker\n", {None: "unknown"}),
        ("FROM base AS serving\nFROM base\n", {None: "unknown"}),
    ],
)
def test_a_stage_that_is_named_for_sagemaker(stages: str, expected: dict[str | None, str]) -> None:
    found = facts({"Dockerfile": f"FROM python:3.12 AS base\n{stages}"})
    images = [fact for fact in found if fact.kind == "image.start"]
    assert {fact["stage_name"]: fact["purpose"] for fact in images} == expected


def test_the_target_of_a_compose_file() -> None:
    text = "FROM python:3.12-slim AS serving\nEXPOSE 8080\nFROM python:3.12-slim AS {}\nFROM python:3.12-slim AS last\n"
    compose = "services:\n  a:\n    build:\n      context: .\n      target: serving\n"
    found = facts({"Dockerfile": text.format("x"), "compose.yaml": compose})
    assert {fact["stage_name"] for fact in found if fact.kind == "image.start"} == {"serving", "last"}
    local = facts({"Dockerfile": text.format("development"), "compose.yaml": compose.replace("serving", "development")})
    assert {fact["stage_name"] for fact in local if fact.kind == "image.start"} == {"last"}


def test_a_stage_for_development_that_a_compose_file_builds_is_not_the_products() -> None:
    text = 'FROM python:3.12-slim AS dev\nCOPY dev.py .\nENTRYPOINT ["python", "dev.py"]\n'
    last = "FROM python:3.12-slim\nENV PATH=/opt/program:$PATH\nCOPY serve /opt/program/\n"
    compose = "services:\n  a:\n    build:\n      context: .\n      target: dev\n"
    found = facts({"Dockerfile": text + last, "compose.yaml": compose, "serve": PYTHON, "dev.py": OUT})
    assert one(found, "python.call", api="requests.get")["reached"] == "unknown"


BENTO = "FROM python:3.12-slim\nCOPY . /app\nWORKDIR /app\nENTRYPOINT uvicorn service:app --port 5000\n"
APP = "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.post('{}')\ndef answer():\n    return 1\n"


@pytest.mark.parametrize(
    ("files", "scope"),
    [
        ({"service.py": APP.format("/predict")}, "unknown"),
        ({"service.py": APP.format("/invocations")}, "container"),
        ({"service.py": APP.format("/predict"), "model.py": "open('/opt/ml/model/m')"}, "container"),
        ({"service.py": APP.format("/predict"), "request.json": '{"AlgorithmName": "a", "TrainingSpecification": {}}'}, "container"),
        ({"Dockerfile": BENTO + "LABEL com.amazonaws.sagemaker.capabilities.accept-bind-to-port=true\n", "service.py": ""}, "container"),
    ],
    ids=["nothing", "route", "folder", "request", "label"],
)  # fmt: skip
def test_servers_of_an_image_that_nothing_says_is_for_sagemaker_may_be_anybodys(
    files: dict[str, str], scope: str
) -> None:
    found = facts({"Dockerfile": BENTO, **files})
    assert one(found, "server.listener")["scope"] == scope


TOOLKIT = "FROM python:3.12-slim\nRUN pip install {}\nENV SAGEMAKER_PROGRAM=run.py\n"
PACKAGE = '{"ModelPackageName": "a", "InferenceSpecification": {"Containers": [{"Image": "${IMAGE}"}]}}'


@pytest.mark.parametrize(
    ("toolkit", "role"), [("sagemaker-training", "training"), ("sagemaker-inference", "inference")]
)
def test_an_image_that_only_trains_is_not_the_one_that_a_package_serves_with(toolkit: str, role: str) -> None:
    found = facts({"Dockerfile": TOOLKIT.format(toolkit), "request.json": PACKAGE})
    assert one(found, "image.start")["role"] == role
