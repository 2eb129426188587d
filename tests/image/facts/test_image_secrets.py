"""Secrets in files and in the history of images: planted ones are found, those of packages and samples are not."""

from __future__ import annotations

from typing import Any

import pytest

from linter.image.examples import built_image
from linter.image.facts.image import image_facts
from linter.image.facts.paths import keep, path_table
from linter.judge.load import load_knowledge
from linter.references.credential_files import credential_files

KNOWLEDGE = load_knowledge()
GITHUB = "ghp_" + "a8Fk2LmQ9xZr7TbV4cWn1YpS6dHj3GuE5oKt"
SECRET = "vX9mQ2-rT7pLzKw4"
PRIVATE = "-----BEGIN PRIVATE KEY-----\n" + "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj" + "\n"


def secrets(layers: list[dict[str, Any]], **more: Any) -> dict[str, tuple[str, bool, int | None, bool]]:
    image = built_image("m:1", {"layers": layers, **more}, KNOWLEDGE)
    found = image_facts(image.name, image.described, image.scans, image.merged, KNOWLEDGE).facts
    return {
        fact["path"]: (fact["secret"], fact["certain"], fact["line"], fact["hidden"])
        for fact in found
        if fact.kind == "image.file" and fact["role"] == "secret"
    }


@pytest.mark.parametrize(
    ("path", "text", "kind", "certain", "line"),
    [
        (
            "root/.aws/credentials",
            "[default]\naws_secret_access_key = Zq8Lw2Vt5Nc9Rx1Kd7Hs3Bf6Mj4Gp0Ty2Ue8Wa5Q\n",
            "aws-secret-access-key",
            True,
            2,
        ),
        ("root/.netrc", f"machine github.com login me password {SECRET}", "netrc-password", True, 1),
        ("root/.docker/config.json", '{"auths": {"x": {"auth": "bWU6dlg5bVEyclQ3cEx6"}}}', "docker-auth", True, 1),
        ("root/.pgpass", f"db:5432:m:svc:{SECRET}", "database-password", False, None),
        ("opt/program/settings.yaml", f"a: 1\ntoken: {GITHUB}\n", "github-token", True, 2),
        ("opt/program/app.py", f"TOKEN = '{GITHUB}'\n", "github-token", True, 1),
        ("opt/program/settings.ini", f"[db]\npassword = {SECRET}\n", "password", False, 2),
        ("opt/program/server.key", PRIVATE, "private-key", True, 1),
        ("etc/pip.conf", f"[global]\nindex-url = https://u:{SECRET}@pypi.acme.io/simple\n", "basic-auth-url", False, 2),
        ("opt/program/tests/conftest.py", f"T = '{GITHUB}'\n", "github-token", True, 1),
    ],
)
def test_planted_secrets_are_found(path: str, text: str, kind: str, certain: bool, line: int | None) -> None:
    assert secrets([{"files": {path: text}}]) == {path: (kind, certain, line, False)}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("usr/local/lib/python3.12/site-packages/twisted/test/key.pem", PRIVATE),
        ("opt/conda/lib/python3.11/site-packages/x/config.py", f"T = '{GITHUB}'"),
        ("usr/share/doc/curl/examples/auth.sh", f"curl -u me:{SECRET} https://acme.io"),
        ("etc/ssl/private/ssl-cert-snakeoil.key", PRIVATE),
        ("opt/program/tests/data/server.key", PRIVATE),
        ("opt/program/.env", "LOG_LEVEL=info\nPASSWORD=\nAPI_KEY=${API_KEY}\nTOKEN=<your token>\n"),
        ("opt/program/.env.example", f"DB_PASSWORD={SECRET}"),
        ("opt/program/tokenizer_config.json", '{"eos_token": "</s>", "pad_token": "<pad>", "cls_token": "[CLS]"}'),
        ("opt/program/app.py", f"password = '{SECRET}'\n"),
        ("opt/program/settings.ini", f"# password = {SECRET}\n"),
        ("root/.bash_history", "ls\n"),
        ("opt/program/package.json", '{\n"access-token-jwt": "^0.0.0-a8Fk2Lm"\n}'),
        ("opt/program/environment.json", '"SecretStorage==2.3.1",'),
        ("opt/program/a.ipynb", "WARNING! Using --password via the CLI is insecure. Use --password-stdin."),
        ("root/.npmrc", "registry=https://registry.npmjs.org/"),
        ("opt/program/certificates/ca.pem", "-----BEGIN CERTIFICATE-----\nMIID"),
    ],
)
def test_what_is_no_secret_of_the_seller_is_left_alone(path: str, text: str) -> None:
    assert secrets([{"files": {path: text}}]) == {}


def test_a_deleted_secret_is_still_in_the_image() -> None:
    layers = [{"files": {"root/.npmrc": f"//x/:_authToken={GITHUB}"}}, {"whiteouts": ["root/.npmrc"]}]
    assert secrets(layers) == {"root/.npmrc": ("github-token", True, 1, True)}


def test_a_replaced_secret_is_still_in_the_image_and_its_place_is_clean() -> None:
    layers = [{"files": {"app/s.yaml": f"token: {GITHUB}"}}, {"files": {"app/s.yaml": "token: ''"}}]
    assert secrets(layers) == {"app/s.yaml": ("github-token", True, 1, True)}


@pytest.mark.parametrize(
    ("step", "kinds", "shown"),
    [
        (f"RUN |1 TOKEN={GITHUB} /bin/sh -c pip install x # buildkit", ["github-token"], "RUN pip install x"),
        (f"/bin/sh -c #(nop)  ARG NPM_TOKEN={SECRET}", ["generic-secret"], "ARG NPM_TOKEN=***"),
        (
            f"/bin/sh -c git clone https://b:{GITHUB}@github.com/a/b",
            ["github-token"],
            "RUN git clone https://b:***@github.com/a/b",
        ),
        (
            "/bin/sh -c apt-get update &&   apt-get install -y nginx",
            [],
            "RUN apt-get update && apt-get install -y nginx",
        ),
        ('/bin/sh -c #(nop)  CMD ["bash"]', [], 'CMD ["bash"]'),
        ("ENV PYTHON_SHA256=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", [], None),
        ("ENV GPG_KEY=7169605F62C751356D054A26A821E680E5FA6305", [], None),
        ("ARG RELEASE", [], "ARG RELEASE"),
    ],
)
def test_steps_of_the_history_are_shown_without_their_secrets(step: str, kinds: list[str], shown: str | None) -> None:
    image = built_image("m:1", {"history": [step]}, KNOWLEDGE)
    found = image_facts(image.name, image.described, None, None, KNOWLEDGE).facts
    (fact,) = [fact for fact in found if fact.kind == "image.step"]
    assert fact["secrets"] == kinds
    assert GITHUB not in fact["text"]
    assert SECRET not in fact["text"]
    assert shown is None or fact["text"] == shown


@pytest.mark.parametrize(
    ("path", "installed"),
    [
        ("usr/local/lib/python3.12/json/__init__.py", True),
        ("usr/lib/python3/dist-packages/apt/cache.py", True),
        ("opt/conda/pkgs/numpy/x.py", True),
        ("srv/app/node_modules/x/index.js", True),
        ("usr/bin/perl", True),
        ("usr/bin/serve", False),
        ("bin/train", False),
        ("usr/local/bin/serve", False),
        ("usr/src/app/main.py", False),
        ("opt/program/predictor.py", False),
        ("opt/ml/code/inference.py", False),
        ("home/app/model.py", False),
        ("root/train.py", False),
        ("serve", False),
        ("etc/nginx/nginx.conf", False),
    ],
)
def test_installed_packages_are_known_by_their_places(path: str, installed: bool) -> None:
    assert path_table(KNOWLEDGE).is_installed(path) is installed


def test_little_content_is_kept_and_none_of_installed_code() -> None:
    wanted = keep(KNOWLEDGE)
    assert wanted("usr/local/lib/python3.12/site-packages/torch/nn/functional.py", 200_000, 0o644) == 0
    assert wanted("opt/program/model.safetensors", 5_000_000_000, 0o644) == 0
    assert wanted("var/lib/rpm/Packages", 50_000_000, 0o644) == 50_000_000
    assert wanted("var/lib/rpm/Packages", 500_000_000, 0o644) == 0
    assert wanted("var/lib/dpkg/status", 900_000, 0o644) == 900_000
    assert wanted("opt/program/.env", 300, 0o644) == 300
    assert wanted("opt/program/.env", 0, 0o644) == 0


def test_what_is_too_much_to_tell_or_to_search_is_said() -> None:
    files: dict[str, Any] = {f"opt/program/m{number}.pt": {"size": 10_000_000} for number in range(60)}
    files |= {f"opt/program/{number}.json": "x" * 60_000 for number in range(600)}
    files |= {"root/.npmrc": f"//x/:_authToken={GITHUB}"}
    image = built_image("m:1", {"layers": [{"files": files}]}, KNOWLEDGE)
    contents = {path: text.encode() for path, text in files.items() if isinstance(text, str)}
    assert image.merged
    merged = image.merged._replace(contents=contents)
    found = image_facts("m:1", image.described, image.scans, merged, KNOWLEDGE).facts
    assert [fact["message"] for fact in found if fact.kind == "image.problem" and not fact["layer"]] == [
        "10 more files of the kind `model-weights` are not told",
        "41 files were not searched for secrets: the image has too much text",
    ]
    assert [fact["path"] for fact in found if fact.kind == "image.file" and fact["role"] == "secret"] == ["root/.npmrc"]


def test_one_name_is_judged_by_each_of_its_places() -> None:
    places = {
        "root/.aws/config": "aws-credentials",
        "root/.kube/config": "kubeconfig",
        "srv/.git/config": None,
        "config": None,
    }
    table = credential_files(KNOWLEDGE)
    for _ in range(2):
        assert {place: table.kind(place) for place in places} == places
    assert (table.kind("home/.aws"), table.kind("home/.aws", or_folder=True)) == (None, "aws-folder")
