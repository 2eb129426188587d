"""Who made a model: training with somebody else's algorithm, and models that somebody else offers.

A value that only a run would tell can still say what it came out of. A call that trains or takes such a model marks
what it gives with a `Maker`, and the mark stays on what is read from that: `estimator.model_data`, the answer that
describes a job, a text with either in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.evaluate.text import Maker, Text
from linter.evaluate.values import Dict, List, PathText, Scalar, Unknown, same
from linter.references import READ_AT_MOST
from linter.references.arn import account_of, parse_arn
from linter.references.image import parse_image
from linter.references.owners import aws_group, open_framework

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from linter.evaluate.functions import Given
    from linter.knowledge import Knowledge

BUILTIN, MARKETPLACE, HUB = "builtin_algorithm", "marketplace_algorithm", "hub"
_MOST_JOBS = 30
"""Jobs that one program starts by name; of programs that start more, none is told from the others."""
_MOST_PIECES = 20
"""Parts of a job's name."""
_MOST_SHARED = 1_000
"""Jobs of all programs of a run."""


class Jobs:
    """What programs of one run train, by what other programs may name it: the job, and where its model lies then."""

    def __init__(self) -> None:
        self.named: dict[str, Maker | None] = {}
        self.outputs: dict[str, Maker] = {}

    def add(self, name: str, maker: Maker | None) -> None:
        """Note a job. Of two with one name, both must have the same maker."""
        known = self.named.get(name, maker)
        same_kind = known is not None and maker is not None and known.kind == maker.kind
        if name in self.named or len(self.named) < _MOST_SHARED:
            self.named[name] = maker if same_kind else None


class Makers:
    """The calls of one evaluation that train or take models, by the table `request_calls.makers`."""

    def __init__(self, knowledge: Knowledge, shared: Jobs | None = None) -> None:
        self.knowledge = knowledge
        self.shared = shared or Jobs()
        self.table: Mapping[str, Any] = knowledge.get("request_calls.makers")
        self.roots = frozenset(knowledge.get("request_calls.roots"))
        self.builtin: Mapping[str, str] = knowledge.get("request_calls.builtin_classes")
        self.kept = frozenset(self.table["kept"])
        self.jobs: list[tuple[Any, Maker | None]] = []
        """Names of training jobs that were started, and what trains in them."""

    def of_attribute(self, owner: Any, name: str) -> Maker | None:
        """The mark of an attribute: not all that belongs to a training job is its model."""
        if name in self.table["names"]:  # other things are named after a model too, such as the seller's own bucket
            path = str(owner.path) if isinstance(owner, Unknown) else ""
            return maker_of(owner) if path.rpartition(".")[2] in self.table["jobs"] else None
        return maker_of(owner) if name in self.kept else None

    def of_call(self, target: Any, given: Given) -> Maker | None:
        """The mark of what a call gives; None when it trains or takes nothing that is known to be another's."""
        path = target.path if isinstance(target, Unknown) else None
        if path is None:
            return self._by_method(target, given)
        name = path.rpartition(".")[2]
        if path in self.table["readers"]:
            return maker_of(given.arg(0))
        if path.partition(".")[0].removesuffix("()") not in self.roots:
            return None
        if "()" in path:
            return self._by_method(target, given)
        if path in self.table["hub_calls"]:
            return self._of_hub(given)
        return self._by_class(path, name, given) or self._attached(path, given)

    # --- classes of the SDK

    def _by_class(self, path: str, name: str, given: Given) -> Maker | None:
        if path.partition(".")[0] not in self.table["packages"] or given.named.open or given.more:
            return None
        if name in self.builtin:
            return Maker(BUILTIN, self.builtin[name], given.place)
        if name in self.table["hub_classes"]:
            return self._of_hub(given)
        if name in self.table["wrappers"]:
            return _of_any(argument(given, self.table["wrappers"][name]))
        entry = self.table["classes"].get(name)
        if entry is None:
            return None
        for member in entry.get("models", ()):
            found = maker_of(given.named.items.get(member))
            if found is not None:
                return found
        settings = argument(given, entry.get("hyperparameters", ()))
        is_script = any(_is_given(given.named.items.get(each)) for each in entry.get("script", ()))
        algorithm = self._of_algorithm(argument(given, entry.get("algorithm", ())), given)
        return algorithm or self._of_image(argument(given, entry.get("image", ())), settings, is_script, given)

    def _attached(self, path: str, given: Given) -> Maker | None:
        """An estimator that is made from a job which ran before: `KMeans.attach(…)`."""
        owner, _, method = path.rpartition(".")
        job = self.table["attaches"].get(method)
        if job is None:
            return None
        name = self.builtin.get(owner.rpartition(".")[2])
        return Maker(BUILTIN, name, given.place) if name is not None else self._described(argument(given, job))

    def _of_content(self, given: Given, members: Mapping[str, str]) -> Maker | None:
        """What SageMaker's public hub says about a model."""
        hub, model = given.named.items.get(members["hub"]), given.named.items.get(members["model"])
        if not isinstance(hub, Text) or hub.value != self.table["public_hub"]:
            return None
        return Maker(HUB, model.value if isinstance(model, Text) and model.value else "unknown", given.place)

    def _of_hub(self, given: Given) -> Maker | None:
        """A model of SageMaker's public hub. What lies in a hub of one's own may be one's own."""
        hub = given.named.items.get("hub_name", Scalar(None))
        model = argument(given, self.table["hub_model"])
        is_public = isinstance(hub, Text) and hub.value == self.table["public_hub"]
        if _is_given(hub) and not is_public:
            return None
        if given.named.open or not _is_given(model):
            return None
        return Maker(HUB, model.value if isinstance(model, Text) and model.value else "unknown", given.place)

    # --- requests of boto3

    def _by_method(self, target: Any, given: Given) -> Maker | None:
        method = _method_of(target)
        if method in self.table["hub_documents"]:
            return self._of_content(given, self.table["hub_documents"][method])
        job = argument(given, self.table["fits"].get(method, ()))
        if job is not None:
            estimator = getattr(target, "source", None)
            made = getattr(getattr(estimator, "source", None), "named", None)
            output = made.items.get(self.table["output"]) if isinstance(made, Dict) else None
            self._note(job, maker_of(estimator), output)
        member = self.table["starts"].get(method)
        if member is not None:
            self._start(given, member)
            return None
        member = self.table["describes"].get(method)
        if member is not None:
            return self._described(given.named.items.get(member))
        if given.named.open or not given.named.items.keys().isdisjoint(self.table["images"]):
            return None
        return maker_of(target)

    def _start(self, given: Given, member: str) -> None:
        specification = given.named.items.get("AlgorithmSpecification")
        maker = None
        if isinstance(specification, Dict) and not specification.open and not given.named.open:
            maker = self._of_algorithm(specification.items.get("AlgorithmName"), given)
            settings = given.named.items.get("HyperParameters")
            maker = maker or self._of_image(specification.items.get("TrainingImage"), settings, False, given)
        output = given.named.items.get("OutputDataConfig")
        place = output.items.get("S3OutputPath") if isinstance(output, Dict) else None
        self._note(given.named.items.get(member), maker, place)

    def _note(self, name: Any, maker: Maker | None, output: Any) -> None:
        """Note a job with the place that its model goes below: `OUTPUT/JOB/output/model.tar.gz`."""
        is_name = isinstance(name, Unknown) or (isinstance(name, Text) and len(name.pieces) <= _MOST_PIECES)
        if is_name and len(self.jobs) <= _MOST_JOBS:
            self.jobs.append((name, maker))
        if isinstance(name, Text) and name.known and name.flat:
            self.shared.add(name.flat, maker)
            if maker is not None and isinstance(output, Text) and output.known and len(output.flat) <= READ_AT_MOST:
                place = f"{output.flat.rstrip('/')}/{name.flat}/{self.table['model_of_job']}"
                self.shared.outputs.setdefault(place, maker)

    def _described(self, name: Any) -> Maker | None:
        """What trained in a job, by the value of its name. Of two jobs with one name, both must have the same."""
        if maker_of(name) is not None:
            return maker_of(name)
        if len(self.jobs) > _MOST_JOBS:
            return None
        found = [maker for started, maker in self.jobs if same(started, name)]
        if not found and isinstance(name, Text) and name.known:
            return self.shared.named.get(name.flat)
        kinds = {maker.kind if maker is not None else None for maker in found}
        return found[-1] if len(kinds) == 1 else None

    # --- images and algorithms

    def _of_image(self, image: Any, settings: Any, is_script: bool, given: Given) -> Maker | None:
        """Training in the image of a built-in algorithm. Some of these images also run a script of the seller."""
        if maker_of(image) is not None:
            return maker_of(image)
        if not isinstance(image, Text) or len(image.flat) > READ_AT_MOST:
            return None
        parts = [f"${{{piece.unknown}}}" if piece.unknown else piece.text for piece in image.pieces]
        parsed = parse_image("".join(parts))
        if aws_group(parsed, self.knowledge) != BUILTIN or parsed.repository is None:
            return None
        if open_framework(parsed, self.knowledge) and (is_script or self._may_run_script(settings)):
            return None
        return Maker(BUILTIN, parsed.repository, given.place)

    def _may_run_script(self, settings: Any) -> bool:
        if not _is_given(settings):
            return False
        known = isinstance(settings, Dict) and not settings.open
        return not known or not settings.items.keys().isdisjoint(self.table["script_settings"])

    def _of_algorithm(self, name: Any, given: Given) -> Maker | None:
        """Training with an algorithm that AWS Marketplace sells, by the account in its ARN."""
        if maker_of(name) is not None:
            return maker_of(name)
        arn = parse_arn(name.flat) if isinstance(name, Text) and name.known else None
        sellers = self.knowledge.get("registries.marketplace_product_accounts").values()
        if arn is None or account_of(arn) not in sellers:
            return None
        return Maker(MARKETPLACE, arn.resource or "unknown", given.place)


def maker_of(value: Any) -> Maker | None:
    """The mark of a value; None when it has none."""
    if isinstance(value, PathText):
        value = value.text
    return value.maker if isinstance(value, Unknown | Text) else None


def _of_any(value: Any) -> Maker | None:
    """The mark of a value, or of one of a list: a pipeline is somebody else's when one of its models is."""
    if isinstance(value, List):
        return next((maker for maker in map(maker_of, value.items) if maker is not None), None)
    return maker_of(value)


def argument(given: Given, names: Sequence[int | str]) -> Any:
    """An argument that has several names over the versions of a library, and perhaps a number."""
    for name in names:
        found = given.arg(name) if isinstance(name, int) else given.named.items.get(name)
        if found is not None:
            return found
    return None


def _is_given(value: Any) -> bool:
    return value is not None and not (isinstance(value, Scalar) and value.value is None)


def _method_of(target: Any) -> str:
    path = target.path or target.name if isinstance(target, Unknown) else ""
    return str(path).rpartition(".")[2]
