"""One end of the boundary: it calls what is on the other side, and serves what the other side may call."""

from __future__ import annotations

import contextlib
import io
import random
import threading
import time
from collections.abc import Callable
from typing import Any

from functional_course.boundary.failures import described, missing_name, raised
from functional_course.boundary.known import Known
from functional_course.boundary.layer_names import go_on_from, names_given
from functional_course.boundary.packing import Packer
from functional_course.boundary.recording import Recording
from functional_course.boundary.serving import Serving
from functional_course.boundary.standing_in import StandIns
from functional_course.boundary.tapes import Tapes
from functional_course.boundary.unpacking import Unpacker
from functional_course.boundary.wire import BoundaryError, Channel
from functional_course.rubric import hidden_begun

import keras

MOST_PRINTED = 20_000
"""Characters that a function may print while it is called from the other side."""

PRINTS_LEFT_OUT = "[what the answer prints is left out from here on: it has seen hidden inputs]"

MOST_ASKED_BACK = 5_000
"""How often the other side may ask for something itself before it answers."""

TELL_NOTHING = ("sync", "judge", "at", "enter")
"""Commands by which the other side hears nothing that it should not, unless the state of something goes along."""


class Peer(StandIns, Serving):
    """One end.

    Args:
        channel: to the other end.
        side: one letter, another one on the other side.
        trusting: whether the other side may have code run here: functions that were never sent to it, its own
            commands. The learner's side trusts the judging side, never the other way round.
    """

    def __init__(self, channel: Channel, side: str, *, trusting: bool) -> None:
        self.channel, self.trusting = channel, trusting
        self.known = Known(side)
        self.commands: dict[str, Callable[[Any], Any]] = {}
        """What the other side may ask for besides calls, if it is trusted."""
        self.calls_until: tuple[float, float] | None = None
        """When the other side shall give up on calls (of :func:`time.monotonic`), and the seconds that each has."""
        self.limited: Callable[[float], contextlib.AbstractContextManager[None]] = lambda seconds: (
            contextlib.nullcontext()
        )
        """Ends what this side does for a trusted other one after some seconds."""
        self.asked_of: Any = None
        """The key of what the other side was last asked about."""
        self.tapes = Tapes()
        self._lock = threading.RLock()
        self._depth = 0
        self._remote_functions: dict[int, Callable[..., Any]] = {}
        self._given: set[tuple[type, str]] = set()
        self._hidden_before = hidden_begun()
        self.changed = 0
        """How many calls of the other side's functions changed lists or arrays there that are as they were here."""
        self.heard = False
        """Whether the other side was asked anything since a hidden test began: it may know hidden inputs."""
        self.frank = False
        """Whether it may know them, and its texts may quote them: where a learner has the solutions anyway."""

    @property
    def discreet(self) -> bool:
        """Whether texts of the other side may quote hidden inputs: it could keep what a hidden criterion gave it."""
        return not self.trusting and not self.frank and hidden_begun() > self._hidden_before

    # --- asking ------------------------------------------------------------------------------------------------------

    def request(self, command: str, value: Any, *, may_change: bool = True, only_new: bool = False) -> Any:
        """Ask the other side for something and wait for the answer.

        Args:
            command: what for.
            value: with what.
            may_change: whether the other side may change the state of the models and layers in ``value``.
            only_new: whether the answer leaves alone what is known here: what was asked for changes nothing.

        Raises:
            BoundaryError: the other side does not answer as it should.
            Exception: what was asked for raised it; of the same class where that is one of Python's own.
        """
        header, arrays, sent = self._exchange(command, value)
        printed = header.get("printed")
        if isinstance(printed, str) and printed:
            print(PRINTS_LEFT_OUT + "\n" if self.discreet else printed[:MOST_PRINTED], end="")
        try:
            value = Unpacker(self, header, arrays).value(sent if may_change else (), only_new=only_new)
        except Exception as error:  # of Keras too, which quotes what it cannot read
            if not self.discreet:
                raise
            raise BoundaryError(f"what came cannot be read ({type(error).__name__})") from None
        if header["kind"] == "error":
            error = raised(header.get("error"), self.discreet)
            if command == "call":
                # What a function raises when it is called is its own; what it raises when it is recorded may be ours.
                error.of_the_answer = True
                # Also where its name was left out: a name that only the test makes would be there in one kernel.
                error.missing = missing_name(header.get("error"))
            raise error
        return value

    def request_unread(self, command: str, value: Any) -> tuple[dict[str, Any], list[bytes]]:
        """Ask as :meth:`request` does, and leave the answer packed."""
        return self._exchange(command, value)[:2]

    def _exchange(self, command: str, value: Any) -> tuple[dict[str, Any], list[bytes], frozenset[str]]:
        # A model that is run as a graph asks from several threads at once.
        with self._lock:
            return self._exchanged(command, value)

    def _exchanged(self, command: str, value: Any) -> tuple[dict[str, Any], list[bytes], frozenset[str]]:
        packer = Packer(self.known)
        body = packer.message(value)
        # Random numbers on the other side follow from those here, so that a seeded test is the same each time.
        seed = None if self.trusting else random.getrandbits(31)
        limit = {}
        if self.calls_until is not None:
            until, least = self.calls_until
            limit = {"seconds": max(least, until - time.monotonic())}
        self.asked_of = value[0] if isinstance(value, list) and value else None
        if command in TELL_NOTHING and not body["states"] and not body["definitions"]:
            seed = None
        elif self.discreet:
            self.heard = True
        self._send({"kind": "request", "command": command, "seed": seed, **limit, **body}, packer.encoder.arrays)
        try:
            asked_back = 0
            while True:
                header, arrays = self._receive()
                if header.get("kind") == "request":
                    asked_back += 1
                    if asked_back > MOST_ASKED_BACK and not self.trusting:
                        raise BoundaryError("it asks for ever, and does not answer")
                    self._serve(header, arrays)
                elif header.get("kind") in ("answer", "error"):
                    return header, arrays, frozenset(packer.met)
                else:
                    raise BoundaryError("what came is no answer")
        except BaseException:
            # The answer may still come, and must not be taken for the answer to something else.
            self.channel.broken = True
            raise

    # --- serving -----------------------------------------------------------------------------------------------------

    def serve(self) -> None:
        """Answer requests until the other side is gone.

        Raises:
            BoundaryError: it is gone, or did not keep to the protocol.
        """
        while True:
            header, arrays = self._receive()
            if header.get("kind") != "request":
                raise BoundaryError("what came is no request")
            self._serve(header, arrays)

    def _serve(self, header: dict[str, Any], arrays: list[bytes]) -> None:
        # What is asked while this is served is asked within it, whichever thread does.
        outer, self._lock = self._lock, threading.RLock()
        try:
            self._serve_one(header, arrays)
        finally:
            self._lock = outer

    def _serve_one(self, header: dict[str, Any], arrays: list[bytes]) -> None:
        printed = io.StringIO()
        value = None
        self._depth += 1
        try:
            if self._depth > 20:
                raise BoundaryError("calls that call back too deep")
            if self.trusting and header.get("command") in ("call", "construct", "apply"):
                keras.utils.set_random_seed(int(header["seed"]))
            with contextlib.redirect_stdout(printed), self._in_time(header):
                value = Unpacker(self, header, arrays).value()
                answer = self._answer(header.get("command"), value)
                recording = answer if isinstance(answer, Recording) else None
                packer = Packer(self.known, recording.names if recording else None)
                # The arguments too: a function may have changed the models that it was given.
                body = packer.message([recording.value if recording else answer, value])
                if not self._hands_back(header.get("command")):
                    body["value"] = body["value"][0]
        except BaseException as error:
            if not self.trusting and isinstance(error, KeyboardInterrupt):
                raise  # it is this side's own time that is up
            packer, told = self._told_of(value)
            body = {"kind": "error", "error": described(error), **told}
        finally:
            self._depth -= 1
        with self._lock:
            self._send({"kind": "answer", **body, "printed": printed.getvalue()[:MOST_PRINTED]}, packer.encoder.arrays)

    def _told_of(self, value: Any) -> tuple[Packer, dict[str, Any]]:
        """Pack what was given: also a function that failed may have changed the models in it."""
        try:
            packer = Packer(self.known)
            return packer, packer.message(value)
        except Exception:  # made while something is traced, say: then the error is all there is to tell
            packer = Packer(self.known)
            return packer, packer.message(None)

    def _hands_back(self, command: Any) -> bool:
        """Whether the answer says what became of the arguments, see :func:`hand_back`: a learner's function's does."""
        return self.trusting and command == "call"

    def _in_time(self, header: dict[str, Any]) -> contextlib.AbstractContextManager[None]:
        seconds = header.get("seconds")
        if self.trusting and self._depth == 1 and isinstance(seconds, (int, float)):
            return self.limited(seconds)
        return contextlib.nullcontext()

    def _send(self, header: dict[str, Any], arrays: list[bytes]) -> None:
        self.channel.send({**header, "names": names_given()}, arrays)

    def _receive(self) -> tuple[dict[str, Any], list[bytes]]:
        header, arrays = self.channel.receive()
        go_on_from(header.get("names"))
        return header, arrays
