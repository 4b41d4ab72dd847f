"""Put a clean notebook together: the released one, with a learner's answers and added cells."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass

from functional_course.grading.taking_in.matching import Say
from functional_course.grading.taking_in.roles import Role, released_roles
from functional_course.grading.taking_in.slots import Piece, Slot

import nbformat
from nbformat.notebooknode import NotebookNode

MOST_EXTRA = 200
"""The most cells of a learner's own that are kept in one notebook."""

MOST_TEXT = 1_000_000
"""The most characters that are taken from one notebook."""

EXTRA_ID = "learner-"
"""The ids of a learner's own cells in a clean notebook begin so. Nothing is told by them: see :class:`Cleaned`."""


@dataclass(frozen=True)
class Cleaned:
    """A clean notebook.

    Attributes:
        notebook: the released notebook with the learner's answers and added code cells.
        roles: of each of its cells. They stand beside the notebook, where no text of a learner's reaches them.
    """

    notebook: NotebookNode
    roles: tuple[Role, ...]


def untouched(released: NotebookNode) -> Cleaned:
    """What is graded where there is nothing of the learner's."""
    return Cleaned(copy.deepcopy(released), released_roles(released))


def assembled(released: NotebookNode, slots: Sequence[Slot], extras: list[Piece], say: Say) -> Cleaned:
    """The released notebook with what a learner wrote in it, as far as that is not too much.

    Args:
        released: it is copied.
        slots: its cells, with the answers.
        extras: the cells that the learner added; they are put in order.
        say: notes what is left out.
    """
    notebook = copy.deepcopy(released)
    left = MOST_TEXT
    for slot in slots:
        if slot.answer is None:
            continue
        if len(slot.answer) > left:
            say("cut-answer", slot.grade_id, most=MOST_TEXT, length=len(slot.answer))
            continue
        left -= len(slot.answer)
        notebook.cells[slot.index].source = slot.answer
    kept: list[Piece] = []
    extras.sort(key=lambda piece: (piece.before, piece.position))
    for piece in extras:
        if len(kept) < MOST_EXTRA and len(piece.text) <= left:
            left -= len(piece.text)
            kept.append(piece)
    if len(kept) < len(extras):
        count = len(extras) - len(kept)
        say("cut-cells", count=count, most_cells=MOST_EXTRA, most=MOST_TEXT)
    return _inserted(notebook, [slot.role for slot in slots], kept)


def _inserted(notebook: NotebookNode, roles: list[Role], pieces: list[Piece]) -> Cleaned:
    """The notebook with the added cells in it, and the role of each of its cells."""
    taken = {cell.id for cell in notebook.cells}
    cells, told, number = [], [], 0
    for index in range(len(notebook.cells) + 1):
        for piece in pieces:
            if piece.before != index:
                continue
            number += 1
            while f"{EXTRA_ID}{number}" in taken:
                number += 1
            cells.append(nbformat.v4.new_code_cell(piece.text, id=f"{EXTRA_ID}{number}"))
            told.append(Role.ADDED)
        cells += notebook.cells[index : index + 1]
        told += roles[index : index + 1]
    notebook.cells = cells
    return Cleaned(notebook, tuple(told))
