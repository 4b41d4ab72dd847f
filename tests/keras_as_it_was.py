"""Takes back what judging in a test's own process changes in Keras and TensorFlow: the next file finds them new.

Judging installs `functional_course.kernels.shortcuts` for good: its processes end with it. A test's process goes on.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import FunctionType
from typing import Any

KERNELS = "functional_course.kernels."

# What the shortcuts change: where it is, and its names there. One that isn't imported can't have been changed.
CHANGED = {
    ("keras.src.backend.tensorflow.trainer", "TensorFlowTrainer"): (
        "make_train_function",
        "make_test_function",
        "make_predict_function",
        "_maybe_symbolic_build",
    ),
    ("keras.src.backend.tensorflow.trainer", "TFEpochIterator"): ("_get_iterator", "__next__"),
    ("keras.src.trainers.data_adapters.array_data_adapter", "ArrayDataAdapter"): ("get_tf_dataset",),
    ("tensorflow.python.ops.gen_resource_variable_ops", None): ("var_handle_op",),
}


def is_of_kernels(thing: object) -> bool:
    """Whether a function was written in `functional_course.kernels`, whatever it says of itself."""
    return isinstance(thing, FunctionType) and thing.__globals__.get("__name__", "").startswith(KERNELS)


def holders() -> Iterator[tuple[Any, str]]:
    """Each changed name of what is imported, with what holds it."""
    for (module, owner), names in CHANGED.items():
        held = sys.modules.get(module)
        held = getattr(held, owner, None) if held is not None and owner else held
        for name in names:
            if held is not None:
                yield held, name


def restore() -> None:
    """Put what Keras and TensorFlow wrote themselves back into its place."""
    for holder, name in holders():
        while is_of_kernels(getattr(holder, name)):
            setattr(holder, name, getattr(holder, name).__wrapped__)
