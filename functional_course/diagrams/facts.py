"""Facts about layers and operations: what a reader must know to build them again, beyond class and shapes.

They are values, not words; :mod:`functional_course.diagrams.labels` says them. A setting may be of any type: a layer of
somebody's own keeps in its config what it likes.
"""

from __future__ import annotations

import inspect
import re
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from functional_course.diagrams.values import as_argument, as_index, function_name, is_tensor, is_zero, setting, times
from functional_course.models import Call

import keras


@dataclass(frozen=True)
class Parameters:
    """How many numbers a layer, several layers or a model hold.

    Attributes:
        trainable: those that training changes.
        frozen: those of layers that somebody froze.
        fixed: those that never train, as the moving averages of BatchNormalization.
    """

    trainable: int = 0
    frozen: int = 0
    fixed: int = 0


@dataclass(frozen=True)
class Setting:
    """One setting of a layer.

    Attributes:
        name: what Keras calls it, for example ``"strides"``.
        value: what the layer keeps, of any type.
    """

    name: str
    value: Any


@dataclass(frozen=True)
class Activation:
    """The activation that a layer ends in: a function by its name, or a layer by its class and its own details."""

    name: str
    details: tuple[Detail, ...] = ()


@dataclass(frozen=True)
class Heads:
    """Attention heads, and the size of each."""

    count: Any
    size: Any


@dataclass(frozen=True)
class Scaling:
    """What a layer multiplies with and then adds."""

    scale: Any
    offset: Any


@dataclass(frozen=True)
class Settings:
    """All settings of one layer that tell something."""

    facts: tuple[Setting | Activation | Heads | Scaling, ...]


@dataclass(frozen=True)
class Holding:
    """What a wrapper holds, and what it does with it.

    Attributes:
        kind: the class of the layer inside.
        name: the name that somebody gave it, or ``""``.
        backwards: the class of the layer that reads backwards, if it is another one, else ``""``.
        details: what there is to say of the layer inside.
        merge: how two directions become one output.
    """

    kind: str
    name: str = ""
    backwards: str = ""
    details: tuple[Detail, ...] = ()
    merge: Any = "concat"


@dataclass(frozen=True)
class Arguments:
    """An operation's arguments that are not tensors, each as one would write it in Python."""

    written: tuple[str, ...]


@dataclass(frozen=True)
class LayersInside:
    """How many layers a closed or opened model holds."""

    count: int


@dataclass(frozen=True)
class Folded:
    """The layers of a folded block: how many of each class, in the order of their first call."""

    kinds: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class SharedWeights:
    """Another box that holds weights of this one: its title, and its name or ``""``."""

    title: str
    name: str


Detail = Settings | Holding | Arguments | LayersInside | Folded | SharedWeights
"""What distinguishes a box from others of its class."""


def class_name(layer: Any) -> str:
    """The class of a layer or an operation."""
    return type(layer).__name__


def given_name(layer: Any) -> str:
    """The name that somebody gave the layer; ``""`` for a name that Keras made up, such as ``conv2d_3``."""
    return "" if made_up(layer.name, class_name(layer)) else layer.name


def made_up(name: str, kind: str) -> bool:
    """Whether a name is the one that Keras gives an object of this class."""
    snake = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", re.sub(r"\W+", "", kind))
    snake = re.sub(r"([a-z])([A-Z])", r"\1_\2", snake).lower()
    return re.fullmatch(rf"{re.escape(snake)}(_\d+)?", name) is not None


def held_by(layer: Any) -> keras.layers.Layer | None:
    """The layer that a wrapper holds."""
    held = getattr(layer, "forward_layer" if isinstance(layer, keras.layers.Bidirectional) else "layer", None)
    return held if isinstance(held, keras.layers.Layer) else None


# Layers.


def layer_details(layer: keras.layers.Layer) -> tuple[Detail, ...]:
    """What a reader must know to build the layer again, beyond what its class and the shapes say."""
    config = _config(layer)
    facts: list[Setting | Activation | Heads | Scaling] = []

    def tell(*names: str) -> None:
        facts.extend(Setting(name, config[name]) for name in names)

    window = "kernel_size" if config.get("pool_size") is None else "pool_size"
    if config.get(window) is not None:
        tell(window)
    # Sizes are compared as they are written: those of somebody's own layer may be of any type.
    strides = config.get("strides")
    if strides is not None and (
        times(strides) != times(config["pool_size"]) if "pool_size" in config else not _are_ones(strides)
    ):
        tell("strides")
    if not _are_ones(config.get("dilation_rate", 1)):
        tell("dilation_rate")
    if _is_one_of(config.get("padding"), "same", "causal"):
        tell("padding")
    facts += _activation(layer, config)
    if config.get("use_bias") is False:
        tell("use_bias")
    if "rate" in config:
        tell("rate")
    if isinstance(layer, keras.layers.Embedding):
        facts.append(Setting("input_dim", layer.input_dim))
    if "num_heads" in config and "key_dim" in config:
        facts.append(Heads(config["num_heads"], config["key_dim"]))
    if isinstance(layer, keras.layers.Concatenate) and config.get("axis", -1) != -1:
        tell("axis")
    if isinstance(layer, keras.layers.Dot):
        tell("axes")
        if config.get("normalize"):
            tell("normalize")
    if isinstance(layer, keras.layers.Rescaling):
        facts.append(Scaling(layer.scale, layer.offset))
    for kind, name in _TELLING:
        if isinstance(layer, kind) and config.get(name) is not None and not is_zero(config[name]):
            tell(name)
    details: list[Detail] = [Settings(tuple(facts))] if facts else []
    held = held_by(layer)
    if held is not None:
        details.append(_holding(layer, held, config))
    return tuple(details)


# Settings of layers that compute without weights: nothing else tells them apart.
_TELLING = (
    (keras.layers.LeakyReLU, "negative_slope"),
    (keras.layers.ReLU, "negative_slope"),
    (keras.layers.ReLU, "max_value"),
    (keras.layers.ReLU, "threshold"),
    (keras.layers.ELU, "alpha"),
    (keras.layers.GaussianNoise, "stddev"),
    (keras.layers.EinsumDense, "equation"),
)


def _config(layer: keras.Operation) -> dict[str, Any]:
    """A layer's or operation's own settings, by name; none if it cannot describe itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a lambda among them is unsafe to save, and nothing is saved here
        try:
            config = layer.get_config()
        except Exception:  # a layer of somebody's own may raise anything; it is still a box
            return {}
    return dict(config) if isinstance(config, Mapping) else {}


def _activation(layer: keras.layers.Layer, config: Mapping[str, Any]) -> Iterable[Activation]:
    """The activation that a layer ends in, if it has one and it is not the one that goes without saying."""
    told, made = config.get("activation"), getattr(layer, "activation", None)
    if isinstance(made, keras.layers.Layer):
        return [Activation(class_name(made), layer_details(made))]
    if isinstance(told, str):
        name = told.rpartition(">")[2]
    elif callable(made):  # a function of somebody's own, which may be none that Keras can write down
        name = function_name(made)
    elif told is None:
        return []
    else:
        name = setting(told)
    goes_without_saying = "tanh" if _is_recurrent(layer) else "linear"
    return [] if name == goes_without_saying else [Activation(name)]


def _is_recurrent(layer: Any) -> bool:
    return isinstance(layer, keras.layers.RNN)


def _holding(layer: keras.layers.Layer, held: keras.layers.Layer, config: Mapping[str, Any]) -> Holding:
    kind, name = class_name(held), given_name(held)
    if not isinstance(layer, keras.layers.Bidirectional):
        return Holding(kind, name)
    # Bidirectional puts "forward_" and "backward_" before a name.
    name = "" if made_up(name.removeprefix("forward_"), kind) else name.removeprefix("forward_")
    other = class_name(getattr(layer, "backward_layer", held))
    backwards = other if other != kind else ""
    return Holding(kind, name, backwards, layer_details(held), config.get("merge_mode", "concat"))


def _are_ones(value: Any) -> bool:
    """Whether a size is 1 along every axis."""
    written = times(value)
    return not written or set(written.split("×")) == {"1"}


def _is_one_of(value: Any, *words: str) -> bool:
    return isinstance(value, str) and value in words


# Operations.


def operation_details(call: Call) -> tuple[str, tuple[Detail, ...]]:
    """The name of an operation as in ``keras.ops``, and its arguments that are not tensors."""
    operation = call.operation
    snake = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", class_name(operation)).lower()
    given = call.arguments
    if snake == "get_item" and len(given.args) > 1:
        return f"x[{as_index(given.args[1])}]", ()
    words = []
    if not all(is_tensor(argument) for argument in given.args):
        words.append(", ".join(as_argument(argument) for argument in given.args))
    words += [
        f"{key}={as_argument(value)}"
        for key, value in {**(_config(operation) or _held(operation)), **given.kwargs}.items()
        if key not in ("name", "dtype") and value is not None and value is not False and not is_tensor(value)
    ]
    title = f"ops.{snake}" if hasattr(keras.ops, snake) else class_name(operation)
    return title, (Arguments(tuple(words)),) if words else ()


def _held(operation: keras.Operation) -> dict[str, Any]:
    """The settings of an operation that Keras cannot write down, as one with a number of NumPy's: it keeps them."""
    names = inspect.signature(type(operation).__init__).parameters
    return {name: value for name, value in vars(operation).items() if name in names}
