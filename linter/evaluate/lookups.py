"""What calls give that only a run would tell whole: images of AWS's own that code looks up by name (the account
belongs to AWS whatever the Region turns out to be), and the ARN of a role that code creates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.evaluate.text import Text, joined
from linter.evaluate.values import Dict, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from linter.evaluate.functions import Given
    from linter.evaluate.machine import Machine
    from linter.evaluate.text import Place
    from linter.knowledge import Knowledge

_LONGEST_VERSION = 40


def lookups(knowledge: Knowledge) -> dict[str, Callable[[Machine, Given], Any]]:
    """The calls that look up an image, by their dotted names."""
    table: Mapping[str, Any] = knowledge.get("request_calls.image_lookups")
    images = {path: _lookup(entry, knowledge) for path, entry in table.items()}
    return images | dict.fromkeys(knowledge.get("request_calls.role_makers"), _role)


def _role(_: Machine, given: Given) -> Any:
    """The answer to a request for a role: its ARN ends in its name."""
    name = given.named.items.get("RoleName")
    if not isinstance(name, Text):
        return None
    place = given.place
    account, path = Text.unknown("account", place), Text.unknown("path", place)
    parts = [Text.written("arn:aws:iam::", place), account, Text.written(":role/", place)]
    parts += [path] if "Path" in given.named.items or given.named.open else []
    role = Dict(place, open=True)
    role.put("Arn", joined([*parts, name], None, place))
    answer = Dict(place, open=True)
    answer.put("Role", role)
    return answer


def _lookup(entry: Mapping[str, Any], knowledge: Knowledge) -> Callable[[Machine, Given], Any]:
    def find(m: Machine, given: Given) -> Any:
        name, region, version = (given.arg(*entry[part]) for part in ("name", "region", "version"))
        if not isinstance(name, Text) or not name.known:
            return None
        return image_of(name.flat, region, version, given.place, knowledge)

    return find


def image_of(name: str, region: Any, version: Any, place: Place | None, knowledge: Knowledge) -> Text | None:
    """The image of a framework or built-in algorithm; None when there is no such one. Its parts may be unknown.

    Each Region has accounts of its own. One of them stands for all when the Region is not known: all are AWS's.
    """
    configurations: Mapping[str, list[str]] = knowledge.get("registries.configurations")
    group = next((group for group, names in configurations.items() if name in names), None)
    where = region.flat if isinstance(region, Text) and region.known else None
    rows: Mapping[str, Any] = knowledge.get("registries.accounts")
    accounts = [a for a, row in rows.items() if group in row["groups"] and (where is None or where in row["regions"])]
    if group is None or not accounts:
        return None
    repositories = knowledge.get("request_calls.image_repositories")
    repository = name if group == "builtin_algorithm" else None
    parts = [
        Text.written(f"{accounts[0]}.dkr.ecr.", place),
        region if isinstance(region, Text) else Text.unknown(getattr(region, "name", "region"), place),
        Text.written(".amazonaws.com/", place),
        Text.written(repositories[name], place) if name in repositories else _named(repository, name, place),
        Text.written(":", place),
        _tag(group, version, place),
    ]
    return joined(parts, None, place)


def _named(repository: str | None, name: str, place: Place | None) -> Text:
    return Text.written(repository, place) if repository else Text.unknown(name, place)


def _tag(group: str, version: Any, place: Place | None) -> Text:
    if isinstance(version, Text) and len(version.flat) <= _LONGEST_VERSION:
        return version
    plain = group == "builtin_algorithm" and (version is None or not isinstance(version, Unknown))
    return Text.written("1", place) if plain else Text.unknown("version", place)
