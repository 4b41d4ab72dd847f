"""Whole exchanges: what the judging side does with something of the other side's, what it is answered to each command,
and what it is asked back meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from functional_course.boundary.handed import in_sight
from functional_course.boundary.judging_peer import JudgingPeer
from fuzz import messages
from fuzz.judging import World
from fuzz.messages import _array, _pairs, keys, scalars, states, values

import keras
import numpy as np
from hypothesis import strategies as st

COMMANDS = (
    "call", "record", "outline", "build", "build_for", "reads", "apply", "apply_outline", "pull", "construct", "method",
)  # fmt: skip
"""All that one side asks the other for, but for what only a trusted one may."""

TOGETHER = ("gradient", "traced", "class", "trained", "cloned")
"""What runs through Keras or TensorFlow, which raise their own errors about what they meet."""


@dataclass(frozen=True)
class Dialogue:
    """One exchange.

    Args:
        does: what the judging side does, see :data:`DOES`.
        answers: to each command, one after the other; the last one again and again.
        asks: what is asked back before the first answer.
    """

    does: str
    answers: dict[str, list[dict[str, Any]]]
    asks: list[dict[str, Any]] = field(default_factory=list)


def _call(world: World) -> Any:
    given = world.containers
    # The other side may freeze or train the model that it is given, so it gets none of those that are looked at.
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    return world.peer.remote_function("L1", "f")(given["rows"], given["numbers"], model, table=given["table"])


def _in_sight(world: World) -> Any:
    with in_sight(), world.containers_may_change():
        return _call(world)


def _class(peer: JudgingPeer) -> Any:
    return peer.remote_class("L6", "Gain", "a>Gain", None)


def _used(world: World) -> Any:
    layer = _class(world.peer)(3)
    layer(np.ones((2, 3), "float32"))
    row = keras.Input((3,))
    model = keras.Model(row, layer(row))
    layer.compute_output_shape((None, 3))
    return model(np.ones((2, 3), "float32"))


def _trained(world: World) -> Any:
    row = keras.Input((3,))
    model = keras.Model(row, world.dense(_class(world.peer)(3)(row)))
    # Training is the judging side's own doing: it changes the weights of a copy.
    model = keras.Model(row, keras.layers.Dense(1)(model.layers[1](row)))
    model.compile("sgd", "mse")
    return model.train_on_batch(np.ones((2, 3), "float32"), np.ones((2, 1), "float32"))


def _cloned(world: World) -> Any:
    layer = _class(world.peer)(3)
    return type(layer).from_config(layer.get_config())


def _gradient(world: World) -> Any:
    import tensorflow as tf

    x = tf.ones((2, 2))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = world.peer.remote_function("L1", "f")(x)
    return tape.gradient(y, x)


def _traced(world: World) -> Any:
    import tensorflow as tf

    return tf.function(world.peer.remote_function("L1", "f"), autograph=False)(tf.ones((2, 2)))


_OF_FUNCTIONS = ("record", "call", "reads", "apply", "apply_outline", "pull")
_OF_LAYERS = ("construct", "build_for", "outline", "record", "reads", "apply", "apply_outline", "pull")
ASKS = {
    "tensor": ("record", "reads", "apply", "call"),
    "call": ("call",),
    "call in sight": ("call",),
    "symbol": ("call",),
    "recorded": ("record",),
    "outlined": ("outline",),
    "apply outlined": ("apply_outline",),
    "read": ("reads",),
    "built": ("build_for",),
    "made": ("construct",),
    "class": _OF_LAYERS,
    "trained": _OF_LAYERS,
    "cloned": ("construct", "method"),
    "gradient": _OF_FUNCTIONS,
    "traced": _OF_FUNCTIONS,
}
"""What the other side is asked for then."""

DOES: dict[str, Callable[[World], Any]] = {
    "tensor": lambda world: world.peer.remote_function("L1", "f")(keras.ops.ones((2, 2))),
    "call": _call,
    "call in sight": _in_sight,
    "symbol": lambda world: world.peer.remote_function("L1", "f")(keras.KerasTensor((None, 3))),
    "recorded": lambda world: world.peer.recorded("L1", (), {}),
    "outlined": lambda world: world.peer.outlined("L1", (), {}),
    "apply outlined": lambda world: world.peer.applied_outline("L1", (), {}),
    "read": lambda world: world.peer.layers_read("L1"),
    "built": lambda world: world.peer.built_for("L1", (), {}),
    "made": lambda world: _class(world.peer)(3),
    "class": _used,
    "trained": _trained,
    "cloned": _cloned,
    "gradient": _gradient,
    "traced": _traced,
}
"""By name: what the judging side does."""


def _sent(value: Any) -> dict[str, Any]:
    return {"kind": "answer", "value": value}


def _tuple(*parts: Any) -> dict[str, Any]:
    return {"t": "tuple", "v": list(parts)}


_OWN = ("S1", "S2", "S3", "S4", "S7", "S9", "S10", "cell0:given/0", "cell0:given/5", "cell0:given/6")
"""Keys of the judging side's."""

_keyed = st.builds(lambda key, tag: {"t": tag, "v": key}, keys, st.sampled_from(("operation", "symbol", "function")))
_tensors = st.builds(
    lambda shape, tag: {**_array(*shape), "t": tag},
    st.sampled_from(((2, 2), (2, 4), (2, 3), (4,), (2,))),
    st.sampled_from(("tensor", "array")),
)
_SPEC = _pairs({"shape": [None, 3], "dtype": "float32", "is": "spec"})
_specs = st.one_of(
    st.just(_SPEC),
    st.builds(
        lambda shape, dtype: _pairs({"shape": shape, "dtype": dtype, "is": "spec"}),
        st.one_of(scalars, st.lists(st.sampled_from((None, 1, 2, 3, -1, "x", 1 << 40)), max_size=3)),
        st.one_of(st.just("float32"), scalars),
    ),
)
_leaves = st.one_of(_keyed, _tensors, _tensors, _specs, scalars, st.just({"t": "name", "v": 0}))
_args = st.one_of(st.lists(_leaves, max_size=3).map(lambda each: _tuple(*each)), st.lists(_tensors, max_size=2), values)
_kwargs = st.one_of(
    *[st.sampled_from(({}, {"training": True})).map(_pairs)] * 3,
    st.dictionaries(st.sampled_from(("training", "mask", "x", "call")), _leaves, max_size=2).map(_pairs),
)
_weights = st.one_of(messages._weights, values)
_numbers = st.sampled_from((1, 0, -1, "x", 1 << 70, None, True))
_changed = st.lists(
    st.builds(
        lambda place, value: [place, value],
        st.sampled_from((0, 1, -1, 2, "x", True)),
        _weights.flatmap(lambda each: st.sampled_from(each) if isinstance(each, list) and each else st.just(each)),
    ),
    max_size=3,
)
_fitting = st.fixed_dictionaries(
    {
        "name": st.just("gain"),
        "dtype": st.just("float32"),
        "masking": st.booleans(),
        "built": st.booleans(),
        "layers": st.just([]),
        "state_size": st.none(),
        "output_size": st.none(),
    }
)
_any_about = st.fixed_dictionaries(
    {
        "name": st.one_of(st.just("gain"), scalars),
        "dtype": st.one_of(st.just("float32"), st.none(), scalars),
        "masking": st.one_of(st.booleans(), scalars),
        "built": st.one_of(st.booleans(), scalars),
        "layers": st.one_of(st.just([]), st.lists(_keyed, max_size=2), values),
        "state_size": st.one_of(st.none(), scalars),
        "output_size": st.one_of(st.none(), scalars),
    },
    optional={"saves": st.one_of(st.booleans(), scalars)},
)
# A layer about which one thing doesn't fit is refused before its key is looked at: half of them fit.
_about = st.one_of(_fitting, _any_about).map(_pairs)
_named = st.one_of(*[st.just([{"t": "name", "v": 0}])] * 3, _args)
_places = st.one_of(*[st.just([9])] * 3, st.lists(st.integers(-1, 9), max_size=2))
_nodes = st.lists(
    st.builds(
        lambda key, args, kwargs, out: [{"t": "operation", "v": key}, args, kwargs, out],
        st.one_of(*[st.sampled_from(_OWN)] * 3, keys),
        _named,
        _kwargs,
        _places,
    ),
    max_size=2,
)


def _now(given: list[Any]) -> list[Any]:
    """What came back of the arguments, in the form that a side sends it in."""
    return ["L1", _tuple(*given), _pairs({"table": _pairs({"a": [1, 2]})})]


def _answer_to(command: str) -> st.SearchStrategy[Any]:
    if command == "call":
        rows, numbers = st.one_of(values, st.just([3, 1, 2]), st.just([1, 2, 3])), st.one_of(_tensors, values)
        now = st.one_of(
            values,
            st.builds(lambda one, two, model: _now([one, two, model]), rows, numbers, _keyed),
            st.builds(
                lambda one, two, table: ["L1", _tuple(one, two), _pairs({"table": table})], rows, numbers, values
            ),
            st.lists(values, max_size=4),
        )
        return st.builds(lambda answer, each: [answer, each], st.one_of(_leaves, values), now)
    if command == "record":
        name = st.sampled_from((0, 1, 2, 9, -1)).map(lambda place: {"t": "name", "v": place})
        return st.builds(lambda *each: list(each), _nodes, name, messages._held)
    if command in ("outline", "build_for", "build"):
        return st.one_of(_specs, _specs, values)
    if command == "reads":
        return messages._held
    if command == "apply":
        tensors = st.one_of(_tensors, st.lists(_tensors, max_size=2), st.none())
        losses = st.one_of(st.just([]), st.lists(_tensors, max_size=1), values)
        return st.builds(lambda *each: list(each), _numbers, tensors, losses, _changed)
    if command == "apply_outline":
        return st.builds(lambda one, other: [one, other], _specs, st.one_of(st.just([]), values))
    if command == "pull":
        return st.lists(_tensors, max_size=2)
    if command == "construct":
        return st.builds(lambda key, about: [key, about], st.sampled_from(("L8", "L8", "S2", "L1", 3)), _about)
    return st.one_of(st.dictionaries(st.sampled_from(("name", "units", "layer", "x")), _leaves).map(_pairs), values)


@st.composite
def asks(draw: st.DrawFn, commands: tuple[str, ...] = COMMANDS) -> dict[str, Any]:
    """Something that is asked back."""
    command = draw(st.sampled_from(commands))
    key = draw(st.one_of(*[st.sampled_from(_OWN)] * 3, keys))
    usual = st.lists(_tensors, max_size=1).map(lambda each: _tuple(*each))
    more: list[Any] = [draw(st.one_of(usual, usual, usual, _args)), draw(_kwargs)]
    if command == "apply":
        more += [draw(_weights), draw(st.one_of(st.booleans(), scalars))]
    elif command == "pull":
        more = [draw(_numbers), draw(st.lists(_tensors, max_size=2))]
    elif command == "reads":
        more = []
    elif command == "build":
        more = [draw(st.one_of(st.sampled_from(([None, 3], [None, 4])), values))]
    elif command == "method":
        method = draw(st.sampled_from(("get_config", "from_config", "get_weights", "__init__", 3)))
        config = draw(st.one_of(values, messages.configs.map(_pairs), messages.saved))
        more = [method, draw(st.sampled_from((_tuple(), _tuple(config)))), draw(_kwargs)]
    body = {"definitions": [], "states": draw(states) if draw(st.integers(0, 3)) == 0 else {}}
    around = {"seed": draw(st.sampled_from((1, None))), "seconds": draw(st.sampled_from((None, 1, -1, "x")))}
    return {"kind": "request", "command": command, "value": [key, *more], **body, **around}


@st.composite
def exchanges(
    draw: st.DrawFn, does: tuple[str, ...] = tuple(DOES), asked: tuple[str, ...] | None = COMMANDS
) -> Dialogue:
    """An exchange in which most answers have the form that they should have.

    Args:
        does: what the judging side may do.
        asked: what may be asked back in half of them; in all of them, if that is not all commands; None for nothing.
    """
    failed = {"kind": "error", "error": {"kinds": ["ValueError"], "message": "x"}}
    answers, doing = {}, draw(st.sampled_from(does))
    for command in ASKS[doing]:
        forms = st.one_of(*[_answer_to(command).map(_sent)] * 4, values.map(_sent), st.just(failed), st.just(failed))
        if command == "call":
            forms = st.one_of(*[_answer_to(command).map(_sent)] * 6, forms)
        found = draw(st.lists(forms, min_size=1, max_size=2))
        touched = draw(st.integers(0, 3)) == 0
        answers[command] = [{"definitions": [], "states": draw(states) if touched else {}, **each} for each in found]
    back = asked is not None and (asked is not COMMANDS or draw(st.booleans()))
    return Dialogue(doing, answers, draw(st.lists(asks(asked), min_size=1, max_size=2)) if back else [])
