"""What passes between the two sides about a cell is read as it was written, and anything else is refused."""

from __future__ import annotations

import json
from typing import Any

from functional_course.boundary.values import Decoder, Encoder, Opaque
from functional_course.boundary.wire import BoundaryError
from functional_course.grading.executing.run_messages import RunAnswer, RunRequest, ToldValue

import numpy as np
import pytest

REQUEST = RunRequest(3, "a = 1", 60, ("a", "b"), own=False, note=True)
SHOWN = [{"output_type": "stream", "name": "stdout", "text": "1\n"}]
ANSWER = RunAnswer(
    SHOWN, (ToldValue("a", '{"value": 1}', (b"12", b"3456")), ToldValue("b", None, failed="ValueError: no"))
)


def crossed(value: Any) -> Any:
    """A value after it has crossed the boundary."""
    encoder = Encoder()
    coded = json.loads(json.dumps(encoder.encode(value)))
    return Decoder(encoder.arrays, lambda tagged: None).decode(coded)


def test_a_request_and_an_answer_come_as_they_were_sent():
    assert RunRequest.from_json(crossed(REQUEST.to_json())) == REQUEST
    assert RunAnswer.from_json(crossed(ANSWER.to_json()), REQUEST.tell) == ANSWER


@pytest.mark.parametrize(
    "change",
    [{"index": "3"}, {"source": b"a"}, {"seconds": None}, {"tell": "ab"}, {"tell": [1]}, {"own": 0}, {"note": None}],
    ids=str,
)
def test_a_request_of_another_form_is_refused(change: dict[str, Any]):
    with pytest.raises(BoundaryError, match="another type"):
        RunRequest.from_json({**REQUEST.to_json(), **change})


@pytest.mark.parametrize("key", REQUEST.to_json())
def test_a_request_that_lacks_something_is_refused(key: str):
    with pytest.raises(BoundaryError, match="lacks"):
        RunRequest.from_json({name: each for name, each in REQUEST.to_json().items() if name != key})


def told(*parts: Any) -> dict[str, Any]:
    return {"outputs": "[]", "told": [list(parts)]}


REFUSED = {
    "nothing": (None, "lacks"),
    "something opaque": (Opaque("answer"), "lacks"),
    "no outputs": ({"told": []}, "lacks"),
    "nothing told": ({"outputs": "[]"}, "lacks"),
    "outputs that are no text": ({"outputs": [], "told": []}, "another type"),
    "outputs that are no JSON": ({"outputs": "[", "told": []}, "no output"),
    "outputs too deep": ({"outputs": "[" * 100_000, "told": []}, "no output"),
    "a dict told": ({"outputs": "[]", "told": {}}, "another type"),
    "a text told": ({"outputs": "[]", "told": ["abcd"]}, "no answer"),
    "too little of a name": (told("a", "{}", []), "no answer"),
    "a name that was not asked for": (told("c", "{}", [], None), "not asked for"),
    "an array in the place of a name": (told(np.array("a"), "{}", [], None), "no answer"),
    "something opaque in the place of a name": (told(Opaque("answer"), "{}", [], None), "no answer"),
    "a body that is no text": (told("a", {}, [], None), "no answer"),
    "arrays that are none": (told("a", "{}", [b"12"], None), "no answer"),
    "one array": (told("a", "{}", np.zeros(2), None), "no answer"),
}


@pytest.mark.parametrize(("came", "said"), REFUSED.values(), ids=REFUSED)
def test_an_answer_of_another_form_is_refused(came: Any, said: str):
    with pytest.raises(BoundaryError, match=said):
        RunAnswer.from_json(came, REQUEST.tell)


def test_what_is_said_of_a_failure_is_a_text_or_nothing():
    answer = RunAnswer.from_json(told("a", None, [], Opaque("answer")), REQUEST.tell)
    assert answer.told == (ToldValue("a", None),)
