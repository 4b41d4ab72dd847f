"""Checks of a model with several outputs: what each one is called, how it ends, and which loss it is trained with.

Outputs go by their names: the keys of a dict, otherwise what Keras calls the layers that they come out of.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, TypeAlias

from functional_course.checks.behaviour import outputs_of, weights_kept
from functional_course.checks.failure import CheckFailed, first_line_of
from functional_course.checks.structure import check_model
from functional_course.faults import Fault
from functional_course.models.graph import Graph, Inside, NoGraphError, input_structure, output_structure

import keras
import numpy as np

Loss: TypeAlias = "str | keras.losses.Loss"

# What hands its numbers on, as far as an activation is concerned.
_NO_MATTER = ("Reshape", "Flatten", "Identity", "Dropout", "Permute", "Squeeze", "ExpandDims", "Cast", "GetItem")

# What a wrong loss is compared with, to say its name.
_WELL_KNOWN = (
    *("mean_squared_error", "mean_absolute_error", "binary_crossentropy", "huber"),
    *("categorical_crossentropy", "sparse_categorical_crossentropy", "mean_absolute_percentage_error"),
)


_ROUNDED = 1e-5
"""How far from 1 probabilities in 32 bits may add up."""


def output_names(model: keras.Model) -> list[str]:
    """The names of a model's outputs, in the order in which Keras lists them: a dict's keys are sorted."""
    try:
        return list(Graph(model).output_names)
    except NoGraphError:
        # In the losses of a model without a graph Keras uses the last layer's name.
        return list(getattr(model, "output_names", None) or [model.layers[-1].name])


def outputs_by_name(model: Any, inputs: object) -> dict[str, np.ndarray]:
    """What the model computes in inference, by the names of its outputs.

    Args:
        model: a model with named outputs, whether they come as a dict or as a list.
        inputs: arrays as the model takes them.
    """
    check_model(model)
    return dict(zip(output_names(model), outputs_of(model, inputs), strict=True))


def check_probabilities(found: np.ndarray) -> None:
    """Outputs are probabilities: of one class, from 0 to 1, or of all classes, from 0 on and adding up to 1.

    Args:
        found: outputs of shape ``(rows, 1)`` or ``(rows, classes)``.

    Raises:
        CheckFailed: giving the smallest and the largest number, or how far a sum is from 1.

    Example:

    >>> check_probabilities(np.array([[0.2, 0.8], [0.5, 0.5]]))
    """
    found = np.asarray(found)
    if np.isnan(found).any():
        raise CheckFailed("probabilities, from 0 to 1", "NaN", Fault.UNDEFINED)
    if not (np.min(found) >= 0 and np.max(found) <= 1):
        told = f"numbers from {np.min(found):.3g} to {np.max(found):.3g}"
        raise CheckFailed("probabilities, from 0 to 1", told, Fault.PROBABLE)
    off = np.abs(found.sum(axis=-1) - 1).max() if found.shape[-1] > 1 else 0.0
    if not off < _ROUNDED:
        asked = "probabilities of all classes, which add up to 1"
        raise CheckFailed(asked, f"a sum that is off by {off:.3g}", Fault.PROBABLE)


def check_activation(model: Any, output: str, activation: str) -> None:
    """One output ends in this activation, whether a layer has it as its argument or it is a layer or an operation.

    Where the last step is no activation that Keras has, as in ``1 / (1 + ops.exp(-x))``, the numbers decide: they have
    to stay in the activation's range and to use it.

    Args:
        model: a functional model, which may have others inside.
        output: the output's name.
        activation: as Keras calls it: ``"linear"``, ``"sigmoid"``, ``"softmax"``, ...

    Raises:
        CheckFailed: naming the activation that was found.

    Example:

    >>> image = keras.Input((8,))
    >>> check_activation(keras.Model(image, {"label": keras.layers.Dense(1, "sigmoid")(image)}), "label", "sigmoid")
    """
    place = _place(model, output)
    found = _last_activation(_graph(model), _graph(model).outputs[place])
    asked = f"{activation} at the end of output {output!r}"
    if found is None:
        if not _keeps_to(activation, _numbers(model)[place]):
            raise CheckFailed(asked, "values that this activation never gives", Fault.ACTIVATION)
    elif found != activation:
        raise CheckFailed(asked, found, Fault.ACTIVATION)


def other_activation(model: object, output: str, activation: str) -> Fault | None:
    """Whether an output ends in another activation than this one.

    For the message of an ``assert``, as :func:`functional_course.checks.structure.copied` is. It never raises.

    Args:
        model: a functional model.
        output: the output's name, or an empty text where there is only one.
        activation: as Keras calls it.

    Returns:
        :attr:`Fault.ACTIVATION` if :func:`check_activation` refuses the model for its activation, else None.

    Example:

    >>> image = keras.Input((8,))
    >>> other_activation(keras.Model(image, keras.layers.Dense(1, "softmax")(image)), "", "sigmoid").name
    'ACTIVATION'
    """
    try:
        check_activation(model, output or output_names(model)[0], activation)
    except CheckFailed as failure:
        return failure.fault if failure.fault is Fault.ACTIVATION else None
    except Exception:  # a diagnosis is a favour
        return None
    return None


def check_loss(
    model: Any,
    x: object,
    y: Mapping[str, np.ndarray],
    losses: Mapping[str, Loss],
    weights: Mapping[str, float] | None = None,
    tolerance: float = 1e-3,
) -> None:
    """The model is compiled so that each of these outputs has this loss, counted with this weight.

    What counts are numbers: the model's own loss for made-up predictions. So it does not matter whether losses were
    given as a dict, as a list, by name, as objects or as functions.

    Args:
        model: a compiled model.
        x: a few rows of inputs, as the model takes them.
        y: a few targets for every output that has a loss, by name.
        losses: the loss of an output, by name, for those to check.
        weights: what each loss is multiplied with in the sum; 1 where none is given.
        tolerance: relative.

    Raises:
        CheckFailed: naming the output, what was asked and what was found.
    """
    names = _compiled_names(model)
    rows = {name: np.asarray(target)[:16] for name, target in y.items()}
    generator = np.random.default_rng(0)
    made_up = {
        name: _between_0_and_1(generator, (6, len(next(iter(rows.values()))), *out.shape[1:]))
        for name, out in outputs_by_name(model, _first_rows(x)).items()
    }
    # A prediction that is the target adds little, and leaves the digits of the sum to the output that is looked at.
    still = {
        name: np.reshape(rows[name], each[0].shape).astype("float32")
        if name in rows and rows[name].size == each[0].size
        else each[0]
        for name, each in made_up.items()
    }
    for output, loss in losses.items():
        _place(model, output)
        weight = (weights or {}).get(output, 1.0)
        asked = f"output {output!r} to have the loss {_called(loss)}" + (f" times {weight:g}" if weights else "")
        try:
            found = np.array([_total(model, names, rows, {**still, output: each}) for each in made_up[output]])
        except Exception as error:  # Keras raises many kinds here; each means that this model does not train
            raise CheckFailed(asked, first_line_of(error), Fault.COMPILED) from error
        fits = _slope(_values(loss, rows[output], made_up[output]), found, tolerance)
        if fits is None or not abs(fits - weight) <= tolerance * max(abs(weight), tolerance):
            raise CheckFailed(
                asked, _what_it_is(loss, fits, rows[output], made_up[output], found, tolerance), Fault.LOSS
            )


def check_metrics(
    model: Any, x: object, y: Mapping[str, np.ndarray], metrics: Mapping[str, str], tolerance: float = 1e-3
) -> None:
    """The model is compiled so that ``evaluate`` reports this metric of each output.

    Args:
        model: a compiled model.
        x: inputs.
        y: targets for every output, by name.
        metrics: as Keras calls them, by output; accuracy by its full name, such as ``"binary_accuracy"``.
        tolerance: relative to a value of 1 or more.

    Raises:
        CheckFailed: naming the output, the metric and what is reported of the output.
    """
    names = _compiled_names(model)
    predicted = outputs_by_name(model, x)
    logs = model.evaluate(x, _arranged(model, names, y), verbose=0, return_dict=True)
    for output, metric in metrics.items():
        _place(model, output)
        judge = keras.metrics.get(metric)
        judge.update_state(np.reshape(y[output], (len(y[output]), -1)), predicted[output])
        value = float(judge.result())
        mine = {
            key: float(each) for key, each in logs.items() if key.startswith(f"{output}_") and key != f"{output}_loss"
        }
        if not any(abs(each - value) <= tolerance * max(1.0, abs(value)) for each in mine.values()):
            told = ", ".join(f"{key} {each:.3g}" for key, each in mine.items()) or "no metric for it"
            raise CheckFailed(f"{metric} reported for output {output!r}", told, Fault.COMPILED)


def _graph(model: Any) -> Graph:
    check_model(model)
    try:
        return Graph(model)
    except NoGraphError as error:
        raise CheckFailed(
            "a model with a graph", f"{type(model).__name__} {model.name!r} without one", Fault.KIND
        ) from error


def _place(model: Any, output: str) -> int:
    check_model(model)
    names = output_names(model)
    if output not in names:
        raise CheckFailed(f"an output {output!r}", ", ".join(map(repr, names)), Fault.NAME)
    return names.index(output)


def _compiled_names(model: Any) -> list[str]:
    check_model(model)
    if not model.compiled:
        raise CheckFailed("a compiled model", "one that wasn't compiled", Fault.COMPILED)
    return output_names(model)


def _last_activation(graph: Graph, tensor: keras.KerasTensor) -> str | None:
    """The name of the last activation before a tensor; ``None`` if only numbers can tell."""
    around: list[tuple[Graph, Inside]] = []
    while True:
        call = graph.producer(tensor)
        if call is None or not call.inputs:  # an input, of the model or of one inside
            entries = [id(each) for each in graph.inputs]
            if not around or id(tensor) not in entries:
                return None
            graph, entered = around.pop()
            tensor = entered.given[entries.index(id(tensor))]
            continue
        inside = graph.inside(call)
        if inside is not None:
            place = [id(each) for each in inside.made].index(id(tensor))
            around.append((graph, inside))
            graph, tensor = inside.graph, inside.graph.outputs[place]
            continue
        operation = call.operation
        kind = type(operation).__name__
        activation = getattr(operation, "activation", None)
        if callable(activation):
            name = getattr(activation, "__name__", type(activation).__name__).lower()
            if name != "linear" or kind != "Activation":
                return name
        elif hasattr(keras.activations, kind.lower()):
            return kind.lower()
        elif kind not in _NO_MATTER:
            return None
        tensor = call.inputs[0]


def _numbers(model: keras.Model) -> list[np.ndarray]:
    """The outputs for random inputs and large random weights: a squashing function is then used to its ends."""
    generator = np.random.default_rng(0)
    inputs = [
        generator.normal(size=(64, *(side or 8 for side in tensor.shape[1:]))).astype("float32")
        for tensor in model.inputs
    ]
    with weights_kept(model):
        for weight in model.trainable_weights:
            weight.assign(generator.normal(size=weight.shape))
        return outputs_of(model, keras.tree.pack_sequence_as(input_structure(model), inputs))


def _keeps_to(activation: str, numbers: np.ndarray) -> bool:
    low, high = float(np.min(numbers)), float(np.max(numbers))
    if activation == "softmax":
        return bool(low >= 0 and np.all(np.abs(numbers.sum(axis=-1) - 1) < 1e-4))
    if activation == "sigmoid":
        return low >= 0 and high <= 1 and high - low > 0.1
    if activation == "tanh":
        return low >= -1 and high <= 1 and low < 0 < high
    if activation == "relu":
        return low >= 0 and high > 1
    return activation != "linear" or (low < -1 and high > 1)


def _first_rows(x: object) -> object:
    return keras.tree.map_structure(lambda array: np.asarray(array)[:2], x)


def _between_0_and_1(generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    numbers = generator.uniform(0.05, 0.95, size=shape)
    # Several numbers a row may be meant as probabilities, which add up to one.
    return (numbers / numbers.sum(axis=-1, keepdims=True) if shape[-1] > 1 else numbers).astype("float32")


def _arranged(model: keras.Model, names: list[str], values: Mapping[str, Any]) -> Any:
    """Values by name, as the model's outputs are arranged."""
    structure = output_structure(model)
    if isinstance(structure, dict):
        return {name: values[name] for name in names if name in values}
    return [values[name] for name in names] if isinstance(structure, (list, tuple)) else values[names[0]]


def _total(model: keras.Model, names: list[str], y: Mapping[str, Any], predicted: Mapping[str, Any]) -> float:
    tensors = {name: keras.ops.convert_to_tensor(each) for name, each in predicted.items()}
    return float(model.compute_loss(y=_arranged(model, names, y), y_pred=_arranged(model, names, tensors)))


def _values(loss: Loss, target: np.ndarray, predictions: np.ndarray) -> np.ndarray:
    judge = keras.losses.get(loss)
    target = np.reshape(target, (*target.shape, 1)) if target.ndim < predictions.ndim - 1 else target
    return np.array([float(keras.ops.mean(judge(target, keras.ops.convert_to_tensor(each)))) for each in predictions])


def _slope(values: np.ndarray, found: np.ndarray, tolerance: float) -> float | None:
    """By how much a loss is multiplied in what was found; ``None`` if what was found is another loss."""
    apart, found_apart = values - values.mean(), found - found.mean()
    slope = float(apart @ found_apart / (apart @ apart))
    left = np.max(np.abs(found_apart - slope * apart))
    # The sum is a float32: its last digits are noise.
    noise = tolerance * np.max(np.abs(found_apart)) + 1e-6 * np.max(np.abs(found))
    return slope if left <= noise else None


def _what_it_is(
    loss: Loss, fits: float | None, target: np.ndarray, predictions: np.ndarray, found: np.ndarray, tolerance: float
) -> str:
    if np.ptp(found) <= 1e-6 * np.max(np.abs(found)):
        return "none: the total loss doesn't depend on this output"
    if fits is not None:
        return f"that loss times {fits:.3g}"
    for name in _WELL_KNOWN:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of losses that nobody asked for
                slope = _slope(_values(name, target, predictions), found, tolerance)
        except Exception:  # a loss that does not fit these shapes
            continue
        if slope is not None:
            return name if abs(slope - 1) <= tolerance else f"{name} times {slope:.3g}"
    return "a different loss"


def _called(loss: Loss) -> str:
    return loss if isinstance(loss, str) else getattr(loss, "name", type(loss).__name__)
