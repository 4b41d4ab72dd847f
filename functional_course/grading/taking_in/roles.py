"""Who wrote a cell and what it is for: told once, by the intake, and never guessed from what stands in a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # both sides import this, and nbformat takes a second that each process of a class would pay again
    from nbformat.notebooknode import NotebookNode


class Role(str, Enum):
    """What a cell is. The text of the first three is the release's, that of the others a learner's.

    ``GIVEN`` is code of the teacher's that both sides run, ``TEST`` a graded cell of the teacher's, which the judging
    side runs, ``TEXT`` is no code. ``ANSWER`` is a released cell with a learner's text in it, ``ADDED`` a cell that
    was never released; both run on the learner's side and nowhere else.
    """

    TEXT = "text"
    GIVEN = "given"
    TEST = "test"
    ANSWER = "answer"
    ADDED = "added"

    @classmethod
    def named(cls, word: object) -> Role:
        """The role of this name; what is unknown is a learner's.

        Example:

        >>> Role.named("test"), Role.named("teacher")
        (<Role.TEST: 'test'>, <Role.ADDED: 'added'>)
        """
        try:
            return cls(word)
        except ValueError:
            return cls.ADDED


def released_roles(notebook: NotebookNode) -> tuple[Role, ...]:
    """The role of each cell of a notebook that the teacher wrote, by nbgrader's marks."""
    return tuple(_released_role(cell) for cell in notebook.cells)


def _released_role(cell: NotebookNode) -> Role:
    marks = cell.metadata.get("nbgrader", {})
    if marks.get("solution"):
        return Role.ANSWER
    if cell.cell_type != "code":
        return Role.TEXT
    return Role.TEST if marks.get("grade") else Role.GIVEN


def with_roles(notebook: NotebookNode, roles: Sequence[Role]) -> list[tuple[Role, NotebookNode]]:
    """Each cell with its role.

    Raises:
        ValueError: there are not as many roles as cells.
    """
    if len(roles) != len(notebook.cells):
        raise ValueError(f"{len(notebook.cells)} cells have {len(roles)} roles: who wrote which is not known.")
    return list(zip(roles, notebook.cells, strict=True))
