"""What rubrics say, line by line, and who hears it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class Said:
    """What a rubric said at one time.

    Attributes:
        text: the lines, as they were printed.
        title: of the criterion that was judged; empty for what is no verdict.
        points: what the criterion is worth.
        earned: what it earned.
        message: why it failed.
        left_out: whether the text would have quoted more.
    """

    text: str
    title: str = ""
    points: float = 0.0
    earned: float = 0.0
    message: str = ""
    left_out: bool = False


class Listener(contextlib.AbstractContextManager):
    """Hears what the rubrics of this process say while it is entered, and says whether they may quote what they found.

    Args:
        discreet: asked at each verdict whether an answer could have put a hidden input into what a check found: into
            a name, a number, a text. Then a verdict says its title, its points and nothing else.
        own_titles: the titles that the test gives whatever the answers are; any, if left out. An answer could have a
            hand in another one, which is not said then.
        frank: whether hidden criteria say what they found, as visible ones do: for a learner who has the solutions.
    """

    def __init__(
        self, discreet: Callable[[], bool], own_titles: Collection[str] | None = None, *, frank: bool = False
    ) -> None:
        self.discreet = discreet
        self.own_titles = own_titles
        self.frank = frank
        self.said: list[Said] = []

    def __enter__(self) -> Listener:
        global _listener
        self._before, _listener = _listener, self
        return self

    def __exit__(self, *_: object) -> None:
        global _listener
        _listener = self._before


_listener: Listener | None = None


def listener() -> Listener | None:
    """Who listens in this process, if anybody does."""
    return _listener


def say(said: Said) -> None:
    """Print what a rubric says, and have it heard."""
    print(said.text, end="")
    if _listener is not None:
        _listener.said.append(said)
