"""What a teacher calls to make a course: begin a folder or a chapter, and release the exercises."""

from __future__ import annotations

import sys
from pathlib import Path

from functional_course.cli import console

import click


@click.command()
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
        console.refuse_missing(error)
    try:
        prepared = prepare(folder, chapters)
    except (InitError, OSError) as error:
        console.refuse(str(error))
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
        console.out.print(line, highlight=False, markup=False, soft_wrap=True)


@click.command("new-chapter")
@click.argument("name")
@click.option("--notebook", default="build", show_default=True, help="The notebook's name, without .ipynb.")
def new_chapter(name: str, notebook: str) -> None:
    """Begin a chapter of your own, solutions/NAME, with a notebook to build on.

    It has two tasks with their solutions and tests, which can be released and graded as they are: one test is a rubric
    written with the course's checks, the other has ordinary asserts. Run this in your course's folder.
    """
    from functional_course.own_course.chapter import ChapterError
    from functional_course.own_course.chapter import new_chapter as begin

    root = console.root()
    try:
        path = begin(root, name, notebook)
    except (ChapterError, OSError) as error:
        console.refuse(str(error))
    console.out.print(f"wrote {path.relative_to(root)}", highlight=False, markup=False, soft_wrap=True)
    console.out.print(
        f"Put your tasks in it, then run: course release {name}", highlight=False, markup=False, soft_wrap=True
    )


@click.command()
@click.argument("chapters", nargs=-1)
@click.option("--check", "compare", is_flag=True, help="Change nothing, and list the exercises that are out of step.")
def release(chapters: tuple[str, ...], compare: bool) -> None:
    """Generate exercises/ from solutions/ through nbgrader, for some CHAPTERS or for all."""
    root = console.root()
    try:
        from functional_course.grading.releasing.release import ReleaseError
        from functional_course.grading.releasing.release import release as generate
        from functional_course.grading.releasing.staleness import stale_exercises
    except ModuleNotFoundError as error:
        console.refuse_missing(error)
    try:
        changed = stale_exercises(root) if compare else generate(root, root / "exercises", list(chapters))
    except ReleaseError as error:
        console.refuse(str(error))
    for path in changed:
        console.out.print(f"{'out of step' if compare else 'wrote'} {path.relative_to(root)}", highlight=False)
    if not changed:
        console.out.print("exercises/ is in step with solutions/.")
    sys.exit(console.FAILED if compare and changed else 0)
