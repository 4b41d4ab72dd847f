"""The graph read from a model."""

from __future__ import annotations

from functional_course import checks
from functional_course.models import Graph, NoGraphError
from functional_course.models.graph import input_structure, nodes_before, output_structure

import keras
import numpy as np
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
    assert graph.reached_from([doubled]) == (doubled, *graph.outputs)


class Subclassed(keras.Model):
    def call(self, inputs):
        return inputs


@pytest.mark.parametrize("model", [Subclassed(), keras.Sequential([layers.Dense(1)]), layers.Dense(1), None])
def test_what_records_no_graph_is_refused(model):
    with pytest.raises(NoGraphError, match="records no graph"):
        Graph(model)


# --- models inside, and which tensor reaches which of their inputs ---------------------------------------------------


def inner_of(order: str, arranged: str) -> keras.Model:
    """``a`` through a layer `of_a`, ``b`` not at all into the first output, and the other way round."""
    entries = {name: keras.Input((4,), name=name) for name in "ab"}
    outputs = [layers.Dense(2, name="of_a")(entries["a"]), layers.Dense(3, name="of_b")(entries["b"])]
    given = {name: entries[name] for name in order}
    return keras.Model(given if arranged == "dict" else list(given.values()), outputs)


def called(inner: keras.Model, how: str, a, b):
    """The nested model called with ``a`` and ``b`` for its inputs of these names, as Keras sorts them out."""
    if how == "by name":
        return inner({"a": a, "b": b})
    if how == "by name, in another order":
        return inner({"b": b, "a": a})
    if how == "by keyword":
        return inner(inputs={"b": b, "a": a})
    return inner([{"a": a, "b": b}[tensor.name] for tensor in inner.inputs])


HOWS = ("by name", "by name, in another order", "by keyword", "by place")


# Keras warns of a list for a model that was built on a dict, and refuses it where the keys are not in order.
CALLS = [
    (order, arranged, how)
    for order in ("ab", "ba")
    for arranged in ("list", "dict")
    for how in HOWS
    if arranged == "list" or how != "by place"
]


@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize(("order", "arranged", "how"), CALLS)
def test_inputs_of_nested_models_are_found_as_keras_finds_them(order, arranged, how, depth):
    inner = inner_of(order, arranged)
    of_a, of_b = inner.get_layer("of_a"), inner.get_layer("of_b")
    for _ in range(depth - 1):
        a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
        inner = keras.Model([b, a], called(inner, how, a, b))
    left, right = keras.Input((4,), name="left"), keras.Input((4,), name="right")
    model = keras.Model([left, right], dict(zip(("first", "second"), called(inner, how, left, right), strict=True)))

    # What Keras does, in numbers, and then what the checks say of it.
    rows = {"left": np.ones((1, 4), "float32"), "right": np.ones((1, 4), "float32")}
    before, after = model(rows), model({**rows, "left": rows["left"] * 2})
    assert float(abs(before["first"] - after["first"]).numpy().max()) > 0
    assert float(abs(before["second"] - after["second"]).numpy().max()) == 0
    checks.check_calls_from(model, of_a, ["left"])
    checks.check_calls_from(model, of_b, ["right"])
    first, second = model.outputs
    checks.check_path(model, left, first)
    checks.check_path(model, right, first, exists=False)
    checks.check_path(model, right, second)
    checks.check_path(model, left, second, exists=False)
    assert {name: tensor.name for name, tensor in given_by_name(model).items()} == {"a": "left", "b": "right"}
    with pytest.raises(checks.CheckFailed, match="called from 'right'"):
        checks.check_calls_from(model, of_a, ["right"])


def given_by_name(model) -> dict:
    """What the graph says that the nested model is given."""
    graph = Graph(model)
    inside = next(filter(None, map(graph.inside, graph.calls)))
    return dict(zip(inside.graph.input_names, inside.given, strict=True))


def test_a_sequential_model_inside_is_seen_through_and_so_is_one_in_it():
    dense = layers.Dense(3, name="code")
    deep = keras.Sequential([keras.Input((4,)), keras.Sequential([layers.Rescaling(2.0), dense])])
    left, right = keras.Input((4,), name="left"), keras.Input((4,), name="right")
    model = keras.Model([left, right], [deep(left), deep(right), layers.Dense(2)(right)])
    checks.check_calls_from(model, dense, ["left", "right"])
    checks.check_calls(model, dense, times=2)
    checks.check_path(model, left, model.outputs[0])
    checks.check_path(model, left, model.outputs[1], exists=False)


def test_a_number_that_a_nested_model_is_given_is_no_input():
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    dense = layers.Dense(2)
    inner = keras.Model([b, a], [dense(a), layers.Dense(3)(b)])
    left = keras.Input((4,), name="left")
    model = keras.Model(left, inner({"a": left, "b": keras.ops.ones((1, 4))}))
    checks.check_calls_from(model, dense, ["left"])
    checks.check_path(model, left, model.outputs[0])
    checks.check_path(model, left, model.outputs[1], exists=False)
    assert {name: tensor is left for name, tensor in given_by_name(model).items()} == {"a": True, "b": False}


def test_the_activation_at_the_end_is_found_through_what_only_reshapes():
    entry = keras.Input((4,))
    flat = keras.Model(entry, layers.Reshape((2, 2))(entry))
    rows = keras.Input((4,), name="rows")
    model = keras.Model(rows, {"label": flat(layers.Dense(4, activation="sigmoid")(rows))})
    checks.check_activation(model, "label", "sigmoid")
    with pytest.raises(checks.CheckFailed, match="found sigmoid"):
        checks.check_activation(model, "label", "softmax")


class Halved(keras.Model):
    """Has a graph, and computes something else."""

    def call(self, inputs, training=None):
        return super().call(inputs, training=training) * 0.0


def test_a_model_with_a_call_of_its_own_is_not_seen_through():
    entry = keras.Input((4,))
    inner = Halved(entry, layers.Dense(2)(entry))
    rows = keras.Input((4,), name="rows")
    graph = Graph(keras.Model(rows, inner(rows)))
    assert [graph.inside(call) for call in graph.calls] == [None] * len(graph.calls)


@pytest.mark.parametrize("arranged", [list, dict])
def test_inputs_and_outputs_have_names(arranged):
    ends = {name: keras.Input((2,), name=name) for name in ("second", "first")}
    outs = {name: layers.Dense(1, name=f"of_{name}")(tensor) for name, tensor in ends.items()}
    graph = Graph(keras.Model(*(arranged(each) if arranged is dict else list(each.values()) for each in (ends, outs))))
    assert graph.input_names == tuple(tensor.name for tensor in graph.inputs)
    assert [name.removeprefix("of_") for name in graph.output_names] == [tensor.name for tensor in graph.inputs]
    tower = keras.Sequential([keras.Input((2,), name="entry"), layers.Dense(1, name="code")])
    assert (Graph(tower).input_names, Graph(tower).output_names) == (("entry",), ("code",))


def test_the_innermost_calls_are_those_in_nested_models_at_each_of_their_calls():
    entry = keras.Input((4,), name="entry")
    inner = keras.Sequential(
        [keras.Input((4,)), layers.Dense(4, name="one"), layers.Dense(4, name="two")], name="inner"
    )
    graph = Graph(keras.Model(entry, layers.Add(name="add")([inner(entry), inner(inner(entry))])))
    called = [call.operation.name for _, call in graph.innermost_calls() if call.inputs]
    assert called == ["one", "two"] * 3 + ["add"]
    whole = [call.operation.name for _, call in graph.innermost_calls(whole=inner) if call.inputs]
    assert whole == ["inner"] * 3 + ["add"]
    around = next(around for around, call in graph.innermost_calls() if call.operation.name == "two")
    assert around.model is inner and around.operation_of(around.outputs[0]).name == "two"


def test_what_comes_out_of_a_nested_model_depends_on_what_is_connected_inside():
    left, right = keras.Input((4,), name="left"), keras.Input((4,), name="right")
    first, second = inner_of("ab", "list")([left, right])
    graph = Graph(keras.Model([left, right], [first, second]))
    assert graph.reached_from([left]) == (left, first)
    (call,) = graph.calls_of(graph.operation_of(first))
    inside = graph.inside(call)
    assert inside.entries_of([right]) == (inside.graph.inputs[1],)
    assert inside.made_from([left, right]) == (first, second)


def test_nodes_are_found_back_to_the_beginning_or_to_where_one_says():
    entry = keras.Input((4,), name="entry")
    middle = layers.Dense(4, name="first")(entry)
    end = layers.Dense(4, name="second")(middle)
    loose = keras.KerasTensor((None, 4))
    assert [node.operation.name for node in nodes_before([end, loose])] == ["entry", "first", "second"]
    assert [node.operation.name for node in nodes_before([end], [middle])] == ["first", "second"]
    kept = [call.arguments.args for call in Graph(keras.Model(entry, end)).calls if call.inputs]
    assert kept == [(entry,), (middle,)]


def test_what_a_model_was_built_on_is_what_it_gives_back():
    entry = keras.Input((4,), name="entry")
    model = keras.Model({"a": entry}, [layers.Dense(1)(entry)])
    assert input_structure(model) == {"a": entry} and output_structure(model) == [model.outputs[0]]
    stack = keras.Sequential([entry, layers.Dense(1)])
    assert input_structure(stack) is stack.inputs[0] and output_structure(stack) is stack.outputs[0]
    assert input_structure(Subclassed()) is None and input_structure(keras.Sequential([layers.Dense(1)])) is None


def test_an_input_that_nothing_reads_was_made_by_its_layer():
    read, unread = keras.Input((4,), name="read"), keras.Input((4,), name="unread")
    graph = Graph(keras.Model([read, unread], layers.Dense(1)(read)))
    assert graph.producer(graph.inputs[1]) is None
    assert graph.operation_of(graph.inputs[1]).name == "unread"
    with pytest.raises(KeyError):
        graph.operation_of(keras.KerasTensor((None, 4)))
