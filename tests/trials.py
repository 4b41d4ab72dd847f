"""``python -m tests.trials``: judge the answers of tests/answers/, each alone, as often as you like.

Without options every answer is judged once and held to the points and words that its file says. With ``--runs 5`` the
five verdicts on an answer are held to each other. With ``--solutions`` the instructor's answers are judged in their
place and held to full marks, with ``--seeds 20`` from twenty other seeds, with ``--digits`` with other last digits.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from functional_course.writing import write_whole

from answer_files import VARIANTS, Answer, variant
from mutants.catalogue import ROOT, Task, made_here, tasks
from mutants.chances import Chance
from mutants.judging import SETTINGS, Job, Kept, judged
from one_task import Judged
from rich.console import Console
from rich.progress import Progress

SHIFT = 1000
"""Between two seeds, so that no seed plus a shift is another seed of the same notebook."""


@dataclass
class Trial:
    """One answer, and what was said of it each time.

    Attributes:
        task: what it answers.
        name: whose it is: ``"solution"`` or a variant.
        answer: the answer, with what it should get.
        keys: of the jobs that judge it.
        results: the verdicts.
    """

    task: Task
    name: str
    answer: Answer
    keys: list[str]
    results: list[Judged] = field(default_factory=list)

    @property
    def label(self) -> str:
        """For messages."""
        return f"{self.task.chapter} {self.task.notebook.stem} {self.name} {self.task.name}"

    @property
    def faults(self) -> list[str]:
        """What is wrong with the verdicts, a text each."""
        return faults(self.answer, self.results)


def answers(task: Task, variants: list[str], *, solutions: bool) -> Iterator[tuple[str, Answer]]:
    """The answers to a task, each with its name."""
    if solutions:
        yield "solution", Answer(task.name, task.points, (), task.answer)
        return
    for name in variants:
        answer = variant(task.chapter, task.notebook.stem, name).get(task.name)
        if answer is not None:
            yield name, answer


def said(result: Judged) -> str:
    """All that a learner reads of a verdict."""
    return f"{result.text}\n{result.stopped}".strip()


def faults(answer: Answer, results: list[Judged]) -> list[str]:
    """What is wrong with the verdicts on one answer, a text each."""
    found = []
    for result in results:
        found += [f"{fault}\n{said(result)}" for fault in answer.unlike(result.points, said(result))]
    texts = dict.fromkeys(f"{result.points:g} points\n{said(result)}" for result in results)
    if len(texts) > 1:
        found.append("not the same in every run:\n" + "\n---\n".join(texts))
    return list(dict.fromkeys(found))


def kept_results(file: Path, settings: dict[str, Any], trials: Iterable[Trial]) -> None:
    """Put the figures of a run into a file, in the place of those of an earlier run with the same settings."""
    results = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
    chapters: dict[str, dict[str, int]] = {}
    for trial in trials:
        counts = chapters.setdefault(trial.task.chapter, dict.fromkeys(("right", "wrong", "judged", "faults"), 0))
        counts["right" if trial.answer.points == trial.task.points else "wrong"] += 1
        counts["judged"] += len(trial.results)
        counts["faults"] += bool(trial.faults)
    found = {"settings": settings, **made_here(), "chapters": chapters}
    if any(each["settings"] == settings for each in results):
        results = [found if each["settings"] == settings else each for each in results]
    else:
        results.append(found)
    write_whole(file, json.dumps(results, indent=1) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chapter", default="", help="begins the names of the chapters to try, such as 03")
    parser.add_argument("--notebook", default="", help="such as build; all by default")
    parser.add_argument("--task", default="", help="such as two-sigmoids; all by default")
    parser.add_argument("--variant", action="append", default=[], help="such as right_1; all by default")
    parser.add_argument("--solutions", action="store_true", help="judge the instructor's answers instead")
    parser.add_argument("--runs", type=int, default=1, help="how often each is judged with the same seeds")
    parser.add_argument("--seeds", type=int, default=0, help="from how many other seeds each is judged instead")
    parser.add_argument("--digits", action="store_true", help="with other last digits of all new weights")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--kept", type=Path, default=ROOT / ".course" / "trials.jsonl", help="where verdicts are kept")
    parser.add_argument("--output", type=Path, help="where the figures go, as JSON, beside those of other settings")
    parser.add_argument("--show", action="store_true", help="print every verdict")
    chosen = parser.parse_args()
    if chosen.output and (chosen.chapter or chosen.notebook or chosen.task or chosen.variant):
        parser.error("--output takes the figures of all answers: leave out --chapter, --notebook, --task and --variant")

    ways = [Chance(start, 0, chosen.digits) for start in range(1, chosen.runs + 1)]
    if chosen.seeds:
        ways = [Chance(start, SHIFT * start, chosen.digits) for start in range(1, chosen.seeds + 1)]
    trials, jobs = [], []
    for task in tasks(ROOT / "solutions", chosen.chapter):
        if chosen.notebook not in ("", task.notebook.stem) or chosen.task not in ("", task.name):
            continue
        for name, answer in answers(task, chosen.variant or list(VARIANTS), solutions=chosen.solutions):
            trial = Trial(task, name, answer, [])
            own = [Job(f"{trial.label} {way}", task.notebook, task.name, answer.source, chance=way) for way in ways]
            trial.keys += [job.key for job in own]
            trials.append(trial)
            jobs += own
    kept = Kept(chosen.kept, ROOT / "functional_course")
    with Progress(console=Console(stderr=True)) as progress:
        bar = progress.add_task("answers", total=len(jobs))
        results = judged(jobs, chosen.workers, kept, lambda key, result: progress.advance(bar))
    for trial in trials:
        trial.results += [results[key] for key in trial.keys]
        for fault in trial.faults:
            print(f"{trial.label}: {fault}\n")
        if chosen.show:
            print(f"{trial.label}: {trial.results[0].points:g} points\n{said(trial.results[0])}\n")
    if chosen.output:
        settings = {name: getattr(chosen, name) for name in ("solutions", "runs", "seeds", "digits")}
        kept_results(chosen.output, settings | {name: os.environ.get(name, "") for name in SETTINGS}, trials)
    wrong = sum(bool(trial.faults) for trial in trials)
    print(f"answers {len(trials)}, judged {len(jobs)} times, not as they should be {wrong}")
    return 1 if wrong or not trials else 0


if __name__ == "__main__":
    sys.exit(main())
