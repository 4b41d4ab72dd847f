"""What one side asks of the other, as it is sent and as it comes."""

from __future__ import annotations

from dataclasses import dataclass

from functional_course.boundary import tags
from functional_course.boundary.messages.bodies import Body
from functional_course.boundary.messages.parts import Json, text_at


@dataclass(frozen=True)
class Request:
    """What is asked for.

    Args:
        command: one of :class:`.tags.Command`.
        body: with what.
        seed: what random numbers follow from, from 0 to 2**31 - 1; None if from nothing.
        seconds: how long it may take; None for any time.
    """

    command: str
    body: Body
    seed: int | None = None
    seconds: float | None = None

    def to_json(self) -> Json:
        """What is sent."""
        limit = {} if self.seconds is None else {tags.Key.SECONDS: self.seconds}
        return {
            tags.Key.KIND: tags.Kind.REQUEST,
            tags.Key.COMMAND: self.command,
            tags.Key.SEED: self.seed,
            **limit,
            **self.body.to_json(),
        }


@dataclass(frozen=True)
class Asked:
    """A request that came, whose body is still packed: what is in it belongs to what may go wrong while it is served.

    Args:
        command: what for.
        seed: see :class:`Request`; None if it is no whole number.
        seconds: the same; None if it is no number.
    """

    command: str
    seed: int | None
    seconds: float | None

    @classmethod
    def of(cls, header: Json) -> Asked:
        """What came.

        Args:
            header: of a message for which :func:`is_request` holds.

        Raises:
            BoundaryError: its command is missing or no text.
        """
        seed, seconds = header.get(tags.Key.SEED), header.get(tags.Key.SECONDS)
        return cls(
            text_at(header, tags.Key.COMMAND, "a request"),
            seed if type(seed) is int else None,
            seconds if isinstance(seconds, (int, float)) else None,
        )


def is_request(header: Json) -> bool:
    """Whether the header of a message that came asks for something."""
    return header.get(tags.Key.KIND) == tags.Kind.REQUEST
