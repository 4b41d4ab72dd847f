"""The benchmark of grading sees a score that differs, hands in what differs, and keeps what it measured before."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import nbformat
import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))

import grading
import stored
from classes import MIXTURE, UNTOUCHED, make_class

CHAPTER = "01_sequential_vs_functional"
ANN, BEN = ("ann", "build", "test-a"), ("ben", "build", "test-a")


@pytest.mark.parametrize(
    ("ours", "found"),
    [
        ({ANN: (3.0, False), BEN: (1.0, False)}, (2, 0, 0)),
        ({ANN: (3.0, False), BEN: (0.0, False)}, (2, 1, 0)),
        ({ANN: (3.0, False)}, (2, 1, 0)),
        ({ANN: (3.0, False), BEN: (0.0, True)}, (2, 0, 1)),
    ],
)
def test_scores_that_differ_are_counted_and_what_waits_apart(ours: dict, found: tuple):
    theirs = {ANN: (3.0, False), BEN: (1.0, False)}
    assert tuple(grading.compared(ours, theirs).values()) == found


def test_a_class_is_a_mixture_and_no_two_hand_in_the_same(tmp_path: Path):
    make_class(tmp_path, CHAPTER, len(MIXTURE) + 1, ["build"])
    handed_in = sorted(tmp_path.glob(f"submitted/*/{CHAPTER}/*.ipynb"))
    texts = [path.read_text(encoding="utf-8") for path in handed_in]
    assert len(set(texts)) == len(texts) == 10 and {path.stem for path in handed_in} == {"build"}
    released = nbformat.read(ROOT / "exercises" / CHAPTER / "build.ipynb", 4).cells
    untouched = []
    for index, path in enumerate(handed_in):
        pairs = list(zip(nbformat.read(path, 4).cells, released, strict=True))
        assert all(cell.id == as_released.id for cell, as_released in pairs)
        if all(cell.source.startswith(as_released.source) for cell, as_released in pairs):
            untouched.append(index)
    assert untouched == [MIXTURE.index(UNTOUCHED)]
    assert [path.name for path in (tmp_path / "solutions" / CHAPTER).glob("*.ipynb")] == ["build.ipynb"]


@pytest.fixture
def output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(stored, "_made_here", lambda: {"date": "2026-11-01"})
    monkeypatch.setattr(stored.os, "getloadavg", lambda: (1.0, 2.04, 3.0))
    monkeypatch.setattr(stored.os, "cpu_count", lambda: 2)
    return tmp_path / "grading.json"


def test_what_was_measured_stays_beside_what_is_measured_next(output: Path):
    stored.store("chapters", "02_b", {"students": 2}, output)
    stored.store("small", "000200", {"students": 200}, output)
    stored.store("chapters", "01_a", {"students": 3}, output)
    stored.store("chapters", "02_b", {"students": 4}, output)
    kept = json.loads(output.read_text(encoding="utf-8"))
    assert list(kept) == ["chapters", "small"] and list(kept["chapters"]) == ["01_a", "02_b"]
    assert kept["chapters"]["02_b"] == {"date": "2026-11-01", "load": 2.0, "cores": 2, "students": 4}


def test_a_run_that_was_cut_off_goes_on(output: Path, monkeypatch: pytest.MonkeyPatch):
    begun = []

    def measured(part: str, name: str, work, *arguments, output: Path) -> None:
        if len(begun) == 2:
            raise KeyboardInterrupt
        begun.append(name)
        stored.store(part, name, {"students": arguments[1] if part == "chapters" else arguments[0]}, output)

    monkeypatch.setattr(grading, "measured", measured)

    def run(*asked: str) -> list[str]:
        begun.clear()
        monkeypatch.setattr(sys, "argv", ["grading.py", *asked, "--output", str(output)])
        grading.main()
        return list(begun)

    chapters = grading.CHAPTERS
    with pytest.raises(KeyboardInterrupt):
        run("class")
    with pytest.raises(KeyboardInterrupt):
        run("class")
    assert begun == chapters[2:4]
    assert run("class") == chapters[4:] and run("class") == []
    assert run("class", "--chapter", chapters[0], "--students", "3") == chapters[:1]
    assert run("class", "--chapter", chapters[1], "--again") == [chapters[1]]
    assert run("small", "20", "10") == ["000020", "000010"] and run("small", "10", "30") == ["000030"]
