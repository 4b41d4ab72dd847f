"""Where notebooks are executed: on this machine, or by the workers of a Dask cluster. One interface for both."""

from __future__ import annotations

import concurrent.futures
import contextlib
import functools
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol

from functional_course.grading.judging.basis import made_with, others_there
from functional_course.grading.judging.execution import Job, environment, execute
from functional_course.grading.judging.result import Result
from functional_course.kernels.warm_process import NoWarmProcess, start


class OtherVersionsError(RuntimeError):
    """A worker would judge with something else than the verdicts are said to rest on; the message says with what."""


class Executor(Protocol):
    """Executes jobs, several at a time."""

    workers: int

    def warm_up(self) -> None:
        """Begin with what the first job would wait for, if there is such a thing. Returns at once."""
        ...

    def run(self, jobs: Iterable[tuple[Any, Job]]) -> Iterator[tuple[Any, Result | Exception]]:
        """Yield each job's key with its result, or with what kept it from having one, as they come.

        No more jobs are taken than are needed to keep the workers busy.
        """
        ...

    def close(self) -> None:
        """Let the workers go."""
        ...


class LocalExecutor:
    """Executes on this machine. Its threads only wait: the work is done in processes forked from a warm one.

    Args:
        workers: how many notebooks at a time.
        backend: that their jobs will ask for, see :class:`~functional_course.grading.judging.execution.Job`.
    """

    def __init__(self, workers: int, backend: str | None = None) -> None:
        self.workers, self._backend = workers, backend
        self._pool = concurrent.futures.ThreadPoolExecutor(workers, thread_name_prefix="grade")

    def warm_up(self) -> None:
        """See :class:`Executor`. In a thread of its own, which nobody who closes this has to wait for."""
        threading.Thread(target=_start_warm_process, args=(self._backend,), daemon=True).start()

    def run(self, jobs: Iterable[tuple[Any, Job]]) -> Iterator[tuple[Any, Result | Exception]]:
        """See :class:`Executor`."""
        return _in_a_window(jobs, lambda job: self._pool.submit(execute, job), self.workers + 1)

    def close(self) -> None:
        """Wait for what runs; start nothing more."""
        self._pool.shutdown(wait=True, cancel_futures=True)


class DaskExecutor:
    """Executes on the workers of a Dask cluster, each with a warm process of its own machine.

    Args:
        address: of the scheduler, such as ``tcp://host:8786``.
        backend: that their jobs will ask for.

    Raises:
        ModuleNotFoundError: distributed is not installed.
        OSError: there is no scheduler at this address.
        OtherVersionsError: a worker would judge with something else than this machine has.
    """

    def __init__(self, address: str, backend: str | None = None) -> None:
        from distributed import Client

        self._client = Client(address, timeout=10)
        self.workers = max(1, sum(self._client.nthreads().values()))
        # A worker that is lost takes its notebook along: it is executed once more elsewhere.
        self._pool = self._client.get_executor(pure=False, retries=2)
        self._here = made_with(backend)
        try:
            found = self._client.run(made_with, backend, on_error="return")
            for address, there in found.items():
                _same_versions(address, there, self._here)
        except BaseException:
            self._client.close()
            raise

    def warm_up(self) -> None:
        """See :class:`Executor`. Each worker of the cluster starts its warm process with its first job."""

    def run(self, jobs: Iterable[tuple[Any, Job]]) -> Iterator[tuple[Any, Result | Exception]]:
        """See :class:`Executor`."""
        return _in_a_window(jobs, self._submit, self.workers + 2)

    def _submit(self, job: Job) -> concurrent.futures.Future:
        return self._pool.submit(execute_alike, job, self._here)

    def close(self) -> None:
        """Leave the cluster."""
        self._client.close()


def execute_alike(job: Job, made: Mapping[str, str]) -> Result:
    """Execute a notebook on a worker, which may have come later than the others.

    Args:
        job: the notebook.
        made: what :func:`functional_course.grading.judging.basis.made_with` says where the verdicts go.

    Raises:
        OtherVersionsError: the worker has something else.
    """
    _same_versions(socket.gethostname(), _made_here(job.backend), made)
    return execute(job)


_made_here = functools.lru_cache(made_with)


def _same_versions(worker: str, there: Mapping[str, str] | Exception, here: Mapping[str, str]) -> None:
    # A worker that cannot be asked has another course.
    other = "the course" if isinstance(there, Exception) else others_there(there, here)
    if other:
        raise OtherVersionsError(
            f"The Dask worker {worker} would judge with others than this machine has: {other}. "
            "Install the same there, start its workers again, and run the command again."
        )


def _start_warm_process(backend: str | None) -> None:
    with contextlib.suppress(NoWarmProcess, OSError):  # the first job says so
        start(environment(backend))


def _in_a_window(
    jobs: Iterable[tuple[Any, Job]], submit: Callable[[Job], concurrent.futures.Future], most: int
) -> Iterator[tuple[Any, Result | Exception]]:
    waiting: dict[concurrent.futures.Future, Any] = {}
    source = iter(jobs)
    exhausted = False
    while True:
        while not exhausted and len(waiting) < most:
            try:
                key, job = next(source)
            except StopIteration:
                exhausted = True
                break
            waiting[submit(job)] = key
        if not waiting:
            return
        done, _ = concurrent.futures.wait(waiting, return_when=concurrent.futures.FIRST_COMPLETED)
        for future in done:
            key = waiting.pop(future)
            error = future.exception()
            yield key, error if isinstance(error, Exception) else future.result()
