"""Commands of the shell that a cell runs: their output goes to the cell, nobody answers them, and they end with it."""

from __future__ import annotations

import codecs
import contextlib
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable

import psutil

MOST_PRINTED = 64_000_000
"""Bytes after which a command is stopped."""

_LOOK_SECONDS = 0.05


def run(command: str, heard: Callable[[str], object]) -> int:
    """Run a command until it has ended.

    It reads an empty input. What it leaves in the background gets the signal that the end of a terminal gives; an
    interrupt ends the command and all that it started.

    Args:
        command: for the shell that ``SHELL`` names, or else ``sh``.
        heard: takes what the command prints, errors included, as it comes.

    Returns:
        The exit code; a negative number for a signal.

    Raises:
        OSError: it could not be started.
        KeyboardInterrupt: it was interrupted.
    """
    process = subprocess.Popen(
        [os.environ.get("SHELL") or "sh", "-c", command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        with process.stdout:
            whole = _pumped(process, heard)
        if whole:
            while not _ended(process):
                time.sleep(_LOOK_SECONDS)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGHUP)
        else:
            _end(process)
            print(f"[the command was stopped: it printed more than {MOST_PRINTED / 1e6:g} MB]")
        status = process.wait()
    except KeyboardInterrupt as interrupt:
        _end(process)
        said = f"the command `{shortened(command)}` had not ended"
        raise KeyboardInterrupt(f"{interrupt}: {said}" if str(interrupt) else said) from None
    except BaseException:
        _end(process)
        raise
    return 128 - status if status > 128 else status


def shortened(command: str, most: int = 80) -> str:
    """The beginning of a command, on one line."""
    line = " ".join(command.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def _pumped(process: subprocess.Popen, heard: Callable[[str], object]) -> bool:
    """Hand on what a command prints until it has ended; returns whether that was all."""
    assert process.stdout is not None  # a pipe, as it was started
    descriptor = process.stdout.fileno()
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    printed, after = 0, None
    while printed <= MOST_PRINTED:
        if after is None and _ended(process):
            # What it printed last is in the pipe already; what it left in the background may print for ever.
            after = time.monotonic() + _LOOK_SECONDS
        if not select.select([descriptor], [], [], 0 if after else _LOOK_SECONDS)[0]:
            if after:
                return True
            continue
        data = os.read(descriptor, 65536)
        printed += len(data)
        heard(decoder.decode(data, final=not data))
        if not data or (after and time.monotonic() > after):
            return True
    return False


def _ended(process: subprocess.Popen) -> bool:
    """Whether it has. It is not waited for yet, so that its number still means what it started."""
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _end(process: subprocess.Popen) -> None:
    """End a command and all that it started."""
    started = children(process.pid)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    end(started)
    process.wait()


def children(pid: int, since: float = 0.0) -> list[psutil.Process]:
    """What a process has started and still runs, and what that has started.

    Args:
        pid: the process.
        since: only what was started after this time, in seconds since 1970.
    """
    try:
        found = psutil.Process(pid).children(recursive=True)
        # These times count from when the machine was started, which is known in whole seconds.
        return [process for process in found if process.create_time() >= since - 1.1]
    except psutil.Error:
        return []


def end(processes: list[psutil.Process]) -> None:
    """End processes, as far as they still run."""
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.kill()
