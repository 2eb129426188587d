"""Whether two images of a product have the versions of libraries by which one reads what the other has written."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from linter.assemble.requirement_files import meant_by
from linter.lazy import compiled
from linter.model import Fact
from linter.references.distributions import normal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from linter.knowledge import Knowledge
    from linter.model import Location

TRAINING, INFERENCE = "training", "inference"
_PINNED = compiled(r"([A-Za-z0-9][A-Za-z0-9._-]{0,100})(?:\[[^\]]{0,100}\])?==([0-9][0-9A-Za-z.+!-]{0,40})")
_OF_FILES = ("-r", "--requirement")


class Pin(NamedTuple):
    """A version that an image installs, and the step that does."""

    version: str
    location: Location


def library_differences(facts: Sequence[Fact], knowledge: Knowledge) -> Iterator[Fact]:
    """A `library.difference` for each library whose versions in training and inference do not go together."""
    images = [fact for fact in facts if fact.kind == "image.start" and fact["last"]]
    by_role = {role: [each for each in images if each["role"] == role] for role in (TRAINING, INFERENCE)}
    if any(len(each) != 1 for each in by_role.values()):
        return
    written, read = (_pins(by_role[role][0], facts) for role in (TRAINING, INFERENCE))
    yield from _differences(written, read, by_role[TRAINING][0]["dockerfile"], knowledge)


def built_differences(facts: Sequence[Fact], built: Collection[str], knowledge: Knowledge) -> Iterator[Fact]:
    """The same of two built images of a run, one for training and one for inference: what is installed in them."""
    roles = {fact["dockerfile"].partition("!")[0]: fact["role"] for fact in facts if _starts_built(fact, built)}
    named = {role: [image for image, each in roles.items() if each == role] for role in (TRAINING, INFERENCE)}
    if len(roles) != len(built) or any(len(each) != 1 for each in named.values()):
        return
    pins: dict[str, dict[str, Pin]] = {image: {} for image in roles}
    for fact in facts:
        image = fact.location.path.partition("!")[0]
        if fact.kind == "image.package" and fact["ecosystem"] == "PyPI" and fact["version"] and image in pins:
            pins[image].setdefault(normal(fact["name"]), Pin(fact["version"], fact.location))
    (training,), (inference,) = named[TRAINING], named[INFERENCE]
    yield from _differences(pins[training], pins[inference], training, knowledge)


def _starts_built(fact: Fact, built: Collection[str]) -> bool:
    return fact.kind == "image.start" and bool(fact["last"]) and fact["dockerfile"].rpartition("/")[0] in built


def _differences(
    written: Mapping[str, Pin], read: Mapping[str, Pin], training: str, knowledge: Knowledge
) -> Iterator[Fact]:
    parts: Mapping[str, int] = knowledge.get("file_calls.versions_that_matter")
    for name, number in parts.items():
        if name in written and name in read and _start(written[name], number) != _start(read[name], number):
            fields = {
                "library": name,
                "training": written[name].version,
                "inference": read[name].version,
                "training_dockerfile": training,
                "scope": "container",
            }
            yield Fact("library.difference", read[name].location, fields)


def _start(pin: Pin, number: int) -> list[str]:
    return pin.version.split(".")[:number]


def _pins(image: Fact, facts: Sequence[Fact]) -> dict[str, Pin]:
    """The versions that the build steps of an image name, on their command lines and in files of requirements."""
    found: dict[str, Pin] = {}
    files = [fact for fact in facts if fact.kind == "requirements.file"]
    for command in facts:
        if command.kind != "dockerfile.command" or command.location.path != image["dockerfile"]:
            continue
        words = command["arguments"]
        if image["stage"] not in command["images"] or "install" not in words or "pip" not in command["text"]:
            continue
        for number, word in enumerate(words):
            match = _PINNED.fullmatch(word)
            if match:
                found[normal(match[1])] = Pin(match[2], command.location)
            elif word in _OF_FILES and number + 1 < len(words):
                file = meant_by(words[number + 1], image["dockerfile"], files)
                pins = file["pins"] if file is not None else {}
                found |= {name: Pin(version, command.location) for name, version in pins.items()}
    return found
