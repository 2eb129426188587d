"""Time `mllint check` on requests beside cfn-lint and check-jsonschema, in one run, in turn, and count what each finds.

    python benchmarks/manifests.py [--count N] [--runs N] [--cache FOLDER] [--json FILE]

Needs the package index once: the peers go into environments of their own below the cache folder. The requests are those
of the property test (tests/inspect/manifest/mutations.py): valid ones, and such with one mistake each. check-jsonschema
reads them with the schemas that mllint ships; cfn-lint reads the model packages among them as CloudFormation templates,
which mllint reads as well. mllint judges much more than shapes, and knows its rules from an earlier run.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from peers import MANIFEST_PEERS, environment, install
from timing import timed

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "inspect" / "manifest"))

import mutations  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SCHEMAS = ROOT / "schemas" / "manifests"
MLLINT = str(Path(sys.executable).parent / "mllint")
OPERATIONS = {"CreateModelPackage": "create-model-package", "CreateAlgorithm": "create-algorithm"}


class Task(NamedTuple):
    """A command, and how to read from its output which files it complains of."""

    name: str
    command: list[str]
    complaints: Callable[[Any], Iterator[str]]
    files: list[Path]


class Corpus(NamedTuple):
    """The files of each kind; the name of a valid one begins with `valid`."""

    requests: dict[str, list[Path]]
    templates: list[Path]


def write_corpus(folder: Path, count: int) -> Corpus:
    """The same requests at every run."""
    found = Corpus({operation: [] for operation in OPERATIONS}, [])
    valid = [(f"valid-{number}", case) for number, case in enumerate(mutations.valid_cases(count // 10, seed=2026))]
    broken = [(f"broken-{number}", case) for number, case in enumerate(mutations.cases(count, seed=2026))]
    random.Random(1).shuffle(broken)
    for name, case in [*valid, *broken]:
        place = folder / OPERATIONS[case.operation] / f"{name}.json"
        found.requests[case.operation].append(_written(place, case.request))
        if case.operation == "CreateModelPackage":
            resource = {"Type": "AWS::SageMaker::ModelPackage", "Properties": case.request}
            template = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"Package": resource}}
            found.templates.append(_written(folder / "templates" / f"{name}.json", template))
    return found


def _written(path: Path, value: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2), "utf-8")
    return path


def tasks(corpus: Corpus, have: dict[str, Path]) -> list[Task]:
    def mllint(name: str, files: list[Path], *options: str) -> Task:
        folders = sorted({str(path.parent) for path in files})
        return Task(name, [MLLINT, "check", "--format", "json", *options, *folders], _of_mllint, files)

    every = [path for files in corpus.requests.values() for path in files]
    found = [
        mllint(f"mllint, {len(every)} requests", every),
        mllint(f"mllint, {len(every)} requests, one process", every, "--jobs", "1"),
        mllint(f"mllint, {len(corpus.templates)} templates", corpus.templates),
        mllint(f"mllint, {len(corpus.templates)} templates, one process", corpus.templates, "--jobs", "1"),
    ]
    if "check-jsonschema" in have:
        for operation, name in OPERATIONS.items():
            files = corpus.requests[operation]
            schema = str(SCHEMAS / f"{name}.schema.json")
            command = [str(have["check-jsonschema"] / "check-jsonschema"), "-o", "json", "--schemafile", schema]
            title = f"check-jsonschema, {len(files)} {name}"
            found.append(Task(title, [*command, *map(str, files)], _of_check_jsonschema, files))
    if "cfn-lint" in have:
        command = [str(have["cfn-lint"] / "cfn-lint"), "--format", "json", "--regions", "us-east-2", "--"]
        title = f"cfn-lint, {len(corpus.templates)} templates"
        found.append(Task(title, [*command, *map(str, corpus.templates)], _of_cfn_lint, corpus.templates))
    return found


def _of_mllint(report: Any) -> Iterator[str]:
    yield from (each["location"]["path"] for each in report["findings"] if each["severity"] != "note")


def _of_check_jsonschema(report: Any) -> Iterator[str]:
    yield from (each["filename"] for each in [*report["errors"], *report.get("parse_errors", [])])


def _of_cfn_lint(report: Any) -> Iterator[str]:
    yield from (each["Filename"] for each in report if each["Level"] != "Informational")


def found_by(task: Task, surroundings: dict[str, str]) -> tuple[int, int, int, int]:
    """Mistakes found and made, complaints about valid files and number of these."""
    result = subprocess.run(task.command, capture_output=True, text=True, check=False, env=surroundings)
    named = {Path(path).name for path in task.complaints(json.loads(result.stdout))}
    valid = [path for path in task.files if path.name.startswith("valid")]
    broken = [path for path in task.files if path.name.startswith("broken")]
    return (
        sum(path.name in named for path in broken),
        len(broken),
        sum(path.name in named for path in valid),
        len(valid),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000, help="requests with a mistake")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "mllint-benchmarks")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    have, skipped = install(options.cache, MANIFEST_PEERS)
    with tempfile.TemporaryDirectory() as name:
        corpus = write_corpus(Path(name) / "corpus", options.count)
        all_tasks = tasks(corpus, have)
        kept, used = Path(name) / "rules", Path(name) / "used"
        small = corpus.templates[0]
        subprocess.run([MLLINT, "check", str(small)], capture_output=True, env=environment(options.cache, kept))
        surroundings = environment(options.cache, used)

        def fresh() -> None:
            shutil.rmtree(used, ignore_errors=True)
            shutil.copytree(kept, used)

        counts = {}
        for task in all_tasks:
            fresh()
            counts[task.name] = found_by(task, surroundings)
        rounds: list[dict[str, Any]] = []
        for _ in range(options.runs):
            rounds.append({})
            for task in all_tasks:
                fresh()
                rounds[-1][task.name] = timed(task.command, environment=surroundings)
    print(f"{platform.system()}, Python {platform.python_version()}, {os.cpu_count()} cores, medians of {options.runs}")
    print(f"{'':<46} {'wall s':>8} {'cpu s':>8} {'peak MiB':>9} {'files/s':>8}  found        valid, named")
    for task in all_tasks:
        runs = [each[task.name] for each in rounds]
        wall, cpu, peak = (statistics.median(getattr(run, key) for run in runs) for key in ("wall", "cpu", "peak_mib"))
        hit, broken, wrong, valid = counts[task.name]
        rate = len(task.files) / wall
        print(f"{task.name:<46} {wall:8.2f} {cpu:8.2f} {peak:9.0f} {rate:8.0f}  {hit}/{broken:<8} {wrong}/{valid}")
    for name, reason in skipped.items():
        print(f"left out: {name}, {reason}")
    if options.json:
        runs_of = {name: [each[name]._asdict() for each in rounds] for name in counts}
        options.json.write_text(json.dumps({"runs": runs_of, "found": counts, "skipped": skipped}, indent=2), "utf-8")


if __name__ == "__main__":
    main()
