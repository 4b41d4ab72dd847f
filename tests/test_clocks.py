"""The limits of time count processor time; the clock only ends what sleeps."""

from __future__ import annotations

import time

from functional_course.grading.executing.cells import interrupted_after
from functional_course.grading.executing.clocks import BY_THE_CLOCK, PROCESSOR, Clock, at_last, by_the_clock, grace
from functional_course.grading.taking_in.cell import Cell
from functional_course.grading.taking_in.roles import Role

import pytest

CELLS = [Cell(index, Role.ADDED, "", 10, name=f"`{name}`") for index, name in enumerate(("one", "two", "three"))]


class World:
    """A clock by hand, and a side whose processor time is set by hand."""

    def __init__(self) -> None:
        self.time = self.processor = self.starved = 0.0
        self.clock = Clock(CELLS, 100, now=lambda: self.time)
        self.clock.watch([self])

    def processor_seconds(self) -> float:
        return self.processor

    def starved_seconds(self) -> float:
        return self.starved

    def pass_(self, time: float, processor: float, starved: float = 0.0) -> None:
        self.time += time
        self.processor += processor
        self.starved += starved


def test_a_cell_that_waits_for_a_busy_neighbour_is_in_time():
    world = World()
    world.clock.at(0)
    world.pass_(24, 5)
    assert not world.clock.cell_over() and not world.clock.over()
    world.pass_(100, 4, starved=95)
    assert not world.clock.cell_over() and not world.clock.over()
    world.clock.at(1)
    assert world.clock.ended_by is None and world.clock.cells_over == {}


@pytest.mark.parametrize(
    ("passed", "by"),
    [
        ((11, 10 + grace(10) + 0.1), PROCESSOR),
        ((by_the_clock(10) + grace(10) + 0.1, 0.0), BY_THE_CLOCK),
        ((at_last(10) + 0.1, 5.0, at_last(10)), BY_THE_CLOCK),
    ],
)
def test_a_cell_that_cannot_be_interrupted_is_over(passed: tuple[float, ...], by: str):
    world = World()
    world.clock.at(1)
    world.pass_(*passed)
    assert world.clock.cell_over()
    world.clock.at(2)
    assert world.clock.ended_by == by and world.clock.cells_over == {1: by}
    assert not world.clock.cell_over() and not world.clock.over()


@pytest.mark.parametrize(("passed", "by"), [((12, 10.5), PROCESSOR), ((39, 2.0), BY_THE_CLOCK)])
def test_a_cell_that_was_interrupted_is_known_to_have_been(passed: tuple[float, float], by: str):
    world = World()
    world.clock.at(0)
    world.pass_(*passed)
    assert not world.clock.cell_over()
    world.clock.at(1)
    assert world.clock.ended_by == by


def test_all_tries_together_have_the_notebooks_time():
    world, other = World(), World()
    world.clock.at(0)
    world.pass_(60, 60)
    world.clock.watch([other])
    world.clock.at(0)
    other.pass_(0, 39)
    assert world.clock.processor_seconds() == 99 and not world.clock.over()
    world.clock.at(1)
    other.pass_(0, 2)
    assert world.clock.over() and world.clock.notebook_over == PROCESSOR
    assert world.clock.said() == "the notebook's 100 s were over at `two`, and `one` took the longest (99 s)"


def test_the_clock_ends_a_notebook_that_sleeps():
    world = World()
    world.clock.at(2)
    world.pass_(401, 1)
    assert world.clock.over() and world.clock.ended_by == BY_THE_CLOCK
    assert world.clock.said() == "the notebook's 400 s by the clock were over at `three`"


def loop() -> None:
    while True:
        pass


def test_a_loop_is_interrupted_by_its_own_time():
    began = time.process_time()
    with pytest.raises(KeyboardInterrupt, match=r"longer than 0\.3 s$"), interrupted_after(0.3):
        loop()
    # The system's timer counts by its ticks, and where others work beside this, some of those were theirs.
    assert 0.1 < time.process_time() - began < 2


def test_a_sleep_is_interrupted_by_the_clock():
    with pytest.raises(KeyboardInterrupt, match=r"longer than 0\.4 s by the clock"), interrupted_after(0.1):
        time.sleep(60)
    with interrupted_after(0.2):
        time.sleep(0.3)  # longer than its processor time, and allowed
