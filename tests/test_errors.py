"""Of an error of TensorFlow's, learners read what was wrong, in a line, and nothing of its stack and its nodes."""

from __future__ import annotations

from functional_course.boundary.failures import described
from functional_course.checks.failure import first_line_of
from functional_course.errors import said_by

import keras
import numpy as np
import pytest
from keras import layers

ROWS = np.ones((8, 4), "float32")
MODEL = keras.Sequential([keras.Input((4,)), layers.Dense(3)])
WORDS = keras.Sequential([keras.Input((4,), dtype="int32"), layers.Embedding(3, 2)])


def trained(loss: str, targets: np.ndarray) -> None:
    MODEL.compile(loss=loss, optimizer="sgd")
    MODEL.fit(ROWS, targets, verbose=0)


ERRORS = {
    "product": (lambda: keras.ops.matmul(ROWS, ROWS), "Matrix size-incompatible: In[0]: [8,4], In[1]: [8,4]"),
    "sum": (lambda: keras.ops.add(ROWS, np.ones((3, 2))), "Incompatible shapes: [8,4] vs. [3,2]"),
    "call": (
        lambda: WORDS(np.full((2, 4), 7)),
        "Exception encountered when calling Embedding.call(). indices[0,0] = 7 is not in [0, 3)",
    ),
    "graph": (lambda: WORDS.predict(np.full((2, 4), 7), verbose=0), "indices[0,0] = 7 is not in [0, 3)"),
    "loss": (
        lambda: trained("sparse_categorical_crossentropy", np.full(8, 9)),
        "Received a label value of 9 which is outside the valid range of [0, 3). ",
    ),
    "shapes": (lambda: trained("mse", np.ones((8, 2))), "Dimensions must be equal, but are 2 and 3"),
    "input": (lambda: MODEL(np.ones((2, 5))), "expected axis -1 of input shape to have value 4"),
}


@pytest.mark.parametrize(("failing", "said"), ERRORS.values(), ids=ERRORS)
def test_what_was_wrong_is_said_in_one_line(failing, said: str):
    with pytest.raises(Exception) as failed:  # noqa: PT011
        failing()
    told = [said_by(failed.value), said_by(described(failed.value).message)]
    for each in told:
        assert said in each
        assert not any(mark in each for mark in ("{{", "File ", "Op:", "Detected at", "0x", "Graph execution", "\n"))
    assert told[0] == told[1]
    assert "Graph execution" not in first_line_of(failed.value)


def test_the_stack_of_an_operation_and_the_lines_of_a_function_are_left_out():
    stack = 'Stack trace for op definition: \nFile "<frozen runpy>", line 198, in _run_module_as_main\n'
    text = f"Incompatible shapes at 0x7f12345678: [2] vs. [3]\n\n{stack}\n\t [[{{{{node sub}}}}]]\n"
    assert said_by(RuntimeError(f"{text}\ttf2xla conversion failed")) == "Incompatible shapes: [2] vs. [3]"
    text = 'in user code:\n\n    File "/tmp/a.py", line 3, in call  *\n        return a + b\n\n'
    assert said_by(f"{text}    ValueError: two shapes\n") == "ValueError: two shapes"


def test_other_errors_are_said_as_they_are():
    assert said_by(ValueError("two\nlines")) == "two lines"
    assert said_by(KeyError("a")) == "'a'"
    assert said_by("x" * 500) == "x" * 397 + "..."
