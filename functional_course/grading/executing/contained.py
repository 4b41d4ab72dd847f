"""The learner's side in a container, where the boundary is standard input and output.

``python -m functional_course.grading.executing.contained MODULE``; with ``--state`` in the place of a module it only
prints what the image holds, and after ``--state torch`` also which PyTorch.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import os
import sys
from pathlib import Path

import functional_course
from functional_course.boundary.wire import Channel, Pipes


def asking_state(backend: str | None = None) -> list[str]:
    """The arguments with which this module prints what :func:`state` returns."""
    return ["--state"] if backend is None else ["--state", backend]


def state(backend: str | None = None) -> str:
    """The course and the Keras that this Python would run: both sides have to be of one state.

    Args:
        backend: that Keras is asked to run on, whose version is told as well; none if left out.
    """
    folder = Path(functional_course.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        digest.update(f"{path.relative_to(folder).as_posix()}\n".encode() + path.read_bytes())
    packages = ["keras"] if backend is None else ["keras", backend]
    return ", ".join([f"course {digest.hexdigest()[:20]}", *(f"{name} {_version(name)}" for name in packages)])


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "none"


def main(argv: list[str]) -> None:
    """Serve the other side until it goes, as the module that is named does."""
    if argv[:1] == ["--state"]:
        print(state(*argv[1:2]))
        return
    # What libraries and learners print must not come between: the streams move away before anything else runs.
    pipes = Pipes(os.dup(0), os.dup(1))
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    importlib.import_module(argv[0]).serve(Channel(pipes))


if __name__ == "__main__":
    main(sys.argv[1:])
