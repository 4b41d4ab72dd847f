"""What came of the execution of a submission: the points that wait, what there is to say, what each test showed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from functional_course.grading.gradebook import notes
from functional_course.grading.judging.result import Result
from functional_course.grading.reporting.criteria import criteria_of
from functional_course.grading.reporting.report import RUBRIC, TEST, TaskResult
from functional_course.grading.running.submission import Submission
from functional_course.grading.taking_in.repairs import Repair, noted

from nbformat.notebooknode import NotebookNode


@dataclass
class Outcome:
    """A submission and what was executed of it so far.

    Attributes:
        submission: as it was taken in.
        strict: whether what could not be judged safely counts nothing until a teacher has looked at it.
        results: by notebook, what was executed.
    """

    submission: Submission
    strict: bool = False
    results: dict[str, Result] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """How long the execution took."""
        return sum(result.seconds for result in self.results.values())

    def provisional(self) -> dict[str, dict[str, float]]:
        """By notebook and grade id, the points of what waits for a teacher."""
        return {
            name: {
                self.submission.marks[name][index]["grade_id"]: points.strict if self.strict else points.kept
                for index, points in result.provisional.items()
            }
            for name, result in self.results.items()
        }

    def repairs(self) -> Iterator[Repair]:
        """What the execution has to say."""
        for name, result in self.results.items():
            marks = self.submission.marks[name]
            for index, text in result.ended.items():
                task = marks.get(index, {}).get("grade_id", "")
                yield noted("ended", name, task, label=f"`{task}`" if task else f"Cell {index + 1}", text=text)
            if result.trouble:
                yield noted("trouble", name, why=result.trouble)
            for index in result.provisional:
                cell = marks[index]["grade_id"]
                points = self.provisional()[name][cell]
                yield noted("provisional", name, cell, points=points, most=float(marks[index]["points"]))
            for each in result.said:
                yield noted("unjudged", name, answer=each["name"], text=each["why"])

    def told(self, repairs: Sequence[Repair]) -> dict[str, list[str]]:
        """By notebook, what the learner is told: these repairs, and what a teacher grades by hand."""
        return {
            name: notes.sentences(repairs, name) + notes.graded_by_hand(self.submission.marks[name].values())
            for name in self.results
        }

    def shown(self, released: Mapping[str, NotebookNode]) -> dict[tuple[str, str], TaskResult]:
        """By notebook and grade id, in order, what the graded cells showed; their points are nbgrader's.

        Args:
            released: the notebooks as learners have them.
        """
        found = {}
        for name, notebook in released.items():
            texts = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell.source for cell in notebook.cells}
            for index, mark in self.submission.marks[name].items():
                if mark.get("grade") or mark.get("task"):
                    cell, outputs = mark["grade_id"], self.results[name].outputs.get(index, [])
                    criteria = criteria_of(outputs, texts.get(cell))
                    kind, seconds = RUBRIC if criteria else TEST, self._seconds(name, cell)
                    stopped = _stopped(outputs)
                    found[name, cell] = TaskResult(name, cell, 0.0, 0.0, criteria, stopped, kind=kind, seconds=seconds)
        return found

    def _seconds(self, name: str, cell: str) -> float | None:
        """Processor time of a test and of the answer that it is for; None if neither ran."""
        own = {cell, cell.removeprefix("test-")}
        taken = self.results[name].taken
        marks = self.submission.marks[name].items()
        spent = [taken[index] for index, mark in marks if mark["grade_id"] in own and index in taken]
        return round(sum(spent), 3) if spent else None


def _stopped(outputs: Sequence[Mapping[str, Any]]) -> str:
    """What stood between a test and its points."""
    for output in outputs:
        if output["output_type"] == "error":
            return f"{output['ename']}: {output['evalue']}".rstrip(": ")
        if output["output_type"] == "stream" and output["name"] == "stderr":
            return "it wrote to stderr"
    return ""
