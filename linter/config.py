"""The configuration: found, checked and merged with the command line.

`.mllint.yaml` or `[tool.mllint]` of `pyproject.toml`, looked for from the checked paths up to the repository's root.
`schemas/config.schema.json` says what may stand in it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from linter.model import Span

if TYPE_CHECKING:
    from pathlib import Path

FILE_NAMES = (".mllint.yaml", ".mllint.yml")
PYPROJECT = "pyproject.toml"
SIZE_LIMIT_BYTES = 1024 * 1024


NO_SPAN = Span()


class ConfigError(Exception):
    """The configuration cannot be used; the message names the place and the remedy."""


@dataclass(frozen=True, slots=True)
class PathSuppression:
    """An entry of `suppress`: findings of a rule under a glob of paths are accepted for a reason."""

    rule: str
    path: str
    reason: str
    span: Span = NO_SPAN


@dataclass(frozen=True, slots=True)
class Config:
    """What holds for one run. Paths and globs are relative to `folder`, the folder of the configuration file."""

    path: Path | None = None
    seller_account: str | None = None
    region: str | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    fail_on: str = "error"
    products: tuple[str, ...] = ()
    public_data: tuple[str, ...] = ()
    advisories: tuple[str, ...] = ()
    inline_suppressions: bool = True
    suppress: tuple[PathSuppression, ...] = ()
    extra_rules: tuple[str, ...] = ()
    severities: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    jobs: int = 0

    @property
    def folder(self) -> Path | None:
        return self.path.parent if self.path else None

    def with_command_line(self, **given: Any) -> Config:
        """The command line wins over single values; its lists add to the file's."""
        values: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        for name in ("select", "ignore", "exclude"):
            values[name] = (*getattr(self, name), *given.get(name, ()))
        return replace(self, **values)


def find_config(start: Path) -> Path | None:
    """The nearest configuration file from a folder upward; the search ends at a repository's root."""
    for folder in (start, *start.parents):
        for name in FILE_NAMES:
            if (folder / name).is_file():
                return folder / name
        if _has_table(folder / PYPROJECT):
            return folder / PYPROJECT
        if (folder / ".git").exists():
            return None
    return None


def load_config(path: Path) -> Config:
    """Read and check one file. Raises ConfigError with file, line and column where they are known."""
    if path.name == PYPROJECT or path.suffix == ".toml":
        return _config(path, _read_toml(path), None)
    from linter.document import DocumentError, load_documents

    try:
        documents = load_documents(_read(path), format="yaml")
    except DocumentError as error:
        raise ConfigError(f"{path}:{error.line}:{error.column}: {error.message}") from None
    if len(documents) > 1:
        raise ConfigError(f"{path}: it holds {len(documents)} YAML documents; keep one")
    if not documents or documents[0].value is None:
        return Config(path=path)
    document = documents[0]
    for problem in document.problems:
        raise ConfigError(f"{path}:{problem.span.line}:{problem.span.column}: {problem.message}")
    return _config(path, document.value, document)


def config_of(value: Mapping[str, Any], path: Path | None = None) -> Config:
    """A configuration from plain values, as the examples of rules give them. Raises ConfigError."""
    return _config(path, dict(value), None)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(SIZE_LIMIT_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror or error}") from None
    if len(data) > SIZE_LIMIT_BYTES:
        raise ConfigError(f"{path}: larger than {SIZE_LIMIT_BYTES} bytes; this is no configuration")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not UTF-8; save it as UTF-8") from None


def _has_table(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return b"tool.mllint" in file.read(SIZE_LIMIT_BYTES)
    except OSError:
        return False


def _read_toml(path: Path) -> Any:
    import tomllib

    try:
        return tomllib.loads(_read(path)).get("tool", {}).get("mllint", {})
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}") from None


_SINGLE = ("seller_account", "region", "fail_on", "inline_suppressions", "jobs")
_LISTS = ("select", "ignore", "exclude", "products", "public_data", "advisories")


def _config(path: Path | None, value: Any, document: Any) -> Config:
    _check(path, value, document)
    rules = value.get("rules", {})
    suppress = tuple(
        PathSuppression(**item, span=document.span(("suppress", n)) if document else Span())
        for n, item in enumerate(value.get("suppress", ()))
    )
    plain: dict[str, Any] = {name: value[name] for name in _SINGLE if name in value}
    plain |= {name: tuple(value.get(name, ())) for name in _LISTS}
    return Config(
        path=path,
        suppress=suppress,
        extra_rules=tuple(rules.get("extra", ())),
        severities=rules.get("severity", {}),
        parameters=rules.get("parameters", {}),
        **plain,
    )


def _check(path: Path | None, value: Any, document: Any) -> None:
    import jsonschema_rs

    from linter.resources import schemas_folder

    schema = json.loads((schemas_folder() / "config.schema.json").read_text("utf-8"))
    errors = sorted(jsonschema_rs.validator_for(schema).iter_errors(value), key=lambda e: -len(e.instance_path))
    if not errors:
        return
    error = errors[0]
    pointer = tuple(error.instance_path)
    stranger = _stranger(schema, value)
    if stranger:
        pointer, message = stranger
        place = _place(path, document, pointer, key=True)
    else:
        message = _sentence(schema, pointer, error)
        place = _place(path, document, pointer, key=False)
    raise ConfigError(f"{place}{message}")


def _place(path: Path | None, document: Any, pointer: tuple[str | int, ...], *, key: bool) -> str:
    if path is None:
        return ""
    if document is None:
        return f"{path}: "
    span = document.key_span(pointer) if key else document.span(pointer)
    return f"{path}:{span.line}:{span.column}: "


def _stranger(schema: Any, value: Any, pointer: tuple[str | int, ...] = ()) -> tuple[tuple[str | int, ...], str] | None:
    """The first key that the schema does not know, with the nearest that it does."""
    from difflib import get_close_matches

    if isinstance(value, list):
        found = (_stranger(schema.get("items", {}), item, (*pointer, n)) for n, item in enumerate(value))
        return next((hit for hit in found if hit), None)
    properties = schema.get("properties")
    if not isinstance(value, Mapping) or not properties:
        return None
    for name, item in value.items():
        if name not in properties:
            near = get_close_matches(str(name), properties, 1)
            hint = f"did you mean `{near[0]}`?" if near else f"known keys are {', '.join(sorted(properties))}."
            return (*pointer, name), f"unknown key `{name}`; {hint}"
        hit = _stranger(properties[name], item, (*pointer, name))
        if hit:
            return hit
    return None


def _sentence(schema: Any, pointer: tuple[str | int, ...], error: Any) -> str:
    name = ".".join(map(str, pointer)) or "the configuration"
    if pointer and pointer[-1] == "seller_account":
        return f'`{name}` must be twelve digits in quotes, such as "123456789012"'
    if pointer[:1] == ("public_data",) and len(pointer) > 1:
        return f"`{name}` must be a place such as `s3://bucket/samples/`, or a path"
    wanted = _wanted(schema, pointer)
    if "enum" in wanted:
        return f"`{name}` must be one of {', '.join(map(str, wanted['enum']))}"
    if wanted.get("type") == "array":
        return f"`{name}` must be a list: write it in brackets, [ … ]"
    return f"`{name}`: {error.message}"


def _wanted(schema: Any, pointer: tuple[str | int, ...]) -> Mapping[str, Any]:
    """What the schema says of the value at a pointer; empty when that is below what it describes."""
    for part in pointer:
        inner = schema.get("items") if isinstance(part, int) else schema.get("properties", {}).get(part)
        if inner is None:
            return {}
        schema = inner
    found: Mapping[str, Any] = schema
    return found
