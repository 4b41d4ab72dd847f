"""Control groups, version 2, where the administrator handed a part of the tree to this user: true totals.

A service manager does so on request, for example ``systemd-run --user --scope -p Delegate=yes course grade …``.
"""

from __future__ import annotations

import os
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
_CONTROLLERS = ("memory", "pids")


def own(root: Path = _ROOT, membership: Path = Path("/proc/self/cgroup")) -> Path | None:
    """The folder of this process's control group if groups with limits can be made below it, else None."""
    try:
        lines = membership.read_text().splitlines()
        folder = root / next(line[3:] for line in lines if line.startswith("0::")).lstrip("/")
        controllers = (folder / "cgroup.controllers").read_text().split()
    except (OSError, StopIteration):
        return None
    writable = os.access(folder, os.W_OK) and os.access(folder / "cgroup.procs", os.W_OK)
    # In the root group every program of the machine lives: never move those.
    return folder if writable and folder != root and set(_CONTROLLERS) <= set(controllers) else None


def prepare(folder: Path) -> Path:
    """Make ``folder`` (from :func:`own`) ready for groups below it: its processes move to the group ``warm``.

    Only a group without processes can hand its controllers down.
    """
    warm = folder / "warm"
    warm.mkdir(exist_ok=True)
    for pid in (folder / "cgroup.procs").read_text().split():
        (warm / "cgroup.procs").write_text(pid)
    (folder / "cgroup.subtree_control").write_text(" ".join(f"+{name}" for name in _CONTROLLERS))
    return folder


def create(folder: Path, name: str, memory_bytes: int, processes: int) -> Path:
    """A new group below ``folder`` for one submission. Remove it with ``rmdir`` when its processes have ended."""
    group = folder / name
    group.mkdir()
    (group / "memory.max").write_text(str(memory_bytes))
    (group / "pids.max").write_text(str(processes))
    for name_, value in (("memory.swap.max", "0"), ("memory.oom.group", "1")):
        if (group / name_).exists():
            (group / name_).write_text(value)
    return group


def join(group: Path) -> None:
    """Move this process into ``group``; what it forks later is born there."""
    (group / "cgroup.procs").write_text(str(os.getpid()))
