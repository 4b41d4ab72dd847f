"""Models as learners make them are the same function on the side that judges: numbers, gradients, losses, counts.

The forms are in tests/forms. All are made by one learner's process, and measured on both sides.
"""

from __future__ import annotations

import inspect
import json
import os
import re
import socket
import subprocess
import sys

import pytest
from conftest import ROOT

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="the sides are forked"),
    pytest.mark.xdist_group("boundary-forms"),
]

from functional_course.boundary.judging_peer import JudgingPeer  # noqa: E402
from functional_course.boundary.unpacking import Unpacker  # noqa: E402
from functional_course.boundary.wire import BoundaryError, CannotCross, Channel  # noqa: E402
from functional_course.grading.executing.run_messages import RunAnswer, RunRequest, ToldValue  # noqa: E402
from functional_course.grading.judging.discretion import since_hidden  # noqa: E402

import keras  # noqa: E402
import numpy as np  # noqa: E402

if keras.backend.backend() != "tensorflow":
    pytest.skip("the forms compute with TensorFlow", allow_module_level=True)

FOLDER = ROOT / "tests" / "forms"
FORMS = {
    name: (int(inputs), source)
    for name, inputs, source in re.findall(
        r"^# %% ([^\n]+)\n# inputs: (\d)\n(.*?)(?=^# %% |\Z)",
        (FOLDER / "models.txt").read_text(encoding="utf-8"),
        re.DOTALL | re.MULTILINE,
    )
}
PREDICTED = ("own-tf-weights", "act-tf-softmax", "kw-tf", "rnn-own-cell", "own-state")
"""Forms that are also run as a graph, which takes time."""


def measured(model, inputs, predicted):
    """What a model does with some rows, and how that changes with the rows and the weights."""
    import tensorflow as tf

    random = np.random.default_rng(3)
    rows = [random.normal(size=(3, 4)).astype("float32") for _ in range(inputs)]
    given = [tf.constant(each) for each in rows]
    given = given[0] if inputs == 1 else given
    with tf.GradientTape() as tape:
        tape.watch(given)
        made = model(given)
        loss = tf.reduce_sum(tf.sin(made)) + sum(model.losses or [0.0])
    gradients = tf.nest.flatten(tape.gradient(loss, [given, list(model.trainable_weights)]))
    told = {
        "output": np.array(made),
        "loss": np.array(loss),
        "parameters": model.count_params(),
        "trained": sum(int(np.prod(weight.shape)) for weight in model.trainable_weights),
        "shape": str(getattr(model, "output_shape", None)),
        "gradients": [np.zeros(1) if each is None else np.array(tf.convert_to_tensor(each)) for each in gradients],
    }
    if predicted:
        told["predicted"] = model.predict(rows if inputs > 1 else rows[0], verbose=0)
    return told


class Learner:
    """A learner's process, and this side's end of the boundary."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        # Not a fork of this process: TensorFlow's threads may run in it already, and would be missing in the copy.
        begun = (
            "import socket\n"
            "from functional_course.boundary.wire import Channel\n"
            "from functional_course.grading.executing.learner_side import serve\n"
            f"serve(Channel(socket.socket(fileno={theirs.fileno()})))"
        )
        self.process = subprocess.Popen([sys.executable, "-c", begun], pass_fds=[theirs.fileno()], cwd=ROOT)
        theirs.close()
        self.peer = JudgingPeer(Channel(ours), since_hidden())
        self.told: dict[int, list[ToldValue]] = {}
        self.made: dict[int, list] = {}

    def run(self, index: int, source: str, *names: str) -> list:
        header, arrays = self.peer.request_unread("run", RunRequest(index, source, 60, names).to_json())
        answer = RunAnswer.from_json(Unpacker(self.peer, {"value": header["value"]}, arrays).value(), names)
        self.told[index] = list(answer.told)
        return [each["evalue"] for each in answer.outputs if each["output_type"] == "error"]

    def values(self, index: int) -> list:
        """What the names of a cell stand for here."""
        for place in sorted(self.told):  # one after the other: what is told once is known to those that come later
            if place <= index and place not in self.made:
                self.peer.request("enter", place)
                self.made[place] = [self._value(told) for told in self.told[place]]
        return self.made[index]

    def _value(self, told: ToldValue) -> object:
        try:
            if told.body is None:
                raise BoundaryError(told.failed)
            return Unpacker(self.peer, json.loads(told.body), list(told.arrays)).value()
        except Exception as error:
            return error


OTHERS = {
    "relu_that_is_none": """
def relu(t):
    return t
x = keras.Input((4,))
relu_that_is_none = keras.Model(x, layers.Dense(3, activation=relu)(x))
""",
    "functions": """
def softmax(t):
    return t * 2
functions = [softmax, keras.activations.softmax, tf.nn.softmax, keras.ops.softmax]
x = keras.Input((4,))
layered = [layers.Dense(2, activation=each) for each in functions]
model = keras.Model(x, [layer(x) for layer in layered])
functions = [model, functions]
""",
    "drops": """
x = keras.Input((4,))
layer = Holds()
drops = [keras.Model(x, layer(x)), Holds, keras.Model(x, layer(x, training=False))]
""",
    "steps": """
x = keras.Input((4,))
steps = OwnStep(x, layers.Dense(3)(x))
""",
    "tied": """
x = keras.Input((4,))
first = layers.Dense(3, name="first")
tied = keras.Model(x, TiedHolder(first)(first(x)))
""",
    "broken": """
class Broken(layers.Layer):
    def call(self, x):
        return x / 0 if keras.ops.is_tensor(x) else x[:, :2] * None
class Raises(layers.Layer):
    def compute_output_shape(self, shape):
        return shape
    def call(self, x):
        raise ValueError("on purpose")
def fails(x):
    raise ValueError("on purpose, too")
x = keras.Input((4,))
broken = [Raises, fails]
""",
    "trained": """
x = keras.Input((4,))
trained = keras.Model(x, layers.Dense(1)(TFWeights()(x)))
trained.compile("sgd", lambda true, made: tf.reduce_mean(tf.square(true - made)), metrics=["mae"])
""",
}


@pytest.fixture(scope="module")
def learner():
    learner = Learner()
    started = (FOLDER / "written.py").read_text(encoding="utf-8") + inspect.getsource(measured)
    assert not learner.run(0, started)
    names = [*FORMS, *OTHERS]
    learner.failed = {}
    for index, name in enumerate(names, 1):
        if name in FORMS:
            inputs, source = FORMS[name]
            source += f"\ntold = [model, measured(model, {inputs}, {name in PREDICTED}), model.get_weights()]"
            learner.failed[name] = learner.run(index, source, "told")
        else:
            learner.failed[name] = learner.run(index, OTHERS[name], name)
    learner.peer.request("judge", None)
    learner.place = {name: index for index, name in enumerate(names, 1)}
    yield learner
    learner.process.kill()
    learner.process.wait()


@pytest.mark.parametrize("name", FORMS)
def test_a_form_is_the_same_function_here(learner, name: str):
    assert not learner.failed[name]
    ((model, asked, had),) = learner.values(learner.place[name])
    assert isinstance(model, keras.Model)
    weights = [np.array(weight) for weight in model.get_weights()]
    found = measured(model, FORMS[name][0], name in PREDICTED)
    for what in ("parameters", "trained", "shape"):
        assert found[what] == asked[what], what
    for one, two in zip([*weights, *found["gradients"]], [*had, *asked["gradients"]], strict=True):
        assert np.shape(one) == np.shape(two) and np.allclose(one, two, atol=1e-4)
    for what in {"output", "loss", "predicted"} & set(asked):
        assert found[what].shape == asked[what].shape and np.allclose(found[what], asked[what], atol=1e-5), what


def test_there_are_many_forms():
    assert len(FORMS) > 120


def other(learner, name):
    assert not learner.failed[name]
    return learner.values(learner.place[name])[0]


def test_a_function_is_kerass_by_identity_and_not_by_its_name(learner):
    model = other(learner, "relu_that_is_none")
    layer = model.layers[-1]
    assert layer.activation is not keras.activations.relu
    rows = np.array([[-1.0, 2.0, -3.0, 4.0]], "float32")
    kernel = np.array([[1, 0, 0]] * 4, "float32")
    layer.set_weights([kernel, np.array([-9, -1, 1], "float32")])
    assert np.array(model(rows)).tolist() == [[-7, -1, 1]]
    assert keras.activations.serialize(layer.activation) != "relu" or layer.activation(-1.0) == -1.0
    model, functions = other(learner, "functions")
    own, keras_own, of_tensorflow, operation = [layer.activation for layer in model.layers[1:]]
    assert keras_own is keras.activations.softmax and operation is keras.ops.softmax
    assert functions[1] is keras.activations.softmax and functions[3] is keras.ops.softmax
    assert own is functions[0] and of_tensorflow is functions[2]
    given = keras.ops.convert_to_tensor([[0.0, 1.0]])
    assert np.array(own(given)).tolist() == [[0.0, 2.0]]
    assert np.allclose(np.array(of_tensorflow(given)), np.array(keras_own(given)))


def test_a_layer_that_holds_dropout_drops_while_it_is_trained(learner):
    model, Holds, still = other(learner, "drops")
    rows = np.ones((64, 4), "float32")
    quiet = np.array(model(rows))
    assert np.array_equal(quiet, np.array(model(rows)))
    assert not np.allclose(np.array(model(rows, training=True)), quiet)
    entry = keras.Input((4,))
    layer = Holds()
    fresh = keras.Model(entry, layer(entry))
    assert not np.allclose(np.array(fresh(rows, training=True)), np.array(fresh(rows)))
    assert np.allclose(np.array(fresh(rows, training=False)), np.array(fresh(rows)))
    assert len(fresh.weights) == 2 and isinstance(still, keras.Model)


def test_a_kernel_that_a_layer_reads_of_another_is_the_one_that_it_has_now(learner):
    model = other(learner, "tied")
    rows = np.ones((1, 4), "float32")
    first = model.get_layer("first")
    first.set_weights([np.full((4, 3), 1.0), np.zeros(3)])
    once = np.array(model(rows))
    first.set_weights([np.full((4, 3), 2.0), np.zeros(3)])
    assert np.allclose(np.array(model(rows)) - once, 48 - 12)


def test_what_a_class_does_otherwise_is_refused_and_said(learner):
    model = other(learner, "steps")
    assert model(np.ones((2, 4), "float32")).shape == (2, 3)
    model.compile("sgd", "mse", run_eagerly=True)
    with pytest.raises(CannotCross, match="train_step"):
        model.fit(np.ones((2, 4), "float32"), np.ones((2, 3), "float32"), verbose=0)


def test_an_error_in_a_layer_is_the_layers_own(learner):
    Raises, fails = other(learner, "broken")
    with pytest.raises(ValueError, match="on purpose"):
        Raises()(np.ones((2, 4), "float32"))
    with pytest.raises(ValueError, match="on purpose, too"):
        fails(keras.ops.ones((2, 4)))


def test_a_model_with_other_computations_is_trained_here(learner):
    model = other(learner, "trained")
    rows = np.random.default_rng(0).normal(size=(32, 4)).astype("float32")
    before = [np.array(weight) for weight in model.get_weights()]
    losses = model.fit(rows, rows[:, :1], epochs=3, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    assert all(not np.array_equal(one, two) for one, two in zip(before, model.get_weights(), strict=True))
