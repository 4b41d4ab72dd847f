"""All that the course takes of Keras without a public name, each with what Keras offers instead and why that won't do.

No other module of the package reads an attribute of Keras's that begins with an underscore, or imports ``keras.src``:
``tests/test_keras_private.py`` lists the names, and says of an installed Keras which of them it lacks. What
:mod:`functional_course.kernels` replaces in Keras and TensorFlow stays there, because a replacement has to know all of
what it replaces; that test lists those names too.

Shapes and units are Keras's own. A function raises :class:`AttributeError` where a Keras has no longer what it reads.
"""

from __future__ import annotations

import collections
import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
from keras.src import api_export, saving
from keras.src.backend.common import global_state
from keras.src.layers.layer import CallContext
from keras.src.models.functional import Functional
from keras.src.saving import object_registration, serialization_lib

_CALL_CONTEXT = "current_call_ctx"
_SCOPE = "custom_objects_scope_dict"
_NAMES_GIVEN = "object_name_uids"
_SOURCE = "keras.src"

MADE_ANEW = frozenset(
    (
        "_functional",
        "optimizer",
        "loss",
        "_compile_config",
        "_compile_loss",
        "_compile_metrics",
        "_loss_tracker",
        "_compiled_trainable_state",
    )
)
"""Attributes of a model that ``Sequential.add`` and ``compile`` make anew. Keras lists them nowhere."""

ONCE_FOR_ALL = frozenset(("built", "name", "_parent_path", "_path", "_lock", "_auto_config", "_jit_compile"))
"""Plain attributes of a layer that Keras sets itself when it makes or builds it. Keras lists them nowhere."""

BOOKKEEPING = frozenset(
    ("_tracker", "_inbound_nodes", "_outbound_nodes", "_layers", "_call_signature", "_losses", "_auto_config")
)
"""Attributes of a layer by which Keras knows its parts and calls, and which hold nothing that its author put there."""

VARIABLE_LISTS = frozenset(("_trainable_variables", "_non_trainable_variables", "_tracker"))
"""Attributes of a layer in which Keras lists its variables, beside those by which its author knows them."""


# --- what a class or a module is --------------------------------------------------------------------------------------


def is_of_keras(module: object, inside: str = "") -> bool:
    """Whether a ``__module__`` is one of those in which Keras is written.

    A class of Keras's says so of itself; the names under which Keras exports it don't tell whose a subclass is.

    Args:
        module: what stands in ``__module__``.
        inside: a package of Keras's own, such as ``"layers"``; any, if left out.
    """
    return str(module).startswith(f"{_SOURCE}.{inside}." if inside else f"{_SOURCE}.")


def is_tracked(value: object) -> bool:
    """Whether a value is the list, dict or set that Keras made of a layer's attribute to track what is put into it.

    Keras exports none of these classes, and takes the attribute back as any list, dict or set.
    """
    return type(value).__module__ == f"{_SOURCE}.utils.tracking" and isinstance(value, (list, dict, set))


def exported_name(value: Any) -> str | None:
    """The public name of a class or function of Keras's, such as ``"keras.layers.Dense"``; ``None`` if it has none.

    ``keras.saving.get_registered_name`` gives names of classes that somebody registered, and of Keras's own the bare
    name without its module.

    Args:
        value: what may be one.
    """
    return api_export.get_name_from_symbol(value)


# --- layers -----------------------------------------------------------------------------------------------------------


def layers_inside(layer: keras.layers.Layer, itself: bool = False) -> list[keras.layers.Layer]:
    """The layers in a layer at every depth, each once.

    ``Model.layers`` lists what a model holds directly, and a wrapper or another layer with layers has no such list.

    Args:
        layer: a layer, which may be a model.
        itself: whether the layer comes first.
    """
    return layer._flatten_layers(include_self=itself)


def parts_of(layer: keras.layers.Layer) -> list[keras.layers.Layer]:
    """The layers that a layer holds directly: Keras's own list, not a copy.

    Only models have ``layers``, and a Sequential one leaves its InputLayer out of it.
    """
    return layer._layers


def trains(layer: keras.layers.Layer) -> bool:
    """Whether a layer's own flag says that it trains. A class may have ``trainable`` say something else."""
    return bool(layer._trainable)


def set_trains(layer: keras.layers.Layer, flag: bool) -> None:
    """Set a layer's own flag. ``layer.trainable = flag`` sets those of all layers and variables in it too.

    Args:
        layer: a layer, which may be a model.
        flag: whether it trains.
    """
    layer._trainable = flag


def trainable_list(layer: keras.layers.Layer) -> list[keras.Variable]:
    """The variables that a layer made itself to be trained: Keras's own list, whether or not the layer is frozen.

    ``trainable_variables`` is empty for a frozen layer, and holds those of the layers inside.
    """
    return layer._trainable_variables


def untrainable_list(layer: keras.layers.Layer) -> list[keras.Variable]:
    """The variables that a layer made itself not to be trained: Keras's own list.

    ``non_trainable_variables`` holds also what is frozen, the layers inside, metrics and seeds.
    """
    return layer._non_trainable_variables


def seed_generators(layer: keras.layers.Layer) -> Sequence[keras.random.SeedGenerator]:
    """The generators that a layer draws from. A layer's public lists hold their state among all its variables."""
    return layer._seed_generators


def losses_of_call(layer: keras.layers.Layer) -> list[Any]:
    """The losses that a layer itself added in its last call. ``losses`` adds regularizers and the layers inside."""
    return layer._losses


def forget_losses(layer: keras.layers.Layer) -> None:
    """Have a layer forget the losses of its last call. Keras does so at each step of its training, and offers it not.

    The layers inside forget theirs too.
    """
    layer._clear_losses()


def config_when_made(operation: keras.Operation) -> dict[str, Any]:
    """The arguments with which a layer or operation was made, where Keras keeps them; otherwise none.

    ``get_config`` of most layers says what their attributes hold now.
    """
    return getattr(getattr(operation, "_auto_config", None), "config", {})


def tensor_of_variable(variable: keras.Variable) -> Any:
    """What holds a variable's numbers in the backend; of TensorFlow a ``tf.Variable``.

    ``variable.value`` is what it holds where it is read, which in a trace or a scope is a tensor.
    """
    return variable._value


# --- graphs -----------------------------------------------------------------------------------------------------------


def node_of(tensor: keras.KerasTensor) -> Any | None:
    """The node that a symbolic tensor came out of, with its operation, arguments, inputs and outputs.

    ``None`` for a tensor that was made as such. Keras exports neither nodes nor a way to them: a model can be drawn,
    saved or called, but nobody can ask it which of its layers are connected.
    """
    history = getattr(tensor, "_keras_history", None)
    if history is None or history.operation is None:
        return None
    return history.operation._inbound_nodes[history.node_index]


def nodes_of(operation: keras.Operation) -> list[Any]:
    """The nodes that an operation's calls left, in whichever model: Keras's own list.

    ``operation.output`` speaks of the only call, and is refused where there are several.
    """
    return operation._inbound_nodes


def calls_by_depth(model: keras.Model) -> Iterator[Any]:
    """The nodes of a functional model in the order in which it calls them. The public ``operations`` are without order.

    Args:
        model: what :func:`functional_of` returns.
    """
    for depth in sorted(model._nodes_by_depth, reverse=True):
        yield from model._nodes_by_depth[depth]


def functional_of(model: keras.Model) -> keras.Model | None:
    """The functional model that computes a model: itself, or what a Sequential one makes of its layers.

    ``None`` for a model without a graph. The class of ``keras.Model(inputs, outputs)`` has no public name, and of the
    model in a Sequential one only the inputs and outputs can be read from outside.
    """
    found = model if isinstance(model, Functional) else getattr(model, "_functional", None)
    return found if isinstance(found, Functional) else None


def emptied(model: keras.Sequential) -> None:
    """Take all layers out of a Sequential model. ``pop`` takes one, and builds the model anew each time."""
    model._layers = []
    model._functional = None
    model.built = False


def rebuilt(model: keras.Sequential) -> None:
    """Have a Sequential model make its graph, if it can. ``build`` raises where it can't; ``add`` needs a layer."""
    model._maybe_rebuild()


# --- training ---------------------------------------------------------------------------------------------------------


def compile_config(model: keras.Model) -> Any | None:
    """What a model was compiled with, as an object that is another after each ``compile``; ``None`` before the first.

    ``get_compile_config`` gives it serialized, and a text for what can't be saved.
    """
    return getattr(model, "_compile_config", None)


def compiled_loss(model: keras.Model) -> Any:
    """What computes a model's loss from all its outputs; ``None`` if it has none.

    ``loss`` is what ``compile`` was given, a name perhaps.
    """
    return model._compile_loss


def compiled_metrics(model: keras.Model) -> Any:
    """What computes the metrics that a model was compiled with; ``None`` if there are none.

    ``metrics`` holds those of losses and layers as well.
    """
    return model._compile_metrics


def metrics_of_its_own(model: keras.Model) -> list[Any]:
    """The metrics that a model's author put into it, without those of ``compile``, which ``metrics`` mixes in."""
    return model._metrics


def strategy_of(model: keras.Model) -> Any | None:
    """The strategy of TensorFlow's under which a model was made; ``None`` if under none.

    ``distribute_strategy`` never says none, and gives the default strategy of now instead.
    """
    return model._distribute_strategy


def asked_losses(losses: Any) -> tuple[Any, Any]:
    """The loss and the loss weights that ``compile`` was given. ``loss`` is only the first of them.

    Args:
        losses: what :func:`compiled_loss` returns.
    """
    return losses._user_loss, losses._user_loss_weights


def chosen_losses(losses: Any) -> Sequence[Any]:
    """Each output's path and loss, as Keras took them. A name such as ``"mse"`` is a function only there.

    Args:
        losses: what :func:`compiled_loss` returns.
    """
    return losses._flat_losses


def asked_metrics(metrics: Any) -> tuple[Any, Any]:
    """The metrics and weighted metrics that ``compile`` was given.

    Args:
        metrics: what :func:`compiled_metrics` returns.
    """
    return metrics._user_metrics, metrics._user_weighted_metrics


def chosen_metrics(metrics: Any) -> list[Any]:
    """The metrics of each output as Keras took them: ``"accuracy"`` is another one for other targets.

    Args:
        metrics: what :func:`compiled_metrics` returns.
    """
    return [*metrics._flat_metrics, *metrics._flat_weighted_metrics]


def function_of_metric(metric: Any) -> Any | None:
    """The function that a metric averages. ``get_config`` has its name, which two functions may share."""
    return getattr(metric, "_fn", None)


def learning_rate_of(optimizer: keras.optimizers.Optimizer) -> Any:
    """An optimizer's learning rate as it is held, a variable or a schedule. ``learning_rate`` evaluates a schedule."""
    return optimizer._learning_rate


def trained_by(optimizer: keras.optimizers.Optimizer) -> list[keras.Variable]:
    """The variables that an optimizer was built for. ``variables`` are its own."""
    return optimizer._trainable_variables


def spares_weights(optimizer: keras.optimizers.Optimizer) -> bool:
    """Whether ``exclude_from_weight_decay`` was called, of which an optimizer says nothing."""
    return any(getattr(optimizer, f"_exclude_from_weight_decay{end}", None) for end in ("", "_pattern"))


def spec_of_batches(feeding: Any) -> Any | None:
    """The shapes and types of what ``fit`` will feed, before the first batch is taken; ``None`` if that isn't known.

    Args:
        feeding: what Keras's TensorFlow trainer makes of the arguments of ``fit``, which no public method hands out.
    """
    return getattr(getattr(feeding, "_distributed_dataset", None), "element_spec", None)


# --- Keras's own state ------------------------------------------------------------------------------------------------


def is_training() -> bool | None:
    """Whether the layer that is being called is trained; ``None`` if nobody says so, or none is called.

    A layer is told so in an argument of its ``call``, if it asks for that; what it calls has no way to know.
    """
    return getattr(global_state.get_global_attribute(_CALL_CONTEXT), "training", None)


@contextlib.contextmanager
def training_as(value: Any) -> Iterator[None]:
    """While it lasts, layers that are called are told this for ``training``, unless their caller says something else.

    Keras writes down a truth value in each recorded call, and has no way to say that it is left open.

    Args:
        value: whatever may stand for a truth value.
    """
    before = global_state.get_global_attribute(_CALL_CONTEXT)
    context = CallContext(entry_layer=None)
    context.training = value
    global_state.set_global_attribute(_CALL_CONTEXT, context)
    try:
        yield
    finally:
        global_state.set_global_attribute(_CALL_CONTEXT, before)


def names_given() -> dict[str, int]:
    """How many objects of each kind Keras has named: its own counters, which may be set.

    ``keras.utils.clear_session`` puts all of them back to nothing, and that is all that is public.
    """
    new: dict[str, int] = collections.defaultdict(int)
    return global_state.get_global_attribute(_NAMES_GIVEN, default=new, set_to_default=True)


@contextlib.contextmanager
def nothing_registered() -> Iterator[None]:
    """While it lasts, no name means a class or function that somebody registered, or put into a scope.

    ``keras.saving.get_custom_objects`` is one of two places, and ``CustomObjectScope`` can only add to them.
    """
    registered = object_registration.GLOBAL_CUSTOM_OBJECTS
    kept, scope = dict(registered), global_state.get_global_attribute(_SCOPE)
    registered.clear()
    global_state.set_global_attribute(_SCOPE, {})
    try:
        yield
    finally:
        global_state.set_global_attribute(_SCOPE, scope if scope is not None else {})
        registered.update(kept)


@contextlib.contextmanager
def serializing_by(serialize: Callable[[Callable[..., Any]], Callable[..., Any]]) -> Iterator[None]:
    """While it lasts, Keras saves objects by another function, wherever in Keras it does so.

    ``get_config`` of a layer of Keras's calls it, and takes no other function in its place.

    Args:
        serialize: given Keras's function, returns the one to use.
    """
    before = serialization_lib.serialize_keras_object
    ours = serialize(before)
    places = [
        module
        for module in (serialization_lib, saving, keras.saving)
        if getattr(module, "serialize_keras_object", None) is before
    ]
    for module in places:
        module.serialize_keras_object = ours
    try:
        yield
    finally:
        for module in places:
            module.serialize_keras_object = before


def serialized(value: Any) -> Any:
    """What Keras saves of an object, by the function that :func:`serializing_by` has put in place.

    ``keras.saving.serialize_keras_object`` is the same one; this is the one that ``get_config`` calls.

    Args:
        value: an object of Keras's, or a configuration with such objects in it.
    """
    return serialization_lib.serialize_keras_object(value)


@contextlib.contextmanager
def building_by(deserialize: Callable[[Callable[..., Any]], Callable[..., Any]]) -> Iterator[None]:
    """While it lasts, Keras builds objects from configurations by another function, as :func:`serializing_by` saves.

    Args:
        deserialize: given Keras's function, returns the one to use.
    """
    before = serialization_lib.deserialize_keras_object
    serialization_lib.deserialize_keras_object = deserialize(before)
    try:
        yield
    finally:
        serialization_lib.deserialize_keras_object = before


def built(config: Any) -> Any:
    """What Keras builds from a configuration, by the function that :func:`building_by` has put in place.

    ``keras.saving.deserialize_keras_object`` uses that one only for what is inside.
    """
    return serialization_lib.deserialize_keras_object(config)
