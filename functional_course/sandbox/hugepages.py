"""Make a warm process cheap to fork.

A fork copies the table of all pages that the process has written. Gathered into huge pages, the table of a process
with TensorFlow is a small one: a fork and its end then cost about half.
"""

from __future__ import annotations

import ctypes

_SIZE = 2 * 1024**2
_MADV_COLLAPSE = 25  # Linux 6.1


def collapse_memory() -> int:
    """Gather this process's own memory into huge pages, once all is imported and before the first fork.

    Returns:
        How many regions were gathered: 0 on a kernel older than 6.1, which is harmless.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    gathered = 0
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as file:
        regions = [line.split() for line in file]
    for region in regions:
        if region[1] != "rw-p" or (len(region) > 5 and region[5] != "[heap]"):
            continue
        start, end = (int(word, 16) for word in region[0].split("-"))
        start, end = (start + _SIZE - 1) // _SIZE * _SIZE, end // _SIZE * _SIZE
        if start < end:
            gathered += libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), _MADV_COLLAPSE) == 0
    return gathered
