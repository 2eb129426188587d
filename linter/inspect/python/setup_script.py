"""What a `setup.py` asks for: the training toolkit installs a folder that has one before it runs the program."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from linter.inspect.requirements import file_fact
from linter.model import Location

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linter.inspect.python.place import Places
    from linter.inspect.python.scopes import Outline
    from linter.inspect.python.values import Values
    from linter.model import Fact, Span

NAME = "setup.py"
_CALL, _ARGUMENT = "setup", "install_requires"


def setup_requirements(outline: Outline, values: Values, places: Places) -> Iterator[Fact]:
    """A `requirements.file` for the call of `setup` in a `setup.py`, of the requirements that it names itself."""
    if places.path.rpartition("/")[2] != NAME:
        return
    for called in outline.calls_named({_CALL}):
        node = next((each.value for each in called.node.keywords if each.arg == _ARGUMENT), None)
        named = values.of(node, called.scope) if node is not None else None
        lines = [each for each in named if isinstance(each, str)] if isinstance(named, list) else []
        if node is not None and lines:
            place = Location(places.path, places.span(node))
            yield file_fact(places.path, place, "\n".join(lines), partial(_at, place.span))
            return


def _at(place: Span, _start: int, _end: int) -> Span:
    """The place of the whole list: its texts may come from elsewhere."""
    return place
