"""What publishing code gives to the programs that it starts: hyperparameters and variables of the environment.

`HuggingFace(entry_point="train.py", hyperparameters={…}, environment={…})` decides what `train.py` does as much as the
defaults of its options. Values are noted as they are written, for `assemble` to work out in the launcher's module.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.inspect.python.forms import UNKNOWN_VALUE
from linter.inspect.python.publishing import given
from linter.inspect.python.uploaded import PRODUCT, named_programs, open_programs, program_arguments, purpose_of
from linter.model import Fact, Location
from linter.references import READ_AT_MOST
from linter.references.apis import CALLED
from linter.references.image import parse_image
from linter.references.owners import aws_group
from linter.references.secrets import secret_in_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from linter.inspect.python.place import Places
    from linter.inspect.python.publishing import AwsCall
    from linter.inspect.python.scopes import Called
    from linter.inspect.python.values import Values
    from linter.knowledge import Knowledge

_SIZE_LIMIT = 12_000
"""Characters of all values that one launch gives."""
_FILES_LIMIT = 10
_SETTINGS = (".yaml", ".yml", ".json")


class _Launch(NamedTuple):
    """A call that starts programs: its arguments, and the call that names the programs if that is another one."""

    arguments: Mapping[str, Any]
    call: AwsCall
    made: Mapping[str, Any]


def launches(calls: Sequence[AwsCall], values: Values, places: Places, knowledge: Knowledge) -> Iterator[Fact]:
    """A `sagemaker.launch` for each program that a call gives values to, and for each image of the seller's own."""
    words = knowledge.get("publishing.programs")
    for call in calls:
        launch = _launch(call, values, knowledge)
        if launch is None:
            continue
        hyperparameters = _mapping(launch.arguments, words["hyperparameters"], knowledge)
        environment = _mapping(launch.arguments, words["environment"], knowledge)
        if UNKNOWN_VALUE == hyperparameters == environment:
            continue
        place = Location(places.path, places.span(call.called.node))
        named: list[tuple[Any, Any]] = [*open_programs(launch.made, words, PRODUCT)]
        without_folder = not named  # of a program whose folder other files tell, that form says all
        known = named_programs(launch.made, words, PRODUCT)
        named += ((program, folder) for program, folder in known if folder is not None or without_folder)
        if not named and _runs_own_image(launch, values, knowledge):
            named = [(None, None)]
        for program, folder in named:
            fields = {
                "call": call.path.replace(CALLED, ""),
                "part": call.called.part.name,
                "program": program,
                "folder": folder,
                "hyperparameters": hyperparameters,
                "environment": environment,
            }
            yield Fact("sagemaker.launch", place, fields)
        files = [*_settings_files(hyperparameters)]
        if named and files:
            yield Fact("settings.use", place, {"names": files[:_FILES_LIMIT], "reads": True})


def _launch(call: AwsCall, values: Values, knowledge: Knowledge) -> _Launch | None:
    """What a call gives to a program; None for a call that starts none."""
    table = knowledge.get("publishing")
    words = table["programs"]
    if call.of_sdk and call.name == words["setter"]:
        maker = _maker(call, values)
        made = program_arguments(maker, values, words) if maker is not None else {}
        settings = {words["hyperparameters"][0]: {"dict": given(call.called, values)}}
        return _Launch(settings, maker or call, made)
    classes = frozenset((*table["sdk_classes"], *words["sdk_classes"], *words["launching_classes"]))
    if not call.called.node.keywords or purpose_of(call, table, classes) != PRODUCT:
        return None
    arguments = program_arguments(call, values, words)
    return _Launch(arguments, call, {**_inner(call, values, words), **arguments})


def _maker(call: AwsCall, values: Values) -> AwsCall | None:
    """The call that made the object which a method belongs to."""
    func = call.called.node.func
    owner = func.value if isinstance(func, ast.Attribute) else None
    made = _call_behind(owner, call.called, values)
    path = call.path.rpartition(".")[0].removesuffix(CALLED)
    return call._replace(called=made, path=path) if made is not None else None


def _call_behind(node: ast.expr | None, called: Called, values: Values) -> Called | None:
    """The call that gave an object, where it stands or is bound to a name."""
    if isinstance(node, ast.Call):
        return called._replace(node=node)
    if not isinstance(node, ast.Name):
        return None
    owner, bindings = values.names.bindings(node.id, called.scope)
    for binding in reversed(bindings):
        if owner is not None and isinstance(binding.node, ast.Call) and not binding.path:
            return called._replace(node=binding.node, scope=binding.owner or owner)
    return None


def _inner(call: AwsCall, values: Values, words: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of the object that names the program, where a call is given one: `source_code=SourceCode(…)`."""
    for keyword in call.called.node.keywords:
        if keyword.arg in words["described"]:
            described = _call_behind(keyword.value, call.called, values)
            return program_arguments(call._replace(called=described), values, words) if described is not None else {}
    return {}


def _mapping(arguments: Mapping[str, Any], names: Sequence[str], knowledge: Knowledge) -> Any:
    """The mapping that is given under one of several names, as far as it is small enough; no secrets of it."""
    value = next((arguments[name] for name in names if arguments.get(name)), UNKNOWN_VALUE)
    if not isinstance(value, dict) or "dict" not in value:
        return value if isinstance(value, dict) and len(repr(value)) <= _SIZE_LIMIT else UNKNOWN_VALUE
    kept: dict[str, Any] = {}
    left = _SIZE_LIMIT
    for key, each in value["dict"].items():
        left -= len(key) + len(repr(each))
        secret = isinstance(each, str) and secret_in_value(key, each, knowledge)
        if left > 0 and each is not None and not secret:
            kept[key] = each
    return {"dict": kept} if kept else UNKNOWN_VALUE


def _settings_files(hyperparameters: Any) -> Iterator[str]:
    """Files of settings that a program is told to read."""
    members = hyperparameters.get("dict", {})
    for value in members.values():
        text = value.strip("\"'") if isinstance(value, str) else ""
        if text.endswith(_SETTINGS):
            yield text


def _runs_own_image(launch: _Launch, values: Values, knowledge: Knowledge) -> bool:
    """Whether a launch names an image that is none of AWS's: one that the product may build."""
    words = knowledge.get("publishing.programs")
    call = launch.call
    nodes = [each.value for each in call.called.node.keywords if each.arg in words["images"]]
    if not nodes and call.name in words["image_first"]:
        nodes = call.called.node.args[:1]
    found = [launch.made[name] for name in words["images"] if name in launch.made]
    found += [values.of(node, call.called.scope) for node in nodes]
    found += [member for each in launch.made.values() if (member := _image_member(each, words["images"])) is not None]
    if not found or any(_is_aws_image(each, knowledge) for each in found):
        return False
    sdk = f"{knowledge.get('publishing.sdk_root')}."  # which looks up AWS's images alone
    paths = [meaning.path for node in nodes for meaning in values.names.of(node, call.called.scope)]
    return not any(path.startswith(sdk) for path in paths)


def _image_member(value: Any, names: Sequence[str]) -> Any:
    members = value.get("dict", {}) if isinstance(value, dict) else {}
    return next((members[name] for name in names if name in members), None)


def _is_aws_image(value: Any, knowledge: Knowledge) -> bool:
    """Whether a known text is the reference of one of AWS's own images."""
    if not isinstance(value, str) or len(value) > READ_AT_MOST:
        return False
    return aws_group(parse_image(value, limit=READ_AT_MOST), knowledge) not in (None, "unknown")
