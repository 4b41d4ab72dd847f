"""Diagrams: what they show, in pictures and in words, and that nothing in them overlaps.

The goldens hold layouts and words, not pixels: they do not depend on matplotlib. Renew them with

    RENEW_GOLDENS=1 pytest tests/test_diagrams.py

then look at ``git diff tests/golden`` and at the pictures before you commit.
"""

import dataclasses
import functools
import itertools
import json
import os
import random
import re
from pathlib import Path

from functional_course import diagrams
from functional_course.diagrams.layout.measures import BADGE, FROST, LINE, PAD_Y, TEXT_SIZE, TITLE_SIZE
from functional_course.diagrams.letters import width
from functional_course.models import NoGraphError

import keras
import pytest
from keras import layers, ops

# What its tests share is made once, on one worker.
pytestmark = pytest.mark.xdist_group("diagrams")

SEEDS = 12
GOLDENS = Path(__file__).parent / "golden" / "diagrams"


# Models, each built once.


def two_inputs_two_outputs():
    image = keras.Input((8, 8, 1), name="image")
    question = keras.Input((12,), name="question", dtype="int32")
    seen = layers.Flatten()(layers.MaxPooling2D()(layers.Conv2D(8, 3, activation="relu")(image)))
    read = layers.LSTM(16)(layers.Embedding(30, 8)(question))
    both = layers.Dense(16, activation="relu")(layers.Concatenate()([seen, read]))
    answer = layers.Dense(1, activation="sigmoid", name="answer")(both)
    kind = layers.Dense(3, activation="softmax", name="kind")(both)
    return keras.Model([image, question], [answer, kind], name="visual_questions")


def two_towers(shared=True, trainable=True):
    left, right = keras.Input((64,), name="left"), keras.Input((64,), name="right")
    encoder = layers.Dense(32, activation="relu", name="encoder")
    other = encoder if shared else layers.Dense(32, activation="relu", name="other")
    encoder.trainable = other.trainable = trainable
    both = layers.Concatenate()([encoder(left), other(right)])
    return keras.Model([left, right], layers.Dense(1, activation="sigmoid")(both))


def called_in_a_chain():
    pixels = keras.Input((16,))
    first, second, relu = layers.Dense(16), layers.Dense(16), layers.Activation("relu")
    hidden = first(first(first(pixels)))
    return keras.Model(pixels, relu(second(relu(second(hidden)))))


def equal_layers_and_one_tensor_twice():
    pixels = keras.Input((8,))
    total = layers.Add()([layers.Dense(8)(pixels), layers.Dense(8)(pixels)])
    return keras.Model(pixels, layers.Multiply()([total, total]))


def _classifier():
    parts = [keras.Input((8, 8, 1)), layers.Conv2D(8, 3, activation="relu"), layers.Flatten()]
    return keras.Sequential([*parts, layers.Dense(10, activation="softmax")], name="classifier")


def nested():
    classifier = _classifier()
    one, two = keras.Input((8, 8, 1), name="one"), keras.Input((8, 8, 1), name="two")
    return keras.Model([one, two], layers.Subtract()([classifier(one), classifier(two)]))


def time_distributed():
    strip = keras.Input((5, 8, 8, 1), name="strip")
    return keras.Model(strip, layers.TimeDistributed(_classifier())(strip))


def skip():
    maps = keras.Input((16, 16, 8))
    hidden = layers.Conv2D(8, 3, padding="same", activation="relu")(maps)
    hidden = layers.BatchNormalization()(hidden)
    hidden = layers.Conv2D(8, 3, padding="same", use_bias=False)(hidden)
    return keras.Model(maps, layers.ReLU()(layers.Add()([maps, hidden])))


def frozen_backbone(trainable=False):
    parts = [keras.Input((8, 8, 1)), layers.Conv2D(8, 3, activation="relu"), layers.BatchNormalization()]
    backbone = keras.Sequential([*parts, layers.GlobalAveragePooling2D()], name="backbone")
    backbone.trainable = trainable
    pixels = keras.Input((8, 8, 1))
    return keras.Model(pixels, layers.Dense(2, name="head")(backbone(pixels)))


def operations():
    numbers, left = keras.Input((8,)), keras.Input((4,), name="left")
    hidden = layers.Dense(3)(numbers)
    total = hidden + hidden * 2.0
    joined = ops.concatenate([total, 1 - hidden], axis=-1)
    outputs = {"sum": ops.sum(joined, axis=1, keepdims=True), "part": total[:, :2], "left": layers.Dense(4)(left)}
    return keras.Model([numbers, left], outputs)


def unused_input():
    used, unused = keras.Input((4,), name="used"), keras.Input((3,), name="unused")
    return keras.Model([used, unused], layers.Dense(2)(used))


def refuses_unused_inputs():
    """Keras 3.12, the last one for Python 3.10, does not build such a model; later ones do."""
    try:
        unused_input()
    except ValueError:
        return True
    return False


def features_inside():
    pixels = keras.Input((8, 8, 1))
    first = layers.Conv2D(4, 3, name="conv1")(pixels)
    second = layers.Conv2D(8, 3, name="conv2")(first)
    digit = layers.Dense(10, name="digit")(layers.Flatten()(second))
    return keras.Model(pixels, [first, second, digit])


def sixty_nodes():
    inputs = [keras.Input((8,), name="abcd"[number]) for number in range(4)]
    tensors, state = list(inputs), 7
    while len(tensors) < 57:
        state = (state * 1103515245 + 12345) % 2**31
        reach = min(len(tensors), 9)
        one, other = tensors[-1 - state // 7 % reach], tensors[-1 - state // 1000 % reach]
        merge = state // 64 % 3 == 0 and one is not other
        tensors.append(layers.Add()([one, other]) if merge else layers.Dense(8)(one))
    consumed = {id(source) for tensor in tensors for source in tensor._keras_history[0]._inbound_nodes[0].input_tensors}
    ends = [tensor for tensor in tensors if id(tensor) not in consumed]
    return keras.Model(inputs, layers.Dense(1)(layers.Concatenate()(ends)))


def vgg16():
    return keras.applications.VGG16(weights=None)


PICTURES = {
    "two_inputs_two_outputs": (two_inputs_two_outputs, {}),
    "shared_layer": (two_towers, {}),
    "called_in_a_chain": (called_in_a_chain, {}),
    "equal_layers_and_one_tensor_twice": (equal_layers_and_one_tensor_twice, {}),
    "nested_closed": (nested, {}),
    "nested_open": (nested, {"depth": 1}),
    "time_distributed_open": (time_distributed, {"expand": "classifier"}),
    "skip": (skip, {}),
    "frozen_backbone": (frozen_backbone, {}),
    "frozen_backbone_open": (frozen_backbone, {"depth": 1}),
    "operations": (operations, {}),
    "unused_input": (unused_input, {}),
    "features_inside": (features_inside, {}),
    "sixty_nodes": (sixty_nodes, {}),
    "vgg16_folded": (vgg16, {}),
    "vgg16_one_block_open": (vgg16, {"expand": ["block2"]}),
    "vgg16_open": (vgg16, {"fold": False}),
}

if refuses_unused_inputs():
    del PICTURES["unused_input"]

build = functools.cache(lambda make: make())
drawn = functools.cache(lambda name: diagrams.draw(build(PICTURES[name][0]), **PICTURES[name][1]))
every_picture = pytest.mark.parametrize("name", PICTURES)


def golden(diagram) -> str:
    """The layout one line an item, so that a difference shows what changed."""
    layout = diagram.layout.as_dict()
    parts = [f'"width": {layout["width"]}, "height": {layout["height"]}']
    for part in ("boxes", "arrows", "labels"):
        items = ",\n".join(json.dumps(item, ensure_ascii=False) for item in layout[part])
        parts.append(f'"{part}": [\n{items}\n]')
    words = ",\n".join(json.dumps(line, ensure_ascii=False) for line in (diagram.alt, *diagram.words))
    return "{" + ",\n".join([*parts, f'"words": [\n{words}\n]']) + "}\n"


# Goldens.


@every_picture
def test_picture_is_the_golden_one(name):
    path = GOLDENS / f"{name}.json"
    if os.environ.get("RENEW_GOLDENS"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(golden(drawn(name)), encoding="utf-8")
    assert json.loads(golden(drawn(name))) == json.loads(path.read_text(encoding="utf-8"))


def test_every_golden_belongs_to_a_picture():
    assert {path.stem for path in GOLDENS.glob("*.json")} == {*PICTURES, "unused_input"}


@pytest.mark.parametrize(
    ("name", "faulty"),
    [
        ("shared_layer", functools.partial(two_towers, shared=False)),
        ("shared_layer", functools.partial(two_towers, trainable=False)),
        ("frozen_backbone", functools.partial(frozen_backbone, trainable=True)),
        ("frozen_backbone_open", functools.partial(frozen_backbone, trainable=True)),
    ],
)
def test_a_planted_fault_shows_in_picture_and_words(name, faulty):
    fault = diagrams.draw(faulty(), **PICTURES[name][1])
    assert fault.layout != drawn(name).layout
    assert fault.svg != drawn(name).svg
    assert fault.text != drawn(name).text


# Places. Each rule lists what breaks it, so that a planted fault can show that it would.


def overlapping_boxes(layout):
    for one, other in itertools.combinations(layout.boxes, 2):
        if _holds(one, other) and not _within(_area(other), _area(one)):
            yield f"{other.key} leaves its frame {one.key}"
        if not _holds(one, other) and _overlap(_area(one), _area(other)):
            yield f"{one.key} and {other.key}"


def things_off_the_page(layout):
    page = (0, 0, layout.width, layout.height)
    yield from (f"box {box.key}" for box in layout.boxes if not _within(_area(box), page))
    yield from (f"shape {label.text}" for label in layout.labels if not _within(_label_area(label), page))
    for arrow in layout.arrows:
        if not all(_within((*point, *point), page) for point in _along(arrow)):
            yield f"arrow {arrow.source} to {arrow.target}"


def loose_arrows(layout):
    boxes = {box.key: box for box in layout.boxes}
    for arrow in layout.arrows:
        (x, y), *_, (_, before), (end, bottom) = _along(arrow)
        source, target = boxes[arrow.source], boxes[arrow.target]
        leaves = source.x < x < source.x + source.width and abs(y - source.y - source.height) < 0.15
        enters = target.x < end < target.x + target.width and abs(bottom - target.y) < 0.15
        if not (leaves and enters and before < bottom):
            yield f"{arrow.source} to {arrow.target}"


def arrows_through_boxes(layout):
    for arrow, box in itertools.product(layout.arrows, layout.boxes):
        left, top, right, bottom = _area(box)
        if arrow.source.startswith(f"{box.key}/"):
            continue
        if any(left < x < right and top + 0.2 < y < bottom - 0.2 for x, y in _along(arrow)):
            yield f"{arrow.source} to {arrow.target} through {box.key}"


def covered_shapes(layout):
    for one, other in itertools.combinations(layout.labels, 2):
        if _overlap(_label_area(one), _label_area(other)):
            yield f"{one} and {other}"
    for label in layout.labels:
        area = left, top, right, bottom = _label_area(label)
        for box in layout.boxes:
            if _overlap(area, _area(box)) and not (box.opened and _within(area, _area(box))):
                yield f"{label} and box {box.key}"
        for arrow in layout.arrows:
            badges = [(b.x - BADGE, b.y - BADGE, b.x + BADGE, b.y + BADGE) for b in arrow.badges]
            on_line = any(left < x < right and top < y < bottom for x, y in _along(arrow))
            if on_line or any(_overlap(area, badge) for badge in badges):
                yield f"{label} and the arrow from {arrow.source} to {arrow.target}"


def text_too_wide(layout):
    for box in layout.boxes:
        room = box.width - (2 * FROST if box.frozen else 0) - 8
        widths = [width(box.title, TITLE_SIZE, bold=True), *(width(line, TEXT_SIZE) for line in box.lines)]
        if max(widths) > room or 2 * PAD_Y + LINE * len(widths) > box.height:
            yield box.key


RULES = [
    overlapping_boxes,
    things_off_the_page,
    loose_arrows,
    arrows_through_boxes,
    covered_shapes,
    text_too_wide,
]


@every_picture
@pytest.mark.parametrize("rule", RULES)
def test_places_keep_the_rules(name, rule):
    assert not list(rule(drawn(name).layout))


def random_model(seed, nesting=1):
    """A model with branches, long skips, layers called again, frozen layers, several outputs and nested models."""
    chance = random.Random(seed)
    inputs = [keras.Input((8,), name=f"in_{number}") for number in range(chance.randint(1, 3))]
    tensors, called = list(inputs), []
    if nesting:
        called.append(random_model(seed + 1000, nesting - 1))
    for _ in range(chance.randint(4, 14)):
        one, other = chance.choice(tensors[-4:]), chance.choice(tensors)
        kind = chance.random()
        if kind < 0.35:
            called.append(layers.Dense(8, trainable=chance.random() < 0.7))
            tensors.append(called[-1](one))
        elif kind < 0.6 and called:
            again = chance.choice(called)
            given = [chance.choice(tensors) for _ in again.inputs] if isinstance(again, keras.Model) else one
            made = again(given)
            tensors.extend(made if isinstance(made, list) else [made])
        else:
            tensors.append(layers.Add()([one, other]))
    outputs = tensors[-chance.randint(1, 3) :]
    if refuses_unused_inputs():
        outputs += [layers.ReLU()(given) for given in inputs]
    return keras.Model(inputs, outputs, name=f"random_{seed}_model")


@pytest.mark.parametrize("seed", range(SEEDS))
def test_places_keep_the_rules_whatever_the_model(seed):
    layout = diagrams.draw(random_model(seed, nesting=2), depth=seed % 3).layout
    assert not [fault for rule in RULES for fault in rule(layout)]


def _with_box(layout, key, **changes):
    boxes = tuple(dataclasses.replace(box, **changes) if box.key == key else box for box in layout.boxes)
    return dataclasses.replace(layout, boxes=boxes)


@pytest.mark.parametrize(
    ("rule", "plant"),
    [
        (overlapping_boxes, lambda layout: _with_box(layout, "2", x=layout.boxes[3].x, y=layout.boxes[3].y)),
        (things_off_the_page, lambda layout: dataclasses.replace(layout, width=layout.width / 2)),
        (loose_arrows, lambda layout: _with_box(layout, "out0", y=0)),
        (arrows_through_boxes, lambda layout: _with_box(layout, "1", x=0, width=layout.width)),
        (covered_shapes, lambda layout: dataclasses.replace(layout, labels=layout.labels[:1] * 2)),
        (covered_shapes, lambda layout: _with_box(layout, "1", x=0, width=layout.width, height=99)),
        (text_too_wide, lambda layout: _with_box(layout, "1", width=30)),
    ],
)
def test_the_rules_find_planted_faults(rule, plant):
    assert list(rule(plant(drawn("skip").layout)))


def test_letters_are_as_wide_as_in_the_widest_usual_font():
    font = pytest.importorskip("matplotlib.textpath").TextPath
    properties = pytest.importorskip("matplotlib.font_manager").FontProperties
    for bold in (False, True):
        face = properties(family="DejaVu Sans", weight="bold" if bold else "normal")
        for text in ("Conv2D", "GlobalAveragePooling2D", "(None, 224, 224, 64)", "“block1_conv1”", "3×3, same, relu"):
            ink = font((0, 0), text, size=100, prop=face).get_extents()
            assert ink.x1 <= width(text, 100, bold) + 1
            assert ink.x1 > 0.9 * width(text, 100, bold) - 10


def test_data_flows_down_except_where_a_layer_is_called_again():
    for name in PICTURES:
        boxes = {box.key: box for box in drawn(name).layout.boxes}
        for arrow in drawn(name).layout.arrows:
            if boxes[arrow.target].y <= boxes[arrow.source].y:
                assert boxes[arrow.target].calls > 1


def test_a_skip_leaves_the_chain_straight():
    boxes = drawn("skip").layout.boxes
    assert all(box.x + box.width / 2 == pytest.approx(boxes[0].x + boxes[0].width / 2, abs=0.1) for box in boxes)


# What is shown.


def test_a_layer_called_twice_is_one_box_with_two_numbered_arrows_in_and_out():
    layout = drawn("shared_layer").layout
    (encoder,) = [box for box in layout.boxes if "“encoder”" in box.lines]
    assert encoder.calls == 2
    arriving = [arrow for arrow in layout.arrows if arrow.target == encoder.key]
    leaving = [arrow for arrow in layout.arrows if arrow.source == encoder.key]
    assert [arrow.call for arrow in arriving] == [arrow.call for arrow in leaving] == [1, 2]
    assert all([badge.number for badge in arrow.badges] == [arrow.call] for arrow in arriving + leaving)
    svg = drawn("shared_layer").svg
    assert re.search(r'"fill:none;stroke:#0072b2', svg), "the first call is solid in its colour"
    assert re.search(r'stroke-dasharray:[^;"]+;[^"]*stroke:#d55e00', svg), "the second is dashed in its own"


def test_sharing_equal_layers_and_one_tensor_twice_look_different():
    shared, equal = drawn("shared_layer").layout, drawn("equal_layers_and_one_tensor_twice").layout
    assert [box.calls for box in equal.boxes] == [1] * len(equal.boxes)
    assert [box.title for box in equal.boxes].count("Dense") == 2
    assert not [arrow for arrow in equal.arrows if arrow.call]
    forks = [arrow.fork for arrow in equal.arrows if arrow.fork]
    assert (len(forks), len(set(forks))) == (4, 2), "each tensor used twice parts at one point"
    assert not [arrow for arrow in shared.arrows if arrow.fork]


def test_words_name_every_connection_shape_and_count():
    for name in PICTURES:
        diagram = drawn(name)
        for box in diagram.layout.boxes:
            assert box.title in diagram.text
            assert all(line.rstrip(",:") in diagram.text for line in box.lines), (name, box.lines)
        assert all(label.text in diagram.text for label in diagram.layout.labels)
        assert len(diagram.words) == len(diagram.layout.boxes)


def test_words_of_a_shared_layer():
    assert drawn("shared_layer").text == (
        "Diagram of a Functional model: 3 layers, 2 inputs, 1 output, 1 layer called more than once; "
        "2,145 parameters, all trainable.\n"
        "- Input “left”: (None, 64) goes to Dense “encoder” (call 1).\n"
        "- Input “right”: (None, 64) goes to Dense “encoder” (call 2).\n"
        "- Dense “encoder” (relu; 2,080 parameters), called twice: call 1 takes (None, 64) from Input “left”, gives "
        "(None, 32) to Concatenate; call 2 takes (None, 64) from Input “right”, gives (None, 32) to Concatenate.\n"
        "- Concatenate takes (None, 32) from Dense “encoder” (call 1) and (None, 32) from Dense “encoder” (call 2), "
        "gives (None, 64) to Dense.\n"
        "- Dense (sigmoid; 65 parameters) takes (None, 64) from Concatenate, gives (None, 1) to Output.\n"
        "- Output: (None, 1) from Dense."
    )


def test_frozen_is_told_from_what_never_trains():
    text = drawn("frozen_backbone_open").text
    assert "BatchNormalization (32 frozen)" in text
    assert "Sequential “backbone” (3 layers inside; 112 frozen)" in text
    trainable = diagrams.draw(frozen_backbone(trainable=True), depth=1)
    assert "BatchNormalization (16 trainable, 16 non-trainable)" in trainable.text
    assert not [box for box in trainable.layout.boxes if box.frozen]
    frozen = [box.title for box in drawn("frozen_backbone_open").layout.boxes if box.frozen]
    assert frozen == ["Sequential", "Conv2D", "BatchNormalization"]


@pytest.mark.skipif(refuses_unused_inputs(), reason="this Keras does not build a model with an unused input")
def test_an_input_that_reaches_no_output_dangles():
    (unused,) = [box for box in drawn("unused_input").layout.boxes if box.dangling]
    assert unused.lines == ("“unused”", "(None, 3)", "not used")
    assert "Input “unused”: (None, 3), not used." in drawn("unused_input").text


def test_an_output_of_several_says_which_it_is():
    words = keras.Input((5, 8))
    _, hidden, state = layers.LSTM(4, return_state=True)(words)
    text = diagrams.draw(keras.Model(words, [state, hidden])).text
    assert "gives output 2: (None, 4) to Output 2 and output 3: (None, 4) to Output 1." in text


def test_a_layer_called_again_above_its_rank_still_flows_down():
    start, other = keras.Input((4,)), keras.Input((4,))
    late = layers.Dense(4)
    low = late(layers.Dense(4)(layers.Dense(4)(layers.Dense(4)(start))))
    layout = diagrams.draw(keras.Model([start, other], [low, late(layers.ReLU()(other))])).layout
    assert not [fault for rule in RULES for fault in rule(layout)]
    boxes = {box.key: box for box in layout.boxes}
    assert all(boxes[arrow.source].y < boxes[arrow.target].y for arrow in layout.arrows)


def test_operations_show_their_arguments():
    boxes = {box.title: box.lines for box in drawn("operations").layout.boxes}
    assert boxes["ops.multiply"] == ("x, 2.0",)
    assert boxes["ops.subtract"] == ("1, x",)
    assert boxes["ops.sum"] == ("axis=1, keepdims=True",)
    assert "x[:, :2]" in boxes


def test_a_nested_model_opens_by_depth_and_by_name():
    model = build(nested)
    opened = diagrams.draw(model, expand="classifier")
    assert opened.layout == drawn("nested_open").layout
    assert [box.depth for box in drawn("nested_closed").layout.boxes] == [0] * 5
    assert sorted(box.depth for box in opened.layout.boxes) == [0] * 5 + [1] * 5
    assert "3 layers inside" in drawn("nested_closed").text


def test_weights_that_stand_in_two_boxes_are_told():
    classifier = _classifier()
    pixels = keras.Input((8, 8, 1))
    part = keras.Model(classifier.inputs, classifier.layers[0].output, name="part")
    diagram = diagrams.draw(keras.Model(pixels, [classifier(pixels), part(pixels)]))
    assert "shares weights with Functional “part”" in diagram.text
    assert "shares weights with Sequential “classifier”" in diagram.text


def test_vgg16_folds_into_its_blocks():
    titles = [box.title for box in drawn("vgg16_folded").layout.boxes]
    assert titles == ["Input", *(f"block{n}" for n in range(1, 6)), "Flatten", "Dense", "Dense", "Dense", "Output"]
    assert "block5 (4 layers: 3 Conv2D, MaxPooling2D; 7,079,424 parameters)" in drawn("vgg16_folded").text
    assert len(drawn("vgg16_open").layout.boxes) == 24
    assert "138,357,544 parameters" in drawn("vgg16_folded").alt


def test_small_models_and_models_without_common_names_are_not_folded():
    assert len(drawn("sixty_nodes").layout.boxes) >= 60
    pixels = keras.Input((8,))
    small = keras.Model(pixels, layers.Dense(2, name="top_out")(layers.Dense(2, name="top_in")(pixels)))
    assert len(diagrams.draw(small).layout.boxes) == 4
    assert len(diagrams.draw(small, fold=True).layout.boxes) == 3


def test_a_block_that_data_leaves_and_enters_again_is_not_folded():
    pixels = keras.Input((8,))
    hidden = layers.Dense(8, name="stem_in")(pixels)
    hidden = layers.Dense(8, name="middle")(hidden)
    model = keras.Model(pixels, layers.Dense(8, name="stem_out")(hidden))
    assert len(diagrams.draw(model, fold=True).layout.boxes) == 5


def test_a_sequential_is_drawn_and_named():
    diagram = diagrams.draw(_classifier())
    assert diagram.alt.startswith("Diagram of the Sequential model “classifier”: 3 layers, 1 input, 1 output;")


def test_a_model_without_a_graph_is_refused_clearly():
    class Subclassed(keras.Model):
        def call(self, inputs):
            return inputs

    with pytest.raises(NoGraphError, match="records no graph"):
        diagrams.draw(Subclassed())
    with pytest.raises(NoGraphError, match="keras.Input"):
        diagrams.draw(keras.Sequential([layers.Dense(2)]))


def test_a_subclassed_model_inside_stays_closed_unless_it_is_named():
    class Subclassed(keras.Model):
        def __init__(self, **settings):
            super().__init__(**settings)
            self.dense = layers.Dense(3)

        def call(self, inputs):
            return self.dense(inputs)

    pixels = keras.Input((4,))
    model = keras.Model(pixels, Subclassed(name="opaque")(pixels))
    assert "Subclassed “opaque” (1 layer inside; 15 parameters)" in diagrams.draw(model, depth=1).text
    with pytest.raises(NoGraphError, match="opaque"):
        diagrams.draw(model, expand="opaque")


def test_a_name_that_opens_nothing_is_refused():
    with pytest.raises(ValueError, match="'clasifier'"):
        diagrams.draw(build(nested), expand=["clasifier"])


# The picture.


@pytest.mark.parametrize("make", [two_towers, operations, nested])
def test_the_same_model_gives_the_same_bytes(make):
    one, other = diagrams.draw(make()), diagrams.draw(make())
    assert one.layout == other.layout
    assert one._repr_mimebundle_() == other._repr_mimebundle_()


@every_picture
def test_a_picture_is_small(name):
    data, _ = drawn(name)._repr_mimebundle_()
    assert max(len(data["image/svg+xml"].encode()), len(data["image/png"])) < 150_000


def test_made_up_names_do_not_show():
    for name in PICTURES:
        assert not re.search(r"(dense|conv2d|functional|sequential|keras_tensor|input_layer)_?\d", drawn(name).text)


def test_words_stand_in_the_picture_and_beside_it():
    picture = drawn("shared_layer")
    data, said = picture._repr_mimebundle_()
    assert "<desc>Input “left”" in data["image/svg+xml"]
    assert data["text/plain"] == picture.text
    assert said["image/png"]["alt"] == picture.alt


def _holds(frame, box):
    return box.key.startswith(f"{frame.key}/")


def _area(box):
    return (box.x, box.y, box.x + box.width, box.y + box.height)


def _label_area(label):
    return (label.x, label.y - TEXT_SIZE / 2, label.x + width(label.text, TEXT_SIZE), label.y + TEXT_SIZE / 2)


def _within(one, other):
    return one[0] >= other[0] and one[1] >= other[1] and one[2] <= other[2] and one[3] <= other[3]


def _overlap(one, other):
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _along(arrow):
    """Points along an arrow, close to each other."""
    last = None
    for command, *numbers in arrow.path:
        points = list(zip(numbers[::2], numbers[1::2], strict=True))
        if command == "M":
            yield points[0]
        elif command == "L":
            steps = max(2, int(abs(points[0][0] - last[0]) + abs(points[0][1] - last[1])) // 2)
            for step in range(1, steps + 1):
                t = step / steps
                yield (last[0] + t * (points[0][0] - last[0]), last[1] + t * (points[0][1] - last[1]))
        else:
            for step in range(1, 41):
                t = step / 40
                weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
                corners = (last, *points)
                yield tuple(sum(w * c[axis] for w, c in zip(weights, corners, strict=True)) for axis in (0, 1))
        last = points[-1]
