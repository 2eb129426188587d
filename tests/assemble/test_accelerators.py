"""GPUs and Neuron devices of instance types, against what a Dockerfile installs."""

from __future__ import annotations

import pytest

from tests.evaluate.conftest import facts

REQUEST = """{"InferenceSpecification": {
  "Containers": [{"Image": "482719305566.dkr.ecr.us-east-2.amazonaws.com/ocr:1.0"}],
  "SupportedTransformInstanceTypes": ["ml.m5.xlarge"], "SupportedRealtimeInferenceInstanceTypes": ["ml.g5.xlarge"],
  "SupportedContentTypes": ["text/csv"], "SupportedResponseMIMETypes": ["text/csv"]}}
"""


def told(step: str, base: str = "python:3.12-slim", **files: str) -> tuple[str, str | None, str]:
    """What is told of an image that is made by one step: GPU, framework for processors alone, Neuron."""
    dockerfile = f"FROM {base}\nCOPY . /opt/program\n{step}\nENV PATH=/opt/program:$PATH\nEXPOSE 8080\n"
    tree = {"Dockerfile": dockerfile, "request.json": REQUEST, "serve": "#!/bin/sh\nexec gunicorn app:app\n"}
    (fact,) = facts(tree | {name.replace("_txt", ".txt"): text for name, text in files.items()}, "image.accelerator")
    return fact["gpu"], fact["cpu_only_framework"], fact["neuron"]


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("RUN pip install flask scikit-learn==1.5", ("no", None, "no")),
        ("RUN pip install torch==2.4.0", ("unknown", None, "no")),
        ("RUN pip install torch==2.4.0+cpu", ("unknown", "torch 2.4.0+cpu", "no")),
        ("RUN pip3 install 'jax[cpu]==0.4'", ("unknown", "jax 0.4", "no")),
        ("RUN pip install tensorflow-cpu torch", ("unknown", None, "no")),
        (
            "RUN python -m pip install torch --index-url https://download.pytorch.org/whl/cpu",
            ("unknown", "torch", "no"),
        ),
        ("RUN pip install onnxruntime-gpu", ("yes", None, "no")),
        ("RUN pip install torch-neuronx", ("unknown", None, "yes")),
        ("RUN pip install .", ("unknown", None, "unknown")),
        ("RUN pip install -r requirements.txt", ("unknown", None, "unknown")),
        ("RUN ./setup.sh", ("unknown", None, "unknown")),
        ("RUN apt-get install -y cuda-toolkit && pip install flask", ("unknown", None, "no")),
    ],
)
def test_what_a_step_installs(step: str, expected: tuple[str, str | None, str]) -> None:
    assert told(step) == expected


def test_files_of_requirements_count() -> None:
    step = "RUN pip install -r requirements.txt"
    assert told(step, requirements_txt="flask\npandas==2.2\n") == ("no", None, "no")
    assert told(step, requirements_txt="torch==2.4.0+cpu\n") == ("unknown", "torch 2.4.0+cpu", "no")


def test_what_is_not_seen_is_not_missing() -> None:
    step = "RUN pip install flask torch==2.4.0+cpu\nCOPY --from=acme/cuda:12 /usr/local/cuda /usr/local/cuda"
    assert told(step) == ("unknown", None, "unknown")
    files = {"requirements_txt": "flask\n-r requirements-more.txt\n", "requirements-more_txt": "torch\n"}
    assert told("RUN pip install -r requirements.txt", **files) == ("unknown", None, "unknown")


def test_what_a_base_brings() -> None:
    step = "RUN pip install flask"
    assert told(step, "nvidia/cuda:12.4.1-runtime-ubuntu22.04")[0] == "yes"
    assert told(step, "482719305566.dkr.ecr.us-east-2.amazonaws.com/base:1") == ("unknown", None, "unknown")
    dlc = "763104351884.dkr.ecr.us-east-2.amazonaws.com/pytorch-inference:2.3.0-cpu-py311"
    assert told(step, dlc) == ("unknown", None, "no")
