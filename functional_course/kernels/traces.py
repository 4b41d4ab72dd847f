"""What Keras leaves to the first step of ``fit`` and ``evaluate`` is made before TensorFlow traces that step.

These are the variables of the optimizer, of the metrics, and of the losses where a model has several outputs.
TensorFlow finds at the end of its trace that variables came into being, and traces the whole step a second time, which
takes as long as the first: with Adam about a third of a second a ``fit``, and most fits of an exercise are shorter than
that. The numbers are the same either way.
"""

from __future__ import annotations

import contextlib
import functools
import sys
from typing import Any

from functional_course.kernels.trainer import tensorflow_trainer
from functional_course.models import keras_private


def install() -> None:
    """Have all models of this process do so, if Keras is there and runs on TensorFlow. A second call does nothing."""
    trainer: Any = tensorflow_trainer()
    if trainer is None or hasattr(trainer.make_train_function, "__wrapped__"):
        return
    keras = sys.modules["keras"]
    make, prepare = trainer.make_train_function, trainer._maybe_symbolic_build

    @functools.wraps(make)
    def make_train_function(self, force: bool = False):
        if self.train_function is None and _are_keras_own(self, ("train_step",)):
            _build_optimizer(keras, self)
        return make(self, force)

    # Keras calls it at the beginning of `fit` and `evaluate`, with what feeds them.
    @functools.wraps(prepare)
    def _maybe_symbolic_build(self, iterator=None, data_batch=None):
        prepare(self, iterator=iterator, data_batch=data_batch)
        if _are_keras_own(self, ("call", "train_step", "test_step", "compute_loss", "compute_metrics")):
            _build_measures(keras, self, iterator)

    trainer.make_train_function = make_train_function
    trainer._maybe_symbolic_build = _maybe_symbolic_build


def _are_keras_own(model, methods: tuple[str, ...]) -> bool:
    """Whether none of these methods is one that somebody wrote for this model."""
    owners = (next(each for each in (model, *type(model).__mro__) if name in vars(each)) for name in methods)
    return all(isinstance(owner, type) and owner.__module__.startswith("keras.") for owner in owners)


def _can_wait_for_no_trace(model) -> bool:
    return model.built and not model.run_eagerly and not keras_private.strategy_of(model)


def _build_optimizer(keras, model) -> None:
    optimizer = model.optimizer
    if _can_wait_for_no_trace(model) and optimizer is not None and not optimizer.built and model.trainable_weights:
        with keras.name_scope(optimizer.name, caller=optimizer):
            optimizer.build(model.trainable_weights)


def _build_measures(keras, model, feeding) -> None:
    """Keras needs to know only how targets and outputs are laid out. What it would refuse is left to its own step."""
    given = keras_private.spec_of_batches(feeding)
    if not _can_wait_for_no_trace(model) or not isinstance(given, tuple) or len(given) < 2:
        return
    # Specifications as the targets': after outputs themselves Keras would name its losses otherwise than in a step.
    specification = sys.modules["tensorflow"].TensorSpec
    inner: Any = keras_private.functional_of(model) if isinstance(model, keras.Sequential) else model
    outputs = inner.output
    outputs = keras.tree.map_structure(lambda each: specification(each.shape, each.dtype), outputs)
    if isinstance(outputs, (list, tuple)) and len(outputs) == 1:
        outputs = outputs[0]
    targets = given[1]
    losses, metrics = keras_private.compiled_loss(model), keras_private.compiled_metrics(model)
    with contextlib.suppress(Exception):
        if losses is not None and not losses.built:
            losses.build(_laid_out_like(keras, targets, outputs, inner.output_names), outputs)
    with contextlib.suppress(Exception):
        if metrics is not None and not metrics.built:
            metrics.build(targets, outputs)


def _laid_out_like(keras, targets, outputs, names: list[str]):
    """Targets in the layout of the outputs, as Keras brings them there; what it has other ways for is an error."""
    if isinstance(outputs, (list, tuple)) and isinstance(targets, dict) and set(targets) == set(names):
        targets = [targets[name] for name in names]
    if isinstance(targets, (list, tuple)):
        targets = keras.tree.pack_sequence_as(outputs, targets)
    keras.tree.assert_same_structure(outputs, targets)
    return targets
