"""What the loader refuses, with a place and a remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from linter.judge.errors import RuleErrors

if TYPE_CHECKING:
    from tests.judge.conftest import World
else:
    World = Any


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sevrity": "error"}, "a rule has no field `sevrity`; did you mean `severity`?"),
        ({"sources": [{"document": "x", "sektion": "y", "section": "z"}]}, "`sources` has no field `sektion`; did you"),
        ({"id": "NET1"}, "`id` does not fit: Family and number, three capital letters and three digits"),
        ({"id": 7}, "`id` must be of type `string`"),
        ({"name": "no-http"}, "`name` does not fit: States the bad thing"),
        ({"summary": "two\nlines"}, "`summary` does not fit: What the rule finds, in one line"),
        ({"severity": "eror"}, "`severity` cannot be `eror`; it is one of `error`, `warning` and `note`; did you mean"),
        ({"confidence": None}, "`confidence` cannot be `None`"),
        ({"sources": []}, "`sources` does not fit: Where the requirement is written; at least one"),
        ({"sources": [{"document": "x"}]}, "`sources` lacks `section`: Heading in it"),
        ({"security_severity": "11"}, "`security_severity` does not fit"),
        ({"since": "1"}, "`since` does not fit"),
        ({"match": []}, "`match` must be of type `object`"),
        (
            {"params": {"Bad": {"type": "string", "default": "x", "description": "d"}}},
            "a name in `params` does not have",
        ),
        ({"params": {"x": {"type": "str", "default": "", "description": "d"}}}, "`params.x.type` cannot be `str`"),
        ({"examples__violating": []}, "`examples.violating` does not fit: At least one product"),
        ({"examples__compliant": []}, "`examples.compliant` does not fit: At least one product"),
        (
            {"examples": {"violating": [{"files": {"a": ""}, "expect": [{"file": "a", "line": 1}]}]}},
            "lacks `compliant`",
        ),
        ({"examples__violating": [{"files": {"a": ""}}]}, "`examples.violating` lacks `expect`"),
        ({"examples__violating": [{"files": {"/a": ""}, "expect": []}]}, "a name in `examples.violating.files`"),
        # what only the rest of the rule, the facts, the knowledge and the requirements can tell
        ({"on": "test.cal"}, "there is no kind of fact `test.cal`; did you mean `test.call`?"),
        ({"on": "other"}, "there is no kind of fact `other`; schemas/facts/ has a file for each kind"),
        ({"requirement": "net-htp"}, "there is no requirement `net-htp`; did you mean `net-http`?"),
        ({"requirement": ["net-http", "zzz"]}, "there is no requirement `zzz`; add it to `requirements.yaml`"),
        ({"variant_of": "NET999"}, "no rule `NET999` to be a variant of"),
        ({"at": "apy"}, "test.call has no field `apy`; did you mean `api`?"),
        ({"message": "{target.acount} is wrong"}, "test.call has no field `target.acount`; did you mean `account`?"),
        ({"message": "{args.x}"}, "test.call has no field `args.x`"),
        ({"message": "{param.limit}"}, "there is no parameter `limit`; declare it in `params`"),
        ({"message": "a {lonely brace"}, "`{` at character 3 has no partner; write `{{`"),
        ({"edit": {"at": "apy", "replacement": "x", "description": "d"}}, "test.call has no field `apy`"),
        (
            {"edit": {"replacement": "{sise}", "description": "d"}},
            "test.call has no field `sise`; did you mean `size`?",
        ),
        ({"examples__violating": [{"files": {"a": ""}, "expect": [{"file": "b", "line": 1}]}]}, "has no file `b`"),
        (
            {"examples__violating": [{"files": {"a": "x"}, "expect": [{"file": "a", "line": 2}]}]},
            "`a` ends before line 2",
        ),
        (
            {"examples__violating": [{"images": {"m:1": {}}, "expect": [{"file": "m:1!/etc/x", "line": 2}]}]},
            "`m:1!/etc/x` lies in an image; its line is 1",
        ),
        (
            {"examples__violating": [{"images": {"m:1": {}}, "expect": [{"file": "m:2!/etc/x", "line": 1}]}]},
            "the example has no file `m:2!/etc/x`",
        ),
        ({"examples__violating": [{"expect": [{"file": "a", "line": 1}]}]}, "examples.violating"),
        (
            {"examples__compliant": [{"images": {"m:1": {"layers": [{"sise": 1}]}}}]},
            "sise",
        ),
    ],
)
def test_fields(world: World, changes: dict[str, Any], message: str) -> None:
    world.rule(**changes)
    assert any(message in told for told in world.errors())


@pytest.mark.parametrize("field", ["id", "name", "match", "why", "fix", "examples", "since", "confidence"])
def test_missing_fields(world: World, field: str) -> None:
    world.rule(field)
    assert world.refusal().startswith(f"a rule lacks `{field}`: ")


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"scop": {"const": "container"}}, "test.call has no field `scop`; did you mean `scope`?"),
        ({"zzzz": {"const": "container"}}, "test.call has no field `zzzz`; there is `api`, `scope`"),
        ({"scope": {"const": "conatiner"}}, "this field can never be `conatiner`; did you mean `container`?"),
        ({"scope": {"enum": ["container", "x"]}}, "this field can never be `x`"),
        ({"flag": {"const": "true"}}, "this field can never be `true`"),
        ({"scope": {"cosnt": "container"}}, "`cosnt` is no keyword of a match; did you mean `const`?"),
        ({"scope": {"format": "uri"}}, "`format` is no keyword of a match"),
        ({"scope": ["container"]}, "a JSON Schema is expected here"),
        (
            {"size": {"minimum": 1}},
            "`minimum` lets every value pass that is no number, and `null` and `string` may come",
        ),
        ({"size": {"allOf": [{"minimum": 1}]}}, "`minimum` lets every value pass"),
        ({"size": {"not": {"not": {"minimum": 1}}}}, "`minimum` lets every value pass"),
        (
            {"target": {"required": ["account"]}},
            "`required` lets every value pass that is no object, and `null` may come",
        ),
        ({"target": {"type": "object", "properties": {"acc": {"const": "x"}}}}, "this value has no field `acc`"),
        ({"target": {"type": "object", "required": ["acc"]}}, "this value has no field `acc`"),
        ({"target": {"type": "object", "properties": {"region": {"const": "x"}}}}, "`region` may be absent"),
        ({"scope": {"type": "object", "properties": {"a": True}}}, "this value has no field `a`"),
        ({"api": {"type": "array", "items": {"const": "a"}}}, "this field is never a list"),
        ({"args": {"contains": {"const": "c"}}}, "this field can never be `c`"),
        (
            {"size": {"type": "integer", "minimum": 25}},
            "the figure 25 must not stand in a rule; take it from `$knowledge`",
        ),
        ({"args": {"minItems": 2}}, "the figure 2 must not stand in a rule"),
        ({"size": {"type": "integer", "minimum": {"$param": "limit"}}}, "there is no parameter `limit`"),
        (
            {"scope": {"enum": {"$knowledge": "quotas.nams"}}},
            "knowledge has no entry `quotas.nams`; did you mean `quotas.names`",
        ),
        ({"size": {"const": {"$knowledge": "quotas.figure"}}}, "the figure is `quotas.figure.value`"),
        (
            {"size": {"const": {"$knowledge": "quotas.keyed"}}},
            "`quotas.keyed` is a table; only `enum` can take its keys",
        ),
        ({"scope": {"enum": {"$knowledge": "quotas.tables"}}}, "`quotas.tables` is a list of tables"),
        ({"scope": {"const": {"$knowledge": "quotas.names", "x": 1}}}, "`$knowledge` stands alone in its mapping"),
        ({"api": {"pattern": "("}}, "this is no valid JSON Schema"),
        ({"api": {"enum": "container"}}, "this is no valid JSON Schema"),
    ],
)
def test_matches(world: World, properties: dict[str, Any], message: str) -> None:
    world.rule(match={"properties": properties})
    assert any(message in told for told in world.errors())


@pytest.mark.parametrize(
    "properties",
    [
        {"size": {"type": "integer", "minimum": 1}},
        {"size": {"not": {"minimum": 1}}},
        {"size": {"if": {"minimum": 1}, "then": {"type": "integer"}}},
        {"size": {"const": {"$knowledge": "quotas.figure.value"}}},
        {"size": {"enum": ["unknown", None, 0]}},
        {"target": {"type": "object", "properties": {"account": {"const": "1"}}}},
        {"target": {"type": "object", "required": ["region"], "properties": {"region": {"const": "x"}}}},
        {"target": {"not": {"properties": {"region": {"const": "x"}}}}},
        {"open": {"required": ["ANY"], "properties": {"ANY": {"const": "1"}}}},
        {"args": {"contains": {"enum": ["a"]}}},
        {"scope": {"enum": {"$knowledge": "quotas.keyed"}}},
        {"api": {"enum": ["x", {"$knowledge": "quotas.names"}]}},
        {"api": {"pattern": "^x"}},
        {"flag": {"const": True}},
    ],
)
def test_matches_that_are_sound(world: World, properties: dict[str, Any]) -> None:
    world.rule(match={"properties": properties})
    assert world.load().get("NET001").match["properties"].keys() == properties.keys()


LIMIT = {"type": "integer", "default": 5, "minimum": 1, "maximum": 9, "description": "A limit", "source": "Guide"}


@pytest.mark.parametrize(
    ("param", "message"),
    [
        ({"source": None}, "the parameter `limit` needs a `source`"),
        ({"default": 10}, "the default of `limit` must be at most 9"),
        ({"default": "5"}, "the default of `limit` must be a whole number"),
        ({"default": True}, "the default of `limit` must be a whole number"),
        ({"default": {"$knowledge": "quotas.nothing"}}, "knowledge has no entry `quotas.nothing`"),
        ({"type": "string", "default": "x"}, "`minimum` needs a number"),
        ({"minimum": {"$knowledge": "quotas.names"}}, "`minimum` needs a number"),
    ],
)
def test_parameters(world: World, param: dict[str, Any], message: str) -> None:
    spec = {name: value for name, value in {**LIMIT, **param}.items() if value is not None}
    world.rule(params={"limit": spec}, message="{param.limit}")
    assert any(message in told for told in world.errors())


def test_a_parameter_must_be_used(world: World) -> None:
    world.rule(params={"limit": LIMIT})
    assert world.refusal() == "the parameter `limit` is declared but never used; remove it"


def test_ids_and_names_are_unique(world: World) -> None:
    world.rule()
    world.rule(folder="extra")
    first, second = world.errors(extra=[world.extra])
    assert first.startswith("the id `NET001` is taken by ")
    assert second.startswith("the name `outbound-call` is taken by ")


def test_the_file_is_called_like_the_rule(world: World) -> None:
    world.rule().rename(world.rules / "net" / "other.yaml")
    assert world.refusal() == "the file of this rule must be called `outbound-call.yaml`"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a rule is a mapping"),
        ("- a", "a rule is a mapping"),
        ("a: b: c", "a `:` cannot stand here"),
        ("id: NET001\nid: NET002", "`id` is written twice"),
        ("a: 1\n---\nb: 2", "only one document"),
        ("[" * 5000, "nested"),
    ],
)
def test_texts(world: World, text: str, message: str) -> None:
    world.write(text)
    assert any(message in told for told in world.errors())


def test_bytes(world: World) -> None:
    world.write("").write_bytes(b"id: \xff")
    assert world.refusal() == "the file is not UTF-8; save it as UTF-8"


def test_places_are_exact(world: World) -> None:
    path = world.rule(match={"properties": {"scope": {"const": "container"}, "syze": {"const": 0}}})
    with pytest.raises(RuleErrors) as caught:
        world.load()
    [error] = caught.value.errors
    lines = path.read_text().split("\n")
    assert error.path == str(path)
    assert lines[error.line - 1][error.column - 1 :] == "syze:"


def test_unknown_keys_are_shown_at_the_key(world: World) -> None:
    path = world.rule(sevrity="x")
    with pytest.raises(RuleErrors) as caught:
        world.load()
    [error] = caught.value.errors
    assert path.read_text().split("\n")[error.line - 1].startswith("sevrity")
    assert error.column == 1


def test_everything_wrong_is_told_at_once(world: World) -> None:
    world.rule(requirement="x1", at="x2", message="{x3} {x4}")
    world.write("- a", "another")
    assert len(world.errors()) == 5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1", "`requirements` must be a list"),
        ("requirements: [a]", "a requirement is a mapping"),
        ("requirements: [{slug: a, titel: b}]", "a requirement has no field `titel`; did you mean `title`?"),
        ("requirements: [{slug: a, theme: b, strength: must}]", "a requirement needs `title`"),
        ("requirements: [{slug: a, theme: b, strength: shall, title: c}]", "`strength` is `must`, `should` or `info`"),
        (
            "requirements: [{slug: net-http, theme: b, strength: must, title: c}]",
            "the requirement `net-http` stands in",
        ),
        ("requirements: [{slug: 1, theme: b, strength: must, title: c}]", "`slug` of a requirement must be a text"),
    ],
)
def test_requirements(world: World, text: str, message: str) -> None:
    world.write(text, "requirements", "extra")
    assert message in world.refusal(extra=[world.extra])


def test_extra_folders(world: World) -> None:
    assert "does not exist" in world.refusal(extra=[world.extra])
    world.write("a: 1", "table", "extra/knowledge")
    assert "knowledge cannot come from an extra folder" in world.refusal(extra=[world.extra])


def test_knowledge(world: World) -> None:
    world.write("- a", "broken", "rules/knowledge")
    assert world.refusal() == "a table of knowledge is a mapping"
