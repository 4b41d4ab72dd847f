"""Keras's own class of models that train under TensorFlow, which has no public name."""

from __future__ import annotations

import sys


def tensorflow_trainer() -> type | None:
    """The class that has ``fit``, if Keras is imported and runs on TensorFlow; nothing is imported for it."""
    keras = sys.modules.get("keras")
    if keras is None or keras.backend.backend() != "tensorflow":
        return None
    return next(each for each in keras.Model.__mro__ if "make_train_function" in vars(each))
