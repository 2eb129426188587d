"""Add labels made by hand to network.jsonl, in the short form that is kept.

    python tests/labels/add.py LABELS.json REPOSITORIES.json

A repository that is there already is replaced as a whole. docs/labels.md describes the two files.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from score import LABELS, VERDICTS, Label, Repository, load

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

LIMIT_BYTES = 5_500_000
CALL_LIMIT = 60
WHY_LIMIT_WORDS = 25

_SHELL = re.compile(r"""["']?(?:[!%]|(?:RUN|CMD|ADD|COPY|FROM|HEALTHCHECK|if|curl|wget|aws|nc|git|vllm) |\w+=\$\()""")
_DOTTED = re.compile(r"(?<![\w.\]])[A-Za-z_][\w.]*(?=\()")
_WRAPPERS = frozenset({"str", "int", "float", "print", "list", "len", "logging.info"})
_LONG_ADDRESS = re.compile(r"\S*://(?:\S*\?\S*|\S{50,})")
_SAME = re.compile(r"as (?:above|(?:in )?line (\d+))", re.IGNORECASE)


def repository_of(head: Mapping[str, Any], entries: Sequence[Mapping[str, Any]]) -> Repository:
    """One repository in the form that is kept. KeyError when an entry lacks a field."""
    labels: dict[tuple[str, int], Label] = {}
    whys: dict[tuple[str, int], str] = {}
    previous = ""
    for entry in entries:
        same = _SAME.fullmatch(entry["why"].strip(" ."))
        earlier = whys.get((entry["path"], int(same[1])), "") if same and same[1] else previous if same else ""
        previous = whys[entry["path"], entry["line"]] = earlier or short(entry["why"])
        session = [entry["session_line"]] if entry.get("session_line") else []
        label = Label(
            path=entry["path"],
            line=entry["line"],
            call=name_of(entry["call"]),
            verdict=entry["verdict"],
            reached=entry["reached"],
            in_image=entry["in_image"],
            category=entry["category"],
            why=previous,
            uses=tuple(sorted({*entry.get("uses", ()), *session} - {entry["line"]})),
        )
        other = labels.get((label.path, label.line), label)
        labels[label.path, label.line] = min(label, other, key=lambda each: VERDICTS.index(each.verdict))
    return Repository(
        head["repository"],
        head["commit"],
        bool(head["complete"]),
        tuple(sorted(set(head["container_files"]))) if head["complete"] else (),
        tuple(labels[key] for key in sorted(labels)),
    )


def name_of(call: str) -> str:
    """What is called, without arguments: of a Python call the dotted name, of a shell command its first words."""
    names = [] if _SHELL.match(call) else [name for name in _DOTTED.findall(call) if name not in _WRAPPERS]
    if names:
        return str(names[0])[:CALL_LIMIT]
    words = re.sub(r"\S*://\S*|\w+=(?=\$\()|[\"'\\]", " ", call).replace("$(", "").split()
    plain = [word for word in words if not re.search(r"[=${|;&>]|^-|\b\d{12}\b|^/tmp(?![\w-])", word)]
    return " ".join(plain[:3])[:CALL_LIMIT].strip(" ,([{:") or "unnamed"


def short(why: str) -> str:
    """One sentence of bounded length, without long addresses and without paths of temporary folders."""
    text = re.sub(r"(?<![\w/])/tmp(?:/[\w.-]*[\w-])*", "a temporary folder", _LONG_ADDRESS.sub("an address", why))
    text = re.split(r"(?<=[a-z)\]])\. ", " ".join(text.split()))[0].rstrip(".")
    if len(text.split()) > WHY_LIMIT_WORDS:
        text = re.split(r"[;:] ", text)[0]
    return " ".join(text.split()[:WHY_LIMIT_WORDS])


def lines_of(repositories: Iterable[Repository]) -> list[str]:
    """The lines of the file, in the order of names, paths and lines."""
    lines: list[str] = []
    for each in sorted(repositories, key=lambda each: each.repository.lower()):
        head = {"repository": each.repository, "commit": each.commit, "complete": each.complete}
        lines.append(_line({**head, "container": each.container}))
        path = None
        for label in each.labels:
            if label.path != path:
                path = label.path
                lines.append(_line({"path": path}))
            uses = {"uses": label.uses} if label.uses else {}
            entry = {name: value for name, value in vars(label).items() if name not in ("path", "uses")}
            lines.append(_line({"line": entry.pop("line"), **uses, **entry}))
    return lines


def _line(entry: Mapping[str, Any]) -> str:
    return json.dumps(entry, separators=(",", ":"), ensure_ascii=True)


def size_of(repositories: Iterable[Repository]) -> int:
    """Bytes that the file would have."""
    return sum(len(line) + 1 for line in lines_of(repositories))


def fitted(repositories: Sequence[Repository]) -> list[Repository]:
    """If the file would grow past its limit, without what says least: fine lines outside of the image.

    Those of Dockerfiles and shell scripts go first, since the score is about Python, then the others as need be.
    """

    def without(each: Repository, suffixes: tuple[str, ...]) -> Repository:
        kept = [one for one in each.labels if (one.verdict, one.in_image) != ("fine", "no") or suits(one, suffixes)]
        return replace(each, labels=tuple(kept))

    def suits(label: Label, suffixes: tuple[str, ...]) -> bool:
        return bool(suffixes) and label.path.endswith(suffixes)

    left = list(repositories)
    for suffixes in ((".py", ".ipynb"), ()):
        if size_of(left) > LIMIT_BYTES:
            left = [without(each, suffixes) for each in left]
    return left


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 2:
        print((__doc__ or "").strip(), file=sys.stderr)
        return 2
    entries, heads = (json.loads(Path(name).read_text("utf-8")) for name in arguments)
    new = [
        repository_of(head, [each for each in entries if each["repository"] == head["repository"]]) for head in heads
    ]
    names = {each.repository for each in new}
    strange = {each["repository"] for each in entries} - names
    if strange:
        print(f"no such repository in {arguments[1]}: {', '.join(sorted(strange))}", file=sys.stderr)
        return 1
    kept = [each for each in load() if each.repository not in names] if LABELS.is_file() else []
    result = fitted([*kept, *new])
    LABELS.write_text("".join(f"{line}\n" for line in lines_of(result)), "utf-8")
    size, count = size_of(result), sum(len(each.labels) for each in result)
    print(f"{len(new)} repositories added or replaced; {count} labels, {size} bytes of at most {LIMIT_BYTES}")
    left_out = sum(len(each.labels) for each in [*kept, *new]) - count
    if left_out:
        print(f"{left_out} labels of fine lines outside of images were left out to keep the file small")
    return 0 if size <= LIMIT_BYTES else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
