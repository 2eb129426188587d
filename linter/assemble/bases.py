"""What is known of the images that Dockerfiles build on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.model import UNKNOWN
from linter.references.patterns import matches_glob

if TYPE_CHECKING:
    from linter.knowledge import Knowledge
    from linter.model import Fact

YES, NO = "yes", "no"


def form_of(form: str | None, base: Fact | None, knowledge: Knowledge) -> str:
    """The form of ENTRYPOINT or CMD; `none` also when it would come from a base that is known to have none."""
    if form is None or (form == UNKNOWN and base is not None and base["base"] == "image" and is_plain(base, knowledge)):
        return "none"
    return form


def base_brings(base: Fact | None, name: str, knowledge: Knowledge) -> str:
    """Whether the base image has a program of its own that answers to `serve` or `train`."""
    if base is None:
        return UNKNOWN
    if base["base"] == "scratch":
        return NO
    repository = base["repository"]
    if repository in (UNKNOWN, None):
        return UNKNOWN
    for known in knowledge.get("container.self_starting.repositories"):
        if _matches(repository, (known["match"],)):
            return YES if name in known["starts"] else NO
    return NO if _is_known(base, knowledge) else UNKNOWN


def inherited(base: Fact | None, knowledge: Knowledge) -> dict[str, Any]:
    """What is known of the entry point and the user of a base image; empty when nothing is."""
    if base is None or base["base"] != "image" or base["repository"] in (UNKNOWN, None):
        return {}
    hub = (None, *knowledge.get("images.registries.docker_hub"))
    name = base["repository"] if base["registry"] in hub else f"{base['registry']}/{base['repository']}"
    tag = base["tag"] or ""
    for entry in knowledge.get("base_images.own_starts.images"):
        if _matches(name, (entry["match"],)) and ("tags" not in entry or _matches(tag, entry["tags"])):
            return dict(entry)
    return {}


def is_plain(base: Fact, knowledge: Knowledge) -> bool:
    """A base of which it is known that it has neither start program nor entry point of its own."""
    return _is_known(base, knowledge) and not inherited(base, knowledge).keys() & {"wrapper", "entrypoint"}


def _is_known(base: Fact, knowledge: Knowledge) -> bool:
    """A public base of which it is known that it answers neither to `serve` nor to `train`."""
    repository = base["repository"]
    for prefix in sorted(knowledge.get("product.mirror_prefixes"), key=len, reverse=True):
        repository = repository.removeprefix(prefix)
    for namespace in knowledge.get("product.architecture_namespaces"):
        repository = repository.removeprefix(f"{namespace}/")
    known = knowledge.get("base_images.repositories")
    return base["registry"] in knowledge.get("product.public_hosts") and _matches(repository, known)


def _matches(repository: str, names: Any) -> bool:
    return any(matches_glob(name, repository) for name in names)
