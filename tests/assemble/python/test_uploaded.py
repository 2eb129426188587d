"""Programs that publishing code gives to SageMaker's containers, and what their options, classes and settings hold."""

from __future__ import annotations

import json

import pytest

from tests.assemble.python.products import at, product

LOAD = "from transformers import AutoModel\n"
TRAIN = f'{LOAD}AutoModel.from_pretrained("bert-base-uncased")\n'
FIT = "from sagemaker.pytorch import PyTorch\nfrom sagemaker.train.configs import SourceCode\n"


@pytest.mark.parametrize(
    ("call", "path"),
    [
        ('PyTorch(entry_point="train.py", source_dir="src")', "src/train.py"),
        ('PyTorch(entry_point="src/train.py")', "src/train.py"),
        ('PyTorch(entry_point="loader_test.py", source_dir="src")', "src/loader_test.py"),
        ('PyTorch(**dict(entry_point="train.py", source_dir="./src/"))', "src/train.py"),
        ('PyTorch(entry_point="train.py", source_dir=os.path.join(os.getcwd(), "src"))', "src/train.py"),
        ('PyTorch(entry_point="train.py", source_dir=folder())', "anywhere/train.py"),
        (
            'PyTorch(entry_point="train.py", source_dir=str(Path(__file__).resolve().parents[0] / "src"))',
            "src/train.py",
        ),
        ('PyTorch(entry_point="train.py", source_dir=str(Path(__file__).parent / "src"))', "src/train.py"),
        ('PyTorch(entry_point="train.py", source_dir=os.path.join(os.path.dirname(__file__), "src"))', "src/train.py"),
        ('PyTorch(hyperparameters={"sagemaker_program": "train.py"})', "anywhere/train.py"),
        ('PyTorch(env={"SAGEMAKER_PROGRAM": "train.py"})', "anywhere/train.py"),
        ('PyTorch("train.py", role=role, source_dir="src")', "src/train.py"),
        ('SourceCode(source_dir="src", command="pip list && python train.py --epochs 3")', "src/train.py"),
        (
            'SourceCode(source_dir="src", command=" ".join(["pip list &&", f"python train.py --epochs {n}"]))',
            "src/train.py",
        ),
    ],
)
def test_a_program_that_publishing_code_uploads(call: str, path: str) -> None:
    files = {"publish.py": f"import os\nfrom pathlib import Path\n{FIT}{call}\n", path: TRAIN}
    fact = at(product(files, dockerfile=""), "transformers.*.from_pretrained")
    assert (fact["scope"], fact["reached"]) == ("unknown", "import")
    assert (fact.trace[0].location.path, fact.trace[0].text) == ("publish.py", f"SageMaker runs {path.split('/')[1]}")


@pytest.mark.parametrize(("variable", "baked"), [("X=1", False), ("SAGEMAKER_PROGRAM=train.py", True)])
def test_what_another_image_has_in_its_cache_is_not_at_hand(variable: str, baked: bool) -> None:
    files = {
        "publish.py": f'{FIT}PyTorch(entry_point="train.py", source_dir="src")\n',
        "src/train.py": 'import nltk\nnltk.download("punkt")\n',
    }
    image = f"FROM python:3.12\nENV {variable}\nRUN python -c \"import nltk; nltk.download('punkt')\"\n"
    found = product(files, dockerfile=image)
    assert [fact["baked"] for fact in found if fact.location.path == "src/train.py"] == [baked]


@pytest.mark.parametrize(
    "given",
    [
        'PyTorch(entry_point="launch.py", source_dir="src", hyperparameters={"script": "train.py"})',
        'PyTorch(entry_point="launch.py", source_dir="src", environment={"TASK_FILE": "./train.py"})',
        'SourceCode(source_dir="src", command="python launch.py -e train.py --epochs 3")',
        """SourceCode(source_dir="src", command=f"python launch.py {' '.join(['-e', 'train.py'])}")""",
    ],
)
def test_a_script_that_the_program_is_told_of_runs_too(given: str) -> None:
    files = {"publish.py": f"{FIT}{given}\n", "src/launch.py": "", "src/train.py": TRAIN}
    fact = at(product(files, dockerfile=""), "transformers.*.from_pretrained")
    assert (fact["reached"], fact.trace[0].text) == ("import", "SageMaker runs train.py")


@pytest.mark.parametrize(
    "files",
    [
        {"publish.py": 'print(dict(entry_point="train.py"))\n', "train.py": TRAIN},
        {
            "publish.py": f'{FIT}PyTorch(entry_point="train.py", source_dir=f())\n',
            "a/train.py": TRAIN,
            "b/train.py": "",
        },
        {"publish.py": f'{FIT}PyTorch(entry_point="other.py")\n', "train.py": TRAIN},
    ],
    ids=["no estimator", "several may be meant", "another file"],
)
def test_what_is_not_uploaded_is_not_reached(files: dict[str, str]) -> None:
    assert at(product(files, dockerfile=""), "transformers.*.from_pretrained")["reached"] != "import"


CONFIG = """from dataclasses import dataclass, field

@dataclass
class ModelConfig:
    name: str = "bert-base-uncased"

@dataclass
class Config:
    model: ModelConfig = field(default_factory=ModelConfig)
    other: str = field(default="/opt/ml/model")
    lazy: dict = field(default_factory=lambda: {"id": "gpt2"})
"""


@pytest.mark.parametrize(
    ("body", "destination", "target"),
    [
        ("def load(c: Config):\n    AutoModel.from_pretrained(c.model.name)\n", "hub", "bert-base-uncased"),
        ("def load(c: 'Config'):\n    AutoModel.from_pretrained(c.model.name)\n", "hub", "bert-base-uncased"),
        ("def load(c: Optional[Config]):\n    AutoModel.from_pretrained(c.other)\n", "local", "/opt/ml/model"),
        ("def load(c):\n    AutoModel.from_pretrained(c.model.name)\n", "unknown", None),
        (
            "def load():\n    d, c = HfArgumentParser((ModelConfig, Config)).parse_args_into_dataclasses()\n"
            "    AutoModel.from_pretrained(d.name)\n",
            "hub",
            "bert-base-uncased",
        ),
        (
            "def load(given):\n    parser = HfArgumentParser([Config, ModelConfig])\n"
            "    c, d = parser.parse_dict(given)\n    AutoModel.from_pretrained(d.name)\n\n"
            'given = {"name": "gpt2"}\nload(given)\n',
            "hub",
            "gpt2",
        ),
    ],
)
def test_what_the_class_of_an_object_holds(body: str, destination: str, target: str | None) -> None:
    head = f"{LOAD}from transformers import HfArgumentParser\nfrom config import Config, ModelConfig\n"
    fact = at(product({"serve.py": head + body, "config.py": CONFIG}), "transformers.*.from_pretrained")
    assert (fact["destination"], fact["target"]) == (destination, target)


@pytest.mark.parametrize(
    ("code", "target"),
    [
        ('from config import MODELS\nAutoModel.from_pretrained(MODELS["text"])\n', "gpt2"),
        ('from config import MODELS\nAutoModel.from_pretrained(MODELS.get("text"))\n', "gpt2"),
        ('def load(s):\n    AutoModel.from_pretrained(s["text"])\n\nload({"text": "gpt2"})\n', "gpt2"),
        ('d = dict({"a": "x"})\nd.update({"text": "gpt2"})\nAutoModel.from_pretrained(d["text"])\n', "gpt2"),
        (
            'd = {"text": "gpt2"}\nd.update(text="bert-base-cased")\nAutoModel.from_pretrained(d["text"])\n',
            "bert-base-cased",
        ),
        ('def load(s):\n    AutoModel.from_pretrained(s["text"])\n', None),
    ],
)
def test_members_of_mappings(code: str, target: str | None) -> None:
    files = {"serve.py": LOAD + code, "config.py": 'MODELS = {"text": "gpt2"}\n'}
    assert at(product(files), "transformers.*.from_pretrained")["target"] == target


@pytest.mark.parametrize(
    ("setting", "destination"),
    [
        ("option.model_id=gpt2", "hub"),
        ("option.model_id=s3://bucket/model/", "local"),
        ("option.other=gpt2", "unknown"),
    ],
)
def test_what_the_model_server_hands_over(setting: str, destination: str) -> None:
    model = (
        f'{LOAD}def handle(inputs):\n    p = inputs.get_properties()\n    AutoModel.from_pretrained(p["model_id"])\n'
    )
    files = {"code/model.py": model, "code/serving.properties": f"engine=Python\n{setting}\n"}
    fact = at(product(files, dockerfile=""), "transformers.*.from_pretrained")
    assert fact["destination"] == destination


@pytest.mark.parametrize(
    ("setting", "target"),
    [
        ("option.model_id=gpt2", "gpt2"),
        ("option.model_id=s3://bucket/model/", None),
        ("option.model_id=/opt/ml/model", None),
        ("option.other=gpt2", "acme/own"),
    ],
)
@pytest.mark.parametrize(
    "code",
    [
        'name = p.get("model_id", "acme/own")',
        'name = p.get("model_id") or "acme/own"',
        'name = p["model_id"] if "model_id" in p else "acme/own"',
        'name = "acme/own" if "model_id" not in p else p["model_id"]',
        'name = "acme/own"\n    if "model_id" in p:\n        name = p["model_id"]',
        'if "model_id" in p:\n        name = p["model_id"]\n    else:\n        name = "acme/own"',
    ],
)
def test_what_counts_unless_the_model_server_hands_something_over(code: str, setting: str, target: str | None) -> None:
    model = (
        f"{LOAD}def handle(inputs):\n    p = inputs.get_properties()\n    {code}\n    AutoModel.from_pretrained(name)\n"
    )
    files = {"code/model.py": model, "code/serving.properties": f"engine=Python\n{setting}\n"}
    fact = at(product(files, dockerfile=""), "transformers.*.from_pretrained")
    assert (fact["target"], fact["destination"]) == (target, "hub") if target else fact["destination"] == "local"


def test_sources_above_the_folder_of_the_dockerfile() -> None:
    image = "FROM python:3.12-slim\nCOPY src /opt/program\n" + 'ENTRYPOINT ["python", "/opt/program/serve.py"]\n'
    fact = at(
        product({"docker/gpu/v1/Dockerfile": image, "src/serve.py": TRAIN}, dockerfile=""),
        "transformers.*.from_pretrained",
    )
    assert fact["reached"] == "import"
    assert fact.trace[0].location.path == "docker/gpu/v1/Dockerfile"


@pytest.mark.parametrize(
    ("run", "reached"),
    [
        ('processor.run(code="prepare.py")', "unknown"),
        ('processor.run(code="other.py")', "import"),
        ('ProcessingStep("p", code="prepare.py", processor=processor)', "unknown"),
        ('processor.run(code="prepare.py")\nScriptProcessor(env={"SAGEMAKER_PROGRAM": "prepare.py"})', "unknown"),
        ('processor.run(code="prepare.py")\nPyTorch(entry_point="prepare.py")', "import"),
    ],
)
def test_a_job_that_prepares_data_is_no_part_of_the_product(run: str, reached: str) -> None:
    publish = (
        "from sagemaker.processing import ScriptProcessor\nfrom sagemaker.workflow.steps import ProcessingStep\n"
        f"from sagemaker.pytorch import PyTorch\nprocessor = ScriptProcessor(role=role)\n{run}\n"
    )
    prepare = f'{TRAIN}FOLDER = "/opt/ml/input/data"\n'
    facts = product({"publish.py": publish, "prepare.py": prepare}, dockerfile="")
    assert at(facts, "transformers.*.from_pretrained")["reached"] == reached


@pytest.mark.parametrize(
    ("given", "default", "expected"),
    [
        ('{"model": "gpt2"}', "", ("hub", "gpt2", "none")),
        ('{"model": "gpt2"}', ', default="/opt/ml/model"', ("hub", "gpt2", "condition")),
        ('{"other": "gpt2"}', "", ("unknown", None, "none")),
        ('{"other": "gpt2"}', ', default="bert-base-cased"', ("hub", "bert-base-cased", "none")),
        ("settings()", "", ("unknown", None, "none")),
    ],
)
def test_hyperparameters_that_publishing_code_gives(given: str, default: str, expected: tuple[str, str, str]) -> None:
    train = (
        f'import argparse\n{LOAD}parser = argparse.ArgumentParser()\nparser.add_argument("--model"{default})\n'
        "args = parser.parse_args()\nAutoModel.from_pretrained(args.model)\n"
    )
    files = {"publish.py": f'{FIT}PyTorch(entry_point="train.py", hyperparameters={given})\n', "train.py": train}
    fact = at(product(files, dockerfile=""), "transformers.*.from_pretrained")
    assert (fact["destination"], fact["target"], fact["guard"]) == expected


def test_a_class_by_the_name_of_its_module() -> None:
    code = "from diffusers.pipelines.pipeline_utils import DiffusionPipeline as P\n"
    files = {"serve.py": f'{code}class Own(P):\n    pass\nOwn.from_pretrained("org/model")\n'}
    assert at(product(files), "diffusers.*.from_pretrained")["destination"] == "hub"


@pytest.mark.parametrize(
    ("test", "destination", "target"),
    [
        ("if name not in NAMES:\n        return None", "hub", "gpt2"),
        ("if name not in lib.NAMES:\n        return None", "hub", "gpt2"),
        ("if name not in ['gpt2']:\n        raise ValueError", "hub", "gpt2"),
        ("if name in NAMES:\n        return None", "unknown", None),
        ("if other not in NAMES:\n        return None", "unknown", None),
    ],
)
def test_a_name_out_of_a_list(test: str, destination: str, target: str | None) -> None:
    code = (
        f"{LOAD}import lib, flask\nfrom lib import NAMES\n\n@app.route('/invocations', methods=['POST'])\ndef invocations():\n"
        f"    name = flask.request.json['name']\n    {test}\n    AutoModel.from_pretrained(name)\n"
    )
    files = {"serve.py": code, "lib.py": "NAMES = ['gpt2', 'bert-base-cased']\n"}
    fact = at(product(files), "transformers.*.from_pretrained")
    assert (fact["destination"], fact["target"]) == (destination, target)


def test_pages_that_streamlit_runs() -> None:
    image = 'FROM python:3.12-slim\nWORKDIR /opt/program\nCOPY . .\nENTRYPOINT ["streamlit", "run", "app.py"]\n'
    fact = at(product({"app.py": "", "pages/a.py": TRAIN}, dockerfile=image), "transformers.*.from_pretrained")
    assert fact["reached"] == "import"


@pytest.mark.parametrize(
    ("publisher", "scope"),
    [("examples/tune/publish.py", "unknown"), ("publish.py", "test"), ("other/publish.py", "test")],
)
def test_a_folder_of_examples_holds_what_is_published_from_there(publisher: str, scope: str) -> None:
    call = f'{FIT}PyTorch(entry_point="launcher.py", source_dir="./scripts")\n'
    files = {publisher: call, "examples/tune/scripts/model.py": TRAIN, "scripts/x.py": ""}
    found = at(product(files, dockerfile=""), "transformers.*.from_pretrained")
    assert found["scope"] == scope
    assert found["carried_by"] == ("source_dir" if publisher == "examples/tune/publish.py" else "none")


def test_an_image_in_a_folder_of_examples_holds_no_tests() -> None:
    dockerfile = 'FROM python:3.12-slim\nCOPY . /opt/program\nENTRYPOINT ["python", "/opt/program/serve.py"]\n'
    files = {"examples/a/Dockerfile": dockerfile, "examples/a/serve.py": TRAIN}
    assert at(product(files, dockerfile=""), "transformers.*.from_pretrained")["scope"] == "container"
    other = {"examples/b/serve.py": TRAIN, "Dockerfile": dockerfile, "serve.py": ""}
    assert at(product(other, dockerfile=dockerfile), "transformers.*.from_pretrained")["scope"] == "test"


def test_a_copy_of_an_uploaded_program_is_none() -> None:
    serve = f'{LOAD}def model_fn(model_dir):\n    return AutoModel.from_pretrained("bert-base-uncased")\n'
    publish = (
        'from sagemaker.pytorch import PyTorchModel\nPyTorchModel(entry_point="inference.py", source_dir="code")\n'
    )
    files = {"publish.py": publish, "code/inference.py": serve, "container/inference.py": serve}
    found = {fact.location.path: fact["reached"] for fact in product(files, dockerfile="")}
    assert found["code/inference.py"] == "contract"
    assert found["container/inference.py"] != "contract"


@pytest.mark.parametrize(
    ("given", "imported", "path"),
    [
        ('["shared/common"]', "common.load", "shared/common/load.py"),
        ('["./shared/common/", "requirements.txt"]', "common.load", "shared/common/load.py"),
        ('[os.path.join("shared", "load.py")]', "load", "shared/load.py"),
        ('["jobs/../shared/common"]', "common.load", "shared/common/load.py"),
    ],
)
def test_code_that_is_laid_beside_the_program(given: str, imported: str, path: str) -> None:
    fit = f'import os\n{FIT}PyTorch(entry_point="train.py", source_dir="src", dependencies={given})\n'
    files = {"publish.py": fit, "src/train.py": f"import {imported}\n", path: TRAIN}
    fact = at(product(files, dockerfile=""), "transformers.*.from_pretrained")
    assert (fact["scope"], fact["reached"]) == ("unknown", "import")


@pytest.mark.parametrize("given", ['["shared/common"]', "[]", "folders()", '["/shared/common", "../shared", "."]'])
def test_code_beside_what_is_laid_there_is_not_uploaded(given: str) -> None:
    fit = f'{FIT}PyTorch(entry_point="train.py", source_dir="src", dependencies={given})\n'
    files = {"publish.py": fit, "src/train.py": "import load\n", "shared/common/a.py": "", "shared/load.py": TRAIN}
    fact = at(product(files, dockerfile=""), "transformers.*.from_pretrained")
    assert fact["reached"] != "import"
    assert fact["carried_by"] == "none"


SPEC = (
    "import boto3\nfrom sagemaker.serve import InferenceSpec, ModelBuilder\nfrom transformers import AutoModel\n"
    "class Spec({}):\n    def load(self, model_dir):\n        from helper import tokenizer\n        tokenizer()\n"
    "        return AutoModel.from_pretrained('acme/scorer')\n    def {}(self, data, model):\n"
    "        return boto3.client('s3')\n"
    "ModelBuilder(inference_spec=Spec(), role_arn='arn:aws:iam::111122223333:role/Trial').build().deploy()\n"
)
TOKENIZER = (
    "from transformers import AutoTokenizer\ndef tokenizer():\n    AutoTokenizer.from_pretrained('acme/words')\n"
)


@pytest.mark.parametrize("notebook", [False, True])
def test_classes_that_publishing_code_packs_run_in_images_of_aws(*, notebook: bool) -> None:
    code = SPEC.format("InferenceSpec", "invoke")
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": code.splitlines(keepends=True)}
    text = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}) if notebook else code
    found = product({"publish.ipynb" if notebook else "publish.py": text, "helper.py": TOKENIZER}, dockerfile="")
    calls = {fact["text"]: (fact["scope"], fact["reached"]) for fact in found if fact.kind == "python.call"}
    assert calls["AutoModel.from_pretrained('acme/scorer')"] == ("unknown", "contract")
    assert calls["AutoTokenizer.from_pretrained('acme/words')"][1] in ("contract", "import")
    assert calls["boto3.client('s3')"] == ("unknown", "contract")


def test_what_stands_beside_them_stays_at_the_sellers() -> None:
    for base in ("InferenceSpec", "object"):
        found = product({"publish.py": SPEC.format(base, "invoke"), "helper.py": TOKENIZER}, dockerfile="")
        calls = {fact["text"]: (fact["scope"], fact["reached"]) for fact in found if fact.kind == "python.call"}
        assert next(where for text, where in calls.items() if text.endswith(".deploy()")) == ("seller", "no")
    assert calls["boto3.client('s3')"] == ("seller", "no")


REMOTE = (
    "import boto3\n{}\n\ndef fit(place):\n    boto3.client('s3').download_file('b', place, '/tmp/data')\n\n"
    "@remote(instance_type='ml.m5.large')\ndef run(place):\n    fit(place)\n\n"
    "run('train.csv')\nboto3.client('sagemaker-runtime').invoke_endpoint(EndpointName='trial', Body=b'1')\n"
)


@pytest.mark.parametrize(
    ("imported", "expected"),
    [
        ("from sagemaker.remote_function import remote", ("unknown", "start")),
        ("from sagemaker.core.remote_function.client import remote", ("unknown", "start")),
        ("from helper import remote", ("seller", "no")),
    ],
)
def test_functions_that_their_decorator_sends_run_in_jobs_of_aws(imported: str, expected: tuple[str, str]) -> None:
    found = product({"publish.py": REMOTE.format(imported)}, dockerfile="")
    calls = {fact["text"]: (fact["scope"], fact["reached"]) for fact in found}
    assert calls["boto3.client('s3')"] == expected
    assert calls["boto3.client('sagemaker-runtime')"] == ("seller", "no")


def test_notebooks_that_write_a_file_of_one_name_upload_their_own() -> None:
    files = {}
    for name in ("a", "b"):
        cells = [f'%%writefile train.py\n{LOAD}AutoModel.from_pretrained("acme/{name}")\n', f'{FIT}PyTorch(entry_point="train.py")\n']  # fmt: skip
        shown = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": cell} for cell in cells]
        files[f"{name}.ipynb"] = json.dumps({"cells": shown, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    calls = {fact["target"]: fact["reached"] for fact in product(files, dockerfile="")}
    assert calls["acme/a"] == calls["acme/b"] == "import"


def test_a_folder_for_checkpoints_is_a_sign_of_the_container() -> None:
    code = f'{LOAD}import os\nos.listdir("/opt/ml/checkpoints")\nAutoModel.from_pretrained("acme/a")\n'
    assert at(product({"fit.py": code}, dockerfile=""), "transformers.*.from_pretrained")["reached"] == "import"


@pytest.mark.parametrize(
    ("first", "carried"), [("", "source_dir_of_seller"), ("import os\nos.environ['SM_CHANNEL_TRAIN']\n", "none")]
)
def test_code_that_asks_about_what_was_published_is_the_sellers(first: str, carried: str) -> None:
    ask = f"{first}import boto3\nsm = boto3.client('sagemaker')\n\n\ndef watch():\n    sm.describe_endpoint(EndpointName='e')\n"
    files = {
        "publish.py": f'{FIT}PyTorch(entry_point="train.py", source_dir="src")\n',
        "src/train.py": "",
        "src/w.py": ask,
    }
    assert at(product(files, dockerfile=""), "boto3.client")["carried_by"] == carried


@pytest.mark.parametrize(
    "folder", ["ROOT / 'jobs'", "HERE / '..' / 'jobs'", "os.path.join(os.path.dirname(HERE), 'jobs')"]
)
def test_a_folder_from_that_of_the_publishing_code(folder: str) -> None:
    places = "import os\nfrom pathlib import Path\nHERE = Path(__file__).parent\nROOT = Path(__file__).resolve().parents[1]\n"
    launch = f'{FIT}{places}PyTorch(entry_point="train.py", source_dir=str({folder}))\n'
    files = {"ops/publish.py": launch, "ops/jobs/train.py": "", "jobs/train.py": TRAIN, "ops/ops/jobs/train.py": ""}
    assert at(product(files, dockerfile=""), "transformers.*.from_pretrained")["reached"] == "import"


REGISTRY = (
    "from transformers import AutoModel\nTABLE = {}\n\n\ndef entry(name):\n    def put(made):\n        TABLE[name] = made\n"
    "        return made\n    return put\n\n\n"
)
BASE = "class Base:\n    kinds = []\n\n    def __init_subclass__(cls):\n        Base.kinds.append(cls)\n\n\n"


@pytest.mark.parametrize(
    ("code", "reached"),
    [
        (f'{REGISTRY}@entry("a")\ndef build():\n    return AutoModel.from_pretrained("bert-base-uncased")\n', "start"),
        (
            f'{REGISTRY}@entry("a")\nclass Built:\n    def __init__(self):\n'
            '        self.model = AutoModel.from_pretrained("bert-base-uncased")\n',
            "start",
        ),
        (
            f"{REGISTRY}{BASE}class Built(Base):\n    def __init__(self):\n"
            '        self.model = AutoModel.from_pretrained("bert-base-uncased")\n',
            "start",
        ),
        (
            "from mmengine import MODELS\nfrom transformers import AutoModel\n@MODELS.register_module()\ndef build():\n"
            '    return AutoModel.from_pretrained("bert-base-uncased")\n',
            "start",
        ),
        (
            f"{REGISTRY}def other(made):\n    return made\n\n\n@other\ndef build():\n"
            '    return AutoModel.from_pretrained("bert-base-uncased")\n',
            "no",
        ),
    ],
    ids=["function", "class", "subclass", "library", "plain decorator"],
)
def test_what_is_put_into_a_table_may_run(code: str, reached: str) -> None:
    files = {"serve.py": "import nets\n\nif __name__ == '__main__':\n    print(nets)\n", "nets.py": code}
    fact = at(product(files), "transformers.*.from_pretrained")
    assert fact["reached"] in ({"import", "start"} if reached == "start" else {"no", "unknown"})


def test_a_program_in_a_package_finds_what_lies_beside_it() -> None:
    """Packages above it may hold a file of the same name: no folder with an `__init__` is searched before its own."""
    launch = f'{FIT}PyTorch(entry_point="train.py", source_dir="jobs/small/job")\n'
    shared = "from transformers import AutoModel\ndef load():\n    AutoModel.from_pretrained('org/a')\n"
    packages = {f"{folder}__init__.py": "" for folder in ("jobs/", "jobs/small/", "jobs/small/job/")}
    files = {
        "publish.py": launch,
        "jobs/small/job/train.py": "from shared import load\nload()\n",
        "jobs/small/job/shared.py": shared,
        "jobs/small/shared.py": "def load():\n    pass\n",
        **packages,
    }
    assert at(product(files, dockerfile=""), "transformers.*.from_pretrained")["reached"] == "import"


def test_a_folder_beside_a_notebook_whose_path_only_editors_know() -> None:
    where = (
        "from pathlib import Path\nHERE = Path(globals().get('__file__', Path.cwd() / 'run.ipynb')).resolve().parent\n"
    )
    launch = f'{FIT}{where}PyTorch(entry_point="train.py", source_dir=str(HERE / "job"))\n'
    files = {"one/publish.py": launch, "one/job/train.py": TRAIN, "two/job/train.py": "", "job/train.py": ""}
    found = product(files, dockerfile="")
    assert at(found, "transformers.*.from_pretrained")["reached"] == "import"


@pytest.mark.parametrize(
    ("copy", "reached"), [("src/old/train.py", ["import"]), ("other/train.py", ["import", "import"])]
)
def test_an_older_form_below_an_uploaded_program_is_none(copy: str, reached: list[str]) -> None:
    job = "import os\nDATA = os.environ['SM_CHANNEL_TRAIN']\ndef net():\n    return DATA\n"
    older = job + "def shown():\n    return DATA\n"
    load = "from transformers import AutoModel\nAutoModel.from_pretrained('org/a')\n"
    launch = f'{FIT}PyTorch(entry_point="src/train.py")\n'
    found = product({"publish.py": launch, "src/train.py": load + job, copy: load + older}, dockerfile="")
    assert [fact["reached"] for fact in found if fact["reached"] == "import"] == reached


def test_the_third_release_of_the_sdk() -> None:
    launch = (
        "from sagemaker.core.helper.session_helper import Session\n"
        "from sagemaker.core.training.configs import SourceCode\n"
        "from sagemaker.core.workflow.parameters import ParameterString\n"
        "from sagemaker.train.model_trainer import ModelTrainer\n"
        "name = ParameterString(name='Model', default_value='org/large')\n"
        "code = SourceCode(source_dir='src', command='python train.py --epochs 3')\n"
        "ModelTrainer(source_code=code, hyperparameters={'model': name}, sagemaker_session=Session()).train()\n"
    )
    train = (
        "import argparse\nfrom sagemaker.core.experiments.run import load_run\nfrom transformers import AutoModel\n"
        "parser = argparse.ArgumentParser()\nparser.add_argument('--model')\n"
        "AutoModel.from_pretrained(parser.parse_args().model)\nload_run()\n"
    )
    found = product({"launch.py": launch, "src/train.py": train}, dockerfile="")
    own = [(fact["api"], fact["target"], fact["reached"]) for fact in found if fact.location.path == "src/train.py"]
    assert own == [
        ("transformers.*.from_pretrained", "org/large", "import"),
        ("sagemaker.experiments.load_run", None, "import"),
    ]
    assert {fact["scope"] for fact in found if fact.location.path == "launch.py"} == {"seller"}


@pytest.mark.parametrize(("imports", "carried"), [("", "source_dir_of_seller"), ("import chart\n", "source_dir")])
def test_what_programs_that_prepare_data_import_is_theirs(imports: str, carried: str) -> None:
    launch = (
        "from sagemaker.pytorch import PyTorch\nfrom sagemaker.processing import FrameworkProcessor\n"
        'FrameworkProcessor().run(code="judge.py", source_dir="src")\nPyTorch(entry_point="train.py", source_dir="src")\n'
    )
    chart = "import requests\ndef shown():\n    requests.get('https://example.org/a.png')\n"
    files = {"ops/publish.py": launch, "ops/src/train.py": imports, "ops/src/judge.py": "import chart\nchart.shown()\n"}
    assert at(product({**files, "ops/src/chart.py": chart}, dockerfile=""), "requests.get")["carried_by"] == carried


@pytest.mark.parametrize(
    ("launcher", "imports", "carried"),
    [
        ("src/launch.py", "", "source_dir"),
        ("src/launch.py", "import prices\n", "source_dir_of_seller"),
        ("launch.py", "import prices\n", "source_dir"),
    ],
)
def test_what_a_launcher_beside_the_program_imports_is_the_sellers(launcher: str, imports: str, carried: str) -> None:
    folder = "." if "/" in launcher else "src"
    launch = f'from sagemaker.pytorch import PyTorch\n{imports}PyTorch(entry_point="train.py", source_dir="{folder}")\n'
    prices = "import requests\ndef fetch():\n    requests.get('https://example.org/a.json')\n"
    files = {launcher: launch, "src/train.py": "print('training')\n", "src/prices.py": prices}
    assert at(product(files, dockerfile=""), "requests.get")["carried_by"] == carried


FETCH = "import boto3\n\n\ndef fetch():\n    boto3.client('s3').download_file('b', 'k', '/tmp/f')\n"
LAUNCHED = f'{FIT}PyTorch(entry_point="train.py", source_dir="jobs/training")\n'


@pytest.mark.parametrize(
    ("imported", "files", "reached"),
    [
        ("from tools import fetch\nfetch()\n", {"jobs/common/tools.py": FETCH}, "import"),
        ("import tools as t\nt.fetch()\n", {"jobs/common/tools.py": FETCH}, "import"),
        ("from common.tools import fetch\nfetch()\n", {"jobs/common/tools.py": FETCH}, "import"),
        ("from tools import fetch\nfetch()\n", {"jobs/common/tools.py": FETCH, "far/tools.py": FETCH}, "import"),
        ("from tools import fetch\nfetch()\n", {"jobs/a/tools.py": FETCH, "jobs/b/tools.py": FETCH}, "unknown"),
        ("from tools import other\nother()\n", {"jobs/common/tools.py": FETCH}, "unknown"),
        ("import torch\ntorch.fetch()\n", {"jobs/common/torch.py": FETCH}, "unknown"),
        ("from queue import fetch\nfetch()\n", {"jobs/common/queue.py": FETCH}, "unknown"),
    ],
)
def test_a_module_that_lies_elsewhere_is_found_by_what_is_taken_of_it(
    imported: str, files: dict[str, str], reached: str
) -> None:
    found = product({"launch.py": LAUNCHED, "jobs/training/train.py": imported, **files}, dockerfile="")
    near = [fact for fact in found if fact["api"] == "boto3.client" and fact.location.path.startswith("jobs/")]
    assert {fact["reached"] for fact in near} == {reached}
