"""Questions about digits: the tokens, the answers, the balance, and that nobody answers with one eye closed."""

from __future__ import annotations

from functional_course.data import digits, questions

import numpy as np
import pytest


def test_the_words_have_ids_and_come_back():
    ids = questions.encode(questions.QUESTIONS)
    assert ids.shape == (14, questions.LENGTH) == (14, 5)
    assert len(questions.VOCABULARY) == 16 and questions.VOCABULARY[0] == "" and ids.max() == 15
    assert questions.decode(ids) == list(questions.QUESTIONS)
    assert questions.encode("is it even").tolist() == [[5, 6, 1, 0, 0]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("is it blue", "the vocabulary has no 'blue'"),
        ("is it even or is it odd", "no 'or'"),
        ("is it " * 3, "more than 5"),
    ],
)
def test_what_cannot_be_encoded_is_refused(text: str, message: str):
    with pytest.raises(ValueError, match=message):
        questions.encode([text])


def test_answers_are_right():
    yes = {question: [d for d in range(10) if questions.answer(question, d)] for question in questions.QUESTIONS}
    assert yes["is it even"] == [0, 2, 4, 6, 8] and yes["is it odd"] == [1, 3, 5, 7, 9]
    assert yes["is it prime"] == [2, 3, 5, 7] and yes["is it not prime"] == [0, 1, 4, 6, 8, 9]
    assert yes["is it greater than four"] == [5, 6, 7, 8, 9] and yes["is it less than five"] == [0, 1, 2, 3, 4]
    assert yes["is it greater than two"] == [3, 4, 5, 6, 7, 8, 9] and yes["is it less than three"] == [0, 1, 2]
    with pytest.raises(ValueError, match="No question reads 'is it blue'"):
        questions.answer("is it blue", 3)


def test_every_question_has_its_opposite():
    patterns = [tuple(questions.answer(question, d) for d in range(10)) for question in questions.QUESTIONS]
    assert all(tuple(not value for value in pattern) in patterns for pattern in patterns)


@pytest.mark.parametrize("seed", [0, 1])
def test_every_answer_is_the_answer_about_the_digit_in_the_image(seed: int):
    sides = zip(digits.load_data(seed), questions.load_data(seed), strict=True)
    for (images, labels), (x, answers) in sides:
        label = {image.tobytes(): digit for image, digit in zip(images, labels, strict=True)}
        for image, question, found in zip(x["image"], questions.decode(x["question"]), answers, strict=True):
            assert found == questions.answer(question, label[image.tobytes()])


def test_no_image_is_on_both_sides_and_every_question_is_balanced():
    (x_train, y_train), (x_test, y_test) = questions.load_data()
    train, test = ({image.tobytes() for image in x["image"]} for x in (x_train, x_test))
    assert not train & test
    for x, y in ((x_train, y_train), (x_test, y_test)):
        asked = np.array(questions.decode(x["question"]))
        assert all(y[asked == question].mean() == 0.5 for question in questions.QUESTIONS)


def test_the_seed_decides():
    first, again, other = (questions.load_data(seed, train=28, test=28)[0][0] for seed in (0, 0, 1))
    assert all(np.array_equal(first[key], again[key]) for key in first)
    assert not np.array_equal(first["image"], other["image"])


def accuracy(*looks_at: str) -> float:
    """Train a small model that sees these inputs only; its share of right answers on the test side."""
    import keras
    from keras import layers

    keras.utils.set_random_seed(1)
    (x_train, y_train), (x_test, y_test) = questions.load_data()
    inputs = {
        "image": keras.Input(digits.IMAGE_SHAPE, name="image"),
        "question": keras.Input((questions.LENGTH,), dtype="int32", name="question"),
    }
    seen = {
        "image": layers.Flatten()(inputs["image"]),
        "question": layers.Flatten()(layers.Embedding(len(questions.VOCABULARY), 8)(inputs["question"])),
    }
    branches = [layers.Dense(32, activation="relu")(seen[name]) for name in looks_at]
    x = layers.Concatenate()(branches) if len(branches) > 1 else branches[0]
    x = layers.Dense(32, activation="relu")(x)
    model = keras.Model({name: inputs[name] for name in looks_at}, layers.Dense(1, activation="sigmoid")(x))
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", steps_per_execution=22)
    model.fit({name: x_train[name] for name in looks_at}, y_train, epochs=15, batch_size=256, verbose=0)
    said = keras.ops.convert_to_numpy(model({name: x_test[name] for name in looks_at}))[:, 0] > 0.5
    return float((said == y_test).mean())


@pytest.mark.parametrize("alone", ["image", "question"])
def test_one_input_alone_stays_at_the_majority_baseline(alone: str):
    _, (_, y_test) = questions.load_data()
    majority = max(y_test.mean(), 1 - y_test.mean())
    assert abs(accuracy(alone) - majority) < 0.05


def test_both_inputs_together_answer():
    assert accuracy("image", "question") > 0.9
