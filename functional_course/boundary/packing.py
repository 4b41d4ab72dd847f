"""Keras layers, models and tensors to JSON.

A model crosses as the calls that it records. The other side makes the same layers with Keras's own classes and calls
them again, so one layer called twice is one layer called twice there too, in one model or in several.
"""

from __future__ import annotations

from typing import Any

from functional_course.boundary import allowed, configs
from functional_course.boundary.descriptions import about, signature_of
from functional_course.boundary.kinds import (
    INPUT,
    is_functional,
    is_kerass_own,
    is_sequential,
    is_wrapper,
    parts_of,
    tensors_inside,
)
from functional_course.boundary.known import Known
from functional_course.boundary.messages.bodies import Body
from functional_course.boundary.messages.definitions import Definition
from functional_course.boundary.messages.graphs import Call, Entrance, Graph, Loose, Stack
from functional_course.boundary.messages.layers import Own, Wrapper, Written
from functional_course.boundary.messages.parts import Coded, Json
from functional_course.boundary.messages.states import State
from functional_course.boundary.states import digest, first_config, own_weights, plain_config, trained_one_by_one
from functional_course.boundary.steps import own_methods
from functional_course.boundary.tags import Tag
from functional_course.boundary.values import Encoder
from functional_course.boundary.wire import CannotCross
from functional_course.models import keras_private
from functional_course.models.graph import nodes_before

import keras


class Packer:
    """Makes one message: a value, and what the other side has to know to understand it.

    Args:
        known: what both sides know.
        names: tensors and variables that stand for themselves in a recorded computation.
    """

    def __init__(self, known: Known, names: dict[int, int] | None = None) -> None:
        self.known = known
        self.encoder = Encoder(self._other)
        self.definitions: list[Definition] = []
        self._names = names or {}
        self.met: dict[str, Any] = {}

    def message(self, value: Any) -> Body:
        """The body of a message that says this value. Take :attr:`encoder` ``.arrays`` along.

        Raises:
            CannotCross: something in it can be made on no other side.
            Exception: what Keras raises when it cannot save a layer.
        """
        coded = self.encoder.encode(value)
        states = self._states()  # which may define something more
        return Body(coded, self.definitions, states)

    def _other(self, value: Any) -> Coded | None:
        if id(value) in self._names:
            return {Tag.TAG: Tag.PLACE, Tag.VALUE: self._names[id(value)]}
        if isinstance(value, keras.KerasTensor):
            return {Tag.TAG: Tag.SYMBOL, Tag.VALUE: self._symbol(value)}
        if isinstance(value, keras.Operation):
            return {Tag.TAG: Tag.OPERATION, Tag.VALUE: self._operation(value)}
        if isinstance(value, keras.Variable) or keras.ops.is_tensor(value):
            return self.encoder.tensor(keras.ops.convert_to_numpy(value))
        if keras_private.is_tracked(value):
            plain = next(each for each in (list, dict, set) if isinstance(value, each))
            return self.encoder.encode(plain(value))
        if allowed.is_shipped(value):
            return {Tag.TAG: Tag.SAVED, Tag.VALUE: self.encoder.encode(configs.saved(value))}
        return self._callable(value) if callable(value) else None

    def _callable(self, value: Any) -> Json:
        shipped = allowed.name_of(value)
        if shipped:
            return {Tag.TAG: Tag.NAMED, Tag.VALUE: list(shipped)}
        name = getattr(value, "__name__", "")
        key = self.known.key_of(value)
        self.known.shared.add(key)
        if isinstance(value, type) and issubclass(value, keras.layers.Layer):
            kind: Any = value
            registered = keras.saving.get_registered_name(value)
            found = keras.saving.get_registered_object(registered) is value
            return {
                Tag.TAG: Tag.CLASS,
                Tag.VALUE: key,
                Tag.NAME: name,
                Tag.REGISTERED: registered if found else None,
                Tag.PARAMETERS: self.encoder.encode(signature_of(kind.call)),
                Tag.BASE: self._base(value),
            }
        return {Tag.TAG: Tag.FUNCTION, Tag.VALUE: key, Tag.NAME: str(name)[:80]}

    @staticmethod
    def _base(kind: type) -> str | None:
        shipped = next((name for name, other in allowed.RUNS_OTHER_CODE.items() if other is kind), None)
        return shipped or (Tag.MODEL if issubclass(kind, keras.Model) else None)

    def _symbol(self, tensor: keras.KerasTensor) -> str:
        key = self.known.key_of(tensor)
        if key in self.known.shared:
            return key
        for node in nodes_before([tensor]):
            keys = [self.known.key_of(output) for output in node.outputs]
            if set(keys) <= self.known.shared:
                continue
            operation = self._operation(node.operation)
            if isinstance(node.operation, INPUT):
                continue
            args, kwargs = self.encoder.encode(node.arguments.args), self.encoder.encode(node.arguments.kwargs)
            self.known.shared.update(keys)
            self.definitions.append(Call(operation, args, kwargs, keys))
        if key not in self.known.shared:
            self.known.shared.add(key)
            self.definitions.append(Loose(key, list(tensor.shape), tensor.dtype))
        return key

    def _operation(self, value: keras.Operation) -> str:
        key = self.known.key_of(value)
        if key in self.met:
            return key
        self.met[key] = value
        if key not in self.known.shared:
            self.known.shared.add(key)
            self.definitions.append(self._definition(key, value))
        for layer in parts_of(value):
            self._operation(layer)
        return key

    def _definition(self, key: str, value: keras.Operation) -> Definition:
        kind = type(value)
        if kind is INPUT:
            config = {
                name: getattr(value, name, None) for name in ("batch_shape", "name", "dtype", "sparse", "optional")
            }
            out = self.known.key_of(value.output)
            self.known.shared.add(out)
            return Entrance(key, self.encoder.encode(config), [out])
        if is_sequential(value):
            layers = [self._operation(layer) for layer in keras_private.parts_of(value)]
            if not keras_private.functional_of(value):
                # Damaged, or never built: its layers still remember where they were called.
                for layer in keras_private.parts_of(value):
                    for node in keras_private.nodes_of(layer)[:1]:
                        for tensor in node.outputs:
                            self._symbol(tensor)
            return Stack(key, value.name, kind.__name__, own_methods(value), layers, self._inside(value))
        if is_functional(value):
            inputs, outputs = (self.encoder.encode(each) for each in (value.input, value.output))
            return Graph(key, value.name, kind.__name__, own_methods(value), inputs, outputs)
        if is_kerass_own(value):
            return self._own(key, value)
        if isinstance(value, keras.layers.Layer):
            return Written(key, self._callable(kind), self.encoder.encode(about(value).to_value()))
        raise CannotCross(f"an operation of the class {kind.__name__} cannot be judged")

    def _own(self, key: str, value: keras.Operation) -> Definition:
        if not is_wrapper(value):
            saved = configs.saved(value)
            saved["config"].update(first_config(value))
            return Own(key, self.encoder.encode(saved))
        config = configs.saved_config(lambda: keras.layers.Layer.get_config(value))
        coded, wrapped = self.encoder.encode(config), self._operation(value.layer)
        return Wrapper(key, allowed.name_of(type(value)) or ("", ""), coded, wrapped)

    def _inside(self, model: keras.Sequential) -> list[str]:
        keys = [self.known.key_of(tensor) for tensor in tensors_inside(model)]
        self.known.shared.update(keys)
        return keys

    def _states(self) -> dict[str, State]:
        """The state of everything that this message speaks of, where the other side does not know it yet."""
        states: dict[str, State] = {}
        for key, value in list(self.met.items()):
            if not isinstance(value, keras.layers.Layer) or isinstance(value, INPUT):
                continue
            now = digest(value)
            if self.known.digests.get(key) != now:
                self.known.digests[key] = now
                states[key] = self._state(value)
        return states

    def _state(self, layer: keras.layers.Layer) -> State:
        weights = own_weights(layer)
        coded = [self.encoder.encode(keras.ops.convert_to_numpy(weight)) for weight in weights]
        build = names = layers = compiled = None
        out: list[str] = []
        if weights and is_kerass_own(layer):
            build = self.encoder.encode(layer.get_build_config())
        elif weights:
            names = [[weight.name, bool(weight.trainable), weight.dtype] for weight in weights]
        if is_sequential(layer):
            layers = [self._operation(each) for each in keras_private.parts_of(layer)]
            out = self._inside(layer)
        if isinstance(layer, keras.Model) and layer.compiled and (config := keras_private.compile_config(layer)):
            compiled = self.encoder.encode(dict(config.config))
        trains, trained = keras_private.trains(layer), trained_one_by_one(layer)
        return State(trains, plain_config(layer), coded, names, build, layers, out, compiled, trained)
