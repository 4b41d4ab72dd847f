"""Landlock, the second layer: what the new root shows is also all that the kernel lets the process open.

Source: https://docs.kernel.org/userspace-api/landlock.html
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable

from functional_course.sandbox import kernel

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
_VERSION = 1
_PATH_BENEATH = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_MAKE_CHAR, _MAKE_BLOCK = 1 << 6, 1 << 11
_TRUNCATE, _IOCTL_DEV = 1 << 14, 1 << 15
_ON_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
_READ = _EXECUTE | _READ_FILE | _READ_DIR


def version() -> int:
    """The version of Landlock's interface in this kernel, 0 without Landlock."""
    try:
        return kernel.syscall("landlock", _CREATE, 0, 0, _VERSION)
    except OSError:
        return 0


def _all_file_rights(abi: int) -> int:
    rights = (1 << 13) - 1
    for since, right in ((2, 1 << 13), (3, _TRUNCATE), (5, _IOCTL_DEV)):
        if abi >= since:
            rights |= right
    return rights


def restrict(read: Iterable[str], write: Iterable[str], devices: Iterable[str], network: bool) -> int:
    """Hold this process and its children to these paths. There is no way back.

    Args:
        read: folders and files to read and execute.
        write: folders to read and write; device nodes cannot be made there.
        devices: folders with device nodes to read and write.
        network: whether TCP is allowed.

    Returns:
        The version of Landlock that is in force, 0 if this kernel has none and nothing was done.
    """
    abi = version()
    if not abi:
        return 0
    files = _all_file_rights(abi)
    tcp = 3 if abi >= 4 and not network else 0
    scope = 3 if abi >= 6 else 0  # abstract unix sockets and signals stay within
    attributes = struct.pack("=QQQ", files, tcp, scope)[: 8 if abi < 4 else 16 if abi < 6 else 24]
    rules = kernel.syscall("landlock_create_ruleset", _CREATE, ctypes.c_char_p(attributes), len(attributes), 0)
    try:
        for paths, rights in (
            (read, _READ),
            (write, files & ~(_MAKE_CHAR | _MAKE_BLOCK | _IOCTL_DEV)),
            (devices, _READ_FILE | _READ_DIR | _WRITE_FILE | _TRUNCATE),
        ):
            for path in paths:
                _allow(rules, path, rights & files)
        kernel.syscall("landlock_restrict_self", _RESTRICT, rules, 0)
    finally:
        os.close(rules)
    return abi


def _allow(rules: int, path: str, rights: int) -> None:
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not os.path.isdir(path):
            rights &= _ON_FILES
        rule = ctypes.c_char_p(struct.pack("=Qi", rights, place))
        kernel.syscall(f"landlock_add_rule {path}", _ADD_RULE, rules, _PATH_BENEATH, rule, 0)
    finally:
        os.close(place)
