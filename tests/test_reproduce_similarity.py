"""``course reproduce similarity``: the images are divided first, and an interruption changes no figure."""

from __future__ import annotations

import json
from pathlib import Path

from functional_course.cli import main
from functional_course.reproduce import similarity
from functional_course.reproduce.similarity import NETWORKS, TASKS, WAYS, Network, Part, judge, reproduce, split

import numpy as np
import pytest
from click.testing import CliRunner

# What its tests share is made once, on one worker.
pytestmark = pytest.mark.xdist_group("reproduce-similarity")


def few():
    """Each digit a square of its own place, with some noise."""
    rng = np.random.default_rng(0)
    digits = np.tile(np.arange(10), 48).astype("uint8")
    images = rng.integers(60, size=(480, 28, 28)).astype("uint8")
    for image, digit in zip(images, digits, strict=True):
        image[2 * digit : 2 * digit + 6, 2 * digit : 2 * digit + 6] = 255
    return (images[:360], digits[:360]), (images[360:], digits[360:])


class Projection:
    """Stands for a Keras model: two numbers an image, which every step moves a little."""

    def __init__(self) -> None:
        self.kernel = np.random.normal(size=(784, 2))  # of the seed that the experiment sets

    def compile(self, optimizer, loss) -> None:
        pass

    def count_params(self) -> int:
        return self.kernel.size

    def train_on_batch(self, x, y) -> None:
        self.kernel += 0.1 * np.mean((x[0] - x[1]).reshape(len(y), -1) * y, axis=0)[:, np.newaxis]

    def predict(self, x, **_) -> np.ndarray:
        left, right = (images.reshape(len(images), -1) @ self.kernel for images in x)
        return np.square(left - right).sum(axis=1, keepdims=True)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """One network, one rate, few questions."""
    network = Network(Projection, "mse", NETWORKS["contrastive"].targets, NETWORKS["contrastive"].score)
    monkeypatch.setattr(similarity, "NETWORKS", {"contrastive": network})
    monkeypatch.setattr(similarity, "WAYS", ("contrastive", "untrained encoder", "raw pixels"))
    monkeypatch.setattr(similarity, "RATES", (1e-3,))
    monkeypatch.setattr(similarity, "TEST_PAIRS", 60)
    monkeypatch.setattr(similarity, "EPISODES", 20)


def figures(results: dict) -> list:
    return [{name: value for name, value in run.items() if name != "seconds"} for run in results["runs"]]


def test_an_interrupted_experiment_ends_with_the_same_figures(tmp_path: Path, small):
    whole = reproduce(tmp_path / "whole.json", tmp_path / "whole", 2, (0,), few)
    assert len(whole["runs"]) == 2 * 3 and {run["ways"] for run in whole["runs"]} == {3, 10}
    assert set(whole) >= {"date", "versions", "device", "seeds", "steps", "batch_size", "chosen", "test_pairs"}

    def stop(run: str, step: int, steps: int) -> None:
        if run.startswith("unseen digits, contrastive") and step == 1:
            raise KeyboardInterrupt

    output, work = tmp_path / "resumed.json", tmp_path / "work"
    with pytest.raises(KeyboardInterrupt):
        reproduce(output, work, 2, (0,), few, report=stop)
    assert not output.exists() and len(list(work.iterdir())) == 1 + 1 + 3
    seen = []
    resumed = reproduce(output, work, 2, (0,), few, report=lambda *step: seen.append(step))
    assert {run for run, step, _ in seen if step} == {"unseen digits, contrastive, seed 0, rate 0.001"}
    assert figures(resumed) == figures(whole) and json.loads(output.read_text()) == resumed

    damaged = work / "known digits, raw pixels, seed 0.json"
    damaged.write_text('{"auc": 0.9}')
    with pytest.raises(ValueError, match=r"seed 0\.json is damaged: it has no .*one_shot.*Remove this file"):
        reproduce(output, work, 2, (0,), few)
    with pytest.raises(ValueError, match="another experiment: it differs in steps"):
        reproduce(output, work, 3, (0,), few)


def parts() -> tuple[Part, Part]:
    return tuple(Part(images[..., np.newaxis], digits.astype("int64")) for images, digits in few())


@pytest.mark.parametrize("task", TASKS)
def test_no_image_is_in_two_sets_and_unseen_digits_are_unseen(task: str):
    divided = split(task, 0, *parts())
    sets = [{image.tobytes() for image in each.images} for each in (divided.train, divided.validation, divided.test)]
    assert not sets[0] & sets[1] and not sets[0] & sets[2] and not sets[1] & sets[2]
    known, tested = set(divided.train.digits), set(divided.test.digits)
    assert set(divided.validation.digits) == known
    assert (known == tested == set(range(10))) if task == "known digits" else (len(tested) == 3 and not known & tested)


def test_the_measures_of_a_score_that_knows_and_of_one_that_is_wrong(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(similarity, "TEST_PAIRS", 60)
    divided = split("known digits", 0, *parts())

    def place(images):
        return (images[..., 0] == 255).argmax(axis=2).max(axis=1)

    def knows(left, right):
        return (place(left) == place(right)).astype(float)

    right = judge(knows, divided, 0)
    assert right["auc"] == right["accuracy"] == right["one_shot"] == 1 and right["ways"] == 10
    wrong = judge(lambda left, other: -knows(left, other), divided, 0)
    assert wrong["auc"] == 0 and wrong["accuracy"] == 0.5 and wrong["one_shot"] == 0


def test_the_networks():
    a, b = np.random.default_rng(0).random((2, 5, 28, 28, 1), "float32")
    shapes = {"article's form": 2, "rebuilt": 1, "contrastive": 1}
    for name, network in NETWORKS.items():
        model = network.build()
        there, back, itself = (model.predict_on_batch(list(two)) for two in ((a, b), (b, a), (a, a)))
        assert there.shape == (5, shapes[name]) and np.allclose(there, back, atol=1e-6)
        assert network.targets(np.ones((5, 1))).shape == there.shape
        if name != "article's form":  # its weights start by chance
            assert (network.score(itself) > network.score(there)).all()
    assert set(NETWORKS) < set(WAYS)


def test_the_command_says_where_mnist_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    result = CliRunner().invoke(main, ["reproduce", "similarity", "--output", str(tmp_path / "x.json")])
    assert result.exit_code == 2 and "there is no mnist.npz in it" in result.output
    assert not (tmp_path / "x.json").exists()
