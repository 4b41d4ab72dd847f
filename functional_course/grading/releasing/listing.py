"""A step of nbgrader's ``generate_assignment`` that writes down which tasks and which files a notebook has."""

from __future__ import annotations

from pathlib import Path

from functional_course.notebooks.beside import handed_out

from nbconvert.exporters.exporter import ResourcesDict
from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor


class ListTasks(NbGraderPreprocessor):
    """Write the notebook's graded cells, their points and the files beside it into its metadata.

    ``course check`` reads them from there: it works on the released file alone and notices when a cell is gone.
    """

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Change ``metadata.functional_course``.

        ``cells`` becomes ``{grade_id: points, or None for an answer}``; ``files``, the names of what is handed out
        beside the notebook, if there is anything.
        """
        about = nb.metadata.get("functional_course")
        if about is None:
            raise ValueError(
                f"{resources.get('metadata', {}).get('name', 'The notebook')} has no metadata.functional_course: "
                'add {"chapter": "NN_name", "notebook": "build"} to the notebook\'s metadata.'
            )
        about["cells"] = {
            cell.metadata.nbgrader.grade_id: cell.metadata.nbgrader.get("points")
            if cell.metadata.nbgrader.grade or cell.metadata.nbgrader.get("task")
            else None
            for cell in nb.cells
            if "nbgrader" in cell.metadata
        }
        files = [path.name for path in handed_out(Path(resources["metadata"]["path"] or "."))]
        if files:
            about["files"] = files
        return nb, resources
