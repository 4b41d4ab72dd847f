"""How the small backbone was pretrained: to recognise drawn people.

Each of several hundred people is drawn a dozen times, in other poses, other light, with another expression and other
clothes, and the network learns who it is. They come in families that share skin, eyes and hair, so that it has to look
closely. It gets a number for every person and nothing else: no age, no label, no cue. Within a family, though, mostly
the cues of age and label tell people apart, so it is rewarded for seeing them. None of these people is among the
portraits that the chapters train or test on, whatever their seed.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from functional_course.backbones import small
from functional_course.data import portraits
from functional_course.reproduce.made_on import device, versions
from functional_course.writing import write_whole

import keras
import numpy as np
from keras import layers

BATCH_SIZE = 64
LEARNING_RATE = 2e-3
OUTPUT = 0.5
"""The root mean square of the backbone's output, so that a new head starts with small predictions."""

HELD_OUT = 1
"""How many pictures of each person are kept to see whether the person is recognised."""


def pretrain(
    folder: Path | None = None,
    seed: int = 0,
    people: int = 800,
    pictures: int = 15,
    family: int = 8,
    epochs: int = 10,
    report: Callable[[int, int, int], None] = lambda epoch, batch, batches: None,
) -> dict[str, Any]:
    """Train the small backbone anew and write its weights and the record of them.

    Args:
        folder: where ``small.weights.h5`` and ``small.json`` go; into the package if not given.
        seed: of the portraits, of the first weights and of the order of the images.
        people: how many people to recognise.
        pictures: how many pictures of each to train on.
        family: how many people share a nature.
        epochs: how often each is seen.
        report: called as ``report(epoch, batch, batches)``.

    Returns:
        The record, as written.
    """
    folder = Path(folder or small.WEIGHTS.parent)
    began = time.monotonic()
    data_seed = (seed, portraits.PRETRAINING)
    faces, who = portraits.draw_people(people, pictures + HELD_OUT, small.IMAGE_SHAPE[0], data_seed, family)
    x = small.preprocess_input(faces.images)
    known = np.tile(np.arange(pictures + HELD_OUT) < pictures, people)

    keras.utils.set_random_seed(seed)
    backbone = small.build(weights=None)
    vector = layers.Dropout(0.2)(layers.Flatten()(backbone.output))
    model = keras.Model(backbone.input, layers.Dense(people)(vector))
    steps = epochs * -(-people * pictures // BATCH_SIZE)
    model.compile(
        keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps)),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    model.fit(x[known], who[known], batch_size=BATCH_SIZE, epochs=epochs, verbose=0, callbacks=[_Report(report)])
    recognised = (model.predict(x[~known], verbose=0).argmax(axis=1) == who[~known]).mean()

    _scale_output(backbone, x[:: len(x) // 1000 + 1])

    folder.mkdir(parents=True, exist_ok=True)
    part = folder / ".part.weights.h5"
    backbone.save_weights(part)
    weights = folder / small.WEIGHTS.name
    record = {
        "file": weights.name,
        "sha256": sha256(part),
        "bytes": part.stat().st_size,
        "parameters": backbone.count_params(),
        "command": f"course pretrain --people {people} --pictures {pictures} --family {family} --epochs {epochs} "
        f"--seed {seed}",
        "task": "recognise drawn people in portraits that differ in pose, light, background, clothes and expression",
        "never_shown": ["ages", "labels", "cues"],
        "data": {
            "generator": "functional_course.data.portraits.draw_people",
            "seed": list(data_seed),
            "people": people,
            "pictures": pictures,
            "family": family,
            "size": small.IMAGE_SHAPE[0],
        },
        "seed": seed,
        "epochs": epochs,
        "batch_size": BATCH_SIZE,
        "optimizer": f"Adam, {LEARNING_RATE} falling to 0 along a cosine",
        "loss": "sparse categorical crossentropy",
        "output": f"scaled to a root mean square of {OUTPUT}",
        "recognised": round(float(recognised), 3),
        "seconds": round(time.monotonic() - began),
        "date": datetime.date.today().isoformat(),
        "versions": versions(),
        "device": device(),
    }
    os.replace(part, weights)
    write_whole(folder / small.RECORD.name, json.dumps(record, indent=1) + "\n")
    return record


def _scale_output(backbone: keras.Model, images: np.ndarray) -> None:
    """Bring the output to its size by the last BatchNormalization: what follows it, ReLU and pooling, keeps factors."""
    size = np.sqrt(np.mean(np.square(backbone.predict(images, verbose=0))))
    last = [layer for layer in backbone.layers if isinstance(layer, layers.BatchNormalization)][-1]
    for variable in (last.gamma, last.beta):
        variable.assign(variable * (OUTPUT / size))


def sha256(path: Path) -> str:
    """The sha256 of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


class _Report(keras.callbacks.Callback):
    def __init__(self, report: Callable[[int, int, int], None]) -> None:
        super().__init__()
        self._report, self._epoch = report, 0

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        self._report(self._epoch, batch + 1, self.params["steps"])
