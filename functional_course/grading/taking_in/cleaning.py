"""Put the text of a learner's answers into a copy of the released notebook, wherever in theirs it ended up.

:mod:`functional_course.grading.taking_in.matching` says where each cell belongs; here the answers are gathered, those
that ended up elsewhere by the names that they must define, and :mod:`functional_course.grading.taking_in.assembling`
puts the notebook together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from functional_course.grading.analysis.names import defined, mentions
from functional_course.grading.taking_in.assembling import MOST_TEXT, Cleaned, assembled
from functional_course.grading.taking_in.matching import pieces_of, places_of
from functional_course.grading.taking_in.opening import shown
from functional_course.grading.taking_in.repairs import Repair, noted
from functional_course.grading.taking_in.roles import Role
from functional_course.grading.taking_in.slots import Piece, Slot, indented, lines_of, slots_of, text_key
from functional_course.grading.taking_in.submitted import SubmittedCell, SubmittedNotebook

from nbformat.notebooknode import NotebookNode

_MOST_SAID = 20
_MOST_PARTS = 50


def clean(name: str, released: NotebookNode, content: SubmittedNotebook, found: list[Repair]) -> Cleaned:
    """Put a learner's answers and added code cells into a copy of the released notebook.

    Args:
        name: the notebook's name, for the repairs.
        released: the released notebook.
        content: what was handed in.
        found: where the repairs go.
    """
    return _Cleaning(name, released, content, found).clean()


class _Cleaning:
    """One notebook: where each submitted cell belongs, and what of it is kept."""

    def __init__(self, name: str, released: NotebookNode, content: SubmittedNotebook, found: list[Repair]) -> None:
        self.name, self.released, self.content, self.found = name, released, content, found
        self.said: dict[str, set[str]] = {}
        self.cells = self._within_limits()
        self.slots = slots_of(released)
        self.by_grade_id = {slot.grade_id: slot.index for slot in self.slots if slot.grade_id}
        self.extras: list[Piece] = []
        # Changed test and given cells: never run, but an answer may have ended up there.
        self.spares: list[Piece] = []

    def clean(self) -> Cleaned:
        self._about_the_file()
        places = places_of(self.cells, self.slots, self.say)
        pieces = pieces_of(self.cells, self.slots, places, self.say)
        self.extras += [piece for piece in pieces if piece.slot is None]
        pieces = [piece for piece in pieces if piece.slot is not None]
        self._compare(places)
        self._answer(pieces)
        self._search()
        self._missing(places)
        return assembled(self.released, self.slots, self.extras, self.say)

    def say(self, entry: str, cell: str = "", **facts: object) -> None:
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
            self.say("cut-text", count=count, most=MOST_TEXT)
        return cells

    def _about_the_file(self) -> None:
        content = self.content
        for kind, remark in content.remarks:
            self.say(kind, remark=remark)
        kernel = self.released.metadata.get("kernelspec", {}).get("name", "python3")
        if content.kernel is not None and content.kernel != kernel:
            label = shown(content.kernel)
            self.say("kernel", label=label, kernel=kernel)
        if content.editor:
            self.say("editor", editor=content.editor)
        chapter = self.released.metadata.get("functional_course", {}).get("chapter")
        if content.chapter and chapter and content.chapter != chapter:
            label = shown(content.chapter)
            self.say("other-chapter", label=label, chapter=chapter)

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
                self.say("cell-type", slot.label)
                continue
            if text_key(cell.text) == slot.key:
                continue
            self._changed(slot, cell, position)
        if out_of_order:
            self.say("order")
        copied = [self.slots[place] for place, count in seen.items() if count > 1]
        copied = [slot for slot in copied if slot.role == Role.TEST or (slot.role == Role.GIVEN and slot.locked)]
        if copied:
            names = _listed(slot.grade_id for slot in copied)
            self.say("copied-cell", _commas(slot.grade_id for slot in copied), names=names)

    def _changed(self, slot: Slot, cell: SubmittedCell, position: int) -> None:
        label = slot.label
        added = _additions(slot.text, cell.text)
        if added is None and slot.role == Role.GIVEN and not slot.locked:
            # No lock says that it must not be changed, and code below may need what it has become.
            self._add(cell.text, position + 0.5, slot.index + 1)
            self.say("changed-given", label)
            return
        if added is None:
            self.spares.append(Piece(position, cell.text, None, slot.index, names=defined(cell.text)))
            self.say("changed-test" if slot.role == Role.TEST else "changed-locked", label)
            return
        above, below = added
        self._add(above, position - 0.5, slot.index)
        self._add(below, position + 0.5, slot.index + 1)
        self.say("added-to-cell", label)

    def _add(self, text: str, position: float, before: int) -> None:
        if text.strip():
            self.extras.append(Piece(position, text, None, before, names=defined(text)))

    def _settings(self, slot: Slot, cell: SubmittedCell) -> None:
        if cell.grade_id != slot.grade_id:
            return
        label = slot.grade_id
        changed = [
            word for word in ("points", "grade", "solution", "locked") if _differs(cell.marks, slot.marks, word)
        ]  # fmt: skip
        if "points" in changed:
            told = shown(repr(cell.marks["points"]), 20)
            self.say("points", label, told=told, released=slot.marks.get("points", 0))
            changed.remove("points")
        if changed:
            words = ", ".join(changed)
            self.say("settings", label, words=words)
        if slot.role == Role.TEST and "skip-execution" in cell.tags:
            self.say("tag", label)

    def _stranger(self, cell: SubmittedCell) -> None:
        if cell.grade_id is None or not (cell.marks.get("grade") is True or cell.marks.get("points")):
            return
        if not any(other.grade_id in self.by_grade_id for other in self.cells):
            return  # another notebook altogether; that is said elsewhere
        label = shown(cell.grade_id)
        self.say("added-points", label)

    def _answer(self, pieces: list[Piece]) -> None:
        """Put into each answer cell what stands in its copies: the last one, or the parts of a split one."""
        for slot in self.slots:
            mine = [piece for piece in pieces if piece.slot == slot.index]
            if slot.role != Role.ANSWER or not mine:
                continue
            others = sorted({piece.kind for piece in mine if piece.kind != self._kind(slot)} & {"markdown", "raw"})
            if others and self._kind(slot) == "code":
                self.say("answer-type", slot.grade_id, type=others[0])
                for piece in mine:
                    piece.text = _unfenced(piece.text) if piece.kind == "markdown" else piece.text
                    piece.names = defined(piece.text)
            # A copy of the stub that a formatter went over does not win over an answer, but a line that was indented
            # into a loop, or a space in a text, may be all that an answer changes.
            own = [piece for piece in mine if text_key(piece.text) != slot.key]
            own = own or [piece for piece in mine if lines_of(piece.text) != lines_of(slot.text)]
            kept, dropped = _parts(own, slot.wants)
            if not kept:
                continue
            slot.answer = "\n\n".join(piece.text for piece in kept)
            if len(kept) > 1:
                self.say("split", slot.grade_id)
            if dropped:
                self.say("copied-answer", slot.grade_id)

    def _kind(self, slot: Slot) -> str:
        return self.released.cells[slot.index].cell_type

    def _search(self) -> None:
        """Look for answers by the names that they must define, where the cell is gone, untouched or another one's."""
        answers = [slot for slot in self.slots if slot.role == Role.ANSWER]
        lost = [slot for slot in answers if slot.wants and not (slot.answer and mentions(slot.answer, slot.wants))]
        # An answer that says nothing of its own name may be another cell's: grade ids get exchanged.
        strays: dict[int, Piece] = {}
        for slot in lost:
            if slot.answer is not None:
                strays[slot.index] = Piece(-1, slot.answer, None, slot.index, names=defined(slot.answer))
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
            self.say("found-by-name", slot.grade_id)
        for index, piece in strays.items():
            slot = self.slots[index]
            if slot.answer is None and any(piece is one for one in self.extras):
                slot.answer = piece.text
                self.extras = [one for one in self.extras if one is not piece]
        for slot in lost:
            home = next((one for one in answers if one.answer and slot.wants <= defined(one.answer)), None)
            if slot.answer is None and home is not None:
                slot.answer = f"# Answered in the cell `{home.grade_id}`."
                self.say("merged", slot.grade_id, home=home.grade_id)

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
            self.say("missing-answer", _commas(empty), names=_listed(empty))
        restored = [slot.label for slot in gone if slot.role != Role.ANSWER]
        if restored:
            self.say("restored", _commas(restored), names=_listed(restored))
        known = [cell for cell in self.cells if cell.grade_id in self.by_grade_id]
        if there - {None} and not known and self.by_grade_id:
            self.say("tags-lost")


def _parts(pieces: list[Piece], wants: frozenset[str]) -> tuple[list[Piece], list[Piece]]:
    """The pieces that make up an answer, in order, and earlier copies that a later piece stands for."""
    kept: list[Piece] = []
    dropped: list[Piece] = []
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


def _additions(released: str, submitted: str) -> tuple[str, str] | None:
    """What stands above and below the released text, if that is still there as a whole."""
    released = released.strip("\n")
    start = submitted.find(released)
    if start < 0 or not released:
        return None
    above, below = submitted[:start], submitted[start + len(released) :]
    whole_lines = (not above or above.endswith("\n")) and (not below or below.startswith("\n"))
    # Indented, it would go on with a block of the released text.
    return (above, below.strip("\n")) if whole_lines and not indented(below) else None


def _unfenced(text: str) -> str:
    lines = text.strip().splitlines()
    fenced = len(lines) > 1 and lines[0].startswith("```") and lines[-1] == "```"
    return "\n".join(lines[1:-1]) if fenced else text


def _differs(marks: Mapping[str, object], released: Mapping[str, object], word: str) -> bool:
    return marks.get(word) is not None and marks[word] != released.get(word, 0 if word == "points" else False)


def _commas(words: Iterable[str]) -> str:
    return ", ".join(words)


def _listed(words: Iterable[str]) -> str:
    words = list(words)
    more = f" and {len(words) - 8} more" if len(words) > 8 else ""
    return ", ".join(f"`{word}`" for word in words[:8]) + more
