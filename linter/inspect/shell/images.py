"""Commands that build, tag and push container images."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from linter.inspect.shell import arguments
from linter.model import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linter.inspect.shell.arguments import Argument
    from linter.inspect.shell.commands import Command
    from linter.knowledge import Knowledge

_OFF = frozenset(["false", "0", "none", "disabled"])
_PUSHES = ("type=registry", "push=true", "type=image,push=true")
_KEEPS_LOCAL = ("type=docker", "type=local", "type=tar")


class Build(NamedTuple):
    """What a command does with images; every field None for other commands. Places are numbers of arguments."""

    operation: str | None = None
    build_context: str | None = None
    dockerfile: str | None = None
    target: str | None = None
    platform: str | None = None
    pushes: bool | None = None
    attestations: str | None = None
    tags: tuple[str, ...] = ()
    places: Mapping[str, int] = {}


def build(command: Command, environment: Mapping[str, str], knowledge: Knowledge) -> Build:
    """Reads `docker build`, `docker buildx build`, `docker push`, `docker tag` and their like of other builders."""
    table = knowledge.get("programs.image_builders")
    if command.program not in table["programs"]:
        return Build()
    valued = knowledge.get("programs.valued_options.docker")
    words = arguments.positional(command, valued)
    names = [word.value for word in words]
    if names[:1] in (["image"], ["builder"]):
        words, names = words[1:], names[1:]
    buildx = names[:1] == ["buildx"]
    if buildx:
        words, names = words[1:], names[1:]
    if not names:
        return Build()
    operation = names[0]
    if operation in ("build", "b", "bud") and (buildx or operation != "b"):
        rest = [
            word for word in arguments.positional(command, table["build_options"] + valued) if word.at > words[0].at
        ]
        return _build(command, environment, buildx, words[0].at, rest[-1] if rest else None)
    if operation in ("push", "tag"):
        tags = words[1:] if operation == "push" else words[2:3]
        places = {"operation": words[0].at}
        if tags:
            places["tags"] = tags[0].at
        return Build(operation, pushes=operation == "push", tags=tuple(tag.value for tag in tags), places=places)
    return Build(operation, pushes=False, places={"operation": words[0].at})


def _build(command: Command, environment: Mapping[str, str], buildx: bool, at: int, context: Argument | None) -> Build:
    variables = {**environment, **command.assignments}
    file = arguments.value(command, ("-f", "--file"))
    target = arguments.value(command, ("--target",))
    platform = arguments.value(command, ("--platform",))
    tags = list(arguments.values(command, ("-t", "--tag")))
    outputs = [output.value for output in arguments.values(command, ("-o", "--output"))]
    places = {
        name: found.at
        for name, found in (
            ("build_context", context),
            ("dockerfile", file),
            ("target", target),
            ("platform", platform),
        )
        if found is not None
    }
    if tags:
        places["tags"] = tags[0].at
    pushes = arguments.has_flag(command, ("--push",)) or any(push in output for output in outputs for push in _PUSHES)
    default_platform = variables.get("DOCKER_DEFAULT_PLATFORM")
    return Build(
        "build",
        build_context=context.value if context else None,
        dockerfile=file.value if file else None,
        target=target.value if target else None,
        platform=platform.value if platform else default_platform or None,
        pushes=pushes,
        attestations=_attestations(command, variables, buildx, outputs),
        tags=tuple(tag.value for tag in tags),
        places={"operation": at, **places},
    )


def _attestations(command: Command, variables: Mapping[str, str], buildx: bool, outputs: list[str]) -> str:
    """Whether the image carries attestations. BuildKit adds provenance to what it pushes unless told otherwise."""
    provenance = arguments.value(command, ("--provenance",))
    sbom = arguments.value(command, ("--sbom",))
    attest = [found.value for found in arguments.values(command, ("--attest",))]
    if attest and not all("disabled=true" in value for value in attest):
        return UNKNOWN if UNKNOWN in attest else "on"
    wanted = [found.value.lower() for found in (provenance, sbom) if found is not None]
    if any(value not in _OFF and value != UNKNOWN for value in wanted):
        return "on"
    if UNKNOWN in wanted:
        return UNKNOWN
    if any(output.startswith(_KEEPS_LOCAL) for output in outputs):
        return "off"
    if provenance is not None or any(value.startswith("type=provenance") for value in attest):
        return "off"
    default = variables.get("BUILDX_NO_DEFAULT_ATTESTATIONS")
    if default is not None:
        return UNKNOWN if default == UNKNOWN else "off" if default.lower() in ("1", "true") else "on"
    if not buildx:
        # The classic builder adds none, BuildKit does: which of them `docker build` is depends on the installation.
        return "off" if command.program != "docker" or variables.get("DOCKER_BUILDKIT") == "0" else UNKNOWN
    return "on"
