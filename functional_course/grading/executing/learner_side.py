"""The process in which a learner's cells run. It knows no test, and nothing that it says is believed.

``python -m functional_course.grading.executing.learner_side``, with the boundary's socket as file descriptor 3.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterable
from typing import Any

from functional_course.boundary.learner_peer import LearnerPeer
from functional_course.boundary.packing import Packer
from functional_course.boundary.peer import Peer
from functional_course.boundary.tags import Command
from functional_course.boundary.wire import BoundaryError, CannotCross, Channel
from functional_course.grading.executing.cells import CellRunner, interrupted_after
from functional_course.grading.executing.clocks import LAST_FACTOR
from functional_course.grading.executing.first_draws import seed_first_draws
from functional_course.grading.executing.moments import Moments
from functional_course.grading.executing.run_messages import RunAnswer, RunRequest, ToldValue

import keras

SOCKET = 3
LAST = -1
"""The moment after all cells, in the place of a cell's index."""


class LearnerSide:
    """Runs cells, tells what they made, then serves calls.

    Args:
        channel: to the judging side.
    """

    def __init__(self, channel: Channel) -> None:
        self.runner = CellRunner(descriptors=True)
        self.told: dict[int, set[str]] = {}
        self.moments = Moments(self.runner.names, self.runner.shell.user_ns_hidden)
        commands: dict[str, Callable[[Any], Any]] = {
            Command.RUN: self.run,
            Command.JUDGE: self.judge,
            Command.AT: self.at,
            Command.ENTER: self.enter,
            Command.SYNC: lambda value: None,
        }
        # The other side can only say how long it will wait by the clock.
        self.peer = LearnerPeer(channel, commands, lambda seconds: interrupted_after(seconds / LAST_FACTOR))

    def run(self, value: Any) -> dict[str, Any]:
        """Run one cell and tell what the names that tests look at stand for now.

        Args:
            value: a :class:`~functional_course.grading.executing.run_messages.RunRequest`, as it came.

        Returns:
            A :class:`~functional_course.grading.executing.run_messages.RunAnswer`, as it is sent.

        Raises:
            BoundaryError: it is no request.
        """
        asked = RunRequest.from_json(value)
        outputs = self.runner.run(asked.source, asked.seconds)
        before = set(self.peer.known.shared)
        told = {}
        if asked.own:
            link(self.peer, asked.index, asked.tell, self.runner.names)
        else:
            names = self.runner.names
            told = {name: names[name] for name in asked.tell if name in names}
        # Values are packed one by one: one that cannot be told takes no other along.
        packed = tuple(self._packed(name, value) for name, value in told.items())
        self.told[asked.index] = self.peer.known.shared - before
        if asked.note:
            self.moments.note(asked.index)
        return RunAnswer(outputs, packed).to_json()

    def _packed(self, name: str, value: Any) -> ToldValue:
        try:
            packer = Packer(self.peer.known)
            body = packer.message(value)
        except CannotCross as error:
            return ToldValue(name, None, failed=str(error)[:500])
        except Exception as error:
            return ToldValue(name, None, failed=f"{type(error).__name__}: {error}"[:500])
        return ToldValue(name, json.dumps(body.to_json()), tuple(packer.encoder.arrays))

    def judge(self, _: Any) -> None:
        """The cells have run. From here on the other side goes through them again, one by one."""
        self.moments.note(LAST)
        self.peer.known.shared.clear()
        self.peer.known.digests.clear()

    def at(self, index: int) -> list[bool]:
        """The other side is where this cell ran.

        See :meth:`functional_course.grading.executing.moments.Moments.return_to`.
        """
        changed, unsure = self.moments.return_to(index)
        if changed:
            self.peer.known.digests.clear()
        return [changed, unsure]

    def enter(self, index: int) -> None:
        """The other side has read what was told of this cell."""
        self.peer.known.shared |= self.told.get(index, set())


def link(peer: Peer, index: int, names: Iterable[str], namespace: dict[str, Any]) -> None:
    """Know what the teacher's cell made by names that follow from the cell."""
    for name in names:
        value = namespace.get(name)
        if issubclass(type(value), keras.layers.Layer):
            peer.known.link(f"cell{index}:{name}", value)


def serve(channel: Channel) -> None:
    """Serve the judging side until it goes."""
    seed_first_draws()
    side = LearnerSide(channel)
    try:
        side.peer.serve()
    except BoundaryError:
        return


if __name__ == "__main__":
    serve(Channel(socket.socket(fileno=SOCKET)))
