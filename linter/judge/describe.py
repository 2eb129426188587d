"""Pages about rules: for `mllint explain` and for `docs/rules/`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from linter.judge.coverage import coverage
from linter.judge.examples import Example, load_examples
from linter.judge.template import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from linter.judge.coverage import Coverage, Requirement
    from linter.judge.rule import Param, Rule

HEADINGS = (
    "What it finds",
    "Why it matters",
    "How to fix",
    "Examples",
    "Parameters",
    "Sources",
    "Requirement",
)
_LANGUAGES = {
    "py": "python", "sh": "sh", "json": "json", "yaml": "yaml", "yml": "yaml", "ipynb": "json", "conf": "nginx",
    "md": "markdown", "toml": "toml", "ini": "ini", "cfg": "ini",
}  # fmt: skip


def rule_markdown(rule: Rule, requirements: Iterable[Requirement] = ()) -> str:
    """The page of one rule, always with the same headings. `requirements` give the titles of those it enforces."""
    examples = load_examples(rule)
    bodies = (
        _what(rule),
        rule.why.strip(),
        rule.fix.strip(),
        _examples(examples),
        _params(rule),
        "\n".join(f"- {_source(source)}" for source in rule.sources) or "None: mllint itself needs this rule.",
        _requirements(rule, {requirement.slug: requirement for requirement in requirements}),
    )
    parts = [f"# {rule.id}: {rule.name}", rule.summary.strip()]
    for heading, body in zip(HEADINGS, bodies, strict=True):
        parts += [f"## {heading}", body]
    return "\n\n".join(parts) + "\n"


def _what(rule: Rule) -> str:
    rows = [
        ("Severity", rule.severity),
        ("Confidence", rule.confidence),
        ("Judges", f"`{rule.on}`" if rule.on else "rules"),
        ("Since", rule.since),
    ]
    if rule.security_severity:
        rows.append(("Security severity", rule.security_severity))
    if rule.tags:
        rows.append(("Tags", ", ".join(rule.tags)))
    rows.append(("Can be mended by an editor", "yes: " + rule.edit.description if rule.edit else "no"))
    message = f"Reported as:\n\n{_fenced(rule.message, 'text')}"
    return f"{_table(('Property', 'Value'), rows)}\n\n{message}"


def _examples(examples: Sequence[Example]) -> str:
    parts = []
    for title, violating in (("Violating", True), ("Compliant", False)):
        chosen = [example for example in examples if example.violating is violating]
        parts += [f"### {title}"] if chosen else []
        parts += [_example(example) for example in chosen]
    return "\n\n".join(parts) or "None."


def _example(example: Example) -> str:
    parts = []
    named = re.fullmatch(r"\w+ example \d+ \((.*)\)", example.name, re.DOTALL)
    if named:
        parts.append(f"{named[1].strip().rstrip('.')}:")
    for path, content in example.files.items():
        mode = " (executable)" if path in example.executable else ""
        if not isinstance(content, str):
            parts.append(f"{_code(path)}, an archive with\n\n{_fenced(chr(10).join(content), 'text')}")
            continue
        parts.append(f"{_code(path)}{mode}\n\n{_fenced(content, _language(path))}")
    for name, image in example.images.items():
        parts.append(f"Built image {_code(name)}\n\n{_fenced(_as_yaml(image), 'yaml')}")
    if example.config:
        import json

        parts.append(f"Configuration\n\n{_fenced(json.dumps(dict(example.config), indent=2), 'json')}")
    if example.expect:
        places = ", ".join(_place(expected.file, expected.line) for expected in example.expect)
        parts.append(f"Found at {places}.")
    return "\n\n".join(parts)


def _place(file: str, line: int) -> str:
    """A line of a file; in an image there are none to show."""
    return _code(file) if "!/" in file else f"{_code(file)} line {line}"


def _as_yaml(image: Mapping[str, Any]) -> str:
    """The description of an image, without what it leaves to its defaults."""
    import yaml

    text: str = yaml.safe_dump(_plain(image), sort_keys=False, allow_unicode=True, width=110)
    return text


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _params(rule: Rule) -> str:
    if not rule.params:
        return "None."
    rows = [
        (_code(param.name), param.type, _code(shown(param.default)), _bounds(param), param.description, param.source)
        for param in rule.params
    ]
    usage = f"rules:\n  parameters:\n    {rule.id}:\n      {rule.params[0].name}: …"
    columns = ("Name", "Type", "Default", "Bounds", "Description", "Source of the default")
    return f"{_table(columns, rows)}\n\nSet in `.mllint.yaml`:\n\n{_fenced(usage, 'yaml')}"


def _bounds(param: Param) -> str:
    lower = "" if param.minimum is None else f"from {shown(param.minimum)}"
    upper = "" if param.maximum is None else f"up to {shown(param.maximum)}"
    return " ".join(part for part in (lower, upper) if part) or "none"


def _source(source: Any) -> str:
    return f"{source}, read {source.read}" if source.read else str(source)


def _requirements(rule: Rule, known: dict[str, Requirement]) -> str:
    lines = []
    for slug in rule.requirement:
        entry = known.get(slug)
        lines.append(
            f"- {_code(slug)}: {entry.title} ({entry.strength}; {entry.theme})" if entry else f"- {_code(slug)}"
        )
    return "\n".join(lines) or "None: mllint itself needs this rule."


def rules_index(rules: Iterable[Rule], requirements: Sequence[Requirement]) -> str:
    """The page that lists all rules by theme, and how far each requirement is enforced."""
    all_rules = sorted(rules, key=lambda rule: rule.id)
    rows = coverage(all_rules, requirements)
    themes = list(dict.fromkeys(requirement.theme for requirement in requirements))
    counts = ", ".join(
        f"{sum(row.state == state for row in rows)} {state}"
        for state in ("enforced", "partly", "held by examples", "not yet")
        if state != "held by examples" or any(row.state == state for row in rows)
    )
    parts = ["# Rules", f"{len(all_rules)} rules for {len(rows)} requirements: {counts}."]
    for theme in themes:
        inside = [row for row in rows if row.requirement.theme == theme]
        slugs = {row.requirement.slug for row in inside}
        chosen = [rule for rule in all_rules if slugs.intersection(rule.requirement)]
        parts.append(f"## {theme}")
        if chosen:
            cells = [(f"[{r.id}]({r.id}.md)", _code(r.name), r.severity, r.summary) for r in chosen]
            parts.append(_table(("Rule", "Name", "Severity", "Finds"), cells))
        parts.append(_table(("Requirement", "Strength", "Title", "State", "Rules"), [_row(row) for row in inside]))
    slugs = {requirement.slug for requirement in requirements}
    others = [rule for rule in all_rules if not slugs.intersection(rule.requirement)]
    if others:
        cells = [(f"[{r.id}]({r.id}.md)", _code(r.name), r.severity, r.summary) for r in others]
        parts += ["## Other rules", _table(("Rule", "Name", "Severity", "Finds"), cells)]
    return "\n\n".join(parts) + "\n"


def _row(row: Coverage) -> tuple[str, ...]:
    requirement = row.requirement
    notes = [f"not yet: {requirement.remaining}"] if requirement.remaining and row.rules else []
    notes += [f"cannot be decided: {requirement.not_decidable}"] if requirement.not_decidable else []
    state = f"{row.state} ({'; '.join(notes)})" if notes else row.state
    ids = ", ".join(f"[{rule}]({rule}.md)" for rule in row.rules) or "-"
    return (_code(requirement.slug), requirement.strength, requirement.title, state, ids)


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["-" * max(3, len(column)) for column in columns], *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(str(text).split()).replace("\\|", "|").replace("|", "\\|")


def _code(text: str) -> str:
    """Inline code whose fence is longer than any backtick inside."""
    ticks = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{space}{text}{space}{ticks}"


_INVISIBLE = {"\r": "␍", "\ufeff": "[byte order mark]"}
"""What examples are about and nobody would see."""


def _fenced(text: str, language: str) -> str:
    for sign, visible in _INVISIBLE.items():
        text = text.replace(sign, visible)
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def _language(path: str) -> str:
    name = path.rsplit("/", 1)[-1]
    if "dockerfile" in name.lower():
        return "dockerfile"
    return (
        _LANGUAGES.get(name.rsplit(".", 1)[-1], "text")
        if "." in name
        else "sh"
        if name in ("serve", "train")
        else "text"
    )
