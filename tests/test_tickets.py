"""Tickets: deterministic, answered by the rule, and neither the text nor the tags alone give either answer."""

from __future__ import annotations

from functional_course.data import tickets

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier

ANSWERS = {"priority": tickets.PRIORITIES, "department": tickets.DEPARTMENTS}


def rule(text: str, tags: list[str]) -> tuple[str, str]:
    """Priority and department by marks in the text, written apart from the generator."""
    waits = ("no hurry", "can wait", "held up")
    slows = ("slows", "an hour", "around it")
    impact = 0 if any(mark in text for mark in waits) else 1 if any(mark in text for mark in slows) else 2
    contract = ["free plan", "paid plan", "guaranteed answer"].index(
        next(tag for tag in tags if tag[:4] in "freepaidguar")
    )
    priority = {0: "low", 1: "low", 2: "normal"}.get(impact + contract, "high")
    if any(mark in text for mark in ("charged", "invoice", "refund", "bill")):
        return priority, "accounts"
    if any(mark in text for mark in ("order", "licence", "larger", "offer")):
        return priority, "sales"
    return priority, "hardware" if "device" in tags else "software"


def test_shapes_and_kinds():
    (x_train, y_train), (x_test, y_test) = tickets.load_data()
    for x, y, count in ((x_train, y_train, 2000), (x_test, y_test, 500)):
        assert x["text"].shape == (count, tickets.LENGTH) == (count, 22) and x["text"].dtype == "int64"
        assert x["tags"].shape == (count, len(tickets.TAGS)) == (count, 8) and x["tags"].dtype == "float32"
        assert set(np.unique(x["tags"])) == {0, 1}
        assert x["text"].max() < len(tickets.VOCABULARY)
        for name, kinds in ANSWERS.items():
            assert y[name].shape == (count,) and set(np.unique(y[name])) == set(range(len(kinds)))


def test_the_seed_decides():
    first, again, other = (tickets.load_data(seed, train=50, test=10) for seed in (3, 3, 4))
    for side in (0, 1):
        for part in (0, 1):
            assert all(np.array_equal(first[side][part][key], again[side][part][key]) for key in first[side][part])
    assert not np.array_equal(first[0][0]["text"], other[0][0]["text"])


def test_every_answer_follows_the_rule():
    for x, y in tickets.load_data(seed=1, train=300, test=50, noise=0):
        for text, tags, priority, department in zip(
            tickets.decode(x["text"]), x["tags"], y["priority"], y["department"], strict=True
        ):
            assert tickets.UNKNOWN not in text
            found = tickets.PRIORITIES[priority], tickets.DEPARTMENTS[department]
            assert found == rule(text, tickets.names(tags)), text


def test_no_ticket_is_on_both_sides():
    train, test = (
        {text.tobytes() + tags.tobytes() for text, tags in zip(x["text"], x["tags"], strict=True)}
        for x, _ in tickets.load_data()
    )
    assert (len(train), len(test)) == (2000, 500)
    assert not train & test


def test_words_come_back_and_unknown_ones_share_an_id():
    assert tickets.VOCABULARY[0] == "" and len(set(tickets.VOCABULARY)) == len(tickets.VOCABULARY)
    ids = tickets.encode(["nobody here can werk", "thanks"])
    assert tickets.decode(ids) == ["nobody here can [UNK]", "thanks"]
    assert ids[0, 3] == 1 and not ids[1, 1:].any()
    with pytest.raises(ValueError, match="at most 22 words"):
        tickets.encode("thanks " * 24)


def test_one_word_in_ten_is_unknown():
    (x, _), _ = tickets.load_data()
    assert 0.09 < (x["text"] == 1).sum() / (x["text"] > 0).sum() < 0.11


@pytest.mark.parametrize(("asked", "message"), [({"noise": 1.0}, "share"), ({"noise": 0, "train": 60_000}, "too few")])
def test_what_cannot_be_made_is_refused(asked: dict, message: str, monkeypatch):
    monkeypatch.setattr(tickets, "_ticket", lambda generator, noise: ("hello", (0,) * 8, 0, 0))
    with pytest.raises(ValueError, match=message):
        tickets.load_data(**{"train": 20, "test": 5, **asked})


def test_neither_input_alone_gives_either_answer():
    (x_train, y_train), (x_test, y_test) = tickets.load_data()

    def bags(x: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        words = np.stack([np.bincount(ids, minlength=len(tickets.VOCABULARY)) for ids in x["text"]])
        return {"text": words, "tags": x["tags"], "both": np.hstack([words, x["tags"]])}

    train, test = bags(x_train), bags(x_test)
    for name in ANSWERS:
        right = {}
        for seen in train:
            forest = RandomForestClassifier(100, random_state=0).fit(train[seen], y_train[name])
            right[seen] = forest.score(test[seen], y_test[name])
        guess = np.bincount(y_test[name]).max() / len(y_test[name])
        assert right["both"] > 0.8
        assert guess < right["tags"] < right["both"] - 0.1, (name, right)
        assert guess < right["text"] < right["both"] - 0.1, (name, right)
