"""How the two sides of a notebook's grading are started and ended: as forks of a warm process, or in a container."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from functional_course.kernels.warm_process import WarmProcess, fork
from functional_course.sandbox import END, OUT_OF_MEMORY, Policy, ProcessorTime, SandboxError, container, memory_of_each

KERAS_BYTES = 512 * 1024**2
"""What a container's learner may have on top of the policy: a fork's memory counts from where Keras is imported."""

PROGRAM = ("python", "-m", "functional_course.grading.executing.contained")
END_SECONDS = 30


class Side(Protocol):
    """A process that runs one side."""

    def wait(self, timeout: float) -> int:
        """Wait for the end and return the exit code; it is ``OUT_OF_MEMORY`` if there was too little.

        Raises:
            subprocess.TimeoutExpired: it still runs.
        """
        ...

    def processor_seconds(self) -> float:
        """The processor time of it and all that it started, as far as it is known; it never falls."""
        ...

    def starved_seconds(self) -> float:
        """How long it was ready and waited for a processor, as far as it was seen."""
        ...

    def memory(self, exact: Callable[[tuple[int, int]], bool]) -> dict[tuple[int, int], int]:
        """What each of its processes uses in bytes, by number and start; nothing if that is not known.

        Args:
            exact: for which of them what it shares is to count in parts. That takes a while.
        """
        ...

    def end(self) -> None:
        """Begin to end it and all that it started."""
        ...

    def close(self) -> None:
        """Wait until it has ended; let it go."""
        ...


class ForkedSide:
    """A fork of the warm process.

    Args:
        module: what to run.
        sockets: its file descriptors from 3 on.
        folder: where it runs.
        env: the variables that choose the warm process.
        policy: the sandbox's, as JSON; None for none.
    """

    def __init__(
        self, module: str, sockets: Sequence[socket.socket], folder: str, env: Mapping[str, str], policy: str | None
    ) -> None:
        with open(os.devnull, "r+b") as nothing:
            descriptors = [nothing.fileno()] * 3 + [each.fileno() for each in sockets]
            self._process: WarmProcess = fork(
                module, [], cwd=folder, env=env, descriptors=descriptors, sandbox=policy, together=policy is None
            )
        self._tree = ProcessorTime(self._process.pid)

    def wait(self, timeout: float) -> int:
        """See :class:`Side`."""
        return self._process.wait(timeout=timeout)

    def processor_seconds(self) -> float:
        """See :class:`Side`."""
        return self._tree.seconds()

    def starved_seconds(self) -> float:
        """See :class:`Side`."""
        return self._tree.starved

    def memory(self, exact: Callable[[tuple[int, int]], bool]) -> dict[tuple[int, int], int]:
        """See :class:`Side`."""
        return memory_of_each(self._process.pid, exact)

    def end(self) -> None:
        """See :class:`Side`."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(END)

    def close(self) -> None:
        """See :class:`Side`."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=5)
        self._process.close()


class ContainedSide:
    """The learner's side in a container of docker or podman; its standard streams are the boundary.

    Args:
        connection: to the judging side.
        folder: where the engine's command runs; some leave files there.
        image: holds Python and the course.
        policy: as JSON.
        module: what it is to serve.

    Raises:
        SandboxError: no engine answers.
    """

    def __init__(self, connection: socket.socket, folder: str, image: str, policy: str, module: str) -> None:
        engine = container.available_engine()
        if engine is None:
            raise SandboxError("neither podman nor docker answers on this machine")
        limits = Policy.from_json(policy)
        limits = replace(limits, memory_bytes=limits.memory_bytes + KERAS_BYTES)
        self._engine, self._name = engine, f"{_names()}{os.getpid()}-{secrets.token_hex(6)}"
        self._client = subprocess.Popen(
            container.command(engine, image, limits, [*PROGRAM, module], self._name),
            stdin=connection.fileno(),
            stdout=connection.fileno(),
            stderr=subprocess.DEVNULL,
            cwd=folder,
            start_new_session=True,
        )

    def wait(self, timeout: float) -> int:
        """See :class:`Side`."""
        status = self._client.wait(timeout=timeout)
        # The kernel ends what takes too much by SIGKILL; a container that is gone cannot be asked for more.
        return OUT_OF_MEMORY if status == 137 else status

    def processor_seconds(self) -> float:
        """See :class:`Side`. It is not known here: only the clock ends a container's cell from outside."""
        return 0.0

    def starved_seconds(self) -> float:
        """See :class:`Side`. It is not known, either."""
        return 0.0

    def memory(self, exact: Callable[[tuple[int, int]], bool]) -> dict[tuple[int, int], int]:
        """See :class:`Side`. Nor is this."""
        return {}

    def end(self) -> None:
        """See :class:`Side`."""
        # Without its client a container may still run.
        if self._client.poll() is None or self._client.returncode < 0:
            container.asked(self._engine, "kill", self._name)

    def close(self) -> None:
        """See :class:`Side`."""
        until = time.monotonic() + END_SECONDS
        while time.monotonic() < until:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._client.wait(timeout=1)
                return
            self.end()  # one that was only being made when it was to end
        self._client.kill()
        self._client.wait()


def remove_leftovers(engine: str) -> None:
    """End the containers of runs on this machine that were killed before they could."""
    listed = container.asked(engine, "ps", "--all", f"--filter=name={_names()}", "--format={{.Names}}")
    for name in listed.stdout.split():
        number = name.removeprefix(_names()).partition("-")[0]
        if name.startswith(_names()) and number.isdigit() and not _runs(int(number)):
            container.asked(engine, "rm", "--force", name)


def _names() -> str:
    """How the names of this machine's containers begin: an engine may serve several machines."""
    return f"course-grade-{hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]}-"


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
