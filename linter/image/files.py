"""Files that images lie in, and the names of members in archives around images."""

from __future__ import annotations

import os
import posixpath
import stat
from typing import TYPE_CHECKING

from linter.image.model import ImageError

if TYPE_CHECKING:
    from io import FileIO

# Not blocking: a pipe in the place of a file would be waited for.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def open_regular(path: str | os.PathLike[str], what: str) -> FileIO:
    """A file, unbuffered. Raises ImageError, which begins with `what`, when it is none or cannot be read."""
    what = what[:1].upper() + what[1:]
    try:
        handle = os.open(path, _FLAGS)
    except OSError as error:
        raise ImageError(f"{what} cannot be read: {error.strerror}.") from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise ImageError(f"{what} is not a file.")
    return open(handle, "rb", buffering=0)


def clean(name: str) -> str:
    """A member's name as other members and manifests spell it."""
    return posixpath.normpath(name.lstrip("/")) if name else ""
