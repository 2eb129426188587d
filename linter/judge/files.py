"""The files that rules and knowledge are read from."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from linter.judge.errors import RuleError, RuleErrors
from linter.store import stamped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from linter.store import Stamp

KNOWLEDGE = "knowledge"
"""The folder of tables inside a folder of rules."""
REQUIREMENTS = "requirements.yaml"
DOCUMENTS = "documents.yaml"
LOOK_ALIKES = "look_alikes.yaml"
"""In mllint's own folder; rules are loaded without them."""
LARGEST_BYTES = 1024 * 1024
_SCHEMA = ".schema.json"


class RuleFile(NamedTuple):
    """A file of a folder of rules: the number of the folder, the path in it, how to show it, and its bytes."""

    root: int
    path: str
    shown: str
    data: bytes


def rule_files(roots: Sequence[Path]) -> Iterator[RuleFile]:
    """Rules and lists of requirements of all folders; the first is mllint's own. Raises RuleErrors."""
    for number, root in enumerate(roots):
        if not root.is_dir():
            raise RuleErrors([RuleError(str(root), 1, 1, "this folder of rules does not exist; mend its path")])
        for file in _yaml_files(root, number, without=frozenset() if number else frozenset({DOCUMENTS, LOOK_ALIKES})):
            if not file.path.startswith(f"{KNOWLEDGE}/"):
                yield file
            elif number:
                message = "knowledge cannot come from an extra folder; write the values into the rule, or use `params`"
                raise RuleErrors([RuleError(file.shown, 1, 1, message)])


def knowledge_files(root: Path) -> list[RuleFile]:
    """The tables of a folder of rules. Raises RuleErrors."""
    return [file._replace(path=f"{KNOWLEDGE}/{file.path}") for file in _yaml_files(root / KNOWLEDGE, 0)]


def schema_files(folder: Path) -> tuple[dict[str, bytes], bytes]:
    """The schemas of all kinds of facts by kind, and that of rules. Raises RuleErrors."""
    facts = str(folder / "facts")
    names = sorted(name for name in os.listdir(facts) if name.endswith(_SCHEMA))  # noqa: PTH208 - at every start
    schemas = {name.removesuffix(_SCHEMA): read_bytes(f"{facts}/{name}") for name in names}
    return schemas, read_bytes(str(folder / "rule.schema.json"))


def documents_file(root: Path) -> RuleFile:
    """The list of documents of a folder of rules. Raises RuleErrors."""
    shown = str(root / DOCUMENTS)
    return RuleFile(0, DOCUMENTS, shown, read_bytes(shown))


def look_alikes_file(root: Path) -> RuleFile:
    """The list of constructs that no rule may report. Raises RuleErrors."""
    shown = str(root / LOOK_ALIKES)
    return RuleFile(0, LOOK_ALIKES, shown, read_bytes(shown))


def _yaml_files(root: Path, number: int, without: frozenset[str] = frozenset()) -> Iterator[RuleFile]:
    """All `.yaml` and `.yml` files of a folder in order of path; hidden ones and those of `without` are passed over."""
    base = str(root)
    for folder, folders, names in os.walk(base):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        inner = folder[len(base) :].strip(os.sep).replace(os.sep, "/")
        for name in sorted(names):
            if name.endswith((".yaml", ".yml")) and not name.startswith("."):
                path = f"{inner}/{name}" if inner else name
                if path not in without:
                    shown = os.path.join(folder, name)  # noqa: PTH118 - a hundred files at every start
                    yield RuleFile(number, path, shown, read_bytes(shown))


def stamps_of(folders: Sequence[Path]) -> list[Stamp] | None:
    """Sizes and times of all files of rules, knowledge and schemas below some folders; None when one is not there."""
    found: list[Stamp] = []
    waiting = [(str(folder), str(folder), number) for number, folder in enumerate(folders)]
    try:
        while waiting:
            folder, base, number = waiting.pop()
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.name.endswith((".yaml", ".yml", ".json")):
                        path, size, changed, touched = stamped(entry, base)
                        found.append((f"{number}:{base}/{path}", size, changed, touched))
                    elif not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False):
                        waiting.append((entry.path, base, number))
    except OSError:
        return None
    return found


def read_bytes(place: str) -> bytes:
    """The content of a file. Raises RuleErrors when it cannot be read or is no rule by its size."""
    try:
        with open(place, "rb", buffering=0) as file:
            # A buffer of the limit's size for each of hundreds of small files would cost more than to read them.
            data = file.read(min(os.fstat(file.fileno()).st_size, LARGEST_BYTES) + 1)
    except OSError as error:
        raise RuleErrors([RuleError(place, 1, 1, f"the file cannot be read: {error.strerror or error}")]) from None
    if len(data) > LARGEST_BYTES:
        raise RuleErrors([RuleError(place, 1, 1, f"the file is larger than {LARGEST_BYTES:,} bytes")])
    return data
