"""Whole products in memory: shapes of code that were seen in real ones, from their text to the settled calls."""

from __future__ import annotations

import pytest

from tests.assemble.python.products import IMAGE, STARTED, at, product

GET = 'import requests\nrequests.get("https://example.com/x")\n'


# --- applications that code starts by their names


@pytest.mark.parametrize(
    "serve",
    [
        'import uvicorn\nuvicorn.run("pkg.api:app", host="0.0.0.0", port=8080)\n',
        'import uvicorn\nif __name__ == "__main__":\n    uvicorn.run(app="pkg.api:app")\n',
        'from uvicorn import run\nAPP = "pkg.api:app"\ndef main():\n    run(APP, workers=2)\nmain()\n',
        'import uvicorn\nuvicorn.Server(uvicorn.Config("pkg.api:app")).run()\n',
        'import threading, uvicorn\nthreading.Thread(target=uvicorn.run, args=("pkg.api:app",)).start()\n',
        'from granian import Granian\nGranian("pkg.api:app", interface="asgi").serve()\n',
    ],
)
def test_an_application_that_code_starts_by_its_name(serve: str) -> None:
    files = {"serve.py": serve, "pkg/__init__.py": "", "pkg/api.py": GET, "stray.py": GET}
    found = {fact.location.path: fact for fact in product(files) if fact["api"] == "requests.get"}
    assert (found["pkg/api.py"]["scope"], found["pkg/api.py"]["reached"]) == ("container", "import")
    assert found["stray.py"]["reached"] == "no"
    assert "pkg.api:app" in found["pkg/api.py"].trace[-1].text or "APP" in found["pkg/api.py"].trace[-1].text


def test_an_application_that_a_function_makes() -> None:
    api = 'import requests\ndef create():\n    requests.get("https://example.com/x")\n'
    files = {"serve.py": 'import uvicorn\nuvicorn.run("api:create", factory=True)\n', "api.py": api}
    assert at(product(files), "requests.get")["reached"] == "start"


@pytest.mark.parametrize(
    ("given", "reached"),
    [("app", "no"), ("create()", "no"), ('f"{name()}:app"', "unknown"), ('"elsewhere:app"', "unknown")],
)
def test_an_application_that_is_an_object_or_not_known(given: str, reached: str) -> None:
    serve = f"import uvicorn\nfrom lib import app, create, name\nuvicorn.run({given})\n"
    found = product({"serve.py": serve, "api.py": GET})
    assert at(found, "requests.get")["reached"] == reached
    assert all(fact["destination"] == "none" for fact in found if fact["api"] == "uvicorn.run")


# --- what a build step runs, and the container may run as well

GETS = 'import requests\nfrom transformers import AutoModel\nrequests.get("https://example.com/x")\n'
FETCH = GETS + 'AutoModel.from_pretrained("bert-base-uncased")\n'


@pytest.mark.parametrize("start", ["", 'ENTRYPOINT ["/usr/bin/start-it"]\n', "ARG X\nENTRYPOINT $X\n"])
@pytest.mark.parametrize("run", ['python -c "import model"', "python fetch.py"])
def test_a_module_of_an_image_with_an_open_start_that_the_build_imports(start: str, run: str) -> None:
    image = IMAGE.replace("python:3.12-slim", "registry.example.com/base:1") + f"RUN {run}\n{start}"
    found = product({"model.py": FETCH, "fetch.py": "import model\n"}, dockerfile=image)
    http, hub = at(found, "requests.get"), at(found, "transformers.*.from_pretrained")
    assert (http["scope"], http["reached"], http["baked"]) == ("container", "unknown", False)
    assert (hub["scope"], hub["reached"], hub["baked"]) == ("container", "unknown", True)


@pytest.mark.parametrize(
    ("step", "baked"),
    [
        ("wget -O /root/.cache/torch/hub/checkpoints/resnet50-f37072fd.pth https://a.example/w", True),
        ("wget https://a.example/resnet18.pth", False),
    ],
)
def test_weights_that_a_step_of_the_build_names(step: str, baked: bool) -> None:
    code = "from torchvision.models import resnet50, ResNet50_Weights\nresnet50(weights=ResNet50_Weights.DEFAULT)\n"
    image = IMAGE + f'RUN {step}\nENTRYPOINT ["python", "/opt/program/serve.py"]\n'
    assert at(product({"serve.py": code}, dockerfile=image), "torchvision.models.*")["baked"] is baked


def test_a_module_that_the_build_and_the_start_import() -> None:
    image = IMAGE + 'RUN python -c "import model"\nENTRYPOINT ["python", "/opt/program/serve.py"]\n'
    found = product({"model.py": FETCH, "serve.py": "import model\n"}, dockerfile=image)
    http, hub = at(found, "requests.get"), at(found, "transformers.*.from_pretrained")
    assert (http["scope"], http["reached"], http["baked"]) == ("container", "import", False)
    assert (hub["scope"], hub["reached"], hub["baked"]) == ("container", "import", True)


def test_a_program_that_the_build_runs_by_itself_is_the_build_s() -> None:
    image = IMAGE.replace("python:3.12-slim", "registry.example.com/base:1") + "RUN python fetch.py\n"
    found = product({"fetch.py": FETCH, "model.py": ""}, dockerfile=image)
    assert {fact["scope"] for fact in found} == {"build"}
    found = product({"fetch.py": FETCH, "model.py": "from fetch import x\n"}, dockerfile=image)
    assert {fact["scope"] for fact in found} == {"container"}


def test_a_build_step_runs_no_handler() -> None:
    api = '@app.get("/x")\ndef x():\n    requests.get("https://example.com/x")\n'
    image = IMAGE + 'RUN python -c "import api"\nENTRYPOINT ["python", "/opt/program/serve.py"]\n'
    api = "import requests\nfrom fastapi import FastAPI\napp = FastAPI()\n" + api
    fact = at(product({"api.py": api, "serve.py": ""}, dockerfile=image), "requests.get")
    assert (fact["scope"], fact["reached"]) == ("container", "no")


# --- what callers give

ENC = """
import timm
def enc(backbone, pre=False):
    if backbone == "vit":
        return timm.create_model("vit", pretrained=pre)
"""
TAG = "timm.create_model"
LOAD = "torch.hub.load_state_dict_from_url"


def states(lib: str, serve: str, api: str = TAG) -> tuple[str, str]:
    fact = at(product({"lib.py": lib, "serve.py": "from lib import *\n" + serve}), api)
    return fact["destination"], fact["guard"]


@pytest.mark.parametrize(
    ("serve", "expected"),
    [
        ('enc("vit", False)\nenc("resnext", flag())\n', ("none", "none")),
        ('enc("vit", False)\nenc("resnext", True)\n', ("none", "none")),
        ('enc("vit")\nenc("resnext", pre=True)\n', ("none", "none")),
        ('enc("vit", True)\nenc("resnext", False)\n', ("remote", "none")),
        ('enc("vit", False)\nenc("vit", True)\n', ("remote", "none")),
        ("enc(name(), False)\nenc(name(), True)\n", ("remote", "condition")),
        ("enc(name(), True)\n", ("remote", "none")),
        ('enc("resnext", True)\n', ("remote", "off")),
        ('enc("vit", *more)\n', ("unknown", "none")),
        ('def outer(pre):\n    enc("vit", pre)\nouter(True)\nouter(False)\n', ("remote", "condition")),
    ],
)
def test_each_caller_by_itself(serve: str, expected: tuple[str, str]) -> None:
    found = states(ENC, serve)
    assert found[1] == "off" if expected[1] == "off" else found == expected


OPTION = (
    "import argparse\np = argparse.ArgumentParser()\np.add_argument('--pre', {})\n"
    "def main(args):\n    enc('vit', pre=args.pre)\nmain(p.parse_args())\n"
)


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("type=ast.literal_eval, default=True", ("remote", "condition")),
        ("default=False", ("unknown", "none")),
        ("action='store_true'", ("unknown", "none")),
    ],
)
def test_a_switch_that_is_on_where_nobody_sets_it(declared: str, expected: tuple[str, str]) -> None:
    assert states(ENC, f"import ast\n{OPTION.format(declared)}") == expected


def test_callers_that_do_not_run_do_not_count() -> None:
    assert states(ENC, 'enc("vit", False)\ndef unused():\n    enc("vit", True)\n') == ("none", "none")


def test_what_another_caller_gives_tells_of_one_that_is_not_known() -> None:
    lib = "import requests\ndef get(url):\n    requests.get(url)\n"
    serve = 'get(ask())\ndef unused():\n    get("https://example.com/x")\n'
    assert states(lib, serve, "requests.get") == ("remote", "condition")
    assert states(lib, serve.replace("https://example.com", "http://localhost"), "requests.get") == ("unknown", "none")


RESNET = """
from torch.hub import load_state_dict_from_url as load_url
USE = False
def resnet18(pretrained=False):
    if pretrained:
        load_url("https://example.com/r.pth")
"""


@pytest.mark.parametrize(
    ("lib", "serve", "guard"),
    [
        (RESNET, "resnet18()\n", "off"),
        (RESNET, "resnet18(False)\nresnet18(pretrained=None)\n", "off"),
        (RESNET, "resnet18()\nresnet18(True)\n", "none"),
        (RESNET, "resnet18()\nresnet18(flag())\n", "none"),
        (RESNET, "resnet18(**given)\n", "none"),
        (RESNET, "import lib\ngetattr(lib, name())()\n", "condition"),
        (RESNET, "def main(pretrained=False):\n    resnet18(pretrained)\nmain()\n", "off"),
        (RESNET.replace("if pretrained", "if not pretrained"), "resnet18(True)\n", "off"),
        (RESNET.replace("if pretrained", "if not pretrained"), "resnet18()\n", "none"),
        (RESNET.replace("if pretrained", "if pretrained is not None and USE"), "resnet18(None)\n", "off"),
        (RESNET.replace("if pretrained", "if USE"), "resnet18(True)\n", "off"),
        (RESNET.replace("    if pretrained:\n    ", "    x = pretrained and 1\n"), "resnet18()\n", "none"),
        (
            RESNET,
            "import argparse\np = argparse.ArgumentParser()\np.add_argument('--pre', default=False)\n"
            "args = p.parse_args()\nresnet18(args.pre)\n",
            "none",
        ),
    ],
)
def test_a_branch_that_no_caller_takes(lib: str, serve: str, guard: str) -> None:
    assert states(lib, serve, LOAD)[1] == guard


def test_a_switch_that_is_asked_and_given() -> None:
    serve = """
import os, timm
pretrained = not os.path.exists("model")
if not pretrained:
    timm.create_model("a", pretrained=pretrained)
"""
    assert at(product({"serve.py": serve}), TAG)["destination"] == "none"


# --- what is started where no image is seen


@pytest.mark.parametrize(
    ("path", "code", "seen"),
    [
        ("inference.py", "def handler(data, context):\n", True),
        ("src/model.py", "def handle(inputs):\n", True),
        ("code/run.py", "def handler(data, context):\n", True),
        ("util.py", "def input_handler(data, context):\n", True),
        ("util.py", "def output_handler(data, context):\n", True),
        ("util.py", "def handler(data, context):\n", False),
        ("code/index.py", "def handler(event, context):\n", False),
        ("inference.py", "class C:\n  def handler(data, context):\n", False),
    ],
)
def test_the_contract_of_a_toolkit_without_an_image(path: str, code: str, seen: bool) -> None:
    body = '    requests.get("https://example.com/x")\n'
    fact = at(product({path: f"import requests\n{code}{body}"}, dockerfile=""), "requests.get")
    assert (fact["reached"] == "contract") is seen
    if seen:
        name = code.partition(" ")[2].partition("(")[0]
        assert fact.trace[0].text == f"{path.rpartition('/')[2][:-3]} defines {name}"
        assert fact.trace[-1].text == f"{name}() defined here is called"


def test_what_the_file_of_a_toolkit_does_as_a_program_is_a_trial() -> None:
    trial = "import requests\nif __name__ == '__main__':\n    requests.get('https://example.com/x')\n"
    handler = "def model_fn(model_dir):\n    pass\n"
    assert at(product({"code/inference.py": trial + handler}, dockerfile=""), "requests.get")["reached"] == "unknown"
    assert at(product({"code/train.py": trial + handler}, dockerfile=""), "requests.get")["reached"] == "start"
    signed = trial + "import os\nos.environ['SM_MODEL_DIR']\n"
    assert at(product({"code/inference.py": signed}, dockerfile=""), "requests.get")["reached"] == "start"


@pytest.mark.parametrize("run", ["python fetch.py", "mkdir -p /m && . /opt/venv/bin/activate && python ./fetch.py"])
def test_a_program_that_a_stage_of_the_build_runs_and_the_image_lacks(run: str) -> None:
    stage = f"FROM python:3.12-slim AS fetched\nWORKDIR /build\nCOPY tools/fetch.py .\nRUN {run}\n"
    image = 'FROM python:3.12-slim\nCOPY --from=fetched /m /m\nCOPY serve.py /\nENTRYPOINT ["python", "/serve.py"]\n'
    fetch = "import requests\nrequests.get('https://example.com/x')  # for /opt/ml/model\n"
    fact = at(product({"tools/fetch.py": fetch, "serve.py": "x = 1\n"}, dockerfile=stage + image), "requests.get")
    assert (fact["scope"], fact["reached"]) == ("build", "no")
    both = image.replace("COPY serve.py /", "COPY serve.py tools/fetch.py /").replace('/serve.py"]', '/fetch.py"]')
    fact = at(product({"tools/fetch.py": fetch, "serve.py": "x = 1\n"}, dockerfile=stage + both), "requests.get")
    assert (fact["scope"], fact["reached"]) == ("container", "import")


@pytest.mark.parametrize("run", ["/workspace/start.sh", "bash /workspace/start.sh", "bash /opt/ml/model/own/start.sh"])
def test_what_comes_with_the_model_and_is_run_by_the_start_script(run: str) -> None:
    image = "FROM python:3.12-slim\nWORKDIR /workspace\nCOPY serve /workspace/\nENV PATH=/workspace:$PATH\n"
    serve = f"#!/bin/bash\ncp -r /opt/ml/model/own/* /workspace/\n{run}\n"
    files = {
        "serve": serve,
        "own/start.sh": "#!/bin/bash\npython3 fetch.py --to /tmp\ntritonserver --model-repository /tmp\n",
        "own/fetch.py": "import boto3\nboto3.client('s3').download_file('b', 'k', '/tmp/f')\n",
    }
    fact = at(product(files, ["serve"], dockerfile=image), "boto3.client")
    assert (fact["scope"], fact["reached"]) == ("container", "import")
    other = {**files, "serve": serve.replace("cp -r /opt/ml/model/own/* /workspace/\n", "")}
    if "/opt/ml/model" not in run:
        assert at(product(other, ["serve"], dockerfile=image), "boto3.client")["reached"] != "import"
    two = {**files, "old/start.sh": "#!/bin/bash\necho old\n"}
    assert at(product(two, ["serve"], dockerfile=image), "boto3.client")["reached"] != "import"


# --- steps of traces


def steps(files: dict[str, str], dockerfile: str = "") -> list[tuple[str, int, str]]:
    fact = at(product(files, dockerfile=dockerfile or STARTED), "requests.get")
    return [(step.location.path, step.location.line, step.text) for step in fact.trace]


def test_a_step_stands_where_the_call_is_written() -> None:
    serve = "import lib\n\ndef main():\n    lib.load(1)\n\nmain()\n"
    assert steps(
        {"serve.py": serve, "lib.py": f"def load(x):\n    {GET.splitlines()[0]}\n    {GET.splitlines()[1]}\n"}
    ) == [
        ("Dockerfile", 4, "ENTRYPOINT starts serve.py"),
        ("serve.py", 6, "calls main()"),
        ("serve.py", 4, "calls load()"),
    ]


def test_a_step_without_a_known_call_stands_at_the_definition() -> None:
    serve = f"import requests\ndef load():\n    {GET.splitlines()[1]}\nrun = load\nrun()\n"
    assert steps({"serve.py": serve})[-1] == ("serve.py", 2, "load() defined here is called")


def test_what_a_server_calls_before_the_first_request() -> None:
    model = (
        f"import requests\nclass TritonPythonModel:\n    def initialize(self, args):\n        {GET.splitlines()[1]}\n"
    )
    found = steps({"serve.py": "import model\n", "model.py": model})
    assert found[-1] == ("model.py", 3, "TritonPythonModel.initialize() is called at start")


def test_a_program_by_its_name() -> None:
    image = IMAGE.replace("python:3.12-slim", "registry.example.com/base:1")
    assert steps({"train.py": GET}, image)[0] == ("train.py", 1, "train has the name that SageMaker starts")


def test_a_base_class_that_is_built_too() -> None:
    lib = (
        f"import requests\nclass A:\n    def __init__(self):\n        {GET.splitlines()[1]}\n\nclass B(A):\n    pass\n"
    )
    assert at(product({"serve.py": lib + "A()\n"}), "requests.get")["reached"] == "import"
    assert at(product({"serve.py": lib + "x = A\n"}), "requests.get")["reached"] == "no"


def test_a_program_that_a_start_script_runs_and_that_comes_with_the_model() -> None:
    dockerfile = (
        'FROM python:3.12-slim\nWORKDIR /workspace\nCOPY serve /workspace/serve\nENTRYPOINT ["/workspace/serve"]\n'
    )
    script = "#!/bin/bash\ncp -r /opt/ml/model/code/* /workspace/\npython3 prepare.py\npython3 other.py\n"
    get = 'import requests\nrequests.get("https://example.com/x")\n'
    files = {"serve": script, "code/prepare.py": get, "a/other.py": get, "b/other.py": get, "code/stray.py": get}
    found = {
        fact.location.path: fact for fact in product(files, ["serve"], dockerfile) if fact["api"] == "requests.get"
    }
    assert found["code/prepare.py"]["reached"] == "import"
    assert [step.text for step in found["code/prepare.py"].trace][-1] == "starts python3 prepare.py"
    assert all(found[path]["reached"] not in ("import", "start") for path in found if path != "code/prepare.py")


def test_a_class_that_a_server_makes_an_instance_of() -> None:
    service = (
        "import bentoml\nfrom models import Manager\n@bentoml.service()\nclass Speech:\n"
        "    def __init__(self):\n        self.manager = Manager()\n"
        "    @bentoml.api(route='/x')\n    def transcribe(self, audio):\n        return self.manager.take(audio)\n"
    )
    models = (
        "import requests\nclass Manager:\n    def _load(self):\n        requests.get('https://example.com/x')\n"
        "    def take(self, audio):\n        return (lambda: self._load())()\n"
    )
    image = IMAGE + "ENTRYPOINT uv run bentoml serve service:Speech -p 8080\n"
    found = at(product({"service.py": service, "models.py": models}, dockerfile=image), "requests.get")
    assert found["reached"] == "handler"


@pytest.mark.parametrize("name", ["prepare", "prepare.sh"])
def test_a_script_that_a_start_script_runs_by_its_name(name: str) -> None:
    image = IMAGE + 'ENV PATH="/opt/program/bin:${PATH}"\nENTRYPOINT ["/opt/program/serve"]\n'
    files = {"serve": f"#!/bin/bash\nset -e\n{name} --all\n", "fetch.py": GET}
    files[f"bin/{name}"] = "#!/bin/bash\npython fetch.py\n"
    found = at(product(files, ["serve", f"bin/{name}"], image), "requests.get")
    assert found["reached"] == "import"


# --- folders with the name of tests


EXAMPLES = {
    "scorer/__init__.py": "",
    "scorer/__main__.py": "import scorer.data\n",
    "scorer/data/__init__.py": "import scorer.data.examples\n",
    "scorer/data/examples/__init__.py": "from .flowers import Flowers\n",
    "scorer/data/examples/flowers.py": "import requests\nclass Flowers:\n    def fetch(self):\n"
    "        requests.get('https://example.com/flowers.zip')\n",
}


def test_examples_that_the_package_itself_loads_are_no_tests() -> None:
    start = 'FROM python:3.12-slim\nWORKDIR /opt/program\nCOPY . .\nENTRYPOINT ["python", "-m", "scorer"]\n'
    fact = at(product(EXAMPLES, dockerfile=start), "requests.get")
    assert fact["scope"] == "container"
    alone = {**EXAMPLES, "scorer/data/__init__.py": ""}
    assert at(product(alone, dockerfile=start), "requests.get")["scope"] == "test"
    beside = {"scorer/__main__.py": "print(1)\n", "examples/fetch.py": EXAMPLES["scorer/data/examples/flowers.py"]}
    assert at(product(beside, dockerfile=start), "requests.get")["scope"] == "test"


def test_a_function_that_gives_back_an_object_is_not_its_class() -> None:
    load = (
        "from ultralytics import YOLO\ndef load_model():\n    model = YOLO('/opt/ml/model/best.pt')\n    return model\n"
    )
    facts = product({"serve.py": "from load import load_model\nmodel = load_model()\n", "load.py": load})
    assert [(fact.location.path, fact["destination"]) for fact in facts if fact["api"] == "ultralytics.YOLO"] == [
        ("load.py", "local")
    ]


@pytest.mark.parametrize(
    ("run", "held"),
    [
        ("", {"acme/net.py", "launch.py"}),
        ("RUN rm -rf /tmp/build\n", set()),
        ("RUN cd / && pip install /tmp/build && rm -rf /tmp/build\n", {"acme/net.py"}),
        ("RUN rm /tmp/build/launch.py\n", {"acme/net.py"}),
        ("RUN cp -r /tmp/build/*.py /opt/program/ && rm -rf /tmp/build\n", {"acme/net.py", "launch.py"}),
        ("RUN /tmp/build/install.sh\nRUN rm -rf /tmp/build\n", {"acme/net.py", "launch.py"}),
        ("WORKDIR /tmp/build\nRUN rm -rf acme\n", {"launch.py"}),
        ("RUN rm -rf /tmp/build/*\n", set()),
        ("RUN rm -rf /tmp/build/*.py /tmp/builder $HOME\n", {"acme/net.py", "launch.py"}),
        ("RUN rm -rf /tmp/build\nCOPY launch.py /tmp/build/\n", {"launch.py"}),
    ],
)
def test_what_a_step_of_the_build_removes_is_not_in_the_image(run: str, held: set[str]) -> None:
    image = f'FROM python:3.12-slim\nCOPY . /tmp/build\n{run}COPY serve.py /opt/program/\nENTRYPOINT ["python", "/opt/program/serve.py"]\n'
    call = "import boto3\nboto3.client('s3')\n"
    files = {"acme/__init__.py": "", "acme/net.py": call, "launch.py": call, "serve.py": "print('ready')\n"}
    found = product({**files, "setup.py": ""}, dockerfile=image)
    assert {fact.location.path for fact in found if fact["scope"] == "container"} == held
