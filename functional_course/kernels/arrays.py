"""The arrays of ``fit``, ``evaluate`` and ``predict`` are cut into batches with fewer functions to trace.

Keras puts arrays through three functions that are traced anew in each call, which takes as long as some thirty steps of
a small model. Whole arrays in their order need none of them, since TensorFlow has operations that slice and batch.
Shuffled ones need two: one draws the order, as Keras does it and from the same random numbers, and already laid out in
batches, and one takes a batch. The batches are the same either way.
"""

from __future__ import annotations

import functools
import sys


def install() -> None:
    """Have all models of this process do so, if Keras is there and runs on TensorFlow. A second call does nothing."""
    keras = sys.modules.get("keras")
    adapters = sys.modules.get("keras.src.trainers.data_adapters.array_data_adapter")
    if keras is None or adapters is None or keras.backend.backend() != "tensorflow":
        return
    adapter = adapters.ArrayDataAdapter
    if hasattr(adapter.get_tf_dataset, "__wrapped__"):
        return
    in_keras_way = adapter.get_tf_dataset

    @functools.wraps(in_keras_way)
    def get_tf_dataset(self):
        if type(self) is not adapter or self._shuffle not in (True, False):
            return in_keras_way(self)
        inputs = adapters.array_slicing.convert_to_sliceable(self._inputs, target_backend="tensorflow")
        if not all(map(_is_plain, keras.tree.flatten(inputs))):
            return in_keras_way(self)
        inputs = keras.tree.lists_to_tuples(inputs)
        batches = _shuffled if self._shuffle else _in_order
        return batches(inputs, self._num_samples, self._batch_size)

    adapter.get_tf_dataset = get_tf_dataset


def _is_plain(array) -> bool:
    tensorflow, numpy = sys.modules["tensorflow"], sys.modules["numpy"]
    return isinstance(array, numpy.ndarray) or type(array).__name__ == "EagerTensor" and tensorflow.is_tensor(array)


def _in_order(inputs, number: int, size: int):
    data = sys.modules["tensorflow"].data
    batches = data.Dataset.from_tensor_slices(inputs).batch(size, drop_remainder=number % size == 0)
    return batches.with_options(_options())


def _shuffled(inputs, number: int, size: int):
    tf = sys.modules["tensorflow"]
    missing = -number % size
    lengths = [size] * (number // size) + [size - missing] * (missing > 0)

    def rows(_):
        order = tf.random.shuffle(tf.range(number, dtype=tf.int64))
        return tf.reshape(tf.pad(order, [[0, missing]]) if missing else order, [len(lengths), size])

    def batch(row, length, arrays):
        chosen = row[:length] if missing else row
        return tf.nest.map_structure(lambda array: tf.gather(array, chosen, axis=0), arrays)

    Dataset = tf.data.Dataset
    orders = _in_rows(Dataset.range(1).map(rows))
    every = Dataset.from_tensors(inputs).repeat()
    batches = Dataset.zip((orders, Dataset.from_tensor_slices(lengths), every)).map(batch)
    return batches.with_options(_options())


def _in_rows(dataset):
    """Its only element row by row, without the function that TensorFlow puts before it for what isn't dense."""
    try:
        from tensorflow.python.data.ops.unbatch_op import _UnbatchDataset
    except ImportError:
        return dataset.unbatch()
    return _UnbatchDataset(dataset)


@functools.cache
def _options():
    """Those of Keras: what would be optimized is small, and optimizing it takes longer than running it."""
    data = sys.modules["tensorflow"].data
    options = data.Options()
    options.experimental_optimization.apply_default_optimizations = False
    options.autotune.enabled = False
    options.experimental_external_state_policy = data.experimental.ExternalStatePolicy.IGNORE
    options.experimental_distribute.auto_shard_policy = data.experimental.AutoShardPolicy.DATA
    return options
