"""What one side does when the other asks for it: one method for each command."""

from __future__ import annotations

import json
from typing import Any

from functional_course.boundary.configs import saved_by_reference
from functional_course.boundary.descriptions import about
from functional_course.boundary.kinds import check_is_layer
from functional_course.boundary.reaching import layers_read, weights_of
from functional_course.boundary.recording import Recording
from functional_course.boundary.specs import Spec, as_plain, as_specs, as_symbols
from functional_course.boundary.wire import BoundaryError

import keras
import numpy as np
from keras import tree


class Serving:
    def _answer(self, command: Any, value: Any) -> Any:
        if command in self.commands and self.trusting:
            return self.commands[command](value)
        if not isinstance(value, list) or not value:
            raise BoundaryError(f"nothing answers to {str(command)[:40]!r}")
        subject = self._subject(value[0])
        if not self.trusting:
            _check_may_be_asked(command, subject)
        if command == "call":
            return subject(*value[1], **value[2])
        if command == "record":
            return self._record(subject, value[1], value[2])
        if command == "outline":
            return _outline(check_is_layer(subject), as_symbols(value[1]), as_symbols(value[2]))
        if command == "build":
            self.known.digests.clear()  # the answer is to bring the weights along, told before or not
            return _build(check_is_layer(subject), value[1])
        if command == "build_for":
            self.known.digests.clear()
            layer = check_is_layer(subject)
            if not layer.built:
                layer(*as_symbols(value[1]), **as_symbols(value[2]))
            return layer
        if command in ("store", "load") and self.trusting:
            return _stored(check_is_layer(subject), *value[2:])
        if command == "reads":
            return self._reads(subject)
        if command == "apply":
            layer = subject if isinstance(subject, keras.layers.Layer) else None
            args, kwargs, weights = value[1:]
            # Its weights are set to what they are there: of this side's own, none.
            variables = weights_of(layer, self._reads(subject)) if self.trusting else []
            return self.tapes.apply(subject, args, kwargs, weights, variables)
        if command == "apply_outline":
            return tree.map_structure(as_plain, self.tapes.outline(subject, as_specs(value[1]), as_specs(value[2])))
        if command == "pull":
            return self.tapes.pull(*value[1:])
        if command == "construct":
            layer = check_is_layer(subject(*value[1], **value[2]))
            key = self.known.key_of(layer)
            self.known.shared.add(key)
            return [key, about(layer)]
        if command == "method" and value[1] in ("get_config", "from_config"):
            return self._configured(subject, *value[1:])
        raise BoundaryError(f"nothing answers to {str(command)[:40]!r}")

    def _configured(self, subject: Any, method: str, args: Any, kwargs: Any) -> Any:
        """Give a layer's configuration, or make a layer from one."""
        with saved_by_reference():
            if method == "get_config":
                config = check_is_layer(subject).get_config(*args, **kwargs)
                given = _as_text(type(subject), config)
                if given is not None:
                    self._given.add(given)
                return config
            # What is made from a configuration is whatever stands in it: only this side's own are safe.
            if not self.trusting and (len(args) != 1 or kwargs or _as_text(subject, args[0]) not in self._given):
                raise BoundaryError("a configuration that was not given")
            return subject.from_config(*args, **kwargs)

    def _subject(self, key: Any) -> Any:
        """What the other side speaks of; it may speak only of what it was sent."""
        if not isinstance(key, str) or key not in self.known.shared:
            raise BoundaryError("nothing of that key was sent")
        return self.known.get(key)

    def _reads(self, subject: Any) -> list[keras.layers.Layer]:
        """The layers that something here reads, for the other side; what it was never sent stays unknown to it."""
        found = layers_read(subject)
        return found if self.trusting else [each for each in found if self.known.known_as(each) in self.known.shared]

    def _record(self, subject: Any, args: Any, kwargs: Any) -> Any:
        args, kwargs = as_specs(args), as_specs(kwargs)
        layer = subject if isinstance(subject, keras.layers.Layer) else None
        function = layer.call if layer is not None else subject
        if layer is not None and not layer.built:
            raise BoundaryError("a layer that is not built")
        return Recording(function, layer, tuple(args), dict(kwargs), self._reads(subject))


def _check_may_be_asked(command: Any, subject: Any) -> None:
    """See that a side that is not trusted has no layer of this side run: it would set weights, or statistics.

    Raises:
        BoundaryError: it asks for more than calls of functions and objects of classes that it was sent.
    """
    of_layers = isinstance(subject, keras.Operation)
    if command in ("call", "apply", "apply_outline") and (of_layers or isinstance(subject, type)):
        raise BoundaryError("a layer of this side is not called from the other")
    if command == "construct" and not (isinstance(subject, type) and issubclass(subject, keras.layers.Layer)):
        raise BoundaryError("what was sent is no class of layers")


def _as_text(kind: type, config: Any) -> tuple[type, str] | None:
    """A class with a configuration of it, to compare; None if there is more in it than plain values."""
    try:
        return kind, json.dumps(config, sort_keys=True)
    except (TypeError, ValueError, RecursionError):
        return None


def _build(layer: keras.layers.Layer, input_shape: Any) -> keras.layers.Layer:
    if not layer.built:

        def symbolic(shape: Any) -> Any:
            return keras.KerasTensor(tuple(shape))

        if isinstance(input_shape, dict):
            given: Any = {name: symbolic(shape) for name, shape in input_shape.items()}
        elif input_shape and isinstance(input_shape[0], (list, tuple)):
            given = [symbolic(shape) for shape in input_shape]
        else:
            given = symbolic(input_shape)
        layer(given)
    return layer


def _stored(layer: keras.layers.Layer, store: dict[str, np.ndarray] | None = None) -> dict[str, np.ndarray] | None:
    """What a layer writes into a file; or have it read what is in one."""
    if store is not None:
        layer.load_own_variables(store)
        return None
    store = {}
    layer.save_own_variables(store)
    return {str(name): np.asarray(keras.ops.convert_to_numpy(value)) for name, value in store.items()}


def _outline(layer: keras.layers.Layer, args: Any, kwargs: Any) -> Any:
    made = layer.compute_output_spec(*args, **kwargs)
    return tree.map_structure(lambda leaf: as_plain(Spec(tuple(leaf.shape), leaf.dtype)), made)
