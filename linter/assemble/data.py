"""Sample data joined with the code that uploads it, with what the seller declares public, and with bucket policies."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple

from linter.model import UNKNOWN, Fact
from linter.references.patterns import is_excluded
from linter.references.s3 import parse_s3
from linter.tree import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from linter.knowledge import Knowledge

YES, NO = "yes", "no"
_SHOWN_ROLES = ("validation_input", "training_input")
_COPY_OPERANDS = 2
UPLOADS_LIMIT = 100
"""Uploads of one file that are looked at."""


class _Upload(NamedTuple):
    """A file or folder of the product that code brings to S3. A bucket or key may be unknown."""

    source: str
    bucket: str
    key: str


class _Declared:
    """What the configuration calls public: places in S3, and local paths or globs."""

    def __init__(self, places: Sequence[str]) -> None:
        parsed = [parse_s3(place) for place in places if "://" in place]
        self.locations = [(uri.bucket, uri.key or "") for uri in parsed if uri and uri.bucket not in (None, UNKNOWN)]
        self.paths = tuple(clean(place) for place in places if "://" not in place)

    def local(self, path: str) -> str:
        if not self.paths:
            return UNKNOWN
        return YES if is_excluded(path, self.paths) else NO

    def remote(self, bucket: str | None, key: str | None) -> str:
        if not self.locations or bucket in (None, UNKNOWN):
            return UNKNOWN
        within = [prefix for own, prefix in self.locations if own == bucket]
        if key == UNKNOWN and any(within):
            return UNKNOWN
        return YES if any((key or "").startswith(prefix) for prefix in within) else NO


def settle_data(
    facts: Sequence[Fact], public_data: Sequence[str], knowledge: Knowledge, *, in_product: bool
) -> list[Fact]:
    """Fill in what `data.content` and `s3.uri` leave open. `public_data` are the declared places."""
    declared = _Declared(public_data)
    grants: dict[str, list[Fact]] = {}
    uploads: dict[str, list[_Upload]] = {}
    for fact in facts:
        if fact.kind == "s3.grant":
            grants.setdefault(fact["bucket"], []).append(fact)
        for upload in _uploads(fact, knowledge):
            uploads.setdefault(upload.source, []).append(upload)
    shown = [fact for fact in facts if fact.kind == "s3.uri" and fact["role"] in _SHOWN_ROLES]
    models = {_base(fact["key"]) for fact in facts if fact.kind == "s3.uri" and fact["role"] == "model_data"}
    settled = []
    for fact in facts:
        if fact.kind == "data.content":
            fact = _content(fact, uploads, shown, declared, in_product=in_product)
        elif fact.kind == "s3.uri":
            bucket, key = fact["bucket"], fact["key"]
            access = _access(bucket, key, grants.get(bucket, ()))
            fact = fact.with_fields(declared_public=declared.remote(bucket, key), policy_access=access)
        elif fact.kind == "model.archive" and _base(fact["path"]) in models:
            fact = fact.with_fields(named=YES)
        settled.append(fact)
    return settled


def _base(path: str | None) -> str:
    return posixpath.basename(path or "")


def _content(
    fact: Fact, uploads: Mapping[str, list[_Upload]], shown: Sequence[Fact], declared: _Declared, *, in_product: bool
) -> Fact:
    """A finding in a data file with what the file is for."""
    path = fact["path"]  # of a file that a notebook writes, not that of the notebook
    found = [upload for place in (path, *_above(path)) for upload in uploads.get(place, ())][:UPLOADS_LIMIT]
    validates = [upload for upload in found if any(_goes_to(upload, uri) for uri in shown)]
    upload = next(iter((*validates, *found)), None)
    use = "other"
    if validates:
        use = "validation"
    elif fact["place"] and (in_product or found or fact["category"] == "credential"):
        use = "sample"
    elif found:
        use = "uploaded"
    public = declared.local(path)
    if public != YES and upload and declared.remote(upload.bucket, upload.key) == YES:
        public = YES
    return fact.with_fields(use=use, uploaded_to=_shown(upload) if upload else None, declared_public=public)


def _shown(upload: _Upload) -> str:
    bucket = "…" if upload.bucket == UNKNOWN else upload.bucket
    return f"s3://{bucket}/{'…' if upload.key == UNKNOWN else upload.key}"


def _goes_to(upload: _Upload, uri: Fact) -> bool:
    """Whether what is uploaded lies in a location that a validation profile names."""
    key, prefix = upload.key, uri["key"]
    if UNKNOWN in (key, prefix) or not key or not prefix:
        return False
    same_bucket = upload.bucket == uri["bucket"] or UNKNOWN in (upload.bucket, uri["bucket"])
    return same_bucket and (key.startswith(prefix) or prefix.startswith(f"{key.rstrip('/')}/"))


def _uploads(fact: Fact, knowledge: Knowledge) -> Iterator[_Upload]:
    """What a fact says is uploaded, looked for from the code's folder upwards."""
    named: tuple[str, str, str] | None = None
    if fact.kind == "data.upload":
        named = fact["source"], fact["bucket"], fact["key"]
    elif fact.kind == "shell.command" and fact["service"] == "s3":
        named = _copied(fact, knowledge)
    if named is None or named[0] == UNKNOWN:
        return
    source, bucket, key = named
    for above in _above(fact.location.path):
        path = clean(posixpath.join(above, source.replace("\\", "/").lstrip("/")))
        if path and not path.startswith(".."):
            yield _Upload(path, bucket, key)


def _above(path: str) -> Iterator[str]:
    """The folders above a path, from the nearest to the base."""
    while path:
        path = posixpath.dirname(path)
        yield path


def _copied(command: Fact, knowledge: Knowledge) -> tuple[str, str, str] | None:
    """Source, bucket and key of `aws s3 cp LOCAL s3://…`."""
    words, operation = command["arguments"], command["operation"]
    if operation not in knowledge.get("publishing.uploads.commands") or operation not in words:
        return None
    at = words.index(operation)
    operands = [word for word in words[at + 1 :] if not word.startswith("-")][:_COPY_OPERANDS]
    if len(operands) < _COPY_OPERANDS or operands[0].startswith("s3:") or operands[0] in (".", "./", UNKNOWN):
        return None
    uri = None if operands[1] == UNKNOWN else parse_s3(operands[1])
    if uri is None:
        return (operands[0], UNKNOWN, UNKNOWN) if operands[1] == UNKNOWN else None
    return operands[0], uri.bucket or UNKNOWN, uri.key or ""


def _access(bucket: str | None, key: str | None, grants: Sequence[Fact]) -> str:
    """Whom the product's policies of a bucket let read a location: `everyone`, `restricted`, or unknown."""
    if not grants or UNKNOWN in (bucket, key):
        return UNKNOWN
    public = [grant for grant in grants if grant["everyone"] and _covers(grant["key"], key or "")]
    if any(grant["effect"] == "deny" and not grant["conditional"] for grant in public):
        return "restricted"
    allowed = [grant for grant in public if grant["effect"] == "allow"]
    if any(not grant["conditional"] for grant in allowed):
        return "everyone"
    return UNKNOWN if allowed else "restricted"


def _covers(pattern: str, key: str) -> bool:
    """Whether a resource's key pattern takes in all below a key. Patterns with a star in the middle are not weighed."""
    return pattern == key or (pattern.endswith("*") and key.startswith(pattern[:-1]) and "*" not in pattern[:-1])
