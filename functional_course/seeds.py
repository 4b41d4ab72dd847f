"""Training one model from several seeds, at the price of compiling it once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import keras
import numpy as np

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


class Restarted:
    """One compiled model that starts anew from any seed, also on other data each time.

    Like :func:`trained`, for experiments in which the data or the number of steps differ from run to run.

    Args:
        build: makes the model, compiled. It is called once more for every start and must make the same graph each time.

    Attributes:
        model: the model, with the weights of the last run.

    Raises:
        ValueError: ``build`` gives a model that is not compiled.

    Example:

    >>> network = Restarted(build)  # doctest: +SKIP
    >>> losses = [network.train(x[seed], y[seed], seed, steps=100).evaluate(x_test, y_test) for seed in SEEDS]
    """

    def __init__(self, build: Callable[[], keras.Model]) -> None:
        self._build = build
        self.model = build()
        if not self.model.compiled:
            raise ValueError(
                f"build() gave {self.model.name!r} without compile: call model.compile(...) before it returns."
            )
        self.model.optimizer.build(self.model.trainable_variables)
        self._unused = [keras.ops.convert_to_numpy(variable) for variable in self.model.optimizer.variables]

    def start(self, seed: int) -> keras.Model:
        """Give the model the first weights of a seed and an optimizer that has done nothing."""
        keras.utils.set_random_seed(seed)
        for variable, value in zip(self.model.variables, self._build().variables, strict=True):
            variable.assign(value)
        for variable, value in zip(self.model.optimizer.variables, self._unused, strict=True):
            variable.assign(value)
        return self.model

    def train(self, x: Any, y: np.ndarray, seed: int, *, steps: int, batch_size: int = 32) -> keras.Model:
        """Start from a seed and take a number of steps; the seed also sets the order of the examples.

        Args:
            x: inputs: one array, or a list of arrays.
            y: targets.
            seed: the seed.
            steps: how many batches, over as many rounds through the examples as they need.
            batch_size: examples a step.

        Raises:
            ValueError: there are no examples.
        """
        self.start(seed)
        if not len(y):
            raise ValueError("There are no examples to train on.")
        rng = np.random.default_rng(seed)
        wanted = steps * batch_size
        rounds = [rng.permutation(len(y)) for _ in range(-(-wanted // len(y)))]
        # One long epoch: a new epoch costs more than the steps of a small model.
        order = np.concatenate(rounds)[:wanted]
        taken = [part[order] for part in x] if isinstance(x, (list, tuple)) else x[order]
        self.model.fit(taken, y[order], batch_size=batch_size, shuffle=False, verbose=0)
        return self.model
