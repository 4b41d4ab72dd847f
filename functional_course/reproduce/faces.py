"""The model of chapter 5 at full scale: a frozen backbone, one trunk and two heads, on a folder of faces.

The faces are yours: their names follow UTKFace's convention, as :mod:`functional_course.data.utkface` reads them. The
backbone is VGG16 with its ImageNet weights, or the small one of the course, which needs no download.

Source: R. Kulkarni, *Exploring the Power of Functional APIs using Transfer Learning*, for the backbone, the image size
of 200 and the two answers. Pooling, trunk and scale of the age are chapter 5's.
"""

from __future__ import annotations

import datetime
import json
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from functional_course.backbones import small, vgg16
from functional_course.data import utkface
from functional_course.reproduce.mnist import device, versions
from functional_course.seeds import SEEDS, trained
from functional_course.writing import write_whole

import keras
import numpy as np
from keras import layers

BACKBONES = {"vgg16": vgg16, "small": small}
BATCH_SIZE = 64


def heads(features: int) -> keras.Model:
    """One trunk and two heads on a vector of features: ``age``, standardised, and ``label``, a probability."""
    vector = keras.Input((features,), name="features")
    trunk = layers.Dropout(0.3)(layers.Dense(64, activation="relu", name="trunk")(vector))
    outputs = {}
    for name, activation in (("age", None), ("label", "sigmoid")):
        x = layers.Dense(32, activation="relu", name=f"{name}_hidden")(trunk)
        outputs[name] = layers.Dense(1, activation=activation, name=name)(x)
    return keras.Model(vector, outputs)


def reproduce(
    folder: str | os.PathLike[str],
    output: Path,
    backbone: str = "vgg16",
    size: int = 200,
    train: int = 5000,
    test: int = 1000,
    epochs: int = 12,
    seeds: Iterable[int] = SEEDS,
    report: Callable[[str], None] = lambda step: None,
) -> dict[str, Any]:
    """Compute the features of a folder of faces once, train the heads from each seed, and write the figures.

    Args:
        folder: faces with names as in UTKFace.
        output: the JSON file to write, in one step at the end.
        backbone: ``"vgg16"`` or ``"small"``.
        size: height and width to which the faces are scaled.
        train: how many faces to train on.
        test: how many to test on.
        epochs: passes over the training features.
        seeds: one training run each. The faces are the same for all.
        report: called with what is being done.

    Returns:
        What was written: settings, baselines, and for each seed the error in years and the share of labels right.

    Raises:
        FileNotFoundError: no such folder, no face in it, or no weights to be had; the message says what to put where.
        ValueError: another backbone, or fewer faces than asked for.
    """
    if backbone not in BACKBONES:
        raise ValueError(f"The backbone is {' or '.join(BACKBONES)}, not {backbone!r}.")
    utkface.scan(folder)  # a folder that is not there is found out before any weights are downloaded
    network = BACKBONES[backbone]
    base = network.build(input_shape=(size, size, 3), pooling="avg")
    report("reading")
    known, new = utkface.load_data(folder, train, test, size)
    report("features")
    began = time.monotonic()
    x, x_new = (_features(base, network, faces.images) for faces in (known, new))
    seconds = time.monotonic() - began
    mean, spread = float(known.ages.mean()), float(known.ages.std())
    y = {"age": (known.ages - mean) / spread, "label": known.labels.astype("float32")}

    def compiled() -> keras.Model:
        model = heads(x.shape[1])
        model.compile("adam", loss={"age": "mse", "label": "binary_crossentropy"})
        return model

    runs = []
    seeds = tuple(seeds)
    for seed, model in zip(
        seeds, trained(compiled, x, y, seeds=seeds, epochs=epochs, batch_size=BATCH_SIZE), strict=True
    ):
        report(f"seed {seed}")
        answer = model.predict(x_new, verbose=0)
        years, label = answer["age"][:, 0] * spread + mean, answer["label"][:, 0] > 0.5
        runs.append(
            {
                "seed": seed,
                "years_off": float(np.abs(years - new.ages).mean()),
                "labels_right": float((label == (new.labels == 1)).mean()),
            }
        )
    commoner = int(known.labels.mean() > 0.5)
    results = {
        "experiment": "faces",
        "date": datetime.date.today().isoformat(),
        "backbone": backbone,
        "size": size,
        "train": train,
        "test": test,
        "epochs": epochs,
        "batch_size": BATCH_SIZE,
        "nothing": {
            "years_off": float(np.abs(new.ages - mean).mean()),
            "labels_right": float((new.labels == commoner).mean()),
        },
        "seconds_for_features": round(seconds, 1),
        "versions": versions(),
        "device": device(),
        "runs": runs,
    }
    write_whole(output, json.dumps(results, indent=1) + "\n")
    return results


def _features(base: keras.Model, network: Any, images: np.ndarray, batch: int = 32) -> np.ndarray:
    """One vector an image. Preprocessed batch by batch: as floats, the images take four times their memory."""
    parts = [
        base.predict_on_batch(network.preprocess_input(images[start : start + batch]))
        for start in range(0, len(images), batch)
    ]
    return np.concatenate(parts)
