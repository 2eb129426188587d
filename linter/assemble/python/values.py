"""What values of arguments are, once other modules, the callers and the image's environment are looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.assemble.python.callers import (
    MOST_CALLERS,
    NOT_GIVEN,
    SAME_NAME,
    Caller,
    RecordedCalls,
    given_at,
    place_of,
    takes_instance,
)
from linter.assemble.python.forms import any_of, element_of, given_by_name, given_for, holds, member_of, spaced
from linter.assemble.python.instances import instances_of
from linter.assemble.python.meant import called_apart, is_property, target_of
from linter.assemble.python.names import CALLED, CONSTANT, PART, Target
from linter.references.apis import OPTIONS_OF
from linter.references.destination import ANY_KEY, HOLE, SPREAD, TOLD, alternatives

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from linter.assemble.python.environment import Environment
    from linter.assemble.python.modules import Module
    from linter.assemble.python.names import Names

_DEPTH = 12
_WORK = 300
"""Values looked at for one argument, so that calls that hand on to each other end."""
_DATA_CLASSES = frozenset({"dataclass", "define", "frozen"})
_UNSET: tuple[Any, ...] = ({}, None, "")
"""Defaults of options that are to be set."""


class Values(RecordedCalls):
    """Settles values in the code of a product."""

    def settle(
        self,
        value: Any,
        module: Module,
        part: str,
        names: Names,
        environment: Environment,
        caller: Caller | None = None,
        *,
        runs: Collection[tuple[Module, str]] = (),
        certain: bool = False,
    ) -> Any:
        """The value with everything filled in that can be known; `{}` for what cannot.

        `caller`: the one call that the function `part` is looked at for, in place of all. `runs`: the parts that are
        seen to run: of a function among them, callers that are not count only when none is. `certain`: what an
        environment or an instance may change while the program runs is not known either.
        """
        settling = _Settling(self, names, environment, certain=certain)
        settling.runs = runs
        if caller is not None:
            settling.only = (module, part, caller)
        return settling.value(value, module, part, 0)

    def of_target(self, target: Target, names: Names, environment: Environment) -> Any:
        """The value of what a name means; `{}` when that is not known."""
        settling = _Settling(self, names, environment)
        return settling.of_target(target, 0)


class _Settling:
    """Settles one value, within bounds."""

    def __init__(self, values: Values, names: Names, environment: Environment, *, certain: bool = False) -> None:
        self.only: tuple[Module, str, Caller] | None = None
        self.runs: Collection[tuple[Module, str]] = ()
        self.certain = certain
        self.values = values
        self.names = names
        self.environment = environment
        self.work = _WORK
        self.active: set[tuple[Module, str]] = set()

    def value(self, value: Any, module: Module, part: str, depth: int) -> Any:
        self.work -= 1
        if depth > _DEPTH or self.work < 0:
            return {}
        if isinstance(value, list):
            return self._list(value, module, part, depth)
        if not isinstance(value, dict):
            return value
        for key in ("join", "path"):
            if key in value:
                return {key: [self.value(each, module, part, depth + 1) for each in value[key]]}
        if "any" in value:
            return any_of(
                [self.value(each, module, part, depth + 1) for each in self._chosen(value, module, part, depth)]
            )
        if "dict" in value:
            return {"dict": {key: self.value(each, module, part, depth + 1) for key, each in value["dict"].items()}}
        if "environment" in value:
            return self._variable(value, module, part, depth)
        if "parameter" in value:
            return self._parameter(value, module, depth, None)
        if "rest" in value:
            return self._rest(value, module, depth)
        if "joined" in value:
            return spaced(value["joined"][0], self.value(value["joined"][1], module, part, depth + 1))
        if "library" in value or "request" in value:
            return value
        if "option" in value:
            return self._option(value, module, part, depth)
        if "element" in value:
            return element_of({} if self.certain else self.value(value["element"], module, part, depth + 1))
        if "loaded" in value:
            return {} if self.certain else self._loaded(value["loaded"], module, part, depth)
        if "of" in value and "setting" in value and not self.certain:
            held = member_of(self.value(value["of"], module, part, depth + 1), value["setting"])
            if held != {}:
                return held
        if "setting" in value:  # whoever writes the file may say otherwise
            return {} if self.certain else any_of([{}, self.value(value["default"], module, part, depth + 1)])
        if "field" in value:
            found = {} if self.certain else self._field(value["of"], value["field"], module, part, depth)
            own = value.get("default", found)
            return found if found not in ({}, None) else self.value(own, module, part, depth + 1)
        if "options" in value:
            return {} if self.certain else self.value(module.constants.get(OPTIONS_OF, {}), module, "", depth + 1)
        if "member" in value:
            found = (self._configured if self.certain else self._member_of)(value, module, part, depth)
            return (
                self.value(value["default"], module, part, depth + 1) if found == {} and "default" in value else found
            )
        if self.certain and ("attribute" in value or "." in str(value.get("name", ""))):
            return {}
        target = target_of(value, module, part, self.names)
        found = self.of_target(target, depth + 1) if target is not None else {}
        if found in ({}, None) and "attribute" in value:
            heir = self._of_heir(value, module, depth)
            found = heir if heir != {} else self._own_field(value, module, depth)
        return found if self.certain else _given_or(self._launched_field(value, module, part), found)

    def _launched_field(self, value: Mapping[str, Any], module: Module, part: str) -> list[Any]:
        """What publishing code gives for a field of a data class, which a parser fills from the command line."""
        if "attribute" in value:
            owner, name, home = value["part"], value["attribute"], module
        else:
            written, _, name = value.get("name", "").rpartition(f"{CALLED}.")
            target = self.names.resolve(module, part, written) if written and name.isidentifier() else None
            if target is None or target.kind != PART or target.module is None or target.rest:
                return []
            owner, home = target.name, target.module
        return self.environment.hyperparameters(home, name) if _is_data_class(home.parts.get(owner)) else []

    def _list(self, value: list[Any], module: Module, part: str, depth: int) -> list[Any]:
        """A list, what stands in it as `*given` put in its place."""
        found: list[Any] = []
        for each in value:
            if isinstance(each, dict) and "splat" in each:
                inner = self.value(each["splat"], module, part, depth + 1)
                found += inner if isinstance(inner, list) else [{}]
            else:
                found.append(self.value(each, module, part, depth + 1))
        return found

    def _rest(self, value: Mapping[str, Any], module: Module, depth: int) -> Any:
        """What a function is given for `*args`: one list for each of its callers."""
        part, key = value["part"], (module, f"{value['part']}(*")
        if key in self.active or part not in module.parts:
            return {}
        self.active.add(key)
        at = value["rest"] - takes_instance(module, part)
        found = []
        for caller, call in self._callers(module, part)[:MOST_CALLERS]:
            found.append(
                [self.value(each, caller, call["part"], depth + 1) for each in call["arguments"][max(at, 0) :]]
            )
        self.active.discard(key)
        return any_of(found) if found else {}

    def _chosen(self, value: Mapping[str, Any], module: Module, part: str, depth: int) -> list[Any]:
        """The values of which one is taken; that which a condition chooses, when it is known whether it holds."""
        asked: Any = value.get("asks")
        either: list[Any] = value["any"]
        if asked is None:
            return either
        certain, self.certain = self.certain, True
        found = holds(self.value(asked["value"], module, part, depth + 1), asked["among"])
        self.certain = certain
        return either if found is None else either[:1] if found is asked["holds"] else either[1:]

    def _loaded(self, file: Any, module: Module, part: str, depth: int) -> Any:
        """What stands in the file of settings that a value is the path of, or in the text with all hyperparameters."""
        if isinstance(file, dict) and "environment" in file:
            return self.environment.launched_text(module, file["environment"])
        paths = [each for each in alternatives(self.value(file, module, part, depth + 1)) if isinstance(each, str)]
        found = [self._settings(path.rpartition(HOLE)[2], module) for path in dict.fromkeys(paths)]
        return any_of(found) if found else {}

    def _settings(self, path: str, module: Module) -> Any:
        found = self.environment.settings(module, path)
        return found if found != {} else self.environment.launched_text(module, path)

    def _own_field(self, value: Mapping[str, Any], module: Module, depth: int) -> Any:
        """A field of a data class, by what is given for it by name: the order of fields is not known."""
        owner, name = value["part"], value["attribute"]
        part, key = module.parts.get(owner), (module, f"{owner}.{name}")
        if not _is_data_class(part) or f"{owner}.__init__" in module.parts or key in self.active:
            return {}
        self.active.add(key)
        calls = self.values.calls(module, f"{owner}.__init__", self.names)[:MOST_CALLERS]
        given = [
            self.value(given_by_name(call["keywords"], name, {}), caller, call["part"], depth + 1)
            for caller, call in calls
        ]
        self.active.discard(key)
        return any_of(given) if given else {}

    def _of_heir(self, value: Mapping[str, Any], module: Module, depth: int) -> Any:
        """An attribute that a class leaves to the classes that inherit it."""
        name, own = value["attribute"], value["part"].rpartition(".")[2]
        heirs = self.values.derived(own) if "default" in value else ()
        read = {"attribute": name}
        targets = [target_of({**read, "part": heir}, home, "", self.names) for home, heir in heirs[:MOST_CALLERS]]
        found = [self.of_target(each, depth + 1) for each in targets if each is not None]
        known = [each for each in found if each not in ({}, None)]
        return any_of(known) if known else value.get("default", {})

    def _field(self, holder: Any, field: str, module: Module, part: str, depth: int) -> Any:
        """An attribute of an object that is handed on: of the options, of an instance, of one made of a mapping."""
        if isinstance(holder, str) and field == "value":  # a member of an enumeration
            return holder
        if isinstance(holder, dict) and depth <= _DEPTH:
            if "any" in holder:
                return any_of([self._field(each, field, module, part, depth + 1) for each in holder["any"]])
            given = given_for(holder, field)
            if given is not None and self._keeps_fields(holder, module, part):
                return self.value(given, module, part, depth + 1)
            if "returned" in holder:
                own: dict[str, Any] = {"name": f"{holder['returned']}{CALLED}.{field}"}
                filled = member_of(self.value(holder.get("from"), module, part, depth + 1), field)
                own = {"option": field, "default": own} if "parsed" in holder else own
                return filled if filled != {} else self.value(own, module, part, depth + 1)
            if "name" in holder:
                return self.value({"name": f"{holder['name']}.{field}"}, module, part, depth + 1)
            if "parameter" in holder:
                return self._parameter(holder, module, depth, field)
            if "element" in holder or "member" in holder or "field" in holder:
                inside = instances_of(holder, module, part, self.names, self._callers)
                read = [self._field(each.value, field, each.module, each.part, depth + 1) for each in inside]
                if any(found not in ({}, None) for found in read):
                    return any_of(read)
        return member_of(self.value(holder, module, part, depth + 1), field)

    def _keeps_fields(self, made: Mapping[str, Any], module: Module, part: str) -> bool:
        """Whether an instance has what its maker is given by the same names: its class has no `__init__` of its own."""
        target = self.names.resolve(module, part, made["returned"])
        if target is None or target.kind != PART or target.module is None or target.module.kind(target.name) != "class":
            return False
        return target.module.kind(f"{target.name}.__init__") is None

    def _member_of(self, value: Mapping[str, Any], module: Module, part: str, depth: int) -> Any:
        """A member of a mapping, which a model server may have filled from its configuration."""
        name = value["member"]
        found = member_of(self.value(value["of"], module, part, depth + 1), name)
        if found == {} and isinstance(name, str) and "returned" in value["of"]:  # `asdict(config)["model"]`
            found = self._field(value["of"], name, module, part, depth + 1)
        return self._configured(value, module, part, depth) if found == {} else found

    def _configured(self, value: Mapping[str, Any], module: Module, _part: str, _depth: int) -> Any:
        """A member of the mapping that a model server fills from its configuration beside the code."""
        options = self.environment.options(module, value["member"]) if isinstance(value["member"], str) else []
        return any_of(options) if options else {}

    def _option(self, value: Mapping[str, Any], module: Module, part: str, depth: int) -> Any:
        """An option of a program: its default, or what publishing code gives as a hyperparameter."""
        default = self.value(value["default"], module, part, depth + 1)
        given = self.environment.hyperparameters(module, value["option"])
        if given and self.environment.always_gives(module, value["option"]):
            return any_of(given)
        untold = {TOLD: value["option"]} if self.environment.gives_untold(module, value["option"]) else None
        if self.certain:  # whoever starts the program next may leave it at the default
            told = given if untold is None else [*given, untold]
            return {} if value["default"] != default else any_of([*told, default])
        if not given and default in _UNSET and untold is not None:
            return untold
        return _given_or(given, default)

    def _variable(self, value: Mapping[str, Any], module: Module, part: str, depth: int) -> Any:
        found = [
            *self.environment.get(value["environment"]),
            *self.environment.launched_variable(module, value["environment"]),
        ]
        if not found and self.environment.gives_untold(module, value["environment"]):
            return {TOLD: value["environment"]}
        settled: list[Any] = [{} if each is None else each for each in found]
        if not found and "default" not in value and not self.certain:
            folder = self.environment.folder(value["environment"])
            settled += [folder] if folder is not None else []
        if "default" in value and (not found or self.environment.somewhere_unset(value["environment"])):
            settled.append({} if self.certain else self.value(value["default"], module, part, depth + 1))
        return any_of(settled) if settled else {}

    def of_target(self, target: Target, depth: int) -> Any:
        """The value of a constant, or of what a function returns."""
        module, rest = target.module, target.rest
        if module is None:
            return {}
        name = target.name
        if target.kind == PART and rest[:1] == (CALLED,):
            name, rest = f"{name}{CALLED}", rest[1:]
        elif target.kind == PART and is_property(module.parts.get(name)):
            name = f"{name}{CALLED}"
        elif target.kind != CONSTANT:
            return {}
        if name not in module.constants or (module, name) in self.active or depth > _DEPTH:
            return {}
        self.active.add((module, name))
        constant = module.constants[name]
        scope = name.removesuffix(CALLED).rpartition(".")[0] if not name.endswith(CALLED) else name.removesuffix(CALLED)
        if rest:
            settled = self._attribute_of(constant, module, scope, rest, depth)
        else:
            settled = self.value(constant, module, scope, depth + 1)
        self.active.discard((module, name))
        return settled

    def _attribute_of(self, constant: Any, module: Module, scope: str, rest: tuple[str, ...], depth: int) -> Any:
        """An attribute or element of a constant: an instance of a class of the product, or a dictionary."""
        if not isinstance(constant, dict):
            return constant if rest == ("value",) else {}  # of a member of an enumeration
        if "dict" in constant and len(rest) == 1:
            return self.value(member_of(constant, rest[0]), module, scope, depth + 1)
        if "options" in constant and len(rest) == 1:
            return member_of(self.value(constant, module, scope, depth + 1), rest[0])
        if len(rest) == 1 and given_for(constant, rest[0]) is not None:
            return self._field(constant, rest[0], module, scope, depth + 1)
        if "returned" in constant:
            owner = self.names.resolve(module, scope, constant["returned"])
            if owner is not None and owner.kind == PART and owner.module is not None:
                member = self.names.member(owner.module, owner.name, called_apart(rest))
                return self.of_target(member, depth + 1) if member is not None else {}
        return {}

    # --- parameters

    def _parameter(self, value: Mapping[str, Any], module: Module, depth: int, field: str | None) -> Any:
        """What is given for a parameter, or an attribute of that."""
        name, part = value["parameter"], value["part"]
        key = (module, f"{part}({name}.{field}" if field is not None else f"{part}({name}")
        function = module.parts.get(part)
        self.work -= 1
        if depth > _DEPTH or self.work < 0 or key in self.active:
            return {}
        if function is None:
            return {}
        self.active.add(key)
        if name not in function["parameters"]:
            found = self._keywords(module, part, function["parameters"], depth) if field is None else {}
            self.active.discard(key)
            return found
        given = self._given(module, part, name, function, depth, field)
        self.active.discard(key)
        if NOT_GIVEN in given or not given:
            default = self._one(value.get("default", {}), module, part, depth, field)
            given = [*(each for each in given if each is not NOT_GIVEN), default]
        return any_of(given)

    def _keywords(self, module: Module, part: str, parameters: Collection[str], depth: int) -> Any:
        """What a function is given for `**kwargs`: a mapping for each of its callers."""
        found = []
        for caller, call in self._callers(module, part)[:MOST_CALLERS]:
            given = {name: each for name, each in call["keywords"].items() if name not in parameters}
            more = self.value(given.pop(SPREAD, {"dict": {}}), caller, call["part"], depth + 1)
            known = more["dict"] if isinstance(more, dict) and "dict" in more else {ANY_KEY: {}}
            inner = {name: each for name, each in known.items() if name not in parameters}
            own = {name: self.value(each, caller, call["part"], depth + 1) for name, each in given.items()}
            found.append({"dict": {**inner, **own}})
        return any_of(found) if found else {}

    def _one(self, value: Any, module: Module, part: str, depth: int, field: str | None) -> Any:
        if field is None:
            return self.value(value, module, part, depth + 1)
        return self._field(value, field, module, part, depth + 1)

    def _callers(self, module: Module, part: str) -> list[Caller]:
        """The calls of a function that count."""
        if self.only is not None and self.only[:2] == (module, part):
            return [self.only[2]]
        calls = self.values.calls(module, part, self.names)
        if (module, part) not in self.runs:
            return calls
        return [caller for caller in calls if (caller[0], caller[1]["part"]) in self.runs] or calls

    def _given(
        self, module: Module, part: str, name: str, function: Mapping[str, Any], depth: int, field: str | None
    ) -> list[Any]:
        """What the callers give for a parameter: `{}` for something unknown, NOT_GIVEN for what the default is for."""
        place = place_of(module, part, name)
        found: list[Any] = []
        owner, _, bare = part.rpartition(".")
        if len(self.values.callers(owner if bare == "__init__" else bare)) > SAME_NAME:
            return [{}]
        for caller, call in self._callers(module, part):
            argument = given_at(call, name, place)
            given = argument if argument is NOT_GIVEN else self._one(argument, caller, call["part"], depth, field)
            if given not in ({}, NOT_GIVEN) or given not in found:
                found.append(given)
            if len(found) > MOST_CALLERS:
                return [{}]
        return found


def _given_or(given: list[Any], default: Any) -> Any:
    """What is given for an option, and its default where that says something."""
    return any_of([*given, *([] if given and default in ({}, None, "") else [default])])


def _is_data_class(part: Mapping[str, Any] | None) -> bool:
    return part is not None and any(each.rpartition(".")[2] in _DATA_CLASSES for each in part["decorators"])
