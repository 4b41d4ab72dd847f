"""What a teacher reads of a run as a whole."""

from __future__ import annotations

from collections.abc import Mapping

NO_SANDBOX = (
    "This run had no sandbox (--sandbox none): learners' code ran with your rights. "
    "It could read and change everything that you can.",
)


def judged_again(reasons: Mapping[str, int]) -> list[str]:
    """What is said of submissions that are judged again.

    Args:
        reasons: how many, by the reason as a clause.

    Example:

    >>> judged_again({"the course's checks changed": 2})
    ["2 submissions are judged again: the course's checks changed."]
    """
    return [
        f"{count} {'submission is' if count == 1 else 'submissions are'} judged again: {reason}."
        for reason, count in reasons.items()
    ]


def run_alone(count: int) -> list[str]:
    """What is said of so many notebooks that were slow beside others."""
    if not count:
        return []
    what, was = ("notebook", "was") if count == 1 else ("notebooks", "were")
    return [f"{count} {what} ran out of time by the clock beside others and {was} run again alone."]


def executed_before(count: int) -> list[str]:
    """What is said of so many notebooks that an earlier run executed, whose submissions are graded now."""
    if not count:
        return []
    what, was = ("notebook", "was") if count == 1 else ("notebooks", "were")
    return [f"{count} {what} {was} executed in an earlier run and would be judged in the same way, so not again."]


def executed_once(count: int) -> list[str]:
    """What is said of so many notebooks that are word for word as another's."""
    if not count:
        return []
    what, holds, was = ("notebook", "holds", "was") if count == 1 else ("notebooks", "hold", "were")
    return [f"{count} {what} {holds} word for word the code of another hand-in and {was} executed with it, once."]
