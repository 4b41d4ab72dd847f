"""How a portrait is painted from its traits: background, clothes, hair, face, glasses, light, in this order.

A face has a frame of its own: the skull's top lies at -1, an adult's chin at 1. A trait is one number a portrait; the
functions here read them by name and decide nothing at random. :mod:`functional_course.data.portraits` draws the traits.
"""

from __future__ import annotations

from collections.abc import Mapping

from functional_course.data.shapes import Canvas, Frame, blend, box, column, ellipse, line, stroke, union

import numpy as np

Traits = Mapping[str, np.ndarray]

_AT_ONCE = 40  # portraits; few enough that their planes stay in the processor's cache

_SKINS = np.array(
    [[0.99, 0.87, 0.78], [0.95, 0.78, 0.65], [0.83, 0.62, 0.47], [0.62, 0.43, 0.31], [0.42, 0.28, 0.20]], "float32"
)
HAIR_COLOURS = ("black", "brown", "chestnut", "red", "blond")
_HAIRS = np.array(
    [[0.10, 0.08, 0.08], [0.26, 0.16, 0.10], [0.43, 0.26, 0.15], [0.62, 0.27, 0.12], [0.86, 0.70, 0.40]], "float32"
)
_GREY = np.array([0.76, 0.76, 0.77], "float32")
_LIPSTICKS = np.array([[0.80, 0.08, 0.14], [0.93, 0.36, 0.56], [0.42, 0.10, 0.30], [0.62, 0.20, 0.12]], "float32")
_WHITE = np.array([0.97, 0.96, 0.94], "float32")
_DARK = np.array([0.12, 0.09, 0.09], "float32")
_IRISES = np.array([[0.22, 0.13, 0.08], [0.30, 0.45, 0.62], [0.35, 0.45, 0.25]], "float32")
_EYES_ROUND = 0.82  # the head's radius at the eyes: how far features move when it turns
_MOUTH_ROUND = 0.66  # the same at the mouth


def paint(traits: Traits, size: int) -> np.ndarray:
    """Paint portraits.

    Args:
        traits: one array a trait, all of the same length.
        size: height and width in pixels.

    Returns:
        uint8 of shape ``(n, size, size, 3)``.
    """
    count = len(next(iter(traits.values())))
    at_once = max(1, int(_AT_ONCE * (64 / size) ** 2))
    images = np.empty((count, size, size, 3), "uint8")
    for start in range(0, count, at_once):
        chosen = slice(start, start + at_once)
        images[chosen] = _Portrait({name: values[chosen] for name, values in traits.items()}, size).images()
    return images


def _mix(one: np.ndarray, other: np.ndarray, share: np.ndarray) -> np.ndarray:
    return one + (other - one) * np.asarray(share, "float32").reshape(-1, 1)


def _between(start: float, end: float, share: np.ndarray) -> np.ndarray:
    return start + (end - start) * share


def _ramp(values: np.ndarray, start: float, end: float) -> np.ndarray:
    """0 up to ``start``, 1 from ``end``, straight in between."""
    return np.clip((values - start) / (end - start), 0, 1)


def _hue(hue: np.ndarray, saturation: float, value: np.ndarray | float) -> np.ndarray:
    """Colours by hue from 0 to 1."""
    wheel = np.abs((np.asarray(hue)[:, None] * 6 + np.array([0, 4, 2])) % 6 - 3) - 1
    return (np.asarray(value).reshape(-1, 1) * (1 - saturation * (1 - np.clip(wheel, 0, 1)))).astype("float32")


class _Portrait:
    """Some portraits on one canvas."""

    def __init__(self, traits: Traits, size: int) -> None:
        self.t = t = {name: np.asarray(values, "float32") for name, values in traits.items()}
        count = len(t["age"])
        self.canvas = Canvas(count, size)
        young = t["childlike"]
        self.image = Frame(size, np.zeros(count), 0, 0, 1)
        self.body = Frame(size, 0.7 * t["shift_x"], t["shift_y"], 0, 1)
        self.face = Frame(
            size,
            t["shift_x"],
            t["shift_y"] + _between(-0.02, 0.08, young),
            t["tilt"],
            t["scale"] * _between(0.76, 0.72, young),
        )

        place = t["skin"] * (len(_SKINS) - 1)
        tone = np.minimum(place.astype(int), len(_SKINS) - 2)
        self.skin = _mix(_SKINS[tone], _SKINS[tone + 1], place - tone)
        pale = self.skin.mean(axis=1, keepdims=True)
        self.skin = _mix(self.skin, 0.45 * pale + 0.55 * self.skin, t["wrinkles"])
        own = _HAIRS[t["hair_colour"].astype(int)] * (0.8 + 0.4 * t["hair_shade"][:, None])
        self.hair = _mix(own, _GREY * (0.85 + 0.25 * t["hair_shade"][:, None]), t["grey"])
        self.brow = _mix(own * 0.8, _GREY * 0.85, 0.7 * t["grey"])
        self.crease = self.skin * np.array([0.58, 0.47, 0.45], "float32")

        # The outline: a skull and a jaw.
        self.wide = _between(0.74, 0.88, young)
        self.chin = _between(1.0, 0.86, young)
        self.jaw = _between(0.57, 0.68, young) + 0.075 * t["jaw"] + 0.05 * t["wrinkles"]
        # Where the features sit.
        self.eye_v = _between(-0.02, 0.17, young) + 0.12 * t["nod"]
        self.nose_v = _between(0.36, 0.42, young) + 0.03 * t["wrinkles"] + 0.16 * t["nod"]
        self.mouth_v = _between(0.64, 0.63, young) + 0.14 * t["nod"]
        self.eye_wide = _between(0.160, 0.20, young) * (1 - 0.12 * t["wrinkles"])
        droop = 1 - 0.38 * t["wrinkles"]
        self.eye_high = _between(0.092, 0.150, young) * _between(0.45, 1.15, t["eyes_open"]) * droop
        self.nose_u = 0.30 * np.sin(t["turn"])

    def images(self) -> np.ndarray:
        self._background()
        self._clothes()
        self._hair_behind()
        self._neck()
        self._ears()
        self._head()
        self._wrinkles()
        self._beard()
        self._nose()
        self._mouth()
        self._eyes()
        self._hair_in_front()
        self._glasses()
        self._light()
        return self.canvas.images()

    def _at(self, u, radius: float = _EYES_ROUND) -> tuple[np.ndarray, np.ndarray]:
        """Where a feature at ``u`` of a head seen from the front lies when it turns, and how much narrower it looks."""
        straight = np.arcsin(np.clip(np.asarray(u) / radius, -0.95, 0.95))
        angle = np.clip(straight + self.t["turn"], -1.3, 1.3)
        return radius * np.sin(angle), np.cos(angle) / np.cos(straight)

    def _background(self) -> None:
        t, whole = self.t, self.image.all()
        value = _between(0.35, 0.95, t["background_value"])
        above = _hue(t["background_hue"], 0.38, value)
        below = _hue((t["background_hue"] + 0.08) % 1, 0.30, value * 0.75)
        everything = np.full_like(whole.u, -1.0)
        self.canvas.paint(whole, everything, above)
        self.canvas.cover(whole, np.clip(whole.v * 0.5 + 0.5, 0, 1) * np.ones_like(whole.u), below)
        kind, third = t["background"], _hue((t["background_hue"] + 0.35) % 1, 0.30, np.clip(value * 1.15, 0, 1))
        place = t["background_place"]
        # 0 is a plain wall, 1 a window or picture, 2 stripes, 3 a horizon, 4 lamps.
        left = _between(-0.95, 0.25, place)
        self.canvas.paint(whole, box(whole, left, -0.9, left + 0.6, -0.1), third, column(kind == 1) * 0.85)
        waves = np.cos(whole.u * 9 + column(place) * 6) * 0.1
        self.canvas.paint(whole, waves, third, column(kind == 2) * 0.55)
        self.canvas.paint(whole, column(_between(-0.3, 0.5, place)) - whole.v, third * 0.7, column(kind == 3))
        lamps = union(
            *(ellipse(whole, x + 0.3 * place, y, 0.2, 0.2) for x, y in ((-0.95, -0.6), (-0.5, 0.1), (0.6, -0.5)))
        )
        self.canvas.paint(whole, lamps, third, column(kind == 4) * 0.7)

    def _clothes(self) -> None:
        t = self.t
        region = self.body.box(-1.3, 0.4, 1.3, 1.2)
        self.shoulder = _between(0.80, 0.84, t["childlike"])
        wide = _between(1.0, 0.62, t["childlike"])
        colour = _hue(t["clothes_hue"], 0.6, _between(0.25, 0.9, t["clothes_value"]))
        self.canvas.paint(region, ellipse(region, 0, self.shoulder + 0.62, wide, 0.62), colour)

    def _neck(self) -> None:
        t = self.t
        wide = _between(0.24, 0.15, t["childlike"]) + 0.03 * t["jaw"]
        region = self.body.box(-0.35, 0.1, 0.35, 0.95)
        shape = box(region, -wide, 0.1, wide, self.shoulder + 0.04)
        opening = ellipse(region, 0, self.shoulder + 0.01, wide * 1.15, _between(0.07, 0.2, t["neckline"]))
        shadow = self.skin * np.array([0.80, 0.74, 0.72], "float32")
        self.canvas.paint(region, blend(shape, opening, 0.08), shadow)

    def _outline(self, region) -> np.ndarray:
        skull = ellipse(region, 0, -0.20, self.wide, 0.80)
        lean = 0.10 * np.sin(self.t["turn"])
        jaw = ellipse(region, lean, self.chin - 0.68, self.jaw, 0.68)
        return blend(skull, jaw, 0.25)

    def _ears(self) -> None:
        t = self.t
        high = _between(0.17, 0.15, t["childlike"]) + 0.06 * t["wrinkles"]
        for side in (-1, 1):
            shown = np.clip(1 - 2.2 * side * t["turn"], 0.25, 1.2)
            u, v = side * (self.wide * 0.96), self.eye_v + 0.10
            region = self.face.box(u - 0.25, v - 0.35, u + 0.25, v + 0.5)
            self.canvas.paint(region, ellipse(region, u, v, 0.13 * shown, high), self.skin * 0.93)
            self.canvas.paint(region, ellipse(region, u, v, 0.06 * shown, high * 0.6), self.crease, 0.4)
            ring = ellipse(region, u + 0.01 * side, v + high + 0.05, 0.075, 0.09)
            gold = np.array([0.95, 0.80, 0.30], "float32")
            self.canvas.paint(region, ring, gold, column(t["earrings"] * (shown > 0.3)))

    def _head(self) -> None:
        t = self.t
        region = self.face.box(-1.0, -1.1, 1.0, 1.15)
        outline = self._outline(region)
        self.canvas.paint(region, outline, self.skin)
        inside = np.clip(0.5 - outline / region.pixel, 0, 1)
        # The side away from the light is darker, and so is the rim.
        away = np.clip(-0.55 * (region.u * column(t["light_x"]) + region.v * column(t["light_y"])), 0, 0.45)
        rim = np.clip(1 + outline / 0.30, 0, 1) * 0.16
        self.canvas.cover(region, inside * np.clip(away + rim, 0, 0.6), self.crease)
        red = self.skin * np.array([1.0, 0.62, 0.58], "float32")
        strength = 0.16 + 0.30 * t["childlike"]
        for side in (-1, 1):
            u, narrow = self._at(side * 0.44, _MOUTH_ROUND)
            cheek = self.face.box(u - 0.3, self.nose_v - 0.3, u + 0.3, self.nose_v + 0.3)
            spot = ellipse(cheek, u, self.nose_v, 0.14 * narrow, 0.12)
            self.canvas.paint(cheek, np.maximum(spot, 4 * self._outline(cheek)), red, column(strength), soft=0.2)

    def _wrinkles(self) -> None:
        t, canvas, crease = self.t, self.canvas, self.crease
        amount = t["wrinkles"]
        middle, _ = self._at(np.zeros_like(amount))
        region = self.face.box(middle - 0.55, -0.75, middle + 0.55, -0.10)
        forehead = union(
            *(
                stroke(region, middle, self.eye_v - up, half, -0.03, 0.029)
                for up, half in ((0.36, 0.34), (0.47, 0.38), (0.58, 0.32))
            )
        )
        canvas.paint(region, forehead, crease, column(_ramp(amount, 0.15, 0.7)))
        frown = line(region, middle - 0.03, self.eye_v - 0.22, middle - 0.035, self.eye_v - 0.09, 0.018)
        canvas.paint(region, frown, crease, column(_ramp(amount, 0.3, 0.9)) * 0.8)
        for side in (-1, 1):
            eye, narrow = self._at(side * _between(0.32, 0.36, t["childlike"]))
            region = self.face.box(eye - 0.4, self.eye_v - 0.15, eye + 0.4, self.eye_v + 0.35)
            # Bags under the eyes, then crow's feet.
            for below, start in ((0.07, 0.05), (0.13, 0.55)):
                v = self.eye_v + self.eye_high + below
                bag = stroke(region, eye, v, self.eye_wide * narrow * 1.05, 0.05, 0.025)
                canvas.paint(region, bag, crease, column(_ramp(amount, start, start + 0.5)) * 0.9)
            corner = eye + side * (self.eye_wide * narrow + 0.03)
            feet = union(
                *(
                    line(region, corner, self.eye_v + 0.01, corner + side * 0.12, self.eye_v + rise, 0.014)
                    for rise in (-0.07, 0.02, 0.11)
                )
            )
            canvas.paint(region, np.maximum(feet, self._outline(region)), crease, column(_ramp(amount, 0.2, 0.75)))
            # From the nose to the mouth, from the mouth to the chin, and down the cheek.
            inner, _ = self._at(side * 0.15, _MOUTH_ROUND)
            outer, _ = self._at(side * 0.31, _MOUTH_ROUND)
            far, _ = self._at(side * 0.50, _MOUTH_ROUND)
            region = self.face.box(np.minimum(inner, far) - 0.1, 0.1, np.maximum(inner, far) + 0.1, 1.0)
            face = self._outline(region)
            fold = line(region, inner, self.nose_v + 0.01, outer, self.mouth_v - 0.01, 0.024)
            canvas.paint(region, np.maximum(fold, face), crease, column(_ramp(amount, 0.02, 0.45)))
            down = line(region, outer * 0.92, self.mouth_v + 0.09, outer * 0.95, self.mouth_v + 0.24, 0.020)
            canvas.paint(region, np.maximum(down, face), crease, column(_ramp(amount, 0.4, 0.8)))
            cheek = line(region, far, self.nose_v + 0.02, far * 0.92, self.mouth_v + 0.04, 0.019)
            canvas.paint(region, np.maximum(cheek, face), crease, column(_ramp(amount, 0.6, 1.0)) * 0.9)
        spots = (
            (-0.30, -0.55, 0.045),
            (0.22, -0.66, 0.035),
            (0.47, 0.20, 0.05),
            (-0.50, 0.33, 0.035),
            (0.40, -0.42, 0.03),
        )
        region = self.face.box(-0.85, -0.9, 0.85, 0.6)
        away = t["spot_place"]
        shape = union(*(ellipse(region, u + 0.1 * away, v + 0.06 * away, r, r * 0.8) for u, v, r in spots))
        canvas.paint(region, shape, crease, column(t["spots"]) * 0.6)

    def _beard(self) -> None:
        t = self.t
        region = self.face.box(-0.85, 0.1, 0.85, 1.2)
        outline = self._outline(region) - column(0.05 * _ramp(t["beard"], 0.6, 1.0))
        middle, _ = self._at(np.zeros_like(t["turn"]), _MOUTH_ROUND)
        from_middle = region.u - column(middle)
        top = column(self.mouth_v - 0.15) - 0.55 * from_middle * from_middle
        shape = np.maximum(outline, top - region.v)
        self.canvas.paint(region, shape, self.brow * 0.5 + self.hair * 0.5, column(t["beard"]) * 0.92, soft=0.08)

    def _nose(self) -> None:
        t = self.t
        big = _between(0.105, 0.085, t["childlike"]) + 0.02 * t["wrinkles"]
        u, v = self.nose_u, self.nose_v
        region = self.face.box(u - 0.4, self.eye_v - 0.05, u + 0.4, v + 0.2)
        shadow = line(
            region,
            0.55 * u - 0.05 * np.sign(t["light_x"]),
            self.eye_v + 0.03,
            u - 0.06 * np.sign(t["light_x"]),
            v - 0.02,
            0.02,
        )
        self.canvas.paint(region, shadow, self.crease, 0.38, soft=0.07)
        self.canvas.paint(region, ellipse(region, u, v, big, big * 0.72), self.crease, 0.42, soft=0.07)
        self.canvas.paint(region, ellipse(region, u, v - 0.02, big * 0.8, big * 0.6), self.skin)
        for side in (-1, 1):
            nostril = ellipse(region, u + side * big * 0.5, v + big * 0.45, 0.032, 0.022)
            self.canvas.paint(region, nostril, self.crease * 0.6, 0.85)

    def _mouth(self) -> None:
        t = self.t
        u, narrow = self._at(np.zeros_like(t["turn"]), _MOUTH_ROUND)
        v = self.mouth_v
        half = _between(0.28, 0.22, t["childlike"]) * narrow * (1 + 0.15 * np.abs(t["smile"]))
        bend = 0.13 * t["smile"]
        region = self.face.box(u - 0.4, v - 0.25, u + 0.4, v + 0.35)
        natural = self.skin * np.array([0.86, 0.56, 0.54], "float32")
        lip = _mix(natural, _LIPSTICKS[t["lipstick"].astype(int)], t["lip_colour"])
        thick = t["lips"] * 0.105
        gap = t["mouth_open"] * 0.11
        self.canvas.paint(region, stroke(region, u, v + gap / 2, half, bend, thick + gap * 0.75), lip)
        self.canvas.paint(
            region, stroke(region, u, v + gap / 2, half * 0.9, bend, np.maximum(gap * 0.75, 0.014)), _DARK * 1.8
        )
        teeth = stroke(region, u, v + gap * 0.22, half * 0.75, bend, gap * 0.36)
        self.canvas.paint(region, teeth, _WHITE, column(gap > 0.03))

    def _eyes(self) -> None:
        t, canvas = self.t, self.canvas
        iris = _IRISES[t["iris"].astype(int)]
        for side in (-1, 1):
            u, narrow = self._at(side * _between(0.32, 0.36, t["childlike"]))
            v, wide, high = self.eye_v, self.eye_wide * narrow, self.eye_high
            region = self.face.box(u - 0.3, v - 0.45, u + 0.3, v + 0.25)
            white = ellipse(region, u, v, wide, high)
            canvas.paint(region, ellipse(region, u, v - 0.02, wide * 1.25, high * 1.5), self.crease, 0.30, soft=0.06)
            canvas.paint(region, white, _WHITE)
            gaze = u + 0.05 * t["gaze"] + 0.03 * t["turn"]
            round_ = _between(0.085, 0.115, t["childlike"])
            canvas.paint(region, np.maximum(white, ellipse(region, gaze, v, round_, round_)), iris)
            canvas.paint(region, np.maximum(white, ellipse(region, gaze, v, round_ * 0.5, round_ * 0.5)), _DARK * 0.5)
            glint = ellipse(region, gaze + 0.025 * np.sign(t["light_x"]), v - 0.025, 0.02, 0.02)
            canvas.paint(region, np.maximum(white, glint), _WHITE)
            lid = stroke(region, u, v - high, wide * 1.12, -high * 0.95, 0.008 + 0.065 * t["lashes"])
            canvas.paint(region, lid, _DARK, column(_between(0.55, 1.0, t["lashes"])))
            outer, long = u + side * wide, 0.16 * t["lashes"]
            wing = line(region, outer, v - 0.2 * high, outer + side * long * narrow, v - high - 0.7 * long, 0.018)
            canvas.paint(region, wing, _DARK, column(_ramp(t["lashes"], 0.25, 0.6)))
            rise = _between(0.22, 0.26, t["childlike"]) + 0.07 * t["brow_raise"] + 0.5 * (high - 0.09)
            fall = side * (0.12 * t["brow_slant"] + 0.10 * t["wrinkles"] - 0.04)
            arch = stroke(region, u * 1.03, v - rise, 0.215 * narrow, -0.05, 0.010 + 0.095 * t["brows"], fall)
            canvas.paint(region, arch, self.brow, column(_between(0.95, 0.6, t["childlike"])))

    def _volume(self) -> np.ndarray:
        return self.t["hair_volume"] * (1 - 0.85 * _ramp(self.t["hairline"], 0.25, 0.9))

    def _rough(self, region) -> np.ndarray:
        """How far the outline of curly hair moves in and out."""
        return 0.035 * column(self.t["curls"]) * np.sin(region.u * 17) * np.sin(region.v * 17 + 1)

    def _hair_behind(self) -> None:
        t = self.t
        region = self.face.box(-1.35, -1.4, 1.35, 2.6)
        volume, long = self._volume(), _ramp(t["hair_length"], 0.2, 1.0)
        end = np.where(t["hair_length"] > 0.2, _between(0.45, 1.9, long), 0.10)
        around = ellipse(region, 0, -0.24, self.wide + volume, 0.76 + volume)
        around = np.maximum(around, region.v - column(end))
        wide = self.wide + 0.75 * volume + 0.05 * long
        falling = box(region, -wide, -0.25, wide, end)
        falling = np.where(column(t["hair_length"] > 0.2), falling, 9.0)
        self.canvas.paint(region, blend(around, falling, 0.2) + self._rough(region), self.hair * 0.72)

    def _hair_in_front(self) -> None:
        t = self.t
        region = self.face.box(-1.25, -1.4, 1.25, 1.0)
        volume = self._volume()
        cap = ellipse(region, 0, -0.24, self.wide + volume * 0.8, 0.76 + volume) + self._rough(region)
        top = _between(-0.60, -1.32, t["hairline"])
        turned = 0.25 * np.sin(t["turn"]) + 0.10 * t["parting"]
        window = ellipse(
            region, turned, (top + 1.25) / 2, self.wide * _between(0.86, 0.93, t["hairline"]), (1.25 - top) / 2
        )
        side = np.where(t["hair_length"] > 0.2, 0.75, _between(-0.02, 0.12, t["hair_shade"]))
        front = np.maximum(np.maximum(cap, -window), region.v - column(side))
        fringe = region.v - column(self.eye_v - 0.34) + 0.06 * np.cos(region.u * 9)
        fringe = np.maximum(cap, fringe - 0.12 * region.u * region.u)
        front = np.where(column(t["fringe"] * (t["hairline"] < 0.25)) > 0.5, np.minimum(front, fringe), front)
        self.canvas.paint(region, front, self.hair, column(_between(1.0, 0.65, _ramp(-t["age"], -3, 0))))
        strands = 0.5 + 0.5 * np.sin(region.u * 22 + 5 * np.sin(region.v * 2.5))
        shine = _mix(self.hair, _WHITE, np.full(len(self.hair), 0.35))
        self.canvas.paint(region, front + 0.03, shine, strands * 0.20)

    def _glasses(self) -> None:
        t = self.t
        worn = column(t["glasses"])
        frame = _hue(t["clothes_hue"], 0.3, 0.28)
        wide, high = _between(0.215, 0.235, t["childlike"]), _between(0.165, 0.20, t["glasses_round"])
        edges = []
        v = self.eye_v + 0.02
        for side in (-1, 1):
            u, narrow = self._at(side * _between(0.32, 0.36, t["childlike"]))
            region = self.face.box(u - 0.32, v - 0.3, u + 0.32, v + 0.3)
            lens = ellipse(region, u, v, wide * narrow, high)
            self.canvas.paint(region, lens, _WHITE, worn * 0.14)
            self.canvas.paint(region, np.abs(lens) - 0.022, frame, worn)
            edges.append((u, wide * narrow))
        (left, left_wide), (right, right_wide) = edges
        region = self.face.box(-1.0, v - 0.15, 1.0, v + 0.15)
        bridge = line(region, left + left_wide, v - 0.02, right - right_wide, v - 0.02, 0.02)
        self.canvas.paint(region, bridge, frame, worn)
        # An arm shows on the side that the head turns to us.
        for side, start in ((-1, left - left_wide), (1, right + right_wide)):
            arm = line(region, start, v - 0.03, side * 0.97 * self.wide, v - 0.05, 0.018)
            self.canvas.paint(region, arm, frame, worn * column(side * t["turn"] < 0.1))

    def _light(self) -> None:
        t, whole = self.t, self.image.all()
        fall = 1 + 0.22 * (whole.u * column(t["light_x"]) + whole.v * column(t["light_y"]))
        self.canvas.shade(whole, fall * column(t["exposure"]))
        warm = t["warmth"]
        for plane, gain in zip(self.canvas.planes, (1 + 0.12 * warm, 1 + 0 * warm, 1 - 0.14 * warm), strict=True):
            plane *= column(gain)
