"""An image's configuration, told as the Dockerfile that makes the image out of its files.

So one inspector and one assembler serve Dockerfiles and built images alike: what starts, with which variables, in which
folder, as whom.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MOST = 1000
"""Variables, labels and ports that are told of one image each."""
_LONGEST = 32_768
"""Characters of one value that are told."""


def as_dockerfile(config: Mapping[str, Any]) -> str:
    """A Dockerfile that copies the whole image and sets what the configuration sets. Whatever has not the form that
    the image specification gives it is left out.
    """
    settings = config.get("config")
    settings = settings if isinstance(settings, dict) else {}
    return "\n".join(("FROM scratch", "COPY . /", *_lines(settings), ""))


def _lines(settings: Mapping[str, Any]) -> Iterator[str]:
    for variable in _texts(settings.get("Env")):
        name, equals, value = variable.partition("=")
        if equals and name and not any(each in name for each in " \t\n\r\"'\\$=#"):
            yield f"ENV {name}={_quoted(value)}"
    labels = settings.get("Labels")
    for name, value in list(labels.items() if isinstance(labels, dict) else ())[:_MOST]:
        if isinstance(value, str) and name:
            yield f"LABEL {_quoted(name)}={_quoted(value)}"
    for word, name in (("WORKDIR", "WorkingDir"), ("USER", "User"), ("STOPSIGNAL", "StopSignal")):
        setting = settings.get(name)
        if isinstance(setting, str) and setting.strip():
            yield f"{word} {_plain(setting)}"
    ports = settings.get("ExposedPorts")
    for port in list(ports if isinstance(ports, dict) else ())[:_MOST]:
        yield f"EXPOSE {_plain(port)}"
    for word, name in (("ENTRYPOINT", "Entrypoint"), ("CMD", "Cmd")):
        words = _texts(settings.get(name))
        if words:
            yield f"{word} {json.dumps(words)}"


def _texts(value: Any) -> list[str]:
    return [each[:_LONGEST] for each in value[:_MOST] if isinstance(each, str)] if isinstance(value, list) else []


def _quoted(text: str) -> str:
    """A word in double quotes. Lines of one value become one, as a Dockerfile cannot say them otherwise."""
    for plain, escaped in (("\\", "\\\\"), ('"', '\\"'), ("$", "\\$"), ("\r", " "), ("\n", " ")):
        text = text.replace(plain, escaped)
    return f'"{text[:_LONGEST]}"'


def _plain(text: str) -> str:
    return " ".join(text.split()).replace("\\", "\\\\").replace("$", "\\$")[:_LONGEST]
