"""What a test cell shows after hidden inputs, and the messages that are put back into it."""

from __future__ import annotations

from dataclasses import replace

from functional_course.grading.judging.discretion import (
    STOPPED,
    discreet_outputs,
    kept_back,
    put_back,
    released_cells,
    with_hidden_marked,
)
from functional_course.grading.taking_in.cell import Cell
from functional_course.grading.taking_in.roles import Role
from functional_course.rubric import MIME_TYPE
from functional_course.rubric.hidden import begin_hidden, hidden_begun
from functional_course.rubric.wording import LEFT_OUT

import pytest


def said(title: str, message: str = "", left_out: bool = False) -> dict[str, object]:
    earned = 0 if message else 1
    text = f"{'✗' if message else '✓'} {earned}/1  {title}" + (f": {message}" if message else "") + "\n"
    return {"text": text, "title": title, "points": 1, "earned": earned, "message": message, "left_out": left_out}


def result(verdicts) -> dict[str, object]:
    data = {"text/plain": "1", MIME_TYPE: {"verdicts": verdicts}, "text/html": "marzipan"}
    return {"output_type": "execute_result", "data": data, "metadata": {"marzipan": 1}, "execution_count": 1}


def test_only_what_rubrics_said_and_what_is_scored_stays():
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": "marzipan\n✗ 0/1  one: not so\n"},
        {"output_type": "stream", "name": "stderr", "text": "marzipan"},
        {"output_type": "display_data", "data": {"text/plain": "marzipan"}, "metadata": {}},
        {"output_type": "execute_result", "data": {"text/plain": "'marzipan'"}, "metadata": {}},
        result([]),
        {"output_type": "error", "ename": "ValueError", "evalue": "marzipan", "traceback": ["marzipan"]},
    ]
    made = discreet_outputs(outputs, [said("one", "not so")])
    assert "marzipan" not in str(made)
    assert [each["output_type"] for each in made] == ["stream", "stream", "execute_result", "error"]
    # nbgrader scores by the result, and gives no points to a cell with stderr or an error.
    assert [made[1]["name"], made[2]["data"]["text/plain"], made[3]["evalue"]] == ["stderr", "1", STOPPED]
    assert "ValueError" not in str(made)


def test_messages_of_the_same_verdicts_are_put_back():
    short = f"not so ({LEFT_OUT})"
    first = [said("one", "found 3"), said("two", short, True), said("two", short, True), said("four")]
    first += [said("five", short, True), said("six", short, True)]
    second = [said("one", "found 4"), said("two", "found 5"), said("two", "found 6"), said("five"), said("four")]
    outputs = discreet_outputs([result([{**each} for each in first])], first)
    made = put_back(outputs, first, second)
    text = made[0]["text"]
    assert [line.partition("  ")[2] for line in text.splitlines()] == [
        "one: found 3",
        "two: found 5",
        "two: found 6",
        "four",
        f"five: {short}",  # there it passed: what it found is something else
        f"six: {short}",
    ]
    messages = [verdict["message"] for verdict in made[1]["data"][MIME_TYPE]["verdicts"]]
    assert messages == ["found 3", "found 5", "found 6", "", short, short]
    assert kept_back({3: first, 5: [said("x", "found 3")], 7: [said("y", "", True)]}) == [3]


def test_the_second_execution_has_the_released_tests_that_are_asked_and_all_other_cells():
    cells = [
        Cell(0, Role.GIVEN, "np.random.seed(0)", 1),
        Cell(1, Role.ANSWER, "mine = x", 1, name="`one`"),
        Cell(2, Role.TEST, "assert mine, hidden", 1, name="`test-one`", released="assert mine"),
        Cell(3, Role.TEST, "tolerance = hidden", 1, name="`test-more`", released="tolerance = 3"),
        Cell(4, Role.TEST, "assert hidden", 1, name="`test-two`", released="assert mine < tolerance"),
        Cell(5, Role.GIVEN, "y = 2", 1),
        Cell(6, Role.TEST, "assert hidden", 1, name="`test-three`", released="assert y"),
    ]
    assert [cell.source for cell in released_cells(cells, [2])] == ["np.random.seed(0)", "mine = x", "assert mine"]
    assert [cell.index for cell in released_cells(cells, [4])] == [0, 1, 3, 4]
    assert [cell.index for cell in released_cells(cells, [2, 6])] == [0, 1, 2, 5, 6]


@pytest.mark.parametrize(
    ("kept", "answer", "given"),
    [
        (False, "mine = base", ""),
        (True, "mine = shown + base", ""),
        (True, "mine = 1 if shown", ""),  # no Python
        (True, "mine = globals()['shown']", ""),
        (False, "mine = 1 if base", ""),
        (True, "mine = base", "other = shown"),
        (False, "mine = base", "draw(shown)"),
    ],
)
def test_what_only_shows_something_is_not_executed_again(kept: bool, answer: str, given: str):
    cells = [
        Cell(0, Role.GIVEN, "base = 1", 1),
        Cell(1, Role.GIVEN, "shown = base", 1, only_shows=True, judged=False),
        Cell(2, Role.GIVEN, given, 1, judged=False),
        Cell(3, Role.ANSWER, answer, 1),
        Cell(4, Role.TEST, "assert hidden", 1, released="assert mine"),
    ]
    assert [cell.index for cell in released_cells(cells, [4])] == [0, *([1] if kept else []), 2, 3, 4]
    told = [replace(cell, judged=True) if cell.only_shows else cell for cell in cells]
    assert [cell.index for cell in released_cells(told, [4])] == [0, 1, 2, 3, 4]


def test_where_nobody_can_tell_what_a_test_makes_it_is_asked_too():
    cells = [
        Cell(0, Role.TEST, "assert hidden", 1, name="`test-one`", released="from numpy import *"),
        Cell(1, Role.TEST, "assert hidden", 1, name="`test-two`", released="assert x"),
        Cell(2, Role.TEST, "assert hidden", 1, name="`test-three`", released="assert mine"),
    ]
    assert [cell.index for cell in released_cells(cells, [2])] == [0, 2]


@pytest.mark.parametrize(
    "source",
    [
        "told.append(hidden_begun())\n### BEGIN HIDDEN TESTS\ntold.append(hidden_begun())\n### END HIDDEN TESTS",
        "told.append(hidden_begun())\nif told:\n    ### BEGIN HIDDEN TESTS\n    told.append(hidden_begun())",
        "told.append(hidden_begun())\n### BEGIN HIDDEN TESTS\n### END HIDDEN TESTS\ntold.append(hidden_begun())",
    ],
)
def test_a_hidden_part_says_that_it_begins(source: str):
    told: list[int] = []
    marked = with_hidden_marked(source)
    exec(marked, {"told": told, "hidden_begun": hidden_begun})
    assert told[1] == told[0] + 1
    assert len(marked.splitlines()) == len(source.splitlines())


@pytest.mark.parametrize(
    "source",
    ["text = '''\n### BEGIN HIDDEN TESTS'''", "x = [1,\n### BEGIN HIDDEN TESTS\n2]", "y = 1 # BEGIN HIDDEN TESTS"],
)
def test_where_no_statement_can_stand_the_whole_test_is_hidden(source: str):
    before = hidden_begun()
    exec(with_hidden_marked(source), {})
    assert hidden_begun() == before + 1


def test_other_texts_stay_as_they_are():
    for source in ("x = 1", "### BEGIN SOLUTION\nx = 1", ""):
        assert with_hidden_marked(source) == source
    begin_hidden()


def test_asking_a_learners_side_for_nothing_hidden_tells_it_nothing(learner):
    from functional_course.rubric.hidden import begin_hidden

    import keras

    peer, model = learner
    assert not peer.heard
    peer.request("call", [model, (1,), {}])
    assert not peer.heard  # no hidden test has begun
    begin_hidden()
    layer = keras.layers.Dense(1)
    layer.build((None, 1))
    peer.request("enter", 0)
    assert not peer.heard
    peer.request("sync", [layer])  # its weights go along
    assert peer.heard


@pytest.fixture
def learner():
    """A peer whose other side answers whatever it is asked, and the key of a function there."""
    import socket
    import threading

    from functional_course.boundary.judging_peer import JudgingPeer
    from functional_course.boundary.wire import BoundaryError, Channel
    from functional_course.grading.judging.discretion import since_hidden

    ours, theirs = socket.socketpair()
    other = Channel(theirs)

    def answer() -> None:
        try:
            while True:
                other.receive()
                other.send({"kind": "answer", "value": None})
        except BoundaryError:
            return

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    yield JudgingPeer(Channel(ours), since_hidden()), "L1"
    ours.close()
    thread.join(timeout=10)
