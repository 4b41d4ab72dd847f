"""``course reproduce age-gender``: both models beside plain guesses, on a folder or on drawn faces, and resumable."""

from __future__ import annotations

import json
import os
import shutil
import struct
import zlib
from dataclasses import replace
from pathlib import Path

from functional_course.backbones import vgg16
from functional_course.cli import main
from functional_course.data import portraits
from functional_course.data.faces import Faces
from functional_course.reproduce import age_gender as experiment
from functional_course.reproduce.age_gender import NETWORKS, Data, Trials, reproduce

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

# What its tests share is made once, on one worker.
pytestmark = pytest.mark.xdist_group("reproduce-age-gender")

SMALL = {"backbone": "small", "epochs": 1, "seeds": (0, 1)}


@pytest.fixture(scope="module")
def data() -> Data:
    return experiment.drawn(12, 4, 32)


def huge(side: int) -> bytes:
    """A PNG that says it has this many pixels a side, and holds none."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


HOSTILE = {
    "26_1_0_20170104000000001.jpg": ("the image cannot be read", b"This is a text."),
    "26_1_0_20170104000000002.jpg": ("the image has more than 50,000,000 pixels", huge(9_000)),
    "26_1_0_20170104000000003.jpg": ("the image has more than 50,000,000 pixels", huge(100_000)),
    "26_1_0_20170104000000004.jpg": ("the image cannot be read", huge(40)),
    "26_1_0_20170104000000005.jpg": ("the image cannot be read", b""),
    "-5_1_0_20170104000000006.jpg": ("the name is not [age]_[gender]_[race]_[date].jpg", b"x"),
    "999_1_0_20170104000000007.jpg": ("the age is over 116", b"x"),
    "[red]holiday.jpg": ("the name is not [age]_[gender]_[race]_[date].jpg", b"x"),
}
"""By name: why the file is skipped, and what it holds."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drawn portraits under UTKFace's names."""
    place = tmp_path_factory.mktemp("faces")
    drawn = portraits.draw(120, seed=7)
    for number, (image, age, label) in enumerate(zip(drawn.images, drawn.ages, drawn.labels, strict=True)):
        Image.fromarray(image).save(place / f"{age:.0f}_{label}_0_{number:017d}.jpg")
    return place


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few faces among files that are none."""
    place = tmp_path_factory.mktemp("hostile")
    for number, age in enumerate((20, 30, 40, 50, 60, 70, 80)):
        Image.new("RGB", (40, 40), (number, age, 0)).save(place / f"{age}_{number % 2}_0_{number:017d}.jpg")
    for name, (_, content) in HOSTILE.items():
        (place / name).write_bytes(content)
    if hasattr(os, "mkfifo"):
        os.mkfifo(place / "30_1_0_20170104000000008.jpg")
    return place


@pytest.fixture
def one_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is chosen, which saves a run for each network."""
    for name, network in list(NETWORKS.items()):
        monkeypatch.setitem(NETWORKS, name, replace(network, rates=network.rates[:1]))


def invented(self: Trials, name: str, seed: int, rate: float) -> dict[str, float]:
    """What a run may give; no network is trained. The last rate is the best on validation faces and no other."""
    noise = zlib.crc32(f"{name} {seed}".encode()) / 2**32 / 1000
    best = rate == NETWORKS[name].rates[-1]
    figures = {"years_off": 9 + best + noise, "labels_right": 0.8 - 0.1 * best, "parameters": 1, "seconds": 1.0}
    return {"validation_error": 0.5 - 0.2 * best + noise, **figures}


def test_it_trains_both_and_the_trunk_learns(folder: Path, tmp_path: Path, one_rate: None):
    faces = experiment.photographed(folder, 80, 40, 64)
    results = reproduce(tmp_path / "out.json", tmp_path / "work", faces, "small", 20, (0,))
    assert json.loads((tmp_path / "out.json").read_text()) == results
    assert [(run["network"], run["seed"]) for run in results["runs"]] == [("article", 0), ("trunk", 0)]
    trunk = [run for run in results["runs"] if run["network"] == "trunk"]
    assert all(run["years_off"] < results["guess"]["years_off"] - 2 for run in trunk)
    assert results["images"] == {"train": 67, "validation": 13, "test": 40} and results["skipped"] == []
    assert set(results) >= {"date", "versions", "device", "seeds", "rates", "chosen", "data", "weights", "size"}


def test_the_models_are_the_articles_and_the_chapters():
    article = experiment.article((6, 6, 512))
    # The model of the article, less VGG16 itself: see the evidence of chapter 5.
    assert article.count_params() == 34_116_418 - 14_714_688
    assert article.output_names == ["Age", "Gender"]
    trunk = experiment.trunk_and_heads((8,))
    assert trunk.output_names == ["age", "label"]
    assert [layer.name for layer in trunk.layers].count("trunk") == 1


def test_each_gets_what_it_is_made_for():
    maps = np.arange(2 * 2 * 2 * 3, dtype="float32").reshape(2, 2, 2, 3)
    article, trunk = NETWORKS["article"], NETWORKS["trunk"]
    assert article.inputs(maps).shape == (2, 2, 2, 3) and trunk.inputs(maps).tolist()[0] == [4.5, 5.5, 6.5]
    ages = np.array([20, 40], "float32")
    assert article.scale(ages) == (0, 1) and trunk.scale(ages) == (30, 10)


def test_the_plain_guesses_are_the_median_and_the_most_frequent():
    def faces(ages: list[int], labels: list[int]) -> Faces:
        return Faces(np.zeros((len(ages), 32, 32, 3), "uint8"), np.array(ages, "float32"), np.array(labels))

    known = faces([1, 2, 90], [1, 1, 0])
    guess = Data("x", known, faces([2], [0]), faces([4, 12], [1, 0])).guess
    assert guess["test"] == {"years_off": 6.0, "labels_right": 0.5}
    assert guess["validation"] == {"years_off": 0.0, "labels_right": 0.0}


def test_the_rate_is_chosen_on_validation_faces_and_is_none_that_diverged(tmp_path: Path, data: Data, monkeypatch):
    monkeypatch.setattr(Trials, "run", invented)
    results = reproduce(tmp_path / "a.json", tmp_path / "a", data, **SMALL)
    assert {name: found["rate"] for name, found in results["chosen"].items()} == {"article": 1e-3, "trunk": 1e-2}
    assert all(run["years_off"] > 10 for run in results["runs"]), "reported is the chosen rate, good or bad"

    def diverges(*arguments):
        last = arguments[3] == NETWORKS[arguments[1]].rates[-1]
        return invented(*arguments) | ({} if last else {"validation_error": float("nan")})

    monkeypatch.setattr(Trials, "run", diverges)
    chosen = reproduce(tmp_path / "b.json", tmp_path / "b", data, **SMALL)["chosen"]
    assert {name: found["rate"] for name, found in chosen.items()} == {"article": 1e-3, "trunk": 1e-2}


def figures(results: dict) -> list[dict]:
    return [{name: value for name, value in run.items() if name != "seconds"} for run in results["runs"]]


def test_an_interrupted_experiment_ends_with_the_same_figures(tmp_path: Path, data: Data, one_rate: None, monkeypatch):
    monkeypatch.setattr(experiment, "_CHUNK", 5)
    monkeypatch.delitem(NETWORKS, "article")
    whole = reproduce(tmp_path / "whole.json", tmp_path / "whole", data, **SMALL)
    output, work = tmp_path / "resumed.json", tmp_path / "work"
    began, asked = Trials.run, Trials._maps_now
    maps, runs = [], []

    def interrupted_maps(*arguments):
        if len(maps) == 2:
            raise KeyboardInterrupt
        maps.append(arguments)
        return asked(*arguments)

    monkeypatch.setattr(Trials, "_maps_now", interrupted_maps)
    with pytest.raises(KeyboardInterrupt):
        reproduce(output, work, data, **SMALL)
    monkeypatch.setattr(Trials, "_maps_now", lambda *arguments: maps.append(arguments) or asked(*arguments))

    def interrupted_runs(*arguments):
        if len(runs) == 2:
            raise KeyboardInterrupt
        runs.append(arguments)
        return began(*arguments)

    monkeypatch.setattr(Trials, "run", interrupted_runs)
    with pytest.raises(KeyboardInterrupt):
        reproduce(output, work, data, **SMALL)
    assert not output.exists() and len(list(work.glob("*.npy"))) == 4 == len(maps)
    monkeypatch.setattr(Trials, "run", lambda *arguments: runs.append(arguments) or began(*arguments))
    steps = []
    resumed = reproduce(output, work, data, **SMALL, report=lambda *step: steps.append(step))
    assert figures(resumed) == figures(whole) and resumed["chosen"] == whole["chosen"]
    assert len(runs) == 3 and len(maps) == 4, "nothing twice"
    assert steps[-1] == ("done", 3, 3)
    assert not list(work.glob("*.npy")), "maps are large, and no run needs them any more"

    monkeypatch.setattr(Trials, "run", None)
    assert reproduce(output, work, data, **SMALL) == resumed, "finished, it is not run again"
    with pytest.raises(ValueError, match="another experiment: it differs in epochs"):
        reproduce(output, work, data, **{**SMALL, "epochs": 2})


def test_what_cannot_be_is_told(tmp_path: Path, data: Data, folder: Path):
    with pytest.raises(ValueError, match="vgg16, lite0, small, not 'vgg19'"):
        reproduce(tmp_path / "x.json", tmp_path / "work", data, "vgg19")
    with pytest.raises(ValueError, match="at least one epoch, not 0"):
        reproduce(tmp_path / "x.json", tmp_path / "work", data, "small", 0)
    with pytest.raises(FileNotFoundError, match="There is no folder"):
        experiment.photographed(tmp_path / "none")
    with pytest.raises(ValueError, match=r"120 faces, and 240 were asked for \(200 and 40\); no file skipped"):
        experiment.photographed(folder, 200, 40, 32)
    with pytest.raises(ValueError, match="5 faces to train on and 1 to test on are too few"):
        experiment.drawn(5, 1, 32)
    assert not list(tmp_path.iterdir())


def test_no_hostile_file_stops_it_and_every_one_is_named(hostile: Path):
    faces = experiment.photographed(hostile, 6, 1, 32)
    expected = {name: reason for name, (reason, _) in HOSTILE.items()}
    if hasattr(os, "mkfifo"):
        expected["30_1_0_20170104000000008.jpg"] = "it is no file"
    # Only as many files are opened as faces are asked for: some seed opens each of them.
    assert set(faces.skipped) <= set(expected.items())
    with pytest.raises(ValueError, match="holds 7 faces, and 8 were asked for"):
        experiment.photographed(hostile, 7, 1, 32)
    reading = {}
    for seed in range(8):
        reading |= dict(experiment.utkface.read(hostile, 6, 1, 32, seed).skipped)
    assert reading == expected


def few(*more: str) -> list[str]:
    return ["reproduce", "age-gender", *more, "--backbone", "small", "--size", "32", "--epochs", "1", "--seeds", "2"]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for the checkout; no network is trained."""
    monkeypatch.setattr("functional_course.cli.console.root", lambda: tmp_path)
    monkeypatch.setattr(Trials, "run", invented)
    return tmp_path


def test_the_command_says_which_data_and_weights_it_had(root: Path):
    result = CliRunner().invoke(main, few("--train", "12", "--test", "4"))
    assert result.exit_code == 0, result.output
    said = " ".join(result.output.split())
    assert "data: 16 portraits drawn by the course at 32 by 32, not photographs" in said
    assert "weights: the course's small backbone, trained on drawn people; the article has VGG16 and ImageNet" in said
    assert all(row in said for row in ("median age, most frequent gender", "the article's model", "one trunk"))
    stored = json.loads((root / "book" / "results" / "age_gender.json").read_text())
    assert stored["experiment"] == "age_gender" and stored["seeds"] == [0, 1]


def test_the_command_reads_a_folder_and_names_what_it_skipped(root: Path, hostile: Path):
    result = CliRunner().invoke(main, few(str(hostile), "--train", "6", "--test", "1"))
    assert result.exit_code == 0, result.output
    name = f"age-gender-{hostile.name}"
    stored = json.loads((root / ".course" / "reproduce" / f"{name}.json").read_text())
    assert stored["skipped"]
    for file, reason in stored["skipped"]:
        assert f"skipped {file}: {reason}\n" in result.output
    assert f"faces of {hostile.name} at 32 by 32; the article doesn't say which it had" in " ".join(
        result.output.split()
    )


def test_many_skipped_files_are_counted_and_all_named_in_the_results(root: Path, folder: Path):
    noted = root / "noted"
    shutil.copytree(folder, noted)
    for number in range(30):
        (noted / f"note{number}.txt").write_text("no face")
    result = CliRunner().invoke(main, few(str(noted), "--train", "12", "--test", "4"))
    assert result.output.count("skipped note") == 20 and "skipped 10 more, which " in result.output
    stored = json.loads((root / ".course" / "reproduce" / "age-gender-noted.json").read_text())
    assert len(stored["skipped"]) == 30


def test_the_command_refuses_in_a_sentence_and_goes_on_after_an_interruption(root: Path, folder: Path, monkeypatch):
    missing = CliRunner().invoke(main, few(str(root / "none")))
    assert missing.exit_code == 2 and "There is no folder" in missing.output
    monkeypatch.setattr(Trials, "run", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    stopped = CliRunner().invoke(main, few("--train", "12", "--test", "4"))
    assert stopped.exit_code == 2 and "Run the same command to continue where it was" in " ".join(
        stopped.output.split()
    )


def test_a_folder_gets_the_articles_backbone_and_says_what_it_lacks(tmp_path: Path, folder: Path, monkeypatch):
    def not_to_be_had(**_):
        raise FileNotFoundError("The ImageNet weights of VGG16 are neither in Keras's cache nor on the network.")

    monkeypatch.setattr("functional_course.cli.console.root", lambda: tmp_path)
    monkeypatch.setattr(vgg16, "build", not_to_be_had)
    asked = ["reproduce", "age-gender", str(folder), "--size", "32", "--train", "12", "--test", "4"]
    result = CliRunner().invoke(main, asked)
    assert result.exit_code == 2 and "The ImageNet weights of VGG16 are neither" in " ".join(result.output.split())
