"""Rules, requirements and knowledge, from files or, as nearly always, from what was kept of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from linter.judge.coverage import Requirement, Sentence
from linter.judge.errors import RuleError, RuleErrors
from linter.judge.files import KNOWLEDGE, documents_file, knowledge_files, rule_files, schema_files, stamps_of
from linter.judge.fill import PARAM, filled
from linter.judge.params import ConfigProblem, values_of
from linter.judge.rule import EditTemplate, Param, Rule, Source
from linter.judge.ruleset import Head, RuleSet, UnknownRule
from linter.knowledge import Knowledge
from linter.resources import rules_folder, schemas_folder
from linter.store import built, digest, remembered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

__all__ = [
    "ConfigProblem",
    "RuleError",
    "RuleErrors",
    "RuleSet",
    "UnknownRule",
    "load_documents",
    "load_knowledge",
    "load_rules",
]


ON = "on "
"""How the names begin under which the rules on facts of a kind are kept."""


def load_rules(
    extra: Iterable[str | Path] = (),
    parameters: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    rules: Path | None = None,
    schemas: Path | None = None,
) -> RuleSet:
    """All rules that come with mllint and those of extra folders, with parameters by id or name of the rule.

    `rules` and `schemas` stand in for mllint's own folders. Raises RuleErrors with everything that is wrong with any
    file, and ConfigProblem for a parameter that a rule does not have or that does not fit.
    """
    roots = [rules or rules_folder(), *map(Path, extra)]
    described = schemas or schemas_folder()

    def build() -> dict[str, Any]:
        from linter.judge.compile import compile_rules

        facts, rule_schema = schema_files(described)
        return _kept(compile_rules(list(rule_files(roots)), facts, rule_schema, load_knowledge(rules=roots[0])))

    def inputs() -> list[tuple[str, bytes]]:
        facts, rule_schema = schema_files(described)
        files = [*rule_files(roots), *knowledge_files(roots[0])]
        found = [(f"{file.root}/{file.path}", file.data) for file in files]
        return [*found, *((f"facts/{kind}", data) for kind, data in facts.items()), ("rule.schema.json", rule_schema)]

    key = _key("rules", [*roots, described], inputs)
    plain = built("rules", key, build)
    heads = [Head(*head) for head in plain["heads"]]
    given = _parameters(heads, parameters or {})
    loaded: dict[str, dict[str, Rule]] = {}

    def load(kind: str) -> Mapping[str, Rule]:
        if kind not in loaded:
            entries = plain[f"{ON}{kind}"]
            loaded[kind] = {entry["id"]: _rule(entry, roots, given.get(entry["id"], {})) for entry in entries}
        return loaded[kind]

    for kind in {head.on for head in heads if head.id in given}:
        load(kind)  # so that a value that does not fit is refused at once
    found = RuleSet(heads, load, tuple(_requirement(entry) for entry in plain["requirements"]))
    found.digest = key
    return found


def load_knowledge(*, rules: Path | None = None) -> Knowledge:
    """All tables of `knowledge/` in mllint's rules folder, or in another one. Raises RuleErrors."""
    folder = rules or rules_folder()

    def build() -> dict[str, Any]:
        from linter.judge.compile import compile_knowledge

        return compile_knowledge(knowledge_files(folder))

    def inputs() -> list[tuple[str, bytes]]:
        return [(file.path, file.data) for file in knowledge_files(folder)]

    key = _key("knowledge", [folder / KNOWLEDGE], inputs)
    return Knowledge(built("knowledge", key, build), key)


def _key(name: str, folders: Sequence[Path], inputs: Callable[[], list[tuple[str, bytes]]]) -> str:
    """The digest of what is read from some folders, which is read only when something there has changed."""
    stamps = stamps_of(folders)
    return digest(name, inputs()) if stamps is None else remembered(name, stamps, [], inputs)


def load_documents(requirements: Iterable[Requirement], *, rules: Path | None = None) -> tuple[Sentence, ...]:
    """The sentences of the founding documents, in their order; each names some of `requirements`.

    They are read for the coverage alone, never for a check. `rules` stands in for mllint's own folder. Raises
    RuleErrors with everything that is wrong with the list.
    """
    from linter.judge.compile import compile_documents

    plain = compile_documents(documents_file(rules or rules_folder()), {entry.slug for entry in requirements})
    return tuple(
        Sentence(
            entry["id"],
            document["title"],
            entry["section"],
            entry["text"],
            tuple(entry["requirements"]),
            entry["artifacts"] == "yes",
            entry.get("reason"),
        )
        for document in plain
        for entry in document["sentences"]
    )


def _kept(compiled: Mapping[str, Any]) -> dict[str, Any]:
    """Compiled rules, so that those on facts of one kind can be had alone."""
    rules = compiled["rules"]
    by_kind: dict[str, list[Any]] = {f"{ON}{rule['on']}": [] for rule in rules}
    for rule in rules:
        by_kind[f"{ON}{rule['on']}"].append(rule)
    heads = [[rule["id"], rule["name"], rule["on"], rule.get("variant_of")] for rule in rules]
    return {"heads": heads, "requirements": compiled["requirements"], **by_kind}


def _requirement(entry: Mapping[str, str]) -> Requirement:
    return Requirement(
        entry["slug"],
        entry["theme"],
        entry["strength"],
        entry["title"],
        entry.get("remaining"),
        entry.get("not_decidable"),
        entry.get("held_by"),
    )


def _parameters(heads: Iterable[Head], parameters: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Values of parameters by the rule's id. Raises ConfigProblem for those of a rule that is not there."""
    names = {name: head.id for head in heads for name in (head.id, head.name)}
    given: dict[str, dict[str, Any]] = {}
    for name, values in parameters.items():
        if name not in names:
            from linter.judge.words import did_you_mean

            raise ConfigProblem(f"there is no rule `{name}` to set parameters of{did_you_mean(name, names)}", (name,))
        given.setdefault(names[name], {}).update(values)
    return given


def _rule(entry: Mapping[str, Any], roots: Sequence[Path], given: Mapping[str, Any]) -> Rule:
    params = tuple(Param(*param) for param in entry["params"])
    values = values_of(entry["id"], params, given) if params or given else {}
    edit = entry.get("edit")
    return Rule(
        id=entry["id"],
        name=entry["name"],
        summary=entry["summary"],
        requirement=tuple(entry["requirement"]),
        severity=entry["severity"],
        confidence=entry["confidence"],
        on=entry["on"],
        match=filled(entry["match"], PARAM, values.__getitem__) if entry["open"] else entry["match"],
        message=entry["message"],
        why=entry["why"],
        fix=entry["fix"],
        sources=tuple(Source(source["document"], source["section"], source.get("read")) for source in entry["sources"]),
        since=entry["since"],
        at=entry.get("at"),
        variant_of=entry.get("variant_of"),
        tags=tuple(entry.get("tags", ())),
        security_severity=entry.get("security_severity"),
        params=params,
        values=values,
        edit=EditTemplate(edit.get("at") or entry.get("at"), edit["replacement"], edit["description"])
        if edit
        else None,
        file=roots[entry["root"]] / entry["path"],
    )
