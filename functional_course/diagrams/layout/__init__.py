"""Places for the boxes and arrows of a scene: data flows from top to bottom.

A layered layout after Sugiyama, in plain Python, one module a step: a size for each box (:mod:`.sizes`), boxes on ranks
by their longest way from an input (:mod:`.ranks`), fewer crossings by sorting each rank after its neighbours
(:mod:`.order`), places by least squares under the distances that must be kept (:mod:`.places`), and a path for each
arrow (:mod:`.lines`). All steps break ties by the order of the model, so the same model gives the same picture.
Lengths are points, y grows downwards.

An opened model is laid out first and then placed as one large box. A wire that leads back (a layer called again on what
came out of it) runs upwards on a lane of its own.

Written by hand because Graphviz, with which Keras draws models, is a program that pip doesn't install: its Python
packages only call it. A course that is installed with pip alone has its diagrams all the same.

Source: K. Sugiyama, S. Tagawa, M. Toda, "Methods for visual understanding of hierarchical system structures", IEEE
Transactions on Systems, Man, and Cybernetics 11 (1981).
"""

from __future__ import annotations

from functional_course.diagrams.layout.lines import finished
from functional_course.diagrams.layout.order import sort
from functional_course.diagrams.layout.placed import Layout
from functional_course.diagrams.layout.places import add_lanes, place
from functional_course.diagrams.layout.ranks import chains, rank
from functional_course.diagrams.layout.sizes import box_node
from functional_course.diagrams.scene import Scene

__all__ = ["Layout", "lay_out"]


def lay_out(scene: Scene, depth: int = 0) -> Layout:
    """Place a scene.

    Args:
        scene: boxes and wires.
        depth: how many opened models it stands in.

    Returns:
        All its boxes, those of opened models too, its arrows and the shapes beside them, each with its place in points.
    """
    inside = {box.key: lay_out(box.inner, depth + 1) for box in scene.boxes if box.inner is not None}
    nodes = {box.key: box_node(box, scene, inside.get(box.key)) for box in scene.boxes}
    back = rank(nodes, scene)
    ranks, links, routes = chains(nodes, scene, back)
    sort(ranks, links)
    place(ranks, links)
    add_lanes(ranks, routes)
    return finished(scene, nodes, ranks, routes, depth)
