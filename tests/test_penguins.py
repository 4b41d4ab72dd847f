"""The table of penguins: whole, with its source, and split in proportion."""

from __future__ import annotations

from collections import Counter

from functional_course.data import penguins

import numpy as np
from conftest import ROOT


def table() -> tuple[str, list[list[str]]]:
    """What stands before the table, and its lines, the names of the columns first."""
    lines = penguins.TABLE.read_text(encoding="utf-8").splitlines()
    head = [line for line in lines if line.startswith("#")]
    return "\n".join(head), [line.split(",") for line in lines[len(head) :]]


def test_the_table_is_whole_and_says_where_it_is_from():
    head, (names, *birds) = table()
    assert "CC0" in head and "10.5281/zenodo.3960218" in head and "e90081" in head
    assert names == ["species", *penguins.LENGTHS, "body_mass_g", "sex"]
    assert len(birds) == 333 and all(len(bird) == 6 and "" not in bird and "NA" not in bird for bird in birds)
    assert Counter(bird[0] for bird in birds) == {"Adelie": 146, "Chinstrap": 68, "Gentoo": 119}
    assert Counter(bird[5] for bird in birds) == {"female": 165, "male": 168}
    assert sum(int(bird[4]) for bird in birds) / 333 == 4207 + 19 / 333


def test_a_package_that_is_built_has_the_table():
    assert '"functional_course.data" = ["*.csv"]' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_every_bird_is_on_one_side_with_its_own_numbers():
    _, (_, *birds) = table()
    known = Counter((*map(float, bird[1:5]), penguins.SEXES.index(bird[5])) for bird in birds)
    seen = Counter()
    for x, y in penguins.load_data(seed=3):
        assert x.dtype == y["mass"].dtype == np.float32 and y["sex"].dtype == np.int64
        rows = zip(x, y["mass"], y["sex"], strict=True)
        seen += Counter(
            (*(round(float(length), 1) for length in three), float(mass), int(sex)) for three, mass, sex in rows
        )
    assert seen == known


def test_the_sexes_are_split_in_proportion():
    (x_train, y_train), (x_test, y_test) = penguins.load_data()
    assert x_train.shape == (250, 3) and x_test.shape == (penguins.TEST_PENGUINS, 3)
    assert abs(y_train["sex"].mean() - y_test["sex"].mean()) < 0.01


def test_the_seed_decides_the_split():
    first, again, other = (penguins.load_data(seed)[1][0] for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
