"""Age and gender at full size: the article's model and chapter 5's, on your own folder of faces or on drawn portraits.

Both stand on the maps of one frozen backbone, and take the same steps with the same optimizer, each with the learning
rate that is best on validation faces.

- ``article``: ``Flatten``, then two branches of two ``Dense(512)`` each, ``Age`` in years and ``Gender`` [1].
- ``trunk``: what chapter 5 makes of it: the mean of each channel, one trunk, two heads, the age standardised.

Beside them stand two plain guesses, the median age and the most frequent gender. The article has VGG16 with ImageNet
weights and photographs. It shows neither how its model is compiled nor how good it is: losses, optimizer and epochs are
chapter 5's.

Source: [1] R. Kulkarni, *Exploring the Power of Functional APIs using Transfer Learning*, a blog article.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from types import ModuleType
from typing import Any

from functional_course.backbones import lite0, small, vgg16
from functional_course.data import portraits, utkface
from functional_course.data.faces import Faces
from functional_course.reproduce.kept import Kept, digest
from functional_course.reproduce.made_on import device, versions
from functional_course.seeds import SEEDS, fit_in_order, in_new_orders
from functional_course.writing import write_whole

import keras
import numpy as np
from keras import layers

SIZE = 200
"""The article's height and width in pixels."""

BATCH_SIZE = 64
CHOICE_SEED = 100
FIGURES = ("validation_error", "years_off", "labels_right", "parameters", "seconds")
_PIECE = 10  # steps that are fitted at once, and
_CHUNK = 250  # faces whose maps are kept in one file: more would take too much memory


@dataclass(frozen=True)
class Backbone:
    """A frozen network that gives maps.

    Attributes:
        module: builds it, and prepares images for it.
        layer: the layer whose output the maps are.
        weights: what its weights are, in words.
    """

    module: ModuleType
    layer: str
    weights: str

    def build(self, size: int) -> keras.Model:
        """Images of this height and width in, preprocessed; maps out."""
        base = self.module.build(input_shape=(size, size, 3))
        return keras.Model(base.input, base.get_layer(self.layer).output)


BACKBONES = {
    "vgg16": Backbone(vgg16, "block5_pool", "VGG16 with its ImageNet weights, as in the article"),
    # Its last block, before the convolution that widens 320 channels to 1,280 for a classifier: the article's model is
    # then about as large as on VGG16, with 16.6 and 19.4 million weights that train.
    "lite0": Backbone(
        lite0, "block7a_project_bn", "EfficientNet-Lite0 with its ImageNet weights; the article has VGG16"
    ),
    "small": Backbone(
        small,
        "block4_pool",
        "the course's small backbone, trained on drawn people; the article has VGG16 and ImageNet",
    ),
}


def article(shape: tuple[int, int, int]) -> keras.Model:
    """The article's two branches on maps of this shape: ``Age``, a number of years, and ``Gender``, a probability."""
    maps = keras.Input(shape, name="maps")
    flat = layers.Flatten()(maps)
    outputs = []
    for name, activation in (("Age", "linear"), ("Gender", "sigmoid")):
        x = layers.Dense(512, activation="relu")(flat)
        x = layers.Dense(512, activation="relu")(x)
        outputs.append(layers.Dense(1, activation=activation, name=name)(x))
    return keras.Model(maps, outputs)


def trunk_and_heads(shape: tuple[int, ...]) -> keras.Model:
    """One trunk and two heads on vectors of this shape: ``age``, standardised, and ``label``, a probability."""
    vector = keras.Input(shape, name="features")
    trunk = layers.Dropout(0.3)(layers.Dense(64, activation="relu", name="trunk")(vector))
    outputs = []
    for name, activation in (("age", "linear"), ("label", "sigmoid")):
        x = layers.Dense(32, activation="relu", name=f"{name}_hidden")(trunk)
        outputs.append(layers.Dense(1, activation=activation, name=name)(x))
    return keras.Model(vector, outputs)


def _as_they_are(maps: np.ndarray) -> np.ndarray:
    return maps


def _pooled(maps: np.ndarray) -> np.ndarray:
    return maps.mean(axis=(1, 2))


def _in_years(ages: np.ndarray) -> tuple[float, float]:
    return 0.0, 1.0


def _standardised(ages: np.ndarray) -> tuple[float, float]:
    return float(ages.mean()), float(ages.std())


@dataclass(frozen=True)
class Network:
    """A network to train on what the backbone gives.

    Attributes:
        build: makes it for inputs of a shape. Its outputs are the age and the label, in this order.
        inputs: from maps of shape ``(n, height, width, channels)``, what it is given.
        scale: from the training ages, what is subtracted from an age and what it is divided by.
        rates: the learning rates of Adam to choose from.
    """

    build: Callable[[Any], keras.Model]
    inputs: Callable[[np.ndarray], np.ndarray]
    scale: Callable[[np.ndarray], tuple[float, float]]
    rates: tuple[float, ...]


NETWORKS = {
    "article": Network(article, _as_they_are, _in_years, (1e-4, 1e-3)),
    "trunk": Network(trunk_and_heads, _pooled, _standardised, (1e-3, 1e-2)),
}


@dataclass(frozen=True)
class Data:
    """Faces to train on, to choose a learning rate on, and to test on.

    Attributes:
        name: which they are, in words.
        train: the training faces.
        validation: a sixth of what there was to train on.
        test: the test faces.
        skipped: the files of a folder that are no faces or can't be read, as ``(name, reason)``.
    """

    name: str
    train: Faces
    validation: Faces
    test: Faces
    skipped: tuple[tuple[str, str], ...] = ()

    @property
    def sets(self) -> dict[str, Faces]:
        """The three sets by name."""
        return {"train": self.train, "validation": self.validation, "test": self.test}

    @property
    def guess(self) -> dict[str, dict[str, float]]:
        """By set, the errors of the training faces' median age and most frequent label."""
        age, label = float(np.median(self.train.ages)), int(np.bincount(self.train.labels).argmax())
        return {
            name: {
                "years_off": float(np.abs(faces.ages - age).mean()),
                "labels_right": float((faces.labels == label).mean()),
            }
            for name, faces in self.sets.items()
        }


def drawn(train: int = 300, test: int = 200, size: int = SIZE) -> Data:
    """The portraits that the course draws.

    Args:
        train: how many to train on and to choose on.
        test: how many to test on.
        size: height and width in pixels.

    Raises:
        ValueError: too few to train, to choose and to test on, or a size under 16.
    """
    known, new = portraits.load_data(train, test, size)
    return _divided(f"portraits drawn by the course at {size} by {size}, not photographs", known, new)


def photographed(folder: str | os.PathLike[str], train: int = 5000, test: int = 1000, size: int = SIZE) -> Data:
    """The faces of a folder, whose names follow UTKFace's convention.

    Args:
        folder: as :func:`functional_course.data.utkface.read` takes it.
        train: how many to train on and to choose on.
        test: how many to test on.
        size: height and width in pixels, to which they are scaled.

    Raises:
        FileNotFoundError: no such folder, or no face in it.
        ValueError: fewer faces than asked for, or too few to train, to choose and to test on.
    """
    reading = utkface.read(folder, train, test, size)
    name = f"faces of {Path(folder).resolve().name} at {size} by {size}; the article doesn't say which it had"
    return _divided(name, reading.train, reading.test, reading.skipped)


def _divided(name: str, known: Faces, new: Faces, skipped: tuple[tuple[str, str], ...] = ()) -> Data:
    held_back = len(known) // 6
    if not held_back or not len(new):
        raise ValueError(
            f"{len(known)} faces to train on and {len(new)} to test on are too few: it takes 6 and 1 at least."
        )
    return Data(name, known[held_back:], known[:held_back], new, skipped)


def reproduce(
    output: Path,
    work: Path,
    data: Data,
    backbone: str = "lite0",
    epochs: int = 8,
    seeds: Iterable[int] = SEEDS,
    report: Callable[[str, int, int], None] = lambda step, done, of: None,
) -> dict[str, Any]:
    """Train both networks from each seed on the maps of a frozen backbone, and write the errors to ``output``.

    The maps of every few faces and each finished run are kept in ``work`` at once. Interrupted, the experiment goes on
    with the first that isn't there, and ends with the figures that an uninterrupted one has. Finished, it keeps the
    runs and drops the maps.

    Args:
        output: the JSON file to write, in one step at the end.
        work: a folder for maps and finished runs.
        data: :func:`drawn` or :func:`photographed`.
        backbone: ``"vgg16"``, ``"lite0"`` or ``"small"``.
        epochs: passes over the training faces.
        seeds: a seed sets the first weights and the order of the faces.
        report: called as ``report(step, done, of)`` before each part of the work.

    Returns:
        What was written: data, weights, settings, plain guesses, chosen rates, and for each run the mean error in
        years and the share of labels right on the test faces, its parameters and its seconds.

    Raises:
        FileNotFoundError: the weights of VGG16 aren't to be had; the message says what to put where.
        ValueError: another backbone, no epoch, or a ``work`` that holds another experiment or a damaged file.
    """
    if backbone not in BACKBONES:
        raise ValueError(f"The backbone is {', '.join(BACKBONES)}, not {backbone!r}.")
    if epochs < 1:
        raise ValueError(f"There is at least one epoch, not {epochs}.")
    seeds = tuple(seeds)
    settings = {
        "backbone": backbone,
        "epochs": epochs,
        "batch_size": BATCH_SIZE,
        "optimizer": "Adam",
        "rates": {name: list(network.rates) for name, network in NETWORKS.items()},
        "choice_seed": CHOICE_SEED,
    }
    made_with = {"versions": versions(), "device": device()}
    content = digest(*(array for part in data.sets.values() for array in (part.images, part.ages, part.labels)))
    kept = Kept(work, {"data": content, **settings, **made_with}, FIGURES)
    trials = Trials(data, BACKBONES[backbone], epochs, kept, report)

    done, of = 0, sum(len(network.rates) + len(seeds) for network in NETWORKS.values())

    def figures(name: str, seed: int, rate: float) -> dict[str, Any]:
        nonlocal done
        step = f"{name}, seed {seed}, rate {rate:g}"
        report(step, done, of)
        done += 1
        return kept.run(step, lambda: trials.run(name, seed, rate))

    chosen: dict[str, dict[str, Any]] = {}
    runs = []
    for name, network in NETWORKS.items():
        errors = {rate: figures(name, CHOICE_SEED, rate)["validation_error"] for rate in network.rates}
        best = min(errors, key=lambda rate: np.nan_to_num(errors[rate], nan=np.inf))  # nan: it diverged
        chosen[name] = {"rate": best, "validation_errors": {f"{rate:g}": error for rate, error in errors.items()}}
        runs += [{"network": name, "seed": seed, **figures(name, seed, best)} for seed in seeds]
    report("done", of, of)
    results = {
        "experiment": "age_gender",
        "date": kept.date,
        "data": data.name,
        "weights": BACKBONES[backbone].weights,
        "size": int(data.train.images.shape[1]),
        "images": {name: len(part) for name, part in data.sets.items()},
        "skipped": [list(each) for each in data.skipped],
        **settings,
        "chosen": chosen,
        "guess": data.guess["test"],
        "seeds": list(seeds),
        "seconds": round(sum(run["seconds"] for run in runs), 1),
        **made_with,
        "runs": runs,
    }
    write_whole(output, json.dumps(results, indent=1) + "\n")
    kept.drop_arrays()
    return results


class Trials:
    """The runs of one experiment. The backbone is only asked when a run needs it.

    Args:
        data: the faces.
        backbone: what gives the maps.
        epochs: passes over the training faces.
        kept: keeps the maps.
        report: called as ``report(step, done, of)`` while maps are computed.
    """

    def __init__(
        self, data: Data, backbone: Backbone, epochs: int, kept: Kept, report: Callable[[str, int, int], None]
    ) -> None:
        self._data, self._backbone, self._epochs, self._kept, self._report = data, backbone, epochs, kept, report

    def run(self, name: str, seed: int, rate: float) -> dict[str, Any]:
        """One run: its errors on the validation faces, as shares of the plain guesses', and on the test faces."""
        network, train = NETWORKS[name], self._data.train
        x = {part: network.inputs(maps) for part, maps in self._maps.items()}
        keras.utils.clear_session()  # the model of an earlier run would keep its memory
        began = time.monotonic()
        middle, spread = network.scale(train.ages)
        keras.utils.set_random_seed(seed)
        model = network.build(x["train"].shape[1:])
        losses = dict(zip(model.output_names, ("mse", "binary_crossentropy"), strict=True))
        model.compile(keras.optimizers.Adam(rate), loss=losses)
        y = [(train.ages - middle) / spread, train.labels.astype("float32")]
        order = in_new_orders(len(train), self._epochs, seed)
        for start in range(0, len(order), _PIECE * BATCH_SIZE):
            piece = order[start : start + _PIECE * BATCH_SIZE]
            fit_in_order(model, x["train"], y, piece, batch_size=BATCH_SIZE)
        seconds = round(time.monotonic() - began, 2)

        def errors(part: str) -> tuple[float, float]:
            faces = self._data.sets[part]
            ages, labels = (answer[:, 0] for answer in model.predict(x[part], batch_size=BATCH_SIZE, verbose=0))
            off = np.abs(ages * spread + middle - faces.ages).mean()
            return float(off), float(((labels > 0.5) == (faces.labels == 1)).mean())

        (years_off, labels_right), (validation_off, validation_right) = errors("test"), errors("validation")
        guess = self._data.guess["validation"]
        wrong, guessed_wrong = 1 - validation_right, max(1 - guess["labels_right"], 1 / len(self._data.validation))
        return {
            "validation_error": (validation_off / max(guess["years_off"], 1e-9) + wrong / guessed_wrong) / 2,
            "years_off": years_off,
            "labels_right": labels_right,
            "parameters": model.count_params(),
            "seconds": seconds,
        }

    @cached_property
    def _maps(self) -> dict[str, np.ndarray]:
        """By set, the maps of its faces: float32 of shape ``(n, height, width, channels)``."""
        return {name: self._maps_of(name, faces.images) for name, faces in self._data.sets.items()}

    def _maps_of(self, name: str, images: np.ndarray) -> np.ndarray:
        maps = np.empty((len(images), *self._base.output_shape[1:]), "float32")
        for start in range(0, len(images), _CHUNK):
            chunk = slice(start, start + _CHUNK)
            self._report(f"maps of {name} faces", start, len(images))
            maps[chunk] = self._kept.array(f"{name} {start}", partial(self._maps_now, images[chunk]))
        return maps

    def _maps_now(self, images: np.ndarray, batch: int = 32) -> np.ndarray:
        """Preprocessed batch by batch: as floats, the images take four times their memory."""
        prepared = self._backbone.module.preprocess_input
        parts = [
            self._base.predict_on_batch(prepared(images[start : start + batch]))
            for start in range(0, len(images), batch)
        ]
        return np.concatenate(parts)

    @cached_property
    def _base(self) -> keras.Model:
        return self._backbone.build(self._data.train.images.shape[1])


def table(results: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What was found, one row a way: its name, how many years it is off, and the share of genders that it gets right.

    Args:
        results: as :func:`reproduce` returns them.

    Returns:
        Means over the seeds, with the standard deviation where there is more than one.
    """
    guess = results["guess"]
    rows = [("median age, most frequent gender", f"{guess['years_off']:.1f}", f"{guess['labels_right']:.3f}")]
    for name, title in (("article", "the article's model"), ("trunk", "one trunk, age standardised")):
        of = [run for run in results["runs"] if run["network"] == name]
        rows.append(
            (title, _shown([run["years_off"] for run in of], 1), _shown([run["labels_right"] for run in of], 3))
        )
    return rows


def _shown(values: list[float], digits: int) -> str:
    spread = f" ±{np.std(values, ddof=1):.{digits}f}" if len(values) > 1 else ""
    return f"{np.mean(values):.{digits}f}{spread}"
