"""The graph read from a model."""

from __future__ import annotations

from functional_course.graph import Graph, NoGraphError

import keras
import pytest
from keras import layers


def names(graph: Graph) -> list[tuple[str, int]]:
    return [(call.operation.name, call.number) for call in graph.calls]


def test_a_layer_called_twice_is_one_operation_with_two_calls():
    left, right = keras.Input((4,), name="left"), keras.Input((4,), name="right")
    dense = layers.Dense(2, name="dense")
    graph = Graph(keras.Model([left, right], layers.Add(name="add")([dense(left), dense(right)])))
    assert names(graph) == [("left", 0), ("dense", 0), ("right", 0), ("dense", 1), ("add", 0)]
    assert [call.inputs[0] is source for call, source in zip(graph.calls_of(dense), (left, right), strict=True)] == [
        True,
        True,
    ]
    assert len(graph.operations) == 4


def test_calls_outside_the_model_do_not_count():
    pixels, dense = keras.Input((4,)), layers.Dense(4)
    model = keras.Model(pixels, dense(pixels))
    dense(keras.Input((4,)))
    assert len(Graph(model).calls_of(dense)) == 1


def test_a_model_cut_out_of_another_ends_at_its_inputs():
    pixels = keras.Input((4,), name="pixels")
    middle = layers.Dense(3, name="first")(pixels)
    model = keras.Model(middle, layers.Dense(2, name="second")(middle))
    assert [call.operation.name for call in Graph(model).calls][-1] == "second"
    assert "pixels" not in dict(names(Graph(model)))


def test_the_repeated_layer_of_a_sequential_model_is_seen():
    dense = layers.Dense(4)
    assert len(Graph(keras.Sequential([keras.Input((4,)), dense, dense])).calls_of(dense)) == 2


def test_operations_are_nodes_and_producers_and_consumers_are_found():
    pixels = keras.Input((4,), name="pixels")
    doubled = pixels + pixels
    graph = Graph(keras.Model(pixels, keras.ops.abs(doubled)))
    assert graph.producer(doubled).inputs == (pixels, pixels)
    assert len(graph.consumers(pixels)) == 1
    assert [call.operation.name for call in graph.reached_from([doubled])] == [graph.calls[-1].operation.name]


class Subclassed(keras.Model):
    def call(self, inputs):
        return inputs


@pytest.mark.parametrize("model", [Subclassed(), keras.Sequential([layers.Dense(1)]), layers.Dense(1), None])
def test_what_records_no_graph_is_refused(model):
    with pytest.raises(NoGraphError, match="records no graph"):
        Graph(model)
