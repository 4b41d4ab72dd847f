"""Training from several seeds gives what building anew for each seed gives."""

from __future__ import annotations

from functional_course.seeds import Restarted, fit_in_order, in_new_orders, trained

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
    """The weights of a new model after three epochs, one ``fit`` each, of whole batches."""
    keras.utils.set_random_seed(seed)
    model = build()
    for order in in_new_orders(len(Y), 3, seed).reshape(3, len(Y)):
        model.fit(X[order], Y[order], batch_size=8, shuffle=False, verbose=0)
    return model.get_weights()


def test_each_seed_gives_what_a_new_model_gives_epoch_by_epoch():
    runs = [model.get_weights() for model in trained(build, X, Y, seeds=(3, 4), epochs=3, batch_size=8)]
    for seed, weights in zip((3, 4), runs, strict=True):
        assert all(np.allclose(a, b, atol=1e-6) for a, b in zip(weights, anew(seed), strict=True))
    assert not np.allclose(runs[0][0], runs[1][0], atol=1e-3)


def test_each_example_comes_once_an_epoch_in_an_order_of_its_own():
    orders = in_new_orders(20, 3, seed=5).reshape(3, 20)
    assert all(sorted(order) == list(range(20)) for order in orders.tolist())
    assert len({tuple(order) for order in orders.tolist()}) == 3
    assert not np.array_equal(orders.ravel(), in_new_orders(20, 3, seed=6))


def test_the_inputs_may_be_named():
    def named() -> keras.Model:
        inputs = {name: keras.Input((1,), name=name) for name in ("a", "b")}
        model = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.Subtract()([inputs["a"], inputs["b"]])))
        model.compile("adam", "mse")
        return model

    runs = trained(named, {"a": X[:, :1], "b": X[:, 1:]}, Y, epochs=1, batch_size=8)
    assert len({float(model.get_weights()[0].item()) for model in runs}) == 5


def test_a_model_without_compile_is_refused():
    with pytest.raises(ValueError, match="without compile"):
        next(
            trained(
                lambda: keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)], name="bare"),
                X,
                Y,
                epochs=1,
                batch_size=8,
            )
        )


def plain() -> keras.Model:
    x = keras.Input((2,))
    model = keras.Model(x, keras.layers.Dense(1)(keras.layers.Dense(8, activation="relu")(x)))
    model.compile("adam", "mse", steps_per_execution=4)
    return model


def by_hand(x: np.ndarray, y: np.ndarray, seed: int, steps: int) -> list[np.ndarray]:
    keras.utils.set_random_seed(seed)
    model, rng = plain(), np.random.default_rng(seed)
    order = np.concatenate([rng.permutation(len(y)) for _ in range(steps * 8 // len(y) + 1)])[: steps * 8]
    for step in range(steps):
        chosen = order[8 * step : 8 * step + 8]
        model.train_on_batch(x[chosen], y[chosen])
    return model.get_weights()


@pytest.mark.parametrize("kept", [(), (3,), (4, 3)])
def test_each_start_gives_what_a_new_model_gives_whatever_ran_before(kept):
    network = Restarted(plain, kept)
    for seed, count, steps in ((3, 32, 12), (4, 20, 6), (3, 32, 12)):
        weights = network.train(X[:count], Y[:count], seed, steps=steps, batch_size=8).get_weights()
        expected = by_hand(X[:count], Y[:count], seed, steps)
        assert all(np.allclose(a, b, atol=1e-5) for a, b in zip(weights, expected, strict=True))
    assert network.train(X, Y, 3, steps=12, batch_size=8) is network.model


def test_a_start_alone_trains_nothing():
    network = Restarted(plain)
    network.train(X, Y, 0, steps=4, batch_size=8)
    started = [weights.copy() for weights in network.start(5).get_weights()]
    keras.utils.set_random_seed(5)
    assert all(np.array_equal(a, b) for a, b in zip(started, plain().get_weights(), strict=True))


def test_a_kept_start_leaves_the_random_seed_alone_and_builds_nothing():
    built = []
    network = Restarted(lambda: built.append(1) or plain(), [5])
    begun = len(built)
    keras.utils.set_random_seed(9)
    expected = np.random.random()
    keras.utils.set_random_seed(9)
    network.start(5)
    assert np.random.random() == expected
    assert len(built) == begun
    network.start(6)
    assert len(built) == begun + 1


def test_several_inputs_are_ordered_together():
    def build() -> keras.Model:
        a, b = keras.Input((2,)), keras.Input((2,))
        model = keras.Model([a, b], keras.layers.Dense(1)(keras.layers.Subtract()([a, b])))
        model.compile(keras.optimizers.Adam(0.05), "mse")
        return model

    rng = np.random.default_rng(0)
    a, b = rng.random((2, 64, 2))
    model = Restarted(build).train([a, b], (a - b).sum(axis=1, keepdims=True), 0, steps=120)
    assert model.evaluate([a, b], (a - b).sum(axis=1, keepdims=True), verbose=0) < 1e-3


def test_what_cannot_be_restarted_is_refused():
    with pytest.raises(ValueError, match="without compile"):
        Restarted(lambda: keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)], name="bare"))
    with pytest.raises(ValueError, match="no examples"):
        Restarted(plain).train(X[:0], Y[:0], 0, steps=4)


@pytest.mark.parametrize("as_", [list, lambda both: dict(zip("ab", both, strict=True))], ids=["list", "dict"])
def test_two_targets_are_as_many_examples_as_one(as_):
    def two_outputs() -> keras.Model:
        x = keras.Input((2,))
        outputs = {name: keras.layers.Dense(1, name=name)(x) for name in "ab"}
        model = keras.Model(x, outputs if as_ is not list else list(outputs.values()))
        model.compile("sgd", ["mse", "mse"] if as_ is list else {"a": "mse", "b": "mse"})
        return model

    network = Restarted(two_outputs)
    network.train(X, as_([Y, -Y]), 0, steps=12, batch_size=8)
    left, right = (weights for weights in network.model.get_weights() if weights.ndim == 2)
    keras.utils.set_random_seed(0)
    fresh = two_outputs()
    for order in in_new_orders(len(Y), 3, 0).reshape(3, len(Y)):
        fresh.fit(X[order], as_([Y[order], -Y[order]]), batch_size=8, shuffle=False, verbose=0)
    asked = [weights for weights in fresh.get_weights() if weights.ndim == 2]
    assert np.allclose(left, asked[0], atol=1e-6) and np.allclose(right, asked[1], atol=1e-6)


def test_inputs_and_targets_of_different_length_are_refused():
    with pytest.raises(ValueError, match="32, 31 rows"):
        Restarted(build).train(X, Y[:-1], 0, steps=1)
    with pytest.raises(ValueError, match="32, 32, 30 rows"):
        next(trained(build, X, [Y, Y[:30]], epochs=1, batch_size=8))


def test_other_backends_than_tensorflow_are_trained_without_it(monkeypatch: pytest.MonkeyPatch):
    order = in_new_orders(len(Y), 3, seed=3)
    weights = []
    for name in ("tensorflow", "another"):
        keras.utils.set_random_seed(3)
        model = build()
        with monkeypatch.context() as patched:
            patched.setattr(keras.backend, "backend", lambda name=name: name)
            fit, given = model.fit, []
            patched.setattr(
                model, "fit", lambda *args, fit=fit, given=given, **kw: (given.extend(args), fit(*args, **kw))
            )
            fit_in_order(model, X, Y, order, batch_size=8)
        assert all(isinstance(each, np.ndarray) for each in given) == (name == "another")
        weights.append(model.get_weights())
    assert all(np.allclose(a, b, atol=1e-6) for a, b in zip(*weights, strict=True))
