"""Pieces finished beside each other: all come, in the thread that asks, and what is raised is raised there."""

from __future__ import annotations

import threading
import time

from functional_course.grading.running.finishing import Finishing

import pytest


def test_pieces_are_finished_at_the_same_time_and_handed_on_where_they_are_asked_for():
    both, seen = threading.Barrier(2, timeout=20), []

    def meet(piece: int) -> int:
        both.wait()
        return piece

    with Finishing(2) as finishing:
        for piece in range(6):
            finishing.add(meet, piece, lambda done: seen.append((done, threading.current_thread())))
        finishing.wait()
    assert sorted(done for done, _ in seen) == [0, 1, 2, 3, 4, 5]
    assert {thread for _, thread in seen} == {threading.current_thread()}


def test_who_adds_waits_while_too_much_is_waiting():
    go, seen = threading.Event(), []
    with Finishing(1) as finishing:
        finishing.add(lambda _: go.wait(20), 0, seen.append)
        threading.Timer(0.2, go.set).start()
        finishing.add(lambda _: True, 1, seen.append)  # as many as are begun at a time, and as many more
        assert seen
        finishing.wait()
    assert seen == [True, True]


def test_what_is_raised_ends_the_waiting_and_nothing_more_begins():
    begun = []

    def fail(piece: int) -> None:
        begun.append(piece)
        time.sleep(0.1)
        raise OSError(28, "No space left on device")

    def all_of_them() -> None:
        with Finishing(1) as finishing:
            for piece in range(20):
                finishing.add(fail, piece, lambda done: None)

    with pytest.raises(OSError, match="No space left"):
        all_of_them()
    assert len(begun) < 4
