"""Where there is no sandbox: what a process started ends with it, whatever session or parent it has given itself.

Nothing is kept from anything here. A process may leave its session and its parent behind (``setsid``, ``nohup``, a
double fork); Linux hands its orphans to the nearest ancestor that asked for them, and that one ends them.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NoReturn

from functional_course.sandbox import kernel, reaper, surroundings

_LOOK_SECONDS = 0.01
END_SECONDS = 10.0
"""How long the ended may take to go: one that hangs in the kernel cannot be waited for."""


def keep_together() -> None:
    """Stay behind as a small process that never returns from here; the call returns in a child.

    Call it in a freshly forked process with one thread. As after :func:`functional_course.sandbox.enter`, signals to
    the caller's process go to the child, it ends as the child ended, and
    :data:`functional_course.sandbox.END` to it ends everything. Before it ends, all that the child started has.

    Raises:
        OSError: the kernel refuses.
    """
    kernel.prctl("child subreaper", kernel.PR_SET_CHILD_SUBREAPER, 1)
    kernel.prctl("parent death signal", kernel.PR_SET_PDEATHSIG, reaper.END)
    reaper.block_signals()
    keeper = os.getpid()
    child = os.fork()
    if child:
        _keep(child)
    os.setsid()
    reaper.die_with_parent()
    if os.getppid() != keeper:
        os._exit(1)
    surroundings.reset_signals()


def _keep(child: int) -> NoReturn:
    surroundings.close_files(())
    status = None
    while status is None:
        number = signal.sigwaitinfo({signal.SIGCHLD, reaper.END, *reaper.FORWARD}).si_signo
        if number != signal.SIGCHLD:
            os.kill(child, signal.SIGKILL if number == reaper.END else number)
        status = reaper.reap(child)
    end_children()
    reaper.end_like(status)


@contextlib.contextmanager
def nothing_outlives() -> Iterator[None]:
    """End in the end what was started meanwhile and still runs. For a process that starts nothing else then."""
    before = set(children())
    kernel.prctl("child subreaper", kernel.PR_SET_CHILD_SUBREAPER, 1)
    try:
        yield
    finally:
        end_children(before)
        kernel.prctl("child subreaper", kernel.PR_SET_CHILD_SUBREAPER, 0)


def end_children(but: Collection[int] = ()) -> None:
    """End all children of this process and theirs, but for some. It has to be the one that orphans come to."""
    until = time.monotonic() + END_SECONDS
    while time.monotonic() < until:
        left = [pid for pid in children() if pid not in but]
        for pid in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        if not left:
            return
        time.sleep(_LOOK_SECONDS)


def children() -> list[int]:
    """The children of this process, ended ones that nobody waited for included."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError):  # it ended meanwhile
                if int((entry / "stat").read_bytes().rpartition(b")")[2].split()[1]) == os.getpid():
                    found.append(int(entry.name))
    return found
