"""Whether a test that failed was judged at all, or only could not do with an answer what it does in one kernel.

What an answer made stands on the judging side as plain data, as a layer that runs recorded operations, as a function
that is called across the boundary, or as something opaque. A test can ask more of it than that. Then a failure says
nothing about the answer; and where an answer changed what it was given, it is as it was here, so that a test may also
pass that would not in one kernel. Three degrees (:mod:`functional_course.grading.judging.degrees`), told by events and
by classes of errors, never by texts:

- ``UNJUDGED``: the test met what did not come across.
- ``DOUBTFUL``: it may have failed because of what stands for the answer, or because it reaches into the learner's
  kernel, which is another process.
- ``LENIENT``: it passed, and looked at what an answer has changed, or may have.

A wrong answer that was called and gave a wrong value, or raised its own error, leaves no doubt, unless what it lacks
is a name that a test makes: in one kernel an answer sees it.
"""

from __future__ import annotations

import ast
import builtins
import re
import types
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from functional_course import boundary
from functional_course.boundary.judging_peer import JudgingPeer
from functional_course.boundary.values import Opaque
from functional_course.boundary.wire import BoundaryError
from functional_course.grading.analysis.scope import stored
from functional_course.grading.judging.degrees import DOUBTFUL, LENIENT, UNJUDGED
from functional_course.models import keras_private
from functional_course.rubric import MIME_TYPE
from functional_course.rubric.doubting import Doubt, watch_criteria
from functional_course.rubric.origin import names_made_in

import keras

_MOST_LINKS = 50
_INTO_FUNCTIONS = {"inspect", "dis", "getsource", "signature", "get_type_hints", "getdoc"}
_INTO_THE_KERNEL = {
    "globals",
    "locals",
    "vars",
    "exec",
    "eval",
    "get_ipython",
    "In",
    "Out",
    "mock",
    "patch",
    "MagicMock",
}
_INTO_FILES = {"exists", "is_file", "is_dir", "isfile", "isdir", "listdir", "glob", "iterdir", "getcwd", "environ"}
_TOLD = {"__name__", "__class__"}


class Doubts:
    """Looks at the tests of one notebook. One to a process.

    Args:
        peer: the judging side's end of the boundary.
    """

    def __init__(self, peer: JudgingPeer) -> None:
        self._peer = peer
        self._asked: set[str] = set()
        self._partial: set[str] = set()
        self.unsure = False
        """Whether answers reach what a later cell may have changed, and cannot be put back."""
        self._cell: tuple[set[str], Mapping[str, Any]] = (set(), {})
        self._made: set[str] = set()
        """Names that the tests so far make, which answers see in one kernel and not over there."""
        self._unmade: set[str] = set()
        self._failed: list[str] = []
        self._elsewhere: frozenset[str] = frozenset()
        watch_criteria(self.begin)

    def asked_for(self, names: Iterable[str]) -> None:
        """These names are answers: what is missing among them was not answered."""
        self._asked.update(names)

    def bound(self, name: str, *, whole: bool) -> None:
        """An answer was bound; ``whole`` unless it, or something in it, did not come across."""
        (self._partial.discard if whole else self._partial.add)(name)

    def stopped(self, error: str, names: Iterable[str]) -> None:
        """The cell of these answers stopped over there with a NameError.

        Args:
            error: its text, which an answer may have made up: it can bring about a second run and no more.
            names: the answers.
        """
        missing = re.match(r"name '(\w+)' is not defined", error)
        if missing and missing.group(1) in self._made:
            self._partial.update(names)

    def enter(self, source: str, names: Mapping[str, Any], in_place: Iterable[str] = ()) -> None:
        """The test with this text begins; what stands for ``in_place`` here may be changed where the answers are."""
        self._cell = (_names(source), names)
        self._made |= stored(source)
        self._unmade, self._failed = set(), []
        self._elsewhere = frozenset(in_place)

    def begin(self) -> Doubt:
        """A criterion begins, or a test; what is returned says in the end whether it was judged."""
        met, lost = Opaque.met, Opaque.lost

        def doubt(error: BaseException | None) -> str:
            if Opaque.met > met:
                return UNJUDGED  # also if the test caught the error
            # What was changed may have been given in an earlier criterion, or in an earlier test.
            changed = self._peer.changed > 0
            if error is None:
                return LENIENT if changed or self.unsure else ""
            # An answer that ended its process or took too long is left out in the next try, and that is said.
            if self._peer.channel.broken:
                return ""
            errors = list(_chain(error))
            if any(issubclass(type(each), BoundaryError) for each in errors):
                return UNJUDGED
            # In one kernel, the test might go on with what a function made of what it was given.
            if Opaque.lost > lost or changed or self.unsure:
                return DOUBTFUL
            # What a criterion would have made that failed is missing in one kernel, too, if that one was judged.
            if self._rests_on_failed(error, errors):
                return DOUBTFUL if any(self._failed) else ""
            return DOUBTFUL if self._is_ours(error, errors) else ""

        def noted(error: BaseException | None) -> str:
            found = doubt(error)
            if error is not None:
                self._failed.append(found)
                self._unmade |= _stored_around(error)
            return found

        return noted

    def _rests_on_failed(self, error: BaseException, errors: list[BaseException]) -> bool:
        """Whether the test itself lacks a name that a criterion makes which failed before."""
        if not isinstance(error, NameError) or error.name not in self._unmade - self._asked:
            return False
        return not any(getattr(each, "of_the_answer", False) or _in_boundary(each) for each in errors)

    def _is_ours(self, error: BaseException, errors: list[BaseException]) -> bool:
        """Whether an error may come from what stands for the answer, and not from the answer."""
        own = [each for each in errors if getattr(each, "of_the_answer", False)]
        if own:
            return any(isinstance(each, NameError) and getattr(each, "missing", "") in self._made for each in own)
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            return False
        if any(_in_boundary(each) for each in errors):
            return True
        if isinstance(error, AssertionError):
            return False
        if isinstance(error, NameError):
            return error.name not in self._asked and not hasattr(builtins, str(error.name))
        # A file that is not here may be where the learner's cells ran.
        return isinstance(error, OSError) or self._meets_stand_ins()

    def _meets_stand_ins(self) -> bool:
        loaded, names = self._cell
        return any(_stands_in(names.get(name)) for name in loaded & self._asked)

    def of(self, source: str, doubt: str, outputs: Iterable[Mapping[str, Any]], failed: bool) -> dict[str, Any] | None:
        """What is doubtful about a test that has run.

        Args:
            source: the test.
            doubt: about the test as a whole.
            outputs: what it showed.
            failed: whether it ended with an error.

        Returns:
            ``cell``, the doubt about the test as a whole, and ``criteria``: points, points earned and doubt of each
            criterion, if its result is a rubric's. None if there is no doubt.
        """
        reaches = self._reaches(source)
        results = [output["data"] for output in outputs if output["output_type"] == "execute_result"]
        verdicts = [] if failed or not results else results[-1].get(MIME_TYPE, {}).get("verdicts", [])
        if verdicts:
            criteria = [
                [
                    each["points"],
                    each["earned"],
                    each.get("doubt") or (reaches if each["earned"] < each["points"] else ""),
                ]
                for each in verdicts
            ]
            return {"cell": "", "criteria": criteria} if any(each[2] for each in criteria) else None
        doubt = doubt or (reaches if failed or results else "")
        return {"cell": doubt, "criteria": []} if doubt else None

    def _reaches(self, source: str) -> str:
        """Whether a test asks for more than what stands for the answers can give."""
        loaded = _names(source)
        if loaded & (self._partial | self._elsewhere):
            return DOUBTFUL
        if not loaded & self._asked:
            return ""
        nodes = list(ast.walk(_tree(source)))
        attributes = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        words = attributes | loaded
        into = words & (_INTO_FUNCTIONS | _INTO_THE_KERNEL | _INTO_FILES) or "seed" in attributes
        special = any(word.startswith("__") and word.endswith("__") for word in words - _TOLD)
        changes = bool(stored(source) & self._asked) or any(map(self._changes_module, nodes))
        return DOUBTFUL if into or special or changes else ""

    def _changes_module(self, node: ast.AST) -> bool:
        """Whether a test changes a module in its own process, which answers would see in theirs."""
        if not isinstance(node, (ast.Attribute, ast.Subscript)) or isinstance(node.ctx, ast.Load):
            return False
        while isinstance(node, (ast.Attribute, ast.Subscript)):
            node = node.value
        return isinstance(node, ast.Name) and type(self._cell[1].get(node.id)) is types.ModuleType


def _tree(source: str) -> ast.AST:
    lines = ["pass" if line.lstrip().startswith(("%", "!")) else line for line in source.splitlines()]
    try:
        return ast.parse("\n".join(lines))
    except (SyntaxError, ValueError):
        return ast.Module(body=[], type_ignores=[])


def _names(source: str) -> set[str]:
    return {node.id for node in ast.walk(_tree(source)) if isinstance(node, ast.Name)}


def _stored_around(error: BaseException) -> set[str]:
    """The names that the statement makes in which an error arose: a kernel compiles each of a cell by itself."""
    if error.__traceback__ is None:
        return set()
    return names_made_in(error.__traceback__.tb_frame)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error and those that led to it, also where the last one hides the others."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting and len(seen) < _MOST_LINKS:
        each = waiting.pop()
        if each is not None and id(each) not in seen:
            seen.add(id(each))
            yield each
            waiting += [each.__cause__, each.__context__]


def _in_boundary(error: BaseException) -> bool:
    trace = error.__traceback__
    while trace is not None:
        if _ours(trace.tb_frame.f_globals.get("__name__")):
            return True
        trace = trace.tb_next
    return False


def _ours(module: object) -> bool:
    return isinstance(module, str) and module.startswith(f"{boundary.__name__}.")


def _stands_in(value: Any) -> bool:
    """Whether a value is none of Python's, NumPy's or Keras's own, but stands for something of the other side."""
    kind = type(value)
    if kind in (list, tuple):
        return any(_stands_in(each) for each in value[:100])
    if kind is dict:
        return any(_stands_in(each) for each in list(value.values())[:100])
    if kind is types.FunctionType:
        return _ours(value.__globals__.get("__name__"))
    classes = value.__mro__ if issubclass(kind, type) else kind.__mro__
    if any(_ours(each.__module__) for each in classes):
        return True
    if issubclass(kind, keras.Model):
        layers = keras_private.layers_inside(value, itself=True)
        return any(_ours(each.__module__) for layer in layers for each in type(layer).__mro__)
    return False
