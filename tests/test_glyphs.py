"""Characters: in every hand, of different shapes, quickly drawn, and the same for the same seed."""

from __future__ import annotations

import subprocess
import sys

from functional_course.data import glyphs

import numpy as np
import pytest
from effort import lines_of
from PIL import Image

EVERYTHING = "".join(glyphs.ALPHABETS.values())


def drawings(characters: str, hand: int) -> dict[str, np.ndarray]:
    """Each character in one hand, neither turned nor shifted."""
    return {each: np.asarray(glyphs._drawn(each, hand), dtype=float) / 255 for each in characters}


def alike(one: np.ndarray, other: np.ndarray) -> float:
    """The distance of two drawings, as a part of their length: 0 for the same one."""
    return float(np.linalg.norm(one - other) / np.sqrt((one**2).sum() / 2 + (other**2).sum() / 2))


def test_the_alphabets_are_as_large_as_the_lesson_says():
    assert len("".join(glyphs.ALPHABETS[name] for name in glyphs.KNOWN)) == 312
    assert len("".join(glyphs.ALPHABETS[name] for name in glyphs.UNSEEN)) == 99
    assert set(glyphs.KNOWN) | set(glyphs.UNSEEN) == set(glyphs.ALPHABETS)
    assert len(set(EVERYTHING)) == len(EVERYTHING)
    assert len(glyphs.HANDS) == 12


@pytest.mark.parametrize("hand", range(0, 12, 5))
def test_no_unseen_character_has_the_shape_of_a_known_one(hand: int):
    drawn = drawings(EVERYTHING, hand)
    unseen = EVERYTHING[312:]
    nearest = {each: min(EVERYTHING[:312], key=lambda known: alike(drawn[each], drawn[known])) for each in unseen}
    close = [(each, known) for each, known in nearest.items() if alike(drawn[each], drawn[known]) < 0.1]
    assert not close
    # The planted fault: the Greek capital alpha, which isn't in the list, is the Latin A.
    assert alike(drawings("Α", hand)["Α"], drawn["A"]) < 0.1


def test_every_character_comes_in_every_hand_equally_often():
    some = glyphs.load_data(("Greek",), each=24, size=8)
    count = len(glyphs.ALPHABETS["Greek"])
    assert len(some) == 24 * count
    assert np.array_equal(np.bincount(some.labels * 12 + some.hands), np.full(12 * count, 2))
    assert "".join(some.characters) == glyphs.ALPHABETS["Greek"]


def test_the_images_are_in_range_centred_and_not_cut():
    some = glyphs.load_data(("Cyrillic",), each=12, size=32)
    assert some.images.shape == (12 * len(some.characters), 32, 32, 1)
    assert some.images.dtype == np.float32
    assert some.images.min() == 0 and 0.9 < some.images.max() <= 1
    edges = np.concatenate([some.images[:, [0, -1]].ravel(), some.images[:, :, [0, -1]].ravel()])
    assert edges.max() < 0.5
    assert (some.images.max(axis=(1, 2, 3)) > 0.3).all()


def test_a_turn_and_a_shift_go_where_they_say():
    dot = Image.new("L", (64, 64))
    dot.putpixel((42, 32), 255)
    rows, columns = np.nonzero(np.asarray(glyphs._moved(dot, 0.0, np.array([3.0, -2.0]))))
    assert 44 <= columns.mean() <= 46 and 29 <= rows.mean() <= 31
    rows, columns = np.nonzero(np.asarray(glyphs._moved(dot, np.pi / 2, np.zeros(2))))
    assert abs(columns.mean() - 32) <= 1 and abs(abs(rows.mean() - 32) - 10) <= 1


def test_the_seed_decides_and_what_is_cached_cannot_be_changed():
    first, other = (glyphs.load_data(("Greek",), each=2, seed=seed, size=16) for seed in (0, 1))
    assert first is glyphs.load_data(("Greek",), each=2, seed=0, size=16)
    again = glyphs.load_data.__wrapped__(("Greek",), each=2, seed=0, size=16)
    assert again is not first and np.array_equal(again.images, first.images)
    assert not np.array_equal(first.images, other.images)
    with pytest.raises(ValueError, match="read-only"):
        first.images[0] = 1


def test_some_of_the_characters():
    some = glyphs.load_data(classes=7, each=12, size=8)
    assert len(some.characters) == len(set(some.characters)) == 7
    assert set(some.characters) <= set(EVERYTHING[:312])
    assert some.characters != glyphs.load_data(classes=7, each=12, size=8, seed=1).characters
    assert set(some.labels) == set(range(7))


def test_images_of_a_class_are_drawn_together():
    """Ten thousand take about 3 s: 400 lines of Python each."""
    assert len(glyphs.load_data.__wrapped__(classes=100, each=10)) == 1000
    assert lines_of(lambda: glyphs.load_data.__wrapped__(classes=100, each=10, seed=5)) < 800_000


def test_drawing_them_imports_no_tensorflow():
    code = (
        "import sys; from functional_course.data import glyphs; glyphs.load_data(('Greek',), each=1); "
        "sys.exit(any(name in sys.modules for name in ('tensorflow', 'keras')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"alphabets": ("Klingon",)}, "Latin, Cyrillic, Georgian, Greek, Armenian; there is no 'Klingon'"),
        ({"classes": 313}, "have 312 characters: 313 can't be drawn"),
        ({"classes": 0}, "0 can't be drawn"),
        ({"each": 0}, "each=0 is too few"),
        ({"size": 33}, "from 8 to 32 pixels on a side, not 33"),
        ({"size": 7}, "not 7"),
    ],
)
def test_what_cannot_be_drawn_is_refused(arguments: dict, message: str):
    with pytest.raises(ValueError, match=message):
        glyphs.load_data(**arguments)
