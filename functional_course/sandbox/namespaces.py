"""New namespaces, and who one is in them: user 1000, without a right over anything outside."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from functional_course.sandbox import kernel

LEARNER = 1000
_NOBODY = 65534
_MAP = 'read go && printf "$2" 2>/dev/null >/proc/$1/uid_map && printf "$2" 2>/dev/null >/proc/$1/gid_map'


def new_user_and_pid() -> None:
    """Move this process into a new user namespace, and its next children into a new pid namespace.

    An ordinary user becomes user 1000 there. Root stays 0 until :func:`drop_privileges`, which makes it user 1000
    too, and that one is ``nobody`` outside: the kernel's limit on processes does not hold for the real root.
    """
    kernel.prctl("dumpable", kernel.PR_SET_DUMPABLE, 1)  # or /proc/self is not ours after a change of user
    user, group = os.geteuid(), os.getegid()
    if user != 0:
        kernel.unshare(kernel.CLONE_NEWUSER | kernel.CLONE_NEWPID, "user")
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{LEARNER} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{LEARNER} {group} 1")
        return
    os.setgroups([])
    # Only a process outside the new namespace may map two users into it. A shell is started faster than a process
    # of this size forks.
    ready, go = os.pipe()
    words = ["sh", "-c", _MAP, "sh", str(os.getpid()), f"0 0 1\n{LEARNER} {_NOBODY} 1"]
    helper = os.posix_spawn("/bin/sh", words, {}, file_actions=[(os.POSIX_SPAWN_DUP2, ready, 0)])
    os.close(ready)
    try:
        kernel.unshare(kernel.CLONE_NEWUSER | kernel.CLONE_NEWPID, "user")
        os.write(go, b"go\n")
    finally:
        os.close(go)
        _, status = os.waitpid(helper, 0)
    if status:
        raise PermissionError(1, "root may not map users into a new namespace")


def new_others(network: bool) -> None:
    """Move this process into new mount, ipc, hostname and control group namespaces, and a network without a way out.

    Args:
        network: keep the network of outside.
    """
    flags = kernel.CLONE_NEWNS | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS | kernel.CLONE_NEWCGROUP
    kernel.unshare(flags | (0 if network else kernel.CLONE_NEWNET), "mount, ipc, hostname, control group or network")
    socket.sethostname("sandbox")


def drop_privileges() -> None:
    """Become user 1000 for good: no capabilities, none to be had from any program."""
    kernel.prctl("no_new_privs", kernel.PR_SET_NO_NEW_PRIVS, 1)
    if os.getuid() != LEARNER:
        os.setgroups([])
        os.setresgid(LEARNER, LEARNER, LEARNER)
        # setresuid takes the capabilities that dropping the bounding set needs, so that comes first.
        kernel.drop_bounding_set()
        os.setresuid(LEARNER, LEARNER, LEARNER)
    else:
        kernel.drop_bounding_set()
    kernel.drop_capabilities()
