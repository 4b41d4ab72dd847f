"""Classes in which some texts are meant to be too much for the grader: the others are graded, and who it was is said.

Nothing is executed here: the results of right answers stand in for it.
"""

from __future__ import annotations

import ast
import html
import json
import re
import resource
import time
from pathlib import Path

from functional_course.grading.gradebook.scoring import Scorer
from functional_course.grading.judging.result import Result
from functional_course.grading.running import handling, one_by_one
from functional_course.grading.running.apart import Apart, Limits
from functional_course.grading.running.pieces import Finish, TakeIn, from_json
from functional_course.grading.running.run import Run

import pytest
from jinja2 import Environment
from small_course import ASSIGNMENT, POINTS, hand_in, make_course


class RightAnswers:
    """An executor that finds every answer right, and has each learner's cell show something."""

    workers = 1

    def __init__(self, shown: str = "shown") -> None:
        self.shown = shown

    def run(self, jobs):
        for key, job in jobs:
            result = {"output_type": "execute_result", "data": {"text/plain": "3"}, "metadata": {}}
            shown = {"output_type": "stream", "name": "stdout", "text": self.shown}
            outputs = {cell.index: [result if cell.role == "test" else shown] for cell in job.cells}
            yield key, Result(outputs=outputs, seconds=1.0)

    def close(self):
        """Nothing to close."""


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return make_course(tmp_path / "course")


def graded(course: Path, executor: RightAnswers | None = None):
    """Grade everybody; returns the rows by student."""
    grading = Run(course, ASSIGNMENT)
    grading.prepare()
    report = grading.grade(executor or RightAnswers(), grading.assignment.students())
    return {row.student: row for row in report.rows}


def page(course: Path, student: str) -> str:
    text = (course / "feedback" / student / ASSIGNMENT / "small.html").read_text(encoding="utf-8")
    return html.unescape(re.sub(r"<[^>]+>", "", text.partition("<body")[2]))


HEAVY = {
    "blank lines": "total = 42\n" + "\n" * 60_000 + "total",
    "lines of blanks": "total = 42\n" + "   \n" * 20_000 + "total",
    "tabs": "total = 42\n" + "\t\n\t\t\n" * 10_000 + "total",
    "form feeds": "total = 42\n" + "\f\n" * 20_000 + "total",
    "one long line": "total = 42 #" + " x" * 200_000,
    "brackets": "total = " + "(" * 50_000 + "42" + ")" * 50_000,
    "quotes": "total = 42\n" + "'\"" * 50_000,
    "percent signs": "total = 42\n" + "%" * 100_000,
    "backslashes": "total = 42\n" + "\\\n" * 50_000,
    "many blank stretches": "total = 42\n" + ("\n" * 250 + "x\n") * 200,
    "question marks": "total = 42\n" + "x?" * 50_000 + "\n",
    "magics": "total = 42\n" + "%%bash\n" * 5_000,
}


def test_heavy_answers_get_a_page_and_cost_the_run_itself_next_to_nothing(course: Path):
    for student, answer in HEAVY.items():
        hand_in(course, student, {"total": answer, "twice": "def twice(number):\n    return 2 * number"})
    hand_in(course, "zoe")
    # What a browser's editor may do to a folder: one notebook again and again, each of them full of marks.
    again = json.dumps({"cells": [{"cell_type": "code", "source": "x", "metadata": {"m": [[]] * 60_000}}] * 10})
    for number in range(12):
        (course / "submitted" / "zoe" / ASSIGNMENT / f"small ({number}).ipynb").write_text(again)
    prepared = Run(course, ASSIGNMENT)
    prepared.prepare()
    before, most = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    rows = graded(course)
    spent = time.process_time() - before
    assert {row.points for row in rows.values()} == {POINTS}
    for student in HEAVY:
        assert "shown" in page(course, student)
    assert spent < 0.4 * len(rows)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - most < 100_000  # KiB


def test_pages_become_simpler_until_they_can_be_made(course: Path, monkeypatch: pytest.MonkeyPatch):
    make = Scorer.feedback
    too_much = {"ann": (), "bob": ("",), "eve": ("", "plain"), "kim": ("", "plain", "bare")}

    def heavy(self, student, style=""):
        while style in too_much[student]:
            pass
        make(self, student, style)

    for student in too_much:
        hand_in(course, student, {"total": "total = 40 + 2  # mine", "twice": "def twice(x):\n    return 2 * x"})
    with monkeypatch.context() as patched:
        patched.setattr(Scorer, "feedback", heavy)
        patched.setattr(one_by_one, "PAGES", [(style, Limits(cpu_seconds=2)) for style, _ in one_by_one.PAGES])
        rows = graded(course, RightAnswers("shown " + "z" * 50_000))
    assert {student: row.points for student, row in rows.items()} == {
        "ann": POINTS, "bob": POINTS, "eve": POINTS, "kim": None,
    }  # fmt: skip
    said = {student: [repair.teacher for repair in row.repairs] for student, row in rows.items()}
    assert said["ann"] == []
    assert "without colours" in said["bob"][0] and "2 s of processor time" in said["bob"][0]
    assert "without the learner's own cells" in said["eve"][0]
    assert "could not" in said["kim"][-1]
    pages = {student: page(course, student) for student in ("ann", "bob", "eve")}
    assert all("total = 40 + 2" in pages[student] for student in ("ann", "bob"))
    assert "z" * 50_000 in pages["ann"] and "z" * 50_000 not in pages["bob"] and "z" * 19_000 in pages["bob"]
    assert "total = 40 + 2" not in pages["eve"] and "zzz" not in pages["eve"] and "is left out here" in pages["eve"]
    # With the fault gone, the one without pages is scored from what was executed.
    assert {row.points for row in graded(course).values()} == {POINTS}


@pytest.mark.parametrize("step", ["take_in", "score"])
def test_what_cannot_be_taken_in_or_scored_is_named_and_the_class_goes_on(
    course: Path, monkeypatch: pytest.MonkeyPatch, step: str
):
    for student in ("ann", "bob", "eve"):
        hand_in(course, student)
    place = handling.Handling
    do = getattr(place, step)

    def heavy(self, piece):
        hoard = []
        while piece.student == "bob":
            hoard.append(bytearray(10_000_000))
        return do(self, piece)

    with monkeypatch.context() as patched:
        patched.setattr(place, step, heavy)
        rows = graded(course)
    assert {student: row.points for student, row in rows.items()} == {"ann": POINTS, "bob": None, "eve": POINTS}
    assert "1,024 MiB of memory" in rows["bob"].repairs[-1].teacher
    assert {row.points for row in graded(course).values()} == {POINTS}


def test_a_submission_costs_two_processes_and_nothing_is_loaded_for_each(course: Path, monkeypatch: pytest.MonkeyPatch):
    hand_in(course, "ann")
    grading = Run(course, ASSIGNMENT)
    grading.prepare()
    asked, ask = [], Apart.__call__

    def listened(self, piece, limits=None):
        asked.append(type(from_json(piece)))
        return ask(self, piece, limits)

    monkeypatch.setattr(Apart, "__call__", listened)
    grading.grade(RightAnswers(), ["ann"])
    assert asked == [TakeIn, Finish]
    # What the process that all others are forked from has done once:
    work = handling.Handling(grading.assignment)
    work.prepare()
    monkeypatch.setattr(Environment, "compile", lambda *_, **__: pytest.fail("a template is compiled once more"))
    monkeypatch.setattr(ast, "parse", lambda *_, **__: pytest.fail("the teacher's cells are read once more"))
    work.prepare()


def _notebook(cells: list[dict], **more: object) -> str:
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **more})


def test_files_that_are_too_much_are_named_and_the_class_goes_on_quickly(course: Path):
    right = hand_in(course, "ann") / "small.ipynb"
    whole = json.loads(right.read_text())
    code = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": "x = 1"}
    shown = {"output_type": "stream", "name": "stdout", "text": "y" * 50_000_000}
    deep = '{"a":' * 50_000 + "1" + "}" * 50_000
    files = {
        "output": (_notebook([{**code, "outputs": [shown]}, *whole["cells"]]), "has more than 20 MB"),
        "code": (_notebook([*whole["cells"], {**code, "source": "z = 1\n" * 2_500_000}]), "left out"),
        "cells": (_notebook([*whole["cells"], *[{"cell_type": "code", "source": "x"}] * 200_000]), "has 200,006 cells"),
        "values": ('{"cells": [' + "[]," * 3_000_000 + "[]]}", "has more than 2,000,000 values"),
        "deep": ('{"cells": ' + "[" * 100_000 + "]" * 100_000 + "}", "nested too deeply"),
        "deep_elsewhere": (_notebook(whole["cells"])[:-1] + f', "x": {deep}}}', "nested too deeply"),
        "number": (_notebook(whole["cells"])[:-1] + ', "x": ' + "9" * 10_000_000 + "}", ""),
        "highlight": (_notebook([*whole["cells"], {**code, "source": "x = 1" + " \n" * 400_000 + "x"}]), ""),
    }
    for student, (text, _) in files.items():
        (hand_in(course, student) / "small.ipynb").write_text(text)
    hand_in(course, "zoe")
    grading = Run(course, ASSIGNMENT)
    grading.prepare()
    began = time.process_time(), resource.getrusage(resource.RUSAGE_CHILDREN)
    report = grading.grade(RightAnswers(), grading.assignment.students())
    spent, children = time.process_time() - began[0], resource.getrusage(resource.RUSAGE_CHILDREN)
    rows = {row.student: row for row in report.rows}
    assert {rows[student].points for student in ("ann", "zoe")} == {POINTS}
    assert not rows["ann"].repairs and not rows["zoe"].repairs
    for student, (_, said) in files.items():
        told = " ".join(repair.teacher for repair in rows[student].repairs)
        assert rows[student].points is not None and said in told, (student, told)
    assert spent < 0.3 * len(rows)
    assert children.ru_utime + children.ru_stime - began[1].ru_utime - began[1].ru_stime < 2 * len(rows)
