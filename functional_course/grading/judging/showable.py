"""Which pictures of learners get into autograded notebooks and pages: a small file can be a picture of gigabytes."""

from __future__ import annotations

import base64
import binascii
import io
import warnings
from collections.abc import Mapping
from typing import Any

from PIL import Image

MOST_SIDE = 8_000
MOST_PIXELS = 16_000_000
MOST_BYTES = 1_500_000
"""Pixels along a side, pixels together, and bytes of the file: more than any plot of the course has."""

_FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG"}


def showable(output: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a cell's output in which a sentence stands for a picture that is too large, or is none."""
    data = output.get("data")
    if not isinstance(data, Mapping):
        return dict(output)
    kept = dict(data)
    for name, kind in _FORMATS.items():
        why = _why_not(kept[name], kind) if name in kept else None
        if why is not None:
            del kept[name]
            text = str(kept.get("text/plain", ""))[:1000]
            kept["text/plain"] = f"{text}\n[{why}]".lstrip()
    return {**output, "data": kept}


def _why_not(coded: object, kind: str) -> str | None:
    limit = f"a picture here has at most {MOST_PIXELS // 1_000_000} million pixels and {MOST_BYTES / 1e6:g} MB"
    if not isinstance(coded, str):
        return "A picture was left out: it could not be read."
    size = (len(coded) - coded.count("\n")) * 3 // 4
    if size > MOST_BYTES:
        return f"A picture of {size / 1e6:.1f} MB was left out: {limit}."
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # Only the first part is read: nothing is unpacked.
            with Image.open(io.BytesIO(base64.b64decode(coded)), formats=[kind]) as picture:
                width, height = picture.size
    except Image.DecompressionBombError:
        return f"A picture was left out: {limit}."
    except (OSError, ValueError, SyntaxError, binascii.Error):
        return "A picture was left out: it could not be read."
    if max(width, height) > MOST_SIDE or width * height > MOST_PIXELS:
        return f"A picture of {width:,} × {height:,} pixels was left out: {limit}."
    return None
