"""The two processes around a learner's: the outer one, which the caller knows, and process 1 of the pid namespace.

The outer one passes signals in and the exit status out, watches what they use, and when it dies, everything dies.
Process 1 takes in orphans, and its end ends everything that still runs.
"""

from __future__ import annotations

import os
import select
import signal
import struct
import time
from typing import NoReturn

from functional_course.sandbox import kernel
from functional_course.sandbox.watch import MEMORY, Watch

#: Exit status of the outer process when the processes together took more memory than the policy allows.
OUT_OF_MEMORY = 86
#: The same for processor time.
OUT_OF_TIME = 87
#: Sent to the outer process: end everything, and exit when the last one is gone. SIGKILL to it does the same a little
#: later, without waiting.
END = signal.SIGUSR2

FORWARD = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1)
_LOOK_SECONDS = 0.25


def block_signals() -> None:
    """Keep every signal pending: the two processes take them one by one."""
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())


def die_with_parent() -> None:
    """Have the kernel kill this process when the thread that started it ends."""
    kernel.prctl("parent death signal", kernel.PR_SET_PDEATHSIG, signal.SIGKILL)


def first_process(learner: int, report: int) -> NoReturn:
    """Be process 1: reap, pass signals on, and end with the learner's process, whose wait status goes to ``report``."""
    awaited = {signal.SIGCHLD, *FORWARD}
    while True:
        number = signal.sigwaitinfo(awaited).si_signo
        if number != signal.SIGCHLD:
            os.kill(learner, number)
            continue
        status = reap(learner)
        if status is not None:
            os.write(report, b"X" + struct.pack("i", status))
            os._exit(0)


def outer_process(first: int, report: int, watch: Watch) -> NoReturn:
    """Be the process outside: forward signals, hold the limits, and end as the learner's process ended.

    Args:
        first: process 1 of the namespace, a child of this one.
        report: where process 1 writes how the learner's process ended.
        watch: says when all of them together use too much.
    """
    awaited = {signal.SIGCHLD, END, *FORWARD}
    too_much = None
    look = time.monotonic()
    while True:
        happened = signal.sigtimedwait(awaited, max(0.0, look - time.monotonic()))
        if happened is None:
            too_much = too_much or watch.exceeded()
            if too_much:
                os.kill(first, signal.SIGKILL)
            look = time.monotonic() + _LOOK_SECONDS
        elif happened.si_signo == END:
            os.kill(first, signal.SIGKILL)
        elif happened.si_signo != signal.SIGCHLD:
            os.kill(first, happened.si_signo)
        status = reap(first)
        if status is not None:
            break
    too_much = watch.ended() or too_much
    if too_much:
        os._exit(OUT_OF_MEMORY if too_much == MEMORY else OUT_OF_TIME)
    said = os.read(report, 64)
    end_like(struct.unpack("i", said[1:5])[0] if said[:1] == b"X" else status)


def reap(wanted: int) -> int | None:
    """Wait for all children that have ended; returns the wait status of the one that is wanted, if it has."""
    found = None
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if pid == 0:
            return found
        if pid == wanted:
            found = status


def end_like(status: int) -> NoReturn:
    """End as a process with this wait status ended: with its exit code, or by its signal."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
        os.kill(os.getpid(), number)
    os._exit(os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 1)


def hung_up(report: int) -> bool:
    """Whether nobody reads this pipe any more: the outer process died before it could be noticed otherwise."""
    poll = select.poll()
    poll.register(report, select.POLLERR | select.POLLHUP)
    return bool(poll.poll(0))
