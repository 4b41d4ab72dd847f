"""`course check --watch` judges at each save, and only then."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from functional_course import cli
from functional_course.checking import watching
from functional_course.cli import console
from functional_course.terminal import Console

import nbformat
import pytest
from click.testing import CliRunner


class Saves:
    """Instead of waiting, something happens at each look; after the last, somebody presses Ctrl-C."""

    def __init__(self, *steps: Callable[[], object]) -> None:
        self.steps = list(steps)

    def __call__(self, seconds: float) -> None:
        if not self.steps:
            raise KeyboardInterrupt
        self.steps.pop(0)()


def nothing() -> None:
    """Nobody saves."""


def watched(
    monkeypatch: pytest.MonkeyPatch,
    paths: list[Path],
    *steps: Callable[[], object],
    meanwhile: Callable[[int], object] = lambda count: None,
) -> list[str]:
    """The names of the notebooks that are told, in order; ``meanwhile`` is what happens while one is judged."""
    monkeypatch.setattr(watching, "wait", Saves(*steps))
    told = []
    with contextlib.suppress(KeyboardInterrupt):
        for path in watching.saves(paths):
            told.append(path.name)
            meanwhile(len(told))
    return told


def test_each_save_is_told_once(write_exercise, monkeypatch: pytest.MonkeyPatch):
    one, other = write_exercise("value = 41"), write_exercise("value = 41", name="other.ipynb")
    steps = [
        nothing,
        lambda: write_exercise("value = 42 "),
        nothing,
        lambda: write_exercise("value = 42", name="other.ipynb"),
        nothing,
    ]
    assert watched(monkeypatch, [one, other], *steps) == ["small.ipynb", "other.ipynb", "small.ipynb", "other.ipynb"]


def test_a_half_written_file_waits_and_one_that_stays_so_is_told(write_exercise, monkeypatch: pytest.MonkeyPatch):
    path = write_exercise("value = 41")
    text = path.read_text()
    half = lambda: path.write_text(text[: len(text) // 2])  # noqa: E731
    assert watched(monkeypatch, [path], half, nothing, nothing) == [path.name]
    assert watched(monkeypatch, [path], path.unlink, nothing) == [path.name]
    assert watched(monkeypatch, [path], half, nothing, lambda: path.write_text(text)) == [path.name] * 2
    assert watched(monkeypatch, [path], half, *[nothing] * watching.PATIENCE, nothing) == [path.name] * 2


def test_what_is_saved_while_it_is_judged_is_another_save(write_exercise, monkeypatch: pytest.MonkeyPatch):
    path = write_exercise("value = 41")
    save = lambda count: write_exercise("value = 42 ") if count == 1 else None  # noqa: E731
    assert watched(monkeypatch, [path], nothing, meanwhile=save) == [path.name] * 2


def test_the_process_that_judges_is_kept(write_exercise, monkeypatch: pytest.MonkeyPatch):
    asked = []
    monkeypatch.setattr(watching, "keep_warm", lambda: asked.append(1))
    looks = int(2 * watching.WARM_SECONDS / watching.LOOK_SECONDS)
    watched(monkeypatch, [write_exercise("value = 41")], *[nothing] * looks)
    assert len(asked) == 2


def test_the_command_judges_at_two_saves_and_ends_with_how_it_stands(write_exercise, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(console, "out", Console(width=200))
    monkeypatch.setattr(console, "err", Console(stderr=True, width=200))
    path = write_exercise("value = 41")

    def break_it() -> None:
        notebook = nbformat.read(path, 4)
        del notebook.cells[1]
        nbformat.write(notebook, path)

    monkeypatch.setattr(watching, "wait", Saves(lambda: write_exercise("value = 42 "), nothing, break_it))
    done = CliRunner().invoke(cli.main, ["check", "--watch", str(path)])
    assert done.output.count("0 of 2 points") == 1 and done.output.count("2 of 2 points") == 1
    assert "lacks the cell test-answer" in done.output
    assert done.exit_code == console.REFUSED
