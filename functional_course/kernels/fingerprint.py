"""What a warm process was made of, so that a process made of something else is not taken for it."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path

_READ_AT_IMPORT = ("KERAS_", "TF_", "XLA_", "CUDA_", "OMP_", "OPENBLAS_", "MKL_", "PYTHON", "LD_", "JAX_", "MPL")
_OWN = "FUNCTIONAL_COURSE_"

OWN_SOURCES = Path(__file__).parents[1]
"""The folder with all modules of the course: a warm process has some of them, and those may import any other."""


def fingerprint(environment: Mapping[str, str]) -> str:
    """A name for the warm process that a kernel with these environment variables can be forked from.

    It changes with the Python, with every package that is installed, upgraded or removed, with the modules of the
    course itself, and with each variable that a library may read while it is imported. Of a module that
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
    parts += sorted(f"{path} {path.stat().st_mtime_ns}" for path in OWN_SOURCES.rglob("*.py"))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:20]


def _installed(folder: Path) -> list[str]:
    """One line a package: the names hold the versions, and the times change when one is installed again."""
    with os.scandir(folder) as entries:
        kept = [entry for entry in entries if entry.name.endswith((".dist-info", ".egg-info", ".pth", ".egg-link"))]
        return sorted(f"{folder}/{entry.name} {entry.stat().st_mtime_ns}" for entry in kept)
