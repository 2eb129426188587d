"""Images and Regions that objects of the SDK hold until a request names them."""

from __future__ import annotations

import pytest

from tests.evaluate.conftest import facts, line_of, sent

OWN = "482719305566.dkr.ecr.us-east-2.amazonaws.com/forecaster:1.0"
HEAD = """import boto3, sagemaker
from sagemaker.estimator import Estimator
from sagemaker.model import Model
from sagemaker.pipeline import PipelineModel
from sagemaker.pytorch import PyTorch, PyTorchModel
sm = boto3.client("sagemaker")
"""
SEND = """sm.create_model_package(ModelPackageName="a", CertifyForMarketplace=True,
    InferenceSpecification={"Containers": [{"Image": image, "ModelDataUrl": "s3://models/a.tar.gz"}]})
"""
REGISTER = '.register(["text/csv"], ["text/csv"], model_package_name="a", marketplace_cert=True)\n'

NAMED = {
    "of a model": f'image = Model(image_uri="{OWN}").image_uri',
    "of an estimator": f'image = Estimator("{OWN}", "role", 1, "ml.m5.xlarge").image_uri',
    "older name": f'image = Estimator(image_name="{OWN}", role="r").image_name',
    "of its training": f'image = Estimator(image_uri="{OWN}", role="r").training_image_uri()',
    "of a framework": f'image = PyTorchModel(image_uri="{OWN}", entry_point="a.py").serving_image_uri("r", "t")',
    "described": f'sm.create_model(ModelName="m", PrimaryContainer={{"Image": "{OWN}"}})\n'
    'image = sm.describe_model(ModelName="m")["PrimaryContainer"]["Image"]',
    "of a described job": f'sm.create_training_job(TrainingJobName="m", AlgorithmSpecification={{"TrainingImage": "{OWN}"}})\n'
    'image = sm.describe_training_job(TrainingJobName="m")["AlgorithmSpecification"]["TrainingImage"]',
    "container": f'image = sagemaker.container_def("{OWN}", "s3://models/a.tar.gz")["Image"]',
    "container of a model": f'image = Model(image_uri="{OWN}").prepare_container_def("ml.m5.xlarge")["Image"]',
}
REGISTERED = {
    "model": f'Model(image_uri="{OWN}")',
    "estimator": f'Estimator(image_uri="{OWN}", role="r")',
    "model of an estimator": f'Estimator(image_uri="{OWN}", role="r").create_model()',
    "other image of its model": f'Estimator(image_uri="other", role="r").create_model(image_uri="{OWN}")',
    "framework with an image": f'PyTorch(image_uri="{OWN}", entry_point="a.py")',
}
NOT_KNOWN = {
    "two models of one name": f'sm.create_model(ModelName="m", PrimaryContainer={{"Image": "{OWN}"}})\n'
    f'sm.create_model(ModelName="m", PrimaryContainer={{"Image": "other"}})\n'
    'image = sm.describe_model(ModelName="m")["PrimaryContainer"]["Image"]',
    "another model": f'sm.create_model(ModelName="m", PrimaryContainer={{"Image": "{OWN}"}})\n'
    'image = sm.describe_model(ModelName="n")["PrimaryContainer"]["Image"]',
    "spread arguments": "image = PyTorchModel(**given()).serving_image_uri()",
    "other library": f'import shop\nimage = shop.Model(image_uri="{OWN}").image_uri',
    "set when it is hosted": 'image = PyTorchModel(entry_point="a.py").image_uri',
}


def images(program: str) -> list[str]:
    """The images that requests of a program name."""
    return [fact["text"] for fact in sent(HEAD + program) if fact.kind == "image.reference"]


@pytest.mark.parametrize("way", NAMED.values(), ids=NAMED)
def test_an_image_is_known_that_an_object_was_given(way: str) -> None:

    assert images(f"{way}\n{SEND}") == [OWN]


@pytest.mark.parametrize("way", REGISTERED.values(), ids=REGISTERED)
def test_a_registered_model_names_its_image(way: str) -> None:
    assert images(f"model = {way}\nmodel{REGISTER}") == [OWN]


@pytest.mark.parametrize("way", NOT_KNOWN.values(), ids=NOT_KNOWN)
def test_no_image_is_guessed(way: str) -> None:
    assert OWN not in images(f"{way}\n{SEND}")
    assert not any("763104351884" in image for image in images(f"{way}\n{SEND}"))


def test_a_model_of_a_framework_runs_the_image_of_aws() -> None:
    for model in ("PyTorchModel(entry_point='a.py', framework_version='2.3')", "PyTorch(entry_point='a.py')"):
        found = sent(f"{HEAD}model = {model}\nmodel{REGISTER}")
        (image,) = [fact for fact in found if fact.kind == "image.reference"]
        assert (image["owner"], image["marketplace"]) == ("aws", "yes")
        assert image.location.line == HEAD.count("\n") + 1


def test_a_pipeline_of_models_has_a_container_for_each() -> None:
    models = f'[Model(image_uri="{OWN}", model_data="s3://models/a.tar.gz"), Model(image_uri="docker.io/acme/b:1")]'
    found = sent(f"{HEAD}model = PipelineModel(models={models})\nmodel{REGISTER}")
    assert [fact["text"] for fact in found if fact.kind == "image.reference"] == [OWN, "docker.io/acme/b:1"]
    assert [fact["text"] for fact in found if fact.kind == "s3.uri"] == ["s3://models/a.tar.gz"]


TOLD = {
    "session of a model": 'boto = boto3.Session(region_name="eu-west-1")\n'
    f'session = sagemaker.Session(boto_session=boto)\nmodel = Model(image_uri="{OWN}", sagemaker_session=session)\n'
    f"model{REGISTER}",
    "second argument": f'sm = boto3.client("sagemaker", "eu-west-1")\nimage = "{OWN}"\n{SEND}',
    "function": f'def client(region):\n    return boto3.client("sagemaker", region_name=region)\n'
    f'sm = client("eu-west-1")\nimage = "{OWN}"\n{SEND}',
}


@pytest.mark.parametrize("way", TOLD.values(), ids=TOLD)
def test_the_region_that_a_client_was_told_is_followed(way: str) -> None:
    (told,) = [fact for fact in facts({"publish.py": HEAD + way}, "region.use") if fact["asset"] == "client"]
    assert (told["code"], told["agrees"], told["publishing_region"]) == ("eu-west-1", "no", "us-east-2")
    assert told.location.line == line_of(HEAD + way, '"eu-west-1"')


def test_a_region_is_told_once() -> None:
    way = f'sm = boto3.client("sagemaker", region_name="eu-west-1")\nimage = "{OWN}"\n{SEND}'
    assert len([fact for fact in facts({"publish.py": HEAD + way}, "region.use") if fact["asset"] == "client"]) == 1


def test_each_round_of_a_loop_over_regions_agrees_with_itself() -> None:
    way = 'for region in ("us-east-1", "eu-west-1"):\n    sm = boto3.client("sagemaker", region_name=region)\n'
    way += '    image = f"482719305566.dkr.ecr.{region}.amazonaws.com/forecaster:1.0"\n    '
    way += SEND.replace("\n", "\n    ")
    told = [fact for fact in facts({"publish.py": HEAD + way}, "region.use") if fact["asset"] == "client"]
    assert [(fact["code"], fact["agrees"]) for fact in told] == [("us-east-1", "yes"), ("eu-west-1", "yes")]
