"""What learners call: check an exercise, begin with a copy of all, see how far one has got."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from functional_course.cli import console
from functional_course.notebooks import CELL_TIMEOUT
from functional_course.notebooks.course_root import (
    find_root,
)

import click
from rich.table import Table

_SECRET = ("solutions", "submitted", "autograded", "feedback", ".course", "gradebook.db")
"""What of a course a notebook that is checked may not see."""


@click.command()
@click.argument("notebooks", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--timeout", default=CELL_TIMEOUT, show_default=True, help="Seconds that one cell may take.")
@click.option(
    "--sandbox/--no-sandbox",
    default=True,
    show_default=True,
    help="Run the notebook in a sandbox, where Linux has one.",
)
@click.option("--visible", is_flag=True, help="Judge only the criteria that stand in the notebook.")
@click.option("--again", is_flag=True, help="Also judge tasks that haven't changed since the last check.")
@click.option("--watch", is_flag=True, help="Check a notebook again each time you save it, until you press Ctrl-C.")
def check(notebooks: tuple[Path, ...], timeout: int, sandbox: bool, visible: bool, again: bool, watch: bool) -> None:
    """Check exercise notebooks: what passes, what doesn't, and why.

    Where the course's solutions are in the same folder as its exercises, as in a clone, your answers are judged by all
    criteria, the hidden ones too, just as they are when they are graded. Without the solutions, only the criteria in
    the notebook itself are judged. A task that hasn't changed since you last checked it isn't judged again: its verdict
    is shown with the time of that check.

    The code runs in a scratch folder, in a sandbox that can reach neither the network nor your files, and your notebook
    stays as it is: from top to bottom if every task is judged, or else what the changed tasks need. The exit status is
    0 if every task passes, 1 if one doesn't, and 2 if a notebook can't be checked.
    """

    def checked(notebook: Path) -> int:
        return _checked(notebook, timeout=timeout, sandbox=sandbox, visible=visible, again=again, watched=watch)

    statuses = dict.fromkeys(notebooks, 0)
    if not watch:
        sys.exit(max(checked(notebook) for notebook in notebooks))
    from functional_course.checking.watching import saves

    try:
        for saved in saves(notebooks):
            statuses[saved] = checked(saved)
            again = False
            console.err.print("Watching. Save a notebook to check it again, or press Ctrl-C to stop.", style="dim")
    except KeyboardInterrupt:
        sys.exit(max(statuses.values()))


def _checked(notebook: Path, *, watched: bool, **how: Any) -> int:
    """Check one notebook, show what was found, and return the exit status for it."""
    from functional_course.checking import check_notebook
    from functional_course.checking.showing import show
    from functional_course.notebooks.execution import ExecutionError
    from functional_course.notebooks.reading import NotebookError
    from functional_course.progress import remember

    root = find_root(notebook.parent)

    def begin(tasks: Sequence[str]) -> None:
        if watched:
            said = ", ".join(tasks) or "nothing that a task needs has changed"
            console.out.print(f"{datetime.now():%H:%M} {notebook.name}: {said}", highlight=False, markup=False)

    try:
        with console.progress() as progress:
            bar = progress.add_task(str(notebook), total=None)
            found = check_notebook(
                notebook,
                report=lambda done, cells: progress.update(bar, completed=done, total=cells),
                begin=begin,
                hide=[course / each for course in {root, find_root()} if course is not None for each in _SECRET],
                warn=lambda sentence: console.err.print(sentence, style="yellow", highlight=False, soft_wrap=True),
                **how,
            )
    except (NotebookError, ExecutionError) as error:
        console.err.print(str(error), style="red", highlight=False, markup=False, soft_wrap=True)
        return console.REFUSED
    if root and notebook.resolve().is_relative_to(root):
        remember(root, notebook, found)
    show(found, console.out, changed_first=watched)
    return 0 if found.passed else console.FAILED


@click.command()
def start() -> None:
    """Copy the exercises into my_work/, where you work on them. Run it again after an update.

    A notebook that you've changed is never overwritten: if the course has a newer version of it, you're told so. One
    that you've left alone is replaced by the newer version.
    """
    from functional_course.my_work import FOLDER, bring

    root = console.root()
    try:
        brought = bring(root)
    except OSError as error:
        console.refuse(str(error))
    for word, names in (("new", brought.new), ("updated", brought.updated)):
        for name in names:
            if name.suffix == ".ipynb":
                console.out.print(f"{word} {FOLDER}/{name.as_posix()}", highlight=False, markup=False)
    for name in brought.kept:
        console.out.print(
            f"{FOLDER}/{name.as_posix()}: there is a newer version in exercises/, and yours is as you left it. To take "
            "the newer one, move yours away and run this again.",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
    if brought.new or brought.updated:
        console.out.print(f"Your exercises are in {root / FOLDER}.", highlight=False, markup=False, soft_wrap=True)
    elif not brought.kept:
        console.out.print(f"{FOLDER}/ has everything.", highlight=False)


@click.command()
def progress() -> None:
    """Show how far you've got: every exercise notebook, what its last check said, and what to do next."""
    from functional_course.progress import next_step, overview

    root = console.root()
    rows = overview(root)
    table = Table("notebook", "points", "state", "checked", title="Your progress")
    for row in rows:
        last = row.last
        points = f"{last.earned:g} of {last.judged:g}" if last else "–"
        table.add_row(row.path, points, row.word, last.when.replace("T", " ") if last else "–")
    console.out.print(table)
    console.out.print(next_step(rows, root), highlight=False, markup=False, soft_wrap=True)
