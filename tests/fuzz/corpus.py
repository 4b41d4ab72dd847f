"""Real messages, recorded from what a learner's side packs: the seeds that are mutated."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from functional_course.boundary.known import Known
from functional_course.boundary.packing import Packer
from functional_course.boundary.recording import Recording
from functional_course.boundary.specs import Spec

import keras
import numpy as np
from keras import layers


@dataclass(frozen=True)
class Message:
    """What :meth:`Packer.message` made, and the bytes that go along."""

    name: str
    body: dict[str, Any]
    arrays: tuple[bytes, ...]


class Scaled(layers.Layer):
    """A layer as learners write them."""

    def build(self, input_shape: Any) -> None:
        self.factor = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="factor")
        self.inner = layers.Dense(2)
        self.inner.build(input_shape)

    def call(self, inputs: Any) -> Any:
        return self.inner(inputs * self.factor)


def _values() -> dict[str, Any]:
    row = keras.Input((4,), name="row")
    hidden = layers.Dense(3, activation="relu", kernel_regularizer=keras.regularizers.L2(0.01))(row)
    functional = keras.Model(row, layers.Dropout(0.1, seed=1)(layers.BatchNormalization()(hidden)), name="functional")
    shared = layers.Dense(2)
    left, right = keras.Input((3,)), keras.Input((3,))
    pair = keras.Model([left, right], keras.ops.abs(shared(left) - shared(right)))
    sequential = keras.Sequential([keras.Input((4,)), layers.Dense(2), layers.ReLU()])
    compiled = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
    compiled.compile(keras.optimizers.Adam(0.1), loss="mse", metrics=["mae"])
    steps = keras.Input((5, 2))
    wrapped = keras.Model(steps, layers.TimeDistributed(layers.Dense(2))(steps))
    bidirectional = keras.Model(steps, layers.Bidirectional(layers.GRU(2))(steps))
    written = keras.Model(row, Scaled()(row))
    return {
        "functional": functional,
        "pair": pair,
        "sequential": sequential,
        "compiled": compiled,
        "wrapped": wrapped,
        "bidirectional": bidirectional,
        "written": written,
        "nested": keras.Model(row, sequential(row)),
        "lambda": keras.Model(row, layers.Lambda(lambda x: x)(row)),
        "functions": [lambda x: x, Scaled, keras.activations.relu],
        "plain": [1, 2.5, "text", None, (True, {"a": [1]}), b"x", 1j, slice(1, 2), range(3), 1 << 70],
        "arrays": [np.arange(6.0).reshape(2, 3), np.float32(2), np.array(["a"]), keras.ops.ones((2,))],
        "objects": [keras.losses.MeanSquaredError(), keras.optimizers.SGD(0.1), keras.metrics.AUC()],
        "symbols": [row, hidden],
    }


def recorded() -> list[Message]:
    """One message of each kind."""
    found = []
    for name, value in _values().items():
        found.append(_packed(name, value))
    layer = Scaled()
    layer.build((None, 3))
    recording = Recording(layer.call, layer, (Spec((None, 3), "float32"),), {}, [])
    found.append(_packed("recording", recording.value, recording.names))
    found.append(_packed("spec", [{"shape": [None, 3], "dtype": "float32", "is": "spec"}]))
    return found


def _packed(name: str, value: Any, names: dict[int, int] | None = None) -> Message:
    packer = Packer(Known("L"), names)
    body = json.loads(json.dumps(packer.message(value).to_json()))
    return Message(name, body, tuple(packer.encoder.arrays))
