"""Where the rules and schemas that come with mllint are."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


class MissingResource(Exception):
    """The installation is incomplete. The message is one sentence with its remedy."""


def rules_folder() -> Path:
    """The folder of the rules, with `knowledge/` and `requirements.yaml` in it. Raises MissingResource."""
    return _folder("rules", "knowledge")


def schemas_folder() -> Path:
    """The folder of the JSON Schemas, with `facts/` in it. Raises MissingResource."""
    return _folder("schemas", "facts")


def _folder(name: str, landmark: str) -> Path:
    """A wheel holds the folder inside the package; in a checkout (also installed editable) it stands beside it.

    The landmark tells it from a stranger's folder of the same name in `site-packages`.
    """
    for folder in (_PACKAGE / "data" / name, _PACKAGE.parent / name):
        if (folder / landmark).is_dir():
            return folder
    raise MissingResource(f"the folder `{name}/` of mllint is missing beside {_PACKAGE}; install mllint again")
