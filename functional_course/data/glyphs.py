"""Characters of five alphabets in twelve hands: classes that a model has seen, and real ones that it has not.

The hands are the DejaVu fonts that Matplotlib ships: Sans, Sans Mono and Serif in four styles each. Each image is a
character in one hand, turned and shifted a little. A character that looks like one of another alphabet, such as the
Greek capital alpha, stands in one alphabet only: no unseen character is drawn like a known one in every hand.

Source: DejaVu fonts, https://dejavu-fonts.github.io, a free licence (Bitstream Vera; the changes are public domain).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from matplotlib import get_data_path
from PIL import Image, ImageDraw, ImageFont

ALPHABETS = {
    "Latin": (
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
        "ÆØÞßæðøþđĦħıĸŁłŊŋŒœŦŧƁƂƃƄƅƆƇƈƊƋƌƍƎƏƐƑƒƓƔƕƖƗƘƙƚƛƜƝƞƟƢƣƤƥƦƧƨƩƪƫƭƮƱƲƳƴƵƶƷƸƹƺƻƼƽƾƿǝǶȜȝȡȤȥȴȵȶȷȸȹȺȻȼȽȾȿɀɁɄɍ"
        "ɐɔɕɖɗɘɚɝɞɟɠɢɥɧɨɪɬɭɮɱɲɳɴɶ"
    ),
    "Cyrillic": ("ЂЄЉЊЋЏГДЖЗИЛПУФЦЧШЩЪЫЬЭЮЯбвгджзилмнтфцчшщъыьэюяђєљњћџѢѣѳҐґҒғҔҕҖҗҘҙҚқҢңҤҥҪҫҬҭүҰұҲҳҺӃӄӇӈӋӌӡӶӷԑ"),
    "Georgian": "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰჱჲჳჴჵჶჷჸჹჺ",
    "Greek": "ΔΞΦΨΩαβγδζθιλμνξπςστυφχψωϗϘϙϚϛϝϞϟϠϡ",
    "Armenian": "ԱԲԳԴԵԶԷԸԹԺԻԼԽԾԿՀՁՂՃՄՅՆՇՈՉՊՋՌՎՏՐՒՔՖբգդեէըթժիլխծկձճմյնշչպջռվտրւփքֆ",
}
KNOWN = ("Latin", "Cyrillic", "Georgian")
UNSEEN = ("Greek", "Armenian")

HANDS = tuple(
    f"DejaVu{family}{style}"
    for family, styles in (
        ("Sans", ("", "-Bold", "-Oblique", "-BoldOblique")),
        ("SansMono", ("", "-Bold", "-Oblique", "-BoldOblique")),
        ("Serif", ("", "-Bold", "-Italic", "-BoldItalic")),
    )
    for style in styles
)

LARGEST = 32
MOST_TURNED = 8.0
"""Degrees by which a character is turned at most, to either side."""
MOST_SHIFTED = 1 / 16
"""The part of the image's side by which a character is shifted at most, in each direction."""

_CANVAS = 64  # pixels on a side of the drawing that is turned, shifted and made small
_FONT_SIZE = 38  # so that the widest character in the boldest hand stays on the canvas, turned and shifted


@dataclass(frozen=True)
class Glyphs:
    """Images of characters. The arrays are read-only, because they are cached.

    Attributes:
        images: white on black, float32 in [0, 1] of shape ``(n, size, size, 1)``.
        labels: which character each image shows, int64 of shape ``(n,)``; indices into ``characters``.
        hands: in which hand, int64 of shape ``(n,)``; indices into :data:`HANDS`.
        characters: the classes.
    """

    images: np.ndarray
    labels: np.ndarray
    hands: np.ndarray
    characters: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)


@cache
def load_data(
    alphabets: tuple[str, ...] = KNOWN, *, each: int = 24, classes: int | None = None, size: int = 24, seed: int = 0
) -> Glyphs:
    """Draw images of the characters of some alphabets, in every hand, each turned and shifted at random.

    Args:
        alphabets: names of :data:`ALPHABETS`.
        each: how many images of each character. With a multiple of twelve every hand is as frequent as every other.
        classes: how many of the characters, drawn at random; all by default.
        size: height and width of an image in pixels, from 8 to 32.
        seed: which characters are drawn, in which order the images come, and how they are turned and shifted.

    Raises:
        ValueError: an alphabet that there is not, no image of a character, more classes than there are or fewer than
            one, or another size.

    Example:

    >>> known, unseen = load_data(KNOWN), load_data(UNSEEN)
    >>> len(known.characters), len(unseen.characters), unseen.images.shape
    (312, 99, (2376, 24, 24, 1))
    """
    if lost := [name for name in alphabets if name not in ALPHABETS]:
        raise ValueError(f"The alphabets are {', '.join(ALPHABETS)}; there is no {lost[0]!r}.")
    everything = "".join(ALPHABETS[name] for name in alphabets)
    count = len(everything) if classes is None else classes
    if not 1 <= count <= len(everything):
        raise ValueError(f"These alphabets have {len(everything)} characters: {count} can't be drawn.")
    if each < 1:
        raise ValueError(f"Each character needs an image: each={each} is too few.")
    if not 8 <= size <= LARGEST:
        raise ValueError(f"An image has from 8 to {LARGEST} pixels on a side, not {size}.")
    rng = np.random.default_rng(seed)
    chosen = np.arange(len(everything)) if classes is None else np.sort(rng.permutation(len(everything))[:count])
    characters = tuple(everything[number] for number in chosen)

    # Every character comes in every hand before a hand comes again.
    rounds = -(-each // len(HANDS))
    hands = np.stack(
        [np.concatenate([rng.permutation(len(HANDS)) for _ in range(rounds)])[:each] for _ in characters]
    ).ravel()
    order = rng.permutation(count * each)
    labels, hands = np.repeat(np.arange(count), each)[order], hands[order]
    turns = np.deg2rad(rng.uniform(-MOST_TURNED, MOST_TURNED, len(order)))
    shifts = rng.uniform(-MOST_SHIFTED, MOST_SHIFTED, (len(order), 2)) * _CANVAS
    images = np.empty((len(order), size, size, 1), dtype="float32")
    for row, (label, hand) in enumerate(zip(labels, hands, strict=True)):
        drawn = _moved(_drawn(characters[label], int(hand)), turns[row], shifts[row])
        images[row, ..., 0] = np.asarray(drawn.resize((size, size), Image.Resampling.BOX))
    images /= 255
    for array in (images, labels, hands):
        array.setflags(write=False)
    return Glyphs(images, labels.astype("int64", copy=False), hands.astype("int64", copy=False), characters)


def _moved(drawing: Image.Image, turn: float, shift: np.ndarray) -> Image.Image:
    """A drawing turned about its middle, in radians, and shifted, in pixels."""
    cosine, sine = np.cos(turn), np.sin(turn)
    middle = np.full(2, _CANVAS / 2)
    back = np.array([[cosine, sine], [-sine, cosine]])  # from a place in the new image to the one that it shows
    start = middle - back @ (middle + shift)
    matrix = (*back[0], start[0], *back[1], start[1])
    return drawing.transform(drawing.size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)


@cache
def _drawn(character: str, hand: int) -> Image.Image:
    """A character in the middle of a canvas."""
    font = _font(hand)
    left, top, right, bottom = font.getbbox(character)
    image = Image.new("L", (_CANVAS, _CANVAS))
    place = (_CANVAS - left - right) / 2, (_CANVAS - top - bottom) / 2
    ImageDraw.Draw(image).text(place, character, font=font, fill=255)
    return image


@cache
def _font(hand: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(Path(get_data_path(), "fonts", "ttf", f"{HANDS[hand]}.ttf"), _FONT_SIZE)
