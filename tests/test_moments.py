"""What a test finds is what stood there when its turn came in the notebook, whatever later cells made of it.

The learner's side has run all cells when the tests begin; in one kernel each test runs at its place.
"""

from __future__ import annotations

import functools
import json
import sys
import types

from functional_course.grading.executing.moments import Moments
from functional_course.grading.judging.execution import NAMESPACES, Job, execute, policy
from functional_course.grading.judging.judging_side import _checked_moment
from functional_course.grading.judging.result import Result
from functional_course.grading.taking_in.plan import Plan
from functional_course.grading.taking_in.roles import Role

import needs
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook

# What its tests share is made once, on one worker.
pytestmark = [needs.sandboxed(), pytest.mark.xdist_group("moments")]

SET_UP = """
import collections, dataclasses, functools, os, random, types
import keras
import numpy as np
from keras import layers, ops
given = [1, 2]
ones = np.ones((1, 2), "float32")

def number(value):
    return float(np.asarray(keras.ops.convert_to_numpy(value)).ravel()[0])
"""

# By name: the answer, what the test computes, what it is at its place, and what a later cell does.
FORMS = {
    "a function": ("s1 = 2\ndef f1(x):\n    return x * s1", "f1(5)", 10, "s1 = 3"),
    "a lambda": ("s2 = 2\nf2 = lambda x: x * s2", "f2(5)", 10, "s2 = 3"),
    "a lambda in a list": ("s3 = 2\nf3 = [lambda x: x * s3]", "f3[0](5)", 10, "s3 = 3"),
    "a bound method": (
        "s4 = 2\nclass C4:\n    def m(self, x):\n        return x * s4\nf4 = C4().m", "f4(5)", 10, "s4 = 3",
    ),
    "a static method": (
        "s5 = 2\nclass C5:\n    @staticmethod\n    def m(x):\n        return x * s5\nf5 = C5.m", "f5(5)", 10, "s5 = 3",
    ),
    "an attribute of a class": (
        "class C6:\n    s = 2\ndef f6(x):\n    return x * C6.s", "f6(5)", 10, "C6.s = 3",
    ),
    "a method put in later": (
        "class C7:\n    def m(self):\n        return 2\nc7 = C7()\ndef f7(x):\n    return x * c7.m()", "f7(5)", 10,
        "C7.m = lambda self: 3",
    ),
    "an attribute of an object": (
        "class C8:\n    pass\nc8 = C8()\nc8.s = 2\ndef f8(x):\n    return x * c8.s", "f8(5)", 10, "c8.s = 3; c8.t = 1",
    ),
    "a nested function": (
        "s9 = 2\ndef make9():\n    def inner(x):\n        return x * s9\n    return inner\nf9 = make9()", "f9(5)", 10,
        "s9 = 3",
    ),
    "a closure that counts": (
        "def make10():\n    n = 2\n    def inner(x):\n        return x * n\n    def more():\n        nonlocal n\n"
        "        n += 1\n    return inner, more\nf10, more10 = make10()",
        "f10(5)", 10, "more10()",
    ),
    "a partial": ("s11 = [2]\nf11 = functools.partial(lambda s, x: x * s[0], s11)", "f11(5)", 10, "s11[0] = 3"),
    "a decorated function": (
        "s12 = 2\ndef deco12(f):\n    @functools.wraps(f)\n    def wrapped(x):\n        return s12 * f(x)\n"
        "    return wrapped\n@deco12\ndef f12(x):\n    return x",
        "f12(5)", 10, "s12 = 3",
    ),
    "a cached function": (
        "s13 = 2\n@functools.lru_cache\ndef f13(x):\n    return x * s13", "f13(5)", 10, "s13 = 3; f13(5)",
    ),
    "a generator function": (
        "s14 = 2\ndef g14(n):\n    for i in range(n):\n        yield i * s14\ndef f14(n):\n    return list(g14(n))",
        "sum(f14(5))", 20, "s14 = 3",
    ),
    "a property": (
        "s15 = 2\nclass C15:\n    @property\n    def s(self):\n        return s15\nc15 = C15()\n"
        "def f15(x):\n    return x * c15.s",
        "f15(5)", 10, "s15 = 3",
    ),
    "a callable object": (
        "s16 = 2\nclass C16:\n    def __call__(self, x):\n        return x * s16\nf16 = C16()", "f16(5)", 10, "s16 = 3",
    ),
    "a list": ("l17 = [2]\ndef f17(x):\n    return x * l17[-1]", "f17(5)", 10, "l17.append(3)"),
    "a dict": ("d18 = {'s': 2}\ndef f18(x):\n    return x * d18['s']", "f18(5)", 10, "d18['s'] = 3"),
    "a dict in a tuple": ("d19 = ({'s': 2},)\nf19 = lambda x: x * d19[0]['s']", "f19(5)", 10, "d19[0].clear()"),
    "a default that grows": ("def f20(x, s=[2]):\n    return x * sum(s)", "f20(5)", 10, "f20.__defaults__[0][0] = 3"),
    "an array": ("a21 = np.array([2.0])\ndef f21(x):\n    return float(x * a21[0])", "f21(5)", 10, "a21 += 1"),
    "a deque and a set": (
        "q22, t22 = collections.deque([2]), {0}\ndef f22(x):\n    return x * q22[0] + sum(t22)", "f22(5)", 10,
        "q22.appendleft(3); t22.add(7)",
    ),
    "a module's attribute": ("def f23(x):\n    return x * os.curdir.count('.')", "f23(10)", 10, "os.curdir = '..'"),
    "a module of one's own": (
        "open('own24.py', 'w').write('s = 2\\ndef f(x):\\n    return x * s')\nimport own24\nfrom own24 import f as f24",
        "f24(5)", 10, "own24.s = 3",
    ),
    "a namespace": ("n25 = types.SimpleNamespace(s=2)\nf25 = lambda x: x * n25.s", "f25(5)", 10, "n25.s = 3"),
    "a dataclass": (
        "@dataclasses.dataclass\nclass C26:\n    s: int = 2\nc26 = C26()\nf26 = lambda x: x * c26.s", "f26(5)", 10,
        "c26.s = 3",
    ),
    "slots": (
        "class C27:\n    __slots__ = ('s', 't')\nc27 = C27()\nc27.s = 2\nf27 = lambda x: x * c27.s", "f27(5)", 10,
        "c27.s = 3; c27.t = 4",
    ),
    "an attribute of a function": (
        "def f28(x):\n    return x * f28.s\nf28.s = 2", "f28(5)", 10, "f28.s = 3",
    ),
    "a function that another calls": (
        "def s29():\n    return 2\ndef f29(x):\n    return x * s29()", "f29(5)", 10, "def s29():\n    return 3",
    ),
    "a deleted name": ("s30 = 2\ndef f30(x):\n    return x * s30", "f30(5)", 10, "del s30"),
    "a name that comes later": (
        "def f31(x):\n    return x * globals().get('s31', 2)", "f31(5)", 10, "s31 = 3",
    ),
    "a builtin that is hidden": ("def f32(x):\n    return x * len([1, 2])", "f32(5)", 10, "len = lambda _: 3"),
    "the environment": (
        "os.environ['S33'] = '2'\ndef f33(x):\n    return x * int(os.environ['S33'])", "f33(5)", 10,
        "os.environ['S33'] = '3'",
    ),
    "a working folder": ("h34 = os.getcwd()\nf34 = lambda: os.getcwd() == h34", "f34()", True, "os.chdir('/')"),
    "a model that is trained": (
        "m35 = keras.Sequential([keras.Input((2,)), layers.Dense(1, kernel_initializer='ones')])\n"
        "def f35(x):\n    return float(m35.predict(np.full((1, 2), x, 'float32'), verbose=0)[0, 0])",
        "f35(5)", 10, "m35.compile('sgd', 'mse')\nm35.fit(ones, ones[:, :1], verbose=0)",
    ),
    "a model whose weights are set": (
        "m36 = keras.Sequential([keras.Input((2,)), layers.Dense(1, kernel_initializer='ones')])\n"
        "def f36(x):\n    return m36(x)",
        "number(f36(5 * ones))", 10, "m36.set_weights([w * 0 for w in m36.get_weights()])",
    ),
    "a model that is frozen": (
        "m37 = keras.Sequential([keras.Input((2,)), layers.Dense(1)])\n"
        "def f37():\n    return len(m37.trainable_weights)",
        "f37()", 2, "m37.trainable = False",
    ),
    "a layer that reads a global": (
        "s38 = 2.0\nclass L38(layers.Layer):\n    def call(self, x):\n        return x * s38", "number(L38()(ones))", 2,
        "s38 = 3.0",
    ),
    "a model of such a layer": (
        "s39 = 2.0\nclass L39(layers.Layer):\n    def call(self, x):\n        return x * s39\n"
        "e39 = keras.Input((2,))\nm39 = keras.Model(e39, L39()(e39))",
        "number(m39(ones))", 2, "s39 = 3.0",
    ),
    "a layer with an attribute": (
        "class L40(layers.Layer):\n    def __init__(self, s):\n        super().__init__()\n        self._s = s\n"
        "    def call(self, x):\n        return x * self._s\nl40 = L40(2.0)\ne40 = keras.Input((2,))\n"
        "m40 = keras.Model(e40, l40(e40))",
        "number(m40(ones))", 2, "l40._s = 3.0",
    ),
    "a Lambda that reads a global": (
        "s41 = 2.0\ne41 = keras.Input((2,))\nm41 = keras.Model(e41, layers.Lambda(lambda x: x * s41)(e41))",
        "number(m41(ones))", 2, "s41 = 3.0",
    ),
    "an activation that reads a global": (
        "s42 = 2.0\ndef act42(x):\n    return x * s42\ne42 = keras.Input((2,))\n"
        "m42 = keras.Model(e42, layers.Activation(act42)(e42))",
        "number(m42(ones))", 2, "s42 = 3.0",
    ),
    "Keras's precision": (
        "def f43():\n    return layers.Dense(1).compute_dtype", "f43()", "float32",
        "keras.config.set_dtype_policy('mixed_bfloat16')",
    ),
    "a generator of random numbers": (
        "r44 = np.random.default_rng(3)\nb44 = np.random.default_rng(3).random()\n"
        "f44 = lambda: bool(r44.random() == b44)",
        "f44()", True, "r44.random(7)",
    ),
    "an enclosed class": (
        "s45 = 2\ndef make45():\n    class C:\n        def m(self, x):\n            return x * s45\n    return C()\n"
        "c45 = make45()\nf45 = lambda x: c45.m(x)",
        "f45(5)", 10, "s45 = 3",
    ),
    "a variable": (
        "v46 = keras.Variable(2.0)\nf46 = lambda x: float(x * v46.numpy())", "f46(5)", 10, "v46.assign(3.0)",
    ),
    "a list of layers in a layer": (
        "class L48(layers.Layer):\n    def __init__(self):\n        super().__init__()\n"
        "        self.parts = [layers.Dense(1, kernel_initializer='ones')]\n"
        "    def call(self, x):\n        return self.parts[0](x)\nl48 = L48()\ne48 = keras.Input((2,))\n"
        "m48 = keras.Model(e48, l48(e48))\nf48 = lambda: [len(l48.parts), len(l48.weights)]",
        "f48()", [1, 2], "l48.parts.clear()",
    ),
    "what the teacher gave": ("def f47():\n    return sum(given)", "f47()", 3, "given.append(9)"),
    "a Sequential that grows": (
        "m60 = keras.Sequential([keras.Input((2,)), layers.Dense(1, kernel_initializer='ones')])\n"
        "f60 = lambda x: number(m60(x * ones))",
        "f60(5)", 10, "m60.add(layers.Rescaling(3.0)); m60(ones)",
    ),
    "a Sequential that shrinks": (
        "m61 = keras.Sequential([keras.Input((2,)), layers.Rescaling(2.0), layers.Rescaling(1.0)])\n"
        "f61 = lambda x: number(m61(x * ones))",
        "f61(5)", 10, "m61.pop(); m61.pop(); m61.add(layers.Rescaling(9.0))",
    ),
    "a model compiled anew": (
        "m62 = keras.Sequential([keras.Input((2,)), layers.Dense(1, kernel_initializer='zeros')])\n"
        "m62.compile(loss='mse')\n"
        "f62 = lambda x: m62.evaluate(ones, ones[:, :1] * x, verbose=0)",
        "f62(3)", 9, "m62.compile(loss='mae', metrics=['mae'])",
    ),
    "a model compiled later": (
        "m63 = keras.Sequential([keras.Input((2,)), layers.Dense(1)])\nf63 = lambda: m63.compiled",
        "f63()", False, "m63.compile(loss='mae')",
    ),
    "a learning rate": (
        "m64 = keras.Sequential([keras.Input((2,)), layers.Dense(1)])\nm64.compile(keras.optimizers.SGD(0.5), 'mse')\n"
        "f64 = lambda: number(m64.optimizer.learning_rate)",
        "f64()", 0.5, "m64.compile('adam', 'mse')",
    ),
}  # fmt: skip

KEPT = {
    # What a function does when a test calls it stays until the next test, as in one kernel.
    "a count": ("n50 = 0\ndef f50():\n    global n50\n    n50 += 1\n    return n50", "f50()", 1, ""),
    "more": ("other = 1", "f50()", 2, ""),
    "a memory": ("kept52 = []\ndef f52(x):\n    kept52.append(x)\n    return sum(kept52)", "f52(2)", 2, ""),
    "more of it": ("another = 1", "f52(3)", 5, ""),
    # What a cell changes before the test is there.
    "changed in time": ("s1 = 4", "f1(5)", 20, ""),
}


def judged(cells: list[tuple[Role, str]]) -> Result:
    marks = {Role.ANSWER: {"solution": True, "grade": False}, Role.TEST: {"grade": True, "solution": False}}
    notebook = new_notebook(
        cells=[
            new_code_cell(
                text, metadata={"nbgrader": {"grade_id": f"g{place}", **marks[role]}} if role in marks else {}
            )
            for place, (role, text) in enumerate(cells)
        ]
    )
    planned = Plan(notebook, seconds=60).cells(notebook, [role for role, _ in cells])
    return execute(Job(planned, NAMESPACES, policy(NAMESPACES)))


@pytest.fixture(scope="module")
def run() -> dict[str, str]:
    """By form: what the test showed."""
    forms = {**FORMS, **KEPT}
    cells = [(Role.GIVEN, SET_UP)]
    for answer, test, *_ in forms.values():
        cells += [(Role.ANSWER, answer), (Role.TEST, test)]
    cells += [(Role.ADDED, later) for *_, later in forms.values() if later]
    result = judged(cells)
    assert not result.trouble
    failed = [
        place for place, outputs in result.outputs.items() if place % 2 and any("ename" in each for each in outputs)
    ]
    told = {
        name: json.dumps(result.outputs[2 * place + 1][-1:] + result.outputs[2 * place + 2][-1:])
        for place, name in enumerate(forms)
        if 2 * place + 1 in failed
    }
    assert not told
    return {name: result.outputs[2 * place + 2] for place, name in enumerate(forms)}


@pytest.mark.parametrize("name", [*FORMS, *KEPT])
def test_a_test_finds_what_stood_there_at_its_place(run, name: str):
    *_, expected, _ = {**FORMS, **KEPT}[name]
    assert "data" in run[name][-1], run[name]
    assert eval(run[name][-1]["data"]["text/plain"]) == expected


def test_what_cannot_be_put_back_is_said(tmp_path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)  # what lies there is the notebook's own
    names = {"left": iter([1, 2, 3]), "lines": [1]}
    exec("def first():\n    return lines[0]\ndef following():\n    return next(left)", names)
    following = names.pop("following")
    moments = Moments(names, names.keys() - {"left", "lines", "first"})
    moments.note(0)
    names["following"] = following
    names["lines"][0] = 2
    moments.note(1)
    moments.note(2)
    assert moments.return_to(1) == (False, True)
    assert moments.return_to(0) == (True, False)
    assert names["first"]() == 1 and "following" not in names
    assert moments.return_to(7) == (False, False)


def test_what_a_library_keeps_in_its_functions_is_its_own_affair(tmp_path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    library: dict = {"__name__": "library"}
    exec(
        "def made(kept):\n    def inner(f=None):\n        return kept, f\n    return inner\n"
        "class Map:\n    def __call__(self):\n        return 1",
        library,
    )
    monkeypatch.setitem(sys.modules, "library", types.SimpleNamespace(__name__="library", __file__="/usr/lib.py"))

    def unsure(cell: str = "", **names) -> bool:
        moments = Moments(of_the_notebook(cell, **names))
        moments.note(0)
        moments.note(1)
        return moments.return_to(0)[1]

    following = iter([1])
    # As %pylab brings them along.
    assert not unsure(plot=library["made"](following), colours=library["Map"](), rand=np.random.rand)
    assert unsure(following=following, cell="def f():\n    return next(following)")
    assert unsure(colours=library["Map"](), cell="def f():\n    return colours()")
    assert unsure(following=following, made=library["made"], cell="f = made(lambda: next(following))")
    assert unsure(f=functools.partial(next, following))


def of_the_notebook(cell: str, **names) -> dict:
    """The names after a cell."""
    exec(cell, names)
    del names["__builtins__"]
    return names


def test_of_arrays_that_are_too_large_to_be_kept_a_change_is_said(tmp_path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("functional_course.grading.executing.moments.MOST_BYTES", 100)
    small, large, still = np.zeros(8), np.zeros(80), np.ones((5, 8)).T
    moments = Moments(of_the_notebook("f = lambda: (small, large, still)", small=small, large=large, still=still))
    moments.note(0)
    small[0] = 1
    moments.note(1)
    large[79] = 1
    moments.note(2)
    assert moments.return_to(1) == (True, True)
    assert moments.return_to(0) == (True, False) and small[0] == 0
    assert moments.return_to(1) == (True, True)  # what it held then is not kept any more
    assert still.all()


def test_where_there_is_too_much_to_look_at_all_that_is_doubtful(tmp_path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("functional_course.grading.executing.moments.MOST_OBJECTS", 20)
    rows: list[list[int]] = [[]]
    moments = Moments(of_the_notebook("f = lambda: rows", rows=rows))
    moments.note(0)
    rows += [[] for _ in range(20)]
    moments.note(1)
    assert moments.return_to(1) == (False, True)
    assert moments.return_to(0) == (True, False)


def test_an_object_that_raises_when_it_is_looked_at_hides_nothing_else(tmp_path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)

    class Rude:
        def __getattribute__(self, name):
            raise RuntimeError(name)

        def __eq__(self, other):
            raise RuntimeError

        __hash__ = None

    rude, rows = Rude(), [1]
    names = of_the_notebook("f = lambda: (rude, rows)", rude=rude, rows=rows)
    moments = Moments(names)
    moments.note(0)
    rows.append(2)
    moments.note(1)
    moments.return_to(0)
    assert rows == [1]


@pytest.mark.parametrize(
    "said", [None, 3, "no", [], [True], [0, 1], (False, False), {"a": 1}, np.zeros(2), [np.zeros(2)] * 2]
)
def test_what_a_learners_side_says_of_a_moment_is_looked_at(said):
    assert _checked_moment(said) == (True, True)
    assert _checked_moment([False, True]) == (False, True)
