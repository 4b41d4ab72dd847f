"""Where nbgrader keeps a course: its folders, its database and its id, as the course's configuration says."""

from __future__ import annotations

import glob
import os
import re
from pathlib import Path

from functional_course.notebooks.course_root import MARK

from nbgrader.coursedir import CourseDirectory
from sqlalchemy.engine import make_url
from traitlets.config import Config, PyFileConfigLoader


class FoldersError(ValueError):
    """The configuration puts the folders where they cannot be used; the message says what to change."""


class Folders:
    """The folders of one course. What its configuration leaves open is as nbgrader has it.

    Args:
        config: nbgrader's configuration, see :func:`load_config`.

    Raises:
        FoldersError: a folder's path does not begin with nbgrader's step, or the course lies where no gradebook can.
    """

    def __init__(self, config: Config) -> None:
        self._course = CourseDirectory(config=config)
        self.root = Path(self._course.root)
        if "?" in str(self.root):
            # What comes after it would be the options of the gradebook's URL.
            raise FoldersError(f"The course lies in {self.root}: rename the folder with the ? in its name.")
        structure = self._course.directory_structure
        if not structure.startswith("{nbgrader_step}"):
            # Folders of a run's own could not be put in the place of one of nbgrader's.
            raise FoldersError(
                f"nbgrader_config.py has CourseDirectory.directory_structure = {structure!r}. "
                "Grading needs one that begins with {nbgrader_step}."
            )

    @property
    def course_id(self) -> str:
        """nbgrader's course id."""
        return self._course.course_id

    @property
    def db_url(self) -> str:
        """The gradebook, as a URL."""
        return self._course.db_url

    @property
    def database(self) -> Path | None:
        """The gradebook's file; None if it is no file."""
        url = make_url(self.db_url)
        return Path(url.database) if url.drivername.startswith("sqlite") and url.database else None

    def source(self, assignment: str) -> Path:
        """The instructor's notebooks of an assignment."""
        return self._path(self._course.source_directory, ".", assignment)

    def release(self, assignment: str) -> Path:
        """The released notebooks of an assignment."""
        return self._path(self._course.release_directory, ".", assignment)

    def submitted(self, student: str, assignment: str) -> Path:
        """What a student handed in."""
        return self._path(self._course.submitted_directory, student, assignment)

    def autograded(self, student: str, assignment: str) -> Path:
        """The notebooks of a student with the outputs that were scored."""
        return self._path(self._course.autograded_directory, student, assignment)

    def feedback(self, student: str, assignment: str) -> Path:
        """A student's feedback pages."""
        return self._path(self._course.feedback_directory, student, assignment)

    @property
    def submissions(self) -> Path:
        """What everybody handed in."""
        return self.root / self._course.submitted_directory

    def assignments(self) -> list[str]:
        """The assignments that the instructor has notebooks of, in order."""
        return sorted(self._matching(self._course.source_directory, ".", None))

    def students(self, assignment: str) -> list[str]:
        """Who handed in something for an assignment, in order."""
        found = self._matching(self._course.submitted_directory, None, assignment)
        return sorted(name for name in found if not name.startswith("."))

    def all(self) -> list[Path]:
        """The folders of all steps: nothing in them is for learners' code to see."""
        course = self._course
        steps = (
            course.source_directory,
            course.source_with_tests_directory,
            course.release_directory,
            course.submitted_directory,
            course.autograded_directory,
            course.feedback_directory,
            course.solution_directory,
        )
        return [self.root / step for step in steps]

    def _path(self, step: str, student: str, assignment: str) -> Path:
        return Path(os.path.normpath(self._course.format_path(step, student, assignment)))

    def _matching(self, step: str, student: str | None, assignment: str | None) -> set[str]:
        """What stands in the place of the one that is None, in the paths that there are."""
        names = (glob.escape(student) if student else "*", glob.escape(assignment) if assignment else "*")
        # Only the part below the root is a pattern: the course may lie in a folder of any name.
        inside = self._course.directory_structure.format(
            nbgrader_step=glob.escape(step), student_id=names[0], assignment_id=names[1]
        )
        if not student:
            paths = glob.glob(inside, root_dir=self.root)
        else:
            paths = [os.path.dirname(path) for path in glob.glob(os.path.join(inside, "*.ipynb"), root_dir=self.root)]
        known = {"{nbgrader_step}": step, "{student_id}": student, "{assignment_id}": assignment}
        parts = re.split(r"(\{\w+\})", self._course.directory_structure)
        texts = [known.get(part, part) for part in parts]
        pattern = "".join("(?P<found>[^/]+)" if text is None else re.escape(text) for text in texts)
        return {match["found"] for path in paths if (match := re.fullmatch(pattern, path))}


def load_config(root: Path) -> Config:
    """nbgrader's configuration of a course. What is relative in it is relative to the course, wherever one calls it.

    Args:
        root: the folder with ``nbgrader_config.py``.
    """
    config = PyFileConfigLoader(MARK, str(root)).load_config()
    config.CourseDirectory.root = str(root)
    for name in ("header", "footer"):
        if isinstance(config.IncludeHeaderFooter.get(name), str) and config.IncludeHeaderFooter[name]:
            config.IncludeHeaderFooter[name] = os.path.join(root, config.IncludeHeaderFooter[name])
    url = config.CourseDirectory.get("db_url")
    if isinstance(url, str) and url.startswith("sqlite:///"):
        place = make_url(url)
        if place.database and place.database != ":memory:":
            config.CourseDirectory.db_url = str(place.set(database=os.path.join(root, place.database)))
    return config
