"""Variables are made without a name that TensorFlow would only tell in its own errors.

TensorFlow keeps what it has set up for an operation and finds it again by the operation's attributes. The name of a
variable is one of them, so that nothing is found again for another variable, and half a millisecond is spent on each.
Keras's own names and paths are kept by Keras.
"""

from __future__ import annotations

import functools
import sys
from typing import Any


def install() -> None:
    """Have all variables of this process made so, if TensorFlow is there. A second call does nothing."""
    operations: Any = sys.modules.get("tensorflow.python.ops.gen_resource_variable_ops")
    make = getattr(operations, "var_handle_op", None)
    if make is None or hasattr(make, "__wrapped__"):
        return

    @functools.wraps(make)
    def var_handle_op(*args, **kwargs):
        if "debug_name" in kwargs:
            kwargs["debug_name"] = ""
        return make(*args, **kwargs)

    operations.var_handle_op = var_handle_op
