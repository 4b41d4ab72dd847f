"""Plots of what training and models give: curves, spreads, images and scores, each a picture.

Every plot says its numbers in its alt text, so a test compares them and a screen reader reads them.
"""

from functional_course.figures.plots.curves import by_size, profiles, training_curves
from functional_course.figures.plots.images import feature_maps, image_grid
from functional_course.figures.plots.similarity import embedding_map, pair_grid, roc, score_histogram
from functional_course.figures.plots.spreads import spread

__all__ = [
    "by_size",
    "embedding_map",
    "feature_maps",
    "image_grid",
    "pair_grid",
    "profiles",
    "roc",
    "score_histogram",
    "spread",
    "training_curves",
]
