"""Texts in CSV files that no spreadsheet takes for formulas.

A spreadsheet takes a cell that begins with ``= + - @`` for a formula, and where it has another separator than the file
it finds cells within a cell; such texts get an apostrophe in front. See
https://owasp.org/www-community/attacks/CSV_Injection.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

_FORMULA = re.compile(r"(^|[;,|\t])([\s\"\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]*)(?=[=+\-@＝＋－＠])")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ufeff]")
_NUMBER = re.compile(r"-?\d[\d.,]*%?")


def neutral(text: str) -> str:
    """A text in which no spreadsheet finds a formula, at its head or after whatever it takes for a separator.

    Example:

    >>> neutral("a;=1+1"), neutral("S-1"), neutral("-1.5")
    ("a;'=1+1", 'S-1', '-1.5')
    """
    text = _CONTROL.sub("", text)
    return text if _NUMBER.fullmatch(text) else _FORMULA.sub(r"\1\2'", text)


def safe(value: str | None) -> str:
    """The same, on one line."""
    return neutral(" ".join((value or "").split()))


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """Rows as CSV, each of their cells made harmless."""
    text = io.StringIO()
    # "-" alone is no grade to Moodle, and no formula.
    whole = ([cell if cell == "-" else neutral(cell) for cell in row] for row in rows)
    csv.writer(text, lineterminator="\n").writerows(whole)
    return text.getvalue()
