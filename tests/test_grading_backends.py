"""``course grade --backend``: both sides and the warm process have it, verdicts rest on it, and it has to be there."""

from __future__ import annotations

from pathlib import Path

from functional_course.cli import main
from functional_course.grading.executing import contained
from functional_course.grading.judging import backends, execution, executors
from functional_course.grading.judging.execution import Job
from functional_course.grading.reporting import sentences
from functional_course.grading.running.grade import GradeError, grade_class
from functional_course.sandbox import Policy

import needs
import pytest
from click.testing import CliRunner
from small_course import ASSIGNMENT, POINTS, hand_in, make_course

OTHERS = [
    pytest.param(
        name,
        marks=[
            pytest.mark.skipif(not backends.is_installed(name), reason=f"pip install '.[{name}]'"),
            pytest.mark.xdist_group("grading"),
        ],
    )
    for name in ("jax", "torch")
]
"""The backends that the course doesn't install."""


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    return make_course(tmp_path / "course")


# --- a backend that isn't there ---------------------------------------------------------------------------------------


@pytest.fixture
def without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has TensorFlow and JAX."""
    monkeypatch.setattr(backends, "is_installed", {"tensorflow": True, "jax": True, "torch": False}.__getitem__)


MISSING = "PyTorch is not installed: pip install 'functional-course[torch]'."


@pytest.mark.parametrize("how", ["option", "file", "variable"])
def test_a_backend_that_is_not_installed_is_refused_before_anything_is_taken_in(
    course: Path, without_torch: None, monkeypatch: pytest.MonkeyPatch, how: str
):
    hand_in(course, "ann")
    before = sorted(course.rglob("*"))
    if how == "file":
        file = course / "nbgrader_config.py"
        file.write_text(file.read_text() + 'c.CourseGrade.backend = "torch"\n')
    elif how == "variable":
        monkeypatch.setenv("KERAS_BACKEND", "torch")
    monkeypatch.chdir(course)
    words = ["--backend", "torch"] if how == "option" else []
    done = CliRunner().invoke(main, ["grade", ASSIGNMENT, *words])
    assert done.exit_code == 2 and " ".join(done.output.split()) == MISSING
    assert sorted(course.rglob("*")) == before


def test_an_option_wins_over_a_variable_that_names_what_is_not_installed(
    without_torch: None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    assert backends.why_not(backends.chosen()) == MISSING
    assert backends.why_not(backends.chosen("jax")) is None


def test_a_backend_that_the_course_does_not_know_is_refused(course: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("KERAS_BACKEND", "openvino")
    with pytest.raises(GradeError, match="with Keras on openvino: choose tensorflow, jax or torch"):
        grade_class(course, ASSIGNMENT)


def test_what_is_installed_is_found_without_an_import():
    assert backends.is_installed("tensorflow") and not backends.is_installed("no_such_backend")
    assert all(backends.why_not(name) is None for name in backends.NAMES if backends.is_installed(name))


# --- what has it ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["tensorflow", "jax", "torch"])
def test_both_sides_and_the_warm_process_have_the_backend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.setenv("KERAS_BACKEND", "other")
    started: list[object] = []
    monkeypatch.setattr(execution, "ForkedSide", lambda module, sockets, place, environment, rules: environment)
    monkeypatch.setattr(executors, "start", started.append)
    job = Job([], policy=execution.policy(backend=name), backend=name)
    assert Policy.from_json(job.policy).environment["KERAS_BACKEND"] == name
    executors._start_warm_process(name)
    learner = execution._learner_side(job, str(tmp_path), None)
    assert learner["KERAS_BACKEND"] == name
    # One warm process serves both.
    assert execution._judging_side(job, str(tmp_path), []) == learner == started[0]


def test_without_one_it_is_as_the_variable_says_or_not_set(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    assert execution.environment()["KERAS_BACKEND"] == "torch" and backends.chosen() == "torch"
    monkeypatch.setenv("KERAS_BACKEND", "")
    assert backends.chosen() == "tensorflow"  # as Keras takes it
    monkeypatch.delenv("KERAS_BACKEND")
    assert "KERAS_BACKEND" not in execution.environment() and backends.chosen() == "tensorflow"


def test_a_container_is_asked_for_the_version_of_the_backend(capsys: pytest.CaptureFixture[str]):
    contained.main(contained.asking_state())
    usual = capsys.readouterr().out.strip()
    assert usual == contained.state() and "keras" in usual
    contained.main(contained.asking_state("tensorflow"))
    assert capsys.readouterr().out.startswith(f"{usual}, tensorflow 2.")
    assert contained.state("no_such_backend") == f"{usual}, no_such_backend none"


def test_the_report_says_another_backend_than_the_usual_one():
    assert sentences.other_backend("tensorflow") == []
    assert sentences.other_backend("torch") == ["Graded with Keras on PyTorch."]


# --- a class ----------------------------------------------------------------------------------------------------------

MODEL = """\
import keras

keras.utils.set_random_seed(1)
x = keras.Input((3,))
model = keras.Model(x, keras.layers.Dense(2, name="out")(x))
model.compile("sgd", "mse")
model.fit(keras.ops.ones((4, 3)), keras.ops.ones((4, 2)), epochs=2, verbose=0)
backend = keras.backend.backend()"""

OF_THE_MODEL = """\
import keras
import numpy as np

assert keras.backend.backend() == backend == {name!r}
assert np.allclose(np.asarray(model.predict(np.ones((2, 3)), verbose=0)).shape, (2, 2))
assert model.get_layer("out").count_params() == 8"""


@needs.sandboxed()
@pytest.mark.parametrize("name", OTHERS)
def test_a_class_is_graded_on_another_backend_and_judged_again_when_it_changes(tmp_path: Path, name: str):
    course = make_course(tmp_path / "course", {"model": (MODEL, OF_THE_MODEL.format(name=name))})
    answers = {"total": "total = 40 + offset", "twice": "def twice(number):\n    return 2 * number", "model": MODEL}
    hand_in(course, "ann", answers)

    def graded(backend: str):
        return grade_class(course, ASSIGNMENT, workers=1, feedback=False, backend=backend)

    report = graded(name)
    assert [row.points for row in report.rows] == [POINTS + 1], report
    assert report.about == (f"Graded with Keras on {backends.NAMES[name]}.",)
    assert [row.status for row in graded(name).rows] == ["unchanged"]
    report = graded("tensorflow")
    assert [row.points for row in report.rows] == [POINTS]  # this task is about the other one
    assert f"1 submission is judged again: Keras's backend ({name} → tensorflow) changed." in report.about


OWN = """\
import keras
{imported}


class Own(keras.layers.Layer):
    def build(self, shape):
        self.scale = self.add_weight(shape=(), initializer="ones", name="scale")

    def call(self, x):
        return {tanh}(x) * self.scale


def distance(asked, found):
    return {mean}((asked - found) ** 2)


x = keras.Input((3,))
own = keras.Model(x, Own(name="own")(keras.layers.Dense(2, kernel_initializer="ones", name="first")(x)))"""
"""A layer and a loss that compute with a backend's own functions, which Keras can't record."""

OF_OWN = """\
import keras
import numpy as np

rows = np.linspace(-1, 1, 12, dtype="float32").reshape(4, 3)
found = keras.ops.convert_to_numpy(own(rows))
assert np.allclose(found, np.tanh(rows.sum(1, keepdims=True)), atol=1e-5), "the values"
own.compile(keras.optimizers.SGD(1.0), loss=distance)
own.fit(rows, np.full((4, 2), 9.0, "float32"), verbose=0)
# The loss is (9 - s t)^2 with s = 1, so a step moves s by the mean of 2 (9 - t) t over both columns.
step = np.mean(2 * (9 - found) * found)
assert np.allclose(own.get_layer("own").get_weights()[0], 1 + step, atol=1e-4), "the gradient for the layer's weight"
slope = (2 * (9 - found) * (1 - found**2))[:, :1]
moved = (slope * rows).mean(0) / 2
assert np.allclose(own.get_layer("first").get_weights()[0][:, 0], 1 + moved, atol=1e-4), "the gradient below"
"""

SPELT = {
    "torch": {"imported": "import torch", "tanh": "torch.tanh", "mean": "torch.mean"},
    "jax": {"imported": "import jax.numpy as jnp", "tanh": "jnp.tanh", "mean": "jnp.mean"},
}


@needs.sandboxed()
@pytest.mark.parametrize("name", OTHERS)
def test_what_a_backend_computes_itself_is_judged_or_waits_and_is_never_zero_in_silence(tmp_path: Path, name: str):
    answer = OWN.format(**SPELT[name])
    course = make_course(tmp_path / "course", {"own": (answer, OF_OWN)})
    answers = {"total": "total = 40 + offset", "twice": "def twice(number):\n    return 2 * number", "own": answer}
    hand_in(course, "ann", answers)
    (row,) = grade_class(course, ASSIGNMENT, workers=1, feedback=False, backend=name).rows
    assert row.points == POINTS + 1, row
    # PyTorch takes gradients from elsewhere. On JAX the test is judged beside the learner's code, and waits.
    assert bool(row.repairs) == (name == "jax"), row


NUMBERS = """\
import numpy as np


def centred(x):
    return x - float(np.asarray(x).mean())


def turned(x):
    x += 1
    return x if float(x[0, 0]) > 0 else -x"""
"""Functions that ask for numbers, or change what they are given: on PyTorch neither works on what needs gradients."""

OF_NUMBERS = """\
import keras
import numpy as np

for function, wanted in ((centred, 0.0), (turned, 4.0)):
    assert np.allclose(keras.ops.convert_to_numpy(function(keras.ops.full((2, 2), 3.0))), wanted), function.__name__
"""


@needs.sandboxed()
@pytest.mark.parametrize("name", OTHERS)
def test_what_needs_no_gradients_is_called_without(tmp_path: Path, name: str):
    course = make_course(tmp_path / "course", {"numbers": (NUMBERS, OF_NUMBERS)})
    answers = {"total": "total = 40 + offset", "twice": "def twice(number):\n    return 2 * number", "numbers": NUMBERS}
    hand_in(course, "ann", answers)
    (row,) = grade_class(course, ASSIGNMENT, workers=1, feedback=False, backend=name).rows
    assert (row.points, row.repairs) == (POINTS + 1, ()), row


COMPILED = """\
import keras

x = keras.Input((3,))
own = keras.Model(x, keras.layers.Dense(2)(x))
own.compile(keras.optimizers.SGD(0.5, momentum=0.9), "mse")


def rate(model):
    return float(keras.ops.convert_to_numpy(model.optimizer.learning_rate))"""
"""A model that is compiled with an optimizer, and a function of such models: on PyTorch these are of Keras's own
subclasses, which have no public name.
"""

OF_COMPILED = """\
import keras
import numpy as np

assert isinstance(own.optimizer, keras.optimizers.SGD) and own.optimizer.momentum == 0.9
before = own.get_weights()
own.fit(np.ones((4, 3)), np.full((4, 2), 9.0), verbose=0)
assert not np.array_equal(before[0], own.get_weights()[0]), "trained"
x = keras.Input((3,))
given = keras.Model(x, keras.layers.Dense(2)(x))
names = "Adadelta Adafactor Adagrad Adam AdamW Adamax Ftrl Lion Nadam RMSprop SGD".split()
for kind in (getattr(keras.optimizers, name) for name in names):
    given.compile(kind(0.25), "mse")
    assert rate(given) == 0.25, kind.__name__
given.compile(keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(0.125)), "mse")
assert rate(given) == 0.125
"""


@needs.sandboxed()
@pytest.mark.parametrize("name", OTHERS)
def test_models_that_are_compiled_with_an_optimizer_cross_both_ways(tmp_path: Path, name: str):
    course = make_course(tmp_path / "course", {"compiled": (COMPILED, OF_COMPILED)})
    answers = {
        "total": "total = 40 + offset",
        "twice": "def twice(number):\n    return 2 * number",
        "compiled": COMPILED,
    }
    hand_in(course, "ann", answers)
    (row,) = grade_class(course, ASSIGNMENT, workers=1, feedback=False, backend=name).rows
    assert (row.points, row.repairs) == (POINTS + 1, ()), row
