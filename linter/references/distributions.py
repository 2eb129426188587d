"""Names of Python distributions."""

from __future__ import annotations

from linter.lazy import compiled

_SEPARATORS = compiled(r"[-_.]+")


def normal(name: str) -> str:
    """A distribution's name as package indexes compare it: `Scikit_Learn` as `scikit-learn`."""
    return _SEPARATORS.sub("-", name).lower()
