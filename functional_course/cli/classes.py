"""What a teacher calls for a class: collect, grade, export, give back, report on the tasks, find answers alike."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from functional_course.cli import console

import click


@click.command()
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
@click.option(
    "--backend",
    type=click.Choice(["tensorflow", "jax", "torch"]),
    help="The backend of Keras that answers and tests run on [what KERAS_BACKEND says, or tensorflow].",
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
    backend: str | None,
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

    You can also set workers, sandbox, image, scheduler, timeout, seconds, memory, processes, backend, feedback and
    provisional in the course's nbgrader_config.py: c.CourseGrade.memory = 4096 there means --memory 4096 here. An
    option on the command line overrides the file.
    """
    root = console.root()
    if os.name != "posix":
        console.refuse(
            "course grade needs Linux, or another Unix with podman or docker: on Windows run it in WSL 2 or in a "
            "container of Linux."
        )
    try:
        from functional_course.grading.running.grade import GradeError, grade_class
    except ModuleNotFoundError as error:
        console.refuse_missing(error)
    from functional_course.grading.reporting.console import show
    from functional_course.grading.reporting.run_file import write_run_report

    if written and not written.absolute().parent.is_dir():
        console.refuse(f"There is no folder {written.parent} for the report. Create it, or name another one.")
    with console.progress() as progress:
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
                backend=backend,
                feedback=feedback,
                again=force,
                provisional=provisional,
                progress=seen,
                say=lambda sentence: progress.console.print(sentence, highlight=False, markup=False),
            )
        except GradeError as error:
            console.refuse(str(error))
        except KeyboardInterrupt:
            console.refuse("Interrupted. Run the same command to continue from here; what is graded stays graded.")
    show(report, console.out)
    if written:
        write_run_report(report, written)
    if any(row.points is None for row in report.rows):
        raise SystemExit(1)  # not all of the class has its scores yet


@click.command()
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
    root = console.root()
    try:
        from functional_course.grading.exporting.export import export as write
        from functional_course.grading.exporting.export import gradebook_of
        from functional_course.grading.exporting.grades import ExportError
    except ModuleNotFoundError as error:
        console.refuse_missing(error)
    path = output or Path("grades.csv" if form == "nbgrader" else f"grades-{form}.csv")
    numbers = None
    if form == "moodle" and len(chapters) == 1:
        from functional_course.lms.collecting import recorded

        numbers = recorded(_folders(root), chapters[0]).numbers
    try:
        written = write(*gradebook_of(root), form, path, chapters, roster, waiting, numbers)
    except (ExportError, OSError) as error:
        console.refuse(str(error))
    for note in written.notes:
        console.err.print(note, highlight=False, markup=False, soft_wrap=True)
    console.out.print(f"wrote {written.path}: {written.students} students", highlight=False)


@click.command()
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
        console.refuse_missing(error)
    folders = _folders_with(chapter)
    try:
        done = put(folders, chapter, archive, system, roster, update=update)
    except (CollectError, RosterError, OSError) as error:
        console.refuse(str(error))
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
        console.err.print(note, highlight=False, markup=False, soft_wrap=True)
    new, old = len(done.learners), len(done.unchanged) + len(done.older)
    console.out.print(f"collected {new} {'learner' if new == 1 else 'learners'}; {old} left as before", highlight=False)


@click.command("return")
@click.argument("chapter")
@click.argument("output", type=click.Path(path_type=Path))
def give_back(chapter: str, output: Path) -> None:
    """Pack the feedback pages of a CHAPTER into OUTPUT, an archive from which Moodle gives everybody their own."""
    try:
        from functional_course.lms.returning import ReturnError
        from functional_course.lms.returning import give_back as pack
    except ModuleNotFoundError as error:
        console.refuse_missing(error)
    folders = _folders_with(chapter)
    try:
        done = pack(folders, chapter, output)
    except (ReturnError, OSError) as error:
        console.refuse(str(error))
    for note in done.notes:
        console.err.print(note, highlight=False, markup=False, soft_wrap=True)
    console.out.print(f"wrote {done.path}: feedback for {done.learners} of the learners", highlight=False)


def _folders(root: Path) -> Any:
    from functional_course.grading.gradebook.folders import Folders, FoldersError, load_config

    try:
        return Folders(load_config(root))
    except FoldersError as error:
        console.refuse(str(error))


def _folders_with(chapter: str) -> Any:
    """The course's folders; refuses a chapter that it doesn't have."""
    folders = _folders(console.root())
    known = folders.assignments()
    if chapter not in known:
        console.refuse(f"There is no chapter {chapter} in solutions/. There are: {', '.join(known)}.")
    return folders


def _check_form(output: Path | None) -> None:
    """Refuse a report's file whose name ends in no form, before anything is read."""
    from functional_course.grading.reporting.report_files import form_of

    try:
        if output:
            form_of(output)
    except ValueError as error:
        console.refuse(str(error))


@click.command("report")
@click.argument("chapters", nargs=-1)
@click.option("--output", type=click.Path(path_type=Path), help="Also write it to this file: .csv, .json or .html.")
def report_class(chapters: tuple[str, ...], output: Path | None) -> None:
    """Show what a graded class says of the tasks of some CHAPTERS, or of all that were handed in.

    For each task: how many answered, how hard it was, whether it tells strong learners from weak ones, and the criteria
    that failed most, with their commonest messages. Points come from the gradebook, and the rest from what course grade
    found, so nothing is executed.
    """
    root = console.root()
    try:
        from functional_course.class_report import showing
        from functional_course.class_report.reading import ReportError, read_class
        from functional_course.class_report.tasks import chapter_report
    except ModuleNotFoundError as error:
        console.refuse_missing(error)
    _check_form(output)
    try:
        reports = [chapter_report(found) for found in read_class(root, chapters)]
        showing.show(reports, console.out)
        if output:
            showing.write(reports, output)
            console.out.print(f"wrote {output}", highlight=False)
    except (ReportError, OSError) as error:
        console.refuse(str(error))


@click.command()
@click.argument("chapters", nargs=-1, required=True)
@click.option("--output", type=click.Path(path_type=Path), help="Also write it to this file: .csv, .json or .html.")
def likeness(chapters: tuple[str, ...], output: Path | None) -> None:
    """Show which answers of a class to CHAPTERS are alike, beyond the text of the task and your own solution.

    Nothing is executed, and nothing leaves this machine. Other names, another order of statements and other comments
    don't hide a copy. Where answers are too short to tell, it says so. A likeness is a reason to look, not a verdict.
    """
    root = console.root()
    if os.name != "posix":
        console.refuse("course likeness needs Linux or another Unix: on Windows run it in WSL 2.")
    try:
        from functional_course.likeness import showing
        from functional_course.likeness.answers import LikenessError, read_answers
        from functional_course.likeness.comparing import compared
    except ModuleNotFoundError as error:
        console.refuse_missing(error)
    _check_form(output)
    found = []
    try:
        with console.progress() as progress:
            for chapter in dict.fromkeys(chapters):
                bar = progress.add_task(chapter, total=None)
                answers = read_answers(
                    root,
                    chapter,
                    lambda done, of, bar=bar: progress.update(bar, completed=done, total=of),  # type: ignore[misc]
                )
                tasks = tuple(compared(each) for each in answers.tasks)
                found.append(showing.ChapterLikeness(chapter, answers.students, tasks, answers.skipped))
        showing.show(found, console.out)
        if output:
            showing.write(found, output)
            console.out.print(f"wrote {output}", highlight=False)
    except (LikenessError, OSError) as error:
        console.refuse(str(error))
