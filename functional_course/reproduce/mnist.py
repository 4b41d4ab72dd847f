"""The MNIST experiment of chapter 1: one network written twice, and once with today's ``Adadelta()``.

Source: M. Millar, *Keras Functional API*, Unifa developers' blog, which takes the network from the Keras
example ``mnist_cnn.py``: batch size 128, 12 epochs, accuracy measured on the 10,000 test images.
"""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from functional_course.data import mnist
from functional_course.reproduce.kept import digest
from functional_course.reproduce.made_on import device, versions
from functional_course.writing import write_whole

import keras
import numpy as np
from keras import layers

BATCH_SIZE = 128
IMAGE_SHAPE = (28, 28, 1)
CLASSES = 10


def sequential_cnn() -> keras.Model:
    """The article's network as a stack: images ``(28, 28, 1)`` in, 10 probabilities out."""
    return keras.Sequential(
        [
            keras.Input(IMAGE_SHAPE),
            layers.Conv2D(32, 3, activation="relu"),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Dropout(0.25),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(CLASSES, activation="softmax"),
        ]
    )


def functional_cnn() -> keras.Model:
    """The same network as a graph."""
    images = keras.Input(IMAGE_SHAPE)
    x = layers.Conv2D(32, 3, activation="relu")(images)
    x = layers.Conv2D(64, 3, activation="relu")(x)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Dropout(0.25)(x)
    x = layers.Flatten()(x)
    x = layers.Dense(128, activation="relu")(x)
    x = layers.Dropout(0.5)(x)
    return keras.Model(images, layers.Dense(CLASSES, activation="softmax")(x))


@dataclass(frozen=True)
class TrainingRun:
    """One training run: which model, with which optimizer settings, from which seed."""

    name: str
    title: str
    build: Callable[[], keras.Model]
    adadelta: dict[str, float]
    seed: int = 0


RUNS = (
    TrainingRun("sequential", "Sequential, Adadelta(1.0)", sequential_cnn, {"learning_rate": 1.0}),
    TrainingRun("functional", "Functional, Adadelta(1.0)", functional_cnn, {"learning_rate": 1.0}),
    TrainingRun("as_published", "Functional, Adadelta() of today", functional_cnn, {}),
)


def reproduce(
    output: Path,
    work: Path,
    epochs: int = 12,
    runs: tuple[TrainingRun, ...] = RUNS,
    data: Callable[[], Any] = mnist.load_data,
    report: Callable[[str, int, int, int], None] = lambda title, epoch, batch, batches: None,
) -> dict[str, Any]:
    """Train every run for ``epochs`` epochs and write the figures to ``output``.

    After each epoch the model and its history are kept in ``work``. Interrupted, the experiment goes on
    from the last whole epoch and ends with the figures that an uninterrupted one has. Finished, it is not run again.

    Args:
        output: the JSON file to write, in one step at the end.
        work: a folder for checkpoints; one sub-folder a run.
        epochs: number of passes over the training images.
        runs: what to train.
        data: returns ``(x_train, y_train), (x_test, y_test)`` as :func:`functional_course.data.mnist.load_data` does.
        report: called as ``report(title, epoch, batch, batches)`` while a run trains.

    Returns:
        What was written: versions, device, the date of the last epoch, and for each run its settings and its figures
        by epoch.

    Raises:
        FileNotFoundError: there is no MNIST to be had.
        ValueError: ``work`` holds another experiment: other epochs, data, settings, versions, or another device.
    """
    (x_train, y_train), (x_test, y_test) = data()
    made_with = {"versions": versions(), "device": device()}
    about = {"epochs": epochs, "data": digest(x_train, y_train, x_test, y_test), **made_with}
    for run in runs:
        _see_that_it_is_the_same(work / run.name, _about(run, about), work)
    train = _scaled(x_train), y_train.astype("int64")
    test = _scaled(x_test), y_test.astype("int64")
    trained = [_train(run, train, test, _about(run, about), work / run.name, report) for run in runs]
    results = {
        "experiment": "mnist",
        "date": max(_kept(work / run.name)["date"] for run in runs),
        "epochs": epochs,
        "batch_size": BATCH_SIZE,
        "train_images": len(x_train),
        "test_images": len(x_test),
        **made_with,
        "runs": trained,
    }
    _write_json(output, results)
    return results


@dataclass
class _Epoch:
    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float


def _about(run: TrainingRun, about: dict[str, Any]) -> dict[str, Any]:
    """What a run's figures depend on."""
    return {**about, "batch_size": BATCH_SIZE, "seed": run.seed, "adadelta": run.adadelta}


def _see_that_it_is_the_same(folder: Path, about: dict[str, Any], work: Path) -> None:
    kept = _kept(folder)
    told = kept.get("about", {})
    other = [name for name in about if told.get(name) != about[name]]
    if kept and other:
        raise ValueError(
            f"{folder} holds epochs of another experiment: it differs in {', '.join(other).replace('_', ' ')}. "
            f"Remove {work} to start anew."
        )


def _train(run: TrainingRun, train, test, about: dict[str, Any], folder: Path, report) -> dict[str, Any]:
    folder.mkdir(parents=True, exist_ok=True)
    history, dropout = _finished_epochs(folder)
    keras.utils.set_random_seed(run.seed)
    if history:
        model = keras.models.load_model(_checkpoint(folder, len(history)))
        for seed, state in zip(_dropout_seeds(model), dropout, strict=True):
            seed.assign(state)
    else:
        model = run.build()
        model.compile(
            optimizer=keras.optimizers.Adadelta(**run.adadelta),
            loss="sparse_categorical_crossentropy",
            metrics=["accuracy"],
        )
    x, y = train
    for epoch in range(len(history), about["epochs"]):
        order = np.random.default_rng((run.seed, epoch)).permutation(len(x))
        fitted = model.fit(
            x[order],
            y[order],
            batch_size=BATCH_SIZE,
            shuffle=False,
            validation_data=test,
            verbose=0,
            callbacks=[_Report(report, run.title, epoch)],
        ).history
        history.append(_Epoch(**{name: values[-1] for name, values in fitted.items()}))
        _keep(model, history, about, folder)
    # `load_model` rebuilds the optimizer from its stored settings, so this is true after a resume as well.
    rate = round(float(model.optimizer.learning_rate), 6)
    return {
        "name": run.name,
        "title": run.title,
        "seed": run.seed,
        "parameters": model.count_params(),
        "optimizer": "Adadelta",
        "learning_rate": rate,
        "history": [asdict(epoch) for epoch in history],
    }


def _scaled(images: np.ndarray) -> np.ndarray:
    return images[..., np.newaxis].astype("float32") / 255


def _checkpoint(folder: Path, epoch: int) -> Path:
    return folder / f"epoch_{epoch:02d}.keras"


def _dropout_seeds(model: keras.Model) -> list[keras.Variable]:
    """The states of the random generators behind dropout, which a saved model does not hold."""
    return [layer.seed_generator.state for layer in model.layers if isinstance(layer, layers.Dropout)]


def _finished_epochs(folder: Path) -> tuple[list[_Epoch], list[list[int]]]:
    kept = _kept(folder)
    return [_Epoch(**epoch) for epoch in kept.get("epochs", [])], kept.get("dropout", [])


def _kept(folder: Path) -> dict[str, Any]:
    path = folder / "history.json"
    return json.loads(path.read_text()) if path.exists() else {}


def _keep(model: keras.Model, history: list[_Epoch], about: dict[str, Any], folder: Path) -> None:
    """Keep the model, then the history that names it, then drop the model before: never a history without a model."""
    done = len(history)
    part = folder / "part.keras"
    model.save(part)
    os.replace(part, _checkpoint(folder, done))
    dropout = [[int(word) for word in np.asarray(state)] for state in _dropout_seeds(model)]
    kept = {"epochs": [asdict(epoch) for epoch in history], "dropout": dropout}
    _write_json(folder / "history.json", {**kept, "date": datetime.date.today().isoformat(), "about": about})
    _checkpoint(folder, done - 1).unlink(missing_ok=True)


class _Report(keras.callbacks.Callback):
    def __init__(self, report: Callable[[str, int, int, int], None], title: str, epoch: int) -> None:
        super().__init__()
        self._report, self._title, self._epoch = report, title, epoch

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        self._report(self._title, self._epoch, batch + 1, self.params["steps"])


def _write_json(path: Path, content: Any) -> None:
    write_whole(path, json.dumps(content, indent=1) + "\n")
