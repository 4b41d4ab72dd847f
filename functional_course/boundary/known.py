"""What both ends of the boundary know, by the same keys."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from functional_course.boundary.wire import BoundaryError
from functional_course.models import keras_private
from functional_course.models.graph import nodes_before

import keras


class Known:
    """Keras objects, tensors, classes and functions that the other side knows too.

    Args:
        side: begins the keys of what this side tells first.
    """

    def __init__(self, side: str) -> None:
        self.side = side
        self.shared: set[str] = set()
        """The keys that the other side has."""
        self.digests: dict[str, bytes] = {}
        """The state that the other side was last told, or told us."""
        self._objects: dict[str, Any] = {}
        self._keys: dict[int, str] = {}
        self._count = 0

    def key_of(self, value: Any) -> str:
        """The key of a value; a new one if it has none. The value is kept, so that its identity stays its own."""
        key = self._keys.get(id(value))
        if key is None:
            self._count += 1
            key = f"{self.side}{self._count}"
            self.put(key, value)
        return key

    def put(self, key: str, value: Any) -> None:
        """Give an object a key that the other side uses for it.

        Args:
            key: of either side; what it stood for before is replaced.
            value: the object, which is kept.
        """
        self._objects[key] = value
        self._keys[id(value)] = key

    def get(self, key: Any) -> Any:
        """The object with a key.

        Raises:
            BoundaryError: there is none.
        """
        if not isinstance(key, str) or key not in self._objects:
            raise BoundaryError(f"nothing is known as {str(key)[:40]!r}")
        return self._objects[key]

    def known_as(self, value: Any) -> str | None:
        """The key of a value; None if it has none."""
        return self._keys.get(id(value))

    def own_variables(self) -> dict[int, keras.Variable]:
        """The variables of the layers that this side made, by their ``id``."""
        own = [each for key, each in self._objects.items() if key.startswith((self.side, "cell"))]
        layers = [each for each in own if isinstance(each, keras.layers.Layer)]
        return {id(variable): variable for layer in layers for variable in layer.variables}

    def has(self, key: str) -> bool:
        """Whether there is an object with this key."""
        return key in self._objects

    def link(self, prefix: str, value: Any) -> None:
        """Give an object that both sides made on their own the same key on both, and all that it consists of.

        Args:
            prefix: begins the keys; the rest is a place among the :func:`members`. What has a key keeps it.
            value: a layer or a model.
        """
        for place, member in enumerate(members(value)):
            key = f"{prefix}/{place}"
            if id(member) not in self._keys:
                self.put(key, member)
                self.shared.add(key)


def members(value: keras.layers.Layer) -> Iterator[Any]:
    """A layer, the layers in it, and the tensors of its graph, in an order that follows from how it was made.

    Args:
        value: the layer or model.
    """
    seen: set[int] = set()
    pending = [value]
    while pending:
        layer = pending.pop(0)
        if id(layer) in seen:
            continue
        seen.add(id(layer))
        yield layer
        if isinstance(layer, keras.Model):
            for node in nodes_before(getattr(layer, "outputs", None) or []):
                if not isinstance(node.operation, keras.layers.Layer) and id(node.operation) not in seen:
                    seen.add(id(node.operation))
                    yield node.operation
                for tensor in node.outputs:
                    if id(tensor) not in seen:
                        seen.add(id(tensor))
                        yield tensor
        with contextlib.suppress(AttributeError):  # of a layer that never called its base class
            pending += keras_private.parts_of(layer)
