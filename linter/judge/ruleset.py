"""All rules of a run, ready to judge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from linter.judge.coverage import Requirement
    from linter.judge.rule import Rule


class UnknownRule(KeyError):
    """No rule has this id or name; the message names the nearest."""

    def __str__(self) -> str:
        return str(self.args[0])


class RuleSet:
    """Rules in order of id, and the requirements that they enforce."""

    def __init__(
        self,
        rules: Iterable[Rule],
        requirements: tuple[Requirement, ...] = (),
        validators: dict[str, tuple[Any, Any]] | None = None,
    ) -> None:
        self.rules: tuple[Rule, ...] = tuple(sorted(rules, key=lambda rule: rule.id))
        self.requirements = requirements
        self.digest: str | None = None
        """A hash of all files that the rules were read from, without the parameters that the configuration sets."""
        self.validators = {} if validators is None else validators
        """Compiled matches by rule id, each with the `match` it was made from; filled while judging."""
        by_kind: dict[str, list[Rule]] = {}
        for rule in self.rules:
            by_kind.setdefault(rule.on, []).append(rule)
        self.by_kind: Mapping[str, tuple[Rule, ...]] = {kind: tuple(rules) for kind, rules in by_kind.items()}

    def get(self, id_or_name: str) -> Rule:
        """The rule with an id (in any case) or a name. Raises UnknownRule with a suggestion."""
        from linter.judge.rule import RULE_FAILED

        wanted = id_or_name.strip()
        for rule in (*self.rules, RULE_FAILED):
            if wanted in (rule.id, rule.name) or wanted.upper() == rule.id:
                return rule
        from linter.judge.words import did_you_mean

        known = [*(rule.id for rule in self.rules), *(rule.name for rule in self.rules)]
        raise UnknownRule(f"there is no rule `{wanted}`{did_you_mean(wanted, known)}")

    def only(self, rules: Iterable[Rule]) -> RuleSet:
        """A set of some of these rules, perhaps with other severities; what was compiled is shared."""
        return RuleSet(rules, self.requirements, self.validators)
