"""Chapter 4 on full MNIST: the article's Siamese model and the chapter's, on digits that training has shown or not.

The article's model compares the maps of a ResNet50 [1]. Here its form stands on a small encoder whose map has the same
49 positions: a difference, three times ``Dense``, BatchNormalization and Dropout at each position, one ``Dense`` more,
``Flatten``, and two sigmoids. The head has 1/32 of its units. ``rebuilt`` is what the chapter makes of it: the same
encoder, pooled, one difference, and one sigmoid that starts below 0. ``contrastive`` is the chapter's own network.
Beside them stand its encoder untrained, and the raw pixels.

Source: [1] M. Millar, *Keras Functional API*, Unifa developers' blog.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from functional_course.data import mnist, pairs
from functional_course.reproduce.kept import Kept, digest
from functional_course.reproduce.made_on import device, versions
from functional_course.writing import write_whole

import keras
import numpy as np
from keras import layers, ops
from sklearn.metrics import roc_auc_score, roc_curve

IMAGE_SHAPE = (28, 28, 1)
BATCH_SIZE = 64
STEPS = 1000
RATES = (1e-3, 3e-3, 1e-2, 3e-2)
"""The learning rates of Adam to choose from, by the AUC on validation pairs of known digits."""

SEEDS = (0, 1, 2)
CHOICE_SEED = 100
TEST_PAIRS = 4000
EPISODES = 600
FIGURES = ("validation_auc", "auc", "accuracy", "threshold", "one_shot", "ways", "parameters", "seconds")

Score = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""From the left and the right images of pairs, one number a pair: the higher, the more alike."""


def encoder() -> keras.Sequential:
    """The layers that every network here begins with: maps of 7 by 7 by 32."""
    return keras.Sequential(
        [
            keras.Input(IMAGE_SHAPE),
            layers.Conv2D(16, 3, strides=2, padding="same", activation="relu"),
            layers.Conv2D(32, 3, strides=2, padding="same", activation="relu"),
        ],
        name="encoder",
    )


def _inputs() -> list[Any]:
    return [keras.Input(IMAGE_SHAPE, name=name) for name in ("left", "right")]


def article_form() -> keras.Model:
    """The article's model: maps compared position by position, and two sigmoids, ``(different, same)``."""
    left, right = _inputs()
    encode = encoder()
    x = ops.absolute(encode(left) - encode(right))
    for units, rate in ((32, 0.4), (64, 0.4), (128, 0.3)):
        x = layers.Dense(units)(x)
        x = layers.BatchNormalization()(x)
        x = layers.Dropout(rate)(x)
        x = layers.Activation("relu")(x)
    x = layers.Dense(128, activation="relu")(x)
    return keras.Model([left, right], layers.Dense(2, activation="sigmoid")(layers.Flatten()(x)))


def rebuilt() -> keras.Model:
    """The chapter's repair: vectors compared, and one sigmoid whose weights start below 0."""
    left, right = _inputs()
    encode = encoder()
    pool = layers.GlobalAveragePooling2D()
    gap = ops.absolute(pool(encode(left)) - pool(encode(right)))
    below = keras.initializers.Constant(-8 / gap.shape[-1])
    same = layers.Dense(1, activation="sigmoid", kernel_initializer=below, bias_initializer="ones")
    return keras.Model([left, right], same(gap))


def by_distance() -> keras.Model:
    """The chapter's network: the Euclidean distance of two vectors."""
    left, right = _inputs()
    maps, vector = encoder(), layers.Dense(32)
    encode = keras.Sequential([maps, layers.Flatten(), vector])
    squares = ops.sum(ops.square(encode(left) - encode(right)), axis=1, keepdims=True)
    return keras.Model([left, right], ops.sqrt(ops.maximum(squares, 1e-7)))


def contrastive(same, distance):
    """Pull the same together, push others apart up to a margin of 1."""
    apart = ops.maximum(1.0 - distance, 0.0)
    return ops.mean(same * ops.square(distance) + (1.0 - same) * ops.square(apart), axis=-1)


@dataclass(frozen=True)
class Network:
    """A network to train.

    Attributes:
        build: makes it.
        loss: what it is trained with.
        targets: from the answers of shape ``(n, 1)``, what the loss compares with.
        score: from its output of shape ``(n, k)``, one number a pair: the higher, the more alike.
    """

    build: Callable[[], keras.Model]
    loss: Any
    targets: Callable[[np.ndarray], np.ndarray]
    score: Callable[[np.ndarray], np.ndarray]


def _as_they_are(answers: np.ndarray) -> np.ndarray:
    return answers


def _different_and_same(answers: np.ndarray) -> np.ndarray:
    return np.concatenate([1 - answers, answers], axis=1)


def _last(outputs: np.ndarray) -> np.ndarray:
    return outputs[:, -1]


def _minus_first(outputs: np.ndarray) -> np.ndarray:
    return -outputs[:, 0]


NETWORKS = {
    "article's form": Network(article_form, "binary_crossentropy", _different_and_same, _last),
    "rebuilt": Network(rebuilt, "binary_crossentropy", _as_they_are, _last),
    "contrastive": Network(by_distance, contrastive, _as_they_are, _minus_first),
}
WAYS = (*NETWORKS, "untrained encoder", "raw pixels")
TASKS = ("known digits", "unseen digits")


@dataclass(frozen=True)
class Part:
    """Images with their digits."""

    images: np.ndarray
    digits: np.ndarray

    def only(self, chosen: np.ndarray) -> Part:
        """Those that show one of these digits."""
        rows = np.isin(self.digits, chosen)
        return Part(self.images[rows], self.digits[rows])

    def draw(self, count: int, seed: int) -> pairs.Pairs:
        """Pairs of the numbers of the images, which take a thousandth of the memory that the images take."""
        return pairs.draw(np.arange(len(self.digits)), self.digits, "same", count, seed)


@dataclass(frozen=True)
class Split:
    """Training, validation and test images of one task and seed."""

    train: Part
    validation: Part
    test: Part


def split(task: str, seed: int, train: Part, test: Part) -> Split:
    """Divide the images before they are paired: a sixth of the training images is for validation.

    For ``"unseen digits"``, three digits are set aside by the seed: the test shows only these, training and validation
    only the seven others.
    """
    order = np.random.default_rng([seed, 0]).permutation(len(train.digits))
    held_back = len(order) // 6
    validation, known = (Part(train.images[rows], train.digits[rows]) for rows in np.split(order, [held_back]))
    if task == "known digits":
        return Split(known, validation, test)
    mixed = np.random.default_rng(100 + seed).permutation(10)
    return Split(known.only(mixed[3:]), validation.only(mixed[3:]), test.only(mixed[:3]))


def reproduce(
    output: Path,
    work: Path,
    steps: int = STEPS,
    seeds: Iterable[int] = SEEDS,
    data: Callable[[], Any] = mnist.load_data,
    report: Callable[[str, int, int], None] = lambda run, step, steps: None,
) -> dict[str, Any]:
    """Train and judge every network on both tasks from each seed, and write the figures to ``output``.

    Each finished run is kept in ``work`` at once. Interrupted, the experiment goes on with the first run that isn't
    there, and ends with the figures that an uninterrupted one has.

    Args:
        output: the JSON file to write, in one step at the end.
        work: a folder for the finished runs.
        steps: batches of 64 pairs that every network is trained on.
        seeds: a seed sets the validation images, the digits that are set aside, the pairs, the first weights, and the
            questions of the test.
        data: returns ``(x_train, y_train), (x_test, y_test)`` as :func:`functional_course.data.mnist.load_data` does.
        report: called as ``report(run, step, steps)`` while a network trains.

    Returns:
        What was written: settings, chosen rates, versions, device, date, and for each run the AUC, the share of right
        answers at the threshold that is best on validation pairs, the one-shot accuracy, and its seconds.

    Raises:
        FileNotFoundError: there is no MNIST to be had.
        ValueError: ``work`` holds another experiment or a damaged file.
    """
    (x_train, y_train), (x_test, y_test) = data()
    train = Part(x_train[..., np.newaxis], y_train.astype("int64"))
    test = Part(x_test[..., np.newaxis], y_test.astype("int64"))
    seeds = tuple(seeds)
    settings = {"steps": steps, "batch_size": BATCH_SIZE, "optimizer": "Adam"}
    made_with = {"versions": versions(), "device": device()}
    kept = Kept(work, {"data": digest(x_train, y_train, x_test, y_test), **settings, **made_with}, FIGURES)

    def figures(task: str, way: str, seed: int, rate: float | None, divided: Split) -> dict[str, Any]:
        name = f"{task}, {way}, seed {seed}" + (f", rate {rate:g}" if rate else "")
        told = partial(_told, report, name, steps)
        told(0)
        return kept.run(name, partial(_run, way, divided, seed, rate, steps, told))

    chosen: dict[str, dict[str, Any]] = {}
    divided = split(TASKS[0], CHOICE_SEED, train, test)
    for way in NETWORKS:
        areas = {rate: figures(TASKS[0], way, CHOICE_SEED, rate, divided)["validation_auc"] for rate in RATES}
        best = max(areas, key=lambda rate: areas[rate])
        chosen[way] = {"rate": best, "validation_auc": {f"{rate:g}": area for rate, area in areas.items()}}
    runs = []
    for task in TASKS:
        for seed in seeds:
            divided = split(task, seed, train, test)
            for way in WAYS:
                rate = chosen[way]["rate"] if way in NETWORKS else None
                runs.append({"task": task, "way": way, "seed": seed, **figures(task, way, seed, rate, divided)})
    results = {
        "experiment": "similarity",
        "date": kept.date,
        "seeds": list(seeds),
        **settings,
        "rates": list(RATES),
        "choice_seed": CHOICE_SEED,
        "chosen": chosen,
        "train_images": len(x_train),
        "test_images": len(x_test),
        "test_pairs": TEST_PAIRS,
        "episodes": EPISODES,
        "seconds": round(sum(run["seconds"] for run in runs), 1),
        **made_with,
        "runs": runs,
    }
    write_whole(output, json.dumps(results, indent=1) + "\n")
    return results


def _told(report: Callable[[str, int, int], None], name: str, steps: int, step: int) -> None:
    report(name, step, steps)


def _run(
    way: str, divided: Split, seed: int, rate: float | None, steps: int, told: Callable[[int], None]
) -> dict[str, Any]:
    began = time.monotonic()
    parameters = 0
    if way == "raw pixels":
        score: Score = _pixel_score
    else:
        network = NETWORKS["contrastive" if way == "untrained encoder" else way]
        keras.utils.set_random_seed(seed)
        model = network.build()
        parameters = model.count_params()
        if rate is not None:
            model.compile(keras.optimizers.Adam(rate), loss=network.loss)
            _train(model, network, divided.train, seed, steps, told)
        score = _score_of(model, network)
    return {**judge(score, divided, seed), "parameters": parameters, "seconds": round(time.monotonic() - began, 2)}


def _train(model: keras.Model, network: Network, train: Part, seed: int, steps: int, told: Callable[[int], None]):
    drawn = train.draw(steps * BATCH_SIZE, seed)
    targets = network.targets(drawn.answers[:, np.newaxis])
    for step in range(steps):
        rows = slice(step * BATCH_SIZE, (step + 1) * BATCH_SIZE)
        both = [_scaled(train.images[which[rows]]) for which in (drawn.left, drawn.right)]
        model.train_on_batch(both, targets[rows])
        told(step + 1)


def judge(score: Score, divided: Split, seed: int) -> dict[str, float]:
    """The chapter's measures of a score.

    Args:
        score: the higher, the more alike.
        divided: validation images, for the threshold, and test images.
        seed: which pairs, and which questions of one-shot classification, each with one example of every test digit.
    """
    (answers, on_validation), (truth, on_test) = (
        (drawn.answers, score(part.images[drawn.left], part.images[drawn.right]))
        for part, drawn in ((part, part.draw(TEST_PAIRS, seed)) for part in (divided.validation, divided.test))
    )
    false, true, thresholds = roc_curve(answers, on_validation)
    threshold = float(thresholds[np.argmax(true - false)])
    asked = pairs.one_shot(np.arange(len(divided.test.digits)), divided.test.digits, EPISODES, seed)
    ways = asked.examples.shape[1]
    images = divided.test.images
    alike = score(images[asked.examples.ravel()], images[np.repeat(asked.queries, ways)]).reshape(-1, ways)
    return {
        "validation_auc": float(roc_auc_score(answers, on_validation)),
        "auc": float(roc_auc_score(truth, on_test)),
        "accuracy": float(((on_test >= threshold) == (truth == 1)).mean()),
        "threshold": threshold,
        "one_shot": float((alike.argmax(axis=1) == asked.answers).mean()),
        "ways": ways,
    }


def _scaled(images: np.ndarray) -> np.ndarray:
    return images.astype("float32") / 255


def _pixel_score(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    gaps = (_scaled(left) - _scaled(right)).reshape(len(left), -1)
    return -np.linalg.norm(gaps, axis=1)


def _score_of(model: keras.Model, network: Network) -> Score:
    def score(left: np.ndarray, right: np.ndarray) -> np.ndarray:
        return network.score(model.predict([_scaled(left), _scaled(right)], batch_size=500, verbose=0))

    return score
