"""What a daemon leaves out of an image's history."""

from __future__ import annotations

import pytest

from linter.image.daemon import with_empty_layers

BASE, WORKDIR = ("/bin/sh -c #(nop) ADD file:1 in / ", 100), ("/bin/sh -c #(nop) WORKDIR /srv", 0)
ENV, CMD = ("/bin/sh -c #(nop)  ENV A=1", 0), ('CMD ["serve"]', 0)
RUN, NOTHING = ("/bin/sh -c touch /x", 0), ("/bin/sh -c true", 0)


@pytest.mark.parametrize(
    ("steps", "layers", "made"),
    [
        ([BASE, ENV, CMD], 1, [True, False, False]),
        ([BASE, ENV, WORKDIR, CMD], 2, [True, False, True, False]),
        ([BASE, RUN, CMD], 2, [True, True, False]),
        ([BASE, NOTHING, CMD], 1, [True, False, False]),
        ([BASE, WORKDIR, RUN], 3, [True, True, True]),
        ([BASE, WORKDIR, NOTHING], 2, []),  # either may be the second
        ([], 0, []),
        ([], 1, []),
    ],
)
def test_steps_that_made_no_layer(steps: list[tuple[str, int]], layers: int, made: list[bool]) -> None:
    told = [{"CreatedBy": step, "Size": size} for step, size in steps]
    assert [not step["empty_layer"] for step in with_empty_layers(told, layers)] == made
