"""What Keras and TensorFlow do in less time in the processes that execute answers. The numbers stay the same."""

from __future__ import annotations

from functional_course.kernels import arrays, epochs, handles, steps, traces


def install() -> None:
    """Have this process take them, as far as Keras and TensorFlow are imported. A second call does nothing."""
    # Steps come last: they need to know what the first step of a model needs, which is made before it is traced.
    for each in (arrays, epochs, handles, traces, steps):
        each.install()
