"""All rules of a run, ready to judge."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.model import EMPTY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from linter.judge.coverage import Requirement
    from linter.judge.rule import Rule


class UnknownRule(KeyError):
    """No rule has this id or name; the message names the nearest."""

    def __str__(self) -> str:
        return str(self.args[0])


class Head(NamedTuple):
    """What is known of a rule before it is loaded."""

    id: str
    name: str
    on: str
    """The kind of facts that it judges."""
    variant_of: str | None


class RuleSet:
    """Rules in order of id, and the requirements that they enforce. A rule is loaded when it, or all are asked for:
    most runs have facts of few kinds.
    """

    def __init__(
        self,
        heads: Iterable[Head],
        load: Callable[[str], Mapping[str, Rule]],
        requirements: tuple[Requirement, ...] = (),
        severities: Mapping[str, str] = EMPTY,
        validators: dict[str, Any] | None = None,
    ) -> None:
        """`load` gives the rules on facts of a kind, by id. `severities` are other ones than the rules have."""
        self.heads: tuple[Head, ...] = tuple(sorted(heads))
        self.requirements = requirements
        self.digest: str | None = None
        """A hash of all files that the rules were read from, without the parameters that the configuration sets."""
        self.validators = {} if validators is None else validators
        """Compiled matches by rule id; filled while judging."""
        self._load = load
        self._severities = severities
        self._by_kind: dict[str, tuple[Rule, ...]] = {}
        self._found: dict[str, Rule] = {}

    @classmethod
    def of(cls, rules: Iterable[Rule]) -> RuleSet:
        """A set of rules that are loaded already."""
        kinds: dict[str, dict[str, Rule]] = {}
        for rule in rules:
            kinds.setdefault(rule.on, {})[rule.id] = rule
        heads = [Head(each.id, each.name, kind, each.variant_of) for kind in kinds for each in kinds[kind].values()]
        return cls(heads, kinds.__getitem__)

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules)

    def __len__(self) -> int:
        return len(self.heads)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RuleSet) and self.rules == other.rules

    def __hash__(self) -> int:
        return hash(self.heads)

    def __contains__(self, rule: object) -> bool:
        return rule in self.rules

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """All of them."""
        found = [rule for kind in {head.on for head in self.heads} for rule in self.of_kind(kind)]
        return tuple(sorted(found, key=lambda rule: rule.id))

    def of_kind(self, kind: str) -> tuple[Rule, ...]:
        """The rules on facts of a kind."""
        if kind not in self._by_kind:
            ids = [head.id for head in self.heads if head.on == kind]
            loaded = self._load(kind) if ids else {}
            self._by_kind[kind] = tuple(self._judged(loaded[each]) for each in ids)
        return self._by_kind[kind]

    @cached_property
    def _kinds(self) -> dict[str, str]:
        return {head.id: head.on for head in self.heads}

    def find(self, rule_id: str) -> Rule | None:
        """The rule with exactly this id; None when there is none."""
        if rule_id not in self._found and rule_id in self._kinds:
            self._found |= {rule.id: rule for rule in self.of_kind(self._kinds[rule_id])}
        return self._found.get(rule_id)

    def _judged(self, rule: Rule) -> Rule:
        severity = self._severities.get(rule.id, rule.severity)
        return rule if severity == rule.severity else replace(rule, severity=severity)

    def get(self, id_or_name: str) -> Rule:
        """The rule with an id (in any case) or a name. Raises UnknownRule with a suggestion."""
        from linter.judge.rule import RULE_FAILED

        wanted = id_or_name.strip()
        for rule in (*self.rules, RULE_FAILED):
            if wanted in (rule.id, rule.name) or wanted.upper() == rule.id:
                return rule
        from linter.judge.words import did_you_mean

        known = [*(head.id for head in self.heads), *(head.name for head in self.heads)]
        raise UnknownRule(f"there is no rule `{wanted}`{did_you_mean(wanted, known)}")

    def only(self, heads: Iterable[Head], severities: Mapping[str, str]) -> RuleSet:
        """A set of some of these rules, some with other severities; what was loaded and compiled is shared."""
        return RuleSet(heads, self._load, self.requirements, severities, self.validators)
