"""What was measured, kept in one file: each figure with its date, machine and versions, and none lost to the next."""

from __future__ import annotations

import functools
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from functional_course.writing import write_whole

from conftest import ROOT
from status import made_here

RESULTS = ROOT / "book" / "results" / "grading.json"


def read(path: Path = RESULTS) -> dict[str, dict[str, Any]]:
    """What was measured so far, by part and by what it is of."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def store(part: str, name: str, found: Mapping[str, Any], path: Path = RESULTS) -> None:
    """Write down a figure, in the place of an earlier one of the same, with how many processes wanted a core of late.

    Args:
        part: what kind it is, such as ``chapters``.
        name: of what it is, such as the chapter.
        found: what was measured.
        path: the file.
    """
    kept = read(path)
    around = {"load": round(os.getloadavg()[1], 1), "cores": os.cpu_count()}
    kept.setdefault(part, {})[name] = {**_made_here(), **around, **found}
    kept[part] = dict(sorted(kept[part].items()))
    write_whole(path, json.dumps(dict(sorted(kept.items())), indent=1) + "\n")


@functools.cache
def _made_here() -> dict[str, Any]:
    return made_here()
