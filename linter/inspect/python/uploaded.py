"""Programs that publishing code uploads for containers of SageMaker: `entry_point="train.py", source_dir="src"`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.inspect.python.forms import UNKNOWN_VALUE
from linter.inspect.python.publishing import given
from linter.model import Fact, Location

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from linter.inspect.python.place import Places
    from linter.inspect.python.publishing import AwsCall
    from linter.inspect.python.values import Values
    from linter.knowledge import Knowledge

PRODUCT, PREPARING = "product", "preparing"
_SUFFIXES = (".py", ".sh")
_LEVELS = 6
"""How deep in a mapping that a call is given its members are looked at."""


def uploaded_programs(calls: Sequence[AwsCall], values: Values, places: Places, knowledge: Knowledge) -> Iterator[Fact]:
    """A `sagemaker.program` for each call that names a program."""
    table = knowledge.get("publishing")
    programs = table["programs"]
    classes = frozenset((*table["sdk_classes"], *programs["sdk_classes"]))
    for call in calls:
        purpose = purpose_of(call, table, classes) if call.called.node.keywords else None
        arguments = program_arguments(call, values, programs) if purpose else {}
        beside = [*_texts_within(arguments.get(programs["beside"]))]
        shared = {"beside": beside, "purpose": purpose, "installs": _installs(call, arguments, programs)}
        named = [*named_programs(arguments, programs, purpose)]
        for program, folder in (*named, *(_handed_on(arguments, named, programs) if purpose == PRODUCT else ())):
            fields = {"program": program, "folder": folder, **shared}
            yield Fact("sagemaker.program", Location(places.path, places.span(call.called.node)), fields)
        for value, within in open_programs(arguments, programs, purpose):
            part = call.called.part.name
            fields = {"part": part, "program": value, "folder": within, **shared}
            yield Fact("sagemaker.upload", Location(places.path, places.span(call.called.node)), fields)


def program_arguments(call: AwsCall, values: Values, programs: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments by their names; a program that comes first needs none, one may stand in a command line."""
    arguments = given(call.called, values)
    first = values.of(call.called.node.args[0], call.called.scope) if call.called.node.args else None
    name = programs["arguments"][0]["program"]
    if call.of_sdk and isinstance(first, str) and first.endswith(_SUFFIXES):
        arguments.setdefault(name, first)
    started = next(_scripts_in(arguments.get(programs["command"])), None)
    return arguments if started is None else {name: started, **arguments}


def _scripts_in(line: Any) -> Iterator[str]:
    """The scripts that a command line names, as far as it is known."""
    parts = line.get("join", ()) if isinstance(line, dict) else (line,)
    words = (word for part in parts if isinstance(part, str) for word in part.split())
    return (word for word in words if word.endswith(_SUFFIXES))


def _installs(call: AwsCall, arguments: Mapping[str, Any], programs: Mapping[str, Any]) -> bool:
    """Whether requirements that lie beside the program are installed when its container starts."""
    named = programs["named_requirements"]
    return call.name not in named["classes"] or arguments.get(named["argument"]) is not None


def purpose_of(call: AwsCall, table: Mapping[str, Any], classes: frozenset[str]) -> str | None:
    """What the program of a call is for; None for a call that names none."""
    if not call.of_sdk:
        return PRODUCT if call.name in table["client_calls"] else None
    if call.name in classes:
        return PRODUCT
    return PREPARING if call.name in table["programs"]["preparing_calls"] else None


def named_programs(
    arguments: Mapping[str, Any], programs: Mapping[str, Any], purpose: str | None
) -> Iterator[tuple[str, str | None]]:
    """The programs that some arguments name, each with the folder that is uploaded with it, as far as it is known."""
    for form in programs["arguments" if purpose == PRODUCT else "preparing_arguments"]:
        if form["program"] in arguments:
            folders = [*texts_of(arguments.get(form["folder"]))]
            for text in texts_of(arguments[form["program"]]):
                yield text, folders[0] if len(folders) == 1 else None
    for value in arguments.values():
        for text in _members(value, programs["members"], 0):
            yield text, None


def _handed_on(
    arguments: Mapping[str, Any], named: Sequence[tuple[str, str | None]], programs: Mapping[str, Any]
) -> Iterator[tuple[str, str | None]]:
    """Scripts that a program is told of by its command line, by a hyperparameter or by a variable, to start them."""
    if not named:
        return
    given = [arguments.get(name) for name in (*programs["hyperparameters"], *programs["environment"])]
    members = [each for one in given if isinstance(one, dict) for each in one.get("dict", {}).values()]
    told = (*_scripts_in(arguments.get(programs["command"])), *(each for each in members if isinstance(each, str)))
    scripts = dict.fromkeys(text.strip("\"'").removeprefix("./") for text in told)
    started = {program.removeprefix("./") for program, _ in named}
    for script in scripts:
        if script.endswith(_SUFFIXES) and script not in started:
            yield script, named[0][1]


def open_programs(
    arguments: Mapping[str, Any], programs: Mapping[str, Any], purpose: str | None
) -> Iterator[tuple[Any, Any]]:
    """The values of programs, and of their folders, when one of the two is told by other files or callers alone."""
    for form in programs["arguments" if purpose == PRODUCT else "preparing_arguments"]:
        value, folder = arguments.get(form["program"], UNKNOWN_VALUE), arguments.get(form["folder"])
        if _is_open(value) or (value != UNKNOWN_VALUE and _is_open(folder)):
            yield value, folder


def _is_open(value: Any) -> bool:
    return isinstance(value, dict) and value != UNKNOWN_VALUE and not [*texts_of(value)]


def _members(value: Any, members: list[str], level: int) -> Iterator[str]:
    if level > _LEVELS or not isinstance(value, dict | list):
        return
    inside: Any = value.get("dict", value.get("any", ())) if isinstance(value, dict) else value
    if isinstance(inside, dict):
        for name, each in inside.items():
            if name in members:
                yield from texts_of(each)
            yield from _members(each, members, level + 1)
        return
    for each in inside:
        yield from _members(each, members, level + 1)


def _texts_within(value: Any) -> Iterator[str]:
    """The paths of a list, as far as they are known."""
    if isinstance(value, dict) and "any" in value:
        for each in value["any"]:
            yield from _texts_within(each)
    for each in value if isinstance(value, list) else ():
        yield from texts_of(each)


def texts_of(value: Any) -> Iterator[str]:
    """What a value may be as a path; of one whose beginning is not known, the rest; of an option, its default."""
    if isinstance(value, str):
        yield value.strip("\"'")
    elif isinstance(value, dict) and "any" in value:
        for each in value["any"]:
            yield from texts_of(each)
    elif isinstance(value, dict) and "default" in value:
        yield from texts_of(value["default"])
    elif isinstance(value, dict):
        separator, parts = ("/", value["path"]) if "path" in value else ("", value.get("join", ()))
        known: list[str] = []
        for part in parts:
            known = [*known, part] if isinstance(part, str) else []
        text = separator.join(known)
        if len(known) < len(parts):  # after what is not known, a name counts from its first `/`
            text = text.lstrip("/") if separator or text.startswith("/") else text.partition("/")[2]
        if text:
            yield text
