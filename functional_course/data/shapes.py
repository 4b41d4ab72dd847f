"""Smooth-edged shapes on many images at once, in NumPy alone.

A shape is a signed distance: negative inside, positive outside, in the units of the coordinates. Painting turns the
distance into coverage, so that edges are smooth at any size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


def column(values: np.ndarray | float) -> np.ndarray:
    """One number an image, in the shape that meets an image's height and width: ``(n, 1, 1)``, float32."""
    return np.asarray(values, "float32").reshape(-1, 1, 1)


@dataclass(frozen=True)
class Region:
    """A rectangle of pixels, the same in every image, with every pixel's coordinates in a frame.

    Attributes:
        rows: which rows.
        columns: which columns.
        u: to the right, ``(n, height, width)`` or what broadcasts to it.
        v: downwards, the same.
        pixel: the size of a pixel in these units, ``(n, 1, 1)``.
    """

    rows: slice
    columns: slice
    u: np.ndarray
    v: np.ndarray
    pixel: np.ndarray


class Frame:
    """Coordinates that are moved, turned and scaled in every image by amounts of its own.

    The image itself reaches from -1 to 1 both ways, ``y`` downwards.

    Args:
        size: height and width of the images in pixels.
        x: where the frame's origin lies, one number an image.
        y: the same, downwards.
        angle: how far it is turned, in radians, clockwise.
        scale: how long its unit is.
    """

    def __init__(self, size: int, x, y, angle, scale) -> None:
        self.size = size
        self.x, self.y, self.scale = column(x), column(y), column(scale)
        self.cos, self.sin = np.cos(column(angle)), np.sin(column(angle))
        centres = ((np.arange(size, dtype="float32") + 0.5) * (2 / size) - 1).astype("float32")
        across, down = centres[None, None, :] - self.x, centres[None, :, None] - self.y
        self.u = (across * self.cos + down * self.sin) / self.scale
        self.v = (down * self.cos - across * self.sin) / self.scale
        self.pixel = 2 / (size * self.scale)

    def all(self) -> Region:
        """The whole image."""
        return Region(slice(None), slice(None), self.u, self.v, self.pixel)

    def box(self, left, top, right, bottom) -> Region:
        """The pixels that hold the given box of the frame in every image."""
        us = np.stack(np.broadcast_arrays(*(column(u) for u in (left, right, left, right)), self.x)[:4])
        vs = np.stack(np.broadcast_arrays(*(column(v) for v in (top, top, bottom, bottom)), self.x)[:4])
        x = self.x + self.scale * (us * self.cos - vs * self.sin)
        y = self.y + self.scale * (us * self.sin + vs * self.cos)
        columns, rows = self._span(x), self._span(y)
        return Region(rows, columns, self.u[:, rows, columns], self.v[:, rows, columns], self.pixel)

    def _span(self, position: np.ndarray) -> slice:
        first = int(np.floor((position.min() + 1) / 2 * self.size)) - 1
        last = int(np.ceil((position.max() + 1) / 2 * self.size)) + 1
        first = min(max(first, 0), self.size - 1)
        return slice(first, max(min(last, self.size), first + 1))


class Canvas:
    """Images under way: three planes of values from 0 to 1.

    Args:
        count: how many images.
        size: height and width in pixels.
    """

    def __init__(self, count: int, size: int) -> None:
        self.planes = np.zeros((3, count, size, size), "float32")

    def paint(self, region: Region, distance: np.ndarray, colour: np.ndarray, opacity=1.0, soft=None) -> None:
        """Lay a colour over the inside of a shape.

        Args:
            region: where ``distance`` was measured.
            distance: signed distance of every pixel.
            colour: ``(n, 3)`` or ``(3,)``.
            opacity: one number, one an image, or one a pixel.
            soft: how wide the edge is, in the region's units; a pixel if not given.
        """
        cover = np.clip(0.5 - distance / (region.pixel if soft is None else soft), 0, 1)
        self.cover(region, cover * opacity, colour)

    def cover(self, region: Region, cover: np.ndarray, colour: np.ndarray) -> None:
        """Lay a colour over a region: all of it where ``cover`` is 1, nothing where it is 0."""
        colour = np.asarray(colour, "float32").reshape(-1, 3)
        for plane, channel in zip(self.planes, colour.T, strict=True):
            part = plane[:, region.rows, region.columns]
            part += cover * (column(channel) - part)

    def shade(self, region: Region, factor: np.ndarray) -> None:
        """Multiply a region: darker below 1, brighter above."""
        self.planes[:, :, region.rows, region.columns] *= factor

    def images(self) -> np.ndarray:
        """The images as uint8, ``(n, size, size, 3)``."""
        return np.round(np.clip(np.moveaxis(self.planes, 0, -1), 0, 1) * 255).astype("uint8")


def ellipse(region: Region, u, v, wide, high) -> np.ndarray:
    """Signed distance to an ellipse about ``(u, v)`` with the half-axes ``wide`` and ``high``; exact on its edge.

    Source: I. Quilez, *Ellipsoid: approximated distance*.
    """
    u, v, wide, high = column(u), column(v), column(wide), column(high)
    a, b = (region.u - u) / wide, (region.v - v) / high
    inner = np.sqrt(a * a + b * b) + 1e-6
    a /= wide
    b /= high
    return inner * (inner - 1) / (np.sqrt(a * a + b * b) + 1e-6)


def box(region: Region, left, top, right, bottom) -> np.ndarray:
    """Signed distance to an upright box, measured along the axes."""
    across = np.maximum(column(left) - region.u, region.u - column(right))
    return np.maximum(across, np.maximum(column(top) - region.v, region.v - column(bottom)))


def stroke(region: Region, u, v, half, bend, thick, slope=0.0) -> np.ndarray:
    """Signed distance to a bent stroke that thins out towards its ends.

    Args:
        region: where.
        u: the stroke's middle.
        v: the same, downwards.
        half: half its length.
        bend: how far its ends lie above its middle; a smile is positive.
        thick: half its thickness in the middle.
        slope: how much it falls to the right.
    """
    along = (region.u - column(u)) / column(half)
    square = along * along
    off = np.abs(region.v - column(v) + column(bend) * square - column(slope) * column(half) * along)
    return np.maximum(off - column(thick) * np.maximum(1.05 - square, 0), (np.abs(along) - 1) * column(half))


def line(region: Region, u0, v0, u1, v1, thick) -> np.ndarray:
    """Signed distance to a straight line from ``(u0, v0)`` to ``(u1, v1)``, half as thick as ``thick`` says twice."""
    u0, v0, u1, v1 = column(u0), column(v0), column(u1), column(v1)
    across, down = region.u - u0, region.v - v0
    du, dv = u1 - u0, v1 - v0
    share = np.clip((across * du + down * dv) / (du * du + dv * dv + 1e-9), 0, 1)
    return np.hypot(across - share * du, down - share * dv) - column(thick)


def union(*distances: np.ndarray) -> np.ndarray:
    """Inside any of them."""
    result = distances[0]
    for distance in distances[1:]:
        result = np.minimum(result, distance)
    return result


def blend(one: np.ndarray, other: np.ndarray, width: float) -> np.ndarray:
    """Inside either, with the corner between the two rounded over ``width``.

    Source: I. Quilez, *Smooth minimum*, the quadratic one.
    """
    near = np.maximum(width - np.abs(one - other), 0) / width
    return np.minimum(one, other) - near * near * (width / 4)
