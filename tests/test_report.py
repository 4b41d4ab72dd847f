"""The teacher's report: who, points, time, flags, a histogram, and tasks by how many failed them and why."""

from __future__ import annotations

import html as html_module
import html.parser
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from functional_course.grading.reporting.console import show
from functional_course.grading.reporting.criteria import criteria_of
from functional_course.grading.reporting.html import as_html
from functional_course.grading.reporting.markdown import as_markdown
from functional_course.grading.reporting.plain_text import one_line, pieces
from functional_course.grading.reporting.report import (
    AGAIN,
    BY_HAND,
    PROVISIONAL,
    RUBRIC,
    TEST,
    Criterion,
    Row,
    RunReport,
    TaskResult,
    TaskRow,
)
from functional_course.grading.reporting.run_file import write_run_report
from functional_course.grading.reporting.statistics import histogram, task_rows
from functional_course.grading.taking_in.repairs import NOTE, REFUSED, REPAIRED, SUSPICIOUS, Repair
from functional_course.rubric import MIME_TYPE, Rubric
from functional_course.rubric.wording import NOT_ANSWERED

import pytest
from conftest import ROOT
from rich.console import Console


def repair(severity: str, teacher: str = "The test cell `test-x` had a different text.") -> Repair:
    return Repair("kind", severity, "build", "test-x", "learner", teacher)


REPORT = RunReport(
    "01_first_steps",
    rows=(
        Row("alice", 10.0, 10.0, 4.25, "graded", (repair(REPAIRED, "`Build.ipynb` was taken as `build.ipynb`."),)),
        Row("bob", 2.5, 10.0, 3.0, "graded", (repair(SUSPICIOUS), repair(REFUSED), repair(NOTE))),
        Row("carol", 2.0, 10.0, None, "unchanged"),
        Row("dave", None, 10.0, 60.0, "out of time"),
    ),
    tasks=(TaskRow("build", "sum", 1.5, 4, 2, 3, (("the sum is 3: 1 + 1 was 2", 2), (NOT_ANSWERED, 1))),),
    about=("12 s on 2 workers.",),
    warnings=("There was no sandbox.",),
)


def printed(report: RunReport, **options: Any) -> str:
    console = Console(file=io.StringIO(), width=160)
    show(report, console, **options)
    return console.file.getvalue()


# --- what a test cell says --------------------------------------------------------------------------------------------


def rubric_output(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    rubric = Rubric("sum", points=3, read="Chapter 1")
    with rubric.criterion(2, "the sum is 3"):
        raise AssertionError("it was\n  \x1b[1m2\x1b[0m")
    with rubric.criterion(1, "other numbers", hidden=True):
        pass
    bundle = rubric.score()._repr_mimebundle_()
    capsys.readouterr()
    return {"output_type": "execute_result", "data": bundle, "metadata": {}, "execution_count": 1}


def test_the_criteria_of_a_rubric_are_read(capsys: pytest.CaptureFixture[str]):
    outputs = [{"output_type": "stream", "name": "stdout", "text": "✗"}, rubric_output(capsys)]
    assert criteria_of(outputs) == (
        Criterion("the sum is 3", False, "it was 2"),
        Criterion("other numbers", True, ""),
    )
    released = 'with rubric.criterion(2, "the sum is 3"):'
    assert [criterion.hidden for criterion in criteria_of(outputs, released)] == [False, True]


def verdict(**changed: Any) -> dict[str, Any]:
    return {"title": "a", "points": 1, "earned": 1, "message": "", **changed}


def result(verdicts: Any, kind: str = "execute_result", mime: str = MIME_TYPE) -> dict[str, Any]:
    return {"output_type": kind, "data": {mime: {"verdicts": verdicts}}}


@pytest.mark.parametrize(
    "outputs",
    [
        None,
        "x",
        [None, 3, "x", {}],
        [{"output_type": "execute_result"}],
        [{"output_type": "execute_result", "data": []}],
        [{"output_type": "execute_result", "data": {MIME_TYPE: [1]}}],
        [result([verdict()], kind="display_data")],
        [result([verdict()], mime="text/plain")],
        [result(7)],
        [result([None, 3, [], {}])],
        [result([verdict(title=3), verdict(message=None), verdict(points="1"), verdict(earned=True)])],
        [result([verdict(earned=float("nan")), verdict(points=float("inf"))])],
    ],
)
def test_what_no_rubric_wrote_is_left_out(outputs: Any):
    assert criteria_of(outputs) == ()


def test_texts_are_cut_and_made_plain():
    [criterion] = criteria_of([result([verdict(title="x" * 10_000, message="a\x1b[2J\n\u202eb", earned=0)])])
    assert len(criterion.title) == 200 and criterion.message == "a?[2J ?b"
    assert len(criteria_of([result([verdict()] * 5000)])) == 100
    assert one_line("a\tb\r\nc") == "a b c"


# --- putting together -------------------------------------------------------------------------------------------------


def test_tasks_are_counted_with_their_commonest_messages():
    wrong = Criterion("the sum is 3", False, "it was 2")
    right = Criterion("a number", True, "")
    results = {
        "ann": [TaskResult("build", "test-sum", 1, 3, (right, wrong), kind=RUBRIC), TaskResult("debug", "fix", 2, 2)],
        "bob": [
            TaskResult("build", "test-sum", 1, 3, (right, wrong, wrong), kind=RUBRIC),
            TaskResult("debug", "fix", 0, 2, stopped="too slow"),
        ],
        "carol": [TaskResult("build", "test-sum", 0, 3, (Criterion("x", False, NOT_ANSWERED), wrong), kind=RUBRIC)],
        "dave": [TaskResult("build", "test-sum", 3, 3, (right,), kind=RUBRIC), TaskResult("debug", "fix", 0, 2)],
    }
    assert task_rows(results.items()) == (
        TaskRow("build", "sum", 1.25, 3, 3, 4, (("the sum is 3: it was 2", 2), (NOT_ANSWERED, 1))),
        TaskRow("debug", "fix", 2 / 3, 2, 2, 3, (("its test gave no points", 1), ("too slow", 1)), kind=TEST),
    )
    assert task_rows([]) == ()


def test_what_waits_is_no_failure_and_what_a_teacher_gives_needs_no_reason():
    wrong = Criterion("the sum is 3", False, "it was 2")
    results = [
        ("ann", [TaskResult("b", "test-x", 1, 3, (wrong,), kind=RUBRIC, waits=PROVISIONAL),
                 TaskResult("b", "x", None, 4, kind=BY_HAND, waits=BY_HAND)]),
        ("bob", [TaskResult("b", "test-x", 2, 3, (wrong,), kind=RUBRIC, given=True),
                 TaskResult("b", "x", 1, 4, kind=BY_HAND, given=True)]),
        ("carol", [TaskResult("b", "test-x", 3, 3, kind=TEST),
                   TaskResult("b", "x", 3, 4, kind=BY_HAND, given=True, waits=AGAIN)]),
        ("dave", [TaskResult("b", "test-x", 0, 3, stopped="NameError", kind=TEST)]),
    ]  # fmt: skip
    rows = task_rows(results)
    # The answer's cell has points of its own here, and is another task than its test.
    assert rows == (
        TaskRow("b", "test-x", 1.5, 3, 2, 4, (("NameError", 1),), RUBRIC, (("ann", PROVISIONAL),)),
        TaskRow("b", "x", 2, 4, 1, 3, (), BY_HAND, (("ann", BY_HAND), ("carol", AGAIN))),
    )
    assert task_rows([("ann", [TaskResult("b", "x", None, 4, kind=BY_HAND, waits=BY_HAND)])])[0].points is None


def waiting(names: list[str]) -> RunReport:
    rows = (
        Row("ann", 3.0, 7.0, 1.0, "graded", late=2.0, waiting=2),
        Row("bob", 3.0, 7.0, 1.0, "graded"),
    )
    tasks = (
        TaskRow("b", "sum", 1.5, 3, 1, 4, (), TEST, (("ann", PROVISIONAL),)),
        TaskRow("b", "essay", None, 4, 0, len(names), (), BY_HAND, tuple((name, BY_HAND) for name in names)),
        TaskRow("b", "plot", 2.0, 4, 0, 1, (), BY_HAND, (("ann", AGAIN),)),
    )
    return RunReport("01_x", rows, tasks)


@pytest.mark.parametrize("shown", [printed, as_markdown, as_html])
def test_what_waits_for_the_teacher_is_counted_and_named(shown: Callable[[RunReport], str]):
    text = html_module.unescape(re.sub(r"<[^>]+>", "\n", shown(waiting(["ann", "bob"]))))
    text = text.replace("\\", "")
    for line in (
        "4 of 7 graded cells (57.1 %) wait for you: 2 you grade by hand; 1 could not be judged safely and counts "
        "provisionally; 1 you graded by hand before the answer was handed in or judged again. Formgrader shows "
        "them under Manual Grading.",
        "b / sum (provisional): ann",
        "b / essay (by hand): ann, bob",
        "b / plot (again): ann",
        "3 of 7 (2 off: late)",
        "– of 4",
        "2 waiting",
    ):
        assert line in text, line
    calm = shown(RunReport("01_x", waiting([]).rows, (TaskRow("b", "sum", 1.5, 3, 1, 4),)))
    assert "for you" not in calm


def test_of_a_large_class_the_terminal_names_ten_who_wait_and_the_file_all():
    names = [f"s{number:03}" for number in range(500)]
    assert "b / essay (by hand): s000, s001" in printed(waiting(names))
    assert "s009 and 490 more" in printed(waiting(names)) and "s010" not in printed(waiting(names))
    assert "s499" in as_markdown(waiting(names)) and "s499" in as_html(waiting(names))


def test_points_that_are_no_number_are_a_failure():
    [row] = task_rows([("ann", [TaskResult("build", "sum", float("nan"), 3)])])
    assert row.failed == 1


def test_the_histogram_counts_everybody_with_a_score():
    bins = histogram(REPORT.rows)
    assert [count for *_, count in bins] == [0, 0, 2, 0, 0, 0, 0, 0, 0, 1]
    assert bins[2][:2] == (2.0, 3.0) and bins[-1][1] == 10.0
    assert histogram([]) == histogram([Row("x", None, 0, None, "graded"), Row("y", 0, 0, None, "graded")]) == []
    assert sum(count for *_, count in histogram([Row("x", 12.0, 10, 1, ""), Row("y", -1.0, 10, 1, "")])) == 2


# --- showing ----------------------------------------------------------------------------------------------------------


def test_the_terminal_shows_all_of_it():
    text = printed(REPORT)
    lines = text.splitlines()
    assert lines[0] == "There was no sandbox."
    for parts in (
        ("alice", "10 of 10", "4.2", "graded", "1 repaired"),
        ("bob", "2.5 of 10", "3.0", "graded", "1 suspicious, 1 refused, 1 noted"),
        ("carol", "2 of 10", "–", "unchanged"),
        ("dave", "–", "60.0", "out of time"),
        ("build / sum", "rubric", "1.5 of 4", "2 of 3", "the sum is 3: 1 + 1 was 2 (2); not answered yet (1)"),
        (" 2.0–3.0 " + "█" * 40 + " 2",),
        ("9.0–10.0 " + "█" * 20 + " 1",),
        ("4 learners; median 2.5 of 10 points; 67 s of execution.",),
        ("bob The test cell `test-x` had a different text.",),
        ("12 s on 2 workers.",),
    ):
        assert any(all(part in line for part in parts) for line in lines), parts
    assert "Build.ipynb" not in text  # repairs are in the file


def test_of_a_large_class_the_terminal_shows_whom_to_look_at():
    rows = tuple(Row(f"s{number}", 1.0, 2.0, 1.0, "graded") for number in range(100))
    flagged = Row("zoe", 0.0, 2.0, 1.0, "graded", (repair(SUSPICIOUS),))
    text = printed(RunReport("01_x", (*rows, flagged)), most_rows=10)
    assert "zoe" in text and "… and 91 more" in text and "101 learners" in text


def test_a_run_without_anybody_can_be_shown():
    empty = RunReport("01_x", ())
    assert "0 learners, no scores." in printed(empty)
    assert "0 learners, no scores." in as_markdown(empty) and "0 learners, no scores." in as_html(empty)


def test_the_markdown_holds_everything():
    text = as_markdown(REPORT)
    for line in (
        "# 01\\_first\\_steps",
        "**There was no sandbox.**",
        "| alice | 10 of 10 | 4.2 | graded | 1 repaired |",
        "| build / sum | rubric | 1.5 of 4 | 2 of 3 |  | the sum is 3: 1 \\+ 1 was 2 (2); not answered yet (1) |",
        " 2.0–3.0 " + "█" * 40 + " 2",
        "- bob: The test cell `test-x` had a different text.",
        "- alice: `Build.ipynb` was taken as `build.ipynb`.",
    ):
        assert line in text.splitlines(), line
    assert [line for line in text.splitlines() if line.startswith("## ")] == [
        "## Points", "## Tasks", "## To look at", "## Repaired", "## Noted",
    ]  # fmt: skip


HOSTILE = "<script>alert(1)</script>{{ 7 * 7 }}|`x`](http://x)\n# *[red]* \x1b[31m\u202e & ' \""


@pytest.fixture
def hostile() -> RunReport:
    row = Row(HOSTILE, 1.0, 2.0, 1.0, HOSTILE, (repair(SUSPICIOUS, HOSTILE),))
    task = TaskRow(HOSTILE, HOSTILE, 1, 2, 1, 1, ((HOSTILE, 1),))
    return RunReport(HOSTILE, (row,), (task,), (HOSTILE,), (HOSTILE,))


def test_nothing_of_a_learners_is_markup(hostile: RunReport):
    text = printed(hostile)
    assert "[red]" in text and "\x1b" not in text and "\u202e" not in text

    page = as_html(hostile)
    tags: list[str] = []

    class Parser(html.parser.HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.append(tag)
            assert not [name for name, _ in attrs if name.startswith("on") or name in ("src", "href")]

    Parser().feed(page)
    assert "script" not in tags and "<script" not in page and "alert(1)" in page
    assert page.count("<h1>") == 1 and "\u202e" not in page and "{{ 7 * 7 }}" in page

    markdown = as_markdown(hostile)
    assert markdown.count("\n# ") == 0 and "\\<script\\>" in markdown and "\u202e" not in markdown
    rows = [line for line in markdown.splitlines() if line.startswith("| ") and "alert" in line]
    assert [line.replace("\\|", "").count("|") for line in rows] == [6, 7]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("none", [("none", False)]),
        ("a `b` c", [("a ", False), ("b", True), (" c", False)]),
        ("`b`", [("", False), ("b", True), ("", False)]),
        ("one ` alone", [("one ` alone", False)]),
        ("`a` and ` alone", [("`a` and ` alone", False)]),
    ],
)
def test_what_stands_between_two_backticks_is_code(text: str, found: list[tuple[str, bool]]):
    assert pieces(text, 100) == found


def trusting(folder: Path) -> list[str]:
    """The templates that take a text for HTML."""
    takes = re.compile(r"\|\s*safe\b|\bautoescape\b")
    return sorted(path.name for path in folder.rglob("*.html") if takes.search(path.read_text(encoding="utf-8")))


def test_no_template_takes_a_text_for_html():
    package = ROOT / "functional_course"
    assert len([*package.rglob("*.html")]) >= 5
    assert trusting(package) == []


@pytest.mark.parametrize("use", ["{{ title | safe }}", "{{ title|safe }}", "{% autoescape false %}{% endautoescape %}"])
def test_a_template_that_takes_a_text_for_html_is_found(tmp_path: Path, use: str):
    (tmp_path / "page.html").write_text("{{ title }} is safe\n")
    assert trusting(tmp_path) == []
    (tmp_path / "page.html").write_text(use)
    assert trusting(tmp_path) == ["page.html"]


@pytest.mark.parametrize(("name", "begin"), [("report.md", "# 01"), ("report.html", "<!DOCTYPE html>")])
def test_the_file_is_written_in_one_step(tmp_path: Path, name: str, begin: str, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "reports" / name
    write_run_report(REPORT, path)
    assert path.read_text(encoding="utf-8").startswith(begin)
    before = path.read_bytes()
    monkeypatch.setattr("functional_course.writing.os.replace", lambda *_: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        write_run_report(RunReport("other", ()), path)
    assert path.read_bytes() == before and [one.name for one in path.parent.iterdir()] == [name]


@pytest.mark.parametrize("points", [10**400, -(10**400), float("nan"), float("inf"), True, "3", None, [3]])
def test_numbers_that_are_none_give_no_points_and_no_trouble(points):
    from functional_course.grading.judging.provisional import _settled
    from functional_course.grading.taking_in.finite import is_finite

    assert not is_finite(points) and is_finite(3) and is_finite(0.5)
    verdicts = {"cell": "", "criteria": [[1.0, 0.0, "unjudged"], [2.0, 2.0, ""]]}
    settled = _settled(verdicts, 3.0, 2.0, {"cell": points, "criteria": [points, points]})
    assert (settled.kept, settled.strict) == (2.0, 2.0)
    whole = _settled({"cell": "unjudged", "criteria": []}, 3.0, 0.0, {"cell": points, "criteria": []})
    assert (whole.kept, whole.strict) == (3.0 if points is None else 0.0, 0.0)
