"""Files of an image that tell something by what they are: drivers, model weights, leftovers, secrets, what lies in
reserved folders. Files that a later layer removes count as well: they stay in the image.
"""

from __future__ import annotations

import posixpath
from collections import Counter
from typing import TYPE_CHECKING, Any

from linter.image.facts.paths import path_table
from linter.image.facts.secret_files import SecretFile, secrets_of
from linter.image.tree import ImageTree
from linter.references.sizes import shown_size

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator, Mapping

    from linter.image.facts.paths import PathTable
    from linter.image.facts.view import View
    from linter.image.model import Entry
    from linter.model import Fact

_SHOWN = 300
MOST_APART = 50
"""Of each role, more are not told one by one."""

_STICKY, _SETUID, _SETGID, _WRITABLE = 0o1000, 0o4000, 0o2000, 0o002


class _Known:
    """The patterns of other tables, compiled."""

    def __init__(self, knowledge: Any) -> None:
        import re

        container, files = knowledge.get("container"), knowledge.get("image_files")
        self.any_driver = _joined([*container["driver_files"], *container["driver_installers"]])
        self.driver = _joined(container["driver_files"])
        self.driver_clean = _joined(container["driver_files_clean"])
        self.reserved_tree = f"{container['reserved_tree'].strip('/')}/"
        self.reserved = re.compile(files["reserved"])
        self.told_when_hidden = frozenset(files["told_when_hidden"])
        self.brought = _joined(files["brought_by_runs"])
        self.programs = _joined(files["program_folders"])
        self.writable_clean = _joined(files["world_writable_clean"])


def file_facts(view: View) -> Iterator[Fact]:
    """`image.file` facts, those of files that are hidden last, and an `image.problem` for what is not told."""
    if view.merged is None:
        return
    groups: dict[tuple[Any, ...], list[tuple[Entry, int | None]]] = {}
    told: dict[tuple[Any, ...], dict[str, Any]] = {}
    secrets = secrets_of(view)
    together = view.knowledge.get("image_files.told_together")
    known: _Known = view.knowledge.index("image.notable", _Known)
    table = path_table(view.knowledge)
    files = ImageTree(view.merged)
    for entry, by, content_key in _all_entries(view, known):
        own = view.is_own(entry, hidden=by is not None)
        roles = _roles(entry, own, by is not None, secrets.found.get(content_key), table, known)
        if own and by is None and entry.kind == "link" and _leads_nowhere(entry, files, known):
            roles.append(("broken-link", entry.target[:_SHOWN], {}))
        for role, detail, extra in roles:
            place = (entry.layer, by) if role in together else (entry.path, entry.layer, by)
            groups.setdefault((role, detail, *place), []).append((entry, by))
            told.setdefault((role, detail, *place), extra)
    seen: Counter[str] = Counter()
    for key, group in groups.items():
        seen[key[0]] += 1
        if seen[key[0]] <= MOST_APART:
            yield _fact(view, [entry for entry, _ in group], group[0][1], key[0], key[1], told[key])
    for role, number in seen.items():
        if number > MOST_APART:
            yield _untold(view, "more-of-a-kind", f"{number - MOST_APART} more files of the kind `{role}` are not told")
    if secrets.unsearched:
        text = f"{secrets.unsearched} files were not searched for secrets: the image has too much text"
        yield _untold(view, "secrets-not-searched", text)


def _untold(view: View, code: str, text: str) -> Fact:
    fields = {"code": code, "message": text, "meaning": "unread", "path": None}
    return view.fact("image.problem", **fields, **view.layer_fields(None))


def _all_entries(view: View, known: _Known) -> Iterator[tuple[Entry, int | None, Any]]:
    """Each entry that may be notable, with the layer that hides it, None for those a container sees, and the key of its
    content. Of files of installed packages, which most are, the name tells at once that they are not.
    """
    merged = view.merged
    assert merged is not None
    own = view.own
    is_driver = known.any_driver.search
    for path, entry in merged.entries.items():
        name = path[path.rfind("/") + 1 :]
        if entry.kind != "file" or path in own or is_driver(name) or path.startswith(known.reserved_tree):
            yield entry, None, path
    for entry, by, _ in merged.hidden:
        yield entry, by, (entry.layer, entry.path)


def _fact(
    view: View, entries: list[Entry], by: int | None, role: str, detail: str | None, extra: Mapping[str, Any]
) -> Fact:
    entry = max(entries, key=lambda each: (each.size, each.path))
    size = sum(each.size for each in entries)
    fields = {"secret": None, "certain": None, "line": None, **extra}
    return view.fact(
        "image.file",
        entry.path,
        path=entry.path,
        role=role,
        detail=detail,
        files=len(entries),
        size=size,
        shown_size=shown_size(size),
        mode=f"{entry.mode & 0o7777:04o}",
        hidden=by is not None,
        hidden_by=None if by is None else by + 1,
        installed=not view.is_own(entry, hidden=by is not None),
        **fields,
        **view.layer_fields(entry.layer),
    )


def _roles(
    entry: Entry, own: bool, hidden: bool, secret: SecretFile | None, table: PathTable, known: _Known
) -> list[tuple[str, str | None, dict[str, Any]]]:
    """Role, detail and further fields of a file; `own` when no installed package brought it."""
    roles: list[tuple[str, str | None, dict[str, Any]]] = []
    if secret is not None:
        roles.append(("secret", secret.kind, {"secret": secret.kind, "certain": secret.certain, "line": secret.line}))
    if entry.kind == "file" and entry.size:
        role = _role(entry, table) if own else None
        if role and (not hidden or role in known.told_when_hidden):
            roles.append((role, None, {}))
        if not hidden:
            roles += _by_path(entry.path, known)
    mode = None if hidden else _by_mode(entry, own, known)
    return [*roles, (*mode, {})] if mode else roles


def _leads_nowhere(link: Entry, files: ImageTree, known: _Known) -> bool:
    """Whether a link among the programs leads to what the image lacks, and no run brings."""
    if not known.programs.match(link.path):
        return False
    target = posixpath.normpath(posixpath.join("/", posixpath.dirname(link.path), link.target))
    return not known.brought.match(target) and files.resolve(link.path) is None


def _by_path(path: str, known: _Known) -> Iterator[tuple[str, str | None, dict[str, Any]]]:
    name = path.rpartition("/")[2]
    if known.any_driver.search(name) and not known.driver_clean.search(f"/{path}"):
        yield "gpu-driver", "library" if known.driver.search(name) else "installer", {}
    if path.startswith(known.reserved_tree):
        reserved = known.reserved.match(path)
        yield "reserved", reserved["place"] if reserved else None, {}


def _role(entry: Entry, table: PathTable) -> str | None:
    """The first role of the table that fits."""
    for role in table.roles:
        if role.pattern.search(entry.path) and entry.size >= role.least_bytes:
            return role.name
    return None


def _by_mode(entry: Entry, own: bool, known: _Known) -> tuple[str, str | None] | None:
    mode = entry.mode
    if entry.kind == "device":
        return None if entry.path.startswith("dev/") else ("device", None)
    if entry.kind == "folder" and mode & _WRITABLE and not mode & _STICKY:
        clean = known.writable_clean.search(entry.path) or not known.programs.match(f"{entry.path}/")
        return None if clean else ("world-writable", "folder")
    return ("setuid", None) if own and entry.kind == "file" and mode & (_SETUID | _SETGID) else None


def _joined(patterns: Iterable[str]) -> re.Pattern[str]:
    import re

    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))
