"""A code cell of a submission as it goes to the processes that execute and judge it, and the keys of its JSON.

Both sides read it, so it imports no nbformat, which takes a second that each process of a class would pay again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from functional_course.grading.taking_in.roles import Role


@dataclass(frozen=True)
class Cell:
    """One code cell of a submission: what the processes that execute and judge it are told.

    Attributes:
        index: its place in the notebook.
        role: who wrote it, and so who runs it: see :class:`~functional_course.grading.taking_in.roles.Role`.
        source: what is run.
        seconds: how long it may take.
        tell: the names that the learner's side tells the judging side after it.
        judged: whether the judging side runs it too. What is there to be seen, and made for no test, it need not run.
        name: what people call it: its grade id if it has one.
        released: of a test, the text as learners have it.
        points: what a test is worth.
        only_shows: whether its teacher says that it changes nothing that a test looks at.
        in_place: the names in a test whose values the teacher made, and answers are to change.
    """

    index: int
    role: Role
    source: str
    seconds: int
    tell: tuple[str, ...] = ()
    judged: bool = True
    name: str = ""
    released: str = ""
    points: float = 0.0
    only_shows: bool = False
    in_place: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The cell as plain data."""
        return {**asdict(self), "role": self.role.value}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Cell:
        """The cell that :meth:`as_json` wrote. A role that nobody knows is a learner's."""
        names = {each: tuple(data.get(each, ())) for each in ("tell", "in_place")}
        return cls(**{**data, **names, "role": Role.named(data["role"])})
