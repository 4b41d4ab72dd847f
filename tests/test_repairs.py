"""The catalogue of repairs, as somebody would read it through."""

from __future__ import annotations

import ast
import string
import subprocess
import sys
from collections import defaultdict

from functional_course.grading.taking_in.repairs import (
    CATALOGUE,
    NOTE,
    REFUSED,
    REPAIRED,
    SUSPICIOUS,
    WAITING,
    as_table,
    noted,
)

import pytest
from conftest import ROOT

SENTENCES = {"advice": "Do that.", "text": "It ended.", "cut": " There are more.", "linked": ""}
"""Facts that are sentences themselves."""

FOR_TEACHERS = ("simpler-pages",)
MATTER_MORE = ("folder", "missing")
"""Where nothing came, nothing is wrong; where it may only not be found, a person has to look."""

HARSH = ("attack", "cheat", "tamper", "suspicious", "illegal", "must not", "forbidden")


def _facts(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("name", CATALOGUE)
def test_each_entry_says_a_plain_sentence_to_both(name: str):
    entry = CATALOGUE[name]
    assert entry.severity in (NOTE, REPAIRED, WAITING, SUSPICIOUS, REFUSED)
    facts = dict.fromkeys((_facts(entry.learner) | _facts(entry.teacher)) - {"cell", "notebook"}, 7)
    facts |= {name: said for name, said in SENTENCES.items() if name in facts}
    repair = noted(name, "build", "a {cell} of {theirs}", **facts)
    assert (repair.kind, repair.severity, repair.notebook) == (entry.kind, entry.severity, "build")
    assert repair.teacher and (repair.learner or name in FOR_TEACHERS)
    for sentence in filter(None, (repair.learner, repair.teacher)):
        assert not sentence[0].islower() or sentence.startswith("nbgrader ")
        assert sentence.endswith(".") and sentence.isprintable() and "  " not in sentence
    assert not any(word in entry.learner.lower() for word in HARSH)
    # Whoever is told of a cell is told of which.
    assert ("{cell}" in entry.learner) == ("{cell}" in entry.teacher)


def test_entries_of_one_kind_matter_alike():
    severities = defaultdict(set)
    for entry in CATALOGUE.values():
        severities[entry.kind].add(entry.severity)
    assert sorted(kind for kind, found in severities.items() if len(found) > 1) == sorted(MATTER_MORE)


def test_a_fact_that_is_missing_is_a_fault_of_the_program():
    with pytest.raises(KeyError, match="names"):
        noted("restored", "build")


def test_no_repair_is_written_elsewhere():
    written = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in (ROOT / "functional_course").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        # One that was stored is read with **.
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Repair" and node.args
    ]
    catalogue = "functional_course/grading/taking_in/repairs.py"
    assert [place.rpartition(":")[0] for place in written] == [catalogue], written


def test_the_catalogue_is_printed_as_a_table_with_every_sentence():
    command = [sys.executable, "-m", "functional_course.grading.taking_in.repairs"]
    lines = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    assert "\n".join(lines) + "\n" == as_table()
    rows = {cells[0]: cells[1:] for cells in (line.strip("| ").split(" | ") for line in lines[2:])}
    assert len(rows) == len(lines) - 2
    assert rows == {
        name: [about.kind, about.severity, about.learner or "–", about.teacher or "–"]
        for name, about in CATALOGUE.items()
    }
    severities = [cells[1] for cells in rows.values()]
    assert severities[0] == REFUSED and severities[-1] == NOTE
