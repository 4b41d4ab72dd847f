"""A new root folder that holds only what Python needs, read-only, and one small writable place in memory.

What must not be read is not hidden there, it is absent. The new root is a tmpfs with read-only bind mounts; the old
root is unmounted, so no link, no ``..`` and no ``/proc/…/root`` leads back.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from functional_course.sandbox import kernel
from functional_course.sandbox.policy import Policy, SandboxError

_PACKAGE = Path(__file__).resolve().parent.parent
_SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin", "/nix/store", "/sys/devices/system")
_ETC = ("ld.so.cache", "localtime", "fonts", "alternatives", "mime.types", "ssl/openssl.cnf")
_ETC_NETWORK = ("resolv.conf", "hosts", "ssl", "ca-certificates", "pki")
# Not "zero": shared memory that is made of it counts for nobody once it is no longer mapped.
_DEVICES = ("null", "full", "random", "urandom")
_WRITTEN = {
    "passwd": "learner:x:1000:1000::{scratch}:/bin/sh\n",
    "group": "learner:x:1000:\n",
    "hosts": "127.0.0.1 localhost\n::1 localhost\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
}
_RDONLY = kernel.ATTR_RDONLY | kernel.ATTR_NOSUID
_OLD = "/old-root"
_WRITABLE = "/writable-places"


@dataclass(frozen=True)
class View:
    """What the new root shows: paths for :func:`functional_course.sandbox.landlock.restrict`.

    ``proc`` and ``scratch`` are open folders for whoever watches from outside: the processes, to be written to, and
    what is written to. They must be closed before a learner's code runs.
    """

    read: tuple[str, ...]
    write: tuple[str, ...]
    devices: tuple[str, ...] = ("/dev",)
    proc: int = -1
    scratch: int = -1


def readable(policy: Policy) -> dict[str, str]:
    """The folders and files to show: where each is seen, and where it really lies.

    Args:
        policy: its ``read`` is added to what Python needs.

    Raises:
        SandboxError: one of them is missing, or would show the whole file system or a home folder.
    """
    wanted = [sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix, str(_PACKAGE)]
    # Also those that the prefixes do not hold: of "pip install --user".
    wanted += [path for path in sys.path if path.endswith(("site-packages", "dist-packages")) and os.path.isdir(path)]
    wanted += [path for path in _SYSTEM if os.path.exists(path) and not os.path.islink(path)]
    wanted += [str(path) for path in policy.read]
    home = os.path.realpath(os.path.expanduser("~"))
    shown: dict[str, str] = {}
    for path in wanted:
        real = os.path.realpath(path)
        if not os.path.exists(real):
            raise SandboxError(f"the sandbox shall show {path}, which does not exist or may not be read")
        if os.path.commonpath([real, home]) == real:
            raise SandboxError(f"the sandbox would show {path}, and with it the home folder {home}")
        shown[os.path.abspath(path)] = real
        shown[real] = real
    for name, beside in policy.beside.items():
        if not os.path.exists(beside):
            raise SandboxError(f"the sandbox shall show {beside}, which does not exist or may not be read")
        shown[f"{policy.scratch}/{name}"] = os.path.realpath(beside)
    names = _ETC + (_ETC_NETWORK if policy.network else ())
    for name in names:
        if os.path.exists(f"/etc/{name}"):
            shown[f"/etc/{name}"] = os.path.realpath(f"/etc/{name}")
    # A path below another one that is shown from its own place needs no mount of its own.
    return {seen: real for seen, real in sorted(shown.items()) if not _covered(seen, real, shown)}


def _covered(seen: str, real: str, shown: dict[str, str]) -> bool:
    return seen == real and any(
        str(parent) in shown and shown[str(parent)] == str(parent) for parent in Path(seen).parents
    )


def _hidden(policy: Policy) -> list[str]:
    paths = dict.fromkeys(path for given in policy.hide for path in (str(given), os.path.realpath(given)))
    return [path for path in paths if os.path.exists(path)]


def enter_new_root(policy: Policy) -> View:
    """Build the new root in this (new) mount namespace and move there; the working directory becomes the scratch.

    Must run with every capability in its user namespace, as process 1 of a new pid namespace.
    """
    shown, hidden = readable(policy), _hidden(policy)
    links = {path: os.readlink(path) for path in _SYSTEM if os.path.islink(path)}
    os.umask(0o022)
    kernel.mount(None, "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
    kernel.mount("tmpfs", "/tmp", "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "size=4m,mode=0755")
    os.chdir("/tmp")
    os.mkdir(_OLD[1:])
    kernel.pivot_root(".", _OLD[1:])
    os.chdir("/")

    places = _writable_places(policy)
    scratch = str(policy.scratch)
    for path in sorted({*shown, scratch, "/tmp", "/dev/shm"}):
        if path in places:
            _bind(places[path], path)
        else:
            _bind(_OLD + shown[path], path)
            kernel.set_mount_attributes(path, _RDONLY | kernel.ATTR_NODEV)
    kernel.unmount(_WRITABLE)
    scratch_files = os.open(scratch, os.O_RDONLY | os.O_DIRECTORY)
    for path, target in links.items():
        os.symlink(target, path)
    _devices()
    processes = _proc()
    os.makedirs("/etc", exist_ok=True)
    for name, text in _WRITTEN.items():
        if not os.path.exists(f"/etc/{name}"):
            Path("/etc", name).write_text(text.format(scratch=scratch))
    for path in hidden:
        _cover(path)
    kernel.unmount(_OLD)
    os.rmdir(_OLD)
    os.rmdir(_WRITABLE)
    kernel.set_mount_attributes("/", _RDONLY | kernel.ATTR_NODEV, recursive=False)
    os.chdir(scratch)
    return View(read=(*shown, "/proc", "/etc"), write=tuple(places), proc=processes, scratch=scratch_files)


def _writable_places(policy: Policy) -> dict[str, str]:
    # One tmpfs, so that one size holds for all of them together.
    os.mkdir(_WRITABLE)
    inodes = max(1024, policy.scratch_bytes // 16384)
    options = f"size={policy.scratch_bytes},nr_inodes={inodes},mode=0755"
    kernel.mount("tmpfs", _WRITABLE, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, options)
    places = {str(policy.scratch): "scratch", "/tmp": "tmp", "/dev/shm": "shm"}
    for name in places.values():
        os.mkdir(f"{_WRITABLE}/{name}", 0o700)
        os.chown(f"{_WRITABLE}/{name}", 1000, 1000)
    return {path: f"{_WRITABLE}/{name}" for path, name in places.items()}


def _bind(source: str, target: str) -> None:
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    elif not os.path.exists(target):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        Path(target).touch()
    kernel.mount(source, target, None, kernel.MS_BIND | kernel.MS_REC)


def _devices() -> None:
    for name in _DEVICES:
        _bind(f"{_OLD}/dev/{name}", f"/dev/{name}")
        kernel.set_mount_attributes(f"/dev/{name}", _RDONLY | kernel.ATTR_NOEXEC)
    for name, target in (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")):
        os.symlink(f"/proc/self/fd{target}", f"/dev/{name}")


def _proc() -> int:
    os.mkdir("/proc")
    kernel.mount("proc", "/proc", "proc", kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC)
    for_the_watcher = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)
    kernel.unmount("/proc")
    kernel.mount("proc", "/proc", "proc", kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC)
    # Under memory pressure the learner goes first, not the teacher's processes. And no further user namespaces.
    Path("/proc/self/oom_score_adj").write_text("1000")
    Path("/proc/sys/user/max_user_namespaces").write_text("0")
    kernel.set_mount_attributes("/proc", kernel.ATTR_RDONLY)
    return for_the_watcher


def _cover(path: str) -> None:
    if not os.path.lexists(path):
        return  # not below anything that is shown
    if os.path.isdir(path):
        kernel.mount("tmpfs", path, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "size=4k,mode=0555")
        kernel.set_mount_attributes(path, _RDONLY | kernel.ATTR_NODEV)
    else:
        kernel.mount("/dev/null", path, None, kernel.MS_BIND)
