"""What all sources of images have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from linter.image.model import Described, ImageError, Platform

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from linter.image.model import Access, Stream


class BaseSource:
    """A source that holds nothing open between two calls, and adds to what it says where it was found."""

    access: Access = "any-order"
    settled: str | None = None
    """Where a plain reference was found."""
    tried: str = ""
    """Where it was looked for before, as a sentence for when it is not here either."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is held open."""

    def describe(self, platform: Platform) -> Described:
        """The image for a platform. Raises ImageError when there is none."""
        try:
            return self._describe(platform)._replace(settled=self.settled)
        except ImageError as error:
            if not self.tried:
                raise
            raise ImageError(f"{error} {self.tried}") from error

    def _describe(self, platform: Platform) -> Described:
        raise NotImplementedError

    def layer(self, described: Described, number: int) -> AbstractContextManager[Stream]:
        """The bytes of a layer as the source stores it. Raises ImageError when it lacks the layer."""
        raise NotImplementedError

    def pass_by(self) -> Iterator[tuple[str, Stream]]:
        """Sources whose layers come in any order have no need of this."""
        raise NotImplementedError

    def places(self) -> tuple[str, ...]:
        """As `pass_by`."""
        raise NotImplementedError
