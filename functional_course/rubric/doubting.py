"""Whether a criterion was judged at all, which somebody else may know better than the criterion."""

from __future__ import annotations

from collections.abc import Callable

Doubt = Callable[[BaseException | None], str]
"""Called at the end of a criterion with its error, if it has one: says whether the criterion was judged at all."""


def _no_doubt() -> Doubt:
    return lambda error: ""


_watch: Callable[[], Doubt] = _no_doubt


def watch_criteria(begin: Callable[[], Doubt]) -> None:
    """Have somebody look at all criteria of this process, who may know that a test could not do what it asked for.

    Args:
        begin: called when a criterion begins.
    """
    global _watch
    _watch = begin


def criterion_begins() -> Doubt:
    """Tell whoever looks at the criteria that one begins."""
    return _watch()
