"""The checks of similarity on right models, wrong ones, and odd but right ones."""

from __future__ import annotations

from functional_course import checks
from functional_course.checks import CheckFailed
from functional_course.data import digits, pairs

import keras
import numpy as np
import pytest
from keras import layers, ops

NUMBERS = np.random.default_rng(0)
LEFT, RIGHT = (NUMBERS.normal(size=(6, 4)).astype("float32") for _ in range(2))


def tower(name: str | None = None) -> keras.Model:
    return keras.Sequential([keras.Input((4,)), layers.Dense(5, activation="tanh"), layers.Dense(3)], name=name)


def sides() -> tuple[keras.KerasTensor, keras.KerasTensor]:
    return keras.Input((4,), name="left"), keras.Input((4,), name="right")


def distance(one, other) -> keras.KerasTensor:
    return ops.sum(ops.square(one - other), axis=-1, keepdims=True)


def nested():
    (left, right), shared = sides(), tower()
    return keras.Model([left, right], distance(shared(left), shared(right)))


def flat():
    (left, right), first, second = sides(), layers.Dense(5), layers.Dense(3)
    return keras.Model([left, right], distance(second(first(left)), second(first(right))))


def with_a_head():
    (left, right), shared = sides(), tower()
    return keras.Model([left, right], layers.Dense(1)(ops.abs(shared(left) - shared(right))))


def with_a_dict():
    (left, right), shared = sides(), tower()
    return keras.Model({"right": right, "left": left}, distance(shared(left), shared(right)))


def wrapped():
    (left, right), shared = sides(), tower()
    codes = layers.TimeDistributed(shared)(ops.stack([left, right], axis=1))
    return keras.Model([left, right], distance(codes[:, 0], codes[:, 1]))


def called_again():
    (left, right), shared = sides(), tower()
    return keras.Model([left, right], distance(shared(left), shared(right)) + distance(shared(left), shared(right)))


def with_a_condition():
    (left, right), shared = sides(), layers.Dense(3)
    task = keras.Input((2,), name="task")
    codes = [shared(layers.concatenate([each, task])) for each in (left, right)]
    return keras.Model([left, right, task], distance(*codes))


def in_a_model():
    left, right = sides()
    return keras.Model([left, right], nested()([left, right]))


def two_that_look_alike():
    (left, right), one, other = sides(), tower("one"), tower("other")
    other.set_weights(one.get_weights())
    return keras.Model([left, right], distance(one(left), other(right)))


def one_layer_apart():
    (left, right), first = sides(), layers.Dense(5)
    codes = [layers.Dense(3, name=name)(first(side)) for name, side in (("one", left), ("other", right))]
    return keras.Model([left, right], distance(*codes))


def one_more_layer():
    (left, right), shared = sides(), layers.Dense(4)
    return keras.Model([left, right], distance(shared(shared(left)), shared(right)))


def two_inside():
    left, right = sides()
    return keras.Model([left, right], two_that_look_alike()([left, right]))


def pixels():
    left, right = sides()
    return keras.Model([left, right], layers.Dense(1)(ops.abs(left - right)))


def encoder_of_both():
    (left, right), shared = sides(), tower()
    return keras.Model([left, right], shared(left + right))


def refused(check, *arguments, **options) -> str:
    with pytest.raises(CheckFailed) as failure:
        check(*arguments, **options)
    return str(failure.value)


@pytest.mark.parametrize(
    "build", [nested, flat, with_a_head, with_a_dict, wrapped, called_again, with_a_condition, in_a_model]
)
def test_one_encoder_is_seen_however_the_graph_is_written(build):
    model = build()
    checks.check_one_encoder(model)
    checks.check_one_encoder(model, ("right", "left"))


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (two_that_look_alike, "with weights of its own, called 1× from 'left' and 0× from 'right'"),
        (two_inside, "with weights of its own, called"),
        (one_layer_apart, "'one', with weights of its own, called 1× from 'left' and 0× from 'right'"),
        (one_more_layer, "called 2× from 'left' and 1× from 'right'"),
        (pixels, "no layer with weights that reads one of them alone"),
        (encoder_of_both, "no layer with weights that reads one of them alone"),
    ],
)
def test_what_is_not_one_encoder_is_told_why(build, says):
    said = refused(checks.check_one_encoder, build())
    assert "asked for one encoder for 'left' and for 'right'" in said
    assert says in said


def test_two_encoders_that_look_alike_pass_every_check_of_numbers_until_they_are_trained():
    model = two_that_look_alike()
    checks.check_zero_to_itself(model, [LEFT, LEFT])
    checks.check_symmetric(model, [LEFT, RIGHT])
    refused(checks.check_one_encoder, model)
    model.compile(keras.optimizers.SGD(0.1), "mse", run_eagerly=True)
    model.train_on_batch([LEFT, RIGHT], np.ones((6, 1)))
    assert "found one of" in refused(checks.check_zero_to_itself, model, [LEFT, LEFT])


def test_an_unknown_side_and_no_graph_are_said():
    class Inner(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(2)
            self.dense(keras.Input((4,)))

    assert "asked for an input 'middle'; found inputs 'left', 'right'" in refused(
        checks.check_one_encoder, nested(), ("left", "middle")
    )
    assert "a model with a graph" in refused(checks.check_one_encoder, Inner())
    assert "asked for a keras.Model" in refused(checks.check_one_encoder, tower)


def test_a_distance_to_itself_is_zero_in_inference_also_with_dropout():
    (left, right), dropping = sides(), keras.Sequential([layers.Dense(9), layers.Dropout(0.5)])
    model = keras.Model([left, right], distance(dropping(left), dropping(right)))
    checks.check_zero_to_itself(model, [LEFT, LEFT])
    assert float(ops.max(model([LEFT, LEFT], training=True))) > 0
    checks.check_zero_to_itself(with_a_dict(), {"left": LEFT, "right": LEFT})


def test_a_root_kept_away_from_zero_is_zero_and_what_is_not_zero_is_named():
    left, right = sides()
    rooted = keras.Model([left, right], ops.sqrt(ops.maximum(distance(left, right), 1e-7)))
    checks.check_zero_to_itself(rooted, [LEFT, LEFT])
    assert "found one of 0.5" in refused(
        checks.check_zero_to_itself, keras.Model([left, right], distance(left, right) + 0.5), [LEFT, LEFT]
    )
    broken = keras.Model([left, right], distance(left, right) * float("nan"))
    assert "found one of nan" in refused(checks.check_zero_to_itself, broken, [LEFT, LEFT])
    with pytest.raises(ValueError, match="the same array"):
        checks.check_zero_to_itself(nested(), [LEFT, RIGHT])


def test_the_area_is_that_of_scikit_learn_also_with_ties():
    from sklearn.metrics import roc_auc_score

    scores, same = NUMBERS.integers(0, 8, size=200), NUMBERS.integers(0, 2, size=200)
    assert checks.area_under_curve(scores, same) == pytest.approx(roc_auc_score(same, scores), abs=1e-12)
    assert checks.area_under_curve(np.ones((4, 1)), [[1.0], [0.0], [1.0], [0.0]]) == 0.5
    with pytest.raises(ValueError, match="both kinds"):
        checks.area_under_curve([1.0, 2.0], [1, 1])


def test_scores_that_do_not_fit_are_refused():
    checks.check_tells_apart([0.1, 0.9], [0, 1], floor=1.0)
    assert "0.50 or more; found 0.000" in refused(checks.check_tells_apart, [0.9, 0.1], [0, 1], floor=0.5)
    assert "2 scores, one for each pair; found 3" in refused(checks.check_tells_apart, [1, 2, 3], [0, 1], floor=0.5)
    assert "such as NaN" in refused(checks.check_tells_apart, [np.nan, 0.1], [0, 1], floor=0.0)


# --- the floor: what a model that learned reaches, and wrong models do not -----------------------------------------

FLOOR = 0.95


@pytest.fixture(scope="module")
def data() -> tuple[pairs.Pairs, pairs.Pairs]:
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    return pairs.draw(x_train, y_train, "same", 2000, 0), pairs.draw(x_test, y_test, "same", 1000, 1)


def contrastive(same, apart):
    return ops.mean(same * ops.square(apart) + (1 - same) * ops.square(ops.relu(1 - apart)))


def encode() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Flatten(),
            layers.Dense(32, "relu"),
            layers.Dense(8),
            layers.UnitNormalization(),
        ]
    )


def images() -> tuple[keras.KerasTensor, keras.KerasTensor]:
    return keras.Input((8, 8, 1), name="left"), keras.Input((8, 8, 1), name="right")


def apart(one, other) -> keras.KerasTensor:
    return ops.sqrt(ops.maximum(distance(one, other), 1e-7))


def one_encoder() -> keras.Model:
    (left, right), shared = images(), encode()
    return keras.Model([left, right], apart(shared(left), shared(right)))


def two_encoders() -> keras.Model:
    left, right = images()
    return keras.Model([left, right], apart(encode()(left), encode()(right)))


def of_the_left_alone() -> keras.Model:
    (left, right), shared = images(), encode()
    return keras.Model([left, right], apart(shared(left), 0 * shared(right) + 0.3))


def joined() -> keras.Model:
    (left, right), shared = images(), encode()
    return keras.Model([left, right], ops.relu(layers.Dense(1)(layers.concatenate([shared(left), shared(right)]))))


def scores(build, data, epochs: int = 5) -> np.ndarray:
    keras.utils.set_random_seed(0)
    model, (known, unknown) = build(), data
    model.compile(keras.optimizers.Adam(0.01), contrastive)
    model.fit([known.left, known.right], known.answers[:, np.newaxis], epochs=epochs, batch_size=64, verbose=0)
    return -keras.ops.convert_to_numpy(model([unknown.left, unknown.right]))


def test_a_model_that_learned_reaches_the_floor(data):
    checks.check_tells_apart(scores(one_encoder, data), data[1].answers, FLOOR)


@pytest.mark.parametrize("build", [two_encoders, of_the_left_alone, joined])
def test_a_wrong_model_trained_alike_does_not(build, data):
    refused(checks.check_tells_apart, scores(build, data), data[1].answers, FLOOR)


def test_neither_raw_pixels_nor_a_model_that_never_learned_reach_the_floor(data):
    unknown = data[1]
    refused(checks.check_tells_apart, scores(one_encoder, data, epochs=0), unknown.answers, FLOOR)
    raw = -np.square(unknown.left - unknown.right).sum(axis=(1, 2, 3))
    said = refused(checks.check_tells_apart, raw, unknown.answers, FLOOR)
    assert "found 0.8" in said
