"""Files that steps of a Dockerfile link, copy or rename inside the image, and what starts by the new name."""

from __future__ import annotations

import pytest
from test_images import PYTHON, facts, one

HEAD = "FROM python:3.12-slim\nWORKDIR /app\nCOPY code /app\n"


@pytest.mark.parametrize(
    ("steps", "serve"),
    [
        ("RUN ln -s /app/start.py /usr/local/bin/serve", "yes"),
        ("RUN chmod +x /app/start.py && ln -sf /app/start.py /usr/local/bin/serve", "yes"),
        ("RUN cp /app/start.py /usr/bin/serve", "yes"),
        ("RUN cp start.py /usr/bin/serve", "yes"),
        ("RUN cp ./start.py /usr/bin/serve", "yes"),
        ("RUN mv /app/start.py /usr/bin/serve", "yes"),
        ("RUN cp /app/serve /usr/bin/", "yes"),
        ("RUN ln -s ../../app/start.py /usr/bin/serve", "yes"),
        ("RUN ln -s /app/start.py /opt/serve && ln -s /opt/serve /usr/bin/serve", "yes"),
        ("RUN ln -s /opt/other/start.py /usr/bin/serve", "unknown"),
        ("RUN cd /tmp && cp start.py /usr/bin/serve", "unknown"),
        ("RUN cd /tmp && ls\nRUN cp start.py /usr/bin/serve", "yes"),
        ("RUN ln -s /usr/bin/serve /usr/bin/serve", "unknown"),
        ("RUN ln -s /app/$NAME /usr/bin/serve", "unknown"),
        ("RUN ln -s /app/start.py /opt/serve", "no"),
    ],
)
def test_path_finds_what_a_step_puts_there(steps: str, serve: str) -> None:
    files = {"Dockerfile": f"{HEAD}{steps}\n", "code/start.py": PYTHON, "code/serve": PYTHON}
    assert one(facts(files), "image.start")["serve_on_path"] == serve


@pytest.mark.parametrize(
    ("steps", "started", "bit"),
    [
        ("RUN ln -s /app/start.py /usr/bin/serve", "code/start.py", "no"),
        ("RUN ln -s /app/start.py /usr/bin/serve && chmod +x /usr/bin/serve", "code/start.py", "yes"),
        ("RUN chmod +x /app/start.py && cp /app/start.py /usr/bin/serve", "code/start.py", "yes"),
        ("RUN mv /app/start.py /usr/bin/serve\nCOPY code/other.py /usr/bin/serve", "code/other.py", "no"),
        ("COPY code/other.py /usr/bin/serve\nRUN mv /app/start.py /usr/bin/serve", "code/start.py", "no"),
    ],
)
def test_the_last_step_says_which_file_starts(steps: str, started: str, bit: str) -> None:
    files = {"Dockerfile": f"{HEAD}{steps}\n", "code/start.py": PYTHON, "code/other.py": PYTHON}
    found = facts(files)
    programs = {fact.location.path: fact for fact in found if fact.kind == "program.file" and fact["started_as"]}
    assert list(programs) == [started]
    assert programs[started]["execute_bit"] == bit


def test_what_a_linked_program_imports_lies_beside_the_file_itself() -> None:
    code = f"{PYTHON}import app\napp.server.run(host='0.0.0.0', port=8080)\n"
    web = "import flask\nserver = flask.Flask(__name__)\n@server.route('/ping')\ndef ping(): return ''\n"
    files = {"Dockerfile": f"{HEAD}RUN ln -s /app/start.py /usr/bin/serve\n", "code/start.py": code, "code/app.py": web}
    assert one(facts(files), "server.route")["scope"] == "container"


def test_an_entry_point_that_a_step_puts_there_is_followed() -> None:
    steps = 'RUN cp ./serve.sh /usr/local/bin/serve.sh\nENTRYPOINT ["/usr/local/bin/serve.sh"]'
    head = HEAD.replace("/app", "/opt/ml/code")
    found = facts({"Dockerfile": f"{head}{steps}\n", "code/serve.sh": "#!/bin/bash\nexec gunicorn -b :8080 app:app\n"})
    assert one(found, "image.start")["program_file"] == "code/serve.sh"
    assert one(found, "server.program")["scope"] == "container"


@pytest.mark.parametrize(
    ("entrypoint", "file"),
    [
        ('["bash", "-m", "start.sh", "train"]', "start.sh"),
        ('["bash", "start.sh"]', "start.sh"),
        ('["bash", "-c", "start.sh"]', None),
        ('["bash", "-euo", "pipefail", "start.sh"]', "start.sh"),
        ('["python", "-m", "web.main"]', "web/main.py"),
        ('["python", "-u", "-m", "web"]', "web/__main__.py"),
        ('["python", "-m", "gunicorn"]', None),
        ('["python", "start.sh"]', None),
    ],
)
def test_the_file_that_an_interpreter_runs(entrypoint: str, file: str | None) -> None:
    files = {
        "Dockerfile": "FROM python:3.12-slim\nWORKDIR /app\nCOPY web /app/web\nCOPY start.sh /usr/local/bin/start.sh\n"
        f"ENTRYPOINT {entrypoint}\n",
        "start.sh": "#!/bin/bash\n",
        "web/__main__.py": "import x\n",
        "web/main.py": "import x\n",
    }
    assert one(facts(files), "image.start")["program_file"] == file


BUILDER = "FROM python:3.12-slim AS build\nWORKDIR /build\nCOPY code .\n{first}FROM python:3.12-slim\n{then}"


@pytest.mark.parametrize(
    ("first", "then", "bit"),
    [
        ("", "COPY --from=build /build/ /opt/program\n", "no"),
        ("", "COPY --from=build /build /opt/program\n", "no"),
        ("", "COPY --from=0 /build/serve /opt/program/\n", "no"),
        ("", "COPY --from=build /build/serve /opt/program/serve\nRUN chmod +x /opt/program/serve\n", "yes"),
        ("RUN chmod +x /build/serve\n", "COPY --from=build /build/serve /opt/program/serve\n", "yes"),
        ("RUN chmod +x serve\n", "COPY --from=build /build /opt/program\n", "yes"),
        ("", "COPY --from=build --chmod=755 /build /opt/program\n", "yes"),
        ("RUN mv start.py serve2\n", "COPY --from=build /build/serve2 /opt/program/serve\n", "no"),
    ],
)
def test_what_comes_through_an_earlier_stage(first: str, then: str, bit: str) -> None:
    text = BUILDER.format(first=first, then=then) + "ENV PATH=/opt/program:$PATH\n"
    found = facts({"Dockerfile": text, "code/serve": PYTHON, "code/start.py": PYTHON})
    assert one(found, "image.start", last=True)["serve_on_path"] == "yes"
    started = [fact for fact in found if fact.kind == "program.file" and fact["started_as"] == "serve"]
    assert [(fact["execute_bit"], fact["execute_bit_needed"]) for fact in started] == [(bit, "yes")]


@pytest.mark.parametrize("copy", ["--from=other /build /opt/program", "--from=build /made /opt/program"])
def test_what_an_earlier_stage_may_have_made_stays_open(copy: str) -> None:
    text = BUILDER.format(first="RUN make\n", then=f"COPY {copy}\n") + "ENV PATH=/opt/program:$PATH\n"
    start = one(facts({"Dockerfile": text, "code/serve": PYTHON}), "image.start", last=True)
    assert start["serve_on_path"] == "unknown"
