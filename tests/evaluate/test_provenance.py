"""Where a package's model and image come from: training with somebody else's algorithm, followed to the request."""

from __future__ import annotations

import pytest

from linter.engine import check_texts
from tests.evaluate.conftest import facts, line_of, notebook, sent

OWN = "123456789012.dkr.ecr.us-east-2.amazonaws.com/forecaster:1.0"
KMEANS = "382416733822.dkr.ecr.us-east-1.amazonaws.com/kmeans:1"
XGBOOST = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
SOLD = "arn:aws:sagemaker:us-east-1:865070037744:algorithm/vendor-algo"
HEAD = """import boto3, os, sagemaker
from sagemaker import image_uris, model_uris
from sagemaker.estimator import Estimator
from sagemaker.jumpstart.estimator import JumpStartEstimator
client = boto3.client("sagemaker")
"""
REGISTER = "model.register(['text/csv'], ['text/csv'], model_package_name='a', marketplace_cert=True)\n"
PACKAGE = """client.create_model_package(ModelPackageName="a", CertifyForMarketplace=True, InferenceSpecification={
    "Containers": [{"Image": image, "ModelDataUrl": data}]})
"""


def origins(program: str) -> list[tuple[str, str, str]]:
    """What is said about the parts of the packages that a program sends: model data, image, algorithm."""
    found = [fact for fact in sent(HEAD + program) if fact.kind == "manifest.origin"]
    return [(fact["model_data"], fact["image"], fact["algorithm"]) for fact in found]


REGISTERED = {
    "image that is looked up": ("model = Estimator(image_uris.retrieve('pca', 'us-east-1')).create_model()", "pca"),
    "literal image": (f"model = Estimator(image_uri='{KMEANS}', role='r').create_model()", "kmeans"),
    "built-in mode": (
        f"model = Estimator('{XGBOOST}', hyperparameters={{'max_depth': 5}}).create_model()",
        "sagemaker-xgboost",
    ),
    "class": ("model = sagemaker.PCA(role='r').create_model()", "pca"),
    "attached": ("model = sagemaker.KMeans.attach('job').create_model()", "kmeans"),
    "tuner": (
        "tuner = sagemaker.tuner.HyperparameterTuner(sagemaker.KNN(role='r'), 'm', {})\n"
        "model = tuner.best_estimator().create_model()",
        "knn",
    ),
    "on both ways": (
        f"if os.environ.get('X'):\n  e = Estimator('{KMEANS}', role='r')\n"
        f"else:\n  e = Estimator('{KMEANS}', role='s')\nmodel = e.create_model()",
        "kmeans",
    ),
    "in a class": (
        f"class Trainer:\n  def __init__(self):\n    self.estimator = Estimator('{KMEANS}')\n"
        "  def model(self):\n    return self.estimator.create_model()\nmodel = Trainer().model()",
        "kmeans",
    ),
    "attached to a job": (
        f"e = Estimator('{KMEANS}')\ne.fit('s3://a/b/', job_name='job-1')\n"
        "model = Estimator.attach('job-1').create_model()",
        "kmeans",
    ),
}


@pytest.mark.parametrize(("way", "algorithm"), REGISTERED.values(), ids=REGISTERED)
def test_a_model_of_a_built_in_algorithm_is_known_when_it_is_registered(way: str, algorithm: str) -> None:
    assert origins(f"{way}\n{REGISTER}") == [("builtin_algorithm", "builtin_algorithm", algorithm)]


SILENT = {
    "image of the seller": f"model = Estimator('{OWN}').create_model()",
    "image that only a run tells": "model = Estimator(os.environ['IMAGE']).create_model()",
    "framework with a script": "model = sagemaker.pytorch.PyTorch('train.py', role='r').create_model()",
    "framework image": "model = Estimator(image_uris.retrieve('pytorch', 'us-east-1')).create_model()",
    "script in the image": f"model = Estimator('{XGBOOST}', entry_point='train.py').create_model()",
    "script by its settings": f"model = Estimator('{XGBOOST}', hyperparameters={{'sagemaker_program': 'a'}}).create_model()",
    "settings that only a run tells": f"model = Estimator('{XGBOOST}', hyperparameters=settings()).create_model()",
    "arguments that only a run tells": f"model = Estimator('{XGBOOST}', **settings()).create_model()",
    "script class": "model = sagemaker.xgboost.XGBoost('train.py', role='r').create_model()",
    "either": f"e = Estimator('{KMEANS}') if os.environ.get('X') else Estimator('{OWN}')\nmodel = e.create_model()",
    "own algorithm": "model = sagemaker.AlgorithmEstimator('arn:aws:sagemaker:us-east-1:123456789012:algorithm/a').create_model()",
    "class of the seller": f"class Estimator:\n  def __init__(self, image):\n    pass\nmodel = Estimator('{KMEANS}')",
    "hub of the seller": "model = JumpStartEstimator(model_id='m', hub_name='ours').create_model()",
}


@pytest.mark.parametrize("way", SILENT.values(), ids=SILENT)
def test_what_is_the_sellers_own_or_not_known_is_not_told(way: str) -> None:
    assert origins(f"{way}\n{REGISTER}") == []


def test_an_image_of_the_seller_may_take_the_model() -> None:
    program = f"data = Estimator('{KMEANS}').model_data\nimage = '{OWN}'\n{PACKAGE}"
    assert origins(program) == [("builtin_algorithm", "unknown", "kmeans")]
    assert not check_texts({"publish.py": HEAD + program}, frozenset(), {"select": ["PRV"]})
    program = f"model = Estimator('{KMEANS}').create_model(image_uri='{OWN}')\n{REGISTER}"
    assert origins(program) == []
    program = f"model = Estimator('{KMEANS}').create_model()\n{REGISTER}".replace(
        "cert=True)", "cert=True, **settings())"
    )
    assert origins(program) == []


JOB = "client.create_training_job(TrainingJobName=job, AlgorithmSpecification={spec})\n"
DESCRIBED = {
    "known name": ("job = 'a-1'\n", "client.describe_training_job(TrainingJobName='a-1')"),
    "name of a run": ("job = f'a-{os.getpid()}'\n", "client.describe_training_job(TrainingJobName=job)"),
    "method": ("job = 'a-1'\n", "boto3.Session().client('sagemaker').describe_training_job(TrainingJobName=job)"),
}


@pytest.mark.parametrize(("name", "described"), DESCRIBED.values(), ids=DESCRIBED)
def test_a_job_is_known_by_its_name(name: str, described: str) -> None:
    taken = f"found = {described}\nimage = '{OWN}'\ndata = found['ModelArtifacts']['S3ModelArtifacts']\n{PACKAGE}"
    started = name + JOB.format(spec={"AlgorithmName": SOLD})
    assert origins(started + taken) == [("marketplace_algorithm", "unknown", "vendor-algo")]
    again = JOB.format(spec={"TrainingImage": OWN})
    assert origins(started + again + taken) == []
    assert origins(name + again + taken) == []
    assert origins(name + JOB.format(spec={"AlgorithmName": SOLD}).replace("=job", "='other'") + taken) == []


def test_of_a_program_that_starts_very_many_jobs_none_is_told_from_the_others() -> None:
    taken = f"data = client.describe_training_job(TrainingJobName='j0')['ModelArtifacts']\nimage = '{OWN}'\n{PACKAGE}"
    started = [JOB.format(spec={"AlgorithmName": SOLD}).replace("=job", f"='j{number}'") for number in range(300)]
    assert origins("".join(started[:5]) + taken) == [("marketplace_algorithm", "unknown", "vendor-algo")]
    assert origins("".join(started) + taken) == []


TEXTS = {
    "f-string": "data = f'{e.model_data}'",
    "plus": "data = e.model_data + ''",
    "format": "data = '{}'.format(e.model_data)",
    "container": "data = {'urls': [e.model_data]}['urls'][0]",
    "function": "def url(of):\n  return of.model_data\ndata = url(e)",
    "get": "data = client.describe_training_job(TrainingJobName=e.latest_training_job.name).get('ModelArtifacts')",
}


@pytest.mark.parametrize("way", TEXTS.values(), ids=TEXTS)
def test_the_mark_stays_on_what_is_made_of_a_value(way: str) -> None:
    program = f"e = sagemaker.PCA(role='r')\n{way}\nimage = '{OWN}'\n{PACKAGE}"
    assert origins(program) == [("builtin_algorithm", "unknown", "pca")]


def test_what_is_named_after_a_model_is_not_that_model() -> None:
    assert (
        origins(
            f"e = JumpStartEstimator(model_id='m')\ndata = f's3://own/{{e.name}}/a.tar.gz'\nimage = '{OWN}'\n{PACKAGE}"
        )
        == []
    )
    job = "e = sagemaker.PCA(role='r')\njob = e.latest_training_job.name\n"
    image = f"image = f'{OWN.partition(':')[0]}:{{job}}'\ndata = f's3://own/{{job}}/output/model.tar.gz'\n"
    assert origins(job + image + PACKAGE) == [("builtin_algorithm", "unknown", "pca")]


def test_where_the_output_lies_says_nothing_about_the_model() -> None:
    assert (
        origins(f"e = sagemaker.PCA(role='r')\ndata = e.output_path + '/own.tar.gz'\nimage = '{OWN}'\n{PACKAGE}") == []
    )


def test_a_model_of_a_hub_is_known() -> None:
    program = f"data = model_uris.retrieve(model_id='falcon', model_scope='inference')\nimage = '{OWN}'\n{PACKAGE}"
    assert origins(program) == [("hub", "unknown", "falcon")]
    program = f"model = JumpStartEstimator(model_id='falcon').create_model()\n{REGISTER}"
    assert origins(program) == [("hub", "hub", "falcon")]
    tuned = "e = Estimator(image(), model_uri=model_uris.retrieve(model_id='falcon'), entry_point='transfer.py')\n"
    assert origins(f"{tuned}model = e.create_model()\n{REGISTER}") == [("hub", "hub", "falcon")]


def test_the_finding_stands_at_the_request_and_shows_the_training() -> None:
    text = notebook(
        "from sagemaker.estimator import Estimator\n",
        f"estimator = Estimator(\n    '{KMEANS}', role='r')\nestimator.fit('s3://a/b/')\n",
        f"model = estimator.create_model()\n{REGISTER}",
    )
    (found,) = check_texts({"publish.ipynb": text}, frozenset(), {"select": ["PRV"]})
    assert (found.name, found.location.line) == ("training-of-builtin-published", line_of(text, "model.register"))
    assert [(step.location.line, step.text) for step in found.trace] == [
        (line_of(text, "estimator = Estimator("), "this trains with a built-in algorithm: `kmeans`")
    ]


def test_training_in_another_module_is_followed() -> None:
    files = {
        "train.py": f"from sagemaker.estimator import Estimator\ndef train():\n    return Estimator('{KMEANS}', role='r')\n",
        "publish.py": f"from train import train\nmodel = train().create_model()\n{REGISTER}",
    }
    (fact,) = facts(files, "manifest.origin")
    assert (fact.location.path, fact.trace[0].location.path) == ("publish.py", "train.py")


def test_packages_of_the_private_registry_are_marked_as_such() -> None:
    program = f"model = Estimator('{KMEANS}').create_model()\n"
    program += "model.register(['text/csv'], ['text/csv'], model_package_group_name='a')\n"
    (fact,) = facts({"publish.py": HEAD + program}, "manifest.origin")
    assert fact["marketplace"] == "no"
    assert not check_texts({"publish.py": HEAD + program}, frozenset(), {"select": ["PRV"]})


TABLES = {
    "images": (
        "IMAGES = {'us-east-1': '382416733822.dkr.ecr.us-east-1.amazonaws.com/kmeans:1',\n"
        "  'us-west-2': '174872318107.dkr.ecr.us-west-2.amazonaws.com/kmeans:1'}\n"
        "model = Estimator(IMAGES[os.environ['R']]).create_model()",
        [("builtin_algorithm", "builtin_algorithm", "kmeans")],
    ),
    "accounts": (
        "ACCOUNTS = {'us-east-1': '382416733822', 'us-west-2': '174872318107'}\nr = os.environ['R']\n"
        "model = Estimator(f'{ACCOUNTS[r]}.dkr.ecr.{r}.amazonaws.com/kmeans:1').create_model()",
        [("builtin_algorithm", "builtin_algorithm", "kmeans")],
    ),
    "algorithms": (
        f"A = {{'us-east-1': '{SOLD}', 'us-east-2': 'arn:aws:sagemaker:us-east-2:057799348421:algorithm/vendor-algo'}}\n"
        "model = sagemaker.AlgorithmEstimator(A[os.environ['R']]).create_model()",
        [("marketplace_algorithm", "marketplace_algorithm", "vendor-algo")],
    ),
    "one row is the seller's": (
        f"IMAGES = {{'us-east-1': '{KMEANS}', 'us-west-2': '{OWN}'}}\n"
        "model = Estimator(IMAGES[os.environ['R']]).create_model()",
        [],
    ),
    "rows differ": (
        "IMAGES = {'us-east-1': '382416733822.dkr.ecr.us-east-1.amazonaws.com/kmeans:1',\n"
        "  'us-west-2': '174872318107.dkr.ecr.us-west-2.amazonaws.com/pca:1'}\n"
        "model = Estimator(IMAGES[os.environ['R']]).create_model()",
        [],
    ),
    "rows may be missing": (
        f"IMAGES = {{'us-east-1': '{KMEANS}', 'us-west-2': '{KMEANS}', **os.environ}}\n"
        "model = Estimator(IMAGES[os.environ['R']]).create_model()",
        [],
    ),
}


@pytest.mark.parametrize(("code", "expected"), TABLES.values(), ids=TABLES)
def test_tables_whose_rows_say_the_same(code, expected):
    assert origins(f"{code}\n{REGISTER}") == expected


PIPELINES = {
    "one of its models": ("[Estimator(own).create_model(), sagemaker.KMeans().create_model()]", ["kmeans"]),
    "by name": ("models=[sagemaker.KMeans().create_model()]", ["kmeans"]),
    "the seller's": ("[Estimator(own).create_model()]", []),
    "with an image of the seller": ("[sagemaker.KMeans().create_model(image_uri=own)]", []),
}


@pytest.mark.parametrize(("models", "algorithms"), PIPELINES.values(), ids=PIPELINES)
def test_models_of_a_pipeline_of_containers(models, algorithms):
    code = f"own = '{OWN}'\nmodel = sagemaker.pipeline.PipelineModel({models})\n{REGISTER}"
    assert [algorithm for _, _, algorithm in origins(code)] == algorithms


HUBS = {"SageMakerPublicHub": [("hub", "unknown", "m")], "acme-hub": []}


@pytest.mark.parametrize(("hub", "expected"), HUBS.items())
def test_documents_of_hub_content(hub, expected):
    code = f"""import json
content = client.describe_hub_content(HubName="{hub}", HubContentType="Model", HubContentName="m")
document = json.loads(content["HubContentDocument"])
image, data = "{OWN}", document["HostingArtifactUri"]
"""
    assert origins(code + PACKAGE) == expected


START = f"""import boto3
boto3.client("sagemaker").create_training_job(TrainingJobName="job-1", AlgorithmSpecification={{"AlgorithmName": "{SOLD}"}},
    OutputDataConfig={{"S3OutputPath": "s3://acme-models/out/"}})
"""
FIT = f"""import sagemaker
estimator = sagemaker.AlgorithmEstimator("{SOLD}", output_path="s3://acme-models/out")
estimator.fit("s3://a/b/", job_name="job-1")
"""
DESCRIBED = """job = client.describe_training_job(TrainingJobName="job-1")
image, data = "OWN", job["ModelArtifacts"]["S3ModelArtifacts"]
"""
LITERAL = 'image, data = "OWN", "s3://acme-models/out/job-1/output/model.tar.gz"\n'
ELSEWHERE = 'image, data = "OWN", "s3://acme-models/out/job-2/output/model.tar.gz"\n'
SOLD_MODEL = [("marketplace_algorithm", "unknown", "vendor-algo")]


@pytest.mark.parametrize("train", [START, FIT])
@pytest.mark.parametrize("path", ["train.py", "zz/train.py"])
@pytest.mark.parametrize(
    ("take", "expected"),
    [(DESCRIBED, SOLD_MODEL), (LITERAL, SOLD_MODEL), (ELSEWHERE, [])],
    ids=["job", "place", "other"],
)
def test_training_in_another_program(train, path, take, expected):
    files = {path: train, "publish.py": HEAD + take.replace("OWN", OWN) + PACKAGE}
    found = [fact for fact in facts(files) if fact.kind == "manifest.origin"]
    assert [(fact["model_data"], fact["image"], fact["algorithm"]) for fact in found] == expected
    assert all(fact.trace[0].location.path == path for fact in found)


def test_jobs_of_one_name_that_differ_tell_nothing():
    files = {
        "a.py": START,
        "b.py": START.replace(SOLD, "arn:aws:sagemaker:us-east-1:123456789012:algorithm/own"),
        "publish.py": HEAD + DESCRIBED.replace("OWN", OWN) + PACKAGE,
    }
    assert not [fact for fact in facts(files) if fact.kind == "manifest.origin"]
