"""What a forked process inherits and a learner shall not have: open files, environment, signal handlers."""

from __future__ import annotations

import ctypes
import os
import signal
import stat
import tempfile
from collections.abc import Iterable

from functional_course.sandbox.policy import USUAL_LANG, USUAL_PATH, Policy, SandboxError


def check_files(keep: Iterable[int]) -> frozenset[int]:
    """The open files to keep, after a look at each.

    Raises:
        SandboxError: one is not open, or is a folder, through which the whole file system could be reached.
    """
    for number in keep:
        try:
            mode = os.fstat(number).st_mode
        except OSError as error:
            raise SandboxError(f"file descriptor {number} is to be kept, but {error.strerror}") from None
        if stat.S_ISDIR(mode):
            raise SandboxError(f"file descriptor {number} is a folder: it would lead out of the sandbox")
    return frozenset(keep)


def close_files(keep: Iterable[int]) -> None:
    """Close every open file but ``keep``; 0, 1 and 2 become ``/dev/null`` unless they are kept."""
    keep = frozenset(keep)
    for name in os.listdir("/proc/self/fd"):
        number = int(name)
        if number not in keep and number > 2:
            try:
                os.close(number)
            except OSError:
                continue  # the one that listed the folder
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in {0, 1, 2} - keep:
        os.dup2(nothing, number, inheritable=True)
    if nothing > 2:
        os.close(nothing)


def scrub_environment(policy: Policy) -> None:
    """Replace the environment, and wipe the block that ``/proc/self/environ`` shows.

    Copies that the warm process made of its environment cannot be found here: start it with a clean one.
    """
    scratch = str(policy.scratch)
    os.environ.clear()
    start, end = _environment_block()
    if 0 < start < end:
        ctypes.memset(start, 0, end - start)
    os.environ.update(
        {
            "PATH": USUAL_PATH,
            "LANG": USUAL_LANG,
            "USER": "learner",
            "HOME": scratch,
            "TMPDIR": scratch,
            "KERAS_HOME": f"{scratch}/.keras",
            "MPLCONFIGDIR": f"{scratch}/.matplotlib",
            **policy.environment,
        }
    )
    tempfile.tempdir = None  # Python remembers the folder that it found first


def _environment_block() -> tuple[int, int]:
    with open("/proc/self/stat", "rb") as file:
        after_name = file.read().rpartition(b")")[2].split()
    return int(after_name[47]), int(after_name[48])  # env_start and env_end, fields 50 and 51


def reset_signals() -> None:
    """Handle every signal as a fresh Python does, and let all of them through."""
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, set())
