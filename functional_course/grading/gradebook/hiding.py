"""A step of nbgrader's ``generate_feedback``: it takes the hidden tests out and leaves learners' texts as they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nbconvert.exporters.exporter import ResourcesDict
from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests
from traitlets.config import Config
from traitlets.utils.importstring import import_item


class HideTests(ClearHiddenTests):
    """nbgrader's own step, for the teacher's cells alone: a learner may write its marker, closed or not."""

    def preprocess_cell(
        self, cell: NotebookNode, resources: ResourcesDict, cell_index: int
    ) -> tuple[NotebookNode, ResourcesDict]:
        """Take the hidden part out of a cell, unless it is a learner's."""
        if _is_learners(cell):
            return cell, resources
        return super().preprocess_cell(cell, resources, cell_index)


def hidden_markers(config: Config) -> tuple[str, str]:
    """What begins and ends hidden tests, by nbgrader's configuration of a course."""
    step = ClearHiddenTests(config=config)
    return step.begin_test_delimeter, step.end_test_delimeter


def hiding(steps: Sequence[Any]) -> list[Any]:
    """The steps that make a feedback page, so that none shows a hidden test, whatever a course's configuration says.

    Args:
        steps: classes, instances or names of nbconvert's preprocessors.
    """
    known = [(step, import_item(step) if isinstance(step, str) else step) for step in steps]
    # nbgrader's own step would stumble over a marker in a learner's text.
    kept = [
        step for step, what in known if not issubclass(what if isinstance(what, type) else type(what), ClearHiddenTests)
    ]
    return [*kept, HideTests]


def _is_learners(cell: NotebookNode) -> bool:
    """Whether autograding left the cell's text as the learner handed it in.

    nbgrader overwrites the cells that its gradebook knows as locked, and sets ``locked`` where the other marks say
    something else. So a cell is told by both: marks that a learner changed do not show what they hide.
    """
    marks = cell.metadata.get("nbgrader", {})
    return not marks.get("grade_id") or (marks.get("solution") is True and not marks.get("locked"))
