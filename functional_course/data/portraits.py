"""Drawn faces with an age in years and a binary label, from a seeded generator.

Nobody is shown. Every face is drawn from a few dozen numbers: where it looks, how it is lit, what stands behind it, its
skin, hair, glasses and expression, and the cues of age and label.

Age shows in several graded cues: the proportions of a child's face, grey hair, the hairline, wrinkles, thin lips. The
label shows in several weak ones (:data:`LABEL_CUES`), and none of them decides alone. They are stereotypes, written
into the generator; a model that finds them has found the generator's rules and nothing about people.
"""

from __future__ import annotations

from collections.abc import Sequence

from functional_course.data.faces import Faces

SIZE = 64
OLDEST = 90

LABEL_CUES = ("hair_length", "beard", "lip_colour", "earrings", "brows", "jaw", "lashes")
"""The cues that depend on the label, each weakly."""

AGE_CUES = ("childlike", "grey", "hairline", "wrinkles", "lips", "spots")
"""The cues that depend on the age, each with a spread of its own."""


def load_data(train: int = 1500, test: int = 500, size: int = SIZE, seed: int = 0) -> tuple[Faces, Faces]:
    """Draw portraits to train on and portraits to test on.

    Args:
        train: how many training portraits.
        test: how many test portraits.
        size: height and width in pixels.
        seed: which portraits.

    Returns:
        The training portraits and the test portraits. Ages are uniform from 1 to 90, labels are as often 0 as 1.
        The first of them do not change when you ask for more, nor does a portrait's content with its size.

    Raises:
        ValueError: a negative number, or a size under 16.

    Example:

    >>> train, test = load_data(train=20, test=10)
    >>> train.images.shape, train.images.dtype, test.ages.shape
    ((20, 64, 64, 3), dtype('uint8'), (10,))
    """
    raise NotImplementedError


def draw(count: int, size: int = SIZE, seed: int | Sequence[int] = 0) -> Faces:
    """Draw portraits of different people.

    Args:
        count: how many.
        size: height and width in pixels.
        seed: which ones.

    Example:

    >>> draw(3, size=200).images.shape
    (3, 200, 200, 3)
    """
    raise NotImplementedError


def one_person(ages: Sequence[float], label: int = 0, size: int = SIZE, seed: int = 0) -> Faces:
    """Draw one and the same person at several ages: all that does not follow from the age stays as it is.

    Args:
        ages: in years, from 0 to 100.
        label: 0 or 1.
        size: height and width in pixels.
        seed: who.

    Example:

    >>> one_person([5, 25, 45, 65, 85]).ages.tolist()
    [5.0, 25.0, 45.0, 65.0, 85.0]
    """
    raise NotImplementedError
