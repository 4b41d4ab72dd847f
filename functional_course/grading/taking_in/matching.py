"""Where in the released notebook each cell of a submitted one belongs.

A cell is known by its grade id, else by its cell id, else by its text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from functional_course.grading.analysis.names import defined
from functional_course.grading.taking_in.opening import shown
from functional_course.grading.taking_in.roles import Role
from functional_course.grading.taking_in.slots import Piece, Slot, indented, text_key
from functional_course.grading.taking_in.submitted import SubmittedCell


class Say(Protocol):
    """Notes a repair of the catalogue."""

    def __call__(self, entry: str, cell: str = "", **facts: object) -> None:
        """Its entry there, the cell, and the facts of the case."""
        ...


def places_of(cells: Sequence[SubmittedCell], slots: Sequence[Slot], say: Say) -> list[int | None]:
    """For each submitted cell the released cell that it is a copy of, by grade id, cell id or text."""
    by_grade_id = {slot.grade_id: slot.index for slot in slots if slot.grade_id}
    by_id = {slot.id: slot.index for slot in slots if slot.id}
    by_key: dict[str, list[int]] = {}
    for slot in slots:
        by_key.setdefault(slot.key, []).append(slot.index)
    byfirst_line: dict[str, list[int]] = {}
    for slot in slots:
        if slot.role == Role.TEST:
            byfirst_line.setdefault(_first_line(slot.text), []).append(slot.index)
    places: list[int | None] = []
    used: set[int] = set()
    for cell in cells:
        named = by_grade_id.get(cell.grade_id or "")
        equal = [index for index in by_key.get(text_key(cell.text), []) if _same_sort(slots[index], cell)]
        # The text of a test says more than a name: nobody writes it as an answer.
        place = equal[0] if len(equal) == 1 and slots[equal[0]].role == Role.TEST else named
        if place is None and cell.grade_id is None:
            place = next((by_id[id] for id in cell.ids if id in by_id), None)
            if place is not None and not _same_sort(slots[place], cell):
                place = None
        if place is None and equal and cell.text.strip():
            place = next((index for index in equal if index not in used), equal[-1])
        if place is not None and place in used and named is None and slots[place].role == Role.GIVEN:
            place = None  # a copy, run once more: perhaps to begin again
        if place is None and cell.kind == "code" and cell.text.strip():
            begun = byfirst_line.get(_first_line(cell.text), [])
            place = begun[0] if len(begun) == 1 else None
        if place is not None:
            used.add(place)
            if named is not None and named != place:
                say("retagged", slots[place].grade_id, other=shown(cell.grade_id))
        places.append(place)
    return places


def pieces_of(
    cells: Sequence[SubmittedCell], slots: Sequence[Slot], places: Sequence[int | None], say: Say
) -> list[Piece]:
    """The texts of answer cells and of code cells that the learner added; those split inside a block are joined."""
    after = _next_places(places)
    last = next((slot.index for slot in slots if slot.role == Role.ANSWER), len(slots))
    pieces: list[Piece] = []
    for position, (cell, place) in enumerate(zip(cells, places, strict=True)):
        answer = place if place is not None and slots[place].role == Role.ANSWER else None
        if place is not None:
            last = place + 1
        if (place is not None and answer is None) or not cell.text.strip():
            continue
        if place is None and cell.kind != "code":
            continue
        following = after[position]
        piece = Piece(position, cell.text, answer, last if following is None else following, cell.kind)
        before = pieces[-1] if pieces and pieces[-1].position == position - 1 else None
        same = before is not None and (before.slot == answer or None in (before.slot, answer))
        if before is not None and same and _goes_on(before.text, piece.text):
            before.text += "\n" + piece.text
            before.position = position
            before.slot = answer if before.slot is None else before.slot
            if before.slot is not None:
                say("split", slots[before.slot].grade_id)
            continue
        pieces.append(piece)
    for piece in pieces:
        piece.names = defined(piece.text)
    return pieces


def _next_places(places: Sequence[int | None]) -> list[int | None]:
    """For each submitted cell the released cell before which an added one goes: the next one after the last one."""
    before = []
    last = -1
    for place in places:
        last = place if place is not None else last
        before.append(last)
    # From the end: the nearest later place. One that lies before the cell above it was moved there.
    after: list[int | None] = [None] * len(places)
    following: int | None = None
    for position in range(len(places) - 1, -1, -1):
        after[position] = following if following is not None and following > before[position] else None
        following = places[position] if places[position] is not None else following
    return after


def _same_sort(slot: Slot, cell: SubmittedCell) -> bool:
    return slot.role == Role.ANSWER or (cell.kind == "code") == (slot.role != Role.TEXT)


def _goes_on(above: str, below: str) -> bool:
    """Whether a cell begins inside a block that the cell above it opened."""
    last = above.rstrip().rpartition("\n")[2]
    return indented(below) and (last[:1] in (" ", "\t") or last.endswith(":"))


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")
