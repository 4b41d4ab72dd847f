"""Read the arrays of a PyTorch checkpoint without PyTorch, and without running anything that it names.

A checkpoint is a pickle, and unpickling calls whatever a file asks for. Here a file may ask for tensors of plain
numbers in an ordered dictionary, and for nothing else. The form is the one that ``torch.save`` wrote before version
1.6: four pickles, the names of the storages, then each storage as its length and its bytes
(https://github.com/pytorch/pytorch/blob/v1.5.0/torch/serialization.py).
"""

from __future__ import annotations

import collections
import pickle
import struct
from typing import Any, BinaryIO

import numpy as np

_MAGIC, _PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
_KINDS = {"FloatStorage": np.dtype("<f4"), "DoubleStorage": np.dtype("<f8"), "LongStorage": np.dtype("<i8")}


class CheckpointError(ValueError):
    """The file isn't a checkpoint of plain tensors in the old form. The message says what it holds instead."""


def read_state_dict(file: BinaryIO) -> dict[str, np.ndarray]:
    """The tensors of a checkpoint.

    Args:
        file: open for reading, in binary.

    Returns:
        name -> array, in the file's order.

    Raises:
        CheckpointError: it's no such file, or it asks for something else than tensors.
    """
    try:
        if pickle_of(file) != _MAGIC or pickle_of(file) != _PROTOCOL:
            raise CheckpointError("This isn't a checkpoint in PyTorch's form before version 1.6.")
        pickle_of(file)  # the byte order and the sizes of integers there
        storages: dict[str, _Storage] = {}
        tensors = pickle_of(file, storages)
        for name in pickle_of(file):
            storages[name].read(file)
    except CheckpointError:
        raise
    except (
        pickle.UnpicklingError,
        EOFError,
        LookupError,
        struct.error,
        AttributeError,
        TypeError,
        ValueError,
    ) as error:
        raise CheckpointError(f"This isn't a checkpoint of plain tensors: {error}") from error
    if not isinstance(tensors, dict) or not all(isinstance(tensor, _Tensor) for tensor in tensors.values()):
        raise CheckpointError("This checkpoint doesn't hold a dictionary of tensors.")
    return {str(name): tensor.array() for name, tensor in tensors.items()}


def pickle_of(file: BinaryIO, storages: dict[str, _Storage] | None = None) -> Any:
    """One pickle of the file, in which nothing but tensors may be named."""
    return _Unpickler(file, {} if storages is None else storages).load()


class _Storage:
    """The numbers behind one or several tensors, which come after all pickles."""

    def __init__(self, kind: np.dtype, count: int):
        self.kind, self.count = kind, count
        self.numbers = np.empty(0, kind)

    def read(self, file: BinaryIO) -> None:
        (count,) = struct.unpack("<q", file.read(8))
        data = file.read(count * self.kind.itemsize) if count == self.count else b""
        if len(data) != self.count * self.kind.itemsize:
            raise CheckpointError(f"The checkpoint ends early: {self.count:,} numbers were announced.")
        self.numbers = np.frombuffer(data, self.kind)


class _Tensor:
    """A view of a storage."""

    def __init__(self, storage: _Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: Any):
        self.storage, self.offset, self.shape, self.strides = storage, offset, shape, strides

    def array(self) -> np.ndarray:
        numbers = self.storage.numbers[self.offset :]
        last = sum((side - 1) * stride for side, stride in zip(self.shape, self.strides, strict=True))
        if min(self.strides, default=0) < 0 or (0 not in self.shape and last >= len(numbers)):
            raise CheckpointError("A tensor of the checkpoint reaches beyond its numbers.")
        strides = [stride * numbers.itemsize for stride in self.strides]
        return np.lib.stride_tricks.as_strided(numbers, self.shape, strides).copy()


class _Unpickler(pickle.Unpickler):
    """Makes ordered dictionaries and tensors, and refuses every other name."""

    def __init__(self, file: BinaryIO, storages: dict[str, _Storage]):
        super().__init__(file)
        self.storages = storages

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _Tensor
        if module == "torch" and name in _KINDS:
            return _KINDS[name]
        raise pickle.UnpicklingError(f"it names {module}.{name}")

    def persistent_load(self, pid: Any) -> _Storage:
        _, kind, name, _, count, _ = pid
        if not isinstance(kind, np.dtype) or not isinstance(count, int):
            raise pickle.UnpicklingError("a storage isn't one of numbers")
        return self.storages.setdefault(name, _Storage(kind, count))
