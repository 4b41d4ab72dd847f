"""Messages to try: real ones with changes in them, and new ones from the grammar of the protocol."""

from __future__ import annotations

import copy
import functools
from typing import Any

from fuzz.corpus import Message, recorded

from hypothesis import strategies as st

KEYS = (
    "S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "S9", "S10", "S51", "cell0:given/0", "cell0:given/1",
    "cell0:given/4",
    "cell0:given/5", "cell0:given/6", "cell0:given/9", "cell9:x/0", "L1", "L2", "L3",
    "L4", "L5", "L9", "M1", "", "s1", "\u017f1",
)  # fmt: skip
MODULES = (
    "keras", "keras.layers", "keras.src.layers", "keras.config", "keras.utils", "keras.saving", "keras.ops",
    "keras.activations", "keras.losses", "keras.initializers", "keras.regularizers", "keras.optimizers", "keras.models",
    "keras.src.backend.config", "keras.src.saving.saving_lib", "keras.src.utils.file_utils", "keras.random", "builtins",
    "os", "subprocess", "sys", "functional_course.rubric", "__main__", "tensorflow", "keras.layers.layer", "", None,
)  # fmt: skip
CLASSES = (
    "Dense", "Lambda", "layers.Lambda", "src.layers.Lambda", "TFSMLayer", "Sequential", "Functional", "Model", "Layer",
    "BatchNormalization", "Bidirectional", "TimeDistributed", "RNN", "GRUCell", "StackedRNNCells", "StringLookup",
    "TextVectorization", "Hashing", "Normalization", "Adam", "MeanSquaredError", "L2", "GlorotUniform", "Orthogonal",
    "DTypePolicy", "SeedGenerator", "function", "deserialize", "get", "get_file", "set_epsilon", "config.set_epsilon",
    "set_floatx", "enable_unsafe_deserialization", "load_model", "clear_session", "system", "eval", "exec", "open",
    "__lambda__", "__import__", "__class__", "__tensor__", "__numpy__", "__keras_tensor__", "__slice__", "Input",
    "InputLayer", "Add", "Concatenate", "Reshape", "UpSampling2D", "Dropout", "RandomFlip", "MultiHeadAttention",
    "Operation", "GetItem", "relu", "register_keras_serializable", "Rubric", "Gain", "",
)  # fmt: skip
TAGS = (
    "tuple", "set", "frozenset", "dict", "int", "float", "slice", "bytes", "complex", "range", "array", "scalar",
    "keyword", "opaque", "tensor", "symbol", "operation", "named", "saved", "name", "function", "class", "x", None,
)  # fmt: skip
KINDS = ("call", "tensor", "input", "sequential", "functional", "own", "wrapper", "written", "x", None)
WORDS = ("relu", "float32", "mixed_float16", "float8", "zeros", "mse", "sgd", "/etc/passwd", "/fuzz", "causal", "same",
         "channels_first", "a>b", "keras>Dense", "x" * 300, "a/b", "\0", "\ud800", "é")  # fmt: skip

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from((0, 1, 2, 3, 4, -1, 7, 1000, 1 << 31, 1 << 62, -(1 << 62), 10**30)),
    st.sampled_from((0.5, -1.0, 1e30)),
    st.sampled_from(WORDS),
    st.sampled_from(KEYS),
    st.sampled_from(CLASSES),
)
keys = st.sampled_from(KEYS)


@functools.lru_cache
def seeds() -> tuple[Message, ...]:
    """The real messages."""
    return tuple(recorded())


def _tagged(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    pairs = st.lists(st.tuples(scalars, inner).map(list), max_size=3)
    return st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(lambda each: {"t": "tuple", "v": each}),
        pairs.map(lambda each: {"t": "dict", "v": each}),
        st.builds(lambda tag, value: {"t": tag, "v": value}, st.sampled_from(TAGS), inner),
        st.builds(lambda key, tag: {"t": tag, "v": key}, keys, st.sampled_from(("operation", "symbol", "function"))),
        st.builds(lambda module, name: {"t": "named", "v": [module, name]},
                  st.sampled_from(MODULES), st.sampled_from(CLASSES)),
        st.builds(lambda saved: {"t": "saved", "v": saved}, st.deferred(lambda: saved)),
        st.deferred(lambda: saved),
        st.builds(lambda tag, dtype, shape, place: {"t": tag, "d": dtype, "s": shape, "v": place},
                  st.sampled_from(("array", "scalar", "tensor")),
                  st.sampled_from(("<f4", "<f8", "|O", "<U4", "|b1", "V9")),
                  st.lists(st.sampled_from((1, 2, 3, 4, -1, 1 << 40)), max_size=3), st.sampled_from((0, 1, 2, -1, 99))),
        st.builds(lambda key, name, reg, training: {"t": "class", "v": key, "name": name, "registered": reg,
                                                    "training": training, "shipped": name},
                  keys, st.sampled_from(CLASSES), st.sampled_from((None, "keras>Dense", "a>b", "functional_course>x")),
                  st.booleans()),
    )  # fmt: skip


values = st.recursive(scalars, _tagged, max_leaves=8)


def _pairs(parts: dict[str, Any]) -> dict[str, Any]:
    return {"t": "dict", "v": [[name, each] for name, each in parts.items()]}


def _about(layers: list[str]) -> dict[str, Any]:
    inside = [{"t": "operation", "v": key} for key in layers]
    told = {"name": "w", "dtype": None, "masking": False, "built": True, "layers": inside, "saves": False}
    return {**told, "state_size": None, "output_size": None}


configs = st.dictionaries(
    st.sampled_from((
        "units", "activation", "name", "dtype", "trainable", "kernel_initializer", "kernel_regularizer", "layer",
        "cell", "config", "function", "filepath", "vocabulary", "layers", "input_layers", "output_layers", "fn",
        "module", "class_name", "registered_name", "build_config", "compile_config", "seed", "rate", "filters",
        "kernel_size",
        "batch_shape", "target_shape", "value", "axis", "inner_config", "shared_object_id", "forward_layer", "cells",
    )),
    values,
    max_size=4,
)  # fmt: skip
NAMED = (
    ("keras.config", "set_epsilon"), ("keras.config", "set_floatx"), ("keras.utils", "clear_session"),
    ("keras.src.backend.config", "set_epsilon"), ("keras.saving", "load_model"), ("keras", "config.set_epsilon"),
    ("builtins", "set_epsilon"), ("builtins", "relu"), ("keras.activations", "relu"), ("keras.utils", "get_file"),
)  # fmt: skip
"""Functions as activations, and where they are found."""
_names = st.one_of(
    st.sampled_from(4 * NAMED[:2] + NAMED), st.tuples(st.sampled_from(MODULES), st.sampled_from(CLASSES))
)
_activations = st.builds(
    lambda names, inner: _pairs(
        {"module": names[0], "class_name": "function", "config": names[1], "registered_name": inner}
    ),
    _names,
    st.sampled_from((None, "function", "x")),
)
_dense = st.builds(
    lambda units, activation, more: _pairs({"units": units, "activation": activation, **more}),
    st.sampled_from((1, 2, 4)),
    st.one_of(_activations, _activations, keys.map(lambda key: {"t": "operation", "v": key}), values),
    st.one_of(st.just({}), st.just({}), configs),
)
saved = st.builds(
    lambda module, name, config, registered: _pairs(
        {"module": module, "class_name": name, "config": config, "registered_name": registered}
    ),
    st.sampled_from(MODULES),
    st.sampled_from(CLASSES),
    st.one_of(_dense, configs.map(_pairs), values),
    st.sampled_from((None, None, "Dense", "keras>Dense", "a>b")),
)
_outs = st.lists(st.sampled_from(("L20", "L21", "L2", "S6", "S60", "cell0:given/4")), max_size=2)
_args = st.one_of(
    st.lists(st.one_of(keys.map(lambda key: {"t": "symbol", "v": key}), values), max_size=2).map(
        lambda each: {"t": "tuple", "v": each}
    ),
    values,
)
definitions = st.one_of(
    st.builds(lambda key, saved: {"key": key, "kind": "own", "saved": saved}, keys, saved),
    st.builds(
        lambda operation, args, kwargs, out: {
            "kind": "call", "operation": operation, "args": args, "kwargs": _pairs(kwargs), "out": out,
        },
        keys, _args, st.dictionaries(st.sampled_from(("training", "mask", "call", "x")), values, max_size=2), _outs,
    ),
    st.builds(lambda key, config, out: {"key": key, "kind": "input", "config": _pairs(config), "out": out},
              keys, st.fixed_dictionaries({"batch_shape": st.sampled_from(([None, 4], [None, 3], [2, 2], [-1], None))}),
              _outs),
    st.builds(lambda key, layers, out: {"key": key, "kind": "sequential", "name": "s", "layers": layers, "out": out},
              keys, st.lists(keys, max_size=3), _outs),
    st.builds(lambda key, ins, outs: {"key": key, "kind": "functional", "name": "f", "inputs": ins, "outputs": outs},
              keys, values, values),
    st.builds(lambda key, kind, config, wrapped: {"key": key, "kind": "wrapper", "class": kind, "config": config,
                                                  "wrapped": wrapped},
              keys, st.one_of(st.sampled_from(CLASSES),
                              st.tuples(st.sampled_from(MODULES), st.sampled_from(CLASSES)).map(list)),
              configs.map(_pairs), keys),
    st.builds(lambda key, kind, layers, more: {"key": key, "kind": "written", "class": kind,
                                               "about": _pairs({**_about(layers), **more})},
              keys, values, st.lists(keys, max_size=2),
              st.dictionaries(st.sampled_from(("name", "dtype", "layers", "saves", "state_size")), values, max_size=1)),
    st.builds(lambda key, kind, shape, dtype: {"key": key, "kind": kind, "shape": shape, "dtype": dtype},
              keys, st.sampled_from(KINDS), st.lists(scalars, max_size=3), scalars),
)  # fmt: skip


def _array(*shape: int) -> dict[str, Any]:
    return {"t": "array", "d": "<f4", "s": list(shape), "v": {8: 1, 16: 0, 4: 2, 2: 3, 6: 4}.get(_count(shape), 0)}


def _count(shape: tuple[int, ...]) -> int:
    count = 1
    for each in shape:
        count *= each
    return count


ARRAYS = tuple(bytes(4 * count) for count in (16, 8, 4, 2, 6))
_weights = st.sampled_from((
    [_array(4, 4), _array(4)], [_array(3, 2), _array(2)], [_array(2, 2), _array(2)], 4 * [_array(4)], 4 * [_array(2)],
    [], [_array(1, 8)],
))  # fmt: skip
states = st.dictionaries(
    keys,
    st.fixed_dictionaries(
        {
            "trainable": st.sampled_from((True, False, True, False, None)),
            "config": st.dictionaries(st.sampled_from(("units", "rate", "axis", "momentum", "name", "call")), scalars),
        },
        optional={
            "weights": _weights,
            "build": values,
            "layers": st.lists(keys, max_size=2),
            "out": _outs,
            "names": st.lists(st.tuples(scalars, scalars, scalars).map(list), max_size=2),
            "compile": configs.map(_pairs),
        },
    ),
    max_size=2,
)


HOLDS = ("own", "sequential", "written", "wrapper", "eager", "none", "none")
"""How a message of :func:`overwriting` gets hold of what it wants to change."""


@st.composite
def overwriting(draw: st.DrawFn, kinds: tuple[str, ...] = HOLDS) -> Message:
    """A layer of the other side's that gets hold of one of this side's, and says what its state is."""
    key, theirs = draw(st.sampled_from(("S2", "S3", "S8", "cell0:given/5", "cell0:given/6"))), "L7"
    held = draw(st.sampled_from(("activation", "layer", "cell", "kernel_initializer", "kernel_regularizer", "x")))
    name = draw(st.sampled_from(("Dense", "TimeDistributed", "Bidirectional", "RNN", "Sequential", "Layer")))
    config = {"units": 2, held: {"t": "operation", "v": key}}
    made = {"module": "keras.layers", "class_name": name, "config": _pairs(config), "registered_name": None}
    definition: dict[str, Any] = {"key": theirs, "kind": "own", "saved": _pairs(made)}
    kind = draw(st.sampled_from(kinds))
    if kind == "sequential":
        definition = {"key": theirs, "kind": kind, "name": "s", "layers": [key], "out": []}
    elif kind == "written":
        of = {"t": "class", "v": "L6", "name": "Gain", "registered": None, "training": False, "shipped": None}
        definition = {"key": theirs, "kind": kind, "class": of, "about": _pairs(_about([key]))}
    elif kind == "wrapper":
        of = draw(st.sampled_from(("TimeDistributed", ["keras.layers", "TimeDistributed"])))
        definition = {"key": theirs, "kind": kind, "class": of, "config": _pairs({}), "wrapped": key}
    elif kind == "eager":
        tensor = {
            **_array(*draw(st.sampled_from(((2, 2), (2, 4), (2, 3))))),
            "t": draw(st.sampled_from(("tensor", "array"))),
        }
        args = {"t": "tuple", "v": [tensor]}
        more = _pairs({"training": True} if draw(st.booleans()) else {})
        key = draw(st.sampled_from(("S1", "S2", "S3", "cell0:given/0", "cell0:given/6")))
        definition = {"kind": "call", "operation": key, "args": args, "kwargs": more, "out": ["L20"]}
    state = {"trainable": draw(st.booleans()), "config": {}, "weights": draw(_weights)}
    states = {key if kind == "none" else draw(st.sampled_from((theirs, key))): state}
    made_here = [] if kind == "none" else [definition]
    body = {"value": {"t": "operation", "v": theirs}, "definitions": made_here, "states": states}
    return Message("overwriting", body, ARRAYS)


@st.composite
def calling(draw: st.DrawFn) -> Message:
    """A layer that is configured with a function, and a call that would have the function called."""
    entry = {"key": "L1", "kind": "input", "config": _pairs({"batch_shape": [None, 4]}), "out": ["L2"]}
    layer = {"key": "L3", "kind": "own", "saved": _pairs({
        "module": draw(st.sampled_from(("keras.layers", "keras"))),
        "class_name": draw(st.sampled_from(("Dense", "Dense", "Dense", "Lambda", "layers.Lambda"))),
        "config": draw(_dense), "registered_name": None})}  # fmt: skip
    symbol = {"t": "tuple", "v": [{"t": "symbol", "v": "L2"}]}
    call = {"kind": "call", "operation": "L3", "args": symbol, "kwargs": _pairs({}), "out": ["L4"]}
    ends = [{"t": "symbol", "v": key} for key in ("L2", "L4")]
    model = {"key": "L5", "kind": "functional", "name": "f", "inputs": ends[0], "outputs": ends[1]}
    body = {"value": {"t": "operation", "v": "L5"}, "definitions": [entry, layer, call, model], "states": {}}
    return Message("calling", body, ARRAYS)


made = st.builds(
    lambda value, definitions, states: Message(
        "made", {"value": value, "definitions": definitions, "states": states}, ARRAYS
    ),
    values,
    st.lists(definitions, max_size=5),
    states,
)


def _places(part: Any, found: list[tuple[Any, Any]]) -> None:
    if isinstance(part, dict):
        for name, each in part.items():
            found.append((part, name))
            _places(each, found)
    elif isinstance(part, list):
        for place, each in enumerate(part):
            found.append((part, place))
            _places(each, found)


@st.composite
def mutated(draw: st.DrawFn) -> Message:
    """A real message with one to four changes."""
    seed = draw(st.sampled_from(seeds()))
    body = copy.deepcopy(seed.body)
    for _ in range(draw(st.integers(1, 4))):
        places: list[tuple[Any, Any]] = []
        _places(body, places)
        if not places:
            break
        holder, name = places[draw(st.integers(0, len(places) - 1))]
        change = draw(st.sampled_from(("value", "scalar", "other", "drop", "twice", "string")))
        if change == "value":
            # A copy: what is drawn may be an object of the strategy's own.
            holder[name] = copy.deepcopy(draw(st.one_of(values, saved, definitions)))
        elif change == "scalar":
            holder[name] = draw(scalars)
        elif change == "string" and isinstance(holder[name], str):
            holder[name] = draw(st.sampled_from((*KEYS, *CLASSES, *WORDS, *filter(None, MODULES))))
        elif change == "other":
            there: list[tuple[Any, Any]] = []
            _places(draw(st.sampled_from(seeds())).body, there)
            other, which = there[draw(st.integers(0, len(there) - 1))]
            holder[name] = copy.deepcopy(other[which])
        elif change == "drop":
            del holder[name]
        elif change == "twice" and isinstance(holder, list):
            holder.insert(0, copy.deepcopy(holder[name]))
    arrays = list(seed.arrays)
    if arrays and draw(st.booleans()):
        arrays[draw(st.integers(0, len(arrays) - 1))] = draw(st.sampled_from((b"", b"\0" * 7, b"\xff" * 64)))
    return Message(f"{seed.name} changed", body, tuple(arrays))


def messages() -> st.SearchStrategy[Message]:
    """All of them."""
    return st.one_of(mutated(), mutated(), made, overwriting(), calling())


_held = st.lists(st.sampled_from(("S1", "S2", "S3", "S8", "cell0:given/5", "cell0:given/6")), max_size=2).map(
    lambda keys: [{"t": "operation", "v": key} for key in keys]
)


@st.composite
def dialogues(draw: st.DrawFn) -> list[dict[str, Any]]:
    """What the other side answers, one after the other, when a function of its own is called with tensors."""
    failed = {"kind": "error", "error": {"kinds": ["ValueError"], "message": "x"}}
    recorded_ = [draw(st.sampled_from(([], [[{"t": "operation", "v": "S3"}, [{"t": "name", "v": 0}],
                                            _pairs({"training": True}), [9]]]))),
                 {"t": "name", "v": draw(st.sampled_from((0, 1, 2, 9, -1)))}, draw(_held)]  # fmt: skip
    first = draw(st.sampled_from((failed, failed, {"kind": "answer", "value": recorded_})))
    tensor = {**_array(2, 2), "t": draw(st.sampled_from(("tensor", "array")))}
    changed = draw(
        st.lists(
            st.builds(
                lambda place, value: [place, value],
                st.sampled_from((0, 1, -1, 2, "x")),
                _weights.flatmap(lambda each: st.sampled_from(each or [None])),
            ),
            max_size=3,
        )
    )
    answer = [
        draw(st.sampled_from((1, -1, "x", 1 << 70))),
        draw(st.sampled_from((tensor, [tensor], None))),
        [],
        changed,
    ]
    reads = {"kind": "answer", "value": draw(st.one_of(_held, values))}
    more = {"kind": "answer", "value": draw(st.one_of(st.just(answer), st.just(answer), values))}
    return [{"definitions": [], "states": draw(states) if draw(st.booleans()) else {}, **each}
            for each in (first, reads, more, more)]  # fmt: skip


frames = st.fixed_dictionaries(
    {"kind": st.sampled_from(("answer", "answer", "error", "request", "x", None))},
    optional={
        "printed": st.one_of(st.text(max_size=5), scalars),
        "error": st.one_of(
            scalars,
            st.fixed_dictionaries({
                "kinds": st.one_of(scalars, st.lists(st.sampled_from((
                    "ValueError", "SystemExit", "KeyboardInterrupt", "StopIteration", "GeneratorExit", "ExceptionGroup",
                    "UnicodeDecodeError", "Exception", "print", "exec", "BaseException", 3)), max_size=3)),
                "message": scalars, "name": scalars, "boundary": scalars, "cannot_cross": scalars}),
        ),
        "names": st.one_of(scalars, st.dictionaries(st.sampled_from(("dense", "x" * 200)), scalars, max_size=2)),
        "command": st.sampled_from(("call", "construct", "record", "outline", "build", "method", "run", "judge", None)),
        "seed": scalars,
        "seconds": scalars,
    },
)  # fmt: skip
"""What stands around a message."""
