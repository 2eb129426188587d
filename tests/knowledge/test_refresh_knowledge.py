"""Refreshing keeps what is written by hand, writes the rest from the wheels and says what changed."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts" / "refresh_knowledge.py"
REGIONS = {"us-east-1": "US East", "ap-northeast-3": "Osaka", "xx-new-1": "New", "aws-global": "all"}


def wheels(folder: Path, configs: dict[str, Any], enum: list[str]) -> Path:
    """Two wheels with just what the script reads; an enum of instance types, tables of images."""
    folder.mkdir(exist_ok=True)
    shapes: dict[str, Any] = {name: {"enum": enum} for name in ("TrainingInstanceType", "TransformInstanceType")}
    shapes |= {"ProductionVariantInstanceType": {"enum": enum}, "ChannelName": {"max": 64}}
    request = {"type": "structure", "required": ["Name"], "members": {"Name": {"shape": "ChannelName"}}}
    shapes["ChannelName"] |= {"type": "string", "min": 0, "pattern": "[a-z](-*[a-zA-Z0-9]){0,62}"}
    shapes |= {"CreateAlgorithmInput": request, "CreateModelPackageInput": request}
    partition = {
        "id": "aws",
        "regionRegex": "^x$",
        "outputs": {"dnsSuffix": "amazonaws.com"},
        "regions": {code: {"description": name} for code, name in REGIONS.items()},
    }
    endpoints: dict[str, Any] = {"regions": {"us-east-1": {}, "ap-northeast-3": {}}, "services": {}}
    endpoints["services"] = {"api.sagemaker": {"endpoints": {"us-east-1": {}, "ap-northeast-3": {}}}}
    with zipfile.ZipFile(folder / "botocore-9.9.9-py3-none-any.whl", "w") as file:
        file.writestr("botocore/data/partitions.json", json.dumps({"partitions": [partition]}))
        file.writestr("botocore/data/endpoints.json", json.dumps({"partitions": [endpoints]}))
        model = gzip.compress(json.dumps({"shapes": shapes}).encode())
        file.writestr("botocore/data/sagemaker/2017-07-24/service-2.json.gz", model)
    with zipfile.ZipFile(folder / "sagemaker-2.9.9-py3-none-any.whl", "w") as file:
        for name, content in configs.items():
            file.writestr(f"sagemaker/image_uri_config/{name}.json", json.dumps(content))
    return folder


def config(repository: str, registries: dict[str, Any]) -> dict[str, Any]:
    return {"versions": {"1": {"repository": repository, "py3": {"registries": registries}}}}


CONFIGS = {"kmeans": config("kmeans", {"us-east-1": "012345678901"})}


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    folder = tmp_path / "tables"
    folder.mkdir()
    for name in ("regions", "registries", "instance_types"):
        shutil.copy(ROOT / "rules" / "knowledge" / f"{name}.yaml", folder)
    figure = "{value: 64, unit: characters, hard: true, shape: ChannelName/max, source: service model}"
    (folder / "quotas.yaml").write_text(f"manifest:\n  channel_name_chars: {figure}\n", "utf-8")
    return folder


def run(tables: Path, found: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), "--tables", str(tables), "--wheels", str(found), *options]
    command += ["--schemas", str(tables / "schemas")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def load(tables: Path, name: str) -> Any:
    return yaml.safe_load((tables / f"{name}.yaml").read_text("utf-8"))


def test_check_reports_and_writes_nothing(tables: Path, tmp_path: Path) -> None:
    found = wheels(tmp_path / "wheels", CONFIGS, ["ml.m5.large"])
    before = {path.name: path.read_bytes() for path in tables.rglob("*.*")}
    result = run(tables, found, "--check")
    assert result.returncode == 1
    assert "+ regions.by_code.xx-new-1" in result.stdout
    assert "- registries.accounts.763104351884" in result.stdout
    assert {path.name: path.read_bytes() for path in tables.rglob("*.*")} == before


def test_refresh_writes_once_and_is_then_current(tables: Path, tmp_path: Path) -> None:
    found = wheels(tmp_path / "wheels", CONFIGS, ["ml.m5.xlarge", "ml.m5.large", "ml.g5.2xlarge"])
    hand = (tables / "regions.yaml").read_text("utf-8").split("# ---- generated")[0]
    assert run(tables, found).returncode == 0
    after = {path.name: path.read_bytes() for path in tables.rglob("*.*")}
    assert (tables / "regions.yaml").read_text("utf-8").startswith(hand)
    assert run(tables, found, "--check").returncode == 0
    assert run(tables, found).returncode == 0
    assert {path.name: path.read_bytes() for path in tables.rglob("*.*")} == after

    regions = load(tables, "regions")
    assert regions["publish_from"] == ["us-east-1"]
    assert regions["publish_with_caution"] == ["ap-northeast-3"]
    assert regions["opt_in"] == ["xx-new-1"]
    assert regions["by_code"]["xx-new-1"]["sagemaker"] == "unknown"
    assert regions["by_code"]["ap-northeast-3"]["caution_reason"]
    assert regions["source"].startswith("botocore 9.9.9")
    assert load(tables, "registries")["accounts"] == {
        "012345678901": {"groups": ["builtin_algorithm"], "regions": ["us-east-1"]}
    }
    structures = json.loads((tables / "schemas" / "structures.schema.json").read_text("utf-8"))
    pattern = "^(?:[a-z]([a-zA-Z0-9-]*[a-zA-Z0-9])?)$"
    assert structures["$defs"]["ChannelName"] == {"type": "string", "maxLength": 64, "pattern": pattern}
    types = load(tables, "instance_types")
    assert types["training"] == ["ml.g5.2xlarge", "ml.m5.large", "ml.m5.xlarge"]
    assert types["in_families"]["gpu"] == ["ml.g5.2xlarge"]


def test_a_new_table_of_the_sdk_is_kept_and_asked_about(tables: Path, tmp_path: Path) -> None:
    new = config("novel", {"us-east-1": ["000000000042", "000000000043"]})
    found = wheels(tmp_path / "wheels", {**CONFIGS, "novel": new}, ["ml.m5.large"])
    result = run(tables, found)
    assert "put novel into a group" in result.stdout
    assert load(tables, "registries")["accounts"]["000000000042"]["groups"] == ["unclassified"]
    assert run(tables, found, "--check").returncode == 1


def test_a_figure_that_parts_from_the_service_model_is_told(tables: Path, tmp_path: Path) -> None:
    found = wheels(tmp_path / "wheels", CONFIGS, ["ml.m5.large"])
    run(tables, found)
    quotas = tables / "quotas.yaml"
    quotas.write_text(quotas.read_text("utf-8").replace("value: 64", "value: 63"), "utf-8")
    result = run(tables, found, "--check")
    assert result.returncode == 1
    assert "quotas.manifest.channel_name_chars is 63; ChannelName/max is 64" in result.stdout


@pytest.mark.parametrize("spoil", ["missing", "not a zip", "no registry id"])
def test_bad_wheels_are_refused_in_one_sentence(tables: Path, tmp_path: Path, spoil: str) -> None:
    configs = {"kmeans": config("kmeans", {"us-east-1": "42"})} if spoil == "no registry id" else CONFIGS
    found = wheels(tmp_path / "wheels", configs, ["ml.m5.large"])
    wheel = found / "sagemaker-2.9.9-py3-none-any.whl"
    if spoil == "missing":
        wheel.unlink()
    elif spoil == "not a zip":
        wheel.write_bytes(b"no zip")
    before = (tables / "registries.yaml").read_bytes()
    result = run(tables, found)
    assert result.returncode == 2
    assert result.stderr.startswith("Not refreshed: ")
    assert len(result.stderr.splitlines()) == 1
    assert (tables / "registries.yaml").read_bytes() == before


def test_without_an_index_it_refuses_in_one_sentence(tables: Path, tmp_path: Path) -> None:
    environment = {"PATH": "/usr/bin:/bin", "PIP_CONFIG_FILE": "/dev/null", "PIP_NO_INDEX": "1", "HOME": str(tmp_path)}
    command = [sys.executable, str(SCRIPT), "--tables", str(tables), "--check"]
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert "could not be downloaded" in result.stderr
