"""Run a function in a forked process, bare or sandboxed, as oneself or as an ordinary user, and hear what it got."""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from functional_course import sandbox
from functional_course.sandbox import kernel

SECRET = "the-answer-is-42"
NOBODY = 65534
DEADLINE = 150
"""Seconds by the clock: on a busy machine, a little processor time takes long."""


@dataclass
class World:
    """What lies around a sandbox and must not be reached from it. The secret is in each file."""

    folder: Path
    material: Path  # the one folder that a policy shows
    secrets: dict[str, Path]
    tcp: tuple[str, int]
    udp: tuple[str, int]
    unix: str
    abstract: str
    victim: int
    open_file: int
    started: int = -1

    def policy(self, **changes: object) -> sandbox.Policy:
        """A policy with small limits, which shows the material, and hides one part of it."""
        small = {
            "read": (self.material,),
            "hide": (self.material / "hidden", self.material / "hidden.txt"),
            "memory_bytes": 96 * 1024**2,
            "scratch_bytes": 8 * 1024**2,
            "file_size_bytes": 3 * 1024**2,
            "processes": 24,
            "open_files": 64,
        }
        return sandbox.Policy(**(small | changes))


@contextlib.contextmanager
def world(identity: Callable[[], None]) -> Iterator[World]:
    """Secrets, listening sockets and a running process, all of which belong to ``identity``'s user or to everybody."""
    # Not in /tmp, which is a writable place inside, too.
    folder = Path(tempfile.mkdtemp(prefix="sandbox-world-", dir="/var/tmp"))
    names = {
        "solution": "solutions/01/build.ipynb",
        "other submission": "submitted/another/01/build.ipynb",
        "gradebook": "gradebook.db",
        "exchange": "exchange/outbound/x.txt",
        "home": "home/.netrc",
        "hidden folder": "material/hidden/tests.py",
        "hidden file": "material/hidden.txt",
    }
    secrets = {name: folder / path for name, path in names.items()}
    for path in secrets.values():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(SECRET)
    (folder / "material" / "data.txt").write_text("data")
    if identity is as_ordinary_user:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, NOBODY, NOBODY)
    folder.chmod(0o755)
    if os.geteuid() == 0:
        shutil.copy("/usr/bin/id", folder / "material" / "id-of-root")
        (folder / "material" / "id-of-root").chmod(0o4755)
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder)
        families = ((socket.AF_INET, socket.SOCK_STREAM), (socket.AF_INET, socket.SOCK_DGRAM))
        unix = (socket.AF_UNIX, socket.SOCK_STREAM)
        tcp, udp, by_path, abstract = (stack.enter_context(socket.socket(*kind)) for kind in (*families, unix, unix))
        addresses = (("127.0.0.1", 0), ("127.0.0.1", 0), str(folder / "socket"), f"\0{folder.name}")
        for one, address in zip((tcp, udp, by_path, abstract), addresses, strict=True):
            one.bind(address)
            if one is not udp:
                one.listen()
        (folder / "socket").chmod(0o777)
        victim = os.fork()
        if victim == 0:
            with contextlib.suppress(BaseException):
                identity()
                os.execve("/bin/sleep", ["sleep", "600"], {"VICTIM": SECRET})
            os._exit(1)
        stack.callback(_end, victim)
        open_file = stack.enter_context(open(folder / "gradebook.db", "rb"))
        time.sleep(0.1)  # until the victim is its own program
        addresses = [tcp.getsockname(), udp.getsockname(), str(folder / "socket"), f"\0{folder.name}"]
        yield World(folder, folder / "material", secrets, *addresses, victim, open_file.fileno())


def _end(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def as_oneself() -> None:
    """Stay who one is."""


def as_ordinary_user() -> None:
    """Turn root into ``nobody``, and show that user the running Python even if it lies in root's home folder."""
    prefix = Path(os.path.realpath(sys.base_prefix))
    closed = [folder for folder in reversed(prefix.parents) if not folder.stat().st_mode & 0o001]
    if closed:
        kernel.unshare(kernel.CLONE_NEWNS, "mount")
        kernel.mount(None, "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
        with tempfile.TemporaryDirectory() as held:
            kernel.mount(str(prefix), held, None, kernel.MS_BIND | kernel.MS_REC)
            kernel.mount("tmpfs", str(closed[0]), "tmpfs", 0, "mode=0755")
            prefix.mkdir(parents=True)
            kernel.mount(held, str(prefix), None, kernel.MS_BIND | kernel.MS_REC)
            kernel.unmount(held)
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    os.environ["HOME"] = "/nonexistent"
    kernel.prctl("dumpable", kernel.PR_SET_DUMPABLE, 1)  # as after starting a program


@dataclass
class Outcome:
    """What a function returned or raised, how its process ended, and when."""

    got: object = None
    error: str | None = None
    status: int = 0
    seconds: float = 0.0

    @property
    def succeeded(self) -> bool:
        """Whether the function returned something that is true."""
        return self.error is None and bool(self.got)


class Running:
    """A forked process that runs ``function(world)``; use :meth:`wait`.

    Args:
        function: what to run; its answer must be JSON.
        world: its argument.
        identity: who to become first.
        policy: the sandbox, or None for a bare process.
        keep: open files that the sandbox keeps.
    """

    def __init__(
        self,
        function: Callable[[World], object],
        world: World,
        identity: Callable[[], None] = as_oneself,
        policy: sandbox.Policy | None = None,
        keep: tuple[int, ...] = (),
    ) -> None:
        self.began = time.monotonic()
        self.answers, answer = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            self._child(function, world, identity, policy, keep, answer)
        os.close(answer)

    def _child(self, function, world, identity, policy, keep, answer) -> None:
        try:
            os.close(self.answers)
            faulthandler.disable()  # a process may be made to crash
            identity()
            try:
                if policy is not None:
                    sandbox.enter(policy, [answer, *keep])
                said = {"got": function(world)}
            except sandbox.SandboxError as error:
                said = {"error": f"SandboxError: {error}", "got": None}
            except BaseException as error:
                said = {"error": f"{type(error).__name__}: {error}"}
            os.write(answer, json.dumps(said).encode())
            os._exit(0)
        except BaseException as error:
            os.write(2, f"{error!r}\n".encode())
        finally:
            os._exit(99)

    def read(self, seconds: float = DEADLINE) -> bytes | None:
        """What was said by when every process that holds the pipe has ended; None if one still runs then."""
        text, end = b"", time.monotonic() + seconds
        while select.select([self.answers], [], [], max(0, end - time.monotonic()))[0]:
            part = os.read(self.answers, 65536)
            if not part:
                return text
            text += part
        return None

    def wait(self, seconds: float = DEADLINE) -> Outcome:
        """The outcome, once every process that could answer has ended."""
        said = self.read(seconds)
        if said is None:
            os.kill(self.pid, signal.SIGKILL)
        _, status = os.waitpid(self.pid, 0)
        os.close(self.answers)
        outcome = Outcome(status=status, seconds=time.monotonic() - self.began)
        if said is None:
            outcome.error = f"no end within {seconds} s"
        elif said:
            for name, value in json.loads(said).items():
                setattr(outcome, name, value)
        else:
            outcome.error = "ended without a word"
        return outcome


def run(function, world, identity=as_oneself, policy=None, keep=()) -> Outcome:
    """Run ``function(world)`` in a forked process and wait for it. See :class:`Running`."""
    return Running(function, world, identity, policy, keep).wait()


def program(*words: str) -> str:
    """What another program prints."""
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout
