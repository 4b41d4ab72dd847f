"""Make ``exercises/`` from ``solutions/`` with nbgrader's ``generate_assignment``."""

from __future__ import annotations

import contextlib
import filecmp
import os
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from functional_course.grading.gradebook.folders import Folders, FoldersError, load_config
from functional_course.grading.gradebook.naming import plainly_named
from functional_course.scratch import scratch_folder
from functional_course.writing import write_bytes_whole

from nbgrader.apps import NbGraderAPI
from traitlets.config import Config


class ReleaseError(RuntimeError):
    """nbgrader could not make the exercises; its own words are in the message."""


def release(root: Path, output: Path, names: list[str] | None = None, gradebook: str | None = None) -> list[Path]:
    """Generate the exercises of some chapters, or of all, and put them in place file by file.

    nbgrader works in a scratch folder; a file in ``output`` is replaced in one step, and only if it differs, so an
    interrupted release leaves whole files. Files that no release made stay: they may be a learner's own. Whether
    one is left over from an earlier release is for
    :func:`~functional_course.grading.releasing.staleness.stale_exercises` to say.

    Args:
        root: the course.
        output: where the exercises go, one folder for each: the course's own folder, or one to compare with.
        names: which chapters; all that have solutions if left out.
        gradebook: nbgrader's database as a URL; the one in its configuration if left out. nbgrader keeps the tests
            there that it removes from the released notebooks.

    Returns:
        The files that changed.

    Raises:
        ReleaseError: there is no such chapter, or nbgrader refused; the message holds what it said.
    """
    try:
        folders = Folders(load_config(root))
    except FoldersError as error:
        raise ReleaseError(str(error)) from error
    known = folders.assignments()
    names = names or known
    unknown = [name for name in names if name not in known]
    if unknown:
        place = os.path.relpath(folders.source(unknown[0]), root)
        raise ReleaseError(f"There is no {place}. Chapters with solutions: {', '.join(known) or 'none'}.")
    changed: list[Path] = []
    with (
        scratch_folder("release") as scratch,
        plainly_named(root) as (plain,),
        _scripts_on_path(),
    ):
        config = _config(root, Path(scratch), gradebook)
        config.CourseDirectory.root = str(plain)
        for name in names:
            result = NbGraderAPI(config=config).generate_assignment(name, force=True, create=True)
            if not result["success"]:
                raise ReleaseError(f"nbgrader could not generate {name}:\n{result.get('log') or result.get('error')}")
            changed += _put_in_place(Folders(config).release(name), output / name)
    return changed


@contextlib.contextmanager
def _scripts_on_path() -> Iterator[None]:
    """nbgrader calls ``alembic`` by name, and this environment need not be activated."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join([sysconfig.get_path("scripts"), before])
    try:
        yield
    finally:
        os.environ["PATH"] = before


def _config(root: Path, scratch: Path, gradebook: str | None) -> Config:
    config = load_config(root)
    config.CourseDirectory.release_directory = str(scratch)
    if gradebook:
        config.CourseDirectory.db_url = gradebook
    return config


def _put_in_place(made: Path, place: Path) -> list[Path]:
    changed = []
    files = {path.relative_to(made) for path in made.rglob("*") if path.is_file()}
    for name in sorted(files):
        target = place / name
        if target.is_file() and filecmp.cmp(made / name, target, shallow=False):
            continue
        write_bytes_whole(target, (made / name).read_bytes())
        changed.append(target)
    return changed
