"""Whether ``exercises/`` is what ``solutions/`` would give today."""

from __future__ import annotations

from pathlib import Path

from functional_course.grading.releasing.release import release
from functional_course.scratch import scratch_folder


def stale_exercises(root: Path) -> list[Path]:
    """The files of ``exercises/`` that a release would write, change or remove, in order.

    The exercises and the gradebook stay as they are: the comparison is made in a scratch folder.
    """
    with scratch_folder("stale") as scratch:
        made = Path(scratch) / "exercises"
        release(root, made, gradebook=f"sqlite:///{scratch}/gradebook.db")
        there = root / "exercises"
        return sorted(
            there / name
            for name in _files(made) | _files(there)
            if not (made / name).is_file()
            or not (there / name).is_file()
            or (made / name).read_bytes() != (there / name).read_bytes()
        )


def _files(folder: Path) -> set[Path]:
    return {
        path.relative_to(folder)
        for path in folder.rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    }
