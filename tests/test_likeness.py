"""Which answers are alike: copies in another dress are found, and what was given to all, or is short, says nothing."""

from __future__ import annotations

import csv
import io
import json
import resource
import subprocess
import sys
from pathlib import Path

from functional_course import cli
from functional_course.cli import console
from functional_course.likeness import answers as reading
from functional_course.likeness import showing
from functional_course.likeness.answers import Answers, ClassAnswers, LikenessError, read_answers
from functional_course.likeness.comparing import ALIKE, Pair, TaskLikeness, compared
from functional_course.likeness.tokens import lines, words

import nbformat
import pytest
from click.testing import CliRunner
from nbformat.v4 import new_code_cell
from rich.console import Console
from small_course import ANSWERS, ASSIGNMENT, hand_in, make_course

GIVEN = """\
import keras
from keras import layers

def two_inputs():
    raise NotImplementedError"""

SOLUTION = """\
def two_inputs():
    image = keras.Input((8, 8, 1), name="image")
    number = keras.Input((4,), name="number")
    merged = layers.concatenate([layers.Flatten()(image), number])
    return keras.Model([image, number], layers.Dense(1)(merged))"""

ANN = """\
def two_inputs():
    picture = keras.Input(shape=(8, 8, 1))
    extra = keras.Input(shape=(4,))
    looked_at = layers.Conv2D(12, 3, padding="valid", activation="elu")(picture)
    looked_at = layers.GlobalMaxPooling2D()(looked_at)
    scaled = layers.Rescaling(scale=0.125, offset=-0.5)(extra)
    wide = layers.Dense(48, activation="gelu", use_bias=False)(scaled)
    both = layers.Add()([layers.Dense(48)(looked_at), wide])
    return keras.Model(inputs=[picture, extra], outputs=layers.Dense(1, activation="linear")(both))"""

COPY = """\
# my own work
def two_inputs():
    b = keras.Input(shape=(4,))          # the number
    a = keras.Input(shape=(8, 8, 1))
    sc = layers.Rescaling(scale=0.125, offset=-0.5)(b)
    w = layers.Dense(48, activation='gelu',
                     use_bias=False)(sc)
    c = layers.Conv2D(12, 3, padding='valid', activation='elu')(a)
    c = layers.GlobalMaxPooling2D()(c)
    sum_of = layers.Add()([layers.Dense(48)(c), w])
    return keras.Model(inputs=[a, b], outputs=layers.Dense(1, activation='linear')(sum_of))"""

BEN = """\
def two_inputs():
    left = keras.Input((8, 8, 1))
    x = keras.Sequential([layers.Flatten(), layers.Dense(32, "relu"), layers.Dropout(0.2)])(left)
    right = keras.Input((4,))
    y = layers.BatchNormalization()(right)
    for units in (16, 8):
        y = layers.Dense(units, "tanh")(y)
    return keras.Model([left, right], layers.Dense(1, "sigmoid")(layers.concatenate([x, y], axis=-1)))"""

CAT = """\
def two_inputs():
    inputs = [keras.Input((8, 8, 1)), keras.Input((4,))]
    flat = layers.Reshape((64,))(inputs[0])
    gate = layers.Dense(64, activation="sigmoid", kernel_initializer="zeros")(inputs[1])
    out = layers.Multiply()([flat, gate])
    out = layers.LayerNormalization(epsilon=1e-3)(out)
    return keras.Model(inputs, layers.Dense(units=1)(out))"""

KNOWN = words([GIVEN])


def task(solution: str = SOLUTION, given: str = GIVEN, **students: str) -> Answers:
    by_student = {who: tuple(lines(text, KNOWN)) for who, text in students.items()}
    return Answers("build", "two-inputs", tuple(lines(given, KNOWN)), tuple(lines(solution, KNOWN)), by_student)


# --- tokens -----------------------------------------------------------------------------------------------------------


def test_what_a_learner_calls_things_does_not_show_and_what_the_library_does_shows():
    first = lines('mine = layers.Dense(16, activation="relu")(x)  # a comment', KNOWN)
    second = lines("other=layers.Dense( 16,\n  activation='elu')(y)", KNOWN)
    assert [line.tokens for line in first] == [line.tokens for line in second]
    assert (
        lines("mine = layers.Dense(16)(x)", KNOWN)[0].tokens != lines("mine = layers.Dropout(16)(x)", KNOWN)[0].tokens
    )
    assert second[0].text == "other=layers.Dense( 16, activation='elu')(y)"


@pytest.mark.parametrize(
    "text", ["", "\n\n", "def (", "'''never closed", "(" * 3000, "\x00\x1b[2J é\u202e", "%%bash\nls"]
)
def test_what_is_no_python_is_read_as_far_as_it_goes(text: str):
    for line in lines(text, KNOWN):
        assert list(line.grams)


# --- comparing --------------------------------------------------------------------------------------------------------


def test_a_copy_with_other_names_and_another_order_is_found():
    found = compared(task(ann=ANN, ben=BEN, cat=CAT, zed=COPY))
    assert [(pair.first, pair.second) for pair in found.pairs] == [("ann", "zed")]
    [pair] = found.pairs
    assert pair.likeness >= ALIKE and found.can_tell and (found.answers, found.comparable) == (4, 4)
    theirs = dict(pair.lines)
    scaled = next(text for text in theirs if "Rescaling" in text)
    assert theirs[scaled] == "sc = layers.Rescaling(scale=0.125, offset=-0.5)(b)"
    assert not any(text.startswith("def ") for text in theirs)  # that line was given


def test_answers_of_their_own_are_not_alike():
    found = compared(task(ann=ANN, ben=BEN, cat=CAT))
    assert found.can_tell and not found.pairs


def test_two_honest_short_answers_are_not_flagged_and_it_is_said_that_nothing_can_be_told():
    short = "def two_inputs():\n    a = keras.Input((8, 8, 1))\n    return keras.Model(a, layers.Flatten()(a))"
    found = compared(task(ann=short, ben=short.replace("a", "b").replace("kerbs", "keras")))
    assert found.answers == 2 and not found.pairs and not found.can_tell
    assert "can't tell" in shown(found)


def test_the_solutions_own_shape_counts_for_nothing():
    renamed = SOLUTION.replace("image", "pixels").replace("number", "other").replace("merged", "m")
    found = compared(task(ann=SOLUTION, ben=renamed, cat=CAT))
    assert (found.answers, found.comparable) == (3, 1) and not found.pairs


def test_the_stub_and_the_given_text_count_for_nothing():
    given = GIVEN + "\n" + ANN.replace("two_inputs", "an_example")
    known = words([given])
    texts = {"ann": given + "\nmine = 1", "ben": given + "\nyours = 2", "cat": GIVEN}
    by_student = {who: tuple(lines(text, known)) for who, text in texts.items()}
    found = compared(Answers("build", "x", tuple(lines(given, known)), (), by_student))
    assert (found.answers, found.comparable, found.pairs) == (2, 0, ())  # cat's is the stub: no answer
    assert compared(Answers("build", "x", tuple(lines(GIVEN, known)), (), by_student)).pairs  # it is a sharp gate


def test_a_habit_of_the_whole_class_weighs_less_than_what_two_have_alone():
    habit = '\n    keras.utils.set_random_seed(812)\n    print("shapes", picture.shape, extra.shape)'
    with_habit = {who: text + habit for who, text in {"ann": ANN, "ben": BEN, "cat": CAT, "zed": COPY}.items()}
    assert [(pair.first, pair.second) for pair in compared(task(**with_habit)).pairs] == [("ann", "zed")]


def test_nobody_and_one_learner_are_no_trouble():
    assert compared(task()) == TaskLikeness("build", "two-inputs", 0, 0, ())
    assert not compared(task(ann=ANN)).can_tell


def test_the_order_of_the_learners_changes_nothing():
    students = {"ann": ANN, "ben": BEN, "cat": CAT, "zed": COPY, "yan": COPY.replace("48", "24")}
    assert compared(task(**students)) == compared(task(**dict(reversed(students.items()))))


# --- showing ----------------------------------------------------------------------------------------------------------


def chapter(*tasks: TaskLikeness, skipped: tuple[str, ...] = ()) -> showing.ChapterLikeness:
    return showing.ChapterLikeness("01_first", 4, tasks, skipped)


def shown(*tasks: TaskLikeness, skipped: tuple[str, ...] = ()) -> str:
    text = io.StringIO()
    showing.show([chapter(*tasks, skipped=skipped)], Console(file=text, width=140))
    return text.getvalue()


def test_pairs_are_shown_side_by_side_the_most_alike_first_with_a_word_of_caution(tmp_path: Path):
    found = compared(task(ann=ANN, ben=BEN, cat=CAT, zed=COPY))
    other = TaskLikeness("debug", "fix", 2, 2, (Pair("debug", "fix", "ben", "cat", 0.8, (("x = 1", "y = 1"),)),))
    text = shown(other, found)
    assert text.index("build / two-inputs: ann and zed, 1.00") < text.index("debug / fix: ben and cat, 0.80")
    assert "not a verdict" in text and "2 pairs are alike" in text and "Rescaling" in text
    assert "not a verdict" not in shown(compared(task(ann=ANN, ben=BEN)))
    for name in ("out.csv", "out.json", "out.html"):
        showing.write([chapter(other, found)], tmp_path / name)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text())))
    assert [row["first"] for row in rows] == ["ann", "ben"]
    assert json.loads((tmp_path / "out.json").read_text())[0]["tasks"][1]["pairs"][0]["second"] == "zed"
    page = (tmp_path / "out.html").read_text()
    assert "not a verdict" in page and "<code>sc = layers.Rescaling" in page and "<script" not in page
    with pytest.raises(ValueError, match=r"\.html"):
        showing.write([], tmp_path / "out.pdf")


def test_nothing_of_a_learners_is_markup_or_a_formula():
    evil = "<img src=x onerror=1>`[red]\x1b[2J"
    pair = Pair("build", "two-inputs", "=cmd", f"a{evil}", 1.0, ((evil, evil),))
    found = TaskLikeness("build", "two-inputs", 2, 2, (pair,))
    page, text = showing.as_html([chapter(found, skipped=(evil,))]), shown(found, skipped=(evil,))
    assert "<img" not in page and "\x1b" not in page + text and "[red]" in text
    assert all(
        not cell.startswith("=") for row in csv.reader(io.StringIO(showing.as_csv([chapter(found)]))) for cell in row
    )


# --- a class ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with one long task, released, and a class with a copy in it."""
    folder = make_course(
        tmp_path_factory.mktemp("likeness") / "course", more={"long": (SOLUTION, "assert callable(two_inputs)")}
    )
    answers = {"ann": ANN, "ben": BEN, "cat": CAT, "zed": COPY}
    for student, text in answers.items():
        hand_in(folder, student, {"total": ANSWERS["total"][1], "twice": ANSWERS["twice"][1], "long": text})
    (folder / "exercises" / ASSIGNMENT).mkdir(parents=True)
    released = nbformat.read(hand_in(folder, "nobody", {}) / "small.ipynb", 4)
    nbformat.write(released, folder / "exercises" / ASSIGNMENT / "small.ipynb")
    return folder


def of_task(found: ClassAnswers, name: str) -> TaskLikeness:
    [mine] = [each for each in found.tasks if each.task == name]
    return compared(mine)


def test_answers_are_taken_from_what_was_handed_in(course: Path):
    found = read_answers(course, ASSIGNMENT)
    assert (found.students, found.skipped) == (5, ()) and [each.task for each in found.tasks] == [
        "total",
        "twice",
        "long",
    ]
    long = of_task(found, "long")
    assert [(pair.first, pair.second) for pair in long.pairs] == [("ann", "zed")] and long.answers == 4
    assert not of_task(found, "total").can_tell and not of_task(found, "twice").can_tell


def test_what_a_learner_put_into_a_cell_of_its_own_goes_with_the_next_answer(course: Path):
    path = course / "submitted" / "zed" / ASSIGNMENT / "small.ipynb"
    before = path.read_text()
    notebook = nbformat.read(path, 4)
    [place] = [i for i, c in enumerate(notebook.cells) if c.metadata.get("nbgrader", {}).get("grade_id") == "long"]
    notebook.cells[place].source = "two_inputs = the_model"
    notebook.cells.insert(place, new_code_cell(COPY.replace("two_inputs", "the_model")))
    try:
        nbformat.write(notebook, path)
        pairs = of_task(read_answers(course, ASSIGNMENT), "long").pairs
    finally:
        path.write_text(before)
    assert [(pair.first, pair.second) for pair in pairs] == [("ann", "zed")]


def test_an_unreadable_notebook_is_named_and_skipped(course: Path):
    path = course / "submitted" / "cat" / ASSIGNMENT / "small.ipynb"
    before = path.read_text()
    try:
        path.write_text("{")
        found = read_answers(course, ASSIGNMENT)
    finally:
        path.write_text(before)
    assert found.skipped == ("cat, small (it can't be read)",) and len(of_task(found, "long").pairs) == 1


def test_a_text_that_brings_its_process_down_is_named_and_the_rest_goes_on(
    course: Path, monkeypatch: pytest.MonkeyPatch
):
    def fragile(text: str, given: object) -> list:
        if "BatchNormalization" in text:
            raise RecursionError
        return lines(text, given)

    monkeypatch.setattr(reading, "lines", fragile)
    found = read_answers(course, ASSIGNMENT)
    assert found.skipped == ("ben (it is nested too deeply)",) and len(of_task(found, "long").pairs) == 1
    assert "ben (it is nested too deeply)" in shown(skipped=found.skipped)


def test_the_command_shows_and_writes_it(course: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(course)
    done = CliRunner().invoke(cli.main, ["likeness", ASSIGNMENT, "--output", "alike.json"])
    assert done.exit_code == 0, done.output
    assert "small / long: ann and zed" in done.output and "wrote alike.json" in done.output
    for arguments, said in ((["09_none"], "There is no chapter"), ([ASSIGNMENT, "--output", "x.pdf"], ".html")):
        done = CliRunner().invoke(cli.main, ["likeness", *arguments])
        assert done.exit_code == console.REFUSED and said in done.output


def test_a_class_that_handed_in_nothing_is_told_so(tmp_path: Path):
    with pytest.raises(LikenessError, match="Nobody has handed in"):
        read_answers(make_course(tmp_path / "new"), ASSIGNMENT)
    hand_in(tmp_path / "new", "ann")
    with pytest.raises(LikenessError, match="has not been released"):
        read_answers(tmp_path / "new", ASSIGNMENT)


def test_sixty_submissions_take_some_seconds(course: Path, tmp_path: Path):
    texts = [ANN, BEN, CAT, COPY]
    made = make_course(tmp_path / "large", more={"long": (SOLUTION, "assert callable(two_inputs)")})
    first = hand_in(made, "s00", {"long": ANN}) / "small.ipynb"
    (made / "exercises" / ASSIGNMENT).mkdir(parents=True)
    (made / "exercises" / ASSIGNMENT / "small.ipynb").write_bytes(
        (course / "exercises" / ASSIGNMENT / "small.ipynb").read_bytes()
    )
    text = first.read_text()
    for place in range(1, 60):
        folder = made / "submitted" / f"s{place:02}" / ASSIGNMENT
        folder.mkdir(parents=True)
        mine = json.dumps(texts[place % 4].replace("48", str(place)))
        (folder / "small.ipynb").write_text(text.replace(json.dumps(ANN), mine))
    before = _processor()
    found = read_answers(made, ASSIGNMENT)
    assert len(found.tasks[-1].by_student) == 60 and of_task(found, "long").comparable == 60
    assert _processor() - before < 30  # a machine may be slow and busy; it took 3


def _processor() -> float:
    usages = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def test_reports_on_a_class_import_neither_keras_nor_tensorflow():
    found = "import sys; from functional_course.likeness import answers, comparing, showing; "
    found += "from functional_course.class_report import reading, showing, tasks; "
    found += "print({'keras', 'tensorflow'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", found], capture_output=True, text=True, check=True).stdout == "set()\n"
