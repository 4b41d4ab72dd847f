"""What a subclass of a model does otherwise than Keras's when it is trained or asked: it is refused, not lost."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from functional_course.boundary.wire import CannotCross

import keras

_STEPS = (
    "train_step",
    "test_step",
    "predict_step",
    "compute_loss",
    "compute_metrics",
    "compile",
    "fit",
    "evaluate",
    "predict",
    "train_on_batch",
    "test_on_batch",
    "predict_on_batch",
)
"""What a test may have a model do that a subclass may do otherwise."""


def own_methods(model: keras.Model) -> list[str]:
    """The steps that a model's class does otherwise than Keras's."""
    kind = type(model)
    return [name for name in _STEPS if getattr(kind, name, None) is not getattr(keras.Model, name, None)]


def refusing(kind: type, named: str, steps: Collection[Any]) -> type:
    """A subclass in which what a learner's class does otherwise is refused; the class itself if there is nothing.

    Args:
        kind: a class of Keras's.
        named: the learner's class.
        steps: what that does otherwise.
    """
    names = [name for name in _STEPS if name in steps]
    if not names:
        return kind
    own = named[:40]

    def refused(name: str) -> Any:
        def refuse(self: Any, *_: Any, **__: Any) -> Any:
            raise CannotCross(f"`{own}.{name}` runs only where it was written, and cannot be judged here")

        return refuse

    return type(kind.__name__, (kind,), {name: refused(name) for name in names})
