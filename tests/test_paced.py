"""Work that takes several times as long as it should is seen, on a quick machine and on a slow one."""

from __future__ import annotations

from paced import paced, reference


def test_fourreferences_are_about_four():
    assert 2 < paced(lambda: [reference() for _ in range(4)]) < 8
