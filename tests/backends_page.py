"""``python -m tests.backends_page``: put what ``tests.backends`` stored into the page of the book that tells it.

The prose of ``book/guides/backends.md`` is written by hand. Its tables are written here, from
``book/results/backends.json``, ``book/results/mnist_gpu.json`` and the titles of the notebooks.
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
from page_tables import filled, table
from status_page import NAMES, executed, shown

PAGE = Path("book", "guides", "backends.md")
RESULTS = Path("book", "results", "backends.json")
MNIST = {"CPU": Path("book", "results", "mnist.json"), "GPU": Path("book", "results", "mnist_gpu.json")}

COUNTED = ("cells", "otherwise", "marked", "errors", "seconds")


def runs(stored: Mapping[str, Any]) -> str:
    """When and on what the notebooks were executed, and how their cells ended."""
    heads = ("date", "backend", "device", "side by side", "cells", "another output", "marked", "errors", "seconds")
    rows = []
    for run in stored["runs"]:
        version = f"{NAMES[run['backend']]} {run['versions'][run['backend']]}"
        counts = [sum(found[name] for found in run["notebooks"].values()) for name in COUNTED]
        rows.append((run["date"], version, run["device"], run["workers"], *counts[:-1], f"{counts[-1]:,.0f}"))
    return table(heads, rows, texts=3)


def notebooks(stored: Mapping[str, Any], root: Path = ROOT) -> str:
    """What each notebook took on each of them, in seconds."""
    heads = [
        f"{NAMES[run['backend']]}, {'CPU' if run['device'].startswith('CPU') else 'GPU'}" for run in stored["runs"]
    ]
    rows = [
        (kind, shown(name, root), *(f"{run['notebooks'][name]['seconds']:,.1f}" for run in stored["runs"]))
        for name, kind in executed(root).items()
        if all(name in run["notebooks"] for run in stored["runs"])
    ]
    return table(("kind", "notebook", *heads), rows, texts=2)


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
    trained = {name: json.loads((root / path).read_text(encoding="utf-8")) for name, path in MNIST.items()}
    tables = {
        "runs": lambda: runs(stored),
        "notebooks": lambda: notebooks(stored, root),
        "mnist": lambda: mnist(trained),
    }
    return filled(page, tables)


if __name__ == "__main__":
    write_whole(ROOT / PAGE, rendered((ROOT / PAGE).read_text(encoding="utf-8")))
