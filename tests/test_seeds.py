"""Training from several seeds gives what building anew for each seed gives."""

from __future__ import annotations

from functional_course.seeds import trained

import keras
import numpy as np
import pytest

X = np.linspace(-1, 1, 64, dtype="float32").reshape(32, 2)
Y = (X[:, :1] > 0.1).astype("float32")


def build() -> keras.Model:
    x = keras.Input((2,))
    hidden = keras.layers.Dropout(0.5)(keras.layers.Dense(8, activation="relu")(x))
    model = keras.Model(x, keras.layers.Dense(1)(hidden))
    model.compile("adam", "mse")
    return model


def anew(seed: int) -> list[np.ndarray]:
    keras.utils.set_random_seed(seed)
    model = build()
    model.fit(X, Y, epochs=3, batch_size=8, verbose=0)
    return model.get_weights()


def test_each_seed_gives_what_a_new_model_gives():
    runs = [model.get_weights() for model in trained(build, X, Y, seeds=(3, 4), epochs=3, batch_size=8)]
    for seed, weights in zip((3, 4), runs, strict=True):
        assert all(np.allclose(a, b, atol=1e-6) for a, b in zip(weights, anew(seed), strict=True))
    assert not np.allclose(runs[0][0], runs[1][0], atol=1e-3)


def test_a_model_without_compile_is_refused():
    with pytest.raises(ValueError, match="without compile"):
        next(trained(lambda: keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)], name="bare"), X, Y))
