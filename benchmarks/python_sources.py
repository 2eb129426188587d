"""Time `mllint check` on Python beside its peers and beside what the machine allows, in one run, in turn.

    python benchmarks/python_sources.py [--runs N] [--only TEXT] [--cache FOLDER] [--json FILE]

Needs the package index once: the corpus comes out of pinned wheels (python_corpus.py), the peers (ruff, bandit,
semgrep, flake8) go into environments of their own, all below the cache folder. A peer that cannot be had is skipped.
Semgrep with a rule for each call takes most of the time; `--only mllint` leaves out all that is not mllint's.

Whole processes are timed. Every command takes its turn in each round, so that a change of the machine's speed touches
all alike; medians, the fastest and the slowest run, and ratios of medians are printed. mllint starts with three kinds
of cache: "all cold" has none, "rules warm" knows its rules and has seen no file, "warm" has seen the same files before.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from python_corpus import Refused
from timing import Run, timed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).resolve().parent.parent
MLLINT = str(Path(sys.executable).parent / "mllint")
KNOWLEDGE = ROOT / "rules" / "knowledge" / "network_apis.yaml"

READ = """
import pathlib, sys
for path in pathlib.Path(sys.argv[1]).rglob("*.py"):
    path.read_bytes()
"""
PARSE = """
import ast, pathlib, sys
for path in pathlib.Path(sys.argv[1]).rglob("*.py"):
    try:
        ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        pass
"""
VISIT = """
import ast, pathlib, sys
for path in pathlib.Path(sys.argv[1]).rglob("*.py"):
    try:
        waiting = [ast.parse(path.read_bytes())]
    except (SyntaxError, ValueError):
        continue
    while waiting:
        for value in waiting.pop().__dict__.values():
            if type(value) is list:
                waiting += [each for each in value if isinstance(each, ast.AST)]
            elif isinstance(value, ast.AST):
                waiting.append(value)
"""
READING, RUFF, BANDIT, SEMGREP = "read every byte", "ruff, S rules", "bandit", "semgrep, the same calls"
FLAKE8, IMPORTS = "flake8, one file, no name of interest", "python -c 'import click, libcst'"
AGAINST = {BANDIT: "bandit", SEMGREP: "semgrep", RUFF: "ruff", READING: "reading"}
AGAINST_ONE = {FLAKE8: "flake8", IMPORTS: "imports"}
ONE = "one file"

UNCONCERNED = '''"""Sums of the rows of a table."""

import math


def normed(row):
    """The row, scaled to length one."""
    length = math.sqrt(sum(value * value for value in row))
    return [value / length for value in row] if length else list(row)
''' + "".join(
    f"\n\ndef column_{n}(table):\n    return [row[{n}] for row in table if len(row) > {n}]\n" for n in range(40)
)
CONCERNED = f"""{UNCONCERNED}

def latest(name):
    import requests

    return requests.get("https://models.example.com/" + name, timeout=5).json()
"""


class Task(NamedTuple):
    """A command to time. `cache` is mllint's own folder, brought into its state by `before`."""

    name: str
    command: list[str]
    accepted: tuple[int, ...] = (0,)
    cache: Path | None = None
    before: Callable[[], None] | None = None
    folder: Path | None = None


class Setting(NamedTuple):
    """What one start of the benchmark works with."""

    cache: Path
    corpus: Path
    size: Sequence[int]
    peers: dict[str, Path]
    skipped: dict[str, str]
    rules: Path
    offline: list[str]


def prepare(cache: Path) -> Setting:
    """Everything that is made once: corpus, peers, semgrep's rules, the small files. Raises Refused."""
    import peers
    import python_corpus
    import semgrep_rules

    cache.mkdir(parents=True, exist_ok=True)
    corpus = python_corpus.corpus(cache)
    (corpus / ".semgrepignore").write_text("", "utf-8")
    have, skipped = peers.install(cache)
    rules = cache / "semgrep-rules.json"
    semgrep_rules.write(KNOWLEDGE, rules)
    for name, text in (("unconcerned", UNCONCERNED), ("concerned", CONCERNED)):
        (cache / "small" / name).mkdir(parents=True, exist_ok=True)
        (cache / "small" / name / "table.py").write_text(text, "utf-8")
    (cache / "small" / "concerned" / "Dockerfile").write_text(python_corpus.DOCKERFILE, "utf-8")
    return Setting(cache, corpus, python_corpus.size(corpus), have, skipped, rules, peers.without_network())


def tasks(setting: Setting, target: Path) -> list[Task]:
    """The commands, on the corpus or, to bring everything into memory, on a small folder."""
    python = sys.executable
    found = [
        Task(READING, [python, "-c", READ, str(target)]),
        Task("ast.parse of all", [python, "-c", PARSE, str(target)]),
        Task("ast.parse, and a look at each node", [python, "-c", VISIT, str(target)]),
    ]
    for name, place in setting.peers.items():
        found += [_peer(setting, name, str(place / name), target)]
    for state in ("all cold", "rules warm", "warm"):
        found += [_mllint(setting, f"mllint, {state}, --jobs {jobs}", state, [target], jobs) for jobs in (1, 2)]
    small = setting.cache / "small"
    found += [
        Task(IMPORTS, [python, "-c", "import click, libcst"]),
        _mllint(setting, "mllint, one file, no name of interest", "rules warm", [small / "unconcerned" / "table.py"]),
        _mllint(setting, "mllint, one file that calls out", "rules warm", [small / "concerned" / "table.py"]),
    ]
    return found


def _peer(setting: Setting, name: str, program: str, target: Path) -> Task:
    if name == "ruff":
        options = ["check", "--isolated", "--no-cache", "--quiet", "--select", "S"]
        return Task(RUFF, [program, *options, str(target)], (0, 1))
    if name == "bandit":
        return Task(BANDIT, [program, "-r", "-q", "-f", "json", str(target)], (0, 1))
    if name == "flake8":
        return Task(FLAKE8, [program, "--isolated", str(setting.cache / "small" / "unconcerned" / "table.py")], (0, 1))
    options = ["scan", "--metrics", "off", "--disable-version-check", "--quiet", "--json", "--no-git-ignore"]
    command = [*setting.offline, program, *options, "--config", str(setting.rules), "."]
    return Task(SEMGREP, command, (0, 1), folder=target)


def _mllint(setting: Setting, name: str, state: str, targets: list[Path], jobs: int = 0) -> Task:
    folders = setting.cache / "mllint"
    used = folders / ("filled" if state == "warm" else "used")

    def before() -> None:
        shutil.rmtree(used, ignore_errors=True)
        if state == "rules warm":
            shutil.copytree(folders / "rules", used)

    command = [MLLINT, "check", "--jobs", str(jobs), "--nothing-ok", *map(str, targets)]
    return Task(name, command, (0, 1, 3), used, None if state == "warm" else before)


def run(setting: Setting, task: Task) -> Run:
    """One run of a task, its cache brought into its state first."""
    from peers import environment

    if task.before:
        task.before()
    return timed(task.command, task.folder, environment(setting.cache, task.cache), watch=task.cache is not None)


def _is_warm(task: Task) -> bool:
    return task.cache is not None and task.before is None


def fill(setting: Setting, wanted: str) -> None:
    """Give mllint a cache that holds its rules, and one that holds all that it found in the corpus."""
    folders = setting.cache / "mllint"
    shutil.rmtree(folders, ignore_errors=True)
    small = setting.cache / "small" / "concerned"
    for name, target in (("rules", small), ("filled", setting.corpus)):
        if name == "filled" and not any(wanted in task.name for task in tasks(setting, small) if _is_warm(task)):
            continue
        run(setting, Task("", [MLLINT, "check", "--nothing-ok", str(target)], cache=folders / name))


def usable(setting: Setting, wanted: str) -> list[Task]:
    """The tasks whose command works on a small folder. The others are noted as skipped."""
    small = setting.cache / "small" / "concerned"
    (small / ".semgrepignore").write_text("", "utf-8")
    found = []
    for task, rehearsal in zip(tasks(setting, setting.corpus), tasks(setting, small), strict=True):
        if wanted not in task.name:
            continue
        status = run(setting, rehearsal).status
        if status in task.accepted:
            found.append(task)
        else:
            setting.skipped[task.name] = f"the command ends with status {status}"
    return found


def printed(found: list[Task], rounds: list[dict[str, Run]], against: dict[str, str]) -> None:
    """A table: times, memory, and how many times as long as some of the others, by the clock and in CPU seconds."""
    walls = {task.name: [each[task.name].wall for each in rounds] for task in found}
    cpus = {task.name: statistics.median(each[task.name].cpu for each in rounds) for task in found}
    others = [name for name in against if name in walls]
    heads = "".join(f"{'/' + against[name]:>10}" for name in others)
    print(f"{'':<40}{'wall s':>9}{'min':>9}{'max':>9}{heads}{'cpu s':>10}{heads}{'peak MiB':>10}")
    for task in found:
        own = statistics.median(walls[task.name])
        by_clock = "".join(f"{own / statistics.median(walls[name]):10.2f}" for name in others)
        by_cpu = "".join(f"{cpus[task.name] / cpus[name]:10.2f}" for name in others)
        times = f"{own:9.3f}{min(walls[task.name]):9.3f}{max(walls[task.name]):9.3f}"
        peak = statistics.median(each[task.name].peak_mib for each in rounds)
        wrong = sorted({each[task.name].status for each in rounds} - set(task.accepted))
        note = f"   ended with status {wrong}" if wrong else ""
        print(f"{task.name:<40}{times}{by_clock}{cpus[task.name]:10.3f}{by_cpu}{peak:10.0f}{note}")
    print(flush=True)


def print_memory(found: list[Task], rounds: list[dict[str, Run]]) -> None:
    """The largest peaks of mllint's main process and of its workers, of all rounds."""
    for task in found:
        runs = [each[task.name] for each in rounds]
        main = max((each.main_mib or 0.0 for each in runs), default=0.0)
        if "--jobs" in task.name and main:
            workers = max(each.workers_mib for each in runs)
            listed = ", ".join(f"{each:.0f}" for each in workers) or "none"
            print(f"{task.name}: peak MiB of the main process {main:.0f}, of its workers {listed}")


def default_cache() -> Path:
    """The folder that wheels, corpus and peers are kept in from run to run."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "mllint-benchmark"


def prepared(cache: Path) -> Setting:
    """What `prepare` makes, in another process: this one stays small, or its memory would count as the commands'."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(prepare, cache).result()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", default="", help="only commands whose name holds this text")
    parser.add_argument("--cache", type=Path, default=default_cache())
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    try:
        setting = prepared(options.cache.resolve())
    except Refused as reason:
        sys.exit(f"no benchmark: {reason}")
    fill(setting, options.only)
    found = usable(setting, options.only)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    files, lines, size = setting.size
    print(f"{platform.system()}, Python {platform.python_version()}, {os.cpu_count()} cores, load {load:.1f}")
    print(f"{files} Python files, {lines} lines, {size} bytes; medians of {options.runs}; semgrep", end=" ")
    print("without network" if setting.offline else "with the network within reach", flush=True)
    rounds = [{task.name: _told(task, run(setting, task)) for task in found} for _ in range(options.runs)]
    single = [task for task in found if ONE in task.name or task.name == IMPORTS]
    for part, against in (([task for task in found if task not in single], AGAINST), (single, AGAINST_ONE)):
        if part:
            printed(part, rounds, against)
    print_memory(found, rounds)
    for name, why in setting.skipped.items():
        print(f"skipped: {name}: {why}")
    if options.json:
        options.json.write_text(json.dumps(_plain(setting, rounds), indent=2), "utf-8")


def _told(task: Task, done: Run) -> Run:
    figures = f"{done.wall:.1f} s, {done.cpu:.1f} s of CPU, {done.peak_mib:.0f} MiB"
    print(f"  {task.name}: {figures}", file=sys.stderr, flush=True)
    return done


def _plain(setting: Setting, rounds: list[dict[str, Run]]) -> dict[str, object]:
    return {
        "corpus": dict(zip(("files", "lines", "bytes"), setting.size, strict=True)),
        "runs": {name: [each[name]._asdict() for each in rounds] for name in (rounds[0] if rounds else ())},
        "skipped": setting.skipped,
    }


if __name__ == "__main__":
    main()
