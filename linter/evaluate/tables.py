"""What code takes from a table by a key that only a run tells (`IMAGES[region]`), where all values say the same.

AWS's accounts differ from Region to Region. One of them stands for all when the Region is not known: all are AWS's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.evaluate.text import Maker, Text, joined
from linter.evaluate.values import Dict, Unknown, is_plain
from linter.model import UNKNOWN
from linter.references import READ_AT_MOST
from linter.references.arn import account_of, parse_arn
from linter.references.image import parse_image
from linter.references.owners import aws_group

if TYPE_CHECKING:
    from collections.abc import Sequence

    from linter.evaluate.machine import Machine
    from linter.evaluate.text import Place

MOST_ROWS = 100
MARKETPLACE = "marketplace_algorithm"


def of_any_row(m: Machine, owner: Any, key: Any, place: Place | None) -> Any:
    """What a table gives for a key that is not known: an account or image of AWS, or an algorithm that is sold; else
    None.
    """
    if not isinstance(owner, Dict) or owner.open or is_plain(key) or not 2 <= len(owner.items) <= MOST_ROWS:
        return None
    m.tick(len(owner.items))
    values = list(owner.items.values())
    if not all(isinstance(each, Text) and each.known and len(each.flat) <= READ_AT_MOST for each in values):
        return None
    texts = [each.flat for each in values]
    knowledge = m.makers.knowledge
    accounts = knowledge.get("registries.accounts")
    if all(text in accounts for text in texts):
        groups = set.intersection(*(set(accounts[text]["groups"]) for text in texts))
        return values[0] if groups else None
    if texts[0].startswith("arn:"):
        return _algorithm(m, texts, place)
    return _image(m, texts, place)


def _image(m: Machine, texts: Sequence[str], place: Place | None) -> Text | None:
    """An image of AWS that has the same repository and tag in all Regions."""
    images = [parse_image(text) for text in texts]
    group = aws_group(images[0], m.makers.knowledge)
    alike = {(image.repository, image.tag, image.digest, aws_group(image, m.makers.knowledge)) for image in images}
    if len(alike) != 1 or group in (None, UNKNOWN, "other"):
        return None
    rest = texts[0].partition("/")[2]
    parts = [
        Text.written(f"{images[0].account}.dkr.ecr.", place),
        Text.unknown("region", place),
        Text.written(f".amazonaws.com/{rest}", place),
    ]
    return joined(parts, None, place)


def _algorithm(m: Machine, texts: Sequence[str], place: Place | None) -> Unknown | None:
    """An algorithm that AWS Marketplace sells, by the accounts in its ARNs."""
    sellers = m.makers.knowledge.get("registries.marketplace_product_accounts").values()
    arns = [parse_arn(text) for text in texts]
    if place is None or not all(arn is not None and account_of(arn) in sellers for arn in arns):
        return None
    names = {arn.resource for arn in arns if arn is not None}
    name = names.pop() if len(names) == 1 else None
    return Unknown("algorithm", place, maker=Maker(MARKETPLACE, name or UNKNOWN, place))
