"""Messages hold no class of the grader's own, no address and no line of a solution; tests/test_answers.py looks."""

from __future__ import annotations

from functional_course.boundary.wire import BoundaryError, CannotCross
from functional_course.rubric import Rubric
from functional_course.rubric.wording import AN_ERROR, IN_HIDDEN

import pytest
from messages import graders_classes, told_too_much

SOLUTION = "def answer(x):\n    hidden = layers.Dense(units)(x)\n    return hidden"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("✗ 0/1  works: asked for a keras.Model; found a _Unjudged", ["_Unjudged"]),
        ("✗ 0/1  works: CannotCross: a value of type list cannot be judged", ["CannotCross"]),
        ("✗ 0/1  works: <object at 0x7f21bc3d> is no model", ["0x7f21bc3d"]),
        ("✗ 0/1  works: found hidden = layers.Dense(units)(x)", ["hidden = layers.Dense(units)(x)"]),
        ("✗ 0/1  works: return hidden; 0x10; a KerasTensor, a Dense layer", []),
    ],
)
def test_what_tells_too_much_is_seen(text: str, found: list[str]):
    assert told_too_much(text, SOLUTION) == found


def test_the_graders_classes_are_known():
    assert {"_Unjudged", "CannotCross", "BoundaryError"} <= graders_classes()


@pytest.mark.parametrize("hidden", [False, True])
@pytest.mark.parametrize(
    ("error", "says"),
    [
        (CannotCross("a value of type set cannot be judged"), "a value of type set cannot be judged"),
        (BoundaryError(), AN_ERROR),
        (ValueError("<function f at 0x7f21bc3dd0a0> takes no list"), "ValueError: <function f> takes no list"),
        (AssertionError("found [<Dense 0x7f21bc3dd0a0>]"), "found [<Dense>]"),
    ],
)
def test_a_rubric_says_neither_classes_of_the_grader_nor_addresses(error: Exception, says: str, hidden: bool):
    rubric = Rubric("task", 1, read="Chapter 1")
    with rubric.criterion(1, "works", hidden=hidden):
        raise error
    said = rubric.verdicts[0].message
    assert told_too_much(said, "") == []
    names = {AssertionError: "not so", ValueError: f"ValueError{IN_HIDDEN}"}
    assert said == (names.get(type(error), f"{AN_ERROR}{IN_HIDDEN}") if hidden else says)
