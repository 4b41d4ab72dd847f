"""``course reproduce faces`` reads a folder, trains the heads and writes its figures."""

from __future__ import annotations

import json
from pathlib import Path

from functional_course.cli import main
from functional_course.data import portraits
from functional_course.reproduce import faces as experiment

import pytest
from click.testing import CliRunner
from PIL import Image

# What its tests share is made once, on one worker.
pytestmark = pytest.mark.xdist_group("reproduce-faces")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drawn portraits under UTKFace's names, and one file that is no face."""
    place = tmp_path_factory.mktemp("faces")
    drawn = portraits.draw(120, seed=7)
    for number, (image, age, label) in enumerate(zip(drawn.images, drawn.ages, drawn.labels, strict=True)):
        Image.fromarray(image).save(place / f"{age:.0f}_{label}_0_{number:017d}.jpg")
    (place / "notes.txt").write_text("no face")
    return place


def test_it_trains_and_writes_what_it_found(folder: Path, tmp_path: Path, capsys):
    output = tmp_path / "faces.json"
    steps = []
    results = experiment.reproduce(folder, output, "small", 64, 80, 40, epochs=20, seeds=(0, 1), report=steps.append)
    assert json.loads(output.read_text()) == results
    assert [run["seed"] for run in results["runs"]] == [0, 1]
    assert all(run["years_off"] < results["nothing"]["years_off"] - 2 for run in results["runs"])
    assert steps == ["reading", "features", "seed 0", "seed 1"]
    assert "1 file skipped" in capsys.readouterr().out


def test_both_losses_train_the_trunk():
    model = experiment.heads(8)
    assert set(model.output_names) == {"age", "label"}
    assert [layer.name for layer in model.layers].count("trunk") == 1


def test_it_says_what_is_missing(folder: Path, tmp_path: Path):
    with pytest.raises(FileNotFoundError, match="There is no folder"):
        experiment.reproduce(tmp_path / "none", tmp_path / "x.json", "small", 64)
    with pytest.raises(ValueError, match="120 faces, and 240 were asked for"):
        experiment.reproduce(folder, tmp_path / "x.json", "small", 64, 200, 40)
    with pytest.raises(ValueError, match="vgg16 or small, not 'vgg19'"):
        experiment.reproduce(folder, tmp_path / "x.json", "vgg19")
    assert not (tmp_path / "x.json").exists()


def test_the_command_trains_and_says_what_nothing_would_reach(folder: Path, tmp_path: Path):
    output = tmp_path / "faces.json"
    few = ["--backbone", "small", "--size", "64", "--train", "80", "--test", "40", "--epochs", "1"]
    result = CliRunner().invoke(main, ["reproduce", "faces", str(folder), *few, "--output", str(output)])
    assert result.exit_code == 0, result.output
    assert result.output.count("years off") == 6 and "plain guess:" in result.output
    assert len(json.loads(output.read_text())["runs"]) == 5


def test_the_command_refuses_a_folder_that_is_not_there(tmp_path: Path):
    result = CliRunner().invoke(main, ["reproduce", "faces", str(tmp_path / "none")])
    assert result.exit_code != 0
    assert "There is no folder" in result.output
