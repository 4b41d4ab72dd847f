"""The files and folders that an assignment hands out beside its notebooks: data to read, modules to import."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

_LEFT_ALONE = {".ipynb_checkpoints", "__pycache__", ".DS_Store", "Thumbs.db"}


def handed_out(folder: Path) -> list[Path]:
    """What lies in an assignment's folder besides its notebooks, sorted by name."""
    return sorted(path for path in folder.iterdir() if path.suffix != ".ipynb" and path.name not in _LEFT_ALONE)


def found_beside(notebook: Path, names: Iterable[str], hide: Iterable[Path] = ()) -> tuple[list[Path], list[str]]:
    """Look beside a notebook for what was handed out with it.

    A stranger may have written the list, and made what lies there: only what is in the notebook's own folder is found,
    through no link that leads out of it, and nothing that holds, or lies in, what is to be hidden.

    Args:
        notebook: its file.
        names: of files and folders.
        hide: what must not be found.

    Returns:
        The paths, and the names of what is not there.
    """
    folder = notebook.absolute().parent.resolve()
    hidden = [path.resolve() for path in hide]
    found, missing = [], []
    for name in names:
        path = folder / name
        if Path(name).name != name or not path.exists():
            missing.append(name)
            continue
        real = path.resolve()
        secret = any(real.is_relative_to(each) or each.is_relative_to(real) for each in hidden)
        if secret or folder not in real.parents:
            missing.append(name)
        else:
            found.append(path)
    return found, missing


def put_copies(paths: Iterable[Path], folder: Path) -> None:
    """Copy files and folders into a folder, for a notebook that runs there without a sandbox."""
    for path in paths:
        if path.is_dir():
            shutil.copytree(path, folder / path.name)
        else:
            shutil.copy(path, folder / path.name)
