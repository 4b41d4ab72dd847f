"""Texts of others on one line, without anything that a terminal would obey, and where they say what is code."""

from __future__ import annotations

LONGEST_MESSAGE = 400
LONGEST_TEXT = 1_000
"""Characters of a text that a file shows."""


def one_line(text: str, most: int = LONGEST_MESSAGE) -> str:
    """A text on one line without anything that a terminal would obey."""
    line = " ".join(text[: 4 * most].split())
    line = "".join(letter if letter.isprintable() else "?" for letter in line)
    return line if len(line) <= most else line[: most - 1] + "…"


def pieces(text: str, most: int = LONGEST_TEXT) -> list[tuple[str, bool]]:
    """A text on one line, cut at its backticks, and whether each piece is code: what stands between two of them.

    Args:
        text: anybody's.
        most: characters that stay of it.

    Returns:
        the pieces; the whole text as one that is no code, if a backtick has no other.
    """
    found = one_line(text, most).split("`")
    if len(found) % 2 == 0:
        return [("`".join(found), False)]
    return [(piece, place % 2 == 1) for place, piece in enumerate(found)]
