"""Programs that publishing code names by its options, its callers, or the settings of another file."""

from __future__ import annotations

import pytest

from tests.assemble.python.products import at, product

TRAIN = 'from transformers import AutoModel\nAutoModel.from_pretrained("bert-base-uncased")\n'
FIT = "import os\nfrom sagemaker.pytorch import PyTorch\n"
SETTINGS = """import os

class Settings:
    PROGRAM = "train.py"
    FOLDER = "src"

settings = Settings()
PLACE = os.path.join(os.path.dirname(__file__), "src", "train.py")
"""


@pytest.mark.parametrize(
    "publish",
    [
        "from settings import settings\nPyTorch(entry_point=settings.PROGRAM, source_dir=settings.FOLDER)",
        "from settings import settings\nPyTorch(entry_point=settings.PROGRAM, source_dir=f())",
        "from settings import PLACE\nPyTorch(entry_point=PLACE)",
        "import settings\nconfig = settings.Settings()\nPyTorch(entry_point=config.PROGRAM, source_dir='src')",
        "def fit(name):\n    PyTorch(entry_point=name, source_dir='src')\nfit('train.py')",
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--program', default='train.py')\n"
        "PyTorch(entry_point=p.parse_args().program, source_dir='src')",
        "PyTorch(entry_point=os.environ.get('PROGRAM', 'train.py'), source_dir='src')",
        "PyTorch(entry_point='/home/ec2-user/SageMaker/product/src/train.py')",
        "PyTorch(entry_point='/home/ec2-user/SageMaker/src/train.py', source_dir='/home/ec2-user/SageMaker/src')",
    ],
    ids=["settings", "its folder unknown", "constant", "instance", "caller", "option", "variable", "absolute", "both"],
)
def test_the_program_is_run(publish: str) -> None:
    files = {"publish.py": f"{FIT}{publish}\n", "settings.py": SETTINGS, "src/train.py": TRAIN}
    fact = at(product(files, dockerfile=""), "transformers.*.from_pretrained")
    assert (fact["reached"], fact["reached_from"], fact.trace[0].text) == ("import", "train", "SageMaker runs train.py")


@pytest.mark.parametrize(
    "publish",
    ["PyTorch(entry_point=f())", "from settings import other\nPyTorch(entry_point=other)", "PyTorch(entry_point=None)"],
)
def test_a_program_that_nothing_names_is_not_run(publish: str) -> None:
    files = {"publish.py": f"{FIT}{publish}\n", "settings.py": SETTINGS, "src/train.py": TRAIN}
    assert at(product(files, dockerfile=""), "transformers.*.from_pretrained")["reached"] != "import"


def test_what_is_given_to_a_program_that_settings_name() -> None:
    train = (
        "import argparse\nfrom transformers import AutoModel\np = argparse.ArgumentParser()\n"
        "p.add_argument('--model', default='/opt/ml/input/data/model')\n"
        "AutoModel.from_pretrained(p.parse_args().model)\n"
    )
    given = "PyTorch(entry_point=settings.PROGRAM, source_dir='src', hyperparameters={'model': 'acme/net'})"
    files = {"publish.py": f"{FIT}from settings import settings\n{given}\n", "settings.py": SETTINGS}
    fact = at(product({**files, "src/train.py": train}, dockerfile=""), "transformers.*.from_pretrained")
    assert (fact["destination"], fact["target"]) == ("hub", "acme/net")


def test_a_program_that_prepares_data_and_is_uploaded_with_another_is_taken_along() -> None:
    publish = "PyTorch(entry_point='train.py', source_dir='src')\nprocessor.run(code='src/prepare.py')\n"
    head = f"{FIT}from sagemaker.processing import ScriptProcessor\nprocessor = ScriptProcessor()\n"
    files = {"publish/publish.py": head + publish, "src/prepare.py": TRAIN, "src/train.py": ""}
    fact = at(product(files, dockerfile=""), "transformers.*.from_pretrained")
    assert (fact["reached"], fact["carried_by"]) == ("no", "source_dir_of_seller")


@pytest.mark.parametrize(
    ("folder", "carried_by"),
    [
        ('"src"', "source_dir"),
        ('os.path.join(os.path.dirname(os.path.abspath(__file__)), "src")', "source_dir"),
        ('"/opt/ml/code" if os.path.exists("/opt/ml") else "src"', "source_dir"),
        ("f()", "none"),
    ],
)
def test_the_folder_that_another_file_names(folder: str, carried_by: str) -> None:
    publish = (
        "from settings import CODE\nPyTorch(entry_point='train.py', source_dir=CODE, hyperparameters={'a': 'b'})\n"
    )
    files = {"publish.py": FIT + publish, "settings.py": f"import os\nCODE = {folder}\n", "src/train.py": ""}
    fact = at(product({**files, "src/other.py": TRAIN}, dockerfile=""), "transformers.*.from_pretrained")
    assert fact["carried_by"] == carried_by
