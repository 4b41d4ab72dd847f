"""The MNIST experiment, on a handful of images: the same figures whether or not it was interrupted."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from functional_course.reproduce import mnist

import numpy as np
import pytest

# What its tests share is made once, on one worker.
pytestmark = pytest.mark.xdist_group("reproduce")

RUNS = tuple(run for run in mnist.RUNS if run.name in ("functional", "as_published"))


def few():
    rng = np.random.default_rng(0)
    images, labels = rng.integers(256, size=(260, 28, 28)).astype("uint8"), rng.integers(10, size=260).astype("uint8")
    return (images[:256], labels[:256]), (images[256:], labels[256:])


class Interrupted(BaseException):
    """What a Ctrl-C stands for here."""


def figures(results: dict) -> list:
    return [run["history"] for run in results["runs"]]


def test_an_interrupted_experiment_ends_with_the_same_figures(tmp_path: Path):
    whole = mnist.reproduce(tmp_path / "whole.json", tmp_path / "whole", epochs=3, runs=RUNS, data=few)

    def stop(title: str, epoch: int, batch: int, batches: int) -> None:
        if (epoch, batch) == (2, 1):
            raise Interrupted

    output, work = tmp_path / "resumed.json", tmp_path / "resumed"
    with pytest.raises(Interrupted):
        mnist.reproduce(output, work, epochs=3, runs=RUNS, data=few, report=stop)
    assert not output.exists()
    assert len(json.loads((work / "functional" / "history.json").read_text())["epochs"]) == 2

    seen = []
    resumed = mnist.reproduce(output, work, epochs=3, runs=RUNS, data=few, report=lambda *step: seen.append(step))
    assert (RUNS[0].title, 0, 1, 2) not in seen, "finished epochs are not run again"
    assert figures(resumed) == figures(whole)
    assert json.loads(output.read_text()) == resumed


def other():
    (x_train, y_train), test = few()
    return (x_train, y_train[::-1]), test


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"epochs": 1}, "epochs"),
        ({"epochs": 3}, "epochs"),
        ({"data": other}, "data"),
        ({"versions": {"keras": "3.0"}}, "versions"),
        ({"device": "GPU:0"}, "device"),
        ({"BATCH_SIZE": 64}, "batch size"),
        ({}, None),
    ],
)
def test_work_of_another_experiment_is_not_taken_for_this_one(tmp_path, monkeypatch, finished, change, says):
    work, output = tmp_path / "work", tmp_path / "out.json"
    shutil.copytree(finished, work)
    asked = {"epochs": 2, "runs": RUNS[:1], "data": few}
    for name, value in change.items():
        if name in asked:
            asked[name] = value
        else:
            monkeypatch.setattr(mnist, name, value if name == "BATCH_SIZE" else lambda value=value: value)
    if says is None:
        # Nothing is trained again: the day is the one on which it was.
        assert mnist.reproduce(output, work, **asked)["date"] == "2001-02-03"
        return
    with pytest.raises(ValueError, match=f"another experiment: it differs in {says}. Remove .*work to start anew"):
        mnist.reproduce(output, work, **asked)
    assert not output.exists()


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished experiment, of long ago."""
    work = tmp_path_factory.mktemp("finished") / "work"
    mnist.reproduce(work.parent / "out.json", work, epochs=2, runs=RUNS[:1], data=few)
    history = work / RUNS[0].name / "history.json"
    kept = json.loads(history.read_text())
    history.write_text(json.dumps({**kept, "date": "2001-02-03"}))
    return work


def test_what_is_recorded(tmp_path: Path):
    results = mnist.reproduce(tmp_path / "out.json", tmp_path / "work", epochs=1, runs=RUNS, data=few)
    assert [run["learning_rate"] for run in results["runs"]] == [1.0, 0.001]
    assert {run["parameters"] for run in results["runs"]} == {1_199_882}
    assert set(results) >= {"date", "versions", "device", "epochs", "batch_size"}
    assert set(results["runs"][0]["history"][0]) == {"loss", "accuracy", "val_loss", "val_accuracy"}


def test_both_ways_of_writing_it_start_from_the_same_weights():
    import keras

    weights = []
    for build in (mnist.sequential_cnn, mnist.functional_cnn):
        keras.utils.set_random_seed(0)
        weights.append(build().get_weights())
    assert all(np.array_equal(a, b) for a, b in zip(*weights, strict=True))
