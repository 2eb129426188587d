"""Files of the product that code reads, and paths to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linter.evaluate.formats import text_of
from linter.evaluate.jsontext import dumps, load_yaml, loads
from linter.evaluate.modules import HERE
from linter.evaluate.operators import join_path
from linter.evaluate.text import Text, joined
from linter.evaluate.values import File, PathText, Scalar, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from linter.evaluate.functions import Given
    from linter.evaluate.machine import Machine


def _open(m: Machine, given: Given) -> Any:
    mode = given.arg(1, "mode")
    if mode is not None and not (isinstance(mode, Text) and mode.known and not set(mode.flat) & set("wax+")):
        return File(None, given.place)
    return File(contents(m, given.arg(0, "file")), given.place)


def contents(m: Machine, path: Any) -> Text | None:
    """The text of the file at a path; None when it is not known."""
    text = path.text if isinstance(path, PathText) else path
    found = m.loader.data(text.flat) if isinstance(text, Text) and text.known else None
    if found is not None:
        m.tick(len(found.flat) // 64)
    return found


def _load(read: Callable[[Text, Any], Any]) -> Callable[[Machine, Given], Any]:
    def load(m: Machine, given: Given) -> Any:
        source = given.arg(0)
        text = source.text if isinstance(source, File) else source
        if not isinstance(text, Text):
            return None
        m.tick(len(text.flat) // 8)
        return read(text, given.place)

    return load


def _dumps(m: Machine, given: Given) -> Any:
    found = dumps(given.arg(0)) if given.values else None
    m.tick(len(found.flat) // 16 if found else 1)
    return found


def _join(m: Machine, given: Given) -> Any:
    parts = [text_of(value, given.place) for value in given.values]
    return None if given.more or not parts else join_path(parts, given.place)


def _path(m: Machine, given: Given) -> Any:
    return PathText(_join(m, given) or Text.written(".", given.place)) if not given.more else None


def _absolute(m: Machine, given: Given) -> Any:
    text = text_of(given.arg(0))
    if not text.known or text.flat.startswith("/"):
        return text
    return join_path([Text.written(HERE + m.loader.folder), text])


def _folder(m: Machine, given: Given) -> Any:
    text = text_of(given.arg(0))
    return text.cut(0, max(text.flat.rfind("/"), 0)) if text.known else None


def _file_name(m: Machine, given: Given) -> Any:
    text = text_of(given.arg(0))
    return text.cut(text.flat.rfind("/") + 1, len(text.flat)) if "/" in text.flat or text.known else None


def _same(m: Machine, given: Given) -> Any:
    return given.arg(0)


def _none(m: Machine, given: Given) -> Any:
    return Scalar(None, given.place)


def _environment(m: Machine, given: Given) -> Any:
    key = given.arg(0)
    name = key.flat if isinstance(key, Text) and key.known and key.flat.isidentifier() else "environment"
    return Unknown(name, given.place)


def _dedent(m: Machine, given: Given) -> Any:
    text = given.arg(0)
    if not isinstance(text, Text):
        return None
    lines = text.split("\n")
    margins = [len(line.flat) - len(line.flat.lstrip(" \t")) for line in lines if line.flat.strip()]
    margin = min(margins, default=0)
    cut = [line.cut(margin, len(line.flat)) if line.flat.strip() else Text([]) for line in lines]
    return joined(cut, Text.written("\n"))


def _search(m: Machine, given: Given) -> Any:
    folder = given.values[-1] if given.values else None
    text = folder.text if isinstance(folder, PathText) else folder
    if isinstance(text, Text) and text.known:
        m.loader.search(text.flat)
    return Scalar(None, given.place)


FILES: dict[str | None, Callable[[Any, Any], Any]] = {
    "builtins.open": _open,
    "io.open": _open,
    "codecs.open": _open,
    "json.loads": _load(loads),
    "json.load": _load(loads),
    "json.dumps": _dumps,
    "yaml.safe_load": _load(load_yaml),
    "yaml.load": _load(load_yaml),
    "yaml.full_load": _load(load_yaml),
    "os.path.join": _join,
    "os.path.abspath": _absolute,
    "os.path.realpath": _absolute,
    "os.path.expanduser": _same,
    "os.path.normpath": _same,
    "os.path.dirname": _folder,
    "os.path.basename": _file_name,
    "pathlib.Path": _path,
    "pathlib.PurePosixPath": _path,
    "os.environ.get": _environment,
    "os.getenv": _environment,
    "textwrap.dedent": _dedent,
    "builtins.print": _none,
    "sys.path.append": _search,
    "sys.path.insert": _search,
}
