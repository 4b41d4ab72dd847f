"""Pictures of faces with an age and a binary label: the one form in which chapters 5 and 6 get them, drawn or real."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

LABELS = ("man", "woman")
"""What the label's two values are called, in the order of UTKFace's gender code: 0 and 1."""


@dataclass(frozen=True)
class Faces:
    """Faces with what is known about each.

    The images are what every backbone's ``preprocess_input`` expects and what an image file holds: red, green and blue
    as integers from 0 to 255. No model should get them unprocessed.

    Attributes:
        images: uint8 of shape ``(n, size, size, 3)``.
        ages: in years, float32 of shape ``(n,)``.
        labels: 0 or 1, int64 of shape ``(n,)``; :data:`LABELS` names them.
        cues: of drawn faces, what each was drawn from, by name, each an array of ``n``. Empty for real faces.

    Raises:
        ValueError: not one age, label and value of each cue an image.

    Example:

    >>> faces = Faces(np.zeros((2, 64, 64, 3), "uint8"), np.array([7, 70], "float32"), np.array([0, 1]))
    >>> faces.captions()
    ['man 7', 'woman 70']
    >>> len(faces[:1])
    1
    """

    images: np.ndarray
    ages: np.ndarray
    labels: np.ndarray
    cues: Mapping[str, np.ndarray] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        counts = {"ages": len(self.ages), "labels": len(self.labels)}
        counts |= {name: len(values) for name, values in self.cues.items()}
        wrong = [f"{name} has {count}" for name, count in counts.items() if count != len(self.images)]
        if wrong:
            raise ValueError(f"There are {len(self.images)} images, but {', '.join(wrong)}.")

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, which: Any) -> Faces:
        """Some of the faces: a slice, an array of positions, or an array of true and false."""
        if np.ndim(which) == 0 and not isinstance(which, slice):
            raise TypeError(f"Faces are taken by slice or by array, for example faces[:20]; not by {which!r}.")
        return Faces(
            self.images[which],
            self.ages[which],
            self.labels[which],
            {name: values[which] for name, values in self.cues.items()},
        )

    def balanced(self, each: int) -> Faces:
        """As many faces with one label as with the other: the first of each, in their order.

        Args:
            each: how many with each label.

        Raises:
            ValueError: there are fewer with one of the labels.
        """
        ones = self.labels == 1
        fewest = min(int(ones.sum()), int((~ones).sum()))
        if each > fewest:
            raise ValueError(f"There are only {fewest} faces with one of the labels, not {each}.")
        rank = np.where(ones, np.cumsum(ones), np.cumsum(~ones))
        return self[rank <= each]

    def captions(self) -> list[str]:
        """Label and age of every face in words, for example as captions of :func:`functional_course.figures.sheet`."""
        return [f"{LABELS[label]} {age:.0f}" for age, label in zip(self.ages, self.labels, strict=True)]
