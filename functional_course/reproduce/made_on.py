"""What a stored result was made on: the versions that it depends on, and the device."""

from __future__ import annotations

import os
import platform

import keras
import numpy as np


def versions() -> dict[str, str]:
    """The versions that a result depends on: Python, Keras, the backend, NumPy."""
    backend = keras.backend.backend()
    return {
        "python": platform.python_version(),
        "keras": keras.__version__,
        backend: __import__(backend).__version__,
        "numpy": np.__version__,
    }


def device() -> str:
    """What the experiment ran on, in words: the first GPU that the backend sees, or the CPU and its cores."""
    return _gpu() or f"CPU ({platform.machine()}, {os.cpu_count()} cores)"


def _gpu() -> str:
    """Its name, or nothing. Each backend is asked in its own words: Keras has none that all of them answer."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        found = tf.config.list_physical_devices("GPU")
        return tf.config.experimental.get_device_details(found[0]).get("device_name", found[0].name) if found else ""
    if backend == "jax":
        import jax

        return next((each.device_kind for each in jax.devices() if each.platform == "gpu"), "")
    if backend == "torch":
        import torch

        return torch.cuda.get_device_name() if torch.cuda.is_available() else ""
    return ""
