"""What a layer's ``call`` or a function does with symbolic tensors, recorded for the other side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from functional_course.boundary.reaching import reaches_computation, weights_of
from functional_course.boundary.specs import Spec
from functional_course.boundary.wire import BoundaryError
from functional_course.models import keras_private
from functional_course.models.graph import nodes_before

import keras
from keras import tree


class _StandIn(keras.KerasTensor):
    """A symbolic tensor that takes what a variable takes."""

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__((key,) if key is None or key is Ellipsis else key)

    @property
    def value(self) -> Any:
        """A variable's own value; here the tensor itself."""
        return self


class Recording:
    """What a function did with symbolic tensors: :attr:`value` to be sent, with :attr:`names` for its tensors.

    Args:
        function: what to call: a layer's ``call``, or a function of tensors.
        layer: whose variables it uses, or None.
        args: arguments, with :class:`Spec` for tensors.
        kwargs: named arguments.
        reads: layers whose weights it uses besides.

    The names 0, 1, ... are the tensors of the arguments, then the layer's variables, then what was computed.
    """

    def __init__(
        self,
        function: Any,
        layer: keras.layers.Layer | None,
        args: Any,
        kwargs: Any,
        reads: Sequence[keras.layers.Layer] = (),
    ) -> None:
        given: list[keras.KerasTensor] = []

        def symbolic(leaf: Any) -> Any:
            if isinstance(leaf, Spec):
                given.append(_StandIn(leaf.shape, dtype=leaf.dtype))
                return given[-1]
            return leaf

        args, kwargs = tree.map_structure(symbolic, (args, kwargs))
        variables = weights_of(layer, reads)
        stand_ins = [_StandIn(tuple(each.shape), dtype=each.dtype) for each in variables]
        exchange = {id(each): stand_in for each, stand_in in zip(variables, stand_ins, strict=True)}
        try:
            with (
                _Exchanged([each for one in (layer, *reads) for each in _with_parts(one)], exchange),
                keras_private.training_as(_INHERITED),
            ):
                result = function(*args, **kwargs)
        except Exception:
            # A layer inside that computes its output's shape from its weights has to keep them.
            whole = [each for each in (layer, *reads) if each is not None]
            with _Exchanged(whole, exchange), keras_private.training_as(_INHERITED):
                result = function(*args, **kwargs)
        self.names = {id(tensor): place for place, tensor in enumerate([*given, *stand_ins])}
        self.names |= {id(variable): len(given) + place for place, variable in enumerate(variables)}
        tensors = [leaf for leaf in tree.flatten(result) if isinstance(leaf, keras.KerasTensor)]
        nodes = [node for node in nodes_before(tensors) if any(id(output) not in self.names for output in node.outputs)]
        if any(_holds_a_part(node) for node in nodes):
            raise BoundaryError("a computation with a function that belongs to it")
        places = len(given) + len(stand_ins)
        for node in nodes:
            for output in node.outputs:
                self.names[id(output)] = places
                places += 1
        self._kept = [given, stand_ins, nodes]  # identities are names here, so nothing may be collected
        self.value = [
            [
                [
                    node.operation,
                    node.arguments.args,
                    {name: each for name, each in node.arguments.kwargs.items() if each is not _INHERITED},
                    [self.names[id(out)] for out in node.outputs],
                ]
                for node in nodes
            ],
            result,
            reads,
        ]


def _holds_a_part(node: Any) -> bool:
    """Whether an operation was given a function that uses what is around it, as those of ``ops.cond`` do."""
    if isinstance(node.operation, keras.layers.Layer):
        return False
    given = [*vars(node.operation).values(), *tree.flatten([node.arguments.args, node.arguments.kwargs])]
    functions = [value for value in given if callable(value) and not isinstance(value, keras.KerasTensor)]
    return any(reaches_computation(function) for function in functions)


class _Inherited:
    """Stands for whether a layer is trained, where that follows from who calls it.

    While a computation is recorded, layers that are called as they are where they stand leave it open. Keras would
    write down that they are not trained, since nobody says here that they are.
    """

    def __bool__(self) -> bool:
        return False


_INHERITED = _Inherited()


def _with_parts(layer: keras.layers.Layer | None) -> list[keras.layers.Layer]:
    return [] if layer is None else [layer, *keras_private.layers_inside(layer)]


class _Exchanged:
    """Puts symbolic tensors in the place of layers' variables, so that what is computed from them is recorded too.

    Args:
        layers: whose attributes hold variables.
        exchange: a tensor for each, by the variable's ``id``.
    """

    def __init__(self, layers: list[keras.layers.Layer], exchange: dict[int, keras.KerasTensor]) -> None:
        self.layers, self.exchange = layers, exchange
        self.kept: list[tuple[dict[str, Any], str, Any]] = []

    def __enter__(self) -> None:
        for layer in self.layers:
            attributes = vars(layer)
            for name, value in list(attributes.items()):
                if name in keras_private.VARIABLE_LISTS:
                    continue
                exchanged = self._exchanged(value)
                if exchanged is not value:
                    self.kept.append((attributes, name, value))
                    attributes[name] = exchanged

    def _exchanged(self, value: Any) -> Any:
        if isinstance(value, keras.Variable):
            return self.exchange.get(id(value), value)
        if isinstance(value, (list, tuple)) and any(id(each) in self.exchange for each in value):
            return [self._exchanged(each) for each in value]
        if isinstance(value, dict) and any(id(each) in self.exchange for each in value.values()):
            return {name: self._exchanged(each) for name, each in value.items()}
        return value

    def __exit__(self, *_: object) -> None:
        for attributes, name, value in self.kept:
            attributes[name] = value
