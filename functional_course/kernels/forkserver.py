"""The warm process: it imports what notebooks import, forks a process for each request, and tells how that ended.

It is started on demand (:func:`functional_course.kernels.warm_process.fork`), shared by everything that the same user
runs with the same packages, and ends when nobody has needed it for a while. It has one thread and runs no notebook
code, so a fork of it is what a fresh process would be a few seconds later.

A request is one line of JSON with file descriptors attached, on a Unix socket; the answers are one line with the
``pid`` and, when that process has ended, one with its ``returncode``. Whoever asked has to keep the connection open:
when it closes, the process and its process group are killed.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import random
import runpy
import selectors
import signal
import socket
import struct
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

IDLE_SECONDS = 300.0
"""A warm process without children and connections ends after this long: ``FUNCTIONAL_COURSE_IDLE_SECONDS``."""

PRELOADED = (
    "keras",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "IPython.core.interactiveshell",
    "ipykernel.kernelapp",
    "ipykernel.inprocess.ipkernel",
    "ipykernel.debugger",
    "sklearn.datasets",
    "sklearn.metrics",
    "sklearn.model_selection",
    "functional_course.boundary.judging_peer",
    "functional_course.boundary.learner_peer",
    "functional_course.checks",
    "functional_course.diagrams",
    "functional_course.grading.executing.cells",
)
"""What is imported, unless ``FUNCTIONAL_COURSE_PRELOAD`` lists other modules, with commas. What is not installed is
left out."""

MOST_REQUEST = 4_000_000
MOST_DESCRIPTORS = 16


@dataclass
class _Connection:
    socket: socket.socket
    received: bytes = b""
    descriptors: list[int] = field(default_factory=list)
    child: int | None = None
    together: bool = False


class ForkServer:
    """Listens on a Unix socket and forks.

    Args:
        listener: a listening socket.
        idle_seconds: how long to wait for work that does not come.
    """

    def __init__(self, listener: socket.socket, idle_seconds: float = IDLE_SECONDS) -> None:
        self.listener, self.idle_seconds = listener, idle_seconds
        self.connections: dict[int, _Connection] = {}
        self.selector = selectors.DefaultSelector()

    def serve(self) -> None:
        """Answer requests until nobody has needed this process for ``idle_seconds``."""
        woken, wake = os.pipe()
        for end in (woken, wake):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self.listener.setblocking(False)
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.selector.register(woken, selectors.EVENT_READ)
        self.own = (woken, wake)
        needed = time.monotonic()
        while True:
            for key, _ in self.selector.select(timeout=max(0.05, self.idle_seconds / 4)):
                if key.fileobj is self.listener:
                    self._accept()
                elif key.fileobj == woken:
                    with contextlib.suppress(BlockingIOError):
                        os.read(woken, 4096)
                else:
                    self._read(self.connections[key.fd])
            self._reap()
            if self.connections:
                needed = time.monotonic()
            elif time.monotonic() - needed > self.idle_seconds:
                return

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            accepted, _ = self.listener.accept()
            if _peer(accepted) != os.getuid():
                accepted.close()
                return
            accepted.setblocking(False)
            self.connections[accepted.fileno()] = _Connection(accepted)
            self.selector.register(accepted, selectors.EVENT_READ)

    def _read(self, connection: _Connection) -> None:
        try:
            data, descriptors, _, _ = socket.recv_fds(connection.socket, 1 << 16, MOST_DESCRIPTORS)
        except BlockingIOError:
            return
        except OSError:
            data, descriptors = b"", []
        connection.descriptors += descriptors
        if not data or len(connection.received) > MOST_REQUEST or connection.child is not None:
            self._close(connection)
            return
        connection.received += data
        if connection.received.endswith(b"\n"):
            self._fork(connection)

    def _fork(self, connection: _Connection) -> None:
        request = json.loads(connection.received)
        try:
            pid = os.fork()
        except OSError as error:  # no memory, or too many processes: the others go on
            self._answer(connection, {"error": str(error)})
            self._close(connection)
            return
        if pid == 0:
            self._become(request, connection)
        connection.child, connection.together = pid, bool(request.get("together")) and sys.platform == "linux"
        for descriptor in connection.descriptors:
            os.close(descriptor)
        connection.descriptors = []
        self._answer(connection, {"pid": pid})

    def _become(self, request: dict, connection: _Connection) -> None:
        """In the child: leave everything of the server behind, then run what was asked for. Never returns."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self.selector.close()
            for end in self.own:
                os.close(end)
            self.listener.close()
            for each in self.connections.values():
                each.socket.close()
            os.setsid()
            code = run(request, connection.descriptors)
        except BaseException:  # the process has no caller that could be told
            import traceback

            traceback.print_exc()
        finally:
            os._exit(code)

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            for connection in list(self.connections.values()):
                if connection.child == pid:
                    connection.child = None
                    self._answer(connection, {"returncode": os.waitstatus_to_exitcode(status)})
                    self._close(connection)

    def _answer(self, connection: _Connection, answer: dict) -> None:
        with contextlib.suppress(OSError):  # a caller that has gone needs no answer
            connection.socket.sendall(json.dumps(answer).encode() + b"\n")

    def _close(self, connection: _Connection) -> None:
        """Forget a connection; nobody waits for its process any more, so that process ends."""
        if connection.child is not None and connection.together:
            from functional_course.sandbox import END

            with contextlib.suppress(ProcessLookupError):
                os.kill(connection.child, END)  # it ends what it started, and then itself
        elif connection.child is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(connection.child, signal.SIGKILL)
            with contextlib.suppress(ProcessLookupError):
                os.kill(connection.child, signal.SIGKILL)
        for descriptor in connection.descriptors:
            os.close(descriptor)
        del self.connections[connection.socket.fileno()]
        self.selector.unregister(connection.socket)
        connection.socket.close()


def run(request: dict, descriptors: list[int]) -> int:
    """Run a module as ``python -m`` does, in this process, with the request's surroundings.

    Args:
        request: ``module``, ``argv``, ``cwd`` and ``env``; or, in the place of the last two, ``sandbox``, the JSON of
            a :class:`functional_course.sandbox.Policy` to enter first. ``together``: what it starts ends with it.
        descriptors: become 0, 1, 2 and so on.

    Returns:
        The exit code.
    """
    for wanted, descriptor in enumerate(descriptors):
        os.dup2(descriptor, wanted)
    for descriptor in set(descriptors) - set(range(len(descriptors))):
        os.close(descriptor)
    if request.get("sandbox"):
        from functional_course import sandbox

        sandbox.enter(sandbox.Policy.from_json(request["sandbox"]), range(len(descriptors)))
    else:
        if request.get("together"):
            from functional_course import sandbox

            sandbox.keep_together()
        os.environ.clear()
        os.environ.update(request["env"])
        if "JPY_PARENT_PID" in os.environ:  # a kernel ends itself when its parent does
            os.environ["JPY_PARENT_PID"] = str(os.getppid())
        os.chdir(request["cwd"])
    _begin_anew()
    sys.argv = [request["module"], *request["argv"]]
    code: object = 0
    try:
        runpy.run_module(request["module"], run_name="__main__", alter_sys=True)
    except SystemExit as stopped:
        code = stopped.code
    except BaseException:
        import traceback

        traceback.print_exc()
        code = 1
    import atexit

    atexit._run_exitfuncs()
    with contextlib.suppress(Exception):
        sys.stdout.flush()
    with contextlib.suppress(Exception):
        sys.stderr.flush()
    return code if isinstance(code, int) else int(code is not None)


def _begin_anew() -> None:
    """What a fresh process would have of its own: random numbers, the interrupt handler, a plotting backend."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    random.seed()
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed()
    matplotlib = sys.modules.get("matplotlib")
    if matplotlib is not None:
        # Matplotlib reads this variable when it is imported, which was before it had this value.
        backend = os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
        matplotlib.rcParams["backend"] = backend


def _peer(connection: socket.socket) -> int:
    """The user at the other end, where the system tells; elsewhere the folder of the socket keeps others out."""
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        return os.getuid()
    return struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, option, struct.calcsize("3i")))[1]


def preload() -> None:
    """Import what notebooks import."""
    from functional_course import quiet, sandbox
    from functional_course.kernels import shortcuts

    quiet.install()
    listed = os.environ.get("FUNCTIONAL_COURSE_PRELOAD")
    for module in PRELOADED if listed is None else filter(None, listed.split(",")):
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    shortcuts.install()
    _show_an_error()
    # What is here now stays: the collector need not touch it, so that children share its pages.
    gc.collect()
    gc.freeze()
    sandbox.collapse_memory()


def _show_an_error() -> None:
    """Have IPython import and compile what it needs to show the first error, which takes longer than all others."""
    if "IPython.core.interactiveshell" in sys.modules:
        from IPython.core.ultratb import FormattedTB

        try:
            raise ValueError
        except ValueError as error:
            FormattedTB(mode="Context").structured_traceback(ValueError, error, error.__traceback__)


def main(argv: list[str]) -> None:
    """``python -m functional_course.kernels.forkserver SOCKET``: preload, listen, say so on standard output, serve."""
    path = Path(argv[0])
    here = os.getcwd()
    sys.path[:] = [entry for entry in sys.path if entry not in ("", here)]
    preload()
    listener = socket.socket(socket.AF_UNIX)
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
    listener.bind(str(path))
    listener.listen(64)
    made = path.stat()
    os.write(1, b"ready\n")
    with open(os.devnull, "r+b") as nothing:
        os.dup2(nothing.fileno(), 1)
    try:
        ForkServer(listener, float(os.environ.get("FUNCTIONAL_COURSE_IDLE_SECONDS", IDLE_SECONDS))).serve()
    finally:
        with contextlib.suppress(FileNotFoundError):
            now = path.stat()
            if (now.st_ino, now.st_dev) == (made.st_ino, made.st_dev):
                path.unlink()


if __name__ == "__main__":
    main(sys.argv[1:])
