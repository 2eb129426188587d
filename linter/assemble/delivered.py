"""Files that reach the buyer beside programs: settings of models, requirements files, sources in other languages.

Whether they are in the image, in a model archive or only the seller's, and whether the container uses them.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from linter.assemble.bases import base_brings
from linter.assemble.build import is_same_file
from linter.assemble.python.baked import switched_off
from linter.model import UNKNOWN, Fact
from linter.tree import clean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from linter.assemble.build import Build
    from linter.assemble.start import Start
    from linter.knowledge import Knowledge
    from linter.tree import Tree

YES, NO = "yes", "no"
SERVING, TRAINING = "serving", "training"
CONTAINER, BUILD, SELLER, TEST = "container", "build", "seller", "test"
_IN_IMAGE = {CONTAINER: YES, SELLER: NO, TEST: NO}
_OF_ARCHIVES = ("model.setting", "requirements.file")
_ARCHIVE = "model.archive"
_OWN_IMAGES = ("framework_image", "deep_learning_container")


def settle_delivered(facts: Sequence[Fact], starts: Sequence[Start], tree: Tree, knowledge: Knowledge) -> list[Fact]:
    """Fill in what the Dockerfiles and the scripts of a product say about such files. Scopes are settled before."""
    if not any(fact.kind in (*_OF_ARCHIVES, "source.call", _ARCHIVE) for fact in facts):
        return list(facts)
    packed = [folder for fact in facts if fact.kind == "shell.command" for folder in _packed(fact)]
    toolkit = _toolkits(starts, knowledge)
    uploaded = _uploaded(facts, tree, knowledge)
    offline = switched_off(facts, starts, knowledge)
    company = _Company(facts, tree)
    settled = []
    for fact in facts:
        if fact.kind in _OF_ARCHIVES:
            fact = _placed(fact, packed)
        if fact.kind == "requirements.file":
            if fact["path"] != fact.location.path and tree.entry(fact["path"]) is not None:
                continue  # a cell that writes a file which is there as well
            folder, _, name = fact["path"].rpartition("/")
            table = knowledge.get("model_files.requirements")
            looked_for = name == table["name"] or name == table["project"]
            by = uploaded.get(fact["path"], uploaded.get(folder)) if looked_for else None
            by = None if name == table["project"] and by != TRAINING else by
            fact = _requirements(fact, starts, toolkit, company, knowledge)
            fact = fact if fact["installed_by"] or by is None else fact.with_fields(installed_by=by)
        elif fact.kind == "model.setting":
            fact = _setting(fact.with_fields(offline=offline), tree)
        elif fact.kind == _ARCHIVE:
            fact = fact.with_fields(toolkit=toolkit)
        elif fact.kind == "source.call":
            fact = _source(fact, starts)
        settled.append(fact)
    return settled


def _uploaded(facts: Sequence[Fact], tree: Tree, knowledge: Knowledge) -> dict[str, str]:
    """The folders, and single files, that publishing code uploads with a program, and whether that serves or trains."""
    programs = [fact for fact in facts if _installs_for_product(fact)]
    if not programs or not any(fact.kind == "requirements.file" for fact in facts):
        return {}
    from linter.assemble.python.handlers import Handlers
    from linter.assemble.python.modules import Modules
    from linter.assemble.python.uploaded import places_of, uploaded_module

    handlers = Handlers(knowledge)
    modules = Modules(fact for fact in facts if fact.kind == "python.module")
    found = {}
    for program in programs:
        module = uploaded_module(program, modules)
        by = SERVING if module is not None and handlers.contract_of(module) else TRAINING
        if module is not None and program["folder"] is not None:
            found[module.folder] = by
        for text in program["beside"] if module is not None else ():
            entries = (tree.entry(clean(place)) for place in places_of(program, text))
            entry = next((entry for entry in entries if entry is not None and entry.kind == "file"), None)
            if entry is not None:
                found[entry.path] = by
    return found


def _installs_for_product(fact: Fact) -> bool:
    """Whether publishing code uploads a program of the product beside which requirements are installed."""
    return fact.kind == "sagemaker.program" and fact["purpose"] == "product" and bool(fact["installs"])


def _placed(fact: Fact, packed: Sequence[str]) -> Fact:
    """In the image or not; what no Dockerfile takes may still go into a model archive."""
    scope, path = fact["scope"], fact.location.path
    in_image = _IN_IMAGE.get(scope, UNKNOWN)
    if scope in (SELLER, UNKNOWN):
        scope = CONTAINER if any(path.startswith(f"{folder}/") for folder in packed) else UNKNOWN
    return fact.with_fields(scope=scope, in_image=in_image)


def _packed(command: Fact) -> list[str]:
    """Folders that a `tar` command of a script packs."""
    if command["program"] != "tar":
        return []
    words = command["arguments"]
    options = [word for word in words if word.startswith("-")] or words[:1]
    if "--create" not in options and not any("c" in word.lstrip("-") for word in options if word[:2] != "--"):
        return []
    own = command.location.path.rpartition("/")[0]
    named = [word for word in words if word != UNKNOWN and not word.startswith(("-", "/"))]
    folders = {clean(posixpath.join(own, word)) for word in named} | {clean(word) for word in named}
    return sorted(folder for folder in folders if folder and not folder.startswith(".."))


def _source(fact: Fact, starts: Sequence[Start]) -> Fact:
    """A source with whether it is in the image. What only a RUN starts does its work in the build."""
    in_image = _IN_IMAGE.get(fact["scope"], UNKNOWN) if starts else None
    runs = not fact["started_as"] and any(start.build.runs(fact.location.path) for start in starts)
    scope = BUILD if runs and fact["scope"] in (CONTAINER, UNKNOWN) else fact["scope"]
    return fact.with_fields(scope=scope, in_image=in_image)


def _setting(fact: Fact, tree: Tree) -> Fact:
    """A setting with whether the path that it may name lies beside the file; a folder of that name is no hub id."""
    value = fact["value"]
    if (
        fact["member"] is not None
        or fact["path_exists"] is None
        or value == UNKNOWN
        or value.startswith(("/", "~"))
        or "://" in value
    ):
        return fact
    folder = fact.location.path.rpartition("/")[0]
    if tree.entry(clean(posixpath.join(folder, value))) is not None:
        return fact.with_fields(path_exists=YES, destination="local")
    # A file that stands alone was taken out of its model's folder: that says nothing about what lay beside it.
    return fact.with_fields(path_exists=NO) if len(tree.entries(folder)) > 1 else fact


class _Company:
    """The names of the files that lie, or that cells write, beside requirements."""

    def __init__(self, facts: Sequence[Fact], tree: Tree) -> None:
        self._tree = tree
        self._written: dict[str, set[str]] = {}
        for fact in facts:
            if fact.kind == "python.module" and fact["origin"].startswith("written_") and fact["path"]:
                folder, _, name = fact["path"].rpartition("/")
                self._written.setdefault(folder, set()).add(name)

    def of(self, requirements: Fact) -> set[str]:
        folder = posixpath.dirname(requirements["path"])
        lying = {posixpath.basename(entry.path) for entry in self._tree.entries(folder)}
        return {*lying, *self._written.get(folder, ()), *requirements["beside"]}


def _requirements(fact: Fact, starts: Sequence[Start], toolkit: str, company: _Company, knowledge: Knowledge) -> Fact:
    path = fact["path"]
    holding = [start for start in starts if start.build.image_paths(path)]
    places = sorted({place for start in holding for place in start.build.image_paths(path)})
    built = {_installs(start.build, path) for start in starts}
    return fact.with_fields(
        installed_by=_installed_by(path, places, company.of(fact), knowledge),
        toolkit=_toolkits(holding, knowledge) if holding else toolkit,
        installed_in_build=YES if YES in built else UNKNOWN if UNKNOWN in built else NO,
    )


def _installed_by(path: str, places: Sequence[str], company: set[str], knowledge: Knowledge) -> str | None:
    """Which toolkit looks for a requirements file where this one is, or will be in a model archive."""
    table: Mapping[str, Any] = knowledge.get("model_files.requirements")
    folder, _, name = path.rpartition("/")
    if name == table["project"]:  # no model archive's: the training toolkit alone installs a folder as a project
        found = [table["folders"].get(posixpath.dirname(place)) for place in places]
        return TRAINING if any(at is not None and at["by"] == TRAINING for at in found) else None
    if name != table["name"]:
        return None
    beside = company & table["beside"].keys()
    by: str | None = next((table["beside"][each] for each in sorted(beside)), None)
    for place in places:
        at = table["folders"].get(posixpath.dirname(place))
        if at is not None:
            return str(at["by"]) if not at["needs_company"] or by else None
    if places or by is None:
        return None
    of_archive = posixpath.basename(folder) in table["archive_folders"]
    return by if of_archive or not beside.isdisjoint(table["own_folder"]) else None


def _toolkits(starts: Sequence[Start], knowledge: Knowledge) -> str:
    """Whether the images hold a toolkit that installs requirements; unknown without an image and when they differ."""
    found = {_toolkit(start, knowledge) for start in starts}
    return found.pop() if len(found) == 1 else UNKNOWN


def _toolkit(start: Start, knowledge: Knowledge) -> str:
    bases = [f for f in start.build.facts if f.kind == "dockerfile.from" and start.stage in f["images"]]
    roots = [base for base in bases if base["base"] != "stage"]
    names = (
        *knowledge.get("container.serve_distributions"),
        *knowledge.get("container.train_distributions"),
        *knowledge.get("model_files.requirements.toolkits"),
    )
    words = [
        word.lower().replace("_", "-")
        for command in start.build.commands
        if start.stage in command["images"] and "install" in command["arguments"]
        for word in command["arguments"]
    ]
    if any(base["owner_group"] in _OWN_IMAGES for base in roots) or any(word.startswith(names) for word in words):
        return YES
    brings = {base_brings(base, "serve", knowledge) for base in roots}
    return YES if YES in brings else UNKNOWN if UNKNOWN in brings or not roots else NO


def _installs(build: Build, path: str) -> str:
    """Whether a RUN gives the file to an installer."""
    uncertain = False
    places = build.image_paths(path)
    for command in build.commands:
        words = command["arguments"]
        if "install" not in words and "sync" not in words:
            continue
        for number, word in enumerate(words):
            option, _, value = word.partition("=")
            if option not in ("-r", "--requirement", "--requirements"):
                continue
            value = value or (words[number + 1] if number + 1 < len(words) else "")
            if value == UNKNOWN:
                uncertain = True
            elif is_same_file(value, path, places):
                return YES
    return UNKNOWN if uncertain else NO
