"""The names that Keras gives to layers: both sides count on as if they were one process, and give none twice."""

from __future__ import annotations

from typing import Any

from functional_course.models import keras_private


def names_given() -> dict[str, int]:
    """How many layers of each kind Keras has named here."""
    return dict(keras_private.names_given())


def go_on_from(names: Any) -> None:
    """Name layers as if both sides were one process: no name twice."""
    given = keras_private.names_given()
    for name, count in names.items() if isinstance(names, dict) and len(names) < 10_000 else ():
        if type(count) is int and given.get(name, 0) < count < 1_000_000_000:
            given[name] = count
