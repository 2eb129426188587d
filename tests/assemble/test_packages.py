"""Packages that code loads by name: whether the build is seen to install them."""

from __future__ import annotations

import pytest

from linter.assemble import assemble
from linter.discover import discover
from linter.inspect.run import inspect_all
from linter.judge.load import load_knowledge
from linter.tree import MemoryTree

PLAIN = "FROM python:3.12-slim\n"
END = "COPY app.py /opt/app.py\nENTRYPOINT ['python', '/opt/app.py']\n".replace("'", '"')
CODE = "import spacy\nnlp = spacy.load('en_core_web_sm')\n"


def installed(dockerfile: str, **files: str) -> str:
    texts = {
        "app.py": CODE,
        "Dockerfile": dockerfile,
        **{name.replace("__", "."): text for name, text in files.items()},
    }
    tree = MemoryTree({path: text.encode() for path, text in texts.items()})
    knowledge = load_knowledge()
    found = inspect_all(tree, discover(tree, [""]).artifacts, knowledge)
    assert found.failure is None
    (call,) = (fact for fact in assemble(found.facts, tree, knowledge) if fact.kind == "python.call" and fact["target"])
    return str(call["installed"])


@pytest.mark.parametrize(
    ("steps", "state"),
    [
        ("RUN pip install spacy\n", "no"),
        ("RUN apt-get install -y python3 && pip3 install 'spacy>3' && rm -rf /x\n", "no"),
        ("RUN pip install spacy && python -m spacy download en_core_web_sm\n", "yes"),
        ("RUN pip install en-core-web-sm\n", "yes"),
        ("RUN conda install spacy-model-en_core_web_sm\n", "yes"),
        ("RUN pip install https://example.com/EN_core_web_sm-3.0.0.tar.gz\n", "yes"),
        ("COPY models/en_core_web_sm /usr/lib/python3/\n", "yes"),
        ("ARG MODEL\nRUN python -m spacy download $MODEL\n", "no"),
        ("RUN pip install .\n", "unknown"),
        ("RUN pip install /wheels/*.whl\n", "unknown"),
        ("RUN pip install git+https://github.com/acme/models\n", "unknown"),
        ("RUN pip install -r deps.txt\n", "unknown"),
        ("RUN pip install --requirement=/opt/requirements.txt\n", "no"),
        ("RUN poetry install\n", "unknown"),
        ("RUN uv sync\n", "unknown"),
        ("RUN conda env create -f environment.yml\n", "unknown"),
        ("RUN ./setup.sh\n", "unknown"),
        ("RUN python fetch.py\n", "unknown"),
    ],
)
def test_what_the_build_installs(steps: str, state: str) -> None:
    assert installed(PLAIN + steps + END, requirements__txt="spacy\n") == state


def test_what_else_may_bring_a_package() -> None:
    assert installed("FROM acme/nlp:1\n" + END) == "unknown"
    assert installed(PLAIN + END, requirements__txt="en_core_web_sm==3.7.1\n") == "yes"
    assert installed("FROM python:3.12 AS made\nRUN pip install en_core_web_sm\n" + PLAIN + END) == "yes"
    assert installed(PLAIN + END, **{"en_core_web_sm/meta.json": "{}"}) == "yes"
    fetch = "import spacy.cli\nspacy.cli.download()\n"
    assert installed(PLAIN + "COPY fetch.py /opt/\n" + END, fetch__py=fetch) == "unknown"


def test_an_image_that_does_not_hold_the_code_says_nothing() -> None:
    assert installed(PLAIN + "RUN pip install spacy\n") == "unknown"
