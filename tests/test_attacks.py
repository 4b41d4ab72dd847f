"""No submission gains a point that it does not deserve, and none touches another: 200 and more try, in one class."""

from __future__ import annotations

import collections
import html.parser
import json
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import nbformat
import needs
import pytest
from attacks import ATTACKS
from attacks.attack import ANSWERS, ASSIGNMENT, NAME, POINTS, Attack, instructors
from conftest import ROOT

pytestmark = [
    needs.sandboxed(),
    pytest.mark.xdist_group("attacks"),
]

HONEST = ("aa_honest", "zz_honest")
SECRETS = ("FOUND", "424242", "424,242", "BEGIN HIDDEN", "<script>alert")


@dataclass
class Attacked:
    """A class after the run, honest learners and attackers."""

    course: Path
    rows: dict[str, object]
    points: dict[str, dict[str, float]]

    def notebook(self, student: str) -> nbformat.NotebookNode:
        return nbformat.read(self.course / "autograded" / student / ASSIGNMENT / f"{NAME}.ipynb", 4)

    def shown(self, student: str) -> dict[str, str]:
        """What the tests show, by task."""
        cells = [cell for cell in self.notebook(student).cells if cell.metadata.get("nbgrader", {}).get("grade")]
        return {cell.metadata.nbgrader.grade_id.removeprefix("test-"): _text(cell.outputs) for cell in cells}


def _text(outputs) -> str:
    return "\n".join(output.get("text", "") or "\n".join(output.get("traceback", [])) for output in outputs)


def hand_in(course: Path, student: str, released: nbformat.NotebookNode, attack: Attack | None = None) -> None:
    folder = course / "submitted" / student / ASSIGNMENT
    folder.mkdir(parents=True)
    notebook = (attack or Attack(student, "", task="spread", cell=ANSWERS["spread"])).notebook(released)
    if attack is not None and attack.hands_in is not None:
        attack.hands_in(folder, notebook)
    else:
        nbformat.write(notebook, folder / f"{NAME}.ipynb")


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Attacked:
    from functional_course.grading.releasing.release import release
    from functional_course.grading.running.grade import grade_class

    from nbgrader.api import Gradebook

    course = tmp_path_factory.mktemp("attacked")
    (course / "solutions" / ASSIGNMENT).mkdir(parents=True)
    nbformat.write(instructors(), course / "solutions" / ASSIGNMENT / f"{NAME}.ipynb")
    shutil.copy(ROOT / "nbgrader_config.py", course)
    release(course, course / "exercises")
    chosen = os.environ.get("COURSE_ATTACKS", "").split(",")
    for student in [*HONEST, *ATTACKS]:
        if chosen == [""] or student in (*HONEST, *chosen):
            released = nbformat.read(course / "exercises" / ASSIGNMENT / f"{NAME}.ipynb", 4)
            hand_in(course, student, released, ATTACKS.get(student))
    # More workers than processors: many attacks only wait until their time is up.
    # What an attack gains beside its own code waits for a teacher; here only what was judged counts.
    report = grade_class(course, ASSIGNMENT, workers=3, cell_seconds=5, feedback=False, provisional="zero")
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        points = {
            row.student: {
                grade.name.removeprefix("test-"): grade.score
                for grade in gradebook.find_submission_notebook(NAME, ASSIGNMENT, row.student).grades
            }
            for row in report.rows
        }
    return Attacked(course, {row.student: row for row in report.rows}, points)


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_earns_what_it_deserves(attacked: Attacked, name: str):
    if name not in attacked.rows:
        pytest.skip("not chosen")
    attack, got, said = ATTACKS[name], attacked.points[name], attacked.shown(name)
    for task, deserved in attack.points().items():
        if deserved is None:
            left_out = any(repair.kind == "ended" for repair in attacked.rows[name].repairs)
            assert got[task] == 0 or (left_out and got[task] == POINTS), f"{task}: {attack.about}\n{said[task]}"
        else:
            assert got[task] == deserved, f"{task}: {attack.about}\n{said[task]}\n{attacked.rows[name].repairs}"
        # Whoever lost points is told why, by the test or by the report.
        assert got[task] == POINTS or said[task].strip() or attacked.rows[name].repairs
    heard = " ".join(f"{repair.learner} {repair.teacher}" for repair in attacked.rows[name].repairs)
    assert attack.says in heard, heard
    assert "Traceback" not in heard
    everything = "\n".join(_text(cell.get("outputs", [])) for cell in attacked.notebook(name).cells)
    assert [secret for secret in SECRETS[:4] if secret in everything.replace('FOUND"', "")] == []
    # An attack that ran out of time found nothing because it had not looked.
    assert "looked at" in everything or not re.search(r"^\s*look\(", attack.cell, re.MULTILINE)


def test_honest_learners_notice_nothing(attacked: Attacked):
    full = {task: float(POINTS) for task in ANSWERS}
    assert [attacked.points[student] for student in HONEST] == [full, full]
    one, other = (attacked.notebook(student) for student in HONEST)
    assert [cell.get("outputs") for cell in one.cells] == [cell.get("outputs") for cell in other.cells]
    assert not any(attacked.rows[student].repairs for student in HONEST)


def test_pages_for_learners_show_no_script_and_no_hidden_input(attacked: Attacked):
    from functional_course.grading.running.run import Run

    scorer = Run(attacked.course, ASSIGNMENT).assignment.scorer()
    tried = {"outputs_script", "outputs_html", "class_names", "prints_inputs", "keeps_inputs", "scripts_everywhere"}
    assert tried <= set(ATTACKS), "renamed: look at the page of what it is called now"
    active = {}
    for student in (HONEST[0], *sorted(tried & set(attacked.rows))):
        scorer.feedback(student)
        page = (attacked.course / "feedback" / student / ASSIGNMENT / f"{NAME}.html").read_text(encoding="utf-8")
        active[student] = _active(page)
        outputs = re.sub(r'<div class="[^"]*highlight[\s\S]*?</pre>', "", page)
        assert [secret for secret in SECRETS if secret in outputs] == []
    assert {student: found for student, found in active.items() if found != active[HONEST[0]]} == {}


class _Active(html.parser.HTMLParser):
    """Counts what a browser would run, load or send of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: collections.Counter[str] = collections.Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "iframe", "object", "embed", "form", "svg", "style", "link", "base", "meta", "img"):
            self.found[tag] += 1
        for name, value in attrs:
            address = (value or "").strip().lower()
            if name.startswith("on") or name == "srcdoc" or "javascript:" in address or "elsewhere.example" in address:
                self.found[f"{name} of {tag}"] += 1


def _active(page: str) -> dict[str, int]:
    parser = _Active()
    parser.feed(page)
    return dict(parser.found)


def test_what_a_browser_would_run_is_seen():
    page = "<p>&lt;script&gt;</p><script></script><IMG SRC=x ONERROR='a'><a href=' JavaScript:x'>b</a>"
    assert _active(page) == {"script": 1, "img": 1, "onerror of img": 1, "href of a": 1}


# Not "builtins": without `max` and `abs` the kernel itself shows nothing any more.
@pytest.mark.parametrize("name", ["rubric", "checks", "transformers", "equal", "given"])
def test_in_one_kernel_the_same_attack_gains_points(name: str, tmp_path: Path):
    """The suite can fail: this is what plain nbgrader makes of it."""
    from functional_course.grading.judging.execution import environment
    from functional_course.kernels.warm_process import fork

    from nbgrader.utils import determine_grade

    notebook = instructors()
    notebook = ATTACKS[name].notebook(notebook)
    (tmp_path / "attacked.ipynb").write_text(nbformat.writes(notebook))
    script = Path(__file__).parent / "attacks" / "one_kernel.py"
    code = f"import sys, runpy; sys.argv = ['x', 'attacked.ipynb', 'shown.json']; runpy.run_path({str(script)!r})"
    with open(os.devnull, "r+b") as nothing:
        descriptors = [nothing.fileno()] * 3
        process = fork("timeit", ["-n1", "-r1", code], cwd=tmp_path, env=environment(), descriptors=descriptors)
        try:
            process.wait(timeout=60)
        finally:
            process.close()
    shown = json.loads((tmp_path / "shown.json").read_text())
    gained = 0.0
    for place, cell in enumerate(notebook.cells):
        task = cell.metadata.get("nbgrader", {}).get("grade_id", "").removeprefix("test-")
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.outputs = [nbformat.from_dict(output) for output in shown[str(place)]]
            gained += max(0.0, (determine_grade(cell)[0] or 0.0) - (ATTACKS[name].points()[task] or 0.0))
    assert gained > 0
