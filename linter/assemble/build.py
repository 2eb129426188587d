"""What a Dockerfile's build puts into the image: the build context, and where an image path comes from in it."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple

from linter.assemble.contexts import join
from linter.assemble.installs import Installs
from linter.assemble.moved import Moves
from linter.assemble.stages import Stages
from linter.model import CONFIGURATION, UNKNOWN, Fact, Span
from linter.references.patterns import IgnorePatterns, matches_glob
from linter.tree import Entry, Tree, walk

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from linter.assemble.contexts import Context
    from linter.knowledge import Knowledge

FOUND, MISSING, IGNORED, ABSENT = "found", "missing", "ignored", "absent"

_SCRIPTS = (".sh", ".bash")
_SUBMODULES = ".gitmodules"
_MOVES_LIMIT = 4
"""Steps that move the same file on, at most."""


class Origin(NamedTuple):
    """Where a file of the image comes from. `state` is found, absent or unknown; `path` for own files, or the name of a
    script that a step writes.
    """

    state: str
    path: str | None = None
    copy: Fact | None = None
    before: tuple[str, int] | None = None
    """Path and stage that it was taken from, when another stage had it first."""


class Build:
    """One Dockerfile, its facts, and the folder that it is built from."""

    def __init__(
        self,
        dockerfile: str,
        facts: Sequence[Fact],
        tree: Tree,
        context: Context,
        knowledge: Knowledge,
        *,
        all_seen: bool = False,
    ) -> None:
        self.dockerfile = dockerfile
        self._programs = {name: frozenset(each) for name, each in knowledge.get("container.build_programs").items()}
        self.facts = facts
        self.tree = tree
        self.copies = [fact for fact in facts if fact.kind == "dockerfile.copy"]
        self.commands = [fact for fact in facts if fact.kind == "dockerfile.command"]
        self.written = [fact for fact in facts if fact.kind == "dockerfile.written_file"]
        self.stages = Stages(facts)
        self.moves = Moves(facts, self.stages)
        self.installs = Installs(self.commands, self._programs)
        self.context = context.folder
        self._matched: dict[str, list[Entry]] = {}
        self._harmless = frozenset(knowledge.get("container.harmless_build_programs"))
        self._taken: dict[tuple[Span, Span], bool] = {}
        self._told = context
        is_image = dockerfile.endswith(f"/{CONFIGURATION}")
        self.whole = is_image and all_seen and tree.entry(self.context) is not None
        """Whether this is a built image whose files are all known: what is not among them is missing."""
        self._cut_short = is_image and not self.whole
        self.ignore, self.has_ignore_file = IgnorePatterns(()), False
        self.cloned: frozenset[str] = frozenset()
        """Folders that scripts of the product clone."""

    def read_ignore(self, ignore_facts: dict[str, Fact]) -> None:
        """Take the patterns of `<Dockerfile>.dockerignore`, else of the context's `.dockerignore`."""
        if self._told.base:
            return  # the one that counts lies in a folder that is not inspected
        for path in (f"{self.dockerfile}.dockerignore", join(self.context, ".dockerignore")):
            if self.tree.entry(path):
                self.has_ignore_file = True
                if path in ignore_facts:
                    self.ignore = IgnorePatterns(ignore_facts[path]["patterns"])
                return

    def source(self, copy: Fact) -> str:
        """What a COPY takes of the context, as it is seen from the folder that is inspected of it."""
        return self._told.inside(copy["source"])

    def source_state(self, copy: Fact) -> str:
        """Whether a source of COPY or ADD is in the context: found, missing, ignored or unknown."""
        if copy["from_kind"] != "context" or copy["source_kind"] not in ("path", "glob"):
            return UNKNOWN
        matches = self.sources_of(copy)
        if not matches and self._brought(copy):
            return UNKNOWN
        if not matches:  # with nothing found at all, the context is elsewhere
            seen = any(self.sources_of(each) for each in self._from_context())
            seen = seen or (self._has_company() and not self._told.guessed)
            return MISSING if seen else UNKNOWN
        if all(self.ignores(entry.path) for entry in matches) and not any(entry.kind == "folder" for entry in matches):
            return IGNORED
        return FOUND

    def _brought(self, copy: Fact) -> bool:
        """Whether something may bring a folder to the context before the build: a clone, or a submodule."""
        source = self.source(copy)
        folder = "." not in posixpath.basename(source)
        return source.partition("/")[0] in self.cloned or (folder and self.tree.entry(_SUBMODULES) is not None)

    def fills(self, folder: str, stage: int) -> bool:
        """Whether a COPY is seen to put something into a folder of a stage's image."""
        for copy in self.copies:
            target = copy["destination"]
            if stage not in copy["images"] or target == UNKNOWN:
                continue
            if _within(target, folder):
                return (
                    copy["source_state"] != MISSING if copy["source_state"] != UNKNOWN else bool(self.sources_of(copy))
                )
            rest = folder[len(target.rstrip("/")) :].lstrip("/") if _within(folder, target) else None
            if rest and any(self.tree.entry(join(entry.path, rest)) for entry in self.sources_of(copy)):
                return True
        return False

    def names_in(self, copy: Fact) -> list[str]:
        """Paths directly in the folders that a COPY takes from the context."""
        folders = [e for e in self.sources_of(copy) if e.kind == "folder"] if copy["from_kind"] == "context" else []
        return [entry.path for folder in folders for entry in self.tree.entries(folder.path)]

    def _has_company(self) -> bool:
        """Whether the context holds anything beside Dockerfiles: then it is not elsewhere."""
        entries = self.tree.entries(self.context)
        return any(entry.kind == "file" and "docker" not in entry.path.rpartition("/")[2].lower() for entry in entries)

    def _from_context(self) -> list[Fact]:
        kinds = ("path", "glob")
        return [
            c
            for c in self.copies
            if c["from_kind"] == "context" and c["source_kind"] in kinds and not c["whole_context"]
        ]

    def sources_of(self, copy: Fact) -> list[Entry]:
        """The files and folders of the context that the source of a COPY names."""
        source = self.source(copy)
        if copy["source_kind"] == "path":
            entry = self.tree.entry(join(self.context, source))
            return [entry] if entry else []
        return self._matching(source)

    def _matching(self, pattern: str) -> list[Entry]:
        if pattern not in self._matched:
            self._matched[pattern] = self._find_matching(pattern)
        return self._matched[pattern]

    def _find_matching(self, pattern: str) -> list[Entry]:
        if "**" in pattern:
            return [e for e in walk(self.tree, self.context) if matches_glob(pattern, self._relative(e.path))]
        folders = [self.context]
        *heads, last = pattern.split("/")
        for head in heads:
            folders = [e.path for f in folders for e in self.tree.entries(f) if e.kind == "folder" and _named(head, e)]
        return [e for folder in folders for e in self.tree.entries(folder) if _named(last, e)]

    def _relative(self, path: str) -> str:
        return path[len(self.context) + 1 :] if self.context else path

    def ignores(self, path: str) -> bool:
        """Whether .dockerignore keeps a path of the product out of the build."""
        return self.ignore.ignores(self._relative(path))

    def holds(self, path: str) -> bool | None:
        """Whether a file of the product is copied into the image; None when a copied source cannot be known."""
        uncertain = False
        for copy in self.copies:
            if not copy["images"] or copy["from_kind"] != "context":
                continue
            if copy["source_kind"] == UNKNOWN:
                uncertain = True
            for entry in self.sources_of(copy) if copy["source_kind"] in ("path", "glob") else ():
                if _holds(entry, path) and not self.ignores(path) and not self._is_removed(copy, entry, path):
                    return True
        # What a builder stage took from the context may reach the image through COPY --from.
        built = [copy for copy in self.copies if not copy["in_image"] and copy["from_kind"] == "context"]
        taken = [entry for copy in built if copy["source_kind"] in ("path", "glob") for entry in self.sources_of(copy)]
        uncertain = uncertain or (any(_holds(entry, path) for entry in taken) and self._may_be_handed_on(path))
        return None if uncertain else False

    def _may_be_handed_on(self, path: str) -> bool:
        """Whether a file that a builder stage holds may reach the image: all but scripts may be packed or compiled."""
        if not path.endswith(_SCRIPTS):
            return True
        handed = [copy for copy in self.copies if copy["in_image"] and copy["from_kind"] == "stage"]
        if any(copy["source_kind"] != "path" or not copy["source"].startswith("/") for copy in handed):
            return True
        sources = [copy["source"].rstrip("/") for copy in handed]
        return any(f"{place}/".startswith(f"{source}/") for place in self.image_paths(path) for source in sources)

    def image_paths(self, path: str) -> list[str]:
        """Absolute paths under which a file of the product is copied into any stage, as far as that is known."""
        found = set()
        for copy in self.copies:
            target = copy["destination"]
            if copy["from_kind"] != "context" or target == UNKNOWN or self.ignores(path):
                continue
            for entry in self.sources_of(copy) if copy["source_kind"] in ("path", "glob") else ():
                if _holds(entry, path) and not self._is_removed(copy, entry, path):
                    found.add(_placed(copy, entry, path))
        return sorted(found)

    def _is_removed(self, copy: Fact, source: Entry, path: str) -> bool:
        return copy["destination"] != UNKNOWN and self.removes(copy, _placed(copy, source, path), path)

    def removes(self, copy: Fact, image_path: str, path: str) -> bool:
        """Whether a step removes again what a COPY puts to a path, and nothing may have taken it from there before.

        Packages stay that were installed from there.
        """
        for step in self.moves.removals(image_path, copy):
            if not self._may_be_taken(copy, step):
                return not (self.installs.comes_before(step) and self._is_in_package(path))
        return False

    def _may_be_taken(self, copy: Fact, removal: Fact) -> bool:
        """Whether a step between a COPY and a removal may put the files elsewhere."""
        span = (copy.location.span, removal.location.span)
        if span not in self._taken:
            between = [each for each in self.commands if span[0] < each.location.span < span[1]]
            others = (each for each in between if each["program"] not in self._harmless)
            self._taken[span] = any(not self.installs.brings_own_code(each) for each in others)
        return self._taken[span]

    def _is_in_package(self, path: str) -> bool:
        """Whether a file belongs to a package of a project, and not to what lies beside it."""
        above = posixpath.dirname(path)
        while self.tree.entry(join(above, "__init__.py")) and above != self.context:
            above = posixpath.dirname(above)
        roots = {above, posixpath.dirname(above)} if posixpath.basename(above) == "src" else {above}
        declared = (join(root, name) for root in roots for name in self._programs["project_files"])
        return above != posixpath.dirname(path) and any(self.tree.entry(each) for each in declared)

    def locate(self, image_path: str, stage: int, moves: int = _MOVES_LIMIT) -> Origin:
        """Where the file at an absolute path of a stage's image comes from, as far as the Dockerfile shows it."""
        direct = self._put(image_path, stage)
        placed = self.moves.to(image_path, stage) if moves else None
        if placed is None:
            return direct
        line = placed.step.location.span.line
        if direct.state == FOUND and (direct.copy is None or direct.copy.location.span.line > line):
            return direct
        moved = self.locate(placed.source, stage, moves - 1)
        return moved if moved.state == FOUND else direct

    def _put(self, image_path: str, stage: int) -> Origin:
        """Where a file comes from that a COPY or a step puts to this very path."""
        uncertain = self._cut_short or self._made_by_run(image_path, stage)
        written = self._written(image_path, stage)
        for copy in reversed(
            [copy for copy in self.copies if self.stages.holds(copy, stage) or (copy["in_image"] and stage < 0)]
        ):
            origin = self._from_copy(copy, image_path)
            if origin.state == FOUND:
                if written is None or copy.location.span.line > written.location.span.line:
                    return origin
                same = copy.location == written.location
                return Origin(FOUND, written["script"], copy if same else None)
            uncertain = uncertain or origin.state == UNKNOWN
        if written is not None:
            return Origin(FOUND, written["script"])
        return Origin(UNKNOWN if uncertain else ABSENT)

    def lacks(self, image_path: str, stage: int, harmless: Container[str]) -> bool:
        """Whether a file is seen not to be in a stage's image: COPY fills a folder above it with something else.

        `harmless` are programs of RUN that put nothing of the product's own anywhere.
        """
        if not self.whole:
            above = [copy["destination"] for copy in self.copies if stage in copy["images"]]
            if not any(each not in (UNKNOWN, "/", "") and _within(image_path, each) for each in above):
                return False
            if any(stage in each["images"] and each["program"] not in harmless for each in self.commands):
                return False
        return self.locate(image_path, stage).state == ABSENT

    def _written(self, image_path: str, stage: int) -> Fact | None:
        """The script that a step of a stage's image writes to a path."""
        found = [fact for fact in self.written if fact["path"] == image_path and self.stages.holds(fact, stage)]
        return found[-1] if found else None

    def _from_copy(self, copy: Fact, image_path: str) -> Origin:
        target = copy["destination"]
        if target == UNKNOWN:
            return Origin(UNKNOWN)
        if not _within(image_path, target):
            return Origin(ABSENT)
        if copy["from_kind"] == "stage":
            return self._from_stage(copy, image_path)
        if copy["from_kind"] != "context" or copy["source_kind"] not in ("path", "glob"):
            return Origin(UNKNOWN if copy["source_kind"] != "heredoc" else FOUND, None, copy)
        rest = image_path[len(target.rstrip("/")) :].lstrip("/")
        for entry in self.sources_of(copy):
            path = self._candidate(entry, rest)
            if path is not None and not self.ignores(path) and not self.removes(copy, image_path, path):
                return Origin(FOUND, path, copy)
        if not self.sources_of(copy):
            return Origin(UNKNOWN)  # a source that is not here may hold anything
        return Origin(ABSENT)

    def _from_stage(self, copy: Fact, image_path: str) -> Origin:
        """What COPY --from takes out of an earlier stage of the same Dockerfile, as far as that one is seen."""
        stage = self.stages.named(copy["from"], copy["stage"])
        if stage is None or copy["source_kind"] != "path":
            return Origin(UNKNOWN)
        source, target = posixpath.join("/", copy["source"]).rstrip("/"), copy["destination"].rstrip("/")
        rest = image_path[len(target) :].lstrip("/")
        inside = rest.partition("/")[2] if rest.partition("/")[0] == posixpath.basename(source) else None
        for below in dict.fromkeys((rest, inside)):
            path = posixpath.join(source or "/", below) if below else source
            origin = self.locate(path, stage) if below is not None and path else Origin(UNKNOWN)
            if origin.state == FOUND:
                return origin._replace(copy=copy, before=(path, stage))
        return Origin(UNKNOWN)

    def _candidate(self, entry: Entry, rest: str) -> str | None:
        """The product's path that would land at `rest` below the destination, if it is there."""
        if entry.kind == "folder":
            found = self.tree.entry(join(entry.path, rest)) if rest else None
            return found.path if found and found.kind != "folder" else None
        return entry.path if rest in ("", posixpath.basename(entry.path)) else None

    def _made_by_run(self, image_path: str, stage: int) -> bool:
        name = posixpath.basename(image_path)
        for command in self.commands:
            if not self.stages.holds(command, stage):
                continue
            arguments = command["arguments"]
            if command["program"] in self._programs["unforeseeable"] or "/" in command["text"].split(" ", 1)[0]:
                return True
            placed = self.moves.by(command, stage)
            if placed is not None and image_path not in placed.names:
                continue
            if command["program"] in self._programs["making"] and any(
                posixpath.basename(a) == name or a == UNKNOWN for a in arguments
            ):
                return True
            if name in command["text"] and ">" in command["text"]:
                return True
            if self.installs.brings_own_code(command):
                return True
        return False

    def brings(self, path: str) -> bool:
        """Whether the build puts a file of the product into the image."""
        return path.startswith(f"{self.context}/") if self.whole else bool(self.image_paths(path))

    def runs(self, path: str) -> bool:
        """Whether a RUN names a file of the product."""
        places = self.image_paths(path)
        return any(
            is_same_file(word, path, places)
            for command in self.commands
            for word in (command["text"].split(" ", 1)[0], *command["arguments"])
            if command["program"] not in self._programs["keeping"]
        )

    def execute_bit(self, origin: Origin, image_path: str, stage: int, mode_on_disk: bool | None) -> str:
        """Whether a file of the image can be executed: yes, no or unknown."""
        if origin.copy is not None and origin.copy["chmod"]:
            return _executable_mode(origin.copy["chmod"])
        names = self.moves.names(image_path, stage)
        chmods = [each for each in self.commands if each["program"] == "chmod" and self.stages.holds(each, stage)]
        if any(_chmod_covers(chmod["arguments"], name) for chmod in chmods for name in names):
            return "yes"
        if origin.before is not None:
            path, first = origin.before
            return self.execute_bit(self.locate(path, first), path, first, mode_on_disk)
        if origin.state != FOUND or mode_on_disk is None:
            return UNKNOWN
        return "yes" if mode_on_disk else "no"


def is_same_file(word: str, path: str, places: Sequence[str]) -> bool:
    """Whether a word of a RUN means a file: its path in the image, or how that or its path in the context ends."""
    word = word.removeprefix("./")
    if posixpath.basename(word) != posixpath.basename(path) and all(
        posixpath.basename(word) != posixpath.basename(place) for place in places
    ):
        return False
    if word.startswith("/"):
        return posixpath.normpath(word) in places
    return any(f"/{place.lstrip('/')}".endswith(f"/{word}") for place in (path, *places))


def _holds(entry: Entry, path: str) -> bool:
    """Whether an entry is the path, or a folder that the path lies in."""
    return path == entry.path or (entry.kind == "folder" and path.startswith(f"{entry.path}/" if entry.path else ""))


def _named(pattern: str, entry: Entry) -> bool:
    return matches_glob(pattern, posixpath.basename(entry.path))


def _placed(copy: Fact, source: Entry, path: str) -> str:
    """The absolute path at which a COPY puts a file of the product that one of its sources is or holds."""
    target: str = copy["destination"]
    if source.kind == "folder":
        return posixpath.join(target, path[len(source.path) :].lstrip("/"))
    return posixpath.join(target, posixpath.basename(path)) if copy["destination_is_folder"] is True else target


def _within(path: str, folder: str) -> bool:
    folder = folder.rstrip("/")
    return path == folder or path.startswith(f"{folder}/")


def _executable_mode(mode: str) -> str:
    if mode == UNKNOWN:
        return UNKNOWN
    if mode.isdigit():
        return "yes" if any(int(digit) & 1 for digit in mode[-3:]) else "no"
    return "yes" if "x" in mode else "no"


def _chmod_covers(arguments: Sequence[str], image_path: str) -> bool:
    """Whether a `chmod` that sets the execute bit names a path, one of its folders with -R, or a glob over it."""
    words = [word for word in arguments if not word.startswith("-")]
    if not words or _executable_mode(words[0]) == "no":
        return False
    recursive = any(word in ("-R", "--recursive") for word in arguments)
    return any(_covers(target, image_path, recursive) for target in words[1:])


def _covers(target: str, image_path: str, recursive: bool) -> bool:
    if target == UNKNOWN:
        return True
    target = target.removeprefix("./")
    if not target.startswith("/"):  # relative to a working folder: compare the ends
        if recursive and target in (".", ""):
            return True
        return matches_glob(target, "/".join(image_path.split("/")[-target.count("/") - 1 :]))
    return matches_glob(target, image_path) or (recursive and _within(image_path, target))
