"""What verdicts rest on besides a submission. When it changes, they are found again, and a teacher reads why."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
from collections.abc import Iterable, Mapping
from pathlib import Path

import functional_course
from functional_course.grading.judging import backends

SOURCES = "the instructor's notebooks"
"""The one part that holds several notebooks, of which a verdict rests on one."""

_PACKAGES = {"Keras": "keras", "TensorFlow": "tensorflow", "JAX": "jax", "PyTorch": "torch", "NumPy": "numpy"}
_CHECKS = ("checks", "models", "rubric")
_AN_EARLIER_COURSE = "they were judged by an earlier version of the course"


def basis(
    sources: Iterable[Path],
    given: Iterable[Path],
    sandbox: str,
    image: str,
    limits: Mapping[str, object],
    backend: str | None = None,
) -> dict[str, str]:
    """What verdicts of one assignment rest on, by a name that fits into a sentence.

    Args:
        sources: the instructor's notebooks.
        given: files and folders beside them.
        sandbox: where learners' code runs: ``namespaces``, ``container`` or ``none``.
        image: the container's, with what tells it from others of its name.
        limits: what learners' code may take.
        backend: of Keras; what ``KERAS_BACKEND`` says if left out.

    Returns:
        For each part its version, its setting, or a digest of its files.
    """
    return {
        SOURCES: digest(sources),
        "the files beside the instructor's notebooks": digest(given),
        "the limits": ", ".join(f"{name} {value}" for name, value in limits.items()),
        "the sandbox": f"{sandbox} {image}" if sandbox == "container" else sandbox,
        **made_with(backend),
    }


def made_with(backend: str | None = None) -> dict[str, str]:
    """What verdicts rest on of this machine: the package, and the libraries that it calls.

    Args:
        backend: of Keras; what ``KERAS_BACKEND`` says here if left out.
    """
    package = Path(functional_course.__file__).parent
    checks = [path for path in _files(package) if path.relative_to(package).parts[0] in _CHECKS]
    others = [path for path in _files(package) if path not in set(checks)]
    found = {
        "the course's checks": digest(checks, package),
        "the course's package": digest(others, package),
        "Python": platform.python_version(),
        "Keras's backend": backends.chosen(backend),
    }
    for name, distribution in _PACKAGES.items():
        try:
            found[name] = importlib.metadata.version(distribution)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "none"
    return found


def why(before: Mapping[str, str] | None, now: Mapping[str, str]) -> str:
    """What has changed, as a clause; empty if nothing has.

    Example:

    >>> why({"Keras": "3.12.0", "the limits": "cell 180"}, {"Keras": "3.12.1", "the limits": "cell 90"})
    'Keras (3.12.0 → 3.12.1) and the limits (cell 180 → cell 90) changed'
    """
    if not before:
        return _AN_EARLIER_COURSE
    names = [name for name in {**now, **before} if before.get(name) != now.get(name)]
    if not names:
        return ""
    parts = [_change(name, before.get(name, "none"), now.get(name, "none")) for name in names]
    return f"{' and '.join(filter(None, [', '.join(parts[:-1]), parts[-1]]))} changed"


def others_there(there: Mapping[str, str], here: Mapping[str, str]) -> str:
    """What another machine has that this one has not, as a clause; empty if it is all the same.

    Example:

    >>> others_there({"Keras": "3.11.0"}, {"Keras": "3.12.1"})
    'Keras (there 3.11.0, here 3.12.1)'
    """
    names = [name for name in {**here, **there} if there.get(name) != here.get(name)]
    parts = [
        name if name.startswith("the ") else f"{name} (there {there.get(name, 'none')}, here {here.get(name, 'none')})"
        for name in names
    ]
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def digest(paths: Iterable[Path], below: Path | None = None) -> str:
    """A fingerprint of files, and of all files in folders: their names and what stands in them.

    Args:
        paths: the files and folders.
        below: names are relative to this folder; those of the files alone count if it is left out.
    """
    made = hashlib.sha256()
    for path in sorted(paths):
        for file in _files(path) if path.is_dir() else [path]:
            name = file.relative_to(below or path.parent).as_posix()
            made.update(f"{name}\0{file.stat().st_size}\0".encode("utf-8", "surrogateescape") + file.read_bytes())
    return made.hexdigest()[:20]


def _files(folder: Path) -> list[Path]:
    hidden = ("__pycache__", ".ipynb_checkpoints")
    return sorted(path for path in folder.rglob("*") if path.is_file() and not set(hidden) & set(path.parts))


def _change(name: str, before: str, now: str) -> str:
    # What a digest was says nothing to anybody.
    return (
        name if name.startswith("the ") and name not in ("the limits", "the sandbox") else f"{name} ({before} → {now})"
    )
