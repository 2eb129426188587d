"""The requests of a run that create what is sold, and which of them a listing means."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from linter.model import UNKNOWN, Fact

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ALGORITHM, PACKAGE = "algorithm", "model_package"
KINDS = {"manifest.algorithm": ALGORITHM, "manifest.model_package": PACKAGE}


@dataclass
class Sold:
    """A request that creates an algorithm or a model package for AWS Marketplace."""

    request_id: str
    kind: str
    name: str | None
    root: str | None
    inference: Fact | None = None
    training: Fact | None = None
    hyperparameters: list[Fact] = field(default_factory=list)

    def types(self, mode: str) -> list[str] | str:
        """The instance types that are supported for real-time inference, batch transform or training."""
        if mode == "training":
            if self.kind == PACKAGE:
                return []
            given = self.training["instance_types"] if self.training else UNKNOWN
        else:
            given = self.inference[f"{mode}_types"] if self.inference else UNKNOWN
        if given is None:
            return []
        return given if isinstance(given, list) and UNKNOWN not in given else UNKNOWN

    def media_types(self, member: str) -> list[str] | str:
        """The content types or response types that are declared, without parameters, in small letters."""
        given = self.inference[member] if self.inference else UNKNOWN
        if not isinstance(given, list) or UNKNOWN in given:
            return UNKNOWN
        return [each.partition(";")[0].strip().lower() for each in given]

    def parameters(self) -> list[str] | str:
        """The names of the hyperparameters."""
        names = [fact["name"] for fact in self.hyperparameters]
        known = self.training is not None and self.training["hyperparameter_count"] in (len(names), None)
        return names if known and UNKNOWN not in names and None not in names else UNKNOWN


def requests_of(facts: Iterable[Fact], roots: Mapping[str, str | None]) -> list[Sold]:
    """All whole requests for AWS Marketplace, in order. `roots` says which product's folder a path lies in."""
    found: dict[str, Sold] = {}
    parts: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.kind in KINDS and fact["marketplace"] != "no":
            name = fact["request_id"]
            found.setdefault(name, Sold(name, KINDS[fact.kind], fact["name"], roots.get(fact.location.path)))
        elif fact.kind in ("manifest.inference", "manifest.training", "manifest.hyperparameter"):
            parts[fact["request_id"]].append(fact)
    for name, request in found.items():
        for fact in parts[name]:
            if fact.kind == "manifest.inference" and fact["place"] == "main":
                request.inference = request.inference or fact
            elif fact.kind == "manifest.training":
                request.training = request.training or fact
            elif fact.kind == "manifest.hyperparameter":
                request.hyperparameters.append(fact)
    return list(found.values())


def meant(requests: Sequence[Sold], name: str, kind: str, root: str | None, products: int) -> Sold | None:
    """The request that creates the resource of a listing, or None when no one or more than one may be it.

    A name settles it, wherever the request stands. Without one (a placeholder), it is the only request of the kind in
    the product's folder, or in the run; not if several `products` are listed there.
    """
    if name != UNKNOWN:
        named = [request for request in requests if request.name == name]
        near = [request for request in named if request.root == root] or named
        if near:
            return _one(near, kind)
    if products > 1:
        return None
    open_ended = [request for request in requests if name == UNKNOWN or request.name in (None, UNKNOWN)]
    fitting = [request for request in open_ended if kind in (UNKNOWN, request.kind)]
    near = [request for request in fitting if request.root == root]
    if near:
        return near[0] if len(near) == 1 else None
    return fitting[0] if products and len(fitting) == len(requests) == 1 else None


def _one(requests: Sequence[Sold], kind: str) -> Sold | None:
    """One of several requests for the same resource, if they support the same."""
    fitting = [request for request in requests if kind in (UNKNOWN, request.kind)] or list(requests)
    first = fitting[0]
    modes = ("realtime", "transform", "training")
    same = all(_supported(each, modes) == _supported(first, modes) for each in fitting)
    return first if same else None


def _supported(request: Sold, modes: Iterable[str]) -> list[Any]:
    return [
        request.kind,
        *(sorted(types) if isinstance(types := request.types(mode), list) else types for mode in modes),
    ]
