"""An iterator over the arrays of ``fit`` is made when its first batch is asked for.

At the end of each epoch Keras makes one for the next epoch, which makes its own again: half of all iterators give no
batch. Making one takes TensorFlow about ten milliseconds and taking it down as long again; a small model trains for an
epoch in that time. The batches, and their order, are the same either way. That holds for arrays, not for a dataset that
shuffles: it takes another order for each iterator, used or not.
"""

from __future__ import annotations

import functools
import sys

from functional_course.kernels.trainer import tensorflow_trainer


class _Later:
    """An iterator over a dataset, made at the first batch."""

    def __init__(self, dataset) -> None:
        self._dataset, self._begun = dataset, None

    def __iter__(self) -> _Later:
        return self

    def __next__(self):
        return next(self.begun())

    def begun(self):
        """The iterator itself."""
        if self._begun is None:
            self._begun = iter(self._dataset)
        return self._begun


def install() -> None:
    """Have all models of this process do so, if Keras is there and runs on TensorFlow. A second call does nothing."""
    trainer = tensorflow_trainer()
    if trainer is None:
        return
    # The classes that feed a model have no public names either.
    feeding = getattr(sys.modules[trainer.__module__], "TFEpochIterator", None)
    arrays = sys.modules.get("keras.src.trainers.data_adapters.array_data_adapter")
    if feeding is None or arrays is None or hasattr(feeding._get_iterator, "__wrapped__"):
        return
    get, following = feeding._get_iterator, feeding.__next__

    @functools.wraps(get)
    def _get_iterator(self):
        dataset = get(self)
        return _Later(dataset) if type(self.data_adapter) is arrays.ArrayDataAdapter else dataset

    @functools.wraps(following)
    def __next__(self):
        first, last, iterator = following(self)
        return first, last, iterator.begun() if isinstance(iterator, _Later) else iterator

    feeding._get_iterator, feeding.__next__ = _get_iterator, __next__
