"""How a check says that something is not as asked."""

from __future__ import annotations


class CheckFailed(AssertionError):
    """A property that was asked for does not hold.

    Args:
        asked: what the check asked for, as a phrase.
        found: what it found instead, as a phrase.

    Example:

    >>> raise CheckFailed("an output of shape (None, 10)", "(None, 26, 26, 10)")
    Traceback (most recent call last):
    ...
    functional_course.checks.failure.CheckFailed: asked for an output of shape (None, 10); found (None, 26, 26, 10)
    """

    def __init__(self, asked: str, found: str) -> None:
        super().__init__(f"asked for {asked}; found {found}")
        self.asked = asked
        self.found = found
