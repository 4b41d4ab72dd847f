"""The form in which the course stores a notebook, so that executing it twice changes nothing and a diff is readable.

``canonical`` brings an executed notebook into that form; ``faults`` says where a stored one is not in it.
"""

from __future__ import annotations

import copy
import os
import re
from pathlib import Path

from functional_course.writing import write_whole

import nbformat

LARGEST_PICTURE = 150_000
"""The most bytes that one picture may take in a notebook, in each of its forms."""

LARGEST_NOTEBOOK = 2_000_000
"""The most bytes that a notebook may take: viewers on the web show no larger ones, or slowly."""

PICTURE = ("image/svg+xml", "image/png", "text/plain")
"""The forms in which a notebook stores a picture."""

KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
LANGUAGE_INFO = {"file_extension": ".py", "mimetype": "text/x-python", "name": "python", "pygments_lexer": "ipython3"}

_KEPT_METADATA = ("functional_course",)
# What the site hides or folds is collapsed in JupyterLab too: tag -> the parts of the cell.
_COLLAPSED = {
    "hide-input": ("source_hidden",),
    "hide-output": ("outputs_hidden",),
    "hide-cell": ("source_hidden", "outputs_hidden"),
    "remove-input": ("source_hidden",),
    "remove-output": ("outputs_hidden",),
    "remove-cell": ("source_hidden", "outputs_hidden"),
}
_VOLATILE_CELL_METADATA = ("execution", "ExecuteTime", "collapsed", "scrolled", "jupyter", "trusted", "vscode")
# An absolute path of two folders or more; not a URL, not the end of a relative path.
_MACHINE_PATH = re.compile(r"(?<![\w.:/~<>-])(?:/[\w.+-]+){2,}/?|\b[A-Z]:\\\w+")
# In a traceback: whatever stands before these says where this machine keeps Python and the course.
_PLACES = re.compile(r"~?/[^\s'\"\x1b]*/(?=site-packages/|functional_course/)|~?/[^\s'\"\x1b]*/lib/(?=python3\.\d+/)")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{6,}")


def canonical(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """A copy of an executed notebook without what changes from run to run or from machine to machine.

    Kept are sources, outputs, tags, nbgrader's cell metadata and cell ids. Execution times, the kernel's version, the
    editor's traces and the places of files in tracebacks are dropped; neighbouring pieces of one stream are joined.
    What a cell's tags hide or fold on the site is marked for JupyterLab as well.
    """
    result = copy.deepcopy(notebook)
    result.metadata = nbformat.from_dict(
        {key: value for key, value in notebook.metadata.items() if key in _KEPT_METADATA}
        | {"kernelspec": KERNELSPEC, "language_info": LANGUAGE_INFO}
    )
    result.nbformat, result.nbformat_minor = 4, 5
    for cell in result.cells:
        for key in _VOLATILE_CELL_METADATA:
            cell.metadata.pop(key, None)
        if cell.cell_type == "code":
            collapsed = {part for tag in cell.metadata.get("tags", ()) for part in _COLLAPSED.get(tag, ())}
            if collapsed:
                cell.metadata["jupyter"] = dict.fromkeys(sorted(collapsed), True)
            cell.outputs = _joined(cell.outputs)
            for output in cell.outputs:
                if output.output_type == "error":
                    output.traceback = [_PLACES.sub("", line) for line in output.traceback]
    return result


def write_notebook(notebook: nbformat.NotebookNode, path: str | os.PathLike[str]) -> bool:
    """Write a notebook in one step, if it says something else than the file that is there.

    Returns:
        Whether the file changed.
    """
    path = Path(path)
    text = nbformat.writes(notebook, version=nbformat.NO_CONVERT)
    text += "" if text.endswith("\n") else "\n"
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    write_whole(path, text)
    return True


def faults(notebook: nbformat.NotebookNode) -> list[str]:
    """Where a stored notebook is not in canonical form, one sentence each; empty if it is.

    The rules: code cells executed in order from 1, nothing on stderr, an error only in a cell tagged
    ``raises-exception`` and always there, unique cell ids, no execution times, machine paths or memory addresses,
    every picture as SVG, as PNG and in words, with alt text and at most 150 KB, and at most 2 MB together.
    """
    found = []
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    counts = [cell.execution_count for cell in code]
    if counts != list(range(1, len(code) + 1)):
        found.append(f"cells were not executed once each, in order: {counts}")
    if any(not cell.source.strip() for cell in notebook.cells):
        found.append("there is an empty cell")
    ids = [cell.get("id") for cell in notebook.cells]
    if None in ids or len(set(ids)) != len(ids):
        found.append("cell ids are missing or not unique")
    for index, cell in enumerate(code, 1):
        found.extend(f"code cell {index} ({cell.get('id')}): {fault}" for fault in _cell_faults(cell))
    size = len(nbformat.writes(notebook, version=nbformat.NO_CONVERT).encode())
    if size > LARGEST_NOTEBOOK:
        found.append(f"takes {size / 1e6:.1f} MB, and {LARGEST_NOTEBOOK / 1e6:.0f} MB is the most: show fewer pictures")
    if notebook != canonical(notebook):
        found.append("metadata or outputs are not in canonical form: run make notebooks")
    return found


def _cell_faults(cell: nbformat.NotebookNode) -> list[str]:
    found = []
    raises = [output for output in cell.outputs if output.output_type == "error"]
    tagged = "raises-exception" in cell.metadata.get("tags", [])
    if raises and not tagged:
        found.append(f"stores an error that nobody announced: {raises[0].ename}")
    if tagged and not raises:
        found.append("is tagged raises-exception and stores no error")
    for output in cell.outputs:
        if output.output_type == "stream" and output.name == "stderr":
            found.append("writes to stderr")
        text = _text(output)
        for pattern, what in ((_MACHINE_PATH, "a machine's path"), (_ADDRESS, "a memory address")):
            match = pattern.search(text)
            if match:
                found.append(f"prints {what}: {match.group()}")
        found.extend(_picture_faults(output))
    return found


def _picture_faults(output: nbformat.NotebookNode) -> list[str]:
    found = []
    data = output.get("data", {})
    kinds = [kind for kind in data if kind.startswith("image/")]
    for kind in kinds:
        if not output.get("metadata", {}).get(kind, {}).get("alt"):
            found.append("shows a picture without alt text: show it through functional_course.figures")
        if len(data[kind].encode()) > LARGEST_PICTURE:
            found.append(f"shows a picture of {len(data[kind].encode()) / 1000:.0f} KB")
    # A viewer that does not trust a notebook shows no SVG, and cleans HTML until only a picture's words are left.
    if kinds:
        missing = [kind for kind in PICTURE if not data.get(kind)]
        if missing:
            found.append(f"shows a picture without {', '.join(missing)}: show it through functional_course.figures")
        if "text/html" in data:
            found.append("shows a picture as HTML too, and a viewer would take that: show it as an image")
    elif re.search(r"<(?:svg|img|canvas)\b", data.get("text/html", "")):
        found.append("shows a picture as HTML, of which an untrusted notebook shows only words: show it as an image")
    return found


def _text(output: nbformat.NotebookNode) -> str:
    if output.output_type == "stream":
        return output.text
    if output.output_type == "error":
        return _COLOUR.sub("", "\n".join([output.evalue, *output.traceback]))
    return "\n".join(str(value) for key, value in output.data.items() if key.startswith("text/"))


def _joined(outputs: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Join neighbouring pieces of the same stream: where the kernel cut them depends on its load."""
    joined: list[nbformat.NotebookNode] = []
    for output in outputs:
        before = joined[-1] if joined else None
        if before and output.output_type == before.output_type == "stream" and output.name == before.name:
            before.text += output.text
        else:
            joined.append(output)
    return joined
