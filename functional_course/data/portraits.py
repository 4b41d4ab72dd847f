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
from functional_course.data.painting import paint

import numpy as np

SIZE = 64
SMALLEST = 16
OLDEST = 90

LABEL_CUES = ("hair_length", "beard", "hairline", "lip_colour", "earrings", "brows", "jaw", "lashes")
"""The cues that depend on the label, each weakly."""

AGE_CUES = ("childlike", "grey", "hairline", "wrinkles", "lips", "spots")
"""The cues that depend on the age, each with a spread of its own."""

# How much of the fair-skinned have hair of the first colour, of the first two, and so on.
_HAIR_SHARES = np.array([0.15, 0.35, 0.52, 0.66, 1.0])

PRETRAINING = 3
"""What is added to a seed for the portraits of ``course pretrain``, which no chapter trains or tests on."""

SCENE = (
    *("turn", "nod", "tilt", "shift_x", "shift_y", "scale", "light_x", "light_y", "exposure", "warmth"),
    *("background", "background_hue", "background_value", "background_place", "clothes_hue", "clothes_value"),
    *("neckline", "smile", "mouth_open", "eyes_open", "gaze", "brow_raise", "brow_slant"),
)
"""What differs from picture to picture of one person, by name."""

NATURE = (
    *("skin", "iris", "hair_colour", "hair_shade", "hair_volume", "curls", "parting", "fringe"),
    *("glasses_round", "spot_place"),
)
"""What stays with a person and depends on neither age nor label, by name."""

_TRAIN, _TEST, _PERSON, _DRAWN = 0, 1, 2, 4  # what a seed is split into


def load_data(train: int = 1500, test: int = 500, size: int = SIZE, seed: int = 0) -> tuple[Faces, Faces]:
    """Draw portraits to train on and portraits to test on.

    Args:
        train: how many training portraits.
        test: how many test portraits.
        size: height and width in pixels.
        seed: which portraits.

    Returns:
        The training portraits and the test portraits. Ages are whole years, each from 1 to 90 equally likely; so are
        the two labels. Ask for more portraits and the first ones stay; ask for another size and the same people come.

    Raises:
        ValueError: a negative number, or a size under 16.

    Example:

    >>> train, test = load_data(train=20, test=10)
    >>> train.images.shape, train.images.dtype, test.ages.shape
    ((20, 64, 64, 3), dtype('uint8'), (10,))
    """
    return draw(train, size, (seed, _TRAIN)), draw(test, size, (seed, _TEST))


def draw(count: int, size: int = SIZE, seed: int | Sequence[int] = 0) -> Faces:
    """Draw portraits of different people.

    Args:
        count: how many.
        size: height and width in pixels.
        seed: which ones.

    Raises:
        ValueError: a negative number, or a size under 16.

    Example:

    >>> draw(3, size=200).images.shape
    (3, 200, 200, 3)
    """
    if count < 0 or size < SMALLEST:
        raise ValueError(f"Portraits are 0 or more, of {SMALLEST} pixels or more; not {count} of {size}.")
    scenes, looks, nature = (_Dice(count, (*_words(seed), part)) for part in range(3))
    return _faces(scenes, nature, looks, _ages(looks), _labels(looks), size)


def draw_people(
    people: int, pictures: int, size: int = SIZE, seed: int | Sequence[int] = 0, family: int = 1
) -> tuple[Faces, np.ndarray]:
    """Draw each of several people several times: in other poses and light, with another expression and other clothes.

    Args:
        people: how many people.
        pictures: how many portraits of each.
        size: height and width in pixels.
        seed: which people, which pictures.
        family: how many people at a time have the same :data:`NATURE`: skin, eyes, the colour and kind of their hair.

    Returns:
        The portraits, those of one person next to each other, and who is on each: int64 of shape ``(n,)``.

    Raises:
        ValueError: a negative number, a size under 16, or people that make no whole families.

    Example:

    >>> faces, who = draw_people(2, 3)
    >>> who.tolist()
    [0, 0, 0, 1, 1, 1]
    """
    if min(people, pictures) < 0 or size < SMALLEST or family < 1 or people % family:
        raise ValueError(
            f"People and pictures are 0 or more, the size {SMALLEST} or more, and families are whole: "
            f"not {people} people in families of {family}, {pictures} pictures of {size}."
        )
    words = _words(seed)
    scenes = _Dice(people * pictures, (*words, 0))
    looks = _Dice(people, (*words, 1), pictures)
    nature = _Dice(people // family, (*words, 2), family * pictures)
    faces = _faces(scenes, nature, looks, _ages(looks), _labels(looks), size)
    return faces, np.repeat(np.arange(people), pictures)


def one_person(ages: Sequence[float], label: int = 0, size: int = SIZE, seed: int = 0) -> Faces:
    """Draw one and the same person at several ages: all that does not follow from the age stays as it is.

    Args:
        ages: in years, from 0 to 100.
        label: 0 or 1.
        size: height and width in pixels.
        seed: who.

    Raises:
        ValueError: an age out of range, another label, or a size under 16.

    Example:

    >>> one_person([5, 25, 45, 65, 85]).ages.tolist()
    [5.0, 25.0, 45.0, 65.0, 85.0]
    """
    years = np.asarray(ages, "float64")
    if years.ndim != 1 or not ((years >= 0) & (years <= 100)).all():
        raise ValueError(f"Ages are a list of years from 0 to 100, not {ages!r}.")
    if label not in (0, 1) or size < SMALLEST:
        raise ValueError(f"The label is 0 or 1 and the size {SMALLEST} or more, not {label!r} and {size}.")
    scene, looks, nature = (_Dice(1, (seed, _PERSON, part), len(years)) for part in range(3))
    return _faces(scene, nature, looks, years, np.full(len(years), bool(label)), size)


class _Dice:
    """Independent numbers, one a portrait: the same in the same order for the same seed, however many portraits.

    Args:
        count: how many portraits.
        seed: which numbers.
        repeat: how often each portrait's numbers come, for portraits of one person.
    """

    _THROWS = 64  # more than are thrown, so that a trait more changes no other

    def __init__(self, count: int, seed: Sequence[int], repeat: int = 1) -> None:
        levels = np.random.default_rng([*seed, 0]).random((count, self._THROWS))
        bells = np.random.default_rng([*seed, 1]).standard_normal((count, self._THROWS))
        self._uniform, self._normal = (iter(np.repeat(throws, repeat, axis=0).T) for throws in (levels, bells))

    def uniform(self, low: float = 0.0, high: float = 1.0) -> np.ndarray:
        """Evenly between ``low`` and ``high``."""
        return low + (high - low) * next(self._uniform)

    def normal(self, mean=0.0, spread: float = 1.0) -> np.ndarray:
        """About ``mean``, within two and a half spreads."""
        return mean + spread * np.clip(next(self._normal), -2.5, 2.5)

    def happens(self, chance) -> np.ndarray:
        """1 with this chance, otherwise 0."""
        return (next(self._uniform) < chance).astype("float64")


def _words(seed: int | Sequence[int]) -> tuple[int, ...]:
    # Two numbers always: NumPy takes the seeds (0,) and (0, 0) for one and the same.
    return tuple(seed) if isinstance(seed, Sequence) else (int(seed), _DRAWN)


def _ages(dice: _Dice) -> np.ndarray:
    return np.floor(1 + dice.uniform() * OLDEST)


def _labels(dice: _Dice) -> np.ndarray:
    return dice.uniform() < 0.5


def _faces(scenes: _Dice, nature: _Dice, looks: _Dice, ages: np.ndarray, labels: np.ndarray, size: int) -> Faces:
    traits = _scene(scenes) | _nature(nature) | _looks(looks, ages, labels)
    traits = {name: values.astype("float32") for name, values in traits.items()}
    images = paint(traits | {"age": ages.astype("float32")}, size)
    return Faces(images, ages.astype("float32"), labels.astype("int64"), traits)


def _ramp(values: np.ndarray, start, end) -> np.ndarray:
    return np.clip((values - start) / (end - start), 0, 1)


def _scene(dice: _Dice) -> dict[str, np.ndarray]:
    """Pose, light, background, clothes and expression."""
    angle = dice.uniform(-2.6, -0.5)  # the light comes from above
    strength = dice.uniform(0.3, 1.0)
    return {
        "turn": dice.uniform(-0.40, 0.40),
        "nod": dice.normal(0, 0.25),
        "tilt": dice.normal(0, 0.09),
        "shift_x": dice.normal(0, 0.12),
        "shift_y": dice.normal(0.02, 0.08),
        "scale": dice.normal(1, 0.07),
        "light_x": strength * np.cos(angle),
        "light_y": strength * np.sin(angle),
        "exposure": dice.uniform(0.75, 1.15),
        "warmth": dice.normal(0, 0.8),
        "background": np.floor(dice.uniform(0, 5)),
        "background_hue": dice.uniform(),
        "background_value": dice.uniform(),
        "background_place": dice.uniform(),
        "clothes_hue": dice.uniform(),
        "clothes_value": dice.uniform(),
        "neckline": dice.uniform(),
        "smile": dice.uniform(-0.35, 1.0),
        "mouth_open": dice.happens(0.35) * dice.uniform(0.3, 1.0),
        "eyes_open": dice.uniform(0.35, 1.0),
        "gaze": dice.uniform(-1, 1),
        "brow_raise": dice.normal(0, 0.6),
        "brow_slant": dice.normal(0, 0.5),
    }


def _nature(dice: _Dice) -> dict[str, np.ndarray]:
    """Skin, eyes and hair, as far as they do not change with age."""
    skin = dice.uniform()
    dark = skin > 0.55  # dark skin comes with dark hair and dark eyes
    colour = dice.uniform()
    return {
        "skin": skin,
        "iris": np.where(dark, 0, np.floor(dice.uniform(0, 3))),
        "hair_colour": np.where(dark, np.floor(2 * colour), np.searchsorted(_HAIR_SHARES, colour)),
        "hair_shade": dice.uniform(),
        "hair_volume": dice.uniform(0.05, 0.20),
        "curls": dice.happens(0.35) * dice.uniform(0.5, 1.0),
        "parting": dice.uniform(-1, 1),
        "fringe": dice.happens(0.3),
        "glasses_round": dice.uniform(),
        "spot_place": dice.uniform(-1, 1),
    }


def _looks(dice: _Dice, ages: np.ndarray, labels: np.ndarray) -> dict[str, np.ndarray]:
    """The cues of age and label, and the glasses, which older people wear more often."""
    grown = _ramp(ages, 11, 18)
    # Between -1/2 and 1/2; children of both labels look alike but for hair and earrings.
    side = (labels - 0.5) * grown
    woman = labels.astype("float64")

    wrinkles = np.clip(_ramp(ages + dice.normal(0, 4.5), 16, 92) ** 0.9, 0, 1)
    onset = dice.normal(52, 8)
    dyed = dice.happens(0.06)
    grey = (1 - dyed * _ramp(80 - ages, 0, 15)) / (1 + np.exp(-(ages - onset) / 5))
    loses_hair = dice.happens(0.16 + 0.36 * (1 - woman))
    start, time = dice.uniform(24, 55), dice.uniform(20, 45)
    hairline = loses_hair * _ramp(ages, start, start + time) + 0.12 * dice.uniform()
    thin = _ramp(2.5 - ages, 0, 2)  # babies have little hair

    long = dice.happens(np.where(woman > 0, 0.68 - 0.20 * _ramp(ages, 45, 75), 0.12)) * _ramp(ages, 1, 4)
    length = np.where(long > 0, dice.uniform(0.3, 1.0) * _ramp(ages, 0, 5), 0.0)
    bearded = dice.happens(0.48 * (1 - woman) * grown)
    lip_colour = dice.normal(0.26 + 0.34 * side, 0.20) + dice.happens(0.25 * woman * grown) * 0.4
    return {
        "childlike": np.clip(1 - (ages + dice.normal(0, 1.2)) / 19, 0, 1) ** 0.85,
        "grey": np.clip(grey, 0, 1),
        "hairline": np.clip(np.maximum(hairline, 0.6 * thin), 0, 1),
        "wrinkles": wrinkles,
        "lips": np.clip(dice.normal(0.85, 0.12) - 0.5 * _ramp(ages, 30, 90), 0.2, 1.2),
        "spots": _ramp(ages + dice.normal(0, 6), 58, 85),
        "glasses": dice.happens(0.08 + 0.14 * grown + 0.3 * _ramp(ages, 40, 65)),
        "hair_length": length,
        "beard": bearded * dice.uniform(0.35, 1.0),
        "lip_colour": np.clip(lip_colour, 0, 1),
        "earrings": dice.happens((0.10 + 0.45 * woman) * _ramp(ages, 2, 16)),
        "brows": np.clip(dice.normal(0.48 - 0.34 * side, 0.18), 0.05, 1),
        "jaw": dice.normal(-1.0 * side, 0.55),
        "lashes": np.clip(dice.normal(0.42 + 0.40 * side, 0.22), 0, 1),
        "lipstick": np.floor(dice.uniform(0, 4)),
    }
