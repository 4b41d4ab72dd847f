"""``python -m tests.grader_page``: put what the tests of the grader found into the page of the book that tells it.

The prose of ``book/guides/grader_tested.md`` is written by hand. Its tables are written here, from what
``make mutants``, ``make trials`` and ``python -m tests.margins`` stored in ``book/results`` and from the answers, forms
and attacks themselves.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from functional_course.writing import write_whole

import nbformat
from answer_files import VARIANTS, variant
from answer_forms.reading import GROUPS, forms
from attacks import ATTACKS
from classroom import NOTEBOOKS
from conftest import ROOT
from margins import ASKED
from page_tables import filled, made_with, summed, table

PAGE = ROOT / "book" / "guides" / "grader_tested.md"
MUTANTS = ROOT / "book" / "results" / "mutants.json"
TRIALS = ROOT / "book" / "results" / "trials.json"
MARGINS = ROOT / "book" / "results" / "margins.json"


def title(chapter: str) -> str:
    """What a chapter is called in the tables, from its folder: ``"3"``."""
    return f"{int(chapter[:2])}"


def answers() -> str:
    """How many answers there are to the tasks of each chapter."""
    rows = []
    for chapter, notebooks in NOTEBOOKS.items():
        full = {}
        for notebook in notebooks:
            for cell in nbformat.read(ROOT / "solutions" / chapter / f"{notebook}.ipynb", 4).cells:
                mark = cell.metadata.get("nbgrader", {})
                if mark.get("grade"):
                    full[notebook, mark["grade_id"].removeprefix("test-")] = mark["points"]
        found = [
            answer.points == full[notebook, task]
            for notebook in notebooks
            for name in VARIANTS
            for task, answer in variant(chapter, notebook, name).items()
        ]
        rows.append((title(chapter), len(full), found.count(True), found.count(False)))
    return table(("chapter", "tasks", "right answers", "wrong answers"), summed(rows))


def mutants(results: Mapping[str, Any]) -> str:
    """How the mutants of each chapter ended."""
    parts = ("mutants", "caught", "equivalent", "missed", "named", "stops")
    rows = [(title(name), *(counts[part] for part in parts)) for name, counts in results["chapters"].items()]
    heads = ("chapter", "mutants", "lose points", "right as well", "missed", "fault named", "or stops, and where")
    return table(heads, summed(rows))


def operators(results: Mapping[str, Any]) -> str:
    """How often each kind of slip was made, and caught."""
    rows = [
        (name, counts["mutants"], counts["caught"], counts["equivalent"], counts["named"])
        for name, counts in results["operators"].items()
    ]
    return table(("slip", "made", "lose points", "right as well", "fault named"), sorted(rows, key=lambda row: -row[1]))


def trials(results: Iterable[Mapping[str, Any]]) -> str:
    """What was varied, and how many verdicts came out otherwise than they should."""
    rows = []
    for result in results:
        counts = result["chapters"].values()
        answers = sum(each["right"] + each["wrong"] for each in counts)
        rows.append(
            (_varied(result["settings"]), answers, *(sum(each[n] for each in counts) for n in ("judged", "faults")))
        )
    return table(("what was varied", "answers", "times judged", "other verdicts"), rows)


def _varied(settings: Mapping[str, Any]) -> str:
    whose = "the solutions" if settings["solutions"] else "all answers"
    ways = []
    if settings["seeds"]:
        ways.append(f"{settings['seeds']} other seeds")
    if settings["runs"] > 1:
        ways.append(f"{settings['runs']} runs")
    if settings["digits"]:
        ways.append("other last digits of all new weights")
    if settings["TF_ENABLE_ONEDNN_OPTS"]:
        ways.append(f"oneDNN {'off' if settings['TF_ENABLE_ONEDNN_OPTS'] == '0' else 'on'}")
    if settings["TF_NUM_INTRAOP_THREADS"] not in ("", "1"):
        ways.append(f"{settings['TF_NUM_INTRAOP_THREADS']} threads")
    return f"{whose}: {', '.join(ways) or 'one run'}"


def thresholds(results: Mapping[str, Any]) -> str:
    """How close the closest threshold of each task stands to what the solution reaches."""
    rows = []
    for label, each in sorted(results["tasks"].items(), key=lambda item: item[1]["closest"]):
        chapter, _, task, _ = label.split()
        rows.append((f"chapter {title(chapter)}, {task}", each["comparisons"], f"{each['closest']:.1f}"))
    return table(("task", "comparisons", "closest, in standard deviations"), rows)


def others() -> str:
    """Counts of what has a page or a suite of its own."""
    counted = sum(len(forms(group)) for group in GROUPS)
    rows = [
        ("forms in which answers are written, graded in one kernel and by `course grade`", counted),
        ("submissions that attack the grader, graded as one class", len(ATTACKS)),
        ("things that these try", sum(attack.ways for attack in ATTACKS.values())),
    ]
    return table(("what the tests hold", "number"), rows)


def rendered(page: str) -> str:
    """The page with its tables written anew."""
    of_mutants, of_trials, of_margins = (
        json.loads(path.read_text(encoding="utf-8")) for path in (MUTANTS, TRIALS, MARGINS)
    )
    tables = {
        "answers": answers,
        "mutants": lambda: f"{mutants(of_mutants)}\n\n{made_with(of_mutants)}",
        "operators": lambda: operators(of_mutants),
        "trials": lambda: f"{trials(of_trials)}\n\n{made_with(of_trials[-1])}",
        "thresholds": lambda: f"{thresholds(of_margins)}\n\n{made_with(of_margins)}",
        "others": others,
    }
    return filled(page, tables)


def faults(
    of_mutants: Mapping[str, Any], of_trials: Iterable[Mapping[str, Any]], of_margins: Mapping[str, Any]
) -> list[str]:
    """What the stored runs found and nobody mended, a line each."""
    found = [f"{name}: {each['missed']} missed" for name, each in of_mutants["chapters"].items() if each["missed"]]
    for result in of_trials:
        for name, each in result["chapters"].items():
            if each["faults"]:
                found.append(f"{name}: {each['faults']} other verdicts, {_varied(result['settings'])}")
    found += [
        f"{label}: a threshold within {ASKED:g} standard deviations of what the solution reaches"
        for label, each in of_margins["tasks"].items()
        if each["closest"] < ASKED
    ]
    return found


if __name__ == "__main__":
    write_whole(PAGE, rendered(PAGE.read_text(encoding="utf-8")))
