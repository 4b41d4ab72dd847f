"""What crosses between a learner's process and the judging one, and what does not."""

from __future__ import annotations

import gc
import json
import os
import socket
import threading

import pytest

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="the sides are forked"),
    pytest.mark.xdist_group("boundary"),
]

from functional_course.boundary.values import Decoder, Encoder, Opaque  # noqa: E402
from functional_course.boundary.wire import BoundaryError, CannotCross, Channel  # noqa: E402

import numpy as np  # noqa: E402


def there_and_back(value):
    encoder = Encoder()
    coded = json.loads(json.dumps(encoder.encode(value)))
    return Decoder(encoder.arrays, lambda coded: pytest.fail(f"not plain: {coded}")).decode(coded)


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        -3,
        1 << 80,
        2.5,
        "text",
        b"bytes",
        1 + 2j,
        ...,
        [1, [2, "x"]],
        (1, (2,)),
        {1, 2},
        frozenset({3}),
        {"a": 1, 2: (None,)},
        {(1, 2): [3]},
        slice(1, None, 2),
        range(3, 9, 2),
    ],
)
def test_plain_values_cross(value):
    back = there_and_back(value)
    assert back == value and type(back) is type(value)


def test_floats_that_json_has_not():
    assert np.isnan(there_and_back(float("nan")))
    assert there_and_back([float("inf"), -float("inf")]) == [float("inf"), -float("inf")]


@pytest.mark.parametrize("dtype", ["float32", "float64", "int8", "uint64", "bool", "complex64", "<U5", "S3", "float16"])
def test_arrays_and_scalars_cross(dtype: str):
    array = np.arange(12).reshape(3, 4).astype(dtype)
    back = there_and_back(array)
    assert back.dtype == array.dtype and np.array_equal(back, array)
    scalar = there_and_back(array[0, 1])
    assert type(scalar) is type(array[0, 1]) and scalar == array[0, 1]
    assert there_and_back(array[:, ::2]).tolist() == array[:, ::2].tolist()


class Equal(int):
    """Equal to everything."""

    def __eq__(self, other):
        return True

    __hash__ = int.__hash__


class Lying(np.ndarray):
    """Says that it is close to everything."""


@pytest.mark.parametrize(
    "value",
    [Equal(3), np.arange(3).view(Lying), np.array([object()]), object(), iter([1]), type("L", (list,), {})([1])],
)
def test_what_has_ideas_of_its_own_arrives_as_nothing(value):
    back = there_and_back(value)
    assert isinstance(back, Opaque)
    asked = (
        lambda: back == value,
        lambda: back != value,
        lambda: back < 3,
        lambda: bool(back),
        lambda: len(back),
        lambda: list(back),
        lambda: back.shape,
        lambda: back(),
        lambda: float(back),
        lambda: np.asarray(back),
    )
    assert not np.array_equal(back, value)
    for ask in asked:
        with pytest.raises(BoundaryError):
            ask()
    with pytest.raises(TypeError):
        _ = back + 1


@pytest.mark.parametrize(
    "coded",
    [
        {"t": "array", "d": "|O", "s": [1], "v": 0},
        {"t": "array", "d": "<f4", "s": [99], "v": 0},
        {"t": "array", "d": "<f4", "s": [-1, -1], "v": 0},
        {"t": "array", "d": "<f4", "s": [1], "v": 7},
        {"t": "int", "v": "no"},
        {"t": "dict", "v": [[[1], 2]]},
        {"t": "keyword", "v": "exit"},
        {"t": "slice", "v": [1, 2, 3, 4]},
        {"v": 1},
    ],
)
def test_what_no_encoder_makes_is_refused(coded):
    def other(coded):
        raise BoundaryError("nothing of that tag")

    with pytest.raises(BoundaryError):
        Decoder([b"\0" * 8], other).decode(coded)


def test_what_cannot_cross_is_told_from_what_breaks_the_protocol_on_both_sides():
    from functional_course.boundary.failures import described, raised

    assert type(raised(described(CannotCross("`fold` uses a thread")))) is CannotCross
    assert type(raised(described(BoundaryError("the other side is gone")))) is BoundaryError
    with pytest.raises(CannotCross, match="iterator"):
        len(Opaque("iterator"))


def test_a_nest_without_end_is_refused():
    deep: list = []
    for _ in range(200):
        deep = [deep]
    with pytest.raises(BoundaryError, match="too deep"):
        Decoder([], lambda coded: None).decode(deep)
    circle: list = []
    circle.append(circle)
    assert isinstance(there_and_back(circle), list)  # cut off, and said to be


@pytest.mark.parametrize(
    "sent", [b"\0\0\0\4\0\0\0\0\0\0\0\0nope", b"\xff" * 12, b"\0\0\0\2\0\0\0\0\0\0\0\0{}", b"\0\0"]
)
def test_what_is_no_message_is_refused(sent: bytes):
    ours, theirs = socket.socketpair()
    theirs.sendall(sent)
    theirs.close()
    with pytest.raises(BoundaryError):
        Channel(ours).receive()


def test_a_slow_side_meets_the_deadline():
    import time

    ours, theirs = socket.socketpair()
    channel = Channel(ours)
    channel.deadline = time.monotonic() + 0.3
    stop = threading.Event()

    def drip() -> None:
        while not stop.wait(0.05):
            try:
                theirs.send(b"\0")
            except OSError:
                return

    threading.Thread(target=drip, daemon=True).start()
    started = time.monotonic()
    with pytest.raises(BoundaryError):
        channel.receive()
    assert time.monotonic() - started < 5
    stop.set()


# --- with Keras: one process for the learner, this one judges ---------------------------------------------------------


@pytest.fixture
def learner():
    """Run a learner's cell in a forked process and return what some of its names arrive as."""
    children: list[int] = []

    def told(source: str, *names: str):
        from functional_course.boundary.judging_peer import JudgingPeer
        from functional_course.boundary.unpacking import Unpacker
        from functional_course.grading.executing.run_messages import RunAnswer, RunRequest
        from functional_course.grading.judging.discretion import since_hidden

        import keras

        ours, theirs = socket.socketpair()
        # What other tests had TensorFlow set up ends here, where its threads run: in a fork its end is a crash. A warm
        # process has used TensorFlow for nothing.
        keras.utils.set_random_seed(0)
        child = os.fork()
        if child == 0:
            # As the warm process does: what is garbage here was TensorFlow's.
            gc.freeze()
            ours.close()
            from functional_course.grading.executing.learner_side import LearnerSide

            try:
                LearnerSide(Channel(theirs)).peer.serve()
            finally:
                os._exit(0)
        children.append(child)
        theirs.close()
        peer = JudgingPeer(Channel(ours), since_hidden())
        header, arrays = peer.request_unread("run", RunRequest(0, source, 60, names).to_json())
        answer = RunAnswer.from_json(Unpacker(peer, {"value": header["value"]}, arrays).value(), names)
        assert all(each["output_type"] != "error" for each in answer.outputs), answer.outputs
        peer.request("judge", None)
        peer.request("enter", 0)
        values = []
        for each in answer.told:
            assert each.body is not None, f"{each.name}: {each.failed}"
            unpacker = Unpacker(peer, json.loads(each.body), list(each.arrays))
            values.append(unpacker.value())
        return values[0] if len(values) == 1 else values

    yield told
    import signal

    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


IMPORTS = "import keras\nimport numpy as np\nfrom keras import layers\n"


def numbers(tensor):
    import keras

    return keras.ops.convert_to_numpy(tensor)


def test_a_layer_called_twice_is_one_layer_here_too(learner):
    model, other = learner(
        IMPORTS
        + """
left, right = keras.Input((4,), name="left"), keras.Input((4,), name="right")
shared = layers.Dense(3)
model = keras.Model([left, right], keras.ops.abs(shared(left) - shared(right)))
other = keras.Model(left, layers.Dense(1)(shared(left)))
""",
        "model",
        "other",
    )
    from functional_course import checks

    assert model.count_params() == 15
    dense = next(layer for layer in model.layers if type(layer).__name__ == "Dense")
    checks.check_calls_from(model, dense, ["left", "right"])
    assert dense in other.layers  # shared between two models, as it was there
    rows = [np.ones((2, 4), "float32"), np.zeros((2, 4), "float32")]
    asked = np.abs(rows[0] @ numbers(dense.kernel))
    assert np.abs(numbers(model(rows)) - asked).max() < 1e-6


def test_what_was_patched_into_keras_stays_behind(learner):
    model = learner(
        IMPORTS
        + """
keras.Model.__call__ = lambda self, *args, **kwargs: np.full((2, 1), 7.0, "float32")
layers.Dense.call = lambda self, inputs: inputs * 0 + 7.0
np.allclose = lambda *args, **kwargs: True
entry = keras.Input((1,))
model = keras.Model(entry, layers.Dense(1, kernel_initializer="ones")(entry))
""",
        "model",
    )
    assert numbers(model(np.array([[2.0], [3.0]], "float32"))).tolist() == [[2.0], [3.0]]


def test_functions_are_called_with_models_and_change_them(learner):
    import keras
    from keras import layers

    double, keep, fail = learner(
        IMPORTS
        + """
def double(model):
    model.set_weights([2 * weight for weight in model.get_weights()])
    model.trainable = False
    return model
def keep(first, second):
    return keras.Model(first.inputs, second(first.outputs[0]))
def fail(model):
    model.set_weights([0 * weight for weight in model.get_weights()])
    raise ValueError("on purpose")
""",
        "double",
        "keep",
        "fail",
    )
    first = keras.Sequential([keras.Input((2,)), layers.Dense(3)])
    second = keras.Sequential([keras.Input((3,)), layers.Dense(1)])
    before = first.get_weights()
    assert double(first) is first
    assert np.array_equal(first.get_weights()[0], 2 * before[0])
    assert first.trainable_weights == []
    joined = keep(first, second)
    assert {id(weight) for weight in joined.weights} == {id(weight) for weight in (*first.weights, *second.weights)}
    with pytest.raises(ValueError, match="on purpose"):
        fail(first)
    assert not first.get_weights()[0].any()  # what it did before it failed is seen


def test_what_a_function_does_to_lists_and_arrays_is_seen_where_a_test_looks(learner):
    from functional_course import checks
    from functional_course.boundary.handed import in_sight

    (change, read) = learner(
        IMPORTS
        + """
def change(rows, array, named):
    rows.append(rows.pop(0))
    array *= 2
    named["more"] = 1
    return rows


def read(rows, array, named):
    return sum(rows) + float(array.sum())
""",
        "change",
        "read",
    )
    rows, array, named = [1, 2, 3], np.ones(3), {"one": 1}
    assert change(rows, array, named=named) == [2, 3, 1]
    assert rows == [1, 2, 3] and array.tolist() == [1, 1, 1] and named == {"one": 1}
    with in_sight():
        assert change(rows, array, named=named) == [2, 3, 1]
    assert rows == [2, 3, 1] and array.tolist() == [2, 2, 2] and named == {"one": 1, "more": 1}
    assert checks.leaving_alone(read, [1, 2], array, {}) == 9
    for given in (([1, 2], array, {}), ([1], array, {}), ([1], np.zeros(0), {})):
        with pytest.raises(checks.CheckFailed):
            checks.leaving_alone(change, *given)
    assert array.tolist() == [2, 2, 2]  # put back


def test_a_layer_inside_a_learners_layer_keeps_the_weights_that_are_set_here(learner):
    import keras

    Shift = learner(
        IMPORTS
        + """
class Gain(layers.Layer):
    def build(self, shape):
        self.value = self.add_weight(shape=(), initializer="ones")

    def call(self, inputs):
        return inputs * self.value


class Shift(layers.Layer):
    def __init__(self):
        super().__init__()
        self.gain = Gain()

    def call(self, inputs):
        return self.gain(inputs + 1)
""",
        "Shift",
    )
    entrance = keras.Input((2,))
    model = keras.Model(entrance, Shift()(entrance))
    model.set_weights([np.float32(3)])
    assert np.allclose(numbers(model(np.ones((1, 2), "float32"))), 6)


def test_a_layer_that_a_learner_wrote_is_differentiated_trained_and_saved_here(learner, tmp_path):
    import keras

    Scaled = learner(
        IMPORTS
        + """
@keras.saving.register_keras_serializable("boundary")
class Scaled(layers.Layer):
    def __init__(self, power=1, **kwargs):
        super().__init__(**kwargs)
        self.power = power
    def build(self, input_shape):
        self.factor = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="factor")
    def call(self, inputs):
        return (inputs * self.factor) ** self.power
    def get_config(self):
        return {**super().get_config(), "power": self.power}
""",
        "Scaled",
    )
    assert issubclass(Scaled, keras.layers.Layer)
    entry = keras.Input((3,))
    layer = Scaled(power=2)
    model = keras.Model(entry, layer(entry))
    rows = np.array([[1.0, 2.0, 3.0]], "float32")
    assert numbers(model(rows)).tolist() == [[1.0, 4.0, 9.0]]
    layer.set_weights([np.array([2.0, 1.0, 0.0])])
    assert numbers(model(rows)).tolist() == [[4.0, 4.0, 0.0]]
    model.compile(loss="mse", optimizer=keras.optimizers.SGD(0.01), run_eagerly=True)
    model.train_on_batch(rows, np.zeros((1, 3), "float32"))
    assert np.abs(layer.get_weights()[0] - [2.0, 1.0, 0.0]).max() > 1e-3
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert np.abs(numbers(loaded(rows)) - numbers(model(rows))).max() < 1e-6


@pytest.mark.parametrize("loads", [False, True])
def test_what_a_layer_writes_into_a_file_is_what_is_saved_here(learner, tmp_path, loads: bool):
    import keras

    # A Dense writes its kernel and its bias into the file, and no weight that a subclass adds.
    own = """
    def save_own_variables(self, store):
        super().save_own_variables(store)
        store["more"] = self.more
    def load_own_variables(self, store):
        self.kernel.assign(store["0"])
        self.bias.assign(store["1"])
        self.more.assign(store["more"])
"""
    More = learner(
        IMPORTS
        + """
@keras.saving.register_keras_serializable("boundary")
class More(layers.Dense):
    def build(self, input_shape):
        super().build(input_shape)
        self.more = self.add_weight(shape=(input_shape[-1],), initializer="zeros")
    def call(self, inputs):
        return super().call(inputs + self.more)
"""
        + own * loads,
        "More",
    )
    entry = keras.Input((3,))
    layer = More(2)
    model = keras.Model(entry, layer(entry))
    layer.set_weights([np.full(each.shape, 0.5 + place) for place, each in enumerate(layer.weights)])
    rows = np.ones((2, 3), "float32")
    model.save(tmp_path / "model.keras")
    if loads:
        loaded = keras.models.load_model(tmp_path / "model.keras")
        assert np.abs(numbers(loaded(rows)) - numbers(model(rows))).max() < 1e-6
        assert all(np.array_equal(*pair) for pair in zip(layer.get_weights(), loaded.get_weights(), strict=True))
    else:
        with pytest.raises(ValueError, match="variables"):
            keras.models.load_model(tmp_path / "model.keras")


def test_weights_set_here_stay_when_a_layer_is_recorded_later(learner):
    import keras

    model = learner(
        IMPORTS
        + """
class Branch(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense = layers.Dense(2)
    def call(self, inputs):
        return self.dense(inputs) + keras.ops.sum(self.dense.kernel)
entry = keras.Input((3,))
model = keras.Model(entry, Branch()(entry))
""",
        "model",
    )
    model.set_weights([np.full((3, 2), 0.5), np.zeros(2)])
    rows = np.ones((1, 3), "float32")
    assert numbers(model(rows)).tolist() == [[4.5, 4.5]]
    model.set_weights([np.full((3, 2), 1.0), np.ones(2)])
    assert numbers(model(rows)).tolist() == [[10.0, 10.0]]
    assert isinstance(model, keras.Model)


def test_compiled_models_arrive_compiled(learner):
    model = learner(
        IMPORTS
        + """
entry = keras.Input((2,))
model = keras.Model(entry, layers.Dense(1)(entry))
model.compile(keras.optimizers.Adam(0.5), "mse", metrics=["mae"])
""",
        "model",
    )
    assert model.compiled and float(model.optimizer.learning_rate) == 0.5
    assert model.loss == "mse"


@pytest.mark.parametrize(
    ("definition", "why"),
    [
        (
            {
                "kind": "own",
                "saved": {"t": "dict", "v": [["class_name", "Lambda"], ["module", "keras.layers"], ["config", None]]},
            },
            "Lambda",
        ),
        (
            {
                "kind": "own",
                "saved": {"t": "dict", "v": [["class_name", "Popen"], ["module", "subprocess"], ["config", None]]},
            },
            "Popen",
        ),
        (
            {
                "kind": "own",
                "saved": {
                    "t": "dict",
                    "v": [["class_name", "TFSMLayer"], ["module", "keras.layers"], ["config", None]],
                },
            },
            "TFSM",
        ),
        ({"kind": "wrapper", "class": ["keras.layers", "Dense"], "config": None, "wrapped": "x"}, "no wrapper"),
        (
            {"kind": "written", "class": {"t": "named", "v": ["os", "system"]}, "about": None},
            "cannot be judged",
        ),
        ({"kind": "magic"}, "of the kind"),
    ],
)
def test_definitions_of_anything_but_keras_are_refused(definition, why):
    from functional_course.boundary.judging_peer import JudgingPeer
    from functional_course.boundary.unpacking import Unpacker
    from functional_course.grading.judging.discretion import since_hidden

    ours, _theirs = socket.socketpair()
    peer = JudgingPeer(Channel(ours), since_hidden())
    with pytest.raises(BoundaryError, match=why):
        Unpacker(peer, {"definitions": [{"key": "L1", **definition}], "states": {}, "value": None}, []).value()


def test_a_learner_may_copy_a_layer_that_the_tests_wrote(learner):
    import keras

    copied = learner(
        IMPORTS + "def copied(model):\n    return keras.models.clone_model(model)",
        "copied",
    )

    class Twice(keras.layers.Layer):
        def call(self, inputs):
            return 2 * inputs

    row = keras.Input((3,))
    copy = copied(keras.Model(row, Twice()(keras.layers.Dense(3)(row))))
    (made,) = [layer for layer in copy.layers if type(layer) is Twice]
    assert numbers(made(np.ones((1, 3)))).tolist() == [[2, 2, 2]]


@pytest.mark.parametrize("config", [{"name": "other"}, {"name": "twice", "inner": object()}, [], None])
def test_only_configurations_that_were_given_make_a_layer(config):
    from functional_course.boundary.judging_peer import JudgingPeer
    from functional_course.grading.judging.discretion import since_hidden

    import keras

    ours, _theirs = socket.socketpair()
    peer = JudgingPeer(Channel(ours), since_hidden())
    made = []

    class Twice(keras.layers.Layer):
        @classmethod
        def from_config(cls, config):
            made.append(config)
            return super().from_config(config)

    layer = Twice(name="twice")
    for key, each in (("S1", layer), ("S2", Twice)):
        peer.known.put(key, each)
        peer.known.shared.add(key)
    given = peer._answer("method", ["S1", "get_config", (), {}])
    with pytest.raises(BoundaryError, match="was not given"):
        peer._answer("method", ["S2", "from_config", (config,), {}])
    assert made == []
    assert type(peer._answer("method", ["S2", "from_config", (given,), {}])) is Twice


def test_the_judging_side_serves_nothing_that_it_did_not_send():
    from functional_course.boundary.judging_peer import JudgingPeer
    from functional_course.grading.judging.discretion import since_hidden

    ours, theirs = socket.socketpair()
    peer = JudgingPeer(Channel(ours), since_hidden())
    peer.known.put("S1", os.system)
    other = Channel(theirs)
    for command in ("call", "run", "judge", "construct", "method"):
        answer = threading.Thread(target=lambda: pytest.raises(BoundaryError, peer.serve))
        other.send(
            {"kind": "request", "command": command, "value": ["S1", {"t": "tuple", "v": []}, {"t": "dict", "v": []}]}
        )
        answer.start()
        header, _ = other.receive()
        assert header["kind"] == "error" and header["error"]["boundary"], command
        other.send({"kind": "end"})
        answer.join(timeout=10)


def test_after_a_hidden_criterion_the_answers_own_words_stay_behind(learner, capsys):
    from functional_course.boundary.failures import TEXT_LEFT_OUT, TOO_LONG, raised
    from functional_course.boundary.messages.answers import ToldError
    from functional_course.boundary.peer import PRINTS_LEFT_OUT
    from functional_course.rubric import Rubric

    says, empty, ends = learner(
        """
def says(x):
    print("printed", x)
    raise NameError(f"raised {x}", name=f"named{x}")

def empty(x):
    raise NotImplementedError

def ends(x):
    return x
""",
        "says",
        "empty",
        "ends",
    )
    rubric = Rubric("task", 5, read="Chapter 1")
    with rubric.criterion(1, "before"):
        says("marzipan")
    before = capsys.readouterr().out
    assert "printed marzipan" in before and "`namedmarzipan` does not exist" in before
    with rubric.criterion(1, "hidden", hidden=True):
        says("marzipan")
    with rubric.criterion(1, "after"):
        says("marzipan")
    with rubric.criterion(1, "not done"):
        empty("marzipan")
    with rubric.criterion(1, "what the check says"):
        assert ends(3) == 4, f"asked for 4, found {ends(3)}"
    after = capsys.readouterr().out
    assert "marzipan" not in after
    assert f"✗ 0/1  after: NameError: {TEXT_LEFT_OUT}\n    | {PRINTS_LEFT_OUT}\n" in after
    assert "not done: not answered yet" in after and "asked for 4, found 3" in after
    late = raised(ToldError(["KeyboardInterrupt", "BaseException"], "marzipan"), discreet=True)
    assert str(late) == TOO_LONG


@pytest.mark.parametrize("key", ["masking", "built", "saves"])
def test_what_is_neither_true_nor_false_of_a_layer_is_refused(key: str):
    """An array would raise an error of NumPy's, which a test could take for the answer's own."""
    from functional_course.boundary.descriptions import About

    told = About("a", None, True, False, [], False, None, None).to_value()
    assert About.of(told).masking is True
    with pytest.raises(BoundaryError, match="neither true nor false"):
        About.of({**told, key: np.ones(2)})
