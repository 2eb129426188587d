"""Reads the files beside a model that tell a serving stack what to load: from the container, or from a hub.

`serving.properties`, `adapter_config.json`, `config.json` and their like are known by their names, configurations that
hold names of pretrained weights (`torchvision://resnet50`) by those. The table `model_files` says which settings count.
"""

from __future__ import annotations

from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from linter.inspect.filled_in import filled_in
from linter.inspect.properties import Entry, entries
from linter.inspect.text import NotText, Source
from linter.lazy import compiled
from linter.model import UNKNOWN, Fact, Inspection, Location, Notice, Span

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Mapping, Sequence

    from linter.document import Document, Pointer
    from linter.knowledge import Knowledge
    from linter.model import Artifact

VALUES_LIMIT = 200_000
"""Values of one JSON document that are looked at; a tokenizer's vocabulary may have that many."""
FACTS_LIMIT = 500
SHOWN = 300
BEFORE = 300
"""Characters before a name of weights on its line that are looked at."""

NOTHING: Mapping[str, str] = MappingProxyType({})
HUB, REMOTE, LOCAL, NONE = "hub", "remote", "local", "none"
_WORST = (REMOTE, HUB, UNKNOWN, LOCAL)

_TEMPLATED = compiled(r"\{\{|\$\{|\{%|<[A-Za-z_][\w -]{0,60}>|%\w{1,60}%")
_CODE = compiled(r"[\w.-]{1,100}(?:/[\w.-]{1,100})?--[\w.]{1,200}\Z")
_KEY = compiled(r"""([\w.-]{1,60})['"]?[ \t]*[:=][ \t]*['"]?\Z""")


def inspect(artifact: Artifact, data: bytes, knowledge: Knowledge, filled: Mapping[str, str] = NOTHING) -> Inspection:
    """`model.setting` facts of one file. Bad input gives a notice.

    `filled`: what is known to be filled into templates, by the names there.
    """
    try:
        source = Source(artifact.path, data)
    except NotText as reason:
        return Inspection(notices=(Notice("not-text", f"this configuration was not read: {reason}", artifact.path),))
    entry = _entry(artifact.path, knowledge)
    if entry is None:
        return Inspection(tuple(islice(weight_settings(source, knowledge), FACTS_LIMIT)))
    if entry["format"] == "properties":
        return Inspection(tuple(islice(_from_properties(source, entry, knowledge, filled), FACTS_LIMIT)))
    return _from_json(source, entry, knowledge)


def is_known_by_name(path: str, knowledge: Knowledge) -> bool:
    """Whether serving stacks look for their settings in a file of that name."""
    return _entry(path, knowledge) is not None


def _entry(path: str, knowledge: Knowledge) -> Mapping[str, Any] | None:
    """The table's entry for a file name, template endings such as `.j2` taken off."""
    files: Mapping[str, Mapping[str, Any]] = knowledge.get("model_files.files")
    name = path.rpartition("/")[2].lower()
    return files.get(name) or next((entry for known, entry in files.items() if name.startswith(f"{known}.")), None)


def _from_properties(
    source: Source, entry: Mapping[str, Any], knowledge: Knowledge, filled: Mapping[str, str]
) -> Iterator[Fact]:
    found = list(entries(source.text))
    if not _known({each.key for each in found}, entry):
        return
    yield from _of_server(found, source, entry["stack"].lower(), knowledge)
    for each in found:
        setting = entry["settings"].get(each.key)
        if setting is not None:
            spans = {"value": source.span(each.value_start, each.end)}
            place = source.location(each.start, each.end)
            value = filled_in(each.value.strip(), filled)
            yield _fact(place, spans, entry["stack"], each.key, value, setting, knowledge)


def _of_server(found: Sequence[Entry], source: Source, server: str, knowledge: Knowledge) -> Iterator[Fact]:
    """Where a model server listens, when it gives up and how much it takes, by its properties."""
    from linter.servers import address, values
    from linter.servers.facts import Maker
    from linter.servers.table import Option

    table: Mapping[str, Any] = knowledge.get("servers").get(server, {})
    keys = {each.key for each in found}
    name = next((other for other, own in table.get("told_by", {}).items() if not keys.isdisjoint(own)), server)
    for each in found:
        entry = table.get("properties", {}).get(each.key)
        if entry is None or entry.get("beside", each.key) not in keys:
            continue
        make = Maker(name, source.location(each.start, each.end), "file")
        span = source.span(each.value_start, each.end)
        text = each.value.strip()
        if entry["gives"] == "address":
            where = address.read(text, text, "host", None, None)
            yield make.listener(
                where, "yes" if text.startswith("https") else "no", True, {"address": span, "port": span}
            )
        elif entry["gives"] == "timeout":
            option = Option(each.key, "timeout", "text", entry)
            yield make.timeout(each.key, values.seconds(option, text), entry["kind"], None, True, {"seconds": span})
        elif entry["gives"] == "setting":
            option = Option(each.key, "setting", entry["value"], entry)
            yield make.setting(each.key, values.setting(option, text), None, {"value": span})
        else:
            yield make.body_limit(each.key, values.size(text), True, {"bytes": span})


def _from_json(source: Source, entry: Mapping[str, Any], knowledge: Knowledge) -> Inspection:
    from linter.document import DocumentError, load_document

    try:
        document = load_document(source.text, format="json")
    except DocumentError as error:
        text = f"this model configuration was not read: {error.message}"
        span = Span(error.line, error.column, error.line, error.column)
        return Inspection(notices=(Notice("model-configuration-unreadable", text, source.path, span),))
    top = document.value
    first = top[0] if isinstance(top, list) and top else top
    if not isinstance(first, dict) or not _known(set(first), entry):
        return Inspection()
    return Inspection(tuple(islice(_settings(document, source.path, entry, knowledge), FACTS_LIMIT)))


def _known(keys: set[str], entry: Mapping[str, Any]) -> bool:
    return "known_by" not in entry or not keys.isdisjoint(entry["known_by"])


def _settings(document: Document, path: str, entry: Mapping[str, Any], knowledge: Knowledge) -> Iterator[Fact]:
    """The settings of a JSON document, at every depth, in its order."""
    settings: Mapping[str, Mapping[str, Any]] = entry["settings"]
    stack: list[tuple[Any, Pointer, str | None]] = [(document.value, (), None)]
    seen = 0
    while stack and seen < VALUES_LIMIT:
        here, pointer, key = stack.pop()
        seen += 1
        if key is not None and isinstance(here, str):
            spans = {"value": document.span(pointer)}
            shown = ".".join(part for part in pointer if isinstance(part, str))
            yield _fact(Location(path, spans["value"]), spans, entry["stack"], shown, here, settings[key], knowledge)
        elif isinstance(here, dict):
            inside = [
                (value, (*pointer, name), name if name in settings else key)
                for name, value in here.items()
                if not (name in settings and _is_exempt(settings[name], here))
            ]
            stack.extend(reversed([each for each in inside if isinstance(each[0], (str, dict, list))]))
        elif isinstance(here, list) and len(here) < FACTS_LIMIT:
            stack.extend((value, (*pointer, at), key) for at, value in reversed(list(enumerate(here))))


def _is_exempt(setting: Mapping[str, Any], beside: Mapping[str, Any]) -> bool:
    """Whether a value beside a setting says that nothing is loaded for it."""
    return any(str(beside.get(key)).endswith(ending) for key, ending in setting.get("unless", {}).items())


def weight_settings(source: Source, knowledge: Knowledge) -> Iterator[Fact]:
    """Names of pretrained weights that stand in a configuration, in YAML, JSON or Python, outside of its comments."""
    for found in weight_schemes(knowledge).finditer(source.text):
        line = source.position(found.start())[0]
        before = source.text[max(source.starts[line - 1], found.start() - BEFORE) : found.start()]
        if "#" in before or before.lstrip().startswith("//"):
            continue
        key = _KEY.search(before)
        place = source.location(found.start(), found.end())
        yield weights_fact(found, key.group(1) if key else UNKNOWN, place, knowledge)


def weights_fact(found: re.Match[str], key: str, place: Location, knowledge: Knowledge) -> Fact:
    """The `model.setting` of a name of weights, as `weight_schemes` finds it."""
    stacks: Mapping[str, str] = knowledge.get("model_files.weight_stacks")
    fields = {
        "stack": stacks.get(found.group(1), UNKNOWN),
        "key": key,
        "value": found.group()[:SHOWN],
        "destination": REMOTE,
        "fetches": "weights",
        "path_exists": UNKNOWN,
        "member": None,
        "offline": UNKNOWN,
        "baked": False,
        "in_image": UNKNOWN,
        "scope": UNKNOWN,
    }
    return Fact("model.setting", place, fields, {"value": place.span})


def weight_schemes(knowledge: Knowledge) -> re.Pattern[str]:
    """The expression for names of weights; its first group is the scheme."""
    found: re.Pattern[str] = knowledge.index("model_files.schemes", _schemes)
    return found


def _schemes(knowledge: Knowledge) -> Any:
    names = "|".join(sorted(knowledge.get("model_files.weight_schemes"), key=len, reverse=True))
    return compiled(rf"\b({names})://[\w./-]{{1,200}}")


def _fact(
    place: Location,
    spans: dict[str, Span],
    stack: str,
    key: str,
    value: str,
    setting: Mapping[str, str],
    knowledge: Knowledge,
) -> Fact:
    reading = setting["reading"]
    destination = destination_of(value, reading, knowledge)
    return Fact(
        "model.setting",
        place,
        {
            "stack": stack,
            "key": key,
            "value": UNKNOWN if destination == UNKNOWN and _TEMPLATED.search(value) else value[:SHOWN],
            "destination": destination,
            "fetches": setting["fetches"],
            # A value that is read as a path has to be there; of a hub id a folder of that name is the way out.
            "path_exists": UNKNOWN if reading in ("member", "model") else None,
            "member": None,
            "offline": UNKNOWN,
            "baked": False,
            "in_image": UNKNOWN,
            "scope": UNKNOWN,
        },
        spans,
    )


def destination_of(value: str, reading: str, knowledge: Knowledge) -> str:
    """Where a setting's value points: hub, remote, local, none (switched off, empty) or unknown."""
    value = value.strip()
    if not value:
        return LOCAL if reading == "member" else NONE
    if reading == "install":
        return REMOTE if value.lower() in knowledge.get("model_files.on_values") else NONE
    if reading == "store":
        return LOCAL if value.startswith(("/", "file:")) else REMOTE
    if _TEMPLATED.search(value):
        return REMOTE if _tells_a_store(value, reading, knowledge) else UNKNOWN
    if reading == "code":
        return HUB if _CODE.match(value) else LOCAL
    if reading == "member":
        return LOCAL
    if reading == "locations":
        found = {_location(_unnamed(part.strip()), knowledge) for part in value.split(",") if part.strip()}
        return next((each for each in _WORST if each in found), NONE)
    return _location(value, knowledge) if reading == "location" else _model(value, knowledge)


def _tells_a_store(value: str, reading: str, knowledge: Knowledge) -> bool:
    """Whether what fills a template in is an address, by the name that it has there: `{{ s3_url }}`."""
    names = compiled(knowledge.get("model_files.store_names"))
    return reading in ("model", "location", "locations") and names.search(value) is not None


def _unnamed(part: str) -> str:
    """`name=address` without the name; an address may have a `=` of its own."""
    name, _, address = part.partition("=")
    return address if address and "/" not in name else part


def _location(value: str, knowledge: Knowledge) -> str:
    from linter.references.destination import judge_of

    where = judge_of(knowledge).address(value)
    if where is None:
        scheme, separator, _rest = value.partition("://")
        return REMOTE if separator and scheme.isalnum() else LOCAL
    return REMOTE if where == REMOTE else UNKNOWN if where == UNKNOWN else LOCAL


def _model(value: str, knowledge: Knowledge) -> str:
    """A hub id, an address or a path. A bare word may be either a model of the hub or a folder."""
    from linter.references.destination import judge_of

    judge = judge_of(knowledge)
    where = _location(value, knowledge)
    if where != LOCAL or value.startswith(("/", ".", "~", "file:")) or "\\" in value:
        return where
    if value.isupper() and _tells_a_store(value, "model", knowledge):  # for `sed` to put an address there
        return REMOTE
    if judge.hub_id.match(value) and not value.endswith(judge.weights):
        return HUB
    return HUB if value in judge.aliases else LOCAL if "/" in value or value.endswith(judge.weights) else UNKNOWN
