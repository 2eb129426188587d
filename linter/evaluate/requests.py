"""From a call that sends a request to the facts about that request, each at the place where its value was written."""

from __future__ import annotations

import json
from bisect import bisect_right
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from linter.document import load_document
from linter.evaluate.jsontext import Sent, Writer
from linter.evaluate.lookups import image_of
from linter.evaluate.provenance import made_elsewhere
from linter.evaluate.sdk import SdkImages
from linter.evaluate.text import Place, Text
from linter.evaluate.values import Dict, List, Scalar, Unknown
from linter.inspect.manifest import members
from linter.inspect.manifest.names import PROSE, SHAPES
from linter.inspect.manifest.request import Found, Request
from linter.inspect.manifest.walk import walk
from linter.inspect.text import Source
from linter.model import Location, Span, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from linter.document import Document
    from linter.evaluate.functions import Given
    from linter.knowledge import Knowledge
    from linter.model import Fact

TRAINING = "training_job"
_TELLING = {"change_set": "ChangeSet", "role": "AssumeRolePolicyDocument", "bucket_policy": "Policy"}
"""The member by which other requests are known."""
_CLOSE = 3
"""Lines between a key and its value that are shown as one statement."""


def sent_by(name: str, target: Any, given: Given, place: Place, knowledge: Knowledge) -> Sent | None:
    """The request that a call sends; None when it sends none, or nothing of it is known. Raises TooLarge."""
    table = knowledge.get("request_calls")
    entry = table["calls"][name]
    if entry["request"] == TRAINING:
        return None
    path = target.path if isinstance(target, Unknown) else None
    is_foreign = path is not None and path.partition(".")[0].removesuffix("()") not in table["roots"]
    if is_foreign and not entry.get("telling", False):
        return None
    if entry["members"] == "same":
        root = given.named
    elif not _names_given(given, entry, is_foreign).isdisjoint(entry.get("needs", entry["members"])):
        root = _mapped(target, given, entry, knowledge)
    else:
        return None
    if not _is_request(root, entry["request"]):
        return None
    writer = Writer(prose=PROSE)
    writer.write(root)
    text = "".join(piece.text for piece in writer.pieces)
    is_data = any(key.place is not None and key.place.origin.is_data for key in root.keys.values())
    return Sent(name, entry["request"], place, text, writer, is_data, SdkImages(knowledge).region(_owner(target)))


def _names_given(given: Given, entry: Mapping[str, Any], by_name: bool) -> set[str]:
    """The arguments that a call gives, or those that it gives by name."""
    return {*(() if by_name else entry.get("order", ())[: len(given.values)]), *given.named.items}


def _is_request(root: Dict, kind: str) -> bool:
    """Whether the arguments are a request's: other methods may have the same name."""
    if kind in _TELLING:
        return _TELLING[kind] in root.items
    return not root.items.keys().isdisjoint(members.shape(SHAPES[kind])["members"])


def _mapped(target: Any, given: Given, entry: Mapping[str, Any], knowledge: Knowledge) -> Dict:
    """The request that the arguments of a helper become, as far as they say it."""
    root = Dict(given.named.place, open=given.named.open or given.more)
    named = dict(zip(entry.get("order", ()), given.values, strict=False)) | given.named.items
    listed = "containers" in named  # a list of the program, which stays as it is
    for argument, path in entry["members"].items():
        if argument in named and not (listed and ".Containers.0." in path):
            _put(root, path.split("."), named[argument], given.named.keys.get(argument))
    images = SdkImages(knowledge)
    several = images.containers(_owner(target), root.place) if "model" in entry and not listed else None
    if several is not None:
        _put(root, ["InferenceSpecification", "Containers"], several, None)
    elif "model" in entry and not listed:
        containers = element_of(root, "InferenceSpecification", "Containers")
        container = containers.items[0] if containers is not None else Dict(given.named.place, open=True)
        _model(container, target, entry["model"], images)
        if not root.open:
            _mark(container, target)
        if container.items:
            _put(root, ["InferenceSpecification", "Containers", "0"], container, None)
    for path in entry["members"].values():  # what is not given here, the helper fills in
        parts = path.split(".")[:2]
        if parts[0] == "InferenceSpecification" and len(parts) == 2 and element_of(root, *parts) is None:
            _put(root, parts, Unknown(parts[1], given.named.place), None)
    defaults: dict[str, Any] = {}
    if "marketplace_cert" in entry["members"]:
        defaults["CertifyForMarketplace"] = Scalar(False, root.place)
    if not root.items.keys() & {"ModelPackageName", "ModelPackageGroupName"}:
        defaults["ModelPackageGroupName"] = Unknown("ModelPackageGroupName", root.place)
    for member, value in defaults.items() if not root.open else ():
        if member not in root.items:
            root.put(member, value)
    return root


def element_of(root: Any, *path: str) -> Any:
    """A value some keys below; None when it is not known."""
    for part in path:
        root = root.items.get(part) if isinstance(root, Dict) else None
    return root


def _put(root: Dict, path: list[str], value: Any, key: Text | None) -> None:
    here = root
    for number, part in enumerate(path):
        following = path[number + 1] if number + 1 < len(path) else None
        if following is None:
            here.put(part, value, Text.written(part, key.place if key else None))
        elif following.isdecimal():
            inside = here.items.get(part)
            if not isinstance(inside, List):
                inside = List([Dict(root.place, open=True)], root.place)
                here.put(part, inside)
            if number + 2 == len(path):
                inside.items[0] = value
                return
            here = inside.items[0]
        elif not part.isdecimal():
            if not isinstance(here.items.get(part), Dict):
                here.put(part, Dict(root.place, open=False))
            here = here.items[part]


def _owner(target: Any) -> Any:
    """The object that a method belongs to."""
    return target.source if isinstance(target, Unknown) else None


def _model(container: Dict, target: Any, table: Mapping[str, str], images: SdkImages) -> None:
    """What the model that a method belongs to was made with."""
    owner = _owner(target)
    made = owner.source if isinstance(owner, Unknown) else None
    named = getattr(made, "named", None)
    if not isinstance(named, Dict):
        return
    for argument, member in table.items():
        if argument in named.items and member not in container.items:
            container.put(member, named.items[argument], named.keys.get(argument))
    name = str(owner.path if isinstance(owner, Unknown) else "").removesuffix("()").rpartition(".")[2]
    algorithm = images.knowledge.get("request_calls.builtin_classes").get(name)
    image = image_of(algorithm, None, None, owner.place, images.knowledge) if algorithm and owner else None
    if image is None and owner is not None and owner.maker is None:
        image = images.image(owner)
    if image is not None and "Image" not in container.items:
        container.put("Image", image)


def _mark(container: Dict, target: Any) -> None:
    """What the model that a method belongs to came out of, where nothing else is given."""
    owner = target.source if isinstance(target, Unknown) else None
    if isinstance(owner, Unknown) and owner.maker is not None:
        for member in ("Image", "ModelDataUrl"):
            if member not in container.items:
                container.put(member, owner.called(member, container.place))


# --- several requests of one call


def strongest(requests: Iterable[Sent]) -> list[Sent]:
    """The requests without those that say nothing which another one does not say."""
    found = [(sent, json.loads(sent.text)) for sent in requests]
    kept: list[tuple[Sent, Any]] = []
    for number, (sent, value) in enumerate(found):
        others = [*kept, *found[number + 1 :]]
        if not any(_within(sent, value, other, ()) for _, other in others):
            kept.append((sent, value))
    return [sent for sent, _ in kept]


def _within(sent: Sent, value: Any, other: Any, pointer: tuple[str | int, ...]) -> bool:
    """Whether all that is known of a value holds for another one."""
    if pointer in sent.writer.unknown:
        return True
    is_open = pointer in sent.writer.open
    if isinstance(value, dict) and isinstance(other, dict):
        same = value.keys() <= other.keys() if is_open else value.keys() == other.keys()
        return same and all(_within(sent, value[key], other[key], (*pointer, key)) for key in value)
    if isinstance(value, list) and isinstance(other, list):
        same = len(value) <= len(other) if is_open else len(value) == len(other)
        return same and all(_within(sent, value[at], other[at], (*pointer, at)) for at in range(len(value)))
    return type(value) is type(other) and bool(value == other)


# --- facts


def data_files(sent: Sent) -> set[str]:
    """How the names of requests begin in the files of data that parts of a request were read from."""
    places = (piece.place for piece in sent.writer.pieces if piece.place is not None)
    return {place.origin.data for place in places if place.origin.data is not None}


def facts_of(sent: Sent, request_id: str, knowledge: Knowledge) -> list[Fact]:
    """What the inspectors of manifests say about a request, at the places where its parts were written."""
    home = sent.place.origin.path
    source = Source(home, sent.text.encode("utf-8", "replace"))
    document = load_document(source.text, format="json")
    document.open = frozenset(sent.writer.open)
    told: list[Fact] = []
    if sent.request == "change_set":
        from linter.inspect.manifest.changes import change_set_facts

        facts = change_set_facts(document, ("ChangeSet",), source, knowledge)
    elif sent.request in _TELLING:
        facts = _evidence(sent.request, document, home, knowledge)
    else:
        form = "request" if sent.is_data else "code"
        found = Found(SHAPES[sent.request], sent.request, True, form, ())
        request = Request(source, document, knowledge, found, request_id)
        walk(request)
        facts = request.facts
        told = _client(sent, request.marketplace, request_id, knowledge)
    origins = _Origins(sent)
    made = made_elsewhere(sent, request.marketplace, request_id) if sent.request == "model_package" else []
    return [*(origins.placed(fact) for fact in facts), *told, *made]


def _client(sent: Sent, marketplace: str, request_id: str, knowledge: Knowledge) -> list[Fact]:
    """The Region that the client of a request talks to, where it was told one."""
    from linter.inspect.references import region_use

    if sent.region is None or sent.region.place is None or not sent.region.flat:
        return []
    code, place = sent.region.flat, sent.region.place
    told = region_use(code, place.location, "client", knowledge, request_id=request_id, marketplace=marketplace)
    return [replace(told, elsewhere={})]


def _evidence(kind: str, document: Document, path: str, knowledge: Knowledge) -> list[Fact]:
    """What a request for a role or a bucket policy tells."""
    from linter.inspect.bucket_policies import code_facts
    from linter.inspect.iam_roles import role_fact

    policy = document.value[_TELLING[kind]]
    location = Location(path, document.key_span((_TELLING[kind],)))
    if kind == "bucket_policy":
        return code_facts(policy, location, knowledge)
    return [role_fact(document.value.get("RoleName"), policy, location)]


class _Origins:
    """Where the parts of a request's text were written."""

    def __init__(self, sent: Sent) -> None:
        self.sent = sent
        self.marks = sent.writer.marks
        self.from_start: dict[int, Place] = {}
        self.to_end: dict[int, Place] = {}
        for (start, end), place in self.marks.items():
            self.from_start.setdefault(start, place)
            self.to_end[end] = place
        self.starts: list[int] = []
        at = 0
        for piece in sent.writer.pieces:
            self.starts.append(at)
            at += len(piece.text)

    def placed(self, fact: Fact) -> Fact:
        """A fact with its places in the files that its values come from."""
        location = self.location(fact.location.span)
        elsewhere = {}
        spans = {}
        for name, span in fact.spans.items():
            place = self.location(span)
            spans[name] = place.span
            if place.path != location.path:
                elsewhere[name] = place.path
        call = self.sent.place.location
        far = location.path != call.path
        trace = (Step(call, f"`{self.sent.call}` sends what is put together here"),) if far else ()
        return replace(fact, location=location, spans=spans, elsewhere=elsewhere, trace=trace)

    def location(self, span: Span) -> Location:
        place = self.place(span.column - 1, span.end_column - 1) if span.line == 1 else None
        return (place or self.sent.place).location

    def place(self, start: int, end: int) -> Place | None:
        if (start, end) in self.marks:
            return self.marks[start, end]
        value = self.to_end.get(end)
        key = self.from_start.get(start)
        if value is not None and key is not None:
            return _together(key, value)
        return self.within(start, end) or value or key

    def within(self, start: int, end: int) -> Place | None:
        """The place of a part of a string."""
        found = []
        pieces = self.sent.writer.pieces
        for number in range(max(bisect_right(self.starts, start) - 1, 0), len(pieces)):
            at, piece = self.starts[number], pieces[number]
            if at >= end:
                break
            part = piece.cut(max(start - at, 0), min(end - at, len(piece.text)))
            if part.place is not None:
                found.append(part.place)
        if not found:
            return None
        first, last = found[0], found[-1]
        if first.origin is last.origin and first.start <= last.start and _lines_between(first, last) == 0:
            return Place(first.origin, first.start, max(first.end, last.end))
        return self.marks.get((start - 1, end + 1)) or max(found, key=lambda place: place.end - place.start)


def _together(key: Place, value: Place) -> Place:
    """A key with its value, where they stand together; else the value alone."""
    if key.origin is not value.origin or key.start > value.start or _lines_between(key, value) > _CLOSE:
        return value
    return Place(key.origin, key.start, max(key.end, value.end))


def _lines_between(first: Place, second: Place) -> int:
    return first.origin.text.count("\n", first.start, max(second.start, first.start))
