"""How long a piece of work takes beside a fixed one, measured in turn: seconds alone say as much of the machine.

Where another program shares the processor and its memory, the same work takes two to four times as long.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np


def paced(work: Callable[[], object], rounds: int = 3) -> float:
    """Processor time of some work, in references: the least of several rounds, each beside a reference.

    Args:
        work: what is timed.
        rounds: how often.

    Returns:
        A number without a unit. One reference takes about 0.2 s on a processor of 2020.
    """
    times = [(_seconds(work), _seconds(reference)) for _ in range(rounds)]
    return min(each for each, _ in times) / min(each for _, each in times)


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def reference() -> None:
    """The piece of work that stands for one."""
    x = np.linspace(-3, 3, 500_000)
    for _ in range(20):
        np.exp(-x * x).sum()
