"""What assemble makes of files beside programs: settings of models, requirements, sources in other languages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from linter.assemble import assemble
from linter.discover import discover
from linter.inspect.run import inspect_all
from linter.judge.load import load_knowledge
from linter.tree import MemoryTree

if TYPE_CHECKING:
    from linter.model import Fact

DLC = "FROM 763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2.3.0-cpu-py311\n"
PLAIN = "FROM python:3.12-slim\n"


def facts(kind: str, files: dict[str, str]) -> list[Fact]:
    tree = MemoryTree({path: text.encode() for path, text in files.items()})
    knowledge = load_knowledge()
    found = inspect_all(tree, discover(tree, [""]).artifacts, knowledge)
    assert found.failure is None
    return [fact for fact in assemble(found.facts, tree, knowledge) if fact.kind == kind]


CODE = {"code/inference.py": "", "code/requirements.txt": "x==1\n"}


@pytest.mark.parametrize(
    ("dockerfile", "installed_by", "toolkit", "in_build"),
    [
        (None, "serving", "unknown", "no"),
        (DLC + "COPY code /opt/ml/model/code\n", "serving", "yes", "no"),
        (DLC + "COPY code/ /opt/ml/model/code/\n", "serving", "yes", "no"),
        (DLC + "COPY code/*.txt /opt/ml/model/code/\n", "serving", "yes", "no"),
        (DLC + "COPY . /opt/ml/model\n", "serving", "yes", "no"),
        (DLC + "COPY code /opt/ml/model/code\nRUN pip install -r /opt/ml/model/code/requirements.txt\n", "serving", "yes", "yes"),
        (DLC + "RUN pip install nltk\n", "serving", "yes", "no"),
        (DLC + "COPY code/requirements.txt /tmp/r.txt\nRUN pip install -r /tmp/r.txt\n", None, "yes", "yes"),
        (DLC + "WORKDIR /tmp\nCOPY code/requirements.txt .\nRUN pip install -r requirements.txt\n", None, "yes", "yes"),
        (DLC + "COPY code /opt/ml/code\n", "training", "yes", "no"),
        (PLAIN + "COPY code /opt/program\nRUN pip install -r /opt/program/requirements.txt\n", None, "no", "yes"),
        (PLAIN + "COPY code /opt/ml/model/code\nRUN pip install sagemaker-inference\n", "serving", "yes", "no"),
        (PLAIN + "COPY code /opt/ml/model/code\n", "serving", "no", "no"),
        ("FROM acme/base:1\nCOPY code /opt/ml/model/code\n", "serving", "unknown", "no"),
        (PLAIN + "RUN --mount=type=bind,source=code/requirements.txt,target=/r.txt pip install -r $FILE\n", "serving", "no", "unknown"),
    ],
)  # fmt: skip
def test_who_installs_requirements(dockerfile: str | None, installed_by: str, toolkit: str, in_build: str) -> None:
    files = CODE | ({"Dockerfile": dockerfile} if dockerfile else {})
    (fact,) = facts("requirements.file", files)
    assert (fact["installed_by"], fact["toolkit"], fact["installed_in_build"]) == (installed_by, toolkit, in_build)


@pytest.mark.parametrize(
    ("files", "installed_by"),
    [
        ({"requirements.txt": "x", "inference.py": ""}, None),
        ({"src/requirements.txt": "x", "src/inference.py": ""}, None),
        ({"code/requirements.txt": "x", "code/train.py": ""}, None),
        ({"code/requirements-dev.txt": "x", "code/inference.py": ""}, None),
        ({"llm/requirements.txt": "x", "llm/serving.properties": "engine=Python"}, "serving"),
    ],
)
def test_places_without_a_dockerfile(files: dict[str, str], installed_by: str | None) -> None:
    (fact,) = facts("requirements.file", files)
    assert fact["installed_by"] == installed_by


@pytest.mark.parametrize(
    ("other", "installed_by"), [("llm/serving.properties", "serving"), ("app/serving.properties", None)]
)
def test_what_cells_write_beside_requirements_tells_of_them(other: str, installed_by: str | None) -> None:
    sources = ["%%writefile llm/requirements.txt\nvllm==0.6\n", f"%%writefile {other}\nengine=Python\n"]
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": [each]} for each in sources]
    notebook = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    (fact,) = facts("requirements.file", {"deploy.ipynb": notebook})
    assert (fact["path"], fact["installed_by"]) == ("llm/requirements.txt", installed_by)


def test_of_an_uploaded_folder_one_file_alone_is_installed() -> None:
    publish = "from sagemaker.pytorch import PyTorch\nPyTorch(entry_point='train.py', source_dir='src').fit()\n"
    names = ("src/requirements.txt", "src/requirements_test.txt")
    files = {"publish.py": publish, "src/train.py": "print(1)\n", **dict.fromkeys(names, "x==1\n")}
    found = {fact.location.path: fact["installed_by"] for fact in facts("requirements.file", files)}
    assert found == {names[0]: "training", names[1]: None}


def test_images_that_differ_leave_open_which_one_serves_the_archive() -> None:
    files = {
        "train/Dockerfile": DLC,
        "serve/Dockerfile": PLAIN,
        "request.json": '{"AlgorithmName": "a", "TrainingSpecification": {}}',
    }
    (fact,) = facts("requirements.file", CODE | files)
    assert (fact["installed_by"], fact["toolkit"]) == ("serving", "unknown")


SETTING = {"model/serving.properties": "option.model_id=a/b\n"}


@pytest.mark.parametrize(
    ("files", "scope", "in_image"),
    [
        ({}, "unknown", "unknown"),
        ({"Dockerfile": PLAIN + "COPY model /opt/model\n"}, "container", "yes"),
        ({"Dockerfile": PLAIN + "COPY app.py /opt/\n", "app.py": ""}, "unknown", "no"),
        (
            {
                "Dockerfile": PLAIN + "COPY app.py /opt/\n",
                "app.py": "",
                "pack.sh": "tar -czf model.tar.gz -C model serving.properties\n",
            },
            "container",
            "no",
        ),
        ({"pack.sh": "tar xzf model.tar.gz model\n"}, "unknown", "unknown"),
    ],
)
def test_where_a_setting_goes(files: dict[str, str], scope: str, in_image: str) -> None:
    (fact,) = facts("model.setting", SETTING | files)
    assert (fact["scope"], fact["in_image"]) == (scope, in_image)


def test_a_setting_of_a_test_is_not_the_products() -> None:
    (fact,) = facts("model.setting", {"tests/model/serving.properties": "option.model_id=a/b\n"})
    assert fact["scope"] == "test"


@pytest.mark.parametrize(
    ("files", "destination", "path_exists"),
    [
        ({}, "hub", "unknown"),
        ({"model/other.bin": ""}, "hub", "no"),
        ({"model/a/b/config.json": "{}"}, "local", "yes"),
    ],
)
def test_a_folder_of_that_name_is_no_hub_id(files: dict[str, str], destination: str, path_exists: str) -> None:
    (fact,) = facts("model.setting", SETTING | files)
    assert (fact["destination"], fact["path_exists"]) == (destination, path_exists)


@pytest.mark.parametrize(
    ("line", "offline"), [("ENV HF_HUB_OFFLINE=1", "yes"), ("ENV X=1", "no"), ("ENV HF_HUB_OFFLINE=$X", "unknown")]
)
def test_an_image_that_switches_the_hub_off(line: str, offline: str) -> None:
    (fact,) = facts("model.setting", SETTING | {"Dockerfile": f"{PLAIN}COPY model /opt/model\n{line}\n"})
    assert fact["offline"] == offline


@pytest.mark.parametrize(
    ("dockerfile", "scope", "started_as", "in_image"),
    [
        (None, "unknown", "unknown", None),
        ("COPY a.R /opt/program/\n", "container", None, "yes"),
        ("COPY b.R /opt/program/\n", "seller", None, "no"),
        ("COPY a.R /opt/program/\nRUN Rscript /opt/program/a.R\n", "build", None, "yes"),
        ("WORKDIR /opt\nCOPY a.R ./\nRUN Rscript a.R\n", "build", None, "yes"),
        ('COPY a.R /opt/program/\nENTRYPOINT ["Rscript", "/opt/program/a.R"]\n', "container", "entrypoint", "yes"),
        (
            'COPY a.R /opt/a.R\nRUN Rscript /opt/a.R\nENTRYPOINT ["Rscript", "/opt/a.R"]\n',
            "container",
            "entrypoint",
            "yes",
        ),
    ],
)
def test_sources_in_other_languages(
    dockerfile: str | None, scope: str, started_as: str | None, in_image: str | None
) -> None:
    files = {"a.R": 'install.packages("x")\n', "b.R": ""}
    (fact,) = facts("source.call", files | ({"Dockerfile": f"FROM r-base:4.4.1\n{dockerfile}"} if dockerfile else {}))
    assert (fact["scope"], fact["started_as"], fact["in_image"]) == (scope, started_as, in_image)


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"Dockerfile": PLAIN + "RUN pip install transformers==4.44.0 wandb\n"}, [("transformers", "unset"), ("wandb", "unset")]),
        ({"Dockerfile": PLAIN + "ENV HF_HUB_OFFLINE=1\nRUN pip install transformers\n"}, [("transformers", "set")]),
        ({"Dockerfile": PLAIN + "ENV TRANSFORMERS_OFFLINE=true\nRUN uv pip install 'transformers[torch]>=4'\n"}, [("transformers", "set")]),
        ({"Dockerfile": PLAIN + "ENV HF_HUB_OFFLINE=0\nRUN pip install transformers\n"}, [("transformers", "unset")]),
        ({"Dockerfile": PLAIN + "ENV HF_HUB_OFFLINE=1\nRUN pip install huggingface_hub ray\n"}, [("huggingface-hub", "set"), ("ray", "unset")]),
        ({"Dockerfile": PLAIN + "RUN pip install numpy\nRUN echo install transformers\n"}, []),
        ({"Dockerfile": PLAIN + "COPY requirements.txt /r.txt\nRUN pip install -r /r.txt\n", "requirements.txt": "vllm"}, [("vllm", "unset")]),
        ({"Dockerfile": PLAIN + "COPY requirements.txt /r.txt\n", "requirements.txt": "vllm"}, []),
        (
            {
                "Dockerfile": PLAIN + 'RUN pip install wandb\nCOPY serve /opt/serve\nENTRYPOINT ["/opt/serve"]\n',
                "serve": "#!/bin/sh\nexport WANDB_MODE=disabled\nexec python app.py\n",
            },
            [("wandb", "set")],
        ),
    ],
)  # fmt: skip
def test_software_that_looks_for_the_network(files: dict[str, str], found: list[tuple[str, str]]) -> None:
    assert [(fact["distribution"], fact["state"]) for fact in facts("image.library", files)] == found


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import transformers\n", ["transformers", "vllm"]),
        ("import json\n", ["vllm"]),
        ("import json\nthis is not python(\n", ["transformers", "vllm"]),
    ],
)
def test_libraries_that_no_program_imports(code: str, found: list[str]) -> None:
    files = {"Dockerfile": PLAIN + "RUN pip install transformers vllm\nCOPY app.py /app.py\n", "app.py": code}
    assert [fact["distribution"] for fact in facts("image.library", files)] == found


@pytest.mark.parametrize(
    ("files", "baked"),
    [
        ({"Dockerfile": PLAIN + "COPY m /m\n"}, False),
        ({"Dockerfile": PLAIN + "RUN hf download acme/base\nCOPY m /m\n"}, True),
        ({"Dockerfile": PLAIN + "RUN hf download acme/other\nCOPY m /m\n"}, False),
        (
            {
                "Dockerfile": PLAIN + "COPY fetch.py /\nRUN python /fetch.py\nCOPY m /m\n",
                "fetch.py": "from huggingface_hub import snapshot_download\nsnapshot_download('acme/base')\n",
            },
            True,
        ),
    ],
)
def test_models_that_the_build_fetches(files: dict[str, str], baked: bool) -> None:
    adapter = '{"peft_type": "LORA", "base_model_name_or_path": "acme/base"}'
    (fact,) = facts("model.setting", {"m/adapter_config.json": adapter, **files})
    assert fact["baked"] is baked
