"""The members of the requests, from `schemas/manifests/members.json`."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

from linter.resources import schemas_folder

ANY_REQUEST = "AnyRequest"
"""Shape of a part whose request is not known: it takes what either request takes and demands what both demand."""
ANY_VALIDATION = "AnyValidationSpecification"
ANY_PROFILES = "AnyValidationProfiles"
ANY_PROFILE = "AnyValidationProfile"

Shape = dict[str, Any]


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads((schemas_folder() / "manifests" / "members.json").read_text("utf-8"))
    shapes = table["shapes"]
    shapes[ANY_REQUEST] = _either(shapes, "CreateAlgorithm", "CreateModelPackage")
    shapes[ANY_REQUEST]["members"]["ValidationSpecification"] = ANY_VALIDATION
    shapes[ANY_VALIDATION] = _either(shapes, "AlgorithmValidationSpecification", "ModelPackageValidationSpecification")
    shapes[ANY_VALIDATION]["members"]["ValidationProfiles"] = ANY_PROFILES
    shapes[ANY_PROFILES] = {"type": "list", "member": ANY_PROFILE}
    shapes[ANY_PROFILE] = _either(shapes, "AlgorithmValidationProfile", "ModelPackageValidationProfile")
    return table


def _either(shapes: dict[str, Shape], first: str, second: str) -> Shape:
    one, other = shapes[first], shapes[second]
    required = [name for name in one["required"] if name in other["required"]]
    return {"type": "structure", "members": {**one["members"], **other["members"]}, "required": required}


def shape(name: str) -> Shape:
    """A shape by its name: `type` and, by type, `members` and `required`, `member`, `key` and `value`, or bounds."""
    found: Shape = _table()["shapes"][name]
    return found


def cloudformation_members() -> frozenset[str]:
    """Members that the CloudFormation resource has and the request has not."""
    return frozenset(_table()["cloudformation"]["members"])


@lru_cache(maxsize=4)
def places(root: str) -> dict[str, tuple[str, ...]]:
    """For each member below a shape, the paths at which it may stand, shortest first: `A.B[].C`."""
    found: dict[str, list[str]] = {}
    level = [("", root)]
    while level:
        following = []
        for path, name in level:
            kind = shape(name)
            if kind["type"] == "list":
                following.append((f"{path}[]", kind["member"]))
            elif kind["type"] == "structure":
                for member, inner in kind["members"].items():
                    here = f"{path}.{member}" if path else member
                    found.setdefault(member, []).append(here)
                    following.append((here, inner))
        level = following
    return {member: tuple(paths) for member, paths in found.items()}


def nearest(word: str, choices: list[str]) -> str | None:
    """The choice that a word was probably meant to be: the same but for case and signs, else the most similar."""
    from difflib import get_close_matches

    if len(word) > 200:
        return None
    same = next((choice for choice in choices if _letters(choice) == _letters(word)), None)
    close = None if same else get_close_matches(word, choices, 1, 0.75)
    return same or (close[0] if close else None)


def _letters(word: str) -> str:
    return re.sub(r"[\W_]", "", word).lower()
