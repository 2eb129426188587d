"""Calls whose address another call, or a variable of the environment, sets for the whole process."""

from __future__ import annotations

import pytest

from tests.assemble.python.products import IMAGE, STARTED, at, product

SERVER = "https://mlflow.acme.io"
RUN = "import mlflow\nmlflow.start_run()\n"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (f"'{SERVER}'", ("remote", SERVER)),
        ("'databricks'", ("remote", "databricks")),
        ("'databricks://profile'", ("remote", "databricks://profile")),
        ("'postgresql://u@db.acme.io/mlflow'", ("remote", "postgresql://u@db.acme.io/mlflow")),
        (
            "'arn:aws:sagemaker:eu-west-1:123456789012:mlflow-tracking-server/one'",
            ("remote", "arn:aws:sagemaker:eu-west-1:123456789012:mlflow-tracking-server/one"),
        ),
        ("os.environ.get('MLFLOW_TRACKING_URI', 'databricks')", ("remote", "databricks")),
        ("os.environ['MLFLOW_TRACKING_URI']", ("none", None)),
        ("'file:/tmp/mlruns'", ("none", None)),
        ("'sqlite:///mlflow.db'", ("none", None)),
        ("'/opt/ml/output/mlruns'", ("none", None)),
        ("'databricks_runs'", ("none", None)),
        ("'http://localhost:5000'", ("none", None)),
    ],
)
def test_an_address_that_one_call_sets_for_the_others(address: str, expected: tuple[str, str | None]) -> None:
    code = f"import os\nimport mlflow\nmlflow.set_tracking_uri({address})\nmlflow.start_run()\nmlflow.MlflowClient()\n"
    facts = product({"serve.py": code})
    for api in ("mlflow.start_run", "mlflow.MlflowClient"):
        call = at(facts, api)
        assert (call["destination"], call["target"]) == expected


@pytest.mark.parametrize(
    "setting",
    [
        f"os.environ['MLFLOW_TRACKING_URI'] = '{SERVER}'",
        f"os.environ.setdefault('MLFLOW_TRACKING_URI', '{SERVER}')",
        f"os.environ.update({{'MLFLOW_TRACKING_URI': '{SERVER}'}})",
        f"os.environ.update(MLFLOW_TRACKING_URI='{SERVER}')",
    ],
)
def test_a_variable_that_code_sets_is_no_call_and_decides(setting: str) -> None:
    facts = product({"serve.py": f"import os\nimport mlflow\n{setting}\nmlflow.start_run()\n"})
    assert [(fact["api"], fact["destination"], fact["target"]) for fact in facts] == [
        ("mlflow.start_run", "remote", SERVER)
    ]


def test_a_variable_of_the_image_decides() -> None:
    image = STARTED.replace("WORKDIR", f"ENV MLFLOW_TRACKING_URI={SERVER}\nWORKDIR")
    assert at(product({"serve.py": RUN}, dockerfile=image), "mlflow.start_run")["target"] == SERVER
    local = STARTED.replace("WORKDIR", "ENV MLFLOW_TRACKING_URI=file:/tmp/mlruns\nWORKDIR")
    assert at(product({"serve.py": RUN}, dockerfile=local), "mlflow.start_run")["destination"] == "none"


def test_a_call_that_sets_a_local_folder_wins_over_the_variable() -> None:
    image = STARTED.replace("WORKDIR", f"ENV MLFLOW_TRACKING_URI={SERVER}\nWORKDIR")
    code = "import mlflow\nmlflow.set_tracking_uri('file:/tmp/mlruns')\nmlflow.start_run()\n"
    assert at(product({"serve.py": code}, dockerfile=image), "mlflow.start_run")["destination"] == "none"


@pytest.mark.parametrize(
    ("address", "expected"), [("'file:/tmp/mlruns'", "none"), ("os.environ['MLFLOW_TRACKING_URI']", "remote")]
)
def test_a_call_wins_over_a_variable_that_code_sets(address: str, expected: str) -> None:
    code = (
        f"import os\nimport mlflow\nos.environ['MLFLOW_TRACKING_URI'] = '{SERVER}'\n"
        f"mlflow.set_tracking_uri({address})\nmlflow.start_run()\n"
    )
    assert at(product({"serve.py": code}), "mlflow.start_run")["destination"] == expected


def test_a_setting_that_another_module_makes() -> None:
    tracking = f"import mlflow\ndef setup():\n    mlflow.set_tracking_uri('{SERVER}')\n"
    used = {"serve.py": "import mlflow, tracking\ntracking.setup()\nmlflow.start_run()\n", "tracking.py": tracking}
    call = at(product(used), "mlflow.start_run")
    assert (call["destination"], call["target"]) == ("remote", SERVER)
    assert call.trace[-1].location.path == "tracking.py"
    for path in ("tracking.py", "tests/test_serve.py"):
        unused = {"serve.py": RUN, path: f"import mlflow\nmlflow.set_tracking_uri('{SERVER}')\n"}
        calls = [each for each in product(unused) if each["api"] == "mlflow.start_run"]
        assert [each["destination"] for each in calls] == ["none"]


@pytest.mark.parametrize("imported", ["callbacks", "report"])
def test_a_program_that_no_image_names_sets_it_for_what_it_imports(imported: str) -> None:
    program = f"import os, wandb, {imported}\nos.environ['SM_CHANNEL_TRAIN']\nwandb.init(project='nets')\n"
    report = "import wandb\nclass Report:\n    def on_step(self):\n        wandb.log({'loss': 1})\n"
    call = at(product({"fit.py": program, "callbacks.py": report}, dockerfile=""), "wandb.log")
    assert call["destination"] == ("remote" if imported == "callbacks" else "none")


@pytest.mark.parametrize(
    ("base", "more", "expected"),
    [
        ("acme/base-7b", "", "remote"),
        ("/opt/ml/input/data/base", "", "local"),
        ("acme/base-7b", ", local_files_only=True", "none"),
    ],
)
def test_an_adapter_names_the_model_that_it_was_trained_on(base: str, more: str, expected: str) -> None:
    code = (
        "import peft, transformers\n"
        f"transformers.AutoModelForCausalLM.from_pretrained('{base}')\n"
        f"peft.AutoPeftModelForCausalLM.from_pretrained('/opt/ml/checkpoints'{more})\n"
    )
    facts = product({"serve.py": code})
    assert at(facts, "peft.AutoPeftModel*.from_pretrained")["destination"] == expected


def test_a_setting_of_one_image_says_nothing_of_another() -> None:
    def started(program: str) -> str:
        return f'{IMAGE}ENTRYPOINT ["python", "/opt/program/{program}.py"]\n'

    files = {
        "train/Dockerfile": started("train"),
        "train/train.py": f"import mlflow\nmlflow.set_tracking_uri('{SERVER}')\nmlflow.start_run()\n",
        "serve/Dockerfile": started("serve"),
        "serve/serve.py": RUN,
    }
    found = [each for each in product(files, dockerfile="") if each["api"] == "mlflow.start_run"]
    assert [(each.location.path, each["destination"]) for each in found] == [
        ("serve/serve.py", "none"),
        ("train/train.py", "remote"),
    ]


def test_a_setting_under_a_condition_makes_what_it_decides_conditional() -> None:
    code = f"import sys\nimport mlflow\nif len(sys.argv) > 2:\n    mlflow.set_tracking_uri('{SERVER}')\nmlflow.start_run()\n"
    assert at(product({"serve.py": code}), "mlflow.start_run")["guard"] == "condition"


def test_every_call_is_told_of() -> None:
    code = (
        f"import mlflow\nmlflow.set_tracking_uri('{SERVER}')\nmlflow.log_metric('a', 1)\nmlflow.log_param('b', 2)\n"
        "def more():\n    mlflow.log_metric('c', 3)\nmore()\n"
    )
    found = [fact["destination"] for fact in product({"serve.py": code}) if fact["api"] == "mlflow.log_*"]
    assert found == ["remote"] * 3


def test_a_registry_stays_here_when_the_address_does() -> None:
    register = "mlflow.register_model('runs:/1/model', 'scorer')\n"
    local = f"import mlflow\nmlflow.set_tracking_uri('http://127.0.0.1:5000')\n{register}"
    assert at(product({"serve.py": local}), "mlflow.register_model")["destination"] == "loopback"
    assert at(product({"serve.py": f"import mlflow\n{register}"}), "mlflow.register_model")["destination"] == "remote"


def test_a_library_that_sets_the_address_itself() -> None:
    code = "import dagshub, mlflow\ndagshub.init(repo_owner='acme', repo_name='nets', mlflow=True)\nmlflow.autolog()\n"
    assert at(product({"serve.py": code}), "mlflow.autolog")["destination"] == "remote"


@pytest.mark.parametrize(
    ("address", "model", "expected"),
    [
        (SERVER, "models:/scorer/1", "remote"),
        (SERVER, "runs:/12ab/model", "remote"),
        (SERVER, "/opt/ml/model", "local"),
        ("file:/tmp/mlruns", "models:/scorer/1", "local"),
    ],
)
def test_a_model_by_a_name_of_the_registry(address: str, model: str, expected: str) -> None:
    code = f"import mlflow\nmlflow.set_tracking_uri('{address}')\nmlflow.pyfunc.load_model('{model}')\n"
    assert at(product({"serve.py": code}), "mlflow.*.load_model")["destination"] == expected


def test_a_variable_that_publishing_code_gives_to_the_program() -> None:
    publish = (
        "from sagemaker.pytorch import PyTorch\n"
        f"job = PyTorch(entry_point='train.py', role='r', environment={{'MLFLOW_TRACKING_URI': '{SERVER}'}})\n"
        "job.fit({})\n"
    )
    call = at(product({"train.py": RUN, "publish.py": publish}, dockerfile=""), "mlflow.start_run")
    assert (call["destination"], call["target"]) == ("remote", SERVER)


@pytest.mark.parametrize("together", [True, False])
def test_a_setting_of_one_program_says_nothing_of_another(*, together: bool) -> None:
    files = {
        "base.py": "import os, transformers\nos.environ['SM_CHANNEL_TRAIN']\n"
        "transformers.AutoModelForCausalLM.from_pretrained('acme/base-7b')\n",
        "merge.py": ("import base\n" if together else "") + "import os, peft\nos.environ['SM_CHANNEL_TRAIN']\n"
        "peft.AutoPeftModelForCausalLM.from_pretrained('/tmp/adapter')\n",
    }
    call = at(product(files, dockerfile=""), "peft.AutoPeftModel*.from_pretrained")
    assert call["destination"] == ("remote" if together else "local")


def test_an_address_that_is_not_known_is_that_of_the_variable() -> None:
    code = "import mlflow, settings\nmlflow.set_tracking_uri(settings.read().uri)\nmlflow.start_run()\n"
    image = STARTED.replace("WORKDIR", f"ENV MLFLOW_TRACKING_URI={SERVER}\nWORKDIR")
    assert at(product({"serve.py": code}, dockerfile=image), "mlflow.start_run")["target"] == SERVER
    assert at(product({"serve.py": code}), "mlflow.start_run")["destination"] == "none"
