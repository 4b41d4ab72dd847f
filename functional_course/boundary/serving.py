"""What one side does when the other asks for it: one method for each command."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from functional_course.boundary.configs import saved_by_reference
from functional_course.boundary.descriptions import about
from functional_course.boundary.kinds import check_is_layer
from functional_course.boundary.known import Known
from functional_course.boundary.reaching import layers_read
from functional_course.boundary.recording import Recording
from functional_course.boundary.specs import Spec, as_plain, as_specs, as_symbols
from functional_course.boundary.tags import Command
from functional_course.boundary.tapes import Tapes
from functional_course.boundary.wire import BoundaryError

import keras
import numpy as np
from keras import tree


class Serving(ABC):
    """One end, as far as it serves."""

    known: Known
    """What both ends know."""

    def __init__(self) -> None:
        self.tapes = Tapes()

    def _own_command(self, command: Any) -> Callable[[Any], Any] | None:
        """What this side does for a command of its own; None if it has none of that name for the other side."""
        return None

    @abstractmethod
    def _check_may_be_asked(self, command: Any, subject: Any) -> None:
        """See that the other side may ask this of something that it was sent.

        Raises:
            BoundaryError: it may not.
        """

    @abstractmethod
    def _set_by(self, subject: Any) -> list[keras.Variable]:
        """The variables that a call of ``subject`` sets to what they are on the other side."""

    @abstractmethod
    def _may_hear_of(self, found: list[keras.layers.Layer]) -> list[keras.layers.Layer]:
        """Those of some layers of this side that the other may be told of."""

    @abstractmethod
    def _note_given(self, kind: type, config: Any) -> None:
        """Remember that the other side was given this configuration of a class."""

    @abstractmethod
    def _check_was_given(self, kind: Any, args: Any, kwargs: Any) -> None:
        """See that the other side may have something made from a configuration.

        Raises:
            BoundaryError: it may not.
        """

    def _answer(self, command: Any, value: Any) -> Any:
        """What the other side asks for, done.

        Args:
            command: one of :attr:`SERVED`, or of this side's own.
            value: to one of :attr:`SERVED`, a list: the key of what is asked, and with what.

        Raises:
            BoundaryError: it may not be asked for, or was not sent.
            Exception: what was asked raised it.
        """
        own = self._own_command(command)
        if own is not None:
            return own(value)
        if not isinstance(value, list) or not value:
            raise BoundaryError(f"nothing answers to {str(command)[:40]!r}")
        subject = self._subject(value[0])
        self._check_may_be_asked(command, subject)
        served = self.SERVED.get(command) if isinstance(command, str) else None
        if served is None:
            raise BoundaryError(f"nothing answers to {str(command)[:40]!r}")
        return served(self, subject, *value[1:])

    def _call(self, subject: Any, args: Any, kwargs: Any) -> Any:
        return subject(*args, **kwargs)

    def _record(self, subject: Any, args: Any, kwargs: Any) -> Any:
        args, kwargs = as_specs(args), as_specs(kwargs)
        layer = subject if isinstance(subject, keras.layers.Layer) else None
        function = layer.call if layer is not None else subject
        if layer is not None and not layer.built:
            raise BoundaryError("a layer that is not built")
        return Recording(function, layer, tuple(args), dict(kwargs), self._reads(subject))

    def _outline(self, subject: Any, args: Any, kwargs: Any) -> Any:
        return _outline(check_is_layer(subject), as_symbols(args), as_symbols(kwargs))

    def _build(self, subject: Any, input_shape: Any) -> keras.layers.Layer:
        self.known.digests.clear()  # the answer is to bring the weights along, told before or not
        return _build(check_is_layer(subject), input_shape)

    def _build_for(self, subject: Any, args: Any, kwargs: Any) -> keras.layers.Layer:
        self.known.digests.clear()
        layer = check_is_layer(subject)
        if not layer.built:
            layer(*as_symbols(args), **as_symbols(kwargs))
        return layer

    def _reads(self, subject: Any) -> list[keras.layers.Layer]:
        """The layers that something here reads, for the other side."""
        return self._may_hear_of(layers_read(subject))

    def _apply(self, subject: Any, args: Any, kwargs: Any, weights: Any, differentiated: Any) -> list[Any]:
        return self.tapes.apply(subject, args, kwargs, weights, self._set_by(subject), differentiated is not False)

    def _apply_outline(self, subject: Any, args: Any, kwargs: Any) -> Any:
        return tree.map_structure(as_plain, self.tapes.outline(subject, as_specs(args), as_specs(kwargs)))

    def _pull(self, subject: Any, number: Any, upstream: Any) -> list[np.ndarray]:
        return self.tapes.pull(number, upstream)

    def _construct(self, subject: Any, args: Any, kwargs: Any) -> list[Any]:
        layer = check_is_layer(subject(*args, **kwargs))
        key = self.known.key_of(layer)
        self.known.shared.add(key)
        return [key, about(layer).to_value()]

    def _configured(self, subject: Any, method: str, args: Any, kwargs: Any) -> Any:
        """Give a layer's configuration, or make a layer from one."""
        if method not in ("get_config", "from_config"):
            raise BoundaryError(f"nothing answers to {Command.METHOD!r}")
        with saved_by_reference():
            if method == "get_config":
                config = check_is_layer(subject).get_config(*args, **kwargs)
                self._note_given(type(subject), config)
                return config
            self._check_was_given(subject, args, kwargs)
            return subject.from_config(*args, **kwargs)

    def _subject(self, key: Any) -> Any:
        """What the other side speaks of; it may speak only of what it was sent."""
        if not isinstance(key, str) or key not in self.known.shared:
            raise BoundaryError("nothing of that key was sent")
        return self.known.get(key)

    SERVED: ClassVar[Mapping[str, Callable[..., Any]]] = {
        Command.CALL: _call,
        Command.RECORD: _record,
        Command.OUTLINE: _outline,
        Command.BUILD: _build,
        Command.BUILD_FOR: _build_for,
        Command.READS: _reads,
        Command.APPLY: _apply,
        Command.APPLY_OUTLINE: _apply_outline,
        Command.PULL: _pull,
        Command.CONSTRUCT: _construct,
        Command.METHOD: _configured,
    }
    """What does each command: a method that is given what the other side asks, and with what."""


def _build(layer: keras.layers.Layer, input_shape: Any) -> keras.layers.Layer:
    if not layer.built:

        def symbolic(shape: Any) -> Any:
            return keras.KerasTensor(tuple(shape))

        if isinstance(input_shape, dict):
            given: Any = {name: symbolic(shape) for name, shape in input_shape.items()}
        elif input_shape and isinstance(input_shape[0], (list, tuple)):
            given = [symbolic(shape) for shape in input_shape]
        else:
            given = symbolic(input_shape)
        layer(given)
    return layer


def _outline(layer: keras.layers.Layer, args: Any, kwargs: Any) -> Any:
    made = layer.compute_output_spec(*args, **kwargs)
    return tree.map_structure(lambda leaf: as_plain(Spec(tuple(leaf.shape), leaf.dtype)), made)
