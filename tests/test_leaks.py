"""Nothing that a learner reads holds a hidden input, name or line, in whatever way an answer tells it.

One hostile answer keeps what it hears, in visible tests and in hidden ones, and tells it in some forty ways. What it
heard in visible tests is to be found: so the ways are open, and this search sees them. What it heard in hidden ones is
not.
"""

from __future__ import annotations

import html
import re
import shutil
from pathlib import Path

from functional_course.rubric.wording import NO_TITLE

import nbformat
import needs
import pytest
from conftest import ROOT
from leaking import ANSWERS, ASSIGNMENT, HIDDEN, HOSTILE, NAME, SHOWN, WAYS, Canary, instructors

pytestmark = [
    needs.sandboxed(),
    pytest.mark.xdist_group("grading"),
]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class of one hostile learner and one honest, graded, with feedback."""
    from functional_course.grading.releasing.release import release
    from functional_course.grading.running.grade import grade_class

    course = tmp_path_factory.mktemp("leaking")
    (course / "solutions" / ASSIGNMENT).mkdir(parents=True)
    nbformat.write(instructors(), course / "solutions" / ASSIGNMENT / f"{NAME}.ipynb")
    shutil.copy(ROOT / "nbgrader_config.py", course)
    release(course, course / "exercises")
    for student, answers in {"hostile": HOSTILE, "honest": ANSWERS}.items():
        notebook = nbformat.read(course / "exercises" / ASSIGNMENT / f"{NAME}.ipynb", 4)
        for cell in notebook.cells:
            cell.source = answers.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
        folder = course / "submitted" / student / ASSIGNMENT
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / f"{NAME}.ipynb")
    grade_class(course, ASSIGNMENT, workers=2, cell_seconds=60)
    return course


def texts(course: Path, student: str) -> dict[str, str]:
    """What a learner can read, by the path of the file: pages without their markup too.

    The autograded notebook is the teacher's, with the hidden tests in it; what it shows is what learners read.
    """
    found = {}
    for folder in ("autograded", "feedback", "exercises"):
        for path in sorted((course / folder).rglob("*")):
            if path.is_file() and (folder == "exercises" or student in path.parts):
                name, text = str(path.relative_to(course)), path.read_text(encoding="utf-8", errors="replace")
                if path.suffix == ".html":
                    found[f"{name} as text"] = html.unescape(re.sub(r"<[^>]+>", "", text))
                elif path.suffix == ".ipynb":
                    notebook = nbformat.reads(text, 4)
                    found[f"{name} as text"] = outputs(notebook)
                    for cell in notebook.cells if folder == "autograded" else ():
                        cell.source = ""
                    text = nbformat.writes(notebook)
                found[name] = text
    return found


def outputs(notebook: nbformat.NotebookNode) -> str:
    shown = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return "\n".join(str(output.get("text", "")) + str(output.get("traceback", "")) for output in shown)


def shown_by(course: Path, student: str, task: str) -> str:
    notebook = nbformat.read(course / "autograded" / student / ASSIGNMENT / f"{NAME}.ipynb", 4)
    marked = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == task]
    return outputs(nbformat.v4.new_notebook(cells=marked))


def test_what_answers_heard_in_hidden_tests_stands_in_no_file_of_a_learner(course: Path):
    read = texts(course, "hostile")
    assert {Path(name).suffix[:5] for name in read} >= {".ipyn", ".html"}
    assert {name: HIDDEN.traces(text) for name, text in read.items() if HIDDEN.traces(text)} == {}


def test_the_ways_are_open_and_the_search_sees_them(course: Path):
    told = shown_by(course, "hostile", "test-tell")
    lines = [line for line in re.split(r"\n(?=[✓✗] )", told) if line.startswith(("✓", "✗"))]
    assert len(lines) == WAYS
    silent = [way for way, line in enumerate(lines) if not SHOWN.traces(line)]
    # What SystemExit says is left out always.
    assert silent == [32], [lines[way] for way in silent]
    everything = "".join(texts(course, "hostile").values())
    missing = {name for name, _ in SHOWN._patterns()} - SHOWN.traces(everything)
    assert missing == set()


def test_whole_messages_come_from_an_execution_without_hidden_tests(course: Path):
    last = f"stays after all: found [({SHOWN.number}, '{SHOWN.word}')], [{SHOWN.number}]_{SHOWN.word}"
    assert last in shown_by(course, "hostile", "test-hear")
    assert "(None, 77)" in shown_by(course, "hostile", "test-told")


def test_titles_that_answers_have_no_hand_in_are_said(course: Path):
    for student in ("hostile", "honest"):
        told = shown_by(course, student, "test-told")
        assert told.count("tells its own title 0\n") == told.count("tells its own title 1\n") == 1
        assert told.count(NO_TITLE) == 2 and "tells no title" not in told


def test_an_honest_answer_reads_why_it_failed(course: Path):
    told = shown_by(course, "honest", "test-tell")
    assert told.count("asked for 1 parameters; found 3") == 2
    assert "left out" not in told


@pytest.mark.parametrize("canary", [SHOWN, HIDDEN])
def test_a_canary_is_found_in_every_encoding(canary: Canary):
    import base64

    number, word = canary.number, canary.word
    written = {
        "digits": f"a{number}.0b"[1:-1],
        "grouped": f"{number:,}",
        "hex": hex(number)[2:],
        "reversed": str(number)[::-1],
        "word": word.upper(),
        "word reversed": word[::-1],
        "word hex": word.encode().hex(),
        "word base64": base64.b64encode(word.encode()).decode(),
        "digits base64": base64.b64encode(str(number).encode()).decode(),
        "codes": str([ord(letter) for letter in word]),
    }
    for name, text in written.items():
        assert name in canary.traces(f"before {text} after"), name
    assert canary.traces("nothing at all") == set()
