"""``python -m tests.backends_page``: put what ``tests.backends`` stored into the page of the book that tells it.

The prose of ``book/guides/backends.md`` is written by hand. Its tables are written here, from
``book/results/backends.json``, ``book/results/grading_backends.json``, which ``tests.graded_backends`` stored,
``book/results/mnist_gpu.json`` and the titles of the notebooks.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from functional_course.writing import write_whole

from conftest import ROOT
from page_tables import filled, made_with, table
from status_page import NAMES, executed, shown

PAGE = Path("book", "guides", "backends.md")
RESULTS = Path("book", "results", "backends.json")
GRADING = Path("book", "results", "grading_backends.json")
MNIST = {"CPU": Path("book", "results", "mnist.json"), "GPU": Path("book", "results", "mnist_gpu.json")}

COUNTED = {
    "cells": "cells",
    "another output": "otherwise",
    "marked": "marked",
    "errors": "errors",
    "seconds": "seconds",
}
"""What is counted of a run, as the table has it and as it is stored."""


def runs(stored: Mapping[str, Any]) -> str:
    """How the cells of each run ended, a column each."""
    counts = [
        [sum(found[name] for found in run["notebooks"].values()) for name in COUNTED.values()] for run in stored["runs"]
    ]
    rows = [
        (title, *(f"{count:,.0f}" for count in column))
        for title, column in zip(COUNTED, zip(*counts, strict=True), strict=True)
    ]
    return table(("all notebooks", *_heads(stored)), rows)


def made(stored: Mapping[str, Any]) -> str:
    """When and on what each run was made, in a sentence each."""
    said = []
    for head, run in zip(_heads(stored), stored["runs"], strict=True):
        version = f"{NAMES[run['backend']]} {run['versions'][run['backend']]}"
        said.append(f"{head}: {run['date']}, {version}, {run['device']}, {run['workers']} notebooks at a time.")
    return "\n".join(f"- {each}" for each in said)


def notebooks(stored: Mapping[str, Any], root: Path = ROOT) -> str:
    """What each notebook took on each of them, in seconds."""
    rows = [
        (shown(name, root), *(f"{run['notebooks'][name]['seconds']:,.1f}" for run in stored["runs"]))
        for name in executed(root)
        if all(name in run["notebooks"] for run in stored["runs"])
    ]
    return table(("seconds", *_heads(stored)), rows)


def _heads(stored: Mapping[str, Any]) -> list[str]:
    return [f"{NAMES[run['backend']]}, {'CPU' if run['device'].startswith('CPU') else 'GPU'}" for run in stored["runs"]]


def grading(stored: Mapping[str, Any]) -> str:
    """What grading the same answers took on each backend, in seconds, and how many tasks got other points on any.

    What was graded on some of the backends alone is left out.
    """
    by_backend = {
        name: notebooks for name, notebooks in stored["graded"].items() if notebooks
    }  # others were not reached
    first, *others = by_backend.values()
    rows: list[tuple[Any, ...]] = []
    for name, students in first.items():
        if all(name in each for each in others):
            chapter, _, notebook = name.partition("/")
            of_all = [student for student in students if all(student in each[name] for each in others)]
            graded = [[each[name][student] for student in of_all] for each in by_backend.values()]
            seconds = (float(sum(one["seconds"] for one in column)) for column in graded)
            unlike = sum(
                any(each["points"].get(task) != points for each in rest)
                for one, *rest in zip(*graded, strict=True)
                for task, points in one["points"].items()
            )
            tasks = sum(len(one["points"]) for one in graded[0])
            waiting = sum(one["waiting"] for column in graded for one in column)
            rows.append((f"chapter {int(chapter[:2])}, {notebook}", *seconds, tasks, unlike, waiting))
    heads = ("seconds", *(NAMES[name] for name in by_backend), "tasks", "with other points", "waiting")
    return table(heads, [tuple(f"{each:.1f}" if isinstance(each, float) else each for each in row) for row in rows])


def graded_with(stored: Mapping[str, Any]) -> str:
    """When and on what that was graded, and by which command."""
    return f"{made_with(stored)} Made by:\n\n```bash\n{stored['command']}\n```"


def mnist(stored: Mapping[str, Mapping[str, Any]]) -> str:
    """Right answers on MNIST's test images after the last epoch, by device."""
    heads, rows = ["test images right", *(f"{name}, {_backend(run)}" for name, run in stored.items())], []
    for place, run in enumerate(next(iter(stored.values()))["runs"]):
        last = [each["runs"][place]["history"][-1]["val_accuracy"] for each in stored.values()]
        rows.append((run["title"], *(f"{100 * each:.2f} %" for each in last)))
    return table(heads, rows)


def _backend(run: Mapping[str, Any]) -> str:
    return next(NAMES[name] for name in ("tensorflow", "jax", "torch") if name in run["versions"])


def faults(stored: Mapping[str, Any], root: Path = ROOT) -> list[str]:
    """Notebooks that a run lacks, or has and the course hasn't, a line each."""
    meant = {name for name, kind in executed(root).items() if kind not in ("evidence", "comparison")}
    found = []
    for run in stored["runs"]:
        where = f"the run with {run['backend']} on {run['device']}"
        found += [f"{name} isn't in {where}" for name in sorted(meant - run["notebooks"].keys())]
        found += [f"{name}, of {where}, isn't executed any more" for name in sorted(run["notebooks"].keys() - meant)]
    return found


def rendered(page: str, root: Path = ROOT) -> str:
    """The page with its tables written anew."""
    stored = json.loads((root / RESULTS).read_text(encoding="utf-8"))
    of_grading = json.loads((root / GRADING).read_text(encoding="utf-8"))
    trained = {name: json.loads((root / path).read_text(encoding="utf-8")) for name, path in MNIST.items()}
    tables = {
        "runs": lambda: runs(stored),
        "made": lambda: made(stored),
        "notebooks": lambda: notebooks(stored, root),
        "grading": lambda: f"{grading(of_grading)}\n\n{graded_with(of_grading)}",
        "mnist": lambda: mnist(trained),
    }
    return filled(page, tables)


if __name__ == "__main__":
    write_whole(ROOT / PAGE, rendered((ROOT / PAGE).read_text(encoding="utf-8")))
