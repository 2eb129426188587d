"""What the parts of a request say about each other: declared and used, wanted and given, input and output.

Parts of a request may stand in files of their own. Parts in one folder are one request when each of them occurs once;
they take the identity of the whole request there, if there is one, and so its intent to be sold.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from linter.assemble.overlaps import any_overlap, overlapped
from linter.assemble.senders import home_of
from linter.model import UNKNOWN, Fact
from linter.references.ranges import in_range

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from linter.knowledge import Knowledge

YES, NO, CASE = "yes", "no", "case"

TRAINING, INFERENCE, VALIDATION = "TrainingSpecification", "InferenceSpecification", "ValidationSpecification"
_PART_OF_KIND = {
    "manifest.training": TRAINING,
    "manifest.inference": INFERENCE,
    "manifest.validation": VALIDATION,
    "manifest.validation_profile": VALIDATION,
    "manifest.training_job": VALIDATION,
    "manifest.transform_job": VALIDATION,
}
_HAS = {TRAINING: "has_training", INFERENCE: "has_inference", VALIDATION: "has_validation"}
_ROOTS = ("manifest.algorithm", "manifest.model_package")
_INPUTS = ("validation_input", "training_input")
_MOST_PAIRS = 10_000
"""Pairs of requests and parts in one folder that are tried; a product has a handful."""
_MOST_INPUTS = 200
"""Inputs of one request that outputs are compared with; a request has at most 21."""


@dataclass
class _Request:
    """The facts of one request, or of one part of a request, by their indexes."""

    request_id: str
    request: str
    whole: bool
    folder: str
    marketplace: str
    members: list[int] = field(default_factory=list)
    parts: set[str] = field(default_factory=set)
    by_kind: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    root: int | None = None
    joined: set[str] = field(default_factory=set)
    """Parts that came from other files."""
    doubtful: set[str] = field(default_factory=set)
    """Parts that may stand in other files: more than one fits, or more than one request wants them."""


def settle_manifests(facts: Sequence[Fact], knowledge: Knowledge) -> list[Fact]:
    """The facts of one product, in order, with all fields settled that need more than one structure of a request.

    `knowledge` is not needed yet; every settling step takes it.
    """
    settling = _Settling(facts)
    for request in _joined(_requests(facts), facts):
        settling.settle(request)
    return settling.result()


def _requests(facts: Sequence[Fact]) -> list[_Request]:
    """Requests and parts as the inspectors found them; other facts with the identity of one are its members."""
    found: dict[str, _Request] = {}
    strangers: list[tuple[int, str]] = []
    for index, fact in enumerate(facts):
        name = fact.fields.get("request_id")
        if not isinstance(name, str) or name == UNKNOWN:
            continue
        if not fact.kind.startswith("manifest."):
            strangers.append((index, name))
            continue
        if name not in found:
            folder = home_of(fact).rpartition("/")[0]
            found[name] = _Request(name, fact["request"], fact["whole"], folder, fact["marketplace"])
        request = found[name]
        request.members.append(index)
        request.by_kind[fact.kind].append(index)
        if fact.kind in _ROOTS:
            request.root = index
        if fact.kind in _PART_OF_KIND and fact.fields.get("place") != "additional":
            request.parts.add(_PART_OF_KIND[fact.kind])
    for index, name in strangers:
        if name in found:
            found[name].members.append(index)
            found[name].by_kind[facts[index].kind].append(index)
    return list(found.values())


# --- parts in several files


def _joined(requests: list[_Request], facts: Sequence[Fact]) -> list[_Request]:
    folders: dict[str, list[_Request]] = defaultdict(list)
    for request in requests:
        folders[request.folder].append(request)
    return [request for each in folders.values() for request in _join_folder(each, facts)]


def _join_folder(requests: list[_Request], facts: Sequence[Fact]) -> list[_Request]:
    wholes = [request for request in requests if request.whole]
    fragments = [request for request in requests if not request.whole]
    if not fragments:
        return wholes
    if not wholes:
        return _join_fragments(fragments)
    if len(wholes) * len(fragments) > _MOST_PAIRS:
        return requests
    occurrences = Counter(part for fragment in fragments for part in fragment.parts)
    lacking = {id(whole): _lacking(whole, facts) for whole in wholes}
    for fragment in fragments:
        fitting = [
            whole
            for whole in wholes
            if fragment.parts and fragment.parts <= lacking[id(whole)] and fragment.request in (UNKNOWN, whole.request)
        ]
        if len(fitting) == 1 and all(occurrences[part] == 1 for part in fragment.parts):
            _take(fitting[0], fragment)
        else:
            for whole in fitting:
                whole.doubtful |= fragment.parts
    taken = {part for whole in wholes for part in whole.members}
    return [*wholes, *(fragment for fragment in fragments if not taken.issuperset(fragment.members))]


def _join_fragments(fragments: list[_Request]) -> list[_Request]:
    """One request when no part occurs twice and the fragments do not belong to different requests."""
    parts = [part for fragment in fragments for part in fragment.parts]
    kinds = {fragment.request for fragment in fragments} - {UNKNOWN}
    if len(parts) != len(set(parts)) or len(kinds) > 1:
        return fragments
    first, *others = fragments
    first.request = next(iter(kinds), UNKNOWN)
    for other in others:
        _take(first, other)
    return [first]


def _take(request: _Request, fragment: _Request) -> None:
    request.members += fragment.members
    request.parts |= fragment.parts
    request.joined |= fragment.parts
    for kind, members in fragment.by_kind.items():
        request.by_kind[kind] += members


def _lacking(request: _Request, facts: Sequence[Fact]) -> set[str]:
    if request.root is None:
        return set()
    root = facts[request.root]
    return {part for part, name in _HAS.items() if root.fields.get(name) == NO}


# --- one request


class _Settling:
    """Collects the changes of fields, and makes the facts with them."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        self.facts = facts
        self.changes: dict[int, dict[str, Any]] = defaultdict(dict)

    def result(self) -> list[Fact]:
        changed = self.changes
        return [fact.with_fields(**changed[i]) if i in changed else fact for i, fact in enumerate(self.facts)]

    def of(self, request: _Request, kind: str) -> list[tuple[int, Fact]]:
        return [(index, self.facts[index]) for index in request.by_kind.get(kind, ())]

    def first(self, request: _Request, kind: str) -> Fact | None:
        found = (fact for _, fact in self.of(request, kind) if fact.fields.get("place") != "additional")
        return next(found, None)

    def settle(self, request: _Request) -> None:
        self.identity(request)
        self.root(request)
        training, inference = self.first(request, "manifest.training"), self.first(request, "manifest.inference")
        channels = _Specified([fact for _, fact in self.of(request, "manifest.channel")], training, "channel_count")
        parameters = _Specified(
            [fact for _, fact in self.of(request, "manifest.hyperparameter")], training, "hyperparameter_count"
        )
        for index, job in self.of(request, "manifest.training_job"):
            self.changes[index] |= _training_job(job, training, channels, parameters)
            self.instance_meant(request, index, job, "training")
        for index, given in self.of(request, "manifest.input_channel"):
            self.changes[index] |= _input_channel(given, channels)
        for index, value in self.of(request, "manifest.environment"):
            if value["place"] == "hyperparameter":
                self.changes[index] |= _hyperparameter_value(value, parameters)
        for index, job in self.of(request, "manifest.transform_job"):
            self.changes[index] |= _transform_job(job, inference)
            self.instance_meant(request, index, job, "transform")
            self.types_meant(request, index, job)
        self.overlaps(request)

    def instance_meant(self, request: _Request, index: int, job: Fact, types: str) -> None:
        """Whether a job's type is declared is open when it is misspelt, or one in the list that was to be it."""
        if self.changes[index]["instance_declared"] == NO:
            given = [fact for _, fact in self.of(request, "manifest.instance_type")]
            wanted = [fact["suggestion"] for fact in given if fact["list"] == types]
            own = (fact for fact in given if fact["list"] == f"validation_{types}" and fact["known"] == UNKNOWN)
            misspelt = any(fact["suggestion"] and fact["value"] == job["instance_type"] for fact in own)
            if misspelt or job["instance_type"] in wanted:
                self.changes[index]["instance_declared"] = UNKNOWN

    def types_meant(self, request: _Request, index: int, job: Fact) -> None:
        """The same for its content types: one slip is told once."""
        slips = {fact["value"]: fact["suggestion"] for _, fact in self.of(request, "manifest.media_type")}
        for member in ("content_type", "accept"):
            value = job[member]
            if self.changes[index][f"{member}_declared"] == NO and (slips.get(value) or value in slips.values()):
                self.changes[index][f"{member}_declared"] = UNKNOWN

    def identity(self, request: _Request) -> None:
        """Facts of parts that were joined to a request become facts of that request."""
        kind = request.request if request.request != UNKNOWN else None
        for index in request.members:
            fact = self.facts[index]
            wanted = {"request_id": request.request_id, "marketplace": request.marketplace, "request": kind}
            for name, value in wanted.items():
                if value is not None and fact.fields.get(name, value) != value:
                    self.changes[index][name] = value
            if fact.kind == "manifest.validation_profile" and fact["kind"] == UNKNOWN and kind:
                self.changes[index]["kind"] = kind

    def root(self, request: _Request) -> None:
        for index, missing in self.of(request, "manifest.missing"):
            if missing["supplied_elsewhere"] == UNKNOWN:
                self.changes[index]["supplied_elsewhere"] = _supplied(request, missing["member"])
        if request.root is None:
            return
        fields = self.facts[request.root].fields
        for part, name in _HAS.items():
            if fields.get(name) == NO and _supplied(request, part) != NO:
                self.changes[request.root][name] = _supplied(request, part)
        if VALIDATION in request.joined | request.doubtful and fields["validation_profiles"] is None:
            validation = self.first(request, "manifest.validation") if VALIDATION in request.joined else None
            count = validation["profile_count"] if validation else UNKNOWN
            self.changes[request.root]["validation_profiles"] = count

    def overlaps(self, request: _Request) -> None:
        """Compare the outputs of the jobs with all inputs."""
        uris = self.of(request, "s3.uri")
        inputs = [fact for _, fact in uris if fact["role"] in _INPUTS][:_MOST_INPUTS]
        for index, fact in uris:
            self.changes[index]["overlaps"] = overlapped(fact, inputs) if fact["role"] == "output" else None
        training = [fact for fact in inputs if fact["role"] == "training_input"]
        for index, job in self.of(request, "manifest.training_job"):
            given = [(fact["text"], fact["data_type"]) for fact in training]
            self.changes[index]["input_output_overlap"] = any_overlap(given, job["output_path"])
        for index, job in self.of(request, "manifest.transform_job"):
            given = [(job["s3_uri"], job["s3_data_type"])] if job["s3_uri"] is not None else []
            self.changes[index]["input_output_overlap"] = any_overlap(given, job["output_path"])


def _supplied(request: _Request, part: str) -> str:
    if part in request.joined:
        return YES
    return UNKNOWN if part in request.doubtful else NO


# --- declared and used


def declared(value: Any, among: Any) -> str | None:
    """Whether a value is in a list of declared ones: yes, no or unknown; None when no value is given."""
    if value is None:
        return None
    if value == UNKNOWN or not isinstance(among, list):
        return UNKNOWN
    if value in among:
        return YES
    return UNKNOWN if UNKNOWN in among else NO


def type_declared(value: Any, among: Any) -> str | None:
    """As `declared` for media types: parameters do not count, `*` matches, `case` when only the case differs."""
    if value == "":
        return None
    if value is None or value == UNKNOWN or not isinstance(among, list):
        return declared(value, among)
    wanted = _bare(value)
    names = [_bare(name) for name in among if name != UNKNOWN]
    if "*" in wanted:
        return UNKNOWN
    if wanted in names or any("*" in name and fnmatchcase(wanted.lower(), name.lower()) for name in names):
        return YES
    if wanted.lower() in (name.lower() for name in names):
        return CASE
    return UNKNOWN if UNKNOWN in among else NO


def _bare(media_type: str) -> str:
    return media_type.split(";", 1)[0].strip()


class _Specified:
    """The channels or hyperparameters that a training specification declares.

    `names` is `unknown` when not all of them are known. An absent list declares no hyperparameter; channels are
    required, so that an absent list says nothing about them.
    """

    def __init__(self, facts: list[Fact], training: Fact | None, count: str) -> None:
        self.facts = facts
        self.by_name = {fact["name"]: fact for fact in reversed(facts) if fact["name"] not in (None, UNKNOWN)}
        self.names: list[str] | str = UNKNOWN
        whole = training is not None and training[count] in ((len(facts),) if facts else (None, 0))
        if whole and (facts or count != "channel_count") and all(fact["name"] != UNKNOWN for fact in facts):
            self.names = list(self.by_name)

    def undeclared(self, used: Any) -> list[str] | str:
        """Those of the used names that are not declared."""
        if used == UNKNOWN or self.names == UNKNOWN:
            return UNKNOWN
        return [name for name in used or () if name != UNKNOWN and name not in self.by_name]

    def missing(self, used: Any) -> list[str] | str:
        """Required names that are not used."""
        if used == UNKNOWN or self.names == UNKNOWN or UNKNOWN in (used or ()):
            return UNKNOWN
        given = frozenset(used or ())
        return [name for name, fact in sorted(self.by_name.items()) if fact["required"] is True and name not in given]

    def has(self, name: Any) -> str | None:
        """Whether a name is declared: yes, no or unknown; None when no name is given."""
        if name is None:
            return None
        if name == UNKNOWN or self.names == UNKNOWN:
            return UNKNOWN
        return YES if name in self.by_name else NO


def _training_job(job: Fact, training: Fact | None, channels: _Specified, parameters: _Specified) -> dict[str, Any]:
    modes = _modes(channels.facts) if channels.names != UNKNOWN else UNKNOWN
    strange = {"channels": channels.undeclared(job["channels"])}
    strange["hyperparameters"] = parameters.undeclared(job["hyperparameters"])
    return {
        "instance_declared": declared(job["instance_type"], training["instance_types"] if training else None),
        "channels_undeclared": strange["channels"],
        "channels_missing": _missing(channels.missing(job["channels"]), strange["channels"]),
        "hyperparameters_undeclared": strange["hyperparameters"],
        "hyperparameters_missing": _missing(parameters.missing(job["hyperparameters"]), strange["hyperparameters"]),
        "input_mode_declared": declared(job["input_mode"], modes),
        "distributed_conflict": _distributed(job["instance_total"], training),
    }


def _missing(missing: list[str] | str, strange: list[str] | str) -> list[str] | str:
    """What is missing, unless names that are not declared may be meant for it: one slip is told once."""
    same = isinstance(missing, list) and isinstance(strange, list) and len(strange) >= len(missing) > 0
    return UNKNOWN if same else missing


def _modes(channels: Iterable[Fact]) -> list[str] | str:
    modes: set[str] = set()
    for fact in channels:
        if not isinstance(fact["input_modes"], list):
            return UNKNOWN
        modes.update(fact["input_modes"])
    return sorted(modes)


def _distributed(total: Any, training: Fact | None) -> str:
    if training is None or total == UNKNOWN:
        return UNKNOWN
    if total is None or total <= 1 or training["distributed"] is True:
        return NO
    return UNKNOWN if training["distributed"] == UNKNOWN else YES


def _input_channel(given: Fact, channels: _Specified) -> dict[str, Any]:
    channel = channels.by_name.get(given["name"])
    settled = {"declared": channels.has(given["name"])}
    for name, among, compare in (
        ("content_type", "content_types", type_declared),
        ("input_mode", "input_modes", declared),
        ("compression", "compression", declared),
    ):
        settled[f"{name}_declared"] = compare(given[name], channel[among] if channel else None)
    return settled


def _hyperparameter_value(value: Fact, parameters: _Specified) -> dict[str, Any]:
    spec = parameters.by_name.get(value["key"])
    inside: str | None = UNKNOWN
    if spec and value["secret"] == "none":
        inside = in_range(value["value"], spec["type"], spec["min"], spec["max"], spec["values"])
    return {"declared": parameters.has(value["key"]), "in_range": inside}


def _transform_job(job: Fact, inference: Fact | None) -> dict[str, Any]:
    lists = ("content_types", "response_types", "transform_types")  # of an empty one it is told that it is empty
    types, answers, machines = ((inference[name] or None) if inference else None for name in lists)
    return {
        "content_type_declared": type_declared(job["content_type"], types),
        "accept_declared": type_declared(job["accept"], answers),
        "instance_declared": declared(job["instance_type"], machines),
    }
