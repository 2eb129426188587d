"""Sound rules: what comes out, parameters, extra folders, and the kept form."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from linter import resources
from linter.judge.load import ConfigProblem, UnknownRule, load_knowledge, load_rules
from linter.judge.rule import Source

if TYPE_CHECKING:
    from tests.judge.conftest import World
else:
    World = Any

LIMIT = {"type": "integer", "default": 5, "minimum": 1, "maximum": 9, "description": "A limit", "source": "Guide"}
BY_LIMIT = {"properties": {"size": {"type": "integer", "exclusiveMinimum": {"$param": "limit"}}}}


def test_a_rule_as_it_is_written(world: World) -> None:
    path = world.rule(requirement=["net-http", "net-aws"], tags=["network"], security_severity="7.5")
    rule = world.load().get("NET001")
    assert rule.name == "outbound-call"
    assert rule.requirement == ("net-http", "net-aws")
    assert rule.sources == (Source("Guide", "Network isolation", "2026-01-31"),)
    assert rule.match == {"properties": {"scope": {"const": "container"}}}
    assert (rule.at, rule.tags, rule.security_severity, rule.edit) == ("api", ("network",), "7.5", None)
    assert rule.file == path


def test_rules_are_found_by_id_name_and_kind(world: World) -> None:
    world.rule(id="NET002", name="b-rule")
    world.rule()
    rules = world.load()
    assert [rule.id for rule in rules.rules] == ["NET001", "NET002"]
    assert rules.of_kind("test.call") == rules.rules
    assert rules.get("b-rule") is rules.get("net002") is rules.rules[1]
    assert rules.get("MLL001").name == "rule-failed"
    with pytest.raises(UnknownRule) as caught:
        rules.get("outbound-cal")
    assert str(caught.value) == "there is no rule `outbound-cal`; did you mean `outbound-call`?"
    assert [rule.id for rule in rules.only(rules.heads[:1], {}).rules] == ["NET001"]


def test_knowledge_is_filled_in(world: World) -> None:
    world.rule(
        match={
            "properties": {
                "size": {"const": {"$knowledge": "quotas.figure.value"}},
                "scope": {"enum": {"$knowledge": "quotas.keyed"}},
                "api": {"enum": ["x", {"$knowledge": "quotas.names"}]},
            }
        }
    )
    assert world.load().get("NET001").match["properties"] == {
        "size": {"const": 25},
        "scope": {"enum": ["container", "seller"]},
        "api": {"enum": ["x", "a", "b"]},
    }


def test_parameters_by_default_and_configured(world: World) -> None:
    names = {"type": "strings", "default": ["a"], "description": "Names", "source": "Guide"}
    world.rule(
        params={"limit": LIMIT, "names": names},
        match={"properties": {**BY_LIMIT["properties"], "api": {"enum": ["z", {"$param": "names"}]}}},
        message="{api} over {param.limit}",
    )
    rule = world.load().get("NET001")
    assert rule.values == {"limit": 5, "names": ["a"]}
    assert rule.match["properties"]["size"]["exclusiveMinimum"] == 5
    assert rule.match["properties"]["api"]["enum"] == ["z", "a"]
    rule = world.load(parameters={"outbound-call": {"limit": 7, "names": ["b", "c"]}}).get("NET001")
    assert rule.match["properties"]["size"]["exclusiveMinimum"] == 7
    assert rule.match["properties"]["api"]["enum"] == ["z", "b", "c"]


def test_a_default_from_knowledge_has_its_source(world: World) -> None:
    limit = {"type": "integer", "default": {"$knowledge": "quotas.figure.value"}, "description": "A limit"}
    world.rule(params={"limit": limit}, match=BY_LIMIT)
    [param] = world.load().get("NET001").params
    assert (param.default, param.source) == (25, "Guide > Payload")


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"NET009": {}}, "there is no rule `NET009` to set parameters of; did you mean `NET001`?"),
        ({"NET001": {"limti": 3}}, "rule NET001 has no parameter `limti`; did you mean `limit`?"),
        ({"NET001": {"limit": 10}}, "parameter `limit` of rule NET001 must be at most 9, not `10`"),
        ({"NET001": {"limit": "3"}}, "parameter `limit` of rule NET001 must be a whole number, not `3`"),
        ({"NET001": {"limit": float("nan")}}, "parameter `limit` of rule NET001 must be a whole number, not `nan`"),
    ],
)
def test_wrong_parameters(world: World, parameters: Any, message: str) -> None:
    world.rule(params={"limit": LIMIT}, match=BY_LIMIT)
    with pytest.raises(ConfigProblem) as caught:
        world.load(parameters=parameters)
    assert caught.value.message == message
    assert caught.value.path[0] in parameters


def test_extra_folders_bring_rules_and_requirements(world: World) -> None:
    world.rule()
    world.rule(id="OWN001", name="own-rule", requirement="own", folder="extra/deep")
    world.write("requirements: [{slug: own, theme: Z. Own, strength: should, title: Ours}]", "requirements", "extra")
    rules = world.load(extra=[str(world.extra)])
    assert rules.get("own-rule").file == world.extra / "deep" / "own-rule.yaml"
    assert rules.requirements[-1].slug == "own"


def test_the_kept_form_is_used_until_something_changes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    path = world.rule()
    world.load()
    monkeypatch.setattr("linter.judge.compile.compile_rules", lambda *_: pytest.fail("compiled again"))
    assert world.load().get("NET001").severity == "error"
    monkeypatch.undo()
    monkeypatch.setenv("MLLINT_CACHE_DIR", str(world.rules.parent / "cache"))
    path.write_text(path.read_text().replace("severity: error", "severity: note"))
    assert world.load().get("NET001").severity == "note"
    knowledge = world.rules / "knowledge" / "quotas.yaml"
    knowledge.write_text(knowledge.read_text().replace("25", "26"))
    world.rule(match={"properties": {"size": {"const": {"$knowledge": "quotas.figure.value"}}}})
    assert world.load().get("NET001").match["properties"]["size"]["const"] == 26
    knowledge.write_text(knowledge.read_text().replace("26", "27"))
    assert world.load().get("NET001").match["properties"]["size"]["const"] == 27


def test_the_kept_form_follows_a_moved_folder(world: World) -> None:
    world.rule()
    world.load()
    moved = world.rules.rename(world.rules.parent / "moved")
    rules = load_rules(rules=moved, schemas=world.schemas)
    assert rules.get("NET001").file == moved / "net" / "outbound-call.yaml"


def test_knowledge_tables(world: World) -> None:
    knowledge = load_knowledge(rules=world.rules)
    assert knowledge.figure("quotas.figure") == 25
    assert knowledge.names == ("quotas",)
    assert knowledge.digest == load_knowledge(rules=world.rules).digest
    (world.rules / "knowledge" / "more.yaml").write_text("a: 1")
    assert load_knowledge(rules=world.rules).digest != knowledge.digest


def test_a_warm_start_loads_nothing_slow(world: World) -> None:
    world.rule(params={"limit": LIMIT}, match=BY_LIMIT)
    world.load()
    code = (
        "import sys; from pathlib import Path; from linter.judge.load import load_rules;"
        f"load_rules(rules=Path({str(world.rules)!r}), schemas=Path({str(world.schemas)!r}));"
        "slow = {'yaml', 'jsonschema_rs', 'difflib', 'linter.document', 'tempfile'};"
        "print(sorted(slow & sys.modules.keys()))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ}, check=True, cwd=Path.cwd()
    )
    assert run.stdout.strip() == "[]"


def test_mllints_own_rules_and_knowledge_load(world: World) -> None:
    assert load_knowledge().names
    slugs = [requirement.slug for requirement in load_rules().requirements]
    assert "net-http" in slugs
    assert len(slugs) == len(set(slugs)) > 150


def test_rules_and_schemas_are_found_beside_and_inside_the_package(tmp_path: Path) -> None:
    """A checkout has them beside the package, a wheel inside it; a stranger's folder of that name is not taken."""
    package = tmp_path / "linter"
    package.mkdir()
    (package / "__init__.py").write_text("")
    shutil.copy(Path(resources.__file__), package / "resources.py")
    code = "from linter.resources import *; print(rules_folder(), schemas_folder(), sep='\\n')"

    def folders() -> list[str]:
        run = subprocess.run(
            [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {code}"],
            capture_output=True,
            text=True,
            check=False,
        )
        return run.stdout.split() if run.returncode == 0 else run.stderr.strip().split("\n")[-1:]

    (tmp_path / "rules").mkdir()
    assert "MissingResource: the folder `rules/` of mllint is missing" in folders()[0]
    for name in ("rules/knowledge", "schemas/facts"):
        (tmp_path / name).mkdir(parents=True)
    assert folders() == [str(tmp_path / "rules"), str(tmp_path / "schemas")]
    for name in ("rules/knowledge", "schemas/facts"):
        (package / "data" / name).mkdir(parents=True)
    assert folders() == [str(package / "data" / "rules"), str(package / "data" / "schemas")]
