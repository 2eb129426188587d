"""What an image is made for: SageMaker, or plainly something else."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from linter.model import CONFIGURATION, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from linter.assemble.build import Build
    from linter.knowledge import Knowledge
    from linter.model import Fact


def purpose_of(
    image: Fact, build: Build, ports: Sequence[int | str], has_start_program: bool, knowledge: Knowledge
) -> str:
    """`sagemaker` when something in the Dockerfile is made for SageMaker, `other` when made for something else."""
    if image.location.path.endswith(f"/{CONFIGURATION}"):
        return "sagemaker"  # a built image that the user named
    signs = knowledge.get("product.signs")
    if any(place in f"/{image.location.path}" for place in signs["against_places"]):
        return "other"
    if has_start_program:
        return "sagemaker"
    text = _telling_text(image, build.copies)
    base = str(image["base"]).lower()
    name = image.location.path.lower().rpartition("/")[2]
    if any(sign in name or sign in text for sign in signs["decisive_for"]):
        return "sagemaker"
    if any(sign in base or sign in text for sign in signs["decisive_against"]):
        return "other"
    if not _jobs(image).isdisjoint(signs["against_jobs"]):
        return "other"
    against = frozenset(signs["against"])
    if not against.isdisjoint(words_of(name)):
        return "other"
    if not build.installs.packages(image["stage"]).isdisjoint(signs["against_packages"]):
        return "other"
    other = any(place in text for place in signs["against_paths"])
    for place in signs["against_paths"]:
        text = text.replace(place, "")
    own_place = "/".join([*image.location.path.lower().rsplit("/", 2)[-2:], image["stage_name"] or ""])
    shows_pages = not _started(image).isdisjoint(signs["against_programs"])
    if any(sign in text or sign in own_place for sign in signs["for"]):
        return UNKNOWN if shows_pages else "sagemaker"  # pages for people may be named after the endpoint behind them
    repository = base.partition("@")[0].rpartition("/")[2].partition(":")[0]
    place = f"{image.location.path} {base.rpartition('/')[0]} {repository} {image['stage_name'] or ''}".lower()
    if other or shows_pages or not against.isdisjoint(words_of(place)):
        return "other"
    if not any(port in ports for port in signs["ports"]):
        return UNKNOWN
    return (
        "sagemaker" if any(word.startswith(tuple(signs["weak"])) for word in words_of(f"{text} {place}")) else UNKNOWN
    )


def _jobs(image: Fact) -> set[str]:
    """The names of the folders of a Dockerfile, and of the programs that its image starts."""
    entrypoint = image["entrypoint"] if isinstance(image["entrypoint"], list) else []
    programs = (posixpath.basename(word).partition(".")[0] for word in entrypoint)
    return {each.lower() for each in (*image.location.path.split("/")[:-1], *programs)}


def _started(image: Fact) -> set[str]:
    """The words of the start commands, without the folders of programs."""
    lines = [line for each in ("entrypoint", "cmd") if isinstance(image[each], list) for line in image[each]]
    return {posixpath.basename(word) for line in lines for word in str(line).split()}


def words_of(text: str) -> set[str]:
    """The words of a text, in lower case."""
    return set(re.split(r"[^a-z0-9]+", text.lower()))


def _telling_text(image: Fact, copies: Sequence[Fact]) -> str:
    """Variables, labels, paths and start commands of an image, in lower case."""
    entrypoint = image["entrypoint"] if isinstance(image["entrypoint"], list) else []
    cmd = image["cmd"] if isinstance(image["cmd"], list) else []
    texts = [
        *image["env"],
        *map(str, image["env"].values()),
        *image["labels"],
        str(image["workdir"]),
        *entrypoint,
        *cmd,
    ]
    texts += [f"{c['source']} {c['destination']}" for c in copies if image["stage"] in c["images"]]
    return "\n".join(texts).lower()


def ports_of(image: Fact) -> list[int | str]:
    """The numbers of the ports that EXPOSE names, without their protocol."""
    ports = [port.partition("/")[0] for port in image["exposed"]]
    return [int(port) if port.isdigit() else UNKNOWN for port in ports]


def supports_gpu(image: Fact, knowledge: Knowledge) -> str:
    """Whether the image is plainly made for GPUs; most images leave it open."""
    text = f"{image['base']} {' '.join(image['env'])}".lower()
    return "yes" if any(word in text for word in knowledge.get("product.gpu_words")) else UNKNOWN
