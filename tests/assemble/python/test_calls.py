"""What calls mean and where they go, once other files, the image and the manifests are looked at."""

from __future__ import annotations

from typing import Any

import pytest

from linter.assemble.python.forms import possible
from tests.assemble.python.facts import call, calls, module, only, part, settled

STARTED = "FROM python:3.12-slim\nWORKDIR /opt/program\nCOPY . /opt/program\n"
ENTRY = 'ENTRYPOINT ["python", "/opt/program/serve.py"]\n'
HUB = {"category": "model_hub", "mode": "hub_id", "destination": "hub"}
FROM_PRETRAINED = "transformers.AutoModel.from_pretrained"


def one(python: list[Any], env: str = "", files: dict[str, str] | None = None) -> Any:
    return only(settled({"Dockerfile": STARTED + env + ENTRY, **(files or {})}, python))


def goes(fact: Any) -> tuple[Any, ...]:
    return fact["destination"], fact["target"]


# --- what is called


def test_re_exports_are_followed_through_packages() -> None:
    fact = one(
        [
            module("serve.py", ["from compat import requests"]),
            module("compat/__init__.py", ["from .http import *"]),
            module("compat/http.py", ["import requests"]),
            call("serve.py", api=None, name="compat.requests.get", argument="https://example.com/x"),
        ]
    )
    assert (fact["api"], fact["category"], fact["mode"]) == ("requests.get", "http_client", "url")
    assert goes(fact) == ("remote", "https://example.com/x")
    assert fact["reached"] == "import"


@pytest.mark.parametrize(
    ("name", "objects"),
    [
        (".store.get_client().get", {"get_client()": "requests.Session()"}),
        (".store.client.get", {"client": "requests.Session()"}),
        (".store.Store.client.get", {"Store.client": "requests.Session()"}),
        (".store.Store().client.get", {"Store.client": "requests.Session()"}),
    ],
)
def test_clients_that_other_modules_make(name: str, objects: dict[str, str]) -> None:
    store = module("app/store.py", parts=[part("get_client"), part("Store", kind="class")])
    store.fields["objects"].update(objects)  # type: ignore[index]
    fact = one(
        [
            module("serve.py", ["import app.main"]),
            module("app/main.py"),
            store,
            call("app/main.py", api=None, name=name),
        ]
    )
    assert (fact["api"], fact["category"]) == ("requests.Session.get", "http_client")


def test_an_instance_that_another_module_makes() -> None:
    store = module("store.py", parts=[part("Store", kind="class")], constants={"shared": {"returned": "Store"}})
    store.fields["objects"]["Store.client"] = "requests.Session()"  # type: ignore[index]
    fact = one([module("serve.py"), store, call("serve.py", api=None, name="store.shared.client.get")])
    assert fact["api"] == "requests.Session.get"


def test_calls_of_nothing_known_are_left_out() -> None:
    found = settled(
        {"Dockerfile": STARTED + ENTRY},
        [
            module("serve.py"),
            module("store.py", parts=[part("get")]),
            call("serve.py", api=None, name="store.get"),
            call("serve.py", api=None, name="elsewhere.get"),
            call("serve.py", api=None, name=".missing.get"),
        ],
    )
    assert calls(found) == []


# --- where it goes


def test_constants_of_other_modules() -> None:
    fact = one(
        [
            module("serve.py", ["from config import settings"]),
            module("config/__init__.py"),
            module(
                "config/settings.py",
                ["from .hosts import HOST"],
                constants={"URL": {"join": ["http://", {"name": "HOST"}, ":80"]}},
            ),
            module("config/hosts.py", constants={"HOST": "127.0.0.1"}),
            call("serve.py", argument={"name": "settings.URL"}),
        ]
    )
    assert goes(fact) == ("loopback", "http://127.0.0.1:80")


@pytest.mark.parametrize(
    ("env", "destination", "target"),
    [
        ("", "hub", "bert-base-uncased"),
        ("ENV MODEL=/opt/ml/model\n", "local", "/opt/ml/model"),
        ("ENV MODEL=google/flan\n", "hub", "google/flan"),
        ("ARG X\nENV MODEL=$X\n", "unknown", None),
    ],
)
def test_the_environment_of_the_image(env: str, destination: str, target: str | None) -> None:
    value = {"environment": "MODEL", "default": "bert-base-uncased"}
    fact = one([module("serve.py"), call("serve.py", api=FROM_PRETRAINED, argument=value, **HUB)], env)
    assert goes(fact) == (destination, target)


def settled_argument(argument: Any, load: Any, callers: Any, **more: Any) -> Any:
    python = [
        module("serve.py", ["from net import load, Client"], invocations=callers),
        module("net.py", parts=load, **more),
        call("net.py", load[-1]["name"], argument=argument),
    ]
    return one(python)


def test_parameters_take_what_all_callers_give() -> None:
    value = {"parameter": "url", "part": "load", "default": "http://localhost"}
    load = [part("load", parameters="url retries")]
    fact = settled_argument(
        value, load, [("", "load", ["http://127.0.0.1/a"], {}), ("", "load", [], {"url": "https://a.b/c"})]
    )
    assert fact["argument"] == {"any": ["http://127.0.0.1/a", "https://a.b/c"]}
    assert goes(fact) == ("remote", "https://a.b/c")
    assert goes(settled_argument(value, load, [])) == ("loopback", "http://localhost")
    assert goes(settled_argument({"parameter": "url", "part": "load"}, load, [])) == ("unknown", None)


def test_parameters_of_methods_and_constructors() -> None:
    made = [
        part("Client", kind="class"),
        part("Client.__init__", parameters="self base"),
        part("Client.get", parameters="self path"),
    ]
    given = [("", "Client", ["http://127.0.0.1"], {}), ("", ".get", ["/x"], {})]
    constants = {"Client.base": {"parameter": "base", "part": "Client.__init__"}}
    value = {"join": [{"attribute": "base", "part": "Client"}, {"parameter": "path", "part": "Client.get"}]}
    fact = settled_argument(value, made, given, constants=constants)
    assert goes(fact) == ("loopback", "http://127.0.0.1/x")


def test_an_attribute_of_a_base_class_in_another_module() -> None:
    fact = one(
        [
            module("serve.py", ["from base import Base"], [part("C", kind="class", bases="Base"), part("C.get")]),
            module("base.py", parts=[part("Base", kind="class")], constants={"Base.url": "https://example.com"}),
            call("serve.py", "C.get", argument={"attribute": "url", "part": "C"}),
        ]
    )
    assert goes(fact) == ("remote", "https://example.com")


def test_what_functions_return() -> None:
    fact = one(
        [
            module("serve.py", ["import paths"]),
            module(
                "paths.py",
                parts=[part("model")],
                constants={"model()": {"path": [{"name": "ROOT"}, "bert"]}, "ROOT": "/opt/ml"},
            ),
            call("serve.py", api=FROM_PRETRAINED, argument={"returned": "paths.model"}, **HUB),
        ]
    )
    assert goes(fact) == ("local", "/opt/ml/bert")


def test_values_that_refer_to_each_other_end() -> None:
    fact = one(
        [
            module("serve.py", ["from a import X"]),
            module("a.py", ["from b import Y"], constants={"X": {"name": "Y"}}),
            module("b.py", ["from a import X"], constants={"Y": {"join": [{"name": "X"}, "/"]}}),
            call("serve.py", argument={"name": "X"}),
        ]
    )
    assert fact["destination"] == "unknown"


def test_a_hub_name_that_is_a_folder_of_the_product() -> None:
    python = [
        module("serve.py"),
        call("serve.py", api=FROM_PRETRAINED, argument="models/bert", target="models/bert", **HUB),
    ]
    assert goes(one(python)) == ("hub", "models/bert")
    assert goes(one(python, files={"models/bert/config.json": "{}"})) == ("local", "models/bert")


def test_a_hub_name_that_is_copied_into_the_image() -> None:
    env = "COPY weights /opt/program/models/bert\n"
    python = [
        module("serve.py"),
        call("serve.py", api=FROM_PRETRAINED, argument="models/bert", target="models/bert", **HUB),
    ]
    assert one(python, env, {"weights/config.json": "{}"})["destination"] == "local"


@pytest.mark.parametrize(
    ("env", "offline"),
    [
        ("", "no"),
        ("ENV HF_HUB_OFFLINE=1\n", "yes"),
        ("ENV HF_HUB_OFFLINE=0\n", "no"),
        ("ENV WANDB_MODE=offline\n", "no"),
    ],
)
def test_offline_switches_of_the_image(env: str, offline: str) -> None:
    fact = one([module("serve.py"), call("serve.py", api=FROM_PRETRAINED, argument="google/flan", **HUB)], env)
    assert (fact["offline"], fact["destination"]) == (offline, "hub")


def test_possible_texts() -> None:
    assert possible({"any": ["a", {"join": ["b", {"environment": "X", "default": "c"}]}]}) == (("a", "bc"), False)
    assert possible({"any": ["a", {}]}) == (("a",), True)
    assert possible({"join": ["a", {}]}) == ((), True)
