"""Released notebooks in the one form that the intake works with: nbformat 4.5, each cell with an id of its own."""

from __future__ import annotations

import copy
import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import nbformat_minor as NEWEST

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
FIRST_WITH_IDS = 5


class ReleasedError(ValueError):
    """A released notebook cannot be used. The message says which, why, and what to do."""


def brought_to_date(name: str, notebook: NotebookNode) -> NotebookNode:
    """A released notebook as nbformat 4.5, the same one each time it is called.

    Args:
        name: what to call it in a message.
        notebook: of any minor version of nbformat 4; stays as it is.

    Returns:
        The notebook itself if there is nothing to do, else a copy with ids.

    Raises:
        ReleasedError: it is of another version.
    """
    major, minor = notebook.get("nbformat"), notebook.get("nbformat_minor")
    if major != 4 or not isinstance(minor, int) or isinstance(minor, bool) or not 0 <= minor <= NEWEST:
        raise ReleasedError(
            f"The released notebook {name} has the format {major}.{minor}; 4.0 to 4.{NEWEST} can be graded. Open it in "
            "Jupyter, save it, and release it again."
        )
    ids = [cell.get("id") for cell in notebook.cells]
    sound = all(isinstance(one, str) and _ID.fullmatch(one) for one in ids) and len(set(ids)) == len(ids)
    if minor >= FIRST_WITH_IDS and sound:
        return notebook
    notebook = copy.deepcopy(notebook)
    notebook["nbformat_minor"] = max(minor, FIRST_WITH_IDS)
    taken: set[str] = set()
    for number, cell in enumerate(notebook.cells, 1):
        own = cell.get("id")
        if not isinstance(own, str) or not _ID.fullmatch(own) or own in taken:
            # From its place, so that the next run gives the same one.
            own = next(word for word in _words(number) if word not in taken and word not in ids)
        taken.add(own)
        cell["id"] = own
    return notebook


def _words(number: int) -> Iterator[str]:
    yield f"cell-{number}"
    for again in itertools.count(2):
        yield f"cell-{number}-{again}"


def read_released(path: Path) -> NotebookNode:
    """Read a released notebook and bring it to date.

    nbformat's own reader would make up ids, new ones each time.

    Raises:
        ReleasedError: it is no notebook, or none that can be graded.
    """
    name = path.stem
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        notebook = nbformat.v4.reads(json.dumps(content)) if content.get("nbformat") == 4 else content
        notebook = brought_to_date(name, notebook)
        nbformat.validate(notebook)
    except ReleasedError:
        raise
    except Exception as error:  # nbformat raises whatever the damaged part leads to
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise ReleasedError(f"The released notebook {name} is damaged ({reason}). Release it again.") from error
    return notebook
