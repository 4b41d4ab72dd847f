"""Real faces from a folder of yours, with age and label read from the file names, as UTKFace has them.

A name is ``[age]_[gender]_[race]_[date].jpg``, also ``.jpg.chip.jpg``: years, then 0 for male and 1 for female, then a
code from 0 to 4 that this course does not use, then digits. The course ships no real face and downloads none.

Source: Z. Zhang, Y. Song, H. Qi, *Age Progression/Regression by Conditional Adversarial Autoencoder*, CVPR 2017.
"""

from __future__ import annotations

import os
import re
import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from functional_course.data.faces import Faces

import numpy as np

NAME = "[age]_[gender]_[race]_[date].jpg"
OLDEST = 116
"""The greatest age in UTKFace."""

MOST_PIXELS = 50_000_000
"""A larger picture isn't read: it would take half a gigabyte to scale it down."""

_NAME = re.compile(r"(\d+)_(\d+)_(\d+)_\d+\.jpg(?:\.chip\.jpg)?", re.IGNORECASE)


@dataclass(frozen=True)
class Listing:
    """What a folder holds, judged by file names.

    Attributes:
        paths: the faces, in the order of their names.
        ages: in years.
        labels: 0 or 1.
        skipped: what is no face, as ``(name, reason)``.
    """

    paths: tuple[Path, ...]
    ages: tuple[int, ...]
    labels: tuple[int, ...]
    skipped: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Reading:
    """Faces that were read from a folder.

    Attributes:
        train: the training faces.
        test: the test faces.
        usable: how many faces the folder holds, as far as files were opened.
        skipped: every file that is no face, or can't be read, as ``(name, reason)``.
    """

    train: Faces
    test: Faces
    usable: int
    skipped: tuple[tuple[str, str], ...]

    @property
    def summary(self) -> str:
        """How many files were skipped, and for each reason how many and one of them."""
        return _summary(self.skipped)


def scan(folder: str | os.PathLike[str]) -> Listing:
    """List the faces in a folder by their names, without opening a file.

    Args:
        folder: the folder; folders in it are not searched.

    Raises:
        FileNotFoundError: there is no such folder.

    Example:

    >>> scan("UTKFace").skipped[:1]  # doctest: +SKIP
    (('61_3_20170109150557335.jpg.chip.jpg', 'the name is not [age]_[gender]_[race]_[date].jpg'),)
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"There is no folder {folder}. Name one with faces called {NAME}, as in UTKFace.")
    faces, skipped = [], []
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        match = _NAME.fullmatch(path.name)
        age, gender, race = map(int, match.groups()) if match else (0, 0, 0)
        if path.is_dir():
            skipped.append((path.name, "it is a folder"))
        elif not path.is_file():  # a pipe, at which reading would wait for ever, or a link to nothing
            skipped.append((path.name, "it is no file"))
        elif not match:
            skipped.append((path.name, f"the name is not {NAME}"))
        elif age > OLDEST:
            skipped.append((path.name, f"the age is over {OLDEST}"))
        elif gender > 1:
            skipped.append((path.name, "the gender is not 0 or 1"))
        elif race > 4:
            skipped.append((path.name, "the race is not a code from 0 to 4"))
        else:
            faces.append((path, age, gender))
    paths, ages, labels = zip(*faces, strict=True) if faces else ((), (), ())
    return Listing(paths, ages, labels, tuple(skipped))


def load_data(
    folder: str | os.PathLike[str], train: int = 1500, test: int = 500, size: int = 200, seed: int = 0
) -> tuple[Faces, Faces]:
    """Read faces to train on and faces to test on, and print how many files were skipped and why.

    Args:
        folder: as :func:`read` takes it, and so are the others.
        train: how many training faces.
        test: how many test faces.
        size: height and width in pixels.
        seed: which faces are taken, and which fall on which side.

    Returns:
        As :func:`functional_course.data.portraits.load_data` gives them, without cues.

    Raises:
        FileNotFoundError: there is no such folder, or no face in it.
        ValueError: there are fewer faces than asked for.

    Example:

    >>> train, test = load_data("UTKFace", train=5000, test=1000, size=200)  # doctest: +SKIP
    23705 faces in UTKFace, 3 files skipped: the name is not [age]_[gender]_[race]_[date].jpg (3, for example ...).
    """
    reading = read(folder, train, test, size, seed)
    print(f"{reading.usable} faces in {folder}, {reading.summary}.")
    return reading.train, reading.test


def read(folder: str | os.PathLike[str], train: int, test: int, size: int = 200, seed: int = 0) -> Reading:
    """Read faces to train on and faces to test on.

    Only as many images are opened as are asked for; one that can't be read is skipped and another is taken.

    Args:
        folder: the folder with the images; folders in it are not searched.
        train: how many training faces.
        test: how many test faces.
        size: height and width in pixels; images of another size are scaled.
        seed: which faces are taken, and which fall on which side.

    Raises:
        FileNotFoundError: there is no such folder, or no face in it.
        ValueError: there are fewer faces than asked for.
    """
    listing = scan(folder)
    skipped = list(listing.skipped)
    if not listing.paths:
        raise FileNotFoundError(
            f"{folder} holds no face called {NAME} (or {NAME}.chip.jpg), only {len(skipped)} other files."
        )
    wanted = train + test
    images = np.empty((min(wanted, len(listing.paths)), size, size, 3), "uint8")
    taken: list[int] = []
    for position in np.random.default_rng(seed).permutation(len(listing.paths)):
        if len(taken) == wanted:
            break
        path = listing.paths[position]
        try:
            images[len(taken)] = _pixels(path, size)
            taken.append(int(position))
        except _Unread as error:
            skipped.append((path.name, str(error)))
    usable = len(listing.paths) - (len(skipped) - len(listing.skipped))
    if len(taken) < wanted:
        raise ValueError(
            f"{folder} holds {usable} faces, and {wanted} were asked for ({train} and {test}); {_summary(skipped)}."
        )
    ages = np.array(listing.ages, "float32")[taken]
    labels = np.array(listing.labels, "int64")[taken]
    faces = Faces(images, ages, labels)
    return Reading(faces[:train], faces[train:], usable, tuple(skipped))


def _summary(skipped: Sequence[tuple[str, str]]) -> str:
    if not skipped:
        return "no file skipped"
    example = {reason: name for name, reason in reversed(skipped)}
    reasons = Counter(reason for _, reason in skipped)
    listed = "; ".join(f"{reason} ({count}, for example {example[reason]})" for reason, count in reasons.items())
    return f"{len(skipped)} file{'s' * (len(skipped) > 1)} skipped: {listed}"


class _Unread(Exception):
    """A picture that isn't taken; its words are the reason."""


def _pixels(path: Path, size: int) -> np.ndarray:
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # what is too large is said below
            with Image.open(path) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise Image.DecompressionBombError
                return np.asarray(image.convert("RGB").resize((size, size), Image.Resampling.BILINEAR))
    except Image.DecompressionBombError:
        raise _Unread(f"the image has more than {MOST_PIXELS:,} pixels") from None
    except (OSError, SyntaxError, ValueError):  # Pillow's words for a file that is no image, or half of one
        raise _Unread("the image cannot be read") from None
