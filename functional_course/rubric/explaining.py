"""What a criterion says of the error that it met: to a learner who may read it all, or of a hidden criterion."""

from __future__ import annotations

import sys

import functional_course
from functional_course.errors import said_by
from functional_course.faults import Fault, fault_of
from functional_course.rubric.earlier import RestsOnEarlier
from functional_course.rubric.hidden import hidden_begun
from functional_course.rubric.listening import listener
from functional_course.rubric.origin import frames_of, function_of, is_of_the_test, names_made_in
from functional_course.rubric.wording import (
    AN_ERROR,
    ASKED_TO_EXIT,
    IN_HIDDEN,
    NOT_ANSWERED,
    NOT_SO,
    READING,
    RESTS_ON_EARLIER,
)

_OF_WHAT_IS_READ = (TypeError, ValueError, AttributeError, KeyError, IndexError)

_WHERE_SHAPES_MEET = {
    "keras.src.layers.input_spec": ("assert_input_compatibility",),
    "keras.src.layers.merging.base_merge": ("_compute_elemwise_op_output_shape", "build"),
    "keras.src.models.functional": ("_adjust_input_rank",),
    "keras.src.ops.operation_utils": ("shape",),
}
"""Functions of Keras, by their module, whose ``ValueError`` says that inputs don't fit."""


def explain(error: BaseException, hidden: bool) -> str:
    """The message of a criterion that failed.

    Args:
        error: what it met.
        hidden: whether it may quote nothing of what it met, since that could hold hidden inputs.
    """
    if isinstance(error, NotImplementedError) and not str(error):
        return NOT_ANSWERED
    if isinstance(error, RestsOnEarlier):
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
    if type(error).__module__.partition(".")[0] == functional_course.__name__:
        # A class of the grader's own says nothing to learners; its text does.
        return f"{AN_ERROR}{IN_HIDDEN}" if hidden else said_by(error) or AN_ERROR
    if hidden:
        refused = _refused_by_keras(error)
        if refused:
            return f"{NOT_SO}: {refused.value}"
        missing = isinstance(error, KeyError) and is_of_the_test(error)
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
    if listener() is not None or hidden_begun():
        return ""
    error = getattr(sys, "last_value", None)
    if isinstance(error, Exception) and not isinstance(error, NotImplementedError):
        for frame in frames_of(error):
            if name in names_made_in(frame):
                return f"{type(error).__name__}: {said_by(error)}"
    return ""


def _where(error: BaseException) -> str:
    """Who met with an error: a function of the answer's, or the test, which reads what the answer gave."""
    name = function_of(error)
    if name:
        return f" (in `{name}`)"
    return f" ({READING})" if isinstance(error, _OF_WHAT_IS_READ) and is_of_the_test(error) else ""


def _refused_by_keras(error: BaseException) -> Fault | None:
    """Why Keras refused inputs, in the places where it looks at their names, number, shapes and types alone."""
    frames = frames_of(error)
    if not isinstance(error, ValueError) or not frames:
        return None
    module, function = str(frames[-1].f_globals.get("__name__", "")), frames[-1].f_code.co_name
    if not any(part in function for part in _WHERE_SHAPES_MEET.get(module, ())):
        return None
    if str(error).startswith("Missing data for input"):
        return Fault.NAME
    return None if "dtype" in str(error) else Fault.SHAPE
