"""Packages that code loads by their name as data, such as `spacy.load("en_core_web_sm")`: does the image have them?

Only where nothing of the build is left open the answer is no: a step that is not understood may install anything.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from linter.assemble.bases import is_plain
from linter.assemble.contexts import join
from linter.model import UNKNOWN, Fact
from linter.references.distributions import normal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from linter.assemble.build import Build
    from linter.assemble.start import Start
    from linter.knowledge import Knowledge
    from linter.tree import Tree

YES, NO = "yes", "no"
PACKAGE = "package"
"""The mode of calls that load a package."""
_PYPI = "PyPI"
_UNTOLD = (".", "/", "~", "git+", "-e", "--editable", "--requirement=", "-r")
_ARCHIVES = (".whl", ".tar.gz", ".zip", ".yml", ".yaml")


def with_packages(facts: Iterable[Fact], starts: Sequence[Start], tree: Tree, knowledge: Knowledge) -> list[Fact]:
    """The facts with `installed` filled in for calls that load a package."""
    facts = list(facts)
    if not any(_loads(fact) for fact in facts):
        return facts
    looking = _Looking(facts, starts, tree, knowledge)
    return [fact.with_fields(installed=looking.state(fact)) if _loads(fact) else fact for fact in facts]


def _loads(fact: Fact) -> bool:
    return fact.kind == "python.call" and fact["mode"] == PACKAGE and bool(fact["target"])


class _Looking:
    """Looks for packages in the images of a product."""

    def __init__(self, facts: Sequence[Fact], starts: Sequence[Start], tree: Tree, knowledge: Knowledge) -> None:
        self.starts, self.tree, self.knowledge = starts, tree, knowledge
        self.files = [fact for fact in facts if fact.kind == "requirements.file"]
        self.packages = [fact for fact in facts if fact.kind == "image.package" and fact["ecosystem"] == _PYPI]
        fetchers = frozenset(knowledge.get("network_apis.package_fetchers"))
        # Code that may fetch or install what is missing leaves open whether it is.
        self.fetching = any(
            fact.kind == "python.call"
            and fact["api"] is not None
            and (fact["api"] in fetchers or fact["command_category"] == "package_install")
            for fact in facts
        )
        self._open: dict[int, bool] = {}

    def state(self, call: Fact) -> str:
        """Whether every image that may run a call has its package: yes, no or unknown."""
        name, path = call["target"], call.location.path
        if self._lies_beside(name, path):
            return YES
        holding = [start for start in self.starts if start.build.brings(path)]
        found = {self._state_in(start, name) for start in holding}
        return NO if found == {NO} else YES if found == {YES} else UNKNOWN

    def _lies_beside(self, name: str, path: str) -> bool:
        folder = posixpath.dirname(path)
        while True:
            if self.tree.entry(join(folder, name)) is not None:
                return True
            if not folder:
                return False
            folder = posixpath.dirname(folder)

    def _state_in(self, start: Start, name: str) -> str:
        listed = normal(name)
        if start.build.whole:
            return self._state_in_built(start, name, listed)
        named = (listed, name.lower())
        told = [fact["text"].lower() for fact in start.build.commands]
        told += [str(copy["source"]).lower() for copy in start.build.copies]
        if any(each in text for text in told for each in named):
            return YES
        if any(listed in file["distributions"] for file in self.files):
            return YES
        return UNKNOWN if self.fetching or self._is_open(start) else NO

    def _state_in_built(self, start: Start, name: str, listed: str) -> str:
        """Of a built image all packages are known, if it tells of any, and its folders too."""
        told = {normal(fact["name"]) for fact in self.packages}
        if listed in told:
            return YES
        root = start.build.context
        folders = {posixpath.dirname(posixpath.dirname(fact["path"])) for fact in self.packages}
        if any(self.tree.entry(join(root, f"{folder.lstrip('/')}/{name}")) is not None for folder in folders):
            return YES
        return NO if told and not self.fetching else UNKNOWN

    def _is_open(self, start: Start) -> bool:
        """Whether a step of the build, or what it builds on, may bring packages that are not seen."""
        if id(start) not in self._open:
            bases = [f for f in start.build.facts if f.kind == "dockerfile.from" and f["base"] != "stage"]
            plain = all(base["base"] == "image" and is_plain(base, self.knowledge) for base in bases)
            self._open[id(start)] = not plain or any(self._may_install(c, start.build) for c in start.build.commands)
        return self._open[id(start)]

    def _may_install(self, command: Fact, build: Build) -> bool:
        program, words = command["program"], command["arguments"]
        if program.startswith("python"):
            module = next((words[at + 1] for at, word in enumerate(words[:-1]) if word == "-m"), None)
            known = self.knowledge.get("programs.plain_build_modules")
            return module not in known or (module == "pip" and self._installs_unseen(words))
        if program in self.knowledge.get("container.build_programs")["project_installing"]:
            return True
        if program.startswith(tuple(self.knowledge.get("package_managers.of_python"))):
            return self._installs_unseen(words)
        known = self.knowledge.get("container.harmless_build_programs")
        return program not in known and program not in self.knowledge.get("programs.plain_build_programs")

    def _installs_unseen(self, words: Sequence[str]) -> bool:
        """Whether an installer is told to install something by other than its name, or from a file that is not read."""
        if "install" not in words:
            return bool({"sync", "env", "run", "update"} & set(words)) or UNKNOWN in words
        return any(
            _is_untold(word, following) and not self._is_read(word, following) for word, following in _pairs(words)
        )

    def _is_read(self, word: str, following: str) -> bool:
        """Whether the words name a requirements file of the product."""
        name = following if word in ("-r", "--requirement") else word.partition("=")[2] or word.removeprefix("-r")
        files = {file.location.path.rpartition("/")[2] for file in self.files}
        return word.startswith(("-r", "--requirement")) and name.rpartition("/")[2] in files


def _pairs(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    before = ""
    for at, word in enumerate(words):
        if before not in ("-r", "--requirement"):
            yield word, words[at + 1] if at + 1 < len(words) else ""
        before = word


def _is_untold(word: str, following: str) -> bool:
    if word == UNKNOWN or word.endswith(_ARCHIVES) or word in ("--file", "--requirement"):
        return True
    return word.startswith(_UNTOLD) and not word.startswith(("/dev/", "--r"))
