"""The backends of Keras that answers can be judged on, and whether one is installed."""

from __future__ import annotations

import os
from importlib.machinery import PathFinder

USUAL = "tensorflow"
NAMES = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"}
"""What Keras calls them, and what they are called."""


def chosen(asked: str | None = None) -> str:
    """The backend that Keras takes in the processes of a grader.

    Args:
        asked: what was asked for; None leaves it to ``KERAS_BACKEND``. The settings of a user's home don't count, for
            these processes have no home.
    """
    return asked or os.environ.get("KERAS_BACKEND") or USUAL


def is_installed(backend: str) -> bool:
    """Whether a backend can be imported here. Nothing is imported, nor is it looked up as an import would be: the first
    look-up of TensorFlow is the one that keeps it quiet.
    """
    return PathFinder.find_spec(backend) is not None


def why_not(backend: str) -> str | None:
    """Why nothing can be judged on a backend, and what to do about it, as a sentence; None if it can.

    Args:
        backend: as Keras calls it.
    """
    if backend not in NAMES:
        *others, last = NAMES
        return f"Answers cannot be judged with Keras on {backend}: choose {', '.join(others)} or {last}."
    if is_installed(backend):
        return None
    extra = "" if backend == USUAL else f"[{backend}]"
    return f"{NAMES[backend]} is not installed: pip install 'functional-course{extra}'."
