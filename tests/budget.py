"""What a notebook's cells cost, in processor seconds of its kernel, beside a reference measured in the same run.

Seconds of processor time differ from machine to machine. The reference is a fixed piece of work with Keras, done in a
kernel of its own. As a plugin beside nbval, this refuses a solution that costs more than ``MOST`` references:

    python -m pytest -p tests.budget --nbval solutions

It executes nothing again: it looks at the kernels that nbval has.
"""

from __future__ import annotations

import math
import os
from pathlib import Path

import psutil
import pytest

MOST = 16.0
"""References that one solution may cost. The dearest costs about 9, and the reference itself varies by a third on a
busy machine: a gate nearer to it would be red by chance."""

HOLDS = "COURSE_BUDGET"
"""An environment variable with another number of references, for the plugin's own test."""

REFERENCE = """\
import keras
import numpy as np

draw = np.random.default_rng(0)
images, labels = draw.standard_normal((256, 12, 12, 1)), draw.integers(0, 3, 256)
inputs = keras.Input((12, 12, 1))
hidden = keras.layers.Conv2D(8, 3, activation="relu")(inputs)
hidden = keras.layers.Dense(16, activation="relu")(keras.layers.Flatten()(hidden))
model = keras.Model(inputs, keras.layers.Dense(3, activation="softmax")(hidden))
model.compile("adam", "sparse_categorical_crossentropy")
model.optimizer.build(model.trainable_variables)
model.fit(images, labels, epochs=3, verbose=0)
model.predict(images, verbose=0)
for _ in range(20):
    model(images)
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


class Notebook:
    """What the cells of one notebook have cost so far.

    Args:
        name: for the message.
        reference: seconds of the reference, measured just before.
        most: references that the notebook may cost.
    """

    def __init__(self, name: str, reference: float, most: float) -> None:
        self.name, self.reference, self.most = name, reference, most
        self.cells: dict[str, float] = {}

    @property
    def seconds(self) -> float:
        return sum(self.cells.values())

    @property
    def too_much(self) -> bool:
        return self.seconds > self.most * self.reference

    def __str__(self) -> str:
        most = sorted(self.cells.items(), key=lambda each: -each[1])[:3]
        named = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in most)
        return (
            f"{self.name} costs {self.seconds:.2f} s of processor time, {self.seconds / self.reference:.1f} times the "
            f"reference of {self.reference:.2f} s. At most {self.most:g} times are allowed. "
            f"Its most expensive cells so far: {named}."
        )


_running: dict[str, Notebook] = {}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item):
    """Add up what the cells of a solution cost, and fail the one with which it becomes too much."""
    kernel = getattr(item.parent, "kernel", None)
    if kernel is None or "solutions" not in item.path.parts:
        return (yield)
    key = str(item.path)
    if key not in _running:
        name = str(Path(*item.path.parts[-2:]).with_suffix(""))
        _running[key] = Notebook(name, reference_seconds(), float(os.environ.get(HOLDS, MOST)))
    notebook, pid = _running[key], kernel.km.provisioner.pid
    before = processor_seconds(pid)
    outcome = yield
    mark = item.cell.metadata.get("nbgrader", {})
    notebook.cells[mark.get("grade_id") or item.name] = processor_seconds(pid) - before
    if notebook.too_much:  # or has the machine become slower meanwhile?
        notebook.reference = max(notebook.reference, reference_seconds())
    if notebook.too_much:
        said, notebook.most = str(notebook), math.inf  # once is enough
        pytest.fail(said, pytrace=False)
    return outcome
