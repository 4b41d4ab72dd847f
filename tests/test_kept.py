"""What an experiment keeps of its finished runs: it isn't run again, not mixed up, and not trusted when damaged."""

from __future__ import annotations

import json
from pathlib import Path

from functional_course.reproduce.kept import Kept, digest

import numpy as np
import pytest

ABOUT = {"steps": 3, "learning_rates": (0.1, 0.2), "device": "CPU"}


def kept(folder: Path, **change) -> Kept:
    return Kept(folder, {**ABOUT, **change}, ["error"])


def never():
    raise AssertionError("run again")


def test_a_finished_run_is_not_run_again_and_keeps_its_day(tmp_path: Path):
    assert kept(tmp_path).run("a, seed 0", lambda: {"error": 0.1}) == {"error": 0.1}
    path = tmp_path / "a, seed 0.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "date": "2001-02-03"}))
    again = kept(tmp_path)
    assert again.run("a, seed 0", never) == {"error": 0.1} and again.date == "2001-02-03"
    again.run("b", lambda: {"error": 0.2})
    assert again.date > "2001-02-03"


def test_a_run_that_stops_leaves_nothing(tmp_path: Path):
    with pytest.raises(AssertionError):
        kept(tmp_path / "work").run("a", never)
    assert not (tmp_path / "work").exists()


@pytest.mark.parametrize(
    ("change", "named"),
    [({"steps": 4}, "steps"), ({"learning_rates": [0.1], "device": "GPU"}, "learning rates, device")],
)
def test_runs_of_another_experiment_are_refused(tmp_path: Path, change: dict, named: str):
    kept(tmp_path).run("a", lambda: {"error": 0.1})
    with pytest.raises(ValueError, match=f"another experiment: it differs in {named}. Remove .* to start anew"):
        kept(tmp_path, **change)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b'{"error": 0.', "Unterminated|Expecting"),
        (b"\xff\xfe", "decode"),
        (b"[1]", "no figures"),
        (b"{}", "no error, date"),
    ],
)
def test_a_damaged_file_is_named_with_what_to_do(tmp_path: Path, content: bytes, why: str):
    kept(tmp_path).run("a", lambda: {"error": 0.1})
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(ValueError, match=rf"a\.json is damaged: .*({why}).* Remove this file, and the same command"):
        kept(tmp_path).run("a", never)
    (tmp_path / "a.json").unlink()
    assert kept(tmp_path).run("a", lambda: {"error": 0.2}) == {"error": 0.2}


def test_a_damaged_account_of_the_experiment_is_named(tmp_path: Path):
    kept(tmp_path).run("a", lambda: {"error": 0.1})
    (tmp_path / "about.json").write_text('{"steps"')
    with pytest.raises(ValueError, match=r"about\.json is damaged"):
        kept(tmp_path)


def test_a_digest_tells_other_values_shapes_and_types_apart():
    zeros = np.zeros((2, 3), "float32")
    others = [zeros + 1, zeros.T, zeros.astype("int32")]
    assert digest(zeros) == digest(zeros.copy()) and digest(zeros) not in map(digest, others)


def test_an_array_is_computed_once_and_dropped_with_the_others(tmp_path: Path):
    array = np.arange(6, dtype="float32").reshape(2, 3)
    assert np.array_equal(kept(tmp_path).array("maps 0", lambda: array), array)
    again = kept(tmp_path)
    found = again.array("maps 0", never)
    assert found.dtype == array.dtype and np.array_equal(found, array)
    with pytest.raises(ValueError, match="another experiment"):
        kept(tmp_path, steps=4)
    again.run("a", lambda: {"error": 0.1})
    again.drop_arrays()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "about.json"]


@pytest.mark.parametrize("content", [b"", b"\x93NUMPY", b"no array", b'{"error": 0.1}'])
def test_a_damaged_array_is_named_with_what_to_do(tmp_path: Path, content: bytes):
    kept(tmp_path).array("maps 0", lambda: np.zeros(3))
    (tmp_path / "maps 0.npy").write_bytes(content)
    with pytest.raises(ValueError, match=r"maps 0\.npy is damaged: .* Remove this file, and the same command"):
        kept(tmp_path).array("maps 0", never)
