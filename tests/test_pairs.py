"""Pairs of digits: balanced, true to their relation, and no image on both sides of the train/test line."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

from functional_course.data import digits, pairs

import numpy as np
import pytest

(IMAGES, LABELS), _ = digits.load_data()


@pytest.mark.parametrize("relation", pairs.RELATIONS)
@pytest.mark.parametrize("seed", range(3))
def test_half_of_the_pairs_have_the_relation_and_no_image_crosses_the_line(relation: str, seed: int):
    train, test = pairs.load_data(relation, train=600, test=400, seed=seed)
    for part, count in ((train, 600), (test, 400)):
        left, right = part.digits.T
        assert part.left.shape == part.right.shape == (count, 8, 8, 1) and len(part) == count
        assert part.answers.dtype == part.left.dtype == np.float32
        assert part.answers.mean() == 0.5
        assert np.array_equal(part.answers, left > right if relation == "greater" else left == right)
        assert 0.4 < part.answers[: count // 2].mean() < 0.6, "yes and no are not shuffled"
    assert pairs.common_images(train, test) == 0


def test_the_digits_named_are_those_shown():
    drawn = pairs.draw(IMAGES, LABELS, "same", count=60)
    for image, digit in zip(np.concatenate([drawn.left, drawn.right]), drawn.digits.T.ravel(), strict=True):
        assert digit in LABELS[(image == IMAGES).all(axis=(1, 2, 3))]


def test_one_image_alone_does_not_say_whether_both_are_the_same():
    drawn = pairs.draw(IMAGES, LABELS, "same", count=20_000)
    for side in drawn.digits.T:
        shares = [drawn.answers[side == digit].mean() for digit in range(10)]
        assert np.abs(np.array(shares) - 0.5).max() < 0.05


def test_no_image_is_paired_with_itself():
    two = np.concatenate([IMAGES[digit == LABELS][:2] for digit in range(10)])
    drawn = pairs.draw(two, np.repeat(np.arange(10), 2), "same", count=400)
    assert not (drawn.left == drawn.right).all(axis=(1, 2, 3)).any()
    assert drawn.answers.mean() == 0.5


def test_greater_never_has_a_tie_and_its_sides_are_alike():
    drawn = pairs.draw(IMAGES, LABELS, "greater", count=20_000)
    left, right = drawn.digits.T
    assert (left != right).all()
    shares = [np.bincount(side, minlength=10) / len(drawn) for side in (left, right)]
    assert np.abs(shares[0] - shares[1]).max() < 0.02


def test_only_the_digits_that_are_given_are_paired():
    some = np.isin(LABELS, (3, 5, 8))
    assert set(pairs.draw(IMAGES[some], LABELS[some], "greater", count=50).digits.ravel()) == {3, 5, 8}


def test_swapped_pairs_have_the_answers_of_swapped_pairs():
    greater = pairs.draw(IMAGES, LABELS, "greater", count=40)
    same = pairs.draw(IMAGES, LABELS, "same", count=40)
    assert np.array_equal(greater.swapped.answers, 1 - greater.answers)
    assert np.array_equal(same.swapped.answers, same.answers)
    assert np.array_equal(same.swapped.left, same.right) and np.array_equal(
        same.swapped.digits[:, 0], same.digits[:, 1]
    )


def test_the_seed_decides():
    first, again, other = (pairs.load_data("same", train=50, test=10, seed=seed)[0].left for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_an_image_that_crosses_the_line_is_counted_and_refused(monkeypatch: pytest.MonkeyPatch):
    train, test = pairs.load_data("same", train=50, test=10)
    leaky = dataclasses.replace(test, right=np.concatenate([train.left[:1], test.right[1:]]))
    assert pairs.common_images(train, leaky) == 1
    # One and the same image, also under another index.
    monkeypatch.setattr(digits, "load_data", lambda seed: ((IMAGES, LABELS), (IMAGES.copy(), LABELS)))
    with pytest.raises(AssertionError, match="images are on both sides of the train/test line"):
        pairs.load_data("same", train=1000, test=1000)


@pytest.mark.parametrize(
    ("images", "relation", "count", "message"),
    [
        (IMAGES, "smaller", 10, "'greater', 'same', not 'smaller'"),
        (IMAGES, "same", 7, "their number is even and not 0; 7 is not"),
        (IMAGES, "same", 0, "their number is even and not 0; 0 is not"),
        (IMAGES[:5], "same", 10, "there are 5 images and 1437 labels"),
    ],
)
def test_what_cannot_be_drawn_is_refused(images: np.ndarray, relation: str, count: int, message: str):
    with pytest.raises(ValueError, match=message):
        pairs.draw(images, LABELS, relation, count)


def test_too_few_images_are_refused():
    with pytest.raises(ValueError, match="there are 1 digits"):
        pairs.draw(IMAGES[LABELS == 1], LABELS[LABELS == 1], "greater", 2)
    with pytest.raises(ValueError, match="the rarest with 1 images"):
        pairs.draw(IMAGES[:2], np.array([0, 1]), "same", 2)


def test_pairs_are_drawn_without_keras():
    code = (
        "import sys; from functional_course.data import pairs; pairs.load_data('same'); print('keras' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"


def test_validation_images_are_neither_training_nor_test_images():
    parts = pairs.load_with_validation("same", train=600, validation=400, test=300, seed=2)
    assert [len(part) for part in parts] == [600, 400, 300]
    for part in parts:
        assert part.answers.mean() == 0.5
    train, validation, test = parts
    assert pairs.common_images(train, validation) == pairs.common_images(train, test) == 0
    assert pairs.common_images(validation, test) == 0
    assert np.array_equal(test.left, pairs.load_data("same", test=300, seed=2)[1].left)


def test_validation_images_that_are_training_images_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pairs, "train_test_split", lambda *arrays, **_: (arrays[0], arrays[0], arrays[1], arrays[1]))
    with pytest.raises(AssertionError, match="images are in two of the three parts"):
        pairs.load_with_validation("same")


def test_an_episode_shows_each_class_once_and_asks_for_another_image_of_one():
    some = np.isin(LABELS, (1, 4, 7))
    asked = pairs.one_shot(IMAGES[some], LABELS[some], count=60)
    assert asked.classes.tolist() == [1, 4, 7] and len(asked) == 60 and asked.chance == pytest.approx(1 / 3)
    assert set(asked.answers.tolist()) == {0, 1, 2}

    def digit(image: np.ndarray) -> np.ndarray:
        return LABELS[(image == IMAGES).all(axis=(1, 2, 3))]

    for examples, query, answer in zip(asked.examples, asked.queries, asked.answers, strict=True):
        assert [asked.classes[place] in digit(image) for place, image in enumerate(examples)] == [True] * 3
        assert asked.classes[answer] in digit(query)
        assert not (examples == query).all(axis=(1, 2, 3)).any()


def test_an_episode_draws_as_many_classes_as_it_has_ways():
    codes = np.eye(10)[LABELS]  # also what isn't an image can be drawn, as an embedding
    asked = pairs.one_shot(codes, LABELS, count=50, ways=4)
    assert asked.examples.shape == (50, 4, 10) and asked.classes.shape == (50, 4) and asked.chance == 0.25
    assert all(len(set(row)) == 4 for row in asked.classes.tolist()) and len(set(map(tuple, asked.classes))) > 10
    assert np.array_equal(asked.examples.argmax(axis=2), asked.classes)
    assert np.array_equal(asked.queries.argmax(axis=1), asked.classes[np.arange(50), asked.answers])
    for ways in (1, 11):
        with pytest.raises(ValueError, match=f"from 2 to 10 classes, as many as there are, not {ways}"):
            pairs.one_shot(codes, LABELS, ways=ways)


def test_episodes_follow_the_seed():
    first, again, other = (pairs.one_shot(IMAGES, LABELS, 9, seed=seed).queries for seed in (0, 0, 1))
    assert np.array_equal(first, again) and not np.array_equal(first, other)


@pytest.mark.parametrize(
    ("images", "labels", "count", "message"),
    [
        (IMAGES[:5], LABELS, 3, "there are 5 images and 1437 labels"),
        (IMAGES, LABELS, 0, "there are 0 episodes"),
        (IMAGES[LABELS == 1], LABELS[LABELS == 1], 3, "and 1 classes"),
        (IMAGES[:3], np.array([0, 0, 1]), 3, "the rarest with 1 images"),
        (IMAGES[:0], LABELS[:0], 3, "and 0 classes"),
    ],
)
def test_episodes_that_cannot_be_drawn_are_refused(images: np.ndarray, labels: np.ndarray, count: int, message: str):
    with pytest.raises(ValueError, match=message):
        pairs.one_shot(images, labels, count)
