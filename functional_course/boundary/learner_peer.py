"""The learner's end of the boundary. It trusts the judging side, which may have anything run here."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from functional_course.boundary.kinds import check_is_layer
from functional_course.boundary.messages.bodies import Body
from functional_course.boundary.messages.requests import Asked, Request
from functional_course.boundary.peer import Peer
from functional_course.boundary.reaching import weights_of
from functional_course.boundary.serving import Serving
from functional_course.boundary.tags import Command
from functional_course.boundary.wire import Channel

import keras
import numpy as np


class LearnerPeer(Peer):
    """The end in the process of a learner's code.

    Args:
        channel: to the judging side.
        commands: what the judging side may ask for besides calls.
        limited: ends what is done for the judging side after some seconds.
    """

    side = "L"
    has_files_written_there = False

    def __init__(
        self,
        channel: Channel,
        commands: dict[str, Callable[[Any], Any]],
        limited: Callable[[float], contextlib.AbstractContextManager[None]],
    ) -> None:
        super().__init__(channel)
        self.commands, self.limited = commands, limited

    @property
    def discreet(self) -> bool:
        """Never: the judging side may say what it likes."""
        return False

    def may_name(self, key: Any) -> bool:
        """Whether the other side may say what a key stands for: it may."""
        return True

    def _seen(self, told: Any, given: tuple[Any, Any]) -> Any:
        return told

    def _request(self, command: str, body: Body) -> Request:
        return Request(command, body)

    def _own_command(self, command: Any) -> Callable[[Any], Any] | None:
        return self.commands.get(command) if isinstance(command, str) else None

    def _check_may_be_asked(self, command: Any, subject: Any) -> None:
        """Anything may."""

    def _set_by(self, subject: Any) -> list[keras.Variable]:
        layer = subject if isinstance(subject, keras.layers.Layer) else None
        return weights_of(layer, self._reads(subject))

    def _may_hear_of(self, found: list[keras.layers.Layer]) -> list[keras.layers.Layer]:
        return found

    def _note_given(self, kind: type, config: Any) -> None:
        """Nothing is made of that here which the other side could not have made otherwise."""

    def _check_was_given(self, kind: Any, args: Any, kwargs: Any) -> None:
        """Any configuration may be made of."""

    def _follow(self, asked: Asked) -> None:
        if asked.command in (Command.CALL, Command.CONSTRUCT, Command.APPLY) and asked.seed is not None:
            keras.utils.set_random_seed(asked.seed)

    def _in_time(self, asked: Asked) -> contextlib.AbstractContextManager[None]:
        if self._depth == 1 and asked.seconds is not None:
            return self.limited(asked.seconds)
        return contextlib.nullcontext()

    def _hands_back(self, command: str) -> bool:
        return command == Command.CALL

    def _is_own_end(self, error: BaseException) -> bool:
        return False

    def _check_asked_back(self, times: int) -> None:
        """As often as it likes."""

    def _stored(
        self, subject: Any, _: keras.layers.Layer, store: dict[str, np.ndarray] | None = None
    ) -> dict[str, np.ndarray] | None:
        return _stored(check_is_layer(subject), store)

    SERVED = {**Serving.SERVED, Command.STORE: _stored, Command.LOAD: _stored}


def _stored(layer: keras.layers.Layer, store: dict[str, np.ndarray] | None = None) -> dict[str, np.ndarray] | None:
    """What a layer writes into a file; or have it read what is in one."""
    if store is not None:
        layer.load_own_variables(store)
        return None
    store = {}
    layer.save_own_variables(store)
    return {str(name): np.asarray(keras.ops.convert_to_numpy(value)) for name, value in store.items()}
