"""How the small backbone was pretrained: to read off a drawn portrait how its scene was set.

The targets are the traits in :data:`functional_course.data.portraits.SCENE`: pose, light, background, clothes,
expression, skin, hair. They are drawn independently of age and label. Ages, labels and their cues are never shown, and
the portraits are none of those that the chapters train or test on, whatever their seed.
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
from functional_course.reproduce.mnist import device, versions
from functional_course.writing import write_whole

import keras
import numpy as np
from keras import layers

BATCH_SIZE = 64
LEARNING_RATE = 2e-3
HELD_OUT = 1000
# Traits that are names, with the number of their values; all others are amounts.
KINDS = {"background": 5, "hair_colour": 5, "iris": 3}


def pretrain(
    folder: Path | None = None,
    seed: int = 0,
    count: int = 12_000,
    epochs: int = 12,
    report: Callable[[int, int, int], None] = lambda epoch, batch, batches: None,
) -> dict[str, Any]:
    """Train the small backbone anew and write its weights and the record of them.

    Args:
        folder: where ``small.weights.h5`` and ``small.json`` go; into the package if not given.
        seed: of the portraits, of the first weights and of the order of the images.
        count: how many portraits to train on.
        epochs: how often each is seen.
        report: called as ``report(epoch, batch, batches)``.

    Returns:
        The record, as written.
    """
    folder = Path(folder or small.WEIGHTS.parent)
    began = time.monotonic()
    data_seed = (seed, portraits.PRETRAINING)
    faces = portraits.draw(count + HELD_OUT, small.IMAGE_SHAPE[0], data_seed)
    columns, y = scene_targets(faces.cues)
    x = small.preprocess_input(faces.images)

    keras.utils.set_random_seed(seed)
    backbone = small.build(weights=None)
    maps = layers.Flatten()(backbone.output)
    model = keras.Model(backbone.input, layers.Dense(len(columns))(layers.Dropout(0.1)(maps)))
    steps = epochs * -(-count // BATCH_SIZE)
    model.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps)), loss="mse")
    model.fit(x[:count], y[:count], batch_size=BATCH_SIZE, epochs=epochs, verbose=0, callbacks=[_Report(report)])
    explained = 1 - ((model.predict(x[count:], verbose=0) - y[count:]) ** 2).mean(0) / y[count:].var(0)

    folder.mkdir(parents=True, exist_ok=True)
    part = folder / ".part.weights.h5"
    backbone.save_weights(part)
    weights = folder / small.WEIGHTS.name
    record = {
        "file": weights.name,
        "sha256": sha256(part),
        "bytes": part.stat().st_size,
        "parameters": backbone.count_params(),
        "command": f"course pretrain --seed {seed} --portraits {count} --epochs {epochs}",
        "task": "read off a drawn portrait how its scene was set",
        "targets": list(portraits.SCENE),
        "never_shown": ["age", "label", *sorted({*portraits.AGE_CUES, *portraits.LABEL_CUES})],
        "data": {
            "generator": "functional_course.data.portraits.draw",
            "seed": list(data_seed),
            "portraits": count,
            "held_out": HELD_OUT,
            "size": small.IMAGE_SHAPE[0],
        },
        "seed": seed,
        "epochs": epochs,
        "batch_size": BATCH_SIZE,
        "optimizer": f"Adam, {LEARNING_RATE} falling to 0 along a cosine",
        "loss": "mean squared error of the standardised targets",
        "explained_variance": {name: round(float(value), 3) for name, value in zip(columns, explained, strict=True)},
        "seconds": round(time.monotonic() - began),
        "date": datetime.date.today().isoformat(),
        "versions": versions(),
        "device": device(),
    }
    os.replace(part, weights)
    write_whole(folder / small.RECORD.name, json.dumps(record, indent=1) + "\n")
    return record


def scene_targets(cues) -> tuple[list[str], np.ndarray]:
    """The scene's traits as columns of mean 0 and spread 1; a trait that names a kind has a column a kind.

    Returns:
        The columns' names, and float32 of shape ``(n, columns)``.
    """
    columns = {}
    for name in portraits.SCENE:
        if name in KINDS:
            columns |= {f"{name} {kind}": cues[name] == kind for kind in range(KINDS[name])}
        else:
            columns[name] = cues[name]
    table = np.stack(list(columns.values()), axis=1).astype("float32")
    return list(columns), (table - table.mean(0)) / table.std(0)


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
