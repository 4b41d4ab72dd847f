"""What a model is, read from Keras: its graph, what it costs, and, in one module, what is private in Keras."""

from functional_course.models.flops import Cost, UnknownCostError, by_layer, count_flops
from functional_course.models.graph import Call, Graph, Inside, NoGraphError

__all__ = [
    "Call",
    "Cost",
    "Graph",
    "Inside",
    "NoGraphError",
    "UnknownCostError",
    "by_layer",
    "count_flops",
]
