"""How a finding's code is reached, in the words that reports share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linter.model import CONFIGURATION
from linter.render.escape import one_line, shorten, terminal_safe
from linter.render.shared import count, sound_span

if TYPE_CHECKING:
    from collections.abc import Callable

    from linter.model import Step

ARROW = "->"
STEPS_SHOWN = 7
"""Steps that a short form shows at most, the note about those left out included."""
STEP_WIDTH = 60
"""Characters of a step's text in a short form."""
HERE = "here"

Steps = tuple["Step", ...]


def cut_middle(steps: Steps, limit: int) -> tuple[Steps, Steps, Steps]:
    """The first steps, those to leave out, and the last ones; with a note for what is left out at most `limit`.

    The start and the end of a way say most: which program it begins with, and what is done last.
    """
    if len(steps) <= limit:
        return steps, (), ()
    room = max(limit - 1, 0)
    start, end = room - room // 2, len(steps) - room // 2
    return steps[:start], steps[start:end], steps[end:]


def left_out(steps: Steps) -> str:
    """The note that stands for steps."""
    return f"… {count(len(steps), 'more step')}"


def in_words(steps: Steps, path_of: Callable[[str], str], *, short: bool, remedy: str = "") -> list[str]:
    """Each step as `path:line text`, then the word for the finding's own place. All of it is safe for a terminal.

    `path_of` gives a path as it is to be shown. The short form leaves out steps in the middle, with `remedy` in the
    note about them, and the ends of long texts.
    """
    start, cut, end = cut_middle(steps, STEPS_SHOWN) if short else (steps, (), ())
    note = [f"{left_out(cut)}{remedy}"] if cut else []
    return [
        *(_step(step, path_of, short) for step in start),
        *note,
        *(_step(step, path_of, short) for step in end),
        HERE,
    ]


def _step(step: Step, path_of: Callable[[str], str], short: bool) -> str:
    # Cut before it is made safe, for speed, and after that, since characters that are spelled out take more room.
    text = one_line(step.text[: 10 * STEP_WIDTH] if short else step.text)
    where = terminal_safe(path_of(step.location.path))
    if not step.location.path.endswith(CONFIGURATION):  # which has no lines
        where += f":{sound_span(step.location.span).line}"
    return f"{where} {shorten(text, STEP_WIDTH) if short else text}".rstrip()
