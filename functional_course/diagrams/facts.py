"""What stands on a box, in words: what a reader must know to build a layer or an operation again.

Settings may be of any type: a layer of somebody's own keeps in its config what it likes, and has words all the same.
"""

from __future__ import annotations

import functools
import inspect
import math
import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from functional_course.graph import Call

import keras
import numpy as np

_LONGEST = 60
_MOST_NUMBERS = 4


def plain(text: str, longest: int = _LONGEST) -> str:
    """Text as one line of letters that every picture and page can hold; what is longer is cut.

    Example:

    >>> plain("two\\nlines")
    'two lines'
    """
    line = "".join(letter if letter.isprintable() else " " if letter.isspace() else "\ufffd" for letter in text)
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def class_name(layer: Any) -> str:
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


def wrapped(words: Iterable[str], width: int = 30) -> list[str]:
    """Words with commas, in lines of about this many letters."""
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + len(word) + 2 <= width:
            lines[-1] += f", {word}"
        else:
            if lines:
                lines[-1] += ","
            lines.append(word)
    return lines


# Layers.


def layer_words(layer: keras.layers.Layer) -> tuple[str, ...]:
    """What a reader must know to build the layer again, beyond what its class and the shapes say."""
    config = _config(layer)
    words = []
    window = config.get("kernel_size") if config.get("pool_size") is None else config["pool_size"]
    if window is not None:
        words.append(_times(window))
    strides = config.get("strides")
    if strides is not None and _times(strides) != (
        _times(config["pool_size"]) if "pool_size" in config else _ones(strides)
    ):
        words.append(f"stride {_times(strides)}")
    if _times(config.get("dilation_rate", 1)) != _ones(config.get("dilation_rate", 1)):
        words.append(f"dilation {_times(config['dilation_rate'])}")
    if _is_one_of(config.get("padding"), "same", "causal"):
        words.append(config["padding"])
    words += _activation(layer, config)
    if config.get("use_bias") is False:
        words.append("no bias")
    if "rate" in config:
        words.append(f"rate {setting(config['rate'])}")
    if isinstance(layer, keras.layers.Embedding):
        words.append(f"{layer.input_dim:,} entries")
    if "num_heads" in config and "key_dim" in config:
        words.append(f"{setting(config['num_heads'])} heads of {setting(config['key_dim'])}")
    if isinstance(layer, keras.layers.Concatenate) and config.get("axis", -1) != -1:
        words.append(f"axis {setting(config['axis'])}")
    if isinstance(layer, keras.layers.Dot):
        words.append(f"axes {setting(config['axes'])}" + (", normalised" if config.get("normalize") else ""))
    if isinstance(layer, keras.layers.Rescaling):
        offset = setting(layer.offset)
        words.append(f"× {setting(layer.scale)}" + (f" + {offset}" if offset not in ("0", "-0") else ""))
    words += [
        f"{called} {setting(config[key])}"
        for kind, key, called in _SETTINGS
        if isinstance(layer, kind) and config.get(key) is not None and setting(config[key]) != "0"
    ]
    lines = [", ".join(words)] if words else []
    held = held_by(layer)
    if held is not None:
        lines.append(_holding(layer, held, config))
    return tuple(lines)


# Settings of layers that compute without weights: nothing else tells them apart.
_SETTINGS = (
    (keras.layers.LeakyReLU, "negative_slope", "slope"),
    (keras.layers.ReLU, "negative_slope", "slope"),
    (keras.layers.ReLU, "max_value", "at most"),
    (keras.layers.ReLU, "threshold", "threshold"),
    (keras.layers.ELU, "alpha", "alpha"),
    (keras.layers.GaussianNoise, "stddev", "deviation"),
    (keras.layers.EinsumDense, "equation", ""),
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


def _activation(layer: keras.layers.Layer, config: Mapping[str, Any]) -> list[str]:
    """The activation that a layer ends in, if it has one and it is not the one that goes without saying."""
    told, made = config.get("activation"), getattr(layer, "activation", None)
    if isinstance(made, keras.layers.Layer):
        name = ", ".join([class_name(made), *layer_words(made)])
    elif isinstance(told, str):
        name = told.rpartition(">")[2]
    elif callable(made):  # a function of somebody's own, which may be none that Keras can write down
        name = _function_name(made)
    elif told is None:
        return []
    else:
        name = setting(told)
    goes_without_saying = "tanh" if _is_recurrent(layer) else "linear"
    return [] if name == goes_without_saying else [name]


def _is_recurrent(layer: Any) -> bool:
    return isinstance(layer, keras.layers.RNN)


def _holding(layer: keras.layers.Layer, held: keras.layers.Layer, config: Mapping[str, Any]) -> str:
    """What a wrapper holds, and what it does with it."""
    name = given_name(held)
    if not isinstance(layer, keras.layers.Bidirectional):
        return f"of {class_name(held)}" + (f" “{name}”" if name else "")
    # Bidirectional puts "forward_" and "backward_" before a name.
    name = "" if made_up(name.removeprefix("forward_"), class_name(held)) else name.removeprefix("forward_")
    other = class_name(getattr(layer, "backward_layer", held))
    words = [f"of {class_name(held)}" + (f" “{name}”" if name else "")]
    words += [f"{other} backwards"] if other != class_name(held) else []
    words += list(layer_words(held))
    mode = config.get("merge_mode", "concat")
    words += [] if mode == "concat" else [f"merge {setting(mode)}"]
    return ", ".join(words)


def _times(value: Any) -> str:
    if isinstance(value, np.ndarray):
        value = value.tolist()
    return "×".join(map(setting, value)) if isinstance(value, (tuple, list)) else setting(value)


def _ones(value: Any) -> str:
    if isinstance(value, np.ndarray):
        value = value.tolist()
    return _times(tuple(1 for _ in value)) if isinstance(value, (tuple, list)) else "1"


def _is_one_of(value: Any, *words: str) -> bool:
    return isinstance(value, str) and value in words


# Operations.


def operation_words(call: Call) -> tuple[str, tuple[str, ...]]:
    """The name of an operation as in ``keras.ops``, and its arguments that are not tensors."""
    operation = call.operation
    snake = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", class_name(operation)).lower()
    _, index, _ = call.outputs[0]._keras_history
    given = operation._inbound_nodes[index].arguments
    if snake == "get_item" and len(given.args) > 1:
        return f"x[{_index(given.args[1])}]", ()
    words = []
    if not all(_is_tensor(argument) for argument in given.args):
        words.append(", ".join(_argument(argument) for argument in given.args))
    words += [
        f"{key}={_argument(value)}"
        for key, value in {**(_config(operation) or _held(operation)), **given.kwargs}.items()
        if key not in ("name", "dtype") and value is not None and value is not False and not _is_tensor(value)
    ]
    title = f"ops.{snake}" if hasattr(keras.ops, snake) else class_name(operation)
    return title, tuple(wrapped(words))


def _held(operation: keras.Operation) -> dict[str, Any]:
    """The settings of an operation that Keras cannot write down, as one with a number of NumPy's: it keeps them."""
    names = inspect.signature(type(operation).__init__).parameters
    return {name: value for name, value in vars(operation).items() if name in names}


def _is_tensor(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return bool(value) and all(_is_tensor(item) for item in value)
    return isinstance(value, keras.KerasTensor)


def _argument(value: Any) -> str:
    """An argument as one would write it in Python."""
    if _is_tensor(value):
        return "x"
    number = _scalar(value)
    if isinstance(number, float) and math.isfinite(number) and number == int(number):
        return repr(number)  # 2.0, which is not 2
    return _value(value, _argument)


def _index(item: Any) -> str:
    if isinstance(item, tuple):
        return ", ".join(_index(part) for part in item)
    if isinstance(item, slice):
        start, stop = ("" if bound is None else _argument(bound) for bound in (item.start, item.stop))
        return f"{start}:{stop}" + (f":{_argument(item.step)}" if item.step is not None else "")
    return "..." if item is Ellipsis else _argument(item)


# Values.


def setting(value: Any) -> str:
    """A setting in a few letters, whatever it is.

    Example:

    >>> setting(0.25), setting((2, 2)), setting(None), setting(np.float32(1 / 3)), setting(np.ones((3, 5)))
    ('0.25', '(2, 2)', 'None', '0.3333', 'array (3, 5)')
    """
    return _value(value, setting)


def _value(value: Any, inside: Callable[[Any], str]) -> str:
    number = _scalar(value)
    if isinstance(number, (bool, int)):
        return str(number)
    if isinstance(number, float):
        return f"{number:.4g}"
    if isinstance(value, str):
        return plain(value, 30)
    if isinstance(value, (tuple, list)):
        if len(value) > _MOST_NUMBERS and all(_scalar(item) is not None for item in value):
            return f"{len(value)} numbers"
        listed = ", ".join(inside(item) for item in value)
        if isinstance(value, list):
            return f"[{listed}]"
        return f"({listed},)" if len(value) == 1 else f"({listed})"
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return f"array {tuple(value.shape)}"
    if isinstance(value, Mapping):
        kind = value.get("class_name")
        if kind in ("__numpy__", "__tensor__"):  # as Keras keeps arrays in a config
            return inside(np.asarray(value["config"]["value"]))
        return kind if isinstance(kind, str) else f"{len(value)} settings"
    if callable(value):
        return _function_name(value)
    return "None" if value is None else re.sub(r" at 0x[0-9a-f]+", "", str(value))[:20]


def _scalar(value: Any) -> bool | int | float | None:
    """A Python number for what is one number: of Python, of NumPy, or in an array or tensor without axes."""
    if isinstance(value, (bool, int, float)):
        return float(value) if isinstance(value, float) else value
    if isinstance(value, np.generic) or (getattr(value, "shape", None) == () and hasattr(value, "dtype")):
        if isinstance(value, keras.KerasTensor):
            return None
        try:
            value = np.asarray(keras.ops.convert_to_numpy(value)).item()
        except Exception:  # a tensor that has no numbers yet
            return None
        return value if isinstance(value, (bool, int, float)) else None
    return None


def _function_name(function: Any) -> str:
    if isinstance(function, functools.partial):
        return _function_name(function.func)
    name = getattr(function, "__name__", None) or class_name(function)
    return "lambda" if name == "<lambda>" else str(name)
