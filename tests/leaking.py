"""An assignment with canaries in its hidden tests, and a hostile answer that hears them and tells them in every way."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

ASSIGNMENT, NAME = "00_leaking", "build"


@dataclass(frozen=True)
class Canary:
    """What a learner hears and, if it is hidden, must not read.

    Attributes:
        number: a number that stands nowhere else.
        word: a word that stands nowhere else.
    """

    number: int
    word: str

    def traces(self, text: str) -> set[str]:
        """The encodings in which the canary stands in a text."""
        return {name for name, pattern in self._patterns() if re.search(pattern, text)}

    def _patterns(self) -> Iterator[tuple[str, str]]:
        digits, word = str(self.number), self.word
        numbers = {"digits": digits, "reversed": digits[::-1], "hex": f"{self.number:x}"}
        for name, plain in numbers.items():
            yield name, rf"(?i)(?<![0-9a-f]){plain}(?:\.0)?(?![0-9a-f])"
        yield "grouped", rf"(?<!\d){self.number:,}(?!\d)".replace(",", "[,_]")
        yield "word", f"(?i){word}"
        yield "word reversed", f"(?i){word[::-1]}"
        yield "word hex", word.encode().hex()
        yield "word base64", re.escape(base64.b64encode(word.encode()).decode().rstrip("="))
        yield "digits base64", re.escape(base64.b64encode(digits.encode()).decode().rstrip("="))
        yield "codes", r"\W+".join(str(ord(letter)) for letter in word)


SHOWN = Canary(286417, "marzipantorte")
"""In visible tests: whoever finds it knows that the way is open."""

HIDDEN = Canary(735194, "quittenspeck")
"""In hidden ones."""

SET_UP = """\
from functional_course import checks

import keras
import numpy as np

given = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)], name="given")"""

ANSWERS = {
    "hear": "def hear(x, word):\n    return x",
    "tell": "def tell(way):\n    row = keras.Input((2,))\n    return keras.Model(row, keras.layers.Dense(1)(row))",
    "told": "told = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])",
}
"""Answers that tell nothing."""

WAYS = 36
"""The ways in which :data:`HOSTILE` tells what it heard."""

LOOK = """\
def look(found, way):
    if isinstance(found, keras.Model):
        layers = [layer for layer in found.layers if not isinstance(layer, keras.layers.InputLayer)]
        regularised = [layer.kernel_regularizer.l2 for layer in layers if getattr(layer, "kernel_regularizer", None)]
        names = [found.name, *(each.name for each in found.inputs), *(layer.name for layer in layers), *regularised]
        names += [type(layer).__name__ for layer in layers] + [weight.name for weight in found.weights]
        if way in (4, 28):
            checks.check_parameters(found, total=1)
        if way == 5:
            checks.check_outputs(found, [(None, 77)])
        if way == 16:
            found(np.zeros((1, 77)))
        assert False, f"found {names}"
    if isinstance(found, type):
        assert False, f"found {found()(np.zeros((1, 2)))} of {found.__name__}, {found().get_config()}"
    if isinstance(found, keras.layers.Layer):
        assert False, f"found {found.name}, {found.get_config()}"
    if isinstance(found, np.ndarray):
        assert False, f"found {found.shape}"
    if callable(found):
        assert False, f"found {found.__name__}: {found(1)}"
    assert found is None, f"found {found!r} of {type(found).__name__}"
"""

TESTS = {
    "hear": f"""\
rubric = checks.Rubric("hear", points=4, read="Chapter 0")
with rubric.criterion(1, "numbers stay"):
    assert hear(np.array([{SHOWN.number}.0, 1.0]), "{SHOWN.word}").shape == (2,)
### BEGIN HIDDEN TESTS
{HIDDEN.word}_inputs = np.array([{HIDDEN.number}.0, 2.0])  # {HIDDEN.word}
try:
    hear({HIDDEN.word}_inputs, "{HIDDEN.word}")
except Exception:
    pass
with rubric.criterion(2, "other numbers stay", hidden=True):
    assert hear({HIDDEN.word}_inputs, "{HIDDEN.word}") is None, "{HIDDEN.word}"
with rubric.criterion(0.5, "a given model stays", hidden=True):
    given.set_weights([np.full((3, 2), {HIDDEN.number}.0), np.zeros(2)])
    assert tell(0) is None
### END HIDDEN TESTS
with rubric.criterion(0.5, "stays after all"):
    assert hear(1.0, "") == 2.0, f"found {{hear(1.0, '')}}, {{tell(12)}}"
rubric.score()""",
    "tell": f"""\
rubric = checks.Rubric("tell", points={WAYS}, read="Chapter 0")
{LOOK}
for way in range({WAYS}):
    with rubric.criterion(1, "tells nothing"):
        look(tell(way), way)
rubric.score()""",
    "told": """\
tell(3)
rubric = checks.Rubric("told", points=1, read="Chapter 0")
with rubric.criterion(1, "was told before"):
    checks.check_outputs(told, [(None, 77)])
rubric.score()
rubric = checks.Rubric("tell", points=0, read="Chapter 0")
for way in range(2):
    with rubric.criterion(0, f"tells no title {way}: {tell(12)}"):
        pass
    with rubric.criterion(0, f"tells its own title {way}"):
        pass
rubric.score()
assert told is None, f"found {told.name}, {tell(12)}"
rubric.score()""",
}

HOSTILE = {
    "hear": """\
import base64, builtins, sys, warnings
def heard():
    return builtins.__dict__.setdefault("heard", [])

def hear(x, word):
    if word:
        heard().append((int(np.ravel(x)[0]), word))
        told.name = "again_" + word
        told.layers[-1].name = "again_" + word
        print("hears", heard())
        raise ValueError(f"heard {heard()}")
    return repr(heard())""",
    "tell": """\
def tell(way):
    numbers = [number for number, _ in heard()] or [1]
    words = "_".join(word for _, word in heard())
    text = f"{numbers}_{words}"
    short = text.replace("[", "").replace("]", "").replace(", ", "_")
    row = keras.Input((2,), name=f"row_{way}")

    def model(layer, **more):
        return keras.Model(row, layer(row), **more)

    class Unsaid(Exception):
        def __str__(self):
            return "first line\\n" + text

    class Named(keras.layers.Layer):
        def build(self, shape):
            self.weight = self.add_weight(shape=(numbers[-1] // 1000,), name=short)

        def call(self, x):
            if way == 23:
                raise ValueError(text)
            return keras.ops.concatenate([x, keras.ops.mean(self.weight) * x], -1)

        def get_config(self):
            return {**super().get_config(), "word": text}

    if way == 0:
        return model(keras.layers.Dense(3, name=short))
    if way == 1:
        return model(keras.layers.Dense(3), name=short)
    if way == 2:
        raise ValueError(text)
    if way == 3:
        print(text)
        sys.stderr.write(text)
        warnings.warn(text)
        return None
    if way in (4, 5):
        return keras.Sequential([keras.Input((1,)), keras.layers.Dense(numbers[-1], use_bias=False)])
    if way == 6:
        raise type(short, (Exception,), {})(text)
    if way == 7:
        return model(type("N" + short, (Named,), {})())
    if way == 8:
        return model(keras.saving.register_keras_serializable("p" + short, short)(Named)(name="x"))
    if way == 9:
        return model(keras.layers.Dense(3, dtype="float32", kernel_regularizer=keras.regularizers.L2(numbers[-1])))
    if way == 10:
        return numbers[-1]
    if way == 11:
        return {text: numbers, "word": (words, text.encode(), set(words))}
    if way == 12:
        return text
    if way == 13:
        return np.zeros((numbers[-1],), "int8")
    if way == 14:
        raise NameError(text, name=short)
    if way == 15:
        entry = keras.Input((2,), name=short)
        return keras.Model(entry, keras.layers.Dense(3)(entry))
    if way == 16:
        return keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, name="a/" + short)])
    if way == 17:
        return Named(name=short)
    if way == 18:
        def named(x):
            return x
        named.__name__ = "n" + short
        return named
    if way == 19:
        return type(short, (), {})()
    if way == 20:
        raise KeyError(text)
    if way == 21:
        raise Unsaid
    if way == 22:
        return Named
    if way == 23:
        return model(Named())
    if way == 24:
        coded = [base64.b64encode(each.encode()).decode() for each in (words, str(numbers[-1]))]
        return coded, text[::-1], words.encode().hex(), hex(numbers[-1])
    if way == 25:
        return model(keras.layers.Dense(3, name=words.encode().hex()))
    if way == 26:
        return model(keras.layers.Reshape((2, 1), name=short[::-1]))
    if way == 27:
        return keras.Model({words: row}, {words: keras.layers.Dense(3)(row)})
    if way == 28:
        return keras.Sequential([keras.Input((numbers[-1],)), keras.layers.Dense(1, use_bias=False)])
    if way == 29:
        return slice(*numbers[:1], words), range(numbers[-1]), complex(numbers[-1], 1)
    if way == 30:
        error = RuntimeError(text)
        error.add_note(text) if hasattr(error, "add_note") else None
        raise error from ValueError(text)
    if way == 31:
        raise AssertionError(text)
    if way == 32:
        raise SystemExit(text)
    if way == 33:
        return model(keras.layers.Lambda(lambda x: x, name=short))
    if way == 34:
        raise UnicodeDecodeError("utf-8", text.encode(), 0, 1, text)
    assert False, [ord(letter) for letter in words]""",
    "told": ANSWERS["told"],
}
"""Keeps whatever the tests say, and tells it by names, numbers, shapes, texts, kinds and errors."""


def _marks(grade_id: str, **marks: Any) -> dict[str, Any]:
    usual = {"grade": False, "solution": False, "locked": False, "schema_version": 3, "task": False}
    return {"nbgrader": {"grade_id": grade_id, **usual, **marks}}


def instructors() -> nbformat.NotebookNode:
    """The instructor's notebook."""
    points = {"hear": 4, "tell": WAYS, "told": 1}
    cells = [new_code_cell(SET_UP, id="set-up", metadata=_marks("set-up", locked=True))]
    for task, answer in ANSWERS.items():
        solved = f"### BEGIN SOLUTION\n{answer}\n### END SOLUTION"
        cells.append(new_code_cell(solved, id=f"a-{task}", metadata=_marks(task, solution=True)))
    for task, test in TESTS.items():
        marks = _marks(f"test-{task}", grade=True, locked=True, points=points[task])
        cells.append(new_code_cell(test, id=f"t-{task}", metadata=marks))
    notebook = new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.metadata["functional_course"] = {"chapter": ASSIGNMENT, "notebook": NAME}
    return notebook
