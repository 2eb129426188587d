"""Secrets are found by what values look like, and look-alikes are left alone.

Values of real formats are put together from parts, so that no scanner of this repository takes them for leaks.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from linter.knowledge import Knowledge
from linter.references.secrets import secret_in_value, secrets_in_text

TABLE = Path(__file__).parents[2] / "rules" / "knowledge" / "secrets.yaml"
RANDOM = "q7Rf2LxW9bTz4KmVc8YpD3sHn6JgE5aUoX1iQwZ0"
LETTERS = "qRfLxWbTzKmVcYpDsHnJgEaUoXiQwZvBNe"
KEY_ID = "AKIA" + "Q3EGRTZLM4XW7PVB"
SECRET_KEY = "k9/Zq7Rf2LxW9bTz4KmVc8YpD3sHn6JgE5aUoX1i"[:40]
JWT = ".".join(["eyJhbGciOiJIUzI1NiJ9", "eyJ1c2VyIjoiYWxpY2UiLCJyb2xlIjoib3BzIn0", RANDOM])
PRIVATE_KEY = "-----BEGIN RSA " + "PRIVATE KEY-----\n" + RANDOM + RANDOM + "\n-----END"


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge({"secrets": yaml.safe_load(TABLE.read_text("utf-8"))}, "test")


FORMATS = [
    ("aws-access-key-id", KEY_ID),
    ("aws-access-key-id", KEY_ID.replace("AKIA", "ASIA")),
    ("github-token", "ghp_" + RANDOM[:36]),
    ("github-token", "github_pat_" + RANDOM + "_" + RANDOM),
    ("gitlab-token", "glpat-" + RANDOM[:20]),
    ("huggingface-token", "hf_" + LETTERS),
    ("openai-key", "sk-" + RANDOM + "T3Blb"),
    ("openai-key", "sk-proj-" + RANDOM + "-" + RANDOM),
    ("anthropic-key", "sk-ant-api03-" + RANDOM),
    ("slack-token", "xoxb-" + "2481632" + "-" + RANDOM[:24]),
    ("google-api-key", "AIza" + RANDOM[:35]),
    ("stripe-key", "sk_live_" + RANDOM[:24]),
    ("npm-token", "npm_" + RANDOM[:36]),
    ("jwt", JWT),
    ("private-key", PRIVATE_KEY),
    ("private-key", PRIVATE_KEY.replace("\n", "\\n")),
    ("basic-auth-url", "https://ci:" + RANDOM[:20] + "@pypi.acme.io/simple"),
    ("basic-auth-url", "postgres://app:hunter2@db.acme.io/app"),
    ("presigned-url", "https://b.s3.amazonaws.com/k?X-Amz-Signature=" + "3fa94c0b5d71e286" * 4),
]


@pytest.mark.parametrize(("kind", "value"), FORMATS)
def test_known_formats_count_under_any_name(knowledge: Knowledge, kind: str, value: str) -> None:
    assert secret_in_value("LOG_LEVEL", value, knowledge) == kind
    text = f'first line\n  "x": "{value}",\nlast'
    hits = secrets_in_text(text, knowledge)
    assert [hit[0] for hit in hits] == [kind]
    _, start, end = hits[0]
    assert text[start:end] in value


@pytest.mark.parametrize(
    ("key", "value", "kind"),
    [
        ("PIP_TOKEN", "abc123", "generic-secret"),
        ("DB_PASSWORD", "hunter2", "password"),
        ("dbPassword", "correcthorse", "password"),
        ("password", '"Tr0ub4dor&3"', "password"),
        ("REDIS_PASSWD", "s3cr3t!", "password"),
        ("OPENAI_API_KEY", RANDOM, "generic-secret"),
        ("apiKey", "3fa94c0b5d71e286", "generic-secret"),
        ("WANDB_API_KEY", "0f3b9a7c5d1e2f4a6b8c0d9e7f5a3b1c2d4e6f80", "generic-secret"),
        ("CLIENT_SECRET", "8f14e45f-ceea-467f-a9c1-2b3d4e5f6a7b", "generic-secret"),
        ("DJANGO_SECRET_KEY", "z#8k1@q!m^2x", "generic-secret"),
        ("AZURE_STORAGE_KEY", RANDOM + "==", "generic-secret"),
        ("API_TOKEN", LETTERS, "generic-secret"),
        ("AWS_SECRET_ACCESS_KEY", SECRET_KEY, "aws-secret-access-key"),
        ("aws_secret_access_key", SECRET_KEY, "aws-secret-access-key"),
        ("AWS_ACCESS_KEY_ID", KEY_ID, "aws-access-key-id"),
        ("Authorization", "Bearer " + RANDOM, "authorization-header"),
        ("START_COMMAND", "serve --password hunter2", "password-argument"),
    ],
)
def test_values_that_look_like_secrets_under_a_suspicious_name(
    knowledge: Knowledge, key: str, value: str, kind: str
) -> None:
    assert secret_in_value(key, value, knowledge) == kind


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("TOKENIZERS_PARALLELISM", "false"),
        ("TOKENIZERS_PARALLELISM", "a8f5f167f44f4964e6c998dee827110c"),
        ("MAX_INPUT_TOKENS", "1024"),
        ("MAX_TOTAL_TOKENS", "4096x"),
        ("EOS_TOKEN", "<|endoftext|>"),
        ("pad_token", "[PAD]"),
        ("PAD_TOKEN", "extra0id99"),
        ("TOKEN_TYPE", "bearer42x"),
        ("HF_TOKEN", "${HF_TOKEN}"),
        ("HF_TOKEN", "$HF_TOKEN"),
        ("HF_TOKEN", "{{ hf_token }}"),
        ("HF_TOKEN", "<your-token>"),
        ("HF_TOKEN", "YOUR_TOKEN_HERE"),
        ("HF_TOKEN", "hf_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
        ("API_KEY", ""),
        ("API_KEY", "   "),
        ("API_KEY", "none"),
        ("API_KEY", "changeme"),
        ("API_KEY", "************"),
        ("API_KEY", "disabled"),
        ("API_KEY", "true"),
        ("API_KEY", "os.environ['API_KEY']"),
        ("API_KEY", "get_secret('x1')"),
        ("SECRET", "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-Ab12Cd"),
        ("SECRET", "{{resolve:secretsmanager:db:SecretString:password}}"),
        ("SECRET_NAME", "prod/db/k3y9x2"),
        ("DB_SECRET_ARN", "x9k2m4p7q1"),
        ("PASSWORD_FILE", "/run/secrets/db_password"),
        ("PRIVATE_KEY_PATH", "/opt/ml/model/key1.pem"),
        ("PRIVATE_KEY", "/opt/program/keys/artifact.key"),
        ("PRIVATE_KEY", "keys/artifact1.pem"),
        ("TOKEN_URL", "https://auth.acme.io/oauth2/token1"),
        ("AUTH_TOKEN", "https://auth.acme.io/oauth2/token1"),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", "30m15s"),
        ("PASSWORD_MIN_LENGTH", "12chars1"),
        ("DB_PASSWORD", "12345678"),
        ("DB_PASSWORD", "password"),
        ("DB_PASSWORD", "a long remark about passwords 42"),
        ("SECRET_MODE", "v2strict"),
        ("TOKENIZER", "bert-base-uncased"),
        ("TOKEN_CLASSIFIER", "dslim/bert-base-NER"),
        ("SECRET_ENGINE", "kv-v2"),
        ("ENCODER_TOKEN", "gpt-4o-mini"),
        ("API_KEY", "SomeCamelCaseWordsOnlyHere"),
        ("PWD", "/opt/ml3/x7"),
        ("LOG_LEVEL", "INFO"),
        ("FORCE_CHANGE_PASSWORD", "FORCE_CHANGE_PASSWORD"),
        ("Token.String", "#AB0909"),
        ("NEXT_PAGE_TOKEN", "4AEA6u7J...The"),
        ("NEW_PASSWORD", "NewPassword"),
        ("MODEL_HASH", "a8f5f167f44f4964e6c998dee827110c"),
        ("IMAGE_DIGEST", "sha256:" + "3fa94c0b5d71e286" * 4),
        ("MONKEY", "banana42x"),
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        ("DATABASE_URL", "postgres://app:${DB_PASSWORD}@db.acme.io/app"),
        ("DATABASE_URL", "postgres://localhost:5432/app"),
        ("DATABASE_URL", "postgres://postgres:postgres@localhost/app"),
        ("SERVER", "http://127.0.0.1:8080/ping"),
    ],
)
def test_look_alikes_under_names_and_placeholders_are_clean(knowledge: Knowledge, key: str, value: str) -> None:
    assert secret_in_value(key, value, knowledge) is None


@pytest.mark.parametrize(
    ("text", "kind", "secret"),
    [
        ("mysql --user app --password hunter2 db", "password-argument", "hunter2"),
        ("tool --db-password='s3cr3t x'", None, ""),
        ("tool --db-password='s3cr3tx'", "password-argument", "s3cr3tx"),
        ('hf login --token "' + RANDOM + '"', "token-argument", RANDOM),
        ("curl -fsSL -u ci:hunter2 https://repo.acme.io/x", "password-argument", "hunter2"),
        ("docker login -u ci -p hunter2 registry.acme.io", "password-argument", "hunter2"),
        ("curl -H 'Authorization: Bearer " + RANDOM + "' https://x", "authorization-header", RANDOM),
        ('headers = {"Authorization": "token ' + RANDOM + '"}', "authorization-header", RANDOM),
        ("pip install --index-url https://ci:t0k3nvalue@pypi.acme.io/simple x", "basic-auth-url", "t0k3nvalue"),
        ("git clone https://" + RANDOM[:20] + ":" + RANDOM[20:] + "@github.com/a/b", "basic-auth-url", RANDOM[20:]),
        ("machine repo.acme.io\nlogin ci\npassword hunter2\n", "netrc-password", "hunter2"),
        ("//registry.npmjs.org/:_authToken=" + RANDOM, "npm-token", RANDOM),
        ('{"auths": {"r.acme.io": {"auth": "Y2k6aHVudGVyMlpxN1Jm"}}}', "docker-auth", "Y2k6aHVudGVyMlpxN1Jm"),
        ("[default]\naws_secret_access_key = " + SECRET_KEY + "\n", "aws-secret-access-key", SECRET_KEY),
        ("'aws_secret_access_key': '" + SECRET_KEY + "'", "aws-secret-access-key", SECRET_KEY),
    ],
)
def test_options_headers_and_addresses_in_text(knowledge: Knowledge, text: str, kind: str | None, secret: str) -> None:
    hits = [(found, text[start:end]) for found, start, end in secrets_in_text(text, knowledge)]
    assert hits == ([(kind, secret)] if kind else [])


@pytest.mark.parametrize(
    "text",
    [
        "aws ecr get-login-password | docker login --username AWS --password-stdin 1.dkr.ecr.us-east-1.amazonaws.com",
        "docker login -u AWS -p $(aws ecr get-login-password) registry",
        'docker login -u AWS -p "${TOKEN}" registry',
        "mysql --password=$DB_PASSWORD",
        'mysql --password="${DB_PASSWORD}"',
        "mysql --password",
        "tool --password <password> --token YOUR_TOKEN",
        "tool --token-type bearer --max-tokens 4096 --secret id=pip",
        "aws ecs run-task --client-token 550e8400-e29b-41d4-a716-446655440000 --next-token aB3dE6gH9",
        "name and --password options",
        "RUN --mount=type=secret,id=pip pip install -r requirements.txt",
        "docker run -u 1000:1000 -p 8080:8080 image serve",
        "curl -fsS http://127.0.0.1:8080/ping",
        "curl -u user:password https://repo.acme.io",
        "curl -u ${USER}:${PASS} https://repo.acme.io",
        "curl -H 'Authorization: Bearer $TOKEN' https://x",
        "curl -H 'Authorization: Bearer {token}' https://x",
        'if "-----BEGIN PRIVATE KEY-----" in text: pass',
        "-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBa\n-----END CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA\n-----END PUBLIC KEY-----",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEogIBAAKCAQEA6NF8iallvQVp22WDkTkyrtvp9eWW6A8YVr+kz4TjGYe7gHzI",
        "AKIAIOSFODNN7EXAMPLE AKIAI44QH8DHBEXAMPLE AKIAXXXXXXXXXXXXXXXX AKIA0000000000000000",
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ"
        ".SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
        '<div class="sk-estimator-doc-link sk-toggleable__content sk-parallel-item-with-a-long-name">',
        "import sklearn  # sk-learn-contrib-something-long-enough-to-match",
        "hf_hub_download hf_transfer_enabled hf_modelnamewithoutanyuppercaselettersx",
        "ghp_" + "x" * 36,
        "sk_test_4eC39HqLyjWDarjtT1zdp7dc",
        "xmlns:xlink='http://www.w3.org/1999/xlink' git@github.com:acme/repo.git ssh://git@github.com/acme/repo",
        "see https://docs.acme.io:8443/@user and http://host:8080/a@b",
        "http://user:pass@proxy:3128 https://{user}:{password}@host/ https://%s:%s@host/",
        "redis://:${REDIS_PASSWORD}@cache:6379/0",
        "sha256:" + "3fa94c0b5d71e286" * 4,
        "the secret of a good token is its password",
    ],
)
def test_public_and_documented_values_in_text_are_clean(knowledge: Knowledge, text: str) -> None:
    assert secrets_in_text(text, knowledge) == []


def test_hits_come_in_order_and_do_not_overlap(knowledge: Knowledge) -> None:
    text = f"--password hunter2\nAuthorization: Bearer {JWT}\nid={KEY_ID}\n"
    hits = secrets_in_text(text, knowledge)
    assert [kind for kind, _, _ in hits] == ["password-argument", "jwt", "aws-access-key-id"]
    assert all(left[2] <= right[1] for left, right in pairwise(hits))


@pytest.mark.parametrize(
    "piece",
    [
        "eyJ",
        "eyJaaaaaaaa.",
        "eyJaaaaaaaaa.eyJaaaaaaaaa.",
        "a",
        "A",
        "://",
        "://a:",
        "://a:b",
        "://a:b@",
        "--password ",
        "--token --",
        "curl ",
        "curl -u ",
        "docker login ",
        "machine x login y ",
        "machine ",
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\n",
        "authorization: ",
        "Authorization: Bearer ",
        "secret",
        "aws_secret_access_key=",
        "AKIA",
        "sk-",
        "hf_",
        "xoxb-",
        "--a-",
        "ghp_",
        "\\n",
        " ",
        '"auth": ',
        "AccountKey=",
    ],
)
def test_hostile_texts_take_linear_time(knowledge: Knowledge, piece: str) -> None:
    hints = 'eyJ :// -- AKIA PRIVATE KEY uthorization secret curl login machine sk- hf_ xox "auth" AccountKey= ghp_'
    text = hints + piece * (300_000 // len(piece))
    secrets_in_text(text, knowledge)


def test_long_values_are_no_trouble(knowledge: Knowledge) -> None:
    assert secret_in_value("API_KEY", "a-" * 200_000, knowledge) is None
    assert secret_in_value("aB" * 100_000, "x", knowledge) is None
