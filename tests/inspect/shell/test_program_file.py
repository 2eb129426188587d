"""`program.file`: language, shebang, line ends, and how a shell script hands over."""

from collections.abc import Callable
from typing import Any

import pytest

Read = Callable[..., Any]


@pytest.mark.parametrize(
    ("first", "path", "interpreter", "language"),
    [
        ("#!/bin/bash", "serve", "bash", "shell"),
        ("#! /bin/sh -e", "serve", "sh", "shell"),
        ("#!/usr/bin/env python3.11", "serve", "python3.11", "python"),
        ("#!/usr/bin/env -S python3 -u", "train", "python3", "python"),
        ("#!/usr/bin/env -S A=1 Rscript --vanilla", "train", "Rscript", "r"),
        ("#!/usr/local/bin/node", "serve", "node", "node"),
        ("#!/usr/bin/perl -w", "serve", "perl", "perl"),
        ("#!/usr/bin/awk -f", "serve", "awk", "other"),
        ("#!/opt/strange", "serve", "strange", "other"),
        ("#!", "serve", None, "unknown"),
        ("import x", "serve", None, "unknown"),
        ("import x", "serve.py", None, "python"),
        ("x <- 1", "serve.R", None, "r"),
        ("p", "run.sh", None, "shell"),
    ],
)
def test_language(read: Read, first: str, path: str, interpreter: str | None, language: str) -> None:
    fact = read(f"{first}\nx\n", "script", path).one("program.file")
    assert (fact["interpreter"], fact["language"]) == (interpreter, language)
    assert fact["shebang"] == (first if first.startswith("#!") else None)
    assert fact["hands_over"] is None


@pytest.mark.parametrize(
    ("data", "line_ends", "bom"),
    [
        (b"#!/bin/sh\np\n", "lf", False),
        (b"#!/bin/sh\r\np\r\n", "crlf", False),
        (b"#!/bin/sh\r\np\n", "mixed", False),
        (b"\xef\xbb\xbf#!/bin/sh", "none", True),
    ],
)
def test_bytes(read: Read, data: bytes, line_ends: str, bom: bool) -> None:
    fact = read(data).one("program.file")
    assert (fact["line_ends"], fact["bom"], fact["shebang"]) == (line_ends, bom, "#!/bin/sh")


@pytest.mark.parametrize(("executable", "told"), [(True, "yes"), (False, "no"), (None, "unknown")])
def test_execute_bit(read: Read, executable: bool | None, told: str) -> None:
    assert read("#!/bin/sh\n", executable=executable).one("program.file")["executable"] == told


@pytest.mark.parametrize(
    ("body", "hands_over", "last"),
    [
        ("case $1 in\n  serve) exec python serve.py ;;\n  standby) tail -f /dev/null ;;\nesac", "exec", "python"),
        (
            "case $1 in\n  serve) gunicorn a:b ;;\n  dev) exec flask run ;;\nesac",
            "foreground-server-without-exec",
            "gunicorn",
        ),
        ("if [ $1 = train ]; then\n  python t.py\nelse\n  exec gunicorn a:b\nfi", "exec", "gunicorn"),
        ("case $1 in\n  web) exec python serve.py ;;\n  standby) tail -f /dev/null ;;\nesac", "unknown", "tail"),
        ("exec gunicorn -b :8080 a:b", "exec", "gunicorn"),
        ('exec "$@"', "exec", "unknown"),
        ("gunicorn -b :8080 a:b", "foreground-server-without-exec", "gunicorn"),
        ("python serve.py", "foreground-server-without-exec", "python"),
        ("Rscript serve.R", "foreground-server-without-exec", "Rscript"),
        ("uvicorn a:b\nexit $?", "foreground-server-without-exec", "uvicorn"),
        ("bash -c 'gunicorn a:b'", "foreground-server-without-exec", "gunicorn"),
        ("trap 'kill $P' TERM\ngunicorn a:b &\nP=$!\nwait $P", "trap", "wait"),
        ("gunicorn a:b &\nnginx &\nwait -n", "wait", "wait"),
        ("gunicorn a:b &", "background", "gunicorn"),
        ("gunicorn --daemon a:b", "background", "gunicorn"),
        ("exec gunicorn -D a:b", "background", "gunicorn"),
        ("service nginx start", "background", "service"),
        ("nginx -g 'daemon off;'", "foreground-server-without-exec", "nginx"),
        ("gunicorn a:b &\nnginx", "unknown", "nginx"),
        ("supervisord -n -c /x", "supervisor", "supervisord"),
        ("tail -f /dev/null", "foreground-server-without-exec", "tail"),
        ('main() {\n exec gunicorn a:b\n}\nmain "$@"', "exec", "gunicorn"),
        ("if t; then exec a; else exec b; fi", "exec", "b"),
        ("./start.sh", "unknown", "start.sh"),
        ("docker push x", "none", "docker"),
        ("python -c 'x'", "none", "python"),
        ("python -m pip install x", "none", "python"),
        ("", "none", None),
    ],
)
def test_hands_over(read: Read, body: str, hands_over: str, last: str | None) -> None:
    reading = read(f"#!/bin/bash\nset -e\n{body}\n" if body else "#!/bin/bash\n")
    fact = reading.one("program.file")
    assert (fact["hands_over"], fact["last_program"]) == (hands_over, last)
    if last is not None:
        (command,) = reading.of("shell.command", last=True)
        assert command.location.span == fact.spans["hands_over"]


def test_shell_of_another_language_is_only_a_program(read: Read) -> None:
    reading = read("#!/usr/bin/env python\nimport os\n")
    assert [fact.kind for fact in reading.facts] == ["program.file"]


@pytest.mark.parametrize("kind", ["shell", "script", "gunicorn", "supervisor"])
@pytest.mark.parametrize("data", [b"\xff\xfep\x00", b"\x7fELF\x00\x00"])
def test_no_text_is_told(read: Read, kind: str, data: bytes) -> None:
    reading = read(data, kind)
    assert reading.facts == ()
    assert [notice.code for notice in reading.notices] == ["not-text"]
