"""The wine table that scikit-learn ships: 178 Italian wines, twelve numbers, one category, and the alcohol to predict.

The category is real: which of three cultivars the wine was made from. Its ids 0, 1 and 2 are names, not amounts: the
mean alcohol is highest for 0, lowest for 1, and in between for 2.

Source: M. Forina et al., *Wine*, UCI Machine Learning Repository, 1991.
"""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split

Examples = tuple[dict[str, np.ndarray], np.ndarray]

TARGET = "alcohol"
NUMBERS = (
    "malic_acid",
    "ash",
    "alcalinity_of_ash",
    "magnesium",
    "total_phenols",
    "flavanoids",
    "nonflavanoid_phenols",
    "proanthocyanins",
    "color_intensity",
    "hue",
    "od280/od315_of_diluted_wines",
    "proline",
)
CULTIVARS = 3
TEST_WINES = 48


def load_data(seed: int = 0) -> tuple[Examples, Examples]:
    """Load the wines, split into training and test wines with every cultivar in proportion.

    Args:
        seed: which wines fall on the test side.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``. Each ``x`` is a dict: ``"numbers"``, float32 as measured, of shape
        ``(n, 12)`` in the order of ``NUMBERS``, and ``"cultivar"``, int64 of shape ``(n, 1)`` with 0, 1 or 2. Each
        ``y`` is the alcohol in percent, float32 of shape ``(n,)``. There are 130 training and 48 test wines.

    Example:

    >>> (x_train, y_train), (x_test, y_test) = load_data()
    >>> x_train["numbers"].shape, x_test["cultivar"].shape
    ((130, 12), (48, 1))
    """
    bunch = load_wine()
    columns = [bunch.feature_names.index(name) for name in NUMBERS]
    alcohol = bunch.data[:, bunch.feature_names.index(TARGET)]
    train, test = train_test_split(
        np.arange(len(alcohol)), test_size=TEST_WINES, stratify=bunch.target, random_state=seed
    )

    def side(rows: np.ndarray) -> Examples:
        numbers = bunch.data[np.ix_(rows, columns)].astype("float32")
        cultivar = bunch.target[rows, np.newaxis].astype("int64")
        return {"numbers": numbers, "cultivar": cultivar}, alcohol[rows].astype("float32")

    return side(train), side(test)
