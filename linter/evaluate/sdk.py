"""What objects of the SDK run and where: `model.image_uri`, `estimator.create_model()`, the description of a model that
the program has made before, the Region of the session that they were given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.evaluate.lookups import image_of
from linter.evaluate.text import Text
from linter.evaluate.values import Dict, List, Scalar, Unknown, same

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from linter.evaluate.functions import Given
    from linter.evaluate.machine import Machine
    from linter.evaluate.text import Place
    from linter.knowledge import Knowledge

_MOST_NOTED = 30
"""Requests of one program that later descriptions may be about."""
_DEEPEST = 8
"""Objects that are made of one another: a client of a session of a session."""


class SdkImages:
    """What the SDK's objects run, by the table `request_calls.sdk_images`."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.table: Mapping[str, Any] = knowledge.get("request_calls.sdk_images")
        self.roots = frozenset(knowledge.get("request_calls.roots"))
        self.noted: list[tuple[str, Any, Given]] = []
        """Calls that give something a name, with the name and all arguments."""

    # --- images

    def of_attribute(self, owner: Any, name: str) -> Any:
        """`model.image_uri`; None when that is not known."""
        if name not in self.table["attributes"] or getattr(owner, "maker", None) is not None:
            return None
        return self._given_image(owner)

    def of_call(self, target: Any, given: Given) -> Any:
        """What a method of such an object gives: an image, a container, a description; None when that is not known."""
        if not isinstance(target, Unknown) or not isinstance(target.source, Unknown):
            return None
        method = str(target.path or "").rpartition(".")[2]
        owner = target.source
        if method in self.table["image_methods"]:
            return None if owner.maker is not None else self.image(owner)
        if method in self.table["container_methods"]:
            return self.container(owner)
        if str(target.path).partition(".")[0].removesuffix("()") not in self.roots:
            return None
        name = self.table["names"].get(method)
        if name is not None and name in given.named.items and len(self.noted) < _MOST_NOTED:
            self.noted.append((method, given.named.items[name], given))
        description = self.table["descriptions"].get(method)
        return self._described(description, given) if description else None

    def image(self, value: Any, depth: int = 0) -> Any:
        """The image that an estimator or a model runs; None when that is not known."""
        made = _made(value)
        if made is None or depth > _DEEPEST or made.named.open or made.more:
            return None
        path = str(value.path).removesuffix("()")
        owner, _, name = path.rpartition(".")
        if owner.endswith("()"):
            before = getattr(made.target, "source", None)
            is_made = name in self.table["model_makers"] and isinstance(before, Unknown)
            return self._argument(made) or self.image(before, depth + 1) if is_made else None
        found = self._given_image(value)
        framework = self.table["classes"].get(name)
        if found is not None or not framework or self._argument(made) is not None or not self._is_sdk(value):
            return found
        version = made.named.items.get("framework_version")
        return image_of(framework, None, version, made.place, self.knowledge)

    def container(self, value: Any, depth: int = 0) -> Dict | None:
        """The container that a model becomes in a request; None when its image is not known."""
        image = None if getattr(value, "maker", None) is not None else self.image(value)
        made = _made(value)
        if image is None or made is None:
            return None
        found = Dict(made.place, open=True)
        found.put("Image", image)
        for argument, member in self.table["container"].items():
            if argument in made.named.items:
                found.put(member, made.named.items[argument], made.named.keys.get(argument))
        return found

    def containers(self, value: Any, place: Place | None) -> List | None:
        """The containers of a pipeline of models; None for anything else, and when the models are not known.

        `place` is where they are put into a request.
        """
        made = _made(value)
        name = str(getattr(value, "path", None) or "").removesuffix("()").rpartition(".")[2]
        argument = self.table["pipelines"].get(name)
        if made is None or argument is None or not self._is_sdk(value):
            return None
        models = made.arg(*argument)
        if not isinstance(models, List) or models.open or not models.items:
            return None
        return List([self.container(each) or self._marked(each, place) for each in models.items], models.place)

    def _marked(self, model: Any, place: Place | None) -> Dict:
        """The container of a model whose image is not known: it still says whose the model is."""
        found = Dict(place, open=True)
        for member in ("Image", "ModelDataUrl"):
            is_marked = isinstance(model, Unknown) and model.maker is not None
            found.put(member, model.called(member, place) if is_marked else Unknown(member, place))
        return found

    def _given_image(self, value: Any) -> Any:
        """The image that a class of the SDK was given."""
        made = _made(value)
        if made is None or not self._is_sdk(value):
            return None
        name = str(value.path).removesuffix("()").rpartition(".")[2]
        if name not in self.table["classes"] or str(value.path).count("()") != 1:
            return None
        image = self._argument(made)
        if image is None and name in self.table["first"] and made.values:
            image = made.values[0]
        return image if isinstance(image, Text) else None

    def _argument(self, made: Given) -> Any:
        given = (made.named.items.get(name) for name in self.table["arguments"])
        return next((each for each in given if each is not None and not _is_none(each)), None)

    def _is_sdk(self, value: Unknown) -> bool:
        return str(value.path).partition(".")[0] in self.table["packages"]

    # --- descriptions of what the program has made

    def _described(self, entry: Mapping[str, Any], given: Given) -> Dict | None:
        name = given.named.items.get(entry["name"])
        known = [made for method, noted, made in self.noted if method == entry["of"] and same(noted, name)]
        if name is None or len(known) != 1:
            return None
        found = Dict(given.place, open=True)
        for member in entry["members"]:
            if member in known[0].named.items:
                found.put(member, known[0].named.items[member], known[0].named.keys.get(member))
        return found if found.items else None

    # --- Regions

    def region(self, value: Any, depth: int = 0) -> Text | None:
        """The Region that a client, a session or what is made with one was told; None when it was not told any."""
        if not isinstance(value, Unknown) or depth > _DEEPEST:
            return None
        made = _made(value)
        if made is None:
            return self.region(value.source, depth + 1)
        told = made.named.items.get(self.table["region"])
        method = str(value.path).removesuffix("()").rpartition(".")[2]
        if told is None and method in self.table["region_second"] and len(made.values) > 1:
            told = made.values[1]
        if told is not None:
            return told if isinstance(told, Text) and told.known else None
        for name in self.table["sessions"]:
            if name in made.named.items:
                return self.region(made.named.items[name], depth + 1)
        return self.region(made.target, depth + 1)


def sdk_lookups(knowledge: Knowledge) -> dict[str, Callable[[Machine, Given], Any]]:
    """The functions of the SDK that put a container together, by their dotted names."""
    entry: Mapping[str, Any] = knowledge.get("request_calls.sdk_images.definition")

    def define(m: Machine, given: Given) -> Any:
        found = Dict(given.place, open=given.named.open or given.more)
        for member, (number, *names) in entry["members"].items():
            value = next((each for name in names if (each := given.arg(number, name)) is not None), None)
            if value is not None and not _is_none(value):
                found.put(member, value)
        return found if found.items else None

    return dict.fromkeys(entry["calls"], define)


def _made(value: Any) -> Given | None:
    """The call that made an object; None when there is none."""
    made = getattr(value, "source", None) if isinstance(value, Unknown) else None
    return made if hasattr(made, "named") else None


def _is_none(value: Any) -> bool:
    return isinstance(value, Scalar) and value.value is None
