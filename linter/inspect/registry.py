"""Which inspector reads which kind of artifact. Adding a kind of evidence is one module and one line here."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from linter.inspect.text import READ_LIMIT_BYTES
from linter.knowledge import Knowledge
from linter.model import Artifact, Inspection

Inspector = Callable[[Artifact, bytes, Knowledge], Inspection]

# Kind of artifact -> module with a function `inspect`. Modules load when the first artifact of their kind is met.
INSPECTORS = {
    "dockerfile": "linter.inspect.dockerfile",
    "dockerignore": "linter.inspect.dockerignore",
    "compose": "linter.inspect.compose",
    "licence": "linter.inspect.licences",
    "locked": "linter.inspect.locked",
    "pipeline": "linter.inspect.pipelines",
    "python_project": "linter.inspect.project",
    "nginx": "linter.inspect.nginx",
    "gunicorn": "linter.inspect.gunicorn",
    "supervisor": "linter.inspect.supervisor",
    "shell": "linter.inspect.shell",
    "cron": "linter.inspect.cron",
    "manifest": "linter.inspect.manifest",
    "script": "linter.inspect.script",
    "python": "linter.inspect.python",
    "notebook": "linter.inspect.notebook",
    "model_configuration": "linter.inspect.model_configuration",
    "proxy": "linter.inspect.proxies",
    "requirements": "linter.inspect.requirements",
    "source": "linter.inspect.source",
    "data": "linter.inspect.samples",
    "packed_data": "linter.inspect.samples.packed",
    "model_archive": "linter.inspect.model_archive",
    "listing_text": "linter.inspect.listing.prose",
    "picture": "linter.inspect.pictures",
    "access_policy": "linter.inspect.access_policy",
    "settings": "linter.inspect.settings",
    "store_settings": "linter.inspect.settings",
    "makefile": "linter.inspect.makefile",
    "terraform": "linter.inspect.terraform",
}

SAMPLED = {"data": 256 * 1024, "model_archive": 32 * 1024 * 1024, "picture": 64 * 1024, "packed_data": 4 * 1024 * 1024}
"""Kinds that may be as large as they like, and of which so many bytes are read, from the start: what fills a table
stands in its first rows as well, and programs in an archive mostly lie before its weights."""


def read_limit(kind: str) -> int:
    """How many bytes of an artifact of a kind are read at most."""
    return SAMPLED.get(kind, READ_LIMIT_BYTES)


def inspector_of(kind: str) -> Inspector | None:
    """The function that reads artifacts of a kind, or None when nothing in them is read."""
    module = INSPECTORS.get(kind)
    return import_module(module).inspect if module else None
