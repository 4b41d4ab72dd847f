"""What a page needs that the course doesn't install: a page about PyTorch is stored by a run that has PyTorch.

Its metadata names the modules, ``{"functional_course": {"needs": ["torch"]}}``. Where one of them is missing, the page
stays as it is stored, and whoever would have executed it says so.
"""

from __future__ import annotations

from importlib.util import find_spec

from nbformat.notebooknode import NotebookNode


def needs(notebook: NotebookNode) -> list[str]:
    """The modules beyond the course's own that a page names."""
    return list(notebook.metadata.get("functional_course", {}).get("needs", ()))


def lacking(notebook: NotebookNode) -> list[str]:
    """Those of them that aren't installed here. None of them is imported."""
    return [name for name in needs(notebook) if find_spec(name) is None]
