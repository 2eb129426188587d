"""The folder that a Dockerfile is built from: told by a build command or a compose file, else by what lies where."""

from __future__ import annotations

import posixpath
from itertools import islice, pairwise
from typing import TYPE_CHECKING, NamedTuple

from linter.assemble.purpose import words_of
from linter.lazy import compiled
from linter.model import CONFIGURATION, UNKNOWN
from linter.references.patterns import matches_glob
from linter.tree import Tree, clean, walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from linter.knowledge import Knowledge
    from linter.model import Fact

_FILES_LIMIT = 200
"""Files that are looked at to tell what a folder holds."""
_GLOBS = 40
"""Globs that are held against the files of a folder, to tell what an image is built from."""
_STEPS_UP = 2
"""Folders that are passed on the way up from a folder of Dockerfiles, as `docker/gpu`."""
_PATHS_FROM_ABOVE = 2
"""How many sources of COPY show that an image is built from the folder above all that is inspected."""
_DOCKERFILE = compiled(r"(?:^|[._-])(?:docker|container)file(?:$|[._-])|^\.dockerignore$")
_ABOUT_BUILDS = compiled(
    _DOCKERFILE.pattern + r"|^(?:docker-)?compose[\w.-]*\.ya?ml$|\.(?:sh|bash|md|rst)$|^makefile$|^\.\w+$"
)
_CODE = compiled(r"\.(?:py|ipynb|r|jl|js|ts|go|java|scala|rs|cpp|cc)$|^(?:requirements[\w.-]*\.txt|pyproject\.toml)$"
                 r"|^(?:setup\.(?:py|cfg)|package\.json|pom\.xml|environment\.ya?ml|serve|train)$")  # fmt: skip
_GLOB = compiled(r"[*?\[]")
_APPLICATION = compiled(r"[A-Za-z_][\w.]*(?::[A-Za-z_]\w*)?")


class Context(NamedTuple):
    """A build context. `guessed`: nothing of what is copied shows that it is this folder.

    `base`: the context is the folder above all that is inspected, which is called so there; `folder` is empty then.
    """

    folder: str
    guessed: bool = False
    base: str = ""

    def inside(self, source: str) -> str:
        """A source of COPY, as it is seen from `folder`."""
        source = rooted(source)
        return clean(source[len(self.base) :].lstrip("/")) if self.base else source


def choose(dockerfile: str, facts: Sequence[Fact], tree: Tree, told: Sequence[str]) -> Context:
    """The context of a Dockerfile. `told` are folders that build commands name.

    The nearest folder that holds most of what is copied; of several, the one with what the image starts. A folder of
    nothing but Dockerfiles and build scripts, with the code above it, is built from there.
    """
    copies = [fact for fact in facts if fact.kind == "dockerfile.copy" and fact["from_kind"] == "context"]
    own = dockerfile.rpartition("/")[0]
    candidates = [*told, *_upwards(own)]
    paths = {fact["source"] for fact in copies if fact["source_kind"] == "path" and rooted(fact["source"])}
    globs = dict.fromkeys(fact["source"] for fact in copies if fact["source_kind"] == "glob")
    # What a glob may match need not be there: one that matches nowhere tells nothing.
    kept = islice(globs, _GLOBS)
    sources = paths | {each for each in kept if any(_is_there(tree, folder, each) for folder in candidates)}
    held = {folder: _held(tree, folder, sources) for folder in candidates}
    best = max(candidates, key=lambda folder: held[folder])
    if best in told or held[best] == len(sources) > 0:
        return Context(best)
    base = _base_from_above(copies, tree) if not held[best] else ""
    if base:
        return Context("", base=base)
    used = _used(facts, copies)
    tied = [folder for folder in candidates if held[folder] == held[best]]
    found = {folder: _held(tree, folder, used) for folder in tied}
    likely = max(tied, key=lambda folder: found[folder])
    if found[likely] or held[best] or not copies:
        return Context(likely)
    above = _with_code_above(own, tree)
    return Context(best) if above is None else Context(above, guessed=True)


def _base_from_above(copies: Sequence[Fact], tree: Tree) -> str:
    """What the inspected folder is called when the image is built from the folder above: `COPY repo/src /app/src`.

    All that is copied lies in one folder that is not here, and without that folder's name all of it is here. A single
    file at the top says too little: its folder may be misspelt.
    """
    sources = {rooted(copy["source"]) for copy in copies if copy["source_kind"] in ("path", "glob")}
    paths = {rooted(copy["source"]) for copy in copies if copy["source_kind"] == "path"}
    names = {source.partition("/")[0] for source in sources}
    rests = {path.partition("/")[2] for path in paths}
    if len(names) != 1 or "" in rests or (len(rests) < _PATHS_FROM_ABOVE and not any("/" in rest for rest in rests)):
        return ""
    (name,) = names
    return name if tree.entry(name) is None and all(tree.entry(rest) is not None for rest in rests) else ""


class Told(NamedTuple):
    """What is known of the builds of one Dockerfile: the context, and the targets that are named."""

    context: Context
    targets: frozenset[str]
    home: str
    """The folder of its product: the Dockerfile's own, or the one above it that the build takes files from."""
    all_seen: bool = False
    """Of a built image: whether nothing kept any of its files from being seen."""


def told_builds(facts: Sequence[Fact], builds: Sequence[Fact], tree: Tree, knowledge: Knowledge) -> dict[str, Told]:
    """What is known of the builds of each Dockerfile, by its path. `builds` are build commands and compose files of the
    whole run: what is above a product may build its images.
    """
    by_path: dict[str, list[Fact]] = {}
    for fact in facts:
        if fact.kind.startswith("dockerfile.") and fact.kind != "dockerfile.ignore":
            by_path.setdefault(fact.location.path, []).append(fact)
    found = {}
    incomplete = frozenset(knowledge.get("image_files.problems")["incomplete"])
    problems = [fact for fact in facts if fact.kind == "image.problem" and fact["code"] in incomplete]
    for path, own in by_path.items():
        folder, _, name = path.rpartition("/")
        if name == CONFIGURATION:
            found[path] = Told(
                Context(folder), frozenset(), folder, not any(_lies_in(fact, folder) for fact in problems)
            )
            continue
        places, targets = _told(path, builds, knowledge)
        targets |= _named_for_sagemaker(own, knowledge)
        context = choose(path, own, tree, places)
        above = not context.guessed and f"{folder}/".startswith(f"{context.folder}/" if context.folder else "")
        home = context.folder if above and _takes_from(own, context, folder, tree) else folder
        found[path] = Told(context, frozenset(targets), home)
    return found


def _named_for_sagemaker(facts: Iterable[Fact], knowledge: Knowledge) -> set[str]:
    """Stages on which no other builds, and whose names say what they are for."""
    names = {fact["stage_name"] for fact in facts if fact.kind == "dockerfile.from" and len(fact["images"]) == 1}
    signs = knowledge.get("product.signs")["for"]
    return {name for name in names if name and any(sign in name for sign in signs)}


def _lies_in(fact: Fact, folder: str) -> bool:
    return fact.location.path.startswith(f"{folder}/")


def _takes_from(facts: Sequence[Fact], context: Context, folder: str, tree: Tree) -> bool:
    """Whether a COPY takes something of the context that lies outside the Dockerfile's folder."""
    copies = [fact for fact in facts if fact.kind == "dockerfile.copy" and fact["from_kind"] == "context"]
    globs = islice((fact for fact in copies if fact["source_kind"] == "glob"), _GLOBS)
    for fact in (*(fact for fact in copies if fact["source_kind"] == "path"), *globs):
        source = context.inside(fact["source"])
        outside = not f"{join(context.folder, source)}/".startswith(f"{folder}/")
        if outside and (not source or _is_there(tree, context.folder, source)):
            return True
    return False


def _told(dockerfile: str, builds: Sequence[Fact], knowledge: Knowledge) -> tuple[list[str], set[str]]:
    """Build contexts and targets that build commands and compose files of the product name for a Dockerfile.

    Compose files are for local trials too: a stage that is named for development is no product's.
    """
    contexts, targets = [], set()
    aside = frozenset(knowledge.get("product.signs")["against"])
    for build in builds:
        for place, file in _places(build):
            if file == dockerfile and not place.startswith(".."):
                contexts.append(place)
                if build["target"] and (build.kind != "compose.build" or aside.isdisjoint(words_of(build["target"]))):
                    targets.add(build["target"])
    return contexts, targets


def _places(build: Fact) -> Iterator[tuple[str, str]]:
    """Build contexts with their Dockerfiles, for each folder that the paths of a build may be relative to."""
    folder = build.location.path.rpartition("/")[0]
    compose = build.kind == "compose.build"
    context, named = build["context" if compose else "build_context"], build["dockerfile"]
    if UNKNOWN in (context, named):
        return
    for start in (folder,) if compose else (folder, ""):
        place = clean(posixpath.join(start, context))
        file = posixpath.join(place if compose or not named else start, named or "Dockerfile")
        yield place, clean(file)


def _upwards(folder: str) -> Iterator[str]:
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]
    yield ""


def _held(tree: Tree, folder: str, sources: set[str]) -> int:
    return sum(_is_there(tree, folder, source) for source in sources)


def _is_there(tree: Tree, folder: str, source: str) -> bool:
    """Whether a folder has a path, or something that a glob matches; of globs for folders their beginning counts."""
    place = join(folder, source)
    start = _GLOB.search(place)
    if start is None:
        return tree.entry(place) is not None
    above, _, rest = place[: start.start()].rpartition("/")
    if "/" in place[start.start() :]:
        return bool(above) and tree.entry(above) is not None
    pattern = f"{rest}{place[start.start() :]}"
    return any(matches_glob(pattern, posixpath.basename(entry.path)) for entry in tree.entries(above))


def join(folder: str, path: str) -> str:
    """A path that is written in a Dockerfile, below a folder."""
    return clean(f"{folder}/{rooted(path)}" if folder else rooted(path))


def rooted(source: str) -> str:
    """A source of COPY, from the context on: as for Docker, `..` leads no higher than that."""
    return posixpath.normpath(f"/{source}").lstrip("/")


def _used(facts: Sequence[Fact], copies: Sequence[Fact]) -> set[str]:
    """Files of the whole copied context that the Dockerfile starts or installs from, relative to the context."""
    images = {fact["stage"]: fact for fact in facts if fact.kind == "dockerfile.image"}
    found = set()
    for copy in copies:
        if not copy["whole_context"] or copy["destination"] == UNKNOWN:
            continue
        for fact in facts:
            if fact.kind not in ("dockerfile.start", "dockerfile.command") or copy["stage"] != fact["stage"]:
                continue
            image = next((images[stage] for stage in fact["images"] if stage in images), None)
            folder = image["workdir"] if image is not None and image["workdir"] not in (UNKNOWN, None) else "/"
            for word in _files_named(fact):
                path = posixpath.normpath(posixpath.join(folder, word))
                if path.startswith(copy["destination"].rstrip("/") + "/"):
                    found.add(path[len(copy["destination"].rstrip("/")) + 1 :])
    return found


def _files_named(fact: Fact) -> Iterator[str]:
    """Words that name a file: programs and modules of a start, requirements files of a step."""
    if fact.kind == "dockerfile.command":
        words = fact["arguments"]
        yield from (word for before, word in pairwise(words) if before in ("-r", "--requirement"))
        return
    words = fact["words"] if fact["effective"] else []
    for before, word in zip(("", *words), words, strict=False):
        if word == UNKNOWN or word.startswith("-"):
            continue
        if _APPLICATION.fullmatch(word) and (before == "-m" or ":" in word):
            yield word.partition(":")[0].replace(".", "/") + ".py"
        elif "/" in word or "." in word:
            yield word


def _with_code_above(own: str, tree: Tree) -> str | None:
    """The folder above that holds the code, for a folder with nothing but Dockerfiles and what belongs to them."""
    folder = own
    for _ in range(_STEPS_UP):
        if not folder or not _is_about_builds(folder, tree):
            return None
        folder = folder.rpartition("/")[0]
        if _has_code(folder, own, tree):
            return folder
    return None


def _is_about_builds(folder: str, tree: Tree) -> bool:
    files = list(islice(walk(tree, folder), _FILES_LIMIT))
    return len(files) < _FILES_LIMIT and all(_ABOUT_BUILDS.search(_name(entry.path)) for entry in files)


def _has_code(folder: str, own: str, tree: Tree) -> bool:
    """Whether code lies in a folder or right below it. With code only below, and more Dockerfiles there than `own`
    holds, each may be built from a folder of its own.
    """
    entries = tree.entries(folder)
    if any(entry.kind == "file" and _is_code(entry.path) for entry in entries):
        return True
    others = [entry.path for entry in entries if entry.kind == "folder" and not f"{own}/".startswith(f"{entry.path}/")]
    files = [entry.path for path in others for entry in tree.entries(path)]
    return any(map(_is_code, files)) and not any(_DOCKERFILE.search(_name(path)) for path in files)


def _is_code(path: str) -> bool:
    name = _name(path)
    return name != "__init__.py" and _CODE.search(name) is not None


def _name(path: str) -> str:
    return path.rpartition("/")[2].lower()
