"""``python -m tests.settings_table``: put the settings of ``course grade`` into the guide for teachers.

The prose of ``book/guides/teach.md`` is written by hand; its table is written here, from the traits.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from functional_course.grading.running.settings import CourseGrade
from functional_course.writing import write_whole

from conftest import ROOT
from page_tables import filled

PAGE = ROOT / "book" / "guides" / "teach.md"


def settings(of: CourseGrade | None = None) -> str:
    """The table: a row for each trait that can be configured, in the order of the class."""
    found = of or CourseGrade()
    rows = [("setting", "what it sets", "default", "what it takes"), ("---",) * 4]
    known = found.traits(config=True)
    for name in (each for each in vars(type(found)) if each in known):
        rows.append((f"`{name}`", known[name].help, _code(usual(found, name)), _code(known[name].metadata["takes"])))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows).replace("| --- | --- | --- | --- |", "|---|---|---|---|")


def usual(of: CourseGrade, name: str) -> str:
    """What holds if nobody sets it, in words."""
    value = getattr(of, name)
    if value is None:
        return str(of.traits()[name].metadata["usual"])
    return f'"{value}"' if isinstance(value, str) else str(value)


def _code(text: str) -> str:
    """A text whose values in quotation marks, as they stand in the file, are shown as code."""
    return re.sub(r'"[^"]*"', r"`\g<0>`", text)


def rendered(page: str) -> str:
    """The page with its table written anew."""
    return filled(page, {"settings": settings})


if __name__ == "__main__":
    write_whole(PAGE, rendered(PAGE.read_text(encoding="utf-8")))
