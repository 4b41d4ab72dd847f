"""What a teacher reads of a run as a whole."""

from __future__ import annotations

from collections.abc import Mapping

from functional_course.grading.judging.backends import NAMES, USUAL

NO_SANDBOX = (
    "This run had no sandbox (--sandbox none): learners' code ran with your rights. "
    "It could read and change everything that you can.",
)


def other_backend(backend: str) -> list[str]:
    """What is said of the backend of Keras that answers ran on; nothing of the usual one.

    Args:
        backend: as Keras calls it.
    """
    return [] if backend == USUAL else [f"Graded with Keras on {NAMES.get(backend, backend)}."]


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
