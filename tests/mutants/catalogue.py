"""All mutants of all solutions, how each ended, and the table of them."""

from __future__ import annotations

import datetime
import hashlib
import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from functional_course.faults import Fault
from functional_course.reproduce.made_on import device, versions
from functional_course.rubric.wording import IN_HIDDEN
from mutants.judging import Job, Kept, judged
from mutants.making import Mutant, Uses, mutants

import nbformat
import yaml
from bare_notebooks import HEADING
from classroom import without_markers
from one_task import Judged

ROOT = Path(__file__).resolve().parents[2]
NOT_SO = "not so"
"""What a hidden criterion says, beside its title."""

OWN_ERROR = re.compile(r"Error: .+ \(in `\w+`\)$|: its cell (?:was not run, )?stopped with ", re.DOTALL)
"""What a visible criterion says where the answer's own code stops: Python's words and the function, or the cell."""

HARD_CODED = "only the examples shown"
"""The operator whose slip shows on other inputs than the shown ones."""

EQUIVALENT = Path(__file__).with_name("equivalent.yml")
TRAINING = re.compile(r"\b(?:fit|fit_in_order|train|trained|train_on_batch)\(")


def made_here() -> dict[str, Any]:
    """When and on what a run is made, for its stored figures."""
    return {"date": datetime.date.today().isoformat(), "device": device(), "versions": versions()}


def _says_nothing(message: str) -> bool:
    return message in ("", NOT_SO, f"{NOT_SO}: {Fault.NUMBERS}")


@dataclass(frozen=True)
class Ended:
    """A mutant, the points that the solution gets, and what the test said of the mutant."""

    mutant: Mutant
    full: float
    judged: Judged

    @property
    def caught(self) -> bool:
        """Whether it lost points."""
        return self.judged.points < self.full - 1e-6

    @property
    def messages(self) -> list[str]:
        """What a learner reads of the criteria that it failed, their titles apart; or of the error that stopped it."""
        failed = [each["message"] for each in self.judged.verdicts if each["earned"] < each["points"]]
        return failed or [self.judged.stopped]

    @property
    def bare(self) -> bool:
        """Whether a learner reads nothing but which criterion failed."""
        return all(message in ("", NOT_SO) for message in self.messages)

    @property
    def named(self) -> bool:
        """Whether a message says what is wrong: in the operator's words, or with what was changed itself.

        That numbers differ, or that an error was met, says nothing of what is wrong, whatever words it takes; only who
        answers for the shown examples alone is told so by the advice to try others. A sentence out of the closed list
        quotes nothing, so a word of the change that stands in it stands there by chance.
        """
        messages = [message for message in self.messages if not _says_nothing(message)]
        if self.mutant.operator != HARD_CODED:
            messages = [message for message in messages if IN_HIDDEN not in message]
        said = " ".join(messages).lower()
        quoted = " ".join(message for message in messages if not message.startswith(NOT_SO)).lower()
        own = set(re.findall(r"[a-z_]{4,}|\d+", self.mutant.change.lower())) - {"layers", "keras", "return", "nothing"}
        # A digit of another number, as in 75.1 %, is none of the change's.
        return any(word in said for word in self.mutant.told_by) or any(
            re.search(rf"(?<![\w.]){word}(?![\w%]|\.\d)", quoted) for word in own
        )

    @property
    def stops(self) -> bool:
        """Whether no message names the fault, but a learner reads Python's own error and where the answer stopped."""
        return not self.named and any(OWN_ERROR.search(message) for message in self.messages)


@dataclass(frozen=True)
class Task:
    """One graded task of an instructor's notebook.

    Attributes:
        notebook: the file.
        name: the task.
        answer: the instructor's.
        points: what it is worth.
        text: what it asks for.
        trains: whether a cell that it needs trains a model.
    """

    notebook: Path
    name: str
    answer: str
    points: float
    text: str
    trains: bool = False

    @property
    def chapter(self) -> str:
        """The chapter's folder."""
        return self.notebook.parent.name

    def job(self, *, hidden: bool) -> Job:
        """The instructor's own answer, to be judged with or without the hidden tests."""
        key = f"{self.chapter} {self.notebook.stem} {self.name}, {'all' if hidden else 'visible'}"
        return Job(key, self.notebook, self.name, self.answer, hidden)

    def mutants(self, uses: Mapping[str, Uses]) -> list[Mutant]:
        """What the operators make of the answer; see :func:`mutants.making.mutants`."""
        return list(mutants(self.chapter, self.notebook.stem, self.name, self.answer, uses, self.text))


def tasks(solutions: Path, chapter: str = "") -> Iterator[Task]:
    """The tasks of all notebooks of the chapters that begin so."""
    for path in sorted(solutions.glob(f"{chapter}*/*.ipynb")):
        answer, text, code = "", "", ""
        for cell in nbformat.read(path, 4).cells:
            mark = cell.metadata.get("nbgrader", {})
            if cell.cell_type == "markdown":
                begins = HEADING.match(cell.source)
                text, code = (cell.source, "") if begins else (f"{text}\n{cell.source}", code)
                continue
            code += cell.source
            if mark.get("solution"):
                answer = without_markers(cell.source)
            elif mark.get("grade"):
                trains = bool(TRAINING.search(code))
                yield Task(path, mark["grade_id"].removeprefix("test-"), answer, mark["points"], text, trains)


def every_mutant(
    chosen: Sequence[Task], workers: int, kept: Kept, report: Callable[[int, int], None] = lambda done, of: None
) -> list[Ended]:
    """Judge all mutants of some tasks.

    Args:
        chosen: the tasks.
        workers: how many answers are judged at a time.
        kept: verdicts of earlier runs.
        report: called with the number of mutants judged and of all.

    Raises:
        ValueError: a solution does not get full marks itself.
    """
    own = judged([task.job(hidden=hidden) for task in chosen for hidden in (True, False)], workers, kept)
    jobs, made = [], []
    for task in chosen:
        whole, visible = (own[task.job(hidden=hidden).key] for hidden in (True, False))
        if whole.stopped or whole.points < task.points:
            raise ValueError(f"{task.job(hidden=True).key}: the solution itself gets {whole.points:g}; {whole.stopped}")
        uses = {
            name: Uses(count - visible.calls.get(name, 0), name in whole.changeable)
            for name, count in whole.calls.items()
        }
        for mutant in task.mutants(uses):
            made.append((mutant, task))
            jobs.append(_job(mutant, task, tuple(visible.calls.items())))
    return _ended(made, jobs, workers, kept, report)


def sample(chosen: Sequence[Task], count: int) -> list[tuple[Mutant, Task]]:
    """Some mutants, the same each time as long as the answers are: no operator more often than the others, if it can.

    Tasks that train a model cost ten times what the others do, and come in where an operator finds nothing in these.
    Answers with something around them are left out: they need the solutions to be judged first.
    """
    by_operator: dict[str, list[tuple[Mutant, Task]]] = {}
    for task in chosen:
        for mutant in task.mutants({}):
            by_operator.setdefault(mutant.operator, []).append((mutant, task))
    for each in by_operator.values():
        each.sort(key=lambda made: (made[1].trains, hashlib.sha256(made[0].key.encode()).digest()))
    rounds = itertools.chain.from_iterable(itertools.zip_longest(*by_operator.values()))
    return list(itertools.islice((each for each in rounds if each is not None), count))


def some_mutants(chosen: Sequence[Task], count: int, workers: int, kept: Kept) -> list[Ended]:
    """Judge a :func:`sample`."""
    made = sample(chosen, count)
    return _ended(made, [_job(mutant, task) for mutant, task in made], workers, kept)


def _job(mutant: Mutant, task: Task, shown: tuple[tuple[str, int], ...] = ()) -> Job:
    return Job(mutant.key, task.notebook, task.name, mutant.source, shown=shown)


def _ended(
    made: Sequence[tuple[Mutant, Task]],
    jobs: Sequence[Job],
    workers: int,
    kept: Kept,
    report: Callable[[int, int], None] = lambda done, of: None,
) -> list[Ended]:
    done = itertools.count(1)
    found = judged(jobs, workers, kept, lambda key, result: report(next(done), len(jobs)))
    return [Ended(mutant, task.points, found[mutant.key]) for mutant, task in made]


def equivalents() -> dict[str, str]:
    """The mutants that are right answers too, each with the reason."""
    groups = yaml.safe_load(EQUIVALENT.read_text(encoding="utf-8")) or {}
    return {key: reason for reason, keys in groups.items() for key in keys}


class Table:
    """How mutants ended.

    Args:
        ended: the mutants.
        equivalent: from the keys of those that are right answers to the reason.
    """

    def __init__(self, ended: Iterable[Ended], equivalent: dict[str, str]) -> None:
        self.ended = list(ended)
        self.caught = [each for each in self.ended if each.caught]
        kept_points = [each for each in self.ended if not each.caught]
        self.equivalent = [each for each in kept_points if each.mutant.key in equivalent]
        self.missed = [each for each in kept_points if each.mutant.key not in equivalent]
        self.stale = [each for each in self.caught if each.mutant.key in equivalent]
        self.named = [each for each in self.caught if each.named]
        self.stops = [each for each in self.caught if each.stops]
        self.bare = [each for each in self.caught if each.bare]

    def lines(self) -> Iterator[str]:
        """The table, and what is to do."""
        by_operator = Counter(each.mutant.operator for each in self.ended)
        for operator, count in by_operator.items():
            own = [
                [e for e in part if e.mutant.operator == operator] for part in (self.caught, self.named, self.missed)
            ]
            caught, named, missed = map(len, own)
            yield f"{operator:36} {count:4} mutants  {caught:4} caught  {named:4} named  {missed:3} missed"
        for each in self.missed:
            yield f"missed: {each.mutant.key}"
        for each in self.stale:
            yield f"not equivalent, it is caught: {each.mutant.key}"
        share = len(self.named) / max(len(self.caught), 1)
        yield (
            f"mutants {len(self.ended)}, caught {len(self.caught)}, equivalent {len(self.equivalent)}, "
            f"missed {len(self.missed)}; a message named the fault of {len(self.named)} caught ({share:.1%}), "
            f"of {len(self.stops)} more Python's own error is said and where; "
            f"of {len(self.bare)} only the criterion's title"
        )

    def as_json(self) -> dict[str, Any]:
        """Counts by chapter and operator, and of which tasks' mutants no message says what is wrong or where."""
        parts = {
            "caught": self.caught,
            "named": self.named,
            "stops": self.stops,
            "bare": self.bare,
            "equivalent": self.equivalent,
            "missed": self.missed,
        }

        def counts(key: Callable[[Mutant], str]) -> dict[str, dict[str, int]]:
            names = sorted({key(each.mutant) for each in self.ended})
            all_parts = {"mutants": self.ended, **parts}
            return {
                name: {part: sum(key(e.mutant) == name for e in each) for part, each in all_parts.items()}
                for name in names
            }

        return {
            "chapters": counts(lambda mutant: mutant.chapter),
            "operators": counts(lambda mutant: mutant.operator),
            # What was changed is left out: it's an answer, or nearly one.
            "not_named": dict(
                Counter(
                    f"{each.mutant.key.partition(' · ')[0]} · {each.mutant.operator}"
                    for each in self.caught
                    if not each.named and not each.stops
                )
            ),
        }
