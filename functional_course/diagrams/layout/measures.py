"""Lengths of a drawing, in points, that more than one step of the layout or the picture itself needs."""

from __future__ import annotations

TITLE_SIZE = 10.0
TEXT_SIZE = 9.0
LINE = 12.0
PAD_X = 10.0
PAD_Y = 6.0
FRAME_PAD = 12.0

FROST = 9.0
"""The width of the hatched strips at both sides of a frozen box."""

BADGE = 6.0
"""The radius of the number that says which call an arrow belongs to."""

TRACK = 5.0  # between arrows that turn round in the same gap
LANE = 14.0  # between an arrow that passes a rank and its neighbours
LABEL_ZONE = 17.0  # below a box: the arrows go straight, their shapes beside them
