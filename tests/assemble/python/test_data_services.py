"""Libraries that fetch data, run jobs elsewhere or open addresses in a text of SQL: through their objects too."""

from __future__ import annotations

import pytest

from tests.assemble.python.products import product

BUILT = "from sagemaker.serve import ModelBuilder\npredictor = ModelBuilder(role_arn='r').build().deploy()\n"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("from numerapi import NumerAPI\nNumerAPI()\n", ["numerapi.*API"]),
        ("from mne.datasets import eegbci\neegbci.load_data(1, [3])\n", ["mne.datasets.*.load_data"]),
        ("from mne.datasets.sleep_physionet import age\nage.fetch_data([0])\n", ["mne.datasets.*.*.fetch_data"]),
        ("import mne\nmne.datasets.fetch_fsaverage()\n", ["mne.datasets.fetch_*"]),
        ("import modal\nmodal.Function.from_name('a', 'b')\n", ["modal.Function.from_name"]),
        ("import modal\napp = modal.App('a')\nwith app.run():\n    pass\n", ["modal.App.run"]),
        ("from tabicl import TabICLRegressor\nTabICLRegressor()\n", ["tabicl.TabICL*"]),
        ("from tabicl import TabICLRegressor\nTabICLRegressor(model_path='/opt/ml/model/x.ckpt')\n", []),
        (
            f"{BUILT}predictor.predict([1])\n",
            [
                "sagemaker.serve.ModelBuilder",
                "sagemaker.serve.ModelBuilder.build",
                "sagemaker.model.Model.deploy",
                "sagemaker.predictor.Predictor.predict",
            ],
        ),
        (
            "from sagemaker.workflow.pipeline_context import PipelineSession\nPipelineSession()\n",
            ["sagemaker.workflow.pipeline_context.*PipelineSession"],
        ),
    ],
)
def test_calls_that_go_out(code: str, expected: list[str]) -> None:
    found = [fact["api"] for fact in product({"serve.py": code}) if fact["destination"] == "remote"]
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT * FROM 's3://bucket/rows.parquet'", "remote"),
        ("CREATE TABLE t AS SELECT a FROM read_parquet(['https://acme.io/rows.parquet'])", "remote"),
        ("COPY t TO 's3://bucket/out.parquet'", "remote"),
        ("CREATE OR REPLACE SECRET s (TYPE s3, PROVIDER credential_chain)", "remote"),
        ("install httpfs", "remote"),
        ("SELECT * FROM '/opt/ml/input/data/training/rows.parquet'", None),
        ("SELECT secret, type FROM users", None),
        ("INSERT INTO pages VALUES ('https://acme.io')", None),
    ],
)
def test_sql_that_an_object_of_an_unknown_class_is_given(text: str, expected: str | None) -> None:
    code = f'import json\ndef rows(connection):\n    connection.execute("{text}")\n'
    found = [fact["destination"] for fact in product({"serve.py": code}) if fact["api"] == "*.execute"]
    assert found == ([expected] if expected else [])
