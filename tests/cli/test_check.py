"""`mllint check` as a user calls it: exit codes, reports, options, bad input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from linter.cli.main import main

CLEAN = 'FROM python:3.12-slim-bookworm\nCOPY app.py /opt/program/\nENTRYPOINT ["python", "/opt/program/app.py"]\n'
BROKEN = "FROM python:3.12-slim-bookworm\nCOPY app.py /opt/program/\nENTRYPOINT python /opt/program/app.py\n"


def product(folder: Path, dockerfile: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "Dockerfile").write_text(dockerfile, "utf-8")
    (folder / "app.py").write_text("print(1)\n", "utf-8")
    return folder


def mllint(*arguments: str | Path, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments], env=env)


def test_a_clean_product_ends_with_0_and_says_so(tmp_path: Path) -> None:
    result = mllint("check", product(tmp_path, CLEAN))
    assert result.exit_code == 0, result.output
    assert "1 Dockerfile" in result.stdout


def test_findings_end_with_1_and_show_the_place(tmp_path: Path) -> None:
    result = mllint("check", product(tmp_path, BROKEN))
    assert result.exit_code == 1
    assert "Dockerfile:3:1 error CTR007 shell-form-entrypoint" in result.stdout
    assert "ENTRYPOINT python /opt/program/app.py" in result.stdout


def test_output_without_a_terminal_has_no_colour(tmp_path: Path) -> None:
    assert "\x1b" not in mllint("check", product(tmp_path, BROKEN)).stdout
    assert "\x1b" in mllint("check", "--color", product(tmp_path, BROKEN)).stdout


@pytest.mark.parametrize(("fail_on", "status"), [("error", 1), ("warning", 1), ("never", 0)])
def test_fail_on_decides_the_status(tmp_path: Path, fail_on: str, status: int) -> None:
    assert mllint("check", "--fail-on", fail_on, product(tmp_path, BROKEN)).exit_code == status


def test_a_folder_with_nothing_to_check_ends_with_3(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("hello")
    result = mllint("check", tmp_path)
    assert result.exit_code == 3
    assert "Nothing to check" in result.stdout
    assert "nothing to check" in mllint("check", "-f", "json", tmp_path).stderr


def test_a_data_file_that_is_named_is_something_to_check(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("a,b\n1,2\n")
    assert mllint("check", tmp_path / "data.csv").exit_code == 0
    assert mllint("check", tmp_path).exit_code == 3


COMPLETE = """{"ModelPackageName": "ocr-2", "ModelPackageDescription": "Reads pages", "CertifyForMarketplace": True,
"InferenceSpecification": {
    "Containers": [{"Image": "482719305566.dkr.ecr.us-east-1.amazonaws.com/ocr:2"}],
    "SupportedContentTypes": ["image/png"], "SupportedResponseMIMETypes": ["application/json"],
    "SupportedRealtimeInferenceInstanceTypes": ["ml.m5.large"], "SupportedTransformInstanceTypes": ["ml.m5.large"]},
"ValidationSpecification": {"ValidationRole": "arn:aws:iam::482719305566:role/validation", "ValidationProfiles": [{
    "ProfileName": "pages", "TransformJobDefinition": {
        "TransformInput": {"ContentType": "image/png", "DataSource": {
            "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://acme-pages/questions/"}}},
        "TransformOutput": {"S3OutputPath": "s3://acme-pages/answers/"},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1}}}]}}"""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("publish.py", f'import boto3\nboto3.client("sagemaker").create_model_package(**{COMPLETE})\n'),
        (
            "publish.sh",
            "cat > r.json <<'EOF'\n"
            + COMPLETE.replace("True", "true")
            + "\nEOF\naws sagemaker create-model-package --cli-input-json file://r.json\n",
        ),
    ],
)
def test_a_request_that_only_a_script_holds_is_something_to_check(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    for _ in range(2):  # the second run is answered by what the first one kept
        result = mllint("check", tmp_path)
        assert result.exit_code == 0, result.output
        assert "All good: no findings in 1 file." in result.stdout


def test_comments_count_in_files_that_a_named_script_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = COMPLETE.replace('["ml.m5.large"], "SupportedTransform', 'types, "SupportedTransform')
    call = f'boto3.client("sagemaker").create_model_package(**{text})\n'
    (tmp_path / "publish.py").write_text(f"import boto3\nfrom instances import types\n{call}")
    comment = "  # mllint: ignore[MAN120] -- a private type\nunused = 1  # mllint: ignore[CTR007]"
    for remark, status in (("", 1), (comment, 0)):
        (tmp_path / "instances.py").write_text(f'types = ["ml.m5.xlrage"]{remark}\n')
        result = mllint("check", "publish.py")
        assert result.exit_code == status, result.output
    assert "MLL" not in result.stdout
    assert "1 suppressed" in result.stdout


def test_a_notebook_for_buyers_is_something_to_check(tmp_path: Path) -> None:
    code = """import sagemaker  # subscribe on AWS Marketplace first
model = sagemaker.ModelPackage(role="r", model_package_arn="arn:aws:sagemaker:us-east-1:482719305566:model-package/ocr-2")
data = open("data/page.png", "rb").read()
predictor = model.deploy(1, "ml.m5.large", endpoint_name="ocr")
predictor.predict(data)
transformer = model.transformer(1, "ml.m5.large")
transformer.transform("s3://buyer-pages/", content_type="image/png")
predictor.delete_endpoint()
model.delete_model()
"""
    cell = {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": code}
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "ocr.ipynb").write_text(json.dumps(notebook))
    result = mllint("check", tmp_path)
    assert result.exit_code == 0, result.output
    assert "LST070 sample-notebook-file-missing" in result.stdout
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "page.png").write_bytes(b"PNG")
    (tmp_path / "ocr.ipynb").write_text(json.dumps(notebook).replace("arn:aws:sagemaker:us-east-1:", "<ARN>:"))
    assert "All good: no findings in 1 file." in mllint("check", tmp_path).stdout


def test_a_script_that_sends_no_request_is_nothing_to_check(tmp_path: Path) -> None:
    (tmp_path / "list.py").write_text('import boto3\nboto3.client("sagemaker").list_model_packages()\n')
    assert mllint("check", tmp_path).exit_code == 3


def test_an_empty_folder_ends_with_3_and_a_valid_sarif_file(tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    result = mllint("check", "--format", "sarif", "--output", tmp_path / "r.sarif", folder)
    assert result.exit_code == 3
    assert json.loads((tmp_path / "r.sarif").read_text())["runs"][0]["results"] == []


def test_a_path_that_is_not_there_ends_with_2_and_one_sentence(tmp_path: Path) -> None:
    result = mllint("check", tmp_path / "absent")
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "no such file or folder" in result.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--select", "shell-form-entrypiont"], "did you mean `shell-form-entrypoint`"),
        (["--ignore", "shell-form-entry"], "shell-form-entrypoint"),
        (["--seller-account", "12"], "twelve digits"),
        (["--region", "us-east1"], "did you mean `us-east-1`"),
        (["--format", "xml"], "'xml' is not one of"),
        (["--format", "text", "--format", "json"], "cannot share standard output"),
    ],
)
def test_wrong_options_end_with_2_and_a_remedy(tmp_path: Path, options: list[str], words: str) -> None:
    result = mllint("check", *options, product(tmp_path, CLEAN))
    assert result.exit_code == 2, result.output
    assert words in result.stderr


def test_select_and_ignore_by_id_family_and_name(tmp_path: Path) -> None:
    folder = product(tmp_path, BROKEN)
    assert mllint("check", "--select", "IMG", folder).exit_code == 0
    assert mllint("check", "--select", "shell-form-entrypoint", folder).exit_code == 1
    assert mllint("check", "--ignore", "CTR007", folder).exit_code == 0


def test_reports_pair_with_the_format_before_them(tmp_path: Path) -> None:
    folder = product(tmp_path / "p", BROKEN)
    result = mllint(
        "check", "--format", "text", "--format", "sarif", "--output", tmp_path / "a.sarif", "-f", "json",
        "-o", tmp_path / "deep" / "b.json", folder,
    )  # fmt: skip
    assert "CTR007" in result.stdout
    assert json.loads((tmp_path / "a.sarif").read_text())["version"] == "2.1.0"
    assert json.loads((tmp_path / "deep" / "b.json").read_text())["findings"]


def test_output_alone_takes_its_form_from_the_suffix(tmp_path: Path) -> None:
    folder = product(tmp_path / "p", BROKEN)
    result = mllint("check", "--output", tmp_path / "a.sarif", folder)
    assert result.stdout == ""
    assert json.loads((tmp_path / "a.sarif").read_text())["version"] == "2.1.0"


def test_standard_output_carries_the_report_alone(tmp_path: Path) -> None:
    result = mllint("check", "--format", "json", product(tmp_path, BROKEN))
    assert json.loads(result.stdout)["findings"]


def test_a_report_file_is_valid_whatever_happens(tmp_path: Path) -> None:
    (tmp_path / ".mllint.yaml").write_text("selekt: [CTR]\n")
    result = mllint("check", "--format", "sarif", "--output", tmp_path / "a.sarif", product(tmp_path, BROKEN))
    assert result.exit_code == 2
    run = json.loads((tmp_path / "a.sarif").read_text())["runs"][0]
    assert run["results"] == []
    assert run["invocations"][0]["executionSuccessful"] is False


def test_a_report_that_cannot_be_written_ends_with_2(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = mllint("check", "--output", tmp_path / "file" / "a.sarif", product(tmp_path / "p", CLEAN))
    assert result.exit_code == 2
    assert "cannot write" in result.stderr


def test_the_job_summary_is_written_when_github_asks_for_it(tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    result = mllint("check", "-f", "github", product(tmp_path / "p", BROKEN), env={"GITHUB_STEP_SUMMARY": str(summary)})
    assert result.stdout.startswith("::error file=Dockerfile,line=3")
    assert "CTR007" in summary.read_text()


def test_list_files_names_what_would_be_inspected(tmp_path: Path) -> None:
    result = mllint("check", "--list-files", product(tmp_path, BROKEN))
    assert result.stdout == "Dockerfile\tdockerfile\napp.py\tpython\n"


def test_a_single_file_can_be_checked(tmp_path: Path) -> None:
    folder = product(tmp_path, BROKEN)
    assert mllint("check", folder / "Dockerfile").exit_code == 1


HOSTILE = {
    "binary": bytes(range(256)) * 50,
    "empty": b"",
    "nul": b"FROM a\n\x00\x00",
    "utf16": "FROM a\n".encode("utf-16"),
    "invalid utf-8": b"FROM python:3.12\nENV A=\xff\xfe\xfa\n",
    "byte order mark": b"\xef\xbb\xbfFROM python:3.12\n",
    "crlf": b"FROM python:3.12\r\nENV A=1\r\n",
    "one long line": b"RUN " + b"a" * 3_000_000,
    "endless continuation": b"FROM a\nRUN \\\n" * 50_000,
    "open heredoc": b"FROM a\nRUN <<EOF\n" + b"x\n" * 10_000,
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize(
    "file", ["Dockerfile", "nginx.conf", "serve", "start.sh", "gunicorn.conf.py", "request.json", "request.yaml"]
)
def test_no_content_makes_a_run_fail(tmp_path: Path, name: str, file: str) -> None:
    data = HOSTILE[name]
    if file.startswith("request"):
        data = b'{"ModelPackageName": "InferenceSpecification" ' + data
    (tmp_path / file).write_bytes(data)
    result = mllint("check", "--format", "json", tmp_path)
    assert result.exit_code in (0, 1, 3), result.output
    assert json.loads(result.stdout)["error"] is None


@pytest.mark.parametrize("file", ["Dockerfile", "request.json"])
def test_a_huge_file_is_named_and_not_read(tmp_path: Path, file: str) -> None:
    with (tmp_path / file).open("wb") as out:
        out.write(b'{"InferenceSpecification": 1,\n' + b" " * 100_000_000)
    result = mllint("check", tmp_path, "--verbose")
    assert "100000030 bytes" in result.stdout.replace("\n", " ").replace("  ", " ") or "not inspected" in result.stdout


@pytest.mark.parametrize(
    "text",
    [
        '{"InferenceSpecification":' * 5_000,
        "[" * 100_000 + '"InferenceSpecification"',
        "InferenceSpecification: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"
        + "".join(f"k{n}: [*c, *c]\n" for n in range(300)),
        '{"ModelPackageName": "a", "ModelPackageName": "b", "InferenceSpecification": {}}',
    ],
)
def test_nesting_aliases_and_duplicate_keys_are_survived(tmp_path: Path, text: str) -> None:
    for name in ("request.json", "request.yaml"):
        (tmp_path / name).write_text(text)
    result = mllint("check", "--format", "json", tmp_path)
    assert result.exit_code in (0, 1), result.output
    assert json.loads(result.stdout)["error"] is None


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no symbolic links here")
def test_link_loops_end(tmp_path: Path) -> None:
    product(tmp_path, CLEAN)
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "self").symlink_to(tmp_path / "self")
    (tmp_path / "Dockerfile.linked").symlink_to("/etc/passwd")
    result = mllint("check", "--format", "json", tmp_path)
    assert result.exit_code == 0, result.output
    notices = json.loads(result.stdout)["notices"]
    assert [notice["path"] for notice in notices if "symbolic" in notice["message"]] == ["Dockerfile.linked"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="permissions do not bind the superuser")
def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    product(tmp_path, CLEAN)
    (tmp_path / "nginx.conf").write_text("server {}")
    (tmp_path / "nginx.conf").chmod(0)
    result = mllint("check", "--format", "json", tmp_path)
    assert result.exit_code == 0
    assert any(notice["path"] == "nginx.conf" for notice in json.loads(result.stdout)["notices"])


def test_hostile_names_do_not_reach_the_terminal(tmp_path: Path) -> None:
    folder = product(tmp_path / "x\x1b[31m y", BROKEN)
    result = mllint("check", tmp_path)
    assert folder.name not in result.stdout
    assert "\x1b" not in result.stdout


def test_python_dash_m_is_the_same_program(tmp_path: Path) -> None:
    product(tmp_path, BROKEN)
    done = subprocess.run(
        [sys.executable, "-m", "linter", "check", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "CTR007" in done.stdout


def test_what_cannot_be_read_is_a_finding_in_every_format(tmp_path: Path) -> None:
    (tmp_path / "request.json").write_text('{"ModelPackageName": "x", ')
    for form in ("text", "json", "sarif", "github"):
        result = mllint("check", "-f", form, tmp_path)
        assert result.exit_code == 1
        assert "MLL006" in result.stdout
    assert "MLL006" in mllint("check", "--quiet", tmp_path).stdout


def test_a_report_takes_the_place_of_nothing(tmp_path: Path) -> None:
    folder = product(tmp_path, CLEAN)
    result = mllint("check", "-f", "sarif", "-o", folder / "Dockerfile", folder)
    assert result.exit_code == 2
    assert "would overwrite" in result.stderr
    assert (folder / "Dockerfile").read_text() == CLEAN
    twice = mllint("check", "-f", "json", "-o", tmp_path / "a", "-f", "sarif", "-o", tmp_path / "a", folder)
    assert twice.exit_code == 2


def program(*arguments: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "linter", *map(str, arguments)]
    return subprocess.run(command, text=True, stderr=subprocess.PIPE, check=False, **options)  # type: ignore[call-overload,no-any-return]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    with open("/dev/full", "w") as full:
        done = program("check", product(tmp_path, BROKEN), stdout=full)
    assert done.returncode == 2
    assert done.stderr == "mllint: cannot write standard output: No space left on device\n"


@pytest.mark.parametrize("option", ["--color", "--list-files"])
def test_a_reader_that_leaves_ends_the_program_quietly(tmp_path: Path, option: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = program("check", option, product(tmp_path, BROKEN), stdout=writer)
    os.close(writer)
    assert done.stderr == ""


def test_house_rules_can_be_explained_where_they_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests_support import HOUSE_RULE

    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / "label-maintainer.yaml").write_text(HOUSE_RULE)
    (tmp_path / ".mllint.yaml").write_text("rules: {extra: [policy]}\n")
    monkeypatch.chdir(tmp_path)
    assert mllint("explain", "USR001").exit_code == 0
    assert "USR001" in mllint("rules", "list").stdout


def test_a_named_file_that_is_not_recognised_is_told(tmp_path: Path) -> None:
    (tmp_path / "Dockerfil").write_text(CLEAN)
    result = mllint("check", "--verbose", tmp_path / "Dockerfil")
    assert result.exit_code == 3
    assert "not recognised" in result.stdout


def test_an_image_that_is_not_the_products_is_told(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text('FROM python:3.12-slim-bookworm\nENTRYPOINT ["mytool"]\n')
    result = mllint("check", "--verbose", tmp_path)
    assert "not judged as the product's image" in result.stdout


def test_bytes_that_are_not_utf8_are_told(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_bytes(CLEAN.encode() + b"ENV A=\xff\n")
    (tmp_path / "app.py").write_text("")
    assert "not UTF-8 throughout" in mllint("check", "--verbose", tmp_path).stdout


PERSONS = "id,email\n1,anna.petersen@posteo.de\n2,m.okafor@outlook.com\n"


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github"])
def test_no_report_repeats_private_data(tmp_path: Path, form: str) -> None:
    folder = product(tmp_path / "p", CLEAN)
    (folder / "samples").mkdir()
    (folder / "samples" / "a.csv").write_text(f"{PERSONS}3,AKIAQ7ZK3RT5XWPL2MNB\n", "utf-8")
    result = mllint("check", "-f", form, folder)
    assert "DAT015" in result.stdout
    assert "DAT016" in result.stdout
    assert "petersen" not in result.stdout
    assert "AKIAQ7ZK" not in result.stdout


def test_public_data_is_relative_to_the_configuration(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    folder = product(tmp_path / "p", CLEAN)
    (folder / "samples").mkdir()
    (folder / "samples" / "a.csv").write_text(PERSONS, "utf-8")
    assert "DAT016" in mllint("check", tmp_path).stdout
    (folder / ".mllint.yaml").write_text("public_data: [samples/]\n", "utf-8")
    assert "DAT016" not in mllint("check", folder).stdout
    (folder / ".mllint.yaml").write_text("public_data: samples/\n", "utf-8")
    assert "must be a list" in mllint("check", folder).stderr


def test_large_data_is_read_from_its_start_and_that_is_said(tmp_path: Path) -> None:
    folder = product(tmp_path / "p", CLEAN)
    (folder / "samples").mkdir()
    path = folder / "samples" / "a.csv"
    path.write_text("n,email\n" + "0123456789é,\n" * 800_000 + "1,anna.petersen@posteo.de\n", "utf-8")
    result = mllint("check", "-v", folder)
    assert result.exit_code == 0
    assert "only the first 256 of" in result.stdout
    path.write_text(PERSONS + "0123456789,\n" * 800_000, "utf-8")
    first, again = mllint("check", folder).stdout, mllint("check", folder).stdout
    assert "DAT016" in first
    assert again == first


def test_a_request_that_only_code_sends_is_something_to_check(tmp_path: Path) -> None:
    (tmp_path / "register.py").write_text(
        'import boto3\nboto3.client("sagemaker").create_model_package(ModelPackageGroupName="a", '
        'ModelPackageDescription="b")\n'
    )
    result = mllint("check", tmp_path)
    assert (result.exit_code, "Nothing to check" in result.stdout) == (0, False)
