"""Write the pages under docs/rules/ from the rules; `--check` only says whether they are stale (exit 1)."""

from __future__ import annotations

import sys
from pathlib import Path

from linter.judge.describe import rule_markdown, rules_index
from linter.judge.load import load_rules

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "rules"


def pages() -> dict[str, str]:
    """Every page by its file name."""
    rules = load_rules()
    texts = {f"{rule.id}.md": rule_markdown(rule, rules.requirements) for rule in rules.rules}
    texts["README.md"] = rules_index(rules.rules, rules.requirements)
    return {name: text.rstrip() + "\n" for name, text in texts.items()}


def stale() -> list[str]:
    """Names of pages that are missing, differ, or belong to no rule."""
    wanted = pages()
    present = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.md")} if FOLDER.is_dir() else {}
    return sorted({*wanted, *present} - {name for name in wanted if wanted[name] == present.get(name)})


def main() -> int:
    names = stale()
    if "--check" in sys.argv[1:]:
        print("\n".join(f"stale: docs/rules/{name}" for name in names) or "docs/rules/ is up to date")
        return 1 if names else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    wanted = pages()
    for name in names:
        if name in wanted:
            (FOLDER / name).write_text(wanted[name], "utf-8")
        else:
            (FOLDER / name).unlink()
    print(f"{len(wanted)} pages, {len(names)} rewritten")
    return 0


if __name__ == "__main__":
    sys.exit(main())
