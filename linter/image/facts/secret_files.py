"""Secrets in the files of an image, by their content and, where that cannot be had, by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from linter.image.facts.paths import path_table
from linter.references.credential_files import credential_files
from linter.references.secrets import secret_in_value, secrets_in_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from linter.image.facts.paths import PathTable
    from linter.image.facts.view import View
    from linter.image.model import Entry
    from linter.knowledge import Knowledge

LONGEST_LINE = 4_096
MOST_LINES = 5_000
_SIGNS = "=:"


class SecretFile(NamedTuple):
    """What makes a file a secret. `certain`: its content has a form that only real credentials have, or it is a file
    that holds nothing else; otherwise it is likely.
    """

    kind: str
    certain: bool
    line: int | None


class Secrets(NamedTuple):
    """Secret files by path, and by (layer, path) where a later layer hides them."""

    found: Mapping[Any, SecretFile]
    unsearched: int
    """Files that were not searched, because there is too much text in the image."""


def secrets_of(view: View) -> Secrets:
    """Search the files that no installed package brought, up to a bound; those with telling names come first."""
    found: dict[Any, SecretFile] = {}
    table, credentials = path_table(view.knowledge), credential_files(view.knowledge)
    candidates = sorted(_candidates(view), key=lambda each: credentials.kind(each[1].path) is None)
    left = table.keep_bytes["secrets_in_all"]
    unsearched = 0
    for key, entry, content in candidates:
        left -= len(content or b"")
        if left < 0:
            unsearched += 1
            continue
        secret = _judged(entry, content, view.knowledge)
        if secret:
            found[key] = secret
    return Secrets(found, unsearched)


def _candidates(view: View) -> Iterator[tuple[Any, Entry, bytes | None]]:
    merged = view.merged
    if merged is None:
        return
    for path, entry in merged.entries.items():
        if entry.kind == "file" and entry.size and path in view.own:
            yield path, entry, merged.contents.get(path)
    for entry, _, _ in merged.hidden:
        if entry.kind == "file" and entry.size and view.is_own(entry, hidden=True):
            key = (entry.layer, entry.path)
            yield key, entry, merged.hidden_contents.get(key)


def _judged(entry: Entry, content: bytes | None, knowledge: Knowledge) -> SecretFile | None:
    table, kind = path_table(knowledge), credential_files(knowledge).kind(entry.path)
    if content is None:
        return _by_name(kind, knowledge)
    if b"\0" in content[:1024]:
        return _by_name(kind, knowledge) if kind != "private-key" else None
    text = content.decode("utf-8", "replace")
    return _by_text(text, kind, entry.path, table, knowledge) or _by_name(kind, knowledge, read=True)


def _by_name(kind: str | None, knowledge: Knowledge, *, read: bool = False) -> SecretFile | None:
    """A file whose name alone says what it holds; one that was read and shows nothing is only likely."""
    if kind is None or kind in knowledge.get("secrets.judge_by_content"):
        return None
    clean_when_read = knowledge.get("image_files.secret_clean_when_read")
    return None if read and kind in clean_when_read else SecretFile(kind, not read, None)


def _by_text(text: str, kind: str | None, path: str, table: PathTable, knowledge: Knowledge) -> SecretFile | None:
    weak = knowledge.get("image_files.secret_weak_kinds")
    clean = table.secret_clean.search(path) is not None
    tests_have = knowledge.get("image_files.secret_kinds_of_tests")
    likely: SecretFile | None = None
    for found, start, _ in secrets_in_text(text, knowledge):
        if clean and (found in weak or found in tests_have):
            continue
        secret = SecretFile(found, found not in weak, text.count("\n", 0, start) + 1)
        if secret.certain:
            return secret
        likely = likely or secret
    if likely is None and not clean and (kind or _is_settings(path, knowledge)):
        likely = _assigned(text, knowledge)
    return likely


def _is_settings(path: str, knowledge: Knowledge) -> bool:
    """Whether values under names such as `password` count in a file: in settings they do, in code they are often made
    up in the same breath, and the inspectors of code know better.
    """
    return path.endswith(tuple(knowledge.get("image_files.secret_settings_endings")))


def _assigned(text: str, knowledge: Knowledge) -> SecretFile | None:
    for number, line in enumerate(text.splitlines()[:MOST_LINES], 1):
        if len(line) > LONGEST_LINE or line.lstrip().startswith(("#", ";", "//")):
            continue
        at = min((line.find(sign) for sign in _SIGNS if sign in line), default=-1)
        if at <= 0 or line.startswith("=", at + 1):  # `name==1.0` is a requirement
            continue
        key = line[:at].removeprefix("export ").strip(" \t\"'-,{")
        value = line[at + 1 :].strip().rstrip(",;").strip()
        kind = secret_in_value(key, value, knowledge) if key and value else None
        if kind:
            return SecretFile(kind, certain=False, line=number)
    return None
