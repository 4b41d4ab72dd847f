"""``python -m tests.mutants``: change every solution the way learners go wrong, and see each change refused."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from functional_course.writing import write_whole
from mutants.catalogue import ROOT, Ended, Table, Task, equivalents, every_mutant, made_here, some_mutants, tasks
from mutants.judging import Kept

from rich.console import Console
from rich.progress import Progress


def _all(chosen: list[Task], workers: int) -> list[Ended]:
    kept = Kept(ROOT / ".course" / "mutants.jsonl", ROOT / "functional_course")
    with Progress(console=Console(stderr=True)) as progress:
        bar = progress.add_task("mutants", total=None)
        return every_mutant(chosen, workers, kept, lambda done, of: progress.update(bar, completed=done, total=of))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chapter", default="", help="begins the names of the chapters to try, such as 03")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument(
        "--sample", type=int, default=0, help="so many of all instead, the same each time; nothing is kept"
    )
    parser.add_argument("--output", type=Path, help="where the table goes, as JSON")
    chosen = parser.parse_args()
    chosen_tasks = list(tasks(ROOT / "solutions", chosen.chapter))
    console = Console()
    if chosen.sample:
        with tempfile.TemporaryDirectory() as folder:
            kept = Kept(Path(folder) / "kept.jsonl", ROOT / "functional_course")
            table = Table(some_mutants(chosen_tasks, chosen.sample, chosen.workers, kept), equivalents())
    else:
        table = Table(_all(chosen_tasks, chosen.workers), equivalents())
    for line in table.lines():
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    if chosen.output:
        write_whole(chosen.output, json.dumps(made_here() | table.as_json(), indent=1) + "\n")
    return 1 if table.missed or table.stale else 0


if __name__ == "__main__":
    sys.exit(main())
