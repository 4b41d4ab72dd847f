"""One end of the boundary: it calls what is on the other side, and serves what the other side may call."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import threading
from abc import abstractmethod
from typing import Any, ClassVar

from functional_course.boundary.failures import described, missing_name, raised
from functional_course.boundary.known import Known
from functional_course.boundary.layer_names import go_on_from, names_given
from functional_course.boundary.messages.answers import Answer, Answered, ToldError
from functional_course.boundary.messages.bodies import Body
from functional_course.boundary.messages.requests import Asked, Request, is_request
from functional_course.boundary.packing import Packer
from functional_course.boundary.recording import Recording
from functional_course.boundary.serving import Serving
from functional_course.boundary.standing_in import StandIns
from functional_course.boundary.tags import Command, Key
from functional_course.boundary.unpacking import Unpacker
from functional_course.boundary.wire import BoundaryError, Channel

MOST_PRINTED = 20_000
"""Characters that a function may print while it is called from the other side."""

PRINTS_LEFT_OUT = "[what the answer prints is left out from here on: it has seen hidden inputs]"


class Peer(StandIns, Serving):
    """One end. What differs between the two sides are the methods that are abstract here.

    Args:
        channel: to the other end.
    """

    side: ClassVar[str]
    """One letter, another one on the other side: it begins the keys of what this side tells first."""

    def __init__(self, channel: Channel) -> None:
        StandIns.__init__(self)
        Serving.__init__(self)
        self.channel = channel
        self.known = Known(self.side)
        self.asked_of: Any = None
        """The key of what the other side was last asked about."""
        self._lock = threading.RLock()
        self._depth = 0

    @abstractmethod
    def _request(self, command: str, body: Body) -> Request:
        """The request for something, with the seed and the time that it has."""

    @abstractmethod
    def _check_asked_back(self, times: int) -> None:
        """See that the other side does not ask for ever, where it is to answer.

        Raises:
            BoundaryError: it has asked too often.
        """

    @abstractmethod
    def _follow(self, asked: Asked) -> None:
        """Draw the random numbers that follow from the seed of a request, if they are to be the other side's."""

    @abstractmethod
    def _in_time(self, asked: Asked) -> contextlib.AbstractContextManager[None]:
        """Ends what is done for a request when its time is up."""

    @abstractmethod
    def _hands_back(self, command: str) -> bool:
        """Whether the answer says what became of the arguments, see :func:`~.handed.hand_back`."""

    @abstractmethod
    def _is_own_end(self, error: BaseException) -> bool:
        """Whether an error ends what this side does itself, and not only what it does for the other."""

    # --- asking ------------------------------------------------------------------------------------------------------

    def request(self, command: str, value: Any, *, may_change: bool = True, only_new: bool = False) -> Any:
        """See :meth:`.Asking.request`. What the other side printed meanwhile is printed here.

        Raises:
            BoundaryError: the other side does not answer as it should; or its answer cannot be read, and what Keras
                says of that could quote hidden inputs.
            CannotCross: Keras makes nothing of the answer, or the other side said that something cannot cross.
            Exception: what was asked for raised it; of the same class where that is one of Python's own.
        """
        header, arrays, sent = self._exchange(command, value)
        answered = Answered.of(header)
        if answered.printed:
            print(PRINTS_LEFT_OUT + "\n" if self.discreet else answered.printed[:MOST_PRINTED], end="")
        try:
            value = Unpacker(self, header, arrays).value(sent if may_change else (), only_new=only_new)
        except Exception as error:  # of Keras too, which quotes what it cannot read
            if not self.discreet:
                raise
            raise BoundaryError(f"what came cannot be read ({type(error).__name__})") from None
        if answered.is_error:
            told = ToldError.of(header.get(Key.ERROR))
            there = raised(told, self.discreet)
            if command == Command.CALL:
                # What a function raises when it is called is its own; what it raises when it is recorded may be ours.
                there.of_the_answer = True  # type: ignore[attr-defined]
                # Also where its name was left out: a name that only the test makes would be there in one kernel.
                there.missing = missing_name(told)  # type: ignore[attr-defined]
            raise there
        return value

    def request_unread(self, command: str, value: Any) -> tuple[dict[str, Any], list[bytes]]:
        """Ask as :meth:`request` does, and leave the answer packed; an error in it is not raised.

        Args:
            command: what for.
            value: with what.

        Returns:
            the header of the answer, and the bytes of the arrays in it.

        Raises:
            BoundaryError: what came is no answer, or the other side is gone.
        """
        return self._exchange(command, value)[:2]

    def _exchange(self, command: str, value: Any) -> tuple[dict[str, Any], list[bytes], frozenset[str]]:
        # A model that is run as a graph asks from several threads at once.
        with self._lock:
            return self._exchanged(command, value)

    def _exchanged(self, command: str, value: Any) -> tuple[dict[str, Any], list[bytes], frozenset[str]]:
        packer = Packer(self.known)
        body = packer.message(value)
        self.asked_of = value[0] if isinstance(value, list) and value else None
        self._send(self._request(command, body).to_json(), packer.encoder.arrays)
        try:
            asked_back = 0
            while True:
                header, arrays = self._receive()
                if is_request(header):
                    asked_back += 1
                    self._check_asked_back(asked_back)
                    self._serve(header, arrays)
                else:
                    Answered.of(header)
                    return header, arrays, frozenset(packer.met)
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
            if not is_request(header):
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
        value = told = None
        self._depth += 1
        try:
            if self._depth > 20:
                raise BoundaryError("calls that call back too deep")
            asked = Asked.of(header)
            self._follow(asked)
            with contextlib.redirect_stdout(printed), self._in_time(asked):
                value = Unpacker(self, header, arrays).value()
                answer = self._answer(asked.command, value)
                recording = answer if isinstance(answer, Recording) else None
                packer = Packer(self.known, recording.names if recording else None)
                # The arguments too: a function may have changed the models that it was given.
                body = packer.message([recording.value if recording else answer, value])
                if not self._hands_back(asked.command):
                    body = dataclasses.replace(body, value=body.value[0])
        except BaseException as error:
            if self._is_own_end(error):
                raise
            packer, body = self._told_of(value)
            told = described(error)
        finally:
            self._depth -= 1
        with self._lock:
            answered = Answer(body, printed.getvalue()[:MOST_PRINTED], told)
            self._send(answered.to_json(), packer.encoder.arrays)

    def _told_of(self, value: Any) -> tuple[Packer, Body]:
        """Pack what was given: also a function that failed may have changed the models in it."""
        try:
            packer = Packer(self.known)
            return packer, packer.message(value)
        except Exception:  # made while something is traced, say: then the error is all there is to tell
            packer = Packer(self.known)
            return packer, packer.message(None)

    def _send(self, header: dict[str, Any], arrays: list[bytes]) -> None:
        self.channel.send({**header, Key.NAMES: names_given()}, arrays)

    def _receive(self) -> tuple[dict[str, Any], list[bytes]]:
        header, arrays = self.channel.receive()
        go_on_from(header.get(Key.NAMES))
        return header, arrays
