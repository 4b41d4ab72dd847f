"""Which cell started the processes that take too much memory: it may be an earlier one than the cell that runs."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping

Process = tuple[int, int]
"""A process by its number and the moment it started, since numbers come again."""

_ENDING_SECONDS = 2.0
"""How long processes may take to end, from when they were found to use too much."""


class Leftovers:
    """What the processes of a submission use, by the cell in which each was first seen.

    What was there before the first cell belongs to whichever cell runs: of that, only what is added meanwhile counts.

    Args:
        memory: what each process uses at the moment, in bytes; it is told for which of them that has to be exact.
        now: tells the time by the clock.
    """

    def __init__(
        self,
        memory: Callable[[Callable[[Process], bool]], Mapping[Process, int]],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._memory, self._clock = memory, now
        self._born: dict[Process, int | None] = {}
        self._looks: deque[tuple[float, Mapping[Process, int]]] = deque()
        self._at: int | None = None
        self._own_before = 0

    def begin(self, index: int) -> None:
        """A cell begins."""
        self.look()
        self._at, self._own_before = index, self._own(self._looks[-1][1])

    def look(self) -> None:
        """Take a look; done a few times a second."""
        when, found = self._clock(), self._memory(self._left)
        for process in found:
            self._born.setdefault(process, self._at)
        self._looks.append((when, found))
        while self._looks[0][0] < when - _ENDING_SECONDS:
            self._looks.popleft()

    def _left(self, process: Process) -> bool:
        return self._born.get(process, self._at) is not None

    def _own(self, found: Mapping[Process, int]) -> int:
        return sum(size for process, size in found.items() if self._born[process] is None)

    def to_blame(self, stopped: int) -> int:
        """The cell whose processes used the most when the memory was used up; the one that ran, if in doubt.

        Args:
            stopped: the cell that ran.
        """
        # Some may have been seen only after others had been ended.
        found = max((found for _, found in self._looks), key=lambda found: sum(found.values()), default={})
        used = {stopped: max(0, self._own(found) - self._own_before)}
        for process, size in found.items():
            born = self._born[process]
            if born is not None:
                used[born] = used.get(born, 0) + size
        return max(used, key=lambda index: (used[index], index == stopped))
