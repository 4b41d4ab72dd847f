"""``python -m tests.margins``: how far every comparison in the tests of the tasks stays from turning out otherwise.

Each solution, or with ``--wrong`` each wrong answer of tests/answers, is judged from twenty seeds. Wherever its test or
a check that this calls compares two numbers, the distance between them is noted. A threshold is safe if the mean of
these distances is several of their standard deviations; the closest are printed. Comparisons of a check that turn out
now one way and now the other, such as those in a search, decide nothing by themselves and are only counted; those that
stand in a test itself are printed first: a threshold that what is judged now meets and now misses.
"""

from __future__ import annotations

import argparse
import ast
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path

from functional_course.writing import write_whole

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))

CHECKS = "functional_course.checks"
MARK = "\nmargins: "
BOUNDS = ("np.min(found) >= 0", "np.max(found) <= 1")
"""Not counted: what a sigmoid or a softmax gives may come as near to them as it likes, and never gets past them."""

TRAINED = {
    "measure-skips",
    "own-data",
    "image-and-question",
    "ablation",
    "measure-merges",
    "own-two-inputs",
    "token-magnitudes",
    "measure-sharing",
    "own-pairs",
    "contrastive-loss",
    "triplet",
    "measure-one-shot",
    "own-alphabet",
    "measure-trunk",
    "own-two-heads",
    "precompute",
    "three-ways",
    "measure-transfer",
    "own-photographs",
}
"""The tasks whose tests ask for a number that training reaches."""

ASKED = 3.0
"""So many standard deviations a threshold stands away from what is reached, at least."""

_ORDERS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_noted: list[tuple[str, float, float]] = []


class Notes(ast.NodeTransformer):
    """Has every comparison by size say which two numbers it compared.

    Args:
        name: of the file or cell, for the keys.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        if not any(isinstance(order, _ORDERS) for order in node.ops):
            return node
        key = f"{self._name}:{node.lineno}: {ast.unparse(node)}"
        noting = ast.Name("_compared_", ast.Load())
        sides = ast.Tuple([node.left, *node.comparators], ast.Load())
        orders = ast.Constant(tuple(type(order).__name__ for order in node.ops))
        return ast.copy_location(ast.Call(noting, [ast.Constant(key), sides, orders], []), node)


_COMPARE = {
    "Lt": lambda one, other: one < other,
    "LtE": lambda one, other: one <= other,
    "Gt": lambda one, other: one > other,
    "GtE": lambda one, other: one >= other,
    "Eq": lambda one, other: one == other,
    "NotEq": lambda one, other: one != other,
    "Is": lambda one, other: one is other,
    "IsNot": lambda one, other: one is not other,
    "In": lambda one, other: one in other,
    "NotIn": lambda one, other: one not in other,
}


def compared(key: str, sides: tuple, orders: tuple[str, ...]) -> object:
    """What the comparison gives, after its distances have been noted."""
    result: object = True
    for place, order in enumerate(orders):
        one, other = sides[place : place + 2]
        if order in ("Lt", "LtE", "Gt", "GtE") and np.ndim(one) == np.ndim(other) == 0:
            _noted.append((key, float(one), float(other)))
        result = _COMPARE[order](one, other)
        # As Python does in a chain.
        if place < len(orders) - 1 and not result:
            return result
    return result


def noting(source: str | bytes, name: str) -> ast.Module:
    """A module whose comparisons are noted; it needs the name ``_compared_``."""
    return ast.fix_missing_locations(Notes(name).visit(ast.parse(source)))


class NotingLoader(SourceFileLoader):
    """Loads a module of the checks so that it notes its comparisons."""

    def get_code(self, fullname: str) -> object:
        path = self.get_filename(fullname)
        return compile(noting(self.get_data(path), fullname.removeprefix(f"{CHECKS}.")), path, "exec")

    def exec_module(self, module: object) -> None:
        module._compared_ = compared
        super().exec_module(module)


class NotingFinder(MetaPathFinder):
    """Finds the modules of the checks for :class:`NotingLoader`."""

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        if not fullname.startswith(CHECKS):
            return None
        spec = PathFinder.find_spec(fullname, path)
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = NotingLoader(fullname, spec.loader.path)
        return spec


@dataclass(frozen=True)
class Margin:
    """How one comparison came out from all seeds.

    Attributes:
        key: the answer, the place and the comparison.
        pairs: the two numbers, one pair a seed.
    """

    key: str
    pairs: tuple[tuple[float, float], ...]

    @property
    def decided(self) -> bool:
        """Whether it came out the same way every time."""
        return len({one < other for one, other in self.pairs}) == 1

    @property
    def sways(self) -> bool:
        """Whether it stands in a test, and not in a check, and came out now one way and now the other."""
        return not self.decided and " · test:" in self.key

    @property
    def deviations(self) -> float:
        """The mean distance in its standard deviations; infinite where it is always the same.

        Positive numbers are compared by their logarithms, too, and the larger result counts. A difference that is now
        .001 and now .01 is equally far from a tolerance of 1e-7, two numbers that both differ from seed to seed may
        grow and shrink together, and one that is now .001 and now .09 is nowhere near .5.
        """
        numbers = np.array(self.pairs)
        scales = [numbers, np.log(numbers)] if numbers.min() > 0 else [numbers]
        return max(map(_deviations, scales))

    def __str__(self) -> str:
        one, other = ((f"{min(side):.4g}", f"{max(side):.4g}") for side in zip(*self.pairs, strict=True))
        ranges = (low if low == high else f"{low} to {high}" for low, high in (one, other))
        return f"{self.deviations:6.1f} standard deviations between {' and '.join(ranges)}: {self.key}"


def _deviations(numbers: np.ndarray) -> float:
    distances = numbers[:, 1] - numbers[:, 0]
    spread = float(np.std(distances, ddof=1))
    return abs(float(np.mean(distances))) / spread if spread > 0 else np.inf


def margins(noted: Mapping[str, Iterable[list]]) -> list[Margin]:
    """Those comparisons of an answer that all of its runs made.

    Args:
        noted: from an answer to one list a run, of triples: a key and the two numbers.
    """
    found = []
    for answer, runs in noted.items():
        pairs = defaultdict(list)
        runs = list(runs)
        for run in runs:
            seen: Counter[str] = Counter()
            for key, one, other in run:
                seen[key] += 1
                pairs[f"{answer} · {key} · {seen[key]}"].append((one, other))
        found += [
            Margin(key, tuple(each))
            for key, each in pairs.items()
            if len(each) == len(runs) and not any(f": {bound} ·" in key for bound in BOUNDS)
        ]
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chapter", default="", help="begins the names of the chapters to try, such as 03")
    parser.add_argument("--task", action="append", default=[], help="such as measure-trunk; all by default")
    parser.add_argument("--trained", action="store_true", help="those tasks alone that ask for what training reaches")
    parser.add_argument("--wrong", action="store_true", help="judge the wrong answers of tests/answers instead")
    parser.add_argument("--variant", action="append", default=[], help="one such as wrong_3; all by default")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--kept", type=Path, default=Path(".course", "margins.jsonl"), help="where results are kept")
    parser.add_argument("--closest", type=int, default=20, help="how many are printed")
    parser.add_argument("--output", type=Path, help="where those of the solutions go, as JSON")
    chosen = parser.parse_args()
    if chosen.output and chosen.wrong:
        parser.error("--output takes the solutions: leave out --wrong")
    if chosen.variant and not chosen.wrong:
        parser.error("--variant chooses among the wrong answers: add --wrong")

    sys.meta_path.insert(0, NotingFinder())
    import one_task
    from answer_files import VARIANTS
    from mutants.catalogue import ROOT, made_here, tasks
    from mutants.chances import Chance
    from mutants.judging import Job, Kept, judged
    from rich.console import Console
    from rich.progress import Progress
    from trials import SHIFT, answers

    ran = one_task.ran

    def ran_and_noted(source: str, names: dict) -> tuple[object, str]:
        if "rubric.score()" not in source:
            return ran(source, names)
        _noted.clear()
        names["_compared_"] = compared
        result, printed = ran(ast.unparse(noting(source, "test")), names)
        return result, printed + MARK + json.dumps(_noted)

    one_task.ran = ran_and_noted
    jobs, of_answer = [], {}
    for task in tasks(ROOT / "solutions", chosen.chapter):
        if (chosen.task and task.name not in chosen.task) or (chosen.trained and task.name not in TRAINED):
            continue
        for name, answer in answers(task, list(VARIANTS), solutions=not chosen.wrong):
            if chosen.wrong and (answer.points == task.points or name not in (chosen.variant or VARIANTS)):
                continue
            for start in range(1, chosen.seeds + 1):
                label = f"{task.chapter[:2]} {task.notebook.stem} {task.name} {name}"
                chance = Chance(start, SHIFT * start)
                jobs.append(Job(f"{label} {start}", task.notebook, task.name, answer.source, chance=chance))
                of_answer[jobs[-1].key] = label
    noted: dict[str, list[list]] = defaultdict(list)
    kept = Kept(chosen.kept, ROOT / "functional_course")
    with Progress(console=Console(stderr=True)) as progress:
        bar = progress.add_task("margins", total=len(jobs))
        results = judged(jobs, chosen.workers, kept, lambda key, result: progress.advance(bar))
    for key, result in results.items():
        noted[of_answer[key]].append(json.loads(result.text.partition(MARK)[2] or "[]"))
    found = margins(noted)
    decided = sorted((each for each in found if each.decided), key=lambda each: each.deviations)
    swaying = [each for each in found if each.sways]
    for each in (*swaying, *decided[: chosen.closest]):
        print(each)
    close = sum(each.deviations < ASKED for each in decided)
    if chosen.output:
        # Without the comparisons themselves: some are of hidden tests, and the book shows this file.
        of_task: dict[str, list[float]] = {label: [] for label in noted}
        for each in decided:
            of_task[each.key.partition(" · ")[0]].append(each.deviations)
        found_here = {
            "seeds": chosen.seeds,
            "tasks": {label: {"comparisons": len(all_), "closest": min(all_)} for label, all_ in of_task.items()},
        }
        write_whole(chosen.output, json.dumps(made_here() | found_here, indent=1) + "\n")
    print(
        f"answers {len(noted)}, comparisons {len(found)}, in a test and not always the same way {len(swaying)}, "
        f"always decided in one way {len(decided)}, of these within {ASKED:g} standard deviations {close}"
    )
    return 0 if noted else 1


if __name__ == "__main__":
    sys.exit(main())
