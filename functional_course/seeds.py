"""Training one model from several seeds, at the price of compiling it once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import keras
import numpy as np

SEEDS = (0, 1, 2, 3, 4)


def trained(
    build: Callable[[], keras.Model],
    x: Any,
    y: Any,
    *,
    epochs: int,
    batch_size: int,
    seeds: Iterable[int] = SEEDS,
) -> Iterator[keras.Model]:
    """Yield a model trained from each seed: the first weights and the order of the examples follow the seed.

    It is made for small data and small models, where tracing a model takes longer than training it, and beginning an
    epoch longer than its steps. So it is one model object, put back to its beginning before each run: read from it what
    you need before you go on to the next. And the examples are written out ``epochs`` times, each time in a new order,
    and fitted in one go. That takes the steps that ``epochs`` epochs take, with one difference: no batch is cut short
    at the end of an epoch, because the next epoch fills it up.

    Args:
        build: makes the model, compiled. It is called once a seed, and each time must make the same graph.
        x: inputs: an array, or a list or dict of arrays, with one row for each example.
        y: targets: an array, or a list or dict of arrays, with one row for each example.
        epochs: how often each example is seen.
        batch_size: examples in one step.
        seeds: the seeds, one or more.

    Raises:
        ValueError: ``build`` gives a model that is not compiled, or the arrays have different numbers of rows.

    Example:

    >>> runs = trained(build, x, y, epochs=10, batch_size=256)  # doctest: +SKIP
    >>> losses = [model.evaluate(x, y) for model in runs]  # doctest: +SKIP
    """
    seeds = tuple(seeds)
    starts = []
    for seed in seeds:
        keras.utils.set_random_seed(seed)
        model = build()
        starts.append([keras.ops.convert_to_numpy(variable) for variable in model.variables])
    if not model.compiled:
        raise ValueError(f"build() gave {model.name!r} without compile: call model.compile(...) before it returns.")
    model.optimizer.build(model.trainable_variables)
    untouched = [keras.ops.convert_to_numpy(variable) for variable in model.optimizer.variables]
    for seed, start in zip(seeds, starts, strict=True):
        # No set_random_seed here: TensorFlow would prepare its graphs anew after it. Dropout draws from a variable.
        for variable, value in zip(model.variables, start, strict=True):
            variable.assign(value)
        for variable, value in zip(model.optimizer.variables, untouched, strict=True):
            variable.assign(value)
        order = in_new_orders(_examples(x, y), epochs, seed)
        fit_in_order(model, x, y, order, batch_size=batch_size)
        yield model


def _examples(x: Any, y: Any) -> int:
    """How many rows all arrays of inputs and targets have."""
    counts = [len(array) for array in keras.tree.flatten((x, y))]
    if len(set(counts)) > 1:
        raise ValueError(
            f"The inputs and targets have {', '.join(map(str, counts))} rows: each example needs one of each."
        )
    return counts[0]


def in_new_orders(examples: int, times: int, seed: int) -> np.ndarray:
    """The numbers of the examples, all of them ``times`` times over, each time in a new order; of the seed alone.

    Args:
        examples: how many there are.
        times: how often each is to come.
        seed: the seed.

    Returns:
        Integers of shape ``(times * examples,)``.

    Example:

    >>> in_new_orders(3, 2, seed=0).tolist()
    [2, 0, 1, 2, 1, 0]
    """
    draw = np.random.default_rng(seed)
    return np.concatenate([draw.permutation(examples) for _ in range(times)])


def fit_in_order(model: keras.Model, x: Any, y: Any, order: np.ndarray, *, batch_size: int) -> None:
    """Fit once through the examples in this order: the steps of ``model.fit(x[order], y[order], shuffle=False)``.

    It is made for many short fits. Given arrays, ``fit`` under TensorFlow first traces functions that cut them into
    batches, each time anew, which takes longer than a hundred steps of a small model; here it is given the batches.

    Args:
        model: compiled.
        x: inputs: an array, or a list or dict of arrays, with one row for each example.
        y: targets, like ``x``.
        order: the numbers of the examples, as often as each is to come, of shape ``(n,)``.
        batch_size: examples in one step.

    Example:

    >>> fit_in_order(model, x, y, in_new_orders(len(y), 10, seed=0), batch_size=16)  # doctest: +SKIP
    """

    def taken(array: np.ndarray) -> np.ndarray:
        rows = np.asarray(array)[order]
        return rows.astype(keras.config.floatx()) if rows.dtype == np.float64 else rows  # as fit does

    rows = keras.tree.map_structure(taken, keras.tree.lists_to_tuples((x, y)))
    if keras.backend.backend() != "tensorflow":
        model.fit(*rows, batch_size=batch_size, shuffle=False, verbose=0)
        return
    import tensorflow as tf  # only here: with another backend Keras does without it

    model.fit(tf.data.Dataset.from_tensor_slices(rows).batch(batch_size), shuffle=False, verbose=0)


class Restarted:
    """One compiled model that starts anew from any seed, also on other data each time.

    Like :func:`trained`, for experiments in which the data or the number of steps differ from run to run.

    Args:
        build: makes the model, compiled. It is called once more for every start and must make the same graph each time.
        seeds: seeds whose first weights are made at once and kept. Starting from one of them neither builds a model
            nor sets the random seed, after which TensorFlow would prepare its graphs anew: a run of a large model then
            costs its steps and nothing else.

    Attributes:
        model: the model, with the weights of the last run.

    Raises:
        ValueError: ``build`` gives a model that is not compiled.

    Example:

    >>> network = Restarted(build)  # doctest: +SKIP
    >>> losses = [network.train(x[seed], y[seed], seed, steps=100).evaluate(x_test, y_test) for seed in SEEDS]
    """

    def __init__(self, build: Callable[[], keras.Model], seeds: Iterable[int] = ()) -> None:
        self._build = build
        self._kept = {seed: self._beginning(seed) for seed in seeds}
        self.model = build()
        if not self.model.compiled:
            raise ValueError(
                f"build() gave {self.model.name!r} without compile: call model.compile(...) before it returns."
            )
        self.model.optimizer.build(self.model.trainable_variables)
        self._unused = [keras.ops.convert_to_numpy(variable) for variable in self.model.optimizer.variables]

    def start(self, seed: int) -> keras.Model:
        """Give the model the first weights of a seed and an optimizer that has done nothing."""
        beginning = self._kept[seed] if seed in self._kept else self._beginning(seed)
        for variable, value in zip(self.model.variables, beginning, strict=True):
            variable.assign(value)
        for variable, value in zip(self.model.optimizer.variables, self._unused, strict=True):
            variable.assign(value)
        return self.model

    def _beginning(self, seed: int) -> list[np.ndarray]:
        """The first weights of a seed."""
        keras.utils.set_random_seed(seed)
        return [keras.ops.convert_to_numpy(variable) for variable in self._build().variables]

    def train(self, x: Any, y: Any, seed: int, *, steps: int, batch_size: int = 32) -> keras.Model:
        """Start from a seed and take a number of steps; the seed also sets the order of the examples.

        Args:
            x: inputs: an array, or a list or dict of arrays, with one row for each example.
            y: targets: an array, or a list or dict of arrays, with one row for each example.
            seed: the seed.
            steps: how many batches, over as many rounds through the examples as they need.
            batch_size: examples a step.

        Raises:
            ValueError: there are no examples, or the arrays have different numbers of them.
        """
        self.start(seed)
        examples = _examples(x, y)
        if not examples:
            raise ValueError("There are no examples to train on.")
        wanted = steps * batch_size
        # One long epoch: a new epoch costs more than the steps of a small model.
        order = in_new_orders(examples, -(-wanted // examples), seed)[:wanted]
        fit_in_order(self.model, x, y, order, batch_size=batch_size)
        return self.model
