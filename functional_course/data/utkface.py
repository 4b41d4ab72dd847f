"""Real faces from a folder of yours, with age and label read from the file names, as UTKFace has them.

A name is ``[age]_[gender]_[race]_[date].jpg``, also ``.jpg.chip.jpg``: years, then 0 for male and 1 for female, then a
code from 0 to 4 that this course does not use, then digits. The course ships no real face and downloads none.

Source: Z. Zhang, Y. Song, H. Qi, *Age Progression/Regression by Conditional Adversarial Autoencoder*, CVPR 2017.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from functional_course.data.faces import Faces


@dataclass(frozen=True)
class Listing:
    """What a folder holds, judged by file names.

    Attributes:
        paths: the faces, in the order of their names.
        ages: in years.
        labels: 0 or 1.
        skipped: files that are no faces, as ``(name, reason)``.
    """

    paths: tuple[Path, ...]
    ages: tuple[int, ...]
    labels: tuple[int, ...]
    skipped: tuple[tuple[str, str], ...]


def scan(folder: str | os.PathLike[str]) -> Listing:
    """List the faces in a folder by their names, without opening a file.

    Raises:
        FileNotFoundError: there is no such folder.
    """
    raise NotImplementedError


def load_data(
    folder: str | os.PathLike[str], train: int = 1500, test: int = 500, size: int = 200, seed: int = 0
) -> tuple[Faces, Faces]:
    """Read faces to train on and faces to test on, and print how many files were skipped and why.

    Args:
        folder: the folder with the images; folders in it are not searched.
        train: how many training faces.
        test: how many test faces.
        size: height and width in pixels; images of another size are scaled.
        seed: which faces fall on which side.

    Returns:
        As :func:`functional_course.data.portraits.load_data` gives them, without cues.

    Raises:
        FileNotFoundError: there is no such folder, or no face in it.
        ValueError: fewer faces than asked for.
    """
    raise NotImplementedError
