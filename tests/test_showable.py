"""Pictures of learners: which get into pages."""

from __future__ import annotations

import base64
import io
import struct
import zlib

from functional_course.grading.judging.judging_side import checked_outputs
from functional_course.grading.judging.showable import MOST_BYTES, showable

import pytest
from PIL import Image


def png(width: int, height: int) -> bytes:
    """A PNG that says it is so large; its pixels are of one colour, and few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack("!I", len(data)) + kind + data + struct.pack("!I", zlib.crc32(kind + data))

    header = struct.pack("!IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def jpeg(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("L", (width, height)).save(file, "JPEG")
    return file.getvalue()


def output(kind: str, data: bytes) -> dict:
    coded = base64.encodebytes(data).decode()
    return {"output_type": "display_data", "data": {kind: coded, "text/plain": "<Figure>"}, "metadata": {}}


@pytest.mark.parametrize(
    ("kind", "data"),
    [("image/png", png(8, 8)), ("image/jpeg", jpeg(8, 8)), ("image/png", png(4000, 4000)), ("image/png", png(8000, 1))],
    ids=range(4),
)
def test_pictures_of_a_sensible_size_stay(kind: str, data: bytes):
    given = output(kind, data)
    assert showable(given) == given


@pytest.mark.parametrize(
    ("kind", "data", "said"),
    [
        ("image/png", png(30_000, 30_000), "16 million pixels"),
        ("image/png", png(100_000, 1), "100,000 × 1 pixels"),
        ("image/png", png(1, 8_001), "1 × 8,001 pixels"),
        ("image/png", png(4_100, 4_100), "4,100 × 4,100 pixels"),
        ("image/png", png(2**31 - 1, 2**31 - 1), "left out"),
        ("image/jpeg", jpeg(9_000, 10), "9,000 × 10 pixels"),
        ("image/png", jpeg(8, 8), "could not be read"),
        ("image/jpeg", png(8, 8), "could not be read"),
        ("image/png", b"", "could not be read"),
        ("image/png", png(8, 8)[:20], "could not be read"),
        ("image/jpeg", b"\xff\xd8" + b"\xff\xe0\x00\x02" * 50_000, "could not be read"),
        ("image/png", png(8, 8) + bytes(MOST_BYTES), "1.5 MB was left out"),
    ],
    ids=range(12),
)
def test_a_sentence_stands_for_all_others(kind: str, data: bytes, said: str):
    given = output(kind, data)
    shown = showable(given)
    assert list(shown["data"]) == ["text/plain"]
    assert shown["data"]["text/plain"].startswith("<Figure>\n[A picture") and said in shown["data"]["text/plain"]
    assert kind in given["data"]


def test_what_is_no_picture_stays():
    for given in (
        {"output_type": "stream", "name": "stdout", "text": "data"},
        {"output_type": "error", "ename": "A", "evalue": "b", "traceback": []},
        {"output_type": "execute_result", "data": {"text/plain": "3"}, "metadata": {}},
    ):
        assert showable(given) == given


def test_a_picture_of_the_course_reaches_the_page_at_its_size():
    coded = base64.b64encode(png(30, 15)).decode()
    data = {"image/svg+xml": "<svg/>", "image/png": coded, "text/plain": "A line."}
    said = {"image/svg+xml": {"alt": "A line."}, "image/png": {"alt": "A line.", "width": 20, "height": 10}}
    (kept,), _ = checked_outputs([{"output_type": "execute_result", "data": data, "metadata": said}])
    assert kept["data"] == {"image/png": coded, "text/plain": "A line."}
    assert kept["metadata"]["image/png"] == {"width": 20, "height": 10}


@pytest.mark.parametrize(
    "said",
    [
        None,
        {},
        [["image/png", {"width": 20}]],
        {"filenames": {"image/png": "x' onerror='alert(1)"}},
        {"image/png": None},
        {"image/png": {"width": "20", "height": 10.0, "unconfined": True}},
        {"image/png": {"width": '20" onload="alert(1)', "height": True}},
        {"image/png": {"width": 0, "height": -1}},
        {"image/png": {"width": 8_001, "height": 10**30}},
        {"image/png": {"width": [20], "height": {"a": 1}}},
    ],
    ids=range(10),
)
def test_nothing_else_that_is_said_of_a_picture_reaches_a_page(said):
    output = {"output_type": "display_data", "data": {"image/png": "aGk=", "text/plain": "x"}, "metadata": said}
    (kept,), _ = checked_outputs([output])
    assert kept["data"] == output["data"]
    assert not any(kept["metadata"].values()) and "filenames" not in kept["metadata"]
