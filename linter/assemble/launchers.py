"""Publishing code outside of every product, and programs outside that a product's code uploads: whose they are.

`notebooks/deploy.ipynb` with `source_dir="../product/src"` belongs to the product whose Dockerfile lies in `product`;
`src/train.py` belongs to the product in `sagemaker` whose code starts it.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple

from linter.assemble.python.modules import ancestors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from linter.model import Fact

_PRODUCT = "product"


class _Launch(NamedTuple):
    """Paths of publishing code and of the program that it starts; `folder`, with a `/`, is uploaded with that."""

    launcher: str
    program: str
    folder: str | None


def with_launchers(roots: Mapping[str, str | None], facts: Iterable[Fact]) -> dict[str, str | None]:
    """The folder of the product of each path: `roots`, and for paths outside the one product that launches tie to.

    What launches tie to several products, or to none, stays where it is.
    """
    launches = list(_launches(facts, roots))
    outside = [path for path, root in roots.items() if root is None] if launches else []
    launchers = _tied(((each.launcher, roots[each.program]) for each in launches), roots)
    found = {**roots, **launchers}
    uploads = ((path, found[each.launcher]) for each in launches for path in outside if _uploads(each, path))
    return {**found, **_tied(uploads, found)}


def _tied(ties: Iterable[tuple[str, str | None]], roots: Mapping[str, str | None]) -> dict[str, str | None]:
    """The paths outside of every product that are tied to a single one, with its folder."""
    products: dict[str, set[str | None]] = {}
    for path, product in ties:
        products.setdefault(path, set()).add(product)
    return {path: next(iter(found)) for path, found in products.items() if roots[path] is None and len(found) == 1}


def _uploads(launch: _Launch, path: str) -> bool:
    return path == launch.program or (launch.folder is not None and path.startswith(launch.folder))


def _launches(facts: Iterable[Fact], paths: Mapping[str, object]) -> Iterator[_Launch]:
    """The launches whose programs are there, looked for from the publishing code upwards."""
    for fact in facts:
        if fact.kind != "sagemaker.program" or fact["purpose"] != _PRODUCT:
            continue
        launcher = fact.location.path
        program = posixpath.normpath(fact["program"].replace("\\", "/").lstrip("/"))
        for above in ancestors(posixpath.dirname(launcher)):
            folder = posixpath.normpath(posixpath.join(above, (fact["folder"] or "").lstrip("/")))
            place = posixpath.normpath(posixpath.join(folder, program))
            if place in paths:
                yield _Launch(launcher, place, f"{folder}/" if fact["folder"] and folder != "." else None)
                break
