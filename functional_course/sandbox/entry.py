"""Enter the sandbox: from a freshly forked process to one that may run a learner's code."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NoReturn

from functional_course.sandbox import (
    cgroup,
    filesystem,
    kernel,
    landlock,
    limits,
    namespaces,
    reaper,
    seccomp,
    surroundings,
)
from functional_course.sandbox.policy import Policy, SandboxError
from functional_course.sandbox.usage import PidNamespace
from functional_course.sandbox.watch import Watch

_NEEDED = (5, 14)  # the limit on processes holds per user namespace since then; mount_setattr and Landlock are older


def enter(policy: Policy, keep_fds: Iterable[int] = ()) -> None:
    """Put this process in a sandbox. Call it in a freshly forked process with one thread, before a learner's code.

    The caller's process stays outside as a small watcher that never returns from here; the call returns in a
    grandchild. Waiting for, or sending a signal to, the caller's process acts as if it were that one:

    - it ends with the grandchild's exit code, or by the same signal. It ends with
      :data:`functional_course.sandbox.OUT_OF_MEMORY` when the processes together took too much memory, and with
      :data:`functional_course.sandbox.OUT_OF_TIME` when they took too much processor time;
    - SIGINT, SIGTERM, SIGHUP, SIGQUIT and SIGUSR1 are passed on. SIGKILL ends everything within a moment,
      :data:`functional_course.sandbox.END` ends everything and then itself;
    - it dies with the *thread* that forked it: fork from one that lives as long as the submission.

    The memory of the warm process can be read inside. It must never have held a solution, a test or a password.

    Args:
        policy: what is allowed.
        keep_fds: open files that stay open inside: pipes, sockets, files, no folders. Those of 0, 1 and 2 that are
            not among them become ``/dev/null``; all others are closed.

    Raises:
        SandboxError: it could not be set up. The process that gets this must end; it may be half-way.
    """
    keep = surroundings.check_files(keep_fds)
    parent = os.getppid()
    try:
        group = cgroup.make(cgroup.base(), policy.memory_bytes, policy.processes)
        limits.no_core_files()
        report, say = (end.detach() for end in socket.socketpair())
        namespaces.new_user_and_pid()
        reaper.die_with_parent()
        reaper.block_signals()
        first = os.fork()
    except OSError as error:
        raise SandboxError(_explain(error)) from error
    if first == 0:
        cgroup.join(group)
        _become_first(policy, keep, say)
        return
    if os.getppid() != parent:
        os._exit(1)  # the parent died before the kernel could be told to watch it
    os.close(say)
    began, folders = _received(report)
    # One byte: the learner's process may already have ended, and its status follows.
    if began != b"P" or os.read(report, 1) != b"R":
        text = os.read(report, 4096).decode(errors="replace")
        os.waitpid(first, 0)
        cgroup.remove(group)
        raise SandboxError(text or "the first process of the sandbox ended")
    # Not before: the caller may want to tell somebody about the error.
    surroundings.close_files({report, *folders})
    reaper.outer_process(first, report, Watch(PidNamespace(*folders, own_network=not policy.network), policy, group))


def _received(report: int) -> tuple[bytes, list[int]]:
    with socket.socket(fileno=os.dup(report)) as connection:
        began, folders, _, _ = socket.recv_fds(connection, 1, 2)
    return began, folders


def _hand_over(say: int, folders: list[int]) -> None:
    """Give open folders to the outer process, and have them no more."""
    with socket.socket(fileno=os.dup(say)) as connection:
        socket.send_fds(connection, [b"P"], folders)
    for folder in folders:
        os.close(folder)


def _become_first(policy: Policy, keep: frozenset[int], say: int) -> None:
    try:
        surroundings.close_files(keep | {say})
        namespaces.new_others(policy.network)
        view = filesystem.enter_new_root(policy)
        _hand_over(say, [view.proc, view.scratch])
        surroundings.scrub_environment(policy)
        namespaces.drop_privileges()
        reaper.die_with_parent()  # after the change of user, which forgets it
        if reaper.hung_up(say):
            os._exit(1)
        landlock.restrict(view.read, view.write, view.devices, policy.network)
        seccomp.install()
        # Before the fork: a learner's process that is quicker than this one could open its memory.
        kernel.prctl("not dumpable", kernel.PR_SET_DUMPABLE, 0)
        learner = os.fork()
        if learner:
            surroundings.close_files({say})
            os.setsid()
    except BaseException as error:
        _give_up(say, error)
    if learner:
        reaper.first_process(learner, say)
    try:
        os.setsid()
        kernel.prctl("dumpable", kernel.PR_SET_DUMPABLE, 1)
        limits.apply(policy)
        surroundings.reset_signals()
        os.write(say, b"R")
        os.close(say)
    except BaseException as error:
        _give_up(say, error)


def _give_up(say: int, error: BaseException) -> NoReturn:
    if isinstance(error, OSError):
        text = _explain(error)
    elif isinstance(error, SandboxError):
        text = str(error)
    else:
        text = f"unexpected {type(error).__name__}: {error}"
    try:
        os.write(say, b"E" + text.encode(errors="replace")[:4000])
    finally:
        os._exit(1)


def _explain(error: OSError) -> str:
    reasons = (
        ("kernel/apparmor_restrict_unprivileged_userns", "1", "AppArmor keeps user namespaces from ordinary programs"),
        ("kernel/unprivileged_userns_clone", "0", "user namespaces are switched off for ordinary users"),
        ("user/max_user_namespaces", "0", "user namespaces are switched off"),
    )
    for name, value, reason in reasons:
        try:
            present = Path("/proc/sys", name).read_text().strip()
        except OSError:
            continue
        if present == value:
            return f"{error} ({reason}: {name.replace('/', '.')} = {value})"
    return str(error)


@cache
def available() -> str | None:
    """Why :func:`enter` cannot work here, or None if it does. Tries it once, in a process of its own."""
    if kernel.MACHINE not in kernel.PIVOT_ROOT:
        return f"it knows the processors {' and '.join(kernel.PIVOT_ROOT)}, and this is {kernel.MACHINE}"
    release = tuple(int(part) for part in os.uname().release.split("-")[0].split(".")[:2])
    if release < _NEEDED:
        return f"it needs Linux {_NEEDED[0]}.{_NEEDED[1]} or newer, and this is {os.uname().release}"
    with tempfile.TemporaryFile() as said:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                enter(Policy(), [said.fileno()])
                status = 0
            except BaseException as error:
                os.write(said.fileno(), str(error).encode(errors="replace"))
            finally:
                os._exit(status)
        _, status = os.waitpid(child, 0)
        said.seek(0)
        reason = said.read().decode(errors="replace")
    return None if status == 0 else reason or f"the trial ended with status {status}"


def describe(policy: Policy) -> tuple[str, ...]:
    """What holds for a submission under this policy on this machine, in plain sentences for a report."""
    mib = 1024**2
    abi = landlock.version()
    network = "the network can be reached" if policy.network else "no network"
    together = "held by a control group" if cgroup.base() else "checked four times a second"
    sentences = [
        f"Own user, mount, process, ipc and hostname namespaces; {network}.",
        "Only Python, its libraries and the course's package can be read; "
        f"only {policy.scratch_bytes // mib} MiB in memory can be written.",
        f"Memory: {policy.memory_bytes // mib} MiB a process, and together ({together}).",
        f"{policy.processes} processes and threads, {policy.cpu_seconds} s of processor time together, "
        f"{policy.open_files} open files, files up to {policy.file_size_bytes // mib} MiB.",
        f"Landlock version {abi} as second layer." if abi else "This kernel has no Landlock: no second layer.",
        "Dangerous system calls are refused (seccomp)."
        if seccomp.program(kernel.MACHINE)
        else f"No filter of system calls for {kernel.MACHINE}.",
    ]
    return tuple(sentences)
