"""Your own photographs: a folder with one folder a class, as three sets of arrays.

Keras's ``image_dataset_from_directory`` reads such a folder too. It splits without regard to the classes and into two
sets, leaves a photograph that was taken upright on its side, and stops at a damaged file without naming it.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

FEWEST = 5
"""How many pictures a class must have: one to validate on, one to test on, and something to learn from."""

_NAMED = 3  # damaged files that a message names
_LEFT_BEHIND = ("desktop.ini", "thumbs.db")  # what Windows leaves in folders of pictures


@dataclass(frozen=True)
class Album:
    """Photographs with their classes.

    The images are what every backbone's ``preprocess_input`` expects: red, green and blue as integers from 0 to 255.

    Attributes:
        images: uint8 of shape ``(n, size, size, 3)``.
        labels: the number of each one's class, int64 of shape ``(n,)``.
        names: what the classes are called, by number: the names of their folders.
        paths: the files.
    """

    images: np.ndarray
    labels: np.ndarray
    names: tuple[str, ...]
    paths: tuple[Path, ...]

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, which: Any) -> Album:
        """Some of the photographs: a slice, an array of positions, or an array of true and false."""
        if np.ndim(which) == 0 and not isinstance(which, slice):
            raise TypeError(f"Photographs are taken by slice or by array, for example album[:20]; not by {which!r}.")
        paths = tuple(self.paths[position] for position in np.arange(len(self))[which])
        return Album(self.images[which], self.labels[which], self.names, paths)

    def captions(self) -> list[str]:
        """The class of every photograph, for example for :func:`functional_course.figures.sheet`."""
        return [self.names[label] for label in self.labels]


def load_data(
    folder: str | os.PathLike[str], size: int = 96, validation: float = 0.2, test: float = 0.2, seed: int = 0
) -> tuple[Album, Album, Album]:
    """Read photographs to train on, to choose on and to test on, with every class in proportion on all three sides.

    Args:
        folder: holds one folder a class, named as the class, with its photographs in it. The classes are numbered in
            the order of their names. Hidden files are left out.
        size: height and width in pixels. Of a photograph that isn't square, the middle is taken.
        validation: the share of each class to choose on, at least one photograph.
        test: the share of each class to test on, at least one photograph.
        seed: which photographs fall on which side, and their order.

    Returns:
        The training, the validation and the test photographs.

    Raises:
        FileNotFoundError: there is no such folder.
        ValueError: fewer than two classes, fewer than five photographs in one of them, a file that can't be read, the
            same picture twice, or shares that leave nothing to train on. The message says what to do.

    Example:

    >>> train, validation, test = load_data("cups_and_glasses", size=96)  # doctest: +SKIP
    >>> train.images.shape, train.names  # doctest: +SKIP
    ((120, 96, 96, 3), ('cups', 'glasses'))
    """
    if size < 1:
        raise ValueError(f"The size is a number of pixels from 1, not {size}.")
    if min(validation, test) <= 0 or validation + test > 0.6:
        raise ValueError(f"Validation and test take a share each, together at most 0.6; {validation} and {test} don't.")
    classes = scan(folder)
    paths = [path for files in classes.values() for path in files]
    labels = np.repeat(np.arange(len(classes)), [len(files) for files in classes.values()])
    images = _read_all(paths, size)
    draw = np.random.default_rng(seed)
    sides: tuple[list[int], ...] = ([], [], [])
    for label in range(len(classes)):
        mixed = draw.permutation(np.flatnonzero(labels == label))
        ends = np.cumsum([max(1, round(share * len(mixed))) for share in (test, validation)])
        for side, some in zip(reversed(sides), np.split(mixed, ends), strict=True):
            side.extend(some)
    album = Album(images, labels, tuple(classes), tuple(paths))
    to_train, to_validate, to_test = (album[draw.permutation(side)] for side in sides)
    return to_train, to_validate, to_test


def scan(folder: str | os.PathLike[str]) -> dict[str, list[Path]]:
    """The files of each class, in the order of their names, without opening a picture.

    Args:
        folder: holds one folder a class.

    Raises:
        FileNotFoundError: there is no such folder.
        ValueError: fewer than two classes, or fewer than five photographs in one of them.

    Example:

    >>> {name: len(files) for name, files in scan("cups_and_glasses").items()}  # doctest: +SKIP
    {'cups': 100, 'glasses': 100}
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"There is no folder {folder}. Name one that holds one folder of photographs a class.")
    classes = {path.name: _visible(path) for path in _visible(folder) if path.is_dir()}
    if len(classes) < 2:
        found = f"only one, {next(iter(classes))}" if classes else "none"
        raise ValueError(
            f"{folder} should hold one folder a class, at least two, and holds {found}. "
            f"Put the photographs of each class into a folder of their own in {folder}."
        )
    few = [f"{name} has {len(files)}" for name, files in classes.items() if len(files) < FEWEST]
    if few:
        raise ValueError(
            f"Every class needs at least {FEWEST} photographs, to train, to choose and to test on: {', '.join(few)}. "
            f"Add some, or move the folder out of {folder}."
        )
    return classes


def _visible(folder: Path) -> list[Path]:
    there = (path for path in folder.iterdir() if not path.name.startswith("."))
    return sorted((path for path in there if path.name.lower() not in _LEFT_BEHIND), key=lambda path: path.name)


def _read_all(paths: list[Path], size: int) -> np.ndarray:
    images = np.empty((len(paths), size, size, 3), "uint8")
    seen: dict[str, Path] = {}
    damaged = []
    for position, path in enumerate(paths):
        try:
            content = path.read_bytes()
            images[position] = _read(path, size)
        except (
            OSError,
            SyntaxError,
            ValueError,
            _bomb(),
        ):  # Pillow's words for a file that is no image, or half of one
            damaged.append(path)
            continue
        first = seen.setdefault(hashlib.sha256(content).hexdigest(), path)
        if first is not path:
            raise ValueError(
                f"{path} and {first} are the same picture, which could fall on both sides of the split. Remove one."
            )
    if damaged:
        named = ", ".join(map(str, damaged[:_NAMED])) + (f" and {len(damaged) - _NAMED} more" * (len(damaged) > _NAMED))
        raise ValueError(
            f"No picture can be read from {named}. Save such a file as JPEG or PNG (a phone's HEIC isn't read), or "
            "move it out of the folder."
        )
    return images


def _bomb() -> type[Exception]:
    from PIL import Image

    return Image.DecompressionBombError


def _read(path: Path, size: int) -> np.ndarray:
    """A photograph upright, its middle square, scaled."""
    from PIL import Image, ImageOps

    with Image.open(path) as image:
        image.draft("RGB", (2 * size, 2 * size))  # of a large JPEG, not more than is needed
        upright = ImageOps.exif_transpose(image).convert("RGB")
        return np.asarray(ImageOps.fit(upright, (size, size), Image.Resampling.BILINEAR))
