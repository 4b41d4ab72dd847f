"""Penguins of the Palmer Archipelago: three lengths that a ruler gives, and the mass and the sex that it doesn't.

Of 344 birds that were measured, the 333 for which everything is known. Their sex was found from their blood, their mass
with a scale.

Source: A. M. Horst, A. P. Hill, K. B. Gorman, *palmerpenguins*, 2020, doi:10.5281/zenodo.3960218 (CC0), after K. B.
Gorman, T. D. Williams, W. R. Fraser, PLoS ONE 9(3): e90081, 2014. ``penguins.csv`` beside this module names both.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from sklearn.model_selection import train_test_split

Examples = tuple[np.ndarray, dict[str, np.ndarray]]

TABLE = Path(__file__).with_name("penguins.csv")
LENGTHS = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm")
SEXES = ("female", "male")
"""What 0 and 1 mean."""
TEST_PENGUINS = 83


def load_data(seed: int = 0) -> tuple[Examples, Examples]:
    """Load the penguins, split into training and test birds with every species and sex in proportion.

    Args:
        seed: which birds fall on the test side.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``. Each ``x`` holds lengths in millimetres, float32 of shape ``(n, 3)``
        in the order of ``LENGTHS``. Each ``y`` is a dict: ``"mass"`` in grams, float32 of shape ``(n,)``, and
        ``"sex"``, int64 of shape ``(n,)``, 0 for female and 1 for male. There are 250 training and 83 test birds.

    Example:

    >>> (x_train, y_train), (x_test, y_test) = load_data()
    >>> x_train.shape, y_train["mass"].shape, y_test["sex"].shape
    ((250, 3), (250,), (83,))
    """
    with TABLE.open(encoding="utf-8", newline="") as file:
        birds = list(csv.DictReader(line for line in file if not line.startswith("#")))
    lengths = np.array([[bird[name] for name in LENGTHS] for bird in birds], "float32")
    mass = np.array([bird["body_mass_g"] for bird in birds], "float32")
    sex = np.array([SEXES.index(bird["sex"]) for bird in birds], "int64")
    kinds = [f"{bird['species']}, {bird['sex']}" for bird in birds]
    train, test = train_test_split(np.arange(len(birds)), test_size=TEST_PENGUINS, stratify=kinds, random_state=seed)

    def side(rows: np.ndarray) -> Examples:
        return lengths[rows], {"mass": mass[rows], "sex": sex[rows]}

    return side(train), side(test)
