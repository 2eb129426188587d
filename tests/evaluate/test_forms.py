"""The ways in which sellers put a request together: what it says, and where."""

from __future__ import annotations

import pytest

from tests.evaluate.conftest import facts, line_of, notebook, sent

IMAGE = "123456789012.dkr.ecr.us-east-2.amazonaws.com/forecaster:1.0"
HEAD = "import boto3, json, os, copy\nfrom pathlib import Path\n"
CALL = '\nboto3.client("sagemaker").create_model_package(**spec)\n'

# Each puts the image into `spec`; `#here` is in the line where it is written.
WAYS = {
    "literal": f'spec = {{"InferenceSpecification": {{"Containers": [\n  {{"Image": "{IMAGE}"}}]}}}}  #here',
    "dict call": f'spec = dict(InferenceSpecification=dict(Containers=[dict(\n  Image="{IMAGE}")]))  #here',
    "variable": f'image = "{IMAGE}"  #here\nspec = {{"InferenceSpecification": {{"Containers": [{{"Image": image}}]}}}}',
    "item": f'spec = {{"InferenceSpecification": {{"Containers": [{{}}]}}}}\n'
    f'spec["InferenceSpecification"]["Containers"][0]["Image"] = "{IMAGE}"  #here',
    "update": f'spec = {{}}\nspec.update({{"InferenceSpecification": {{"Containers": [\n{{"Image": "{IMAGE}"}}]}}}})  #here',
    "update by name": f'spec = {{}}\nspec.update(InferenceSpecification={{"Containers": [{{"Image": "{IMAGE}"}}]}})  #here',
    "union": f'spec = {{"ModelPackageName": "a"}} | {{"InferenceSpecification": {{"Containers": [{{"Image": "{IMAGE}"}}]}}}}  #here',
    "union in place": f'spec = {{}}\nspec |= {{"InferenceSpecification": {{"Containers": [{{"Image": "{IMAGE}"}}]}}}}  #here',
    "spread": f'a = {{"InferenceSpecification": {{"Containers": [{{"Image": "{IMAGE}"}}]}}}}  #here\nspec = {{**a, "ModelPackageName": "a"}}',
    "append": f'c = []\nc.append({{"Image": "{IMAGE}"}})  #here\nspec = {{"InferenceSpecification": {{"Containers": c}}}}',
    "extend": f'c = []\nc.extend([{{"Image": "{IMAGE}"}}])  #here\nspec = {{"InferenceSpecification": {{"Containers": c}}}}',
    "comprehension": f'names = ["{IMAGE}"]  #here\nspec = {{"InferenceSpecification": {{"Containers": [{{"Image": n}} for n in names]}}}}',
    "dict comprehension": f'p = [("Image", "{IMAGE}")]  #here\nspec = {{"InferenceSpecification": {{"Containers": [{{k: v for k, v in p}}]}}}}',
    "f-string": f'r = "{IMAGE.partition("/")[0]}"\nspec = {{"InferenceSpecification": {{"Containers": [{{\n"Image": f"{{r}}/forecaster:1.0"}}]}}}}  #here',
    "format": f'spec = {{"InferenceSpecification": {{"Containers": [{{\n"Image": "{{}}/{{name}}:1.0".format("{IMAGE.partition("/")[0]}", name="forecaster")}}]}}}}  #here',
    "percent": f'spec = {{"InferenceSpecification": {{"Containers": [{{\n"Image": "%s/forecaster:%.1f" % ("{IMAGE.partition("/")[0]}", 1)}}]}}}}  #here',
    "plus": f'spec = {{"InferenceSpecification": {{"Containers": [{{\n"Image": "{IMAGE.partition("/")[0]}" + "/forecaster" + ":1.0"}}]}}}}  #here',
    "join": f'spec = {{"InferenceSpecification": {{"Containers": [{{\n"Image": "/".join(["{IMAGE.partition("/")[0]}", "forecaster:1.0"])}}]}}}}  #here',
    "json": f"""spec = json.loads('''
{{"InferenceSpecification": {{"Containers": [
  {{"Image": "{IMAGE}"}}]}}}}''')  #here""",
    "template": f"""t = '''{{"InferenceSpecification": {{"Containers": [{{"Image": "IMAGE"}}]}}}}'''
spec = json.loads(t.replace("IMAGE", "{IMAGE}"))  #here""",
    "function": f'def build(image, gpu=False):\n  return {{"InferenceSpecification": {{"Containers": [{{"Image": image}}]}}}}\n'
    f'spec = build("{IMAGE}")  #here',
    "default": f'def build(image="{IMAGE}"):  #here\n  return {{"InferenceSpecification": {{"Containers": [{{"Image": image}}]}}}}\nspec = build()',
    "keywords": f'def build(**given):\n  return {{"InferenceSpecification": {{"Containers": [given]}}}}\nspec = build(Image="{IMAGE}")  #here',
    "class": f"""class Spec:
  def __init__(self, image):
    self.image = image
  @property
  def container(self):
    return {{"Image": self.image}}
  def build(self):
    return {{"InferenceSpecification": {{"Containers": [self.container]}}}}
spec = Spec("{IMAGE}").build()  #here""",
    "inherited": f"""class Base:
  def build(self):
    return {{"InferenceSpecification": {{"Containers": [{{"Image": self.image}}]}}}}
class Spec(Base):
  def __init__(self):
    super().__init__()
    self.image = "{IMAGE}"  #here
spec = Spec().build()""",
    "attributes": f"""class Container:
  def __init__(self, image):
    self.Image = image
spec = {{"InferenceSpecification": {{"Containers": [c.__dict__ for c in [Container("{IMAGE}")]]}}}}  #here""",
    "data class": f"""from dataclasses import dataclass, asdict
@dataclass
class Container:
  Image: str
spec = {{"InferenceSpecification": {{"Containers": [asdict(Container("{IMAGE}"))]}}}}  #here""",
    "branch known": f'gpu = True\nif gpu:\n  i = "{IMAGE}"  #here\nelse:\n  i = "x"\nspec = {{"InferenceSpecification": {{"Containers": [{{"Image": i}}]}}}}',
    "branches equal": f'spec = {{"InferenceSpecification": {{"Containers": [{{"Image": "{IMAGE}"}}]}}}}  #here\n'
    'if os.environ.get("X"):\n  spec["ModelPackageName"] = "a"\nelse:\n  spec["ModelPackageName"] = "b"',
    "dead branch": f'try:\n  i = "{IMAGE}"  #here\nexcept KeyError:\n  raise SystemExit(1)\nspec = {{"InferenceSpecification": {{"Containers": [{{"Image": i}}]}}}}',
    "loop": f'spec = {{"InferenceSpecification": {{"Containers": []}}}}\nfor i in ("{IMAGE}",):  #here\n'
    '  spec["InferenceSpecification"]["Containers"].append({"Image": i})',
    "deep copy": f'base = {{"InferenceSpecification": {{"Containers": [{{"Image": "{IMAGE}"}}]}}}}  #here\n'
    'spec = copy.deepcopy(base)\nbase["InferenceSpecification"]["Containers"][0]["Image"] = "other"',
    "round trip": f'spec = json.loads(json.dumps({{"InferenceSpecification": {{"Containers": [{{"Image": "{IMAGE}"}}]}}}}))  #here',
    "unpacking": f'name, (image, *rest) = "a", ["{IMAGE}", 1, 2]  #here\nspec = {{"InferenceSpecification": {{"Containers": [{{"Image": image}}]}}}}',
    "slice": f'all = ["x", "{IMAGE}", "y"]  #here\nspec = {{"InferenceSpecification": {{"Containers": [{{"Image": i}} for i in all[1:2]]}}}}',
    "conditional": f'spec = {{"InferenceSpecification": {{"Containers": [{{"Image": "{IMAGE}" if 1 < 2 else "x"}}]}}}}  #here',
    "walrus": f'if (image := "{IMAGE}"):  #here\n  spec = {{"InferenceSpecification": {{"Containers": [{{"Image": image}}]}}}}',
    "file": '#here\nwith open("spec.json") as f:\n  spec = json.load(f)',
    "path": "#here\nspec = json.loads(Path('spec.json').read_text())",
    "beside the script": "#here\nhere = os.path.dirname(os.path.abspath(__file__))\nspec = json.load(open(os.path.join(here, 'spec.json')))",
    "yaml": "#here\nimport yaml\nspec = yaml.safe_load(open('spec.yaml'))",
    "set default": f'spec = {{}}\nspec.setdefault("InferenceSpecification", {{}}).setdefault("Containers", []).append({{"Image": "{IMAGE}"}})  #here',
    "list plus": f'spec = {{"InferenceSpecification": {{"Containers": [] + [{{"Image": "{IMAGE}"}}]}}}}  #here',
    "global": f'spec = {{}}\ndef fill():\n  global spec\n  spec = {{"InferenceSpecification": {{"Containers": [{{"Image": "{IMAGE}"}}]}}}}  #here\nfill()',
    "escapes": f'spec = json.loads("{{\\"InferenceSpecification\\": {{\\"Containers\\": [{{\\"Image\\": \\"{IMAGE}\\"}}]}}}}")  #here',
    "main": f'def main():\n  global spec\n  spec = {{"InferenceSpecification": {{"Containers": [{{"Image": "{IMAGE}"}}]}}}}  #here\nif __name__ == "__main__":\n  main()',
}
DATA = {
    "spec.json": f'{{"InferenceSpecification": {{"Containers": [\n  {{"Image": "{IMAGE}"}}]}}}}',
    "spec.yaml": f"InferenceSpecification:\n  Containers:\n    - Image: {IMAGE}\n",
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_the_image_is_known_and_has_its_place(way: str) -> None:
    program = HEAD + way + CALL
    found = [fact for fact in sent({"publish.py": program, **DATA}) if fact.kind == "image.reference"]
    assert [fact["text"] for fact in found] == [IMAGE]
    place = found[0].place("text")
    if "spec.json" in way or "spec.yaml" in way:
        assert place.path in DATA
        assert place.line == line_of(DATA[place.path], "Image")
    else:
        assert (place.path, place.line) == ("publish.py", line_of(program, "#here"))


UNKNOWN_WAYS = {
    "environment": 'i = os.environ.get("IMAGE", "x")',
    "argument": 'import argparse\np = argparse.ArgumentParser()\np.add_argument("--image", default="x")\ni = p.parse_args().image',
    "branches differ": 'i = "a"\nif os.environ.get("X"):\n  i = "b"',
    "unknown loop": 'i = "a"\nfor part in boto3.client("s3").list():\n  i = part',
    "while": 'i = "a"\nwhile input():\n  i = i + "b"',
    "handler": 'try:\n  i = "a"\nexcept ValueError:\n  i = "b"',
    "early break": 'for i in ["a", "b"]:\n  if input():\n    break',
    "function of unknown": "def f(x):\n  return x\ni = f(input())",
    "returns differ": 'def f(x):\n  if x:\n    return "a"\n  return "b"\ni = f(input())',
    "key": 'd = {"a": "x"}\nd[input()] = "y"\ni = d["a"]',
    "changed by others": "from .missing import fill\nd = {'a': 'x'}\nfill(d)\ni = d['a']",
    "generator": "def f():\n  yield 'a'\ni = next(f())",
    "decorated": "import x\n@x.wrap\ndef f():\n  return 'a'\ni = f()",
    "broken template": "i = json.loads('{\"a\": ')['a']",
    "eval": "i = eval('\"a\"')",
}


@pytest.mark.parametrize("way", UNKNOWN_WAYS.values(), ids=UNKNOWN_WAYS)
def test_what_depends_on_a_run_is_unknown(way: str) -> None:
    program = f'{HEAD}{way}\nspec = {{"ModelPackageName": "a", "InferenceSpecification": {{"Containers": [{{"Image": i}}]}}}}{CALL}'
    found = sent(program)
    assert [fact["image"] for fact in found if fact.kind == "manifest.container"] == ["unknown"]
    assert [fact["name"] for fact in found if fact.kind == "manifest.model_package"] == ["a"]


def test_a_text_that_is_known_in_part_is_judged_in_part() -> None:
    program = (
        'import boto3\naccount = boto3.client("sts").get_caller_identity()["Account"]\n'
        'boto3.client("sagemaker").create_model_package(ModelPackageName="a", InferenceSpecification={"Containers": [{\n'
        '"Image": f"{account}.dkr.ecr.us-east-2.amazonaws.com/forecaster:latest"}]})\n'
    )
    (image,) = [fact for fact in sent(program) if fact.kind == "image.reference"]
    assert (image["account"], image["region"], image["tag"]) == ("unknown", "us-east-2", "latest")
    column = program.split("\n")[3].index("latest") + 1
    assert image.place("tag").span == (4, column, 4, column + 6)


def test_cells_of_a_notebook_are_one_program_and_point_into_the_file() -> None:
    text = notebook(
        f'image = "{IMAGE}"\n',
        'spec = {"ModelPackageName": "forecaster"}\n',
        '%%time\nspec["InferenceSpecification"] = {"Containers": [{"Image": image}]}\n',
        "import boto3\nsm = boto3.client('sagemaker')\nsm.create_model_package(**spec)\n",
    )
    found = sent({"publish.ipynb": text})
    (image,) = [fact for fact in found if fact.kind == "image.reference"]
    assert (image.place("text").path, image.place("text").line) == ("publish.ipynb", line_of(text, IMAGE))
    (package,) = [fact for fact in found if fact.kind == "manifest.model_package"]
    assert package.location.line == line_of(text, "sm.create_model_package")


def test_modules_of_the_product_and_files_that_a_notebook_writes_are_followed() -> None:
    helper = 'def container(image):\n    return {"Image": image, "ModelDataUrl": "s3://models/a.tar"}\n'
    cell = "import boto3\nfrom HELPER import container\nboto3.client('sagemaker').create_model_package(\n"
    cell += f"  InferenceSpecification={{'Containers': [container('{IMAGE}')]}})\n"
    (data,) = [
        fact
        for fact in sent({"a/publish.ipynb": notebook(cell.replace("HELPER", "src.helper")), "a/src/helper.py": helper})
        if fact.kind == "s3.uri"
    ]
    assert (data.place("text").path, data.place("text").line) == ("a/src/helper.py", 2)
    assert data.trace[0].location.path == "a/publish.ipynb"
    text = notebook(f"%%writefile helper.py\n{helper}", cell.replace("HELPER", "helper"))
    (data,) = [fact for fact in sent({"publish.ipynb": text}) if fact.kind == "s3.uri"]
    assert (data.place("text").path, data.place("text").line) == ("publish.ipynb", line_of(text, "s3://models"))


def test_packages_and_relative_imports_are_followed() -> None:
    files = {
        "publisher/__init__.py": "from .build import spec\n",
        "publisher/build.py": "from . import names\nfrom .names import IMAGE as image\n"
        'def spec():\n    return {"ModelPackageName": names.NAME, "InferenceSpecification": {"Containers": [{"Image": image}]}}\n',
        "publisher/names.py": f'NAME = "forecaster"\nIMAGE = "{IMAGE}"\n',
        "main.py": 'import boto3\nimport publisher\nboto3.client("sagemaker").create_model_package(**publisher.spec())\n',
    }
    found = sent(files)
    assert [fact["name"] for fact in found if fact.kind == "manifest.model_package"] == ["forecaster"]
    assert [fact.place("text").path for fact in found if fact.kind == "image.reference"] == ["publisher/names.py"]


def test_a_call_in_a_library_is_judged_with_what_its_callers_give() -> None:
    files = {
        "lib.py": "import boto3\ndef create(name, **more):\n"
        '    boto3.client("sagemaker").create_model_package(ModelPackageName=name, **more)\n',
        "publish.py": "from lib import create\ncreate('forecaster', CertifyForMarketplace=True)\n",
    }
    (package,) = [fact for fact in sent(files) if fact.kind == "manifest.model_package"]
    assert (package["name"], package["certify"], package["has_validation"]) == ("forecaster", True, "no")
    assert sent({"lib.py": files["lib.py"]}) == [
        fact
        for fact in sent({"lib.py": files["lib.py"]})
        if fact.kind not in ("manifest.model_package", "manifest.missing")
    ]


def test_parts_of_one_request_stay_with_the_file_that_sends_it() -> None:
    files = {
        "a/publish.py": "import boto3, json\nspec = json.load(open('../b/inference.json'))\n"
        "boto3.client('sagemaker').create_model_package(ModelPackageName='a', CertifyForMarketplace=True, **spec)\n",
        "b/inference.json": f'{{"InferenceSpecification": {{"Containers": [{{"Image": "{IMAGE}"}}]}}}}',
    }
    found = facts(files)
    images = [fact for fact in found if fact.kind == "image.reference"]
    assert [(fact.place("text").path, fact["marketplace"]) for fact in images] == [("b/inference.json", "yes")]


@pytest.mark.parametrize(
    "call",
    [
        'client.update_model_package(ModelPackageArn="a", ModelApprovalStatus="Approved")',
        'client.describe_model_package(ModelPackageName="a")',
        'other.create_algorithm("kmeans", capital=3)',
        'import shop\nshop.Client().create_model_package(ModelPackageName="a")',
        "import atexit\natexit.register(print)",
        'from sagemaker import ModelPackage\nModelPackage(model_package_arn="arn:aws:sagemaker:us-east-2:1:model-package/a")',
        "client.create_model_package(**given)",
    ],
)
def test_other_calls_send_no_request(call: str) -> None:
    assert sent(f"import boto3\nclient = boto3.client('sagemaker')\n{call}\n") == []


def test_the_sdk_registers_models_for_the_marketplace() -> None:
    program = f"""import sagemaker
from sagemaker.model import Model
model = Model(image_uri="{IMAGE}", model_data="s3://models/a.tar", role="x")
model.register(["text/csv"], content_types=["csv"], response_types=["text/csv"], inference_instances=["ml.m5.huge"],
    transform_instances=["ml.m5.xlarge"], model_package_name="forecaster", marketplace_cert=True)
"""
    found = sent(program)
    assert [fact["text"] for fact in found if fact.kind == "image.reference"] == [IMAGE]
    assert [fact["value"] for fact in found if fact.kind == "manifest.media_type"] == ["csv", "text/csv"]
    assert [fact["value"] for fact in found if fact.kind == "manifest.instance_type"] == ["ml.m5.huge", "ml.m5.xlarge"]
    assert "manifest.missing" not in {fact.kind for fact in found}
    (container,) = [fact for fact in found if fact.kind == "manifest.container"]
    assert (container["model_data_suffix_ok"], container["environment_count"]) == ("no", "unknown")
    (package,) = [fact for fact in found if fact.kind == "manifest.model_package"]
    assert (package["certify"], package["group"], package["has_validation"]) == (True, None, "no")
    assert package["marketplace"] == "yes"


def test_models_of_helpers_are_registered_all_the_same() -> None:
    program = """from factory import make
model = make("forecaster")
model.register(content_types=["text/csv"], response_types=["text/csv"], inference_instances=["ml.m5.huge"],
    transform_instances=["ml.m5.xlarge"], model_package_name="forecaster", marketplace_cert=True)
"""
    found = sent(program)
    assert [fact["value"] for fact in found if fact.kind == "manifest.instance_type"] == ["ml.m5.huge", "ml.m5.xlarge"]
    assert "manifest.missing" not in {fact.kind for fact in found}


def test_what_a_step_of_a_pipeline_registers_has_containers_that_are_not_seen() -> None:
    program = """from sagemaker.workflow.step_collections import RegisterModel
RegisterModel(name="r", estimator=e, model=m, content_types=["text/csv"], response_types=["text/csv"],
    inference_instances=["ml.m5.large"], transform_instances=["ml.m5.large"], model_package_group_name="g")
"""
    found = sent(program)
    assert "manifest.missing" not in {fact.kind for fact in found}
    assert [fact["container_count"] for fact in found if fact.kind == "manifest.inference"] == ["unknown"]


def test_what_the_sdk_registers_in_a_group_is_private() -> None:
    program = "from sagemaker import image_uris\nfrom sagemaker.model import Model\n"
    program += "model = Model(image_uri=image_uris.retrieve('kmeans', 'us-east-2'), role='x')\n"
    program += "model.register(['text/csv'], ['text/csv'], model_package_group_name='a', approval_status='Approved')\n"
    found = sent(program)
    assert {fact["marketplace"] for fact in found if "marketplace" in fact.fields} == {"no"}


def test_a_package_from_an_algorithm_and_a_change_set() -> None:
    program = """import boto3, sagemaker, json
sagemaker.Session().create_model_package_from_algorithm("a", "b", "arn:aws:sagemaker:us-east-2:123456789012:algorithm/x", "s3://m/a.tar")
details = {"Regions": ["us-west-9"]}
boto3.client("marketplace-catalog").start_change_set(Catalog="AWSMarketplace", ChangeSet=[
    {"ChangeType": "AddRegions", "Entity": {"Type": "MachineLearningProduct@1.0"}, "Details": json.dumps(details)}])
"""
    found = sent(program)
    assert [fact.place("code").line for fact in found if fact.kind == "region.use" and fact["asset"] == "listing"] == [
        3
    ]
    assert [fact["role"] for fact in found if fact.kind == "arn.reference"] == ["source_algorithm"]


def test_a_file_that_code_reads_is_judged_as_what_the_code_sends() -> None:
    files = {
        "inference.json": '{"InferenceSpecification": {"Containers": [{"Image": "IMAGE_REPLACE_ME"}]}}',
        "publish.py": "import boto3, json\ntext = open('inference.json').read()\n"
        f"spec = json.loads(text.replace('IMAGE_REPLACE_ME', '{IMAGE}'))\n"
        "boto3.client('sagemaker').create_model_package(ModelPackageName='a', **spec)\n",
    }
    assert [fact["text"] for fact in facts(files, "image.reference")] == [IMAGE]
    assert [fact["text"] for fact in facts(files, "manifest.placeholder") if fact["kind"] == "marker"] == []
    alone = facts({"inference.json": files["inference.json"]}, "manifest.placeholder")
    assert [fact["text"] for fact in alone] == ["REPLACE_ME"]


def test_what_may_be_there_is_not_missing() -> None:
    program = f"""import boto3
def publish(profiles, more, **others):
    spec = {{"Containers": [{{"Image": "{IMAGE}"}}, *more]}}
    boto3.client("sagemaker").create_model_package(
        ModelPackageName="a", CertifyForMarketplace=True, InferenceSpecification=spec,
        ValidationSpecification={{**profiles, "ValidationRole": "x"}}, **others)
publish(input(), input(), **input())
"""
    found = sent(program)
    assert [fact["text"] for fact in found if fact.kind == "image.reference"] == [IMAGE]
    assert [fact["container_count"] for fact in found if fact.kind == "manifest.inference"] == ["unknown"]
    assert [fact for fact in found if fact.kind in ("manifest.missing", "manifest.model_package")] == []


def test_the_same_request_of_several_callers_is_judged_once_and_with_what_is_known_best() -> None:
    files = {
        "lib.py": "import boto3\ndef create(name):\n    boto3.client('sagemaker').create_model_package(ModelPackageName=name)\n",
        "one.py": "from lib import create\ncreate('a')\n",
        "two.py": "from lib import create\ncreate('a')\n",
        "three.py": "from lib import create\ncreate(input())\n",
        "four.py": "from lib import create\ndef handler(event, context):\n    create(event['name'])\n",
    }
    assert [fact["name"] for fact in sent(files) if fact.kind == "manifest.model_package"] == ["a"]
    files["five.py"] = "from lib import create\nfor name in ['b', 'c']:\n    create(name)\n"
    assert [fact["name"] for fact in sent(files) if fact.kind == "manifest.model_package"] == ["b", "c", "a"]


@pytest.mark.parametrize(
    ("members", "marketplace"),
    [
        ("CertifyForMarketplace=True", "yes"),
        ("ValidationSpecification={'ValidationRole': 'a', 'ValidationProfiles': []}", "yes"),
        ("ModelPackageDescription='for us alone'", "no"),
        ("ModelPackageGroupName='ours'", "no"),
        ("CertifyForMarketplace=bool(input())", "yes"),
        ("**dict(input())", "unknown"),
    ],
)
def test_code_says_what_its_resources_are_for(members: str, marketplace: str) -> None:
    program = (
        "import boto3\nboto3.client('sagemaker').create_model_package(InferenceSpecification={'Containers': [\n"
        f"  {{'Image': '{IMAGE}'}}]}}, {members})\n"
    )
    assert [fact["marketplace"] for fact in sent(program) if fact.kind == "image.reference"] == [marketplace]


def test_what_is_told_is_at_the_line_that_is_wrong() -> None:
    from linter.engine import check_texts

    files = {
        "publish.ipynb": notebook(
            "from src.spec import spec\nimport boto3\n",
            "kinds = ['ml.m5.xlarge']\nkinds.append('ml.m5.lagre')\n",
            "boto3.client('sagemaker').create_model_package(ModelPackageName='a b', CertifyForMarketplace='true',\n"
            "  **spec(kinds))\n",
        ),
        "src/spec.py": f"""def spec(kinds):
    return {{"InferenceSpecification": {{
        "Containers": [{{"Image": "{IMAGE}", "Enviroment": {{}}}}],
        "SupportedTransformInstanceTypes": kinds,
        "SupportedRealtimeInferenceInstanceTypes": kinds,
        "SupportedContentTypes": [],
    }}}}
""",
    }
    found = check_texts(files, frozenset(), {"select": ["MAN"]})
    places = {(finding.name, finding.location.path, finding.location.line) for finding in found}
    assert {
        ("misspelt-instance-type", "publish.ipynb", line_of(files["publish.ipynb"], "lagre")),
        ("malformed-name", "publish.ipynb", line_of(files["publish.ipynb"], "a b")),
        ("misspelt-member", "src/spec.py", 3),
        ("content-types-missing", "src/spec.py", 6),
        ("package-without-validation", "publish.ipynb", line_of(files["publish.ipynb"], ".create_model_package")),
    } <= places
    assert all(not finding.edits for finding in found)


LOOKED_UP = {
    "known Region": "i = image_uris.retrieve('kmeans', 'us-east-2')",
    "unknown Region": "i = image_uris.retrieve(framework='linear-learner', region=boto3.Session().region_name)",
    "framework": "i = sagemaker.image_uris.retrieve('xgboost', input(), version='1.7-1')",
    "older name": "from sagemaker.amazon.amazon_estimator import get_image_uri\ni = get_image_uri(input(), 'pca')",
}


@pytest.mark.parametrize("way", LOOKED_UP.values(), ids=LOOKED_UP)
def test_an_image_that_is_looked_up_is_known_for_an_image_of_aws(way: str) -> None:
    program = f"import boto3, sagemaker\nfrom sagemaker import image_uris\n{way}\n"
    program += "boto3.client('sagemaker').create_model_package(CertifyForMarketplace=True,\n"
    program += "    ModelPackageName='a', InferenceSpecification={'Containers': [{'Image': i}]})\n"
    (image,) = [fact for fact in sent(program) if fact.kind == "image.reference"]
    assert (image["aws_group"], image["owner"]) == ("builtin_algorithm", "aws")
    from linter.engine import check_texts

    found = check_texts({"publish.py": program}, frozenset(), {"select": ["PRV"]})
    assert len(found) == 1
    assert found[0].location.line == program.split("retrieve(")[0].split("get_image_uri(")[0].count("\n") + 1


def test_an_estimator_of_a_built_in_algorithm_is_known_by_its_class() -> None:
    program = "from sagemaker import KMeans\nkmeans = KMeans(role='x', k=3)\nkmeans.fit(None)\n"
    program += "kmeans.register(['text/csv'], ['text/csv'], model_package_name='a', marketplace_cert=True)\n"
    (image,) = [fact for fact in sent(program) if fact.kind == "image.reference"]
    assert (image["aws_group"], image["marketplace"]) == ("builtin_algorithm", "yes")


def test_commands_that_a_decorator_wraps_are_gone_through() -> None:
    program = f"""import boto3, click
@click.command()
@click.option("--name")
def publish(name):
    send(name, "{IMAGE}")
def send(name, image):
    boto3.client("sagemaker").create_model_package(
        ModelPackageName=name, InferenceSpecification={{"Containers": [{{"Image": image}}]}})
if __name__ == "__main__":
    publish()
"""
    assert [fact["text"] for fact in sent(program) if fact.kind == "image.reference"] == [IMAGE]


def test_folders_that_code_adds_to_the_path_are_searched() -> None:
    files = {
        "notebooks/publish.ipynb": notebook(
            "import sys, boto3\nsys.path.append('../source')\nfrom names import IMAGE\n",
            "boto3.client('sagemaker').create_model_package(InferenceSpecification={'Containers': [{'Image': IMAGE}]})\n",
        ),
        "source/names.py": f"IMAGE = '{IMAGE}'\n",
    }
    assert [fact.place("text").path for fact in sent(files) if fact.kind == "image.reference"] == ["source/names.py"]


def test_containers_that_the_sdk_is_given_stay_as_they_are() -> None:
    program = """from sagemaker.model import Model
containers = []
Model(image_uri="a/b:1").register(containers=containers, image_uri="c", model_package_name="a")
Model(image_uri="a/b:1").register(containers=input(), image_uri="c", model_package_name="b")
"""
    assert [fact for fact in sent(program) if fact.kind == "image.reference"] == []


def test_code_of_tests_sends_no_product() -> None:
    program = f"import boto3\nboto3.client('sagemaker').create_model_package(ModelPackageName='{IMAGE}')\n"
    assert sent({"tests/helper.py": program, "test_publish.py": program}) == []


def test_code_for_private_packages_does_not_make_one_product_of_several() -> None:
    def request(region: str) -> str:
        image = IMAGE.replace("us-east-2", region)
        return f'{{"ModelPackageName": "a", "InferenceSpecification": {{"Containers": [{{"Image": "{image}"}}]}}}}'

    files = {
        "a/request.json": request("us-east-2"),
        "a/training.json": '{"TrainingSpecification": {"TrainingImage": "' + IMAGE + '"}}',
        "b/request.json": request("eu-west-1"),
    }
    private = "import boto3\nboto3.client('sagemaker').create_model_package(ModelPackageGroupName='ours')\n"
    for_sale = private.replace("GroupName='ours'", "Name='b', CertifyForMarketplace=True")

    def owners(**more: str) -> list[str]:
        """One product alone does not tell whose the account is."""
        return [fact["owner"] for fact in facts({**files, **more}, "image.reference")]

    assert owners(**{"register.py": private}) == owners()
    assert owners(**{"register.py": for_sale}) != owners()


def test_a_step_of_a_pipeline_registers_a_package() -> None:
    program = f"""from sagemaker.workflow.step_collections import RegisterModel
step = RegisterModel("Register", ["text/csv"], ["text/csv"], inference_instances=["ml.m5.xlarge"],
  transform_instances=["ml.m5.xlarge"], model_package_group_name="ocr", image_uri="{IMAGE}")
"""
    found = facts({"pipeline.py": program})
    (package,) = [fact for fact in found if fact.kind == "manifest.model_package"]
    assert (package["group"], package["marketplace"]) == ("ocr", "no")
    (image,) = [fact for fact in found if fact.kind == "image.reference"]
    assert image["text"] == IMAGE


REQUEST = f'''{{"ModelPackageName": "a", "CertifyForMarketplace": true, "InferenceSpecification": {{"Containers": [
  {{"Image": "{IMAGE}"}}],
  "SupportedTransformInstanceTypes": ["ml.m5.huge"]}}}}
'''


def test_requests_in_files_that_cells_write_are_judged_in_the_notebook() -> None:
    writes = f"%%writefile request.json\n{REQUEST}"
    shell = notebook(writes, "!aws sagemaker create-model-package --cli-input-json file://request.json\n")
    found = facts({"a/publish.ipynb": shell})
    (wrong,) = [fact for fact in found if fact.kind == "manifest.instance_type"]
    assert (wrong.location.path, wrong.location.line) == ("a/publish.ipynb", line_of(shell, "ml.m5.huge"))
    assert not [fact for fact in found if fact.kind == "request.file"]
    python = notebook(
        writes.replace("ml.m5.huge", "TYPE"),
        "import boto3, json\nspec = json.loads(open('request.json').read().replace('TYPE', 'ml.m5.larg'))\n",
        "boto3.client('sagemaker').create_model_package(**spec)\n",
    )
    values = {fact["value"]: fact for fact in facts({"a/publish.ipynb": python}, "manifest.instance_type")}
    assert values["ml.m5.larg"].location.line == line_of(python, "ml.m5.larg")
    (image,) = {fact.location for fact in facts({"a/publish.ipynb": python}, "image.reference")}
    assert image.line == line_of(python, IMAGE)
