"""Tell when notebooks are saved."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from functional_course.grading.taking_in.opening import Unreadable
from functional_course.grading.taking_in.submitted import parse_notebook

LOOK_SECONDS = 0.5
"""How often the files are looked at. No package of the course's watches files, and this costs nothing to speak of."""

PATIENCE = 10
"""How many looks a file may stay half written. Then it is told as it is, so that somebody hears what is wrong."""

WARM_SECONDS = 100
"""How often the process that judges is asked for. It ends if nobody does for some minutes, and takes long to start."""

wait = time.sleep

State = tuple[int, int, int]


def saves(notebooks: Sequence[Path]) -> Iterator[Path]:
    """Yield each notebook once, and again whenever it was saved since it was yielded last. It never ends.

    A file that is gone for a moment or only half there, as while an editor writes it, is waited for.

    Args:
        notebooks: their files.
    """
    told: dict[Path, State | None] = {}
    looks = dict.fromkeys(notebooks, 0)
    for notebook in notebooks:
        # As it is before it is read: what is saved from here on is another save.
        told[notebook] = _state(notebook)
        yield notebook
    since = 0.0
    while True:
        wait(LOOK_SECONDS)
        since += LOOK_SECONDS
        if since >= WARM_SECONDS:
            since = 0.0
            keep_warm()
        for notebook in notebooks:
            state = _state(notebook)
            if state is None or state == told[notebook]:
                looks[notebook] = 0
                continue
            looks[notebook] += 1
            if _is_whole(notebook) or looks[notebook] > PATIENCE:
                looks[notebook] = 0
                told[notebook] = state
                yield notebook


def keep_warm() -> None:
    """Have the process that judges stay, or start again, where there is one."""
    with contextlib.suppress(ImportError, RuntimeError, OSError):
        from functional_course.grading.judging.execution import environment
        from functional_course.kernels.warm_process import start

        start(environment())


def _state(notebook: Path) -> State | None:
    """What tells one save from another; None if there is no file."""
    try:
        status = os.stat(notebook)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _is_whole(notebook: Path) -> bool:
    try:
        parse_notebook(notebook.read_bytes())
    except (OSError, Unreadable):
        return False
    return True
