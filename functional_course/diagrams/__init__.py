"""Models as pictures: ``draw(model)``.

>>> from functional_course import diagrams
>>> diagrams.draw(model)  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Iterable

from functional_course.diagrams.layout import Layout, lay_out
from functional_course.diagrams.render import render
from functional_course.diagrams.scene import Choice, scene_of
from functional_course.diagrams.words import lines, sentence
from functional_course.figures.pictures import Picture

import keras

__all__ = ["Diagram", "draw"]


class Diagram(Picture):
    """The picture of a model.

    Attributes:
        layout: its boxes, arrows and shapes with their places.
    """

    def __init__(self, layout: Layout, alt: str, words: Iterable[str]) -> None:
        self.layout = layout
        super().__init__(render(layout), alt, tuple(words))


def draw(model: keras.Model, depth: int = 0, expand: Iterable[str] | str = (), fold: bool | None = None) -> Diagram:
    """Draw a model: its layers as boxes, its tensors as arrows with their shapes, data flowing from top to bottom.

    A layer that is called twice is one box with two arrows in and two out; each call has its number, colour and dash. A
    frozen layer is hatched and bears a snowflake. A nested model is one box with a double edge, or a frame when opened.

    Folding keeps large models legible: layers whose names begin with the same word before the first underscore, such as
    ``block1_conv1`` and ``block1_pool``, become one box, if no layer of them is called twice and no path leaves the box
    and comes back.

    Args:
        model: a functional model, or a Sequential one that knows its input shape.
        depth: how many levels of nested models to open.
        expand: names of nested models or folded blocks to open, at any level.
        fold: whether to fold layers into blocks; if not given, models of more than 16 layers are folded.

    Returns:
        A picture. Its ``text`` says in words all that it shows.

    Raises:
        NoGraphError: the model records no graph, as a subclassed one.
        ValueError: nothing in the model has a name given in ``expand``.

    Example:

    >>> pixels = keras.Input((64,), name="pixels")
    >>> print(draw(keras.Model(pixels, keras.layers.Dense(10)(pixels))).text)
    Diagram of a Functional model: 1 layer, 1 input, 1 output; 650 parameters, all trainable.
    - Input “pixels”: (None, 64) goes to Dense.
    - Dense (650 parameters) takes (None, 64) from Input “pixels”, gives (None, 10) to Output.
    - Output: (None, 10) from Dense.
    """
    wanted = frozenset([expand] if isinstance(expand, str) else expand)
    choice = Choice(depth, wanted, fold)
    scene = scene_of(model, choice)
    missing = sorted(wanted - choice.found)
    if missing:
        raise ValueError(
            f"Nothing to open is named {', '.join(map(repr, missing))}. Name a nested model or a folded block; "
            "a model inside another one opens only if the outer one is open too."
        )
    return Diagram(lay_out(scene), sentence(scene), lines(scene))
