"""What a page of evidence rests on, as one digest: executing it again tells nothing new while that is the same.

A page of experiments takes minutes. Its digest stands in its metadata, written when it was executed, and a page whose
code, or what it imports of the course, has changed since is known without executing it.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from functional_course.notebooks.reached import reached

from nbformat.notebooknode import NotebookNode

PACKAGE = Path(__file__).parents[1]

_KEY = "rests_on"
_STORED = re.compile(r"[\w-]+\.json")


def digest(notebook: NotebookNode, package: Path = PACKAGE, results: Path | None = None) -> str:
    """The digest of a page's code cells, of the course's modules that they lead to, and of stored results they name.

    :func:`functional_course.notebooks.reached.reached` says which modules these are. Of a module count its text without
    docstrings, and the files that lie beside it and are no modules, such as tables and weights. The libraries' versions
    don't count: other versions are to give the same page.

    Args:
        notebook: the page.
        package: the folder of ``functional_course``.
        results: the folder of stored results, if there is one.

    Returns:
        20 hexadecimal digits.
    """
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    found = hashlib.sha256()
    for source in code:
        found.update(b"cell" + _hash(source.encode()))
    modules = sorted(reached("\n".join(map(_python, code)), package))
    for module in modules:
        found.update(b"module" + _hash(_without_docstrings(module.read_text(encoding="utf-8")).encode()))
    for path in sorted(_beside(modules)):
        found.update(b"file" + _hash(path.read_bytes()))
    named = {name for source in code for name in _STORED.findall(source)}
    for name in sorted(named if results else ()):
        if (results / name).is_file():
            found.update(b"result" + _hash((results / name).read_bytes()))
    return found.hexdigest()[:20]


def recorded(notebook: NotebookNode) -> str | None:
    """The digest from when the page was executed."""
    return notebook.metadata.get("functional_course", {}).get(_KEY)


def record(notebook: NotebookNode, value: str) -> None:
    """Note the digest in a page that was just executed."""
    notebook.metadata.setdefault("functional_course", {})[_KEY] = value


def _hash(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _python(cell: str) -> str:
    """A cell without IPython's own lines."""
    kept = [line for line in cell.splitlines() if not line.lstrip().startswith(("%", "!"))]
    return "\n".join(kept)


@lru_cache(maxsize=1024)
def _without_docstrings(source: str) -> str:
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
            first = node.body[0]
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                end = first.end_lineno or first.lineno
                lines[first.lineno - 1 : end] = [""] * (end - first.lineno + 1)
    return "\n".join(line for line in lines if line.strip())


def _beside(modules: Iterable[Path]) -> set[Path]:
    """The files that aren't modules and have a module's name: ``penguins.csv``, ``small.weights.h5``."""
    return {
        path
        for module in modules
        for path in module.parent.glob(f"{module.stem}.*")
        if path.is_file() and path.suffix != ".py"
    }
