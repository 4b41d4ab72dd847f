"""What a learner's process says of its own provisional points is read in the process that grades the class."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
import time

from functional_course.boundary.wire import Channel
from functional_course.grading.judging.provisional import provisional_points
from functional_course.grading.judging.result import Provisional
from functional_course.grading.taking_in.cell import Cell
from functional_course.grading.taking_in.roles import Role

import pytest

LARGE = b'{"test": 1, "arrays": [], "x": [' + b"[]," * 5_000_000 + b"[]]}"
DEEP = b'{"test": 1, "arrays": [], "x": ' + b"[" * 45_000 + b"]" * 45_000 + b"}"


def told(**more: object) -> bytes:
    return json.dumps({"test": 1, "arrays": [], **more}).encode()


class Hostile:
    """A side that answers with these bytes."""

    def __init__(self, connection: socket.socket, answer: bytes, arrays: int) -> None:
        self._own = connection.dup()
        self._thread = threading.Thread(target=self._say, args=(answer, arrays))
        self._thread.start()

    def _say(self, answer: bytes, arrays: int) -> None:
        with self._own, contextlib.suppress(OSError):
            Channel(self._own.dup()).receive()
            self._own.sendall(struct.pack("!IQ", len(answer), arrays) + answer + b"x" * arrays)

    def end(self) -> None:
        with contextlib.suppress(OSError):
            self._own.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._thread.join()


@pytest.mark.parametrize(
    ("answer", "arrays", "kept"),
    [
        (told(cell=2.0, criteria=[2.0]), 0, 2.0),
        (told(cell=10**1000, criteria=[10**1000]), 0, 0.0),
        (told(cell=-(10**1000), criteria=[-(10**1000)]), 0, 0.0),
        (told(cell=0, criteria=[float("nan")]), 0, 0.0),
        (told(cell=0, criteria=[float("inf")]), 0, 0.0),
        (told(cell=0, criteria=["2"]), 0, 0.0),
        (told(cell=0, criteria=[True]), 0, 0.0),
        (told(cell=0, criteria={"0": 2}), 0, 0.0),
        (told(cell=0, criteria=[[2]]), 0, 0.0),
        (told(cell=0, criteria=[]), 0, 0.0),
        (b"[]", 0, 0.0),
        (LARGE, 0, 0.0),
        (DEEP, 0, 0.0),
        (told(cell=2.0, criteria=[2.0], arrays=[50_000_000]), 50_000_000, 0.0),
    ],
    ids=range(14),
)
@pytest.mark.parametrize("rubric", [True, False])
def test_only_numbers_count_and_little_is_read(answer: bytes, arrays: int, kept: float, rubric: bool):
    cells = [Cell(1, Role.TEST, "", 1, points=2)]
    doubts = {1: {"criteria": [[2, 0, "unjudged"]] if rubric else [], "cell": "unjudged"}}
    began = time.process_time()
    found = provisional_points(lambda _, connection: Hostile(connection, answer, arrays), cells, doubts, {}, 30)
    assert found == {1: Provisional(kept, 0.0)}
    assert time.process_time() - began < 0.5
