"""The instructor's notebooks of a teacher's own course, made from those of the course and the teacher's choice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from functional_course.notebooks.beside import handed_out
from functional_course.notebooks.course_root import assignment_notebooks
from functional_course.notebooks.reading import read_notebook
from functional_course.own_course.choice import FILE, ChoiceError, Choices, NotebookChoice
from functional_course.own_course.dropping import NeededError, leave_out, number_of, spoken_of
from functional_course.own_course.repository import SOLUTIONS
from functional_course.own_course.tasks import tasks_of
from functional_course.own_course.weighing import WeighingError, in_table, weigh

import nbformat
from nbformat.notebooknode import NotebookNode


@dataclass(frozen=True)
class Made:
    """What a teacher's choice gives.

    Attributes:
        files: by name below ``solutions``, in order.
        tasks: how many there are.
        points: what they are worth together.
        notes: what the teacher should read, as sentences.
    """

    files: tuple[tuple[Path, bytes], ...]
    tasks: int
    points: float
    notes: tuple[str, ...]


def offered(course: Path) -> dict[str, dict[str, dict[str, float]]]:
    """What a course has to choose from: by chapter and notebook, the points of each task.

    Args:
        course: its folder.
    """
    found: dict[str, dict[str, dict[str, float]]] = {}
    for path in assignment_notebooks(course, SOLUTIONS):
        tasks = tasks_of(read_notebook(path))
        found.setdefault(path.parent.name, {})[path.stem] = {name: task.points for name, task in tasks.items()}
    return found


def make(course: Path, choices: Choices) -> Made:
    """Make the notebooks that a teacher has chosen, with the files beside them.

    Args:
        course: the folder of the course.
        choices: what the teacher has chosen; it was checked against what the course has.

    Raises:
        ChoiceError: a task can't be left out or get other points.
    """
    files: list[tuple[Path, bytes]] = []
    notes: list[str] = []
    tasks, points = 0, 0.0
    for chapter, notebooks in sorted(choices.items()):
        folder = course / SOLUTIONS / chapter
        for name, choice in sorted(notebooks.items()):
            path = folder / f"{name}.ipynb"
            notebook = read_notebook(path)
            # One that is used as it is stays the same file, byte by byte.
            data = path.read_bytes()
            if choice.drop or choice.points:
                try:
                    notes += [f"{chapter}/{name}: {note}" for note in chosen(notebook, choice)]
                except (NeededError, WeighingError) as error:
                    raise ChoiceError(f"{FILE}, line {choice.line}: in {chapter}/{name}, {error}") from error
                data = f"{nbformat.writes(notebook, version=nbformat.NO_CONVERT)}\n".encode()
            worth = [task.points for task in tasks_of(notebook).values()]
            tasks, points = tasks + len(worth), points + sum(worth)
            files.append((Path(chapter, path.name), data))
        files += [(file.relative_to(folder.parent), file.read_bytes()) for file in _beside(folder)]
    return Made(tuple(files), tasks, points, tuple(notes))


def chosen(notebook: NotebookNode, choice: NotebookChoice) -> list[str]:
    """Change a notebook as a teacher wants it, its table of tasks included. Tasks keep their numbers.

    Args:
        notebook: an instructor's, changed in place.
        choice: of tasks that it has.

    Returns:
        What the teacher should read, as sentences.

    Raises:
        NeededError: a task can't be left out.
        WeighingError: a task can't get these points.
    """
    tasks = tasks_of(notebook)
    weigh(notebook, choice.points)
    numbers = {number_of(notebook, tasks[name]) for name in choice.drop} - {""}
    leave_out(notebook, choice.drop)
    title = notebook.cells[0]
    for name, points in choice.points.items():
        title.source = in_table(title.source, name, points)
    for name in choice.drop:
        title.source = in_table(title.source, name, None)
    if choice.drop:
        title.source = _with_count(title.source, len(tasks) - len(choice.drop), len(tasks))
    return [f"{said}, which is left out." for said in spoken_of(notebook, numbers)]


def meaning(name: str, data: bytes) -> str:
    """A digest of a file; of a notebook, only of what an instructor writes: texts, marks, tags and their order.

    So a notebook that was executed and saved, in Jupyter's own form, counts as unchanged.

    Args:
        name: says by its ending whether it is a notebook.
        data: what stands in the file.
    """
    if name.endswith(".ipynb"):
        try:
            notebook = json.loads(data)
            cells = [_written(cell) for cell in notebook["cells"]]
            about = notebook.get("metadata", {}).get("functional_course")
            data = json.dumps([about, cells], sort_keys=True).encode()
        except (ValueError, KeyError, TypeError, AttributeError):
            pass  # no notebook: then every byte counts
    return hashlib.sha256(data).hexdigest()


def _written(cell: dict[str, object]) -> list[object]:
    source, marks = cell["source"], cell.get("metadata")
    text = "".join(source) if isinstance(source, list) else source
    known = marks if isinstance(marks, dict) else {}
    return [cell["cell_type"], text, known.get("nbgrader"), known.get("tags"), cell.get("attachments")]


def _with_count(text: str, kept: int, of: int) -> str:
    """A notebook's first cell with a sentence, before its table, that says how many of its tasks a class does."""
    said = f"Your class does {kept} of the {of} tasks, and each keeps its number."
    head, table, rest = text.partition("\n|")
    return f"{head}\n{said}\n{table}{rest}" if table else f"{text.rstrip()}\n\n{said}"


def _beside(folder: Path) -> Iterator[Path]:
    """The files that are handed out beside the notebooks of a chapter, those in folders too."""
    for path in handed_out(folder):
        if path.is_file():
            yield path
        elif not path.name.startswith("."):
            yield from sorted(each for each in path.rglob("*") if each.is_file() and not each.name.startswith("."))
