"""Pairs of digits and a relation between them: which is greater, or whether both are the same digit.

The images are those of :mod:`functional_course.data.digits`. They are divided into training and test images first and
paired afterwards, so that no image stands on both sides of the line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from functional_course.data import digits

import numpy as np
from sklearn.model_selection import train_test_split

Relation = Literal["greater", "same"]
RELATIONS: tuple[str, ...] = get_args(Relation)


@dataclass(frozen=True)
class Pairs:
    """Pairs of images with the answer to one question about each.

    Attributes:
        left: the first image of every pair, float32 of shape ``(n, 8, 8, 1)``.
        right: the second.
        answers: 1.0 where the relation holds and 0.0 where it does not, float32 of shape ``(n,)``.
        digits: which digits the images show, int64 of shape ``(n, 2)``.
        relation: ``"greater"``: the left digit is greater than the right one; ``"same"``: both show the same digit.
    """

    left: np.ndarray
    right: np.ndarray
    answers: np.ndarray
    digits: np.ndarray
    relation: Relation

    def __len__(self) -> int:
        return len(self.answers)

    @property
    def swapped(self) -> Pairs:
        """The same pairs with left and right exchanged, and the answers to the exchanged pairs."""
        digits = self.digits[:, ::-1]
        return Pairs(self.right, self.left, _answers(digits, self.relation), digits, self.relation)


def load_data(relation: Relation, train: int = 1000, test: int = 1000, seed: int = 0) -> tuple[Pairs, Pairs]:
    """Draw pairs of training images and pairs of test images. No image is on both sides.

    Args:
        relation: ``"greater"`` or ``"same"``.
        train: how many training pairs, an even number.
        test: how many test pairs, an even number.
        seed: which images are test images, and which are paired.

    Returns:
        The training pairs and the test pairs, each with as many answers of yes as of no.

    Raises:
        ValueError: another relation, or an odd number of pairs.

    Example:

    >>> train, test = load_data("same", train=200, test=100)
    >>> train.left.shape, test.answers.mean().item()
    ((200, 8, 8, 1), 0.5)
    """
    (x_train, y_train), (x_test, y_test) = digits.load_data(seed)
    known = draw(x_train, y_train, relation, train, seed)
    unknown = draw(x_test, y_test, relation, test, seed + 1)
    if shared := common_images(known, unknown):
        raise AssertionError(f"{shared} images are on both sides of the train/test line.")
    return known, unknown


def load_with_validation(
    relation: Relation, train: int = 1000, validation: int = 1000, test: int = 1000, seed: int = 0
) -> tuple[Pairs, Pairs, Pairs]:
    """Draw pairs of training, of validation and of test images. No image is in two of the three.

    The test pairs are those of :func:`load_data` with the same seed and number. As many images as there are test
    images are taken from the training images for validation.

    Args:
        relation: ``"greater"`` or ``"same"``.
        train: how many training pairs, an even number.
        validation: how many validation pairs, an even number.
        test: how many test pairs, an even number.
        seed: which images are test and validation images, and which are paired.

    Returns:
        The training, the validation and the test pairs, each with as many answers of yes as of no.

    Raises:
        ValueError: another relation, or an odd number of pairs.

    Example:

    >>> parts = load_with_validation("same", train=200, validation=100, test=100)
    >>> [len(part) for part in parts]
    [200, 100, 100]
    """
    (images, labels), (x_test, y_test) = digits.load_data(seed)
    x_train, x_validation, y_train, y_validation = train_test_split(
        images, labels, test_size=digits.TEST_IMAGES, stratify=labels, random_state=seed
    )
    parts = (
        draw(x_train, y_train, relation, train, seed),
        draw(x_validation, y_validation, relation, validation, seed + 2),
        draw(x_test, y_test, relation, test, seed + 1),
    )
    for one, other in ((0, 1), (0, 2), (1, 2)):
        if shared := common_images(parts[one], parts[other]):
            raise AssertionError(f"{shared} images are in two of the three parts.")
    return parts


def draw(images: np.ndarray, labels: np.ndarray, relation: Relation, count: int, seed: int = 0) -> Pairs:
    """Pair images at random; half of the pairs have the relation, and no image is paired with itself.

    For ``"same"``, neither image alone says anything: every digit is as frequent among the pairs of one digit as among
    those of two. For ``"greater"``, the digits of a pair differ, and a left 9 alone already says yes.

    Args:
        images: digits of shape ``(n, 8, 8, 1)``. To pair only some digits, give only those.
        labels: their digits, shape ``(n,)``.
        relation: ``"greater"`` or ``"same"``.
        count: how many pairs, an even number. An image may stand in several pairs.
        seed: which images are paired.

    Raises:
        ValueError: another relation, an odd number of pairs, or too few images: there must be two digits, and for
            ``"same"`` two images of each.

    Example:

    >>> (x_train, y_train), _ = digits.load_data()
    >>> few = draw(x_train, y_train, "greater", count=4)
    >>> bool((few.answers == (few.digits[:, 0] > few.digits[:, 1])).all())
    True
    """
    if relation not in RELATIONS:
        raise ValueError(f"The relation is one of {', '.join(map(repr, RELATIONS))}, not {relation!r}.")
    if count < 2 or count % 2:
        raise ValueError(f"Half of the pairs have the relation, so their number is even and not 0; {count} is not.")
    images, labels = np.asarray(images), np.asarray(labels)
    if len(images) != len(labels):
        raise ValueError(f"Every image needs its digit: there are {len(images)} images and {len(labels)} labels.")
    of_class = {int(digit): np.flatnonzero(labels == digit) for digit in np.unique(labels)}
    classes = np.array(list(of_class))
    fewest = min(map(len, of_class.values()), default=0)
    if len(classes) < 2 or (relation == "same" and fewest < 2):
        raise ValueError(
            f"Pairs need images of two digits, and for 'same' two images of each: there are {len(classes)} digits, "
            f"the rarest with {fewest} images."
        )

    rng = np.random.default_rng(seed)
    half = count // 2
    # Digits first, images second: a frequent digit must not give itself away.
    first = rng.choice(len(classes), size=count)
    second = (first + rng.integers(1, len(classes), size=count)) % len(classes)  # never the same digit
    holds = np.repeat([True, False], half)
    if relation == "same":
        second[:half] = first[:half]
    else:
        # np.unique sorted the digits, so their order is that of their places.
        first, second = (
            np.where(holds, np.maximum(first, second), np.minimum(first, second)),
            np.where(holds, np.minimum(first, second), np.maximum(first, second)),
        )
    chosen = np.empty((count, 2), dtype=np.int64)
    for row, (one, other) in enumerate(zip(classes[first], classes[second], strict=True)):
        if one == other:
            chosen[row] = rng.choice(of_class[int(one)], size=2, replace=False)
        else:
            chosen[row] = rng.choice(of_class[int(one)]), rng.choice(of_class[int(other)])
    chosen = rng.permutation(chosen)
    shown = labels[chosen].astype("int64")
    return Pairs(images[chosen[:, 0]], images[chosen[:, 1]], _answers(shown, relation), shown, relation)


@dataclass(frozen=True)
class Episodes:
    """Questions of one-shot classification: which of the examples shows the same digit as the query?

    Attributes:
        examples: one image of each class an episode, float32 of shape ``(episodes, classes, 8, 8, 1)``.
        queries: one other image an episode, float32 of shape ``(episodes, 8, 8, 1)``.
        answers: which of the examples is of the query's class, int64 of shape ``(episodes,)``.
        classes: the digits, in the order of the examples, of shape ``(classes,)``; where each episode has its own
            classes, ``(episodes, classes)``.
    """

    examples: np.ndarray
    queries: np.ndarray
    answers: np.ndarray
    classes: np.ndarray

    def __len__(self) -> int:
        return len(self.answers)

    @property
    def chance(self) -> float:
        """The accuracy of guessing."""
        return 1 / self.examples.shape[1]


def one_shot(
    images: np.ndarray, labels: np.ndarray, count: int = 400, seed: int = 0, *, ways: int | None = None
) -> Episodes:
    """Draw episodes of one-shot classification: one example of every class, and a query that is another image.

    Args:
        images: digits of shape ``(n, 8, 8, 1)``. To ask about some digits only, give only those.
        labels: their digits, shape ``(n,)``.
        count: how many episodes.
        seed: which images they show.
        ways: how many classes each episode draws at random, in random order; all classes by default.

    Raises:
        ValueError: not one label an image, no episode, fewer than two classes or ways, more ways than classes, or a
            class with fewer than two images.

    Example:

    >>> _, (x_test, y_test) = digits.load_data()
    >>> asked = one_shot(x_test, y_test, count=50)
    >>> asked.examples.shape, asked.queries.shape, asked.chance
    ((50, 10, 8, 8, 1), (50, 8, 8, 1), 0.1)
    """
    images, labels = np.asarray(images), np.asarray(labels)
    if len(images) != len(labels):
        raise ValueError(f"Every image needs its digit: there are {len(images)} images and {len(labels)} labels.")
    classes, sizes = np.unique(labels, return_counts=True)
    if count < 1 or len(classes) < 2 or sizes.min() < 2:
        raise ValueError(
            f"One-shot classification needs an episode and two images of each of two classes: there are {count} "
            f"episodes and {len(classes)} classes, the rarest with {sizes.min(initial=len(labels))} images."
        )
    if ways is not None and not 2 <= ways <= len(classes):
        raise ValueError(f"An episode draws from 2 to {len(classes)} classes, as many as there are, not {ways}.")
    rng = np.random.default_rng(seed)
    of_class = [np.flatnonzero(labels == digit) for digit in classes]
    answers = rng.integers(ways or len(classes), size=count)
    drawn = (
        np.tile(np.arange(len(classes)), (count, 1))
        if ways is None
        else np.array([rng.permutation(len(classes))[:ways] for _ in range(count)])
    )
    # Two images a class, so that the query is never its own example.
    two = np.array([[rng.choice(of_class[digit], size=2, replace=False) for digit in row] for row in drawn])
    queries = two[np.arange(count), answers, 1]
    return Episodes(images[two[..., 0]], images[queries], answers, classes if ways is None else classes[drawn])


def common_images(one: Pairs, other: Pairs) -> int:
    """How many images stand in both sets of pairs, compared pixel by pixel."""
    return len(_images(one) & _images(other))


def _images(pairs: Pairs) -> set[bytes]:
    return {image.tobytes() for side in (pairs.left, pairs.right) for image in side}


def _answers(digits: np.ndarray, relation: Relation) -> np.ndarray:
    left, right = digits[:, 0], digits[:, 1]
    return (left > right if relation == "greater" else left == right).astype("float32")
