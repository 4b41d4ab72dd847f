"""The finished runs of an experiment, and arrays that take long to compute: interrupted, the experiment goes on."""

from __future__ import annotations

import datetime
import hashlib
import io
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from functional_course.writing import write_bytes_whole, write_whole

import numpy as np


class Kept:
    """A folder of finished runs, which all belong to one experiment.

    Args:
        folder: where the runs are kept. It is made with the first one.
        about: what the figures depend on: settings, data, versions, device.
        figures: the names of what a run measures.

    Raises:
        ValueError: the folder holds runs of another experiment, or a file in it is damaged.
    """

    def __init__(self, folder: Path, about: dict[str, Any], figures: Iterable[str]) -> None:
        self._folder, self._about, self._figures = folder, json.loads(json.dumps(about)), tuple(figures)
        self._dates = {datetime.date.today().isoformat()}
        self._started = (folder / "about.json").exists()
        if self._started:
            told = self._read(folder / "about.json")
            other = [name for name in self._about if told.get(name) != self._about[name]]
            if other:
                raise ValueError(
                    f"{folder} holds runs of another experiment: it differs in {', '.join(other).replace('_', ' ')}. "
                    f"Remove {folder} to start anew."
                )
            self._dates = set()

    @property
    def date(self) -> str:
        """The day of the last run that was taken from here or made."""
        return max(self._dates)

    def run(self, name: str, compute: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The figures of one run: those that are kept, or new ones, which are kept before they are returned.

        Args:
            name: of the run; it becomes the name of a file.
            compute: gives the figures.

        Raises:
            ValueError: the file of this run is damaged.
        """
        path = self._folder / f"{name}.json"
        if path.exists():
            kept = self._read(path)
            missing = [figure for figure in (*self._figures, "date") if figure not in kept]
            if missing:
                raise ValueError(self._damaged(path, f"it has no {', '.join(missing)}"))
            self._dates.add(kept.pop("date"))
            return kept
        figures = compute()
        self._start()
        today = datetime.date.today().isoformat()
        write_whole(path, json.dumps({**figures, "date": today}, indent=1) + "\n")
        self._dates.add(today)
        return figures

    def array(self, name: str, compute: Callable[[], np.ndarray]) -> np.ndarray:
        """An array that runs need and that takes long: the one that is kept, or a new one, which is kept.

        Args:
            name: of the array; it becomes the name of a file.
            compute: gives the array.

        Raises:
            ValueError: the file of this array is damaged.
        """
        path = self._folder / f"{name}.npy"
        if path.exists():
            try:
                return np.load(path, allow_pickle=False)
            except (OSError, ValueError, EOFError) as error:
                raise ValueError(self._damaged(path, str(error))) from error
        array = compute()
        self._start()
        buffer = io.BytesIO()
        np.save(buffer, array, allow_pickle=False)
        write_bytes_whole(path, buffer.getvalue())
        return array

    def drop_arrays(self) -> None:
        """Remove the arrays, which are large, once every run that needs them is kept."""
        for path in self._folder.glob("*.npy"):
            path.unlink()

    def _start(self) -> None:
        if not self._started:
            write_whole(self._folder / "about.json", json.dumps(self._about, indent=1) + "\n")
            self._started = True

    def _read(self, path: Path) -> dict[str, Any]:
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            raise ValueError(self._damaged(path, str(error))) from error
        if not isinstance(content, dict):
            raise ValueError(self._damaged(path, "it holds no figures"))
        return content

    @staticmethod
    def _damaged(path: Path, why: str) -> str:
        return f"{path} is damaged: {why}. Remove this file, and the same command makes it anew."


def digest(*arrays: np.ndarray) -> str:
    """A number for the content of arrays, which says whether two experiments had the same data."""
    made = hashlib.sha256()
    for array in arrays:
        made.update(f"{array.dtype} {array.shape} ".encode())
        made.update(np.ascontiguousarray(array).tobytes())
    return made.hexdigest()
