"""Programs that the code of an uploaded program starts, with no image in sight."""

from __future__ import annotations

import pytest

from tests.assemble.python.products import at, product

LAUNCH = 'from sagemaker.pytorch import PyTorch\nPyTorch(entry_point="entry.py", source_dir="src")\n'
LOAD = 'from transformers import AutoModel\nAutoModel.from_pretrained("acme/net")\n'
CHOICE = 'kinds = {"a": "lib.fit_a", "b": "lib.fit_b"}\n'


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ('subprocess.run([sys.executable, "fit.py"])', "src/fit.py"),
        ('subprocess.run(["torchrun", "--nproc_per_node", "8", "fit.py"])', "src/fit.py"),
        ('os.system("accelerate launch fit.py --epochs 3")', "src/fit.py"),
        ('subprocess.check_call(["python", "/opt/ml/code/lib/fit.py"])', "src/lib/fit.py"),
        ('subprocess.run([sys.executable, "-m", "lib.fit_a"])', "src/lib/fit_a.py"),
        (f"{CHOICE}subprocess.run([sys.executable, '-m', kinds[sys.argv[1]], '--epochs', '3'])", "src/lib/fit_b.py"),
    ],
)
def test_it_is_followed(line: str, path: str) -> None:
    files = {"launch.py": LAUNCH, "src/entry.py": f"import os, subprocess, sys\n{line}\n", path: LOAD}
    found = at(product(files, dockerfile=""), "transformers.*.from_pretrained")
    assert (found["reached"], found.trace[0].text) == ("import", "SageMaker runs entry.py")


@pytest.mark.parametrize("line", ['subprocess.run(["python", "other.py"])', 'subprocess.run(["python", "-m", name()])'])
def test_what_is_not_there_or_not_known_is_not(line: str) -> None:
    files = {"launch.py": LAUNCH, "src/entry.py": f"import subprocess\n{line}\n", "src/fit.py": LOAD}
    assert at(product(files, dockerfile=""), "transformers.*.from_pretrained")["reached"] != "import"


def test_in_an_image_each_of_several_modules_is_started() -> None:
    start = f"import subprocess, sys\n{CHOICE}subprocess.run([sys.executable, '-m', kinds[sys.argv[1]]])\n"
    found = product({"serve.py": start, "lib/__init__.py": "", "lib/fit_b.py": LOAD, "lib/fit_a.py": ""})
    assert at(found, "transformers.*.from_pretrained")["reached"] == "import"


def test_code_that_is_swept_into_an_image_of_another_service_does_not_make_it_sagemakers() -> None:
    web = 'FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\nEXPOSE {}\nCMD ["python", "web.py"]\n'
    files = {"web.py": "print(1)\n", "code/inference.py": "def model_fn(model_dir):\n    return model_dir\n"}
    files["tools/fetch.py"] = LOAD
    assert at(product(files, dockerfile=web.format(7860)), "transformers.*.from_pretrained")["scope"] == "unknown"
    assert at(product(files, dockerfile=web.format(8080)), "transformers.*.from_pretrained")["scope"] == "container"


COMMANDS = (
    "import typer\nfrom transformers import AutoModel\n\napp = typer.Typer()\n\n\n"
    "@app.command()\ndef {}():\n    AutoModel.from_pretrained('acme/net')\n\n\n"
    "@app.command()\ndef push_all():\n    print(1)\n\n\nif __name__ == '__main__':\n    app()\n"
)


@pytest.mark.parametrize(
    ("line", "name", "reached"),
    [
        ('subprocess.run([sys.executable, "cli.py", "fit", "--epochs", "3"])', "fit", "start"),
        ('subprocess.run([sys.executable, "-m", "cli", "fit-all"])', "fit_all", "start"),
        ('os.system("python cli.py fit")', "fit", "start"),
        ('subprocess.run([sys.executable, "cli.py", "push-all"])', "fit", "no"),
        ('subprocess.run([sys.executable, "cli.py", *sys.argv[1:]])', "train", "start"),
    ],
)
def test_the_command_of_a_program_that_is_named_runs(line: str, name: str, reached: str) -> None:
    entry = f"import os, subprocess, sys\n{line}\n"
    files = {"launch.py": LAUNCH, "src/entry.py": entry, "src/cli.py": COMMANDS.format(name)}
    assert at(product(files, dockerfile=""), "transformers.*.from_pretrained")["reached"] == reached


@pytest.mark.parametrize(("name", "reached"), [("train", "start"), ("fit", "no")])
def test_sagemaker_names_a_command_of_the_program_of_an_image(name: str, reached: str) -> None:
    image = 'FROM python:3.12-slim\nCOPY cli.py /opt/program/\nENTRYPOINT ["python", "/opt/program/cli.py"]\n'
    found = product({"cli.py": COMMANDS.format(name)}, dockerfile=image)
    assert at(found, "transformers.*.from_pretrained")["reached"] == reached


def test_the_only_command_of_a_program_runs_without_its_name() -> None:
    code = COMMANDS.format("fit").replace("@app.command()\ndef push_all", "def push_all")
    files = {"launch.py": LAUNCH.replace("entry.py", "cli.py"), "src/cli.py": code}
    assert at(product(files, dockerfile=""), "transformers.*.from_pretrained")["reached"] == "start"
