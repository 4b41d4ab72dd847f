"""How long cells and notebooks may take: processor time of all that they start, with a generous limit by the clock.

A busy neighbour makes everything take longer by the clock and nothing take more processor time, so it costs nobody a
point. What only sleeps takes no processor time; the limit by the clock is for that. While a process is ready and waits
for a processor, that clock stands still, up to a last limit.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from functional_course.grading.taking_in.cell import Cell

PROCESSOR, BY_THE_CLOCK = "processor", "wall"
"""What can be over: values of :attr:`functional_course.grading.judging.execution.Result.ended_by`."""

CLOCK_FACTOR = 4
"""Something may take this many times as long by the clock as in processor time."""

LAST_FACTOR = 20
"""And this many times, with all that it waits for a processor: then there is too much going on to judge anything."""

_NEARLY = 0.75


def by_the_clock(seconds: float) -> float:
    """How long something may take by the clock that may take ``seconds`` of processor time."""
    return CLOCK_FACTOR * seconds


def at_last(seconds: float) -> float:
    """How long it may take by the clock whatever happens."""
    return LAST_FACTOR * seconds


def grace(seconds: float) -> float:
    """How long a side has beyond a cell's time, to be interrupted and say so."""
    return min(30.0, max(5.0, seconds))


class Spending(Protocol):
    """Something whose processor time can be read."""

    def processor_seconds(self) -> float:
        """What it and all that it started have used so far; it never falls."""
        ...

    def starved_seconds(self) -> float:
        """How long it was ready and waited for a processor."""
        ...


class Clock:
    """The cell that a notebook is at, and what each has taken, all tries together.

    Args:
        cells: of the notebook.
        seconds: what the whole notebook may take of processor time.
        now: tells the time by the clock.
    """

    def __init__(self, cells: Sequence[Cell], seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._names = {cell.index: cell.name for cell in cells}
        self._seconds = {cell.index: float(cell.seconds) for cell in cells}
        self._whole, self._now = seconds, now
        self._sides: Sequence[Spending] = ()
        self._spent_before = self._starved_before = 0.0
        self._taken: dict[int, float] = {}
        self._at: int | None = None
        self._last: int | None = None
        self._began = now()
        self._since = (self._began, 0.0, self._began)
        self.deadline = self._began + at_last(seconds)
        """When the whole notebook's time is over by the clock, of ``now``."""
        self.notebook_over: str | None = None
        """Which time of the whole notebook was found to be over."""
        self.cells_over: dict[int, str] = {}
        """The cells whose time was over, by the processor or by the clock."""

    def watch(self, sides: Sequence[Spending]) -> None:
        """A new try begins, with other processes."""
        self.at(None)
        self._spent_before, self._starved_before = self.processor_seconds(), self._starved()
        self._sides = sides

    def processor_seconds(self) -> float:
        """What the notebook has taken so far of processor time, all tries together."""
        return self._spent_before + sum(side.processor_seconds() for side in self._sides)

    def _starved(self) -> float:
        return self._starved_before + sum(side.starved_seconds() for side in self._sides)

    def _here(self) -> tuple[float, float, float]:
        """The time by the clock that stands still, the processor time, and the time by the clock that does not."""
        processor, now = self.processor_seconds(), self._now()
        return now - self._starved(), processor, now

    def at(self, index: int | None) -> None:
        """A cell is begun, or with None the last one has ended."""
        here = self._here()
        if self._at is not None:
            clock, processor, _ = (now - then for now, then in zip(here, self._since, strict=True))
            self._taken[self._at] = self._taken.get(self._at, 0.0) + processor
            # It was interrupted there, or a call was that may take a part of it: a cell alone does not say so.
            if clock > _NEARLY * by_the_clock(self._seconds[self._at]):
                self.cells_over.setdefault(self._at, BY_THE_CLOCK)
            if processor > self._seconds[self._at]:
                self.cells_over[self._at] = PROCESSOR
            self._last = self._at
        self._at, self._since = index, here

    def cell_over(self) -> bool:
        """Whether the cell at hand takes more than its time although it should have been interrupted."""
        if self._at is None:
            return False
        seconds = self._seconds[self._at]
        clock, processor, whole = (now - then for now, then in zip(self._here(), self._since, strict=True))
        if processor > seconds + grace(seconds):
            self.cells_over[self._at] = PROCESSOR
        elif clock > by_the_clock(seconds) + grace(seconds) or whole > at_last(seconds):
            self.cells_over.setdefault(self._at, BY_THE_CLOCK)
        else:
            return False
        return True

    def over(self) -> bool:
        """Whether the whole notebook's time is over. What was found once stays."""
        if self.notebook_over is None:
            clock, processor, now = self._here()
            if processor > self._whole:
                self.notebook_over = PROCESSOR
            elif clock - self._began > by_the_clock(self._whole) or now > self.deadline:
                self.notebook_over = BY_THE_CLOCK
        return self.notebook_over is not None

    @property
    def ended_by(self) -> str | None:
        """Which time was over, of the notebook or of a cell; by the clock if that was ever the case."""
        found = {self.notebook_over, *self.cells_over.values()}
        return BY_THE_CLOCK if BY_THE_CLOCK in found else PROCESSOR if PROCESSOR in found else None

    @property
    def began(self) -> bool:
        """Whether any cell was begun."""
        return bool(self._taken) or self._at is not None

    @property
    def taken(self) -> dict[int, float]:
        """The processor time of each cell that was begun, all tries together."""
        self.at(None)
        return dict(self._taken)

    @property
    def last(self) -> str:
        """The last cell that was begun."""
        self.at(None)
        return "its start" if self._last is None else self._names[self._last]

    def said(self) -> str:
        """Where the time of the notebook was over, and which other cell had most of it."""
        self.at(None)
        if self.notebook_over == BY_THE_CLOCK:
            limit = f"the notebook's {by_the_clock(self._whole):g} s by the clock"
        else:
            limit = f"the notebook's {self._whole:g} s"
        if self._last is None:
            return f"{limit} were over before its first cell"
        said = f"{limit} were over at {self._names[self._last]}"
        longest = max(self._taken, key=self._taken.__getitem__)
        if longest == self._last:
            return said
        return f"{said}, and {self._names[longest]} took the longest ({self._taken[longest]:.0f} s)"

    def named(self, indices: Iterable[int]) -> str:
        """These cells, by their names."""
        return ", ".join(self._names[index] for index in sorted(indices))
