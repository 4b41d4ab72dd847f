"""An answer whose verdict is not the one it should be, or not the same in every run, is found."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from answer_files import Answer, read_answers
from conftest import ROOT
from mutants.catalogue import Task
from one_task import Judged
from test_mutants import CHECKS, small_course
from trials import Trial, faults, kept_results

GOOD = Judged(3.0, text="✓ 1/1  two numbers are doubled\n")


@pytest.mark.parametrize(
    ("results", "found"),
    [
        ([GOOD], []),
        ([GOOD, GOOD], []),
        ([Judged(2.0, text=GOOD.text)], ["2 points, expected 3"]),
        ([Judged(3.0, text="✗ 0/1  others\n")], ["does not say: doubled"]),
        ([Judged(3.0, stopped="NameError: doubled")], []),
        ([GOOD, Judged(3.0, text="✓ 1/1  numbers are doubled\n")], ["not the same in every run:"]),
        ([GOOD, Judged(0.0, text=GOOD.text)], ["0 points, expected 3", "not the same in every run:"]),
    ],
)
def test_a_verdict_is_held_to_what_was_expected_and_to_the_others(results: list[Judged], found: list[str]):
    answer = Answer("answer", 3, ("doubled",), "")
    assert [fault.splitlines()[0] for fault in faults(answer, results)] == found


def test_answers_are_read_with_points_and_words(tmp_path: Path):
    path = tmp_path / "wrong_1.py"
    path.write_text(
        "# ruff: noqa\n\n# %% one\n# points: 0.5\n# says: a: b\n# says: c\nx = 1  # of mine\n"
        "\n# %% two\n# points: 2\ny\n"
    )
    answers = read_answers(path)
    assert answers["one"] == Answer("one", 0.5, ("a: b", "c"), "x = 1  # of mine")
    assert answers["two"].says == () and list(answers) == ["one", "two"]


def test_figures_of_the_same_settings_are_replaced_and_others_stay(tmp_path: Path):
    task = Task(tmp_path / "03_small" / "build.ipynb", "answer", "", 3, "")
    right = Trial(task, "right_1", Answer("answer", 3, (), ""), [], [GOOD, GOOD])
    wrong = Trial(task, "wrong_1", Answer("answer", 1, ("no",), ""), [], [GOOD])
    file = tmp_path / "trials.json"
    for runs, trials in ((1, [wrong]), (2, [right]), (1, [right, wrong])):
        kept_results(file, {"runs": runs}, trials)
    # Each in the place that it had, so that a page that is written from them keeps its order.
    first, other = json.loads(file.read_text())
    assert (first["settings"], other["settings"]) == ({"runs": 1}, {"runs": 2})
    assert first["chapters"] == {"03_small": {"right": 1, "wrong": 1, "judged": 3, "faults": 1}}
    assert first["date"] and first["device"] and first["versions"]["keras"]


def test_figures_of_some_answers_are_not_written(tmp_path: Path):
    command = [sys.executable, "-m", "tests.trials", "--chapter", "03", "--output", str(tmp_path / "trials.json")]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert said.returncode == 2 and "leave out --chapter" in said.stderr
    assert not (tmp_path / "trials.json").exists()


# What each way of coming out changes, in a notebook with one seeded draw, one new weight and one draw of a test.
TRIES = """
import sys
from pathlib import Path
sys.path.insert(0, "tests")
from mutants.chances import Chance
from mutants.judging import Job, Kept, judged
notebook, answer = Path(sys.argv[1]), '''
import random
keras.utils.set_random_seed(0)
seeded = keras.random.uniform(())
weight = float(keras.layers.Dense(1, kernel_initializer="ones")(np.ones((1, 1)))[0, 0])
random.seed()
def doubled(numbers):
    raise ValueError(f"{float(seeded)} {weight:.9f} {random.random()}")
'''
ways = [None, Chance(1), Chance(2), Chance(1, 1000), Chance(1, 0, True), Chance(2, 0, True)]
jobs = [Job(str(way), notebook, "answer", answer, chance=way) for way in ways]
found = judged(jobs, 1, Kept(Path(sys.argv[2]), Path(sys.argv[2]).parent))
print(*(found[job.key].verdicts[0]["message"].split(": ")[1].split(" (")[0] for job in jobs), sep="\\n")
"""


def test_a_shift_moves_the_seeds_and_digits_move_the_weights(tmp_path: Path):
    notebook = small_course(tmp_path / "solutions", CHECKS) / "00_small" / "build.ipynb"
    command = [sys.executable, "-c", TRIES, str(notebook), str(tmp_path / "kept.jsonl")]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert said.returncode == 0, said.stderr
    plain, one, two, shifted, digits, others = (tuple(map(float, line.split())) for line in said.stdout.splitlines())
    assert plain[:2] == one[:2] == two[:2]
    assert len({plain[2], one[2], two[2]}) == 3 and shifted[2] == digits[2] == one[2]
    assert shifted[0] != one[0] and shifted[1] == one[1]
    assert digits[0] == others[0] == one[0] and digits[1] != others[1]
    assert all(0 < abs(each[1] - 1) < 1e-5 for each in (digits, others))


def test_each_chosen_answer_is_judged_as_often_as_asked(tmp_path: Path):
    command = [sys.executable, "-m", "tests.trials", "--kept", str(tmp_path / "kept.jsonl")]
    command += ["--chapter", "03", "--notebook", "build", "--task", "share-trunk"]
    two = ["--variant", "right_3", "--variant", "wrong_4", "--runs", "2"]
    said = subprocess.run([*command, *two], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert said.returncode == 0, said.stdout + said.stderr[-2000:]
    assert said.stdout == "answers 2, judged 4 times, not as they should be 0\n"
    nothing = subprocess.run([*command, "--variant", "none"], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert nothing.returncode == 1 and nothing.stdout.startswith("answers 0, ")
