"""Nothing that is drawn at random decides a verdict anew in each run, whether or not a cell sets a seed."""

from __future__ import annotations

import random

from functional_course.grading.judging.execution import NAMESPACES, Job, execute, policy
from functional_course.grading.taking_in.plan import Plan
from functional_course.grading.taking_in.roles import Role
from functional_course.rubric import Rubric

import keras
import needs
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook

SET_UP = "import keras, random\nimport numpy as np"
ANSWER = """
mine = [random.random(), float(np.random.rand()), float(keras.random.normal(()))]
model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")
# Two batches: which rows are together is drawn, too.
model.fit(np.arange(4.0), np.array([0, 1, 5, 7]), batch_size=2, verbose=0)
fitted = model.get_weights()[0].tolist()

def drawn():
    return random.random(), float(np.random.rand()), float(keras.random.normal(()))
"""
TEST = """
Rubric = __import__("functional_course.rubric", fromlist=["Rubric"]).Rubric
rubric = Rubric("draws", points=1, read="nowhere")
new = keras.layers.Dense(1)
new.build((None, 1))
print(mine, fitted, drawn(), float(new.kernel[0, 0]), random.random(), np.random.rand())
"""
SHOWN = "print(random.random(), keras.random.normal(()))\nnp.random.rand()"


def shown(*cells: tuple[Role, str]) -> list[str]:
    """What the tests of a notebook print."""
    marks = {Role.ANSWER: {"solution": True, "grade": False}, Role.TEST: {"grade": True, "solution": False}}
    made = [
        new_code_cell(text, metadata={"nbgrader": {"grade_id": f"g{place}", **marks.get(role, {})}})
        for place, (role, text) in enumerate(cells)
    ]
    planned = Plan(new_notebook(cells=made), seconds=60).cells(new_notebook(cells=made), [role for role, _ in cells])
    result = execute(Job(planned, NAMESPACES, policy(NAMESPACES)))
    outputs = [result.outputs[place] for place, (role, _) in enumerate(cells) if role == Role.TEST]
    assert not result.trouble and all(len(each) == 1 and "text" in each[0] for each in outputs), outputs
    return [each[0]["text"] for each in outputs]


@needs.sandboxed()
def test_what_nobody_seeded_is_the_same_in_every_run():
    cells = [(Role.GIVEN, SET_UP), (Role.ANSWER, ANSWER), (Role.TEST, TEST), (Role.TEST, TEST.replace("draws", "more"))]
    once = shown(*cells)
    assert once == shown(*cells)
    # And yet two tests draw different numbers.
    assert once[0].split("[")[-1] != once[1].split("[")[-1]


@needs.sandboxed()
def test_what_is_drawn_before_a_test_changes_nothing_of_what_it_draws():
    rest = [(Role.ANSWER, ANSWER), (Role.TEST, TEST)]
    plain, after = (
        shown((Role.GIVEN, SET_UP), *rest),
        shown((Role.GIVEN, SET_UP), rest[0], (Role.GIVEN, SHOWN), rest[1]),
    )
    assert plain == after


def test_a_rubric_draws_the_same_wherever_it_begins():
    def draws(task: str) -> list[float]:
        Rubric(task, points=1, read="nowhere")
        layer = keras.layers.Dense(3)
        layer.build((None, 2))
        return [random.random(), np.random.rand(), *keras.ops.convert_to_numpy(layer.kernel).ravel().tolist()]

    first = draws("one")
    np.random.seed(7)
    random.seed(7)
    assert draws("one") == first
    assert not set(draws("two")) & set(first)


@pytest.mark.parametrize("seed", [0, 1, 42])
def test_a_rubric_draws_what_no_usual_seed_does(seed: int):
    Rubric("one", points=1, read="nowhere")
    own = random.random(), np.random.rand()
    keras.utils.set_random_seed(seed)
    assert own != (random.random(), np.random.rand())
