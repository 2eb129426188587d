"""The programs of a product against what it declares, and against each other: channels, hyperparameters, models.

Absence counts only where every program of the role is in sight, and where none of them leaves it open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.assemble.places import CHANNEL, INPUT, INPUT_CONFIG, INPUT_DATA, MODEL, OUTPUT, RESERVED, Places
from linter.assemble.python.roles import BOTH, INFERENCE, TRAINING
from linter.model import CONFIGURATION, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from linter.knowledge import Knowledge
    from linter.model import Fact

YES, NO = "yes", "no"
_BY_PLACE, _BY_NUMBER = ("argv", "argc", "case"), "argc"
"""Forms that look at the first argument alone, and the one that counts them."""
_LINKED = (MODEL, INPUT_DATA, INPUT_CONFIG, INPUT, OUTPUT, CHANNEL, RESERVED)


def settle_programs(facts: Sequence[Fact], knowledge: Knowledge) -> list[Fact]:
    """All facts of a product, those about files, arguments, hyperparameters and declared training joined."""
    product = _Product(facts, knowledge)
    return [_SETTLERS[fact.kind](product, fact) if fact.kind in _SETTLERS else fact for fact in facts]


class _Product:
    """What the programs do and what the requests declare."""

    def __init__(self, facts: Sequence[Fact], knowledge: Knowledge) -> None:
        table = knowledge.get("file_calls")
        self.places = Places(knowledge)
        self.formats = frozenset(table["model_formats"])
        self.reads_also: Mapping[str, Sequence[str]] = table["reads_also"]
        self.start_names: Mapping[str, str] = knowledge.get("container.start_programs")
        listing = (name.lower() for name in knowledge.get("container.input_files"))
        self.input_list = frozenset(name for name in listing if "data" in name)
        made = [fact for fact in facts if fact.kind == "file.access" and fact["mode"] in ("write", "make", UNKNOWN)]
        self.made = {str(fact["path"]) for fact in (self._placed(each) for each in made)} - {UNKNOWN}
        self.linked = any(self._links(fact) for fact in facts if fact.kind == "dockerfile.command")
        scripts = [fact for fact in facts if fact.kind == "file.access" and fact["language"] == "shell"]
        self.named_by_scripts = {
            self.places.of(fact["argument"]).place for fact in scripts if fact["role"] in (TRAINING, BOTH)
        }
        contracts = [self.contract(fact) for fact in facts if fact.kind == "program.contract"]
        self.training = [fact for fact in contracts if fact["role"] == TRAINING]
        files = [fact for fact in facts if fact.kind == "file.access"]
        channels = [fact for fact in facts if fact.kind == "manifest.channel" and fact["marketplace"] != NO]
        names = [fact["name"] for fact in channels]
        self.channels = None if UNKNOWN in names or None in names or not names else sorted(set(names))
        parameters = [fact["name"] for fact in facts if fact.kind == "manifest.hyperparameter"]
        self.hyperparameters = None if UNKNOWN in parameters or not parameters else set(parameters)
        self.training_in_sight = bool(self.training) and all(fact["in_sight"] == YES for fact in self.training)
        used = [self._placed(fact) for fact in files if fact["role"] in (TRAINING, BOTH)]
        self.used_channels = {str(fact["channel"]).lower() for fact in used if fact["channel"] is not None}
        self.opens_any_channel = any(fact["place"] == INPUT_DATA and fact["mode"] != "mention" for fact in used)
        self.opens_any_channel |= any(
            fact["place"] == INPUT_CONFIG and str(fact["name"]).lower() in self.input_list for fact in used
        )
        self.written = [fact for fact in used if fact["mode"] == "write" and fact["place"] == MODEL]
        self.writes_open = any(fact["mode"] in ("write", UNKNOWN) and fact["place"] == UNKNOWN for fact in used)
        images = [fact for fact in facts if fact.kind == "image.start"]
        self.images = {fact["program_file"]: fact for fact in images if fact["program_file"]}

    def _links(self, command: Fact) -> bool:
        """Whether a step of the build links a folder of the platform: then it has other names as well."""
        return command["program"] == "ln" and any(
            word.startswith("/") and self.places.of(word).place in _LINKED for word in command["arguments"]
        )

    def contract(self, fact: Fact) -> Fact:
        if fact["role"] == TRAINING and self.named_by_scripts:
            fact = fact.with_fields(places=sorted({*fact["places"], *self.named_by_scripts}))
        return fact.with_fields(in_sight=NO) if self.linked else fact

    # --- files

    def file(self, fact: Fact) -> Fact:
        fact = self._placed(fact)
        if fact["in_image"] == NO and self._makes(fact["path"]):
            fact = fact.with_fields(in_image=UNKNOWN)
        if fact["place"] == CHANNEL and fact["role"] in (TRAINING, UNKNOWN):
            return fact.with_fields(
                channel_declared=self._declares(fact["channel"]), declared_channels=self.channels or []
            )
        if fact["mode"] == "write" and fact["role"] == TRAINING:
            return fact.with_fields(model_folder_used=self._uses_model_folder())
        if fact["mode"] == "read" and fact["place"] == MODEL and fact["role"] == INFERENCE:
            return fact.with_fields(**self._exchanged(fact))
        return fact

    def _makes(self, path: str) -> bool:
        """Whether some program of the product writes a file, a folder above it, or something that is not known."""
        return any(path == each or path.startswith(f"{each}/") for each in self.made)

    def _placed(self, fact: Fact) -> Fact:
        """A use of a file by a script with what its path is to the platform."""
        if fact["language"] != "shell" or fact["place"] != UNKNOWN:
            return fact
        place = self.places.of(fact["argument"])
        return fact.with_fields(path=place.path, name=place.name, place=place.place, channel=place.channel)

    def _declares(self, channel: str | None) -> str:
        """Whether a channel is declared. The toolkit's variables have it in capitals, pipes with a number behind it."""
        if self.channels is None or channel in (None, UNKNOWN):
            return UNKNOWN
        known = {name.lower() for name in self.channels} | {name.lower().replace("-", "_") for name in self.channels}
        bare = str(channel).lower()
        return YES if bare in known or bare.rpartition("_")[0] in known or bare.rpartition("-")[0] in known else NO

    def _uses_model_folder(self) -> str:
        if any(MODEL in fact["places"] for fact in self.training):
            return YES
        return NO if self.training_in_sight and not self.writes_open else UNKNOWN

    def _exchanged(self, fact: Fact) -> dict[str, Any]:
        """Whether training writes what inference reads, under that name and in that form."""
        if not self.written or not self.training_in_sight:
            return {}
        names = {each["name"] for each in self.written}
        same = [each for each in self.written if each["name"] == fact["name"] != UNKNOWN]
        if same:
            formats = {each["format"] for each in same if each["format"] in self.formats}
            return {"written_by_training": YES, "written_names": sorted(names)} | self._format(fact["format"], formats)
        settled = UNKNOWN in names or self.writes_open or fact["name"] == UNKNOWN or fact["path"] == UNKNOWN
        settled = settled or any(_holds(fact["path"], each["path"]) for each in self.written)
        return {"written_by_training": UNKNOWN if settled else NO, "written_names": sorted(names - {UNKNOWN})}

    def _format(self, read: str | None, written: set[str]) -> dict[str, Any]:
        if read not in self.formats or len(written) != 1:
            return {}
        (only,) = written
        fits = only == read or only in self.reads_also.get(str(read), ())
        return {"written_format": only, "format_fits": YES if fits else NO}

    # --- what is declared

    def channel(self, fact: Fact) -> Fact:
        if fact["marketplace"] == NO or not self.training:
            return fact
        read = self._reads(fact["name"])
        pipes = {each["reads_pipes"] for each in self.training}
        opens = any(each["opens_channels"] for each in self.training)
        certain = self.training_in_sight and opens and not any(each["toolkit"] == YES for each in self.training)
        return fact.with_fields(read_in_code=read, code_reads_pipes=YES if YES in pipes else NO if certain else UNKNOWN)

    def _reads(self, name: str | None) -> str:
        if name in (None, UNKNOWN):
            return UNKNOWN
        bare = str(name).lower()
        forms = {bare, bare.replace("-", "_"), f"{bare}_0", f"{bare}_1", f"{bare}_…"}
        if forms & self.used_channels:
            return YES
        open_ = UNKNOWN in self.used_channels or self.opens_any_channel or not self.used_channels
        return NO if self.training_in_sight and not open_ else UNKNOWN

    def specification(self, fact: Fact) -> Fact:
        if not self.training:
            return fact
        if any(each["reads_hosts"] == YES for each in self.training):
            fact = fact.with_fields(code_reads_hosts=YES)
        if any(each["uses_hosts"] == YES for each in self.training):
            return fact.with_fields(code_uses_hosts=YES)
        certain = self.training_in_sight and not any(each["toolkit"] == YES for each in self.training)
        return fact.with_fields(code_uses_hosts=NO if certain else UNKNOWN)

    def hyperparameter(self, fact: Fact) -> Fact:
        if self.hyperparameters is None:
            return fact
        return fact.with_fields(declared=YES if fact["name"] in self.hyperparameters else NO)

    # --- arguments

    def argument(self, fact: Fact) -> Fact:
        """Whether the program is the one that the image appends its argument to, and whether it refuses that."""
        image = self.images.get(fact.location.path)
        if image is None or image["entrypoint_form"] != "exec" or image["argument_bound"]:
            return fact
        wanted = self.start_names.get(fact["role"] if fact["role"] != UNKNOWN else image["role"])
        words = set(self.start_names.values()) if wanted is None else {wanted}
        # What an image of unknown role is for only its user knows, who names the built ones that belong to the product.
        if wanted is None and not image["dockerfile"].endswith(f"/{CONFIGURATION}"):
            return fact
        if fact["form"] in _BY_PLACE and not _is_first_argument(image, alone=fact["form"] == _BY_NUMBER):
            return fact
        accepted = fact["accepted"]
        # An image whose role is not known is given one of the words, and so must take one of them.
        rejected = UNKNOWN if accepted == UNKNOWN else NO if accepted is None or words & {*accepted} else YES
        return fact.with_fields(given=wanted or self.start_names[INFERENCE], rejected=rejected)


def _holds(read: str, written: str) -> bool:
    """Whether one of two paths lies below the other: a folder that is written or read whole may hold anything."""
    return written.startswith(f"{read}/") or read.startswith(f"{written}/")


def _is_first_argument(image: Fact, *, alone: bool = False) -> bool:
    """Whether the word that SageMaker appends is the first argument of the program; `alone`: its only one."""
    words = image["entrypoint"] if isinstance(image["entrypoint"], list) else []
    at = next((number for number, word in enumerate(words) if word.rpartition("/")[2] == image["program"]), len(words))
    script = str(image["program_file"]).rpartition("/")[2]
    behind = words[at + 1 :]
    starts = next((number for number, word in enumerate(behind) if word.rpartition("/")[2] == script), None)
    if alone and starts is not None:
        return not behind[starts + 1 :]
    behind = [word for word in behind if alone or not word.startswith("-")]
    return not (behind[1:] if behind and behind[0].rpartition("/")[2] == script else behind)


_SETTLERS = {
    "program.contract": _Product.contract,
    "file.access": _Product.file,
    "manifest.channel": _Product.channel,
    "manifest.training": _Product.specification,
    "hyperparameter.read": _Product.hyperparameter,
    "program.argument": _Product.argument,
}
