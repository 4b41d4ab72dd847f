"""The cells of a released notebook as places for answers, and the texts of a learner's that go there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from functional_course.grading.analysis.scope import wanted
from functional_course.grading.taking_in.roles import Role, released_roles

from nbformat.notebooknode import NotebookNode


@dataclass
class Slot:
    """A released cell and what stands in it at the end."""

    index: int
    role: Role
    id: str
    grade_id: str
    text: str
    key: str
    marks: Mapping[str, object]
    wants: frozenset[str] = frozenset()
    answer: str | None = None

    @property
    def locked(self) -> bool:
        """Whether the editor says that the cell is not the learner's to change."""
        return bool(self.marks.get("locked"))

    @property
    def label(self) -> str:
        """What to call the cell in a sentence."""
        return self.grade_id or self.id or f"number {self.index + 1}"


@dataclass
class Piece:
    """A text of the learner's: part of the answer ``slot``, or a cell that goes before the released cell ``before``."""

    position: float
    text: str
    slot: int | None = None
    before: int = 0
    kind: str = "code"
    names: frozenset[str] = field(default_factory=frozenset)


def slots_of(released: NotebookNode) -> list[Slot]:
    """The places of a released notebook, and for each answer the names that others need of it."""
    slots = []
    for index, (role, cell) in enumerate(zip(released_roles(released), released.cells, strict=True)):
        marks = cell.metadata.get("nbgrader", {})
        grade_id = marks.get("grade_id", "")
        slots.append(Slot(index, role, cell.get("id", ""), grade_id, cell.source, text_key(cell.source), marks))
    answers = [slot for slot in slots if slot.role == Role.ANSWER]
    tests = {slot.grade_id: slot for slot in slots if slot.role == Role.TEST}
    judged = [_test_of(answer, answers, slots, tests) for answer in answers]
    others = [slot.text for slot in slots if slot.role == Role.GIVEN]
    for answer, names in zip(answers, wanted([one.text for one in answers], judged, others), strict=True):
        answer.wants = names
    return slots


def _test_of(answer: Slot, answers: list[Slot], slots: list[Slot], tests: Mapping[str, Slot]) -> str:
    if f"test-{answer.grade_id}" in tests:
        return tests[f"test-{answer.grade_id}"].text
    end = min((other.index for other in answers if other.index > answer.index), default=len(slots))
    return "\n".join(slot.text for slot in slots[answer.index + 1 : end] if slot.role == Role.TEST)


def indented(text: str) -> bool:
    """Whether its first line that is not empty is."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return first[:1] in (" ", "\t")


def lines_of(text: str) -> list[str]:
    """The lines of a text, without white space at their ends and without empty lines around them."""
    return [line.rstrip() for line in text.rstrip().lstrip("\r\n").splitlines()]


def text_key(text: str) -> str:
    """What a cell is recognised by: its text without white space, which editors change, and formatters too."""
    return "".join(text.split())
