"""What a request or an answer brings: a value, and what it takes to understand it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from functional_course.boundary import tags
from functional_course.boundary.messages.definitions import Definition, definition
from functional_course.boundary.messages.parts import Coded, Json, dict_at, list_at
from functional_course.boundary.messages.states import State
from functional_course.boundary.wire import BoundaryError

MOST_NODES = 20_000
"""Definitions in one message."""


@dataclass(frozen=True)
class Body:
    """A value, and what the other side has to know to understand it.

    Args:
        value: coded.
        definitions: of what is new, each after those that it depends on.
        states: by key, of the layers whose state is new.
    """

    value: Coded = None
    definitions: Sequence[Definition] = ()
    states: Mapping[str, State] = field(default_factory=dict)

    def to_json(self) -> Json:
        """What is sent."""
        return {
            tags.Key.VALUE: self.value,
            tags.Key.DEFINITIONS: [each.to_json() for each in self.definitions],
            tags.Key.STATES: {key: state.to_json() for key, state in self.states.items()},
        }

    @classmethod
    def of(cls, header: Json) -> Body:
        """What came.

        Args:
            header: of a message; a value, definitions and states may be missing.

        Raises:
            BoundaryError: the definitions are no list or more than :data:`MOST_NODES`, the states are no dict, or one
                of either is none.
        """
        where = "a message"
        definitions = list_at(header, tags.Key.DEFINITIONS, where, [])
        if len(definitions) > MOST_NODES:
            raise BoundaryError(f"more than {MOST_NODES:,} calls of layers cannot be judged")
        states = dict_at(header, tags.Key.STATES, where, {})
        return cls(
            header.get(tags.Key.VALUE),
            [definition(each) for each in definitions],
            {key: State.of(each) for key, each in states.items()},
        )
