"""``python -m tests.grading_speed_page``: put what the benchmarks stored into the page of the book that tells it.

The prose of ``book/guides/grading_speed.md`` is written by hand. Its tables are written here, from
``book/results/grading.json``, which ``benchmarks/grading.py`` and ``benchmarks/writer.py`` write. What wasn't measured
has no row.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from statistics import fmean
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from functional_course.writing import write_whole

from conftest import ROOT
from page_tables import filled, made_with, table

PAGE = Path("book", "guides", "grading_speed.md")
RESULTS = Path("book", "results", "grading.json")

SUBMISSIONS = 100_000
PRICE = 0.05
"""US dollars for an hour of one core; the cost of the plan is in proportion to it."""
CORES = (16, 64, 256)
PARTS = ("chapters", "small", "writer")
SMALL = "small"
"""What the writer's measurement is called whose submissions are two lines long."""
NOTHING = "This hasn't been measured yet."
NOT_MEASURED = "–"

Stored = Mapping[str, Mapping[str, Mapping[str, Any]]]


def _of(stored: Stored, part: str) -> Mapping[str, Mapping[str, Any]]:
    return stored.get(part, {})


def each(found: Mapping[str, Any], what: str = "processor") -> float:
    """The time of one submission, in seconds: all that the machine spent, or by the clock, by their number."""
    return found[what] / found["students"]


def busy(found: Mapping[str, Any]) -> bool:
    """Whether so much else was going on that the clock says nothing."""
    return found.get("load", 0) > 2 * found.get("cores", 1)


def _by_the_clock(found: Mapping[str, Any], shown: str) -> str:
    return "(busy)" if busy(found) else shown


def _title(chapter: str) -> str:
    return f"{int(chapter[:2])}"


def _handed_in(name: str) -> str:
    return "two lines" if name == SMALL else f"chapter {_title(name)}"


def scores(stored: Stored) -> str:
    """What both take for one learner's chapter, and the scores that differ."""
    rows = []
    for chapter, found in _of(stored, "chapters").items():
        ours, theirs = each(found), each(found["nbgrader"])
        sizes = (found["students"], found["notebooks"], found["nbgrader"]["students"])
        counts = (found["scores"], found["different"], found["waiting"])
        rows.append((_title(chapter), *sizes, f"{ours:.1f}", f"{theirs:.1f}", f"{theirs / ours:.1f}", *counts))
    heads = ("learners", "notebooks", "by nbgrader too", "`course grade`, s", "nbgrader, s", "ratio")
    return table(("chapter", *heads, "scores compared", "different", "waiting"), rows) if rows else NOTHING


def throughput(stored: Stored) -> str:
    """What a class took by the clock, and the memory."""
    rows = [
        (
            _title(chapter),
            found["students"],
            found["workers"],
            _by_the_clock(found, f"{found['seconds']:,.0f}"),
            _by_the_clock(found, f"{3600 * found['students'] / found['seconds']:,.0f}"),
            _by_the_clock(found, f"{each(found['nbgrader'], 'seconds') / each(found, 'seconds'):.1f}"),
            found.get("workers_mib", NOT_MEASURED),
            found.get("own_mib", NOT_MEASURED),
        )
        for chapter, found in _of(stored, "chapters").items()
    ]
    heads = (
        "learners",
        "at a time",
        "seconds",
        "submissions an hour",
        "times as fast",
        "MiB, all it starts",
        "MiB, itself",
    )
    return table(("chapter", *heads), rows) if rows else NOTHING


def growth(stored: Stored) -> str:
    """What classes of different sizes took that handed in something small."""
    rows = [
        (
            f"{found['students']:,}",
            _by_the_clock(found, f"{found['seconds']:,.0f}"),
            _by_the_clock(found, f"{found['seconds'] / found['students']:.2f}"),
            f"{each(found):.2f}",
            found.get("workers_mib", NOT_MEASURED),
            found.get("own_mib", NOT_MEASURED),
        )
        for found in _of(stored, "small").values()
    ]
    heads = ("seconds", "seconds each", "of a processor each", "MiB, all it starts", "MiB, itself")
    return table(("submissions", *heads), rows) if rows else NOTHING


def writer(stored: Stored) -> str:
    """How many submissions a second are taken in and written."""
    rows = [
        (
            _handed_in(name),
            found["students"],
            found["notebooks"],
            f"{each(found):.2f}",
            f"{1 / each(found):.1f}",
            _by_the_clock(found, f"{found['students'] / found['seconds']:.1f}"),
        )
        for name, found in _of(stored, "writer").items()
    ]
    heads = ("submissions", "notebooks each", "of a processor each, s", "a second, on a core", "a second, by the clock")
    return table(("what is handed in", *heads), rows) if rows else NOTHING


def plan(stored: Stored, price: float = PRICE) -> str:
    """Hours, cost and the writer's part, for very many submissions, by how many cores there are."""
    chapters, of_writer = _of(stored, "chapters"), _of(stored, "writer")
    if not chapters or not of_writer:
        return NOTHING
    executing = fmean(map(each, chapters.values()))
    real = {name: found for name, found in of_writer.items() if name != SMALL} or of_writer
    writing = fmean(map(each, real.values()))
    core_hours, writer_hours = SUBMISSIONS * executing / 3600, SUBMISSIONS * writing / 3600
    rows = []
    for cores in CORES:
        hours = core_hours / cores
        writers = max(1, math.ceil(writer_hours / hours))
        rows.append((f"{cores}", f"{hours:.1f}", f"{writer_hours:.1f}", writers, f"{core_hours * price:,.0f}"))
    heads = (
        "hours to execute",
        "hours to write, on one core",
        "cores to write on",
        f"US$ at {price:g} an hour",
    )
    measured = _listed(_title(name) for name in chapters)
    written = _listed(map(_handed_in, real))
    said = (
        f"A submission is taken to cost {executing:.1f} s of a processor, the mean of the chapters "
        f"measured ({measured}), and {writing:.2f} s to write, as measured ({written})."
    )
    return f"{table(('cores', *heads), rows)}\n\n{said}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def made(stored: Stored) -> str:
    """When and on what each was measured, a line for all that were measured alike."""
    alike: dict[str, list[str]] = {}
    titles = {"chapters": "chapter {}", "small": "{} small submissions", "writer": "the writer ({})"}
    for part in PARTS:
        for name, found in _of(stored, part).items():
            shown = _title(name) if part == "chapters" else f"{int(name):,}" if part == "small" else _handed_in(name)
            wanted = f"{found.get('load', 0):g} processes wanted its {found.get('cores', 1)} cores"
            beside = (
                f" Other work kept the machine busy: {wanted}, so the clock says nothing, and processor times may be "
                "too long."
            )
            said = made_with(found) + (beside if busy(found) else "")
            alike.setdefault(said, []).append(titles[part].format(shown))
    return "\n".join(f"- {_listed(names)}. {said}" for said, names in alike.items()) or NOTHING


def rendered(page: str, stored: Stored) -> str:
    """The page with its tables written anew."""
    tables = {
        "scores": lambda: scores(stored),
        "throughput": lambda: throughput(stored),
        "growth": lambda: growth(stored),
        "writer": lambda: writer(stored),
        "plan": lambda: plan(stored),
        "made": lambda: made(stored),
    }
    return filled(page, tables)


def faults(stored: Stored) -> list[str]:
    """What the stored figures can't be, or shouldn't, a line each."""
    found = [f"{part} is no part of the page" for part in stored if part not in PARTS]
    for part in PARTS:
        for name, figures in _of(stored, part).items():
            found += [
                f"{part} {name}: {what} is missing" for what in ("date", "device", "versions") if not figures.get(what)
            ]
            took = [figures.get(what) for what in ("students", "seconds", "processor")]
            if part == "chapters":
                took += [figures.get("nbgrader", {}).get(what) for what in ("students", "seconds", "processor")]
                if figures.get("different") != 0:
                    found.append(f"{part} {name}: {figures.get('different')} scores differ")
            if not all(isinstance(value, int | float) and 0 < value < math.inf for value in took):
                found.append(f"{part} {name}: can't have taken {took}")
    return found


def main(root: Path = ROOT, arguments: list[str] | None = None) -> int:
    """Write the page, or say why its tables would be wrong, and then return 1. With a price, print the plan at it."""
    stored = json.loads((root / RESULTS).read_text(encoding="utf-8"))
    if arguments:
        print(plan(stored, float(arguments[0])))
        return 0
    found = faults(stored)
    for line in found:
        print(line, file=sys.stderr)
    if not found:
        write_whole(root / PAGE, rendered((root / PAGE).read_text(encoding="utf-8"), stored))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(arguments=sys.argv[1:]))
