"""How an image starts at the buyer's: `docker run IMAGE serve` and `docker run IMAGE train`."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from linter.assemble.bases import base_brings, form_of, inherited
from linter.assemble.build import ABSENT, FOUND, Build, Origin
from linter.assemble.interpreted import FILE, MODULE, told
from linter.assemble.purpose import ports_of, purpose_of, supports_gpu
from linter.model import UNKNOWN, Fact, Span
from linter.references.shells import SHELL_PROGRAMS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from linter.knowledge import Knowledge

YES, NO = "yes", "no"
MISSING = "missing"
_ROLES = {"train": "training", "serve": "inference"}


@dataclass(slots=True, eq=False)
class Start:
    """One image and what its start reaches: path of a started file -> the name it is started by."""

    image: Fact
    build: Build
    usual_path: frozenset[str]
    started: dict[str, str] = field(default_factory=dict)
    image_paths: dict[str, str] = field(default_factory=dict)
    direct: set[str] = field(default_factory=set)
    """Started files that the kernel runs itself, so that they need the execute bit and an interpreter line."""
    arguments: dict[str, frozenset[str]] = field(default_factory=dict)
    """The words, one of which a started file gets as its first argument, where they are known."""
    called: set[str] = field(default_factory=set)
    """Started files that another one runs on its way: when they end, the container does not."""
    idle: set[tuple[str, str]] = field(default_factory=set)
    """Functions of started scripts, by script and name, that no started script mentions outside of them."""
    run_by_code: dict[str, str] = field(default_factory=dict)
    """Scripts that the product's own code runs, as the image starts it; known once the code was followed."""

    @property
    def stage(self) -> int:
        return int(self.image["stage"])

    def on_path(self, name: str) -> Origin:
        """Where the program that PATH finds under a name comes from."""
        uncertain = False
        for folder in self.image["path_entries"]:
            if folder == UNKNOWN:
                continue
            origin = self.build.locate(posixpath.join(folder, name), self.stage)
            if origin.state == FOUND:
                self.note(origin, posixpath.join(folder, name))
                return origin
            # A folder that PATH names and nothing fills is filled in a way that the Dockerfile does not show.
            added = folder in self.added_to_path and not self.build.whole
            uncertain = uncertain or origin.state == UNKNOWN or (added and not self.build.fills(folder, self.stage))
        return Origin(UNKNOWN if uncertain else ABSENT)

    def note(self, origin: Origin, image_path: str) -> None:
        """Remember where in the image a file of the product lies."""
        if origin.path:
            self.image_paths.setdefault(origin.path, self.build.moves.itself(image_path, self.stage))

    def start_by_name(self, origins: Mapping[str, Origin]) -> None:
        """Without a program of its own, the image starts what PATH finds under SageMaker's argument."""
        for name, origin in origins.items():
            if origin.path:
                self.started[origin.path] = name
                self.direct.add(origin.path)

    def takes(self, script: str, command: Fact) -> bool:
        """Whether a command of a script may run, for all that is known of the script's functions and first argument."""
        if (script, command["in_function"]) in self.idle:
            return False
        tested, words = command["first_argument"], self.arguments.get(script)
        if tested is None or words is None:
            return tested is None or tested["only"] != []  # of no argument at all: it never runs in a container
        only = words if tested["only"] is None else tested["only"]
        return any(word in only and word not in tested["never"] for word in words)

    @property
    def added_to_path(self) -> list[str]:
        """Folders that the Dockerfile puts on PATH, beside those that every image has."""
        return [folder for folder in self.image["path_entries"] if folder not in (UNKNOWN, *self.usual_path)]


def image_start(start: Start, base: Fact | None, knowledge: Knowledge) -> Fact:
    """The `image.start` fact of an image; fills in which files of the product are started, and how."""
    image = start.image
    spans, effective = _start_instructions(start)
    form, taken = form_of(image["entrypoint_form"], base, knowledge), inherited(base, knowledge)
    words = _words(effective, image["entrypoint"])
    program = _program(words, knowledge)
    sought, found, target = _follow_entrypoint(start, words, knowledge)
    if target is not None and effective is not None and effective["form"] == "exec":
        start.arguments[target] = _first_arguments(words, target, knowledge)
    on_path = {name: start.on_path(name) for name in ("serve", "train")}
    brings = {name: base_brings(base, name, knowledge) for name in on_path}
    provided = {name: _provided(start, on_path[name], name, brings[name], knowledge) for name in on_path}
    if program is None:  # also behind an init wrapper alone: the argument names the program
        start.start_by_name(on_path)
    ports = ports_of(image)
    replaced = image["cmd"] and image["cmd"] not in (["serve"], ["train"])
    fields = {
        "dockerfile": image.location.path,
        "stage": image["stage"],
        "stage_name": image["stage_name"],
        "last": image["last"],
        "purpose": purpose_of(image, start.build, ports, YES in provided.values(), knowledge),
        "role": _bound_role(_bound(words), on_path, brings),
        "base": image["base"],
        "base_brings_start_program": YES if YES in brings.values() else brings["serve"],
        "entrypoint_form": form,
        "entrypoint": image["entrypoint"],
        "entrypoint_malformed": effective["malformed_exec"] if effective else None,
        "entrypoint_runs_shell": bool(effective and effective["runs_shell"]),
        "entrypoint_is_script": _is_script(words, knowledge),
        "cmd_form": form_of(image["cmd_form"], base, knowledge),
        "cmd": image["cmd"],
        "program": program,
        "program_sought": sought,
        "program_file": target,
        "program_found": found,
        "path_extended": bool(start.added_to_path),
        "serve_on_path": provided["serve"],
        "train_on_path": provided["train"],
        "rejects_argument": _rejects(words, knowledge),
        "argument_bound": _bound(words),
        "cmd_is_start_name": image["cmd"] in (["serve"], ["train"]),
        "cmd_supplies_arguments": bool(form == "exec" and program and replaced),
        "user": image["user"],
        "inherited_user": taken.get("user") if "user" not in spans else None,
        "inherited_wrapper": taken.get("wrapper") if "entrypoint" not in spans else None,
        "layers": image["layers"],
        "exposed": ports,
        "listens": UNKNOWN,
        "supports_gpu": supports_gpu(image, knowledge),
    }
    return Fact("image.start", image.location, fields, spans)


def _words(effective: Fact | None, entrypoint: list[str] | str | None) -> list[str]:
    """The words that an entry point runs. Of one that was meant as a list, the words that were meant."""
    if effective is None:
        return entrypoint if isinstance(entrypoint, list) else []
    if effective["malformed_exec"]:
        meant = (word.strip("[]\"',") for word in effective["words"])
        return [word for word in meant if word]
    return list(effective["words"])


def _start_instructions(start: Start) -> tuple[dict[str, Span], Fact | None]:
    """Where ENTRYPOINT, CMD and USER of the image stand, and the effective ENTRYPOINT."""
    spans: dict[str, Span] = {}
    entrypoint = None
    for fact in start.build.facts:
        if fact.kind not in ("dockerfile.start", "dockerfile.user") or start.stage not in fact["images"]:
            continue
        if fact.kind == "dockerfile.user":
            spans["user"] = fact.location.span
        else:
            spans[fact["instruction"].lower()] = fact.location.span
            if fact["instruction"] == "ENTRYPOINT":
                entrypoint = fact
    return spans, entrypoint


def _provided(start: Start, origin: Origin, name: str, brings: str, knowledge: Knowledge) -> str:
    """Whether PATH finds a program under a name: copied, brought by the base, or installed with a package."""
    if origin.state == FOUND or brings == YES:
        return YES
    installed = _installed(start, name, knowledge)
    if installed == YES:
        return YES
    return UNKNOWN if UNKNOWN in (origin.state, brings, installed) else NO


def _installed(start: Start, name: str, knowledge: Knowledge) -> str:
    """Whether a pip step installs a package that brings the program; a requirements file might."""
    if not start.build.installs.packages(start.stage).isdisjoint(knowledge.get(f"container.{name}_distributions")):
        return YES
    toolkit = knowledge.get(f"container.{name}_toolkit_variables")
    if start.build.installs.own_code(start.stage) and not start.image["env"].keys().isdisjoint(toolkit):
        return YES  # a package of its own, which brings the toolkit that the variable speaks to
    words = [word for step in start.build.installs.pip_steps(start.stage) for word in step["arguments"]]
    named = any(word in ("--requirement", UNKNOWN) or word.startswith(("-r", "--requirement=")) for word in words)
    return UNKNOWN if named and name == "train" else NO


def _program(words: Sequence[str], knowledge: Knowledge) -> str | None:
    """The program that an entry point runs, past interpreters and init wrappers."""
    return next((posixpath.basename(word) for word in _past_wrappers(words, knowledge)), None)


def _first_arguments(words: Sequence[str], program: str, knowledge: Knowledge) -> frozenset[str]:
    """What follows a program in its entry point; behind all words stands what SageMaker appends."""
    name = posixpath.basename(program)
    at = max((number for number, word in enumerate(words) if posixpath.basename(word) == name), default=len(words))
    behind = [*words[at + 1 : at + 2]]
    return frozenset(behind or knowledge.get("container.start_program_names"))


def _is_script(words: Sequence[str], knowledge: Knowledge) -> bool:
    """Whether an entry point starts a script, which may do with its argument what it likes."""
    rest = list(_past_wrappers(words, knowledge))
    if not rest:
        return False
    if posixpath.basename(rest[0]) in knowledge.get("product.interpreters"):
        return len(rest) > 1 and "-m" not in rest
    return "/" in rest[0] or "." in rest[0]


def _past_wrappers(words: Sequence[str], knowledge: Knowledge) -> Iterator[str]:
    wrappers = knowledge.get("container.init_wrapper_names")
    skipping = True
    for word in words:
        if skipping and (posixpath.basename(word) in wrappers or word == "--"):
            continue
        skipping = False
        yield word


class Followed(NamedTuple):
    """What an entry point starts: the word that names it, whether it is there, the product's file."""

    word: str | None
    state: str
    """`found`, `missing`, `unknown` or `none`."""
    file: str | None = None


def _follow_entrypoint(start: Start, words: Sequence[str], knowledge: Knowledge) -> Followed:
    """Which file of the product an entry point starts."""
    rest = list(_past_wrappers(words, knowledge))
    if not rest:
        return Followed(None, "none")
    if posixpath.basename(rest[0]) not in knowledge.get("product.interpreters"):
        return _follow_program(start, rest[0], words, knowledge)
    is_shell = posixpath.basename(rest[0]) in SHELL_PROGRAMS
    run = told(rest[1:], is_shell=is_shell)
    if run.kind == MODULE and run.word:
        return _follow_module(start, run.word)
    if run.kind != FILE or run.word == UNKNOWN:
        return Followed(None, UNKNOWN)
    # A bare interpreter takes the argument that SageMaker appends for its script: an image may be made for either.
    names = [run.word] if run.word else knowledge.get("container.start_program_names")
    found = [_followed(start, name, _script(start, name, searched=is_shell), words) for name in names]
    return min(found, key=lambda each: (FOUND, UNKNOWN, MISSING).index(each.state))


def _script(start: Start, word: str, *, searched: bool) -> Origin:
    """The file that an interpreter is given; a shell looks for it on PATH too."""
    origin = _at(start, word)
    if searched and "/" not in word and origin.state != FOUND:
        named = start.on_path(word)
        return named if named.state == FOUND else origin
    return origin


def _follow_program(start: Start, word: str, words: Sequence[str], knowledge: Knowledge) -> Followed:
    """The program that the entry point runs by itself."""
    if word == UNKNOWN:
        return Followed(None, UNKNOWN)
    origin = start.on_path(word) if "/" not in word else _at(start, word)
    if origin.path:
        start.direct.add(origin.path)
    # A program given by name may be part of the base image or of a package.
    folders = knowledge.get("product.program_folders")
    in_product = start.build.whole or any(_within_any(word, folder) for folder in folders)
    if origin.state == ABSENT and not in_product:
        return Followed(word, UNKNOWN)
    return _followed(start, word, origin, words)


def _followed(start: Start, word: str, origin: Origin, words: Sequence[str]) -> Followed:
    if origin.path:
        start.started[origin.path] = _bound(words) or word_name(word)
    return Followed(word, MISSING if origin.state == ABSENT else origin.state, origin.path)


def _at(start: Start, word: str) -> Origin:
    """The file at a path of the image, seen from its working folder."""
    workdir = start.image["workdir"]
    if not word.startswith("/") and workdir in (UNKNOWN, None):
        return Origin(UNKNOWN)
    path = posixpath.normpath(word if word.startswith("/") else posixpath.join(workdir or "/", word))
    origin = start.build.locate(path, start.stage)
    start.note(origin, path)
    return origin


def _follow_module(start: Start, module: str) -> Followed:
    """The file of the product that `python -m` runs; how it imports is followed with the code."""
    if module == UNKNOWN:
        return Followed(None, UNKNOWN)
    base = module.replace(".", "/")
    found = (_at(start, f"{base}{ending}").path for ending in (".py", "/__main__.py"))
    file = next((path for path in found if path), None)
    return Followed(module, FOUND if file else UNKNOWN, file)


def word_name(word: str) -> str:
    name = posixpath.basename(word)
    return name if name in ("serve", "train") else "entrypoint"


def _within_any(path: str, folder: str) -> bool:
    return path.startswith(f"{folder.rstrip('/')}/")


def _rejects(words: Sequence[str], knowledge: Knowledge) -> str:
    """Whether the program is known to refuse the extra argument `serve` that SageMaker appends."""
    rest = list(_past_wrappers(words, knowledge))
    if not rest:
        return UNKNOWN
    names = [posixpath.basename(rest[0])]
    if names[0] in knowledge.get("product.interpreters") and len(rest) > 2 and rest[1] == "-m":
        names = [rest[2]]
    return YES if names[0] in knowledge.get("product.reject_extra_arguments") else UNKNOWN


def _bound_role(bound: str | None, on_path: Mapping[str, Origin], brings: Mapping[str, str]) -> str:
    """Of the two programs that a base brings, an entry point may run one: the other is nothing of the seller's."""
    role = _ROLES.get(bound or "")
    others = [name for name in on_path if name != bound]
    foreign = all(brings[name] == YES and on_path[name].state != FOUND for name in others)
    return role if role is not None and foreign else UNKNOWN


def _bound(words: Sequence[str]) -> str | None:
    """`serve` or `train` when the entry point itself ends in that word: the other role gets the wrong program."""
    return posixpath.basename(words[-1]) if words and posixpath.basename(words[-1]) in ("serve", "train") else None
