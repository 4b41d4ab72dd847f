"""What a test draws at random, such as the first weights of a model that it builds: the same in every run."""

from __future__ import annotations

import random
import sys
import zlib


def draw_anew(task: str) -> None:
    """Have Python's and NumPy's random numbers begin from a seed that follows from a name.

    Keras draws the seeds of its initializers and of dropout from Python's. ``keras.utils.set_random_seed`` would do
    more, the order in which ``fit`` shuffles, and have TensorFlow prepare its kernels anew for each test; a test that
    trains sets a seed itself. No notebook is likely to use the same seed: a model that an answer builds anew would have
    the weights of another.

    Args:
        task: the name.

    Example:

    >>> draw_anew("two-branch")
    >>> first = random.random()
    >>> draw_anew("two-branch")
    >>> random.random() == first
    True
    """
    random.seed(f"task {task}")
    numpy = sys.modules.get("numpy")
    if numpy is not None:  # the command line does without it
        numpy.random.seed(zlib.crc32(task.encode()))
