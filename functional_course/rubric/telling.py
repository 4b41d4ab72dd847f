"""How a verdict is told: its title, why it failed and what was printed, as far as whoever listens lets it be said."""

from __future__ import annotations

from dataclasses import dataclass

from functional_course.rubric.earlier import Earlier, RestsOnEarlier
from functional_course.rubric.explaining import explain
from functional_course.rubric.listening import listener
from functional_course.rubric.sayable import sayable, sayable_in_visible
from functional_course.rubric.wording import NO_TITLE, PRINTS_LEFT_OUT

_MOST_PRINTED_LINES = 20


@dataclass(frozen=True)
class Told:
    """What is told of one criterion.

    Attributes:
        title: what it asks for.
        message: why it failed; empty if it did not.
        printed: what the test and the answer printed, as lines below the verdict.
        left_out: whether more was found than is told.
    """

    title: str
    message: str
    printed: str
    left_out: bool = False


def tell(title: str, error: BaseException | None, printed: str, earlier: Earlier, *, hidden: bool) -> Told:
    """What to tell of a criterion.

    Args:
        title: what it asks for.
        error: what it met, if it failed.
        printed: what was printed while it was judged.
        earlier: the criteria of the task that failed before.
        hidden: whether it is left out of the released notebook.
    """
    listens = listener()
    guarded = hidden and not (listens is not None and listens.frank)
    if error is not None and earlier.missed(error):
        error = RestsOnEarlier()
    message = explain(error, guarded) if error is not None else ""
    below = "" if hidden else _below(printed)
    if listens is None or not listens.discreet():
        own = AssertionError | NotImplementedError | RestsOnEarlier
        if message and not isinstance(error, own) and not guarded:
            message = earlier.unless_said_before(message)
        return Told(title, message, below)
    if listens.own_titles is not None and title not in listens.own_titles:
        title = NO_TITLE
    if hidden:
        return Told(title, sayable(error) if error is not None else "", "")
    said = sayable_in_visible(error) if error is not None else ""
    return Told(title, said, f"    | {PRINTS_LEFT_OUT}\n" if below else "", left_out=bool(below) or said != message)


def _below(printed: str) -> str:
    lines = printed.splitlines()
    shown = [f"    | {line}\n" for line in lines[:_MOST_PRINTED_LINES]]
    if len(lines) > _MOST_PRINTED_LINES:
        shown.append(f"    | ... {len(lines) - _MOST_PRINTED_LINES} more lines\n")
    return "".join(shown)
