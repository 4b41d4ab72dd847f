"""Whatever is wrong with a file becomes one sentence that says what to do."""

from __future__ import annotations

import json
import os
from pathlib import Path

from functional_course.notebooks import reading
from functional_course.notebooks.reading import NotebookError, read_notebook

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is not JSON (line 1, column 1"),
        (b"import keras\n", "is not JSON"),
        (b'{"cells": [', "Take a fresh copy"),
        (b"\xff\xfe\x00", "is not UTF-8 (byte 0)"),
        (b"[1, 2]", "it has no nbformat"),
        (b'{"cells": []}', "it has no nbformat"),
        (b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": 3}', "is a damaged notebook"),
        (b"[" * 100_000, "is not JSON|nested too deeply"),
    ],
)
def test_damaged_files_are_named_with_a_way_on(tmp_path: Path, content: bytes, says: str):
    path = tmp_path / "build.ipynb"
    path.write_bytes(content)
    with pytest.raises(NotebookError) as refused:
        read_notebook(path)
    assert str(path) in str(refused.value)
    assert any(part in str(refused.value) for part in says.split("|"))
    assert path.read_bytes() == content


def test_there_is_no_such_file(tmp_path: Path):
    with pytest.raises(NotebookError, match="There is no file"):
        read_notebook(tmp_path / "build.ipynb")


def test_where_one_lies_a_folder_below_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "exercises" / "01_one").mkdir(parents=True)
    (tmp_path / "exercises" / "01_one" / "build.ipynb").write_text("{}")
    with pytest.raises(NotebookError) as refused:
        read_notebook(Path("01_one/build.ipynb"))
    assert str(refused.value) == "There is no file 01_one/build.ipynb. Did you mean exercises/01_one/build.ipynb?"
    with pytest.raises(NotebookError, match=r"debug.ipynb\.$"):
        read_notebook(Path("01_one/debug.ipynb"))


def test_a_folder_and_a_pipe_are_not_files(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(NotebookError, match="is not a file"):
            read_notebook(path)


def test_links_are_not_followed(tmp_path: Path):
    nbformat.write(new_notebook(), tmp_path / "real.ipynb")
    (tmp_path / "link.ipynb").symlink_to(tmp_path / "real.ipynb")
    with pytest.raises(NotebookError, match="is a link"):
        read_notebook(tmp_path / "link.ipynb")


def test_a_file_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reading, "LARGEST", 100)
    path = tmp_path / "large.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell("1" * 200)]), path)
    with pytest.raises(NotebookError, match="Clear its outputs"):
        read_notebook(path)


def test_an_old_format_is_upgraded(tmp_path: Path):
    old = {"metadata": {}, "nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": [], "metadata": {}}]}
    path = tmp_path / "old.ipynb"
    path.write_text(json.dumps(old))
    assert read_notebook(path).nbformat == 4
