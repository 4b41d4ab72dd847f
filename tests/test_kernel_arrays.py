"""In a warm process arrays are cut into batches with fewer functions to trace: the same batches in the same order."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from functional_course.kernels import arrays

import keras
import numpy as np
import pytest
import tensorflow as tf

ADAPTERS = sys.modules["keras.src.trainers.data_adapters.array_data_adapter"]
ADAPTER = ADAPTERS.ArrayDataAdapter

X = np.linspace(-1, 1, 72).reshape(18, 4)
Y = np.arange(18)
LAYOUTS = {
    "one array": X,
    "integers": np.arange(36).reshape(18, 2),
    "a tensor": tf.constant(X, "float32"),
    "a list": [X, Y],
    "a dict": {"right": X, "left": X[:, :2]},
    "nested": {"both": [X, Y], "other": X},
    "texts": np.array([f"text {number}" for number in range(18)], dtype=object),
}
SIZES = {"whole batches": 6, "a shorter last one": 5, "all at once": 18, "more than there are": 40, "one by one": 1}


@pytest.fixture
def installed() -> Iterator[None]:
    """As in a warm process; afterwards Keras is what it was."""
    kept = ADAPTER.get_tf_dataset
    arrays.install()
    arrays.install()
    assert ADAPTER.get_tf_dataset.__wrapped__ is kept
    yield
    ADAPTER.get_tf_dataset = kept


def fed(inputs, targets=None, **options) -> tuple[object, list]:
    """What the batches are like, and those of two epochs."""
    keras.utils.set_random_seed(5)
    dataset = ADAPTER(inputs, targets, **options).get_tf_dataset()
    epochs = [list(dataset), list(dataset)]
    return dataset.element_spec, [keras.tree.map_structure(np.asarray, batch) for epoch in epochs for batch in epoch]


def same(one, other) -> bool:
    keras.tree.assert_same_structure(one, other)
    return all(map(np.array_equal, keras.tree.flatten(one), keras.tree.flatten(other)))


def both_ways(request: pytest.FixtureRequest, *given, **options) -> None:
    """Batches as Keras makes them, and as a warm process does."""
    expected = fed(*given, **options)
    request.getfixturevalue("installed")
    found = fed(*given, **options)
    assert found[0] == expected[0]
    assert same(found[1], expected[1])


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_the_batches_are_the_same(request: pytest.FixtureRequest, size: int, shuffle: bool):
    both_ways(request, X, Y, batch_size=size, shuffle=shuffle)


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("inputs", LAYOUTS.values(), ids=LAYOUTS)
def test_in_whatever_layout_the_data_come(request: pytest.FixtureRequest, inputs: object, shuffle: bool):
    both_ways(request, inputs, [Y, Y], batch_size=5, shuffle=shuffle)


def test_weights_of_examples_and_of_classes_too(request: pytest.FixtureRequest):
    both_ways(request, X, Y % 2, batch_size=5, shuffle=True, class_weight={0: 1.0, 1: 3.0})


def functions_made(monkeypatch: pytest.MonkeyPatch, inputs: object, **options) -> int:
    wrapper = sys.modules["tensorflow.python.data.ops.structured_function"].StructuredFunctionWrapper
    make, made = wrapper.__init__, []
    monkeypatch.setattr(
        wrapper, "__init__", lambda self, *given, **more: (made.append(1), make(self, *given, **more))[1]
    )
    ADAPTER(inputs, batch_size=5, **options).get_tf_dataset()
    return len(made)


@pytest.mark.parametrize(("shuffle", "most"), [(False, 0), (True, 2)])
def test_fewer_functions_are_traced(monkeypatch: pytest.MonkeyPatch, installed: None, shuffle: bool, most: int):
    assert functions_made(monkeypatch, X, shuffle=shuffle) == most


@pytest.mark.parametrize(
    ("inputs", "shuffle"), [(X, "batch"), (tf.sparse.from_dense(X), False)], ids=["in blocks", "sparse"]
)
def test_other_data_are_left_to_keras(
    monkeypatch: pytest.MonkeyPatch, installed: None, inputs: object, shuffle: str | bool
):
    assert functions_made(monkeypatch, inputs, shuffle=shuffle) == (4 if shuffle else 3)


def test_a_class_of_somebody_elses_keeps_its_way(installed: None):
    class Own(ADAPTER):
        pass

    keras.utils.set_random_seed(5)
    wanted = list(ADAPTER.get_tf_dataset.__wrapped__(Own(X, batch_size=5, shuffle=True)))
    keras.utils.set_random_seed(5)
    assert same(list(Own(X, batch_size=5, shuffle=True).get_tf_dataset()), wanted)
