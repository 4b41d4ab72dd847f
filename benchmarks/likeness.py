"""How many copies ``course likeness`` finds, and how many other pairs it takes for copies.

    python benchmarks/likeness.py

Takes the answers of ``tests/answers``, makes of each a copy with other names and, where that changes nothing, another
order of assignments, and compares each copy with its original, and all other answers to a task with each other. If
copydetect is installed, it does the same, with notebook and solution as boilerplate.
"""

from __future__ import annotations

import ast
import sys
import tempfile
from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

LEVELS = (0.5, 0.7, 0.8, 0.9)
_Task = tuple[str, str, str, dict[str, str], list[str]]


def copied(source: str, given: frozenset[str]) -> str | None:
    """A copy with other names and another order; None if nothing could change places."""
    tree = ast.parse(source)
    nodes = list(ast.walk(tree))
    bound = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    bound |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    # A name that is also a keyword's may be asked for by a call elsewhere.
    own = bound - given - {node.arg for node in nodes if isinstance(node, ast.keyword)}
    for node in nodes:
        if isinstance(node, ast.Name) and node.id in own:
            node.id += "_mine"
        elif isinstance(node, ast.arg) and node.arg in own:
            node.arg += "_mine"
    changed = False
    for node in nodes:
        body = getattr(node, "body", None)
        place = 0
        while isinstance(body, list) and place + 1 < len(body):
            first, second = body[place : place + 2]
            if _exchangeable(first, second):
                body[place : place + 2] = second, first
                changed = True
                place += 1
            place += 1
    return ast.unparse(tree) if changed else None


def _exchangeable(first: ast.stmt, second: ast.stmt) -> bool:
    if not (isinstance(first, ast.Assign) and isinstance(second, ast.Assign)):
        return False
    used, stored = zip(*map(_names, (first, second)), strict=True)
    return not (stored[0] & used[1] or stored[1] & used[0])


def _names(statement: ast.stmt) -> tuple[set[str], set[str]]:
    names = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
    return {node.id for node in names}, {node.id for node in names if isinstance(node.ctx, ast.Store)}


def tasks() -> Iterator[_Task]:
    """Chapter and notebook, task, the instructor's answer, the answers by kind, and the cells that all were given."""
    import nbformat
    from classroom import EACH_NOTEBOOK, solution_answers
    from test_answers import VARIANTS, variant

    for chapter, name in EACH_NOTEBOOK:
        released = nbformat.read(ROOT / "exercises" / chapter / f"{name}.ipynb", 4)
        given = [cell.source for cell in released.cells if cell.cell_type == "code"]
        answers = {kind: variant(chapter, name, kind) for kind in VARIANTS}
        for task, solution in solution_answers(chapter, name).items():
            mine = {kind: found[task].source for kind, found in answers.items() if task in found}
            yield f"{chapter} {name}", task, solution, mine, given


def ours(task: _Task, answers: Mapping[str, str]) -> dict[frozenset[str], float]:
    """The likeness of the pairs that are listed."""
    from functional_course.likeness import comparing
    from functional_course.likeness.answers import Answers
    from functional_course.likeness.tokens import lines, words

    notebook, name, solution, _, given = task
    known = words(given)
    shown = tuple(line for text in given for line in lines(text, known))
    by_student = {who: tuple(lines(text, known)) for who, text in answers.items()}
    comparing.ALIKE = min(LEVELS)
    found = comparing.compared(Answers(notebook, name, shown, tuple(lines(solution, known)), by_student))
    return {frozenset((pair.first, pair.second)): pair.likeness for pair in found.pairs}


def copydetects(task: _Task, answers: Mapping[str, str]) -> dict[frozenset[str], float]:
    """The same by copydetect, as it is set from the start."""
    import numpy as np
    from copydetect import CodeFingerprint, compare_files
    from copydetect.defaults import NOISE_THRESHOLD

    *_, solution, _, given = task
    with tempfile.TemporaryDirectory() as folder:

        def prints(text: str, boilerplate: object = None) -> CodeFingerprint:
            path = Path(folder) / "answer.py"
            path.write_text(text)
            return CodeFingerprint(str(path), NOISE_THRESHOLD, 1, boilerplate)

        known = [prints(text).hashes for text in ["\n".join(given), solution]]
        made = {who: prints(text, np.array(sorted(set().union(*known)))) for who, text in answers.items()}
    return {
        frozenset((first, second)): float(max(compare_files(made[first], made[second])[1]))
        for first, second in combinations(made, 2)
        if made[first].token_coverage and made[second].token_coverage
    }


def main() -> None:
    """Print for some levels of likeness how many copies and how many other pairs reach it."""
    from functional_course.likeness.tokens import words

    ways = {"course likeness": ours}
    try:
        import copydetect  # noqa: F401

        ways["copydetect"] = copydetects
    except ModuleNotFoundError:
        print("copydetect is not installed; only course likeness is measured")
    for way, compare in ways.items():
        copies, others = [], []
        for task in tasks():
            answers, given = task[3], words(task[4])
            found = compare(task, answers)
            others += [found.get(frozenset(pair), 0.0) for pair in combinations(answers, 2)]
            for kind, text in answers.items():
                copy = copied(text, given)
                if copy is not None:
                    found = compare(task, {**answers, "copy": copy})
                    copies.append(found.get(frozenset((kind, "copy")), 0.0))
        for level in LEVELS:
            taken = [sum(each >= level for each in some) for some in (copies, others)]
            print(f"{way}, from {level}: {taken[0]} of {len(copies)} copies, {taken[1]} of {len(others)} other pairs")


if __name__ == "__main__":
    main()
