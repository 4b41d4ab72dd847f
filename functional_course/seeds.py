"""Training one model from several seeds, at the price of compiling it once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import keras

SEEDS = (0, 1, 2, 3, 4)


def trained(
    build: Callable[[], keras.Model], x: Any, y: Any, *, seeds: Iterable[int] = SEEDS, **fit: Any
) -> Iterator[keras.Model]:
    """Yield a model trained from each seed: the first weights and the order of the examples follow the seed.

    It is one model object, put back to its beginning before each run, because tracing a small model takes longer than
    training it. Read from it what you need before you go on to the next.

    Args:
        build: makes the model, compiled. It is called once a seed, and each time must make the same graph.
        x: inputs, as ``model.fit`` takes them.
        y: targets.
        seeds: the seeds.
        **fit: what else ``model.fit`` gets: ``epochs``, ``batch_size``.

    Raises:
        ValueError: ``build`` gives a model that is not compiled.

    Example:

    >>> losses = [model.evaluate(x, y) for model in trained(build, x, y, epochs=10)]  # doctest: +SKIP
    """
    model = build()
    if not model.compiled:
        raise ValueError(f"build() gave {model.name!r} without compile: call model.compile(...) before it returns.")
    model.optimizer.build(model.trainable_variables)
    beginning = [keras.ops.convert_to_numpy(variable) for variable in model.optimizer.variables]
    for seed in seeds:
        keras.utils.set_random_seed(seed)
        for variable, value in zip(model.variables, build().variables, strict=True):
            variable.assign(value)
        for variable, value in zip(model.optimizer.variables, beginning, strict=True):
            variable.assign(value)
        model.fit(x, y, verbose=0, **fit)
        yield model
