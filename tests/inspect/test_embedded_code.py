"""Python that commands run: in shell scripts, in Dockerfiles, and where each character of it stands."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from linter.inspect import dockerfile, shell
from linter.inspect.code import Code
from linter.inspect.commands import python_in
from linter.inspect.shell.commands import parse_commands
from linter.inspect.text import Source
from linter.model import Artifact, Fact, Inspection, Location, Span

if TYPE_CHECKING:
    from linter.knowledge import Knowledge

Found = list[tuple[str, str]]


@pytest.fixture
def codes(monkeypatch: pytest.MonkeyPatch) -> list[Code]:
    """The Python that is handed on, in order."""
    found: list[Code] = []

    def note(code: Code, path: str, knowledge: Knowledge) -> Inspection:
        found.append(code)
        place = Location(path, code.place(0, len(code.text)))
        facts = (Fact("stub.call", place, {"scope": "unknown"}), Fact("stub.module", place, {"origin": code.origin}))
        return Inspection(facts)

    monkeypatch.setattr("linter.inspect.python.inspect_code", note)
    return found


def excerpt(text: str, span: Span) -> str:
    lines = text.split("\n")[span.line - 1 : span.end_line]
    lines[-1] = lines[-1][: span.end_column - 1]
    lines[0] = lines[0][span.column - 1 :]
    return "\n".join(lines)


def python_of(text: str) -> Found:
    """The Python in a shell text, each with what stands at its place."""
    source = Source("a.sh", text.encode())
    found = list(python_in(parse_commands(text), source.span))
    assert all((code.language, code.path, code.origin) == ("python", None, "command") for code in found)
    return [(code.text, excerpt(text, code.place(0, len(code.text)))) for code in found]


def same(*texts: str) -> Found:
    return [(text, text) for text in texts]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("python -c 'import a'", same("import a")),
        ('python3 -c "import a"', same("import a")),
        ("python3.11 -u -c 'import a' x y", same("import a")),
        ("/usr/bin/python -W ignore -X dev -c 'import a'", same("import a")),
        ("python -Wignore -Ic 'import a'", same("import a")),
        ("python -c'import a'", same("import a")),
        ("python --check-hash-based-pycs always -c 'import a'", same("import a")),
        ("python -c pass", same("pass")),
        ("pypy3 -c 'import a'", same("import a")),
        ("X=1 exec gosu app env Y=2 python -c 'import a'", same("import a")),
        ("conda run -n x python -c 'import a'", same("import a")),
        ("sh -c \"python -c 'import a'\"", same("import a")),
        ("x=$(python -c 'import a')", same("import a")),
        ('python -c "\nimport a\na.b()\n"', same("\nimport a\na.b()\n")),
        ('python -c "print(\\"a\\", \\$x)"', [('print("a", $x)', 'print(\\"a\\", \\$x)')]),
        ("python -c 'a'\\''b'", [("a'b", "a'\\''b")]),
        ("python -c $'import a\\na.b(\\'c\\')'", [("import a\na.b('c')", "import a\\na.b(\\'c\\')")]),
        ("python -c import\\ a", [("import a", "import\\ a")]),
        ("python - <<EOF\nimport a\nEOF\n", same("import a\n")),
        ("python3 <<'EOF'\n  import $a\nEOF\n", same("  import $a\n")),
        ("python - <<EOF\n\n\n  import a\n\nEOF\n", same("\n\n  import a\n\n")),
        ("python - x <<-EOF\n\timport a\n\tEOF\n", [("import a\n", "import a\n")]),
        ("python - <<-EOF\n\tif a:\n\t\tb()\n\tEOF\n", [("if a:\nb()\n", "if a:\n\t\tb()\n")]),
        ('python - "$x" <<EOF && ls\nimport a\nEOF\n', same("import a\n")),
        ("cat <<EOF | python -\nimport a\nEOF\n", same("import a\n")),
        ('echo "import a" | python', same("import a")),
        ("bash <<X\npython -c 'import a'\nX\n", same("import a")),
        ("python /dev/stdin <<EOF\nimport a\nEOF\n", same("import a\n")),
        ("python -c 'import a'; python -c 'import b'", same("import a", "import b")),
        # what it is not
        ("python -m a.b -c 'import a'", []),
        ("python a.py -c 'import a'", []),
        ("python a.py <<EOF\ninput\nEOF\n", []),
        ("python -c", []),
        ("python -c ''", []),
        ("python <<EOF\nEOF\n", []),
        ("python", []),
        ("python-config -c 'import a'", []),
        ("bash -c 'import a'", []),
        ("cat <<EOF > a.py\nimport a\nEOF\n", []),
        ("cat a.py | python", []),
    ],
)
def test_python_of_commands(text: str, expected: Found) -> None:
    assert python_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('M=a; python -c "import $M"', "import a"),
        ("python -c \"import a; a.b('$X')\"", "import a; a.b('$X')"),
        ('python -c "import a; a.b($X, ${Y:-1}, $(date), `ls`)"', "import a; a.b(_X, __Y__1_, __date_, _ls_)"),
        ("python - <<EOF\na.b($X, '\\$Y')\nEOF\n", "a.b(_X, '$Y')\n"),
        ('python -c "$CODE"', "_CODE"),
    ],
)
def test_what_the_shell_fills_in(text: str, expected: str) -> None:
    assert [code for code, _ in python_of(text)] == [expected]


def test_places_in_quotes_within_quotes_are_the_outer_word() -> None:
    text = 'sh -c "python -c \\"import a; a.b()\\""'
    ((code, shown),) = python_of(text)
    assert code == "import a; a.b()"
    assert "import a; a.b()" in shown


def test_shell_scripts_hand_their_python_on(knowledge: Knowledge, codes: list[Code]) -> None:
    text = "#!/bin/sh\nset -e\npython -c 'import a'\npython3 - <<EOF\nimport b\nEOF\nexec serve\n"
    found = shell.inspect(Artifact("serve", "shell"), text.encode(), knowledge)
    assert [code.text for code in codes] == ["import a", "import b\n"]
    stubs = [fact for fact in found.facts if fact.kind == "stub.call"]
    assert [fact["scope"] for fact in stubs] == ["unknown", "unknown"]
    assert [excerpt(text, fact.location.span) for fact in stubs] == ["import a", "import b\n"]


def in_dockerfile(text: str, knowledge: Knowledge) -> list[tuple[str, str]]:
    """Scope of what was handed on, and what stands at its place."""
    found = dockerfile.inspect(Artifact("Dockerfile", "dockerfile"), text.encode(), knowledge)
    assert [notice for notice in found.notices if notice.level != "note"] == []
    return [(fact["scope"], excerpt(text, fact.location.span)) for fact in found.facts if fact.kind == "stub.call"]


@pytest.mark.parametrize(
    ("statement", "scope", "code", "shown"),
    [
        ('RUN python -c "import a"', "build", "import a", "import a"),
        ("RUN ls && \\\n  python -c 'import a; \\\n  a.b()'", "build", "import a;   a.b()", "import a; \\\n  a.b()"),
        ('RUN ["python", "-c", "print(\\"a\\")"]', "build", 'print("a")', 'print(\\"a\\")'),
        ("RUN python - <<EOF\nimport a\nEOF", "build", "import a\n", "import a\n"),
        ("RUN <<EOF\n#!/usr/bin/env python3\nimport a\nEOF", "build", "#!/usr/bin/env python3\nimport a\n",
         "#!/usr/bin/env python3\nimport a\n"),
        ("RUN <<EOF\nset -e\npython - <<'X'\nimport a\nX\nEOF", "build", "import a\n", "import a\n"),
        ('ENTRYPOINT ["python", "-c", "import a\\na.b()"]', "container", "import a\na.b()", "import a\\na.b()"),
        ('ENTRYPOINT ["tini", "--", "python3", "-uc", "import a"]', "container", "import a", "import a"),
        ('ENTRYPOINT ["/bin/sh", "-c", "exec python -c \'import a\'"]', "container", "import a", "import a"),
        ('CMD ["python", "-c", "import \\u0061"]', "container", "import a", "import \\u0061"),
        ("CMD python -c 'import a'", "container", "import a", "import a"),
        ('HEALTHCHECK CMD python -c "import a"', "container", "import a", "import a"),
        ('HEALTHCHECK --interval=3s CMD ["python", "-c", "import a"]', "container", "import a", "import a"),
    ],
)  # fmt: skip
def test_python_in_dockerfiles(
    knowledge: Knowledge, codes: list[Code], statement: str, scope: str, code: str, shown: str
) -> None:
    assert in_dockerfile(f"FROM python:3.12\n{statement}\n", knowledge) == [(scope, shown)]
    assert codes[0].text == code


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\nHEALTHCHECK NONE\n",
        "FROM a\nRUN pip install python-c\n",
        "FROM a\nRUN python setup.py -c x\n",
        "FROM a AS b\nCMD python -c 'import a'\nFROM c\nCMD serve\n",
        "FROM a\nCMD python -c 'import a'\nCMD serve\n",
        "FROM a\nCMD\nENTRYPOINT []\nHEALTHCHECK\n",
        "RUN python -c 'import a'\n",
        'FROM a\nSHELL ["powershell"]\nRUN python -c "import a"\n',
    ],
)
def test_what_does_not_run_python(knowledge: Knowledge, codes: list[Code], text: str) -> None:
    dockerfile.inspect(Artifact("Dockerfile", "dockerfile"), text.encode(), knowledge)
    assert codes == []


# Places

_CODE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), min_size=1, max_size=40)


def mapped(text: str) -> Code:
    (code,) = python_in(parse_commands(text), Source("a", text.encode()).span)
    return code


def check_places(text: str, code: Code, escapes: dict[str, str]) -> None:
    """Each character stands where its place says, as it is or escaped."""
    for at, character in enumerate(code.text):
        assert excerpt(text, code.place(at, at + 1)) in (character, escapes.get(character)), at


@settings(max_examples=200, deadline=None)
@given(_CODE, st.sampled_from(["", "ls; ", "é='ü'\n", "if x; then "]))
def test_places_in_single_quotes(text: str, before: str) -> None:
    assume(text.strip())
    script = f"{before}python -c {shlex.quote(text)} x"
    code = mapped(script)
    assert code.text == text
    check_places(script, code, {})


@settings(max_examples=200, deadline=None)
@given(_CODE)
def test_places_in_double_quotes(text: str) -> None:
    assume(text.strip())
    escapes = {sign: f"\\{sign}" for sign in '\\"$`'}
    script = 'python -c "' + "".join(escapes.get(sign, sign) for sign in text) + '"'
    code = mapped(script)
    assert code.text == text
    check_places(script, code, escapes)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=10), min_size=1, max_size=5))
def test_places_in_here_documents(lines: list[str]) -> None:
    text = "".join(f"{line}\n" for line in lines)
    # A body that begins with a backslash, as no Python does, is lost by the grammar of the shell.
    assume(text.strip() and "END" not in lines and not text.lstrip().startswith("\\"))
    script = f"ls\npython - <<'END'\n{text}END\nls\n"
    code = mapped(script)
    assert code.text == text
    check_places(script, code, {})


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="'\"\\$`{}() a\n\t-c<EOF", max_size=60))
def test_any_words_are_read(text: str) -> None:
    for script in (f"python -c {text}", f'python -c "{text}', f"python <<-EOF\n{text}\nEOF\n", f"echo {text} | python"):
        for code in python_in(parse_commands(script), Source("a", script.encode()).span):
            start, end = code.place(0, 1), code.place(0, len(code.text))
            assert (start.line, start.column) <= (end.end_line, end.end_column)


def test_whole_files_stand_where_they_are() -> None:
    source = Source("a.py", "import ü\r\nx = 'é'\n".encode())
    code = Code.of_file(source)
    assert (code.path, code.origin) == ("a.py", "file")
    assert code.span(2, 5, 2, 8) == Span(2, 5, 2, 8)
    assert code.span(1, 1, 2, 1) == Span(1, 1, 2, 1)
    assert code.span(0, 0, 99, 99) == Span(1, 1, 3, 1)


def test_lines_are_those_of_python() -> None:
    code = Code.of_file(Source("a.py", b"a\rb\r\nc\x0cd\n"))
    assert code.starts == [0, 2, 5, 9]
    assert code.span(2, 1, 2, 2) == Span(1, 3, 1, 4)
