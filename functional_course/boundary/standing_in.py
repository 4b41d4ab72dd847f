"""What stands on this side for functions, classes and layers of the other."""

from __future__ import annotations

import contextlib
from abc import abstractmethod
from collections.abc import Callable
from typing import Any

from functional_course.boundary.asking import Asking
from functional_course.boundary.calls import applied
from functional_course.boundary.descriptions import About
from functional_course.boundary.layers import MirroredLayer, with_signature
from functional_course.boundary.reaching import weights_of
from functional_course.boundary.specs import as_tensor, is_tensor, readable, spec_of
from functional_course.boundary.tags import Command
from functional_course.boundary.wire import BoundaryError

import keras
from keras import tree


class StandIns(Asking):
    """One end, as far as it holds what stands for things of the other."""

    def __init__(self) -> None:
        self._remote_functions: dict[int, Callable[..., Any]] = {}

    @abstractmethod
    def _seen(self, told: Any, given: tuple[Any, Any]) -> Any:
        """What a function of the other side returned.

        Args:
            told: what the other side answered to its call.
            given: what it was called with on this side.
        """

    def _called(self, key: str, args: Any, kwargs: Any, given: tuple[Any, Any]) -> Any:
        """Call a function of the other side, and see what it did to what it was ``given``."""
        return self._seen(self.request(Command.CALL, [key, args, kwargs]), given)

    def remote_function(self, key: str, name: str) -> Callable[..., Any]:
        """A function that calls one of the other side.

        With symbolic tensors, or none, it is called there each time. With numbers it is recorded once for each set of
        shapes and run here; where that is not possible, it is called there and differentiated across the boundary.

        Args:
            key: of the function.
            name: what it is called.
        """

        unrecorded: set[str] = set()
        reads: list[list[keras.layers.Layer]] = []
        label = f"the function {name!r}"

        def remote(*args: Any, **kwargs: Any) -> Any:
            try:
                return answered(*args, **kwargs)
            except Exception as error:
                # What only stands here for the function has another name in a traceback. A name could quote, too.
                error.in_function = "" if self.discreet else name  # type: ignore[attr-defined]
                raise

        def answered(*args: Any, **kwargs: Any) -> Any:
            given = args, kwargs
            args, kwargs = tree.map_structure(as_tensor, (args, kwargs))
            flat = tree.flatten((args, kwargs))
            tensors = any(keras.ops.is_tensor(leaf) for leaf in flat)
            if not tensors or any(isinstance(leaf, (keras.KerasTensor, keras.Operation)) for leaf in flat):
                return self._called(key, args, kwargs, given)
            specs = tree.map_structure(spec_of, (args, kwargs))
            signature = repr(tree.map_structure(readable, specs))
            if signature not in unrecorded:
                try:
                    leaves = [leaf for leaf in flat if is_tensor(leaf)]
                    computation = self.recorded(key, *specs)
                    return computation.run(leaves, known=self.known)
                except Exception:  # it computes with more than Keras's operations, or fails: see what a call says
                    if self.channel.broken:
                        raise
                    unrecorded.add(signature)
            if not reads:
                reads.append(self.layers_read(key))
            return applied(self, key, args, kwargs, weights_of(None, reads[0]), label)

        remote.__name__ = remote.__qualname__ = name if name.isidentifier() else "function"
        self._remote_functions[id(remote)] = remote
        return remote

    def is_remote_function(self, value: Any) -> bool:
        """Whether a value stands here for a function of the other side."""
        return id(value) in self._remote_functions

    def remote_class(
        self, key: str, name: str, registered: str | None, parameters: Any = None, base: type | None = None
    ) -> type:
        """A layer class that makes layers of a class of the other side.

        Args:
            key: of the class.
            name: its name.
            registered: the name that it is registered by, if it is.
            parameters: of its ``call``.
            base: what it derives from, if that is more than a layer.
        """
        members: dict[str, Any] = {"remote": (self, key), "__module__": "__main__", "call": with_signature(parameters)}
        bases = (MirroredLayer,) if base is None else (MirroredLayer, base)
        made = type(name if name.isidentifier() else "Layer", bases, members)
        if isinstance(registered, str) and ">" in registered:
            package, _, short = registered.partition(">")
            taken = keras.saving.get_registered_object(registered)
            ours = taken is None or (isinstance(taken, type) and issubclass(taken, MirroredLayer))
            if ours and package not in ("keras", "functional_course"):
                with contextlib.suppress(ValueError):
                    keras.saving.register_keras_serializable(package, short)(made)
        return made

    def mirrored(self, key: str, kind: Any, about: About) -> keras.layers.Layer:
        """The layer on this side of a layer that somebody wrote on the other.

        Args:
            key: of the layer.
            kind: what stands here for its class.
            about: what is told of it.

        Raises:
            BoundaryError: that is no such class, or Keras makes no such layer.
        """
        if not isinstance(kind, type) or not issubclass(kind, MirroredLayer):
            raise BoundaryError("a layer of no class")
        return kind.of_original(self, key, about)
