"""Branches of a start script for other arguments than SageMaker gives: what stands there does not run."""

from __future__ import annotations

import pytest
from test_images import facts, one

HEAD = "FROM python:3.12-slim\nENV SM_MODEL_DIR=/opt/ml/model\nWORKDIR /app\nCOPY . /app\n"
CALLS = 'import requests\nrequests.get("https://example.com/x")\n'
FILES = {"main.py": CALLS, "test_all.py": CALLS}


def scopes(script: str, start: str = 'ENTRYPOINT ["/app/entry.sh"]\n') -> dict[str, tuple[str, str | None]]:
    """Scope and name of each program of the entry script, by its first argument."""
    found = facts({"Dockerfile": HEAD + start, "entry.sh": f"#!/bin/bash\n{script}\n", **FILES})
    return {
        (fact["arguments"] or [fact["program"]])[0]: (fact["scope"], fact["started_as"])
        for fact in found
        if fact.kind == "shell.command" and fact["program"] == "pip"
    }


RUNS, RUNS_NOT = ("container", "entrypoint"), ("seller", None)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ('if [ "$1" = "test" ]; then pip a; elif [[ $1 == lint ]]; then pip b; else pip c; fi', "nny"),
        ('if [ "$1" != "serve" ]; then pip a; else pip b; fi', "yy"),  # it may be given `train`
        ('if [ "x$1" = "xdev" ]; then pip a; fi; pip b', "ny"),
        ('if test "$1" = dev; then pip a; fi; pip b', "ny"),
        ('case "$1" in serve|train) pip a;; test) pip b;; *) pip c;; esac', "ynn"),
        ('case "${1:-serve}" in serve) pip a;; dev*) pip b;; *) pip c;; esac', "yyy"),
        ('MODE="${1:-serve}"\ncase "$MODE" in dev) pip a;; *) pip b;; esac', "ny"),
        ('MODE=$1\nMODE=dev\ncase "$MODE" in dev) pip a;; *) pip b;; esac', "yy"),
        ('shift\nif [ "$1" = "test" ]; then pip a; fi; pip b', "yy"),
        ('set -- test\nif [ "$1" = "test" ]; then pip a; fi; pip b', "yy"),
        ('f() { if [ "$1" = "test" ]; then pip a; fi; }\nf test\npip b', "yy"),
        ('case "$1" in dev) pip a;& serve) pip b;; esac', "yy"),
        ('case "x$1" in xserve) pip a;; xdev) pip b;; esac', "yy"),
        ('case "$2" in dev) pip a;; serve) pip b;; esac', "yy"),
        ('if [ "$1" = "dev" ] && [ -n "$X" ]; then pip a; fi; pip b', "yy"),
        ('if [ "$1" = "dev" ]; then if [ "$2" = x ]; then pip a; fi; fi; pip b', "ny"),
        ('t() { pip a; }\nw() { t; pip b; }\ncase "$1" in test) w;; *) pip c;; esac', "nny"),
        ('t() { pip a; }\ncase "$1" in test) t;; lint) t;; *) pip b;; esac', "ny"),
        ('t() { pip a; }\ncase "$1" in test) t;; *) t; pip b;; esac', "yy"),
        ('t() { pip a; }\ncase "$1" in test) t; pip b;; *) pip c;; esac\ntrap t EXIT', "yny"),
    ],
)
def test_what_runs_for_sagemakers_argument(script: str, expected: str) -> None:
    found = scopes(script)
    assert found == {name: RUNS if sign == "y" else RUNS_NOT for name, sign in zip("abc", expected, strict=False)}


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ('ENTRYPOINT ["/app/entry.sh", "dev"]\n', RUNS),
        ('ENTRYPOINT ["bash", "-e", "/app/entry.sh", "serve"]\n', RUNS_NOT),
        ('ENTRYPOINT ["tini", "--", "/app/entry.sh"]\n', RUNS_NOT),
        ("ENTRYPOINT /app/entry.sh dev\n", RUNS),
    ],
)
def test_the_argument_is_the_entry_points_own_or_sagemakers(start: str, expected: tuple[str, str | None]) -> None:
    assert scopes('if [ "$1" = "dev" ]; then pip a; fi', start) == {"a": expected}


def test_code_that_another_branch_starts_is_not_reached() -> None:
    script = '#!/bin/bash\ncase "$1" in\n  test) python test_all.py;;\n  *) exec python main.py;;\nesac\n'
    found = facts({"Dockerfile": HEAD + 'ENTRYPOINT ["/app/entry.sh"]\n', "entry.sh": script, **FILES})
    reached = {fact.location.path: fact["reached"] for fact in found if fact.kind == "python.call"}
    assert reached == {"main.py": "import", "test_all.py": "no"}


def test_a_server_of_another_branch_is_not_the_containers() -> None:
    script = '#!/bin/bash\ncase "$1" in\n  dev) flask run --port 5000;;\n  *) exec gunicorn -b :8080 main:app;;\nesac\n'
    found = facts({"Dockerfile": HEAD + 'ENTRYPOINT ["/app/entry.sh"]\n', "entry.sh": script, **FILES})
    assert one(found, "image.start")["listens"] == [8080]
