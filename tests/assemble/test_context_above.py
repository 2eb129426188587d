"""Images that are built from the folder above the one that is inspected."""

from __future__ import annotations

import pytest

from tests.assemble.python.products import at, product
from tests.assemble.test_uploaded_scripts import facts_of

GET = 'import requests\nrequests.get("https://example.com/x")\n'
BASE = "FROM python:3.12-slim\nWORKDIR /app\n"
START = 'ENTRYPOINT ["python", "/app/src/serve.py"]\n'


@pytest.mark.parametrize("dockerfile", ["Dockerfile", "docker/Dockerfile", "src/docker/Dockerfile"])
def test_all_sources_begin_with_the_name_of_the_inspected_folder(dockerfile: str) -> None:
    copies = "COPY shop/requirements.txt .\nCOPY shop/src /app/src\n"
    files = {dockerfile: BASE + copies + START, "requirements.txt": "requests\n", "src/serve.py": GET, "stray.py": GET}
    found = facts_of(files)
    assert {fact["source_state"] for fact in found if fact.kind == "dockerfile.copy"} == {"found"}
    calls = {fact.location.path: fact for fact in found if fact.kind == "python.call"}
    assert calls["src/serve.py"]["reached"] == "import"
    assert calls["stray.py"]["reached"] != "import"


def test_the_ignore_file_of_the_inspected_folder_is_not_the_one_of_the_folder_above() -> None:
    files = {"src/serve.py": GET, "src/a.py": "", ".dockerignore": "*\n"}
    copies = "COPY shop/src/serve.py /app/src/serve.py\n"
    assert at(product(files, dockerfile=BASE + copies + START), "requests.get")["reached"] == "import"


@pytest.mark.parametrize(
    "copies",
    [
        "COPY shop/serve.py /app/src/\n",
        "COPY shop/src /app/src\nCOPY other/src /app/other\n",
        "COPY shop/src /app/src\nCOPY shop/nothing /app/nothing\n",
        "COPY shop/src /app/src\nCOPY src/serve.py /app/\n",
        "COPY src/src/serve.py /app/src/\n",
    ],
    ids=["one file", "two folders", "something missing", "something here", "the folder is here"],
)
def test_other_sources_that_are_not_here_stay_missing(copies: str) -> None:
    files = {"Dockerfile": BASE + copies + START, "serve.py": "", "src/serve.py": GET, "README.md": "shop"}
    found = [fact for fact in facts_of(files) if fact.kind == "dockerfile.copy"]
    assert any(fact["source_state"] == "missing" for fact in found)
