"""Classical statistics of test items: how hard a task is, and whether it tells strong learners from weak ones.

The discrimination of a task is the point-biserial correlation of passing it with the score on the rest of the test. The
task itself is taken out of the score: with few tasks, each would correlate with a sum that it is a part of.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import pointbiserialr

FEWEST = 10
"""With fewer learners no correlation is given: chance alone would make it anything."""

_DIGITS = 9  # shares of points are sums of fractions; what differs by rounding alone is equal


@dataclass(frozen=True)
class Taken:
    """One learner's result in one task.

    Attributes:
        who: the learner.
        share: the share of the task's points, from 0 to 1.
        rest: the share of the points of all other tasks, from 0 to 1.
    """

    who: str
    share: float
    rest: float

    @property
    def passed(self) -> bool:
        """Whether the learner has all of the task's points."""
        return round(self.share, _DIGITS) >= 1


@dataclass(frozen=True)
class Discrimination:
    """How well a task tells strong learners from weak ones.

    Attributes:
        value: the point-biserial correlation, from -1 to 1; None if there is none.
        learners: how many it was found with.
        why_none: why there is none, in two or three words; empty if there is one.
    """

    value: float | None
    learners: int
    why_none: str = ""


@dataclass(frozen=True)
class Thirds:
    """The third of the learners with the best rest, and the third with the worst.

    Attributes:
        strong: who is in the first, the best first. Whoever is level with the last of them is in it too.
        weak: who is in the second, the worst first.
        strong_failed: who of the strong did not pass the task.
        weak_passed: how many of the weak did.
    """

    strong: tuple[str, ...]
    weak: tuple[str, ...]
    strong_failed: tuple[str, ...]
    weak_passed: int

    @property
    def strong_passed(self) -> int:
        """How many of the strong passed the task."""
        return len(self.strong) - len(self.strong_failed)


def discrimination(taken: Sequence[Taken]) -> Discrimination:
    """The point-biserial correlation of passing a task with the rest of the test.

    Example:

    >>> discrimination([Taken("ann", 1, 0.5)])
    Discrimination(value=None, learners=1, why_none='too few')
    """
    count = len(taken)
    passed = [each.passed for each in taken]
    rest = [round(each.rest, _DIGITS) for each in taken]
    if count < FEWEST:
        return Discrimination(None, count, "too few")
    if len(set(passed)) == 1:
        return Discrimination(None, count, "all passed" if passed[0] else "nobody passed")
    if len(set(rest)) == 1:
        return Discrimination(None, count, "rest all equal")
    value = float(pointbiserialr(passed, rest).statistic)
    return Discrimination(max(-1.0, min(1.0, value)), count)


def thirds(taken: Sequence[Taken]) -> Thirds | None:
    """The strongest and the weakest third by the rest of the test; None if the class cannot be told apart so."""
    size = len(taken) // 3
    order = sorted(taken, key=lambda each: (round(each.rest, _DIGITS), each.who))
    if not size or round(order[size - 1].rest, _DIGITS) >= round(order[-size].rest, _DIGITS):
        return None
    lowest, highest = round(order[size - 1].rest, _DIGITS), round(order[-size].rest, _DIGITS)
    weak = [each for each in order if round(each.rest, _DIGITS) <= lowest]
    strong = [each for each in reversed(order) if round(each.rest, _DIGITS) >= highest]
    return Thirds(
        tuple(each.who for each in strong),
        tuple(each.who for each in weak),
        tuple(each.who for each in strong if not each.passed),
        sum(each.passed for each in weak),
    )


def turned_round(found: Discrimination, groups: Thirds | None) -> bool:
    """Whether strong learners fail a task more often than weak ones.

    The correlation is below zero, and the weak third passes by a margin of at least two learners: one alone may have
    had a bad day.
    """
    if found.value is None or found.value >= 0 or groups is None:
        return False
    strong, weak = groups.strong_passed / len(groups.strong), groups.weak_passed / len(groups.weak)
    margin = (weak - strong) * min(len(groups.strong), len(groups.weak))
    return margin >= 2 or math.isclose(margin, 2)
