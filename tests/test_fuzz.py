"""No message changes the judging side, has it call what it must not, or ends in an error that is not the boundary's.

A short run with the same messages each time; ``python -m tests.fuzz --seconds 600`` is a long one with others.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from conftest import ROOT

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="the sides are forked, and the fuzzer limits its memory"),
    pytest.mark.xdist_group("fuzz"),
]


def asked(*words: str) -> str:
    """What another process prints: what a message does to Keras stays there."""
    done = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    return done.stdout


def test_no_message_does_what_it_must_not():
    said = asked("-m", "tests.fuzz", "--examples", "300")
    assert said.startswith("300 messages")
    # A run in which everything is refused at the door, or nothing is, would not look at much.
    counts = dict(part.rsplit(" ", 1) for part in said.strip().rpartition("s: ")[2].split(", "))
    assert int(counts["refused"]) > 100 and int(counts["accepted"]) > 15, said


def test_the_fuzzer_sees_holes_that_were_there_once():
    said = asked("-m", "tests.fuzz.planted")
    assert len(said.splitlines()) == 13
    assert "nothing was seen" not in said, said


@pytest.mark.parametrize("size", [0, 3, 12, 40])
def test_bytes_of_any_kind_are_refused_or_a_message(size: int):
    import random
    import struct

    from functional_course.boundary.wire import BoundaryError, Channel

    class Bytes:
        def __init__(self, data: bytes) -> None:
            self.data = data

        def settimeout(self, seconds: float | None) -> None:
            """There is nothing to wait for."""

        def recv(self, count: int) -> bytes:
            part, self.data = self.data[:count], self.data[count:]
            return part

    chance = random.Random(size)
    texts = (b'{"arrays": []}', b'{"arrays": [1, 2]}', b"[]", b"null", b"[" * size, b'{"arrays": [-1]}', b"\xff")
    for _ in range(500):
        body = bytearray(chance.choice(texts) + chance.randbytes(chance.randrange(size + 1)))
        if body and chance.random() < 0.5:
            body[chance.randrange(len(body))] = chance.randrange(256)
        lengths = struct.pack("!IQ", max(0, len(body) + chance.randrange(-2, 3)), chance.choice((0, 3, 1 << 40)))
        data = bytes(chance.choice((lengths, chance.randbytes(12)))) + bytes(body)
        try:
            header, arrays = Channel(Bytes(data)).receive()
        except BoundaryError:
            continue
        assert isinstance(header, dict) and isinstance(arrays, list)
