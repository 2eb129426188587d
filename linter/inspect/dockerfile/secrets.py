"""Finds secrets in one Dockerfile and keeps their values out of every fact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.inspect.dockerfile.lines import UNSEEN

if TYPE_CHECKING:
    from linter.knowledge import Knowledge

HIDDEN = "<hidden>"
MIN_MASKED = 6
"""Shorter values are hidden in their own field only: replacing them everywhere would garble other text."""
MAX_MASKED = 200


class Secrets:
    """The secrets met so far. `hide` replaces them in any JSON value."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._values: set[str] = set()
        self._sorted: list[str] | None = None

    def in_value(self, key: str, value: str) -> str | None:
        """The kind of secret that a variable's value is, or None."""
        from linter.references.secrets import secret_in_value

        if not value.strip(UNSEEN + "\ufdd1"):
            return None
        kind = secret_in_value(key, value, self._knowledge)
        if kind:
            self.remember(value)
        return kind

    def in_text(self, text: str) -> list[str]:
        """The kinds of secrets that stand in a text."""
        from linter.references.secrets import secrets_in_text

        found = secrets_in_text(text, self._knowledge)
        for _, start, end in found:
            self.remember(text[start:end])
        return sorted({kind for kind, _, _ in found})

    def remember(self, value: str) -> None:
        value = value.strip()
        if len(value) >= MIN_MASKED and len(self._values) < MAX_MASKED:
            self._values.add(value)
            self._sorted = None

    def hide(self, value: Any) -> Any:
        """The value with every secret in its strings replaced."""
        if not self._values:
            return value
        if isinstance(value, str):
            return self._masked(value)
        if isinstance(value, list):
            return [self.hide(item) for item in value]
        if isinstance(value, dict):
            return {key: self.hide(item) for key, item in value.items()}
        return value

    def _masked(self, text: str) -> str:
        if self._sorted is None:
            self._sorted = sorted(self._values, key=len, reverse=True)
        for secret in self._sorted:
            if secret in text:
                text = text.replace(secret, HIDDEN)
        return text
