"""Files that images lie in, and the names of members in archives around images."""

from __future__ import annotations

import errno
import os
import posixpath
import stat
from typing import TYPE_CHECKING

from linter.image.model import ImageError

if TYPE_CHECKING:
    from io import FileIO


NO_SUCH = "check the path, or save the image there with `docker save -o`"
_REMEDIES = {
    errno.ENOENT: NO_SUCH,
    errno.ENOTDIR: NO_SUCH,
    errno.EACCES: "let this user read it (`chmod`), or save the image again as this user",
}
# Not blocking: a pipe in the place of a file would be waited for.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def open_regular(path: str | os.PathLike[str], what: str) -> FileIO:
    """A file, unbuffered. Raises ImageError, which begins with `what`, when it is none or cannot be read."""
    what = what[:1].upper() + what[1:]
    try:
        handle = os.open(path, _FLAGS)
    except OSError as error:
        remedy = _REMEDIES.get(error.errno or 0, "check the path and the disk that it is on")
        raise ImageError(f"{what} cannot be read: {error.strerror}; {remedy}.") from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise ImageError(f"{what} is not a file; name what `docker save -o` or a tool for OCI images has written.")
    return open(handle, "rb", buffering=0)


def clean(name: str) -> str:
    """A member's name as other members and manifests spell it."""
    return posixpath.normpath(name.lstrip("/")) if name else ""
