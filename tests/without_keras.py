"""``-p tests.without_keras``: no test of this run may import Keras or TensorFlow, which takes ten seconds.

So ``make check`` stays quick: a test that comes to need them is refused there, by name.
"""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec

HEAVY = ("keras", "tensorflow", "jax", "torch")


class _Refused:
    """Finds no module: the first of those that are asked, and it says why."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name in HEAVY:
            raise AssertionError(f"`make check` runs what needs no {name}; leave this file to `make test`")
        return None


sys.meta_path.insert(0, _Refused())
