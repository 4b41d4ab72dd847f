"""The backbones: one interface, weights that match their record, and an error that says what to put where."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from functional_course import cli
from functional_course.backbones import lite0, resnet50, small, vgg16
from functional_course.data import portraits
from functional_course.reproduce.pretrain import pretrain, sha256

import keras
import numpy as np
import pytest
from click.testing import CliRunner

BACKBONES = pytest.mark.parametrize(
    "backbone", [small, lite0, vgg16, resnet50], ids=["small", "lite0", "vgg16", "resnet50"]
)


def test_the_weights_match_their_record():
    record = json.loads(small.RECORD.read_text())
    assert record["file"] == small.WEIGHTS.name
    assert record["bytes"] == small.WEIGHTS.stat().st_size <= 2_000_000
    assert record["sha256"] == sha256(small.WEIGHTS)
    assert record["parameters"] == small.build(weights=None).count_params()
    assert record["data"]["seed"][-1] == portraits.PRETRAINING, "the chapters' portraits must not be among them"
    assert set(record) >= {"command", "task", "never_shown", "seed", "versions", "device", "recognised"}
    assert record["recognised"] > 0.2, "the network did not learn its task"


def test_other_weights_do_not_match(tmp_path: Path):
    changed = tmp_path / small.WEIGHTS.name
    changed.write_bytes(small.WEIGHTS.read_bytes()[:-1] + b"?")
    assert sha256(changed) != json.loads(small.RECORD.read_text())["sha256"]


def test_the_recorded_command_is_a_command():
    record = json.loads(small.RECORD.read_text())
    _, command, *options = record["command"].split()
    context = cli.main.commands[command].make_context(command, options)
    assert context.params["people"] == record["data"]["people"] and context.params["epochs"] == record["epochs"]


def test_pretraining_writes_weights_that_load_and_a_record_that_fits(tmp_path: Path):
    steps = []
    record = pretrain(tmp_path, 0, people=4, pictures=3, family=2, epochs=1, report=lambda *step: steps.append(step))
    assert steps == [(0, 1, 1)]
    assert json.loads((tmp_path / "small.json").read_text()) == record
    assert record["sha256"] == sha256(tmp_path / "small.weights.h5")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["small.json", "small.weights.h5"]
    images = small.preprocess_input(portraits.draw(2).images)
    one, other = (small.build(weights=path)(images) for path in (tmp_path / "small.weights.h5", "course"))
    assert np.abs(np.asarray(one) - np.asarray(other)).max() > 0.01


def test_weights_are_read_once_and_again_when_the_file_is_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path, reads = tmp_path / "own.weights.h5", []
    load = keras.Model.load_weights
    monkeypatch.setattr(keras.Model, "load_weights", lambda model, file: reads.append(file) or load(model, file))
    first = small.build(weights=None)
    first.save_weights(path)
    for _ in range(2):
        assert all(map(np.array_equal, small.build(weights=path, pooling="avg").get_weights(), first.get_weights()))
    assert reads == [path]
    second = small.build(weights=None)
    second.save_weights(path)
    assert all(map(np.array_equal, small.build(weights=path).get_weights(), second.get_weights()))


def test_the_command_writes_where_it_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    asked = []
    record = {"recognised": 0.5, "file": "small.weights.h5", "bytes": 10, "sha256": "abc"}
    monkeypatch.setattr("functional_course.reproduce.pretrain.pretrain", lambda *given: asked.append(given) or record)
    result = CliRunner().invoke(cli.main, ["pretrain", "--people", "5", "--output", str(tmp_path)])
    assert result.exit_code == 0 and "sha256 abc" in result.output
    assert asked[0][:6] == (tmp_path, 0, 5, 15, 8, 10)


def test_small_has_the_shapes_and_layers_that_it_says():
    model = small.build()
    assert model.input_shape == (None, 64, 64, 3) and model.output_shape == (None, 2, 2, 128) and model.name == "small"
    assert [layer.name for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)] == [
        "block3_bn1",
        "block3_bn2",
        "block4_bn1",
        "block4_bn2",
    ]
    assert small.build(pooling="avg", input_shape=(200, 200, 3), name="other").output_shape == (None, 128)
    kernels = [model.get_layer("block4_conv2").get_weights()[0] for model in (model, small.build(pooling="max"))]
    assert np.array_equal(*kernels)


@BACKBONES
def test_preprocessing_gives_floats_of_both_signs_and_leaves_its_input_alone(backbone):
    images = portraits.draw(8).images
    for given in (images, images.astype("float32")):
        before = given.copy()
        prepared = np.asarray(backbone.preprocess_input(given))
        assert prepared.dtype == np.float32 and prepared.shape == given.shape
        assert prepared.min() < 0 < prepared.max() and abs(prepared.mean()) < 0.5 * prepared.std()
        assert np.array_equal(given, before)


@BACKBONES
@pytest.mark.parametrize("dtype", ["float32", "uint8"])
def test_preprocessing_is_the_same_inside_a_model(backbone, dtype: str):
    images = portraits.draw(4, 32).images
    inputs = keras.Input((32, 32, 3), dtype=dtype)
    inside = keras.Model(inputs, backbone.preprocess_input(inputs))
    assert (
        np.abs(inside.predict(images.astype(dtype), verbose=0) - np.asarray(backbone.preprocess_input(images))).max()
        < 1e-4
    )


def test_a_model_with_small_inside_survives_save_and_load(tmp_path: Path):
    inputs = keras.Input((64, 64, 3))
    model = keras.Model(inputs, keras.layers.Dense(1)(small.build(pooling="avg")(small.preprocess_input(inputs))))
    model.save(tmp_path / "model.keras")
    images = portraits.draw(3).images.astype("float32")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert np.abs(loaded.predict(images, verbose=0) - model.predict(images, verbose=0)).max() < 1e-5


@pytest.mark.parametrize(("backbone", "parameters"), [(vgg16, 14_714_688), (resnet50, 23_587_712)])
def test_the_large_ones_are_those_of_keras(backbone, parameters: int):
    model = backbone.build(weights=None, input_shape=(64, 64, 3), name="mine")
    assert model.count_params() == parameters and model.name == "mine" and model.output_shape[1:3] == (2, 2)


@pytest.mark.parametrize("backbone", [vgg16, resnet50])
def test_without_network_the_message_says_what_to_put_where(backbone, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    def offline(*_, weights, **__):
        raise Exception("URL fetch failure")

    name = "VGG16" if backbone is vgg16 else "ResNet50"
    offline.__name__ = name
    monkeypatch.setattr(keras.applications, name, offline)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    with pytest.raises(FileNotFoundError) as refused:
        backbone.build()
    for part in (
        name,
        "URL fetch failure",
        f"Put {backbone.WEIGHTS} (",
        f"into {tmp_path / 'models'}",
        "backbones.small",
    ):
        assert part in str(refused.value)


@pytest.mark.parametrize("backbone", [vgg16, resnet50])
def test_the_file_asked_for_is_the_file_that_keras_opens(backbone, monkeypatch: pytest.MonkeyPatch):
    import keras.src.utils.file_utils as files

    opened = []

    def get_file(name: str, *_, **__):
        opened.append(name)
        raise Exception("URL fetch failure")

    monkeypatch.setattr(files, "get_file", get_file)
    with pytest.raises(FileNotFoundError):
        backbone.build(input_shape=(32, 32, 3))
    assert opened == [backbone.WEIGHTS]


@BACKBONES
def test_a_path_without_a_file_is_named(backbone):
    with pytest.raises(FileNotFoundError, match=r"There is no weights file none\.weights\.h5"):
        backbone.build(weights="none.weights.h5")


def test_what_small_cannot_take_is_refused():
    with pytest.raises(ValueError, match="three channels"):
        small.build(input_shape=(64, 64, 1))
    with pytest.raises(ValueError, match="three channels"):
        small.build(input_shape=(16, 64, 3))
    with pytest.raises(ValueError, match="pooling is one of None, 'avg', 'max', not 'mean'"):
        small.build(pooling="mean")


def test_the_folder_of_backbones_imports_without_keras():
    code = "import sys; import functional_course.backbones; print('keras' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
