"""Put the text of a learner's answers into a copy of the released notebook, wherever in theirs it ended up.

A cell is known by its grade id, else by its cell id, else by its text; an answer also by the names that it must
define. Code cells that the learner added stay, as plain cells, at their place among the released ones.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from functional_course.grading.names import defined, mentions
from functional_course.grading.opening import shown
from functional_course.grading.repairs import Repair, noted
from functional_course.grading.roles import Role, released_roles
from functional_course.grading.scope import wanted
from functional_course.grading.submitted import SubmittedCell, SubmittedNotebook

import nbformat
from nbformat.notebooknode import NotebookNode

MOST_EXTRA = 200
"""The most cells of a learner's own that are kept in one notebook."""

MOST_TEXT = 1_000_000
"""The most characters that are taken from one notebook."""

_MOST_SAID = 20
_MOST_PARTS = 50

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


def clean(name: str, released: NotebookNode, content: SubmittedNotebook, found: list[Repair]) -> Cleaned:
    """Put a learner's answers and added code cells into a copy of the released notebook.

    Args:
        name: the notebook's name, for the repairs.
        released: the released notebook.
        content: what was handed in.
        found: where the repairs go.
    """
    return _Cleaning(name, released, content, found).clean()


@dataclass
class _Slot:
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
class _Piece:
    """A text of the learner's: part of the answer ``slot``, or a cell that goes before the released cell ``before``."""

    position: float
    text: str
    slot: int | None = None
    before: int = 0
    kind: str = "code"
    names: frozenset[str] = field(default_factory=frozenset)


class _Cleaning:
    """One notebook: where each submitted cell belongs, and what of it is kept."""

    def __init__(self, name: str, released: NotebookNode, content: SubmittedNotebook, found: list[Repair]) -> None:
        self.name, self.released, self.content, self.found = name, released, content, found
        self.said: dict[str, set[str]] = {}
        self.cells = self._within_limits()
        self.slots = _slots(released)
        self.by_grade_id = {slot.grade_id: slot.index for slot in self.slots if slot.grade_id}
        self.extras: list[_Piece] = []
        # Changed test and given cells: never run, but an answer may have ended up there.
        self.spares: list[_Piece] = []

    def clean(self) -> Cleaned:
        self._about_the_file()
        places = self._places()
        pieces = self._pieces(places)
        self._compare(places)
        self._answer(pieces)
        self._search()
        self._missing(places)
        return self._build()

    def _say(self, entry: str, cell: str = "", **facts: object) -> None:
        """Note a repair of the catalogue, each once, and of one kind no more than a person would read."""
        repair = noted(entry, self.name, cell, **facts)
        said = self.said.setdefault(repair.kind, set())
        if cell not in said and len(said) < _MOST_SAID:
            said.add(cell)
            self.found.append(repair)

    def _within_limits(self) -> list[SubmittedCell]:
        cells, left = [], 2 * MOST_TEXT
        for cell in self.content.cells:
            if len(cell.text) <= left:
                left -= len(cell.text)
                cells.append(cell)
        if len(cells) < len(self.content.cells):
            count = len(self.content.cells) - len(cells)
            self._say("cut-text", count=count, most=MOST_TEXT)
        return cells

    def _about_the_file(self) -> None:
        content = self.content
        for kind, remark in content.remarks:
            self._say(kind, remark=remark)
        kernel = self.released.metadata.get("kernelspec", {}).get("name", "python3")
        if content.kernel is not None and content.kernel != kernel:
            label = shown(content.kernel)
            self._say("kernel", label=label, kernel=kernel)
        if content.editor:
            self._say("editor", editor=content.editor)
        chapter = self.released.metadata.get("functional_course", {}).get("chapter")
        if content.chapter and chapter and content.chapter != chapter:
            label = shown(content.chapter)
            self._say("other-chapter", label=label, chapter=chapter)

    # Where each submitted cell belongs.

    def _places(self) -> list[int | None]:
        """For each submitted cell the released cell that it is a copy of, by grade id, cell id or text."""
        by_id = {slot.id: slot.index for slot in self.slots if slot.id}
        by_key: dict[str, list[int]] = {}
        for slot in self.slots:
            by_key.setdefault(slot.key, []).append(slot.index)
        by_first_line: dict[str, list[int]] = {}
        for slot in self.slots:
            if slot.role == Role.TEST:
                by_first_line.setdefault(_first_line(slot.text), []).append(slot.index)
        places: list[int | None] = []
        used: set[int] = set()
        for cell in self.cells:
            named = self.by_grade_id.get(cell.grade_id or "")
            equal = [index for index in by_key.get(text_key(cell.text), []) if _same_sort(self.slots[index], cell)]
            # The text of a test says more than a name: nobody writes it as an answer.
            place = equal[0] if len(equal) == 1 and self.slots[equal[0]].role == Role.TEST else named
            if place is None and cell.grade_id is None:
                place = next((by_id[id] for id in cell.ids if id in by_id), None)
                if place is not None and not _same_sort(self.slots[place], cell):
                    place = None
            if place is None and equal and cell.text.strip():
                place = next((index for index in equal if index not in used), equal[-1])
            if place is not None and place in used and named is None and self.slots[place].role == Role.GIVEN:
                place = None  # a copy, run once more: perhaps to begin again
            if place is None and cell.kind == "code" and cell.text.strip():
                begun = by_first_line.get(_first_line(cell.text), [])
                place = begun[0] if len(begun) == 1 else None
            if place is not None:
                used.add(place)
                if named is not None and named != place:
                    self._say("retagged", self.slots[place].grade_id, other=shown(cell.grade_id))
            places.append(place)
        return places

    def _pieces(self, places: list[int | None]) -> list[_Piece]:
        """The texts of answer cells and of code cells that the learner added; those split inside a block are joined."""
        after = self._next_places(places)
        last = next((slot.index for slot in self.slots if slot.role == Role.ANSWER), len(self.slots))
        pieces: list[_Piece] = []
        for position, (cell, place) in enumerate(zip(self.cells, places, strict=True)):
            answer = place if place is not None and self.slots[place].role == Role.ANSWER else None
            if place is not None:
                last = place + 1
            if (place is not None and answer is None) or not cell.text.strip():
                continue
            if place is None and cell.kind != "code":
                continue
            following = after[position]
            piece = _Piece(position, cell.text, answer, last if following is None else following, cell.kind)
            before = pieces[-1] if pieces and pieces[-1].position == position - 1 else None
            same = before is not None and (before.slot == answer or None in (before.slot, answer))
            if before is not None and same and _goes_on(before.text, piece.text):
                before.text += "\n" + piece.text
                before.position = position
                before.slot = answer if before.slot is None else before.slot
                if before.slot is not None:
                    self._rejoined(self.slots[before.slot].grade_id)
                continue
            pieces.append(piece)
        for piece in pieces:
            piece.names = defined(piece.text)
        self.extras += [piece for piece in pieces if piece.slot is None]
        return [piece for piece in pieces if piece.slot is not None]

    def _next_places(self, places: list[int | None]) -> list[int | None]:
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

    # What is kept of it.

    def _compare(self, places: list[int | None]) -> None:
        """Look at the cells that are not the learner's to change: what differs is said, what was added is kept."""
        seen: dict[int, int] = {}
        out_of_order = False
        highest = -1
        for position, (cell, place) in enumerate(zip(self.cells, places, strict=True)):
            if place is None:
                self._stranger(cell)
                continue
            slot = self.slots[place]
            out_of_order |= place < highest and place not in seen
            highest = max(highest, place)
            seen[place] = seen.get(place, 0) + 1
            self._settings(slot, cell)
            if slot.role in (Role.ANSWER, Role.TEXT):
                continue
            if cell.kind != "code":
                self._say("cell-type", slot.label)
                continue
            if text_key(cell.text) == slot.key:
                continue
            self._changed(slot, cell, position)
        if out_of_order:
            self._say("order")
        copied = [self.slots[place] for place, count in seen.items() if count > 1]
        copied = [slot for slot in copied if slot.role == Role.TEST or (slot.role == Role.GIVEN and slot.locked)]
        if copied:
            names = _listed(slot.grade_id for slot in copied)
            self._say("copied-cell", _commas(slot.grade_id for slot in copied), names=names)

    def _changed(self, slot: _Slot, cell: SubmittedCell, position: int) -> None:
        label = slot.label
        added = _additions(slot.text, cell.text)
        if added is None and slot.role == Role.GIVEN and not slot.locked:
            # No lock says that it must not be changed, and code below may need what it has become.
            self._add(cell.text, position + 0.5, slot.index + 1)
            self._say("changed-given", label)
            return
        if added is None:
            self.spares.append(_Piece(position, cell.text, None, slot.index, names=defined(cell.text)))
            self._say("changed-test" if slot.role == Role.TEST else "changed-locked", label)
            return
        above, below = added
        self._add(above, position - 0.5, slot.index)
        self._add(below, position + 0.5, slot.index + 1)
        self._say("added-to-cell", label)

    def _add(self, text: str, position: float, before: int) -> None:
        if text.strip():
            self.extras.append(_Piece(position, text, None, before, names=defined(text)))

    def _settings(self, slot: _Slot, cell: SubmittedCell) -> None:
        if cell.grade_id != slot.grade_id:
            return
        label = slot.grade_id
        changed = [
            word for word in ("points", "grade", "solution", "locked") if _differs(cell.marks, slot.marks, word)
        ]  # fmt: skip
        if "points" in changed:
            told = shown(repr(cell.marks["points"]), 20)
            self._say("points", label, told=told, released=slot.marks.get("points", 0))
            changed.remove("points")
        if changed:
            words = ", ".join(changed)
            self._say("settings", label, words=words)
        if slot.role == Role.TEST and "skip-execution" in cell.tags:
            self._say("tag", label)

    def _stranger(self, cell: SubmittedCell) -> None:
        if cell.grade_id is None or not (cell.marks.get("grade") is True or cell.marks.get("points")):
            return
        if not any(other.grade_id in self.by_grade_id for other in self.cells):
            return  # another notebook altogether; that is said elsewhere
        label = shown(cell.grade_id)
        self._say("added-points", label)

    def _answer(self, pieces: list[_Piece]) -> None:
        """Put into each answer cell what stands in its copies: the last one, or the parts of a split one."""
        for slot in self.slots:
            mine = [piece for piece in pieces if piece.slot == slot.index]
            if slot.role != Role.ANSWER or not mine:
                continue
            others = sorted({piece.kind for piece in mine if piece.kind != self._kind(slot)} & {"markdown", "raw"})
            if others and self._kind(slot) == "code":
                self._say("answer-type", slot.grade_id, type=others[0])
                for piece in mine:
                    piece.text = _unfenced(piece.text) if piece.kind == "markdown" else piece.text
                    piece.names = defined(piece.text)
            # A copy of the stub that a formatter went over does not win over an answer, but a line that was indented
            # into a loop, or a space in a text, may be all that an answer changes.
            own = [piece for piece in mine if text_key(piece.text) != slot.key]
            own = own or [piece for piece in mine if _lines(piece.text) != _lines(slot.text)]
            kept, dropped = _parts(own, slot.wants)
            if not kept:
                continue
            slot.answer = "\n\n".join(piece.text for piece in kept)
            if len(kept) > 1:
                self._rejoined(slot.grade_id)
            if dropped:
                self._say("copied-answer", slot.grade_id)

    def _kind(self, slot: _Slot) -> str:
        return self.released.cells[slot.index].cell_type

    def _rejoined(self, grade_id: str) -> None:
        self._say("split", grade_id)

    def _search(self) -> None:
        """Look for answers by the names that they must define, where the cell is gone, untouched or another one's."""
        answers = [slot for slot in self.slots if slot.role == Role.ANSWER]
        lost = [slot for slot in answers if slot.wants and not (slot.answer and mentions(slot.answer, slot.wants))]
        # An answer that says nothing of its own name may be another cell's: grade ids get exchanged.
        strays: dict[int, _Piece] = {}
        for slot in lost:
            if slot.answer is not None:
                strays[slot.index] = _Piece(-1, slot.answer, None, slot.index, names=defined(slot.answer))
                self.extras.append(strays[slot.index])
                slot.answer = None
        for slot in lost:
            fitting = [piece for piece in self.extras if piece.names & slot.wants]
            fitting = fitting or [piece for piece in self.spares if piece.names & slot.wants]
            kept, _ = _parts(sorted(fitting, key=lambda piece: (piece.position, piece.before)), slot.wants)
            if not kept:
                continue
            slot.answer = "\n\n".join(piece.text for piece in kept)
            self.extras = [piece for piece in self.extras if not any(piece is one for one in kept)]
            self._say("found-by-name", slot.grade_id)
        for index, piece in strays.items():
            slot = self.slots[index]
            if slot.answer is None and any(piece is one for one in self.extras):
                slot.answer = piece.text
                self.extras = [one for one in self.extras if one is not piece]
        for slot in lost:
            home = next((one for one in answers if one.answer and slot.wants <= defined(one.answer)), None)
            if slot.answer is None and home is not None:
                slot.answer = f"# Answered in the cell `{home.grade_id}`."
                self._say("merged", slot.grade_id, home=home.grade_id)

    def _missing(self, places: list[int | None]) -> None:
        there = set(places)
        gone = [slot for slot in self.slots if slot.index not in there and slot.role != Role.TEXT]
        for slot in gone:
            if slot.role == Role.ANSWER and slot.answer is None and not slot.wants:
                # Nothing but its place can tell where the answer is.
                near = [piece for piece in self.extras if slot.index <= piece.before <= slot.index + 1]
                if near:
                    slot.answer = "\n\n".join(piece.text for piece in near)
                    self.extras = [piece for piece in self.extras if not any(piece is one for one in near)]
        empty = [slot.grade_id for slot in gone if slot.role == Role.ANSWER and slot.answer is None]
        if empty:
            self._say("missing-answer", _commas(empty), names=_listed(empty))
        restored = [slot.label for slot in gone if slot.role != Role.ANSWER]
        if restored:
            self._say("restored", _commas(restored), names=_listed(restored))
        known = [cell for cell in self.cells if cell.grade_id in self.by_grade_id]
        if there - {None} and not known and self.by_grade_id:
            self._say("tags-lost")

    def _build(self) -> Cleaned:
        notebook = copy.deepcopy(self.released)
        left = MOST_TEXT
        for slot in self.slots:
            if slot.answer is None:
                continue
            if len(slot.answer) > left:
                self._say("cut-answer", slot.grade_id, most=MOST_TEXT, length=len(slot.answer))
                continue
            left -= len(slot.answer)
            notebook.cells[slot.index].source = slot.answer
        kept: list[_Piece] = []
        self.extras.sort(key=lambda piece: (piece.before, piece.position))
        for piece in self.extras:
            if len(kept) < MOST_EXTRA and len(piece.text) <= left:
                left -= len(piece.text)
                kept.append(piece)
        if len(kept) < len(self.extras):
            count = len(self.extras) - len(kept)
            self._say("cut-cells", count=count, most_cells=MOST_EXTRA, most=MOST_TEXT)
        return _inserted(notebook, [slot.role for slot in self.slots], kept)


def _slots(released: NotebookNode) -> list[_Slot]:
    slots = []
    for index, (role, cell) in enumerate(zip(released_roles(released), released.cells, strict=True)):
        marks = cell.metadata.get("nbgrader", {})
        grade_id = marks.get("grade_id", "")
        slots.append(_Slot(index, role, cell.get("id", ""), grade_id, cell.source, text_key(cell.source), marks))
    answers = [slot for slot in slots if slot.role == Role.ANSWER]
    tests = {slot.grade_id: slot for slot in slots if slot.role == Role.TEST}
    judged = [_test_of(answer, answers, slots, tests) for answer in answers]
    others = [slot.text for slot in slots if slot.role == Role.GIVEN]
    for answer, names in zip(answers, wanted([one.text for one in answers], judged, others), strict=True):
        answer.wants = names
    return slots


def _test_of(answer: _Slot, answers: list[_Slot], slots: list[_Slot], tests: Mapping[str, _Slot]) -> str:
    if f"test-{answer.grade_id}" in tests:
        return tests[f"test-{answer.grade_id}"].text
    end = min((other.index for other in answers if other.index > answer.index), default=len(slots))
    return "\n".join(slot.text for slot in slots[answer.index + 1 : end] if slot.role == Role.TEST)


def _parts(pieces: list[_Piece], wants: frozenset[str]) -> tuple[list[_Piece], list[_Piece]]:
    """The pieces that make up an answer, in order, and earlier copies that a later piece stands for."""
    kept: list[_Piece] = []
    dropped: list[_Piece] = []
    for piece in reversed(pieces[-_MOST_PARTS:]):
        later = frozenset().union(*(one.names for one in kept))
        own = (piece.names & wants) if wants else piece.names
        if any(piece.text == one.text for one in kept):
            continue
        if kept and own and own <= later:
            dropped.insert(0, piece)
        else:
            kept.insert(0, piece)
    return kept, dropped


def _inserted(notebook: NotebookNode, roles: list[Role], pieces: list[_Piece]) -> Cleaned:
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


def _additions(released: str, submitted: str) -> tuple[str, str] | None:
    """What stands above and below the released text, if that is still there as a whole."""
    released = released.strip("\n")
    start = submitted.find(released)
    if start < 0 or not released:
        return None
    above, below = submitted[:start], submitted[start + len(released) :]
    whole_lines = (not above or above.endswith("\n")) and (not below or below.startswith("\n"))
    # Indented, it would go on with a block of the released text.
    return (above, below.strip("\n")) if whole_lines and not _indented(below) else None


def _same_sort(slot: _Slot, cell: SubmittedCell) -> bool:
    return slot.role == Role.ANSWER or (cell.kind == "code") == (slot.role != Role.TEXT)


def _goes_on(above: str, below: str) -> bool:
    """Whether a cell begins inside a block that the cell above it opened."""
    last = above.rstrip().rpartition("\n")[2]
    return _indented(below) and (last[:1] in (" ", "\t") or last.endswith(":"))


def _indented(text: str) -> bool:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return first[:1] in (" ", "\t")


def _unfenced(text: str) -> str:
    lines = text.strip().splitlines()
    fenced = len(lines) > 1 and lines[0].startswith("```") and lines[-1] == "```"
    return "\n".join(lines[1:-1]) if fenced else text


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def _lines(text: str) -> list[str]:
    """The lines of a text, without white space at their ends and without empty lines around them."""
    return [line.rstrip() for line in text.rstrip().lstrip("\r\n").splitlines()]


def text_key(text: str) -> str:
    """What a cell is recognised by: its text without white space, which editors change, and formatters too."""
    return "".join(text.split())


def _differs(marks: Mapping[str, object], released: Mapping[str, object], word: str) -> bool:
    return marks.get(word) is not None and marks[word] != released.get(word, 0 if word == "points" else False)


def _commas(words: Iterable[str]) -> str:
    return ", ".join(words)


def _listed(words: Iterable[str]) -> str:
    words = list(words)
    more = f" and {len(words) - 8} more" if len(words) > 8 else ""
    return ", ".join(f"`{word}`" for word in words[:8]) + more
