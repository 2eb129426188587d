"""Which calls of a product's Python code run in its container, and how they are reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.assemble.python.facts import call, calls, command, module, only, part, settled

if TYPE_CHECKING:
    from linter.model import Fact

SERVE = "#!/usr/bin/env python\n"
DOCKERFILE = "FROM python:3.12-slim\nENV PATH=/opt/program:$PATH\nWORKDIR /opt/program\nCOPY . /opt/program\n"
STARTED = DOCKERFILE + 'ENTRYPOINT ["python", "/opt/program/serve.py"]\n'


def state(fact: Fact) -> tuple[Any, ...]:
    return fact["scope"], fact["reached"], fact["reached_from"]


def test_an_imported_function_that_is_called_is_reached_with_its_way() -> None:
    found = settled(
        {"Dockerfile": STARTED},
        [
            module("serve.py", ["import predictor"], [part("__main__", "predictor.load")]),
            module("predictor.py", parts=[part("load", "requests.get", line=10), part("other", line=20)]),
            call("predictor.py", "load", line=11),
            call("predictor.py", "other", line=21),
        ],
    )
    load, other = calls(found)
    assert state(load) == ("container", "start", "entrypoint")
    assert [(step.location.path, step.location.line, step.text) for step in load.trace] == [
        ("Dockerfile", 5, "ENTRYPOINT starts serve.py"),
        ("predictor.py", 10, "load() defined here is called"),
    ]
    assert state(other) == ("container", "no", None)
    assert not other.trace


def test_what_an_import_runs() -> None:
    found = settled(
        {"Dockerfile": STARTED},
        [
            module("serve.py", ["from app import predictor"]),
            module("app/__init__.py", ["from .store import Store"]),
            module("app/store.py", parts=[part("Store", kind="class")]),
            module("app/predictor.py", parts=[part("__main__")]),
            call("app/__init__.py", ""),
            call("app/store.py", "Store"),
            call("app/predictor.py", ""),
            call("app/predictor.py", "__main__"),
        ],
    )
    assert [fact["reached"] for fact in calls(found)] == ["import", "import", "import", "no"]
    assert [step.text for step in calls(found)[1].trace] == [
        "ENTRYPOINT starts serve.py",
        "imports app",
        "imports store",
    ]


def test_a_program_that_path_finds_by_its_name() -> None:
    found = settled(
        {"Dockerfile": DOCKERFILE, "serve": SERVE},
        [module("serve", parts=[part("__main__", "main"), part("main")]), call("serve", "main")],
        executable=["serve"],
    )
    assert state(only(found)) == ("container", "start", "serve")


@pytest.mark.parametrize(
    ("start", "path"),
    [
        ('ENTRYPOINT ["python", "-m", "pkg.run"]', "pkg/run.py"),
        ('ENTRYPOINT ["python", "-m", "pkg"]', "pkg/__main__.py"),
        ('ENTRYPOINT ["gunicorn", "-b", "0.0.0.0:8080", "pkg.wsgi:app"]', "pkg/wsgi.py"),
        ('ENTRYPOINT ["gunicorn", "--chdir", "pkg", "wsgi:app"]', "pkg/wsgi.py"),
        ('ENTRYPOINT ["python", "-m", "gunicorn", "pkg.wsgi:app"]', "pkg/wsgi.py"),
        ('ENTRYPOINT ["uvicorn", "pkg.main:app", "--port", "8080"]', "pkg/main.py"),
        ('ENTRYPOINT ["torchrun", "--nproc_per_node=2", "train.py"]', "train.py"),
        ('ENTRYPOINT ["accelerate", "launch", "--num_processes", "2", "train.py"]', "train.py"),
        ('ENTRYPOINT ["python", "-m", "torch.distributed.run", "train.py"]', "train.py"),
        ('ENTRYPOINT ["uv", "run", "python", "train.py"]', "train.py"),
        ("ENTRYPOINT python pkg/run.py serve", "pkg/run.py"),
        ('CMD ["python", "pkg/run.py"]', "pkg/run.py"),
        ('ENTRYPOINT ["bash", "start.sh"]', "pkg/run.py"),
        ('ENTRYPOINT ["/opt/program/start.sh"]', "pkg/run.py"),
        ('ENTRYPOINT ["supervisord", "-c", "supervisord.conf"]', "pkg/worker.py"),
    ],
)
def test_programs_are_found(start: str, path: str) -> None:
    files = {
        "Dockerfile": DOCKERFILE + start + "\n",
        "start.sh": "#!/bin/bash\ncd pkg\nexec python run.py\n",
        "supervisord.conf": "[supervisord]\nnodaemon=true\n[program:w]\ncommand=python worker.py\ndirectory=/opt/program/pkg\n",
    }
    python = [module(path), module("pkg/__init__.py"), module("stray/run.py"), module("stray/train.py")]
    assert state(only(settled(files, [*python, call(path)])))[:2] == ("container", "import")
    stray = only(settled(files, [*python, call("stray/run.py")]))
    assert stray["reached"] == "no", stray.trace


def test_a_script_that_runs_what_it_is_given() -> None:
    found = settled(
        {
            "Dockerfile": DOCKERFILE + 'ENTRYPOINT ["/opt/program/entry.sh"]\n',
            "entry.sh": '#!/bin/bash\nset -e\nexec "$@"\n',
            "serve": SERVE,
        },
        [module("serve", parts=[part("__main__")]), module("stray.py"), call("serve", "__main__"), call("stray.py")],
        executable=["serve", "entry.sh"],
    )
    assert [state(fact) for fact in calls(found)] == [("container", "start", "serve"), ("container", "no", None)]
    assert calls(found)[0].trace[0].text == "SageMaker starts `serve`"
    assert calls(found)[0].trace[0].location.line == 4


@pytest.mark.parametrize("server", ["torchserve", "tritonserver", "uwsgi"])
def test_servers_that_find_their_code_themselves_leave_the_rest_open(server: str) -> None:
    found = settled(
        {"Dockerfile": DOCKERFILE + f'ENTRYPOINT ["{server}", "--x"]\n'}, [module("handler.py"), call("handler.py")]
    )
    assert only(found)["reached"] == "unknown"


def test_a_package_at_the_root_of_the_product() -> None:
    start = DOCKERFILE + 'ENTRYPOINT ["gunicorn", "app:app"]\n'
    found = settled({"Dockerfile": start}, [module("__init__.py"), module("app.py"), call("app.py")])
    assert only(found)["reached"] == "import"


def test_python_that_starts_python() -> None:
    found = settled(
        {"Dockerfile": STARTED},
        [
            module("serve.py", parts=[part("__main__", "start"), part("start")]),
            module("wsgi.py", ["from predictor import app"]),
            module("predictor.py", parts=[part("", "flask.Flask"), part("predict", decorators="app.route", line=30)]),
            command("serve.py", "start", "gunicorn", "wsgi:app"),
            call("predictor.py", "predict"),
        ],
    )
    assert state(only(found)) == ("container", "handler", "predict")
    assert [step.text for step in only(found).trace] == [
        "ENTRYPOINT starts serve.py",
        "start() defined here is called",
        "subprocess.run(gunicorn)",
        "imports predictor",
        "predict() handles requests",
    ]


def test_methods_need_their_class_and_their_name() -> None:
    store = [
        part("Store", "", kind="class"),
        part("Store.__init__"),
        part("Store.fetch"),
        part("Store.unused"),
        part("Other", "", kind="class"),
        part("Other.fetch"),
        part("Base", "", kind="class"),
        part("Base.get_it"),
    ]
    store[0]["bases"] = ["Base"]
    found = settled(
        {"Dockerfile": STARTED},
        [
            module("serve.py", ["from store import Store"], [part("__main__", "Store", attributes="fetch get_it")]),
            module("store.py", parts=store),
            *(
                call("store.py", name)
                for name in ("Store.__init__", "Store.fetch", "Store.unused", "Other.fetch", "Base.get_it")
            ),
        ],
    )
    assert [fact["reached"] for fact in calls(found)] == ["start", "start", "no", "no", "start"]


def test_a_library_s_attribute_is_no_mention() -> None:
    found = settled(
        {"Dockerfile": STARTED},
        [
            module("serve.py", ["import os", "from s import S"], [part("", "S os.environ.get")]),
            module("s.py", parts=[part("S", kind="class"), part("S.get")]),
            call("s.py", "S.get"),
        ],
    )
    assert only(found)["reached"] == "no"


def test_class_handlers() -> None:
    found = settled(
        {"Dockerfile": STARTED},
        [
            module(
                "serve.py",
                ["from http.server import BaseHTTPRequestHandler", "from flask.views import MethodView"],
                [
                    part("H", kind="class", bases="BaseHTTPRequestHandler"),
                    part("H.do_POST", "self.work", attributes="work"),
                    part("H.work"),
                    part("V", kind="class", bases="MethodView"),
                    part("V.get"),
                ],
            ),
            call("serve.py", "H.work"),
            call("serve.py", "V.get"),
        ],
    )
    assert [state(fact) for fact in calls(found)] == [
        ("container", "handler", "H.do_POST"),
        ("container", "handler", "V.get"),
    ]


def test_import_counts_before_main_and_main_before_handlers() -> None:
    found = settled(
        {"Dockerfile": STARTED},
        [
            module(
                "serve.py",
                parts=[
                    part("", "early"),
                    part("__main__", "early main"),
                    part("predict", "early main late", decorators="app.post"),
                    part("early"),
                    part("main"),
                    part("late"),
                ],
            ),
            *(call("serve.py", name) for name in ("early", "main", "late")),
        ],
    )
    assert [fact["reached"] for fact in calls(found)] == ["import", "start", "handler"]


def test_cycles_and_star_imports_end() -> None:
    found = settled(
        {"Dockerfile": STARTED},
        [
            module("serve.py", ["from a import *"], [part("__main__", "work")]),
            module("a.py", ["from b import *"], [part("x", "y")]),
            module("b.py", ["from a import *", "from c import work"]),
            module("c.py", ["from b import x"], [part("work", "x")]),
            call("c.py", "work"),
            call("a.py", "x"),
        ],
    )
    assert [fact["reached"] for fact in calls(found)] == ["start", "start"]


def test_type_checking_imports_load_nothing() -> None:
    serve = module("serve.py", ["import heavy"])
    serve.fields["imports"][0]["guard"] = "type_checking"  # type: ignore[index]
    found = settled({"Dockerfile": STARTED}, [serve, module("heavy.py"), call("heavy.py")])
    assert only(found)["reached"] == "no"


# --- toolkits and conventions

AWS = "FROM 763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2.3.0-cpu-py311\n"


def test_contract_functions_on_an_image_of_aws() -> None:
    found = settled(
        {"Dockerfile": AWS + "COPY code /opt/ml/model/code\n"},
        [
            module("code/inference.py", ["import util"], [part("model_fn", "util.load"), part("helper")]),
            module("code/util.py", parts=[part("load")]),
            call("code/util.py", "load"),
            call("code/inference.py", "helper"),
            call("code/inference.py", ""),
        ],
    )
    assert {state(fact) for fact in calls(found)} == {
        ("container", "contract", "model_fn"),
        ("container", "no", None),
        ("container", "import", "inference"),
    }


def test_the_toolkit_s_program_is_run() -> None:
    found = settled(
        {"Dockerfile": AWS.replace("inference", "training") + "COPY src /opt/ml/code\nENV SAGEMAKER_PROGRAM=fit.py\n"},
        [module("src/fit.py", parts=[part("__main__", "main"), part("main")]), call("src/fit.py", "main")],
    )
    assert state(only(found)) == ("container", "start", "fit")


def test_contract_functions_without_any_image() -> None:
    python = [
        module("code/inference.py", parts=[part("model_fn")], container_sign=True),
        module("deploy.py", parts=[part("main")]),
        call("code/inference.py", "model_fn"),
        call("deploy.py", "main"),
    ]
    inference, deploy = calls(settled({}, python))
    assert state(inference) == ("unknown", "contract", "model_fn")
    assert state(deploy) == ("unknown", "unknown", None)


def test_by_convention_when_no_program_is_known() -> None:
    found = settled(
        {"Dockerfile": "FROM registry.example.com/base:1\nCOPY . /opt/ml/code\n"},
        [
            module("train.py", parts=[part("__main__")]),
            module("api.py", parts=[part("predict", decorators="app.post")]),
            module("misc.py"),
            call("train.py", "__main__"),
            call("api.py", "predict"),
            call("misc.py"),
        ],
    )
    assert [state(fact) for fact in calls(found)] == [
        ("container", "start", "train"),
        ("container", "handler", "predict"),
        ("container", "unknown", None),
    ]


# --- what is not reached


@pytest.mark.parametrize("start", ["RUN true", 'ENTRYPOINT ["/bin/run-it"]', 'ENTRYPOINT ["python", "elsewhere.py"]'])
def test_an_unknown_start_leaves_everything_open(start: str) -> None:
    found = settled(
        {"Dockerfile": f"FROM registry.example.com/base:1\nWORKDIR /opt/ml/code\nCOPY . .\n{start}\n"},
        [module("misc.py"), call("misc.py")],
    )
    assert state(only(found)) == ("container", "unknown", None)


def test_seller_and_test_code_that_a_whole_copy_takes_along() -> None:
    found = settled(
        {"Dockerfile": STARTED},
        [
            module("serve.py"),
            module("deploy.py", seller_side=True),
            module("tests/check.py"),
            module("test_it.py"),
            module("notebook.ipynb", path=None, origin="cell"),
            module("publish.ipynb", path=None, origin="cell", seller_side=True),
            *(call(path) for path in ("deploy.py", "tests/check.py", "test_it.py", "notebook.ipynb", "publish.ipynb")),
        ],
    )
    assert {fact.location.path: (fact["scope"], fact["reached"]) for fact in calls(found)} == {
        "deploy.py": ("container", "no"),
        "tests/check.py": ("test", "no"),
        "test_it.py": ("test", "no"),
        "notebook.ipynb": ("container", "no"),
        "publish.ipynb": ("container", "no"),
    }


def test_seller_side_code_that_runs_is_the_container_s() -> None:
    found = settled(
        {"Dockerfile": STARTED},
        [module("serve.py", ["import deploy"]), module("deploy.py", seller_side=True), call("deploy.py")],
    )
    assert state(only(found)) == ("container", "import", "entrypoint")


def test_what_only_the_build_runs() -> None:
    found = settled(
        {"Dockerfile": STARTED.replace("ENTRYPOINT", "RUN python tools/fetch.py\nENTRYPOINT")},
        [
            module("serve.py", ["import shared"]),
            module("tools/fetch.py", ["import shared", "import once"]),
            module("tools/once.py"),
            module("shared.py"),
            *(call(path) for path in ("tools/fetch.py", "tools/once.py", "shared.py")),
        ],
    )
    assert [(fact["scope"], fact["reached"]) for fact in calls(found)] == [
        ("build", "no"),
        ("build", "no"),
        ("container", "import"),
    ]


@pytest.mark.parametrize("run", ["chmod +x init && ./init", "init"])
def test_a_program_that_the_build_runs_by_itself(run: str) -> None:
    found = settled(
        {"Dockerfile": STARTED.replace("ENTRYPOINT", f"RUN {run}\nENTRYPOINT"), "init": SERVE},
        [module("serve.py"), module("init", ["import weights"]), module("weights.py"), call("weights.py")],
    )
    assert state(only(found)) == ("build", "no", None)


def test_code_that_is_not_copied_is_not_followed() -> None:
    found = settled(
        {"Dockerfile": 'FROM python:3.12-slim\nCOPY serve.py /app/\nENTRYPOINT ["python", "/app/serve.py"]\n'},
        [module("serve.py", ["import utils"]), module("utils.py"), call("utils.py")],
    )
    assert state(only(found)) == ("seller", "no", None)


def test_imports_follow_the_image_s_layout() -> None:
    found = settled(
        {
            "Dockerfile": "FROM python:3.12-slim\nENV PYTHONPATH=/deps\nCOPY a/run.py /app/serve.py\nCOPY b/lib /app/helpers\n"
            'COPY c/more.py /deps/\nENTRYPOINT ["python", "/app/serve.py"]\n'
        },
        [
            module("a/run.py", ["from helpers.io import get", "import more"]),
            module("b/lib/io.py"),
            module("c/more.py"),
            call("b/lib/io.py"),
            call("c/more.py"),
        ],
    )
    assert [fact["reached"] for fact in calls(found)] == ["import", "import"]


def test_code_from_a_builder_stage() -> None:
    found = settled(
        {
            "Dockerfile": "FROM python:3.12 AS build\nWORKDIR /src\nCOPY app ./app\nFROM python:3.12-slim\nWORKDIR /opt/program\n"
            'COPY --from=build /src/app /opt/program/service\nENTRYPOINT ["python", "-m", "service.main"]\n'
        },
        [module("app/main.py", ["from . import net"]), module("app/net.py"), call("app/net.py")],
    )
    assert state(only(found)) == ("container", "import", "entrypoint")


def test_an_image_that_nothing_shows_to_be_made_for_sagemaker() -> None:
    files = {"Dockerfile": 'FROM python:3.12-slim\nCOPY main.py /srv/\nENTRYPOINT ["python", "/srv/main.py"]\n'}
    assert state(only(settled(files, [module("main.py"), call("main.py")]))) == ("unknown", "import", "entrypoint")
    signed = [module("main.py", container_sign=True), call("main.py")]
    assert state(only(settled(files, signed))) == ("container", "import", "entrypoint")


def test_a_file_that_did_not_parse_leaves_the_rest_open() -> None:
    found = settled(
        {"Dockerfile": STARTED},
        [module("serve.py", parsed="lines"), module("other.py"), call("serve.py"), call("other.py")],
    )
    assert [fact["reached"] for fact in calls(found)] == ["import", "unknown"]


def test_written_cells_count_as_the_file_that_they_write() -> None:
    found = settled(
        {"Dockerfile": STARTED, "book.ipynb": "{}"},
        [module("book.ipynb", path="serve.py", origin="written_file"), call("book.ipynb")],
    )
    assert state(only(found)) == ("container", "import", "entrypoint")


def test_a_product_without_calls_is_left_alone() -> None:
    facts = settled({"Dockerfile": STARTED}, [module("serve.py")])
    assert [fact for fact in facts if fact.kind == "python.module"]


def test_many_files_settle_quickly() -> None:

    python = [module("serve.py", ["import pkg.m0"])]
    for number in range(3000):
        name = f"pkg/s{number % 50}/m{number}.py" if number else "pkg/m0.py"
        after = number + 1
        follows = [f"from pkg.s{after % 50} import m{after}", "import numpy as np", "from requests import get"]
        parts = [part(f"f{each}", f"np.array m{after}.f{each} self.x get", attributes="a b c") for each in range(20)]
        python += [module(name, follows, [part("", "f0"), *parts]), call(name, "f0", line=3)]
    found = settled({"Dockerfile": STARTED}, python)
    assert {fact["reached"] for fact in calls(found)} == {"import"}


@pytest.mark.parametrize("run", ["tf.app.run", "tf.compat.v1.app.run", "tf.app.other"])
def test_a_library_may_run_the_function_main_of_the_program(run: str) -> None:
    found = settled(
        {"Dockerfile": STARTED},
        [
            module("serve.py", ["import tensorflow as tf"], [part("__main__", run, line=20), part("main", line=10)]),
            call("serve.py", "main", line=11),
        ],
    )
    assert only(calls(found))["reached"] == ("no" if run.endswith("other") else "start")
