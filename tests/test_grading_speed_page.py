"""The page about the speed of grading says what was measured, and nothing that wasn't."""

from __future__ import annotations

import copy
import json
import re

import pytest
from conftest import ROOT
from grading_speed_page import NOTHING, PAGE, PARTS, RESULTS, faults, main, plan, rendered

MADE = {"date": "2026-11-01", "device": "CPU", "versions": {"python": "3.11.1"}}
RUN = {
    "chapters": {
        "01_first": {
            **MADE,
            "students": 10,
            "notebooks": 2,
            "workers": 2,
            "seconds": 30.0,
            "processor": 36.0,
            "workers_mib": 900,
            "own_mib": 300,
            "nbgrader": {"students": 2, "seconds": 50.0, "processor": 40.0},
            "scores": 26,
            "different": 0,
            "waiting": 1,
        }
    },
    "small": {
        "000200": {
            **MADE,
            "students": 200,
            "workers": 2,
            "seconds": 50.0,
            "processor": 60.0,
            "workers_mib": 800,
            "own_mib": 300,
        }
    },
    "writer": {
        "small": {**MADE, "students": 100, "notebooks": 1, "seconds": 10.0, "processor": 8.0, "own_mib": 300},
        "01_first": {**MADE, "students": 50, "notebooks": 2, "seconds": 20.0, "processor": 18.0, "own_mib": 300},
    },
}
PLACES = ("scores", "throughput", "growth", "writer", "plan")
EMPTY = "".join(f"<!-- table: {name} -->\n<!-- end -->\n" for name in PLACES)


@pytest.fixture(scope="module")
def stored() -> dict:
    return json.loads((ROOT / RESULTS).read_text(encoding="utf-8"))


def test_the_page_says_what_was_measured(stored: dict):
    page = (ROOT / PAGE).read_text(encoding="utf-8")
    assert rendered(page, stored) == page, "write its tables anew: python -m tests.grading_speed_page"
    places = re.findall(r"<!-- table: (\w+) -->", page)
    assert places == ["scores", "throughput", "growth", "writer", "plan", "made"] and page.count("<!-- end -->") == 6


def test_what_bounds_the_ratio_follows_from_what_was_measured(stored: dict):
    text = " ".join((ROOT / PAGE).read_text(encoding="utf-8").split())
    said = re.search(
        r"takes ([\d.]+) s for the two .* 1, ([\d.]+) s .* 2 and ([\d.]+) s .* between ([\d.]+) and ([\d.]+)", text
    )
    of_solutions = json.loads((ROOT / "book/results/grading_backends.json").read_text(encoding="utf-8"))["graded"]
    ratios = []
    for chapter, seconds in zip(("01", "02", "03"), said.groups(), strict=False):
        notebooks = {name: each for name, each in of_solutions["tensorflow"].items() if name.startswith(chapter)}
        run = next(each for name, each in stored["chapters"].items() if name.startswith(chapter))
        taken = sum(each["solution"]["seconds"] for each in notebooks.values())
        assert len(notebooks) == run["notebooks"] and f"{taken:.1f}" == seconds
        ratios.append(run["nbgrader"]["processor"] / run["nbgrader"]["students"] / taken)
    assert [f"{min(ratios):.1f}", f"{max(ratios):.1f}"] == list(said.groups()[3:])


def test_an_empty_place_takes_its_table_and_nothing_else(stored: dict):
    page = (ROOT / PAGE).read_text(encoding="utf-8")
    empty = re.sub(r"(<!-- table: \w+ -->\n).*?(?=<!-- end -->)", r"\1", page, flags=re.DOTALL)
    assert len(empty) < len(page) and rendered(empty, stored) == page


def test_a_number_that_was_not_measured_is_written_over():
    page = rendered(EMPTY, RUN)
    row = next(line for line in page.splitlines() if line.startswith("| two lines |"))
    assert rendered(page.replace(row, re.sub(r"\d", "9", row)), RUN) == page


def test_the_stored_figures_are_sound(stored: dict):
    assert faults(stored) == []


def test_the_tables_of_a_run():
    page = rendered(EMPTY, RUN)
    assert "| 1 | 10 | 2 | 2 | 3.6 | 20.0 | 5.6 | 26 | 0 | 1 |" in page
    assert "| 1 | 10 | 2 | 30 | 1,200 | 8.3 | 900 | 300 |" in page
    assert "| 200 | 50 | 0.25 | 0.30 | 800 | 300 |" in page
    assert "| two lines | 100 | 1 | 0.08 | 12.5 | 10.0 |" in page


def test_the_plan_counts_real_submissions_alone_and_the_cores_that_write():
    # 100 core-hours to execute, 10 hours to write: on 64 cores the former take 1.6 hours, so seven cores write.
    table = plan(RUN)
    assert "| 16 | 6.2 | 10.0 | 2 | 5 |" in table and "| 64 | 1.6 | 10.0 | 7 | 5 |" in table
    assert "as measured (chapter 1)" in table and "(1)" in table
    assert "| 64 | 1.6 | 10.0 | 7 | 50 |" in plan(RUN, price=0.5)


def test_what_was_not_measured_has_no_figure():
    page = rendered(EMPTY, {})
    assert page.count(NOTHING) == 5 and not re.search(r"\d", page)
    assert plan({part: RUN[part] for part in PARTS if part != "writer"}) == NOTHING
    assert "chapter 1" not in rendered(EMPTY, {"writer": {"small": RUN["writer"]["small"]}})


def test_a_busy_machine_has_no_time_by_the_clock_and_that_is_said():
    run = copy.deepcopy(RUN)
    for part in PARTS:
        for found in run[part].values():
            found.update(load=4.1, cores=2)
    page = rendered(EMPTY + "<!-- table: made -->\n<!-- end -->\n", run)
    assert page.count("(busy)") == 7 and "4.1 processes wanted its 2 cores" in page
    assert "| two lines | 100 | 1 | 0.08 | 12.5 | (busy) |" in page
    for part in PARTS:
        for found in run[part].values():
            found.update(load=4.0)
    assert "busy" not in rendered(EMPTY + "<!-- table: made -->\n<!-- end -->\n", run)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (lambda run: run["chapters"]["01_first"].update(different=2), "2 scores differ"),
        (lambda run: run["chapters"]["01_first"].pop("different"), "None scores differ"),
        (lambda run: run["chapters"]["01_first"]["nbgrader"].pop("processor"), "can't have taken"),
        (lambda run: run["small"]["000200"].update(processor=0.0), "can't have taken"),
        (lambda run: run["writer"]["small"].pop("device"), "device is missing"),
        (lambda run: run.update(other={}), "no part of the page"),
    ],
)
def test_what_can_not_be_is_told(fault, told: str):
    run = copy.deepcopy(RUN)
    assert faults(run) == []
    fault(run)
    (found,) = faults(run)
    assert told in found


@pytest.mark.parametrize("sound", [True, False])
def test_the_page_is_written_if_its_tables_would_be_true(tmp_path, capsys: pytest.CaptureFixture, sound: bool):
    run = RUN if sound else RUN | {"other": {}}
    for name, text in ((RESULTS, json.dumps(run)), (PAGE, EMPTY)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert main(tmp_path) == (0 if sound else 1)
    assert (tmp_path / PAGE).read_text(encoding="utf-8") == (rendered(EMPTY, RUN) if sound else EMPTY)
    assert ("no part" in capsys.readouterr().err) != sound
