"""``-p tests.costs``: what each file of tests costs, in seconds of processor time, at the end of a run.

Durations tell how long somebody waited: two workers on one processor wait for each other, and a test that sleeps takes
long and costs nothing. Here it is the processor time of the worker and of everything that it started. What a process
spent that left its parents behind (a daemon) isn't seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import psutil
import pytest

MOST = 25
"""So many files are named, the dearest first."""

_PLACE = pytest.StashKey[Counter]()


def processor_seconds(process: psutil.Process) -> float:
    """Processor time of a process, of its children, theirs and so on, those that ended included."""
    total = 0.0
    for each in (process, *process.children(recursive=True)):
        try:
            total += sum(each.cpu_times()[:4])
        except psutil.NoSuchProcess:
            continue
    return total


class _Meter:
    """Looks at the time where a run goes on to another file: to look takes milliseconds."""

    def __init__(self, costs: Counter) -> None:
        self._costs, self._process = costs, psutil.Process()

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self) -> Iterator[Any]:
        before = processor_seconds(self._process)
        result = yield
        self._costs["collecting"] += processor_seconds(self._process) - before
        return result

    def pytest_runtestloop(self) -> None:
        self._before = processor_seconds(self._process)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[Any]:
        result = yield
        if nextitem is None or nextitem.path != item.path:
            now = processor_seconds(self._process)
            self._costs[item.nodeid.partition("::")[0]] += max(now - self._before, 0.0)
            self._before = now
        return result


def pytest_configure(config: pytest.Config) -> None:
    """A meter in each process that runs tests: in a worker, or where there are none."""
    config.stash[_PLACE] = Counter()
    if hasattr(config, "workerinput") or not config.getoption("numprocesses", None):
        config.pluginmanager.register(_Meter(config.stash[_PLACE]))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """What a worker found goes to the process that prints."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["costs"] = dict(session.config.stash[_PLACE])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Add what a worker found; one that came down has found nothing."""
    node.config.stash[_PLACE].update(getattr(node, "workeroutput", {}).get("costs", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the files, the dearest first."""
    costs = config.stash[_PLACE]
    if not costs:
        return
    terminalreporter.section(f"processor time: {sum(costs.values()):.0f} s, of which in")
    for name, seconds in costs.most_common(MOST):
        terminalreporter.write_line(f"{seconds:8.1f} s  {name}")
