"""The kernel's limits on one process, and a count of the memory of many."""

from __future__ import annotations

import contextlib
import os
import resource
from collections.abc import Iterator

from functional_course.sandbox.policy import Policy

# 0 would still hand a core to a program, where the system has one for it; 1 byte is the kernel's word for neither.
_NO_CORE = (1, 1)


def apply(policy: Policy) -> None:
    """Set this process's limits, soft and hard. Call it in the process that will run a learner's code."""
    mapped = _status(os.getpid(), ("VmSize", "VmData"))
    hold = {
        resource.RLIMIT_DATA: mapped["VmData"] + policy.memory_bytes,
        resource.RLIMIT_AS: mapped["VmSize"] + policy.address_space_bytes,
        resource.RLIMIT_FSIZE: policy.file_size_bytes,
        resource.RLIMIT_NPROC: policy.processes + 2,  # the two that watch may count, too
        resource.RLIMIT_NOFILE: policy.open_files,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_SIGPENDING: 1024,
        resource.RLIMIT_NICE: 0,
        resource.RLIMIT_RTPRIO: 0,
    }
    no_core_files()
    lower_priority(policy)
    for limit, value in hold.items():
        _lower(limit, value, value)
    _lower(resource.RLIMIT_CPU, policy.cpu_seconds, policy.cpu_seconds + 1)  # SIGXCPU first, it says what happened


def _lower(limit: int, soft: int, hard: int) -> None:
    # An ordinary user can lower a limit but never raise it.
    _, present = resource.getrlimit(limit)
    if present != resource.RLIM_INFINITY:
        soft, hard = min(soft, present), min(hard, present)
    resource.setrlimit(limit, (soft, hard))


def no_core_files() -> None:
    """Write no core file if this process is killed, and start no program that would take one."""
    _lower(resource.RLIMIT_CORE, *_NO_CORE)


def lower_priority(policy: Policy) -> None:
    """Let this process and its children wait for others, for good."""
    with contextlib.suppress(PermissionError):  # it waits even longer already
        os.setpriority(os.PRIO_PROCESS, 0, policy.nice)


def _status(pid: int, names: tuple[str, ...]) -> dict[str, int]:
    with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:
        return lines_of(file.read(), names)


def lines_of(status: str, names: tuple[str, ...]) -> dict[str, int]:
    """Amounts of memory in the text of ``/proc/PID/status``, in bytes."""
    values = dict.fromkeys(names, 0)
    for line in status.splitlines():
        name, _, rest = line.partition(":")
        if name in values:
            values[name] = int(rest.split()[0]) * 1024
    return values


def tree(pid: int) -> Iterator[int]:
    """``pid`` and all that descend from it, as far as they can be seen now."""
    waiting = [pid]
    while waiting:
        process = waiting.pop()
        yield process
        try:
            for thread in os.listdir(f"/proc/{process}/task"):
                with open(f"/proc/{process}/task/{thread}/children", encoding="ascii") as file:
                    waiting += [int(child) for child in file.read().split()]
        except OSError:
            continue  # it ended meanwhile


def own_memory() -> int:
    """The memory in bytes that this process has written to or shares, without its children's."""
    return sum(_status(os.getpid(), ("RssAnon", "RssShmem")).values())


def total_memory(pid: int) -> int:
    """The memory in bytes that a process and all its descendants use.

    A page that several processes share, the warm process included, counts in equal parts for each. It takes some
    milliseconds a process: poll it a few times a second, not more. A process that forbids to look at it (or whose
    kernel does not tell) counts with all that it shares.

    Args:
        pid: the process that called :func:`functional_course.sandbox.enter`, or any other.
    """
    total = 0
    for process in tree(pid):
        with contextlib.suppress(OSError):
            total += memory(process)
    return total


def memory(pid: int) -> int:
    """The memory in bytes that one process uses: shared pages in equal parts, or whole where that is not told.

    Raises:
        OSError: it has ended.
    """
    try:
        return _proportional(pid)
    except OSError:
        return resident(pid)


def resident(pid: int) -> int:
    """An upper bound of the memory of one process, cheap: what it shares is counted whole.

    Raises:
        OSError: it has ended.
    """
    return sum(_status(pid, ("RssAnon", "RssShmem")).values())


def _proportional(pid: int) -> int:
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return proportional(file.read())


def proportional(rollup: str) -> int:
    """The memory in the text of ``/proc/PID/smaps_rollup`` in bytes, shared pages in equal parts."""
    lines = (line.split() for line in rollup.splitlines())
    return 1024 * sum(int(words[1]) for words in lines if words[0] in ("Pss_Anon:", "Pss_Shmem:"))
