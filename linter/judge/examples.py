"""The examples of a rule: its tests, and part of its documentation."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from linter.judge.errors import RuleError, RuleErrors
from linter.model import EMPTY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from linter.judge.rule import Rule
    from linter.model import Finding

    Content = str | Mapping[str, str | int]
    """The text of a file; of an archive, the texts in it by their names."""
    Images = Mapping[str, Mapping[str, Any]]
    Check = Callable[[Mapping[str, Content], frozenset[str], Mapping[str, Any], Images], Iterable[Finding]]
    """Findings over files in memory: contents by path, the paths that are executable, the configuration, descriptions
    of built images by reference."""


class Expectation(NamedTuple):
    """A finding that an example must bring about. `message` is a text that the message must contain."""

    file: str
    line: int
    message: str | None = None


class Example(NamedTuple):
    """A small product; one without expectations must not break the rule."""

    name: str
    files: Mapping[str, Content]
    executable: frozenset[str] = frozenset()
    config: Mapping[str, Any] = EMPTY
    expect: tuple[Expectation, ...] = ()
    images: Images = EMPTY
    """Built images by reference, as `$defs/image` of `schemas/rule.schema.json` describes them."""

    @property
    def violating(self) -> bool:
        return bool(self.expect)


class Result(NamedTuple):
    """Outcome of one example; `difference` says in one sentence what was not as expected, None when all was."""

    rule: str
    example: str
    difference: str | None

    @property
    def passed(self) -> bool:
        return self.difference is None


def load_examples(rule: Rule) -> tuple[Example, ...]:
    """The examples of a rule, the violating ones first, read from its file. Raises RuleErrors when it is gone."""
    from linter.document import DocumentError, load_document
    from linter.judge.files import read_bytes

    if not rule.file.name:  # a rule of mllint itself
        return ()
    place = str(rule.file)
    try:
        value = load_document(read_bytes(place).decode("utf-8-sig")).value
    except DocumentError as error:
        raise RuleErrors([RuleError(place, error.line, error.column, error.message)]) from None
    return tuple(
        _example(entry, f"{kind} example {number}")
        for kind in ("violating", "compliant")
        for number, entry in enumerate(value["examples"][kind], 1)
    )


def _example(entry: Mapping[str, Any], label: str) -> Example:
    given = entry.get("files", {})
    files = {path: _content(file) for path, file in given.items()}
    executable = [path for path, file in given.items() if isinstance(file, dict) and file.get("executable")]
    expect = [Expectation(part["file"], part["line"], part.get("message")) for part in entry.get("expect", ())]
    name = f"{label} ({entry['name']})" if "name" in entry else label
    return Example(name, files, frozenset(executable), entry.get("config", {}), tuple(expect), entry.get("images", {}))


def _content(file: Any) -> Content:
    if isinstance(file, str):
        return file
    content: Content = file["archive"] if "archive" in file else file.get("text", "")
    return content


def packed(content: Content) -> bytes:
    """The bytes of a file of an example."""
    if isinstance(content, str):
        return content.encode("utf-8")
    import gzip
    import io
    import tarfile

    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, text in content.items():
            member = tarfile.TarInfo(name)
            if isinstance(text, int):  # a large file, of which the archive breaks off behind its size
                member.size = text
                return gzip.compress(made.getvalue() + member.tobuf(), mtime=0)
            data = text.encode("utf-8")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return gzip.compress(made.getvalue(), mtime=0)  # the same bytes each time


def run_examples(rules: Iterable[Rule], check: Check) -> list[Result]:
    """Run the examples of rules. A check that raises makes its example fail; the others still run."""
    return [
        Result(rule.id, example.name, _difference(rule, example, check))
        for rule in rules
        for example in load_examples(rule)
    ]


def load_look_alikes() -> list[tuple[str, tuple[str, ...], Example]]:
    """Small products that some families of rules must keep silent about: requirement, families, product."""
    from linter.document import DocumentError, load_document
    from linter.judge.files import look_alikes_file
    from linter.resources import rules_folder

    file = look_alikes_file(rules_folder())
    try:
        value = load_document(file.data.decode("utf-8-sig")).value
    except DocumentError as error:
        raise RuleErrors([RuleError(file.shown, error.line, error.column, error.message)]) from None
    return [
        (group["requirement"], tuple(group["families"]), _example(entry, f"look-alike {number}"))
        for group in value["look_alikes"]
        for number, entry in enumerate(group["examples"], 1)
    ]


def run_look_alikes(check: Check) -> list[Result]:
    """Check the look-alikes with all rules."""
    return [
        Result(requirement, example.name, _reported(families, example, check))
        for requirement, families, example in load_look_alikes()
    ]


def _reported(families: tuple[str, ...], example: Example, check: Check) -> str | None:
    """What the families report all the same; None when they keep silent."""
    try:
        findings = list(check(example.files, example.executable, example.config, example.images))
    except Exception as error:
        return f"{example.name}: the check failed with {type(error).__name__}: {error}"
    found = [each for each in findings if each.rule.startswith((*families, "MLL"))]
    return "; ".join(f"{each.rule} at {each.location.path}:{each.location.line}" for each in found) or None


def _difference(rule: Rule, example: Example, check: Check) -> str | None:
    try:
        findings = list(check(example.files, example.executable, example.config, example.images))
    except Exception as error:
        return f"{rule.id}, {example.name}: the check failed with {type(error).__name__}: {error}"
    failure = next((finding for finding in findings if finding.rule == "MLL001"), None)
    if failure:
        return f"{rule.id}, {example.name}: {failure.message}"
    found = [finding for finding in findings if finding.rule == rule.id]
    wanted = Counter((expected.file, expected.line) for expected in example.expect)
    present = Counter((finding.location.path, finding.location.line) for finding in found)
    parts = []
    if wanted - present:
        parts.append(f"no finding at {_places(wanted - present)}")
    if present - wanted:
        parts.append(f"a finding at {_places(present - wanted)} that is not expected")
    parts += _other_messages(example, found)
    return f"{rule.id}, {example.name}: {'; '.join(parts)}" if parts else None


def _other_messages(example: Example, found: list[Finding]) -> list[str]:
    parts = []
    for expected in example.expect:
        here = [f.message for f in found if (f.location.path, f.location.line) == (expected.file, expected.line)]
        if expected.message and here and not any(expected.message in message for message in here):
            parts.append(f"the message at {expected.file}:{expected.line} is {here[0]!r}, without {expected.message!r}")
    return parts


def _places(places: Counter[tuple[str, int]]) -> str:
    return ", ".join(
        f"{path}:{line}" + (f" ({number} times)" if number > 1 else "")
        for (path, line), number in sorted(places.items())
    )
