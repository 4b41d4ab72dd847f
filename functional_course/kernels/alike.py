"""When TensorFlow would trace the same graph for two models: a signature of all that a trace depends on.

It is made of what Keras's own classes say of themselves. A model with anything else in it has none: a layer, a loss or
a metric of somebody's own may do what it likes when it is traced.
"""

from __future__ import annotations

import builtins
import dis
import sys
import types
from collections.abc import Hashable, Iterable
from typing import Any

from functional_course.models import keras_private

MOST_NUMBERS = 1_000_000
"""A graph that is kept keeps the variables of its model: those of a larger one are not."""

# fmt: off
_LAYERS = frozenset((
    "Activation", "Add", "Attention", "Average", "AveragePooling1D", "AveragePooling2D", "BatchNormalization",
    "CategoryEncoding", "Concatenate", "Conv1D", "Conv2D", "Cropping2D", "Dense", "DepthwiseConv2D", "Dot",
    "Dropout", "Embedding", "Flatten", "GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalMaxPooling1D",
    "GlobalMaxPooling2D", "InputLayer", "LayerNormalization", "LeakyReLU", "MaxPooling1D", "MaxPooling2D",
    "Maximum", "Minimum", "Multiply", "Permute", "ReLU", "RepeatVector", "Rescaling", "Reshape",
    "SeparableConv2D", "Softmax", "Subtract", "UnitNormalization", "UpSampling2D", "ZeroPadding2D",
))
# fmt: on
"""Those whose step depends on what their configuration says and on their variables, and on nothing else."""

_STEPS = {
    "train": ("train_step", "compute_loss", "compute_metrics"),
    "test": ("test_step", "compute_loss", "compute_metrics"),
    "predict": ("predict_step",),
}
_OF_THE_START = ("name", "seed", "trainable")
_COMPUTES = frozenset(("abs", "float", "int", "len", "max", "min", "pow", "range", "round", "sum", "tuple", "zip"))
_LEAVES_BEHIND = frozenset(("IMPORT_NAME", "STORE_ATTR", "STORE_GLOBAL", "STORE_SUBSCR"))
_PLAIN = (str, int, float, bool, type(None))


class _Unlike(Exception):
    """There is something here of which nobody can say what it does in a trace."""


def signature(model, kind: str, given: tuple) -> Hashable | None:
    """All that the trace of a step depends on; None where that can't be told.

    Args:
        model: a model of Keras's.
        kind: ``"train"``, ``"test"`` or ``"predict"``.
        given: what :func:`type_of` says of the step's arguments.
    """
    keras = sys.modules["keras"]
    try:
        if sum(_numbers(each.shape) for each in model.variables) > MOST_NUMBERS or model.run_eagerly:
            return None
        own = type(model), *(_method(model, name) for name in _STEPS[kind])
        run = model.jit_compile, model.steps_per_execution, model.unrolled_steps_per_execution
        if keras_private.strategy_of(model) is not None or keras_private.metrics_of_its_own(model):
            return None
        compiled = _compiled(keras, model, kind) if kind != "predict" else ()
        setting = keras.config.floatx(), keras.config.epsilon()
        # Whatever comes in a dict finds its input by name.
        entries = _names(model.inputs) if "'dict'" in repr(_of_inputs(given[0], kind)) else ()
        held = variables(model, kind)
        places = {id(each): place for place, each in enumerate(held)}
        calls = _graph(keras, model, places)
        return kind, given, own, run, setting, calls, entries, tuple(map(_variable, held)), compiled
    except (_Unlike, AttributeError, KeyError, TypeError, ValueError, NotImplementedError):
        return None


def variables(model, kind: str) -> list:
    """What a step may read and change, in an order that models that are alike have in common."""
    found = list(model.variables)
    if kind != "predict":
        found += [*(model.optimizer.variables if model.optimizer is not None else ()), *model.metrics_variables]
    return list({id(each): each for each in found}.values())


def handles(model, kind: str) -> list:
    """The same, as TensorFlow knows them."""
    return [keras_private.tensor_of_variable(each).handle for each in variables(model, kind)]


def type_of(arguments: tuple) -> tuple | None:
    """What a graph depends on of its arguments: how they are laid out, shapes and types. None if that can't be told."""
    tf, tree = sys.modules["tensorflow"], sys.modules["keras"].tree
    (given,) = arguments
    if isinstance(given, tf.data.Iterator):
        given = given.element_spec
    leaves = tree.flatten(given)
    if not all(isinstance(each, tf.TensorSpec) or tf.is_tensor(each) and hasattr(each, "shape") for each in leaves):
        return None
    return _layout(given), tuple((tuple(each.shape), each.dtype) for each in leaves)


def _layout(given) -> tuple | None:
    if isinstance(given, dict):
        return "dict", tuple((key, _layout(given[key])) for key in given)
    if isinstance(given, (list, tuple)):
        return type(given).__name__, tuple(map(_layout, given))
    return None


def _of_inputs(layout: Any, kind: str) -> Hashable:
    """Of a batch, which is a tuple that begins with the inputs, or for ``predict`` a list of one."""
    if kind == "predict" and layout is not None:
        layout = layout[1][0]
    return layout if layout is None or layout[0] == "dict" else layout[1][0]


def _numbers(shape: Iterable[int]) -> int:
    product = 1
    for length in shape:
        product *= length
    return product


def _variable(each) -> Hashable:
    return tuple(each.shape), each.dtype, each.trainable


def _method(thing, name: str) -> Hashable:
    if name in vars(thing):
        raise _Unlike
    return getattr(type(thing), name)


# --- graphs -----------------------------------------------------------------------------------------------------------


def _graph(keras, model, places: dict[int, int]) -> Hashable:
    """The calls of a model, in the order in which they are made, and where the variables of each layer stand."""
    inner: Any = keras_private.functional_of(model) if type(model) is keras.Sequential else model
    if type(inner) is not keras_private.Functional:
        raise _Unlike
    operations: dict[int, int] = {}
    tensors: dict[int, Hashable] = {id(each): ("input", place) for place, each in enumerate(inner.inputs)}
    calls = []
    for node in keras_private.calls_by_depth(inner):
        new = id(node.operation) not in operations
        number = operations.setdefault(id(node.operation), len(operations))
        given = _given(keras, tensors, (node.arguments.args, node.arguments.kwargs)) if not node.is_input else ()
        calls.append((number, _operation(keras, node.operation, places) if new else None, given))
        for place, each in enumerate(node.outputs):
            tensors.setdefault(id(each), (len(calls), place))
    ends = _given(keras, tensors, inner.input), _given(keras, tensors, inner.output)
    # Losses and metrics of several outputs have the names of these.
    names = _names(inner.outputs) if len(inner.outputs) > 1 else ()
    return type(model), _method(model, "call"), tuple(calls), ends, names, _layer_settings(model)


def _names(tensors) -> Hashable:
    nodes: Any = map(keras_private.node_of, tensors)
    return tuple(node.operation.name for node in nodes)


def _given(keras, tensors: dict, given) -> Hashable:
    if isinstance(given, keras.KerasTensor):
        if id(given) not in tensors:
            raise _Unlike
        return "tensor", tensors[id(given)], tuple(given.shape), given.dtype
    if isinstance(given, dict):
        return "dict", tuple((key, _given(keras, tensors, given[key])) for key in given)
    if isinstance(given, (list, tuple)):
        return type(given).__name__, tuple(_given(keras, tensors, each) for each in given)
    if isinstance(given, _PLAIN) and type(given) in _PLAIN:
        return type(given).__name__, given
    raise _Unlike


def _operation(keras, operation, places: dict[int, int]) -> Hashable:
    kind = type(operation)
    if isinstance(operation, keras.Model):
        return _graph(keras, operation, places)
    if isinstance(operation, keras.layers.Layer):
        if getattr(keras.layers, kind.__name__, None) is not kind or kind.__name__ not in _LAYERS or operation.losses:
            raise _Unlike
        own = tuple(places[id(each)] for each in operation.variables)
        return kind, _method(operation, "call"), _settings(operation.get_config()), _layer_settings(operation), own
    if not keras_private.is_of_keras(kind.__module__, "ops") or "call" in vars(operation):
        raise _Unlike
    return kind, _settings(operation.get_config())


def _layer_settings(layer) -> Hashable:
    return layer.trainable, layer.dtype_policy.name, layer.supports_masking, layer.autocast


def _settings(value) -> Hashable:
    """A configuration without what only matters where weights are made."""
    if isinstance(value, dict):
        if "class_name" in value:
            module = value.get("module") or ""
            if not module.startswith("keras") or value["class_name"] == "function" or value.get("registered_name"):
                raise _Unlike
        kept = {key: each for key, each in value.items() if key not in _OF_THE_START and not _starts(key)}
        return "dict", tuple(sorted((key, _settings(each)) for key, each in kept.items()))
    if isinstance(value, (list, tuple)):
        return "list", tuple(_settings(each) for each in value)
    if type(value) in _PLAIN:
        return type(value).__name__, repr(value)
    raise _Unlike


def _starts(key: object) -> bool:
    return isinstance(key, str) and key.endswith("_initializer")


# --- what a model was compiled with -----------------------------------------------------------------------------------


def _compiled(keras, model, kind: str) -> Hashable:
    if not model.compiled or not keras_private.is_of_keras(type(keras_private.compiled_loss(model)).__module__):
        raise _Unlike
    losses, metrics = keras_private.compiled_loss(model), keras_private.compiled_metrics(model)
    if not losses.built or (metrics is not None and not metrics.built):
        raise _Unlike
    asked = tuple(_asked(keras, each) for each in keras_private.asked_losses(losses))
    chosen = tuple(
        (each.path, type(each.loss), _chosen(getattr(each.loss, "fn", None)))
        for each in keras_private.chosen_losses(losses)
    )
    return asked, chosen, metrics and _metrics(keras, metrics), _optimizer(keras, model) if kind == "train" else ()


def _metrics(keras, metrics) -> Hashable:
    """As they were asked for, and what Keras took for it: "accuracy" is another thing for other targets."""
    lists = keras_private.chosen_metrics(metrics)
    chosen = [None if each is None else tuple(_metric(metric) for metric in each.metrics) for each in lists]
    return *(_asked(keras, each) for each in keras_private.asked_metrics(metrics)), tuple(chosen)


def _metric(metric) -> Hashable:
    return None if metric is None else (type(metric), metric.name, _chosen(keras_private.function_of_metric(metric)))


def _chosen(function) -> Hashable:
    """The function that Keras took where a name was given. What was given itself is known from elsewhere."""
    return function if keras_private.is_of_keras(getattr(function, "__module__", "")) else None


def _asked(keras, given) -> Hashable:
    """Losses, metrics and weights as they were asked for."""
    if isinstance(given, dict):
        return "dict", tuple((key, _asked(keras, given[key])) for key in given)
    if isinstance(given, (list, tuple)):
        return type(given).__name__, tuple(_asked(keras, each) for each in given)
    if type(given) in _PLAIN:
        return type(given).__name__, given
    kind = type(given)
    if isinstance(given, (keras.losses.Loss, keras.metrics.Metric)):
        named = given.name if isinstance(given, keras.metrics.Metric) else ""
        if keras_private.is_of_keras(kind.__module__) and not {"call", "update_state", "result"} & set(vars(given)):
            return kind, named, _settings(given.get_config())
    elif isinstance(given, types.FunctionType):
        return _function(given)
    raise _Unlike


def _function(given: types.FunctionType) -> Hashable:
    """A function of Keras's, or one that does the same each time: it computes with its arguments and Keras alone."""
    if keras_private.is_of_keras(given.__module__):
        return "function", given
    if given.__closure__ or given.__kwdefaults__ or not all(type(each) in _PLAIN for each in given.__defaults__ or ()):
        raise _Unlike
    names = _names_in(given.__code__)
    if "random" in names or any(hasattr(builtins, name) and name not in _COMPUTES for name in names):
        raise _Unlike
    read = [given.__globals__[name] for name in sorted(names) if name in given.__globals__]
    if not all(isinstance(each, types.ModuleType) and each.__name__.partition(".")[0] == "keras" for each in read):
        raise _Unlike
    return "code", given.__name__, given.__code__, given.__defaults__, tuple(each.__name__ for each in read)


def _names_in(code: types.CodeType) -> set[str]:
    """What it reads by name, and its attributes; if it leaves anything behind, nobody can say what."""
    if any(step.opname in _LEAVES_BEHIND for step in dis.get_instructions(code)):
        raise _Unlike
    inner = (each for each in code.co_consts if isinstance(each, types.CodeType))
    return set(code.co_names).union(*map(_names_in, inner))


def _optimizer(keras, model) -> Hashable:
    optimizer = model.optimizer
    kind = type(optimizer)
    if not keras_private.is_of_keras(kind.__module__, "optimizers") or not optimizer.built:
        raise _Unlike
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer) or not isinstance(
        keras_private.learning_rate_of(optimizer), keras.Variable
    ):
        raise _Unlike
    if keras_private.spares_weights(optimizer):
        raise _Unlike
    if [id(each) for each in keras_private.trained_by(optimizer)] != [id(each) for each in model.trainable_weights]:
        raise _Unlike
    places = {id(each): place for place, each in enumerate(model.variables)}
    config = {name: value for name, value in optimizer.get_config().items() if name not in ("name", "learning_rate")}
    trained = tuple(places[id(each)] for each in model.trainable_weights)
    return kind, _method(optimizer, "update_step"), _settings(config), trained
