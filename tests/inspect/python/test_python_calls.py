"""Which calls of a module are facts, and where they go. The cases are Python with the expected outcome on each line."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CASES = sorted((Path(__file__).parent / "cases").glob("*.py.txt"))
EXPECTED = re.compile(r"#> (\w+)(?: (\S+))?$")
QUIET = {("unknown", "data_reader")}  # a table read from somewhere: most are local, and no rule speaks of them


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name.partition(".")[0])
def test_calls_of_a_module(case: Path, read: Callable[..., Any]) -> None:
    text = case.read_text(encoding="utf-8")
    expected, found = {}, {}
    for number, line in enumerate(text.splitlines(), 1):
        match = EXPECTED.search(line)
        if match:
            expected[number] = (match[1], match[2])
    reading = read(text, "python", "app.py")
    assert reading.notices == ()
    for fact in reading.of("python.call"):
        quiet = fact["destination"] == "none" or (fact["destination"], fact["category"]) in QUIET
        if fact["api"] is None or (quiet and fact.location.line not in expected):
            continue
        wanted = expected.get(fact.location.line, (None, None))
        target = fact["target"] if wanted[1] is not None else None
        found[fact.location.line] = (fact["destination"], target)
    assert found == expected


def test_a_call_stands_where_it_is_written(read: Callable[..., Any]) -> None:
    text = 'import requests\n\nä = "ö"; r = requests.get(\n    "https://example.com",  # ü\n)\n'
    reading = read(text, "python", "app.py")
    fact = reading.one("python.call")
    assert reading.excerpt(fact).startswith("requests.get(")
    assert reading.excerpt(fact).endswith(")")
    assert fact["text"].startswith('requests.get( "https://example.com"')


@pytest.mark.parametrize(
    ("code", "guard"),
    [
        ("import requests\nif False:\n    requests.get('https://a.b')\n", "never"),
        ("import requests, os\nif os.getenv('X'):\n    requests.get('https://a.b')\n", "condition"),
        ("import requests, os\nif not os.path.exists('m'):\n    requests.get('https://a.b')\n", "fallback"),
        ("import requests\ntry:\n    pass\nexcept OSError:\n    requests.get('https://a.b')\n", "fallback"),
        ("import requests\nfor x in []:\n    requests.get('https://a.b')\n", "none"),
        ("import requests\nif __name__ == '__main__':\n    requests.get('https://a.b')\n", "none"),
        ("def f():\n    if os.path.exists(p):\n        return load(p)\n    {call}", "fallback"),
        ("def f():\n    if not os.path.exists(p):\n        return None\n    {call}", "none"),
        ("def f():\n    if not os.path.exists(p):\n        raise ValueError\n    {call}", "none"),
        ("def f():\n    if os.getenv('LOCAL'):\n        return 1\n    {call}", "condition"),
        ("def f():\n    if x:\n        return 1\n    {call}", "none"),
        ("def f():\n    for p in ps:\n        if os.path.exists(p):\n            continue\n        {call}", "fallback"),
        ("def f():\n    for p in ps:\n        if os.path.exists(p):\n            continue\n    {call}", "none"),
        ("def f():\n    if os.path.exists(p):\n        return 1\n\ndef g():\n    {call}", "none"),
        ("def f():\n    own = Path(p).is_dir() and x\n    if own:\n        {call}", "fallback"),
        ("def f():\n    own = Path(p).is_dir()\n    if not own:\n        {call}", "fallback"),
        ("def f():\n    own = load(p)\n    if own:\n        {call}", "none"),
    ],
)
def test_what_stands_around_a_call(code: str, guard: str, read: Callable[..., Any]) -> None:
    text = code if code.startswith("import") else f"import requests, os\n{code}\n"
    text = text.replace("{call}", "requests.get('https://a.b')")
    assert read(text, "python", "app.py").one("python.call")["guard"] == guard


def test_the_part_that_holds_a_call(read: Callable[..., Any]) -> None:
    code = (
        "import requests\nclass A:\n    def f(self):\n        def g():\n            requests.get('https://a.b')\n"
        "if __name__ == '__main__':\n    requests.get('https://a.b')\nrequests.get('https://a.b')\n"
    )
    facts = read(code, "python", "app.py").of("python.call")
    assert [fact["part"] for fact in facts] == ["A.f.g", "__main__", ""]


def test_offline_switches_set_in_the_file(read: Callable[..., Any]) -> None:
    code = (
        "import os\nos.environ['HF_HUB_OFFLINE'] = '1'\nfrom transformers import AutoModel\n"
        "AutoModel.from_pretrained('gpt2')\n"
    )
    assert read(code, "python", "app.py").one("python.call")["offline"] == "yes"


@pytest.mark.parametrize("given", ["threading.Thread, target=requests.get", "submit, requests.get, 'https://a.b'"])
def test_what_is_only_prepared_is_not_called(given: str, read: Callable[..., Any]) -> None:
    code = "import functools, threading, requests\nfrom pool import submit\n"
    assert read(f"{code}functools.partial({given})\n", "python", "app.py").of("python.call") == []
    assert len(read(f"{code}run({given})\n", "python", "app.py").of("python.call")) == 1


def test_python_that_is_started(read: Callable[..., Any]) -> None:
    code = (
        "import subprocess, os\nsubprocess.Popen(['gunicorn', '-b', '0.0.0.0:8080', 'wsgi:app'])\n"
        "os.system('python -m app.train')\nsubprocess.run(['python3', 'predict.py', '--x'])\n"
    )
    facts = read(code, "python", "serve").of("python.call")
    assert [fact["starts"] for fact in facts] == ["wsgi:app", "-m app.train", "predict.py"]


@pytest.mark.parametrize(
    "code",
    [
        'import requests\nprint "loading"\nrequests.get("https://example.com")\n',
        'import requests\nrequests.get("https://example.com")\n' + "x = (]\n" * 9,
        'from requests import get as fetch\nfetch("https://example.com"\n',
    ],
)
def test_files_that_do_not_parse_are_scanned(code: str, read: Callable[..., Any]) -> None:
    reading = read(code, "python", "app.py")
    fact = reading.one("python.call")
    assert (fact["destination"], fact["target"], fact["whole_module"]) == ("remote", "https://example.com", False)
    assert [notice.code for notice in reading.notices] == ["python-syntax"]


@pytest.mark.parametrize(
    ("code", "line", "how"),
    [
        ("x.cuda(async=True)\n", 2, "without line 2"),
        ("def load(x):\n    return x.cuda(async=True)\n", 3, "without line 3"),
        ("ADDRESS = <the address>\nconnect(\n    host=<IP of the server>,\n)\n", 2, "as it seems meant"),
        ("<<<<<<< HEAD\nA = 1\n=======\nA = 2\n>>>>>>> theirs\n", 2, "without line 2, 4, 6"),
        ("if True:\n\tA = 1\n        B = 2\n", 4, "without line 4"),
        ("A = join(\n    start='s3://\n    /',\n    end=3,\n)\n", 3, "without line 3, 4"),
        ("def load(x):\n    if x:\n        A = = 1\n    B = 2\n", 4, "without line 4"),
    ],
)
def test_a_few_lines_that_do_not_parse_hide_no_others(code: str, line: int, how: str, read: Callable[..., Any]) -> None:
    after = 'def get():\n    requests.get(\n        "https://example.com"\n    )\n'
    reading = read(f"import requests\n{code}{after}", "python", "app.py")
    call = reading.one("python.call")
    assert (call["destination"], call["target"], call["part"]) == ("remote", "https://example.com", "get")
    assert (reading.one("python.module")["parsed"], reading.one("program.syntax").location.span.line) == ("most", line)
    (notice,) = reading.notices
    assert (notice.code, notice.span.line) == ("python-syntax", line)
    assert notice.message.startswith(f"read {how}, since it does not parse: ")


def test_what_is_to_be_filled_in_is_an_argument(read: Callable[..., Any]) -> None:
    code = "import redis, requests\nredis.Redis(host=<name of the server>, port=6379)\nrequests.get(<>)\n"
    calls = read(code, "python", "app.py").of("python.call")
    assert [call["destination"] for call in calls] == ["remote", "unknown"]


def test_the_outline_of_a_module(read: Callable[..., Any]) -> None:
    code = (
        "import helper\nfrom .config import MODEL as M\nNAME = 'x'\n\n"
        "class Box(Base):\n    size = 3\n    def __init__(self):\n        self.place = NAME\n        self.inner().load()\n\n"
        "@app.route('/ping')\ndef ping():\n    return helper.run(M)\n\ndef name():\n    return NAME\n"
    )
    module = read(code, "python", "app.py").one("python.module")
    assert [(each["module"], each["level"], each["name"], each["alias"]) for each in module["imports"]] == [
        ("helper", 0, None, "helper"),
        ("config", 1, "MODEL", "M"),
    ]
    parts = {part["name"]: part for part in module["parts"]}
    assert list(parts) == ["", "Box", "Box.__init__", "ping", "name"]
    assert parts["Box"]["bases"] == ["Base"]
    assert parts["ping"]["decorators"] == ["app.route"]
    assert "helper.run" in parts["ping"]["references"]
    assert "load" in parts["Box.__init__"]["attributes"]
    assert module["constants"] == {
        "NAME": "x",
        "Box.size": 3,
        "Box.place": "x",
        "name()": "x",
        "ping()": {"returned": "helper.run"},
    }
    (invocation,) = module["invocations"]
    assert (invocation["callee"], invocation["arguments"]) == ("helper.run", [{"name": "M"}])


@pytest.mark.parametrize("rest", ["x = [1, 2]\n" * 200_000, "y = " + "a + " * 500 + "a\n"], ids=["large", "deep"])
def test_what_is_too_much_to_parse_is_no_mistake(rest: str, read: Callable[..., Any]) -> None:
    reading = read('import requests\nrequests.get("https://example.com")\n' + rest, "python", "app.py")
    assert reading.one("python.call")["target"] == "https://example.com"
    assert [(notice.code, notice.level) for notice in reading.notices] == [("python-too-much", "warning")]


@pytest.mark.parametrize(
    ("code", "signed"),
    [
        ("import os\nos.environ['SM_CHANNEL_TRAIN']\n", True),
        ("import os, sagemaker\nparser.add_argument('--train', default=os.environ.get('SM_CHANNEL_TRAIN'))\n", True),
        ("import sagemaker\n# the program finds them in SM_CHANNEL_TRAIN\n", False),
        ("import sagemaker\nTRAIN = '''\nimport os\nprint(os.environ['SM_CHANNEL_TRAIN'])\n'''\n", False),
        ("open('/opt/ml/model/a.bin')\n", True),
        ("def lambda_handler(event, context):\n    return '/opt/ml/model/a.bin'\n", False),
        ("def handler(data, context):\n    return open('/opt/ml/model/a.bin')\n", True),
        ("import os\nopen('/opt/ml/processing/input/a.csv')\nopen('/opt/ml/model/a.bin')\n", False),
        ("# as SM_HOSTS of training jobs\nopen('/opt/ml/processing/input/a.csv')\n", False),
        ("import os\nopen('/opt/ml/processing/a.csv')\nos.environ['SM_CHANNEL_TRAIN']\n", True),
    ],
)
def test_signs_of_a_container(code: str, *, signed: bool, read: Callable[..., Any]) -> None:
    assert read(code, "python", "work.py").one("python.module")["container_sign"] is signed


STARTING = (
    "import os\nfrom sagemaker.pytorch import PyTorch\nFOLDER = os.environ.get('SM_MODEL_DIR', 'models')\n"
    "PyTorch(entry_point='{}', role='r', model_dir=FOLDER).fit()\n"
)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import boto3\nboto3.client('iam').create_role(RoleName='a')\n", True),
        ("import boto3\nboto3.client('sagemaker').list_pipelines()\n", True),
        (
            "import boto3\nboto3.client('sagemaker-runtime').invoke_endpoint_with_response_stream(EndpointName='a')\n",
            True,
        ),
        ("import boto3\n\ndef lambda_handler(event, context):\n    boto3.client('s3')\n", True),
        ("import boto3\n\ndef model_fn(model_dir):\n    boto3.client('iam').create_role(RoleName='a')\n", False),
        ("import boto3\nboto3.client('s3').upload_file('a', 'b', 'c')\n", False),
        (STARTING.format("../pipeline/train.py"), True),
        (STARTING.format("work.py"), False),
    ],
)
def test_signs_of_the_sellers_side(code: str, *, expected: bool, read: Callable[..., Any]) -> None:
    assert read(code, "python", "work.py").one("python.module")["seller_side"] is expected
