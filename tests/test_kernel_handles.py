"""In a warm process variables have no name of TensorFlow's, so that what is set up for one serves the next one."""

from __future__ import annotations

from collections.abc import Iterator

from functional_course.kernels import handles

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.ops import gen_resource_variable_ops as operations


@pytest.fixture
def names() -> Iterator[list[str]]:
    """The names that TensorFlow hears from now on; as in a warm process, and afterwards TensorFlow is what it was."""
    heard = []
    kept = operations.var_handle_op

    def hears(*args, **kwargs):
        heard.append(kwargs["debug_name"])
        return kept(*args, **kwargs)

    operations.var_handle_op = hears
    yield heard
    operations.var_handle_op = kept


def model() -> keras.Model:
    keras.utils.set_random_seed(3)
    entry = keras.Input((2,), name="entry")
    return keras.Model(entry, keras.layers.Dense(3, name="three")(entry))


def test_without_it_each_variable_has_one(names: list[str]):
    model()
    assert len(set(names)) > 1


def test_with_it_there_is_one_name_for_all_and_keras_keeps_its_own(names: list[str]):
    expected = model()
    names.clear()
    handles.install()
    handles.install()
    found = model()
    assert set(names) == {""}
    assert [each.path for each in found.variables] == [each.path for each in expected.variables]
    assert all(map(np.array_equal, found.get_weights(), expected.get_weights()))
    assert len({id(each.value) for each in found.variables}) == 2
    first, second = tf.Variable(1.0, name="first"), tf.Variable(2.0, name="second")
    first.assign_add(1)
    assert (first.name, first.numpy(), second.numpy()) == ("first:0", 2, 2)


def test_a_model_saves_and_loads_as_ever(names: list[str], tmp_path):
    handles.install()
    made = model()
    made.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert all(map(np.array_equal, loaded.get_weights(), made.get_weights()))
    made.export(tmp_path / "exported", verbose=False)
    assert np.allclose(tf.saved_model.load(tmp_path / "exported").serve(np.ones((1, 2))), made(np.ones((1, 2))))
