"""An optimizer's variables are made before TensorFlow traces the first step of ``fit``.

Keras leaves them to the step itself. TensorFlow then finds at the end of its trace that variables came into being, and
traces the whole step a second time, which takes as long as the first: with Adam about a third of a second a ``fit``,
and most fits of an exercise are shorter than that. The numbers are the same either way.
"""

from __future__ import annotations

import functools
import sys


def install() -> None:
    """Have all models of this process do so, if Keras is there and runs on TensorFlow. A second call does nothing."""
    keras = sys.modules.get("keras")
    if keras is None or keras.backend.backend() != "tensorflow":
        return
    trainer = next(each for each in keras.Model.__mro__ if "make_train_function" in vars(each))
    make = trainer.make_train_function
    if hasattr(make, "__wrapped__"):
        return

    @functools.wraps(make)
    def make_train_function(self, force: bool = False):
        if self.train_function is None and type(self).train_step is trainer.train_step:
            _build_optimizer(keras, self)
        return make(self, force)

    trainer.make_train_function = make_train_function


def _build_optimizer(keras, model) -> None:
    optimizer = model.optimizer
    if not model.built or model.run_eagerly or optimizer is None or optimizer.built:
        return
    if not model._distribute_strategy and model.trainable_weights:
        with keras.name_scope(optimizer.name, caller=optimizer):
            optimizer.build(model.trainable_weights)
