"""Notebooks: which code they hold, as which files and commands, and where each character of it stands."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linter.inspect import notebook
from linter.inspect.cells import BrokenNotebook, read_cells
from linter.inspect.ipython import cell_of, read_body
from linter.model import Artifact, Fact, Inspection, Location, Span

if TYPE_CHECKING:
    from conftest import Reading

    from linter.inspect.code import Code
    from linter.knowledge import Knowledge


@pytest.fixture
def codes(monkeypatch: pytest.MonkeyPatch) -> list[Code]:
    """The Python that is handed on, in order."""
    found: list[Code] = []

    def note(code: Code, path: str, knowledge: Knowledge) -> Inspection:
        found.append(code)
        return Inspection((Fact("python.call", Location(path), {"scope": "unknown", "text": code.text}),))

    monkeypatch.setattr("linter.inspect.python.inspect_code", note)
    return found


Run = Callable[..., Inspection]


@pytest.fixture
def run(knowledge: Knowledge, codes: list[Code]) -> Run:
    def inspect(*cells: str, path: str = "work/publish.ipynb", **members: Any) -> Inspection:
        data = json.dumps(book(*cells, **members), indent=1).encode()
        return notebook.inspect(Artifact(path, "notebook", len(data)), data, knowledge)

    return inspect


def book(*cells: str, **members: Any) -> dict[str, Any]:
    listed = [{"cell_type": "code", "outputs": [], "source": cell.splitlines(keepends=True)} for cell in cells]
    return {"cells": listed, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **members}


def excerpt(text: str, span: Span) -> str:
    lines = text.split("\n")[span.line - 1 : span.end_line]
    lines[-1] = lines[-1][: span.end_column - 1]
    lines[0] = lines[0][span.column - 1 :]
    return "\n".join(lines)


def commands(inspection: Inspection) -> list[str]:
    return [fact["text"] for fact in inspection.facts if fact.kind == "shell.command"]


def python(*cells: str) -> str:
    """What a notebook's plain cells come to."""
    return "".join(piece.text for cell in cells for piece in read_body(cell).pieces)


# Which cells


def test_plain_cells_are_one_text_in_order(run: Run, codes: list[Code]) -> None:
    run("import a", "", "b = a.c()\n", "b.d()")
    assert [code.text for code in codes] == ["import a\nb = a.c()\nb.d()\n"]
    assert (codes[0].origin, codes[0].path, codes[0].language) == ("cell", None, "python")


def test_facts_of_cells_are_the_sellers(run: Run) -> None:
    found = run("import a", "%%writefile b.py\nimport b")
    assert [fact["scope"] for fact in found.facts] == ["seller", "unknown"]


def test_only_sources_of_code_cells_are_read(run: Run, codes: list[Code]) -> None:
    output = {"output_type": "stream", "text": ["import output"], "source": ["import nested"]}
    run(
        cells=[
            {"cell_type": "markdown", "source": ["import prose"]},
            {"cell_type": "raw", "source": ["import raw"]},
            {"outputs": [output], "source": "import real", "metadata": {"source": "import no"}, "cell_type": "code"},
            {"cell_type": "code", "attachments": {"x": {"text": "import no"}}},
            {"cell_type": "code", "source": [1, "x = 1", None]},
            "no cell",
        ]
    )
    assert [code.text for code in codes] == ["import real\nx = 1\n"]


def test_worksheets_of_nbformat_3(run: Run, codes: list[Code]) -> None:
    cells = [
        {"cell_type": "code", "input": ["import a\n", "a.b()"], "language": "python", "outputs": []},
        {"cell_type": "code", "input": "puts 1", "language": "ruby"},
        {"cell_type": "markdown", "source": "import c"},
    ]
    run(cells=None, worksheets=[{"cells": cells, "metadata": {}}], nbformat=3)
    assert [code.text for code in codes] == ["import a\na.b()\n"]


@pytest.mark.parametrize(
    ("metadata", "is_read"),
    [
        ({}, True),
        ({"kernelspec": {"name": "my-env"}}, True),
        ({"kernelspec": {"name": "conda_pytorch_p310", "language": "python"}}, True),
        ({"language_info": {"name": "python"}, "kernelspec": {"language": "Python"}}, True),
        ({"language_info": {"name": "ipython"}}, True),
        ({"language_info": {"name": "pyspark"}}, True),
        ({"kernelspec": {"name": "ir", "language": "R"}}, False),
        ({"language_info": {"name": "julia"}}, False),
        ({"language_info": {"name": "scala"}}, False),
        ({"language_info": 3, "kernelspec": []}, True),
        ("text", True),
    ],
)
def test_the_kernel_tells_the_language(run: Run, codes: list[Code], metadata: Any, is_read: bool) -> None:
    run("import a", metadata=metadata)
    assert bool(codes) is is_read


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ('{"cells": [\n{"cell_type": }]}', "value", 2),
        ("\n<html></html>", "object", 2),
        ('{"cells": []} x', "more text", 1),
        ('{"cells": [], 3: 4}', "key", 1),
        ('{"cells" []}', "`:`", 1),
        ("[]", "object", 1),
        ('{"cells": [' + '{"a":' * 200_000, "nested", 1),
    ],
)
def test_what_is_no_notebook_gives_a_notice(knowledge: Knowledge, text: str, message: str, line: int) -> None:
    found = notebook.inspect(Artifact("a.ipynb", "notebook"), text.encode(), knowledge)
    (notice,) = found.notices
    assert (notice.code, notice.level) == ("notebook-syntax", "note")
    assert message in notice.message
    assert notice.span is not None
    assert notice.span.line == line


@pytest.mark.parametrize("text", ["", "\n ", "{}", '{"cells": []}', '{"cells": {}}', '{"cells": [[]]}'])
def test_nothing_in_it_is_nothing_to_tell(knowledge: Knowledge, text: str) -> None:
    assert notebook.inspect(Artifact("a.ipynb", "notebook"), text.encode(), knowledge) == Inspection()


def test_bytes_that_are_no_text_give_a_notice(knowledge: Knowledge) -> None:
    found = notebook.inspect(Artifact("a.ipynb", "notebook"), b"{\x00", knowledge)
    assert [notice.code for notice in found.notices] == ["not-text"]


def test_a_cell_that_is_no_python_does_not_lose_the_others(run: Run, codes: list[Code]) -> None:
    found = run("import a", "x = 1\ngcloud auth login\n", "print 'old'", "a.b()")
    assert [code.text for code in codes] == ["import a\na.b()\n"]
    (notice,) = found.notices
    assert notice.code == "notebook-cell"
    assert "so was another one" in notice.message
    text = json.dumps(book("import a", "x = 1\ngcloud auth login\n"), indent=1)
    assert notice.span is not None
    assert "gcloud" in text.split("\n")[notice.span.line - 1]


# Magics


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("import a", "python"),
        ("%%time\nimport a", "python"),
        ("\n%%capture out\n%%time\nimport a", "python"),
        ("%%bash\nls", "shell"),
        ("%%sh\nls", "shell"),
        ("%%script bash --bg\nls", "shell"),
        ("%%script /bin/sh\nls", "shell"),
        ("%%!\nls", "shell"),
        ("%%capture\n%%bash\nls", "shell"),
        ("%%script ruby\nputs", "other"),
        ("%%script\nputs", "other"),
        ("%%html\n<b>", "other"),
        ("%%R\nlibrary(x)", "other"),
        ("%%javascript\nalert()", "other"),
        ("%%python3\nimport a", "program"),
        ("%%script python\nimport a", "program"),
        ("%%writefile a.py\nimport a", "file"),
        ("%%file a.py\nimport a", "file"),
        ("%%writefile", "file"),
        ("# why\n%%bash\nls", "python"),
        ("x = '''\n%%bash\n'''", "python"),
    ],
)
def test_cell_magics(cell: str, kind: str) -> None:
    assert cell_of(cell).kind == kind


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("%matplotlib inline\nimport a", "\nimport a"),
        ("!pip install b\nimport a", "\nimport a"),
        ("import a\n!tar \\\n  -x y\nb()", "import a\n\nb()"),
        ("if a:\n    !ls\nelse:\n\t!!pwd", "if a:\n    pass\nelse:\n\tpass"),
        ("x = !ls\ny = 1", "x = get_ipython()\ny = 1"),
        ("a, b = %sx ls", "a, b = get_ipython()"),
        ("d['k'] = !ls {x}", "d['k'] = get_ipython()"),
        ("a.b?\nc()", "\nc()"),
        ("?a\na??\n", "\n\n"),
        ("%time x = f()\n%timeit -n 10 -r 3 g(x)", "x = f()\ng(x)"),
        ("for i in x:\n    %time f(i)", "for i in x:\n    f(i)"),
        ("%time", ""),
        ("pip install a\nimport b", "\nimport b"),
        ("s = '''\n!no\n%no\n'''\n!yes", "s = '''\n!no\n%no\n'''\n"),
        ("f(a,\n% b)\n", "f(a,\n% b)\n"),
        ("f(a\n% b)\n!ls", "f(a\n% b)\n"),
        ('f("(", # (\n  1)\n!ls', 'f("(", # (\n  1)\n'),
        ("x = a \\\n % b\n!ls", "x = a \\\n % b\n"),
        ("  x = 1\n  !ls\n  if x:\n    y()", "x = 1\n\nif x:\n  y()"),
        ("!a\r\nb()\r\n", "\r\nb()\r\n"),
        ("x = 5 % 3\nassert x != 2", "x = 5 % 3\nassert x != 2"),
        ("await f()\nreturn", "await f()\nreturn"),
    ],
)
def test_lines_of_ipython_are_taken_out(cell: str, expected: str) -> None:
    assert python(cell) == expected


@pytest.mark.parametrize("cell", ["x = '''\n!ls", "f((\n!ls", "!ls\nx = $y", "def f(:\n", "\ud800", "x\x00", "%"])
def test_cells_that_cannot_be_read_end_in_an_error_or_nothing(cell: str) -> None:
    body = read_body(cell)
    assert body.error is not None or not "".join(piece.text for piece in body.pieces).strip()


@pytest.mark.parametrize(
    "cell", ["(" * 50_000, "!" * 50_000, "-" * 100_000 + "1\n!", "x = 'a\\" * 9_000, '"""' * 9_999]
)
def test_hostile_cells_are_read_in_time(cell: str) -> None:
    read_body(cell)
    cell_of(cell)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("!pip install a", ["pip install a"]),
        ("%pip install a  # now", ["pip install a"]),
        ("%conda install -y a", ["conda install -y a"]),
        ("pip install a", ["pip install a"]),
        ("x = !aws s3 ls", ["aws s3 ls"]),
        ("x = %sx ls", ["ls"]),
        ("!{sys.executable} -m pip install a", ["python -m pip install a"]),
        ("!docker build \\\n  -t x .", ["docker build \\\n  -t x ."]),
        ("!a && b", ["a", "b"]),
        ("%cd code\n!ls", ["cd code", "ls"]),
        ("%env A=b c", ["export A='b c'"]),
        ("%set_env A b", ["export A='b'"]),
        ("%env A={x}", ["export A={x}"]),
        ("%env", []),
        ("%env A", []),
        ("%%bash\nset -e\nls {a} $b\n", ["set -e", "ls {a} $b"]),
        ("if x:\n    !ls", ["ls"]),
        ("%matplotlib inline", []),
        ("!", []),
        ("%", []),
    ],
)
def test_commands(run: Run, cell: str, expected: list[str]) -> None:
    assert commands(run(cell)) == expected


def test_what_python_fills_in_is_not_known(run: Run) -> None:
    (fact,) = run("!docker push {account}.dkr/{name}:1 '{tag}' $image").facts
    assert fact["text"] == "docker push {account}.dkr/{name}:1 '{tag}' $image"
    assert fact["arguments"] == ["push", "unknown", "unknown", "unknown"]


def test_braces_and_dollars_of_the_shell_stay(run: Run) -> None:
    found = run("!awk '{print $1}' x '{}' '{\"a\": 1}'", "!echo $$HOME")
    assert found.facts[0]["arguments"] == ["{print $1}", "x", "{}", '{"a": 1}']
    assert found.facts[1]["text"] == "echo $HOME"


def test_env_holds_for_the_commands_after_it(run: Run) -> None:
    found = run("!aws s3 ls", "%env AWS_DEFAULT_REGION=eu-west-1", "!aws s3 ls", "%%bash\naws s3 ls")
    regions = [fact["region"] for fact in found.facts if fact.kind == "shell.command" and fact["program"] == "aws"]
    assert regions[1:] == ["eu-west-1", "eu-west-1"]
    assert regions[0] != "eu-west-1"


def test_commands_obey_the_schema_and_know_their_places(
    read: Callable[..., Reading], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("linter.inspect.python.inspect_code", lambda code, path, knowledge: Inspection())
    text = json.dumps(book('import é\nif x:\n    !pip install "a b"', "%%bash\nls -l\tx"), indent=1)
    reading = read(text, "notebook", "a.ipynb")
    first, second = reading.of("shell.command")
    assert reading.excerpt(first) == 'pip install \\"a b\\"'
    assert reading.excerpt(second) == "ls -l\\tx"
    assert reading.excerpt(second, "program") == "ls"
    assert {first["scope"], second["scope"]} == {"seller"}


def test_python_in_commands_of_cells(run: Run, codes: list[Code]) -> None:
    run("%%bash\npython - <<'X'\nimport a\nX\npython3 -c \"import b\"", "!python -c 'import c'")
    assert [(code.text, code.origin) for code in codes] == [
        ("import a\n", "command"),
        ("import b", "command"),
        ("import c", "command"),
    ]


# Files


@pytest.mark.parametrize(
    ("cell", "path"),
    [
        ("%%writefile code/a.py\nimport a", "work/code/a.py"),
        ("%%writefile ./a.py\nimport a", "work/a.py"),
        ("%%writefile ../a.py\nimport a", "a.py"),
        ("%%writefile ../../a.py\nimport a", None),
        ("%%writefile /opt/a.py\nimport a", None),
        ("%%writefile ~/a.py\nimport a", None),
        ("%%writefile {folder}/a.py\nimport a", "work/{folder}/a.py"),
        ("%%writefile $folder/code/a.py\nimport a", "work/$folder/code/a.py"),
        ("%%writefile code/{name}.py\nimport a", None),
        ("%%writefile {name}\nimport a", None),
        ("%%writefile {os.path.join(a, b)}/a.py\nimport a", None),
        ("%%writefile 'a b.py'\nimport a", "work/a b.py"),
        ("%%writefile -a a.py\nimport a", "work/a.py"),
        ("%%file a.py\nimport a", "work/a.py"),
        ("%%writefile train\n#!/usr/bin/env python3\nimport a", "work/train"),
        ("%%writefile serve\nimport a", "work/serve"),
    ],
)
def test_written_python_files(run: Run, codes: list[Code], cell: str, path: str | None) -> None:
    run(cell)
    (code,) = codes
    assert (code.path, code.origin, code.language) == (path, "written_file", "python")
    assert code.text.endswith("import a\n")


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("folder = 'code'", "work/code/a.py"),
        ('from pathlib import Path\nfolder = Path("../src/")  # the code', "src/a.py"),
        ("folder = 'first'\nfolder = 'code'", "work/code/a.py"),
        ("folder = name()", "work/{folder}/a.py"),
        ("folder = f'{name}/code'", "work/{folder}/a.py"),
        ("folder = '/opt/ml'", None),
    ],
)
def test_a_folder_that_cells_name_before(run: Run, codes: list[Code], given: str, path: str | None) -> None:
    run(given, "%%writefile {folder}/a.py\nimport a")
    assert codes[-1].path == path


@pytest.mark.parametrize(
    "cell", ["%%writefile a.json\n{}", "%%writefile Dockerfile\nFROM x", "%%writefile\nimport a", "%%writefile a.R\nx"]
)
def test_other_written_files_are_left(run: Run, codes: list[Code], cell: str) -> None:
    assert run(cell).facts == ()
    assert codes == []


def test_cells_that_append_make_one_file(run: Run, codes: list[Code]) -> None:
    run("%%writefile a.py\nimport a", "x = 1", "%%writefile -a a.py\na.b()\n", "%%writefile --append ./a.py\na.c()")
    assert [code.text for code in codes] == ["x = 1\n", "import a\na.b()\na.c()\n"]


def test_a_file_written_anew_is_another_one(run: Run, codes: list[Code]) -> None:
    run("%%writefile a.py\nimport a", "%%writefile a.py\nimport b", "%%writefile -a a.py\nimport c")
    assert [code.text for code in codes] == ["import a\n", "import b\nimport c\n"]


def test_cd_moves_what_is_written(run: Run, codes: list[Code]) -> None:
    run("%cd code", "%%writefile a.py\nimport a", "%cd ..", "%%writefile a.py\nimport b", "%cd {x}",
        "%%writefile a.py\nimport c", path="n.ipynb")  # fmt: skip
    assert [code.path for code in codes] == ["code/a.py", "a.py", None]


def test_written_scripts_are_shell(run: Run) -> None:
    found = run("%%writefile run.sh\npip install a", "%%writefile serve\n#!/bin/bash\nexec gunicorn x")
    assert commands(found) == ["pip install a", "exec gunicorn x"]
    assert {fact["scope"] for fact in found.facts if fact.kind == "shell.command"} == {"unknown"}


def test_written_python_need_not_parse(run: Run, codes: list[Code]) -> None:
    found = run("%%writefile a.py\nprint 'x'\n!no magic")
    assert codes[0].text == "print 'x'\n!no magic\n"
    assert found.notices == ()


# Places

_LINES = st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=12), max_size=6)


@settings(max_examples=150, deadline=None)
@given(_LINES, st.booleans(), st.sampled_from([None, 0, 1, "\t"]), st.booleans())
def test_every_character_of_a_cell_has_its_place(
    lines: list[str], as_ascii: bool, indent: int | str | None, as_list: bool
) -> None:
    whole = "\n".join(lines)
    source = whole.splitlines(keepends=True) if as_list else whole
    cells = [{"source": source, "cell_type": "code"}]
    text = json.dumps({"cells": cells}, ensure_ascii=as_ascii, indent=indent)
    found = read_cells(text).cells
    assert "".join(cell.text for cell in found) == whole
    for cell in found:
        for at, character in enumerate(cell.text):
            start, end = cell.place(at, at + 1)
            assert json.loads(f'"{text[start:end]}"') == character


_STATEMENTS = st.sampled_from(
    ["import é.ö", "x = 'ü\\n\"'", "!ls {x}", "%time y = f('\U0001f600')", "z = !pwd", "def f():\n    !ls\n    g('\t')",
     "a?", "s = '''\n!no\n'''", "%env A=1", "", "# no", "if 1:\n\tb(1,\n\t2)", "%cd x"]
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(_STATEMENTS, max_size=5), max_size=5), st.booleans(), st.sampled_from([None, 1]))
def test_a_mapped_span_holds_the_text_of_the_code(cells: list[list[str]], as_ascii: bool, indent: int | None) -> None:
    from linter.inspect.notebook import _Reading
    from linter.inspect.text import Source

    text = json.dumps(book(*("\n".join(cell) for cell in cells)), ensure_ascii=as_ascii, indent=indent)
    reading = _Reading(Source("a.ipynb", text.encode()))
    for cell in read_cells(text).cells:
        reading.add(cell)
    assert reading.left_out == []
    for code in reading.codes():
        lines = code.text.split("\n")
        for node in ast.walk(ast.parse(code.text)):
            if not isinstance(node, ast.Name | ast.Constant) or "get_ipython" in ast.dump(node):
                continue
            first, last = lines[node.lineno - 1].encode(), lines[(node.end_lineno or 1) - 1].encode()
            column = len(first[: node.col_offset].decode()) + 1
            end_column = len(last[: node.end_col_offset].decode()) + 1
            span = code.span(node.lineno, column, node.end_lineno or 1, end_column)
            if indent is None:
                assert span.line == span.end_line == 1
            shown = excerpt(text, span)
            pieces = json.loads(f'["{shown}"]', strict=False)  # a string over several lines is several JSON strings
            assert "".join(pieces) == ast.get_source_segment(code.text, node)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet='{}[]",:\\ucels\n 1tf', max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for each in (text, '{"cells": [' + text, '{"cells": [{"cell_type": "code", "source": ' + text):
        with suppress(BrokenNotebook):
            read_cells(each)


# Size


def test_large_outputs_are_passed_over(knowledge: Knowledge, codes: list[Code]) -> None:
    picture = {"output_type": "display_data", "data": {"image/png": "iVBORw0KGgo" * 200_000}}
    table = {"output_type": "execute_result", "data": {"x": [[n, n / 7, "x\n"] for n in range(100_000)]}}
    cell = {"cell_type": "code", "source": ["x = 1"], "outputs": [picture, table]}
    data = json.dumps({"cells": [cell]}, indent=1).encode()
    assert len(data) > 4_500_000
    notebook.inspect(Artifact("a.ipynb", "notebook", len(data)), data, knowledge)
    assert [code.text for code in codes] == ["x = 1\n"]


# Whole runs


@pytest.mark.parametrize(
    ("files", "exit_code"),
    [
        ({"a.ipynb": json.dumps(book("import os\n!ls")), "b.py": "import os\n", "serve": "import os\n"}, 3),
        ({"a.ipynb": json.dumps(book("x = ")), "b.ipynb": "<html>"}, 3),
        ({"a.ipynb": json.dumps(book("import os")), "Dockerfile": "FROM python:3.12-slim\n"}, 0),
    ],
)
def test_notebooks_and_python_alone_are_nothing_to_check(files: dict[str, str], exit_code: int) -> None:
    from linter.config import Config
    from linter.engine import check
    from linter.judge.load import load_knowledge, load_rules
    from linter.tree import MemoryTree

    tree = MemoryTree({path: text.encode() for path, text in files.items()})
    report = check(tree, [""], Config(), load_rules(), load_knowledge())
    assert report.error is None
    assert report.exit_code == exit_code


@pytest.mark.parametrize(
    ("cell", "seen"),
    [
        ("%%writefile code/serving.properties\nengine=Python\noption.model_id=org/model\n", ["org/model"]),
        ("%%file serving.properties\noption.model_id=org/model", ["org/model"]),
        ("%%writefile serving.properties.jinja\noption.model_id={{ id }}\n", ["unknown"]),
        ("%%writefile notes.txt\noption.model_id=org/model\n", []),
        ("option_model_id = 'org/model'\n", []),
    ],
)
def test_configurations_that_cells_write(cell: str, seen: list[str], knowledge: Knowledge) -> None:
    text = json.dumps({"cells": [{"cell_type": "code", "source": cell.splitlines(keepends=True)}]}, indent=1)
    found = notebook.inspect(Artifact("n.ipynb", "notebook"), text.encode(), knowledge)
    facts = [fact for fact in found.facts if fact.kind == "model.setting"]
    assert [fact["value"] for fact in facts] == seen
    for fact in facts:
        span = fact.spans["value"]
        assert fact.location.path == "n.ipynb"
        written = "{{ id }}" if fact["value"] == "unknown" else fact["value"]
        assert text.splitlines()[span.line - 1][span.column - 1 : span.end_column - 1] == written


def test_a_written_request_that_is_broken_gives_a_notice_at_its_place(run: Run) -> None:
    found = run('%%writefile request.json\n{"ModelPackageName": [\n')
    (notice,) = [each for each in found.notices if each.code == "manifest-unreadable"]
    text = json.dumps(book('%%writefile request.json\n{"ModelPackageName": [\n'), indent=1)
    assert notice.path == "work/publish.ipynb"
    assert notice.span
    assert "ModelPackageName" in text.split("\n")[notice.span.line - 1]
