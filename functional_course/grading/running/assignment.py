"""One assignment of a course as it is graded: its notebooks, what lies beside them, and on what its verdicts rest."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from functional_course.grading.gradebook.folders import Folders, FoldersError, load_config
from functional_course.grading.gradebook.hiding import hidden_markers
from functional_course.grading.gradebook.scoring import Scorer
from functional_course.grading.judging import basis as bases
from functional_course.grading.releasing.release import ReleaseError, release
from functional_course.grading.running.conditions import Conditions
from functional_course.grading.running.ledger import Ledger, run_folder
from functional_course.grading.taking_in.plan import Plan
from functional_course.grading.taking_in.released import ReleasedError, read_released
from functional_course.notebooks.beside import handed_out

import nbformat
from nbformat.notebooknode import NotebookNode


class GradeError(RuntimeError):
    """The class cannot be graded as asked; the message says what to do."""


class Assignment:
    """An assignment to grade.

    Args:
        root: the course.
        name: the chapter.
        conditions: under which it is graded.

    Attributes:
        folders: the course's.
        work: the run's own folder.
        ledger: what runs remember of it.
        plans: by notebook, how it is judged.
        given: what lies beside the notebooks.
        released: the notebooks as learners have them, once :meth:`prepare` was called.
        basis: on what verdicts rest besides a submission.

    Raises:
        GradeError: there is no such chapter, or one of its notebooks cannot be read.
    """

    def __init__(self, root: Path, name: str, conditions: Conditions) -> None:
        self.root, self.name, self.conditions = root, name, conditions
        self.config = load_config(root)
        try:
            self.folders = Folders(self.config)
        except FoldersError as error:
            raise GradeError(str(error)) from error
        self.work = run_folder(root, name)
        self.ledger = Ledger(self.work)
        place = self.folders.source(name)
        sources = sorted(place.glob("*.ipynb"))
        if not sources:
            shown = os.path.relpath(place, root)
            raise GradeError(f"There is no {shown} with notebooks in it. Name a chapter as it is there.")
        seconds, markers = conditions.cell_seconds, hidden_markers(self.config)
        self.plans = {path.stem: Plan(_read_source(path), seconds=seconds, markers=markers) for path in sources}
        self.given = tuple(handed_out(place))
        self.released: dict[str, NotebookNode] = {}
        self.basis = bases.basis(
            sources,
            self.given,
            conditions.sandbox,
            conditions.identified_image(),
            conditions.limits(),
            conditions.backend,
        )

    def prepare(self) -> None:
        """Have nbgrader know the assignment and its tests: generate it again if it changed since the last run.

        Raises:
            GradeError: it cannot be released.
        """
        folder = self.work / "released"
        # The notebooks that learners get, and what nbgrader knows of them, come from these.
        parts = {name: self.basis[name] for name in (bases.SOURCES, "the course's package")}
        if not (self.ledger.made_from(parts) and self.scorer().known()):
            shutil.rmtree(folder, ignore_errors=True)
            try:
                release(self.root, folder, [self.name])
            except ReleaseError as error:
                raise GradeError(str(error)) from error
            self.ledger.make_from(parts)
        try:
            names = sorted((folder / self.name).glob("*.ipynb"))
            self.released = {path.stem: read_released(path) for path in names}
        except ReleasedError as error:
            raise GradeError(str(error)) from error

    def scorer(self) -> Scorer:
        """What writes the scores."""
        return Scorer(self.config, self.work / "clean", self.name)

    def students(self) -> list[str]:
        """Who handed in something, by name."""
        return self.folders.students(self.name)

    def policy(self) -> str:
        """The sandbox of both sides, as JSON.

        Nothing of the course but its package may be seen, though it may lie in a folder that Python needs.
        """
        database = [self.folders.database] if self.folders.database else []
        return self.conditions.policy([*self.folders.all(), self.root / ".course", *database], self.given)

    def most(self) -> float:
        """All points that there are."""
        return sum(
            float(cell.metadata.get("nbgrader", {}).get("points", 0))
            for notebook in self.released.values()
            for cell in notebook.cells
        )


def _read_source(path: Path) -> NotebookNode:
    try:
        return nbformat.read(path, 4)
    except Exception as error:  # not JSON, no notebook, not UTF-8
        raise GradeError(
            f"{path} cannot be read as a notebook: {error}. Repair it and run the command again."
        ) from error
