"""Settings beside models, and whether they point at the container's own files."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from linter.discover.classify import _WEIGHTS, kind_of
from linter.judge.load import load_knowledge

Read = Callable[..., Any]


def settings(read: Read, path: str, text: str) -> list[tuple[str, str]]:
    reading = read(text, "model_configuration", path)
    return [(fact["key"], fact["destination"]) for fact in reading.of("model.setting")]


@pytest.mark.parametrize(
    ("value", "destination"),
    [
        ("google/flan-t5-base", "hub"),
        ("gpt2", "hub"),
        ("my-folder", "unknown"),
        ("s3://bucket/model/", "remote"),
        ("https://example.com/m.tar.gz", "remote"),
        ("djl://ai.djl.pytorch/resnet", "remote"),
        ("/opt/ml/model", "local"),
        ("./model", "local"),
        ("file:///opt/ml/model", "local"),
        ("a/b/c", "local"),
        ("weights/model.safetensors", "local"),
        ("{{model_id}}", "unknown"),
        ("{{s3url}}", "remote"),
        ("{{ model_s3_path }}", "remote"),
        ("<an S3 path of the weights>", "remote"),
        ("{{deps3}}", "unknown"),
        ("S3PATH", "remote"),
        ("MODEL", "unknown"),
        ("${MODEL}", "unknown"),
        ("<your-model>", "unknown"),
        ("", "none"),
    ],
)
def test_where_a_model_comes_from(read: Read, value: str, destination: str) -> None:
    found = settings(read, "serving.properties", f"engine=Python\noption.model_id={value}\n")
    assert found == [("option.model_id", destination)]


@pytest.mark.parametrize("path", ["serving.properties", "serving.template"])
@pytest.mark.parametrize(
    ("value", "destination"),
    [
        ("S3PATH", "remote"),
        ("{{ place }}", "remote"),
        ("s3://models/a", "remote"),
        ("/opt/ml/model", "local"),
        ("", "none"),
    ],
)
def test_an_address_of_a_store_is_one_however_it_is_written(
    read: Read, path: str, value: str, destination: str
) -> None:
    assert settings(read, path, f"engine=Python\noption.s3url = {value}\n") == [("option.s3url", destination)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("load_models=ALL", [("load_models", "local")]),
        ("load_models=a.mar,b=https://example.com/b.mar", [("load_models", "remote")]),
        ("load_models=https://example.com/a.mar?x=1", [("load_models", "remote")]),
        ("model_store=/opt/ml/model", [("model_store", "local")]),
        ("model_store : s3://bucket/x", [("model_store", "remote")]),
        ("install_py_dep_per_model=true", [("install_py_dep_per_model", "remote")]),
        ("install_py_dep_per_model=false", [("install_py_dep_per_model", "none")]),
        ("# load_models=https://example.com/a.mar", []),
        ("! load_models=https://example.com/a.mar", []),
        ("load_models=a.mar,\\\n  b=https://example.com/b.mar", [("load_models", "remote")]),
    ],
)
def test_settings_of_torchserve(read: Read, line: str, expected: list[tuple[str, str]]) -> None:
    assert settings(read, "config.properties", f"inference_address=http://0.0.0.0:8080\n{line}\n") == expected


def test_other_programs_files_of_the_same_name_are_left_alone(read: Read) -> None:
    assert settings(read, "config.properties", "database=jdbc://x\nload_model=1\n") == []
    assert settings(read, "config.json", '{"vision_tower": "a/b", "bucket": "s3://x"}') == []
    assert kind_of("config.json", 20, lambda size: b'{"bucket": "s3://x"}') is None
    assert kind_of("config.properties", 20, lambda size: b"database=1") is None
    assert kind_of("model/config.json", 20, lambda size: b'{"model_type": "t5"}') == "model_configuration"


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("adapter_config.json", {"base_model_name_or_path": "a/b"}, [("base_model_name_or_path", "hub")]),
        ("adapter_config.json", {"base_model_name_or_path": None}, []),
        ("adapter_config.json", {"base_model_name_or_path": "/opt/ml/model/base"}, [("base_model_name_or_path", "local")]),
        ("config.json", {"_name_or_path": "a/b", "model_type": "t5"}, []),
        ("config.json", {"auto_map": {"AutoModel": "a/b--m.C"}}, [("auto_map.AutoModel", "hub")]),
        ("config.json", {"auto_map": {"AutoModel": "m.C"}}, [("auto_map.AutoModel", "local")]),
        ("config.json", {"model_type": "x", "inner": {"auto_map": {"A": "r--m.C"}}}, [("inner.auto_map.A", "hub")]),
        ("config.json", {"model_type": "llava", "mm_vision_tower": "openai/clip"}, [("mm_vision_tower", "hub")]),
        ("tokenizer_config.json", {"auto_map": {"AutoTokenizer": ["a/b--t.T", None]}}, [("auto_map.AutoTokenizer", "hub")]),
        ("modules.json", [{"idx": 0, "path": "", "type": "st.T"}, {"idx": 1, "path": "1_P", "type": "a/b--m.P"}],
         [("path", "local"), ("type", "local"), ("path", "local"), ("type", "hub")]),
    ],
)  # fmt: skip
def test_json_files(read: Read, path: str, value: Any, expected: list[tuple[str, str]]) -> None:
    assert settings(read, f"model/{path}", json.dumps(value)) == expected


def test_a_value_is_shown_at_its_place(read: Read) -> None:
    reading = read('{\n  "base_model_name_or_path": "a/b"\n}', "model_configuration", "adapter_config.json")
    fact = reading.one("model.setting")
    assert reading.excerpt(fact, "value") == '"a/b"'
    reading = read("a=1\noption.model_id = a/b \n", "model_configuration", "serving.properties")
    assert reading.excerpt(reading.one("model.setting"), "value") == "a/b"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("    checkpoint: torchvision://resnet50", [("checkpoint", "remote")]),
        ("init_cfg: {type: Pretrained, checkpoint: 'open-mmlab://resnet50_v1c'}", [("checkpoint", "remote")]),
        ("init_cfg = dict(type='Pretrained', checkpoint='torchvision://resnet50')", [("checkpoint", "remote")]),
        ("# checkpoint: torchvision://resnet50", []),
        ("checkpoint: /opt/torchvision/resnet50", []),
    ],
)
def test_names_of_pretrained_weights(read: Read, line: str, expected: list[tuple[str, str]]) -> None:
    assert settings(read, "configs/a.yaml", f"model:\n{line}\n") == expected


def test_discovery_knows_every_scheme_of_weights() -> None:
    for scheme in load_knowledge().get("model_files.weight_schemes"):
        assert _WEIGHTS.search(f"{scheme}://x".encode())
    assert set(load_knowledge().get("model_files.weight_stacks")) == set(
        load_knowledge().get("model_files.weight_schemes")
    )


def test_discovery_takes_every_file_of_the_table() -> None:
    for name, entry in load_knowledge().get("model_files.files").items():
        known = next(iter(entry.get("known_by", ["x"])))
        text = f"{known}=1" if entry["format"] == "properties" else f'{{"{known}": 1, "idx": 0}}'
        assert kind_of(f"m/{name}", 20, lambda size, text=text: text.encode()) == "model_configuration", name


def test_bad_json_gives_a_notice_and_deep_json_ends(read: Read) -> None:
    reading = read('{"auto_map": ', "model_configuration", "adapter_config.json")
    assert [notice.code for notice in reading.notices] == ["model-configuration-unreadable"]
    read("[" * 5000, "model_configuration", "modules.json")
    read("x: catalog://a " * 200_000, "model_configuration", "a.yaml")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("template.render(model_id=base_model_s3_uri)", ("<base_model_s3_uri>", "remote")),
        ("place = 'acme/scorer-7b'\ntemplate.render(other=1, model_id=place)", ("acme/scorer-7b", "hub")),
        ("place = f's3://{bucket}/x'\nt.render(model_id=place)", ("s3://…/x", "remote")),
        ("place = 'acme/scorer-7b'\nplace = name()\nt.render(model_id=place)", ("unknown", "unknown")),
        ("template.render(model_id='/opt/ml/model')", ("/opt/ml/model", "local")),
        ("template.render(model_id=find(place))", ("unknown", "unknown")),
        ("template.render(s3url=place)", ("unknown", "unknown")),
        ("print(model_id)", ("unknown", "unknown")),
    ],
)
def test_what_a_notebook_fills_into_a_template(read: Read, code: str, expected: tuple[str, str]) -> None:
    sources = ["%%writefile code/serving.properties\nengine=MPI\noption.model_id = {{ model_id }}\n", code]
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": [each]} for each in sources]
    notebook = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    fact = read(notebook, "notebook", "deploy.ipynb").one("model.setting")
    assert (fact["value"], fact["destination"]) == expected
