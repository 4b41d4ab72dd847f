"""A message is what it was when it comes, and one that is none is refused with what is wrong where."""

from __future__ import annotations

import json
from typing import Any

from functional_course.boundary.messages.answers import Answer, Answered, ToldError
from functional_course.boundary.messages.bodies import MOST_NODES, Body
from functional_course.boundary.messages.graphs import Call, Entrance, Graph, Loose, Stack
from functional_course.boundary.messages.layers import Own, Wrapper, Written
from functional_course.boundary.messages.requests import Asked, Request
from functional_course.boundary.messages.states import State
from functional_course.boundary.wire import BoundaryError

import pytest

DEFINITIONS = [
    Entrance("L1", {"t": "dict", "v": []}, ["L2"]),
    Loose("L3", [None, 4], "float32"),
    Own("L4", {"t": "dict", "v": []}),
    Call("L4", {"t": "tuple", "v": []}, {"t": "dict", "v": []}, ["L5"]),
    Stack("L6", "s", "Sequential", [], ["L4"], ["L7"]),
    Graph("L8", "f", "Mine", ["fit"], {"t": "symbol", "v": "L2"}, {"t": "symbol", "v": "L5"}),
    Wrapper("L9", ("keras.layers", "TimeDistributed"), {"t": "dict", "v": []}, "L4"),
    Written("L10", {"t": "class", "v": "L11"}, {"t": "dict", "v": []}),
]
STATES = {
    "L4": State(True, {"units": 2}, [{"t": "array"}], build={"t": "dict", "v": []}),
    "L6": State(False, {}, layers=["L4"], out=["L7"], compile={"t": "dict", "v": []}),
    "L10": State(True, {}, [{"t": "array"}], names=[["a", True, "float32"]]),
    "L12": State(True, {}, [{"t": "array"}], build={"t": "dict", "v": []}, trained=[False]),
}
BODY = Body([1, "x"], DEFINITIONS, STATES)


def sent(message: Any) -> dict[str, Any]:
    return json.loads(json.dumps(message.to_json()))


def test_what_is_sent_comes():
    assert sent(Body.of(sent(BODY))) == sent(BODY)
    assert Body.of({}) == Body(None, [], {})
    assert Asked.of(sent(Request("call", BODY, 7, 2.5))) == Asked("call", 7, 2.5)
    assert Asked.of(sent(Request("sync", BODY))) == Asked("sync", None, None)
    assert Answered.of(sent(Answer(BODY, "said"))) == Answered(False, "said")
    error = ToldError(["NameError", "Exception"], "no x", "x")
    failed = sent(Answer(BODY, error=error))
    assert Answered.of(failed) == Answered(True, "") and ToldError.of(failed["error"]) == error


def of(message: Any, **parts: Any) -> dict[str, Any]:
    return {**sent(message), **parts}


def without(message: Any, part: str) -> dict[str, Any]:
    return {key: each for key, each in sent(message).items() if key != part}


@pytest.mark.parametrize(
    ("coded", "said"),
    [
        ({"definitions": {}}, "a message whose 'definitions' is no list"),
        ({"definitions": [None]}, "a definition that is no dict"),
        ({"definitions": [{"kind": "magic"}]}, "nothing is of the kind 'magic'"),
        ({"definitions": [{"kind": ["call"]}]}, "nothing is of the kind"),
        ({"definitions": [{}] * (MOST_NODES + 1)}, "more than 20,000 calls"),
        *(({"definitions": [without(each, "key")]}, "without 'key'") for each in DEFINITIONS if type(each) is not Call),
        *(({"definitions": [of(each, key=3)]}, "'key' is no text") for each in DEFINITIONS if type(each) is not Call),
        ({"definitions": [without(DEFINITIONS[3], "operation")]}, "a call without 'operation'"),
        ({"definitions": [without(DEFINITIONS[3], "args")]}, "a call without 'args'"),
        ({"definitions": [of(DEFINITIONS[3], out=[1])]}, "a call whose 'out' are no keys"),
        ({"definitions": [of(DEFINITIONS[1], shape=4)]}, "a tensor whose 'shape' is no list"),
        ({"definitions": [without(DEFINITIONS[4], "layers")]}, "a stack of layers without 'layers'"),
        ({"definitions": [of(DEFINITIONS[4], layers=["L4", None])]}, "'layers' are no keys"),
        ({"definitions": [of(DEFINITIONS[5], own="fit")]}, "a graph of layers whose 'own' is no list"),
        ({"definitions": [of(DEFINITIONS[6], **{"class": "TimeDistributed"})]}, "a wrapper whose 'class' is no list"),
        ({"definitions": [of(DEFINITIONS[6], **{"class": ["keras"]})]}, "'class' is no module and name"),
        ({"definitions": [of(DEFINITIONS[7], **{"class": "L11"})]}, "'class' is no dict"),
        ({"definitions": [without(DEFINITIONS[7], "about")]}, "without 'about'"),
        ({"states": []}, "a message whose 'states' is no dict"),
        ({"states": {"L1": None}}, "a state that is no dict"),
        ({"states": {"L1": without(STATES["L4"], "trainable")}}, "a state without 'trainable'"),
        ({"states": {"L1": of(STATES["L4"], trainable=1)}}, "'trainable' is no bool"),
        ({"states": {"L1": without(STATES["L4"], "config")}}, "a state without 'config'"),
        ({"states": {"L1": of(STATES["L4"], weights={})}}, "'weights' is no list"),
        ({"states": {"L1": of(STATES["L10"], names=[["a", True]])}}, "'names' are not three a weight"),
        ({"states": {"L1": of(STATES["L12"], trained=[1])}}, "'trained' are no bools"),
        ({"states": {"L1": without(STATES["L6"], "out")}}, "a state without 'out'"),
    ],
)
def test_a_body_that_is_none_is_refused(coded: dict[str, Any], said: str):
    with pytest.raises(BoundaryError, match=said):
        Body.of(coded)


@pytest.mark.parametrize("coded", [None, [], {}, {"kinds": "ValueError"}])
def test_an_error_that_is_none_is_refused(coded: Any):
    with pytest.raises(BoundaryError, match="what came is no answer"):
        ToldError.of(coded)


def test_a_request_for_nothing_and_an_answer_of_no_kind_are_refused():
    with pytest.raises(BoundaryError, match="a request whose 'command' is no text"):
        Asked.of({"kind": "request", "command": ["call"]})
    with pytest.raises(BoundaryError, match="what came is no answer"):
        Answered.of({"kind": "end"})


def test_what_came_is_not_quoted_in_a_refusal():
    for header in (
        {"definitions": [{"kind": "call", "operation": "L1", "args": 0, "marzipan": 1}]},
        {"states": {"marzipan": 1}},
    ):
        with pytest.raises(BoundaryError) as refused:
            Body.of(header)
        assert "marzipan" not in str(refused.value)
