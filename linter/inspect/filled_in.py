"""What the code of a notebook fills into templates that its cells write: `template.render(model_id=model_s3_uri)`."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from linter.lazy import compiled

if TYPE_CHECKING:
    from collections.abc import Mapping

_RENDER = compiled(r"\.render\(([^()]{1,2000})\)")
_GIVEN = compiled(r"\b([A-Za-z_]\w{0,100})\s*=\s*([^,\n]{1,300})")
_TEXT = compiled(r"""f?(['"])([^'"\n]{0,500})\1""")
_WHOLE = compiled(r"\{\{-?\s*([A-Za-z_]\w{0,100})\s*-?\}\}")
_NAMES_LIMIT = 100
_CHARACTERS_LIMIT = 300_000


def fillings(code: str) -> dict[str, str]:
    """What names in templates stand for: a text, or an expression in angle brackets, as it stands in a placeholder.

    The last text that a variable is set to counts, wherever that stands.
    """
    code = code[:_CHARACTERS_LIMIT]
    given = (each.groups() for render in _RENDER.finditer(code) for each in _GIVEN.finditer(render[1]))
    return {name: _value(expression.strip(), code) for name, expression in islice(given, _NAMES_LIMIT)}


def filled_in(value: str, filled: Mapping[str, str]) -> str:
    """A value that is all template, as it is filled in; any other as it is."""
    template = _WHOLE.fullmatch(value.strip())
    return filled.get(template[1], value) if template else value


def _value(expression: str, code: str) -> str:
    text = _TEXT.fullmatch(expression)
    if text is None and expression.isidentifier():
        set_to = re.findall(rf"^[ \t]*{expression}[ \t]*=[ \t]*(\S[^\n#]*)", code, re.MULTILINE)
        text = next((known for each in reversed(set_to) if (known := _TEXT.fullmatch(each.strip()))), None)
    return text[2] if text else f"<{expression}>"
