"""An exception of the other side: what is told of it, and what is raised here for it."""

from __future__ import annotations

import builtins

from functional_course.boundary.messages.answers import MOST_MESSAGE, ToldError
from functional_course.boundary.wire import BoundaryError, CannotCross
from functional_course.errors import lines_of
from functional_course.rubric.wording import ASKED_TO_EXIT, TOO_LONG

TEXT_LEFT_OUT = "(the error's text is left out: the answer has seen hidden inputs)"


def described(error: BaseException) -> ToldError:
    """What is told of an error: the names of its classes, and its text, cut to :data:`MOST_MESSAGE` characters."""
    try:
        # Before a stack takes its place, which says nothing to learners.
        message = "\n".join(lines_of(error))[:MOST_MESSAGE]
    except BaseException:  # an error of a learner's own class may not know what to say
        message = ""
    return ToldError(
        kinds=[kind.__name__ for kind in type(error).__mro__],
        message=message,
        name=str(error.name)[:200] if isinstance(error, NameError) and error.name else None,
        boundary=isinstance(error, BoundaryError),
        cannot_cross=isinstance(error, CannotCross),
    )


def missing_name(told: ToldError) -> str:
    """The name that is missing where a :class:`NameError` of the other side is told of; empty if something else is."""
    return (told.name or "")[:200]


def raised(told: ToldError, discreet: bool = False) -> Exception:
    """The exception to raise here for one that was raised there.

    Of a class that Python has: the name of a class that a learner made up could say anything.

    Args:
        told: what was told of it.
        discreet: whether its text is left out.
    """
    message, missing = told.message, told.name
    if discreet:
        late = list(told.kinds[:1]) == [KeyboardInterrupt.__name__]
        message, missing = TOO_LONG if late else TEXT_LEFT_OUT if message else "", None
    if told.boundary:
        return (CannotCross if told.cannot_cross else BoundaryError)(message)
    if SystemExit.__name__ in told.kinds:
        return RuntimeError(ASKED_TO_EXIT)
    for name in told.kinds:
        kind = getattr(builtins, name, None) if isinstance(name, str) else None
        # One that ends loops and generators would end those of a test.
        ends_loops = isinstance(kind, type) and issubclass(kind, (StopIteration, StopAsyncIteration))
        if isinstance(kind, type) and issubclass(kind, Exception) and not ends_loops:
            break
    else:
        kind = RuntimeError
    try:
        error = kind(message) if message else kind()
    except TypeError:  # UnicodeDecodeError wants five arguments
        error = RuntimeError(message)
    if isinstance(error, NameError) and missing is not None:
        error.name = missing
    return error
