"""What Keras and TensorFlow do in less time in the processes that execute answers. The numbers stay the same."""

from __future__ import annotations

import sys

from functional_course.kernels import arrays, epochs, handles


def install() -> None:
    """Have this process take them, as far as Keras and TensorFlow are imported. A second call does nothing."""
    for each in (arrays, epochs, handles):
        each.install()
    if "keras" in sys.modules:
        # They read what is private in Keras, and nothing is to import Keras here.
        from functional_course.kernels import steps, traces

        traces.install()
        # Steps come last: they need to know what the first step of a model needs, which is made before it is traced.
        steps.install()
