"""Plots: the numbers they state, what they refuse, and what is drawn."""

import doctest
import re
from types import SimpleNamespace

from functional_course.figures.plots import (
    by_size,
    curves,
    feature_maps,
    image_grid,
    images,
    line_ends,
    profiles,
    spread,
    spreads,
    training_curves,
)
from functional_course.figures.plots.line_ends import spread_apart

import numpy as np
import pytest

RUNS = {
    "Sequential": {"accuracy": [0.501, 0.902, 0.899], "loss": [1.0, 0.4, 0.5]},
    "Functional": {"accuracy": [0.501, 0.902, 0.899], "loss": [1.0, 0.4, 0.5]},
}


@pytest.mark.parametrize("module", [curves, images, line_ends, spreads])
def test_the_examples_say_what_they_print(module):
    result = doctest.testmod(module, extraglobs={"np": np})
    assert result.attempted >= 1 and not result.failed


def test_curves_say_first_last_and_best():
    assert training_curves(RUNS).text == (
        "Accuracy by epoch, 3 epochs. "
        "Sequential: first 0.50, last 0.90, best 0.90 in epoch 2. "
        "Functional: first 0.50, last 0.90, best 0.90 in epoch 2."
    )


def test_the_best_loss_is_the_smallest():
    assert "best 0.40 in epoch 2" in training_curves(RUNS, "loss").text


def test_the_best_epoch_is_the_same_where_last_digits_differ():
    one = {"run": {"accuracy": [0.5, 0.9701, 0.9702]}}
    other = {"run": {"accuracy": [0.5, 0.9702, 0.9701]}}
    assert training_curves(one).text == training_curves(other).text


def test_digits_and_references_show():
    text = training_curves(RUNS, references={"article": 0.992}, digits=3).text
    assert "last 0.899" in text
    assert "A level line marks article: 0.992." in text


def test_every_curve_has_its_name_at_its_end_and_its_own_dash():
    svg = training_curves(RUNS, references={"article": 0.992}).svg
    assert all(f">{name}</text>" in svg for name in ("Sequential", "Functional", "article", "epoch"))
    assert ">Accuracy</text>" in svg
    assert re.search(r'stroke-dasharray:[^"]*stroke:#d55e00', svg)
    heights = [float(y) for y in re.findall(r'y="([\d.]+)"[^>]*>(?:Sequential|Functional|article)<', svg)]
    assert min(abs(a - b) for a in heights for b in heights if a != b) >= 12
    assert len(set(heights)) == 3


def test_history_objects_runs_of_different_length_and_one_epoch():
    runs = {"short": SimpleNamespace(history={"val_loss": [2.0]}), "long": {"val_loss": np.array([2.0, 1.0])}}
    assert training_curves(runs, "val_loss").text == (
        "Loss on validation data by epoch, 2 epochs. short: 2.00. long: first 2.00, last 1.00, best 1.00 in epoch 2."
    )


def test_a_curve_that_leaves_the_numbers_is_still_drawn():
    text = training_curves({"run": {"loss": [1.0, float("nan")]}}, "loss").text
    assert "first 1.00, last nan, best 1.00 in epoch 1" in text
    assert "not a number in every epoch" in training_curves({"run": {"loss": [float("nan")] * 2}}, "loss").text


@pytest.mark.parametrize(
    ("runs", "message"),
    [
        ({}, "No training run"),
        ({"run": {"loss": [1.0]}}, r"'run' has no 'accuracy'. It has: loss"),
        ({"run": {"accuracy": []}}, "no epoch"),
    ],
)
def test_curves_refuse_what_they_cannot_draw(runs, message):
    with pytest.raises(ValueError, match=message):
        training_curves(runs)


def test_labels_move_apart_and_stay_near():
    assert spread_apart([0, 0, 0], 10) == [10, 0, -10]
    assert spread_apart([0, 30], 10) == [0, 30]
    assert spread_apart([5, 4, 100], 10) == [9.5, -0.5, 100]


def test_a_spread_says_mean_smallest_and_largest_of_each_group():
    picture = spread({"image": [0.48, 0.50], "both": [0.95, 0.97]}, references={"majority": 0.5})
    assert picture.text == (
        "Accuracy. image: mean 0.49 of 2, from 0.48 to 0.50. both: mean 0.96 of 2, from 0.95 to 0.97. "
        "A line marks majority: 0.50."
    )
    assert all(f">{word}</text>" in picture.svg for word in ("image", "both", "0.49", "0.96", "majority", "accuracy"))


def test_a_spread_over_powers_of_ten():
    picture = spread({"plain": [1e-7, 3e-7], "skips": [0.1, 0.3]}, "gradient norm", log=True)
    assert picture.text == (
        "Gradient norm. plain: mean 2e-07 of 2, from 1e-07 to 3e-07. skips: mean 0.2 of 2, from 0.1 to 0.3."
    )
    dots = _dots(picture)
    assert dots[2] - dots[0] > 3 * (dots[1] - dots[0])


def test_a_spread_draws_every_value_at_its_place():
    dots = _dots(spread({"one": [0.0, 0.5, 1.0], "other": [0.25]}))
    assert len(dots) == 4
    assert dots[1] - dots[0] == pytest.approx(dots[2] - dots[1], abs=0.01)
    assert dots[3] == pytest.approx((dots[0] + dots[1]) / 2, abs=0.01)


@pytest.mark.parametrize(
    ("groups", "log", "message"),
    [
        ({}, False, "No values"),
        ({"one": []}, False, "'one' has no value"),
        ({"one": [1.0, float("nan")]}, False, "not finite"),
        ({"one": [1.0, 0.0]}, True, "finite and above 0"),
    ],
)
def test_spread_refuses_what_it_cannot_draw(groups, log, message):
    with pytest.raises(ValueError, match=message):
        spread(groups, log=log)


def test_profiles_say_where_each_group_begins_and_ends():
    picture = profiles({"plain": [[0.001, 0.1], [0.1, 0.1]], "skips": [[0.5, 0.5]]})
    assert picture.text == "Gradient norm by layer, 1 to 2. plain: 0.01 at 1, 0.1 at 2. skips: 0.5 at 1, 0.5 at 2."
    assert all(f">{word}</text>" in picture.svg for word in ("plain", "skips", "layer", "Gradient norm"))


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ({}, "No values"),
        ({"one": [0.1, 0.2]}, r"'one' has to be \(seeds, places\)"),
        ({"one": [[0.1, 0.0]]}, "from 0 to 0.1"),
        ({"one": [[0.1, float("nan")]]}, "finite"),
    ],
)
def test_profiles_refuse_what_a_logarithm_does_not_know(groups, message):
    with pytest.raises(ValueError, match=message):
        profiles(groups)


def test_images_are_named_and_counted():
    picture = image_grid(np.eye(8)[None].repeat(10, 0), titles=range(10), what="digits")
    assert picture.text == "10 digits of 8 by 8 pixels, in rows of 8: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9."
    assert picture.svg.count("<image ") == 10
    assert picture.svg.count("pixelated") == 10
    assert image_grid(np.zeros((1, 8, 8, 1))).text == "1 image of 8 by 8 pixels, in one row."


def test_pixels_are_stored_as_they_are():
    picture = image_grid(np.zeros((1, 8, 8)))
    assert 'width="8" height="8"' in picture.svg


def test_images_may_be_rgb_or_of_different_sizes():
    assert image_grid(np.zeros((2, 4, 4, 3))).text == "2 images of 4 by 4 pixels, in one row."
    assert image_grid([np.zeros((8, 8)), np.zeros((8, 40))]).text == "2 images of different sizes, in one row."


def test_a_wide_image_is_as_high_as_its_pixels_say():
    width, height = _size(image_grid(np.zeros((1, 8, 40))))
    assert width > 3.5 * height


@pytest.mark.parametrize(
    ("images", "titles", "message"),
    [
        (np.zeros((0, 8, 8)), None, "No images"),
        (np.zeros((2, 8)), None, r"Image 0 has the shape \(8,\)"),
        (np.zeros((2, 8, 8, 2)), None, r"\(8, 8, 2\)"),
        (np.zeros((2, 8, 8)), ["one"], "2 images need as many titles; 1 were given"),
    ],
)
def test_image_grid_refuses_what_it_cannot_draw(images, titles, message):
    with pytest.raises(ValueError, match=message):
        image_grid(images, titles)


def test_feature_maps_state_range_and_dead_maps():
    maps = np.zeros((1, 6, 6, 10))
    maps[0, :, :, 0] = np.eye(6) * 2
    picture = feature_maps(maps[..., :3], what="feature maps of conv1")
    assert picture.text == (
        "3 feature maps of conv1 of 6 by 6 pixels, in one row. Values from 0.00 to 2.00. "
        "The same value everywhere: maps 1, 2."
    )
    assert ">dark 0.00, bright 2.00</text>" in picture.svg
    assert feature_maps(maps).svg.count("<image ") == 10


@pytest.mark.parametrize("shape", [(6, 6), (2, 6, 6, 3), (0, 6, 3)])
def test_feature_maps_refuse_a_batch(shape):
    with pytest.raises(ValueError, match=r"maps\[0\]"):
        feature_maps(np.zeros(shape))


def test_values_by_size_say_the_mean_at_every_size():
    groups = {"pixels": {320: [0.3], 20: [0.40, 0.44]}, "features": {20: [0.2], 80: [0.1], 320: [0.05]}}
    picture = by_size(groups, references={"always no": 0.28})
    assert picture.text == (
        "Test error by labels, 20 to 320. pixels: 0.42 at 20, 0.30 at 320. "
        "features: 0.20 at 20, 0.10 at 80, 0.05 at 320. A level line marks always no: 0.28."
    )
    shown = ("pixels", "features", "labels", "Test error", "20", "80", "320", "always no")
    assert all(f">{word}</text>" in picture.svg for word in shown)


def test_values_by_size_are_drawn_each_at_its_place_and_sizes_evenly_by_factor():
    picture = by_size({"one": {20: [0.1, 0.3], 80: [0.2], 320: [0.2]}})
    dots = _dots(picture)
    assert len(dots) == 4
    assert dots[0] == dots[1]
    assert dots[2] - dots[0] == pytest.approx(dots[3] - dots[2], abs=0.01)


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ({}, "No values"),
        ({"one": {20: [0.1]}}, "two sizes or more"),
        ({"one": {0: [0.1], 20: [0.1]}}, "all above 0"),
        ({"one": {20: [], 80: [0.1]}}, "no finite values at 20"),
        ({"one": {20: [0.1], 80: [float("nan")]}}, "no finite values at 80"),
    ],
)
def test_by_size_refuses_what_it_cannot_draw(groups, message):
    with pytest.raises(ValueError, match=message):
        by_size(groups)


@pytest.mark.parametrize("name", ["m" * 20, "Euclidean, cross-entropy, start by chance", "", "a"])
def test_a_long_name_is_not_cut_off(name):
    edge = np.asarray(spread({name: [0.1, 0.2], "b": [0.3, 0.4]}).pixels())[:, :2]
    assert (edge == 255).all()


def test_plots_are_deterministic_and_small():
    for draw in (
        lambda: training_curves(RUNS),
        lambda: image_grid(np.eye(8)[None]),
        lambda: feature_maps(np.ones((3, 3, 2))),
        lambda: spread({"one": [0.1, 0.2]}),
        lambda: profiles({"one": [[0.1, 0.2]]}),
        lambda: by_size({"one": {20: [0.1, 0.2], 80: [0.1]}}),
    ):
        assert draw().svg == draw().svg
        assert len(draw().svg) < 20_000
        assert len(draw().png) < 30_000


def _size(picture):
    return [float(number) for number in re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', picture.svg).groups()]


def _dots(picture):
    """The x of every marker of a spread, in drawing order: a mean is a line, not a marker."""
    return [float(x) for x in re.findall(r'<use [^>]*\bx="([\d.]+)" y="[\d.]+"[^>]*fill-opacity', picture.svg)]
