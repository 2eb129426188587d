"""What tests of single functions need: the knowledge that ships, and the schema of a kind of fact."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from linter.judge.load import load_knowledge
from linter.knowledge import Knowledge

SCHEMAS = Path(__file__).parents[1] / "schemas" / "facts"


@cache
def knowledge() -> Knowledge:
    return load_knowledge()


@cache
def validator(kind: str) -> Any:
    """Checks the fields of a fact of this kind."""
    return jsonschema_rs.validator_for(json.loads((SCHEMAS / f"{kind}.schema.json").read_text("utf-8")))
