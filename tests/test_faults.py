"""What a hidden criterion says comes from a closed list of sentences, and each check says which one is true."""

from __future__ import annotations

import ast
import math
import re

from functional_course import checks
from functional_course.checks import CheckFailed, Fault, Rubric
from functional_course.faults import fault_of
from functional_course.rubric.listening import Listener
from functional_course.rubric.sayable import SAYABLE
from functional_course.rubric.wording import IN_HIDDEN, LEFT_OUT

import keras
import nbformat
import numpy as np
import pytest
from conftest import ROOT
from keras import layers


class Told(AssertionError):
    """An error of an answer's own, which claims to carry a fault."""

    def __init__(self, fault: object) -> None:
        super().__init__("marzipan")
        self.fault = fault


class Posing:
    """Says that it is a fault."""

    value = "marzipan"
    __class__ = Fault


def said_of(error: BaseException, discreet: bool = False, hidden: bool = True) -> str:
    rubric = Rubric("task", 1, read="Chapter 1")
    with Listener(lambda: discreet), rubric.criterion(1, "title", hidden=hidden):
        raise error
    return rubric.verdicts[0].message


@pytest.mark.parametrize("fault", Fault)
def test_a_hidden_criterion_says_which_fault_a_check_found(fault: Fault):
    for error in (CheckFailed("marzipan", "nougat", fault), AssertionError(fault)):
        for discreet in (False, True):
            assert said_of(error, discreet) == f"not so: {fault.value}"
    assert said_of(CheckFailed("marzipan", "nougat", fault), hidden=False) == "asked for marzipan; found nougat"
    assert said_of(AssertionError(fault), hidden=False) == fault.value
    assert said_of(AssertionError(fault), discreet=True, hidden=False) == f"not so: {fault.value} ({LEFT_OUT})"


@pytest.mark.parametrize(
    "carried",
    ["marzipan", Posing(), Fault.COPY.value, ["marzipan"], type("Fault", (), {"value": "marzipan"})(), Fault],
    ids=["a text", "an object", "a sentence", "a list", "a namesake", "the class"],
)
def test_what_only_claims_to_be_a_fault_is_not_said(carried: object):
    for error in (Told(carried), AssertionError(carried)):
        assert fault_of(error) is None
        assert said_of(error) == said_of(error, discreet=True) == "not so"
    other = ValueError("marzipan")
    other.fault = Fault.COPY
    assert said_of(other) == f"ValueError{IN_HIDDEN}"


def test_all_that_may_be_said_of_hidden_inputs_is_little():
    # What a criterion tells at most, whether it was met included, in bits.
    assert len(SAYABLE) == 63 and math.log2(len(SAYABLE) + 1) <= 6
    errors = [kind("marzipan") for kind in (ValueError, AssertionError, RuntimeError, NotImplementedError, OSError)]
    errors += [AssertionError(fault) for fault in Fault] + [SystemExit(), NotImplementedError(), Told(Fault.COPY)]
    for error in errors:
        assert said_of(error, discreet=True) in SAYABLE


def test_a_sentence_quotes_nothing():
    for fault in Fault:
        assert not re.search(r"[\d`{}\"_]", fault.value), fault
        assert fault.value[0].islower() and fault.value[-1].isalpha()
    assert len({fault.value for fault in Fault}) == len(Fault) == 50


def test_the_guide_counts_them_rightly():
    guide = (ROOT / "book" / "guides" / "sandbox.md").read_text(encoding="utf-8")
    assert f"which of {len(Fault)} sentences is true" in guide
    quoted = re.search(r"sentences is true, such as([^;]+);", guide).group(1)
    assert set(re.findall(r'"([^"]+)"', " ".join(quoted.split()))) <= {fault.value for fault in Fault}


def faults_named(path) -> list[bool]:
    """For each failure that a module raises, whether it names a fault."""
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    calls = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "CheckFailed"]
    return [len(call.args) == 3 and not isinstance(call.args[2], ast.Constant) for call in calls]


def test_every_check_names_a_fault(tmp_path):
    named = [each for path in (ROOT / "functional_course" / "checks").glob("*.py") for each in faults_named(path)]
    assert len(named) > 80 and all(named)
    planted = tmp_path / "planted.py"
    planted.write_text("raise CheckFailed('a', 'b')\nraise CheckFailed('a', 'b', None)\n")
    assert faults_named(planted) == [False, False]


def bare_asserts(source: str) -> list[str]:
    """The assertions in the hidden criteria of a test, and in what these call of it, that carry no fault."""
    tree = ast.parse(source)
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    waiting: list[ast.AST] = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.With) and any("hidden=True" in ast.unparse(item) for item in node.items)
    ]
    known, found = set(), []

    def told(said: ast.expr | None) -> bool:
        """Whether it is a fault, or what a function of the test says, and no text of whatever form."""
        if isinstance(said, ast.Call) and isinstance(said.func, ast.Name) and said.func.id in functions:
            return True
        return said is not None and re.search(r"\bFault\.[A-Z]+\b(?!\.value)", ast.unparse(said)) is not None

    while waiting:
        for node in ast.walk(waiting.pop()):
            if isinstance(node, ast.Assert) and not told(node.msg):
                found.append(ast.unparse(node.test))
            elif isinstance(node, ast.Raise) and "AssertionError" in ast.unparse(node) and not told(node.exc):
                found.append(ast.unparse(node))
            elif isinstance(node, ast.Name) and node.id in functions.keys() - known:
                known.add(node.id)
                waiting.append(functions[node.id])
    return found


def test_no_hidden_criterion_says_only_that_it_is_not_so():
    for path in sorted((ROOT / "solutions").glob("*/*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.metadata.get("nbgrader", {}).get("grade"):
                assert bare_asserts(cell.source) == [], (path.name, cell.metadata.nbgrader.grade_id)


PLANTED = """
def both(model):
    assert model.a, f"asked for a; found {model.b}"

def shown(model):
    assert model.b

with rubric.criterion(1, "shown"):
    both(model)
    shown(model)
with rubric.criterion(1, "hidden", hidden=True):
    both(model)
    assert model.c, checks.Fault.KIND
    assert model.d
    assert model.e, "a text" + model.e
    assert model.f, checks.Fault.KIND.value
    raise AssertionError("{}".format(model))
    raise AssertionError(checks.Fault.KIND)
    assert model.g, shown(model)
"""


def test_bare_assertions_are_found_in_hidden_criteria_and_in_what_they_call():
    assert bare_asserts(PLANTED) == [
        "model.d",
        "model.e",
        "model.f",
        "raise AssertionError('{}'.format(model))",
        "model.b",
        "model.a",
    ]


X = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")


def test_a_copy_is_told_from_what_was_given():
    model = keras.Sequential([keras.Input((4,)), MODEL, GIVEN_TOO])
    assert checks.copied(model, MODEL, GIVEN_TOO) is None
    assert checks.copied(model, MODEL, GIVEN) is Fault.COPY
    assert checks.copied(keras.Sequential([keras.Input((4,)), keras.models.clone_model(MODEL)]), MODEL) is Fault.COPY
    assert checks.copied(None, MODEL) is Fault.COPY


def dense(*units: int, activation: str | None = None, name: str = "entry") -> keras.Model:
    entry = x = keras.Input((4,), name=name)
    for each in units:
        x = layers.Dense(each, activation=activation)(x)
    return keras.Model(entry, x)


def frozen() -> keras.Model:
    model = dense(3, 2)
    model.layers[1].trainable = False
    return model


def compared(shared: keras.Layer, other: keras.Layer) -> keras.Model:
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    return keras.Model([a, b], keras.ops.abs(shared(a) - other(b)))


MODEL, GIVEN = dense(3), layers.Dense(3)
GIVEN.build((None, 4))
GIVEN_TOO = layers.Dense(2)


@pytest.mark.parametrize(
    ("check", "fault"),
    [
        (lambda: checks.check_model(keras.Input((4,))), Fault.KIND),
        (lambda: checks.check_sequential(MODEL), Fault.KIND),
        (lambda: checks.check_inputs(MODEL, {"other": (None, 4)}), Fault.NAME),
        (lambda: checks.check_inputs(MODEL, {"entry": (None, 5)}), Fault.SHAPE),
        (lambda: checks.check_outputs(MODEL, [(None, 3), (None, 1)]), Fault.SHAPE),
        (
            lambda: checks.check_inputs(
                keras.Model(i := [keras.Input((n,)) for n in (2, 3)], i), [(None, 3), (None, 2)]
            ),
            Fault.ORDER,
        ),
        (lambda: checks.check_parameters(MODEL, total=16), Fault.WEIGHTS),
        (lambda: checks.check_parameters(MODEL, trainable=16), Fault.WEIGHTS),
        (lambda: checks.check_parameters(frozen(), trainable=23), Fault.TRAINS),
        (lambda: checks.check_frozen(MODEL, MODEL.layers[1]), Fault.TRAINS),
        (lambda: checks.check_frozen(MODEL, GIVEN), Fault.COPY),
        (lambda: checks.check_calls_from(compared(*[layers.Dense(3)] * 2), GIVEN, ["a", "b"]), Fault.COPY),
        (lambda: checks.check_calls_from(compared(GIVEN, layers.Dense(3)), GIVEN, ["a", "b"]), Fault.SHARING),
        (lambda: checks.check_calls_from(compared(GIVEN, layers.Dense(3)), GIVEN, ["b"]), Fault.CONNECTED),
        (lambda: checks.check_one_encoder(compared(layers.Dense(3), layers.Dense(3)), ("a", "b")), Fault.SHARING),
        (lambda: checks.check_activation(dense(3, activation="tanh"), "dense", "relu"), Fault.NAME),
        (lambda: checks.check_loss_falls(MODEL, X, X[:, :3], to=0.5), Fault.COMPILED),
        (lambda: checks.leaving_alone(list.sort, [3, 1, 2]), Fault.CHANGED),
        (lambda: checks.check_steady(keras.Sequential([keras.Input((4,)), layers.Dropout(0.5)]), X), Fault.DROPPED),
        (lambda: checks.check_same_outputs(MODEL, dense(2), X), Fault.SHAPE),
        (lambda: checks.check_same_outputs(MODEL, dense(3), X), Fault.VALUES),
        (lambda: checks.check_same_function(dense(3, 3), dense(3), X), Fault.WEIGHTS),
        (lambda: checks.check_same_function(dense(3, 4), dense(4, 3), X), Fault.WEIGHTS),
    ],
)
def test_a_check_says_what_kind_of_thing_differs(check, fault: Fault):
    with pytest.raises(CheckFailed) as failure:
        check()
    assert failure.value.fault is fault
