"""The process that judges: it runs the teacher's cells and tests, and never a line that a learner wrote.

``python -m functional_course.grading.judging_side``, with the boundary's socket as file descriptor 3 and the
controller's as 4. What tests need of the answers comes from the learner's side as data; functions are called there.
"""

from __future__ import annotations

import json
import socket
import time
from typing import Any

from functional_course.boundary.graphs import Unpacker
from functional_course.boundary.peer import Peer
from functional_course.boundary.wire import BoundaryError, Channel
from functional_course.grading.cells import CellRunner
from functional_course.grading.learner_side import link

import keras

LEARNER, CONTROLLER = 3, 4


class JudgingSide:
    """Goes through a notebook twice: first the learner's side runs it, then the tests look at what came of it.

    Args:
        channel: to the learner's side.
    """

    def __init__(self, channel: Channel) -> None:
        self.peer = Peer(channel, "S", trusting=False)
        self.outputs: dict[int, list[dict[str, Any]]] = {}
        self.said: list[dict[str, Any]] = []
        self.told: dict[int, list[Any]] = {}
        self.gone: str | None = None

    def run_answers(self, cells: list[dict[str, Any]]) -> int | None:
        """Have the learner's side run every cell that is no test; returns the cell at which it ended, if it did."""
        for cell in cells:
            if cell["role"] == "test":
                continue
            asked = {name: cell[name] for name in ("index", "source", "seconds", "tell")}
            self.peer.channel.deadline = time.monotonic() + cell["seconds"] + 30
            try:
                header, arrays = self.peer.request_unread("run", {**asked, "own": cell["role"] == "setup"})
                answer = Unpacker(self.peer, {"value": header["value"]}, arrays).value()
                self.outputs[cell["index"]] = checked_outputs(json.loads(answer["outputs"]))
                self.told[cell["index"]] = list(answer["told"])
            except Exception as error:  # whatever it is, the other side is not to be trusted any more
                self.gone = f"{type(error).__name__}: {error}"
                return cell["index"]
        return None

    def judge(self, cells: list[dict[str, Any]]) -> None:
        """Run the teacher's cells and the tests."""
        runner = CellRunner()
        if self.gone is None:
            self._ask("judge", None)
        for cell in cells:
            index = cell["index"]
            self.peer.channel.deadline = time.monotonic() + cell["seconds"] + 30
            if cell["role"] == "learner":
                self._bind(index, runner.names)
            elif cell["role"] == "setup":
                runner.run(cell["source"], cell["seconds"])
                link(self.peer, index, cell["tell"], runner.names)
                self._ask("enter", index)
                made = [runner.names.get(name) for name in cell["tell"]]
                self._ask("sync", [each for each in made if isinstance(each, keras.layers.Layer)])
            else:
                self.outputs[index] = runner.run(cell["source"], cell["seconds"])

    def _ask(self, command: str, value: Any) -> None:
        if self.gone is None:
            try:
                self.peer.request(command, value)
            except BoundaryError as error:
                self.gone = str(error)

    def _bind(self, index: int, names: dict[str, Any]) -> None:
        self._ask("enter", index)
        for name, body, arrays, failed in self.told.get(index, []):
            if not isinstance(name, str):
                continue
            try:
                if body is None:
                    raise BoundaryError(str(failed))
                names[name] = Unpacker(self.peer, json.loads(body), [each.tobytes() for each in arrays]).value(
                    only_theirs=True
                )
            except Exception as error:
                names[name] = _Unjudged(name, f"{error}")
                self.said.append({"cell": index, "name": name, "why": str(error)[:500]})


class _Unjudged:
    """An answer that did not come across. Whatever a test does with it fails with the reason."""

    def __init__(self, name: str, why: str) -> None:
        self._said = (name, why)

    def __getattr__(self, name: str) -> Any:
        raise BoundaryError(f"`{self._said[0]}` cannot be judged: {self._said[1]}")

    def __call__(self, *_: Any, **__: Any) -> Any:
        raise BoundaryError(f"`{self._said[0]}` cannot be judged: {self._said[1]}")


SHOWN = ("text/plain", "image/png", "image/jpeg")
"""What is kept of what a learner's cell shows: nothing that a browser would run."""


def checked_outputs(outputs: Any) -> list[dict[str, Any]]:
    """The outputs of a learner's cell, as far as they are what a notebook may hold.

    Raises:
        BoundaryError: they are not.
    """
    try:
        return [_checked(output) for output in outputs]
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
        return {"output_type": "display_data", "data": data, "metadata": {}}
    raise BoundaryError("what a cell showed is no output")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def judged(task: dict[str, Any], channel: Channel) -> dict[str, Any]:
    """Judge one notebook.

    Args:
        task: ``cells``, each with ``index``, ``role`` (setup, learner or test), ``source``, ``seconds`` and ``tell``.
        channel: to the learner's side.

    Returns:
        ``outputs`` by cell, ``stopped`` (the cell at which the learner's side ended, or None), ``why`` and ``said``.
    """
    side = JudgingSide(channel)
    stopped = side.run_answers(task["cells"])
    if stopped is None:
        side.judge(task["cells"])
    return {"outputs": side.outputs, "stopped": stopped, "why": side.gone, "said": side.said}


def main() -> None:
    """Read the task from the controller, judge, send the result."""
    controller = Channel(socket.socket(fileno=CONTROLLER))
    header, _ = controller.receive()
    started = time.monotonic()
    result = judged(header["task"], Channel(socket.socket(fileno=LEARNER)))
    result["outputs"] = {str(index): outputs for index, outputs in result["outputs"].items()}
    controller.send({"result": {**result, "seconds": time.monotonic() - started}})


if __name__ == "__main__":
    main()
