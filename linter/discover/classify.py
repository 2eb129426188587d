"""What a file is, by its name and, where names do not settle it, its first bytes."""

from __future__ import annotations

import re
from collections.abc import Callable

from linter.lazy import compiled

HEAD_BYTES = 4096
MANIFEST_BYTES = 4 * 1024 * 1024
"""How far a JSON or YAML file is searched for the member names of a request."""

Peek = Callable[[int], bytes]

_NOT_A_DOCKERFILE = compiled(r"\.(md|rst|py|pyc|sh|json|ya?ml|html?|ipynb|png|pdf|log|tf|toml|js|ts|go|java)$", re.I)
_DOCKERFILE = compiled(r"^(?:(?:docker|container)file(?:[._-].*)?|.+[._-](?:docker|container)file(?:\.[\w-]+)?)$", re.I)
_TEMPLATE_SUFFIX = compiled(r"\.(j2|jinja2?|tmpl|tpl|template|in|dist|example|sample)$", re.I)
_NGINX_NAME = compiled(r"^(?:nginx[\w.-]*|.+\.nginx|.*nginx[\w-]*\.conf)$", re.I)
_BACKUP = compiled(r"(\.(o|orig|bak|old|save|swp|rej)|~)$", re.I)
_NGINX_TEXT = compiled(rb"^\s*(?:server|http|events|upstream\s+\S+|location\s[^\n{]+)\s*\{", re.M)
_SUPERVISOR_TEXT = compiled(rb"^\s*\[(?:program:|supervisord)", re.M)
_GUNICORN_NAME = compiled(r"^(?:.*gunicorn.*\.py|gunicorn\.conf)$", re.I)
_SHEBANG = compiled(rb"^(?:\xef\xbb\xbf)?#![ \t]*(\S+)(?:[ \t]+(\S+))?")
_SHELLS = frozenset({b"sh", b"bash", b"dash", b"ksh", b"zsh", b"ash"})
_SCRIPT_SUFFIXES = (".py", ".r", ".pl", ".js", ".rb", ".mjs")
_START_NAMES = frozenset({"serve", "train"})
_MANIFEST_SUFFIXES = (".json", ".yaml", ".yml", ".jsonc")


def kind_of(path: str, size: int, peek: Peek) -> str | None:
    """The kind of artifact a file is, or None for a file that no inspector reads.

    `peek(n)` gives the first n bytes and may raise OSError.
    """
    name = path.rsplit("/", 1)[-1]
    lower = name.lower()
    if _BACKUP.search(lower):
        return None
    if lower.endswith(".dockerignore"):
        return "dockerignore"
    if _DOCKERFILE.match(lower) and not _NOT_A_DOCKERFILE.search(lower):
        return "dockerfile"
    stem = _TEMPLATE_SUFFIX.sub("", lower)
    if stem.endswith(_MANIFEST_SUFFIXES) or (lower.endswith(".template") and "." not in stem):
        return _manifest(size, peek)
    if _GUNICORN_NAME.match(stem):
        return "gunicorn"
    if stem.endswith((".sh", ".bash", ".ksh")):
        return "shell"
    if stem.endswith((".conf", ".ini", ".cfg", ".nginx")) or _NGINX_NAME.match(lower):
        return _configuration(stem, peek)
    if "." not in name or lower.endswith(_SCRIPT_SUFFIXES):
        return _program(name, size, peek)
    return None


def _manifest(size: int, peek: Peek) -> str | None:
    from linter.inspect.manifest import looks_like_manifest

    return "manifest" if size and looks_like_manifest(peek(MANIFEST_BYTES)) else None


def _configuration(name: str, peek: Peek) -> str | None:
    head = peek(HEAD_BYTES * 4)
    if _SUPERVISOR_TEXT.search(head):
        return "supervisor"
    if name.endswith((".ini", ".cfg")):
        return None
    if _NGINX_TEXT.search(head) or (_NGINX_NAME.match(name) and b";" in head and b"\x00" not in head):
        return "nginx"
    return None


def _program(name: str, size: int, peek: Peek) -> str | None:
    """Scripts by their first line; `serve` and `train` also without one, since SageMaker starts them by name."""
    found = _SHEBANG.match(peek(HEAD_BYTES)) if size else None
    if found:
        interpreter = found.group(1).rsplit(b"/", 1)[-1]
        if interpreter == b"env" and found.group(2):
            interpreter = found.group(2).rsplit(b"/", 1)[-1]
        return "shell" if interpreter in _SHELLS else "script"
    return "script" if name in _START_NAMES else None
