"""The kernel's own calls that Python's standard library lacks, each raising ``OSError`` with what it was about.

The numbers of new system calls (424 and up) are the same on every architecture; the few older ones are listed for
x86_64 and aarch64.
"""

from __future__ import annotations

import ctypes
import os
import platform

MACHINE = platform.machine()
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
CAPSET = {"x86_64": 126, "aarch64": 91}
MOUNT_SETATTR = 442

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_NOSUID, MS_NODEV, MS_NOEXEC = 2, 4, 8
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
MNT_DETACH = 2
ATTR_RDONLY, ATTR_NOSUID, ATTR_NODEV, ATTR_NOEXEC = 1, 2, 4, 8

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_SET_CHILD_SUBREAPER = 36
PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 47, 4

_AT_FDCWD = -100
_AT_RECURSIVE = 0x8000

_libc = ctypes.CDLL(None, use_errno=True)
_libc.mount.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_char_p]
_libc.umount2.argtypes = [ctypes.c_char_p, ctypes.c_int]
_libc.syscall.restype = ctypes.c_long


def _check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def syscall(what: str, number: int, *arguments: object) -> int:
    """Make a system call by its number.

    Args:
        what: its name, for the message.
        number: its number on this machine.
        arguments: integers, ``bytes`` or what ctypes takes; integers go as machine words.
    """
    words = [ctypes.c_ulong(value & (2**64 - 1)) if isinstance(value, int) else value for value in arguments]
    return _check(_libc.syscall(ctypes.c_long(number), *words), what)


def prctl(what: str, option: int, *arguments: object) -> int:
    """Call ``prctl(option, …)``; missing arguments are 0."""
    words = [ctypes.c_ulong(value) if isinstance(value, int) else value for value in arguments]
    words += [ctypes.c_ulong(0)] * (4 - len(words))
    return _check(_libc.prctl(ctypes.c_int(option), *words), what)


def unshare(flags: int, what: str) -> None:
    """Leave the namespaces that ``flags`` (``CLONE_NEW…``) name for new ones."""
    _check(_libc.unshare(ctypes.c_int(flags)), f"new {what} namespace")


def mount(source: str | None, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    """Mount a file system, or bind a folder or file to a second place."""
    words = [None if word is None else os.fsencode(word) for word in (source, target, kind, data)]
    _check(_libc.mount(words[0], words[1], words[2], flags, words[3]), f"mount {source or kind} at {target}")


def unmount(target: str) -> None:
    """Take away what is mounted at ``target``, also while it is in use."""
    _check(_libc.umount2(os.fsencode(target), MNT_DETACH), f"unmount {target}")


def pivot_root(new: str, old: str) -> None:
    """Make ``new`` the root of this mount namespace and put the present root at ``old``."""
    syscall("pivot_root", PIVOT_ROOT[MACHINE], ctypes.c_char_p(os.fsencode(new)), ctypes.c_char_p(os.fsencode(old)))


def set_mount_attributes(target: str, attributes: int, recursive: bool = True) -> None:
    """Add ``attributes`` (``ATTR_…``) to a mount and, if ``recursive``, to all that is mounted beneath it."""
    words = (ctypes.c_uint64 * 4)(attributes, 0, 0, 0)
    flags = _AT_RECURSIVE if recursive else 0
    path = ctypes.c_char_p(os.fsencode(target))
    syscall(f"mount_setattr {target}", MOUNT_SETATTR, _AT_FDCWD, path, flags, ctypes.byref(words), ctypes.sizeof(words))


def drop_bounding_set() -> None:
    """Make sure that no program started later gets a capability."""
    prctl("clear ambient capabilities", PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    for capability in range(64):
        try:
            prctl("drop a capability", PR_CAPBSET_DROP, capability)
        except OSError:
            if capability < 38:  # the first one that this kernel does not know ends the list
                raise
            break


def drop_capabilities() -> None:
    """Give up every capability that this process has."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    nothing = (ctypes.c_uint32 * 6)()
    syscall("capset", CAPSET[MACHINE], ctypes.byref(header), ctypes.byref(nothing))
