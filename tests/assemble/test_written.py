"""Start scripts that steps of a Dockerfile write, from the Dockerfile to the Python code that they start."""

from __future__ import annotations

import pytest
from test_images import facts, one

MAIN = 'import requests\nrequests.get("https://example.com/x")\n'
STRAY = 'import requests\nrequests.get("https://example.com/y")\n'
HEAD = "FROM python:3.12-slim\nENV SM_MODEL_DIR=/opt/ml/model\nWORKDIR /app\nCOPY . /app\n"

STARTS = [
    r"""RUN printf '#!/bin/bash\nexec python main.py "$@"\n' > /opt/ep.sh && chmod +x /opt/ep.sh"""
    '\nENTRYPOINT ["/opt/ep.sh"]\n',
    'RUN echo "#!/bin/sh" > ep.sh && echo "python main.py" >> ep.sh\nENTRYPOINT ["bash", "ep.sh"]\n',
    'RUN echo "#!/bin/sh" > ep.sh && echo "python main.py" >> ep.sh\nENTRYPOINT ["/app/ep.sh"]\n',
    'COPY <<EOF /opt/ep.sh\n#!/bin/sh\nexec python main.py "\\$@"\nEOF\nENTRYPOINT ["/opt/ep.sh"]\n',
    "RUN <<EOF\ncat > /usr/bin/serve <<'E'\n#!/bin/sh\nexec python main.py\nE\nEOF\nRUN chmod +x /usr/bin/serve\n",
    'RUN echo "cd /app && python main.py" > /b.sh\nRUN printf "#!/bin/sh\\nbash /b.sh" > /a.sh\nENTRYPOINT ["/a.sh"]\n',
]


@pytest.mark.parametrize("steps", STARTS)
def test_a_written_script_starts_code(steps: str) -> None:
    files = {"Dockerfile": HEAD + steps, "main.py": MAIN, "stray.py": STRAY}
    found = facts(files)
    reached = {fact.location.path: fact["reached"] for fact in found if fact.kind == "python.call"}
    assert reached == {"main.py": "import", "stray.py": "no"}
    python = one(found, "shell.command", program="python")
    assert (python["scope"], python["started_as"]) == ("container", "serve" if "serve" in steps else "entrypoint")
    assert one(found, "image.start")["program_found"] == ("none" if "serve" in steps else "found")
    trace = next(fact for fact in found if fact.kind == "python.call" and fact.location.path == "main.py").trace
    assert trace[-1].location == python.location


def test_a_written_serve_is_on_path() -> None:
    text = (
        "FROM python:3.12-slim\nRUN printf '#!/bin/sh\\npython main.py' > /usr/bin/serve && chmod +x /usr/bin/serve\n"
    )
    start = one(facts({"Dockerfile": text}), "image.start")
    assert (start["serve_on_path"], start["purpose"]) == ("yes", "sagemaker")


def test_a_server_in_a_written_script_belongs_to_the_container() -> None:
    steps = 'RUN echo "exec gunicorn -b 0.0.0.0:8080 main:app" > /s.sh\nENTRYPOINT ["sh", "/s.sh"]\n'
    found = facts({"Dockerfile": HEAD + steps, "main.py": MAIN})
    assert (one(found, "server.listener")["scope"], one(found, "image.start")["listens"]) == ("container", [8080])
    assert one(found, "python.call")["reached"] == "import"


@pytest.mark.parametrize(
    ("steps", "scope"),
    [
        ("RUN echo 'pip install x' > /s.sh\nCMD /s.sh\n", "build"),
        ("FROM python:3.12-slim\n", "build"),
        ('RUN echo \'pip install x\' > /s.sh\nENV LAMBDA=1\nENTRYPOINT ["python", "-m", "awslambdaric"]\n', "seller"),
    ],
)
def test_a_written_script_that_nothing_starts(steps: str, scope: str) -> None:
    text = "FROM python:3.12-slim\nRUN echo 'pip install x' > /s.sh\n" + steps
    commands = [
        fact for fact in facts({"Dockerfile": text}) if fact.kind == "shell.command" and "script" in fact.fields
    ]
    assert {(fact["scope"], fact["started_as"]) for fact in commands} == {(scope, None)}


def test_what_is_copied_over_a_written_script_counts() -> None:
    steps = 'RUN echo "python stray.py" > /s.sh\nCOPY s.sh /s.sh\nENTRYPOINT ["sh", "/s.sh"]\n'
    found = facts({"Dockerfile": HEAD + steps, "s.sh": "python main.py\n", "main.py": MAIN, "stray.py": STRAY})
    reached = {fact.location.path: fact["reached"] for fact in found if fact.kind == "python.call"}
    assert reached == {"main.py": "import", "stray.py": "no"}
