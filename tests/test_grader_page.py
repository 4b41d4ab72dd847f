"""The page about the tests of the grader says what the stored runs found, and these found nothing wrong."""

from __future__ import annotations

import copy
import json
import re

import grader_page
import pytest
from grader_page import MARGINS, MUTANTS, PAGE, TRIALS, faults, rendered
from margins import TRAINED


@pytest.fixture(scope="module")
def stored() -> tuple[dict, list, dict]:
    of_mutants, of_trials, of_margins = (
        json.loads(path.read_text(encoding="utf-8")) for path in (MUTANTS, TRIALS, MARGINS)
    )
    return of_mutants, of_trials, of_margins


def test_the_page_says_what_was_found():
    page = PAGE.read_text(encoding="utf-8")
    assert rendered(page) == page, "write its tables anew: python -m tests.grader_page"


def test_every_table_stands_in_the_page():
    page = PAGE.read_text(encoding="utf-8")
    assert re.findall(r"<!-- table: (\w+) -->", page) == [
        "answers",
        "mutants",
        "operators",
        "trials",
        "thresholds",
        "others",
    ]
    assert page.count("<!-- end -->") == 6


def test_an_empty_place_takes_its_table_and_nothing_else():
    page = PAGE.read_text(encoding="utf-8")
    empty = re.sub(r"(?<= -->\n)\|.*?(?=<!-- end -->)", "", page, flags=re.DOTALL)
    assert len(empty) < len(page) and rendered(empty) == page


@pytest.mark.parametrize("place", range(3))
def test_a_number_that_was_not_found_is_written_over(place: int):
    page = PAGE.read_text(encoding="utf-8")
    row = [line for line in page.splitlines() if re.match(r"\| (?:all|4|the solutions)\b", line)][place]
    wrong = page.replace(row, re.sub(r"\d", "9", row))
    assert wrong != page and rendered(wrong) == page


def test_the_stored_runs_found_nothing_wrong(stored: tuple[dict, list, dict]):
    assert faults(*stored) == []


def test_what_they_found_would_be_told(stored: tuple[dict, list, dict]):
    of_mutants, of_trials, of_margins = copy.deepcopy(stored)
    next(iter(of_mutants["chapters"].values()))["missed"] = 2
    next(iter(of_trials[0]["chapters"].values()))["faults"] = 3
    next(iter(of_margins["tasks"].values()))["closest"] = 2.9
    found = faults(of_mutants, of_trials, of_margins)
    assert len(found) == 3 and "2 missed" in found[0] and "3 other verdicts" in found[1]
    assert "within 3 standard deviations" in found[2]


def test_all_mutants_and_trials_of_the_course_are_counted(stored: tuple[dict, list, dict]):
    of_mutants, of_trials, of_margins = stored
    assert {label.split()[2] for label in of_margins["tasks"]} == TRAINED and of_margins["seeds"] >= 20
    chapters = set(grader_page.NOTEBOOKS)
    assert set(of_mutants["chapters"]) == chapters
    assert all(set(each["chapters"]) == chapters for each in of_trials)
    assert sum(each["mutants"] for each in of_mutants["chapters"].values()) >= 600
    assert sum(each["mutants"] for each in of_mutants["operators"].values()) == sum(
        each["mutants"] for each in of_mutants["chapters"].values()
    )
