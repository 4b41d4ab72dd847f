"""Definitions of models, and of what is in their graphs: tensors, inputs and calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from functional_course.boundary import tags
from functional_course.boundary.messages.parts import Coded, Json, keys_at, list_at, part, text_at


@dataclass(frozen=True)
class Call:
    """A call of a layer or an operation with symbolic tensors."""

    operation: str
    args: Coded
    kwargs: Coded
    out: Sequence[str]

    KIND: ClassVar = tags.Definition.OF_CALL

    def to_json(self) -> Json:
        """What is sent."""
        tag = tags.Definition
        return {
            tag.KIND: self.KIND,
            tag.OPERATION: self.operation,
            tag.ARGS: self.args,
            tag.KWARGS: self.kwargs,
            tag.OUT: list(self.out),
        }

    @classmethod
    def of(cls, coded: Json) -> Call:
        """What came.

        Args:
            coded: what :meth:`to_json` makes; the keys of the outputs may be missing.

        Raises:
            BoundaryError: the operation or the arguments are missing, the operation is no text, or the outputs no list
                of texts.
        """
        tag, where = tags.Definition, "a call"
        return cls(
            text_at(coded, tag.OPERATION, where),
            part(coded, tag.ARGS, where),
            part(coded, tag.KWARGS, where),
            keys_at(coded, tag.OUT, where, []),
        )


@dataclass(frozen=True)
class Loose:
    """A symbolic tensor that no layer made."""

    key: str
    shape: Sequence[int | None]
    dtype: str

    KIND: ClassVar = tags.Definition.OF_TENSOR

    def to_json(self) -> Json:
        """What is sent."""
        tag = tags.Definition
        return {tag.KIND: self.KIND, tag.KEY: self.key, tag.SHAPE: list(self.shape), tag.DTYPE: self.dtype}

    @classmethod
    def of(cls, coded: Json) -> Loose:
        """What came.

        Args:
            coded: what :meth:`to_json` makes.

        Raises:
            BoundaryError: something is missing, the key is no text, or the shape no list. The dtype and the sizes are
                left to Keras.
        """
        tag, where = tags.Definition, "a tensor"
        return cls(text_at(coded, tag.KEY, where), list_at(coded, tag.SHAPE, where), part(coded, tag.DTYPE, where))


@dataclass(frozen=True)
class Entrance:
    """An input layer."""

    key: str
    config: Coded
    out: Sequence[str]

    KIND: ClassVar = tags.Definition.OF_INPUT

    def to_json(self) -> Json:
        """What is sent."""
        tag = tags.Definition
        return {tag.KEY: self.key, tag.KIND: self.KIND, tag.CONFIG: self.config, tag.OUT: list(self.out)}

    @classmethod
    def of(cls, coded: Json) -> Entrance:
        """What came.

        Args:
            coded: what :meth:`to_json` makes; the keys of the outputs may be missing.

        Raises:
            BoundaryError: the key or the configuration is missing, the key is no text, or the outputs no list of texts.
        """
        tag, where = tags.Definition, "an input"
        return cls(text_at(coded, tag.KEY, where), part(coded, tag.CONFIG, where), keys_at(coded, tag.OUT, where, []))


@dataclass(frozen=True)
class Stack:
    """A sequential model."""

    key: str
    name: Any
    kind: str
    own: Sequence[str]
    layers: Sequence[str]
    out: Sequence[str]

    KIND: ClassVar = tags.Definition.OF_SEQUENTIAL

    def to_json(self) -> Json:
        """What is sent."""
        tag = tags.Definition
        return {
            tag.KEY: self.key,
            tag.KIND: self.KIND,
            tag.NAME: self.name,
            tag.CLASS: self.kind,
            tag.OWN: list(self.own),
            tag.LAYERS: list(self.layers),
            tag.OUT: list(self.out),
        }

    @classmethod
    def of(cls, coded: Json) -> Stack:
        """What came.

        Args:
            coded: what :meth:`to_json` makes; the class, its own methods and the keys of the tensors may be missing.

        Raises:
            BoundaryError: the key, the name or the layers are missing, the key is no text, the layers or the tensors
                are no list of texts, or the own methods no list.
        """
        tag, where = tags.Definition, "a stack of layers"
        return cls(
            text_at(coded, tag.KEY, where),
            part(coded, tag.NAME, where),
            str(coded.get(tag.CLASS)),
            list_at(coded, tag.OWN, where, []),
            keys_at(coded, tag.LAYERS, where),
            keys_at(coded, tag.OUT, where, []),
        )


@dataclass(frozen=True)
class Graph:
    """A functional model."""

    key: str
    name: Any
    kind: str
    own: Sequence[str]
    inputs: Coded
    outputs: Coded

    KIND: ClassVar = tags.Definition.OF_FUNCTIONAL

    def to_json(self) -> Json:
        """What is sent."""
        tag = tags.Definition
        return {
            tag.KEY: self.key,
            tag.KIND: self.KIND,
            tag.NAME: self.name,
            tag.CLASS: self.kind,
            tag.OWN: list(self.own),
            tag.INPUTS: self.inputs,
            tag.OUTPUTS: self.outputs,
        }

    @classmethod
    def of(cls, coded: Json) -> Graph:
        """What came.

        Args:
            coded: what :meth:`to_json` makes; the class and its own methods may be missing.

        Raises:
            BoundaryError: the key, the name, the inputs or the outputs are missing, the key is no text, or the own
                methods are no list.
        """
        tag, where = tags.Definition, "a graph of layers"
        return cls(
            text_at(coded, tag.KEY, where),
            part(coded, tag.NAME, where),
            str(coded.get(tag.CLASS)),
            list_at(coded, tag.OWN, where, []),
            part(coded, tag.INPUTS, where),
            part(coded, tag.OUTPUTS, where),
        )
