"""What the page about other backends says that each does, done on every backend that is installed."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

SCRIPT = """\
import functional_course, json, keras
import numpy as np
from keras import layers

rows, nines = np.ones((8, 1)), np.full((8, 1), 9.0)


def late_freeze():
    x, layer = keras.Input((1,)), layers.Dense(1)
    model = keras.Model(x, layers.Dense(1)(layer(x)))
    model.compile(loss="mse")
    model.fit(rows, nines, verbose=0)
    layer.trainable = False
    before = layer.get_weights()[0]
    model.fit(rows, nines, verbose=0)
    return "stays" if np.array_equal(before, layer.get_weights()[0]) else "moves"


def thawed():
    x = keras.Input((4,))
    base = keras.Model(x, layers.Dense(2)(layers.Dense(3)(x)))
    for layer in base.layers:
        layer.trainable = False
    base.trainable = True
    return len(base.trainable_weights)


def activation():
    x, layer = keras.Input((1,)), layers.Dense(1, kernel_initializer="ones")
    model = keras.Model(x, layer(x))
    model.predict(-rows, verbose=0)
    layer.activation = keras.activations.relu
    return "new" if model.predict(-rows, verbose=0).max() == 0 else "old"


def targets_above_one():
    x = keras.Input((1,))
    model = keras.Model(x, layers.Dense(1, activation="sigmoid")(x))
    model.compile(loss="binary_crossentropy")
    model.fit(rows, nines, verbose=0)
    return "trains"


def misspelt():
    price, discount = keras.Input((1,), name="price"), keras.Input((1,), name="discount")
    model = keras.Model({"price": price, "discount": discount}, price - discount)
    given = {"price": rows * 10, "discuont": rows * 3}
    try:
        model(given)
    except ValueError:
        return float(model.predict(given, verbose=0)[0, 0])
    return "called"


def ended(fact):
    try:
        return fact()
    except (RuntimeError, ValueError) as error:
        known = ("optimizer_variables", "all elements of target should be between 0 and 1", "Missing data for input")
        return next((said for said in known if said in str(error)), str(error))


print(json.dumps([ended(fact) for fact in (late_freeze, thawed, activation, targets_above_one, misspelt)]))
"""

EXPECTED = {
    "tensorflow": ["moves", 0, "old", "trains", "Missing data for input"],
    "jax": ["optimizer_variables", 4, "old", "trains", 7.0],
    "torch": ["stays", 4, "new", "all elements of target should be between 0 and 1", "Missing data for input"],
}

SAID = [
    {
        "moves": "the weights go on moving, in silence",
        "optimizer_variables": "`fit` ends with an error about `optimizer_variables`",
        "stays": "the weights stay, as the flag says",
    },
    {0: "nothing is thawed", 4: "all is thawed"},
    {"old": "with the old one", "new": "with the new one"},
    {
        "trains": "trains",
        "all elements of target should be between 0 and 1": (
            "an error; on a GPU one after which the process can't use the GPU any more"
        ),
    },
    {
        "Missing data for input": "a `ValueError` that says what is missing",
        7.0: "a warning and an answer, with the inputs in the order of their keys",
    },
]
"""How the page puts each outcome, fact by fact."""


@pytest.mark.parametrize("backend", EXPECTED)
def test_each_backend_does_what_the_page_says(backend: str, tmp_path: Path):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} isn't installed")
    environment = os.environ | {"KERAS_BACKEND": backend, "CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu"}
    done = subprocess.run([sys.executable, "-c", SCRIPT], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == EXPECTED[backend]


def test_the_page_says_so():
    lines = (ROOT / "book" / "guides" / "backends.md").read_text(encoding="utf-8").splitlines()
    start = lines.index("| what you do | TensorFlow | JAX | PyTorch |")
    rows = [line.strip("| ").split(" | ")[1:] for line in lines[start + 2 : start + 7]]
    outcomes = list(zip(*EXPECTED.values(), strict=True))
    assert rows == [[said[each] for each in row] for said, row in zip(SAID, outcomes, strict=True)]
