"""What the other side is told of a layer that it knows: the weights that are its own and its configuration."""

from __future__ import annotations

import hashlib
from typing import Any

from functional_course.boundary import configs
from functional_course.boundary.kinds import is_container, is_kerass_own, is_sequential, is_wrapper, parts_of
from functional_course.models import keras_private

import keras
import numpy as np

PLAIN = (bool, int, float, str)


def own_weights(layer: keras.layers.Layer) -> list[keras.Variable]:
    """The weights that belong to a layer and to none of the layers that cross on their own."""
    if is_container(layer):
        return []
    others = {id(weight) for part in parts_of(layer) for weight in part.weights}
    return [weight for weight in layer.weights if id(weight) not in others]


def plain_config(layer: keras.layers.Layer) -> dict[str, Any]:
    """The numbers and strings of a layer's configuration, as far as attributes of the same name hold them."""
    if is_container(layer) or not is_kerass_own(layer):
        return {}
    with configs.kept_apart():
        config = keras.layers.Layer.get_config(layer) if is_wrapper(layer) else layer.get_config()
    config.pop("trainable", None)
    config.pop("name", None)
    return {
        name: value
        for name, value in config.items()
        if type(value) in PLAIN and type(getattr(layer, name, None)) is type(value)
    }


def first_config(layer: keras.Operation) -> dict[str, Any]:
    """What was written into a layer's attributes after it was made, as it was when it was made.

    The layer is made again with it, so that it fits the weights that it has; the state then says what it is now.
    """
    made = keras_private.config_when_made(layer)
    now = plain_config(layer) if isinstance(layer, keras.layers.Layer) else {}
    return {name: made[name] for name in now if type(made.get(name)) in PLAIN and made[name] != now[name]}


def trained_one_by_one(layer: keras.layers.Layer) -> list[bool] | None:
    """Whether each of a layer's own weights is trained, where some are not as the layer is; else None."""
    weights = own_weights(layer)
    inside = keras_private.layers_inside(layer, itself=True)  # also those that do not cross on their own, as cells
    made_to_train = {id(weight) for each in inside for weight in keras_private.trainable_list(each)}
    usual = [keras_private.trains(layer) and id(weight) in made_to_train for weight in weights]
    found = [bool(weight.trainable) for weight in weights]
    return None if found == usual else found


def exchanged(layer: keras.layers.Layer, weight: keras.Variable, value: np.ndarray) -> keras.Variable:
    """Another variable in the place of one whose shape follows from a configuration that was changed afterwards.

    Args:
        layer: the layer, in whose lists of variables and attributes the other one takes its place.
        weight: the variable that it has; name, dtype and whether it is trainable stay.
        value: the numbers of the other one, of any shape.

    Returns:
        the other one.
    """
    made = keras.Variable(value, dtype=weight.dtype, trainable=weight.trainable, name=weight.name)
    for variables in (keras_private.trainable_list(layer), keras_private.untrainable_list(layer)):
        for place, each in enumerate(variables):
            if each is weight:
                variables[place] = made
    for name, each in list(vars(layer).items()):
        if each is weight:
            object.__setattr__(layer, name, made)
    return made


def digest(layer: keras.layers.Layer) -> bytes:
    """16 bytes that change with the state of a layer, as far as the other side would be told it."""
    made = hashlib.blake2b(digest_size=16)
    trains = keras_private.trains(layer), trained_one_by_one(layer)
    made.update(repr((*trains, sorted(plain_config(layer).items()))).encode())
    for weight in own_weights(layer):
        made.update(np.ascontiguousarray(keras.ops.convert_to_numpy(weight)).tobytes())
    if is_sequential(layer):
        made.update(repr([id(each) for each in keras_private.parts_of(layer)]).encode())
    if isinstance(layer, keras.Model):
        made.update(repr(id(keras_private.compile_config(layer))).encode())
    return made.digest()
