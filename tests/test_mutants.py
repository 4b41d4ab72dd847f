"""Solutions changed the way learners go wrong are refused, and a check that lets one pass is found."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

from functional_course.faults import Fault
from functional_course.rubric.wording import IN_HIDDEN

import nbformat
import pytest
from conftest import ROOT, exercise
from mutants import judging
from mutants.catalogue import HARD_CODED, Ended, Table, equivalents, every_mutant, sample, tasks
from mutants.judging import Job, Kept, judged
from mutants.making import Mutant, Uses, mutants
from mutants.operators import OPERATORS
from one_task import Judged

DENSE = "x = layers.Dense(8, activation='relu')(x)"
SHARED = "f = layers.Dense(8)\na = f(x)\nb = f(y)"
TWO = "a = layers.Dense(8)(x)\nb = layers.Dense(8)(y)"
EXAMPLES = [
    ("other size", DENSE, "x = layers.Dense(9, activation='relu')(x)"),
    ("activation where none is asked", "x = layers.Dense(8)(x)", DENSE),
    ("activation left out", DENSE, "x = layers.Dense(8)(x)"),
    ("another activation", DENSE, "x = layers.Dense(8, activation='tanh')(x)"),
    ("another pooling", "x = layers.MaxPooling2D(2)(x)", "x = layers.AveragePooling2D(2)(x)"),
    ("Flatten for pooling", "x = layers.GlobalMaxPooling2D()(x)", "x = layers.Flatten()(x)"),
    ("another merge", "x = layers.Concatenate()([a, b])", "x = layers.Add()([a, b])"),
    ("a call left out", "y = base(scaled(x))", "y = base(x)"),
    ("a layer twice", "y = base(scaled(x))", "y = base(scaled(scaled(x)))"),
    ("dropout where none is asked", DENSE, f"x = layers.Dropout(0.25)({DENSE[4:]})"),
    ("dropout left out", "x = layers.Dropout(0.5)(x)", "x = x"),
    ("an entry of the list left out", "z = [layers.ReLU(), a]", "z = [layers.ReLU()]"),
    ("padding or border", "x = layers.Conv2D(4, 3, padding='same')(x)", "x = layers.Conv2D(4, 3, padding='valid')(x)"),
    ("no bias", "x = layers.Dense(8)(x)", "x = layers.Dense(8, use_bias=False)(x)"),
    ("a layer not shared", SHARED, "f = layers.Dense(8)\na = layers.Dense(8)(x)\nb = f(y)"),
    ("a layer shared by accident", TWO, "_one = layers.Dense(8)\na = _one(x)\nb = _one(y)"),
    (
        "a copy of what was given",
        "def f(base, x):\n    return base(x)",
        "def f(base, x):\n    return keras.models.clone_model(base)(x)",
    ),
    ("order swapped", "m = keras.Model([a, b], c)", "m = keras.Model([b, a], c)"),
    ("arguments swapped", "m = f(a, b)", "m = f(b, a)"),
    ("the wrong variable", "a = 1\nb = 2\nc = a", "a = 1\nb = 2\nc = b"),
    ("tested on what was learned from", "x_train = x_test = 1\ny = f(x_test)", "x_train = x_test = 1\ny = f(x_train)"),
    ("a wrong name", "x = keras.Input((3,), name='image')", "x = keras.Input((3,), name='image_1')"),
    ("a wrong key", "x = {'age': a}", "x = {'ages': a}"),
    ("a key left out", "x = {'age': a, 'label': b}", "x = {'label': b}"),
    ("a skip left out", "x = layers.Add()([a, b])", "x = a"),
    ("another loss", "m.compile('sgd', loss='mse')", "m.compile('sgd', loss='mae')"),
    ("a weight of the loss", "m.compile('sgd', loss_weights=[1, 2])", "m.compile('sgd')"),
    ("a statement left out", "m.compile('sgd')\nm.fit(x, y)", "m.fit(x, y)"),
    ("in another order", "b.trainable = False\nm.compile('sgd')", "m.compile('sgd')\nb.trainable = False"),
    ("frozen for thawed", "b.trainable = False", "b.trainable = True"),
    ("the training flag", "y = m(x, training=False)", "y = m(x, training=True)"),
    ("no training", "m.fit(x, y, epochs=5)", "m.fit(x, y, epochs=0)"),
    ("a rate that is off", "o = keras.optimizers.Adam(rate)", "o = keras.optimizers.Adam(rate * 10)"),
    ("another axis", "y = np.mean(x, axis=0)", "y = np.mean(x)"),
    ("another number", "y = x[:, 0]", "y = x[:, 1]"),
    ("a comparison the wrong way", "y = a < b", "y = a > b"),
    ("another operation", "y = a - b", "y = a + b"),
    ("a condition always true", "y = a if c else b", "y = a if True else b"),
    ("another function of numbers", "y = np.std(x)", "y = np.var(x)"),
    ("prints", "m.fit(x, y, verbose=0)", "m.fit(x, y, verbose=2)"),
]
WRAPPERS = ("what was given is changed", "only the examples shown")


@pytest.mark.parametrize(("name", "before", "after"), EXAMPLES, ids=[example[0] for example in EXAMPLES])
def test_an_operator_makes_the_slip_that_it_is_named_for(name: str, before: str, after: str):
    made = [
        mutant for mutant in mutants("00", "small", "one", before, {}, "image age print") if mutant.operator == name
    ]
    assert ast.unparse(ast.parse(after)) in [mutant.source for mutant in made if mutant.operator == name]


def test_every_operator_has_an_example():
    assert sorted([name for name, *_ in EXAMPLES] + list(WRAPPERS)) == sorted(operator.name for operator in OPERATORS)


def test_what_is_written_around_a_function_depends_on_its_use():
    for use, wrappers in ((Uses(2, False), WRAPPERS[1:]), (Uses(0, True), WRAPPERS[:1]), (Uses(0, False), ())):
        made = mutants("00", "small", "one", "def f(x):\n    return x", {"f": use}, "")
        assert [mutant.operator for mutant in made if mutant.operator in WRAPPERS] == list(wrappers)


def test_a_name_that_the_text_does_not_say_may_be_any():
    answer = "x = keras.Input((3,), name='image')"
    made = [mutant.operator for mutant in mutants("00", "small", "one", answer, {}, "an image of your choice")]
    assert "a wrong name" in made
    made = [mutant.operator for mutant in mutants("00", "small", "one", answer, {}, "images of your choice")]
    assert "a wrong name" not in made


RIGHT = "def doubled(numbers):\n    return [2 * number for number in numbers]"
CHECKS = """\
from functional_course.rubric import Rubric

rubric = Rubric("answer", points=3, read="Chapter 0, section 1")
given = [1, 2]
with rubric.criterion(1, "two numbers are doubled"):
    assert doubled(given) == [2, 4], f"asked for [2, 4]; found {doubled(given)}"
### BEGIN HIDDEN TESTS
with rubric.criterion(2, "so are others", hidden=True):
    assert doubled([5]) == [10]
### END HIDDEN TESTS
rubric.score()"""


def small_course(folder: Path, test: str) -> Path:
    """A course with one task, which needs no Keras; the path of its solutions."""
    (folder / "00_small").mkdir(parents=True)
    notebook = exercise(RIGHT, test)
    notebook.cells.insert(0, nbformat.v4.new_code_cell("import keras\nimport numpy as np"))
    notebook.cells.insert(1, nbformat.v4.new_markdown_cell("## 1. Doubled"))
    nbformat.write(notebook, folder / "00_small" / "build.ipynb")
    return folder


def ended(folder: Path, test: str) -> list[Ended]:
    solutions = small_course(folder / "solutions", test)
    return every_mutant(list(tasks(solutions)), 1, Kept(folder / "kept.jsonl", folder))


@pytest.fixture(scope="module")
def of_good_checks(tmp_path_factory: pytest.TempPathFactory) -> list[Ended]:
    return ended(
        tmp_path_factory.mktemp("good"), CHECKS.replace("doubled(given) ==", "doubled(given) == doubled([1, 2]) ==")
    )


def test_a_check_that_lets_a_slip_pass_is_found(of_good_checks: list[Ended], tmp_path: Path):
    good = Table(of_good_checks, {})
    assert {each.mutant.operator for each in good.missed} == {"what was given is changed"}
    assert {each.mutant.operator for each in good.caught} >= {"another number", "another operation", WRAPPERS[1]}
    weak = Table(ended(tmp_path, CHECKS.replace("doubled([5]) == [10]", "doubled([5])")), {})
    assert WRAPPERS[1] in {each.mutant.operator for each in weak.missed}


def test_a_mutant_that_is_right_is_written_down_and_one_that_is_not_is_refused(of_good_checks: list[Ended]):
    (missed,) = Table(of_good_checks, {}).missed
    table = Table(of_good_checks, {missed.mutant.key: "the text says nothing of it"})
    assert (table.missed, table.equivalent, table.stale) == ([], [missed], [])
    caught = table.caught[0]
    assert Table(of_good_checks, {caught.mutant.key: "no"}).stale == [caught]


def test_a_message_names_the_fault_or_does_not(of_good_checks: list[Ended]):
    first = next(each for each in of_good_checks if each.mutant.operator == "another number")
    verdict = {"title": "two numbers are doubled", "points": 1, "earned": 0}
    for message, named in (
        ("asked for [2, 4]; found [3, 6]", True),
        ("not so", False),
        ("not so: its numbers differ", False),
        ("not so: it prints something", True),
        (f"ValueError{IN_HIDDEN}", False),
    ):
        said = Judged(0.0, [verdict | {"message": message}])
        assert Ended(first.mutant, 3, said).named is named, message


@pytest.mark.parametrize(
    ("message", "named"),
    [("gave 3 for 2", True), ("75.3% right", False), ("0.3", False), ("3.1", False), ("13", False), ("it is 3.", True)],
)
def test_a_digit_of_another_number_names_nothing(message: str, named: bool):
    mutant = Mutant("01", "build", "double", "no bias", "2 * -> 3 *", "")
    assert Ended(mutant, 1, Judged(0.0, [{"message": message, "points": 1, "earned": 0}])).named is named


def test_a_word_of_the_change_in_a_sentence_that_quotes_nothing_names_nothing():
    mutant = Mutant("01", "build", "double", "no bias", "numbers -> others", "")
    for message, named in (("asked for other numbers", True), (f"not so: {Fault.VALUES}", False)):
        assert Ended(mutant, 1, Judged(0.0, [{"message": message, "points": 1, "earned": 0}])).named is named


def test_the_advice_to_try_other_inputs_names_the_answer_for_the_shown_ones_alone():
    judged = Judged(0.0, [{"message": f"ValueError{IN_HIDDEN}", "points": 1, "earned": 0}])
    for operator in OPERATORS:
        mutant = Mutant("01", "build", "double", operator.name, "inputs -> other", "", operator.told_by)
        assert Ended(mutant, 1, judged).named is (operator.name == HARD_CODED)


def test_an_error_of_the_answers_own_is_counted_where_it_is_quoted_with_its_place(of_good_checks: list[Ended]):
    first = next(each for each in of_good_checks if each.mutant.operator == "another number")
    verdict = {"title": "two are doubled", "points": 1, "earned": 0}
    quoted = "TypeError: 'list' object is not callable (in `doubled`)"
    undefined = "`doubled` does not exist: its cell was not run, stopped with an error, or used another name"
    ended = "`doubled` does not exist: its cell stopped with ZeroDivisionError: division by zero"
    for message, stops in ((quoted, True), (undefined, True), (ended, True), ("TypeError", False), ("not so", False)):
        assert Ended(first.mutant, 3, Judged(0.0, [verdict | {"message": message}])).stops is stops


def test_a_solution_that_fails_itself_stops_the_run(tmp_path: Path):
    with pytest.raises(ValueError, match="00_small build answer"):
        ended(tmp_path, CHECKS.replace("== [10]", "== [11]"))


def test_an_answer_that_never_ends_or_ends_the_process_is_caught(tmp_path: Path):
    notebook = small_course(tmp_path / "solutions", CHECKS) / "00_small" / "build.ipynb"
    forever = Job("forever", notebook, "answer", "while True:\n    pass", seconds=1)
    gone = Job("gone", notebook, "answer", "import os\nos._exit(3)")
    found = judged([forever, gone], 2, Kept(tmp_path / "kept.jsonl", tmp_path))
    assert found["forever"].stopped == "TimeoutError: over 1 seconds"
    assert found["gone"].stopped == "the process ended with 3"
    assert found["forever"].points == found["gone"].points == 0


def test_what_is_known_is_not_judged_again_until_what_decides_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    course, store = tmp_path / "functional_course", tmp_path / "kept.jsonl"
    course.mkdir()
    (course / "rubric.py").write_text("one = 1")
    notebook = small_course(tmp_path / "solutions", CHECKS) / "00_small" / "build.ipynb"
    job = Job("one", notebook, "answer", RIGHT)
    Kept(store, course).put(job, Judged(2.0))
    with open(store, "a") as file:
        file.write('{"of": "a run that was sto')
    assert Kept(store, course).of(job) == Judged(2.0)
    assert Kept(store, course).of(Job("two", notebook, "answer", RIGHT + "\n")) is None
    (course / "unused.py").write_text("no cell leads here")
    assert Kept(store, course).of(job) == Judged(2.0)
    (course / "rubric.py").write_text("one = 2")
    assert Kept(store, course).of(job) is None
    (course / "rubric.py").write_text("one = 1")
    assert Kept(store, course).of(job) == Judged(2.0)
    with monkeypatch.context() as patch:
        patch.setattr(judging, "_judges", lambda: "another way of judging")
        assert Kept(store, course).of(job) is None
    notebook.write_text(notebook.read_text().replace("doubled([5]) == [10]", "doubled([5]) == [11]"))
    assert Kept(store, course).of(job) is None


def test_what_is_called_equivalent_is_still_a_mutant():
    made = {mutant.key for task in tasks(ROOT / "solutions") for mutant in task.mutants({})}
    assert [key for key in equivalents() if key not in made] == []


def test_sixty_mutants_of_the_course_are_caught_or_known_to_be_right():
    # In a process of its own: a fork of one that has used TensorFlow may wait for a lock forever.
    command = [sys.executable, "-m", "tests.mutants", "--sample", "60", "--workers", "1"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert ended.returncode == 0, ended.stdout + ended.stderr[-2000:]
    assert ended.stdout.splitlines()[-1].startswith("mutants 60, ")


def test_a_sample_takes_from_every_operator_before_it_takes_more_from_one():
    taken = sample(list(tasks(ROOT / "solutions")), 60)
    operators = [mutant.operator for mutant, _ in taken]
    assert len(taken) == 60
    assert len(set(operators)) >= 30
    trained = [mutant.operator for mutant, task in taken if task.trains]
    assert "no training" in trained
    assert len(trained) < 20


def test_the_table_counts_every_mutant_once(of_good_checks: list[Ended]):
    counts = Table(of_good_checks, {}).as_json()
    for part in ("chapters", "operators"):
        assert sum(row["mutants"] for row in counts[part].values()) == len(of_good_checks)
    assert json.loads(json.dumps(counts)) == counts
