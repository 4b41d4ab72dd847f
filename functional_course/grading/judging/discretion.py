"""What a test cell shows once an answer may know hidden inputs, and how learners read whole messages all the same.

An answer that was called with hidden inputs can put them into whatever it gives from then on: the names of layers,
numbers of parameters, texts of errors. So from then on a test cell shows what its rubrics say and nothing else, and
rubrics say titles and points (see :class:`functional_course.rubric.listening.Listener`). What a visible criterion found
is taken from a second execution, in new processes and with the released tests, which have no hidden inputs to tell.

An answer can still choose how it fails. A verdict says whether a criterion was met and, if not, one of the messages in
:data:`functional_course.rubric.sayable.SAYABLE`: the common classes of errors, and the kinds of faults that our checks
look for (:class:`functional_course.faults.Fault`). They are some sixty, so a criterion tells at most six bits, where a
name or a number could tell a whole input.

Imports neither Keras nor nbgrader.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from functional_course.grading.analysis.scope import loaded, stored
from functional_course.grading.taking_in.cell import Cell
from functional_course.grading.taking_in.needs import tests_for_names
from functional_course.grading.taking_in.roles import Role
from functional_course.rubric import MIME_TYPE
from functional_course.rubric.hidden import hidden_begun
from functional_course.rubric.wording import AN_ERROR, LEFT_OUT

DID_NOT_COME_ACROSS = f"it did not come across ({LEFT_OUT})"
STOPPED = f"The test stopped here; {LEFT_OUT}."

_MARK = re.compile(r"^([ \t]*)#.*BEGIN HIDDEN TESTS.*$", re.MULTILINE)
_WORD = re.compile(r"[^\W\d]\w*")
_BEGIN = "__import__('functional_course.rubric.hidden', fromlist=['hidden']).begin_hidden()"


def since_hidden() -> Callable[[], bool]:
    """Says, whenever it is asked, whether a hidden test has begun in this process since now."""
    before = hidden_begun()
    return lambda: hidden_begun() > before


def with_hidden_marked(source: str) -> str:
    """A test whose hidden part says that it begins: not only its criteria have hidden inputs to tell.

    The line of nbgrader's mark says it, so that all lines keep their numbers.
    """
    if "BEGIN HIDDEN TESTS" not in source:
        return source
    marked, count = _MARK.subn(rf"\1{_BEGIN}", source)
    # A mark in a text, or where no statement can stand: the whole test counts as hidden then.
    return marked if count and _parses(marked) else f"{_BEGIN}; {source}" if _parses(source) else source


def _parses(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        return False
    return True


def discreet_outputs(outputs: Iterable[Mapping[str, Any]], said: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The outputs of a test cell with nothing in them but what rubrics said and what nbgrader scores.

    Args:
        outputs: of the cell.
        said: see :class:`functional_course.rubric.listening.Said`.
    """
    text = "".join(each["text"] for each in said)
    kept: list[dict[str, Any]] = [{"output_type": "stream", "name": "stdout", "text": text}] if text else []
    for output in outputs:
        kind = output["output_type"]
        if kind == "stream" and output["name"] == "stderr":
            # nbgrader gives such a cell no points.
            kept.append({**output, "text": f"[{LEFT_OUT}]\n"})
        elif kind == "error":
            kept.append({**output, "ename": AN_ERROR, "evalue": STOPPED, "traceback": [STOPPED]})
        elif kind == "execute_result" and _is_number(output["data"].get("text/plain")):
            data = {name: output["data"][name] for name in ("text/plain", MIME_TYPE) if name in output["data"]}
            kept.append({**output, "data": data, "metadata": {}})
    return kept


def _is_number(text: Any) -> bool:
    try:
        return isinstance(text, str) and len(text) < 30 and float(text) is not None
    except ValueError:
        return False


def kept_back(spoken: Mapping[int, Sequence[Mapping[str, Any]]]) -> list[int]:
    """The test cells in which a criterion failed and did not say why."""
    return sorted(index for index, said in spoken.items() if any(_lacks(each) for each in said))


def _lacks(said: Mapping[str, Any]) -> bool:
    return bool(said["left_out"]) and said["earned"] < said["points"]


def released_cells(cells: Sequence[Cell], tests: Collection[int]) -> list[Cell]:
    """The cells of a notebook up to the last of these tests, with tests as learners have them.

    The other tests are left out, but for those whose names these tests need: it is a rule of the course's that a test
    leaves what it looks at as it is. So are given cells that only show something, unless another makes something of it.

    Args:
        cells: of the notebook, as they ran.
        tests: the places of the tests.
    """
    released = [replace(cell, source=cell.released) if cell.role == Role.TEST else cell for cell in cells]
    needed, last = tests_for_names(released, tests), max(tests)
    read = frozenset().union(*(_may_read(cell) for cell in cells))

    def stays(cell: Cell) -> bool:
        if cell.role == Role.TEST:
            return cell.index in needed
        return cell.judged or not cell.only_shows or bool(stored(cell.source) & read)

    return [cell for cell in released if cell.index <= last and stays(cell)]


def _may_read(cell: Cell) -> frozenset[str]:
    """The names that a cell may read and make something of. Of what a learner wrote it's words: it is never parsed."""
    if cell.role in (Role.ANSWER, Role.ADDED):
        return frozenset(_WORD.findall(cell.source))
    makes_something = cell.role == Role.GIVEN and not cell.only_shows and stored(cell.source)
    return loaded(cell.source) if makes_something else frozenset()


def put_back(
    outputs: Sequence[Mapping[str, Any]],
    said: Sequence[Mapping[str, Any]],
    seen: Sequence[Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """The outputs of a test cell with the messages that were left out, where the second execution has the same verdict.

    Args:
        outputs: those that :func:`discreet_outputs` made.
        said: what the rubrics said when they were made.
        seen: what they said in the second execution.
    """
    there = [each for each in seen if each["title"] and not each["left_out"]]
    whole = []
    messages: dict[tuple[str, float, float, str], list[str]] = {}
    for each in said:
        found = next((other for other in there if _verdict(other) == _verdict(each)), None)
        if found is not None:
            there.remove(found)
        if each["left_out"] and found is not None:
            messages.setdefault((*_verdict(each), each["message"]), []).append(found["message"])
            each = found
        whole.append(each)
    made = discreet_outputs(outputs, whole)
    for output in made:
        rubric = output.get("data", {}).get(MIME_TYPE)
        if isinstance(rubric, dict):
            verdicts = [dict(verdict) for verdict in rubric["verdicts"]]
            for verdict in verdicts:
                waiting = messages.get((*_verdict(verdict), verdict["message"]))
                if waiting:
                    verdict["message"] = waiting.pop(0)
            output["data"] = {**output["data"], MIME_TYPE: {**rubric, "verdicts": verdicts}}
    return made


def _verdict(said: Mapping[str, Any]) -> tuple[str, float, float]:
    return said["title"], said["points"], said["earned"]
