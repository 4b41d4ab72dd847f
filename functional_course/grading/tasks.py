"""A step of nbgrader's ``generate_assignment`` that writes down which tasks a notebook has."""

from __future__ import annotations

from nbconvert.exporters.exporter import ResourcesDict
from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor


class ListTasks(NbGraderPreprocessor):
    """Write the notebook's graded cells and their points into its metadata, and drop what only Jupyter's editor needs.

    ``course check`` reads them from there: it works on the released file alone and notices when a cell is gone.
    """

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Change ``metadata.functional_course.cells`` to ``{grade_id: points, or None for an answer}``."""
        about = nb.metadata.get("functional_course")
        if about is None:
            raise ValueError(
                f"{resources.get('metadata', {}).get('name', 'The notebook')} has no metadata.functional_course: "
                'add {"chapter": "NN_name", "notebook": "build"} to the notebook\'s metadata.'
            )
        about["cells"] = {
            cell.metadata.nbgrader.grade_id: cell.metadata.nbgrader.get("points")
            if cell.metadata.nbgrader.grade
            else None
            for cell in nb.cells
            if "nbgrader" in cell.metadata
        }
        return nb, resources
