"""Keras layers, models and tensors from JSON, made again with Keras's own classes."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Sequence
from typing import Any

from functional_course.boundary import allowed, configs
from functional_course.boundary.descriptions import About
from functional_course.boundary.kinds import (
    INPUT,
    check_is_operation,
    functional_example,
    is_container,
    is_sequential,
    is_wrapper,
    parts_of,
    tensors_inside,
)
from functional_course.boundary.messages.bodies import MOST_NODES, Body
from functional_course.boundary.messages.definitions import Definition
from functional_course.boundary.messages.graphs import Call, Entrance, Graph, Loose, Stack
from functional_course.boundary.messages.layers import Own, Wrapper
from functional_course.boundary.messages.parts import Json
from functional_course.boundary.messages.states import State
from functional_course.boundary.specs import Named
from functional_course.boundary.standing_in import StandIns
from functional_course.boundary.states import PLAIN, digest, exchanged, own_weights, plain_config
from functional_course.boundary.steps import refusing
from functional_course.boundary.tags import Tag
from functional_course.boundary.values import Decoder
from functional_course.boundary.wire import BoundaryError, CannotCross
from functional_course.models import keras_private

import keras
import numpy as np
from keras import tree


class Unpacker:
    """Reads one message.

    Args:
        peer: this side.
        header: with the parts of a :class:`~.messages.bodies.Body`, as it came.
        arrays: the bytes that came with it.
    """

    def __init__(self, peer: StandIns, header: Json, arrays: list[bytes]) -> None:
        self.peer, self.known = peer, peer.known
        self.decoder = Decoder(arrays, self._other)
        self._header = header

    def value(self, may_change: Collection[str] = (), *, only_new: bool = False) -> Any:
        """The value, after everything that it needs has been made.

        Args:
            may_change: the keys of this side's objects whose state the other side may change: those that it was
                given to work on. A side that is trusted may change all.
            only_new: whether it may say the state only of what was not known here.

        Raises:
            BoundaryError: it is no message, or speaks of what it may not.
            CannotCross: Keras makes nothing of it.
        """
        try:
            body = Body.of(self._header)
            keys = [each.key for each in body.definitions if not isinstance(each, Call)]
            new = {key for key in keys if not self.known.has(key)}
            for each in body.definitions:
                self._define(each)
            for key, state in body.states.items():
                if key in new or (not only_new and (self._theirs(key) or key in may_change)):
                    self._apply(self.known.get(key), state)
                    self.known.digests[key] = digest(self.known.get(key))
            return self.decoder.decode(body.value)
        except BoundaryError:
            raise
        except Exception as error:  # whatever Keras says to a graph that it would not have made
            raise CannotCross(f"the answer cannot be made again: {type(error).__name__}: {error}") from error

    def _theirs(self, key: Any) -> bool:
        """Whether the other side may say what this key stands for: not if it begins as this side's own do."""
        return self.peer.may_name(key)

    def _spoken_of(self, key: Any) -> Any:
        """What a key stands for. The other side may speak of what it made and of what it was sent: of nothing else."""
        if not self._theirs(key) and key not in self.known.shared:
            raise BoundaryError(f"{str(key)[:40]!r} was never sent")
        return self.known.get(key)

    def _put(self, key: Any, made: Any) -> None:
        self.peer.check_is_theirs(key)
        before = self.known.known_as(made)
        if before is not None and not self._theirs(before):
            raise BoundaryError("what this side made cannot become the other side's")
        self.known.put(key, made)
        self.known.shared.add(key)

    def _other(self, coded: Json) -> Any:
        tag: Any = coded.get(Tag.TAG)
        value: Any = coded.get(Tag.VALUE)
        if tag in (Tag.SYMBOL, Tag.OPERATION):
            return self._spoken_of(value)
        if tag == Tag.NAMED:
            return allowed.named(*value)
        if tag == Tag.SAVED:
            return configs.made(self.decoder.decode(value), self._may_hold)
        if tag == Tag.PLACE:
            return Named(int(value))
        if tag in (Tag.FUNCTION, Tag.CLASS):
            if self.known.has(value):
                return self._spoken_of(value)
            name = str(coded.get(Tag.NAME))[:80]
            made: Any
            if tag == Tag.CLASS:
                base = {**allowed.RUNS_OTHER_CODE, Tag.MODEL: keras.Model}.get(str(coded.get(Tag.BASE)))
                parameters = self.decoder.decode(coded.get(Tag.PARAMETERS))
                made = self.peer.remote_class(value, name, coded.get(Tag.REGISTERED), parameters, base)
            else:
                made = self.peer.remote_function(value, name)
            self._put(value, made)
            return made
        raise BoundaryError(f"nothing is tagged {str(tag)[:40]!r}")

    def _define(self, coded: Definition) -> None:
        if isinstance(coded, Call):
            if all(self.known.has(key) for key in coded.out):
                return
            operation = check_is_operation(self._spoken_of(coded.operation))
            args, kwargs = self.decoder.decode(coded.args), self.decoder.decode(coded.kwargs)
            check_is_symbolic(args, kwargs)
            self._name(tree.flatten(operation(*args, **kwargs)), coded.out)
            return
        if self.known.has(coded.key):
            return
        made: Any
        if isinstance(coded, Loose):
            made = keras.KerasTensor(tuple(coded.shape), dtype=coded.dtype)
        elif isinstance(coded, Entrance):
            config = {name: each for name, each in self.decoder.decode(coded.config).items() if each is not None}
            made = INPUT(**config)
            self._name([made.output], coded.out)
        elif isinstance(coded, Stack):
            made = refusing(keras.Sequential, coded.kind, coded.own)(name=coded.name)
            self._fill(made, coded.layers, coded.out)
        elif isinstance(coded, Graph):
            inputs, outputs = self.decoder.decode(coded.inputs), self.decoder.decode(coded.outputs)
            made = refusing(type(functional_example()), coded.kind, coded.own)(inputs, outputs, name=coded.name)
        elif isinstance(coded, Own):
            saved = self.decoder.decode(coded.saved)
            made = check_is_operation(configs.made(saved, self._may_hold))
        elif isinstance(coded, Wrapper):
            made = self._wrapper(coded)
        else:
            kind = self._other(coded.kind)
            made = self.peer.mirrored(coded.key, kind, About.of(self.decoder.decode(coded.about)))
        self._put(coded.key, made)

    def _wrapper(self, coded: Wrapper) -> keras.layers.Layer:
        kind = allowed.named(*coded.kind)
        if not isinstance(kind, type) or not issubclass(kind, keras.layers.Wrapper):
            raise BoundaryError(f"{str(list(coded.kind))[:60]} is no wrapper")
        wrapper: Any = kind
        wrapped = check_is_operation(self._spoken_of(coded.wrapped))
        config = configs.checked(self.decoder.decode(coded.config), self._may_hold)
        with configs.building():
            return wrapper.from_config({**config, "layer": wrapped})

    def _may_hold(self, value: Any) -> bool:
        """Whether something may stand in a configuration: what stands here for a function or a layer of the other side.

        The weights of such a layer are told with itself alone.
        """
        mirrored = isinstance(value, keras.layers.Layer) and hasattr(value, "mirror")
        return self.peer.is_remote_function(value) or (mirrored and self._theirs(self.known.known_as(value)))

    def _name(self, tensors: list[Any], keys: Sequence[str]) -> None:
        if len(tensors) != len(keys):
            raise BoundaryError("a call gave another number of tensors than it was said to")
        for tensor, key in zip(tensors, keys, strict=True):
            if not self.known.has(key):
                self._put(key, tensor)
            elif key not in self.known.shared and not self._theirs(key):
                raise BoundaryError(f"{str(key)[:40]!r} was never sent")

    def _fill(self, model: keras.Sequential, keys: Sequence[str], out: Sequence[str]) -> None:
        keras_private.emptied(model)
        for key in keys:
            model.add(self._spoken_of(key), rebuild=False)
        # A damaged model stays damaged: what Keras could not build on the other side is not built here.
        if out:
            if isinstance(keras_private.parts_of(model)[0], INPUT):
                keras_private.rebuilt(model)
            self._name(list(tensors_inside(model)), out)

    def _apply(self, layer: keras.layers.Layer, state: State) -> None:
        if state.layers is not None and is_sequential(layer):
            wanted = [self._spoken_of(key) for key in state.layers]
            same = [id(each) for each in wanted] == [id(each) for each in keras_private.parts_of(layer)]
            if not same or bool(state.out) != bool(keras_private.functional_of(layer)):
                self._fill(layer, state.layers, state.out)
        if state.weights:
            self._apply_weights(layer, state)
        for name, value in state.config.items():
            if plain_config(layer).get(name, value) != value and type(value) in PLAIN:
                setattr(layer, name, value)
        if keras_private.trains(layer) != state.trainable:
            keras_private.set_trains(layer, state.trainable)
        if isinstance(layer, keras.layers.Layer) and not is_container(layer):
            trains, inside = keras_private.trains(layer), keras_private.parts_of(layer)
            for variable in keras_private.trainable_list(layer):
                variable.trainable = trains
            parts = {id(part) for part in parts_of(layer)}
            for part in [] if is_wrapper(layer) else [part for part in inside if id(part) not in parts]:
                part.trainable = trains
            self._apply_trained(layer, state)
        if state.compile is not None and isinstance(layer, keras.Model):
            with configs.building():
                layer.compile(**_compiling(self.decoder.decode(state.compile)))

    @staticmethod
    def _apply_trained(layer: keras.layers.Layer, state: State) -> None:
        if state.trained is None:
            return
        weights = own_weights(layer)
        if len(weights) != len(state.trained):
            raise BoundaryError(
                f"of a layer of {len(weights)} weights {len(state.trained)} were said to be trained or not"
            )
        for weight, trained in zip(weights, state.trained, strict=True):
            weight.trainable = trained

    def _apply_weights(self, layer: keras.layers.Layer, state: State) -> None:
        values = [self.decoder.decode(each) for each in state.weights]
        if state.names is not None and hasattr(layer, "mirror"):
            layer.mirror.hold(values, state.names)
        elif not layer.built and state.build:
            layer.build_from_config(self.decoder.decode(state.build))
        weights = own_weights(layer)
        if len(weights) < len(values) and state.build:
            # A layer in the place of its activation is made when it is first called.
            shape = self.decoder.decode(state.build).get("input_shape")
            if all(type(size) is int for size in shape[1:]) and np.prod(shape[1:]) < MOST_NODES:
                layer(np.zeros((1, *shape[1:]), layer.compute_dtype))
            weights = own_weights(layer)
        if len(weights) != len(values):
            raise BoundaryError(f"a layer of {len(weights)} weights was said to have {len(values)}")
        for weight, value in zip(weights, values, strict=True):
            if tuple(weight.shape) != value.shape:
                weight = exchanged(layer, weight, value)
            weight.assign(value)
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()


_COMPILES = inspect.signature(keras.Model.compile).parameters


def _compiling(config: Any) -> dict[str, Any]:
    """The arguments of ``compile``; a text in them names nothing that somebody registered on this side."""
    if not isinstance(config, dict) or not set(config) <= set(_COMPILES):
        raise BoundaryError("what came compiles no model")
    if any(isinstance(each, str) and ">" in each for each in tree.flatten(config)):
        raise CannotCross("a model compiled with the registered name of a loss or metric cannot be judged")
    return config


def check_is_symbolic(args: Any, kwargs: Any) -> None:
    """See that a call is recorded: with numbers a layer of this side's would run, and could change its state.

    Args:
        args: its arguments, nested as they may be.
        kwargs: its named arguments, likewise.

    Raises:
        BoundaryError: no argument is a symbolic tensor.
    """
    if not any(isinstance(each, keras.KerasTensor) for each in tree.flatten((args, kwargs))):
        raise BoundaryError("a call of a layer without a symbolic tensor")
