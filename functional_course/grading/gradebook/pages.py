"""Feedback pages whose making ends: three styles, each of which needs less than the one before it."""

from __future__ import annotations

import copy
import html
import re
import time
from collections.abc import Sequence
from typing import Any

from functional_course.grading.gradebook.hiding import hiding

import nbformat
from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from nbconvert.exporters import HTMLExporter
from nbconvert.filters import Highlight2HTML, strip_ansi
from nbformat.notebooknode import NotebookNode
from nbgrader import utils
from nbgrader.converters import GenerateFeedback
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets.config import Config

FULL, PLAIN, BARE = "", "plain", "bare"
"""All there is; without colours, and long outputs cut; only the teacher's cells and what became of them."""

_LANGUAGE = "ipython3"
_BLANK = re.compile(r"\s{300}")
_LONGEST_COLOURED, _SECONDS = 60_000, 5.0
_LONGEST_SHOWN, _MOST_SHOWN = 20_000, 50
_LEFT_OUT = "This cell is left out here: the page could not be made with it. It was graded all the same."
_CUT = "\n[the rest is left out]"


def plain_code(source: str) -> str:
    """Code as HTML without colours."""
    text = html.escape(source, quote=False) or " "
    return f'<div class="highlight hl-{_LANGUAGE}"><pre><span></span>{text}\n</pre></div>\n'


class Colours(Highlight2HTML):
    """Colours code while it takes little time: IPython's lexer needs the square of the length of a blank stretch."""

    def __init__(self, **more: Any) -> None:
        super().__init__(pygments_lexer=_LANGUAGE, **more)
        self._left = _SECONDS

    def __call__(self, source: str, language: str | None = None, metadata: Any = None) -> str:
        """The code as HTML, in colours if it is not too much."""
        if len(source) > _LONGEST_COLOURED or self._left < 0 or _BLANK.search(source):
            return plain_code(source)
        began = time.process_time()
        try:
            return super().__call__(source, language, metadata)
        finally:
            self._left -= time.process_time() - began


class _Compiled(BytecodeCache):
    """Keeps templates compiled, in this process and those that are forked from it; files have their checksum."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


class _Exporter(HTMLExporter):
    """nbconvert's exporter, which would compile its templates for each submission again."""

    def _create_environment(self) -> Environment:
        environment = super()._create_environment()
        environment.bytecode_cache = _COMPILED
        return environment


class Pages(_Exporter):
    """nbconvert's exporter, with a bound on the time for colours."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.filters = {"highlight_code": Colours(parent=self), **self.filters}


class PlainPages(_Exporter):
    """nbconvert's exporter, without colours."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.filters = {
            **self.filters,
            "highlight_code": lambda source, language=None, metadata=None: plain_code(source),
            "ansi2html": lambda text: html.escape(strip_ansi(text), quote=False),
        }


class Shorten(NbGraderPreprocessor):
    """Cut what cells show: long texts, many outputs, pictures."""

    def preprocess(self, notebook: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Change all cells that are no tests."""
        for cell in notebook.cells:
            if cell.cell_type == "code" and not utils.is_grade(cell):
                cell.outputs = [_short(output) for output in cell.outputs[:_MOST_SHOWN]]
        return notebook, resources


class OnlyTheTeachers(NbGraderPreprocessor):
    """Leave out what learners wrote and what it showed."""

    def preprocess(self, notebook: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Change all code cells that are no tests."""
        for cell in notebook.cells:
            if cell.cell_type == "code" and not utils.is_grade(cell):
                cell.source, cell.outputs = f"# {_LEFT_OUT}", []
        return notebook, resources


def prepare(notebooks: Sequence[NotebookNode], config: Config) -> None:
    """Make pages for nothing, so that templates and lexers are there when they are needed."""
    converter = GenerateFeedback(config=config)
    resources = {"nbgrader": {"score": 0, "max_score": 0, "late_penalty": 0, "student": "", "notebook": ""}}
    for notebook in notebooks:
        nbformat.validate(notebook)
        notebook = copy.deepcopy(notebook)
        for cell in notebook.cells:
            if "nbgrader" in cell.metadata:
                cell.metadata.nbgrader.update({"score": 0.0, "points": 0.0, "comment": None})
        Pages(parent=converter, config=converter.config).from_notebook_node(notebook, resources)


def configure(style: str, config: Config) -> None:
    """Have nbgrader's converter make pages of one style.

    Args:
        style: ``FULL``, ``PLAIN`` or ``BARE``.
        config: the course's; it is changed so that nbgrader takes the style's steps besides its own.
    """
    steps = {FULL: [], PLAIN: [Shorten], BARE: [OnlyTheTeachers]}[style]
    own = config.GenerateFeedback.get("preprocessors") or GenerateFeedback.preprocessors.default()
    config.GenerateFeedback.preprocessors = [*steps, *hiding(own)]
    if style == FULL:
        config.GenerateFeedback.setdefault("exporter_class", Pages)
    else:
        config.GenerateFeedback.exporter_class = PlainPages


def _short(output: NotebookNode) -> NotebookNode:
    output = output.copy()
    if output.output_type == "stream":
        output.text = _cut(output.text)
    elif output.output_type == "error":
        output.evalue, output.traceback = _cut(output.evalue), [_cut("\n".join(output.traceback))]
    else:
        output.data = {"text/plain": _cut(output.data.get("text/plain", "[a picture]"))}
    return output


def _cut(text: str) -> str:
    text = "".join(text)
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + _CUT
