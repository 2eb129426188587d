"""FROM: the image reference, its platform, the stage graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.inspect.dockerfile.base_images import Reference, describe, read_reference, working_folder
from linter.inspect.dockerfile.expand import known
from linter.inspect.dockerfile.lines import UNSEEN
from linter.inspect.dockerfile.state import Settings, Stage, names
from linter.lazy import compiled
from linter.model import UNKNOWN
from linter.references.image import parse_image
from linter.references.owners import aws_group, open_framework

if TYPE_CHECKING:
    from linter.inspect.dockerfile.instruction import Instruction
    from linter.inspect.dockerfile.state import Build

MAX_STAGES = 250
_STAGE_NAME = compiled(r"[a-z][a-z0-9\-_.]*")
_ARCHITECTURES = {"x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64", "i386": "386", "armhf": "arm"}
_SYSTEMS = ("linux", "windows", "darwin", "freebsd")


def from_(build: Build, ins: Instruction, scope: Settings) -> Stage | None:
    """Opens a stage, or None when the instruction cannot be read."""
    words = ins.words
    named = len(words) == 3 and words[1].text.lower() == "as"
    if not (len(words) == 1 or named):
        build.problem(ins, "FROM needs one argument, or three with AS")
        if not words:
            return None
    if len(build.stages) >= MAX_STAGES:
        build.problem(ins, f"mllint reads {MAX_STAGES} stages of a Dockerfile")
        return None
    name = words[2].text.lower() if named else None
    if name and not _STAGE_NAME.fullmatch(name):
        build.problem(ins, f"`{name[:40]}` is no name for a stage")
        name = None
    text = build.expand(ins, words[0].text, scope)
    if not text:
        build.problem(ins, f"`{words[0].text[:60]}` is empty: no such ARG stands before the first FROM")
        text = UNSEEN
    parent = build.stage_of(text)
    kind = _kind(text, parent)
    settings = parent.settings.copy() if parent else Settings.of_scratch() if kind == "scratch" else Settings()
    if kind == "image":
        settings.workdir = working_folder(build.knowledge, read_reference(text)) or settings.workdir
    stage = Stage(len(build.stages), name, ins.start, ins.end, text, kind, parent, settings)
    if parent:
        build.used.add(parent.index)
    stage.origin = build.draft("dockerfile.from", ins, stage, _fields(build, ins, scope, text, kind), image=words[0],
                               platform=ins.flag("platform"))  # fmt: skip
    build.stages.append(stage)
    return stage


def _kind(text: str, parent: Stage | None) -> str:
    if parent:
        return "stage"
    if text == "scratch":
        return "scratch"
    return UNKNOWN if UNSEEN in text else "image"


def _fields(build: Build, ins: Instruction, scope: Settings, text: str, kind: str) -> dict[str, Any]:
    named = kind in ("image", UNKNOWN)
    reference = read_reference(text) if named else Reference(None, "", None, None)
    platform = ins.flag("platform")
    chosen = build.expand(ins, platform.text, scope) if platform and platform.text else None
    system, architecture = read_platform(chosen)
    described = describe(build.knowledge, kind, reference)
    return {
        "image": known(text),
        "base": kind,
        "registry": known(reference.registry),
        "repository": known(reference.repository) if named else None,
        "tag": known(reference.tag),
        "digest": known(reference.digest),
        "tag_state": tag_state(build, reference) if named else "not_applicable",
        "platform": known(chosen),
        "os": system,
        "architecture": architecture or (_told_architecture(build, reference) if kind == "image" else None),
        "is_base_of_image": False,
        **_owner(build, text, named),
        **described._asdict(),
    }


def _told_architecture(build: Build, reference: Reference) -> str | None:
    """The architecture that the image's own name tells, as `arm64v8/ubuntu` does; None when it tells none."""
    namespaces = build.knowledge.get("product.architecture_namespaces")
    namespace = reference.repository.partition("/")[0]
    if not reference.registry and namespace in namespaces:
        return str(namespaces[namespace])
    endings = build.knowledge.get("product.architecture_endings")
    names = (reference.repository, reference.tag or "")
    return next((str(tells) for ending, tells in endings.items() if any(n.endswith(ending) for n in names)), None)


def _owner(build: Build, text: str, named: bool) -> dict[str, Any]:
    """Whether the base is an image of AWS's own, and which kind of one."""
    if not named:
        return {"owner": None, "owner_group": None, "open_framework": False}
    image = parse_image(text.replace(UNSEEN, "${x}"))
    group = aws_group(image, build.knowledge)
    owner = UNKNOWN if group == UNKNOWN else "other" if group is None else "aws"
    return {"owner": owner, "owner_group": group, "open_framework": open_framework(image, build.knowledge)}


def tag_state(build: Build, reference: Reference) -> str:
    """How firmly the reference pins an image."""
    if reference.digest and UNSEEN not in reference.digest:
        return "digest"
    if reference.tag is None:
        return "missing"
    if UNSEEN in reference.tag:
        return UNKNOWN
    return "floating" if reference.tag.lower() in names(build.knowledge.get("images.floating_tags")) else "fixed"


def read_platform(text: str | None) -> tuple[str | None, str | None]:
    """Operating system and architecture of a `--platform` value, in Go's names."""
    if text is None:
        return None, None
    parts = [known(part) or UNKNOWN for part in text.lower().split("/")]
    if len(parts) == 1:
        if parts[0] in _SYSTEMS:
            return parts[0], UNKNOWN
        return (UNKNOWN if parts[0] == UNKNOWN else "linux"), _ARCHITECTURES.get(parts[0], parts[0])
    return parts[0], _ARCHITECTURES.get(parts[1], parts[1])
