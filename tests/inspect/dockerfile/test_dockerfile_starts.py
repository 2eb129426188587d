"""ENTRYPOINT and CMD, above all what only looks like an exec form."""

from __future__ import annotations

import pytest
from dockerfile_support import of, read


@pytest.mark.parametrize(
    ("args", "form", "malformed"),
    [
        ('["python", "serve.py"]', "exec", None),
        ('["python", "serve.py"] # comment', "shell", "trailing-comment"),
        ('["python"] serve.py', "shell", "trailing-text"),
        ("['python', 'serve.py']", "shell", "single-quotes"),
        ("[ 'python', 'serve.py' ]", "shell", "single-quotes"),
        ('["python",]', "shell", "other"),
        ("[python, serve.py]", "shell", "other"),
        ('["python" "serve.py"]', "shell", "other"),
        ('["python", "serve.py"', "shell", "other"),
        ("[“python”]", "shell", "other"),
        ("python serve.py", "shell", None),
        ("[ -f /x ] && y", "shell", None),
        ('[ "$X" ] && y', "shell", None),
        ("[]", "empty", None),
    ],
)
def test_form(args: str, form: str, malformed: str | None) -> None:
    fact = of(f"FROM a\nENTRYPOINT {args}\n", "start")[0]
    assert (fact["form"], fact["malformed_exec"]) == (form, malformed)
    assert fact["trailing_text"] == (malformed in ("trailing-comment", "trailing-text", "single-quotes"))


@pytest.mark.parametrize(
    ("args", "program", "wrapper", "runs_shell"),
    [
        ('["/usr/bin/python3", "x"]', "python3", None, False),
        ('["tini", "-g", "--", "python", "x"]', "python", "tini", False),
        ('["/usr/bin/dumb-init", "serve"]', "serve", "dumb-init", False),
        ('["sh", "-c", "exec gunicorn x"]', "gunicorn", None, True),
        ('["bash", "-lc", "serve"]', "serve", None, True),
        ('["bash", "start.sh"]', "bash", None, False),
        ("exec python x", "python", None, False),
        ("cd /x && ./serve", "serve", None, False),
        ("$CMD x", "unknown", None, False),
        ("[]", None, None, False),
    ],
)
def test_program(args: str, program: str | None, wrapper: str | None, runs_shell: bool) -> None:
    fact = of(f"FROM a\nCMD {args}\n", "start")[0]
    assert (fact["program"], fact["wrapper"], fact["runs_shell"]) == (program, wrapper, runs_shell)


def test_effective() -> None:
    found = of('FROM a AS x\nCMD ["1"]\nENTRYPOINT ["2"]\nFROM x\nENTRYPOINT ["3"]\nENTRYPOINT ["4"]\n', "start")
    assert [fact["effective"] for fact in found] == [False, False, False, True]
    found = of('FROM a AS x\nENTRYPOINT ["1"]\nFROM x AS y\nCMD ["2"]\nFROM x\nCMD ["3"]\n', "start")
    assert [fact["effective"] for fact in found] == [True, True, True]


WRITTEN = {
    r"""RUN printf '#!/bin/bash\nexec python main.py "$@"\n' > /opt/ep.sh && chmod +x /opt/ep.sh""": ["/opt/ep.sh"],
    'RUN echo "#!/bin/sh" > /x.sh && echo "cd /app" >> /x.sh\nRUN echo "exec python main.py" >> /x.sh': ["/x.sh"],
    r"""RUN echo '#!/bin/bash\n\
cd /app\n\
python main.py "$@"\n' > /usr/bin/serve""": ["/usr/bin/serve"],
    r"RUN printf '%s\n' '#!/bin/sh' 'exec python main.py' > \"/a.sh\"".replace('\\"', '"'): ["/a.sh"],
    "RUN cat <<'EOF' > /opt/x.sh\n#!/bin/sh\npython main.py\nEOF": ["/opt/x.sh"],
    "RUN <<EOF\ncat > /opt/x.sh <<'END'\n#!/bin/sh\npython main.py\nEND\nEOF": ["/opt/x.sh"],
    "COPY <<'EOF' /opt/x.sh\n#!/bin/bash\npython main.py \"$@\"\nEOF": ["/opt/x.sh"],
    "COPY <<x.sh /opt/\n#!/bin/bash\npython main.py \\$1\nx.sh": ["/opt/x.sh"],
    "WORKDIR /srv\nENV D=bin\nRUN echo 'python main.py' | tee $D/x.sh >/dev/null": ["/srv/bin/x.sh"],
    "RUN cd /a && echo 'python main.py' > b.sh": ["/a/b.sh"],
    # no script, a text that goes on from what is not seen, or one that a later step changes
    "RUN echo '[global]' > /etc/pip.conf": [],
    "RUN echo 'python main.py' >> /root/.bashrc.sh": [],
    "RUN printf 'import x' > /app/main.py": [],
    "RUN curl -s https://example.com/x > /x.sh": [],
    "RUN echo 'python X' > /x.sh && sed -i s/X/main.py/ /x.sh": [],
    "RUN echo 'python main.py' > $(pwd)/x.sh": [],
    "RUN printf '#!/bin/sh\\n%d' 3 > /x.sh": [],
}


@pytest.mark.parametrize("steps", WRITTEN)
def test_scripts_that_steps_write_are_read(steps: str) -> None:
    found = read(f"FROM python:3.12-slim\n{steps}\n").facts
    files = [fact for fact in found if fact.kind == "dockerfile.written_file"]
    assert [fact["path"] for fact in files] == WRITTEN[steps]
    commands = [fact for fact in found if fact.kind == "shell.command"]
    assert {fact["script"] for fact in commands} == {fact["script"] for fact in files}
    python = [fact for fact in commands if fact["program"] == "python"]
    assert [fact["arguments"][0] for fact in python] == ["main.py"] * len(files)


def test_a_written_command_stands_where_it_is_written() -> None:
    text = "FROM a\nCOPY <<EOF /x.sh\n#!/bin/sh\n  python main.py\nEOF\nRUN echo 'python b.py' >> /x.sh\n"
    commands = [fact for fact in read(text).facts if fact.kind == "shell.command"]
    assert [(fact.location.span.line, fact.location.span.column) for fact in commands] == [(4, 3), (6, 5)]


@pytest.mark.parametrize(
    ("base", "folder"),
    [
        ("python:3.12-slim", "/app"),
        ("docker.io/library/ubuntu:22.04", "/app"),
        ("pytorch/pytorch:2.3.0-cuda12.1-cudnn8-runtime", "/workspace/app"),
        ("registry.example.com/team/base:1", "unknown"),
        ("golang:1.22", "unknown"),
    ],
)
def test_the_folder_that_a_base_image_works_in(base: str, folder: str) -> None:
    found = read(f"FROM {base}\nCOPY src app/\n").facts
    assert [fact["destination"] for fact in found if fact.kind == "dockerfile.copy"] == [folder]
