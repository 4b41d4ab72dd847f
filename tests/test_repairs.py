"""The catalogue of repairs, as somebody would read it through."""

from __future__ import annotations

import string
from collections import defaultdict

from functional_course.grading.repairs import CATALOGUE, NOTE, REFUSED, REPAIRED, SUSPICIOUS, noted

import pytest

HARSH = ("attack", "cheat", "tamper", "suspicious", "illegal", "must not", "forbidden")


def _facts(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("name", CATALOGUE)
def test_each_entry_says_a_plain_sentence_to_both(name: str):
    entry = CATALOGUE[name]
    assert entry.severity in (NOTE, REPAIRED, SUSPICIOUS, REFUSED)
    facts = dict.fromkeys((_facts(entry.learner) | _facts(entry.teacher)) - {"cell"}, 7)
    repair = noted(name, "build", "a {cell} of {theirs}", **facts)
    assert (repair.kind, repair.severity, repair.notebook) == (entry.kind, entry.severity, "build")
    for sentence in (repair.learner, repair.teacher):
        assert not sentence[0].islower() and sentence.endswith(".") and sentence.isprintable() and "  " not in sentence
    assert not any(word in entry.learner.lower() for word in HARSH)
    # Whoever is told of a cell is told of which.
    assert ("{cell}" in entry.learner) == ("{cell}" in entry.teacher)


def test_entries_of_one_kind_matter_alike():
    severities = defaultdict(set)
    for entry in CATALOGUE.values():
        severities[entry.kind].add(entry.severity)
    assert [kind for kind, found in severities.items() if len(found) > 1] == []


def test_a_fact_that_is_missing_is_a_fault_of_the_program():
    with pytest.raises(KeyError, match="names"):
        noted("restored", "build")
