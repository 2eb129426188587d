"""Time reading all layers of an image of 1 GB beside its peers and beside what the machine allows, in one run, in turn.

    python benchmarks/image_layers.py [--runs N] [--only TEXT] [--cache FOLDER] [--json FILE]

Needs the package index once: the image is made out of pinned wheels (image_corpus.py) below the cache folder. The floor
is the least that any reader has to do, in one thread and in Python: the digest of each blob, the fastest gunzip, the
digest of the content, and one look at each header. Peers (umoci, skopeo, trivy, syft) take part when they are
installed; umoci alone writes what it reads to the disk.

Whole processes are timed. Every command takes its turn in each round, so that a change of the machine's speed touches
all alike; medians, the fastest and the slowest run, and ratios are printed. Ratios are medians of those of each round.
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
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent
FLOOR = "digests, gunzip, headers: one thread"

FLOOR_CODE = """
import hashlib, json, sys
from isal import isal_zlib

def read(path):
    blob, content, headers = hashlib.sha256(), hashlib.sha256(), 0
    member = isal_zlib.decompressobj(wbits=31)
    rest, skip = b"", 0
    with open(path, "rb", buffering=0) as stream:
        while piece := stream.read(262144):
            blob.update(piece)
            data = member.decompress(piece)
            content.update(data)
            if skip >= len(data):
                skip -= len(data)
                continue
            data, at, skip = rest + data[skip:], 0, 0
            while at + 512 <= len(data):
                headers += 1
                at += 512 + (int(data[at + 124 : at + 135].strip(b"\\0") or b"0", 8) + 511) // 512 * 512
            rest, skip = data[at:], max(0, at - len(data))
    return blob.hexdigest(), content.hexdigest()

folder, name = sys.argv[1:]
for digest, size, diff_id, *_ in json.load(open(folder + "/layers.json"))[name]:
    assert read(f"{folder}/blobs/sha256/{digest[7:]}") == (digest[7:], diff_id[7:])
"""

MLLINT_CODE = """
import json, sys
from contextlib import contextmanager
from linter.image.layers.limits import Limits
from linter.image.layers.merge import merge
from linter.image.layers.read import scan_image
from linter.image.model import Described, Descriptor, Platform
from linter.judge.load import load_knowledge

KIND = "application/vnd.oci.image.layer.v1.tar+gzip"
folder, name, key = sys.argv[1:]
layers = json.load(open(folder + "/layers.json"))[name]

class Folder:
    access = "any-order"

    def describe(self, platform):
        return described

    @contextmanager
    def layer(self, described, number):
        with open(f"{folder}/blobs/sha256/{described.layers[number].digest[7:]}", "rb", buffering=0) as stream:
            yield stream

def keep(path, size, mode):
    return size if path.endswith((".dist-info/METADATA", ".sh", "serve.py")) else 0

config = {"rootfs": {"diff_ids": [layer[2] for layer in layers]}}
described = Described(
    name, "oci-layout", None, None, config, None, tuple(Descriptor(KIND, layer[0], layer[1]) for layer in layers)
)
limits = Limits.of(load_knowledge())
_, scans = scan_image(Folder(), Platform(), keep, limits, keep_key=key or None)
merged = merge(scans, limits)
assert not merged.problems, merged.problems
assert len(merged.entries) > 20_000 and merged.contents, len(merged.entries)
"""


class Task(NamedTuple):
    """A command to time; `before` brings the folders that it uses into their state."""

    name: str
    command: list[str]
    before: Callable[[], None] | None = None
    environment: dict[str, str] | None = None


def tasks(folder: Path, cache: Path) -> list[Task]:
    """The commands that can be had here."""
    python, used = sys.executable, cache / "image-used"
    own = {**os.environ, "MLLINT_CACHE_DIR": str(cache / "image-mllint"), "PYTHONPATH": str(ROOT)}

    def mllint(name: str, key: str, before: Callable[[], None] | None = None, text: str = "") -> Task:
        return Task(f"mllint, {text}", [python, "-c", MLLINT_CODE, str(folder), name, key], before, own)

    def forget() -> None:
        for place in (cache / "image-mllint").glob("layer-*"):
            place.unlink()

    def only_one() -> None:
        forget()
        timed([python, "-c", MLLINT_CODE, str(folder), "one", "kept"], None, own)

    found = [
        Task(FLOOR, [python, "-c", FLOOR_CODE, str(folder), "one"]),
        mllint("one", "", text="all layers, nothing kept"),
        mllint("one", "kept", forget, "all layers, scans kept for later"),
        mllint("two", "kept", only_one, "one new layer on a known base"),
    ]
    return found + [task for task in _peers(folder, cache, used) if shutil.which(task.command[0])]


def _peers(folder: Path, cache: Path, used: Path) -> list[Task]:
    def empty() -> None:
        shutil.rmtree(used, ignore_errors=True)
        used.mkdir(parents=True)

    scanned = {**os.environ, "TRIVY_CACHE_DIR": str(used / "trivy"), "SYFT_CHECK_FOR_APP_UPDATE": "false"}
    trivy = ["trivy", "image", "--quiet", "--scanners", "secret", "--skip-version-check", "--input", f"{folder}:one"]
    return [
        Task(
            "skopeo copy, to another layout", ["skopeo", "copy", f"oci:{folder}:one", f"oci:{used / 'copy'}:one"], empty
        ),
        Task("umoci raw unpack", ["umoci", "raw", "unpack", "--image", f"{folder}:one", str(used / "root")], empty),
        Task("syft", ["syft", "scan", f"oci-dir:{cache / 'image-single'}", "-o", "json", "-q"], empty, scanned),
        Task("trivy image, secrets", trivy, empty, scanned),
    ]


def single(folder: Path, cache: Path) -> None:
    """A layout with the first image alone, for tools that take no name of an image in a layout."""
    place = cache / "image-single"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    (place / "blobs").symlink_to(folder / "blobs")
    (place / "oci-layout").write_bytes((folder / "oci-layout").read_bytes())
    index = json.loads((folder / "index.json").read_text("utf-8"))
    index["manifests"] = index["manifests"][:1]
    (place / "index.json").write_text(json.dumps(index), "utf-8")


def run(task: Task) -> Run:
    """One run, after what has to be before it."""
    if task.before:
        task.before()
    done = timed(task.command, None, task.environment)
    figures = f"{done.wall:.1f} s, {done.cpu:.1f} s of CPU, {done.peak_mib:.0f} MiB"
    print(f"  {task.name}: {figures}", file=sys.stderr, flush=True)
    return done


def printed(found: list[Task], rounds: list[dict[str, Run]]) -> None:
    """A table: times, memory, and how many times as long as the floor."""
    print(f"{'':<40}{'wall s':>9}{'min':>9}{'max':>9}{'/floor':>9}{'cpu s':>9}{'/floor':>9}{'peak MiB':>10}")
    for task in found:
        runs, floor = [each[task.name] for each in rounds], [each[FLOOR] for each in rounds]
        walls = [each.wall for each in runs]
        by_clock = statistics.median(a.wall / b.wall for a, b in zip(runs, floor, strict=True))
        by_cpu = statistics.median(a.cpu / b.cpu for a, b in zip(runs, floor, strict=True))
        cpu, peak = statistics.median(each.cpu for each in runs), statistics.median(each.peak_mib for each in runs)
        times = f"{statistics.median(walls):9.2f}{min(walls):9.2f}{max(walls):9.2f}{by_clock:9.2f}"
        wrong = sorted({each.status for each in runs} - {0})
        note = f"   ended with status {wrong}" if wrong else ""
        print(f"{task.name:<40}{times}{cpu:9.2f}{by_cpu:9.2f}{peak:10.0f}{note}")


def prepared(cache: Path) -> Path:
    """The layout, made in another process: this one stays small, or its memory would count as the commands'."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    import image_corpus

    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(image_corpus.layout, cache).result()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", default="", help="besides the floor, only commands whose name holds this text")
    base = os.environ.get("XDG_CACHE_HOME")
    kept = (Path(base) if base else Path.home() / ".cache") / "mllint-benchmark"
    parser.add_argument("--cache", type=Path, default=kept)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    cache = options.cache.resolve()
    cache.mkdir(parents=True, exist_ok=True)
    try:
        folder = prepared(cache)
    except Refused as reason:
        sys.exit(f"no benchmark: {reason}")
    single(folder, cache)
    found = [task for task in tasks(folder, cache) if task.name == FLOOR or options.only in task.name]
    layers = json.loads((folder / "layers.json").read_text("utf-8"))["one"]
    stored, content, files = (sum(layer[at] for layer in layers) for at in (1, 3, 4))
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    print(f"{platform.system()}, Python {platform.python_version()}, {os.cpu_count()} cores, load {load:.1f}")
    print(f"{len(layers)} layers, {files} entries, {stored} bytes stored, {content} bytes of content", end="; ")
    print(f"medians of {options.runs}", flush=True)
    for task in found:
        run(task)
    rounds = [{task.name: run(task) for task in found} for _ in range(options.runs)]
    printed(found, rounds)
    shutil.rmtree(cache / "image-used", ignore_errors=True)
    if options.json:
        plain = {name: [each[name]._asdict() for each in rounds] for name in rounds[0]}
        options.json.write_text(json.dumps(plain, indent=2), "utf-8")


if __name__ == "__main__":
    main()
