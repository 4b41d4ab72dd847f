"""``course reproduce transfer``: equal steps, choices on validation data, the same figures after an interruption."""

from __future__ import annotations

import json
import zlib
from pathlib import Path

from functional_course.cli import main
from functional_course.reproduce import transfer
from functional_course.reproduce.transfer import RATES, ImageSets, Treatments, reproduce, steps_for

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

# What its tests share is made once, on one worker.
pytestmark = pytest.mark.xdist_group("reproduce-transfer")


def part(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.integers(256, size=(count, 32, 32, 3)).astype("uint8"), np.arange(count) % 3 // 2


@pytest.fixture(scope="module")
def task() -> ImageSets:
    return ImageSets("noise", ("many", "few"), part(30, 0), part(6, 1), part(9, 2))


def invented(self: Treatments, treatment: str, labels: int, seed: int, rate: float) -> dict[str, float]:
    """What a run may give; no network is trained. The rate that is best on validation data is worst on test data."""
    noise = zlib.crc32(f"{self.name} {treatment} {labels} {seed}".encode()) / 2**32 / 1000
    best = RATES[treatment].index(rate) == 1
    return {"validation_error": 0.4 - 0.2 * best + noise, "test_error": 0.1 + 0.2 * best + noise, "seconds": 1.0}


def test_the_rate_is_chosen_on_validation_data_with_seeds_of_its_own(tmp_path: Path, task: ImageSets, monkeypatch):
    head_rates = []

    def run(self, treatment, labels, seed, rate):
        head_rates.append((treatment, self.head_rate))
        return invented(self, treatment, labels, seed, rate)

    monkeypatch.setattr(Treatments, "run", run)
    results = reproduce(tmp_path / "out.json", tmp_path / "work", task, ("small",), (0, 1), (10, 30))
    assert {way: found["rate"] for way, found in results["chosen"]["small"].items()} == {
        way: rates[1] for way, rates in RATES.items()
    }
    assert len(results["runs"]) == len(RATES) * 2 * 2 and {run["seed"] for run in results["runs"]} == {0, 1}
    assert all(run["test_error"] > 0.3 for run in results["runs"]), "reported is the chosen rate, good or bad"
    assert {rate for way, rate in head_rates if "tuned" in way} == {RATES["frozen"][1]}
    assert results["baseline"] == pytest.approx(1 / 3) and results["steps"] == {"10": 35, "30": 45}
    assert set(results) >= {"date", "versions", "device", "seeds", "batch_size", "choice", "images", "classes", "size"}
    assert set(transfer.means(results)["small, all tuned"]) == {10, 30}


def test_an_interrupted_experiment_ends_with_the_same_figures(tmp_path: Path, task: ImageSets, monkeypatch):
    monkeypatch.setattr(Treatments, "run", invented)
    asked = {"task": task, "backbones": ("small",), "seeds": (0, 1), "labels": (10, 30)}
    whole = reproduce(tmp_path / "whole.json", tmp_path / "whole", **asked)

    runs = []

    def stops(*arguments):
        if len(runs) == 33:
            raise KeyboardInterrupt
        runs.append(arguments)
        return invented(*arguments)

    monkeypatch.setattr(Treatments, "run", stops)
    output, work = tmp_path / "resumed.json", tmp_path / "work"
    with pytest.raises(KeyboardInterrupt):
        reproduce(output, work, **asked)
    assert not output.exists()
    again = []
    monkeypatch.setattr(Treatments, "run", lambda *arguments: again.append(arguments) or invented(*arguments))
    steps = []
    resumed = reproduce(output, work, **asked, report=lambda *step: steps.append(step))
    assert resumed == whole == json.loads(output.read_text())
    assert len(runs) + len(again) == len(list((tmp_path / "whole").iterdir())) - 1, "no run twice"
    assert steps[-1][1:] == (steps[0][2],) * 2

    damaged = work / "small, frozen, 10 labels, seed 0, rate 0.003.json"
    damaged.write_text(damaged.read_text()[:20])
    with pytest.raises(ValueError, match=r"rate 0\.003\.json is damaged.*Remove this file"):
        reproduce(output, work, **asked)
    with pytest.raises(ValueError, match="another experiment: it differs in data, steps"):
        reproduce(output, work, ImageSets("other", task.classes, task.test, task.test, task.test), labels=(9,))


def test_every_treatment_takes_the_same_number_of_images(task: ImageSets, monkeypatch):
    fitted = []
    monkeypatch.setattr(transfer, "fit_in_order", lambda model, x, y, order, batch_size: fitted.append((model, order)))
    monkeypatch.setattr(Treatments, "_error", lambda *_: 0.5)  # the models aren't trained, so nobody asks them
    ways = Treatments("small", task, (0,))
    for treatment in RATES:
        fitted.clear()
        assert set(ways.run(treatment, 10, 0, 1e-3)) == set(transfer.FIGURES)
        orders = [order for _, order in fitted]
        assert sum(map(len, orders)) == steps_for(10) * transfer.BATCH_SIZE
        assert set(np.concatenate(orders)) == set(transfer.labelled(30, 10, 0)), "only what has a label"
        assert len({id(model) for model, _ in fitted}) == (2 if "tuned" in treatment else 1)


def values(model) -> dict[str, np.ndarray]:
    return {variable.path: variable.numpy() for variable in model.variables}


def test_thawed_blocks_train_and_their_statistics_stay(task: ImageSets, monkeypatch):
    monkeypatch.setattr(transfer, "steps_for", lambda labels: 2)
    ways = Treatments("small", task, (0,))
    monkeypatch.setattr(Treatments, "_error", lambda *_: 0.5)
    for treatment, network in (("top tuned", "_top"), ("all tuned", "_all")):
        restarted = getattr(ways, network)
        before = values(restarted.start(0))
        ways.run(treatment, 10, 0, 1e-3)
        after = values(restarted.model)
        moved = {path for path in before if not np.array_equal(before[path], after[path])}
        assert any("block4_conv2/kernel" in path for path in moved)
        assert any("block1_conv1/kernel" in path for path in moved) == (treatment == "all tuned")
        assert not any("_bn" in path for path in moved)


def test_the_errors_are_those_of_the_set_that_is_named(task: ImageSets):
    ways = Treatments("small", task, (0,))
    chosen = {name: np.eye(2)[y] for name, (_, y) in task.sets.items()}
    chosen["test"] = 1 - chosen["test"]

    class Parrot:
        def predict(self, x, **_):
            return x

    assert ways._error(Parrot(), chosen, "validation") == 0 and ways._error(Parrot(), chosen, "test") == 1


def test_what_cannot_be_is_told(tmp_path: Path, task: ImageSets):
    with pytest.raises(ValueError, match="small and lite0, not 'vgg19'"):
        reproduce(tmp_path / "x.json", tmp_path / "work", task, ("vgg19",))
    with pytest.raises(ValueError, match="30 training images, and 80 labels"):
        reproduce(tmp_path / "x.json", tmp_path / "work", task, labels=(80,))
    assert transfer.label_counts(12) == (12,) and transfer.label_counts(100) == (20, 80)
    assert not list(tmp_path.iterdir())


def test_the_labelled_of_the_fewer_are_among_the_more():
    assert set(transfer.labelled(50, 10, 3)) < set(transfer.labelled(50, 20, 3))
    assert set(transfer.labelled(50, 10, 3)) != set(transfer.labelled(50, 10, 4))


def test_the_command_runs_the_curve_on_a_folder(tmp_path: Path, monkeypatch):
    for name, shade in (("cups", 40), ("glasses", 200)):
        (tmp_path / "table" / name).mkdir(parents=True)
        for number in range(20):
            Image.new("RGB", (40, 32), (shade, number, 0)).save(tmp_path / "table" / name / f"{number}.png")
    monkeypatch.setattr(Treatments, "run", invented)
    monkeypatch.setattr("functional_course.cli.console.root", lambda: tmp_path)
    asked = ["reproduce", "transfer", "--photographs", str(tmp_path / "table"), "--seeds", "2"]
    result = CliRunner().invoke(main, asked)
    assert result.exit_code == 0, result.output
    assert "lite0, all tuned" in result.output and "always the most frequent class: 50.0%" in result.output
    results = json.loads((tmp_path / ".course" / "reproduce" / "transfer-table.json").read_text())
    assert results["task"] == "table" and results["size"] == 96 and list(results["steps"]) == ["20"]
    assert results["images"] == {"train": 24, "validation": 8, "test": 8} and results["seeds"] == [0, 1]

    monkeypatch.setattr(Treatments, "run", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    stopped = CliRunner().invoke(main, [*asked[:-1], "3"])
    assert stopped.exit_code == 2 and "Run the same command to continue" in stopped.output
    missing = CliRunner().invoke(main, ["reproduce", "transfer", "--photographs", str(tmp_path / "none")])
    assert missing.exit_code == 2 and "There is no folder" in missing.output
