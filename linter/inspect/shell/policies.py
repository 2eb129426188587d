"""Roles and bucket policies that scripts make: `aws iam create-role`, `aws s3api put-bucket-policy`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.inspect.commands import template_text
from linter.inspect.shell import arguments
from linter.model import Location

if TYPE_CHECKING:
    from collections.abc import Mapping

    from linter.inspect.mapped import Mapped
    from linter.inspect.shell.commands import Command
    from linter.inspect.shell.facts import Setting
    from linter.model import Fact

_POLICIES = {
    ("iam", "create-role"): "--assume-role-policy-document",
    ("s3api", "put-bucket-policy"): "--policy",
}
"""Commands, and the option with the policy of each."""
_NAME = "--role-name"


def is_policy(command: Command) -> bool:
    """Whether a command creates a role or a bucket policy."""
    return command.program == "aws" and command.arguments[:2] in _POLICIES


def policy_facts(command: Command, written: Mapping[str, Mapped], setting: Setting) -> tuple[list[Fact], str | None]:
    """An `iam.role`, or the `s3.grant` facts of a command; and the name of the file that it reads its policy from.

    `written` are texts that the script wrote to files before.
    """
    from linter.inspect.bucket_policies import code_facts
    from linter.inspect.iam_roles import role_fact

    option = _POLICIES[command.arguments[:2]]  # type: ignore[index]
    text = _value(command, option)
    if text is None:
        return [], None
    location = Location(setting.path, setting.span(*_place(command, option)))
    scheme, sign, rest = text.partition("://")
    name = rest.removeprefix("./") if sign and scheme in ("file", "fileb") else None
    if name is not None:
        text = written[name].text if name in written else ""
    if option == "--policy":
        return code_facts(text, location, setting.knowledge), name
    document = name if name not in written else None
    return [role_fact(_value(command, _NAME), text, location, document)], name


def _value(command: Command, option: str) -> str | None:
    """The value of an option, what the shell fills in as `${NAME}`."""
    found = arguments.value(command, (option,))
    if found is None:
        return None
    return template_text(command, found.at).text.removeprefix(f"{option}=")


def _place(command: Command, option: str) -> tuple[int, int]:
    found = arguments.value(command, (option,))
    return command.argument_spans[found.at] if found else (command.start, command.end)
