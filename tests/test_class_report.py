"""What a class says of a test: the statistics by hand, who is in them, and a class that was graded."""

from __future__ import annotations

import csv
import io
import json
import math
import warnings
from pathlib import Path

from functional_course import cli
from functional_course.class_report import showing
from functional_course.class_report.items import FEWEST, Taken, discrimination, thirds, turned_round
from functional_course.class_report.reading import ClassResults, Learner, ReportError, read_class
from functional_course.class_report.sentences import absences, suspicions
from functional_course.class_report.tasks import ChapterReport, TaskStatistics, chapter_report
from functional_course.cli import console
from functional_course.grading.judging.result import Result
from functional_course.grading.reporting.report import BY_HAND, PROVISIONAL, RUBRIC, TEST, Criterion, TaskResult
from functional_course.grading.running.run import Run
from functional_course.rubric import MIME_TYPE
from functional_course.rubric.wording import NOT_ANSWERED

import pytest
from click.testing import CliRunner
from rich.console import Console
from small_course import ANSWERS, ASSIGNMENT, hand_in, make_course

NAMES = ["ann", "bob", "cat", "dan", "eve", "fay", "gil", "hal", "ida", "joe"]


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def taken(passed: str, rest: list[float] | None = None) -> list[Taken]:
    """Learners who passed (1) or not (0), by default the weakest first."""
    rest = [place / len(passed) for place in range(len(passed))] if rest is None else rest
    return [
        Taken(f"l{place:02}", float(one), other) for place, (one, other) in enumerate(zip(passed, rest, strict=True))
    ]


# --- the statistics ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("passed", "value"),
    [
        # (mean of those who passed - mean of the others) / deviation of all * sqrt(p q), the rest being 0.0 ... 0.9,
        # whose deviation is sqrt(0.0825).
        ("0000011111", (0.7 - 0.2) / math.sqrt(0.0825) * 0.5),
        ("1111100000", (0.2 - 0.7) / math.sqrt(0.0825) * 0.5),
        ("0101010101", (0.5 - 0.4) / math.sqrt(0.0825) * 0.5),
        ("0000000001", (0.9 - 0.4) / math.sqrt(0.0825) * 0.3),
    ],
)
def test_the_point_biserial_correlation_is_that_of_the_textbook(passed: str, value: float):
    found = discrimination(taken(passed))
    assert found.value == pytest.approx(value) and (found.learners, found.why_none) == (10, "")


def test_half_a_tasks_points_are_not_a_pass():
    half = [Taken(each.who, each.share or 0.5, each.rest) for each in taken("0000011111")]
    assert discrimination(half) == discrimination(taken("0000011111"))


@pytest.mark.parametrize(
    ("made", "why"),
    [
        ([], "too few"),
        (taken("1"), "too few"),
        (taken("01" * 4 + "0"), "too few"),
        (taken("1" * FEWEST), "all passed"),
        (taken("0" * FEWEST), "nobody passed"),
        (taken("01" * 5, [0.5] * 10), "rest all equal"),
        (taken("01" * 5, [0.1 + 0.2, 0.3] * 5), "rest all equal"),  # they differ by rounding alone
    ],
)
def test_where_there_is_no_correlation_it_is_said_why(made: list[Taken], why: str):
    found = discrimination(made)
    assert (found.value, found.learners, found.why_none) == (None, len(made), why)
    assert not turned_round(found, thirds(made))


def test_whoever_is_level_with_the_last_of_a_third_is_in_it():
    groups = thirds(taken("0000000000", [0, 1, 1, 1, 1, 2, 3, 4, 5, 5]))
    assert groups.weak == ("l00", "l01", "l02", "l03", "l04") and groups.strong == ("l09", "l08", "l07")
    assert thirds(taken("01" * 5, [0, *[1] * 8, 2])) is None  # both thirds would have the same learners
    assert thirds(taken("01")) is None


@pytest.mark.parametrize(
    ("passed", "is_turned"),
    [
        ("1111100000", True),
        ("1110000001", True),  # the weakest three passed, of the strongest three one
        ("1110000011", False),  # one learner makes the difference
        ("0000011111", False),
    ],
)
def test_a_task_is_turned_round_if_the_strong_fail_where_the_weak_pass(passed: str, is_turned: bool):
    assert turned_round(discrimination(taken(passed)), thirds(taken(passed))) is is_turned


# --- a class ----------------------------------------------------------------------------------------------------------


def result(task: str, share: float, notebook: str = "build", answered: bool = True, **more) -> TaskResult:
    message = "" if share == 1 else "found 3" if answered else NOT_ANSWERED
    criterion = Criterion("the shape is right", share == 1, message, hidden=True)
    made = {"kind": RUBRIC, "criteria": (criterion,), "judged": 4 * share, "seconds": 0.5, **more}
    return TaskResult(notebook, f"test-{task}", 4.0 * share, 4.0, **made)


def a_class(**others: tuple[str, ...]) -> ClassResults:
    """Ten learners, the weakest first: the upper half pass `good`, the lower half `bad`, every second one `plain`."""
    learners = []
    for place, name in enumerate(NAMES):
        upper = float(place >= 5)
        more = [result(f"m{each}", float(each < place)) for each in range(9)]
        mine = [result("good", upper), result("bad", 1 - upper), result("plain", place % 2), *more]
        learners.append(Learner(name, tuple(mine)))
    return ClassResults("01_first", tuple(learners), **others)


def changed(found: ClassResults, student: str, task: str, new: TaskResult | None) -> ClassResults:
    """The class with another result of one learner, or none."""
    learners = [
        Learner(each.student, tuple(new if one.cell == f"test-{task}" else one for one in each.results))
        if each.student == student
        else each
        for each in found.learners
    ]
    return ClassResults(found.chapter, tuple(learners), found.nothing, found.ungraded, found.damaged)


def task_of(report: ChapterReport, name: str) -> TaskStatistics:
    [found] = [each for each in report.tasks if each.task == name]
    return found


def test_each_task_has_its_figures():
    report = chapter_report(a_class())
    good, bad = task_of(report, "good"), task_of(report, "bad")
    assert [each.task for each in report.tasks][:4] == ["good", "bad", "plain", "m0"]
    assert (good.handed_in, good.answered, good.judged, good.passed, good.difficulty) == (10, 10, 10, 5, 0.5)
    assert good.seconds == 0.5 and good.discrimination.value > 0.5 and bad.discrimination.value < -0.5
    assert good.criteria[0].title == "the shape is right" and good.criteria[0].hidden
    assert (good.criteria[0].failed, good.criteria[0].messages) == (5, (("found 3", 5),))


def test_the_task_itself_is_not_in_the_score_it_is_compared_with():
    found = ClassResults(
        "01_first", tuple(Learner(name, (result("only", place % 2),)) for place, name in enumerate(NAMES))
    )
    only = task_of(chapter_report(found), "only")
    # There is nothing else to compare it with; with itself it would correlate perfectly.
    assert only.discrimination.value is None and only.discrimination.learners == 0 and only.difficulty == 0.5


def test_a_task_that_the_strong_fail_is_named_with_what_to_look_at():
    report = chapter_report(a_class())
    assert [each.task for each in report.tasks if each.suspect] == ["bad"]
    [said] = suspicions(report)
    assert "build / bad: 0 of the 3 learners who are strongest" in said and "but 3 of the 3 weakest did" in said
    assert "“the shape is right”" in said and "joe, ida, hal" in said


def test_an_answer_that_is_not_there_counts_as_no_points_and_is_told_from_a_wrong_one():
    found = changed(a_class(), "ann", "good", result("good", 0.0, answered=False))
    good = task_of(chapter_report(found), "good")
    assert (good.handed_in, good.answered, good.judged) == (10, 9, 10) and good.criteria[0].failed == 4


def test_whoever_handed_in_nothing_is_counted_and_not_taken_for_wrong():
    other = result("fix", 1.0, notebook="debug")
    untouched = [result("fix", 0.0, notebook="debug", answered=False)]
    learners = [
        Learner("ann", (result("good", 1.0), other)),
        Learner("bob", (result("good", 1.0), *untouched)),
        Learner("cat", (result("good", 0.0), *untouched), unread=frozenset({"debug"})),
    ]
    report = chapter_report(ClassResults("01_first", tuple(learners), nothing=("zoe",), ungraded=("yan",)))
    fix, good = task_of(report, "fix"), task_of(report, "good")
    assert (fix.handed_in, fix.judged, fix.difficulty) == (1, 1, 1.0) and good.handed_in == 3
    assert report.untouched == {"debug": ("bob",)} and report.unread == {"debug": ("cat",)} and report.learners == 5
    said = " ".join(absences(report))
    for part in (
        "nothing, and in none of the figures: zoe.",
        "not graded yet: yan.",
        "without any answer",
        "bob",
        "cat",
    ):
        assert part in said


def test_a_task_that_nobody_answered_has_no_discrimination_and_no_criteria():
    found = a_class()
    for name in NAMES:
        found = changed(found, name, "good", result("good", 0.0, answered=False))
    good = task_of(chapter_report(found), "good")
    assert (good.answered, good.difficulty, good.criteria, good.seconds) == (0, 0.0, (), None)
    assert good.discrimination.why_none == "nobody passed" and not good.suspect


def test_what_waits_or_is_graded_by_hand_is_named_and_moves_nothing():
    before = task_of(chapter_report(a_class()), "plain")
    found = changed(a_class(), "joe", "good", result("good", 0.0, waits=PROVISIONAL))
    report = chapter_report(found)
    good = task_of(report, "good")
    assert (good.waiting, good.judged, good.difficulty) == (1, 9, 4 / 9) and good.criteria[0].failed == 5
    assert good.discrimination.why_none == "too few"
    assert any("Waiting for you" in each and "build / good (1)" in each for each in absences(report))

    essays = [TaskResult("build", "essay", 1.0, 4.0, kind=BY_HAND, given=True) for _ in NAMES]
    essays[0] = TaskResult("build", "essay", None, 4.0, kind=BY_HAND, waits=BY_HAND)
    with_essay = [
        Learner(each.student, (*each.results, essay)) for each, essay in zip(a_class().learners, essays, strict=True)
    ]
    report = chapter_report(ClassResults("01_first", tuple(with_essay)))
    essay = task_of(report, "essay")
    assert (essay.kind, essay.discrimination, essay.waiting, essay.difficulty) == (BY_HAND, None, 1, 0.25)
    assert task_of(report, "plain") == before  # an essay is in nobody's rest
    assert any("by hand" in each and "build / essay" in each for each in absences(report))


def test_a_teachers_points_count_and_the_criteria_of_such_an_answer_do_not():
    found = changed(a_class(), "ann", "good", result("good", 1.0, given=True, criteria=(Criterion("x", False, "no"),)))
    good = task_of(chapter_report(found), "good")
    assert good.passed == 6 and [each.title for each in good.criteria] == ["the shape is right"]


def test_messages_that_differ_in_numbers_alone_are_counted_together():
    found = a_class()
    for name, message in (("ann", "found 0.25"), ("bob", "found 1,024"), ("cat", "not so")):
        other = result("good", 0.0, criteria=(Criterion("the shape is right", False, message),))
        found = changed(found, name, "good", other)
    [criterion] = task_of(chapter_report(found), "good").criteria
    assert (criterion.failed, criterion.messages) == (5, (("found 3", 4),))  # "not so" says nothing


def test_a_test_that_ended_says_why():
    found = changed(a_class(), "ann", "good", result("good", 0.0, kind=TEST, criteria=(), stopped="TypeError: x"))
    titles = [(each.title, each.messages) for each in task_of(chapter_report(found), "good").criteria]
    assert ("the test ended before it gave points", (("TypeError: x", 1),)) in titles


@pytest.mark.parametrize("found", [ClassResults("01_first"), ClassResults("01_first", nothing=("zoe",))])
def test_a_class_without_anybody_can_be_shown(found: ClassResults):
    report = chapter_report(found)
    assert not report.tasks and "nan" not in shown(report) + showing.as_html([report]) + showing.as_json([report])
    assert showing.as_csv([report]).startswith("chapter,notebook,task")


def test_one_learner_is_too_few_and_no_trouble():
    report = chapter_report(ClassResults("01_first", (Learner("ann", (result("good", 1.0), result("bad", 0.0))),)))
    assert {task.discrimination.why_none for task in report.tasks} == {"too few"} and not suspicions(report)
    assert "too few (1)" in shown(report)


def test_the_order_of_the_learners_changes_nothing():
    found = a_class()
    turned = ClassResults(found.chapter, tuple(reversed(found.learners)))
    assert showing.as_json([chapter_report(found)]) == showing.as_json([chapter_report(turned)])


# --- showing ----------------------------------------------------------------------------------------------------------


def shown(report: ChapterReport, width: int = 120) -> str:
    text = io.StringIO()
    showing.show([report], Console(file=text, width=width))
    return text.getvalue()


def test_the_terminal_shows_the_figures_the_criteria_and_what_to_look_at():
    text = shown(chapter_report(a_class(nothing=("zoe",))))
    figures = ("01_first: 11 learners, 10 graded.", "build / good", "10 of 10", "50%", "5 of 10")
    for part in (*figures, "the shape is right", "(hidden)", "found 3 (5)", "Look at build / bad", "zoe"):
        assert part in text


def test_the_files_hold_every_task(tmp_path: Path):
    report = chapter_report(a_class())
    for name in ("out.csv", "out.json", "out.html"):
        showing.write([report], tmp_path / name)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text())))
    [bad] = [row for row in rows if row["task"] == "bad"]
    assert len(rows) == 12 and bad["strong_fail_more_often"] == "yes" and float(bad["discrimination"]) < -0.5
    [chapter] = json.loads((tmp_path / "out.json").read_text())
    assert [each["task"] for each in chapter["tasks"]] == [row["task"] for row in rows]
    page = (tmp_path / "out.html").read_text()
    assert "<script" not in page and "build / bad" in page and 'class="warning"' in page
    with pytest.raises(ValueError, match=r"\.html"):
        showing.write([report], tmp_path / "out.xlsx")


def test_nothing_of_a_learners_is_markup_or_a_formula():
    evil = "<img src=x onerror=1>[red]=1+1\x1b[2J"
    learners = (Learner("=cmd", (result("good", 0.0, criteria=(Criterion(f"={evil}", False, evil),)),)),)
    report = chapter_report(ClassResults("01_first", learners, nothing=(evil,)))
    page, text = showing.as_html([report]), shown(report)
    assert "<img" not in page and "\x1b" not in page + text and "[red]" in text
    assert all(not cell.startswith("=") for row in csv.reader(io.StringIO(showing.as_csv([report]))) for cell in row)


# --- a class that was graded ------------------------------------------------------------------------------------------


class Stand:
    """An executor that judges `total` by whether the answer is the right one, and passes everybody in `twice`."""

    def run(self, jobs):
        for key, job in list(jobs):
            names = [cell.name for cell in job.cells]
            right = any(ANSWERS["total"][1] in cell.source for cell in job.cells)
            stub = sum("raise NotImplementedError" in cell.source for cell in job.cells)
            outputs, took = {}, {cell.index: 1.0 for cell in job.cells}
            for cell, name in zip(job.cells, names, strict=True):
                if cell.role == "test":
                    earned = 0.0 if stub == 2 else 3.0 if right or "twice" in name else 1.0
                    message = "" if earned == 3 else NOT_ANSWERED if stub == 2 else "found 41"
                    verdict = {"title": "total is right", "points": 3.0, "earned": earned, "message": message}
                    data = {"text/plain": str(earned), MIME_TYPE: {"verdicts": [verdict]}}
                    shows = {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": 1}
                    outputs[cell.index] = [shows]
            yield key, Result(outputs=outputs, seconds=2.0, taken=took)


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with a right answer, a wrong one, an untouched notebook, and somebody who handed in nothing."""
    from nbgrader.api import Gradebook

    course = make_course(tmp_path_factory.mktemp("report") / "course")
    wrong = {"total": "total = 41", "twice": ANSWERS["twice"][1]}
    for student, answers in {"ann": None, "bob": wrong, "cat": {}, "dan": wrong}.items():
        hand_in(course, student, answers)
    hand_in(course, "eve")
    (course / "submitted" / "eve" / ASSIGNMENT / "small.ipynb").write_text("{")
    run = Run(course, ASSIGNMENT)
    run.prepare()
    run.grade(Stand(), run.assignment.students(), feedback=False)
    hand_in(course, "fay")  # after the run
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        gradebook.update_or_create_student("zoe")
    return course


def test_a_graded_class_is_read_from_the_gradebook_and_what_the_run_remembers(graded: Path):
    [found] = read_class(graded)
    assert (found.nothing, found.ungraded, found.damaged) == (("zoe",), ("fay",), ())
    report = chapter_report(found)
    total = task_of(report, "total")
    assert (total.handed_in, total.answered, total.judged, total.passed) == (3, 3, 3, 1)
    assert (
        total.difficulty == pytest.approx((3 + 1 + 1) / 9) and total.seconds == 2.0
    )  # the answer's cell and the test's
    assert [(each.failed, each.messages) for each in total.criteria] == [(2, (("found 41", 2),))]
    assert report.untouched == {"small": ("cat",)} and report.unread == {"small": ("eve",)}
    assert task_of(report, "twice").passed == 3


def test_points_that_a_teacher_gave_since_count(graded: Path):
    from nbgrader.api import Gradebook

    def give(points: float | None) -> None:
        with Gradebook(f"sqlite:///{graded / 'gradebook.db'}") as gradebook:
            gradebook.find_grade("test-total", "small", ASSIGNMENT, "bob").manual_score = points
            gradebook.db.commit()

    give(3.0)
    try:
        total = task_of(chapter_report(read_class(graded)[0]), "total")
    finally:
        give(None)
    assert total.passed == 2 and total.criteria[0].failed == 1


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"results": [{}]}', '{"results": [{"notebook": 1}]}', None])
def test_damaged_verdicts_of_one_learner_are_named_and_the_rest_goes_on(graded: Path, damage: str | None):
    path = graded / ".course" / "grading" / ASSIGNMENT / "graded" / "bob.json"
    before = path.read_text()
    try:
        if damage is None:
            path.unlink()
        else:
            path.write_text(damage)
        [found] = read_class(graded, (ASSIGNMENT,))
    finally:
        path.write_text(before)
    report = chapter_report(found)
    total = task_of(report, "total")
    assert report.damaged == ("bob",) and any("bob" in each for each in absences(report))
    # The gradebook's points of the damaged one still count; what failed is known of the other.
    assert (total.judged, total.answered, total.answers_known, total.criteria[0].failed) == (3, 2, 2, 1)


def test_damaged_verdicts_are_judged_again_by_the_next_run(tmp_path: Path):
    course = make_course(tmp_path / "course")
    hand_in(course, "ann")
    path = course / ".course" / "grading" / ASSIGNMENT / "graded" / "ann.json"

    def grade() -> str:
        run = Run(course, ASSIGNMENT)
        run.prepare()
        return run.grade(Stand(), run.assignment.students(), feedback=False).rows[0].status

    assert (grade(), grade()) == ("graded", "unchanged")
    same_digest = json.dumps({**json.loads(path.read_text()), "results": [{"notebook": 1}]})
    for damage in ("[]", '{"results": [{}]}', same_digest):
        path.write_text(damage)
        assert read_class(course)[0].damaged == ("ann",)
        assert grade() == "graded" and not read_class(course)[0].damaged


def test_the_command_shows_and_writes_it(graded: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(graded)
    done = CliRunner().invoke(cli.main, ["report", ASSIGNMENT, "--output", "report.json"])
    assert done.exit_code == 0, done.output
    assert "small / total" in done.output and "wrote report.json" in done.output
    assert json.loads((graded / "report.json").read_text())[0]["chapter"] == ASSIGNMENT


def test_the_command_refuses_what_it_cannot_do(graded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(graded)
    for arguments, said in ((["09_none"], "There is no chapter 09_none"), (["--output", "report.xlsx"], ".html")):
        done = CliRunner().invoke(cli.main, ["report", *arguments])
        assert done.exit_code == console.REFUSED and said in done.output
    with pytest.raises(ReportError, match="no gradebook"):
        read_class(make_course(tmp_path / "new"))
