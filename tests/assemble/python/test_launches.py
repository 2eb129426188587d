"""What publishing code gives to the programs that it starts on SageMaker, joined with the code that reads it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from linter.engine import facts_of
from linter.judge.load import load_knowledge
from linter.tree import MemoryTree
from tests.assemble.python.products import at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linter.model import Fact

FROM_PRETRAINED = "transformers.*.from_pretrained"
SDK = (
    "import boto3\nfrom sagemaker import image_uris\nfrom sagemaker.estimator import Estimator\n"
    "from sagemaker.pytorch import PyTorch\nfrom sagemaker.huggingface import HuggingFace\n"
    "from sagemaker.modules.train import ModelTrainer\nfrom sagemaker.modules.configs import SourceCode\n"
)
PARSE = 'import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument("--model-name")\nargs = parser.parse_args()\n'
LOAD = "from transformers import AutoModel\n"
TRAIN = f"{LOAD}{PARSE}AutoModel.from_pretrained(args.model_name)\n"
GPT2 = ("hub", "gpt2")
NOTHING = ("unknown", None)
OWN = '"123456789012.dkr.ecr.us-east-1.amazonaws.com/mine:1"'
IMAGE = 'FROM python:3.12-slim\nCOPY . /opt/program\nENV PATH=/opt/program:$PATH\nENTRYPOINT ["python", "/opt/program/train.py"]\n'


def facts(files: Mapping[str, str]) -> list[Fact]:
    tree = MemoryTree({path: text.encode() for path, text in files.items()}, frozenset())
    return facts_of(tree, [""], load_knowledge())


def call_of(files: Mapping[str, str], path: str = "train.py") -> Fact:
    return at(
        [each for each in facts(files) if each.kind == "python.call" and each.location.path == path], FROM_PRETRAINED
    )


def goes(files: Mapping[str, str], path: str = "train.py") -> tuple[object, object]:
    found = call_of(files, path)
    return found["destination"], found["target"]


@pytest.mark.parametrize(
    "launch",
    [
        'PyTorch(entry_point="train.py", hyperparameters={"model-name": "gpt2"})\n',
        'PyTorch(entry_point="train.py", hyperparameters={"model_name": "gpt2"})\n',
        'trials = []\ntrial = {}\ntrial["model"] = "gpt2"\ntrials.append(trial)\nfor trial in trials:\n'
        '    HuggingFace(entry_point="train.py", hyperparameters={"model_name": trial["model"]})\n',
        'given = {"epochs": 3}\ngiven["model_name"] = "gpt2"\nHuggingFace(entry_point="train.py", hyperparameters=given)\n',
        'e = PyTorch(entry_point="train.py")\ne.set_hyperparameters(model_name="gpt2")\n',
        'def launch(name):\n    PyTorch(entry_point="train.py", hyperparameters={"model_name": name})\nlaunch("gpt2")\n',
        'import argparse\np = argparse.ArgumentParser()\np.add_argument("--base", default="gpt2")\nargs = p.parse_args()\n'
        'PyTorch(entry_point="train.py", hyperparameters={"model_name": args.base})\n',
        'def settings():\n    return {"model_name": "gpt2"}\nPyTorch(entry_point="train.py", hyperparameters=settings())\n',
        'import yaml\nc = yaml.safe_load(open("launch.yaml"))\nPyTorch(entry_point="train.py", hyperparameters=c["given"])\n',
        'ModelTrainer(source_code=SourceCode(entry_script="train.py"), hyperparameters={"model_name": "gpt2"})\n',
        'code = SourceCode(command="python train.py")\n'
        'ModelTrainer(source_code=code, hyperparameters={"model_name": "gpt2"})\n',
        'boto3.client("sagemaker").create_training_job(AlgorithmSpecification={}, ResourceConfig={}, '
        'HyperParameters={"sagemaker_program": "\\"train.py\\"", "model_name": "\\"gpt2\\""})\n',
    ],
)
def test_ways_to_give_a_hyperparameter(launch: str) -> None:
    files = {"launch.py": SDK + launch, "train.py": TRAIN, "launch.yaml": "given:\n  model_name: gpt2\n"}
    assert goes(files) == GPT2


@pytest.mark.parametrize(
    "launch",
    [
        'PyTorch(entry_point="train.py", hyperparameters={"other": "gpt2"})\n',
        'PyTorch(entry_point="other.py", hyperparameters={"model_name": "gpt2"})\n',
        'PyTorch(entry_point="train.py", hyperparameters={"model_name": 3})\n',
        'PyTorch(entry_point="train.py", hyperparameters=whatever())\n',
        'PyTorch(entry_point="train.py", hyperparameters={"model_name": ask()})\n',
        'dict(entry_point="train.py", hyperparameters={"model_name": "gpt2"})\n',
    ],
)
def test_what_gives_nothing(launch: str) -> None:
    assert goes({"launch.py": SDK + launch, "train.py": TRAIN, "other.py": "print()\n"}) == NOTHING


CLASS = (
    "from dataclasses import dataclass, field\n@dataclass\nclass Model:\n    model_name: str = field(default=None)\n"
)
FILL = "from transformers import HfArgumentParser\n"


@pytest.mark.parametrize(
    "read",
    [
        "import os\nname = os.environ['SM_HP_MODEL_NAME']\n",
        "import os\nname = os.environ.get('SM_HP_MODEL-NAME', '/opt/ml/model')\n",
        "import json, os\nname = json.loads(os.environ['SM_HPS'])['model_name']\n",
        "import json, os\nname = json.loads(os.environ['SM_HPS']).get('model-name', 'other/model')\n",
        "import json, os\nname = json.loads(os.environ['SM_TRAINING_ENV'])['hyperparameters']['model_name']\n",
        "import sagemaker_containers\nname = sagemaker_containers.training_env().hyperparameters['model_name']\n",
        "from sagemaker_training import environment\nenv = environment.Environment()\n"
        "name = env.hyperparameters.get('model_name', 'other/model')\n",
        "import json\nwith open('/opt/ml/input/config/hyperparameters.json') as f:\n    name = json.load(f)['model_name']\n",
        f"{CLASS}{FILL}(args,) = HfArgumentParser(Model).parse_args_into_dataclasses()\nname = args.model_name\n",
        f"{CLASS}{FILL}def main():\n    parser = HfArgumentParser((Model, Other))\n"
        "    model, other = parser.parse_args_into_dataclasses()\n    load(model)\n"
        "def load(given: Model):\n    AutoModel.from_pretrained(given.model_name)\nmain()\nname = '/opt/ml/model'\n",
        f"from arguments import Model\n{FILL}args = HfArgumentParser(Model).parse_args_into_dataclasses()[0]\n"
        "def load(given):\n    AutoModel.from_pretrained(given.model_name)\nload(args)\nname = '/opt/ml/model'\n",
        "from trl import ModelConfig, TrlParser\nscript, args = TrlParser((Script, ModelConfig)).parse_args_and_config()\n"
        "name = args.model_name\n",
    ],
)
def test_ways_to_read_a_hyperparameter(read: str) -> None:
    launch = f'{SDK}PyTorch(entry_point="train.py", hyperparameters={{"model_name": "gpt2"}})\n'
    files = {"launch.py": launch, "train.py": f"{LOAD}{read}AutoModel.from_pretrained(name)\n", "arguments.py": CLASS}
    found = [each for each in facts(files) if each.kind == "python.call" and each["api"] == FROM_PRETRAINED]
    assert ("hub", "gpt2") in [(each["destination"], each["target"]) for each in found]


def test_an_option_of_click() -> None:
    train = (
        f"{LOAD}import click\n@click.command()\n@click.option('--model-name', required=True)\ndef main(model_name):\n"
        "    AutoModel.from_pretrained(model_name)\nif __name__ == '__main__':\n    main()\n"
    )
    launch = f'{SDK}PyTorch(entry_point="train.py", hyperparameters={{"model-name": "gpt2"}})\n'
    assert goes({"launch.py": launch, "train.py": train}) == GPT2


def test_an_option_that_another_file_reads() -> None:
    launch = f'{SDK}PyTorch(entry_point="train.py", source_dir="src", hyperparameters={{"model_name": "gpt2"}})\n'
    files = {"launch.py": launch, "src/train.py": "import loading\n", "src/loading.py": TRAIN, "src/alone.py": TRAIN}
    assert goes(files, "src/loading.py") == GPT2
    assert goes(files, "src/alone.py") == NOTHING


@pytest.mark.parametrize(
    ("default", "given", "expected"),
    [
        (', default="/opt/ml/model"', '"gpt2"', (*GPT2, "condition")),
        (', default="/opt/ml/model", required=True', '"gpt2"', (*GPT2, "none")),
        (", default=None", '"gpt2"', (*GPT2, "none")),
        (', default="org/model"', '"/opt/ml/input/data/model"', ("hub", "org/model", "condition")),
        (', default="org/model"', '"gpt2"', ("hub", "gpt2", "none")),
        (", default=None", '"/opt/ml/input/data/model"', ("local", "/opt/ml/input/data/model", "none")),
    ],
)
def test_a_default_counts_beside_what_is_given(default: str, given: str, expected: tuple[str, str, str]) -> None:
    train = TRAIN.replace('"--model-name"', f'"--model-name"{default}')
    launch = f'{SDK}PyTorch(entry_point="train.py", hyperparameters={{"model_name": {given}}})\n'
    found = call_of({"launch.py": launch, "train.py": train})
    assert (found["destination"], found["target"], found["guard"]) == expected


def test_one_of_several_launches_is_enough() -> None:
    local = f'{SDK}PyTorch(entry_point="train.py", hyperparameters={{"model_name": "/opt/ml/input/data/model"}})\n'
    files = {"a.py": local, "b.py": local.replace("/opt/ml/input/data/model", "gpt2"), "train.py": TRAIN}
    assert goes({**files, "b.py": ""}) == ("local", "/opt/ml/input/data/model")
    assert goes(files) == GPT2
    assert goes({"tests/test_it.py": files["b.py"], "train.py": TRAIN}) == NOTHING


# --- images


@pytest.mark.parametrize(
    ("launch", "expected"),
    [
        (f'Estimator({OWN}, hyperparameters={{"model_name": "gpt2"}})', GPT2),
        (f'Estimator(image_uri={OWN}, hyperparameters={{"model_name": "gpt2"}})', GPT2),
        ('Estimator(image_uri=image, hyperparameters={"model_name": "gpt2"})', GPT2),
        (f'e = Estimator(image_uri={OWN})\ne.set_hyperparameters(model_name="gpt2")', GPT2),
        ('Estimator(image_uri=image_uris.retrieve("x", "y"), hyperparameters={"model_name": "gpt2"})', NOTHING),
        (
            'Estimator("683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1", '
            'hyperparameters={"model_name": "gpt2"})',
            NOTHING,
        ),
        (
            'boto3.client("sagemaker").create_training_job(ResourceConfig={}, HyperParameters={"model_name": "gpt2"}, '
            f'AlgorithmSpecification={{"TrainingImage": {OWN}}})',
            GPT2,
        ),
    ],
)
def test_what_an_image_is_given(launch: str, expected: tuple[str, str | None]) -> None:
    assert goes({"launch.py": f"{SDK}{launch}\n", "Dockerfile": IMAGE, "train.py": TRAIN}) == expected


def test_of_several_images_the_nearest_is_meant() -> None:
    launch = f'{SDK}Estimator({OWN}, hyperparameters={{"model_name": "gpt2"}})\n'
    files = {f"{name}/{file}": text for name in "ab" for file, text in (("Dockerfile", IMAGE), ("train.py", TRAIN))}
    found = facts({**files, "a/launch.py": launch})
    calls = {
        each.location.path: each["target"]
        for each in found
        if each.kind == "python.call" and each["api"] == FROM_PRETRAINED
    }
    assert calls == {"a/train.py": "gpt2", "b/train.py": None}


# --- variables and files of settings


@pytest.mark.parametrize("argument", ["environment", "env"])
def test_a_variable_of_the_environment(argument: str) -> None:
    launch = f'{SDK}PyTorch(entry_point="train.py", {argument}={{"MODEL": "gpt2"}})\n'
    train = f"{LOAD}import os\nAutoModel.from_pretrained(os.environ['MODEL'])\n"
    assert goes({"launch.py": launch, "train.py": train}) == GPT2


FILLED = f"{LOAD}from trl import ModelConfig, TrlParser\nargs = TrlParser(ModelConfig).%s[0]\nAutoModel.from_pretrained(args.model_name)\n"


@pytest.mark.parametrize("file", ["recipe.yaml", "recipes/recipe.yaml"])
def test_a_file_of_settings_that_a_program_is_told_to_read(file: str) -> None:
    launch = f'{SDK}PyTorch(entry_point="train.py", hyperparameters={{"config": "/opt/ml/input/data/config/{file}"}})\n'
    files = {"launch.py": launch, "train.py": FILLED % "parse_args_and_config()", file: "model_name: gpt2\n"}
    assert goes(files) == GPT2


def test_a_file_of_settings_that_a_cell_writes() -> None:
    cells = ["%%writefile recipe.yaml\nmodel_name: gpt2\n", f'{SDK}PyTorch(entry_point="train.py", hyperparameters={{"config": "/opt/ml/input/data/config/recipe.yaml"}})\n']  # fmt: skip
    notebook = {"cells": [{"cell_type": "code", "source": cell, "outputs": [], "metadata": {}} for cell in cells]}
    launch = json.dumps(
        {**notebook, "metadata": {"language_info": {"name": "python"}}, "nbformat": 4, "nbformat_minor": 5}
    )
    assert goes({"launch.ipynb": launch, "train.py": FILLED % "parse_args_and_config()"}) == GPT2


@pytest.mark.parametrize("name", ["parse_yaml_file", "parse_json_file"])
def test_a_file_that_a_parser_reads(name: str) -> None:
    text = "model_name: gpt2\n" if "yaml" in name else '{"model_name": "gpt2"}'
    file = f"settings.{name.split('_')[1]}"
    assert goes({"train.py": FILLED % f"{name}('{file}')", file: text}) == GPT2


# --- what is shown, and what is not


def test_the_trace_names_the_launch() -> None:
    launch = f'{SDK}\nPyTorch(entry_point="train.py", hyperparameters={{"model_name": "gpt2"}})\n'
    step = call_of({"launch.py": launch, "train.py": TRAIN}).trace[-1]
    assert (step.location.path, step.location.span.line) == ("launch.py", SDK.count("\n") + 2)
    assert step.text == "`model_name` is given to the program here"


def test_launches_are_used_up() -> None:
    launch = f'{SDK}PyTorch(entry_point="train.py", environment={{"API_TOKEN": "hf_{"x" * 34}"}})\n'
    assert not [each for each in facts({"launch.py": launch, "train.py": TRAIN}) if each.kind == "sagemaker.launch"]


def test_many_values_are_bounded() -> None:
    members = ", ".join(f'"key{number}": "{"v" * 500}"' for number in range(200))
    launch = f'{SDK}PyTorch(entry_point="train.py", hyperparameters={{{members}, "model_name": "gpt2"}})\n'
    assert goes({"launch.py": launch, "train.py": TRAIN}) in (GPT2, NOTHING)


def test_a_launcher_that_gives_what_it_is_given() -> None:
    """Programs that start one another, and themselves, end."""
    text = (
        f"{SDK}{LOAD}{PARSE}AutoModel.from_pretrained(args.model_name)\n"
        'PyTorch(entry_point="{}.py", hyperparameters={{"model_name": args.model_name}})\n'
    )
    files = {name: text.replace("{}.py", other).replace("{{", "{").replace("}}", "}") for name, other in (("a.py", "b.py"), ("b.py", "a.py"), ("train.py", "train.py"))}  # fmt: skip
    assert goes(files) == NOTHING


# --- command lines of the container, and requests


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("python train.py --model-name gpt2", GPT2),
        ("python train.py --model-name=gpt2 --epochs 3", GPT2),
        ("torchrun --nproc_per_node 2 train.py --model_name gpt2", GPT2),
        ("python -m train --model-name gpt2", GPT2),
        ("python train.py --model-name /opt/ml/input/data/model", ("local", "/opt/ml/input/data/model")),
        ("python train.py --model-name $MODEL", NOTHING),
        ("python train.py --model-name --epochs 3", NOTHING),
        ("python other.py --model-name gpt2\npython train.py", NOTHING),
    ],
)
def test_options_that_a_start_script_gives(line: str, expected: tuple[str, str | None]) -> None:
    image = 'FROM python:3.12-slim\nWORKDIR /opt/program\nCOPY . .\nENTRYPOINT ["/opt/program/start.sh"]\n'
    files = {"Dockerfile": image, "start.sh": f"#!/bin/bash\n{line}\n", "train.py": TRAIN, "other.py": "print()\n"}
    assert goes(files) == expected


MODEL = "/opt/ml/input/data/model"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"python train.py --model-name {MODEL}", ("local", MODEL)),
        (f"python train.py --model-name {MODEL}\npython train.py --epochs 3", ("hub", "org/model")),
        (f"python train.py --model-name {MODEL}\npython train.py", ("hub", "org/model")),
        (f"python train.py --model-name {MODEL}\npython train.py --model-name gpt2", GPT2),
        ("python train.py --model-name $MODEL", ("hub", "org/model")),
        ("python train.py", ("hub", "org/model")),
    ],
)
def test_what_each_command_gives_takes_the_place_of_the_default(line: str, expected: tuple[str, str]) -> None:
    train = TRAIN.replace('"--model-name"', '"--model-name", default="org/model"')
    image = 'FROM python:3.12-slim\nWORKDIR /opt/program\nCOPY . .\nENTRYPOINT ["/opt/program/start.sh"]\n'
    files = {"start.sh": f"#!/bin/bash\n{line}\n", "train.py": train}
    assert goes({**files, "Dockerfile": image}) == expected
    launch = f'{SDK}PyTorch(entry_point="start.sh", source_dir="src")\n'
    uploaded = {f"src/{name}": text for name, text in files.items()}
    assert goes({**uploaded, "launch.py": launch}, "src/train.py") == expected
    directly = f'{SDK}PyTorch(entry_point="train.py", source_dir="src")\n'
    assert goes({**uploaded, "launch.py": launch, "other.py": directly}, "src/train.py")[0] == "hub"


def test_options_of_a_script_that_the_container_does_not_run() -> None:
    files = {"Dockerfile": IMAGE, "try.sh": "#!/bin/bash\npython train.py --model-name gpt2\n", "train.py": TRAIN}
    assert goes({**files, ".dockerignore": "try.sh\n"}) == NOTHING


def test_hyperparameters_of_the_job_that_validates_an_algorithm() -> None:
    job = {"TrainingJobDefinition": {"HyperParameters": {"model-name": "gpt2"}}}
    request = {
        "AlgorithmName": "a",
        "TrainingSpecification": {"TrainingImage": OWN.strip('"')},
        "ValidationSpecification": {"ValidationProfiles": [{"ProfileName": "p", **job}]},
    }
    files = {"Dockerfile": IMAGE, "train.py": TRAIN, "algorithm.json": json.dumps(request)}
    assert goes(files) == GPT2


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ('pipeline.start(parameters={"Model": "gpt2"})', GPT2),
        ('pipeline.start({"Model": "gpt2"})', GPT2),
        ('pipeline.start(parameters={"Other": "gpt2"})', NOTHING),
        ("", NOTHING),
    ],
)
def test_a_parameter_of_a_pipeline(start: str, expected: tuple[str, str | None]) -> None:
    pipeline = (
        f"{SDK}from sagemaker.workflow.parameters import ParameterString\nfrom sagemaker.workflow.pipeline import Pipeline\n"
        'model = ParameterString(name="Model", default_value="")\npipeline = Pipeline(name="p", parameters=[model])\n'
        'PyTorch(entry_point="train.py", hyperparameters={"model-name": model})\n'
    )
    call = call_of({"publish.py": f"{pipeline}{start}\n", "train.py": TRAIN})
    assert (call["destination"], call["target"]) == expected


def test_the_default_of_a_pipelines_parameter() -> None:
    model = 'from sagemaker.workflow.parameters import ParameterString\nmodel = ParameterString("Model", "gpt2")\n'
    launch = 'PyTorch(entry_point="train.py", hyperparameters={"model-name": model})\n'
    call = call_of({"publish.py": f"{SDK}{model}{launch}", "train.py": TRAIN})
    assert (call["destination"], call["target"]) == GPT2


GIVING = f"{SDK}\n\ndef go(settings):\n    PyTorch({{}}, entry_point='train.py', role=settings['role'])\n"
TRACK = "import mlflow\nimport os\n"


@pytest.mark.parametrize(
    ("given", "code", "expected"),
    [
        ('hyperparameters={"model-name": settings["uri"]}', "mlflow.set_tracking_uri(args.model_name)", "remote"),
        ('environment={"MLFLOW_TRACKING_URI": settings["uri"]}', "mlflow.set_experiment('a')", "remote"),
        ('environment={"TRACK": settings["uri"]}', "mlflow.set_tracking_uri(os.environ['TRACK'])", "remote"),
        ('environment={"TRACK": "file:/opt/ml/output"}', "mlflow.set_tracking_uri(os.environ['TRACK'])", "local"),
        (
            'environment={"TRACK": settings["uri"] or ""}',
            "mlflow.set_tracking_uri(os.environ.get('TRACK', ''))",
            "remote",
        ),
        ('environment={"TRACK": ""}', "mlflow.set_tracking_uri(os.environ.get('TRACK', ''))", "local"),
        ('hyperparameters={"epochs": settings["uri"]}', "mlflow.set_tracking_uri(args.model_name)", "unknown"),
        ('environment={"OTHER": settings["uri"]}', "mlflow.set_experiment('a')", "none"),
    ],
)
def test_an_address_that_only_the_launch_knows(given: str, code: str, expected: str) -> None:
    launch = GIVING.replace("PyTorch({}, ", f"PyTorch({given}, ")
    files = {"publish.py": launch, "src/train.py": f"{TRACK}{PARSE}{code}\n"}
    call = next(each for each in facts(files) if each.kind == "python.call" and "mlflow" in each["text"])
    assert call["destination"] == expected
    assert [step.location.path for step in call.trace if "is given" in step.text] == ["publish.py"] * (
        expected == "remote"
    )


def test_a_program_that_a_launcher_is_told_of_gets_the_other_hyperparameters() -> None:
    launch = (
        'own = {"training_script": "./scripts/tune.py"}\ngiven = {"model_name": "gpt2"}\n'
        'HuggingFace(entry_point="launcher.py", source_dir=".", hyperparameters={**given, **own})\n'
    )
    files = {"launch.py": SDK + launch, "launcher.py": "import subprocess\n", "scripts/tune.py": TRAIN}
    assert goes(files, "scripts/tune.py") == GPT2
    files["launch.py"] = files["launch.py"].replace("scripts/tune.py", "scripts/other.py")
    assert goes(files, "scripts/tune.py") == NOTHING


@pytest.mark.parametrize("text", ["<ADD YOUR SERVER HERE>", "[YOUR-SERVER]", "TODO", "changeme"])
def test_a_gap_in_publishing_code_is_a_value_that_nobody_knows(text: str) -> None:
    code = f"import mlflow\n{PARSE}mlflow.set_tracking_uri(args.model_name)\n"
    launch = f'{SDK}PyTorch(entry_point="train.py", hyperparameters={{"model_name": "{text}"}})\n'
    found = [each for each in facts({"train.py": code, "launch.py": launch}) if each.kind == "python.call"]
    assert at(found, "mlflow.set_tracking_uri")["destination"] == "remote"


def test_the_base_that_an_adapters_configuration_names() -> None:
    code = (
        "from peft import PeftConfig\nfrom transformers import AutoModel, AutoTokenizer\n{}"
        "config = PeftConfig.from_pretrained('/opt/ml/model')\nAutoModel.from_pretrained(config.base_model_name_or_path)\n"
    )
    trained = "AutoTokenizer.from_pretrained('gpt2')\n"
    launch = f'{SDK}PyTorch(entry_point="train.py")\n'
    for before, destination in (
        (trained, "remote"),
        (trained.replace("gpt2", "/opt/gpt2"), "unknown"),
        ("", "unknown"),
    ):
        found = facts({"train.py": code.format(before), "launch.py": launch})
        calls = [each for each in found if each.kind == "python.call" and "base_model" in each["text"]]
        assert [each["destination"] for each in calls] == [destination]


FILLING = (
    "from transformers import HfArgumentParser, TrainingArguments, AutoModel\n"
    "parser = HfArgumentParser((TrainingArguments,))\n(training,) = parser.parse_args_into_dataclasses()\n"
)


@pytest.mark.parametrize(
    ("given", "destination"),
    [
        ('{"report_to": "wandb"}', "remote"),
        ('{"report_to": "none"}', "local"),
        ('{"push_to_hub": True}', "remote"),
        ('{"push_to_hub": False}', "local"),
        ('{name: str(value) for name, value in {"report_to": "wandb"}.items()}', "remote"),
        ('{name: value for name, value in {"report_to": "wandb"}.items()}', "remote"),
        ('{name: fetch(value) for name, value in {"report_to": "wandb"}.items()}', "local"),
        ('{name: name for name, value in {"report_to": "wandb"}.items()}', "local"),
        ('{name: value for name, value in {"report_to": "wandb"}.items() for name in "ab"}', "local"),
        ("{}", "local"),
    ],
)
def test_classes_of_libraries_that_a_parser_fills_with_hyperparameters(given: str, destination: str) -> None:
    launch = f'{SDK}PyTorch(entry_point="train.py", hyperparameters={given})\n'
    found = [each for each in facts({"train.py": FILLING, "launch.py": launch}) if each.kind == "python.call"]
    calls = [each for each in found if each["api"] == "transformers.TrainingArguments"]
    assert [each["destination"] for each in calls] == [destination]
    assert calls[0]["text"] == "parser.parse_args_into_dataclasses()"


APART = 'PyTorch(entry_point="train.py", source_dir="{}", hyperparameters={{"model_name": "gpt2"}})\n'
BASE = "FROM python:3.12-slim\nRUN pip install sagemaker-training\n"


@pytest.mark.parametrize(
    ("launcher", "folder", "program", "dockerfile"),
    [
        ("launch.py", "scripts/train", "scripts/train/train.py", "scripts/Dockerfile"),
        ("notebooks/launch.py", "../scripts", "scripts/train.py", "scripts/Dockerfile"),
        ("steps/launch.py", "../code", "code/train.py", "steps/Dockerfile"),
    ],
)
def test_a_launch_ties_what_lies_outside_to_the_product(
    launcher: str, folder: str, program: str, dockerfile: str
) -> None:
    product = {dockerfile: BASE, launcher: SDK + APART.format(folder), program: TRAIN}
    assert goes(product, program) == GPT2


def test_a_launcher_of_several_products_belongs_to_none() -> None:
    launches = SDK + APART.format("one") + APART.format("two")
    product = {"one/Dockerfile": BASE, "two/Dockerfile": BASE, "launch.py": launches, "one/train.py": TRAIN}
    assert goes({**product, "two/train.py": TRAIN}, "one/train.py") == NOTHING


@pytest.mark.parametrize(
    ("given", "destination"),
    [
        ('f"s3://{bucket}/data/train.csv"', "remote"),
        ('f"https://{host}/train.csv"', "remote"),
        ('f"{folder}/train.csv"', "unknown"),
        ('f"/opt/ml/{name}.csv"', "unknown"),
    ],
)
def test_an_address_that_is_known_in_part_leads_out(given: str, destination: str) -> None:
    launch = f'PyTorch(entry_point="train.py", environment={{"DATA": {given}}})\n'
    read = 'import os\nimport pandas as pd\npd.read_csv(os.environ["DATA"])\n'
    found = facts({"launch.py": SDK + launch, "train.py": read})
    assert at([each for each in found if each.kind == "python.call"], "pandas.read_csv")["destination"] == destination


@pytest.mark.parametrize(
    ("call", "given"),
    [
        ("step(launch, name='Train')(settings)", "gpt2"),
        ("step(launch, name='Train')(settings=settings)", "gpt2"),
        ("functools.partial(launch)(settings)", "gpt2"),
        ("step(other, name='Train')(settings)", None),
    ],
)
def test_a_launch_in_a_function_that_a_pipeline_makes_a_step_of(call: str, given: str | None) -> None:
    steps = (
        f"{SDK}def launch(settings):\n"
        '    PyTorch(entry_point=settings["program"], hyperparameters={"model_name": settings["model"]}).fit()\n\n\n'
        "def other(settings):\n    return settings\n"
    )
    run = (
        "import functools\nfrom sagemaker.workflow.function_step import step\nfrom steps import launch, other\n"
        f'settings = {{"program": "train.py", "model": "gpt2"}}\nran = {call}\n'
    )
    assert goes({"steps.py": steps, "run.py": run, "train.py": TRAIN})[1] == given


@pytest.mark.parametrize(
    ("given", "guard"), [('{"name": bucket}', "none"), ('{"name": "acme"}', "none"), ('{"other": 1}', "off")]
)
def test_a_switch_that_is_given_something_may_be_on(given: str, guard: str) -> None:
    train = (
        "import argparse\nimport boto3\nparser = argparse.ArgumentParser()\n"
        'parser.add_argument("--name", default="")\nargs = parser.parse_args()\n'
        'def export(name):\n    if not name:\n        return\n    boto3.client("s3")\nexport(args.name)\n'
    )
    launch = f'PyTorch(entry_point="train.py", hyperparameters={given})\n'
    found = [each for each in facts({"launch.py": SDK + launch, "train.py": train}) if each.kind == "python.call"]
    own = [each for each in found if each.location.path == "train.py" and each["api"] == "boto3.client"]
    assert (own[0]["guard"] == "off") is (guard == "off")


@pytest.mark.parametrize(
    ("script", "by_variable", "by_option"),
    [
        ("python train.py\n", "gpt2", None),
        ('python train.py "$@"\n', "gpt2", "acme/model"),
        ("python other.py\n", None, None),
    ],
)
def test_what_a_script_that_sagemaker_starts_gives_to_its_program(
    script: str, by_variable: str | None, by_option: str | None
) -> None:
    given = 'environment={"MODEL": "gpt2"}, hyperparameters={"model_name": "acme/model"}'
    launch = f'{SDK}PyTorch(entry_point="run.sh", source_dir="src", {given})\n'
    read = 'import os\nfrom transformers import AutoModel\nAutoModel.from_pretrained(os.environ["MODEL"])\n'
    for train, expected in ((read, by_variable), (TRAIN, by_option)):
        product = {"launch.py": launch, "src/run.sh": script, "src/train.py": train, "src/other.py": "import os\n"}
        assert goes(product, "src/train.py")[1] == expected
