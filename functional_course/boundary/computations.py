"""What a layer or a function of the other side recorded, run on this side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from functional_course.boundary.kinds import check_is_layer, check_is_operation
from functional_course.boundary.known import Known
from functional_course.boundary.reaching import weights_of
from functional_course.boundary.specs import Named
from functional_course.models import keras_private

import keras
from keras import tree


class Computation:
    """Operations that were recorded on the other side, ready to run on tensors here.

    Args:
        nodes: ``(operation, args, kwargs, places of its outputs)``, each after what it depends on; tensors are
            :class:`~functional_course.boundary.specs.Named` places.
        result: what it returns, with places for tensors.
        reads: layers whose weights it uses besides those of the layer that it is the computation of.
    """

    def __init__(
        self, nodes: list[tuple[Any, Any, Any, list[int]]], result: Any, reads: Sequence[keras.layers.Layer] = ()
    ) -> None:
        for operation, *_ in nodes:
            check_is_operation(operation)
        self.nodes, self.result = nodes, result
        self.reads = [check_is_layer(each) for each in reads]

    def run(self, tensors: list[Any], layer: keras.layers.Layer | None = None, known: Known | None = None) -> Any:
        """The result for some tensors.

        Args:
            tensors: those in the arguments.
            layer: whose computation it is.
            known: what the other side was told; none of it changes its state, unless the layer is trained here.
        """
        values = dict(enumerate([*tensors, *weights_of(layer, self.reads)]))

        def filled(part: Any) -> Any:
            return tree.map_structure(lambda leaf: values[leaf.place] if isinstance(leaf, Named) else leaf, part)

        layers = [each for each, *_ in self.nodes if isinstance(each, keras.layers.Layer)]
        own = known.own_variables() if known is not None and layers and not _is_trained() else {}
        for operation, args, kwargs, places in self.nodes:
            outputs = tree.flatten(_run(operation, filled(args), filled(kwargs), own))
            values.update(zip(places, outputs, strict=True))
        return filled(self.result)


def _run(operation: keras.Operation, args: Any, kwargs: Any, own: Mapping[int, keras.Variable]) -> Any:
    """Call an operation; the variables of this side's ``own`` stay as they are, also where the call is only traced.

    A layer that normalises or draws numbers would change them, if the other side has recorded it as it is in training.
    """
    variables = operation.variables if own and isinstance(operation, keras.layers.Layer) else ()
    if not any(id(variable) in own for variable in variables):
        return operation(*args, **kwargs)
    with keras.StatelessScope() as scope:
        made = operation(*args, **kwargs)
    for variable in variables:
        if id(variable) not in own and scope.get_current_value(variable) is not None:
            variable.assign(scope.get_current_value(variable))
    return made


def _is_trained() -> bool:
    """Whether this side trains: then it means its layers to change."""
    return bool(keras_private.is_training())
