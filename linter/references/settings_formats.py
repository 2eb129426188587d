"""Reads files of settings, by the endings of their names, as plain values. Hostile ones are refused, never followed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_TEXT = ".txt"
_LONGEST_LINE = 1000
"""Characters of a line of TOML or of sections: their parsers take the square of it."""


class UnreadableError(Exception):
    """A file of settings cannot be read, or holds no mapping."""


def settings_of(text: str, ending: str) -> Any:
    """The mapping, list or text that a file with an ending of READERS holds; raises `UnreadableError`."""
    try:
        value = READERS[ending](text)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(str(error)) from error
    if not isinstance(value, dict | list) and ending != _TEXT:
        raise UnreadableError("neither a mapping nor a list")
    return value


def _json(text: str) -> Any:
    return _document(text, "json")


def _yaml(text: str) -> Any:
    return _document(text, "yaml")


def _document(text: str, form: Any) -> Any:
    from linter.document import DocumentError, load_document

    try:
        return load_document(text, format=form).value
    except DocumentError as error:
        raise UnreadableError(error.message) from error


def _toml(text: str) -> Any:
    import tomllib

    return tomllib.loads(_with_short_lines(text))


def _sections(text: str) -> Any:
    """Sections of options. Code may ask for an option in any case of letters."""
    import configparser

    parser = configparser.ConfigParser(interpolation=None, strict=False, allow_no_value=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        parser.read_string(_with_short_lines(text))
    except configparser.Error as error:
        raise UnreadableError(error.message) from error
    return {name: _in_any_case(dict(parser.items(name))) for name in (*parser.sections(), parser.default_section)}


def _in_any_case(options: Mapping[str, str | None]) -> dict[str, str]:
    known = {name: value.strip("\"'") for name, value in options.items() if value is not None}
    return {form: value for name, value in known.items() for form in (name.upper(), name.lower(), name)}


def _with_short_lines(text: str) -> str:
    if any(len(line) > _LONGEST_LINE for line in text.splitlines()):
        raise UnreadableError("a line is too long")
    return text


def _text(text: str) -> Any:
    return text.strip()


READERS: Mapping[str, Callable[[str], Any]] = {
    ".json": _json,
    ".yaml": _yaml,
    ".yml": _yaml,
    ".toml": _toml,
    ".ini": _sections,
    ".cfg": _sections,
    ".conf": _sections,
    _TEXT: _text,
}
