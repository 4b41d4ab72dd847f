"""What a warm process was made of, so that a process made of something else is not taken for it."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path

_READ_AT_IMPORT = ("KERAS_", "TF_", "XLA_", "CUDA_", "OMP_", "OPENBLAS_", "MKL_", "PYTHON", "LD_", "JAX_", "MPL")
_OWN = "FUNCTIONAL_COURSE_"

_COURSE = Path(__file__).parents[1]
OWN_SOURCES = (
    _COURSE / "__init__.py",
    _COURSE / "quiet.py",
    _COURSE / "kernels",
    _COURSE / "models",
    _COURSE / "sandbox",
)
"""What a warm process imports of the course before it forks: files, and folders with all their modules."""


def fingerprint(environment: Mapping[str, str]) -> str:
    """A name for the warm process that a kernel with these environment variables can be forked from.

    It changes with the Python, with every package that is installed, upgraded or removed, with what the warm process
    has of the course itself, and with each variable that a library may read while it is imported. Of a module that
    ``FUNCTIONAL_COURSE_PRELOAD`` names besides, only the name counts, not what stands in it.

    Args:
        environment: the variables that the kernel is to have.

    Returns:
        20 hexadecimal digits.
    """
    relevant = {name: value for name, value in environment.items() if name.startswith((*_READ_AT_IMPORT, _OWN))}
    parts = [sys.executable, sys.version, repr(sorted(relevant.items()))]
    for entry in sys.path:
        folder = Path(entry or os.curdir)
        if folder.name in ("site-packages", "dist-packages"):
            parts += _installed(folder)
    parts += [line for sources in OWN_SOURCES for line in _sources(sources)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:20]


def _installed(folder: Path) -> list[str]:
    """One line a package: the names hold the versions, and the times change when one is installed again."""
    with os.scandir(folder) as entries:
        kept = [entry for entry in entries if entry.name.endswith((".dist-info", ".egg-info", ".pth", ".egg-link"))]
        return sorted(f"{folder}/{entry.name} {entry.stat().st_mtime_ns}" for entry in kept)


def _sources(place: Path) -> list[str]:
    paths = place.glob("*.py") if place.is_dir() else [place]
    return sorted(f"{path} {path.stat().st_mtime_ns}" for path in paths)
