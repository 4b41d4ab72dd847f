"""``python -m tests.mutants``: change every solution the way learners go wrong, and see each change refused."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mutants.catalogue import ROOT, Table, equivalents, every_mutant, tasks
from mutants.judging import Kept

from rich.console import Console
from rich.progress import Progress


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chapter", default="", help="begins the names of the chapters to try, such as 03")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--output", type=Path, help="where the table goes, as JSON")
    chosen = parser.parse_args()
    kept = Kept(ROOT / ".course" / "mutants.jsonl", ROOT / "functional_course")
    console = Console()
    with Progress(console=Console(stderr=True)) as progress:
        bar = progress.add_task("mutants", total=None)

        def report(done: int, of: int) -> None:
            progress.update(bar, completed=done, total=of)

        table = Table(
            every_mutant(list(tasks(ROOT / "solutions", chosen.chapter)), chosen.workers, kept, report), equivalents()
        )
    for line in table.lines():
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    if chosen.output:
        chosen.output.write_text(json.dumps(table.as_json(), indent=1) + "\n", encoding="utf-8")
    return 1 if table.missed or table.stale else 0


if __name__ == "__main__":
    sys.exit(main())
