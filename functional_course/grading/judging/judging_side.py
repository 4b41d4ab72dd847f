"""The process that judges: it runs the teacher's cells and tests, and never a line that a learner wrote.

``python -m functional_course.grading.judging.judging_side``, with the boundary's socket as file descriptor 3 and the
controller's as 4. What tests need of the answers comes from the learner's side as data; functions are called there.
"""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from functional_course.boundary.judging_peer import JudgingPeer
from functional_course.boundary.tags import Command, Key
from functional_course.boundary.unpacking import Unpacker
from functional_course.boundary.values import Opaque
from functional_course.boundary.wire import BoundaryError, Channel
from functional_course.grading.analysis.titles import own_titles
from functional_course.grading.executing.cells import CellRunner, interrupted_after
from functional_course.grading.executing.clocks import at_last, grace
from functional_course.grading.executing.first_draws import seed_first_draws
from functional_course.grading.executing.learner_side import link
from functional_course.grading.executing.run_messages import RunAnswer, RunRequest, ToldValue
from functional_course.grading.judging.answer import Answer
from functional_course.grading.judging.discretion import (
    DID_NOT_COME_ACROSS,
    discreet_outputs,
    since_hidden,
    with_hidden_marked,
)
from functional_course.grading.judging.doubt import Doubts
from functional_course.grading.judging.job_messages import Begun, JudgeRequest, with_answer
from functional_course.grading.judging.showable import MOST_SIDE
from functional_course.grading.taking_in.cell import Cell
from functional_course.grading.taking_in.roles import Role
from functional_course.rubric.hidden import hidden_begun
from functional_course.rubric.listening import Listener

import keras

LEARNER, CONTROLLER = 3, 4

START_SECONDS = 180
"""How long the learner's side may take to start: a container imports Keras first."""

MOST_SHOWN = 2_500_000
"""Characters that all of a learner's cells may show."""

MOST_OUTPUTS = 2_000
"""Outputs of one cell."""


class JudgingSide:
    """Goes through a notebook twice: first the learner's side runs it, then the tests look at what came of it.

    Args:
        channel: to the learner's side.
        at: told the cell that is begun, by its place in the notebook.
        frank: whether tests may tell what they found with hidden inputs: to a learner who has the solutions.
    """

    def __init__(
        self, channel: Channel, at: Callable[[int], None] = lambda index: None, *, frank: bool = False
    ) -> None:
        self.at = at
        self.frank = frank
        hidden_seen = since_hidden()
        self.peer = JudgingPeer(channel, lambda: not frank and hidden_seen())
        self.outputs: dict[int, list[dict[str, Any]]] = {}
        self.said: list[dict[str, Any]] = []
        self.spoken: dict[int, list[dict[str, Any]]] = {}
        """What the rubrics of each test cell said, see :class:`functional_course.rubric.listening.Said`."""
        self.doubts = Doubts(self.peer)
        self.doubted: dict[int, dict[str, Any]] = {}
        """What is in doubt of each test, see :meth:`functional_course.grading.judging.doubt.Doubts.of`."""
        self.told: dict[int, tuple[ToldValue, ...]] = {}
        self.gone: str | None = None
        self._shown = 0
        self._made_by: dict[str, int] = {}

    def meet(self) -> bool:
        """Wait until the learner's side is there, which takes none of a cell's time."""
        self.peer.channel.deadline = time.monotonic() + START_SECONDS
        self._ask(Command.SYNC, None)
        return self.gone is None

    def run_answers(self, cells: Sequence[Cell]) -> int | None:
        """Have the learner's side run every cell that is no test; returns the cell at which it ended, if it did."""
        looked_at = _before_tests(cells)
        for cell in cells:
            if cell.role == Role.TEST:
                continue
            self.at(cell.index)
            own = cell.role == Role.GIVEN
            asked = RunRequest(cell.index, cell.source, cell.seconds, cell.tell, own, cell.index in looked_at)
            self.peer.channel.deadline = time.monotonic() + at_last(cell.seconds) + grace(cell.seconds)
            try:
                header, arrays = self.peer.request_unread(Command.RUN, asked.to_json())
                came = Unpacker(self.peer, {Key.VALUE: header[Key.VALUE]}, arrays).value()
                answer = RunAnswer.from_json(came, asked.tell)
                outputs, size = checked_outputs(answer.outputs, MOST_SHOWN - self._shown)
                self._shown += size
                self.outputs[cell.index] = outputs
                self.told[cell.index] = answer.told
            except Exception as error:  # whatever it is, the other side is not to be trusted any more
                self.gone = f"{type(error).__name__}: {error}"
                return cell.index
        return None

    def judge(self, cells: Sequence[Cell]) -> int | None:
        """Run the teacher's cells and the tests; returns the answer that ended the learner's side, if one did."""
        ended_by = last_answer = None
        looked_at = _before_tests(cells)
        # While the other side waits for a processor, this one only seems to sleep.
        runner = CellRunner(by_the_clock=at_last)
        if self.gone is None:
            self._ask(Command.JUDGE, None)
        for cell in cells:
            index = cell.index
            self.at(index)
            began = time.monotonic()
            most = at_last(cell.seconds)
            self.peer.channel.deadline = began + most + grace(cell.seconds)
            # Before this side's own time is up: then the other would be lost for the tests that follow.
            self.peer.calls_until = (began + 0.8 * most, 0.05 * most)
            role = cell.role
            if index in looked_at:
                changed, self.doubts.unsure = _checked_moment(self._ask(Command.AT, index))
                if changed:
                    # What was told of layers may hold no more over there.
                    self.peer.known.digests.clear()
            if role != Role.GIVEN:
                self.doubts.asked_for(cell.tell)
            if role == Role.GIVEN and cell.judged:
                runner.run(cell.source, cell.seconds)
                link(self.peer, index, cell.tell, runner.names)
                self._ask(Command.ENTER, index)
                made = [runner.names.get(name) for name in cell.tell]
                self._ask(Command.SYNC, [each for each in made if issubclass(type(each), keras.layers.Layer)])
            elif role == Role.TEST:
                given = [each.source for each in cells if each.index < index and each.role == Role.GIVEN]
                self._test(cell, runner, given)
                if self.peer.channel.broken and self.gone is None:
                    self.gone = "the other side was lost"
                    ended_by = self._made_by.get(str(self.peer.asked_of), last_answer)
            elif role != Role.GIVEN:
                self._bind(index, runner.names, cell.seconds)
                for output in self.outputs.get(index, []):
                    if output.get("output_type") == "error" and output.get("ename") == "NameError":
                        self.doubts.stopped(str(output.get("evalue")), cell.tell)
                last_answer = index
        return ended_by

    def _test(self, cell: Cell, runner: CellRunner, given: list[str]) -> None:
        self.doubts.enter(cell.source, runner.names, cell.in_place)
        doubt, begun = self.doubts.begin(), hidden_begun()
        with Listener(lambda: self.peer.heard, own_titles(cell.source, given), frank=self.frank) as listener:
            outputs = runner.run(with_hidden_marked(cell.source), cell.seconds)
        doubted = self.doubts.of(cell.source, doubt(runner.error), outputs, failed=runner.error is not None)
        if doubted is not None:
            self.doubted[cell.index] = doubted
        outputs = _without_source(outputs)
        said = [asdict(each) for each in listener.said]
        # A hidden part tells its inputs also where no answer is asked: in what it prints, in the message of its error.
        discreet = not self.frank and (self.peer.heard or hidden_begun() > begun)
        self.outputs[cell.index] = discreet_outputs(outputs, said) if discreet else outputs
        self.spoken[cell.index] = said

    def _ask(self, command: str, value: Any) -> Any:
        if self.gone is None:
            try:
                return self.peer.request(command, value, may_change=False)
            except Exception as error:  # whatever the other side answers: it has nothing to say here
                self.gone = f"{type(error).__name__}: {error}"
        return None

    def _bind(self, index: int, names: dict[str, Any], seconds: float) -> None:
        self._ask(Command.ENTER, index)
        for told in self.told.get(index, ()):
            name = told.name
            try:
                lost = Opaque.lost
                if told.body is None:
                    raise BoundaryError(str(told.failed))
                with interrupted_after(seconds):
                    names[name] = Unpacker(self.peer, json.loads(told.body), list(told.arrays)).value()
                self.doubts.bound(name, whole=Opaque.lost == lost)
                for key in self.peer.known.shared - set(self._made_by):
                    self._made_by[key] = index
            except (Exception, KeyboardInterrupt) as error:
                names[name] = _Unjudged(name, f"{error}")
                self.doubts.bound(name, whole=False)
                why = DID_NOT_COME_ACROSS if self.peer.heard else str(error)[:500]
                self.said.append({"cell": index, "name": name, "why": why})


def _before_tests(cells: Sequence[Cell]) -> set[int]:
    """The cells after which a test looks at what there is."""
    is_test = [cell.role == Role.TEST for cell in cells]
    return {cell.index for cell, own, after in zip(cells, is_test, is_test[1:], strict=False) if after and not own}


def _checked_moment(said: Any) -> tuple[bool, bool]:
    """What ``Moments.return_to`` said over there; both, if it is no answer."""
    if type(said) is list and len(said) == 2 and all(type(each) is bool for each in said):
        return said[0], said[1]
    return True, True


def _without_source(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A test's outputs for learners: a traceback would quote the hidden lines around the one that failed."""
    return [
        {**output, "traceback": [f"{output['ename']}: {output['evalue']}"]}
        if output["output_type"] == "error"
        else output
        for output in outputs
    ]


class _Unjudged(Opaque):
    """An answer that did not come across. Whatever a test does with it fails with the reason."""

    _said: tuple[str, str]

    def __init__(self, name: str, why: str) -> None:
        super().__init__("answer")
        object.__setattr__(self, "_said", (name, why))

    def _why(self) -> str:
        return f"`{self._said[0]}` cannot be judged: {self._said[1]}"


_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
SHOWN = ("text/plain", "image/png", "image/jpeg")
"""What is kept of what a learner's cell shows: nothing that a browser would run."""


def checked_outputs(outputs: Any, most: int = MOST_SHOWN) -> tuple[list[dict[str, Any]], int]:
    """The outputs of a learner's cell, as far as they are what a notebook may hold, and how many characters they are.

    Args:
        outputs: what came.
        most: how many characters are kept.

    Raises:
        BoundaryError: they are not.
    """
    try:
        kept, size = [], 0
        for output in outputs[:MOST_OUTPUTS]:
            checked = _checked(output)
            size += len(json.dumps(checked))
            if size > most:
                said = "[the rest is left out: too much was shown]\n"
                kept.append({"output_type": "stream", "name": "stderr", "text": said})
                break
            kept.append(checked)
        return kept, size
    except (TypeError, KeyError, AttributeError) as error:
        raise BoundaryError("what a cell showed is no output") from error


def _checked(output: dict[str, Any]) -> dict[str, Any]:
    kind = output["output_type"]
    if kind == "stream":
        name = "stderr" if output["name"] == "stderr" else "stdout"
        return {"output_type": "stream", "name": name, "text": _text(output["text"])}
    if kind == "error":
        lines = [_text(line) for line in output["traceback"]]
        ename, evalue = _text(output["ename"])[:200], _text(output["evalue"])
        return {"output_type": "error", "ename": ename, "evalue": evalue, "traceback": lines}
    if kind in ("display_data", "execute_result"):
        data = {name: _text(each) for name, each in output["data"].items() if name in SHOWN}
        # A picture becomes part of a page: nothing that could end the attribute it stands in.
        data = {name: each for name, each in data.items() if name == "text/plain" or _BASE64.fullmatch(each)}
        said = output.get("metadata")
        sizes = {
            name: _size(said[name]) for name in data if isinstance(said, dict) and isinstance(said.get(name), dict)
        }
        return {"output_type": "display_data", "data": data, "metadata": sizes}
    raise BoundaryError("what a cell showed is no output")


def _size(said: dict[str, Any]) -> dict[str, int]:
    """The pixels that a picture is to be shown with, where it has more; nothing else of what is said about it."""
    sides = {side: said.get(side) for side in ("width", "height")}
    return {side: pixels for side, pixels in sides.items() if type(pixels) is int and 0 < pixels <= MOST_SIDE}


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    # Half a character, which Python's texts can hold, cannot be written to a file.
    return value.encode("utf-8", "replace").decode()


def _writable(value: Any) -> Any:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, dict):
        return {_writable(name): _writable(each) for name, each in value.items()}
    return [_writable(each) for each in value] if isinstance(value, (list, tuple)) else value


def judged(
    cells: Sequence[Cell], channel: Channel, at: Callable[[int], None] = lambda index: None, *, frank: bool = False
) -> Answer:
    """Judge one notebook.

    Args:
        cells: of the notebook.
        channel: to the learner's side.
        at: told the cell that is begun.
        frank: whether tests may tell what they found with hidden inputs.
    """
    began = time.monotonic()
    side = JudgingSide(channel, at, frank=frank)
    started = side.meet()
    stopped = side.run_answers(cells) if started else None
    judged = started and stopped is None
    if judged:
        stopped = side.judge(cells)
    shown, said, spoken, doubted = map(_writable, (side.outputs, side.said, side.spoken, side.doubted))
    seconds = time.monotonic() - began
    return Answer(started, judged, stopped, _writable(side.gone), shown, said, spoken, doubted, seconds)


def main() -> None:
    """Read the job from the controller, judge, send the cell that is begun each time, and in the end the result."""
    controller = Channel(socket.socket(fileno=CONTROLLER))
    header, _ = controller.receive()
    learner = Channel(socket.socket(fileno=LEARNER))
    asked = JudgeRequest.from_json(header)
    seed_first_draws()
    answer = judged(asked.cells, learner, lambda index: controller.send(Begun(index).to_json()), frank=asked.frank)
    controller.send(with_answer(answer))


if __name__ == "__main__":
    main()
