"""Products with several images: a call is what the worst of the images that run it makes of it."""

from __future__ import annotations

import pytest

from tests.assemble.python.products import at, product

AWS = "FROM 763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-{}:2.3.0-cpu-py311-ubuntu20.04-sagemaker\n"
MODEL = (
    "from transformers import AutoModel\n\n\n"
    "class Scorer:\n    def __init__(self, path='acme/scorer'):\n        self.model = AutoModel.from_pretrained(path)\n"
)
HANDLER = "from model import Scorer\n\n\ndef model_fn(model_dir):\n    return Scorer(model_dir)\n"
CLIENT = 'import boto3\n\nruntime = boto3.client("sagemaker-runtime")\n'
SERVED = AWS.format("inference") + "COPY inference /opt/ml/code\n"


def _trained(program: str) -> list:
    training = f"COPY train /opt/ml/code/train\nCOPY model.py /opt/ml/code/\nENV SAGEMAKER_PROGRAM={program}\n"
    serving = "COPY inference.py model.py /opt/ml/code/\nENV SAGEMAKER_PROGRAM=inference.py\n"
    files = {
        "Dockerfile.training": AWS.format("training") + training,
        "Dockerfile.inference": AWS.format("inference") + serving,
        "train/__init__.py": "",
        "train/fit.py": "from model import Scorer\n\nScorer()\n",
        "inference.py": HANDLER,
        "model.py": MODEL,
    }
    return product(files, dockerfile="")


def test_a_call_leads_out_when_it_does_in_one_of_the_images_that_run_it() -> None:
    found = at(_trained("fit.py"), "transformers.*.from_pretrained")
    assert (found["destination"], found["target"], found["scope"]) == ("hub", "acme/scorer", "container")


def test_the_program_of_a_toolkit_may_be_a_module_of_a_package() -> None:
    assert at(_trained("train.fit"), "transformers.*.from_pretrained")["destination"] == "hub"
    assert at(_trained("train.other"), "transformers.*.from_pretrained")["destination"] == "local"


def _beside(worker: str, code: str = CLIENT) -> tuple[str, str, str]:
    files = {
        "inference/Dockerfile": SERVED,
        "inference/inference.py": "def model_fn(model_dir):\n    return None\n",
        "worker/Dockerfile": worker,
        "worker/worker.py": code,
    }
    found = at(product(files, dockerfile=""), "boto3.client")
    return found["scope"], found["reached"], found["carried_by"]


def test_what_an_image_beside_the_products_own_runs_is_not_seen_to_run_at_the_buyers() -> None:
    worker = 'FROM python:3.12-slim\nWORKDIR /app\nCOPY worker/worker.py /app/\n{}CMD ["python", "worker.py"]\n'
    assert _beside(worker.format("")) == ("unknown", "unknown", "image")
    assert _beside(worker.format("EXPOSE 5000\n")) == ("unknown", "unknown", "image")
    assert _beside(worker.format("RUN pip install -r requirements.txt\n")) == ("unknown", "unknown", "image")


SERVING = 'FROM python:3.12-slim\nCOPY worker/worker.py /app/\nEXPOSE 8080\nCMD ["python", "/app/worker.py"]\n'
STORE = 'import boto3\n\nstore = boto3.client("s3")\n'


def test_an_image_that_may_be_the_products_too_is_no_helper() -> None:
    assert _beside(SERVING, STORE)[1] == "import"


def test_an_image_that_asks_an_endpoint_stands_before_it() -> None:
    assert _beside(SERVING, CLIENT) == ("unknown", "unknown", "image")
    app = "from flask import Flask\n\napp = Flask(__name__)\n\n\n@app.post('{}')\ndef ask():\n    return ''\n\n\napp.run(port=8080)\n"
    assert _beside(SERVING, CLIENT + app.format("/score"))[2] == "image"
    assert _beside(SERVING, CLIENT + app.format("/invocations"))[2] == "none"


@pytest.mark.parametrize(("started", "reached"), [("launch.py", "unknown"), ("work.py", "import")])
def test_an_image_that_starts_jobs_of_sagemaker_stands_before_it(started: str, reached: str) -> None:
    image = f'FROM python:3.12-slim\nWORKDIR /app\nCOPY . /app\nCMD ["python", "{started}"]\n'
    launch = (
        "from sagemaker.pytorch import PyTorch\nfrom sagemaker.workflow.pipeline import Pipeline\n"
        'PyTorch(entry_point="train.py", source_dir="src")\nPipeline(name="p").upsert(role_arn="r")\n'
    )
    files = {"launch.py": launch, "src/train.py": "", "work.py": "import boto3\nboto3.client('s3')\n"}
    own = [fact for fact in product(files, dockerfile=image) if fact.location.path == started]
    assert {fact["reached"] for fact in own} == {reached}


@pytest.mark.parametrize(
    ("variable", "expected"),
    [("", ("seller", "no", "none")), ("ENV PAGE_SAGEMAKER_ENDPOINT=scores\n", ("unknown", "unknown", "image"))],
)
def test_an_image_that_shows_pages_to_people_is_not_the_products(variable: str, expected: tuple[str, ...]) -> None:
    pages = f"FROM python:3.12-slim\n{variable}COPY worker/worker.py /app/\nEXPOSE 8080\n"
    pages += 'CMD ["sh", "-c", "streamlit run /app/worker.py"]\n'
    assert _beside(pages, STORE) == expected


WEB = 'FROM python:3.12-slim\nCOPY web/app.py /app/\nEXPOSE 8000\nCMD ["python", "/app/app.py"]\n'


@pytest.mark.parametrize(
    ("files", "reached"),
    [
        ({"code/inference.py": "def model_fn(model_dir):\n    return model_dir\n"}, "unknown"),
        ({"code/inference.py": "def score(text):\n    return text\n"}, "import"),
        ({"web/inference.py": "def model_fn(model_dir):\n    return model_dir\n"}, "import"),
    ],
)
def test_beside_code_written_for_images_of_aws_another_image_is_a_helper(files: dict[str, str], reached: str) -> None:
    web = WEB.replace("web/app.py", "web")
    found = product({"Dockerfile": web, "web/app.py": STORE, **files}, dockerfile="")
    assert at(found, "boto3.client")["reached"] == reached


@pytest.mark.parametrize(
    ("other", "web", "reached"),
    [
        (SERVED, WEB.replace("web/", ""), "unknown"),
        (SERVED, WEB.replace("web/", "").replace("8000", "8080"), "import"),
        (SERVED, WEB.replace("web/", "").replace("/app/", "/opt/program/"), "import"),
        ("FROM python:3.12-slim\nCOPY inference.py /\n", WEB.replace("web/", ""), "import"),
    ],
)
def test_products_of_a_run_beside_one_that_is_plainly_sagemakers(other: str, web: str, reached: str) -> None:
    files = {
        "scorer/Dockerfile": other.replace("inference/", ""),
        "scorer/inference.py": "print(1)\n",
        "web/Dockerfile": web,
        "web/app.py": STORE,
    }
    assert at(product(files, dockerfile=""), "boto3.client")["reached"] == reached


def test_what_the_products_own_image_copies_from_elsewhere_is_no_helpers_alone() -> None:
    files = {
        "serving/Dockerfile": AWS.format("inference") + "COPY app /opt/ml/code\nCOPY a.py b.py /opt/ml/code/\n",
        "serving/a.py": "",
        "serving/b.py": "",
        "Dockerfile": 'FROM python:3.12-slim\nCOPY app /app\nCMD ["python", "/app/worker.py"]\n',
        "app/worker.py": CLIENT,
    }
    assert at(product(files, dockerfile=""), "boto3.client")["reached"] == "import"


def test_beside_code_that_is_uploaded_for_images_of_aws_another_image_is_a_helper() -> None:
    files = {
        "publish.py": 'from sagemaker.pytorch import PyTorch\nPyTorch(entry_point="train.py", source_dir="src")\n',
        "src/train.py": "",
        "Dockerfile": 'FROM python:3.12-slim\nCOPY web/app.py /app/\nEXPOSE 5000\nCMD ["python", "/app/app.py"]\n',
        "web/app.py": CLIENT,
    }
    found = at([fact for fact in product(files, dockerfile="") if fact.location.path == "web/app.py"], "boto3.client")
    assert (found["scope"], found["reached"], found["carried_by"]) == ("unknown", "unknown", "image")


def test_an_interpreter_runs_the_word_that_sagemaker_puts_behind_it() -> None:
    dockerfile = 'FROM python:3.12-slim\nCOPY src /opt/program\nWORKDIR /opt/program\nENTRYPOINT ["python3"]\n'
    files = {"src/serve": "print(1)\n", "src/train": f"#!/usr/bin python3\n{CLIENT}"}
    found = at(product(files, dockerfile=dockerfile), "boto3.client")
    assert (found["scope"], found["reached"], found["reached_from"]) == ("container", "import", "train")


def test_callers_that_run_decide_through_several_functions() -> None:
    net = (
        "from torchvision import models\n\n\ndef backbone(pretrained=True):\n    return models.vgg16(pretrained=pretrained)\n\n\n"
        "def build(pretrained=False):\n    return backbone(pretrained)\n\n\n"
        "if __name__ == '__main__':\n    build(pretrained=True)\n"
    )
    files = {"net.py": net, "serve.py": "from net import build\n\nbuild()\n"}
    assert at(product(files), "torchvision.models.*")["destination"] == "none"
    files["serve.py"] = "from net import build\n\nbuild(True)\n"
    assert at(product(files), "torchvision.models.*")["destination"] == "remote"


def test_an_uploaded_program_counts_as_much_as_an_image_of_which_nothing_is_known() -> None:
    files = {
        "web/Dockerfile": 'FROM python:3.12-slim\nCOPY . /app\nWORKDIR /app\nEXPOSE 8000\nCMD ["python", "-m", "web.app"]\n',
        "web/app.py": "from model import Scorer\n\nScorer('/models/scorer')\n",
        "train.py": "from model import Scorer\n\nScorer()\n",
        "model.py": MODEL,
    }
    launch = "from sagemaker.pytorch import PyTorch\nPyTorch(entry_point='train.py', source_dir='.', role='r').fit()\n"
    assert at(product(files, dockerfile=""), "transformers.*.from_pretrained")["destination"] == "local"
    uploaded = product({**files, "launch.py": launch}, dockerfile="")
    assert at(uploaded, "transformers.*.from_pretrained")["destination"] == "hub"


HANDLED = "from transformers import AutoModel\n\n\ndef model_fn(model_dir):\n    return AutoModel.from_pretrained('acme/scorer')\n"


def test_code_for_sagemaker_that_a_web_service_takes_along_is_not_the_services() -> None:
    web = 'FROM python:3.12-slim\nCOPY . /app\nWORKDIR /app\nEXPOSE 8001\nCMD ["python", "web/app.py"]\n'
    found = product({"Dockerfile": web, "web/app.py": CLIENT, "ml/inference.py": HANDLED}, dockerfile="")
    loading = at(found, "transformers.*.from_pretrained")
    assert (loading["scope"], loading["reached"]) == ("unknown", "contract")


def test_a_worker_beside_code_for_sagemaker_is_a_helper_without_a_port() -> None:
    worker = 'FROM python:3.12-slim\nCOPY worker/worker.py /app/\nCMD ["python", "/app/worker.py"]\n'
    files = {"worker/Dockerfile": worker, "worker/worker.py": STORE, "ml/inference.py": HANDLED}
    assert at(product(files, dockerfile=""), "boto3.client")["carried_by"] == "image"
    del files["ml/inference.py"]
    assert at(product(files, dockerfile=""), "boto3.client")["reached"] == "import"


def test_an_image_without_a_start_asks_an_endpoint_by_what_answers_requests_in_it() -> None:
    api = "from fastapi import FastAPI\nfrom ask import runtime\n\napp = FastAPI()\n\n\n@app.post('/ask')\ndef ask():\n    return runtime\n"
    launch = 'from sagemaker.pytorch import PyTorch\nPyTorch(entry_point="train.py", source_dir="src")\n'
    files = {"Dockerfile": "FROM python:3.12-slim\nCOPY . /app\n", "api.py": api, "ask.py": CLIENT}
    assert at(product(files, dockerfile=""), "boto3.client")["reached"] == "import"
    found = product({**files, "launch.py": launch, "src/train.py": ""}, dockerfile="")
    assert at(found, "boto3.client")["carried_by"] == "image"


def test_the_text_of_a_container_in_publishing_code_says_nothing_of_an_image() -> None:
    image = 'FROM python:3.12-slim\nCOPY . /app\nWORKDIR /app\nCMD ["python", "work.py"]\n'
    publish = (
        "import boto3\nCODE = 'def model_fn(model_dir):\\n    return model_dir'\nopen('inference.py', 'w').write(CODE)\n"
        "boto3.client('sagemaker').create_endpoint(EndpointName='e', EndpointConfigName='e')\n"
    )
    found = product({"Dockerfile": image, "work.py": STORE, "publish.py": publish}, dockerfile="")
    assert {fact["scope"] for fact in found if fact.kind == "python.call" and fact["text"] == 'boto3.client("s3")'} == {
        "unknown"
    }


@pytest.mark.parametrize(
    ("cmd", "scope"), [('["bash"]', "unknown"), ('["/bin/sh"]', "unknown"), ('["bash", "run.sh"]', "container")]
)
def test_an_image_that_starts_a_shell_for_people_is_not_sagemakers_by_the_files_it_holds(cmd: str, scope: str) -> None:
    image = f"FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\nCMD {cmd}\n"
    train = "import os\nprint(os.environ['SM_MODEL_DIR'])\n"
    found = product({"Dockerfile": image, "train.py": train, "fetch.py": STORE, "run.sh": "ls\n"}, dockerfile="")
    assert at(found, "boto3.client")["scope"] == scope


@pytest.mark.parametrize(("taken", "scope"), [("/geo.csv", "seller"), ("/tools", "container"), ("/", "container")])
def test_a_script_of_a_stage_that_is_thrown_away_is_not_in_the_image(taken: str, scope: str) -> None:
    image = (
        "FROM python:3.12-slim AS data\nCOPY fetch.sh /tools/fetch.sh\nRUN sh /tools/fetch.sh\n"
        f"FROM python:3.12-slim\nCOPY --from=data {taken} /opt/program/\nCOPY serve.py /opt/program/\n"
        'ENTRYPOINT ["python", "/opt/program/serve.py"]\n'
    )
    script = "#!/bin/sh\npython - <<'PY'\nimport urllib.request\nurllib.request.urlopen('https://a.example')\nPY\n"
    serve = "from flask import Flask\napp = Flask(__name__)\n@app.post('/invocations')\ndef ask():\n    return ''\napp.run()\n"
    found = product({"fetch.sh": script, "serve.py": serve}, dockerfile=image)
    assert at(found, "urllib.request.urlopen")["scope"] == scope
