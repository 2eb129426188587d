"""ENTRYPOINT and CMD, above all what only looks like an exec form."""

from __future__ import annotations

import pytest
from dockerfile_support import of


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
