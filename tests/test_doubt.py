"""When a verdict is in doubt, branch by branch, and what a second one makes of it: without a sandbox."""

from __future__ import annotations

import contextlib
import socket
import textwrap
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from functional_course.boundary.values import Opaque
from functional_course.boundary.wire import BoundaryError, Channel
from functional_course.grading.judging.degrees import DOUBTFUL, LENIENT, UNJUDGED
from functional_course.grading.judging.doubt import Doubts
from functional_course.grading.judging.provisional import provisional_points
from functional_course.grading.judging.result import Provisional
from functional_course.grading.taking_in.cell import Cell
from functional_course.grading.taking_in.roles import Role
from functional_course.rubric import MIME_TYPE, doubting

import keras
import pytest


@pytest.fixture
def peer() -> SimpleNamespace:
    """What doubts ask of the boundary."""
    return SimpleNamespace(changed=0, channel=SimpleNamespace(broken=False))


@pytest.fixture
def doubts(peer: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Doubts]:
    monkeypatch.setattr(doubting, "_watch", doubting._watch)
    monkeypatch.setattr(Opaque, "met", 0)
    monkeypatch.setattr(Opaque, "lost", 0)
    found = Doubts(peer)
    found.asked_for(["answer", "other"])
    return found


def raised(act: Callable[[], object]) -> BaseException | None:
    try:
        act()
    except BaseException as error:  # whatever a test may end with
        return error
    return None


def of_the_boundary(source: str) -> types.FunctionType:
    """A function as if it stood in the package of the boundary."""
    names: dict[str, Any] = {"__name__": "functional_course.boundary.made_up"}
    exec(source, names)
    return names["f"]


def raise_(error: BaseException) -> Callable[[], object]:
    def act() -> None:
        raise error

    return act


def _asking_an_opaque() -> None:
    with contextlib.suppress(BoundaryError):
        Opaque("Figure").attribute  # noqa: B018  (asking is what counts)


def _hiding_the_cause() -> None:
    try:
        raise BoundaryError("too large")
    except BoundaryError:
        raise ValueError("no model") from None


def _of_the_answer() -> None:
    error = ValueError("the answer's own")
    error.of_the_answer = True
    raise error


def _long_chain() -> None:
    error: BaseException = ValueError("last")
    for _ in range(200):
        following = ValueError("one of many")
        following.__cause__ = error
        error = following
    error.__cause__.__context__ = error  # in a circle
    raise error


INSIDE = of_the_boundary("def f():\n    raise TypeError('a stand-in takes no such argument')")
ASSERTS_INSIDE = of_the_boundary("def f():\n    assert False")

ENDS = {
    # By what happens in a criterion: the act, and the doubt there is about it.
    "it passes": (lambda: None, ""),
    "it passes, having asked what did not come across": (_asking_an_opaque, UNJUDGED),
    "a wrong value": (raise_(AssertionError("found 3")), ""),
    "an error of the boundary": (raise_(BoundaryError("too large")), UNJUDGED),
    "an error of the boundary, hidden by another": (_hiding_the_cause, UNJUDGED),
    "an error of the answer": (_of_the_answer, ""),
    "it took too long": (raise_(KeyboardInterrupt()), ""),
    "the answer asked to exit": (raise_(SystemExit()), ""),
    "an error inside what stands for the answer": (INSIDE, DOUBTFUL),
    "an assertion there": (ASSERTS_INSIDE, DOUBTFUL),
    "an answer is missing": (raise_(NameError("no", name="answer")), ""),
    "another name is missing": (raise_(NameError("no", name="helper")), DOUBTFUL),
    "a name of Python's is used wrongly": (raise_(NameError("no", name="print")), ""),
    "a file is missing": (raise_(FileNotFoundError("data.csv")), DOUBTFUL),
    "any other error": (raise_(TypeError("no len()")), ""),
    "errors without an end": (_long_chain, ""),
}


@pytest.mark.parametrize("what", ENDS)
def test_each_end_of_a_criterion_has_its_doubt(doubts: Doubts, what: str):
    act, doubt = ENDS[what]
    doubts.enter("assert answer == 3", {"answer": 3})
    about = doubts.begin()
    assert about(raised(act)) == doubt


def in_a_statement(source: str, error: BaseException) -> BaseException | None:
    """The error as it comes out of a statement of a test, which a kernel compiles by itself."""
    exec(
        compile(f"try:\n{textwrap.indent(source, '    ')}\nexcept BaseException: pass", "cell", "exec"),
        {"act": raise_(error)},
    )
    return error


MAKES_OWN = "act()\nown = 3"
NEEDED = f"with rubric.criterion(1, 'made'):\n    {MAKES_OWN}\nassert [each for each in (own, helper, answer)]"


def test_what_a_failed_criterion_would_have_made_is_as_sure_as_that_it_failed(doubts: Doubts):
    missing = raised(raise_(NameError("no", name="own")))
    for first, doubt in ((AssertionError("found 4"), ""), (BoundaryError("too large"), DOUBTFUL)):
        doubts.enter(NEEDED, {})
        assert doubts.begin()(missing) == DOUBTFUL  # nothing failed before it
        doubts.enter(NEEDED, {})
        assert doubts.begin()(None) == ""
        doubts.begin()(in_a_statement(MAKES_OWN, first))
        assert doubts.begin()(missing) == doubt
        assert doubts.begin()(raised(raise_(NameError("no", name="helper")))) == DOUBTFUL


def test_what_only_another_statement_makes_is_no_reason_to_be_sure(doubts: Doubts):
    missing = raised(raise_(NameError("no", name="each")))
    doubts.enter(NEEDED, {})
    doubts.begin()(in_a_statement(MAKES_OWN, AssertionError("found 4")))
    assert doubts.begin()(missing) == DOUBTFUL  # the failed one makes `own`, and no `each`
    doubts.enter(NEEDED, {})
    assert doubts.begin()(missing) == DOUBTFUL


def test_an_answer_that_lacks_what_a_test_makes_is_in_doubt(doubts: Doubts):
    def lacking(name: str, told: str | None) -> BaseException:
        error = NameError("no", name=told)
        error.of_the_answer, error.missing = True, name
        return error

    doubts.enter("with rubric.criterion(1, 'made'):\n    own = 5\n    assert answer() == own", {})
    for told in ("own", None):  # it is left out where a hidden criterion asks
        assert doubts.begin()(lacking("own", told)) == DOUBTFUL
        assert doubts.begin()(lacking("other", told)) == ""
    doubts.enter("import numpy as np\ndef check(x): ...\nassert answer()", {})
    for name in ("own", "np", "check"):  # of an earlier test, too
        assert doubts.begin()(lacking(name, name)) == DOUBTFUL
    assert doubts.begin()(lacking("x", "x")) == ""  # a function's own, which no answer sees in one kernel either
    failed = in_a_statement("act()\nown = 3", AssertionError())
    doubts.begin()(failed)
    assert doubts.begin()(lacking("own", "own")) == DOUBTFUL  # it isn't the test that lacks it


def test_a_cell_that_stopped_for_what_an_earlier_test_made_puts_its_answers_in_doubt(doubts: Doubts):
    doubts.stopped("name 'size' is not defined", ["other"])
    doubts.enter("size = 3\nassert answer == size", {})
    test = "assert other == 3"
    assert doubts.of(test, "", [], failed=True) is None
    for text in ("name 'length' is not defined", "size", "name 'size"):
        doubts.stopped(text, ["other"])
        assert doubts.of(test, "", [], failed=True) is None
    doubts.stopped("name 'size' is not defined", ["other"])
    assert doubts.of(test, "", [], failed=True) == {"cell": DOUBTFUL, "criteria": []}


def test_what_was_lost_on_the_way_makes_a_failure_doubtful_and_no_success(doubts: Doubts):
    Opaque.lost += 1  # in an earlier criterion: no matter
    about = doubts.begin()
    assert about(AssertionError()) == ""
    Opaque.lost += 1
    assert (about(AssertionError()), about(None)) == (DOUBTFUL, "")


def test_what_an_answer_changed_unseen_puts_all_that_follows_in_doubt(doubts: Doubts, peer: SimpleNamespace):
    about = doubts.begin()
    peer.changed += 1
    assert (about(AssertionError()), about(None)) == (DOUBTFUL, LENIENT)
    following = doubts.begin()
    assert (following(AssertionError()), following(None)) == (DOUBTFUL, LENIENT)
    assert following(BoundaryError()) == UNJUDGED


def test_where_the_other_side_was_lost_another_try_decides(doubts: Doubts, peer: SimpleNamespace):
    about = doubts.begin()
    peer.channel.broken = True
    assert (about(BoundaryError("lost")), about(None)) == ("", "")


class Mine:
    """A class of a test's."""


OURS = type("Ours", (), {"__module__": "functional_course.boundary.made_up"})
OUR_LAYER = type(
    "OurLayer", (keras.layers.Layer,), {"__module__": OURS.__module__, "call": lambda self, given: given + 1}
)


def _model(layer: keras.layers.Layer) -> keras.Model:
    given = keras.Input((2,))
    return keras.Model(given, layer(given))


STANDING = {
    # By what a name stands for: whether it stands for something of the other side.
    "a number": (lambda: 3, False),
    "a function of a test": (lambda: raised, False),
    "a function across the boundary": (lambda: INSIDE, True),
    "an object of the boundary": (OURS, True),
    "a class of the boundary": (lambda: OURS, True),
    "an object of a test's class": (Mine, False),
    "a list with one": (lambda: [1, (2, OURS())], True),
    "a dict with one": (lambda: {"a": {"b": OURS()}}, True),
    "a list without": (lambda: [1, {"a": 2}], False),
    "a model of Keras's layers": (lambda: _model(keras.layers.Dense(2)), False),
    "a model with a recorded layer": (lambda: _model(OUR_LAYER()), True),
    "a layer of Keras": (lambda: keras.layers.Dense(2), False),
}


@pytest.mark.parametrize("what", STANDING)
def test_an_error_of_pythons_is_doubtful_where_the_test_meets_a_stand_in(doubts: Doubts, what: str):
    make, stands = STANDING[what]
    doubts.enter("len(answer)", {"answer": make(), "other": 1})
    about = doubts.begin()
    assert about(TypeError("no len()")) == (DOUBTFUL if stands else "")
    assert about(AssertionError()) == ""
    doubts.enter("len(unasked)", {"unasked": make()})
    assert about(TypeError("no len()")) == ""


REACHING = {
    # By a test that failed: whether it asks for more than what stands for the answers can give.
    "assert answer == 3": False,
    "assert unrelated == 3": False,
    "import inspect\nassert 'for' not in inspect.getsource(answer)": True,
    "from inspect import signature as s\nassert answer and s": False,
    "assert answer.__code__.co_argcount == 2": True,
    "assert answer.__doc__": True,
    "assert type(answer).__name__ == 'int'": False,
    "assert answer.__class__ is int": False,
    "assert 'answer' in globals() and answer": True,
    "assert In and answer": True,
    "from unittest import mock\nwith mock.patch('builtins.print'):\n    answer()": True,
    "import random\nrandom.seed(0)\nassert answer() == 1": True,
    "seed = 3\nassert answer(seed) == 1": False,
    "import os\nassert os.path.exists('out.txt'), answer": True,
    "import pathlib\nassert pathlib.Path('out.txt').is_file(), answer": True,
    "answer = lambda: 1\nassert other() == 1": True,
    "del answer\nassert other() == 1": True,
    "for answer in (1, 2):\n    assert other() == answer": True,
    "def answer():\n    return 1\nassert other() == 1": True,
    "def f():\n    global answer\n    answer = 1\nassert other() == 1": True,
    "def f():\n    answer = other()\n    return answer\nassert f() == 1": False,
    "assert [answer for answer in other()] == [1]": False,
    "math.pi = 3\nassert answer == 3": True,
    "del math.pi\nassert answer == 3": True,
    "math.table['a'] = 3\nassert answer == 3": True,
    "local = 3\nlocal_list[0] = 3\nassert answer == local": False,
    "%matplotlib inline\nanswer()\ninspect.getsource(answer)": True,
    "this is no Python, answer": False,
}


@pytest.mark.parametrize("source", REACHING)
def test_a_failing_test_that_reaches_into_the_kernel_is_doubtful(doubts: Doubts, source: str):
    import math

    doubts.enter(source, {"math": math, "local_list": [1]})
    assert doubts.of(source, "", [], failed=True) == ({"cell": DOUBTFUL, "criteria": []} if REACHING[source] else None)
    # All points leave nothing to doubt; a number may be less than all.
    assert doubts.of(source, "", [], failed=False) is None
    number = [{"output_type": "execute_result", "data": {"text/plain": "0.5"}}]
    assert bool(doubts.of(source, "", number, failed=False)) == REACHING[source]


def test_what_came_in_part_only_makes_its_tests_doubtful(doubts: Doubts):
    doubts.bound("answer", whole=False)
    doubted = {"cell": DOUBTFUL, "criteria": []}
    assert doubts.of("assert answer", "", [], failed=True) == doubted
    assert doubts.of("assert other", "", [], failed=True) is None
    doubts.bound("answer", whole=True)  # by a later cell
    assert doubts.of("assert answer", "", [], failed=True) is None


def test_what_answers_change_in_place_makes_a_failing_test_of_it_doubtful(doubts: Doubts):
    doubts.enter("assert data == [1]", {"data": [2]}, ["data"])
    assert doubts.of("assert data == [1]", "", [], failed=True) == {"cell": DOUBTFUL, "criteria": []}
    assert doubts.of("assert data == [1]", "", [], failed=False) is None
    doubts.enter("assert data == [1]", {"data": [2]})
    assert doubts.of("assert data == [1]", "", [], failed=True) is None


def test_criteria_are_in_doubt_one_by_one(doubts: Doubts):
    def result(*verdicts: dict[str, Any]) -> list[dict[str, Any]]:
        return [{"output_type": "execute_result", "data": {"text/plain": "1", MIME_TYPE: {"verdicts": verdicts}}}]

    right, wrong = {"points": 1, "earned": 1}, {"points": 2, "earned": 0}
    assert doubts.of("answer", "", result(right, wrong), failed=False) is None
    told = doubts.of("answer", LENIENT, result(right, {**wrong, "doubt": UNJUDGED}), failed=False)
    assert told == {"cell": "", "criteria": [[1, 1, ""], [2, 0, UNJUDGED]]}
    told = doubts.of("answer.__code__", "", result(right, wrong, {**right, "doubt": LENIENT}), failed=False)
    assert told == {"cell": "", "criteria": [[1, 1, ""], [2, 0, DOUBTFUL], [1, 1, LENIENT]]}
    # A test that ended with an error gave no verdicts.
    assert doubts.of("answer", UNJUDGED, result(right), failed=True) == {"cell": UNJUDGED, "criteria": []}


# --- the second run ---------------------------------------------------------------------------------------------------


def side_that_says(*messages: dict[str, Any]):
    """Stands for the process of the second run."""

    def start(folder: str, theirs: socket.socket) -> SimpleNamespace:
        assert Path(folder).is_dir()
        own = theirs.dup()
        channel = Channel(own)
        for message in messages:
            channel.send(message)
        own.shutdown(socket.SHUT_WR)
        return SimpleNamespace(end=lambda: None, close=lambda: None, channel=channel)

    return start


def shown(points: float | None, *, error: bool = False) -> list[dict[str, Any]]:
    if error:
        return [{"output_type": "error", "ename": "E", "evalue": "", "traceback": []}]
    return [] if points is None else [{"output_type": "execute_result", "data": {"text/plain": f"{points:g}"}}]


def settled(doubt: dict[str, Any], first: list[dict[str, Any]], *second: dict[str, Any]) -> Provisional | None:
    """What becomes of one test of four points."""
    test = Cell(5, Role.TEST, "", 1, points=4.0)
    return provisional_points(side_that_says(*second), [test], {5: doubt}, {5: first}, 5.0).get(5)


def cell(word: str) -> dict[str, Any]:
    return {"cell": word, "criteria": []}


def criteria(*each: tuple[float, float, str]) -> dict[str, Any]:
    return {"cell": "", "criteria": [list(one) for one in each]}


def says(points: Any, *criteria: Any, test: Any = 5) -> dict[str, Any]:
    return {"test": test, "cell": points, "criteria": list(criteria)}


FAILED, FULL = shown(0, error=True), shown(None)
ONE = (1, 1, "")
TWO = (ONE, (3, 0, DOUBTFUL))

SETTLED = {
    "unjudged, right": (cell(UNJUDGED), FAILED, [says(None)], Provisional(4, 0)),
    "unjudged, wrong": (cell(UNJUDGED), FAILED, [says(0.0)], Provisional(0, 0)),
    "unjudged, part": (cell(UNJUDGED), FAILED, [says(1.239)], Provisional(1.2, 0)),
    "unjudged, no word": (cell(UNJUDGED), FAILED, [], Provisional(0, 0)),
    "unjudged, too much": (cell(UNJUDGED), FAILED, [says(1e9)], Provisional(4, 0)),
    "unjudged, less than nothing": (cell(UNJUDGED), FAILED, [says(-3)], Provisional(0, 0)),
    "unjudged, no number": (cell(UNJUDGED), FAILED, [says(True)], Provisional(0, 0)),
    "unjudged, a text": (cell(UNJUDGED), FAILED, [says("4")], Provisional(0, 0)),
    "unjudged, of another test": (cell(UNJUDGED), FAILED, [says(None, test=6)], Provisional(0, 0)),
    "unjudged, of no test": (cell(UNJUDGED), FAILED, [says(None, test="5")], Provisional(0, 0)),
    "doubtful, right": (cell(DOUBTFUL), FAILED, [says(None)], Provisional(4, 0)),
    "doubtful, more": (cell(DOUBTFUL), shown(1), [says(3)], Provisional(3, 1)),
    "doubtful, the same": (cell(DOUBTFUL), shown(1), [says(1)], None),
    "doubtful, less": (cell(DOUBTFUL), shown(2), [says(1)], None),
    "doubtful, no word": (cell(DOUBTFUL), shown(2), [], Provisional(2, 2)),
    "lenient, right": (cell(LENIENT), FULL, [says(None)], None),
    "lenient, nearly": (cell(LENIENT), shown(3.999), [says(3.999)], None),
    "lenient, wrong": (cell(LENIENT), FULL, [says(0.0)], Provisional(0, 0)),
    "lenient, more": (cell(LENIENT), shown(2), [says(3)], Provisional(3, 2)),
    "lenient, no word": (cell(LENIENT), FULL, [], Provisional(4, 0)),
    "criteria, right": (criteria(*TWO), shown(1), [says(4, 1, 3)], Provisional(4, 1)),
    "criteria, wrong": (criteria(*TWO), shown(1), [says(1, 1, 0)], None),
    "criteria, in part": (criteria(*TWO), shown(1), [says(3, 1, 2)], None),
    "criteria, too few": (criteria(*TWO), shown(1), [says(4, 1)], None),
    "criteria, none": (criteria(*TWO), shown(1), [{**says(4), "criteria": 7}], None),
    "criteria, no word": (criteria(*TWO), shown(1), [], Provisional(1, 1)),
    "criteria, too much": (criteria(*TWO), shown(1), [says(99, 99, 99)], Provisional(4, 1)),
    "criteria, not a number": (criteria(*TWO), shown(1), [says(4, 1, float("nan"))], None),
    "criteria, unjudged, wrong": (criteria(ONE, (3, 0, UNJUDGED)), shown(1), [says(1, 1, 0)], Provisional(1, 1)),
    "criteria, judged and lost": (criteria(ONE, (3, 0, UNJUDGED)), shown(1), [says(0, 0, 0)], Provisional(1, 1)),
    "criteria, lenient and right": (criteria(ONE, (3, 3, LENIENT)), shown(4), [says(4, 1, 3)], None),
    "criteria, lenient and wrong": (criteria(ONE, (3, 3, LENIENT)), shown(4), [says(1, 1, 0)], Provisional(1, 1)),
    "criteria, lenient, no word": (criteria(ONE, (3, 3, LENIENT)), shown(4), [], Provisional(4, 1)),
    "criteria, one up, one down": (
        criteria((1, 1, LENIENT), (3, 0, DOUBTFUL)),
        shown(1),
        [says(3, 0, 3)],
        Provisional(3, 0),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", SETTLED)
def test_of_a_second_run_only_points_within_bounds_are_taken(what: str):
    doubt, first, second, result = SETTLED[what]
    assert settled(doubt, first, *second) == result


def test_without_a_doubt_nothing_is_run_again():
    assert provisional_points(pytest.fail, [], {}, {}, 1.0) == {}


def test_a_second_run_ends_with_the_last_test_that_is_in_doubt_and_a_test_is_told_once():
    cells = [
        Cell(index, role, f"{index}", 1, points=4.0)
        for index, role in enumerate([Role.GIVEN, Role.TEST, Role.ANSWER, Role.TEST, Role.TEST])
    ]
    asked = []

    def start(folder: str, theirs: socket.socket) -> SimpleNamespace:
        channel = Channel(theirs.dup())
        channel.send(says(None, test=1))
        channel.send(says(0.0, test=1))  # what was said last counts; there is no third word
        channel.send(says(None, test=3))
        return SimpleNamespace(end=lambda: asked.append(channel.receive()[0]), close=lambda: None)

    found = provisional_points(start, cells, {1: cell(DOUBTFUL), 3: cell(UNJUDGED)}, {1: FAILED}, 5.0)
    assert found == {3: Provisional(0, 0)}
    assert [each["index"] for each in asked[0]["cells"]] == [0, 1, 2, 3]
    assert [each["role"] == "test" for each in asked[0]["cells"]] == [False, True, False, True]
