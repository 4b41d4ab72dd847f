"""Texts of others on one line, without anything that a terminal would obey."""

from __future__ import annotations

LONGEST_MESSAGE = 400


def plain(text: str, most: int = LONGEST_MESSAGE) -> str:
    """A text on one line without anything that a terminal would obey."""
    line = " ".join(text[: 4 * most].split())
    line = "".join(letter if letter.isprintable() else "?" for letter in line)
    return line if len(line) <= most else line[: most - 1] + "…"
