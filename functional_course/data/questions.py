"""Questions about digits: an image, a question in tokens, and yes or no.

The images are those of :mod:`functional_course.data.digits`. Every question has its opposite among the questions, and
each is answered yes as often as no. So neither the image alone nor the question alone says anything about the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from functional_course.data import digits

import numpy as np

Examples = tuple[dict[str, np.ndarray], np.ndarray]

_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_PRIMES = (2, 3, 5, 7)


def _rules() -> dict[str, Callable[[int], bool]]:
    rules: dict[str, Callable[[int], bool]] = {
        "is it even": lambda digit: digit % 2 == 0,
        "is it odd": lambda digit: digit % 2 == 1,
        "is it prime": lambda digit: digit in _PRIMES,
        "is it not prime": lambda digit: digit not in _PRIMES,
    }
    for bound in range(2, 7):
        rules[f"is it greater than {_NUMBERS[bound]}"] = _is_greater_than(bound)
        rules[f"is it less than {_NUMBERS[bound + 1]}"] = _is_at_most(bound)
    return rules


def _is_greater_than(bound: int) -> Callable[[int], bool]:
    return lambda digit: digit > bound


def _is_at_most(bound: int) -> Callable[[int], bool]:
    return lambda digit: digit <= bound


_RULES = _rules()

QUESTIONS = tuple(_RULES)
# Alphabetical, so that an id says nothing about what its word means. 0 fills up short questions.
VOCABULARY = ("", *sorted({word for question in QUESTIONS for word in question.split()}))
LENGTH = max(len(question.split()) for question in QUESTIONS)
_IDS = {word: number for number, word in enumerate(VOCABULARY)}


def load_data(seed: int = 0, train: int = 5600, test: int = 1120) -> tuple[Examples, Examples]:
    """Load image, question and answer, with no image on both sides of the split.

    Args:
        seed: which images fall on the test side, and which image is asked what.
        train: how many training examples; each image comes about four times, with different questions or the same.
        test: how many test examples. Multiples of 28, twice the number of questions, keep every question balanced.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``. Each ``x`` is a dict: ``"image"``, float32 in [0, 1] of shape
        ``(n, 8, 8, 1)``, and ``"question"``, int64 token ids of shape ``(n, 5)``. Each ``y`` holds 0 for no and
        1 for yes, int64 of shape ``(n,)``.

    Example:

    >>> (x_train, y_train), _ = load_data()
    >>> x_train["image"].shape, x_train["question"].shape, y_train.shape
    ((5600, 8, 8, 1), (5600, 5), (5600,))
    """
    sides = digits.load_data(seed)
    generator = np.random.default_rng(seed)
    first, second = (
        _ask(images, labels, count, generator) for (images, labels), count in zip(sides, (train, test), strict=True)
    )
    return first, second


def answer(question: str, digit: int) -> bool:
    """The right answer to one of the questions about a digit.

    Raises:
        ValueError: the question is not one of ``QUESTIONS``.

    Example:

    >>> answer("is it greater than four", 7)
    True
    """
    if question not in _RULES:
        raise ValueError(f"No question reads {question!r}. There are: {', '.join(QUESTIONS)}.")
    return _RULES[question](int(digit))


def encode(questions: Iterable[str]) -> np.ndarray:
    """Questions as token ids: one row a question, filled up with 0 at the end.

    Raises:
        ValueError: a word outside the vocabulary, or a question of more than ``LENGTH`` words.

    Example:

    >>> encode(["is it even"])
    array([[5, 6, 1, 0, 0]])
    """
    questions = [questions] if isinstance(questions, str) else list(questions)
    ids = np.zeros((len(questions), LENGTH), "int64")
    for row, question in enumerate(questions):
        words = question.split()
        unknown = [word for word in words if word not in _IDS]
        if unknown or len(words) > LENGTH:
            reason = f"the vocabulary has no {unknown[0]!r}" if unknown else f"it has more than {LENGTH} words"
            raise ValueError(f"{question!r} cannot be encoded: {reason}. Words: {', '.join(VOCABULARY[1:])}.")
        ids[row, : len(words)] = [_IDS[word] for word in words]
    return ids


def decode(ids: np.ndarray) -> list[str]:
    """The questions that rows of token ids stand for.

    Example:

    >>> decode(encode(["is it even"]))
    ['is it even']
    """
    return [" ".join(VOCABULARY[token] for token in row if token) for row in np.atleast_2d(np.asarray(ids))]


def _ask(images: np.ndarray, labels: np.ndarray, count: int, generator: np.random.Generator) -> Examples:
    """Draw ``count`` examples: question and answer first, in equal shares, then an image with that answer."""
    cases = [(question, wanted) for question in QUESTIONS for wanted in (False, True)]
    fitting = [
        np.flatnonzero([answer(question, digit) == wanted for digit in range(digits.CLASSES)])
        for question, wanted in cases
    ]
    by_digit = [np.flatnonzero(labels == digit) for digit in range(digits.CLASSES)]
    drawn = generator.permutation(np.arange(count) % len(cases))
    chosen = [generator.choice(by_digit[generator.choice(fitting[case])]) for case in drawn]
    tokens = encode(QUESTIONS)
    asked = tokens[drawn // 2]
    return {"image": images[chosen], "question": asked}, (drawn % 2).astype("int64")
