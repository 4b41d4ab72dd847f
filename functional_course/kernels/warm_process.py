"""A process forked from the warm one, with the interface of :class:`subprocess.Popen`."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from functional_course.kernels.fingerprint import fingerprint

START_SECONDS = 180
"""How long the warm process may take to import what it imports."""


class NoWarmProcess(RuntimeError):
    """There is no warm process, and none could be started. The message says why."""


class WarmProcess:
    """One forked process. Keep this object: when it is closed or lost, the process is killed.

    Args:
        connection: to the fork server, from which the process id has been read.
        pid: the process.
    """

    stdin = stdout = stderr = None

    def __init__(self, connection: socket.socket, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._connection = connection
        self._received = b""

    def poll(self) -> int | None:
        """The exit code, or None while the process runs. A signal that ended it counts as a negative number."""
        return self._hear(0.0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end and return the exit code.

        Raises:
            subprocess.TimeoutExpired: the process still runs after ``timeout`` seconds.
        """
        code = self._hear(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(["warm process", str(self.pid)], timeout or 0.0)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal, unless the process has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask the process to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the process."""
        self.send_signal(signal.SIGKILL)

    def close(self) -> None:
        """Give the process up: it is killed if it still runs."""
        self._connection.close()

    def _hear(self, timeout: float | None) -> int | None:
        if self.returncode is not None:
            return self.returncode
        self._connection.settimeout(timeout)
        try:
            while not self._received.endswith(b"\n"):
                data = self._connection.recv(4096)
                if not data:
                    raise ConnectionResetError("the fork server is gone")
                self._received += data
        except (BlockingIOError, TimeoutError):
            return None
        except OSError:  # its children end with it
            self.returncode = -signal.SIGKILL
        else:
            self.returncode = json.loads(self._received)["returncode"]
        self._connection.close()
        return self.returncode


def fork(
    module: str,
    argv: Sequence[str],
    *,
    cwd: str | os.PathLike[str],
    env: Mapping[str, str],
    descriptors: Sequence[int],
    sandbox: str | None = None,
    together: bool = False,
) -> WarmProcess:
    """Run ``python -m module argv`` in a process in which Keras is already imported.

    Args:
        module: what to run.
        argv: its arguments.
        cwd: its working directory.
        env: its environment variables; they also choose the warm process.
        descriptors: the files that it gets as 0, 1, 2 and so on.
        sandbox: the JSON of a :class:`functional_course.sandbox.Policy`, entered before anything runs. It then says
            where the process works and with which variables; ``env`` only chooses the warm process.
        together: whether all that it starts ends with it, without a sandbox too, where the system can.

    Returns:
        The running process.

    Raises:
        NoWarmProcess: the warm process could not be reached or started.
    """
    # The warm process works in another folder, so a relative path would mean something else there.
    folder = os.path.abspath(cwd)
    request: dict[str, Any] = {"module": module, "argv": list(argv), "cwd": folder, "env": dict(env)}
    request |= {"sandbox": sandbox, "together": together}
    line = json.dumps(request).encode() + b"\n"
    for _ in range(3):  # an idle one may end just as we call
        connection = _connect(env)
        try:
            connection.settimeout(60)
            sent = socket.send_fds(connection, [line], list(descriptors))
            connection.sendall(line[sent:])
            answer = b""
            while not answer.endswith(b"\n"):
                data = connection.recv(1)
                if not data:
                    raise OSError("the fork server closed the connection")
                answer += data
            said = json.loads(answer)
            if "error" in said:
                raise OSError(said["error"])
            return WarmProcess(connection, said["pid"])
        except OSError as error:
            connection.close()
            failed = error
    raise NoWarmProcess(f"the warm process does not answer ({failed})")


def start(env: Mapping[str, str]) -> None:
    """Have the warm process for these variables started, if it is not: the first fork then need not wait for it.

    Raises:
        NoWarmProcess: it could not be started.
    """
    _connect(env).close()


def server_folder() -> Path:
    """The folder of this user's sockets, made on first use.

    Raises:
        NoWarmProcess: it belongs to somebody else, or others can write there.
    """
    folder = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()) / f"functional-course-{os.getuid()}"
    try:
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        found = os.lstat(folder)
    except OSError as error:
        raise NoWarmProcess(f"{folder} cannot be made ({error})") from error
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise NoWarmProcess(f"{folder} is not a folder of this user alone")
    return folder


def _connect(env: Mapping[str, str]) -> socket.socket:
    """A connection to the warm process for these variables; it is started if need be, by one caller at a time."""
    folder = server_folder()
    path = folder / f"{fingerprint(env)}.sock"
    with contextlib.suppress(OSError):
        return _open(path)
    with open(path.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with contextlib.suppress(OSError):
            return _open(path)
        _start(path, env)
        try:
            return _open(path)
        except OSError as error:
            raise NoWarmProcess(f"the warm process was started and cannot be reached ({error})") from error


def _open(path: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(str(path))
    except OSError:
        connection.close()
        raise
    return connection


def _start(path: Path, env: Mapping[str, str]) -> None:
    with open(path.with_suffix(".log"), "wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "functional_course.kernels.forkserver", str(path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            env=dict(env),
            cwd=path.parent,
            start_new_session=True,
        )
    assert server.stdout is not None
    timer = _killed_after(server, START_SECONDS)
    try:
        said = server.stdout.readline()
    finally:
        timer.cancel()
        server.stdout.close()
    if said != b"ready\n":
        server.kill()
        server.wait()
        last = path.with_suffix(".log").read_text(errors="replace").strip().splitlines()[-1:]
        raise NoWarmProcess(f"the warm process did not start: {last[0] if last else 'it said nothing'}")
    # It lives on without us; a thread that waits for it keeps it from staying behind as a zombie.
    _reaped(server)


def _killed_after(process: subprocess.Popen, seconds: float):
    import threading

    timer = threading.Timer(seconds, process.kill)
    timer.daemon = True
    timer.start()
    return timer


def _reaped(process: subprocess.Popen) -> None:
    import threading

    threading.Thread(target=process.wait, daemon=True).start()
