"""All that an image says about itself, as facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.image.facts.notable import file_facts
from linter.image.facts.packages import package_facts, packages_of
from linter.image.facts.rpm_databases import database_problems
from linter.image.facts.settings import configuration_facts
from linter.image.facts.sizes import size_facts
from linter.image.facts.system import system_facts
from linter.image.facts.view import View
from linter.image.facts.waste import waste_facts
from linter.image.model import Problem
from linter.model import Inspection

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from linter.image.facts.advisories import Advisories
    from linter.image.model import Described, Merged, Scan
    from linter.knowledge import Knowledge
    from linter.model import Fact

MOST_PROBLEMS = 100


def image_facts(
    name: str,
    described: Described,
    scans: Sequence[Scan] | None,
    merged: Merged | None,
    knowledge: Knowledge,
    advisories: Advisories | None = None,
) -> Inspection:
    """The facts of one image. `name` is its reference as the user wrote it; the place of a fact about a file is
    `name!/path`, of one about the whole `name!/<configuration>`. `scans` and `merged` are None when only manifest and
    configuration were read: what files would tell is unknown then. `advisories` are known vulnerabilities.
    """
    view = View(name, described, scans, merged, knowledge)
    packages = packages_of(view)
    facts: list[Fact] = [
        *size_facts(view),
        *configuration_facts(view, packages),
        *system_facts(view),
        *package_facts(view, packages),
        *waste_facts(view),
        *file_facts(view),
        *_problems(view),
    ]
    if advisories is not None:
        from linter.image.facts.vulnerabilities import vulnerability_facts

        facts += vulnerability_facts(view, packages, advisories)
    return Inspection(tuple(facts))


def _problems(view: View) -> Iterator[Fact]:
    known = view.knowledge.get("image_files.problems")
    seen: set[tuple[str, int | None, str | None]] = set()
    for problem in _joined(_all_problems(view), frozenset(known["one_damage"]), frozenset(known["incomplete"])):
        key = (problem.code, problem.layer, problem.path)
        if key in seen or len(seen) >= MOST_PROBLEMS:
            continue
        seen.add(key)
        meaning = next((name for name in ("broken", "unsafe") if problem.code in known[name]), "unread")
        yield view.fact(
            "image.problem",
            problem.path,
            code=problem.code,
            message=problem.message,
            meaning=meaning,
            path=problem.path,
            **view.layer_fields(problem.layer),
        )


def _joined(problems: Iterable[Problem], one_damage: frozenset[str], incomplete: frozenset[str]) -> Iterator[Problem]:
    """Problems, those that damage to one layer shows in as one, at the place of the first of them. If files may be
    missing after one of them, its code says so.
    """
    joined: dict[tuple[str, int | None, int], Problem] = {}
    for number, problem in enumerate(problems):
        damaged = problem.code in one_damage and problem.layer is not None
        key = ("damage", problem.layer, 0) if damaged else (problem.code, problem.layer, number)
        first = joined.get(key)
        if first is None:
            joined[key] = problem
        elif problem.message not in first.message:
            path = first.path if first.path == problem.path else None
            code = first.code if first.code in incomplete else problem.code
            joined[key] = Problem(code, f"{first.message}; {problem.message}", first.layer, path)
    yield from joined.values()


def _all_problems(view: View) -> Iterator[Problem]:
    """Those of the source, and those of the layers, which the merged view has gathered."""
    yield from view.described.problems
    if view.merged is not None:
        yield from view.merged.problems
        yield from database_problems(view)
