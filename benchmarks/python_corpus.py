"""Python as products have it, out of pinned wheels of the package index.

The wheels are downloaded by pip, which compares their SHA-256, and read as zip files: nothing is installed or run. Each
package becomes a small product: its modules, a Dockerfile that copies them all and starts `serve.py`, and a
`serve.py` that imports the package, so that there is something from which code is reached.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

LARGEST_FILE = 4 * 1024 * 1024
"""Bytes; no module of the packages below comes near."""


class Package(NamedTuple):
    """A release, what its wheel hashes to, and how many of its modules take part: the outer ones first."""

    name: str
    version: str
    sha256: str
    files: int = 1000


# What sellers copy into their images or build upon: SageMaker's own tool kits, servers, model libraries, clients of
# AWS. The large ones are cut so that none outweighs the rest.
PACKAGES = (
    Package("sagemaker", "2.245.0", "cc54914df95b83975efb352932f1c6a90721d5fc8a0eb9e731cf9f3d60cfaf73", 330),
    Package(
        "sagemaker-huggingface-inference-toolkit",
        "2.4.0",
        "9e8d05c32c806a93e81deed908539de63c12a8dda916b689b9ca9a1cfd823128",
    ),
    Package("multi-model-server", "1.1.11", "c6d1c3501180a7b3eb600fc46f563afe70ad13f34881627cf20511b7a8ac1535"),
    Package("torchserve", "0.12.0", "db127160102d29f390964f758b7ecc5039d3d278fafc85bf9994c273b3ef6954"),
    Package("kserve", "0.14.0", "bc6088c1944954183a93e5b69cd6ea5ea070413c2268cc4cbe71d5ba0a5d2a9c"),
    Package("litserve", "0.2.5", "df83781ce580b7da5594b198fed09f24edf8eb621bf2e56e029d613d0951281e"),
    Package("bentoml", "1.3.18", "70411e9d434a62609d89ce81dec9472787750d6232989cb1f14cfa7fb1b08eb9"),
    Package("mlflow", "2.16.2", "7ed8f1d27e719a19592d9582e4415aa76abb3de53c524d6b9c66cbf5e00a1023", 330),
    Package("fastapi", "0.115.6", "e9240b29e36fa8f4bb7290316988e90c381e5092e0cbe84e7818cc3713bcf305"),
    Package("flask", "3.1.0", "d667207822eb83f1c4b50949b1623c8fc8d51f2341d65f72e1a1815397551136"),
    Package("transformers", "4.47.1", "d2f5d19bb6283cd66c893ec7e6d931d6370bbf1cc93633326ff1f41a40046c9c", 40),
    Package("datasets", "3.2.0", "f3d2ba2698b7284a4518019658596a6a8bc79f31e51516524249d6c59cf0fe2a"),
    Package("diffusers", "0.32.1", "ab2ed6efe9dd2364db55b94fae453ff149dc06693ec99702cadfbeeaaa00c9c1", 30),
    Package("sentence-transformers", "3.3.1", "abffcc79dab37b7d18d21a26d5914223dd42239cfe18cb5e111c66c54b658ae7"),
    Package("ultralytics", "8.3.50", "2da03730e9b5b0fec7681635799ab33617c53ce9545b5c51c668e284b9f8c3e6"),
    Package("gluoncv", "0.10.5.post0", "93318cfda39ac3ac0fae3226f425f86b5edeafa581323e4f24927655538929ee", 250),
    Package("pytorch-lightning", "2.5.0", "dc891757eb0fc7e3812d7bb8f46cc74ef844500850ce83f65c71881d44008156"),
    Package("boto3", "1.35.80", "21a3b18c3a7fd20e463708fe3fa035983105dc7f3a1c274e1903e1583ab91159"),
    Package("s3fs", "2024.12.0", "d8665549f9d1de083151582437a2f10d5f3b3227c1f8e67a2b0b730db813e005"),
    Package(
        "apache-airflow-providers-amazon", "9.1.0", "999dd3868cfe0b8a11331614ccf14236eda31e27bd6332748b73b89f95caabae"
    ),
    Package("langchain-community", "0.3.13", "d6f623d59d44ea85b9cafac8ca6e9970c343bf892a9a3252b3f25e30df339be2", 600),
)

DOCKERFILE = """\
FROM python:3.12-slim-bookworm
COPY . /opt/program
ENV PYTHONUNBUFFERED=1 PYTHONPATH=/opt/program
WORKDIR /opt/program
ENTRYPOINT ["python", "/opt/program/serve.py"]
"""


class Refused(Exception):
    """There is no corpus; the message says why in one sentence."""


class Size(NamedTuple):
    """How much Python there is."""

    files: int
    lines: int
    bytes: int


def corpus(cache: Path) -> Path:
    """The folder of the corpus, made when it is not there yet. Raises Refused when that cannot be done."""
    key = hashlib.sha256(repr((PACKAGES, DOCKERFILE)).encode()).hexdigest()[:16]
    folder = cache / f"corpus-{key}"
    if folder.is_dir():
        return folder
    wheels = download(cache / "wheels")
    partial = cache / f"corpus-{key}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    for package in PACKAGES:
        product(wheels, package, partial / package.name)
    partial.rename(folder)
    return folder


def download(folder: Path) -> Path:
    """Put the wheels into a folder; those that are there already are only compared. Raises Refused."""
    folder.mkdir(parents=True, exist_ok=True)
    pinned = folder / "pinned.txt"
    pinned.write_text("".join(f"{p.name}=={p.version} --hash=sha256:{p.sha256}\n" for p in PACKAGES), "utf-8")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    command += ["--require-hashes", "--dest", str(folder), "--requirement", str(pinned)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise Refused(f"the wheels could not be downloaded: {last_error(result.stderr)}")
    return folder


def last_error(text: str) -> str:
    """The line of pip's, or another tool's, error output that says most."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return next(
        (line for line in reversed(lines) if "error" in line.lower()), lines[-1] if lines else "no reason given"
    )


def product(wheels: Path, package: Package, folder: Path) -> None:
    """Unpack one package and make a product of it. Raises Refused when its wheel is missing or unsafe."""
    stem = re.sub(r"[-_.]+", "_", package.name)
    found = sorted(wheels.glob(f"{stem}-{package.version}-*.whl"))
    if not found:
        raise Refused(f"there is no wheel of {package.name} {package.version} in {wheels}")
    names = unpack(found[0], folder, package.files)
    roots = sorted({name.parts[0] for name in names if len(name.parts) == 2 and name.name == "__init__.py"})
    imports = "".join(f"import {root}\n" for root in roots if root.isidentifier())
    (folder / "serve.py").write_text(f'{imports}\nif __name__ == "__main__":\n    print("serving")\n', "utf-8")
    (folder / "Dockerfile").write_text(DOCKERFILE, "utf-8")


def unpack(wheel: Path, folder: Path, most: int) -> list[PurePosixPath]:
    """Write the Python files of a wheel below `folder`, at most `most` of them, and say which. Raises Refused.

    All names are looked at before anything is written: a wheel with one bad name is not unpacked at all.
    """
    with zipfile.ZipFile(wheel) as archive:
        members = [entry for entry in archive.infolist() if entry.filename.endswith(".py")]
        for entry in members:
            if problem := unsafe(entry):
                raise Refused(f"{wheel.name} holds {entry.filename!r}, {problem}")
        chosen = first(members, most)
        for entry in chosen:
            place = folder / entry.filename
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(archive.read(entry))
    return [PurePosixPath(entry.filename) for entry in chosen]


def first(members: Iterable[zipfile.ZipInfo], most: int) -> list[zipfile.ZipInfo]:
    """The outer modules before the inner ones, so that what is left still imports what is left."""
    return sorted(members, key=lambda entry: (entry.filename.count("/"), entry.filename))[:most]


def unsafe(entry: zipfile.ZipInfo) -> str | None:
    """Why a member of a zip file must not be written under its name, or None when it may."""
    # zipfile cuts a name at a NUL and turns the system's own separator into "/": the name as it stands tells.
    name = entry.orig_filename
    parts = name.split("/")
    if not name.isprintable() or "\\" in name or ":" in name:
        return "a name with characters that no module's name has"
    if name.startswith("/") or any(part in {"", ".", ".."} for part in parts):
        return "a name that leads out of its folder"
    if any(len(part.encode()) > 200 for part in parts) or len(name) > 400:
        return "a name that is too long"
    if (entry.external_attr >> 16) & 0o170000 not in {0, 0o100000}:
        return "which is no plain file"
    if entry.file_size > LARGEST_FILE:
        return f"which is larger than {LARGEST_FILE} bytes"
    return None


def size(folder: Path) -> Size:
    """Files, lines and bytes of the Python below a folder."""
    texts = [path.read_bytes() for path in folder.rglob("*.py")]
    return Size(len(texts), sum(text.count(b"\n") for text in texts), sum(map(len, texts)))
