"""What is told of the state of a layer that both sides know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from functional_course.boundary import tags
from functional_course.boundary.messages.parts import Coded, Json, bool_at, dict_at, keys_at, list_at
from functional_course.boundary.wire import BoundaryError


@dataclass(frozen=True)
class State:
    """The state of a layer.

    Args:
        trainable: whether it is trained.
        config: numbers and texts of its configuration, by name.
        weights: its own weights, coded arrays.
        names: of a layer that somebody wrote, name, trainable and dtype of each weight; None for others.
        trained: whether each of its own weights is trained, where some are as the layer isn't; None for others.
        build: of one of Keras's own, what it was built with, coded.
        layers: of a stack, the keys of its layers; None for others.
        out: of a stack, the keys of the tensors in it.
        compile: of a model, the arguments of ``compile``, coded; None where it is not compiled.
    """

    trainable: bool
    config: Mapping[str, Any]
    weights: Sequence[Coded] = ()
    names: Sequence[Sequence[Any]] | None = None
    build: Coded = None
    layers: Sequence[str] | None = None
    out: Sequence[str] = ()
    compile: Coded = None
    trained: Sequence[bool] | None = None

    def to_json(self) -> Json:
        """What is sent."""
        tag = tags.State
        coded: Json = {tag.TRAINABLE: self.trainable, tag.CONFIG: dict(self.config)}
        if self.weights:
            coded[tag.WEIGHTS] = list(self.weights)
            if self.names is None:
                coded[tag.BUILD] = self.build
            else:
                coded[tag.NAMES] = list(self.names)
        if self.trained is not None:
            coded[tag.TRAINED] = list(self.trained)
        if self.layers is not None:
            coded[tag.LAYERS], coded[tag.OUT] = list(self.layers), list(self.out)
        if self.compile is not None:
            coded[tag.COMPILE] = self.compile
        return coded

    @classmethod
    def of(cls, coded: Any) -> State:
        """What came.

        Args:
            coded: what :meth:`to_json` makes.

        Raises:
            BoundaryError: it is no dict, whether it is trained is no bool, the configuration no dict, the weights no
                list, their names not three each, whether they are trained no bools, or a stack's layers or tensors no
                list of texts.
        """
        tag, where = tags.State, "a state"
        if not isinstance(coded, dict):
            raise BoundaryError("a state that is no dict")
        names = None
        if tag.NAMES in coded:
            names = list_at(coded, tag.NAMES, where)
            if not all(isinstance(each, list) and len(each) == 3 for each in names):
                raise BoundaryError(f"{where} whose {tag.NAMES!r} are not three a weight")
        trained = None
        if tag.TRAINED in coded:
            trained = list_at(coded, tag.TRAINED, where)
            if not all(isinstance(each, bool) for each in trained):
                raise BoundaryError(f"{where} whose {tag.TRAINED!r} are no bools")
        layers, out = None, []
        if tag.LAYERS in coded:
            layers, out = keys_at(coded, tag.LAYERS, where), keys_at(coded, tag.OUT, where)
        return cls(
            bool_at(coded, tag.TRAINABLE, where),
            dict_at(coded, tag.CONFIG, where),
            list_at(coded, tag.WEIGHTS, where, []),
            names,
            coded.get(tag.BUILD),
            layers,
            out,
            coded.get(tag.COMPILE),
            trained,
        )
