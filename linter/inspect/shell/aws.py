"""Commands of the AWS command line: which service and operation, and in which Region."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.inspect.manifest.names import OPERATIONS
from linter.inspect.shell import arguments
from linter.model import UNKNOWN, Fact

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from linter.inspect.shell.commands import Command
    from linter.knowledge import Knowledge
    from linter.model import Location

_ENVIRONMENT = ("AWS_REGION", "AWS_DEFAULT_REGION")


class Call(NamedTuple):
    """What an `aws` command does. Places are numbers of arguments, or None."""

    service: str | None = None
    operation: str | None = None
    region: str | None = None
    places: Mapping[str, int] = {}


def call(command: Command, environment: Mapping[str, str], knowledge: Knowledge) -> Call:
    """Service, operation and Region of a command; all None when it is not `aws`.

    `environment` holds variables that the script exported before. Only what stands in the text counts: a Region of the
    caller's profile is not known, and None then.
    """
    if command.program != "aws":
        return Call()
    words = arguments.positional(command, knowledge.get("programs.valued_options.aws"))
    region = arguments.value(command, ("--region",))
    variables = {**environment, **command.assignments}
    inherited = next((variables[name] for name in _ENVIRONMENT if name in variables), None)
    places = {"service": words[0].at} if words else {}
    if len(words) > 1:
        places["operation"] = words[1].at
    if region is not None:
        places["region"] = region.at
    return Call(
        words[0].value if words else None,
        words[1].value if len(words) > 1 else None,
        (region.value or UNKNOWN) if region is not None else (inherited or None),
        places,
    )


def region_uses(command: Fact, knowledge: Knowledge) -> Iterator[Fact]:
    """The Region that a publishing command talks to. A package for a private registry is none."""
    if command["service"] != "sagemaker" or command["operation"] not in OPERATIONS or not command["region"]:
        return
    private = "--model-package-group-name" in command["arguments"]
    if private and "--certify-for-marketplace" not in command["arguments"]:
        return
    from linter.inspect.references import region_use

    fact = region_use(command["region"], command.location, "client", knowledge)
    span = command.spans.get("region")
    yield replace(fact, spans={"code": span}) if span else fact


def runs(command: Command, location: Location, knowledge: Knowledge) -> Iterator[Fact]:
    """The `sagemaker.job` of a command that runs an image as SageMaker does: `docker run IMAGE serve`."""
    if command.program not in knowledge.get("programs.image_builders.programs") or "run" not in command.arguments[:3]:
        return
    table = knowledge.get("publishing.local_runs")
    if not any(word in table["arguments"] for word in command.arguments[-2:]):
        return
    network = arguments.value(command, tuple(table["network_options"]))
    name = network.value if network is not None else None
    isolation = "absent" if name is None else "on" if name in table["isolated"] else UNKNOWN
    isolation = "off" if name in table["open"] else isolation
    if isolation == "absent" and any(word.startswith(tuple(table["publishing"])) for word in command.arguments):
        isolation = UNKNOWN  # a port that is to be reached from outside cannot be had without a network
    fields: dict[str, Any] = {"call": f"{command.program} run", "isolation": isolation, "private_registry": False}
    fields["hub_model"] = None
    fields |= {"product_has_image": UNKNOWN, "product_publishes": UNKNOWN}
    yield Fact("sagemaker.job", location, fields)


def trials(command: Command, location: Location, knowledge: Knowledge) -> Iterator[Fact]:
    """The `sagemaker.job` of a command that tries an image of its own on SageMaker."""
    if command.program != "aws" or command.arguments[:1] != ("sagemaker",):
        return
    operation = next(iter(command.arguments[1:2]), "")
    entry = knowledge.get("publishing.commands").get(operation)
    text = " ".join(command.argument_texts)
    if entry is None or not re.search(rf"\b{entry['image']}\b", text):
        return
    switch = entry["switch"]
    off = switch.replace("--", "--no-", 1)
    isolation = "on" if switch in command.arguments else "off" if off in command.arguments else "absent"
    if isolation == "absent" and ("--cli-input" in text or "@" in text):
        isolation = UNKNOWN
    fields: dict[str, Any] = {"call": f"aws sagemaker {operation}", "isolation": isolation}
    private = knowledge.get("publishing.private_registry").items()
    named = any(re.search(rf'\b{name}"?\s*[=:]\s*"?{value}\b', text) for name, value in private)
    fields |= {"private_registry": named, "hub_model": None, "product_has_image": UNKNOWN, "product_publishes": UNKNOWN}
    yield Fact("sagemaker.job", location, fields)


def trainings(command: Command, location: Location, knowledge: Knowledge) -> Iterator[Fact]:
    """The `sagemaker.training` of a command that trains with an algorithm by its ARN or name."""
    table = knowledge.get("publishing.subscribed_training.command")
    if command.program != "aws" or command.arguments[:2] != ("sagemaker", table["operation"]):
        return
    text = " ".join(command.argument_texts)
    if not re.search(rf"\b{table['algorithm']}\b", text):
        return
    switch = table["spot"]
    given = {switch: True, switch.replace("--", "--no-", 1): False}
    told = next((value for name, value in given.items() if name in command.arguments), None)
    hidden = "--cli-input" in text or "@" in text
    fields: dict[str, Any] = {"spot": UNKNOWN if told is None and hidden else told}
    for field in ("max_wait", "max_runtime"):
        number = re.search(rf"\b{table[field]}[\"']?\s*[=:]\s*([0-9]{{1,9}})\b", text)
        open_ended = hidden or table[field] in text or "$" in text
        fields[field] = int(number.group(1)) if number else UNKNOWN if open_ended else None
    wait, runtime = fields["max_wait"], fields["max_runtime"]
    known = isinstance(wait, int) and isinstance(runtime, int)
    fields["wait_covers_runtime"] = ("yes" if wait >= runtime else "no") if known else UNKNOWN
    yield Fact("sagemaker.training", location, fields)
