"""Control groups, version 2, where groups can be made: true totals, held by the kernel at every moment.

Root can make them where the system has them. An ordinary user needs a part of the tree, which a service manager hands
over on request, for example ``systemd-run --user --scope -p Delegate=yes course grade …``. Everywhere else, and where
anything here fails, :mod:`functional_course.sandbox.watch` alone holds the limits.
"""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

_NAME = "functional-course"
_WARM = "warm"
_CONTROLLERS = ("memory", "pids")
_WEIGHT = 50  # of 100, which is what everything else has
_SLACK = 64 * 1024**2  # page tables and whatever else the kernel has of its own


def mounted(mounts: Path = Path("/proc/self/mounts")) -> Path | None:
    """Where the tree of control groups is, or None."""
    with contextlib.suppress(OSError):
        for line in mounts.read_text().splitlines():
            words = line.split()
            if words[2] == "cgroup2":
                return Path(words[1])
    return None


def base(root: Path | None = None, membership: Path = Path("/proc/self/cgroup")) -> Path | None:
    """The folder below which this process can make groups with limits, or None.

    Args:
        root: where the tree is; it is looked for if it is not given.
        membership: tells this process's group.
    """
    root = root or mounted()
    if root is None:
        return None
    try:
        path = next(line[3:] for line in membership.read_text().splitlines() if line.startswith("0::"))
        folder = root / path.lstrip("/")
        if os.geteuid() == 0 and _has(root / "cgroup.subtree_control"):
            return root / _NAME
        folder = folder.parent if folder.name == _WARM else folder
        delegated = folder != root and os.getxattr(folder, "user.delegate") == b"1"
        return folder if delegated and _has(folder / "cgroup.controllers") else None
    except (OSError, StopIteration):
        return None


def _has(file: Path) -> bool:
    return set(_CONTROLLERS) <= set(file.read_text().split())


def prepare(folder: Path) -> None:
    """Make ``folder`` (from :func:`base`) ready for groups below it.

    Only a group without processes can hand its controllers down: those in it, all this command's, move aside.
    """
    folder.mkdir(exist_ok=True)
    pids = (folder / "cgroup.procs").read_text().split()
    if pids:
        (folder / _WARM).mkdir(exist_ok=True)
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            (folder / _WARM / "cgroup.procs").write_text(pid)
    wanted = [*_CONTROLLERS, *({"cpu"} & set((folder / "cgroup.controllers").read_text().split()))]
    (folder / "cgroup.subtree_control").write_text(" ".join(f"+{name}" for name in wanted))


def make(folder: Path | None, memory_bytes: int, processes: int) -> Path | None:
    """A new group below ``folder`` (from :func:`base`) for what this process starts; None if there cannot be one.

    It bears this process's number, so that it can be told when nobody needs it any more.
    """
    if folder is None:
        return None
    group = folder / str(os.getpid())
    try:
        prepare(folder)
        remove_leftovers(folder)
        group.mkdir()
        limits = {"memory.max": memory_bytes + _SLACK, "pids.max": processes + 3}
        optional = {"memory.swap.max": 0, "memory.oom.group": 1, "cpu.weight": _WEIGHT}
        for name, value in (
            limits | {name: value for name, value in optional.items() if (group / name).exists()}
        ).items():
            (group / name).write_text(str(value))
    except OSError:
        remove(group, seconds=0)
        return None
    return group


def join(group: Path | None) -> None:
    """Move this process into ``group`` if that can be done; what it forks later is born there."""
    if group is not None:
        with contextlib.suppress(OSError):
            (group / "cgroup.procs").write_text("0")


def out_of_memory(group: Path | None) -> bool:
    """Whether the kernel ended a process of the group because it took too much."""
    if group is None:
        return False
    try:
        words = (group / "memory.events").read_text().split()
        return int(words[words.index("oom_kill") + 1]) > 0
    except (OSError, ValueError, IndexError):
        return False


def remove(group: Path | None, seconds: float = 1.0) -> None:
    """Remove a group whose processes have ended; they may take a moment."""
    until = time.monotonic() + seconds
    while group is not None:
        try:
            group.rmdir()
        except FileNotFoundError:
            return
        except OSError:
            if time.monotonic() > until:
                return
            time.sleep(0.01)


def remove_leftovers(folder: Path) -> None:
    """Remove the groups of runs that were killed before they could."""
    for group in folder.iterdir():
        if group.name.isdigit() and not Path("/proc", group.name).exists():
            with contextlib.suppress(OSError):  # something still runs in it
                group.rmdir()
