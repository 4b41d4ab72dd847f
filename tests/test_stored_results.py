"""What the pages of evidence read from ``book/results``: every run is there, of every seed, with the chosen rates."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest

RESULTS = Path(__file__).resolve().parent.parent / "book" / "results"
RUNS = {
    "age_gender": ("network", "seed"),
    "similarity": ("task", "way", "seed"),
    "transfer": ("backbone", "treatment", "labels", "seed"),
}


def faults(results: dict[str, Any], names: tuple[str, ...]) -> list[str]:
    """What is missing or double, a sentence each."""
    made_with = ("date", "device", "versions", "seeds", "rates", "chosen")
    found = [f"{name} is missing" for name in made_with if not results.get(name)]
    keys = [tuple(run[name] for name in names) for run in results["runs"]]
    expected = set(product(*(sorted({key[place] for key in keys}, key=str) for place in range(len(names)))))
    found += [f"{key} is missing" for key in sorted(expected - set(keys), key=str)]
    found += ["a run is there twice"] * (len(set(keys)) < len(keys))
    if {key[-1] for key in keys} != set(results["seeds"]):
        found.append("the runs have other seeds than are named")
    return found


@pytest.mark.parametrize("name", RUNS)
def test_a_stored_experiment_is_whole(name: str):
    results = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    assert results["experiment"] == name and faults(results, RUNS[name]) == []


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (lambda results: results["runs"].pop(3), "is missing"),
        (lambda results: results["runs"].append(results["runs"][0]), "twice"),
        (lambda results: results.update(seeds=[0, 1]), "other seeds"),
        (lambda results: results.pop("device"), "device is missing"),
    ],
)
def test_one_that_is_not_is_told(fault, told: str):
    results = json.loads((RESULTS / "similarity.json").read_text(encoding="utf-8"))
    fault(results)
    (found,) = faults(results, RUNS["similarity"])
    assert told in found
