"""A layer of the other side, run on this side from the operations that its ``call`` recorded."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Sequence
from typing import Any

from functional_course.boundary.asking import Asking
from functional_course.boundary.calls import applied
from functional_course.boundary.computations import Computation
from functional_course.boundary.descriptions import About
from functional_course.boundary.reaching import weights_of
from functional_course.boundary.specs import Spec, is_tensor_or_symbol, of_any_rows, readable, spec_of
from functional_course.boundary.wire import BoundaryError
from functional_course.models import keras_private

import keras
import numpy as np
from keras import tree


class Mirror:
    """What a mirrored layer knows of its original, kept where Keras does not look for layers and variables.

    Args:
        peer: this side.
        key: the original.
        layer: the layer on this side.
    """

    def __init__(self, peer: Asking, key: str, layer: keras.layers.Layer) -> None:
        self.peer, self.key, self.layer = peer, key, layer
        self.computations: dict[str, Computation | None] = {}
        """What was recorded for tensors of some shapes; None where that was not possible."""
        self.reads: list[keras.layers.Layer] | None = None
        self.outlines: dict[str, Any] = {}
        self.saves = False
        """Whether it is the original that writes its weights into a file and reads them."""

    def build(self, args: Any, kwargs: Any) -> None:
        """Have the original built for what it is called with.

        Args:
            args: tensors, with numbers or without, and plain values.
            kwargs: named ones.

        Raises:
            Exception: the original raised it, or the other side is gone; see :meth:`.Asking.built_for`.
        """
        self.peer.built_for(self.key, *tree.map_structure(spec_of, (args, kwargs)))
        self.layer.built = True

    def outline(self, args: Any, kwargs: Any) -> Any:
        """The symbolic tensors that the original returns for tensors of these shapes.

        It is asked once, for any number of rows: asking runs the original's ``call``.

        Args:
            args: tensors, with numbers or without, and plain values.
            kwargs: named ones.

        Raises:
            Exception: the original raised it, or the other side is gone; see :meth:`.Asking.outlined`.
        """
        specs = tree.map_structure(spec_of, (args, kwargs))
        shapes = [leaf.shape for leaf in tree.flatten(specs) if isinstance(leaf, Spec)]
        rows = shapes[0][0] if shapes and all(shape and shape[0] == shapes[0][0] for shape in shapes) else None
        if rows is not None:
            specs = tree.map_structure(of_any_rows, specs)
        signature = repr(tree.map_structure(readable, specs))
        if signature not in self.outlines:
            self.outlines[signature] = self.peer.outlined(self.key, *specs)

        def made(leaf: Any) -> Any:
            shape = (rows, *leaf.shape[1:]) if leaf.shape and leaf.shape[0] is None else leaf.shape
            return keras.KerasTensor(shape, dtype=leaf.dtype)

        return tree.map_structure(lambda leaf: made(leaf) if isinstance(leaf, Spec) else leaf, self.outlines[signature])

    def hold(self, values: list[np.ndarray], names: Sequence[Sequence[Any]]) -> None:
        """Make the variables that the original has, unless there are as many already.

        Args:
            values: their numbers, each of its variable's shape.
            names: of each, its name, whether it is trainable, and its dtype.

        Raises:
            ValueError: there are other than as many names as values.
            Exception: Keras makes no such variable.
        """
        held = len(keras_private.trainable_list(self.layer)) + len(keras_private.untrainable_list(self.layer))
        if held == len(values):
            return
        for value, (name, trainable, dtype) in zip(values, names, strict=True):
            variable = self.layer.add_weight(
                shape=value.shape, dtype=dtype, trainable=bool(trainable), name=str(name)[:80].replace("/", "_")
            )
            variable.assign(value)
        # Built there. To ask for it once more would bring the weights of then along.
        self.layer.built = True

    def call(self, args: Any, kwargs: Any) -> Any:
        """What the original's ``call`` returns for these tensors.

        It is recorded once for each set of shapes and run here. Where that is not possible, the original is called
        where it is, and differentiated across the boundary.

        Args:
            args: tensors, with numbers or without, and plain values.
            kwargs: named ones.

        Raises:
            BoundaryError: the other side does not answer as it should, or is gone.
            CannotCross: the original cannot be recorded, and JAX traces the call.
            Exception: the original raised it.
        """
        leaves = [leaf for leaf in tree.flatten((args, kwargs)) if is_tensor_or_symbol(leaf)]
        specs = tree.map_structure(spec_of, (args, kwargs))
        signature = repr(tree.map_structure(readable, specs))
        if signature not in self.computations:
            try:
                self.computations[signature] = self.peer.recorded(self.key, *specs)
            except Exception:
                # It computes with more than Keras's operations, or fails: see what a call says.
                if self.peer.channel.broken:
                    raise
                self.computations[signature] = None
        computation = self.computations[signature]
        if computation is not None:
            return computation.run(leaves, self.layer, self.peer.known)
        training = keras_private.is_training()
        if training is not None:
            kwargs = {"training": bool(training), **kwargs}
        if self.reads is None:
            self.reads = self.peer.layers_read(self.key)
        weights = weights_of(self.layer, self.reads)
        return applied(self.peer, self.key, args, kwargs, weights, f"the layer {self.layer.name!r}", self.layer)


class MirroredLayer(keras.layers.Layer):
    """A layer that runs what its original recorded. Made by :class:`~functional_course.boundary.peer.Peer`."""

    mirror: Mirror
    remote: tuple[Any, str]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        peer, key = self.remote
        made, about = peer.constructed(key, args, kwargs)
        peer.check_is_theirs(made)
        self._begin(peer, made, about)
        peer.known.put(made, self)
        peer.known.shared.add(made)

    @classmethod
    def of_original(cls, peer: Asking, key: str, about: About) -> MirroredLayer:
        """The layer on this side of an original that exists already.

        Args:
            peer: this side.
            key: the original.
            about: what is told of it.

        Raises:
            BoundaryError: Keras makes no such layer.
        """
        layer = cls.__new__(cls)
        layer._begin(peer, key, about)
        return layer

    def _begin(self, peer: Asking, key: str, about: About) -> None:
        kind = keras.Model if isinstance(self, keras.Model) else keras.layers.Layer
        try:
            kind.__init__(self, name=str(about.name), dtype=about.dtype)
            self._become(peer, key, about)
        except BoundaryError:
            raise
        except Exception as error:  # of Keras too, about a name or a dtype
            raise BoundaryError(f"a layer that cannot be made again: {type(error).__name__}: {error}") from error

    def _become(self, peer: Asking, key: str, about: About) -> None:
        self.mirror = Mirror(peer, key, self)
        self.supports_jit = False
        self.supports_masking = about.masking
        self.built = about.built
        self.mirror.saves = about.saves and peer.has_files_written_there
        if about.state_size is not None:
            self.state_size = about.state_size
        if about.output_size is not None:
            self.output_size = about.output_size
        if about.layers:
            self.original_layers = list(about.layers)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not self.built:
            self.mirror.build(args, kwargs)
        return super().__call__(*args, **kwargs)

    def build(self, input_shape: Any) -> None:
        """See :meth:`keras.Layer.build`. The original is built; its weights come along with the answer."""
        self.mirror.peer.built(self.mirror.key, input_shape)
        self.built = True

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """See :meth:`keras.Layer.compute_output_spec`. The original says it, once for each set of shapes."""
        return self.mirror.outline(args, kwargs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """See :meth:`keras.Layer.compute_output_shape`. The original says it, for tensors of 32-bit floats."""
        given = tree.map_shape_structure(lambda shape: keras.KerasTensor(tuple(shape)), input_shape)
        return tree.map_structure(lambda leaf: tuple(leaf.shape), self.mirror.outline((given,), {}))

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """See :meth:`keras.Layer.call`. It does what the original's recorded; see :meth:`Mirror.call`."""
        return self.mirror.call(args, kwargs)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """See :meth:`keras.Layer.compute_mask`. Done as by a plain layer, whatever else the class derives from."""
        return keras.layers.Layer.compute_mask(self, inputs, previous_mask)

    def get_config(self) -> dict[str, Any]:
        """See :meth:`keras.Layer.get_config`. The original's; a layer in it is serialized on this side."""
        config = self.mirror.peer.asked(self.mirror.key, "get_config", (), {})
        # A layer in the configuration is saved here, where Keras knows where else in the model it stands.
        return tree.map_structure(
            lambda leaf: keras.saving.serialize_keras_object(leaf) if isinstance(leaf, keras.Operation) else leaf,
            config,
        )

    def save_own_variables(self, store: Any) -> None:
        """See :meth:`keras.Layer.save_own_variables`. Written by the original, where it has a way of its own."""
        if self.mirror.saves:
            for name, array in self.mirror.peer.saved(self.mirror.key, self).items():
                store[name] = array
        else:
            super().save_own_variables(store)

    def load_own_variables(self, store: Any) -> None:
        """See :meth:`keras.Layer.load_own_variables`. Read by the original, where it has a way of its own."""
        if self.mirror.saves:
            arrays = {name: np.asarray(store[name]) for name in list(store.keys())}
            self.mirror.peer.loaded(self.mirror.key, self, arrays)
        else:
            super().load_own_variables(store)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> MirroredLayer:
        """See :meth:`keras.Layer.from_config`. The original's class makes it, after the layers in ``config``."""
        peer, key = cls.remote
        return peer.asked(key, "from_config", (_with_layers(config),), {})


_KINDS = {
    kind.name: kind
    for kind in (
        inspect.Parameter.POSITIONAL_ONLY,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
        inspect.Parameter.VAR_POSITIONAL,
        inspect.Parameter.KEYWORD_ONLY,
        inspect.Parameter.VAR_KEYWORD,
    )
}


def with_signature(parameters: Any) -> Any:
    """A ``call`` with the parameters that the original's has, so that Keras treats its arguments alike.

    Args:
        parameters: name, kind and default of each; None if that is not known.

    Raises:
        BoundaryError: there can be no such function.
    """

    def call(self: MirroredLayer, *args: Any, **kwargs: Any) -> Any:
        return self.mirror.call(args, kwargs)

    if parameters is not None:
        try:
            made = [inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
            for name, kind, *default in parameters:
                made.append(
                    inspect.Parameter(name, _KINDS[kind], default=default[0] if default else inspect.Parameter.empty)
                )
            if len({parameter.name for parameter in made}) < len(made):
                raise ValueError("two parameters of one name")
            call.__signature__ = inspect.Signature(made)  # type: ignore[attr-defined]
        except (ValueError, TypeError, KeyError) as error:
            raise BoundaryError("a layer that cannot be called") from error
    return call


def _with_layers(config: Any) -> Any:
    """A configuration with layers in the place of what Keras saved of them."""
    if isinstance(config, dict):
        if "class_name" in config and "config" in config and config.get("class_name") != "DTypePolicy":
            with contextlib.suppress(Exception):
                made = keras.saving.deserialize_keras_object(config)
                if isinstance(made, keras.Operation):
                    return made
        return {name: _with_layers(each) for name, each in config.items()}
    return [_with_layers(each) for each in config] if isinstance(config, list) else config
