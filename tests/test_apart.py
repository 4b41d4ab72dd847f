"""Work in processes apart: what comes back, and what becomes of work that takes too much."""

from __future__ import annotations

import errno
import gc
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from functional_course.grading.running.apart import MOST_ANSWER, Apart, Limits, OverLimitError, WorkFailedError

import pytest


def work(piece):
    """Do what the piece says, good or bad."""
    kind = piece["do"]
    if kind == "echo":
        return piece["value"]
    if kind == "loop":
        while True:
            pass
    if kind == "sleep":
        time.sleep(60)
    if kind == "memory":
        return len(bytearray(4 * 1024**3))
    if kind == "end":
        os._exit(3)
    if kind == "kill":
        os.kill(os.getpid(), signal.SIGSEGV)
    if kind == "deep":
        return work(piece)
    if kind == "disk":
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/somewhere")
    if kind == "much":
        return "x" * (MOST_ANSWER + 1)
    if kind == "unsayable":
        return object()
    raise ValueError("no such work")


FAST = Limits(cpu_seconds=1, seconds=20, memory_bytes=512 * 1024**2)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("loop", "more than 1 s of processor time"),
        ("memory", "more than 512 MiB of memory"),
        ("end", "exit code 3"),
        ("kill", f"exit code -{int(signal.SIGSEGV)}"),
        ("deep", "nested too deeply"),
        ("much", "more than can be kept"),
    ],
)
def test_what_takes_too_much_is_ended_and_the_next_work_is_done(kind: str, said: str):
    with Apart(work) as apart:
        with pytest.raises(OverLimitError, match=said):
            apart({"do": kind}, FAST)
        assert apart({"do": "echo", "value": [1, "ä\n"]}) == [1, "ä\n"]


def test_what_waits_without_end_is_ended():
    with Apart(work) as apart:
        with pytest.raises(OverLimitError, match="more than 0.2 s"):
            apart({"do": "sleep"}, Limits(seconds=0.2))
        assert apart({"do": "echo", "value": 1}) == 1


def test_what_is_raised_is_told():
    with Apart(work) as apart:
        with pytest.raises(WorkFailedError, match="ValueError: no such work"):
            apart({"do": "nothing"})
        with pytest.raises(WorkFailedError, match="TypeError"):
            apart({"do": "unsayable"})
        with pytest.raises(OSError, match="No space left on device") as full:
            apart({"do": "disk"})
        assert full.value.errno == errno.ENOSPC and full.value.filename == "/somewhere"


def test_a_child_changes_nothing_for_the_next_one():
    seen = []

    def count(_):
        seen.append(1)
        return len(seen)

    with Apart(count) as apart:
        assert [apart(None), apart(None)] == [1, 1]
    assert not seen


def test_one_whose_watcher_is_killed_is_told_and_started_again():
    with Apart(lambda piece: os.getppid() if piece == "who" else piece) as apart:
        os.kill(apart("who"), signal.SIGKILL)
        with pytest.raises(OverLimitError, match="came down"):
            apart("lost")
        assert apart("again") == "again"


def test_one_whose_office_is_killed_opens_another():
    def whose(_):
        with open(f"/proc/{os.getppid()}/stat") as file:
            return int(file.read().rpartition(")")[2].split()[1])

    with Apart(whose, desks=2) as apart:
        office = apart(None)
        os.kill(office, signal.SIGKILL)
        _wait_for([office])
        with ThreadPoolExecutor(2) as pool:
            assert {*pool.map(apart, (None, None))} - {office}


def test_where_no_desk_can_be_made_the_machine_is_to_blame_and_not_the_work():
    def no_more():
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    with Apart(len, prepare=lambda: setattr(os, "fork", no_more), desks=2) as apart:
        for _ in range(3):
            with pytest.raises(BlockingIOError):
                apart("a text")


def test_as_much_is_done_at_a_time_as_there_are_desks(tmp_path):
    def meet(name):
        (tmp_path / name).touch()
        end = time.monotonic() + 20
        while len(list(tmp_path.iterdir())) < 2 and time.monotonic() < end:
            time.sleep(0.01)
        return len(list(tmp_path.iterdir()))

    with Apart(meet, desks=2) as apart, ThreadPoolExecutor(2) as pool:
        assert all(there >= 2 for there in pool.map(apart, "ab"))


def test_with_one_desk_one_thing_is_done_at_a_time(tmp_path):
    def alone(name):
        (tmp_path / name).touch()
        time.sleep(0.2)
        there = len(list(tmp_path.iterdir()))
        (tmp_path / name).unlink()
        return there

    with Apart(alone) as apart, ThreadPoolExecutor(3) as pool:
        assert list(pool.map(apart, "abc")) == [1, 1, 1]


def test_what_is_being_done_ends_when_all_is_closed(tmp_path):
    def stay(name):
        (tmp_path / f".{name}").write_text(str(os.getpid()))
        (tmp_path / f".{name}").rename(tmp_path / name)  # whole, for whoever waits for it
        time.sleep(60)

    apart = Apart(stay, desks=2)
    with ThreadPoolExecutor(3) as pool:
        begun = [pool.submit(apart, name) for name in "abc"]
        end = time.monotonic() + 20
        while len(list(tmp_path.glob("[abc]"))) < 2 and time.monotonic() < end:
            time.sleep(0.01)
        children = [int(path.read_text()) for path in tmp_path.glob("[abc]")]
        apart.close()
        # The third never had a desk.
        assert all(isinstance(each.exception(20), (OverLimitError, ConnectionError)) for each in begun)
    assert len(children) == 2 == len(list(tmp_path.glob("[abc]")))
    _wait_for(children)
    with pytest.raises(ConnectionError):
        apart("more")


def test_what_the_caller_left_for_its_collector_is_not_collected_in_another_process():
    class OfThisProcess:
        """As TensorFlow's functions: freed in a fork, it brings the fork down. Only the collector frees it."""

        def __init__(self) -> None:
            self.itself, self.process = self, os.getpid()

        def __del__(self) -> None:
            if os.getpid() != self.process:
                os.kill(os.getpid(), signal.SIGSEGV)

    gc.disable()
    try:
        OfThisProcess()
        with Apart(lambda _: gc.collect() >= 0, prepare=gc.collect) as apart:
            assert apart(None) is True
    finally:
        gc.enable()


def test_the_children_see_no_file_that_the_run_has_open_but_those_to_keep():
    reading, writing = os.pipe()
    kept, other = os.pipe()

    def which(_):
        return [descriptor for descriptor in (reading, writing, kept, other) if _is_open(descriptor)]

    with Apart(which, keep=[kept]) as apart:
        assert apart(None) == [kept]
    for each in (reading, writing, kept, other):
        os.close(each)


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def test_nothing_goes_on_when_the_run_is_killed():
    code = (
        "import os, sys, time; from functional_course.grading.running.apart import Apart;"
        "Apart(lambda _: (os.write(1, b'%d' % os.getpid() + b'\\n'), time.sleep(60)))(None)"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    child = int(process.stdout.readline())
    process.kill()
    process.wait()
    # The pipe ends when nobody is left who could write to it.
    assert process.stdout.read() == b""
    process.stdout.close()
    _wait_for([child])


def _wait_for(processes):
    """Wait until none of these runs any more."""
    end = time.monotonic() + 20
    while any(map(_runs, processes)) and time.monotonic() < end:
        time.sleep(0.02)
    assert not any(map(_runs, processes))


def _runs(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
