"""`shell.command`: categories and destinations, AWS calls, image builds, sleeps, secrets."""

from collections.abc import Callable
from typing import Any

import pytest

Read = Callable[..., Any]


@pytest.mark.parametrize(
    ("text", "category", "destination"),
    [
        ("pip install -r r.txt", "package_install", "remote"),
        ("pip3.11 install --no-index --find-links /w x", "package_install", "local"),
        ("python3 -m pip install /wheels/x.whl --no-deps", "package_install", "local"),
        ("python3 -m pip install /wheels/x.whl", "package_install", "remote"),
        ("pip install --index-url http://localhost:3141/simple x", "package_install", "loopback"),
        ("pip list", "none", "none"),
        ("pip $X", "unknown", "unknown"),
        ("apt-get -y -o A=B install x", "package_install", "remote"),
        ("npm --prefix x ci", "package_install", "remote"),
        ("sudo conda install x", "package_install", "remote"),
        ("curl -f http://localhost:8080/ping", "network", "loopback"),
        ("curl -f http://localhost:${PORT}/ping", "network", "loopback"),
        ("curl -s -o ping.txt localhost:8080/ping", "network", "loopback"),
        ('curl "$URL"', "network", "unknown"),
        ("TotalSegmentator -i $IN -o $OUT --fast", "model_fetch", "remote"),
        ("whisper a.wav --model large-v3", "model_fetch", "remote"),
        ("whisper a.wav --model /opt/ml/model/large.pt", "model_fetch", "local"),
        ("whisper a.wav --model large --model_dir /opt/ml/model", "model_fetch", "local"),
        ("tts --text hello --model_name tts_models/en/ljspeech/vits", "model_fetch", "remote"),
        ("ct2-transformers-converter --model=acme/scorer --output_dir out", "model_fetch", "remote"),
        ("accelerate launch examples/run.py --model_name_or_path acme/scorer", "model_fetch", "remote"),
        ("accelerate launch run.py --model_name_or_path /opt/ml/model", "model_fetch", "local"),
        ("accelerate launch run.py --epochs 3", "none", "none"),
        ("boltz predict a.yaml --cache /opt/ml/model", "model_fetch", "local"),
        ("boltz predict a.yaml --use_msa_server", "network", "remote"),
        ("vllm serve acme/scorer --port $PORT", "server", "remote"),
        ("vllm serve --port 8080 acme/scorer", "server", "remote"),
        ('vllm serve "$MODEL"', "server", "none"),
        ("vllm serve /opt/ml/model", "server", "none"),
        ("python -m vllm.entrypoints.openai.api_server --port 8080", "server", "remote"),
        ('python -m vllm.entrypoints.openai.api_server "${ARGS[@]}"', "server", "none"),
        ("text-generation-launcher --model-id acme/scorer", "server", "remote"),
        ("tritonserver --model-repository=s3://b/models", "server", "remote"),
        ("tritonserver --model-repository=/opt/ml/model", "server", "none"),
        ("llama-server -hf acme/scorer", "server", "remote"),
        ("mlflow models serve -m s3://b/m --env-manager local", "server", "remote"),
        ("ffmpeg -i https://example.com/a.mp4 a.wav", "network", "remote"),
        ("ffmpeg -i a.mp4 a.wav", "none", "none"),
        ("modelscope download --model acme/scorer", "network", "remote"),
        ("modelscope --help", "none", "none"),
        ('curl "https://$HOST/x"', "network", "unknown"),
        ("curl -sSL example.com/install.sh", "network", "remote"),
        ("curl --version", "network", "none"),
        ("wget -O x.tgz https://example.com/c", "network", "remote"),
        ("aws s3 cp s3://b/k /tmp", "network", "remote"),
        ("aws configure get region", "none", "none"),
        ("git -C /x rev-parse HEAD", "none", "none"),
        ('git clone "$R"', "network", "remote"),
        ("rsync -a /a /b", "network", "local"),
        ("rsync -a /a user@h:/b", "network", "remote"),
        ("nc -z localhost 8080", "network", "loopback"),
        ("nc -l 8080", "none", "none"),
        ("redis-cli ping", "network", "local"),
        ("redis-cli -h cache.example.com ping", "network", "remote"),
        ("echo x > /dev/tcp/192.0.2.1/80", "network", "remote"),
        ("python serve.py --url http://example.com", "none", "remote"),
        ("docker build .", "image_build", "none"),
        ("docker run x", "privileged", "none"),
        ("systemctl start nginx", "privileged", "none"),
        ("nvidia-smi", "none", "none"),
        ("gunicorn app:app", "server", "none"),
        ("python -m flask run", "development_server", "none"),
        ("python manage.py runserver", "development_server", "none"),
        ("trtexec --onnx=m", "compile", "none"),
        ("python setup.py build_ext", "compile", "none"),
        ("supervisord -n", "supervisor", "none"),
        ("python -m debugpy --listen 5678 x.py", "debug", "none"),
        ('"$P" x', "unknown", "none"),
    ],
)
def test_category_and_destination(read: Read, text: str, category: str, destination: str) -> None:
    fact = read(text).of("shell.command")[-1]
    assert (fact["category"], fact["destination"]) == (category, destination)


@pytest.mark.parametrize(
    ("test", "runs"),
    [
        ("[ -d .git ]", False),
        ('[[ -e "$ROOT/.git" ]]', False),
        ("test -d .git", False),
        ("[ ! -d .git ]", True),
        ("[ -d .github ]", True),
    ],
)
def test_what_asks_for_a_checkout_runs_in_no_container(read: Read, test: str, runs: bool) -> None:
    script = f"if {test}; then\n  git push\nelse\n  echo none\nfi\n"
    push, other = read(f"#!/bin/bash\n{script}").of("shell.command")[-2:]
    assert (push["program"], other["program"]) == ("git", "echo")  # a seller's script runs both
    assert push["first_argument"] == (None if runs else {"only": [], "never": []})
    assert other["first_argument"] is None
    call = f"import subprocess\nsubprocess.run({script!r}, shell=True)\n"
    started = read(call, "python", "app.py").one("python.call")
    assert (started["command_category"], started["destination"]) == (
        ("network", "remote") if runs else ("none", "none")
    )


def test_places(read: Read) -> None:
    reading = read("#!/bin/bash\nset -e\n  sudo aws --region eu-west-1 \\\n   s3 cp a s3://b\n")
    fact = reading.one("shell.command", program="aws")
    assert reading.excerpt(fact) == "sudo aws --region eu-west-1 \\\n   s3 cp a s3://b"
    assert [reading.excerpt(fact, name) for name in ("program", "region", "service", "operation")] == [
        "aws",
        "eu-west-1",
        "s3",
        "cp",
    ]


@pytest.mark.parametrize(
    ("text", "service", "operation", "region"),
    [
        ("aws sagemaker create-model-package --region us-east-2", "sagemaker", "create-model-package", "us-east-2"),
        ("aws --region=us-east-2 ecr x", "ecr", "x", "us-east-2"),
        ("aws s3 ls --region $R", "s3", "ls", "unknown"),
        ("aws s3 ls --region ${R:-us-west-2}", "s3", "ls", "us-west-2"),
        ("AWS_REGION=eu-west-1 aws s3 ls", "s3", "ls", "eu-west-1"),
        ("export AWS_DEFAULT_REGION=eu-west-1\naws s3 ls", "s3", "ls", "eu-west-1"),
        ("aws s3 ls", "s3", "ls", None),
        ("aws $S ls", "unknown", "ls", None),
        ("aws", None, None, None),
    ],
)
def test_aws(read: Read, text: str, service: str, operation: str, region: str | None) -> None:
    fact = read(text).of("shell.command", program="aws")[-1]
    assert (fact["service"], fact["operation"], fact["region"]) == (service, operation, region)


def test_other_commands_have_no_aws_or_image_detail(read: Read) -> None:
    fact = read("cp a b").one("shell.command")
    names = (
        "service",
        "operation",
        "region",
        "build_context",
        "dockerfile",
        "target",
        "platform",
        "pushes",
        "attestations",
    )
    assert [fact[name] for name in names] == [None] * 9
    assert fact["tags"] == []


def test_image_build(read: Read) -> None:
    reading = read("docker build -f c/Dockerfile.cpu --target=serve --platform linux/amd64 -t a:1 --tag $B c\n")
    fact = reading.one("shell.command")
    assert (fact["operation"], fact["build_context"], fact["dockerfile"]) == ("build", "c", "c/Dockerfile.cpu")
    assert (fact["target"], fact["platform"], fact["pushes"]) == ("serve", "linux/amd64", False)
    assert fact["tags"] == ["a:1", "unknown"]
    assert reading.excerpt(fact, "build_context") == "c"


@pytest.mark.parametrize(
    ("text", "pushes", "attestations"),
    [
        ("docker buildx build --push -t x .", True, "on"),
        ("docker buildx build --push --provenance=false --sbom=false -t x .", True, "off"),
        ("docker buildx build --push --provenance false -t x .", True, "off"),
        ("docker buildx build --provenance=mode=max -t x .", False, "on"),
        ("docker buildx build --sbom=true --provenance=false -t x .", False, "on"),
        ("docker buildx build --attest type=sbom -t x .", False, "on"),
        ("docker buildx build --provenance=$P -t x .", False, "unknown"),
        ("docker buildx build --output type=docker -t x .", False, "off"),
        ("docker buildx build -o type=registry -t x .", True, "on"),
        ("BUILDX_NO_DEFAULT_ATTESTATIONS=1 docker buildx build --push .", True, "off"),
        ("export BUILDX_NO_DEFAULT_ATTESTATIONS=1; docker buildx build --push .", True, "off"),
        ("DOCKER_BUILDKIT=0 docker build .", False, "off"),
        ("docker build .", False, "unknown"),
        ("podman build .", False, "off"),
        ("docker push x", True, None),
        ("docker tag x y", False, None),
    ],
)
def test_attestations(read: Read, text: str, pushes: bool, attestations: str | None) -> None:
    fact = read(text).of("shell.command")[-1]
    assert (fact["pushes"], fact["attestations"]) == (pushes, attestations)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("sleep 10", 10),
        ("sleep 1.5m", 90),
        ("sleep 1h 1", 3601),
        ("sleep $N", "unknown"),
        ("sleep infinity", "unknown"),
        ("p 1", None),
    ],
)
def test_sleep(read: Read, text: str, seconds: object) -> None:
    assert read(text).one("shell.command")["sleeps_seconds"] == seconds


def test_secrets_are_hidden_in_text_and_arguments(read: Read) -> None:
    token = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" + "k1L2m3N4o5P6q7R8"
    reading = read(
        f"T={token}\ngit clone https://x:{token}@github.com/a/b\ncurl -H 'Authorization: Bearer {token}' $T\n"
    )
    assert token not in str([(fact["text"], fact["arguments"]) for fact in reading.of("shell.command")])
    assert "***" in reading.one("shell.command", program="git")["text"]


def test_long_commands_are_cut(read: Read) -> None:
    fact = read("p " + "x" * 5000).one("shell.command")
    assert len(fact["text"]) == 500


def test_too_many_commands_are_told(read: Read) -> None:
    reading = read("p\n" * 2500)
    assert len(reading.of("shell.command")) == 2000
    assert [notice.code for notice in reading.notices] == ["shell-too-large"]
