"""An image of about 1 GB and 28,000 files, made out of pinned wheels of the package index.

The wheels are downloaded by pip, which compares their SHA-256, and read as zip files: nothing is installed or run. Each
becomes a layer of an OCI layout, compressed as engines do it; a second image shares all layers but its last.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
import zlib
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from python_corpus import Refused, last_error

PLATFORMS = ("manylinux2014_x86_64", "manylinux_2_17_x86_64", "manylinux_2_27_x86_64", "manylinux_2_28_x86_64")
PYTHON = "311"
SITE = "usr/local/lib/python3.11/site-packages/"
GZIP_LEVEL = 6
PINNED = """
boto3==1.35.80 --hash=sha256:21a3b18c3a7fd20e463708fe3fa035983105dc7f3a1c274e1903e1583ab91159
botocore==1.35.80 --hash=sha256:36e589dccb62380abd628b08fecfa2f7c89b99f41ec9fc42c467c94008c0be4a
matplotlib==3.10.0 --hash=sha256:5439f4c5a3e2e8eab18e2f8c3ef929772fd5641876db71f08127eed95ab64683
mlflow==2.16.2 --hash=sha256:7ed8f1d27e719a19592d9582e4415aa76abb3de53c524d6b9c66cbf5e00a1023
numpy==2.1.3 --hash=sha256:bc6f24b3d1ecc1eebfbf5d6051faa49af40b03be1aaa781ebdadcbc090b4539b
onnxruntime==1.20.1 --hash=sha256:5eec64c0269dcdb8d9a9a53dc4d64f87b9e0c19801d9321246a53b7eb5a7d1bc
opencv-python-headless==4.10.0.84 --hash=sha256:377d08a7e48a1405b5e84afcbe4798464ce7ee17081c1c23619c8b398ff18295
pandas==2.2.3 --hash=sha256:c124333816c3a9b03fbeef3a9f230ba9a737e9e5bb4060aa2107a86cc0a497fc
plotly==5.24.1 --hash=sha256:f67073a1e637eb0dc3e46324d9d51e2fe76e9727c892dde64ddf1e1b51f29089
polars==1.17.1 --hash=sha256:59abdab015ed2ecfa0c63862b960816c35096e1f4df057dde3c44cd973af5029
pyarrow==18.1.0 --hash=sha256:e31e9417ba9c42627574bdbfeada7217ad8a4cbbe45b9d6bdd4b62abbca4c6f6
sagemaker==2.245.0 --hash=sha256:cc54914df95b83975efb352932f1c6a90721d5fc8a0eb9e731cf9f3d60cfaf73
scikit-learn==1.6.0 --hash=sha256:3c716d13ba0a2f8762d96ff78d3e0cde90bc9c9b5c13d6ab6bb9b2d6ca6705fd
scipy==1.14.1 --hash=sha256:fef8c87f8abfb884dac04e97824b61299880c43f4ce675dd2cbeadd3c9b466d2
transformers==4.47.1 --hash=sha256:d2f5d19bb6283cd66c893ec7e6d931d6370bbf1cc93633326ff1f41a40046c9c
xgboost==2.1.3 --hash=sha256:32a43526208fe676527c698cb852e0e9515e6d7294143780e476d335290a131b
"""


class Layer(NamedTuple):
    """A blob, and the digest of its content."""

    digest: str
    size: int
    diff_id: str
    content_size: int
    files: int


def layout(cache: Path) -> Path:
    """The folder of the layout, made when it is not there yet. Raises Refused when that cannot be done."""
    key = hashlib.sha256(f"{PINNED}{GZIP_LEVEL}".encode()).hexdigest()[:16]
    folder = cache / f"image-{key}"
    if folder.is_dir():
        return folder
    partial = cache / f"image-{key}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    (partial / "blobs" / "sha256").mkdir(parents=True)
    wheels = sorted(_download(cache / "image-wheels").glob("*.whl"))
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        layers = list(pool.map(_layer, [partial] * len(wheels), wheels))
    program = {"opt/program/serve.py": b"import flask\n", f"{SITE}.wh.numpy": b""}
    other = {"opt/program/serve.py": b"import fastapi\n"}
    images = {"one": [*layers, _written(partial, program)], "two": [*layers, _written(partial, other)]}
    listed = [_image(partial, name, image) for name, image in images.items()]
    index = {"schemaVersion": 2, "manifests": listed}
    (partial / "index.json").write_text(json.dumps(index), "utf-8")
    (partial / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}', "utf-8")
    (partial / "layers.json").write_text(json.dumps(images), "utf-8")
    partial.rename(folder)
    return folder


def _download(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    pinned = folder / "pinned.txt"
    pinned.write_text(PINNED, "utf-8")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    command += ["--python-version", PYTHON, *(option for each in PLATFORMS for option in ("--platform", each))]
    command += ["--require-hashes", "--dest", str(folder), "--requirement", str(pinned)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise Refused(f"the wheels could not be downloaded: {last_error(result.stderr)}")
    return folder


def _layer(folder: Path, wheel: Path) -> Layer:
    with zipfile.ZipFile(wheel) as archive:
        names = [entry for entry in archive.infolist() if not entry.is_dir()]
        return _written(folder, {SITE + entry.filename: archive.read(entry) for entry in names})


def _written(folder: Path, files: dict[str, bytes]) -> Layer:
    """A layer with those files, and the folders above them, as a blob of the layout."""
    content = io.BytesIO()
    seen: set[str] = set()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(files):
            for parent in reversed(Path(path).parents[:-1]):
                if str(parent) not in seen:
                    seen.add(str(parent))
                    _add(archive, str(parent), tarfile.DIRTYPE, 0o755, b"")
            _add(archive, path, tarfile.REGTYPE, 0o644, files[path])
    plain = content.getvalue()
    packing = zlib.compressobj(GZIP_LEVEL, wbits=31)
    blob = packing.compress(plain) + packing.flush()
    diff_id = "sha256:" + hashlib.sha256(plain).hexdigest()
    return Layer(_blob(folder, blob), len(blob), diff_id, len(plain), len(files) + len(seen))


def _add(archive: tarfile.TarFile, path: str, kind: bytes, mode: int, data: bytes) -> None:
    member = tarfile.TarInfo(path)
    member.type, member.mode, member.size, member.mtime = kind, mode, len(data), 1_700_000_000
    archive.addfile(member, io.BytesIO(data))


def _blob(folder: Path, data: bytes) -> str:
    digest = hashlib.sha256(data).hexdigest()
    (folder / "blobs" / "sha256" / digest).write_bytes(data)
    return f"sha256:{digest}"


def _image(folder: Path, name: str, layers: list[Layer]) -> dict[str, Any]:
    """Write configuration and manifest; give the entry of the index."""
    rootfs = {"type": "layers", "diff_ids": [layer.diff_id for layer in layers]}
    config = json.dumps({"os": "linux", "architecture": "amd64", "config": {}, "rootfs": rootfs}).encode()
    kind = "application/vnd.oci.image"
    described = [
        {"mediaType": f"{kind}.layer.v1.tar+gzip", "digest": layer.digest, "size": layer.size} for layer in layers
    ]
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": f"{kind}.manifest.v1+json",
            "config": {"mediaType": f"{kind}.config.v1+json", "digest": _blob(folder, config), "size": len(config)},
            "layers": described,
        }
    ).encode()
    return {
        "mediaType": f"{kind}.manifest.v1+json",
        "digest": _blob(folder, manifest),
        "size": len(manifest),
        "platform": {"os": "linux", "architecture": "amd64"},
        "annotations": {"org.opencontainers.image.ref.name": name},
    }
