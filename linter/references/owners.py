"""Which images are AWS's own, by account and repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.model import UNKNOWN

if TYPE_CHECKING:
    from linter.knowledge import Knowledge
    from linter.references.image import Image

_GROUPS = ("builtin_algorithm", "framework_image", "deep_learning_container")


def aws_group(image: Image | None, knowledge: Knowledge) -> str | None:
    """Which of AWS's own groups of images one belongs to, by account and repository.

    builtin_algorithm, framework_image or deep_learning_container; other: AWS's account, but another repository; None:
    not AWS's; unknown: the account is not known.
    """
    if image is None or image.registry_kind in (UNKNOWN, "ecr_public"):
        return UNKNOWN
    if image.registry_kind != "ecr":
        return None
    if image.account in (None, UNKNOWN):
        return UNKNOWN
    row = knowledge.get("registries.accounts").get(image.account)
    if row is None:
        return None
    repositories = knowledge.get("registries.repositories")
    groups = [group for group, names in repositories.items() if image.repository in names]
    named = [group for group in groups if group in row["groups"]] or groups
    return named[0] if named and named[0] in _GROUPS else "other"


def open_framework(image: Image | None, knowledge: Knowledge) -> bool:
    """Whether it is AWS's image of an open framework that serves as a built-in algorithm too."""
    if image is None or image.repository not in knowledge.get("registries.open_framework_builtins"):
        return False
    return aws_group(image, knowledge) not in (None, UNKNOWN)
