"""Command lines that code puts together over several functions and files."""

import pytest

from linter.engine import check_texts

DOCKERFILE = 'FROM python:3.12-slim\nCOPY . /opt/program\nENTRYPOINT ["python", "/opt/program/serve.py"]\n'
HEAD = "import os\nimport subprocess\nimport sys\n\n\n"
RUN = "def run(cmd):\n    subprocess.run(cmd, check=True)\n\n\n"


def found(code, **others):
    files = {"Dockerfile": DOCKERFILE, "serve.py": HEAD + code, **others}
    findings = check_texts(files, frozenset(), {})
    return sorted({each.rule for each in findings if each.rule in ("NET072", "NET073", "NET080", "NET081")})


LEADING_OUT = {
    "returned": 'def command(url):\n    return ["wget", "-q", url]\n\n\nsubprocess.check_call(command("https://e.com/a"))\n',
    "built up": RUN
    + 'def fetch(source):\n    cmd = ["aws", "s3"]\n    cmd.append("cp")\n    cmd.extend([source, "/tmp/x"])\n    run(cmd)\n\n\n'
    'fetch("s3://bucket/key")\n',
    "handed on as they are": "def run(*args):\n    subprocess.run(list(args))\n\n\n"
    'run("git", "clone", "https://github.com/a/b")\n',
    "put into a list": 'def pip(*args):\n    subprocess.run([sys.executable, "-m", "pip", *args])\n\n\npip("install", "x")\n',
    "of a method": 'class Shell:\n    def run(self, *args):\n        subprocess.run(args)\n\n\nShell().run("curl", "https://e.com")\n',
    "joined": 'def run(parts):\n    os.system(" ".join(parts))\n\n\nrun(["curl", "-O", "https://e.com/x"])\n',
    "joined words": 'def run(*parts):\n    os.system(" ".join(parts))\n\n\nrun("curl", "-O", "https://e.com/x")\n',
    "behind others": RUN + 'run(["sudo", "apt-get", "install", "-y", "jq"])\n',
    "in a shell": RUN + 'run(["bash", "-c", "cd /tmp && wget https://e.com/x"])\n',
    "over two functions": RUN + 'def outer(cmd):\n    run(cmd)\n\n\nouter(["wget", "https://e.com"])\n',
}

STAYING = {
    "this machine": RUN + 'run(["curl", "http://localhost:8080/ping"])\n',
    "a server": RUN + 'run(["gunicorn", "-b", "0.0.0.0:8080", "app:app"])\n',
    "unknown program": RUN + "run(sys.argv[1:])\n",
    "nothing calls the function that would": RUN
    + 'def never():\n    run(["wget", "https://e.com/x"])\n\n\nrun(["ls"])\n',
    "no command": 'def run(*args):\n    subprocess.run(["echo", *args])\n\n\nrun("wget", "https://e.com/x")\n',
    "broken quotes": RUN + 'run("echo \'wget")\n',
}


@pytest.mark.parametrize("code", LEADING_OUT.values(), ids=LEADING_OUT.keys())
def test_a_command_line_is_followed_to_where_it_is_told(code):
    assert found(code) in (["NET072"], ["NET073"])


@pytest.mark.parametrize("code", STAYING.values(), ids=STAYING.keys())
def test_a_command_line_that_stays_here_is_none(code):
    assert found(code) == []


def test_a_helper_in_another_file_is_told_by_its_callers():
    helper = "import subprocess\n\n\ndef sh(cmd):\n    return subprocess.check_output(cmd, shell=True)\n"
    assert found('from util import sh\n\nsh("wget https://e.com/x && ls")\n', **{"util.py": helper}) == ["NET073"]
    assert found('from util import sh\n\nsh("nvidia-smi -L | wc -l")\n', **{"util.py": helper}) == []


def test_of_a_function_that_nothing_is_seen_to_start_all_callers_count():
    code = 'def fetch(to, url):\n    os.system("wget -P " + to + " " + url)\n\n\ndef later():\n    fetch("/tmp", {})\n'
    assert found(code.format('"https://e.com/x"')) == ["NET080"]
    assert found(code.format('"http://localhost/x"')) == []


def message_of(code):
    files = {"code/inference.py": f"{HEAD}import boto3\n\n\ndef model_fn(model_dir):\n    {code}\n"}
    return next(each.message for each in check_texts(files, frozenset(), {}) if each.rule == "NET082")


@pytest.mark.parametrize(
    ("code", "deed"),
    [
        (
            'subprocess.run([sys.executable, "-q", "-m", "pip", "install", "torch"])',
            "installs packages (`pip install torch`)",
        ),
        (
            'os.system("git clone --depth 1 git@e.com:a/b")',
            "runs a program that connects to the network (`git clone git@e.com:a/b`)",
        ),
        ('os.system("curl -s https://e.com/x")', "runs a program that connects to the network (`https://e.com/x`)"),
        ('boto3.client("s3").get_object(Bucket="a", Key="b")', "calls AWS (`s3`)"),
        ("import huggingface_hub as h; h.upload_folder()", "uploads to another service"),
        ("import huggingface_hub as h; h.login()", "logs in to another service"),
        ('import wandb; wandb.restore("a.h5")', "downloads what a tracking service keeps (`a.h5`)"),
        (
            'import transformers as t; t.TrainingArguments(report_to="wandb")',
            "has training report to a tracking service or upload to a hub",
        ),
        ('import stripe; stripe.Customer.create(email="a")', "asks a payment service"),
        (
            'import slack_sdk; slack_sdk.WebClient(token="t").chat_postMessage(text="a")',
            "sends a message to a chat service",
        ),
    ],
)
def test_a_message_says_what_the_call_does(code, deed):
    assert f" {deed}; if the container runs this file" in message_of(code)
