"""What a piece of work costs, in lines of Python that run and in bytes: the same on every machine.

Seconds depend on what else the machine does, and how much depends on the work: where fresh memory is dear, the same
drawing has taken five times as long beside the same arithmetic.
"""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable
from types import FrameType
from typing import Any


def lines_of(work: Callable[[], object]) -> int:
    """How many lines of Python run, those of all that is called counted in."""
    count = 0

    def step(frame: FrameType, event: str, argument: Any) -> Callable:
        nonlocal count
        count += event == "line"
        return step

    before = sys.gettrace()
    sys.settrace(step)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def most_bytes_of(work: Callable[[], object]) -> int:
    """How much memory is in use at once at most, beyond what was before."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
