"""What a message may have built, called and overwritten in the judging process: nothing that is not on the list."""

from __future__ import annotations

import contextlib
import os
import socket

import pytest

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="the sides are forked"),
    pytest.mark.xdist_group("boundary"),
]

from functional_course.boundary import allowed, configs  # noqa: E402
from functional_course.boundary.judging_peer import JudgingPeer  # noqa: E402
from functional_course.boundary.packing import Packer  # noqa: E402
from functional_course.boundary.unpacking import Unpacker  # noqa: E402
from functional_course.boundary.values import Encoder  # noqa: E402
from functional_course.boundary.wire import BoundaryError, Channel  # noqa: E402
from functional_course.grading.judging.discretion import since_hidden  # noqa: E402

import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras import layers  # noqa: E402

ABOUT = {"name": "n", "dtype": None, "masking": False, "built": True, "layers": []}
ABOUT |= {"state_size": None, "output_size": None}
"""What there is to know of a layer that a learner wrote."""


@pytest.fixture
def judging():
    """The judging side's end, with a layer of the teacher's that was sent as S1; nobody listens at the other end."""
    ours, _theirs = socket.socketpair()
    peer = JudgingPeer(Channel(ours), since_hidden())
    teachers = layers.Dense(2, kernel_initializer="ones", name="teachers")
    teachers.build((None, 3))
    Packer(peer.known).message(teachers)
    assert peer.known.get("S1") is teachers
    return peer


def received(peer: JudgingPeer, definitions=(), states=None, value=None, encoder: Encoder | None = None):
    header = {"definitions": list(definitions), "states": states or {}, "value": value}
    return Unpacker(peer, header, encoder.arrays if encoder else []).value()


def own(config, key="L1"):
    return {"kind": "own", "key": key, "saved": Encoder().encode(config)}


def entry(key, out):
    return {
        "kind": "input",
        "key": key,
        "config": Encoder().encode({"batch_shape": (None, 2), "name": "x"}),
        "out": [out],
    }


def saved(module, name, config=None, **more):
    return {"module": module, "class_name": name, "config": {} if config is None else config, **more}


LAMBDA = {"function": {"class_name": "__lambda__", "config": {"value": ["4wAAAA==", None, None]}}}


@pytest.mark.parametrize(
    "config",
    [
        saved("keras", "layers.Lambda", LAMBDA),
        saved("keras.layers", "Lambda", LAMBDA),
        saved("keras.src.layers", "Lambda", LAMBDA),
        saved("keras.src.layers.core.lambda_layer", "Lambda", LAMBDA),
        saved("keras.layers.core", "Lambda", LAMBDA),
        saved("keras.src", "layers.Lambda", LAMBDA),
        saved("keras._tf_keras.keras.layers", "Lambda", LAMBDA),
        saved("keras.layers", "Dense", {"units": 1}, registered_name="Lambda"),
        saved("keras.layers", "Dense", {"units": 1}, registered_name="keras.layers>Lambda"),
        saved("keras.layers", "TFSMLayer", {"filepath": "somewhere"}),
        saved("keras", "layers.TFSMLayer", {"filepath": "somewhere"}),
        saved("keras.src.export.tfsm_layer", "TFSMLayer", {"filepath": "somewhere"}),
        saved("keras.layers", "TorchModuleWrapper", {"module": None}),
        saved("keras.layers", "JaxLayer"),
        saved("keras.layers", "FlaxLayer"),
        saved("keras", "Model"),
        saved("keras", "Sequential", {"layers": []}),
        saved("keras.src.models.functional", "Functional"),
        saved("keras.layers", "TimeDistributed", {"layer": saved("keras.layers", "Lambda", LAMBDA)}),
        saved("keras.layers", "Activation", {"activation": saved("keras", "layers.Lambda", LAMBDA)}),
        saved("keras.layers", "Dense", {"units": 1, "deep": [[{"x": saved("keras.layers", "Lambda", LAMBDA)}]]}),
        saved("subprocess", "Popen", {"args": ["true"]}),
        saved("builtins", "eval"),
        saved("keras.saving", "load_model"),
        saved("keras.config", "set_epsilon"),
        saved("keras.layers", "__class__"),
        saved("keras.layers", ""),
        saved("keras.layers", "deserialize", {"config": {}}),
        saved("keras.layers", "Dense\0", {"units": 1}),
        saved(None, "Dense", {"units": 1}),
        saved(["keras.layers"], "Dense", {"units": 1}),
        saved("keras.layers", ["Dense"], {"units": 1}),
        saved("keras.layers", "StringLookup", {"vocabulary": "/etc/passwd"}),
        saved("keras.layers", "Dense", saved("keras.layers", "Lambda", LAMBDA)),
        saved("keras.layers", "Dense", {"units": 1, "activation": {"class_name": "__lambda__", "config": {}}}),
        saved("keras.layers", "Dense", {"units": 1, "dtype": {"class_name": "__typespec__", "config": []}}),
        *[
            saved("keras.layers", "Activation", {"activation": saved(module, "function", name, registered_name=name)})
            for module, name in (
                ("keras.config", "set_epsilon"),
                ("builtins", "set_epsilon"),
                ("keras", "config.set_epsilon"),
                ("builtins", "config.set_epsilon"),
                ("builtins", "eval"),
                ("keras.utils", "set_random_seed"),
                ("keras.backend", "clear_session"),
                ("keras.saving", "load_model"),
                ("keras.activations", "deserialize"),
                ("keras.activations", "get"),
                ("keras.utils", "get_file"),
                ("os", "system"),
            )
        ],
    ],
    ids=lambda config: f"{config['module']}:{config['class_name']}"[:60].replace("\0", "0"),
)
def test_nothing_that_runs_other_code_is_built_however_it_is_spelled(judging, config, monkeypatch):
    called = []
    # Whatever is built on the judging side would go through these.
    for kind in (*allowed.RUNS_OTHER_CODE.values(), keras.Sequential):
        monkeypatch.setattr(kind, "__init__", lambda self, *args, **kwargs: called.append(type(self)))
    epsilon = keras.config.epsilon()
    with pytest.raises(BoundaryError):
        received(judging, [own(config)])
    assert not called and keras.config.epsilon() == epsilon


def test_a_class_that_somebody_registered_here_is_not_built_by_a_message(judging):
    made = []

    @keras.saving.register_keras_serializable("boundary_allowed")
    class Teachers(layers.Layer):
        def __init__(self, **kwargs):
            made.append(kwargs)
            super().__init__(**kwargs)

    @keras.saving.register_keras_serializable("boundary_allowed")
    def score(true, predicted):
        made.append("called")
        return keras.ops.sum(predicted)

    registered = "boundary_allowed>Teachers"
    names = [
        saved("keras.layers", "Dense", {"units": 1}, registered_name=registered),
        saved(None, "Teachers", registered_name=registered),
        saved(__name__, "Teachers", registered_name=registered),
        saved("keras.layers", registered),
        saved("keras.layers", "TimeDistributed", {"layer": registered}),
        saved("keras.layers", "Activation", {"activation": "boundary_allowed>score"}),
        saved("keras.layers", "Dense", {"units": 1, "kernel_regularizer": "boundary_allowed>score"}),
        saved("keras.losses", "LossFunctionWrapper", {"fn": "boundary_allowed>score"}),
    ]
    for config in names:
        with pytest.raises(BoundaryError):
            received(judging, [own(config)])
    compiled = [
        {
            "kind": "input",
            "key": "L3",
            "config": Encoder().encode({"batch_shape": (None, 3), "name": "x"}),
            "out": ["L2"],
        },
        {
            "kind": "functional",
            "key": "L9",
            "name": "m",
            "inputs": {"t": "symbol", "v": "L2"},
            "outputs": [{"t": "symbol", "v": "L2"}],
        },
    ]
    for how in ({"loss": "boundary_allowed>score"}, {"metrics": ["boundary_allowed>score"]}, {"nothing": 1}):
        state = {"trainable": True, "config": {}, "compile": Encoder().encode(how)}
        with pytest.raises(BoundaryError):
            received(judging, compiled, {"L9": state})
    assert not made
    assert keras.saving.get_registered_object(registered) is Teachers  # it was only out of sight


@pytest.mark.parametrize(
    "named",
    [
        ["keras.config", "set_epsilon"],
        ["keras.src.backend.config", "set_epsilon"],
        ["keras.layers", "Lambda"],
        ["keras.src.layers.core.lambda_layer", "Lambda"],
        ["keras.activations", "deserialize"],
        ["keras.src.activations", "serialization_lib"],
        ["keras.losses", "get"],
        ["keras.ops", "np"],
        ["keras.src.ops.numpy", "np"],
        ["os", "system"],
        ["keras.saving", "load_model"],
        ["keras.layers", "Input"],
        [{}, "relu"],
        ["keras.activations", None],
        ["keras.activations", "relu", "more"],
        ["keras"],
    ],
)
def test_no_other_function_or_class_can_be_named(judging, named):
    with pytest.raises(BoundaryError):
        received(judging, value={"t": "named", "v": named})


def test_what_kerass_own_names_mean_is_the_object_itself():
    for value in (keras.activations.relu, keras.ops.abs, layers.Dense, keras.losses.mean_squared_error):
        assert allowed.named(*allowed.name_of(value)) is value

    def relu(tensor):
        return tensor

    relu.__module__ = "keras.src.activations.activations"
    assert allowed.name_of(relu) is None


def operation(key):
    return {"t": "operation", "v": key}


def zeros(*shapes, **more):
    encoder = Encoder()
    weights = [encoder.encode(np.zeros(shape, "float32")) for shape in shapes]
    return encoder, {"trainable": True, "config": {}, "weights": weights, **more}


def holding(module, name, config):
    """What is saved of a layer, with a reference in its configuration."""
    coded = own(saved(module, name, {}))
    coded["saved"]["v"] = [[name, each] for name, each in coded["saved"]["v"] if name != "config"]
    coded["saved"]["v"].append(["config", {"t": "dict", "v": config}])
    return coded


@pytest.mark.parametrize(
    "definition",
    [
        holding("keras.layers", "Bidirectional", [["layer", operation("S1")]]),
        holding("keras.layers", "TimeDistributed", [["layer", operation("S1")]]),
        holding("keras.layers", "RNN", [["cell", operation("S1")]]),
        holding("keras.layers", "RNN", [["cell", [operation("S1"), operation("S1")]]]),
        holding("keras.layers", "StackedRNNCells", [["cells", [operation("S1")]]]),
        holding("keras.layers", "SpectralNormalization", [["layer", operation("S1")]]),
        holding("keras.layers", "Activation", [["activation", operation("S1")]]),
        holding("keras.layers", "Dense", [["units", 2], ["activation", operation("S1")]]),
        holding("keras.layers", "Dense", [["units", 2], ["kernel_initializer", operation("S1")]]),
        holding("keras.layers", "MultiHeadAttention", [["num_heads", 1], ["key_dim", 2], ["name", operation("S1")]]),
        {
            "kind": "wrapper",
            "key": "L1",
            "class": ["keras.layers", "TimeDistributed"],
            "config": {"t": "dict", "v": [["dtype", operation("S1")]]},
            "wrapped": "S1",
        },
        {
            "kind": "wrapper",
            "key": "L1",
            "class": ["keras.layers", "TimeDistributed"],
            "config": {"t": "dict", "v": []},
            "wrapped": "S1",
        },
        {"kind": "sequential", "key": "L1", "name": "s", "layers": ["S1"], "out": []},
        {
            "kind": "written",
            "key": "L1",
            "class": {"t": "class", "v": "L7", "name": "Mine"},
            "about": Encoder(lambda value: operation("S1")).encode({**ABOUT, "layers": [layers.Layer()]}),
        },
    ],
)
def test_a_teachers_layer_in_a_learners_object_keeps_its_weights(judging, definition):
    teachers = judging.known.get("S1")
    before = [np.array(weight) for weight in teachers.get_weights()]
    for shapes in ([(3, 2), (2,)], [(3, 2), (2,)] * 2, []):
        encoder, state = zeros(*shapes, names=[["a", True, "float32"]] * len(shapes))
        peer = JudgingPeer(Channel(socket.socketpair()[0]), since_hidden())
        Packer(peer.known).message(teachers)
        with contextlib.suppress(BoundaryError):
            received(peer, [definition], {"L1": state}, encoder=encoder)
        for weight, was in zip(teachers.get_weights(), before, strict=True):
            assert np.array_equal(weight, was)


def test_a_configuration_holds_no_object_of_this_side(judging):
    with pytest.raises(BoundaryError, match="holds an object"):
        received(judging, [holding("keras.layers", "Activation", [["activation", operation("S1")]])])
    # What a layer of a learner's wraps is said by a reference, in a definition of its own.
    definition = {
        "kind": "wrapper",
        "key": "L1",
        "class": ["keras.layers", "TimeDistributed"],
        "config": {"t": "dict", "v": []},
        "wrapped": "S1",
    }
    assert received(judging, [definition], value=operation("L1")).layer is judging.known.get("S1")


def test_states_are_of_what_the_message_made(judging):
    teachers = judging.known.get("S1")
    for key in ("S1", "cell0:model/0"):
        judging.known.put(key, teachers)
        encoder, state = zeros((3, 2), (2,))
        received(judging, [], {key: state}, encoder=encoder)
        assert teachers.get_weights()[0].all()
    # Nor is a key of this side's a way to it, or a name of its own for what this side made.
    judging.known.put("S5", keras.KerasTensor((None, 2)))
    assert "S5" not in judging.known.shared
    definitions = [
        {
            "kind": "input",
            "key": "L1",
            "config": Encoder().encode({"batch_shape": (None, 2), "name": "x"}),
            "out": ["S5"],
        }
    ]
    with pytest.raises(BoundaryError, match="never sent"):
        received(judging, definitions)
    with pytest.raises(BoundaryError, match="no key"):
        received(judging, [own(saved("keras.layers", "Dense", {"units": 1}), key="S9")])
    with pytest.raises(BoundaryError, match="cannot become"):
        Unpacker(judging, {}, [])._put("L8", teachers)


def test_what_keras_builds_from_is_left_as_it_was(judging):
    from keras.src.saving import object_registration, serialization_lib

    before = serialization_lib.serialize_keras_object, serialization_lib.deserialize_keras_object
    registered = dict(object_registration.GLOBAL_CUSTOM_OBJECTS)
    received(judging, [own(saved("keras.layers", "Dense", {"units": 1}))])
    with pytest.raises(BoundaryError):
        received(judging, [own(saved("keras.layers", "Dense", {"units": "none"}), key="L2")])
    with configs.kept_apart():
        pass
    assert (serialization_lib.serialize_keras_object, serialization_lib.deserialize_keras_object) == before
    assert registered == object_registration.GLOBAL_CUSTOM_OBJECTS


def test_no_request_sets_weights_of_this_side_or_learns_of_other_layers(judging):
    teachers, hidden = judging.known.get("S1"), layers.Dense(2)
    hidden.build((None, 3))
    rows = keras.ops.ones((1, 3))
    with pytest.raises(BoundaryError, match="not called from the other"):
        judging._answer("apply", ["S1", (rows,), {}, [np.zeros((3, 2), "float32"), np.zeros(2, "float32")], True])

    def check(tensor):
        return keras.ops.matmul(tensor, hidden.kernel) + keras.ops.matmul(tensor, teachers.kernel)

    key = judging.known.key_of(check)
    judging.known.shared.add(key)
    with pytest.raises(BoundaryError, match="other weights"):
        judging._answer("apply", [key, (rows,), {}, [np.zeros((3, 2), "float32"), np.zeros(2, "float32")], True])
    assert judging._answer("reads", [key]) == [teachers]
    assert teachers.get_weights()[0].all() and hidden.get_weights()[0].any()


@pytest.mark.parametrize("command", ["call", "apply", "apply_outline", "construct"])
def test_no_request_runs_a_layer_of_this_side(judging, command: str):
    normal = layers.BatchNormalization()
    normal.build((None, 3))
    key = judging.known.key_of(normal)
    judging.known.shared.add(key)
    with pytest.raises(BoundaryError):
        judging._answer(command, [key, (keras.ops.ones((2, 3)),), {"training": True}, []])
    assert normal.moving_mean.numpy().tolist() == [0, 0, 0]


def test_what_was_recorded_leaves_this_sides_layers_as_they_are_unless_they_are_trained_here(judging, monkeypatch):
    from functional_course.boundary import computations
    from functional_course.boundary.specs import Named

    import tensorflow as tf

    def statistics(layer: keras.layers.Layer) -> list[float]:
        return layer.moving_mean.numpy().tolist()

    ours, theirs = layers.BatchNormalization(momentum=0.5), layers.BatchNormalization(momentum=0.5)
    both = keras.Sequential([keras.Input((2,)), ours, theirs])
    judging.known.key_of(ours)
    as_in_training = computations.Computation([(both, [Named(0)], {"training": True}, [1])], Named(1))
    rows = keras.ops.convert_to_tensor([[0.0, 2.0], [2.0, 6.0]])
    expected = as_in_training.run([rows])
    ours.moving_mean.assign([0, 0]), ours.moving_variance.assign([1, 1])

    as_known = tf.function(lambda x: as_in_training.run([x], known=judging.known), autograph=False)
    for run in (lambda x: as_in_training.run([x], known=judging.known), as_known):
        theirs.moving_mean.assign([9, 9])
        assert np.allclose(run(rows), expected)
        assert statistics(ours) == [0, 0] and statistics(theirs) != [9, 9]
    monkeypatch.setattr(computations, "_is_trained", lambda: True)
    as_in_training.run([rows], known=judging.known)
    assert statistics(ours) == [0.5, 2]


@pytest.mark.parametrize("key", ["S1", "S99", "cell3:x/0", 3, None])
def test_what_is_made_there_takes_no_key_of_this_side(judging, monkeypatch, key):
    made = judging.remote_class("L1", "Gain", None)
    monkeypatch.setattr(judging, "request", lambda *_, **__: [key, ABOUT])
    before = judging.known.get("S1")
    with pytest.raises(BoundaryError):
        made()
    assert judging.known.get("S1") is before and not judging.known.has("S99")
    monkeypatch.setattr(judging, "request", lambda *_, **__: ["L2", ABOUT])
    assert judging.known.get("L2" if made() else "") is not None
    monkeypatch.setattr(judging, "request", lambda *_, **__: ["L3", {**ABOUT, "dtype": "float8"}])
    with pytest.raises(BoundaryError):
        made()


def test_an_error_is_told_also_where_what_was_given_cannot_be(judging, monkeypatch):
    sent = []
    monkeypatch.setattr(judging, "_send", lambda header, arrays: sent.append(header))

    def refuse(packer, value, message=Packer.message):
        if value is not None:
            raise NotImplementedError("a tensor without numbers")
        return message(packer, value)

    monkeypatch.setattr(Packer, "message", refuse)
    judging._serve_one({"command": "call", "value": [3]}, [])
    assert sent[0]["error"]["boundary"] and sent[0]["value"] is None
