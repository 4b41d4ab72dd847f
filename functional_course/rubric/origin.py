"""Who met with an error: a function of the answer's, the test itself, or a library that either called."""

from __future__ import annotations

import dis
import traceback
import types

import functional_course

_CHECKS = f"{functional_course.__name__}.checks"


def frames_of(error: BaseException) -> list[types.FrameType]:
    """The calls that led to an error, the outermost first; none if it was never raised."""
    return [frame for frame, _ in traceback.walk_tb(error.__traceback__)]


def names_made_in(frame: types.FrameType) -> set[str]:
    """The names that a frame's code, as a cell or a test, gives to the notebook."""
    steps = dis.get_instructions(frame.f_code)
    return {step.argval for step in steps if step.opname in ("STORE_NAME", "STORE_GLOBAL")}


def function_of(error: BaseException) -> str:
    """The first function of the answer's that was called on the way to an error; empty if there was none."""
    told = error.__dict__.get("in_function")
    if isinstance(told, str):
        return told[:80]
    frames = frames_of(error)
    for frame in frames[1:]:
        code = frame.f_code
        # A cell's functions have the globals of the test's own, and another file.
        if frame.f_globals is frames[0].f_globals and code.co_filename != frames[0].f_code.co_filename:
            return code.co_name if code.co_name.isidentifier() else ""
    return ""


def is_of_the_test(error: BaseException) -> bool:
    """Whether it was the test itself, or a check, that met with an error: no function of the answer's, no library."""
    frames = frames_of(error)
    if not frames or function_of(error) or "in_function" in error.__dict__ or _is_raised(error):
        return False
    last = frames[-1]
    module = str(last.f_globals.get("__name__", ""))
    return last.f_code.co_filename == frames[0].f_code.co_filename or module.startswith(_CHECKS)


def _is_raised(error: BaseException) -> bool:
    """Whether a ``raise`` made an error, and not what Python had to do."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    return place is not None and place.tb_frame.f_code.co_code[place.tb_lasti] == dis.opmap["RAISE_VARARGS"]
