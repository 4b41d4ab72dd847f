"""Which titles follow from a test alone, and which an answer could have a hand in."""

from __future__ import annotations

from functional_course.grading.analysis.titles import own_titles

import nbformat
import pytest
from conftest import ROOT


def titled(title: str, before: str = "", given: str = "") -> set[str]:
    """The titles of one criterion that are the test's own."""
    return set(own_titles(f"{before}\nwith rubric.criterion(1, {title}, hidden=True):\n    pass", [given]))


@pytest.mark.parametrize(
    ("before", "title", "found"),
    [
        ("", '"as it stands"', {"as it stands"}),
        ("%matplotlib inline\n!ls", "'with a magic'", {"with a magic"}),
        ("for n in (2, 3): pass", 'f"{n} rows"', {"2 rows", "3 rows"}),
        ("for n in range(2): pass", 'f"{n + 1:>3} rows"', {"  1 rows", "  2 rows"}),
        ("for n in range(8, 0, -4): pass", '"%d rows" % n', {"8 rows", "4 rows"}),
        ("names = ['a', 'b']\nfor place, name in enumerate(names): pass", 'f"{name!r}"', {"'a'", "'b'"}),
        ("for n, x in zip([1, 2], [found, found]): pass", '"x" + f"{n}"', {"x1", "x2"}),
        ("for name, (n, x) in {'a': (1, found())}.items(): pass", 'f"{name} {n}"', {"a 1"}),
        ("for name in {'a': found}: pass", "name", {"a"}),
        ("few = 0.1\nwhat = f'{few:.2f}'", 'f"{what}: {-few}"', {"0.10: -0.1"}),
        ("x = [0 for n in (1, 2)]", 'f"{n}"', {"1", "2"}),
        # What an answer could have a hand in.
        ("", 'f"{found.name}"', set()),
        ("", "found()", set()),
        ("name = found()", "name", set()),
        ("for n in (2, 3): pass\nn = len(found)", 'f"{n}"', set()),
        ("for n in (2, 3): n += found()", 'f"{n}"', set()),
        ("for n in found: pass", 'f"{n}"', set()),
        ("names = ['a']\nnames = found()\nfor name in names: pass", 'f"{name}"', set()),
        ("for name, x in found.items(): pass", 'f"{name}"', set()),
        ("def judge(name): pass", 'f"{name}"', set()),
        ("try:\n    found()\nexcept Exception as name: pass", 'f"{name}"', set()),
        ("with found() as name: pass", 'f"{name}"', set()),
        ("import found as name", 'f"{name}"', set()),
        ("(name := found())", 'f"{name}"', set()),
        ("for n, *name in [(1, 2)]: pass", 'f"{n}"', set()),
        ("[name] = found", 'f"{name}"', set()),
        ("n = n", 'f"{n}"', set()),
        ("hidden = 735194", '"else"', {"else"}),
        ("a = b = c = d = 0\nfor a in range(99): pass\nfor b in range(99): pass", 'f"{a} {b}"', set()),
        ("with (", '"a"', set()),
    ],
)  # fmt: skip
def test_titles_that_follow_from_the_test_alone(before: str, title: str, found: set[str]):
    assert titled(title, before) == found


def test_cells_given_before_count_too():
    cases = "CASES = [('one', 1), ('two', 2)]"
    assert titled('f"{name}"', "for name, n in CASES: pass", cases) == {"one", "two"}
    assert titled('f"{name}"', "for name, n in CASES: pass") == set()
    assert titled('f"{name}"', "CASES = found()\nfor name, n in CASES: pass", cases) == set()
    assert own_titles("x = 1", ["rubric.criterion(1, 'elsewhere')"]) == set()


def test_a_title_may_be_named():
    assert own_titles('rubric.criterion(points=1, title="named")') == {"named"}


def test_every_title_of_the_course_is_its_tests_own():
    """So learners read the titles of all criteria, whatever their answers saw."""
    count = 0
    for path in sorted((ROOT / "solutions").glob("*/*.ipynb")):
        given: list[str] = []
        for cell in nbformat.read(path, 4).cells:
            if cell.cell_type != "code":
                continue
            marks = cell.metadata.get("nbgrader", {})
            if marks.get("grade") and not marks.get("solution"):
                verdicts = [
                    verdict["title"]
                    for output in cell.outputs
                    for bundle in output.get("data", {}).values()
                    if isinstance(bundle, dict)
                    for verdict in bundle.get("verdicts", [])
                ]
                assert set(verdicts) <= own_titles(cell.source, given), path
                count += len(verdicts)
            elif not marks.get("solution"):
                given.append(cell.source)
    assert count > 300
