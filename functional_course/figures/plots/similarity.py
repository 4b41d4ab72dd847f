"""Plots about similarity: pairs of images, ROC curves, scores of equal and different pairs, embeddings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from functional_course.figures.pictures import Picture
from functional_course.figures.plots.images import image_grid
from functional_course.figures.style import COLOURS, DASHES, INK, MARKERS, WIDTH, new_figure, style

import numpy as np

_GAP = 1 / 8  # between the images of a pair, in widths of an image


def pair_grid(
    left: Any, right: Any, titles: Sequence[object] | None = None, columns: int = 4, *, what: str = "pairs of images"
) -> Picture:
    """Pairs of images, the two of each side by side, each pair under its title.

    Args:
        left: the first image of every pair, ``(n, height, width)`` with 1, 3 or no channels.
        right: the second, of the same shape.
        titles: one title a pair, for example its score.
        columns: pairs in a row.
        what: what the pairs are, for the alt text.

    Raises:
        ValueError: no pairs, sides of different shape, or not one title a pair.

    Example:

    >>> pair_grid(np.zeros((2, 8, 8)), np.ones((2, 8, 8)), titles=["same", "not"], what="pairs of digits")
    2 pairs of digits of 8 by 17 pixels, in one row: same, not.
    """
    left, right = np.asarray(left), np.asarray(right)
    if left.shape != right.shape or not len(left):
        raise ValueError(
            f"Pairs have as many left as right images of one shape, at least one: {left.shape} and {right.shape}."
        )
    both = np.concatenate([left, right])
    middle = (both.min() + both.max()) / 2
    width = max(1, round(left.shape[2] * _GAP))
    gap = np.full((*left.shape[:2], width, *left.shape[3:]), middle, dtype=left.dtype)
    return image_grid(np.concatenate([left, gap, right], axis=2), titles, columns, what=what)


def roc(
    curves: Mapping[str, tuple[Any, Any]], *, thresholds: Mapping[str, float] | None = None, digits: int = 2
) -> Picture:
    """One ROC curve a way of scoring, with its area and, if given, its threshold as a point.

    Args:
        curves: by name, the answers (1 for a pair of the same) and the scores, higher for what is more alike, each of
            shape ``(n,)``.
        thresholds: by a curve's name, the score from which on a pair counts as the same.
        digits: decimals in the alt text and in the legend.

    Raises:
        ValueError: no curve, answers of one kind only, a score that is not finite, or a threshold without a curve.

    Example:

    >>> roc({"pixels": ([1, 1, 0, 0], [0.9, 0.4, 0.5, 0.1])}, thresholds={"pixels": 0.4})
    ROC curves. pixels: area 0.75; from 0.40 on, 1.00 of the same and 0.50 of the different pairs count as the same.
    """
    thresholds = dict(thresholds or {})
    known = {name: _answers_and_scores(name, *curve) for name, curve in curves.items()}
    if not known:
        raise ValueError("No curve to draw: give curves={'name': (answers, scores)}.")
    if lost := thresholds.keys() - known.keys():
        raise ValueError(f"There is a threshold for {sorted(lost)[0]!r} and no such curve.")
    words = ["ROC curves."]
    from sklearn.metrics import roc_auc_score, roc_curve  # takes a second to import, and no other plot needs it

    with style():
        figure = new_figure(WIDTH, 3.6)
        axes = figure.add_subplot()
        figure.subplots_adjust(left=0.12, right=0.98, top=0.97, bottom=0.14)
        axes.plot([0, 1], [0, 1], color=INK, linewidth=1, linestyle=(0, (2, 2)), marker="")
        for number, (name, (answers, scores)) in enumerate(known.items()):
            colour = COLOURS[number % len(COLOURS)]
            false, true, _ = roc_curve(answers, scores)
            area = f"{roc_auc_score(answers, scores):.{digits}f}"
            dashes = DASHES[number % len(DASHES)]
            axes.plot(false, true, color=colour, linestyle=dashes, marker="", label=f"{name}: {area}", zorder=3)
            said = f"{name}: area {area}"
            if name in thresholds:
                yes = scores >= thresholds[name]
                found, mistaken = yes[answers].mean(), yes[~answers].mean()
                marker = MARKERS[number % len(MARKERS)]
                axes.plot([mistaken], [found], color=colour, marker=marker, markersize=8, linestyle="none", zorder=4)
                axes.annotate(
                    f"{thresholds[name]:.{digits}f}",
                    (mistaken, found),
                    xytext=(7, -11),
                    textcoords="offset points",
                    fontsize=9,
                )
                said += (
                    f"; from {thresholds[name]:.{digits}f} on, {found:.{digits}f} of the same and "
                    f"{mistaken:.{digits}f} of the different pairs count as the same"
                )
            words.append(said + ".")
        axes.set_xlabel("different pairs taken for the same")
        axes.set_ylabel("same pairs found")
        axes.set_xlim(-0.01, 1.01)
        axes.set_ylim(-0.01, 1.02)
        axes.legend(loc="lower right", handlelength=3.2, title="area under the curve")
    return Picture(figure, " ".join(words))


def score_histogram(answers: Any, scores: Any, threshold: float, what: str = "score", *, digits: int = 2) -> Picture:
    """The scores of equal pairs, upwards, and of different pairs, downwards, with the threshold between them.

    Args:
        answers: 1 for a pair of the same, 0 for a pair of different things, shape ``(n,)``.
        scores: shape ``(n,)``.
        threshold: a score that divides them.
        what: what the scores are, for the axis and the alt text.
        digits: decimals in the alt text.

    Raises:
        ValueError: answers of one kind only, or a score that is not finite.

    Example:

    >>> score_histogram([1, 1, 0, 0], [0.1, 0.3, 0.2, 0.9], threshold=0.5, what="distance")  # doctest: +ELLIPSIS
    Distance of 2 same and 2 different pairs. Same: median 0.20. ... below it 2 same and 1 different.
    """
    answers, scores = _answers_and_scores(what, answers, scores)
    bins = np.linspace(scores.min(), max(scores.max(), scores.min() + 1e-6), 31)
    with style():
        figure = new_figure(WIDTH, 2.8)
        axes = figure.add_subplot()
        figure.subplots_adjust(left=0.12, right=0.98, top=0.9, bottom=0.18)
        highest = 0
        for name, chosen, sign, colour, place in (
            ("same", answers, 1, COLOURS[0], "top"),
            ("different", ~answers, -1, COLOURS[1], "bottom"),
        ):
            counts = np.histogram(scores[chosen], bins)[0]
            highest = max(highest, counts.max())
            axes.bar(bins[:-1], sign * counts, width=np.diff(bins), align="edge", color=colour)
            axes.annotate(
                f"{name} pairs",
                (0.98, 0.95 if sign > 0 else 0.05),
                xycoords="axes fraction",
                ha="right",
                va=place,
                fontsize=9,
            )
        axes.axhline(0, color=INK, linewidth=0.8, linestyle="solid", marker="")
        axes.axvline(threshold, color=INK, linewidth=1, linestyle=(0, (2, 2)), marker="")
        axes.annotate(
            f"threshold {threshold:.{digits}f}",
            (threshold, 1),
            xycoords=("data", "axes fraction"),
            xytext=(0, 3),
            textcoords="offset points",
            ha="center",
            fontsize=9,
        )
        axes.set_ylim(-1.15 * highest, 1.15 * highest)
        axes.yaxis.set_major_formatter(lambda value, _: f"{abs(value):.0f}")
        axes.set_ylabel("pairs")
        axes.set_xlabel(what)
    below = scores < threshold
    return Picture(
        figure,
        f"{what[:1].upper()}{what[1:]} of {answers.sum()} same and {(~answers).sum()} different pairs. "
        f"Same: median {np.median(scores[answers]):.{digits}f}. "
        f"Different: median {np.median(scores[~answers]):.{digits}f}. Threshold {threshold:.{digits}f}, "
        f"below it {(below & answers).sum()} same and {(below & ~answers).sum()} different.",
    )


def embedding_map(points: Any, labels: Any, what: str = "embeddings") -> Picture:
    """Points of the plane, each drawn as the digit that it stands for.

    Args:
        points: shape ``(n, 2)``, for example two principal components.
        labels: what each point shows, one character each, shape ``(n,)``.
        what: what the points are, for the alt text.

    Raises:
        ValueError: points of another shape, no point, or not one label a point.

    Example:

    >>> embedding_map([[0, 0], [0, 1], [5, 5], [5, 6]], [3, 3, 7, 7], what="codes")
    4 codes of 2 classes: 3, 7. The nearest other point is of the same class for 100% of them.
    """
    points, labels = np.asarray(points, dtype=float), np.asarray(labels)
    if points.ndim != 2 or points.shape[1] != 2 or len(points) < 2 or len(points) != len(labels):
        raise ValueError(
            f"A map has two or more points of shape (n, 2) with one label each: "
            f"these are {points.shape} and {len(labels)} labels."
        )
    classes = np.unique(labels)
    with style():
        figure = new_figure(3.4, 3.4)
        axes = figure.add_axes((0.02, 0.02, 0.96, 0.96))
        axes.set_xticks([])
        axes.set_yticks([])
        for spine in axes.spines.values():
            spine.set(visible=True, color="#808080", linewidth=0.6)
        for (x, y), label in zip(points, labels, strict=True):
            colour = COLOURS[int(np.searchsorted(classes, label)) % len(COLOURS)]
            axes.text(x, y, str(label), color=colour, fontsize=9, ha="center", va="center")
        for axis, values in ((axes.set_xlim, points[:, 0]), (axes.set_ylim, points[:, 1])):
            margin = 0.06 * max(np.ptp(values), 1e-6)
            axis(values.min() - margin, values.max() + margin)
    gaps = np.linalg.norm(points[:, None] - points[None], axis=-1)
    np.fill_diagonal(gaps, np.inf)
    alike = (labels[gaps.argmin(axis=1)] == labels).mean()
    return Picture(
        figure,
        f"{len(points)} {what} of {len(classes)} classes: {', '.join(map(str, classes))}. "
        f"The nearest other point is of the same class for {alike:.0%} of them.",
    )


def _answers_and_scores(name: str, answers: Any, scores: Any) -> tuple[np.ndarray, np.ndarray]:
    answers, scores = np.asarray(answers).ravel() == 1, np.asarray(scores, dtype=float).ravel()
    if len(answers) != len(scores) or not 0 < answers.sum() < len(answers):
        raise ValueError(
            f"{name!r} needs one answer a score, and both kinds: there are {len(scores)} scores, "
            f"{answers.sum()} same and {(~answers).sum()} different pairs."
        )
    if not np.isfinite(scores).all():
        raise ValueError(f"{name!r} has scores that are not finite.")
    return answers, scores
