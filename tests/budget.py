"""What a notebook's cells cost, in processor seconds of its kernel, beside a reference measured in the same run.

Seconds of processor time differ from machine to machine. The reference is a fixed piece of work with NumPy and Keras,
done in a kernel of its own.
"""

from __future__ import annotations

import os

import psutil

REFERENCE = """\
import keras
import numpy as np

draw = np.random.default_rng(0)
for _ in range(20):
    np.linalg.svd(draw.standard_normal((120, 120)))
images, labels = draw.standard_normal((256, 12, 12, 1)), draw.integers(0, 3, 256)
inputs = keras.Input((12, 12, 1))
hidden = keras.layers.Conv2D(8, 3, activation="relu")(inputs)
hidden = keras.layers.Dense(16, activation="relu")(keras.layers.Flatten()(hidden))
model = keras.Model(inputs, keras.layers.Dense(3, activation="softmax")(hidden))
model.compile("adam", "sparse_categorical_crossentropy")
model.optimizer.build(model.trainable_variables)
model.fit(images, labels, epochs=3, verbose=0)
model.predict(images, verbose=0)
"""


def processor_seconds(pid: int) -> float:
    """Processor time of a process so far: its own and the system's for it, and that of its children that ended."""
    return sum(psutil.Process(pid).cpu_times()[:4])


def reference_seconds() -> float:
    """Processor time of the reference in a fresh kernel."""
    from jupyter_client.manager import start_new_kernel

    with open(os.devnull, "w") as nothing:
        manager, client = start_new_kernel(kernel_name="python3", stderr=nothing)
        try:
            before = processor_seconds(manager.provisioner.pid)
            reply = client.execute_interactive(REFERENCE, output_hook=lambda message: None, timeout=300)
            assert reply["content"]["status"] == "ok", reply["content"]
            return processor_seconds(manager.provisioner.pid) - before
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
