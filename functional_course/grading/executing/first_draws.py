"""What is drawn at random where no cell sets a seed: the same in every run, so that verdicts are."""

from __future__ import annotations

import keras

SEED = 271_828_182
"""No notebook is likely to set the same."""


def seed_first_draws() -> None:
    """Have random numbers of this process begin from the same seed as in every run. A cell may set another."""
    keras.utils.set_random_seed(SEED)
