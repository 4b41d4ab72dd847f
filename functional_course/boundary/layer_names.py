"""The names that Keras gives to layers: both sides count on as if they were one process, and give none twice."""

from __future__ import annotations

import collections
from typing import Any

from keras.src.backend.common import global_state

OBJECT_NAME_UIDS = "object_name_uids"
"""Where Keras counts the names that it gives."""


def names_given() -> dict[str, int]:
    """How many layers of each kind Keras has named here."""
    return dict(_counters())


def _counters() -> dict[str, int]:
    new: dict[str, int] = collections.defaultdict(int)
    return global_state.get_global_attribute(OBJECT_NAME_UIDS, default=new, set_to_default=True)


def go_on_from(names: Any) -> None:
    """Name layers as if both sides were one process: no name twice."""
    given = _counters()
    for name, count in names.items() if isinstance(names, dict) and len(names) < 10_000 else ():
        if type(count) is int and given.get(name, 0) < count < 1_000_000_000:
            given[name] = count
