"""What a listing says, against the requests that create the resources it sells, and against other change sets."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from linter.assemble.sample_notebooks import settle_notebooks
from linter.assemble.sold import ALGORITHM, KINDS, PACKAGE, Sold, meant, requests_of
from linter.assemble.trust import settle_trust
from linter.model import UNKNOWN, Fact

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from linter.knowledge import Knowledge
    from linter.tree import Entry, Tree

YES, NO = "yes", "no"
_MODES = ("realtime", "transform", "training")
_MODE_NAMES = {"realtime": "real-time", "transform": "batch", "training": "training"}
_ADDS = "AddDeliveryOptions"
_PATH_AT = {"code": 4, "raw": 3}
"""Where the path of a file begins in the path of an address, by the kind of host."""


def settle_listings(facts: list[Fact], roots: Mapping[str, str | None], tree: Tree, knowledge: Knowledge) -> list[Fact]:
    """The facts of a run, in order, with those fields of `listing.*` and `pricing.*` settled that need several files.

    `roots` says which product's folder a path lies in.
    """
    return settle_notebooks(settle_trust(_Settling(facts, roots, tree, knowledge).result(), knowledge), tree)


class _Settling:
    def __init__(self, facts: list[Fact], roots: Mapping[str, str | None], tree: Tree, knowledge: Knowledge) -> None:
        self.facts, self.roots, self.tree, self.knowledge = facts, roots, tree, knowledge
        self.of: dict[str, list[Fact]] = defaultdict(list)
        for fact in facts:
            if fact.kind.startswith(("listing.", "pricing.")):
                self.of[fact.kind].append(fact)
        self.requests = requests_of(facts, roots)
        self.sets = {fact["change_set"]: fact for fact in self.of["listing.change_set"]}
        self.products = {_change(fact): fact["product"] for fact in self.of["listing.version"]}
        self.resources = {fact["option"]: fact for fact in self.of["listing.arn"] if fact["role"] != "access_role"}
        self.meant: dict[tuple[str, str, str | None], Sold | None] = {}
        self.sells = {fact["option"]: fact["sells"] for fact in self.of["listing.delivery_option"]}
        self.options = {fact["option"]: self.option(fact) for fact in self.of["listing.delivery_option"]}
        self.sold_in: dict[str, list[Fact]] = defaultdict(list)
        for fact in self.of["listing.delivery_option"]:
            self.sold_in[fact["change_set"]].append(fact)
        self.sold_below: dict[str | None, list[Fact]] = defaultdict(list)
        for fact in self.of["listing.delivery_option"]:
            self.sold_below[self.root(fact)].append(fact)
        self.known_prices: dict[Any, tuple[str, Sold | None]] = {}
        self.covered: dict[str | None, tuple[dict[str, set[str]], bool] | None] = {}
        self.counts = self.repetitions()
        samples = [fact for fact in self.of["listing.link"] if fact["role"] == "sample"]
        self.linked = {entry.path for fact in samples if (entry := self.linked_file(fact))}

    def result(self) -> list[Fact]:
        settle = {
            "listing.version": self.version,
            "listing.delivery_option": self.delivery_option,
            "listing.arn": self.arn,
            "listing.link": self.link,
            "listing.instance_type": self.instance_type,
            "listing.sample": self.sample,
            "listing.text": self.text,
            "pricing.offer": self.offer,
            "pricing.rate": self.rate,
            "pricing.term": self.term,
            "iam.policy": self.policy,
            "data.file": self.data_file,
            "manifest.model_package": self.created,
            "manifest.algorithm": self.created,
        }
        facts = [fact for fact in self.facts if not self.is_not_for_sale(fact)]
        return [fact.with_fields(**settle[fact.kind](fact)) if fact.kind in settle else fact for fact in facts]

    def is_not_for_sale(self, fact: Fact) -> bool:
        """Whether a text in a file of its own lies in no product that is listed or created for AWS Marketplace."""
        if fact.kind not in ("listing.text", "listing.value") or fact["change_set"]:
            return False
        return not self.for_sale(fact)

    def for_sale(self, fact: Fact) -> bool:
        root = self.root(fact)
        return bool(self.sold_below[root]) or any(request.root == root for request in self.requests)

    def data_file(self, fact: Fact) -> dict[str, Any]:
        return {"for_sale": YES if fact["path"] in self.linked or self.for_sale(fact) else UNKNOWN}

    def root(self, fact: Fact) -> str | None:
        return self.roots.get(fact.location.path)

    # --- which request

    def option(self, option: Fact) -> Sold | None:
        """The request that creates what a delivery option delivers."""
        resource = self.resources.get(option["option"])
        name = resource["name"] if resource else UNKNOWN
        kind = option["sells"] if option["sells"] in (ALGORITHM, PACKAGE) else UNKNOWN
        key = (name, kind, self.root(option))
        if key not in self.meant:
            self.meant[key] = meant(self.requests, *key, products=len(set(self.products.values())))
        return self.meant[key]

    def priced(self, fact: Fact) -> tuple[str, Sold | None]:
        """What the prices of a change set are for: algorithm, model_package or unknown, and the request of it."""
        here = fact["change_set"] if fact["change_set"] in self.sold_in else (self.root(fact),)
        if here not in self.known_prices:
            self.known_prices[here] = self.priced_in(self.sold_in.get(fact["change_set"]), self.root(fact))
        return self.known_prices[here]

    def priced_in(self, options: list[Fact] | None, root: str | None) -> tuple[str, Sold | None]:
        """The same for the delivery options of a change set; without any, those of the product's other change sets."""
        if options is None:
            options = self.sold_below[root]
            if not options:
                request = meant(self.requests, UNKNOWN, UNKNOWN, root, products=0)
                return (request.kind if request else UNKNOWN), request
            if len({self.products.get(_change(option)) for option in options}) > 1:
                options = []
        kinds = {option["sells"] for option in options}
        kind = next(iter(kinds)) if len(kinds) == 1 else UNKNOWN
        requests = [self.options[option["option"]] for option in options]
        request = requests[0] if requests and all(each is requests[0] for each in requests) else None
        return (kind if kind in (ALGORITHM, PACKAGE) else UNKNOWN), request

    def created(self, fact: Fact) -> dict[str, Any]:
        """Whether a listing names what a request creates."""
        kind = KINDS[fact.kind]
        names = {one["name"] for option, one in self.resources.items() if self.sells.get(option) == kind}
        return {"listed": YES if fact["name"] in names - {None, UNKNOWN} else UNKNOWN}

    # --- listing

    def repetitions(self) -> Counter[tuple[str, ...]]:
        """How often each title, resource and usage text of a product is added as a version."""
        counts: Counter[tuple[str, ...]] = Counter()
        for kind in ("listing.version", "listing.arn", "listing.text"):
            counts.update(key for fact in self.of[kind] if (key := self.key(fact)))
        return counts

    def key(self, fact: Fact) -> tuple[str, ...] | None:
        """What must be new in each version of a product; None where it is not known, or is nothing of the kind."""
        product = self.products.get(_change(fact))
        if fact["change_type"] != _ADDS or not product or product == UNKNOWN:
            return None
        owner = f"{fact['change_set']} {product}" if product.startswith("$") else product
        if fact.kind == "listing.version":
            value = fact["title"]
        elif fact.kind == "listing.arn":
            value = fact["text"] if fact["role"] != "access_role" else None
        else:
            value = fact["digest"] if fact["role"] == "usage" else None
        return (fact.kind, owner, value) if value not in (None, UNKNOWN) else None

    def repeated(self, fact: Fact) -> str:
        key = self.key(fact)
        return UNKNOWN if key is None else YES if self.counts[key] > 1 else NO

    def version(self, fact: Fact) -> dict[str, Any]:
        return {"title_repeated": self.repeated(fact)}

    def arn(self, fact: Fact) -> dict[str, Any]:
        return {"repeated": self.repeated(fact)}

    def delivery_option(self, fact: Fact) -> dict[str, Any]:
        request = self.options[fact["option"]]
        return {
            "manifest": request.request_id if request else None,
            "manifest_kind": request.kind if request else None,
            "new_types": self.new_types(fact, request),
        }

    def new_types(self, option: Fact, request: Sold | None) -> list[str] | str:
        """Supported types that no price of the product's other change sets covers."""
        here = self.sets.get(option["change_set"])
        if request is None or option["update"] or here is None or here["prices"]:
            return UNKNOWN
        root = self.root(option)
        if root not in self.covered:
            self.covered[root] = self.prices_below(root)
        covered = self.covered[root]
        return _unpriced(request, *covered) if covered else UNKNOWN

    def prices_below(self, root: str | None) -> tuple[dict[str, set[str]], bool] | None:
        """The instance types that any change set of a product has prices for; None where not all is known."""
        offers = [fact for fact in self.of["pricing.offer"] if self.root(fact) == root]
        if not offers or not all(fact["complete"] and fact["model"] == "Usage" for fact in offers):
            return None
        priced = {mode: {each for fact in offers for each in fact[mode]} for mode in _MODES}
        return priced, any(fact["per_request"] for fact in offers)

    def link(self, fact: Fact) -> dict[str, Any]:
        if fact["role"] != "sample":
            return {}
        request, entry = self.options.get(fact["option"]), self.linked_file(fact)
        size = {"file_bytes": entry.size} if entry else {}
        if request is None:
            return size
        is_input = "/SampleInput/" in fact["pointer"]
        declared = request.media_types("content_types" if is_input else "response_types")
        return {**size, "type_declared": _extension_declared(fact["extension"], declared, self.knowledge)}

    def linked_file(self, link: Fact) -> Entry | None:
        """The file of this tree that a link to a code host leads to: `/owner/repository/blob/branch/path`."""
        at = _PATH_AT.get(link["host_kind"])
        if at is None:
            return None
        parts = unquote(urlsplit(link["url"]).path).strip("/").split("/")
        if at >= len(parts) or ".." in parts:
            return None
        entry = self.tree.entry("/".join(parts[at:]))
        return entry if entry and entry.kind == "file" else None

    def instance_type(self, fact: Fact) -> dict[str, Any]:
        request = self.options.get(fact["option"])
        types = request.types(fact["list"]) if request else UNKNOWN
        supported = UNKNOWN
        if types != UNKNOWN and fact["value"] != UNKNOWN:
            supported = YES if fact["value"] in types else NO
        return {"supported": supported, "supported_types": types}

    def sample(self, fact: Fact) -> dict[str, Any]:
        request = self.options.get(fact["option"])
        return {f"{mode}_supported": _any(request, mode) for mode in ("realtime", "transform")}

    def text(self, fact: Fact) -> dict[str, Any]:
        if fact["role"] != "usage":
            return {}
        changes: dict[str, Any] = {"repeated": self.repeated(fact)}
        sells = fact["sells"]
        if fact["change_set"]:
            request = self.options.get(fact["option"])
        else:
            request = meant(self.requests, UNKNOWN, UNKNOWN, self.root(fact), products=len(set(self.products.values())))
            sells = changes["sells"] = request.kind if request else UNKNOWN
            if sells != ALGORITHM:
                changes["topics_missing"] = []
        if request is None:
            return changes
        types, names = request.media_types("content_types"), request.parameters()
        if isinstance(types, list):
            plain = [each for each in types if "*" not in each]
            changes["content_types_missing"] = [each for each in plain if each not in fact["media_types"]]
        if sells == ALGORITHM and isinstance(names, list):
            changes["hyperparameters_missing"] = [name for name in names if name not in fact["words"]]
        return changes

    def policy(self, _fact: Fact) -> dict[str, Any]:
        """A policy for publishing is about machine learning where something of that kind is listed or created."""
        products = {fact["product"] for fact in self.of["listing.change_set"]}
        ours = "machine_learning" in products or (self.requests and "other" not in products)
        return {"for_listing": YES if ours else UNKNOWN}

    # --- pricing

    def offer(self, fact: Fact) -> dict[str, Any]:
        kind, request = self.priced(fact)
        here = self.sets.get(fact["change_set"])
        new = UNKNOWN if here is None else YES if here["creates_product"] and here["adds_version"] else NO
        unpriced: list[str] | str = UNKNOWN
        if request and fact["complete"] and fact["model"] == "Usage" and "UsageBasedPricingTerm" in fact["terms"]:
            unpriced = _unpriced(request, fact, fact["per_request"])
        manifest = request.request_id if request else None
        return {"sells": kind, "manifest": manifest, "new_product": new, "unpriced": unpriced}

    def rate(self, fact: Fact) -> dict[str, Any]:
        kind, request = self.priced(fact)
        types = request.types(fact["mode"]) if request and fact["form"] == "hourly" else UNKNOWN
        supported = UNKNOWN if types == UNKNOWN else YES if fact["instance_type"] in types else NO
        return {"sells": kind, "supported": supported}

    def term(self, fact: Fact) -> dict[str, Any]:
        here = self.sets.get(fact["change_set"])
        return {"sells": self.priced(fact)[0], "offer": here["offer"] if here else UNKNOWN}


def _change(fact: Fact) -> tuple[str, str]:
    """The change that a fact stands in: the version's details hold the option and all below it."""
    return fact["change_set"], fact["pointer"].partition("/DeliveryOptions")[0]


def _unpriced(request: Sold, priced: Any, per_request: bool) -> list[str] | str:
    """The supported types that have no price, each with its use."""
    found: list[str] = []
    for mode in _MODES:
        types = request.types(mode)
        if types == UNKNOWN:
            return UNKNOWN
        if mode == "realtime" and per_request:
            continue
        found += [f"{each} ({_MODE_NAMES[mode]})" for each in types if each not in priced[mode]]
    return found


def _any(request: Sold | None, mode: str) -> str:
    types: Sequence[str] | str = request.types(mode) if request else UNKNOWN
    return UNKNOWN if types == UNKNOWN else YES if types else NO


def _extension_declared(extension: str | None, declared: Any, knowledge: Knowledge) -> str:
    """Whether a file's extension stands for a declared media type; unknown when either is not known."""
    table: dict[str, list[str]] = knowledge.get("listing.extensions")
    if not isinstance(declared, list) or not declared or extension not in table:
        return UNKNOWN
    known = {each for types in table.values() for each in types}
    if any("*" in each or each not in known for each in declared):
        return UNKNOWN
    return YES if set(table[str(extension)]) & set(declared) else NO
