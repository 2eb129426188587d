"""Products with several images: a call is what the worst of the images that run it makes of it."""

from __future__ import annotations

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


def _beside(worker: str) -> tuple[str, str, str]:
    files = {
        "inference/Dockerfile": SERVED,
        "inference/inference.py": "def model_fn(model_dir):\n    return None\n",
        "worker/Dockerfile": worker,
        "worker/worker.py": CLIENT,
    }
    found = at(product(files, dockerfile=""), "boto3.client")
    return found["scope"], found["reached"], found["carried_by"]


def test_what_an_image_beside_the_products_own_runs_is_not_seen_to_run_at_the_buyers() -> None:
    worker = 'FROM python:3.12-slim\nWORKDIR /app\nCOPY worker/worker.py /app/\n{}CMD ["python", "worker.py"]\n'
    assert _beside(worker.format("")) == ("unknown", "unknown", "image")
    assert _beside(worker.format("EXPOSE 5000\n")) == ("unknown", "unknown", "image")
    assert _beside(worker.format("RUN pip install -r requirements.txt\n")) == ("unknown", "unknown", "image")


def test_an_image_that_may_be_the_products_too_is_no_helper() -> None:
    serving = 'FROM python:3.12-slim\nCOPY worker/worker.py /app/\nEXPOSE 8080\nCMD ["python", "/app/worker.py"]\n'
    assert _beside(serving)[1] == "import"


def test_what_the_products_own_image_copies_from_elsewhere_is_no_helpers_alone() -> None:
    files = {
        "serving/Dockerfile": AWS.format("inference") + "COPY app /opt/ml/code\nCOPY a.py b.py /opt/ml/code/\n",
        "serving/a.py": "",
        "serving/b.py": "",
        "Dockerfile": 'FROM python:3.12-slim\nCOPY app /app\nCMD ["python", "/app/worker.py"]\n',
        "app/worker.py": CLIENT,
    }
    assert at(product(files, dockerfile=""), "boto3.client")["reached"] == "import"
