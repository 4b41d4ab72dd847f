"""The names that a released cell reads and binds, and what a plan makes of them."""

from __future__ import annotations

from functional_course.grading.analysis.scope import (
    binds_unknown,
    changed,
    definitions,
    is_python,
    loaded,
    python_of,
    read_first,
    read_later,
    read_unsure,
    stored,
    surely_bound,
    wanted,
)
from functional_course.grading.taking_in.cell import Cell
from functional_course.grading.taking_in.plan import ONLY_SHOWS, Plan
from functional_course.grading.taking_in.roles import Role, released_roles

import nbformat
import pytest
from conftest import ROOT
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook


@pytest.mark.parametrize(
    ("source", "binds", "reads", "first", "surely"),
    [
        ("x = 1", "x", "", "", "x"),
        ("x += 1", "x", "x", "x", "x"),
        ("x[0] = y", "", "x y", "x y", ""),
        ("x.y = z", "", "x z", "x z", ""),
        ("x: int", "", "int", "int", ""),
        ("x: int = y", "x", "int y", "int y", "x"),
        ("del x", "x", "x", "x", ""),
        ("a, (b, *c) = d", "a b c", "d", "d", "a b c"),
        ("x = 1\nprint(x)", "x", "print x", "print", "x"),
        ("def f(a, b=c):\n    d = a\n    return d + e", "f", "c e", "c e", "f"),
        ("async def f(a):\n    b = 1\n    await g(a, b)", "f", "g", "g", "f"),
        ("def f():\n    global x\n    x = 1", "f x", "", "", "f"),
        ("def f(x):\n    def g():\n        nonlocal x\n        x = y\n    return g", "f", "y", "y", "f"),
        ("class A(B):\n    c = d\n    def e(self):\n        return f", "A", "B d f", "B d f", "A"),
        ("g = lambda model: model.layers\nmodel.fit(g)", "g", "g model", "model", "g"),
        ("[x for x in y]\nz = {k: v for k, v in w}", "z", "w y", "w y", "z"),
        ("print([n := m for m in o], n)", "n", "n o print", "n o print", ""),
        ("if a:\n    b = 1\nprint(b)", "b", "a b print", "a b print", ""),
        ("if a:\n    b = 1\nelse:\n    b = 2\nc = b", "b c", "a b", "a", "b c"),
        ("for i in r:\n    print(i)", "i", "i print r", "print r", ""),
        ("while (n := f()):\n    m = n", "m n", "f n", "f", "n"),
        ("with a as b, c(b) as d:\n    e = d", "b d e", "a b c d", "a c", ""),
        ("async with a as b:\n    await b", "b", "a b", "a", ""),
        ("assert a or (b := 1)", "b", "a", "a", ""),
        ("try:\n    import a\nexcept ImportError as e:\n    a = None", "a e", "ImportError", "ImportError", "a"),
        ("try:\n    a = 1\nexcept E:\n    pass\nfinally:\n    b = 1", "a b", "E", "E", "b"),
        ("match s:\n    case [x, *r]:\n        y = x", "r x y", "s x", "s x", ""),
        ("import a.b, c.d as e\nfrom f import g as h", "a e h", "", "", "a e h"),
        ("await f(x)", "", "f x", "f x", ""),
        ("x = [await t async for t in u]", "x", "u", "u", "x"),
        ("return x", "", "x", "x", ""),
        ('assert globals()["total"] == 3', "", "globals total", "globals total", ""),
        ('eval("total + 1")', "", "eval total", "eval total", ""),
        ("print('total')", "", "print", "print", ""),
        ("%matplotlib inline\nx = y", "x", "get_ipython inline matplotlib y", None, "x"),
        ("files = !ls\nx = %time f(files)", "files x", None, None, "files x"),
        ("%%time\nx = y", "x", "y", "y", "x"),
        ("%%capture out\nx = y", "out x", "y", "y", "out x"),
        ("%%capture --no-stderr out\n%%time\nx = y", "out x", "y", "y", "out x"),
        ("%%bash --out listed\nx=3", "listed", None, None, "listed"),
        ("%%writefile mine.py\nx = 3", "", None, None, ""),
        ("%prun -q -l 5 x = f(y)\nif x:\n    %time z = x", "x z", "f x y", "f y", "x"),
    ],
)
def test_names_of_a_cell(source: str, binds: str, reads: str | None, first: str | None, surely: str):
    assert stored(source) == set(binds.split())
    assert surely_bound(source) == set(surely.split())
    for found, expected in ((loaded(source), reads), (read_first(source), first)):
        assert expected is None or found == set(expected.split())
    assert read_first(source) <= loaded(source) | surely_bound(source)


def test_what_a_with_binds_may_be_unbound_after_it():
    twice = "with rubric.criterion(1, 'a'):\n    model = build()\nwith rubric.criterion(1, 'b'):\n    assert model"
    assert read_unsure(twice) - read_first(twice) == {"model"}
    once = "with rubric.criterion(1, 'a'):\n    model = build()\n    assert model"
    assert read_unsure(once) == read_first(once)


def test_a_generator_reads_its_names_when_somebody_goes_through_it():
    assert read_later("rows = (x * offset for x in y)") == {"offset", "y"}
    assert read_later("rows = [x * offset for x in y]") == set()


@pytest.mark.parametrize(
    "deep", [" + ".join(["'a'"] * 400), "f(" * 300 + ")" * 300, "-" * 3000 + "1", "y" + ".a()" * 400]
)
def test_what_is_too_deep_for_pythons_tools_may_need_every_word_in_it(deep: str):
    assert not is_python(f"x = {deep}") and binds_unknown(f"x = {deep}")
    assert not is_python("if a: pass\n" + "elif b: pass\n" * 900)


def test_what_ipython_cannot_read_is_left_as_it_is():
    assert python_of("x =%\\\n") == "x =%\\\n"


def test_a_timed_line_reads_what_it_runs():
    assert {"f", "files"} <= loaded("x = %time f(files)\n")
    assert python_of("x = 1 % 2 if y else 'a?'") == "x = 1 % 2 if y else 'a?'"


@pytest.mark.parametrize("broken", ["def f(:\n    x = total", "print(total", "total\0"])
def test_a_cell_that_cannot_be_read_may_need_every_word_in_it(broken: str):
    assert "total" in loaded(broken) & read_first(broken)
    assert binds_unknown(broken) and surely_bound(broken) == definitions(broken) == frozenset()


def test_what_defines_is_told_from_what_assigns():
    assert definitions("import a\nfrom b import c\nclass D:\n    pass\ndef e(): pass\nf = 1\ng = D()") == set("acDe")


@pytest.mark.parametrize(
    "source", ["from a import *", "exec(open(p).read())", "globals().update(a)", "%run helper.py", "%pylab inline"]
)
def test_some_cells_bind_what_nobody_can_tell(source: str):
    assert binds_unknown(source)
    assert not binds_unknown("from a import b\n%matplotlib inline\nevaluate = exec_ = 1")


@pytest.mark.parametrize(
    ("test", "names"),
    [
        ("key = lambda model: model.name\nassert key(model) == 'a'", "model"),
        ("def key(model):\n    return model.name\nassert key(model)", "model"),
        ("assert [model.name for model in models]", "models"),
        ("assert [row for row in total]\nrow = 3", "total"),
        ("with rubric.criterion(1, 'a'):\n    found = total\n    assert found", "rubric total"),
        ("for row in total:\n    assert row", "total"),
        ("async def f():\n    return total\nassert f", "total"),
        ("total += 1", ""),
    ],
)
def test_an_answer_must_define_what_its_test_reads(test: str, names: str):
    assert wanted(["raise NotImplementedError()"], [test], [""]) == [frozenset(names.split())]


def made(*cells: tuple[Role, str]) -> NotebookNode:
    marks = {Role.ANSWER: {"solution": True}, Role.TEST: {"grade": True}}
    return new_notebook(
        cells=[
            new_code_cell(text, metadata={"nbgrader": {"grade_id": f"g{place}", **marks.get(role, {})}})
            for place, (role, text) in enumerate(cells)
        ]
    )


def planned(*cells: tuple[Role, str]) -> list[tuple[bool, tuple[str, ...]]]:
    """Of each cell whether the judging side runs it, and what is told of it."""
    notebook = made(*cells)
    found = Plan(notebook).cells(notebook, [role for role, _ in cells])
    return [(cell.judged, cell.tell) for cell in found]


@pytest.mark.parametrize(
    ("shown", "judged"),
    [
        ("fitted = fit(rows)\nprint(fitted)", False),  # for all that its text tells, `rows` may be others now
        ("rows = fit(rows)\nprint(rows)", True),
        ("if rows:\n    rows = 0", True),
        ("from here import *", True),
    ],
)
def test_a_given_cell_that_only_shows_is_left_to_the_learners_side(shown: str, judged: bool):
    cells = [(Role.GIVEN, "rows = 1"), (Role.GIVEN, shown), (Role.TEST, "assert rows")]
    roles = [role for role, _ in cells]
    source, handed_in = made(*cells), made(*cells)
    handed_in.cells[1].metadata["tags"] = [ONLY_SHOWS]  # what is handed in decides nothing
    assert [each.judged for each in Plan(source).cells(handed_in, roles)][1]
    source.cells[1].metadata["tags"] = [ONLY_SHOWS]
    assert [each.judged for each in Plan(source).cells(made(*cells), roles)][1] == judged


def test_what_is_tagged_so_makes_nothing_that_a_test_reads():
    tagged = 0
    for path in sorted((ROOT / "solutions").glob("*/*.ipynb")):
        source = nbformat.read(path, 4)
        for cell, found in zip(source.cells, _by_place(source), strict=True):
            if ONLY_SHOWS in cell.metadata.get("tags", []):
                tagged += 1
                assert found is not None and not found.judged, (path, cell.id)
    assert tagged


def _by_place(source: NotebookNode) -> list[Cell | None]:
    cells = {cell.index: cell for cell in Plan(source).cells(source, released_roles(source))}
    return [cells.get(place) for place in range(len(source.cells))]


def test_only_names_that_a_later_cell_of_the_teachers_reads_are_told():
    told = planned(
        (Role.ANSWER, "total = 3\nspare = 4\nmodel = 5"),
        (Role.ADDED, "total = 4\nspare = 5"),
        (Role.TEST, "spare = 1\nkey = lambda model: model\nassert total == 3"),
    )
    assert told == [(True, ("total",)), (True, ("total",)), (True, ())]


def test_a_given_cell_that_may_leave_a_name_unbound_does_not_stand_for_the_one_above():
    cells = [(Role.GIVEN, "data = 1"), (Role.GIVEN, "if big:\n    data = 2"), (Role.TEST, "assert data")]
    assert [judged for judged, _ in planned(*cells)] == [True, True, True]
    cells[1] = (Role.GIVEN, "data = 2")
    assert [judged for judged, _ in planned(*cells)] == [False, True, True]
    cells[1] = (Role.GIVEN, "shown = [data for data in range(3)]")
    assert [judged for judged, _ in planned(*cells)] == [True, False, True]
    cells[0] = (Role.GIVEN, "from here import *")
    assert [judged for judged, _ in planned(*cells)] == [True, False, True]


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("x.sort()", {"x"}),
        ("x['a'] = 1", {"x"}),
        ("del x[0]", {"x"}),
        ("x[0][1] += 1", {"x"}),
        ("base.trainable = False", {"base"}),
        ("base.layers[0].kernel.assign(1)", {"base"}),
        ("for layer in base.layers[:-1]:\n    layer.trainable = False", {"base", "layer"}),
        ("for _, layer in enumerate(base.layers):\n    layer.trainable = False", {"base", "layer", "_"}),
        ("first, *rest = base.layers\nif first:\n    rest[0].trainable = False", {"base", "rest"}),
        ("y = x\ny.append(1)", {"x", "y"}),
        ("np.random.shuffle(x)", {"np", "x"}),
        ("freeze(base, only=x)", {"freeze", "base", "x"}),
        ("print(x)", set()),
        ("y = sorted(x)", set()),
        ("x = x + 1", set()),
        ("def f(x):\n    x.sort()", set()),
        ("class A:\n    x.sort()", set()),
        ("this is no Python", set()),
    ],
)
def test_the_names_whose_values_a_cell_changes_in_place(source: str, names: set[str]):
    # What a loop only counts with may be named too: nothing is made of that.
    assert changed(source) | {"_"} == names | {"_"}
