"""Definitions of what is called in a graph: layers and operations, of Keras's and of somebody's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from functional_course.boundary import tags
from functional_course.boundary.messages.parts import Coded, Json, dict_at, list_at, part, text_at
from functional_course.boundary.wire import BoundaryError


@dataclass(frozen=True)
class Own:
    """A layer or an operation of a class that Keras ships."""

    key: str
    saved: Coded

    KIND: ClassVar = tags.Definition.OF_OWN

    def to_json(self) -> Json:
        """What is sent."""
        tag = tags.Definition
        return {tag.KEY: self.key, tag.KIND: self.KIND, tag.SAVED: self.saved}

    @classmethod
    def of(cls, coded: Json) -> Own:
        """What came.

        Args:
            coded: what :meth:`to_json` makes.

        Raises:
            BoundaryError: the key or what was saved is missing, or the key is no text.
        """
        tag, where = tags.Definition, "a layer of Keras's"
        return cls(text_at(coded, tag.KEY, where), part(coded, tag.SAVED, where))


@dataclass(frozen=True)
class Wrapper:
    """One of Keras's layers around one other layer."""

    key: str
    kind: tuple[Any, Any]
    config: Coded
    wrapped: str

    KIND: ClassVar = tags.Definition.OF_WRAPPER

    def to_json(self) -> Json:
        """What is sent."""
        tag = tags.Definition
        return {
            tag.KEY: self.key,
            tag.KIND: self.KIND,
            tag.CLASS: list(self.kind),
            tag.CONFIG: self.config,
            tag.WRAPPED: self.wrapped,
        }

    @classmethod
    def of(cls, coded: Json) -> Wrapper:
        """What came.

        Args:
            coded: what :meth:`to_json` makes.

        Raises:
            BoundaryError: something is missing, a key is no text, or the class is no list of two, a module and a name.
        """
        tag, where = tags.Definition, "a wrapper"
        kind = list_at(coded, tag.CLASS, where)
        if len(kind) != 2:
            raise BoundaryError(f"{where} whose {tag.CLASS!r} is no module and name")
        return cls(
            text_at(coded, tag.KEY, where),
            (kind[0], kind[1]),
            part(coded, tag.CONFIG, where),
            text_at(coded, tag.WRAPPED, where),
        )


@dataclass(frozen=True)
class Written:
    """A layer that somebody wrote."""

    key: str
    kind: Json
    about: Coded

    KIND: ClassVar = tags.Definition.OF_WRITTEN

    def to_json(self) -> Json:
        """What is sent."""
        tag = tags.Definition
        return {tag.KEY: self.key, tag.KIND: self.KIND, tag.CLASS: self.kind, tag.ABOUT: self.about}

    @classmethod
    def of(cls, coded: Json) -> Written:
        """What came.

        Args:
            coded: what :meth:`to_json` makes.

        Raises:
            BoundaryError: something is missing, the key is no text, or the class no dict. The rest is left to
                :meth:`.About.of`.
        """
        tag, where = tags.Definition, "a layer that somebody wrote"
        return cls(text_at(coded, tag.KEY, where), dict_at(coded, tag.CLASS, where), part(coded, tag.ABOUT, where))
