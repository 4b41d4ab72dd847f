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
    y: np.ndarray,
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
        y: targets, one row for each example.
        epochs: how often each example is seen.
        batch_size: examples in one step.
        seeds: the seeds, one or more.

    Raises:
        ValueError: ``build`` gives a model that is not compiled.

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
        order = in_new_orders(len(y), epochs, seed)
        rows = keras.tree.map_structure(lambda array, order=order: array[order], x)
        model.fit(rows, y[order], batch_size=batch_size, shuffle=False, verbose=0)
        yield model


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
