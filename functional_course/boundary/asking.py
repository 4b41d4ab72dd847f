"""What one side asks of layers and functions of the other, one method each, with a check of what it answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from functional_course.boundary.computations import Computation
from functional_course.boundary.descriptions import About
from functional_course.boundary.kinds import check_is_layer
from functional_course.boundary.known import Known
from functional_course.boundary.specs import as_plain, told_specs
from functional_course.boundary.tags import Command
from functional_course.boundary.wire import BoundaryError, Channel

import keras
import numpy as np
from keras import tree


class Asking(ABC):
    """One end, as far as it asks."""

    channel: Channel
    """To the other end."""
    known: Known
    """What both ends know."""
    has_files_written_there: ClassVar[bool]
    """Whether a layer of the other side writes its weights into a file itself, and reads them, over there."""

    @abstractmethod
    def request(self, command: str, value: Any, *, may_change: bool = True, only_new: bool = False) -> Any:
        """Ask the other side for something and wait for the answer.

        Args:
            command: what for.
            value: with what.
            may_change: whether the other side may change the state of the models and layers in ``value``.
            only_new: whether the answer leaves alone what is known here: what was asked for changes nothing.

        Raises:
            BoundaryError: the other side does not answer as it should.
            Exception: what was asked for raised it; of the same class where that is one of Python's own.
        """

    @property
    @abstractmethod
    def discreet(self) -> bool:
        """Whether texts of the other side may quote hidden inputs: it could keep what a hidden criterion gave it."""

    @abstractmethod
    def may_name(self, key: Any) -> bool:
        """Whether the other side may say what a key stands for."""

    def recorded(self, key: str, args: Any, kwargs: Any) -> Computation:
        """What a layer or a function of the other side does with tensors of these shapes.

        Args:
            key: the layer or the function.
            args: its arguments, with a :class:`~.specs.Spec` for each tensor; likewise below.
            kwargs: its named arguments.

        Raises:
            BoundaryError: the answer is something else.
            Exception: it raised that, or computes with more than Keras's operations.
        """
        coded_args, coded_kwargs = tree.map_structure(as_plain, (args, kwargs))
        answer = self.request(Command.RECORD, [key, coded_args, coded_kwargs], only_new=True)
        if type(answer) is not list or len(answer) != 3 or not all(type(each) is list for each in answer[::2]):
            raise BoundaryError("what came is no recording")
        nodes, result, reads = answer
        if not all(type(node) is list and len(node) == 4 and type(node[3]) is list for node in nodes):
            raise BoundaryError("what came is no recording")
        return Computation([tuple(node) for node in nodes], result, reads)

    def layers_read(self, key: str) -> list[keras.layers.Layer]:
        """The layers whose weights something on the other side uses without their being parts of it.

        Args:
            key: the layer or the function.

        Raises:
            BoundaryError: the answer is something else.
        """
        found = self.request(Command.READS, [key], only_new=True)
        if not isinstance(found, list):
            raise BoundaryError("what came names no layers")
        return [check_is_layer(each) for each in found]

    def outlined(self, key: str, args: Any, kwargs: Any) -> Any:
        """The shapes and dtypes that a layer of the other side returns for such tensors.

        Args:
            key: the layer.
            args: its arguments, with a :class:`~.specs.Spec` for each tensor.
            kwargs: its named arguments, likewise.

        Returns:
            what its ``call`` returns, with a :class:`~.specs.Spec` for each tensor.

        Raises:
            BoundaryError: the answer is something else.
            Exception: the layer raised it.
        """
        asked = [key, *tree.map_structure(as_plain, (args, kwargs))]
        return told_specs(self.request(Command.OUTLINE, asked, only_new=True))

    def applied_outline(self, key: str, args: Any, kwargs: Any) -> list[Any]:
        """What a call of the other side returns for such tensors, and the losses that it adds, by shape and dtype.

        Args:
            key: the layer or the function.
            args: its arguments, with a :class:`~.specs.Spec` for each tensor.
            kwargs: its named arguments, likewise.

        Returns:
            what it returns and a list of the losses, with a :class:`~.specs.Spec` for each tensor. That there are these
            two is not checked here.

        Raises:
            BoundaryError: what is said to be a :class:`~.specs.Spec` is none.
            Exception: the call raised it.
        """
        asked = [key, *tree.map_structure(as_plain, (args, kwargs))]
        return told_specs(self.request(Command.APPLY_OUTLINE, asked, only_new=True))

    def built_for(self, key: str, args: Any, kwargs: Any) -> None:
        """Build a layer of the other side for such tensors; the answer brings its weights along.

        Args:
            key: the layer.
            args: what it is called with, with a :class:`~.specs.Spec` for each tensor.
            kwargs: its named arguments, likewise.

        Raises:
            BoundaryError: the other side does not answer as it should.
            Exception: the layer raised it.
        """
        self.request(Command.BUILD_FOR, [key, *tree.map_structure(as_plain, (args, kwargs))])

    def constructed(self, key: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[str, About]:
        """Make an object of a class of the other side: its key, and what there is to know about it.

        Args:
            key: the class.
            args: what it is made with.
            kwargs: named arguments.

        Raises:
            BoundaryError: the answer is something else.
            Exception: the class raised it.
        """
        answer = self.request(Command.CONSTRUCT, [key, args, kwargs])
        made, about = answer if type(answer) is list and len(answer) == 2 else (None, None)
        if not isinstance(made, str) or type(about) is not dict:
            raise BoundaryError("what came is no layer")
        return made, About.of(about)

    def built(self, key: str, input_shape: Any) -> None:
        """Build a layer of the other side; the answer brings its weights along.

        Args:
            key: the layer.
            input_shape: sizes, None for one that is open; or a list or a dict of such shapes, for several inputs.

        Raises:
            BoundaryError: the other side does not answer as it should.
            Exception: the layer raised it.
        """
        self.request(Command.BUILD, [key, input_shape])

    def asked(self, key: str, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a method of something on the other side, which answers to ``get_config`` and ``from_config`` alone.

        Args:
            key: a layer, or a class of layers.
            method: the method's name.
            args: its arguments.
            kwargs: its named arguments.

        Raises:
            BoundaryError: the other side does not answer as it should, or answers to no such method.
            Exception: the method raised it.
        """
        return self.request(Command.METHOD, [key, method, args, kwargs])

    def saved(self, key: str, layer: keras.layers.Layer) -> dict[str, np.ndarray]:
        """What a layer of the other side writes into a file, with the weights that its mirror has here.

        Args:
            key: the layer.
            layer: its mirror, whose weights go along.

        Returns:
            arrays by name.

        Raises:
            BoundaryError: the answer is something else.
            Exception: the layer raised it.
        """
        store = self.request(Command.STORE, [key, layer], only_new=True)
        if type(store) is not dict or not all(isinstance(name, str) for name in store):
            raise BoundaryError("what came is no file of weights")
        if not all(type(array) is np.ndarray for array in store.values()):
            raise BoundaryError("what came is no file of weights")
        return store

    def loaded(self, key: str, layer: keras.layers.Layer, store: dict[str, np.ndarray]) -> None:
        """Have a layer of the other side read its weights from a file; the answer brings them along.

        Args:
            key: the layer.
            layer: its mirror on this side, which takes them.
            store: what is in the file, arrays by name.

        Raises:
            BoundaryError: the other side does not answer as it should.
            Exception: the layer raised it.
        """
        self.request(Command.LOAD, [key, layer, store])

    def check_is_theirs(self, key: Any) -> None:
        """See that the other side may have something known by this key.

        Raises:
            BoundaryError: it is this side's.
        """
        if not self.may_name(key):
            raise BoundaryError(f"{str(key)[:40]!r} is no key for what the other side makes")
