"""The curve of chapter 6, at equal steps: the test error against the number of labels, for four ways to train.

- ``scratch``: the backbone with new weights and a new head, all of it trained.
- ``frozen``: a head on the features of the pretrained backbone.
- ``top tuned``: half of the steps like ``frozen``, the other half with the last blocks thawed too.
- ``all tuned``: half of the steps like ``frozen``, the other half with all blocks thawed.

A pretrained BatchNormalization stays still. Beside the four stands one ``Dense`` on the pixels. Each has as many steps
of as many images. The learning rate of each is chosen on validation data, from runs with seeds of their own. What is
frozen gives the same for the same picture, so it is computed once.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from functional_course.backbones import lite0, small
from functional_course.data import albums, portraits
from functional_course.reproduce.kept import Kept, digest
from functional_course.reproduce.made_on import device, versions
from functional_course.seeds import SEEDS, Restarted, fit_in_order, in_new_orders
from functional_course.writing import write_whole

import keras
import numpy as np
from keras import layers

BACKBONES = {"small": (small, "block3_pool"), "lite0": (lite0, "block5c_add")}
"""By name: the module, and the layer after which the top begins."""

RATES = {
    "line on pixels": (1e-4, 1e-3, 1e-2),
    "scratch": (3e-4, 1e-3, 3e-3),
    "frozen": (1e-3, 3e-3, 1e-2),
    "top tuned": (1e-4, 3e-4, 1e-3, 3e-3),
    "all tuned": (1e-4, 3e-4, 1e-3, 3e-3),
}
"""By treatment, the learning rates of Adam to choose from."""

LABELS = (20, 80, 320)
CHOICE_SEEDS = (100, 101)
BATCH_SIZE = 16
FIGURES = ("validation_error", "test_error", "seconds")
_PIECE = 40  # steps that are fitted at once: copies of more images than that would take too much memory


def steps_for(labels: int) -> int:
    """How many steps every treatment takes with this many labels."""
    return 30 + labels // 2


@dataclass(frozen=True)
class ImageSets:
    """Images with their classes, in three sets.

    Attributes:
        name: what it is about.
        classes: what the classes are called, by number.
        train: images, uint8 of shape ``(n, size, size, 3)``, and classes, int64 of shape ``(n,)``.
        validation: to choose on.
        test: to report on.
    """

    name: str
    classes: tuple[str, ...]
    train: tuple[np.ndarray, np.ndarray]
    validation: tuple[np.ndarray, np.ndarray]
    test: tuple[np.ndarray, np.ndarray]

    @property
    def sets(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """The three sets by name."""
        return {"train": self.train, "validation": self.validation, "test": self.test}

    @property
    def baseline(self) -> float:
        """The test error of always giving the most frequent training class."""
        return float((self.test[1] != np.bincount(self.train[1]).argmax()).mean())


def glasses(train: int = 600, validation: int = 200, test: int = 400, size: int = 64) -> ImageSets:
    """Chapter 6's question about the drawn portraits: does this person wear glasses?"""
    known, new = portraits.load_data(train + validation, test, size)
    x, y = known.images, (known.cues["glasses"] > 0).astype("int64")
    tested = new.images, (new.cues["glasses"] > 0).astype("int64")
    return ImageSets(
        "glasses on drawn portraits", ("none", "glasses"), (x[:train], y[:train]), (x[train:], y[train:]), tested
    )


def photographs(folder: str | os.PathLike[str], size: int = 96) -> ImageSets:
    """A folder of one's own photographs, one folder a class, as :mod:`functional_course.data.albums` reads it."""
    parts = albums.load_data(folder, size)
    sets = ((part.images, part.labels) for part in parts)
    return ImageSets(Path(folder).resolve().name, parts[0].names, *sets)


def label_counts(available: int) -> tuple[int, ...]:
    """With how many labels to train: those of the chapter, as far as there are so many, or all that there are."""
    return tuple(count for count in LABELS if count <= available) or (available,)


def reproduce(
    output: Path,
    work: Path,
    task: ImageSets,
    backbones: Iterable[str] = tuple(BACKBONES),
    seeds: Iterable[int] = SEEDS,
    labels: Iterable[int] | None = None,
    report: Callable[[str, int, int], None] = lambda step, done, of: None,
) -> dict[str, Any]:
    """Train every treatment from each seed with each number of labels, and write the errors to ``output``.

    Each finished run is kept in ``work`` at once. Interrupted, the experiment goes on with the first run that isn't
    there, and ends with the figures that an uninterrupted one has.

    Args:
        output: the JSON file to write, in one step at the end.
        work: a folder for the finished runs.
        task: :func:`glasses` or :func:`photographs`.
        backbones: ``"small"`` and ``"lite0"``, or one of them.
        seeds: a seed sets which images have a label, the first weights that aren't pretrained, and the order.
        labels: with how many labels; those of :func:`label_counts` by default.
        report: called as ``report(step, done, of)`` before each run.

    Returns:
        What was written: settings, chosen rates, and for each run its validation and test error and its seconds.

    Raises:
        ValueError: another backbone, more labels than there are, or a ``work`` that holds another experiment or a
            damaged file.
    """
    backbones, seeds = tuple(backbones), tuple(seeds)
    if unknown := [name for name in backbones if name not in BACKBONES]:
        raise ValueError(f"The backbones are {' and '.join(BACKBONES)}, not {unknown[0]!r}.")
    available = len(task.train[1])
    labels = label_counts(available) if labels is None else tuple(labels)
    if max(labels) > available:
        raise ValueError(f"There are {available} training images, and {max(labels)} labels were asked for.")
    settings: dict[str, Any] = {
        "steps": {str(count): steps_for(count) for count in labels},
        "batch_size": BATCH_SIZE,
        "rates": {name: list(rates) for name, rates in RATES.items()},
        "choice": {"labels": sorted(labels)[len(labels) // 2], "seeds": list(CHOICE_SEEDS)},
    }
    made_with = {"versions": versions(), "device": device()}
    data = digest(*(array for part in task.sets.values() for array in part))
    kept = Kept(work, {"data": data, **settings, **made_with}, FIGURES)

    done, of = (
        0,
        len(backbones) * (sum(map(len, RATES.values())) * len(CHOICE_SEEDS) + len(RATES) * len(labels) * len(seeds)),
    )

    def figures(ways: Treatments, treatment: str, count: int, seed: int, rate: float) -> dict[str, Any]:
        nonlocal done
        step = f"{ways.name}, {treatment}, {count} labels, seed {seed}"
        report(step, done, of)
        done += 1
        return kept.run(f"{step}, rate {rate:g}", lambda: ways.run(treatment, count, seed, rate))

    chosen: dict[str, dict[str, Any]] = {}
    runs: list[dict[str, Any]] = []
    for name in backbones:
        ways = Treatments(name, task, (*seeds, *CHOICE_SEEDS))
        chosen[name] = {}
        for treatment, rates in RATES.items():
            count = settings["choice"]["labels"]
            errors = {
                rate: float(
                    np.mean([figures(ways, treatment, count, seed, rate)["validation_error"] for seed in CHOICE_SEEDS])
                )
                for rate in rates
            }
            best = min(errors, key=lambda rate: errors[rate])
            chosen[name][treatment] = {"rate": best, "validation_errors": {f"{k:g}": v for k, v in errors.items()}}
            if treatment == "frozen":
                ways.head_rate = best
            for count in labels:
                for seed in seeds:
                    found = figures(ways, treatment, count, seed, best)
                    runs.append({"backbone": name, "treatment": treatment, "labels": count, "seed": seed, **found})
    report("done", of, of)
    results = {
        "experiment": "transfer",
        "date": kept.date,
        "task": task.name,
        "classes": list(task.classes),
        "size": int(task.train[0].shape[1]),
        "images": {name: len(y) for name, (_, y) in task.sets.items()},
        "baseline": task.baseline,
        "seeds": list(seeds),
        **settings,
        "chosen": chosen,
        "seconds": round(sum(run["seconds"] for run in runs), 1),
        **made_with,
        "runs": runs,
    }
    write_whole(output, json.dumps(results, indent=1) + "\n")
    return results


def means(results: dict[str, Any]) -> dict[str, dict[int, float]]:
    """The mean test error over the seeds, by backbone and treatment and then by number of labels."""
    errors: dict[str, dict[int, list[float]]] = {}
    for run in results["runs"]:
        row = errors.setdefault(f"{run['backbone']}, {run['treatment']}", {})
        row.setdefault(run["labels"], []).append(run["test_error"])
    return {row: {labels: float(np.mean(values)) for labels, values in some.items()} for row, some in errors.items()}


class Treatments:
    """The treatments of one task with one backbone. Every model is compiled once and starts anew for each run.

    Args:
        name: of the backbone.
        task: the images.
        seeds: those that will be run.

    Attributes:
        head_rate: the learning rate at which a head is trained before blocks are thawed.
    """

    def __init__(self, name: str, task: ImageSets, seeds: tuple[int, ...]) -> None:
        self.name, self.head_rate = name, RATES["frozen"][0]
        self._task, self._seeds = task, seeds
        self._module, self._cut = BACKBONES[name]
        self._shape, self._classes = task.train[0].shape[1:], len(task.classes)

    def run(self, treatment: str, labels: int, seed: int, rate: float) -> dict[str, float]:
        """One run: the share of wrong answers on the validation and on the test images, and the seconds it took."""
        began = time.monotonic()
        steps = steps_for(labels)
        if treatment == "line on pixels":
            model = self._train(self._line, self._pixels, labels, seed, rate, steps)
            x = self._pixels
        elif treatment == "scratch":
            model = self._train(self._scratch, self._pixels, labels, seed, rate, steps)
            x = self._pixels
        elif treatment == "frozen":
            model = self._train(self._head, self._features, labels, seed, rate, steps)
            x = self._features
        else:
            first = steps // 2
            head = self._train(self._head, self._features, labels, seed, self.head_rate, first)
            weights = head.get_layer("answer").get_weights()
            network, x = (self._top, self._lower) if treatment == "top tuned" else (self._all, self._pixels)
            model = self._train(network, x, labels, seed, rate, steps - first, weights)
        return {
            "validation_error": self._error(model, x, "validation"),
            "test_error": self._error(model, x, "test"),
            "seconds": round(time.monotonic() - began, 2),
        }

    def _train(self, network, x, labels: int, seed: int, rate: float, steps: int, head=None) -> keras.Model:
        """Take some steps from a seed, with the head of a run before if one is given."""
        model = network.start(seed if head is None else 0)  # a pretrained base begins the same, whatever the seed
        model.optimizer.learning_rate = rate
        if head is not None:
            model.get_layer("answer").set_weights(head)
        known = labelled(len(self._task.train[1]), labels, seed)
        wanted = steps * BATCH_SIZE
        order = known[in_new_orders(labels, -(-wanted // labels), seed)[:wanted]]
        for start in range(0, wanted, _PIECE * BATCH_SIZE):
            piece = order[start : start + _PIECE * BATCH_SIZE]
            fit_in_order(model, x["train"], self._task.train[1], piece, batch_size=BATCH_SIZE)
        return model

    def _error(self, model: keras.Model, x: dict[str, np.ndarray], part: str) -> float:
        answers = model.predict(x[part], batch_size=50, verbose=0).argmax(axis=1)
        return float((answers != self._task.sets[part][1]).mean())

    @cached_property
    def _pixels(self) -> dict[str, np.ndarray]:
        return {name: images for name, (images, _) in self._task.sets.items()}

    @cached_property
    def _levels(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Of each set, the maps below the top and those at its end."""
        base = self._module.build(input_shape=self._shape)
        images = keras.Input(self._shape, name="images")
        both = keras.Model(base.input, [base.get_layer(self._cut).output, base.output])
        levels = keras.Model(images, both(self._module.preprocess_input(images)))
        return {name: levels.predict(x, batch_size=50, verbose=0) for name, x in self._pixels.items()}

    @property
    def _lower(self) -> dict[str, np.ndarray]:
        return {name: lower for name, (lower, _) in self._levels.items()}

    @property
    def _features(self) -> dict[str, np.ndarray]:
        return {name: features for name, (_, features) in self._levels.items()}

    @cached_property
    def _line(self) -> Restarted:
        return self._restarted(lambda: with_head(self._shape, self._classes, small.preprocess_input))

    @cached_property
    def _head(self) -> Restarted:
        return self._restarted(lambda: with_head(self._features["train"].shape[1:], self._classes))

    @cached_property
    def _scratch(self) -> Restarted:
        def build() -> keras.Model:
            base = self._module.build(weights=None, input_shape=self._shape)
            for layer in base.layers:
                if isinstance(layer, layers.BatchNormalization):
                    layer.momentum = 0.9  # at 0.99 the statistics would lag behind so few steps
            return with_head(self._shape, self._classes, self._module.preprocess_input, base)

        return self._restarted(build)

    @cached_property
    def _top(self) -> Restarted:
        def build() -> keras.Model:
            base = still(self._module.build(input_shape=self._shape))
            top = keras.Model(base.get_layer(self._cut).output, base.output)
            return with_head(top.input_shape[1:], self._classes, top)

        return self._restarted(build, (0,))

    @cached_property
    def _all(self) -> Restarted:
        def build() -> keras.Model:
            base = still(self._module.build(input_shape=self._shape))
            return with_head(self._shape, self._classes, self._module.preprocess_input, base)

        return self._restarted(build, (0,))

    def _restarted(self, build: Callable[[], keras.Model], seeds: tuple[int, ...] | None = None) -> Restarted:
        def compiled() -> keras.Model:
            model = build()
            model.compile(keras.optimizers.Adam(), loss="sparse_categorical_crossentropy")
            return model

        return Restarted(compiled, self._seeds if seeds is None else seeds)


def with_head(shape: tuple[int, ...], classes: int, *parts: Callable) -> keras.Model:
    """What ``parts`` make of an input of this shape, one after the other, and one probability a class from that."""
    x = inputs = keras.Input(shape)
    for part in parts:
        x = part(x)
    answer = layers.Dense(classes, activation="softmax", name="answer")(layers.Flatten()(x))
    return keras.Model(inputs, answer)


def still(base: keras.Model) -> keras.Model:
    """The base with each BatchNormalization frozen, so that its statistics stay as they are."""
    for layer in base.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.trainable = False
    return base


def labelled(available: int, labels: int, seed: int) -> np.ndarray:
    """Which training images have a label: of one seed, the fewer are among the more."""
    return np.random.default_rng(seed).permutation(available)[:labels]
