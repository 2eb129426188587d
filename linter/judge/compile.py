"""Files of rules to checked, plain values. Slow and thorough; `load` keeps what comes out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from linter.document import Document, DocumentError, Pointer, load_document
from linter.judge.check_match import MatchCheck
from linter.judge.errors import RuleError, RuleErrors, schema_problems
from linter.judge.factschema import NoField, Shape, shape
from linter.judge.files import REQUIREMENTS, RuleFile
from linter.judge.fill import KNOWLEDGE, PARAM, filled, reference
from linter.judge.params import misfit
from linter.judge.rule import Param
from linter.judge.template import holes
from linter.judge.words import did_you_mean
from linter.knowledge import Knowledge, UnknownEntry

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence


def compile_rules(
    files: Sequence[RuleFile], fact_schemas: Mapping[str, bytes], rule_schema: bytes, knowledge: Knowledge
) -> dict[str, Any]:
    """`{rules: […], requirements: […]}`, all plain JSON. Raises RuleErrors with everything that is wrong."""
    return _Compiler(fact_schemas, rule_schema, knowledge).compile(files)


def compile_knowledge(files: Sequence[RuleFile]) -> dict[str, Any]:
    """The tables by name of file. Raises RuleErrors."""
    errors: list[RuleError] = []
    tables = {}
    for file in files:
        document = read(file, errors)
        if document is None:
            continue
        name = file.path.rsplit("/", 1)[-1].rsplit(".", 1)[0]
        if not isinstance(document.value, dict):
            errors.append(RuleError(file.shown, 1, 1, "a table of knowledge is a mapping"))
        tables[name] = document.value
    if errors:
        raise RuleErrors(errors)
    return tables


def compile_documents(file: RuleFile, slugs: Collection[str]) -> list[dict[str, Any]]:
    """The documents of a list, each `{title, sentences: [{id, section, text, requirements, artifacts, …}]}`.

    `slugs` are the requirements that a sentence may name. Raises RuleErrors with everything that is wrong.
    """
    errors: list[RuleError] = []
    document = read(file, errors)
    if document is not None:
        for at, message in _wrong_documents(document.value, slugs):
            span = document.span(at)
            errors.append(RuleError(file.shown, span.line, span.column, message))
    if errors or document is None:
        raise RuleErrors(errors)
    return list(document.value["documents"])


def _wrong_documents(value: Any, slugs: Collection[str]) -> Iterator[tuple[Pointer, str]]:
    documents = value.get("documents") if isinstance(value, dict) else None
    if not isinstance(documents, list) or not documents:
        yield (), "`documents` must be a list of documents"
        return
    ids: set[str] = set()
    for number, entry in enumerate(documents):
        at: Pointer = ("documents", number)
        sentences = entry.get("sentences") if isinstance(entry, dict) else None
        if not isinstance(sentences, list) or not _is_text(entry.get("title")) or len(entry) != 2:
            yield at, "a document has a `title`, a list of `sentences`, and nothing else"
            continue
        for index, sentence in enumerate(sentences):
            for inside, message in _wrong_sentence(sentence, slugs, ids):
                yield (*at, "sentences", index, *inside), message


def _wrong_sentence(sentence: Any, slugs: Collection[str], ids: set[str]) -> Iterator[tuple[Pointer, str]]:
    """What is wrong with a sentence, each with a place in it. Its id is added to `ids`, which hold those before it."""
    texts, fields = ("id", "section", "text"), ("id", "section", "text", "requirements", "artifacts", "reason")
    if not isinstance(sentence, dict):
        yield (), "a sentence is a mapping"
        return
    for name in sentence.keys() - set(fields):
        yield (name,), f"a sentence has no field `{name}`{did_you_mean(str(name), fields)}"
    for name in fields[:-1]:
        if name not in sentence:
            yield (), f"a sentence needs `{name}`"
        elif name in texts and not _is_text(sentence[name]):
            yield (name,), f"`{name}` of a sentence must be a text"
    id_ = str(sentence.get("id", ""))
    if id_:
        if id_ in ids:
            yield ("id",), f"the id `{id_}` is taken by a sentence before; choose another"
        ids.add(id_)
    artifacts = sentence.get("artifacts", "yes")
    if artifacts not in ("yes", "no"):
        yield (
            ("artifacts",),
            "`artifacts` is `yes` or `no`: whether an artifact that mllint reads can break the sentence",
        )
    elif artifacts == "no" and not _is_text(sentence.get("reason")):
        yield (), "a sentence with `artifacts: no` needs a `reason`: why can no artifact break it?"
    elif artifacts == "yes" and "reason" in sentence:
        yield ("reason",), "only a sentence with `artifacts: no` has a `reason`"
    yield from _wrong_slugs(sentence.get("requirements", []), artifacts == "yes", slugs)


def _wrong_slugs(named: Any, needed: bool, slugs: Collection[str]) -> Iterator[tuple[Pointer, str]]:
    at: Pointer = ("requirements",)
    if not isinstance(named, list) or not all(_is_text(slug) for slug in named):
        yield at, "`requirements` must be a list of slugs"
        return
    if needed and not named:
        yield at, "a sentence that artifacts can break must name a requirement"
    for index, slug in enumerate(named):
        if slug not in slugs:
            hint = did_you_mean(slug, slugs) or f"; add it to `{REQUIREMENTS}`"
            yield (*at, index), f"there is no requirement `{slug}`{hint}"
        elif slug in named[:index]:
            yield (*at, index), f"the sentence names `{slug}` twice"


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def read(file: RuleFile, errors: list[RuleError]) -> Document | None:
    """The document of a file, or None after its errors were noted."""
    try:
        document = load_document(file.data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        errors.append(RuleError(file.shown, 1, 1, "the file is not UTF-8; save it as UTF-8"))
        return None
    except DocumentError as error:
        errors.append(RuleError(file.shown, error.line, error.column, error.message))
        return None
    errors += [RuleError(file.shown, p.span.line, p.span.column, p.message) for p in document.problems]
    return None if document.problems else document


class _Compiler:
    def __init__(self, fact_schemas: Mapping[str, bytes], rule_schema: bytes, knowledge: Knowledge) -> None:
        import jsonschema_rs

        self.fact_schemas = fact_schemas
        self.shapes: dict[str, Shape] = {}
        self.rule_schema = json.loads(rule_schema)
        self.validator = jsonschema_rs.Draft202012Validator(self.rule_schema)
        self.knowledge = knowledge
        self.errors: list[RuleError] = []
        self.slugs: dict[str, str] = {}

    def compile(self, files: Sequence[RuleFile]) -> dict[str, Any]:
        requirements = [row for file in files if file.path == REQUIREMENTS for row in self.requirements(file)]
        rules: list[tuple[RuleFile, Document, dict[str, Any]]] = []
        for file in files:
            if file.path != REQUIREMENTS and (document := read(file, self.errors)) is not None:
                plain = _Checked(self, file, document).plain()
                if plain is not None:
                    rules.append((file, document, plain))
        self.unique(rules, "id")
        self.unique(rules, "name")
        self.variants(rules)
        if self.errors:
            raise RuleErrors(self.errors)
        return {"rules": [plain for _, _, plain in rules], "requirements": requirements}

    def variants(self, rules: Sequence[tuple[RuleFile, Document, dict[str, Any]]]) -> None:
        """A variant names a rule that is there, and that is no variant itself."""
        main = {plain["id"] for _, _, plain in rules if "variant_of" not in plain}
        for file, document, plain in rules:
            if plain.get("variant_of", plain["id"]) not in main and "variant_of" in plain:
                span = document.span(("variant_of",))
                message = f"no rule `{plain['variant_of']}` to be a variant of{did_you_mean(plain['variant_of'], main)}"
                self.errors.append(RuleError(file.shown, span.line, span.column, message))

    def unique(self, rules: Sequence[tuple[RuleFile, Document, dict[str, Any]]], field: str) -> None:
        first: dict[str, str] = {}
        for file, document, plain in rules:
            value = plain[field]
            if value in first:
                span = document.span((field,))
                message = f"the {field} `{value}` is taken by {first[value]}; choose another"
                self.errors.append(RuleError(file.shown, span.line, span.column, message))
            first.setdefault(value, file.shown)

    def requirements(self, file: RuleFile) -> list[dict[str, Any]]:
        """Entries of a list of requirements, each `{slug, theme, strength, title, …}`."""
        document = read(file, self.errors)
        if document is None:
            return []
        entries = document.value.get("requirements") if isinstance(document.value, dict) else None
        if not isinstance(entries, list):
            self.errors.append(RuleError(file.shown, 1, 1, "`requirements` must be a list of requirements"))
            return []
        rows = []
        for index, entry in enumerate(entries):
            wrong = self.wrong_requirement(entry)
            if wrong:
                span = document.span(("requirements", index))
                self.errors.append(RuleError(file.shown, span.line, span.column, wrong))
            else:
                self.slugs[entry["slug"]] = file.shown
                rows.append(entry)
        return rows

    def wrong_requirement(self, entry: Any) -> str | None:
        needed, optional = (
            ("slug", "theme", "strength", "title"),
            ("remaining", "not_decidable", "held_by", "decided", "reason"),
        )
        if not isinstance(entry, dict):
            return "a requirement is a mapping"
        for name, value in entry.items():
            if name not in (*needed, *optional):
                return f"a requirement has no field `{name}`{did_you_mean(name, (*needed, *optional))}"
            if not isinstance(value, str) or not value.strip():
                return f"`{name}` of a requirement must be a text"
        missing = [name for name in needed if name not in entry]
        if missing:
            return f"a requirement needs `{missing[0]}`"
        if entry["strength"] not in ("must", "should", "info"):
            return f"`strength` is `must`, `should` or `info`, not `{entry['strength']}`"
        if entry["slug"] in self.slugs:
            return f"the requirement `{entry['slug']}` stands in {self.slugs[entry['slug']]} already"
        return None

    def shape(self, kind: str) -> Shape | None:
        """The shape of a kind of fact; None when there is no such kind."""
        if kind not in self.shapes:
            if kind not in self.fact_schemas:
                return None
            schema = json.loads(self.fact_schemas[kind])
            self.shapes[kind] = shape([schema], schema)
        return self.shapes[kind]


class _Checked:
    """One file on its way to a rule."""

    def __init__(self, compiler: _Compiler, file: RuleFile, document: Document) -> None:
        self.compiler, self.file, self.document = compiler, file, document
        self.value: Any = document.value
        self.sound = True

    def tell(self, at: Pointer, message: str, *, key: bool = False) -> None:
        self.sound = False
        span = self.document.key_span(at) if key else self.document.span(at)
        self.compiler.errors.append(RuleError(self.file.shown, span.line, span.column, message))

    def plain(self) -> dict[str, Any] | None:
        """The rule without its examples, or None after its errors were told."""
        if not isinstance(self.value, dict):
            self.tell((), "a rule is a mapping with `id`, `name`, `match` and so on; see schemas/rule.schema.json")
            return None
        for at, key, message in schema_problems(self.value, self.compiler.validator, self.compiler.rule_schema):
            self.tell(at, message, key=key)
        if not self.sound:
            return None
        value = self.value
        self.named()
        params = [self.param(name, spec) for name, spec in value.get("params", {}).items()]
        match = self.match(value["match"], {param.name: param.default for param in params})
        self.examples()
        kept = ("id", "name", "summary", "severity", "confidence", "on", "message", "why", "fix", "sources", "since")
        optional = ("at", "tags", "security_severity", "edit", "variant_of")
        return {
            **{field: value[field] for field in kept},
            **{field: value[field] for field in optional if field in value},
            "requirement": _several(value["requirement"]),
            "match": match,
            "params": [list(param) for param in params],
            "open": f'"{PARAM}"' in json.dumps(match),
            "root": self.file.root,
            "path": self.file.path,
        }

    def named(self) -> None:
        expected = f"{self.value['name']}.yaml"
        if self.file.path.rsplit("/", 1)[-1] != expected:
            self.tell(("name",), f"the file of this rule must be called `{expected}`")
        for index, slug in enumerate(_several(self.value["requirement"])):
            if slug not in self.compiler.slugs:
                at: Pointer = (
                    ("requirement", index) if isinstance(self.value["requirement"], list) else ("requirement",)
                )
                hint = did_you_mean(slug, self.compiler.slugs) or f"; add it to `{REQUIREMENTS}`"
                self.tell(at, f"there is no requirement `{slug}`{hint}")

    def match(self, match: Any, defaults: Mapping[str, Any]) -> Any:
        """The match with knowledge filled in, after everything that refers to fields was checked."""
        kind = self.value["on"]
        fact = self.compiler.shape(kind)
        if fact is None:
            hint = did_you_mean(kind, self.compiler.fact_schemas) or "; schemas/facts/ has a file for each kind"
            self.tell(("on",), f"there is no kind of fact `{kind}`{hint}")
            return match
        check = MatchCheck(kind, defaults, self.compiler.knowledge, self.tell)
        whole = check.check(match, fact)
        used = check.used | self.templates(fact, defaults)
        for name in defaults:
            if name not in used:
                self.tell(("params", name), f"the parameter `{name}` is declared but never used; remove it", key=True)
        if self.sound:
            self.compiles(filled(whole, PARAM, lambda name: defaults.get(name)))
        return whole

    def compiles(self, match: Any) -> None:
        import jsonschema_rs

        try:
            jsonschema_rs.Draft202012Validator(match)
        except Exception as error:
            at = tuple(getattr(error, "instance_path", ()))
            self.tell(("match", *at), f"this is no valid JSON Schema: {' '.join(str(error).split())[:200]}")

    def templates(self, fact: Shape, params: Mapping[str, Any]) -> set[str]:
        """Check all names of fields outside the match; the parameters that texts refer to."""
        used = set()
        edit = self.value.get("edit", {})
        if "at" in self.value:
            self.reach(("at",), self.value["at"].split("."), fact)
        if "at" in edit:
            self.reach(("edit", "at"), edit["at"].split("."), fact)
        texts: list[tuple[Pointer, str]] = [(("message",), self.value["message"])]
        texts += [(("edit", "replacement"), edit["replacement"])] if edit else []
        for at, text in texts:
            try:
                paths = holes(text)
            except ValueError as error:
                self.tell(at, str(error))
                continue
            for path in paths:
                if path[0] != "param":
                    self.reach(at, path, fact)
                elif len(path) == 2 and path[1] in params:
                    used.add(path[1])
                else:
                    hint = did_you_mean(path[-1], params) or "; declare it in `params`"
                    self.tell(at, f"there is no parameter `{'.'.join(path[1:])}`{hint}")
        return used

    def reach(self, at: Pointer, path: Sequence[str], fact: Shape) -> None:
        try:
            fact.reach(path)
        except NoField as missing:
            hint = did_you_mean(missing.name, missing.known)
            self.tell(at, f"{self.value['on']} has no field `{'.'.join(path)}`{hint}")

    def param(self, name: str, spec: Mapping[str, Any]) -> Param:
        at: Pointer = ("params", name)
        source = spec.get("source", "")
        numbers = {bound: self.figure(spec.get(bound), (*at, bound)) for bound in ("default", "minimum", "maximum")}
        known = reference(spec["default"], KNOWLEDGE)
        if not source and known is None:
            self.tell(at, f"the parameter `{name}` needs a `source`: where does its default come from?", key=True)
        param = Param(name, spec["type"], numbers["default"], numbers["minimum"], numbers["maximum"],
                      spec["description"], source or self.origin(known or ""))  # fmt: skip
        for bound in ("minimum", "maximum"):
            if numbers[bound] is not None and (
                spec["type"] not in ("integer", "number") or not isinstance(numbers[bound], (int, float))
            ):
                self.tell((*at, bound), f"`{bound}` needs a number, and a parameter of the type integer or number")
                return param
        wrong = misfit(param, param.default) if self.sound else None
        if wrong:
            self.tell((*at, "default"), f"the default of `{name}` {wrong}")
        return param

    def figure(self, value: Any, at: Pointer) -> Any:
        path = reference(value, KNOWLEDGE)
        if path is None:
            return value
        try:
            return self.compiler.knowledge.get(path)
        except UnknownEntry as error:
            self.tell((*at, KNOWLEDGE), str(error.args[0]))
            return None

    def origin(self, path: str) -> str:
        """The source that knowledge names nearest to an entry."""
        parts = path.split(".")
        while parts:
            parts.pop()
            try:
                entry = self.compiler.knowledge.get(".".join(parts)) if parts else {}
            except UnknownEntry:
                continue
            if isinstance(entry, dict) and isinstance(entry.get("source"), str):
                return str(entry["source"])
        return path

    def examples(self) -> None:
        for index, example in enumerate(self.value["examples"]["violating"]):
            for number, expected in enumerate(example["expect"]):
                at: Pointer = ("examples", "violating", index, "expect", number)
                if _in_image(example, expected["file"]):
                    continue
                files = example.get("files", {})
                file = files.get(expected["file"])
                if file is None:
                    hint = did_you_mean(expected["file"], files)
                    self.tell((*at, "file"), f"the example has no file `{expected['file']}`{hint}")
                    continue
                lines = (file if isinstance(file, str) else file.get("text", "")).count("\n") + 1
                if expected["line"] > lines:
                    self.tell((*at, "line"), f"`{expected['file']}` ends before line {expected['line']}")


def _in_image(example: Any, path: str) -> bool:
    """Whether a path lies in an image of the example."""
    image, sign, _ = path.partition("!/")
    return bool(sign) and image in example.get("images", {})


def _several(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
