"""What a product gives under a name elsewhere: the last resort for a value that cannot be followed to its source.

Code takes its model from `config["model_id"]`, and what `config` is cannot be known; that all texts which the product
gives for a `model_id` are names of a hub says where it most likely goes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from linter.assemble.python.callers import NOT_GIVEN, given_at, place_of
from linter.assemble.python.launches import plain
from linter.assemble.python.modules import ancestors
from linter.lazy import compiled
from linter.references.apis import CALLED
from linter.references.destination import NESTING, OUTSIDE, alternatives, judge_of, visible
from linter.references.secrets import secrets_in_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from linter.assemble.python.evidence import Evidence
    from linter.assemble.python.modules import Module
    from linter.assemble.python.names import Names
    from linter.assemble.python.values import Values
    from linter.knowledge import Knowledge
    from linter.model import Fact, Location
    from linter.references.apis import Api

_MOST_TEXTS = 200
"""Texts under one name; what has more means no single thing."""
_HOPS = 3
"""Callers that hand a parameter on."""
_CALLERS = 8
"""Callers of one function that are looked at."""
_NAMING = frozenset({"hub_id", "url", "host"})
"""Modes of entries whose deciding argument says where to go: no switch and no kind."""
_TAKING = ("member", "field", "attribute", "option", "setting", "parameter", "environment")
_SETTINGS = {"settings.content": ("content",), "sagemaker.launch": ("hyperparameters", "environment")}
_HERE = "/"
"""Stands for a folder of the container, where a server has put what it fetched."""
_LOGIN = compiled(r"://[^/@\s]*@")


class Given(NamedTuple):
    """A text that the product gives under a name, and in which file."""

    text: str
    place: Location

    @property
    def shown(self) -> str:
        """The text for a report; who logs in where is nobody's business."""
        return visible(_LOGIN.sub("://…@", self.text))


class SameName:
    """Where the texts lead that one product gives under each name."""

    def __init__(
        self,
        facts: Sequence[Fact],
        is_test: Mapping[Module, bool],
        values: Values,
        evidence: Evidence,
        knowledge: Knowledge,
    ) -> None:
        self._facts = facts
        self._tests = {module.fact.location.path for module, test in is_test.items() if test}
        self._values = values
        self._knowledge = knowledge
        self._judge = judge_of(knowledge)
        self._evidence = evidence
        self._handed_as: Mapping[str, str] = _handed_as(knowledge)
        self._texts: dict[str, list[Given]] | None = None

    def likely_target(
        self, call: Fact, api: Api, module: Module, names: Names, is_there: Callable[[str], bool]
    ) -> Given | None:
        """A text under one of the names by which a call takes its deciding argument, when each such text leads out.

        `is_there`: whether a text is a path of the product.
        """
        given = call["arguments"]
        if api.mode not in _NAMING or any(map(self._is_folder, (*given["positional"], *given["keywords"].values()))):
            return None
        found = [each for name in self._names(call, module, names) for each in self._near(name, module.folder)]
        outside = None
        # Folders alone among its known values: into one of them the code fetches what lies at an address.
        known = [each for each in alternatives(call["argument"]) if isinstance(each, str) and each]
        fetched = bool(known) and all(self._judge.judge_value(api, each).destination not in OUTSIDE for each in known)
        for each in {given.text: given for given in reversed(found)}.values():
            if fetched and "://" in each.text:
                continue
            if self._judge.judge_value(api, each.text).destination not in OUTSIDE or is_there(each.text):
                return None
            if secrets_in_text(each.shown, self._knowledge):
                continue
            outside = each if "/" in each.text or each.text in self._judge.aliases else outside
        return outside

    def _is_folder(self, value: Any, depth: int = 0) -> bool:
        """Whether a value may come from a variable that SageMaker's toolkits set to a folder."""
        if not isinstance(value, dict) or depth > NESTING:
            return False
        variable = value.get("environment")
        if isinstance(variable, str) and self._evidence.is_folder(variable):
            return True
        return any(self._is_folder(each, depth + 1) for each in (value.get("default"), *value.get("any", ())))

    def _names(self, call: Fact, module: Module, names: Names) -> Iterable[str]:
        """The names of the deciding argument, and of what callers hand on for a parameter."""
        found = dict.fromkeys(call["names"])
        given = call["arguments"]
        waiting = [(value, module, 0) for value in (*given["positional"], *given["keywords"].values())]
        seen = set()
        while waiting and found:
            value, home, hops = waiting.pop()
            name, part = (value.get("parameter"), value.get("part")) if isinstance(value, dict) else (None, None)
            if name is None or part is None or (home, part, name) in seen or hops > _HOPS:
                continue
            seen.add((home, part, name))
            for caller, argument in self._handed(home, part, name, names):
                found.update(dict.fromkeys(_taken_by(argument)))
                waiting.append((argument, caller, hops + 1))
        return found

    def _handed(self, home: Module, part: str, name: str, names: Names) -> Iterator[tuple[Module, Any]]:
        """What callers give a function for a parameter, each with the module of the caller."""
        function = home.parts.get(part)
        if function is None or name not in function["parameters"]:
            return
        place = place_of(home, part, name)
        for caller, call in self._values.calls(home, part, names)[:_CALLERS]:
            argument = given_at(call, name, place)
            if argument is not NOT_GIVEN:
                yield caller, argument

    def _near(self, name: str, folder: str) -> list[Given]:
        """The texts under a name in the nearest folder above a file that has any; none where there are too many."""
        if self._texts is None:
            self._texts = {}
            for fact in self._facts:
                if fact.location.path not in self._tests:
                    for key, value in _given(fact):
                        self._note(key, value, fact.location, 0)
                    if fact.kind == "model.setting" and fact["key"] in self._handed_as:
                        self._add(self._handed_as[fact["key"]], fact.location, _HERE)
        every = self._texts.get(_plain(name), [])
        if len(every) >= _MOST_TEXTS:
            return []
        for above in ancestors(folder):
            found = [each for each in every if not above or each.place.path.startswith(f"{above}/")]
            if found:
                return found
        return []

    def _add(self, name: str, place: Location, text: str) -> None:
        texts = self._texts.setdefault(_plain(name), []) if self._texts is not None else []
        if text and len(texts) < _MOST_TEXTS:
            texts.append(Given(text, place))

    def _note(self, name: str, value: Any, place: Location, depth: int) -> None:
        if depth > NESTING or self._texts is None:
            return
        if isinstance(value, str):
            self._add(name, place, value)
        elif isinstance(value, list):
            for each in value:
                self._note(name, each, place, depth + 1)
        elif isinstance(value, dict):
            for key, each in (*value.get("dict", {}).items(), *value.get("given", {}).items()):
                self._note(key, each, place, depth + 1)
            for each in value.get("any", ()):
                self._note(name, each, place, depth + 1)
            for text in alternatives(value) if "join" in value else ():  # `f"s3://{bucket}/train"`
                if isinstance(text, str) and self._judge.address(text) in OUTSIDE:
                    self._add(name, place, text)
            if "default" in value:
                self._note(next(_taken_by(value), name), value["default"], place, depth + 1)


def _handed_as(knowledge: Knowledge) -> dict[str, str]:
    """The properties under which servers tell handlers where they put something, by the setting that names it."""
    files = knowledge.get("model_files.files").values()
    settings = (each for file in files for each in file["settings"].items())
    return {key: setting["handed_as"] for key, setting in settings if "handed_as" in setting}


def _given(fact: Fact) -> Iterator[tuple[str, Any]]:
    """The values that a fact gives under names."""
    if fact.kind == "python.module":
        for name, value in fact["constants"].items():
            if not name.endswith(CALLED):
                yield name.rpartition(".")[2], value
        for call in fact["invocations"]:
            yield from call["keywords"].items()
            yield from (("", value) for value in call["arguments"] if isinstance(value, dict))
            yield from _declared(call)
    elif fact.kind == "python.call":
        yield from fact["arguments"]["keywords"].items()
        yield from (("", value) for value in fact["arguments"]["positional"] if isinstance(value, dict))
    for field in _SETTINGS.get(fact.kind, ()):
        yield "", fact[field]


def _declared(call: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The default of an option: `add_argument("-m", "--model", default="…")`."""
    if "default" in call["keywords"]:
        options = (each for each in call["arguments"] if isinstance(each, str) and each.startswith("-"))
        yield from ((option, call["keywords"]["default"]) for option in options)


def _taken_by(value: Any, depth: int = 0) -> Iterator[str]:
    """The names by which a value is taken that is not settled, the last ones."""
    if not isinstance(value, dict) or depth > NESTING:
        return
    taken = next((value[key] for key in _TAKING if isinstance(value.get(key), str)), None)
    if taken is not None:
        yield taken
    elif isinstance(value.get("name"), str):
        yield value["name"].rpartition(".")[2].removesuffix(CALLED)
    for each in value.get("any", ()):
        yield from _taken_by(each, depth + 1)


def _plain(name: str) -> str:
    """Options and variables are written in several ways: `--model-id`, `MODEL_ID`."""
    return plain(name).lower()
