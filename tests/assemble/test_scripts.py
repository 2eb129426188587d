"""Which scripts a start leads to, and what network programs in them are reported as."""

import pytest

from linter.engine import check_texts

SERVE = "#!/bin/bash\n{run}\nexec gunicorn --timeout 60 -b 0.0.0.0:8080 app:app\n"
FETCH = "#!/bin/bash\nwget https://example.com/a.bin\n"
COPIED = "FROM python:3.12-slim\nENV APP_HOME=/opt/program PATH=/opt/program:$PATH\nCOPY --chmod=755 . /opt/program\n"


def found(files, rules=("NET001", "NET002", "NET025", "NET026", "NET027")):
    findings = check_texts(files, frozenset(), {})
    return sorted((each.rule, each.location.path, each.location.span.line) for each in findings if each.rule in rules)


@pytest.mark.parametrize(
    "run",
    [
        "bash /opt/program/scripts/fetch.sh",
        "cd /opt/program/scripts && ./fetch.sh",
        'DIR="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"\nsource "$DIR/scripts/fetch.sh"',
        ". $(dirname $0)/scripts/fetch.sh",
        "bash $APP_HOME/scripts/fetch.sh",
        'sh "${APP_HOME}/scripts/fetch.sh" --quiet',
        "exec nohup /opt/program/scripts/fetch.sh",
        "cd /opt/program\nbash scripts/middle.sh",
    ],
)
def test_a_script_that_a_start_script_runs_is_reached(run):
    files = {
        "Dockerfile": COPIED,
        "serve": SERVE.format(run=run),
        "scripts/fetch.sh": FETCH,
        "scripts/middle.sh": "#!/bin/bash\n$(dirname $0)/fetch.sh\n",
    }
    assert ("NET002", "scripts/fetch.sh", 2) in found(files)


@pytest.mark.parametrize(
    "run",
    [
        "chmod +x /opt/program/scripts/fetch.sh",
        "cp /opt/program/scripts/fetch.sh /tmp/fetch.sh",
        "echo run scripts/fetch.sh first",
        'source "$ELSEWHERE/lib/fetch.sh"',
        "bash /usr/local/bin/fetch.sh",
    ],
)
def test_a_script_that_is_only_named_is_not_reached(run):
    files = {"Dockerfile": COPIED, "serve": SERVE.format(run=run), "scripts/fetch.sh": FETCH}
    assert found(files) == []


@pytest.mark.parametrize(
    "entrypoint",
    [
        '["sh", "-c", "/opt/program/fetch.sh && exec gunicorn -b 0.0.0.0:8080 app:app"]',
        "bash fetch.sh && python serve.py",
        '["supervisord", "-n", "-c", "/opt/program/supervisord.conf"]',
        '["supervisord", "-n"]',
        '["python", "/opt/program/serve.py"]',
    ],
)
def test_an_entry_point_leads_to_scripts_by_commands_supervisors_and_code(entrypoint):
    files = {
        "Dockerfile": f"FROM python:3.12-slim\nWORKDIR /opt/program\nCOPY . .\nENTRYPOINT {entrypoint}\n",
        "fetch.sh": FETCH,
        "supervisord.conf": "[supervisord]\nnodaemon=true\n[program:fetch]\ncommand=bash /opt/program/fetch.sh\n",
        "serve.py": 'import subprocess\n\nsubprocess.run(["bash", "/opt/program/fetch.sh"])\n',
    }
    assert ("NET002", "fetch.sh", 2) in found(files)


def test_a_guarded_call_of_code_makes_no_start_of_a_script():
    code = (
        'import os, subprocess\n\nif os.environ.get("FETCH"):\n    subprocess.run(["bash", "/opt/program/fetch.sh"])\n'
    )
    entrypoint = 'ENTRYPOINT ["python", "/opt/program/serve.py"]\n'
    files = {"Dockerfile": COPIED + entrypoint, "serve.py": code, "fetch.sh": FETCH}
    assert found(files) == []


def test_a_helper_that_a_start_script_runs_may_end():
    files = {
        "Dockerfile": COPIED,
        "serve": SERVE.format(run="bash /opt/program/cache.sh"),
        "cache.sh": "#!/bin/bash\nredis-server --port 6379 &\n",
    }
    assert found(files, ("CTR007", "CTR027", "CTR028", "CTR029")) == []


def test_scripts_that_run_each_other_end():
    files = {
        "Dockerfile": COPIED,
        "serve": SERVE.format(run="bash /opt/program/a.sh"),
        "a.sh": "bash /opt/program/b.sh\ncurl https://example.com\n",
        "b.sh": "bash /opt/program/a.sh\n",
    }
    assert found(files) == [("NET002", "a.sh", 2)]


def test_tables_of_cron_keep_their_places_through_users_times_and_percent_signs():
    table = "SHELL=/bin/bash\n# 1 2 3 4 5 curl https://a.example\n@daily root wget https://b.example/%date\n0 1 * * * aws s3 sync s3://c /d\n"
    files = {
        "Dockerfile": COPIED + 'RUN crontab /opt/program/crontab\nENTRYPOINT ["python", "/opt/program/serve.py"]\n',
        "serve.py": "print(1)\n",
        "crontab": table,
    }
    assert found(files) == [("NET026", "crontab", 3), ("NET026", "crontab", 4)]


def test_a_health_check_of_an_earlier_stage_does_not_count():
    files = {
        "Dockerfile": "FROM python:3.12 AS build\nHEALTHCHECK CMD curl https://example.com\nFROM python:3.12-slim\n"
        'COPY serve.py /opt/program/serve.py\nENTRYPOINT ["python", "/opt/program/serve.py"]\n',
        "serve.py": "print(1)\n",
    }
    assert found(files) == []


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("", []),
        ("prepare", [("NET002", "lib.sh", 5)]),
        ("trap prepare EXIT", [("NET002", "lib.sh", 5)]),
        ("fetch", [("NET002", "lib.sh", 5)]),
        ('exec "$@"', [("NET002", "lib.sh", 5)]),
    ],
)
def test_functions_of_a_library_count_when_something_calls_them(call, expected):
    files = {
        "Dockerfile": COPIED,
        "serve": SERVE.format(run=f". /opt/program/lib.sh\n{call}"),
        "lib.sh": "prepare() {\n  fetch\n}\nfetch() {\n  wget https://example.com/a.bin\n}\n",
    }
    assert found(files) == expected


@pytest.mark.parametrize(
    ("variable", "run", "expected"),
    [
        ("MODEL_URL=https://acme.io/a.bin", 'curl -o a.bin "$MODEL_URL"', ["NET002"]),
        ("HOST=acme.io", "curl -o a.bin https://${HOST}/a.bin", ["NET002"]),
        ("MODEL_URL=https://acme.io", 'curl -o a.bin "$MODEL_URL/$NAME"', ["NET119"]),
        ("MODEL_URL=https://acme.io/a.bin", 'MODEL_URL=$(cat address)\ncurl -o a.bin "$MODEL_URL"', ["NET119"]),
        ("BACKEND=http://127.0.0.1:8000", "curl -f $BACKEND/ping", []),
        ("OTHER=1", "curl -f $BACKEND/ping", ["NET119"]),
    ],
)
def test_variables_of_the_image_give_addresses_to_its_start_script(variable, run, expected):
    files = {"Dockerfile": f"{COPIED}ENV {variable}\n", "serve": SERVE.format(run=run)}
    assert [rule for rule, path, _ in found(files, ("NET002", "NET119")) if path == "serve"] == expected


def test_variables_of_the_image_give_addresses_to_its_entry_point():
    command = '["sh", "-c", "curl -o a.bin $MODEL_URL && exec gunicorn -b 0.0.0.0:8080 app:app"]'
    dockerfile = f"{COPIED}ENV MODEL_URL=https://acme.io/a.bin\nENTRYPOINT {command}\n"
    assert [rule for rule, _, _ in found({"Dockerfile": dockerfile}, ("NET002", "NET119"))] == ["NET002"]
