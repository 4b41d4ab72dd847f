"""The judging side's end of the boundary. It trusts nothing that comes: what it says, takes and serves is checked."""

from __future__ import annotations

import contextlib
import json
import random
import time
from collections.abc import Callable
from typing import Any

from functional_course.boundary.handed import hand_back, is_in_sight
from functional_course.boundary.messages.bodies import Body
from functional_course.boundary.messages.requests import Asked, Request
from functional_course.boundary.peer import Peer
from functional_course.boundary.tags import Command
from functional_course.boundary.wire import BoundaryError, Channel

import keras

MOST_ASKED_BACK = 5_000
"""How often the other side may ask for something itself before it answers."""

TELL_NOTHING = (Command.SYNC, Command.JUDGE, Command.AT, Command.ENTER)
"""Commands by which the other side hears nothing that it should not, unless the state of something goes along."""


class JudgingPeer(Peer):
    """The end in the process that judges.

    Args:
        channel: to the learner's side.
        discreet: whether texts of the other side may quote hidden inputs now, and what it hears may be some.
    """

    side = "S"
    has_files_written_there = True

    def __init__(self, channel: Channel, discreet: Callable[[], bool]) -> None:
        super().__init__(channel)
        self._discreet = discreet
        self.calls_until: tuple[float, float] | None = None
        """When the other side shall give up on calls (of :func:`time.monotonic`), and the seconds that each has."""
        self.heard = False
        """Whether the other side was asked anything since it is to be discreet: it may know hidden inputs."""
        self.changed = 0
        """How many calls of the other side's functions changed lists or arrays there that are as they were here."""
        self._given: set[tuple[type, str]] = set()

    @property
    def discreet(self) -> bool:
        """Whether texts of the other side may quote hidden inputs: it could keep what a hidden criterion gave it."""
        return self._discreet()

    def may_name(self, key: Any) -> bool:
        """Whether the other side may say what a key stands for: not if it begins as this side's own do."""
        return isinstance(key, str) and not key.startswith((self.known.side, "cell"))

    def _seen(self, told: Any, given: tuple[Any, Any]) -> Any:
        if type(told) is not list or len(told) != 2 or type(told[1]) is not list:
            raise BoundaryError("what came is no answer to a call")
        answer, now = told
        self.changed += hand_back(given, tuple(now[1:])) and not is_in_sight()
        return answer

    def _request(self, command: str, body: Body) -> Request:
        # Random numbers on the other side follow from those here, so that a seeded test is the same each time.
        seed: int | None = random.getrandbits(31)
        seconds = None
        if self.calls_until is not None:
            until, least = self.calls_until
            seconds = max(least, until - time.monotonic())
        if command in TELL_NOTHING and not body.states and not body.definitions:
            seed = None
        elif self.discreet:
            self.heard = True
        return Request(command, body, seed, seconds)

    def _check_may_be_asked(self, command: Any, subject: Any) -> None:
        """See that no layer of this side is run from the other: it would set weights, or statistics.

        Raises:
            BoundaryError: it asks for more than calls of functions and objects of classes that it was sent.
        """
        of_layers = isinstance(subject, keras.Operation)
        if command in (Command.CALL, Command.APPLY, Command.APPLY_OUTLINE) and (of_layers or isinstance(subject, type)):
            raise BoundaryError("a layer of this side is not called from the other")
        if command == Command.CONSTRUCT and not (isinstance(subject, type) and issubclass(subject, keras.layers.Layer)):
            raise BoundaryError("what was sent is no class of layers")

    def _set_by(self, subject: Any) -> list[keras.Variable]:
        return []  # of this side's own, none

    def _may_hear_of(self, found: list[keras.layers.Layer]) -> list[keras.layers.Layer]:
        """What the other side was never sent stays unknown to it."""
        return [each for each in found if self.known.known_as(each) in self.known.shared]

    def _note_given(self, kind: type, config: Any) -> None:
        given = _as_text(kind, config)
        if given is not None:
            self._given.add(given)

    def _check_was_given(self, kind: Any, args: Any, kwargs: Any) -> None:
        # What is made from a configuration is whatever stands in it: only this side's own are safe.
        if len(args) != 1 or kwargs or _as_text(kind, args[0]) not in self._given:
            raise BoundaryError("a configuration that was not given")

    def _follow(self, asked: Asked) -> None:
        """The random numbers of this side are its own."""

    def _in_time(self, asked: Asked) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()

    def _hands_back(self, command: str) -> bool:
        return False

    def _is_own_end(self, error: BaseException) -> bool:
        return isinstance(error, KeyboardInterrupt)  # it is this side's own time that is up

    def _check_asked_back(self, times: int) -> None:
        if times > MOST_ASKED_BACK:
            raise BoundaryError("it asks for ever, and does not answer")


def _as_text(kind: type, config: Any) -> tuple[type, str] | None:
    """A class with a configuration of it, to compare; None if there is more in it than plain values."""
    try:
        return kind, json.dumps(config, sort_keys=True)
    except (TypeError, ValueError, RecursionError):
        return None
