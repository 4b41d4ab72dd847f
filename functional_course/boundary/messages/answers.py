"""What is answered, with what was printed meanwhile and what was raised, as it is sent and as it comes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from functional_course.boundary import tags
from functional_course.boundary.messages.bodies import Body
from functional_course.boundary.messages.parts import Json
from functional_course.boundary.wire import BoundaryError

MOST_MESSAGE = 4_000
"""Characters of an exception's text."""


@dataclass(frozen=True)
class ToldError:
    """What is told of an exception.

    Args:
        kinds: the names of its class and of those that this derives from, in the order in which Python looks.
        message: its text, at most 4,000 characters.
        name: of a ``NameError``, the name that is missing.
        boundary: whether it is a :class:`~functional_course.boundary.wire.BoundaryError`.
        cannot_cross: whether it is a :class:`~functional_course.boundary.wire.CannotCross`.
    """

    kinds: Sequence[Any]
    message: str = ""
    name: str | None = None
    boundary: bool = False
    cannot_cross: bool = False

    def to_json(self) -> Json:
        """What is sent."""
        tag = tags.Error
        return {
            tag.KINDS: list(self.kinds),
            tag.MESSAGE: self.message,
            tag.NAME: self.name,
            tag.BOUNDARY: self.boundary,
            tag.CANNOT_CROSS: self.cannot_cross,
        }

    @classmethod
    def of(cls, coded: Any) -> ToldError:
        """What came.

        Args:
            coded: what :meth:`to_json` makes; all but the kinds may be missing.

        Raises:
            BoundaryError: it is no dict, or its kinds are no list.
        """
        tag = tags.Error
        if not isinstance(coded, dict) or not isinstance(coded.get(tag.KINDS), list):
            raise BoundaryError("what came is no answer")
        name = coded.get(tag.NAME)
        # Half a character, which Python's texts can hold, cannot be written to a file.
        message = str(coded.get(tag.MESSAGE) or "")[:MOST_MESSAGE].encode("utf-8", "replace").decode()
        return cls(
            coded[tag.KINDS],
            message,
            name if isinstance(name, str) else None,
            bool(coded.get(tag.BOUNDARY)),
            bool(coded.get(tag.CANNOT_CROSS)),
        )


@dataclass(frozen=True)
class Answer:
    """What is answered.

    Args:
        body: with what.
        printed: what was printed meanwhile.
        error: what was raised; None if nothing was.
    """

    body: Body
    printed: str = ""
    error: ToldError | None = None

    def to_json(self) -> Json:
        """What is sent."""
        kind: Json = {tags.Key.KIND: tags.Kind.ANSWER}
        if self.error is not None:
            kind = {tags.Key.KIND: tags.Kind.ERROR, tags.Key.ERROR: self.error.to_json()}
        return {**kind, **self.body.to_json(), tags.Key.PRINTED: self.printed}


@dataclass(frozen=True)
class Answered:
    """An answer that came, whose body and error are still packed: what was printed is shown before either is read.

    Args:
        is_error: whether something was raised.
        printed: what was printed; empty if that is no text.
    """

    is_error: bool
    printed: str

    @classmethod
    def of(cls, header: Json) -> Answered:
        """What came.

        Args:
            header: of a message.

        Raises:
            BoundaryError: it is neither an answer nor an error.
        """
        kind, printed = header.get(tags.Key.KIND), header.get(tags.Key.PRINTED)
        if kind not in (tags.Kind.ANSWER, tags.Kind.ERROR):
            raise BoundaryError("what came is no answer")
        return cls(kind == tags.Kind.ERROR, printed if isinstance(printed, str) else "")
