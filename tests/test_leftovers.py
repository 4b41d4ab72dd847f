"""Too much memory is the fault of the cell that started the processes, also if another one runs by then."""

from __future__ import annotations

import json
from dataclasses import replace

from functional_course.grading.executing.leftovers import Leftovers
from functional_course.grading.judging.execution import Job, execute, policy
from functional_course.grading.taking_in.cell import Cell
from functional_course.grading.taking_in.roles import Role
from functional_course.sandbox import Policy

import needs
import pytest

MAIN, OLD, NEW = (1, 1), (2, 5), (3, 9)
MIB = 1024**2


@pytest.mark.parametrize(
    ("then", "blamed"),
    [
        ({MAIN: 150, OLD: 900}, 0),
        ({MAIN: 150, OLD: 900, NEW: 100}, 0),
        ({MAIN: 1200, OLD: 900}, 1),  # 1,100 more than when the cell began
        ({MAIN: 150, OLD: 400, NEW: 800}, 1),
        ({MAIN: 400, OLD: 500, NEW: 300}, 1),
        ({MAIN: 150, NEW: 100}, 1),
        ({MAIN: 150}, 1),
        ({MAIN: 150, OLD: 50}, 1),  # in doubt it is the one that ran
        ({MAIN: 100, (2, 11): 900}, 1),  # another process with the old one's number
    ],
)
def test_the_cell_whose_processes_used_the_most_is_blamed(then: dict[tuple[int, int], int], blamed: int):
    now: dict[tuple[int, int], int] = {MAIN: 100}
    seconds = [0.0]
    leftovers = Leftovers(lambda exact: dict(now), lambda: seconds[0])
    now |= {(8, 8): 5000}  # long gone
    leftovers.begin(0)
    del now[8, 8]
    now |= {OLD: 10}
    leftovers.begin(1)
    seconds[0] += 10
    now.clear()
    now |= then
    leftovers.look()
    for left in ({MAIN: 1}, {}):  # they are ended, one after the other
        now.clear()
        now |= left
        leftovers.look()
    assert leftovers.to_blame(1) == blamed


LEAVING = """\
import os, time
def fill():
    for _ in range(3):
        if os.fork() == 0:
            while not os.path.exists("go"):
                time.sleep(0.05)
            block = b"x" * {size}
            time.sleep(60)
            os._exit(len(block) % 2)
fill()
open("filling", "w").close()"""
RIGHT = """\
import os, time
open("go", "w").close()
began = time.monotonic()
while os.path.exists("filling") and time.monotonic() < began + 30:
    time.sleep(0.05)
value = 42"""


@needs.sandboxed()
def test_a_right_cell_keeps_its_points_beside_what_an_earlier_one_left_running():
    limit = 300 * MIB
    rules = replace(Policy.from_json(policy()), memory_bytes=limit).to_json()
    cells = [
        Cell(0, Role.ADDED, LEAVING.format(size=2 * limit // 3), 60, name="cell 0"),
        Cell(1, Role.ANSWER, RIGHT, 60, ("value",), name="cell 1"),
        Cell(2, Role.TEST, "assert value == 42\n3", 60, ("value",), name="cell 2", points=3),
    ]
    result = execute(Job(cells, policy=rules))
    assert list(result.ended) == [0], result
    assert "left running used more memory" in result.ended[0]
    assert [output["data"]["text/plain"] for output in result.outputs[2]] == ["3"], json.dumps(result.outputs)
