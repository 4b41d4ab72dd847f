"""The wine table: what it holds, how it is split, and that its category is a name and not an amount."""

from __future__ import annotations

from functional_course.data import wine

import numpy as np
from sklearn.datasets import load_wine


def test_the_wines_are_split_in_proportion_and_as_measured():
    (x_train, y_train), (x_test, y_test) = wine.load_data()
    assert x_train["numbers"].shape == (130, len(wine.NUMBERS)) and x_test["numbers"].shape == (wine.TEST_WINES, 12)
    assert x_train["cultivar"].shape == (130, 1) and y_test.shape == (48,)
    assert x_train["numbers"].dtype == np.float32 and x_train["cultivar"].dtype == np.int64
    shares = [
        np.bincount(x["cultivar"][:, 0], minlength=wine.CULTIVARS) / len(x["cultivar"]) for x in (x_train, x_test)
    ]
    assert np.abs(shares[0] - shares[1]).max() < 0.02
    proline = x_train["numbers"][:, wine.NUMBERS.index("proline")]
    assert proline.max() > 1000, "numbers are not scaled: the chapter does that"


def test_every_wine_is_on_one_side_with_its_own_numbers():
    bunch = load_wine()
    known = {
        tuple(np.float32(row[1:])): (cultivar, np.float32(row[0]))
        for row, cultivar in zip(bunch.data, bunch.target, strict=True)
    }
    assert bunch.feature_names[0] == wine.TARGET and tuple(bunch.feature_names[1:]) == wine.NUMBERS
    seen = []
    for x, y in wine.load_data(seed=3):
        for numbers, cultivar, alcohol in zip(x["numbers"], x["cultivar"][:, 0], y, strict=True):
            assert known[tuple(numbers)] == (cultivar, alcohol)
            seen.append(tuple(numbers))
    assert len(seen) == len(set(seen)) == len(known) == 178


def test_the_seed_decides_the_split():
    first, again, other = (wine.load_data(seed)[1][1] for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_alcohol_does_not_follow_the_ids_of_the_cultivars():
    (x, alcohol), _ = wine.load_data()
    means = [alcohol[x["cultivar"][:, 0] == cultivar].mean() for cultivar in range(wine.CULTIVARS)]
    assert means[1] < means[2] < means[0]
