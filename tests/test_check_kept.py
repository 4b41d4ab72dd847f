"""`course check` judges a task again if something changed that it needs, and only then."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from functional_course import cli
from functional_course.checking import check_notebook, kept, watching
from functional_course.cli import console
from functional_course.grading.analysis import effects
from functional_course.grading.judging import basis, execution
from functional_course.grading.taking_in.cell import Cell
from functional_course.grading.taking_in.needs import Needs
from functional_course.grading.taking_in.roles import Role
from functional_course.terminal import Console

import nbformat
import pytest
from click.testing import CliRunner
from small_course import ANSWERS, ASSIGNMENT, make_course, put_exercise

pytestmark = pytest.mark.xdist_group("grading")

RIGHT = {task: right for task, (_, right) in ANSWERS.items()}
MORE = {"again": ("again = twice(4)", "assert again == 8")}
"""A task whose answer needs another's."""

ALL = {**RIGHT, "total": "total = 42", "again": MORE["again"][0]}
EACH = ["again", "total", "twice"]


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return make_course(tmp_path, MORE)


@pytest.fixture
def cells(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many cells ran in each execution."""
    runs: list[int] = []
    execute = execution.execute

    def counted(job: execution.Job, *more: Callable) -> execution.Result:
        runs.append(len(job.cells))
        return execute(job, *more)

    monkeypatch.setattr(execution, "execute", counted)
    return runs


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The tasks whose tests ran in each execution."""
    runs: list[list[str]] = []
    execute = execution.execute

    def counted(job: execution.Job, *more: Callable) -> execution.Result:
        names = [cell.name.strip("`") for cell in job.cells]
        runs.append(sorted(name.removeprefix("test-") for name in names if name.startswith("test-")))
        return execute(job, *more)

    monkeypatch.setattr(execution, "execute", counted)
    return runs


def test_unchanged_executes_nothing_and_says_when_it_was_judged(
    course: Path, executed: list[list[str]], monkeypatch: pytest.MonkeyPatch
):
    path = put_exercise(course, {**ALL, "twice": "def twice(number):\n    return 2"})
    first = check_notebook(path)
    assert executed == [EACH] and not any(task.when for task in first.tasks)
    monkeypatch.setattr(console, "out", Console(width=200))
    shown = CliRunner().invoke(cli.main, ["check", str(path)])
    assert executed == [EACH] and shown.exit_code == console.FAILED
    assert shown.output.count("as checked at ") == 3 and "✗ twice other numbers" in shown.output
    second = check_notebook(path)
    assert [(task.name, task.earned, task.verdicts) for task in second.tasks] == [
        (task.name, task.earned, task.verdicts) for task in first.tasks
    ]
    check_notebook(path, again=True)
    assert executed == [EACH, EACH]


def test_the_first_check_executes_every_cell_and_the_next_what_the_task_needs(course: Path, cells: list[int]):
    path = put_exercise(course, ALL)
    notebook = nbformat.read(path, 4)
    notebook.cells.insert(2, nbformat.v4.new_code_cell("1 / 0"))
    nbformat.write(notebook, path)
    assert check_notebook(path).passed
    notebook.cells[3].source = "total = 40 + 2"
    nbformat.write(notebook, path)
    assert check_notebook(path).passed
    # The task that changed needs nothing of its first cell but what a rubric is.
    assert cells == [8, 3]


def test_watched_it_says_what_changed_before_it_is_judged_and_shows_it_first(
    course: Path, executed: list[list[str]], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(console, "out", Console(width=200))
    path = put_exercise(course, ALL)
    saved = iter([lambda: put_exercise(course, {**ALL, "twice": "def twice(n):\n    return 3 * n"})])

    def wait(seconds: float) -> None:
        step = next(saved, None)
        if step is None:
            raise KeyboardInterrupt
        step()

    monkeypatch.setattr(watching, "wait", wait)
    done = CliRunner().invoke(cli.main, ["check", "--watch", str(path)])
    first, second = done.output.split("small.ipynb: ")[1:]
    assert first.startswith("total, twice, again\n") and second.startswith("twice, again\n")
    rows = [line.split()[1] for line in second.splitlines() if line.startswith("│ ") and " of " in line]
    assert rows == ["twice", "again", "total"] and done.exit_code == console.FAILED


def test_a_change_of_one_task_executes_that_one_and_those_that_need_it(course: Path, executed: list[list[str]]):
    check_notebook(put_exercise(course, ALL))
    report = check_notebook(put_exercise(course, {**ALL, "total": "total = 41"}))
    assert [task.earned for task in report.tasks] == [1, 3, 1]
    assert [bool(task.when) for task in report.tasks] == [False, True, True]
    report = check_notebook(
        put_exercise(course, {**ALL, "total": "total = 41", "twice": "def twice(n):\n    return 3 * n"})
    )
    assert [task.earned for task in report.tasks] == [1, 0, 0]
    check_notebook(put_exercise(course, {**ALL, "total": "total = 41", "twice": "def twice(n):\n    return 3 * n"}))
    assert executed == [EACH, ["total"], ["again", "twice"]]


def _in_the_solution(course: Path, cell: str, change: Callable[[str], str]) -> None:
    path = course / "solutions" / ASSIGNMENT / "small.ipynb"
    notebook = nbformat.read(path, 4)
    for each in notebook.cells:
        if each.id == cell:
            each.source = change(each.source)
    nbformat.write(notebook, path)


def test_a_changed_given_cell_is_a_reason_for_the_tasks_that_need_it(course: Path, executed: list[list[str]]):
    answers = {**ALL, "total": "total = offset"}
    assert check_notebook(put_exercise(course, answers)).tasks[0].earned == 1
    _in_the_solution(course, "setup", lambda source: source.replace("offset = 2", "offset = 42"))
    assert check_notebook(put_exercise(course, answers)).tasks[0].earned == 3
    # Both rubrics come from that cell as well.
    assert executed == [EACH, ["total", "twice"]]


def test_a_changed_test_is_a_reason(course: Path, executed: list[list[str]]):
    path = put_exercise(course, ALL)
    check_notebook(path)
    _in_the_solution(course, "test-total", lambda source: source.replace("total == 42", "total == 43"))
    assert check_notebook(path).tasks[0].earned == 1
    assert executed == [EACH, ["total"]]


def test_other_versions_and_options_are_reasons(
    course: Path, executed: list[list[str]], monkeypatch: pytest.MonkeyPatch
):
    path = put_exercise(course, ALL)
    check_notebook(path)
    check_notebook(path, timeout=60)
    check_notebook(path, timeout=60, sandbox=False)
    (course / "solutions" / ASSIGNMENT / "rows.csv").write_text("1,2\n")
    check_notebook(path, timeout=60, sandbox=False)
    made = basis.made_with()
    monkeypatch.setattr(basis, "made_with", lambda: {**made, "Keras": "0.1"})
    check_notebook(path, timeout=60, sandbox=False)
    assert executed == [EACH] * 5


@pytest.mark.parametrize(
    "answer", ["%alias_magic t time\ntotal = 42", "from math import *\ntotal = 42", "exec('total = 42')"]
)
def test_where_nobody_can_tell_what_an_answer_does_the_whole_notebook_is_judged(
    course: Path, executed: list[list[str]], answer: str
):
    check_notebook(put_exercise(course, {**ALL, "total": answer}))
    check_notebook(put_exercise(course, {**ALL, "total": answer, "again": "again = 8"}))
    assert executed == [EACH, EACH]


def test_a_cell_of_the_learners_own_counts_if_its_names_do(course: Path, executed: list[list[str]]):
    path = put_exercise(course, {**ALL, "total": "total = offset"})
    check_notebook(path)
    notebook = nbformat.read(path, 4)
    notebook.cells.insert(2, nbformat.v4.new_code_cell("print(offset)"))
    nbformat.write(notebook, path)
    check_notebook(path)
    assert executed == [EACH]
    notebook.cells[2].source = "offset = 42"
    nbformat.write(notebook, path)
    assert check_notebook(path).tasks[0].earned == 3
    assert executed == [EACH, ["total"]]


def test_what_ended_its_process_is_not_kept_nor_is_what_comes_after_it(course: Path, executed: list[list[str]]):
    path = put_exercise(course, {**ALL, "total": "import os\nos._exit(1)"})
    check_notebook(path)
    report = check_notebook(path)
    assert executed == [EACH, EACH]
    assert "ended its Python process" in report.tasks[0].stopped and report.tasks[1].passed


@pytest.mark.parametrize("damage", ["cut", "other points", "other shape", "not UTF-8"])
def test_a_damaged_store_counts_as_empty(course: Path, executed: list[list[str]], damage: str):
    path = put_exercise(course, ALL)
    check_notebook(path)
    store = course / kept.FOLDER / ASSIGNMENT / "small.json"
    text = store.read_text()
    damaged = {
        "cut": text[: len(text) // 2].encode(),
        "other points": text.replace('"earned": 1', '"earned": 2').encode(),
        "other shape": json.dumps({"sum": kept._sum({"a": 1}), "tasks": {"a": 1}}).encode(),
        "not UTF-8": b"\xff",
    }[damage]
    assert damaged != text.encode()
    store.write_bytes(damaged)
    assert check_notebook(path).points == (7, 7, 7)
    assert executed == [EACH, EACH]


# --- what a task needs ------------------------------------------------------------------------------------------------


def needed(root: int, *cells: tuple[str, str]) -> list[int]:
    """The places of the cells that one needs, where the cells have these roles and texts."""
    made = [Cell(index, Role.named(role), source, 10) for index, (role, source) in enumerate(cells)]
    return sorted(Needs(made).of({root}))


@pytest.mark.parametrize(
    ("cells", "places"),
    [
        ([("given", "x = 1"), ("given", "y = 1"), ("test", "assert x")], [0, 2]),
        ([("given", "x = 1"), ("given", "y = x"), ("test", "assert y")], [0, 1, 2]),
        ([("given", "x = 1"), ("answer", "x = 2"), ("test", "assert x")], [0, 1, 2]),
        # What acts by itself may change what others hold, however that came about.
        ([("given", "x = []"), ("answer", "x.append(1)"), ("test", "assert x")], [0, 1, 2]),
        ([("given", "m = f()"), ("answer", "for l in m.layers:\n    l.on = False"), ("test", "m")], [0, 1, 2]),
        ([("given", "m = f()"), ("answer", "def off(m):\n    m.on = False\noff(m)"), ("test", "m")], [0, 1, 2]),
        ([("given", "b = f()"), ("answer", "m = g([b])"), ("added", "b.on = False"), ("test", "m")], [0, 1, 2, 3]),
        ([("given", "m = f()"), ("added", "h = m.layers[-1]"), ("added", "h.on = 0"), ("test", "m")], [0, 1, 2, 3]),
        ([("given", "x = np.ones(3)"), ("answer", "y = x\ny /= 2"), ("test", "x")], [0, 1, 2]),
        ([("given", "m = f()"), ("answer", "def o(): return m"), ("added", "o().on = 0"), ("test", "m")], [0, 1, 2, 3]),
        ([("answer", "s = Seen()"), ("answer", "m = f()"), ("added", "h = m.fit(s)"), ("test", "s")], [0, 1, 2, 3]),
        ([("answer", "m = f()"), ("added", "trial = layers.Dense(3)"), ("test", "m.get_layer('dense_1')")], [0, 1, 2]),
        ([("answer", "class M: pass"), ("added", "M.units = 3"), ("test", "M().units")], [0, 1, 2]),
        ([("answer", "class M: pass\nM.units = 3"), ("answer", "def f(): pass"), ("test", "M().units")], [0, 2]),
        ([("added", "t = []"), ("added", "def put(x): t.append(x)"), ("added", "put(1)"), ("test", "t")], [0, 1, 2, 3]),
        ([("given", "rows = iter(x)"), ("answer", "first = next(rows)"), ("test", "rows")], [0, 1, 2]),
        ([("added", "@keras.saving.register_keras_serializable()\nclass A: pass"), ("test", "x")], [0, 1]),
        ([("added", "keras.utils.set_random_seed(3)"), ("answer", "m = f()"), ("test", "m")], [0, 1, 2]),
        ([("answer", "y = ("), ("test", "x")], [0, 1]),
        ([("added", "    rows.append(2)"), ("test", "rows")], [0, 1]),
        # What only defines something is needed for its names, wherever they are read.
        ([("answer", "def f(): return 1"), ("answer", "def g(): return 2"), ("test", "g()")], [1, 2]),
        ([("answer", "def f(): return 1"), ("answer", "def g(): return f()"), ("test", "g()")], [0, 1, 2]),
        ([("answer", "a = 1\ndef f():\n    return a"), ("answer", "a = 2"), ("test", "f()")], [0, 1, 2]),
        ([("answer", "def f(): raise Unwritten()"), ("answer", "raise NotImplementedError()"), ("test", "x")], [2]),
        ([("given", "import numpy as np"), ("answer", "class A(layers.Layer):\n    n = 3"), ("test", "np")], [0, 2]),
        # A test is needed for its names, and if it uses what may change something or remember.
        ([("given", "m = 1"), ("answer", "def f(m): m.on = 0"), ("test", "f(m)"), ("test", "m")], [0, 1, 2, 3]),
        ([("given", "m = 1"), ("answer", "def f(m): return m.name"), ("test", "f(m)"), ("test", "m")], [0, 3]),
        ([("answer", "x = 1"), ("test", "found = x"), ("test", "found")], [0, 1, 2]),
        # No answer sees what a test binds.
        ([("test", "x = 1"), ("answer", "y = x"), ("test", "y")], [1, 2]),
        ([("added", "t = []"), ("answer", "def f(): t.append(1)"), ("test", "f()"), ("answer", "def g(): return t"),
          ("test", "g()")], [0, 1, 2, 3, 4]),
        ([("answer", "def f(x, seen=[]): seen.append(x)"), ("test", "f(1)"), ("test", "f(2)")], [0, 1, 2]),
        ([("answer", "def f(x): return [x]"), ("test", "f(1)"), ("test", "f(2)")], [0, 2]),
        # Nobody can tell.
        ([("given", "keras.config.set_floatx('float16')"), ("given", "def f(): pass"), ("test", "2")], [0, 2]),
        ([("given", "x = 1"), ("added", "keras.x = 1"), ("given", "y = 1"), ("test", "x")], [0, 1, 2, 3]),
        ([("added", "class A:\n    def __init_subclass__(cls): pass"), ("test", "x")], [0, 1]),
    ],
)  # fmt: skip
def test_a_task_needs_what_makes_or_changes_what_it_reads(cells: list[tuple[str, str]], places: list[int]):
    assert needed(len(cells) - 1, *cells) == places


BASE = ("given", "base = {'on': True}")
FREEZE = ("answer", "def freeze(m):\n    m['on'] = False\n    return m")
LAST = ("test", "assert base['on']")

ACTS = {
    "future": [("added", "from __future__ import annotations"), ("answer", "def f(x: Y): pass"), ("test", "f(1)")],
    "what was shown": [("added", "3 + 4"), ("answer", "total = _"), ("test", "total")],
    "what was shown first": [("added", "3 + 4"), ("answer", "total = _1"), ("test", "total")],
    "sum of tensors": [("added", "y = a + b"), ("answer", "m = keras.Model(a, b)"), ("test", "m")],
    "own summary": [("added", "net.summary()"), ("answer", "class Net:\n    def summary(self): pass"), ("test", "net")],
    "own display": [("added", "display(3)"), ("answer", "def display(m): shown.append(m)"), ("test", "shown")],
    "taken apart": [("added", "a, b = rows"), ("given", "rows = 1"), ("test", "rows")],
    "read late": [("added", "k = 10"), ("answer", "rows = (x * k for x in [1])"), ("test", "sum(rows)")],
    "raised": [("added", "raise KeyError() from rows.pop()"), ("test", "rows")],
    "no Python": [("added", "    def put(x): rows.append(x)"), ("test", "put(1)"), ("test", "rows")],
    "metaclass": [("added", "class B(Base): pass"), ("given", "class M(type): pass"), ("test", "made")],
    "subclass": [("added", "class B(Base): pass"), ("given", "__init_subclass__ = f"), ("test", "made")],
    "plus": [("added", "n = 1"), ("answer", "class K:\n    def __add__(self, o): return n"), ("test", "K()")],
    "decorator": [("added", "@rules.setter\ndef f(): pass"), ("test", "rows")],
    "local module": [("added", "import mine"), ("test", "string.digits")],
    "part of a package": [("added", "from xml.dom import minidom"), ("answer", "import xml"), ("test", "xml.dom")],
    "command": [("added", "cd"), ("test", "x")],
    "by name": [("added", "x = 3"), ("given", "def look(n): return eval(n)"), ("test", "look('x')")],
    "in __main__": [("added", "x = 3"), ("answer", "import __main__\ndef f(): return __main__.x"), ("test", "f()")],
    "counted name": [("added", "size = 1"), ("answer", "m.get_layer('dense_1')"), ("test", "m")],
}
"""By what it is, a notebook whose first cell has to be needed by its last."""


@pytest.mark.parametrize("kind", ACTS)
def test_a_cell_that_does_something_unseen_is_needed(kind: str):
    assert 0 in needed(len(ACTS[kind]) - 1, *ACTS[kind])


@pytest.mark.parametrize(
    "cells",
    [
        [("given", "import contextlib"), ("test", "with a:\n    m = 1"), ("test", "with a:\n    m = f()\nassert m")],
        [("given", "def report():\n    return m"), ("test", "m = 1"), ("test", "report()")],
        [("given", "x = 1"), ("test", "x = 5"), ("given", "y = x"), ("test", "y")],
        [("test", "def scaled(x):\n    return x * k"), ("test", "k = 3"), ("test", "scaled(1)")],
        [("given", "import random as rnd"), ("test", "assert rnd.random()"), ("test", "assert rnd.random() > 0.8")],
    ],
)
def test_a_test_is_needed_by_whoever_reads_its_names_or_draws_after_it(cells: list[tuple[str, str]]):
    assert 1 in needed(len(cells) - 1, *cells)


@pytest.mark.parametrize(
    "answer",
    [
        # Changes
        "def f():\n    base['on'] = 0",
        "def f():\n    np.random.shuffle(base)",
        "def f():\n    rng = np.random.default_rng(0)\n    rng.shuffle(base)",
        "def f():\n    np.divide(base, 2, out=base)",
        "def f():\n    np.sqrt(base, base)",
        "def f():\n    heapq.heappush(base, 1)",
        "def f():\n    y = base\n    y += 1",
        "def f():\n    for y in base:\n        y -= 1",
        "def f():\n    list(map(base.append, [1]))",
        "def f():\n    rows = [base]\n    rows[0].on = 0",
        "def f():\n    return queue.get()",
        "def get():\n    return base\ndef f():\n    r = get()\n    r.append(1)",
        "ways = {'put': base.append}\ndef f():\n    ways['put'](1)",
        "import collections\ntable = collections.defaultdict(list)\ndef f():\n    return table[1]",
        "lines = iter('ab')\ndef f():\n    return list(lines)",
        "lines = zip('ab', 'cd')\ndef f():\n    return [a for a in lines]",
        "net = keras.Sequential([layers.Dense(2)])\ndef f():\n    return net(1)",
        # Callables of other kinds
        "def g():\n    base['on'] = 0\nf = g",
        "f = lambda: base.update(on=0)",
        "f = base.clear",
        "def make():\n    n = []\n    def g():\n        n.append(1)\n    return g\nf = make()",
        "class F:\n    def __call__(self):\n        self.n = 1\nf = F()",
        "class F:\n    seen = []\n    def add(self):\n        self.seen.append(1)\ndef f():\n    F().add()",
        "class F:\n    def __init__(self, to):\n        self.to = to\n"
        "    def put(self):\n        self.to.append(1)\nf = F(base)",
        "import functools\ndef g():\n    return 1\nf = functools.lru_cache(g)",
        "def f(x=1, seen=[]):\n    seen.append(x)",
        "def f():\n    for n in range(3):\n        yield base",
    ],
)
def test_a_test_is_needed_that_uses_what_may_change_or_remember_something(answer: str):
    imports = ("given", "import keras\nimport numpy as np\nimport heapq\nfrom keras import layers")
    cells = [imports, BASE, ("answer", answer), ("test", "assert f() is None"), LAST]
    assert 3 in needed(4, *cells)
    assert 3 in needed(5, *cells[:3], ("test", "def help_me():\n    f()"), ("test", "help_me()"), LAST)


@pytest.mark.parametrize(
    "test",
    ["freeze(base)", "for each in [base]:\n    freeze(each)", "list(map(freeze, [base]))", "check(freeze, base)"],
)
def test_however_a_test_hands_something_on_it_is_needed(test: str):
    assert 2 in needed(3, BASE, FREEZE, ("test", test), LAST)
    given = ("given", "count = 0\ndef check(f, m):\n    global count\n    count += 1")
    assert 2 in needed(3, BASE, given, ("test", "check(1, 2)"), LAST)


@pytest.mark.parametrize(
    "answer",
    [
        "def f(m):\n    return keras.Model(m.inputs, layers.Dense(3)(m.output))",
        "def f(x, units=(3, 4)):\n    for each in units:\n        x = layers.Dense(each)(x)\n    return x",
        "def f(rows):\n    found = []\n    for row in rows:\n        found.append(np.mean(row))\n    return max(found)",
        "def f(m):\n    new = keras.Sequential([m])\n    new.compile('sgd', 'mse')\n    return new",
        "def f(seed):\n    rng = np.random.default_rng(seed)\n    return rng.permutation(base['on'])",
        "class A(layers.Layer):\n    def __init__(self, n):\n        super().__init__()\n        self.n = n\n"
        "    def build(self, shape):\n        self.w = self.add_weight(shape=(self.n,))\n"
        "    def call(self, x):\n        return x * self.w\ndef f(x):\n    return A(3)(x)",
    ],
)
def test_a_test_is_left_out_whose_answer_only_reads_and_makes_anew(answer: str):
    imports = ("given", "import keras\nimport numpy as np\nfrom keras import layers")
    assert needed(4, imports, BASE, ("answer", answer), ("test", "assert f(base)"), LAST) == [1, 4]


@pytest.mark.parametrize(
    ("source", "beyond"),
    [
        ("%matplotlib inline", True),
        ("!ls", True),
        ("from os.path import *", True),
        ("def f():\n    global x\n    x = 1", True),
        ("setattr(keras, 'x', 1)", True),
        ("model.save('a.keras')", True),
        ("np.random.default_rng = None", True),
        ("layers.Dense.call = f", True),
        ("from keras.config import set_floatx\nset_floatx('float16')", True),
        ("from keras.config import set_floatx as to", True),
        ("config = keras.config\nconfig.set_floatx('float16')", True),
        ("from os import environ", True),
        ("from keras.utils import set_random_seed\nset_random_seed(1)", False),
        ("keras.utils.set_random_seed(1)", False),
        ("model.set_weights(w)", False),
        ("x = keras.Input((3,))", False),
        ("x = (", True),
    ],
)
def test_what_no_name_tells_of_is_noticed(source: str, beyond: bool):
    assert effects.reaches_beyond(source) == beyond
