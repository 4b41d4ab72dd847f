"""What a run remembers is read as it was written, and what is damaged or of another shape says nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from functional_course.grading.judging.result import Provisional, Result
from functional_course.grading.reporting.report import RUBRIC, Criterion, Row, TaskResult
from functional_course.grading.running.ledger import Graded, Ledger
from functional_course.grading.running.submission import Submission
from functional_course.grading.taking_in.cell import Cell
from functional_course.grading.taking_in.repairs import noted
from functional_course.grading.taking_in.roles import Role

import pytest

FOUND = noted("missing", "small")
CRITERIA = (Criterion("a sum", True, ""), Criterion("a product", False, "found 3", hidden=True))
GRADED = Graded(
    digest="d1",
    handed_in="h1",
    basis={"Keras": "3.12.0"},
    states={"small": "read"},
    row=Row("ann", 3.0, 6.0, 1.5, "graded", (FOUND,), late=1.0, waiting=1),
    results=(
        TaskResult("small", "test-total", 1.0, 3.0, CRITERIA, kind=RUBRIC, judged=1.0, seconds=0.25),
        TaskResult("small", "test-twice", None, 3.0, stopped="NameError: x", waits="by hand"),
    ),
    feedback=False,
)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path)


def test_what_is_remembered_is_read_again(ledger: Ledger):
    assert ledger.graded("ann") is None and ledger.basis("ann") is None and not ledger.has("ann")
    ledger.remember("ann", GRADED)
    assert ledger.graded("ann") == GRADED and ledger.basis("ann") == GRADED.basis and ledger.has("ann")
    paged = GRADED.with_feedback((FOUND,))
    assert paged.feedback and paged.row.repairs == (FOUND, FOUND) and paged.results == GRADED.results
    assert list(GRADED.by_cell) == [("small", "test-total"), ("small", "test-twice")]


def without(*names: str) -> dict[str, Any]:
    return {name: each for name, each in GRADED.as_json().items() if name not in names}


@pytest.mark.parametrize(
    "damaged",
    [
        "", "{", "[]", "{}",
        json.dumps(without("row")), json.dumps(without("results")), json.dumps(without("feedback")),
        json.dumps({**without(), "feedback": "yes"}),
        json.dumps({**without(), "row": {"student": "ann", "repairs": []}}),
        json.dumps({**without(), "row": {**without()["row"], "colour": "red"}}),
        json.dumps({**without(), "results": [{"notebook": 1}]}),
        json.dumps({**without(), "results": [{**without()["results"][0], "stopped": 3}]}),
        json.dumps({**without(), "results": [{**without()["results"][0], "seconds": "soon"}]}),
        json.dumps({**without(), "basis": [1]}),
    ],
)  # fmt: skip
def test_what_is_damaged_or_of_another_shape_is_not_known(ledger: Ledger, damaged: str):
    ledger.remember("ann", GRADED)
    (ledger.work / "graded" / "ann.json").write_text(damaged)
    assert ledger.graded("ann") is None
    assert ledger.has("ann")


def test_an_earlier_run_left_out_on_what_its_verdicts_rest(ledger: Ledger):
    ledger.remember("ann", GRADED)
    (ledger.work / "graded" / "ann.json").write_text(json.dumps(without("basis", "states", "handed_in")))
    found = ledger.graded("ann")
    assert found is not None and (found.basis, found.states, found.handed_in) == ({}, {}, "")
    assert ledger.basis("ann") == {}  # which has it judged again, with the reason
    (ledger.work / "graded" / "ann.json").write_text('{"basis": {"Keras": "3.11.0"}}')
    assert ledger.graded("ann") is None and ledger.basis("ann") == {"Keras": "3.11.0"}


def test_which_submission_was_graded_is_known_of_a_record_of_another_shape_too(ledger: Ledger):
    """Or every point that a teacher gave would wait for the teacher again."""
    assert ledger.handed_in("ann") is None
    ledger.remember("ann", GRADED)
    (ledger.work / "graded" / "ann.json").write_text(json.dumps({**without("row"), "more": 1}))
    assert ledger.graded("ann") is None and ledger.handed_in("ann") == "h1"


def test_what_was_executed_counts_under_the_same_key_alone(ledger: Ledger):
    outputs = {0: [], 3: [{"output_type": "stream"}]}
    waits = {3: Provisional(1.0, 0.5)}
    result = Result(outputs, {0: "it ended"}, seconds=2.0, ended_by="wall", provisional=waits, taken={0: 0.25})
    assert ledger.executed("ann", "small", "d1") is None
    ledger.store("ann", "small", "d1", result)
    assert ledger.executed("ann", "small", "d1") == result == ledger.just_executed("ann", "small")
    assert ledger.executed("ann", "small", "d2") is None and ledger.executed("bob", "small", "d1") is None
    (ledger.work / "executed" / "ann" / "small.json").write_text('{"key": "d1", "result": {"outputs": 3}}')
    assert ledger.executed("ann", "small", "d1") is None


def test_the_release_is_made_anew_when_a_part_of_it_changes(ledger: Ledger):
    assert not ledger.made_from({"the package": "a"})
    ledger.make_from({"the package": "a"})
    assert ledger.made_from({"the package": "a"}) and not ledger.made_from({"the package": "b"})
    (ledger.work / "generated.json").write_text("{")
    assert not ledger.made_from({"the package": "a"})


def test_a_submission_passes_between_processes_as_it_is():
    cells = (Cell(0, Role.GIVEN, "x = 1", 9, ("x",)), Cell(2, Role.TEST, "assert x", 9, points=2.0, in_place=("x",)))
    taken = Submission("ann", "d", "h", (FOUND,), {"small": "read"}, {"small": cells}, {"small": {2: {"grade": True}}})
    assert Submission.from_json(json.loads(json.dumps(taken.as_json()))) == taken
