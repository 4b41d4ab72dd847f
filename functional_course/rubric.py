"""A rubric: criteria with points, one printed line each, and the points as the cell's result.

nbgrader reads partial credit from a cell's result and nowhere else, gives 0 to a test cell that raises, and shows
a learner nothing but what the cell printed. So a criterion never raises, prints its own verdict, and
:meth:`Rubric.score` stands last in the cell.
"""

from __future__ import annotations

import contextlib
import dis
import io
import math
import re
import sys
import traceback
import types
from collections.abc import Callable, Collection, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from functional_course.errors import said_by
from functional_course.faults import Fault, fault_of

MIME_TYPE = "application/vnd.functional-course.rubric+json"

NOT_ANSWERED = "not answered yet"
"""The message of a criterion whose answer still raises ``NotImplementedError``."""

_MOST_PRINTED_LINES = 20

_ROUNDING = 1e-6
"""Points as fractions are no exact floats: 0.1 + 0.2 is more than 0.3."""

TOO_LONG = "it took too long"
ASKED_TO_EXIT = "the answer asked Python to exit"
AN_ERROR = "an error"
"""What is said of an error after hidden inputs, if it is a rare one: by its class an answer could tell much more."""
NO_TITLE = "a criterion whose title was made while the test ran"
LEFT_OUT = "what was found is left out: the answer has seen hidden inputs"
PRINTS_LEFT_OUT = "[what was printed is left out: the answer has seen hidden inputs]"

_COMMON = (TypeError, ValueError, AttributeError, KeyError, IndexError, NameError, ZeroDivisionError)

_OF_WHAT_IS_READ = (TypeError, ValueError, AttributeError, KeyError, IndexError)
READING = "when the test reads what the answer gives"

_WHERE_SHAPES_MEET = {
    "keras.src.layers.input_spec": ("assert_input_compatibility",),
    "keras.src.layers.merging.base_merge": ("_compute_elemwise_op_output_shape", "build"),
    "keras.src.models.functional": ("_adjust_input_rank",),
    "keras.src.ops.operation_utils": ("shape",),
}
"""Functions of Keras, by their module, whose ``ValueError`` says that inputs don't fit."""

NOT_SO = "not so"
IN_HIDDEN = " in a hidden test: try the answer on other inputs than the shown ones"
"""What follows the name of an error that a hidden criterion met with: what it met it on isn't said."""
RESTS_ON_EARLIER = "it needs what an earlier criterion asks for"
"""The message where the test itself would have made what is missing, had an earlier criterion not failed."""

SAYABLE = frozenset(
    {NOT_ANSWERED, TOO_LONG, ASKED_TO_EXIT, NOT_SO, RESTS_ON_EARLIER}
    | {f"{name}{IN_HIDDEN}" for name in (AN_ERROR, *(kind.__name__ for kind in _COMMON))}
    | {f"{NOT_SO}: {fault.value}" for fault in Fault}
)
"""All that is said of an error by which an answer could tell hidden inputs."""

_hidden_begun = 0


def hidden_begun() -> int:
    """How many hidden tests have begun in this process: an answer may have seen hidden inputs once one has."""
    return _hidden_begun


def begin_hidden() -> None:
    """What follows is no part of the released notebook."""
    global _hidden_begun
    _hidden_begun += 1


@dataclass(frozen=True)
class Said:
    """What a rubric said at one time.

    Attributes:
        text: the lines, as they were printed.
        title: of the criterion that was judged; empty for what is no verdict.
        points: what the criterion is worth.
        earned: what it earned.
        message: why it failed.
        left_out: whether the text would have quoted more.
    """

    text: str
    title: str = ""
    points: float = 0.0
    earned: float = 0.0
    message: str = ""
    left_out: bool = False


class Listener(contextlib.AbstractContextManager):
    """Hears what the rubrics of this process say while it is entered, and says whether they may quote what they found.

    Args:
        discreet: asked at each verdict whether an answer could have put a hidden input into what a check found: into
            a name, a number, a text. Then a verdict says its title, its points and nothing else.
        own_titles: the titles that the test gives whatever the answers are; any, if left out. An answer could have a
            hand in another one, which is not said then.
        frank: whether hidden criteria say what they found, as visible ones do: for a learner who has the solutions.
    """

    def __init__(
        self, discreet: Callable[[], bool], own_titles: Collection[str] | None = None, *, frank: bool = False
    ) -> None:
        self.discreet = discreet
        self.own_titles = own_titles
        self.frank = frank
        self.said: list[Said] = []

    def __enter__(self) -> Listener:
        global _listener
        self._before, _listener = _listener, self
        return self

    def __exit__(self, *_: object) -> None:
        global _listener
        _listener = self._before


_listener: Listener | None = None


Doubt = Callable[[BaseException | None], str]
"""Called at the end of a criterion with its error, if it has one: says whether the criterion was judged at all."""


def _no_doubt() -> Doubt:
    return lambda error: ""


_watch: Callable[[], Doubt] = _no_doubt


def watch_criteria(begin: Callable[[], Doubt]) -> None:
    """Have somebody look at all criteria of this process, who may know that a test could not do what it asked for.

    Args:
        begin: called when a criterion begins.
    """
    global _watch
    _watch = begin


@dataclass(frozen=True)
class Verdict:
    """What became of one criterion: its points, what it asked for, and why it failed (empty if it did not).

    ``doubt`` says, in a word for programs, that it was not judged or may not have been; see :func:`watch_criteria`.
    """

    title: str
    points: float
    earned: float
    message: str
    doubt: str = ""

    def as_json(self) -> dict[str, Any]:
        """The verdict as plain data; a doubt only if there is one, so that what notebooks store tells of none."""
        return {name: value for name, value in asdict(self).items() if name != "doubt" or value}


class Points(float):
    """The points of a task: a number to nbgrader, the verdicts behind it to ``course check``."""

    rubric: dict[str, Any]

    def __new__(cls, value: float, rubric: dict[str, Any]) -> Points:
        points = super().__new__(cls, value)
        points.rubric = rubric
        return points

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        return {"text/plain": f"{float(self):g}", MIME_TYPE: self.rubric}


class Rubric:
    """The criteria of one task.

    Args:
        task: the task's name, as in the grade id of its test cell.
        points: what the whole task is worth. Criteria may add up to less in a released notebook: the others
            run when the notebook is graded.
        read: where in the book to read on, as chapter and section.

    Example:

    >>> rubric = Rubric("sum", points=2, read="Chapter 1, section 1")
    >>> with rubric.criterion(2, "the sum is 3"):
    ...     assert 1 + 1 == 3, "1 + 1 was 2"
    ✗ 0/2  the sum is 3: 1 + 1 was 2
    >>> float(rubric.score())
    Read on: Chapter 1, section 1
    0.0
    """

    def __init__(self, task: str, points: float, read: str) -> None:
        self.task = task
        self.points = points
        self.read = read
        self.verdicts: list[Verdict] = []
        self._errors: set[str] = set()
        self._unmade: set[str] = set()

    def criterion(self, points: float, title: str, *, hidden: bool = False) -> contextlib.AbstractContextManager[None]:
        """A block that earns its points if it runs to its end.

        Whatever the block raises, the notebook goes on. What it prints, on stdout or stderr, is shown below a visible
        verdict and dropped from a hidden one, since a learner's function could print the hidden inputs.

        Args:
            points: what the criterion is worth.
            title: what it asks for, as the learner reads it.
            hidden: whether the criterion is left out of the released notebook. Its message gives the error's
                type, or which :class:`~functional_course.faults.Fault` a check found, and no more, unless a
                :class:`Listener` is frank: texts of errors quote inputs.
        """
        return _Criterion(self, points, title, hidden)

    def failed(self, error: BaseException) -> None:
        """A criterion failed, so that names may be missing that the test gives from there on."""
        frames = _frames(error)
        if frames:
            steps = dis.get_instructions(frames[0].f_code)
            self._unmade |= {step.argval for step in steps if step.opname in ("STORE_NAME", "STORE_GLOBAL")}

    def misses(self, error: BaseException) -> bool:
        """Whether the test itself met with an error because it lacks what it makes in a criterion that failed."""
        return isinstance(error, NameError) and error.name in self._unmade and _is_of_the_test(error)

    def unless_said_before(self, message: str) -> str:
        """What to say of an error: its message, or that it is the one of an earlier criterion."""
        # Keras numbers the layers that it names itself: a second call of one function names others.
        said = re.sub(r"_\d+", "", message)
        if said in self._errors:
            return "the same error as above"
        self._errors.add(said)
        return message

    def score(self) -> Points:
        """Print where to read on, if anything failed, and return the points earned.

        Raises:
            ValueError: the criteria add up to more than the task is worth.
        """
        judged = _total(verdict.points for verdict in self.verdicts)
        if judged > self.points + _ROUNDING:
            raise ValueError(f"the criteria of {self.task!r} add up to {judged:g} points, the task has {self.points:g}")
        if any(verdict.earned < verdict.points for verdict in self.verdicts):
            _say(Said(f"Read on: {self.read}\n"))
        if judged < self.points - _ROUNDING:
            _say(Said(f"{self.points - judged:g} more points are judged when the notebook is graded.\n"))
        earned = _total(verdict.earned for verdict in self.verdicts)
        return Points(
            earned,
            {
                "task": self.task,
                "points": self.points,
                "judged": judged,
                "earned": earned,
                "read": self.read,
                "verdicts": [verdict.as_json() for verdict in self.verdicts],
            },
        )


class _RestsOnEarlier(Exception):
    """In the place of an error that a test meets with for want of what it makes in a criterion that failed."""


class _Criterion(contextlib.AbstractContextManager):
    def __init__(self, rubric: Rubric, points: float, title: str, hidden: bool) -> None:
        self._rubric, self._points, self._title, self._hidden = rubric, points, title, hidden

    def __enter__(self) -> None:
        if self._hidden:
            begin_hidden()
        self._doubt = _watch()
        self._printed = io.StringIO()
        self._streams = contextlib.ExitStack()
        self._streams.enter_context(contextlib.redirect_stdout(self._printed))
        self._streams.enter_context(contextlib.redirect_stderr(self._printed))

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> bool:
        self._streams.close()
        if isinstance(error, (KeyboardInterrupt, GeneratorExit)):
            return False
        guarded = self._hidden and not (_listener is not None and _listener.frank)
        told = _RestsOnEarlier() if error is not None and self._rubric.misses(error) else error
        message = _explain(told, guarded) if told is not None else ""
        printed = "" if self._hidden else _shown(self._printed.getvalue())
        quiet = _listener is not None and _listener.discreet()
        title, discreet = self._title, quiet and not self._hidden
        if quiet and _listener.own_titles is not None and title not in _listener.own_titles:
            title = NO_TITLE
        if quiet and self._hidden:
            message = _discreet(told) if told is not None else ""
        elif discreet:
            whole, message = message, _left_out(told) if told is not None else ""
            left_out = bool(printed) or message != whole
            printed = f"    | {PRINTS_LEFT_OUT}\n" if printed else ""
        elif message and not isinstance(told, AssertionError | NotImplementedError | _RestsOnEarlier) and not guarded:
            message = self._rubric.unless_said_before(message)
        if error is not None:
            self._rubric.failed(error)
        earned = 0 if error is not None else self._points
        self._rubric.verdicts.append(Verdict(title, self._points, earned, message, self._doubt(error)))
        mark = "✓" if error is None else "✗"
        line = f"{mark} {earned:g}/{self._points:g}  {title}" + (f": {message}" if message else "")
        _say(Said(f"{line}\n{printed}", title, self._points, earned, message, discreet and left_out))
        return True


def _total(points: Iterable[float]) -> float:
    """A sum as a person writes it: 0.3 for 0.1 and 0.2, so that what is full marks reads as full marks."""
    return round(math.fsum(points), 6)


def _explain(error: BaseException, hidden: bool) -> str:
    if isinstance(error, NotImplementedError) and not str(error):
        return NOT_ANSWERED
    if isinstance(error, _RestsOnEarlier):
        return RESTS_ON_EARLIER
    if isinstance(error, NameError) and error.name and not hidden:
        stopped = _what_stopped(error.name)
        if stopped:
            return f"`{error.name}` does not exist: its cell stopped with {stopped}"
        return f"`{error.name}` does not exist: its cell was not run, stopped with an error, or used another name"
    if isinstance(error, SystemExit):
        return ASKED_TO_EXIT
    if isinstance(error, AssertionError):
        if hidden:
            fault = fault_of(error)
            return f"{NOT_SO}: {fault.value}" if fault else NOT_SO
        return said_by(error) if str(error) else NOT_SO
    if type(error).__module__.partition(".")[0] == __package__:
        # A class of the grader's own says nothing to learners; its text does.
        return f"{AN_ERROR}{IN_HIDDEN}" if hidden else said_by(error) or AN_ERROR
    if hidden:
        refused = _refused_by_keras(error)
        if refused:
            return f"{NOT_SO}: {refused.value}"
        missing = isinstance(error, KeyError) and _is_of_the_test(error)
        return f"{NOT_SO}: {Fault.NAME.value}" if missing else f"{type(error).__name__}{IN_HIDDEN}"
    return f"{type(error).__name__}: {said_by(error)}{_in_other_words(error)}{_where(error)}"


def _in_other_words(error: BaseException) -> str:
    """What one of Keras's errors means that doesn't say it."""
    unconnected = isinstance(error, ValueError) and "is not connected to `inputs`" in str(error)
    return " — an input that it is computed from isn't among the model's inputs" if unconnected else ""


def _what_stopped(name: str) -> str:
    """The last error that a cell ended with, if that cell would have made this name; Python keeps it for debuggers.

    Where the grader listens, it may be a test's own, and quote hidden inputs.
    """
    if _listener is not None or _hidden_begun:
        return ""
    error = getattr(sys, "last_value", None)
    frames = _frames(error) if isinstance(error, Exception) and not isinstance(error, NotImplementedError) else []
    for frame in frames:
        steps = dis.get_instructions(frame.f_code)
        if any(step.argval == name for step in steps if step.opname in ("STORE_NAME", "STORE_GLOBAL")):
            return f"{type(error).__name__}: {said_by(error)}"
    return ""


def _where(error: BaseException) -> str:
    """Who met with an error: a function of the answer's, or the test, which reads what the answer gave."""
    name = _function_of(error)
    if name:
        return f" (in `{name}`)"
    return f" ({READING})" if isinstance(error, _OF_WHAT_IS_READ) and _is_of_the_test(error) else ""


def _function_of(error: BaseException) -> str:
    """The first function of the answer's that was called on the way to an error; empty if there was none."""
    told = error.__dict__.get("in_function")
    if isinstance(told, str):
        return told[:80]
    first, *others = _frames(error) or [None]
    for frame in others:
        code = frame.f_code
        # A cell's functions have the globals of the test's own, and another file.
        if frame.f_globals is first.f_globals and code.co_filename != first.f_code.co_filename:
            return code.co_name if code.co_name.isidentifier() else ""
    return ""


def _is_of_the_test(error: BaseException) -> bool:
    """Whether it was the test itself, or a check, that met with an error: no function of the answer's, no library."""
    frames = _frames(error)
    if not frames or _function_of(error) or "in_function" in error.__dict__ or _is_raised(error):
        return False
    last = frames[-1]
    module = str(last.f_globals.get("__name__", ""))
    return last.f_code.co_filename == frames[0].f_code.co_filename or module.startswith(f"{__package__}.checks")


def _refused_by_keras(error: BaseException) -> Fault | None:
    """Why Keras refused inputs, in the places where it looks at their names, number, shapes and types alone."""
    frames = _frames(error)
    if not isinstance(error, ValueError) or not frames:
        return None
    module, function = str(frames[-1].f_globals.get("__name__", "")), frames[-1].f_code.co_name
    if not any(part in function for part in _WHERE_SHAPES_MEET.get(module, ())):
        return None
    if str(error).startswith("Missing data for input"):
        return Fault.NAME
    return None if "dtype" in str(error) else Fault.SHAPE


def _is_raised(error: BaseException) -> bool:
    """Whether a ``raise`` made an error, and not what Python had to do."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    return place is not None and place.tb_frame.f_code.co_code[place.tb_lasti] == dis.opmap["RAISE_VARARGS"]


def _frames(error: BaseException) -> list[types.FrameType]:
    return [frame for frame, _ in traceback.walk_tb(error.__traceback__)]


def _discreet(error: BaseException) -> str:
    """What may be said of an error by which an answer could tell hidden inputs."""
    if isinstance(error, SystemExit):
        return ASKED_TO_EXIT
    if str(error) in (TOO_LONG, ASKED_TO_EXIT):
        return str(error)
    said = _explain(error, hidden=True)
    return said if said in SAYABLE else f"{AN_ERROR}{IN_HIDDEN}"


def _left_out(error: BaseException) -> str:
    """The same of a visible criterion, which says that it would tell more."""
    said = _discreet(error).removesuffix(IN_HIDDEN)
    return said if said in (NOT_ANSWERED, TOO_LONG, ASKED_TO_EXIT, RESTS_ON_EARLIER) else f"{said} ({LEFT_OUT})"


def _say(said: Said) -> None:
    print(said.text, end="")
    if _listener is not None:
        _listener.said.append(said)


def _shown(printed: str) -> str:
    lines = printed.splitlines()
    shown = [f"    | {line}\n" for line in lines[:_MOST_PRINTED_LINES]]
    if len(lines) > _MOST_PRINTED_LINES:
        shown.append(f"    | ... {len(lines) - _MOST_PRINTED_LINES} more lines\n")
    return "".join(shown)
