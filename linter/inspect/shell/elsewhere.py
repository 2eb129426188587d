"""Files from which commands read their requests, and that the script does not write itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.inspect.commands import template_text
from linter.lazy import compiled
from linter.model import UNKNOWN, Fact, Inspection, Location

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linter.inspect.mapped import Mapped
    from linter.inspect.shell.commands import Command
    from linter.inspect.shell.facts import Setting

_FILE = compiled(r"(?:--[a-z-]+=)?fileb?://(.+)")


def files_named_by(command: Command, written: Mapping[str, Mapped], setting: Setting) -> Inspection:
    """A `request.file` for each file that a command names and that the script did not write before."""
    facts = []
    for number in range(2, len(command.arguments)):
        text = template_text(command, number)
        found = _FILE.fullmatch(text.text)
        name = found.group(1).removeprefix("./") if found else ""
        if name and name not in written:
            span = setting.span(*text.place(0, len(text.text)))
            fields = {"name": name, "operation": command.arguments[1], "exists": UNKNOWN}
            facts.append(Fact("request.file", Location(setting.path, span), fields, {"name": span}))
    return Inspection(tuple(facts))
