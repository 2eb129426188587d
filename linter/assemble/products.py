"""Which artifacts belong to one product: the folders that hold a Dockerfile or a manifest, nested ones joined."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from linter.knowledge import Knowledge


def product_roots(
    homes: Iterable[str], manifests: Iterable[str], configured: Sequence[str], knowledge: Knowledge
) -> list[str]:
    """Folders that are one product each, none inside another. `homes` are the folders of the Dockerfiles' products.

    A Dockerfile's product is the folder above `container/` and its like, and so is a manifest's. Of two folders that
    lie one in the other, the outer is the product: a manifest at the root joins the images below it.
    """
    usual = frozenset(knowledge.get("product.context_folders"))
    variants = frozenset(knowledge.get("product.container_folders"))
    folders = {*homes, *(path.rpartition("/")[0] for path in manifests)}
    found = {_above(folder, usual, variants) for folder in folders}
    found = {folder for folder in found if not any(_inside(folder, root) for root in configured)}
    outermost = [folder for folder in found if not any(other != folder and _inside(folder, other) for other in found)]
    return sorted({*configured, *outermost}, key=lambda folder: (-len(folder), folder))


def root_of(path: str, roots: Sequence[str]) -> str | None:
    """The product's folder that a path lies in; None for a path outside all of them. `roots` from deep to shallow."""
    return next((root for root in roots if _inside(path, root)), None)


def _above(folder: str, usual: frozenset[str], variants: frozenset[str]) -> str:
    parts = folder.split("/") if folder else []
    if len(parts) > 1 and parts[-2].lower() in variants:
        parts.pop()
    while parts and parts[-1].lower() in usual:
        parts.pop()
    return "/".join(parts)


def _inside(path: str, folder: str) -> bool:
    return not folder or path == folder or path.startswith(f"{folder}/")
