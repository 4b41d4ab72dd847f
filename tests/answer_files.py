"""The answers in tests/answers/CHAPTER/NOTEBOOK/: each file is one learner's notebook, a cell a task.

A cell says the points that it should get and, for a wrong answer, a part of what the learner should read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from conftest import ROOT

RIGHT = ("right_1", "right_2", "right_3")
WRONG = ("wrong_1", "wrong_2", "wrong_3", "wrong_4", "wrong_5")
VARIANTS = RIGHT + WRONG


@dataclass(frozen=True)
class Answer:
    """One learner's answer to one task."""

    task: str
    points: float
    says: tuple[str, ...]
    source: str

    def unlike(self, points: float, text: str) -> list[str]:
        """What a verdict should have been and is not, a sentence each.

        Args:
            points: those it gives.
            text: what the learner reads.
        """
        found = [f"{points:g} points, expected {self.points:g}"] if points != self.points else []
        return found + [f"does not say: {said}" for said in self.says if said not in text]


def read_answers(path: Path) -> dict[str, Answer]:
    """The answers in one file, by task."""
    answers = {}
    for part in re.split(r"^# %% ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        task, body = part.split("\n", 1)
        points = re.search(r"^# points: ([\d.]+)\n", body, re.MULTILINE)
        assert points, f"{path.name}, {task}: no line '# points:'"
        says = tuple(re.findall(r"^# says: (.+)$", body, re.MULTILINE))
        source = re.sub(r"^# (?:points|says):.*\n?", "", body, flags=re.MULTILINE).strip()
        answers[task.strip()] = Answer(task.strip(), float(points.group(1)), says, source)
    return answers


def variant(chapter: str, notebook: str, name: str) -> dict[str, Answer]:
    """One learner's answers to a notebook, by task; none where there is no such file."""
    path = ROOT / "tests" / "answers" / chapter / notebook / f"{name}.py"
    return read_answers(path) if path.exists() else {}
