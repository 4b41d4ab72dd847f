"""A short list of system calls that no submission needs, refused by a BPF filter, on x86_64 and aarch64.

The namespaces hold without it. It takes away the parts of the kernel where most of its faults were found, memory that
no limit counts (``memfd_create``, System V), and sockets that network namespaces do not cover (vsock).
"""

from __future__ import annotations

import ctypes
import errno
import struct

from functional_course.sandbox import kernel

# name: (x86_64, aarch64); None where the architecture has no such call.
_OLD = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "syslog": (103, 116),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "fanotify_init": (300, 262),
    "iopl": (172, None),
    "ioperm": (173, None),
    "memfd_create": (319, 279),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "vmsplice": (278, 75),
}
# The same on both: io_uring, open_tree … fspick, pidfd_getfd, mount_setattr, quotactl_fd, memfd_secret.
_NEW = (425, 426, 427, 428, 429, 430, 431, 432, 433, 438, 442, 443, 447)
_CLONE, _SOCKET, _CLONE3 = (56, 220), (41, 198), 435
_MMAP, _FCNTL, _SETSOCKOPT = (9, 222), (72, 25), (54, 208)
# Memory that no process maps counts for none. Shared memory without a file outlives its mapping; buffers of sockets
# and pipes keep their usual size; huge pages are counted nowhere.
_SHARED_WITHOUT_FILE, _SHARING, _HUGE_PAGES = 0x21, 0x2F, 0x40000
_SET_PIPE_SIZE = 1031
_OF_THE_SOCKET, _BUFFER_SIZES = 1, (7, 8, 32, 33)  # SO_SNDBUF, SO_RCVBUF, and both with FORCE
_AUDIT_ARCH = (0xC000003E, 0xC00000B7)
_NAMESPACES = 0x7E020000  # every CLONE_NEW… flag of clone(2)
_SOCKET_FAMILIES = (1, 2, 10, 16)  # unix, IPv4, IPv6, netlink (getaddrinfo asks it)

_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_AND = 0x54
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCH, _FIRST_ARGUMENT, _ARGUMENT = 0, 4, 16, 8  # offsets in struct seccomp_data, little-endian


def program(machine: str) -> bytes | None:
    """The filter for an architecture, as an array of ``struct sock_filter``; None for one that is not listed."""
    if machine not in ("x86_64", "aarch64"):
        return None
    column = ("x86_64", "aarch64").index(machine)
    lines = [(_LOAD, 0, 0, _ARCH), (_JUMP_EQUAL, 1, 0, _AUDIT_ARCH[column]), (_RETURN, 0, 0, _KILL)]
    lines += [(_LOAD, 0, 0, _NUMBER)]

    def refuse(test: int, value: int, number: int) -> list[tuple[int, int, int, int]]:
        return [(test, 0, 1, value), (_RETURN, 0, 0, _ERROR | number)]

    if machine == "x86_64":
        lines += refuse(_JUMP_AT_LEAST, 0x40000000, errno.EPERM)  # the x32 calls
    for number in [numbers[column] for numbers in _OLD.values()] + list(_NEW):
        if number is not None:
            lines += refuse(_JUMP_EQUAL, number, errno.EPERM)
    lines += refuse(_JUMP_EQUAL, _CLONE3, errno.ENOSYS)  # its flags lie in memory; the C library then uses clone
    kept = [(_RETURN, 0, 0, _ALLOW)]
    body = [(_LOAD, 0, 0, _FIRST_ARGUMENT + 3 * _ARGUMENT), *refuse(_JUMP_ANY_BIT, _HUGE_PAGES, errno.EPERM)]
    body += [(_AND, 0, 0, _SHARING), *refuse(_JUMP_EQUAL, _SHARED_WITHOUT_FILE, errno.EPERM), *kept]
    lines += [(_JUMP_EQUAL, 0, len(body), _MMAP[column]), *body]
    body = [(_LOAD, 0, 0, _FIRST_ARGUMENT + _ARGUMENT), *refuse(_JUMP_EQUAL, _SET_PIPE_SIZE, errno.EPERM), *kept]
    lines += [(_JUMP_EQUAL, 0, len(body), _FCNTL[column]), *body]
    body = [(_LOAD, 0, 0, _FIRST_ARGUMENT + _ARGUMENT), (_JUMP_EQUAL, 1, 0, _OF_THE_SOCKET), *kept]
    body += [(_LOAD, 0, 0, _FIRST_ARGUMENT + 2 * _ARGUMENT)]
    body += [line for option in _BUFFER_SIZES for line in refuse(_JUMP_EQUAL, option, errno.EPERM)] + kept
    lines += [(_JUMP_EQUAL, 0, len(body), _SETSOCKOPT[column]), *body]
    lines += [(_JUMP_EQUAL, 0, 4, _CLONE[column]), (_LOAD, 0, 0, _FIRST_ARGUMENT)]
    lines += [*refuse(_JUMP_ANY_BIT, _NAMESPACES, errno.EPERM), (_RETURN, 0, 0, _ALLOW)]
    count = len(_SOCKET_FAMILIES)
    lines += [(_JUMP_EQUAL, 0, count + 2, _SOCKET[column]), (_LOAD, 0, 0, _FIRST_ARGUMENT)]
    lines += [(_JUMP_EQUAL, count - place, 0, family) for place, family in enumerate(_SOCKET_FAMILIES)]
    lines += [(_RETURN, 0, 0, _ERROR | errno.EAFNOSUPPORT), (_RETURN, 0, 0, _ALLOW)]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


def install() -> bool:
    """Put the filter in force for this process and its children.

    Returns:
        Whether it is: False on an architecture that the list does not cover. ``no_new_privs`` must be set.
    """
    code = program(kernel.MACHINE)
    if code is None:
        return False
    text = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("@HP", len(code) // 8, ctypes.addressof(text))
    kernel.prctl("seccomp", kernel.PR_SET_SECCOMP, 2, ctypes.c_char_p(header))
    return True
