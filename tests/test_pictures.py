"""Pictures: for every viewer, accessible, deterministic, small, and shown once."""

import base64
import io
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

from functional_course.figures import pictures
from functional_course.figures.pictures import LARGEST, Picture, PictureTooBigError
from functional_course.figures.style import COLOURS, new_figure, style

import numpy as np
import pytest
from matplotlib.patches import Rectangle
from PIL import Image

SVG = "{http://www.w3.org/2000/svg}"
ON_WHITE, ON_BLACK = "#ffffff", "#121212"


def curve(points=3, alt="A line from 1 to 3."):
    with style():
        figure = new_figure(4, 2)
        axes = figure.add_subplot()
        axes.plot(range(1, points + 1), color=COLOURS[0])
        axes.bar([0], [1], hatch="//", color=COLOURS[1])
        axes.set_title('a < b & "c"')
    return Picture(figure, alt)


def shown(picture):
    """The pixels that a viewer gets, as ``(height, width, 3)``."""
    data, _ = picture._repr_mimebundle_()
    with Image.open(io.BytesIO(base64.b64decode(data["image/png"]))) as image:
        assert image.format == "PNG" and "transparency" not in image.info and image.mode in ("P", "RGB")
        return np.asarray(image.convert("RGB")).astype(int)


def test_bundle_holds_the_picture_for_every_viewer_and_its_words():
    picture = curve()
    data, said = picture._repr_mimebundle_()
    assert set(data) == {"image/svg+xml", "image/png", "text/plain"}, "HTML would be cleaned, and shown first"
    assert data["text/plain"] == "A line from 1 to 3." == repr(picture)
    assert data["image/svg+xml"] == picture.svg
    assert said["image/png"] == {"alt": "A line from 1 to 3.", "width": 384, "height": 192}
    assert said["image/svg+xml"] == {"alt": "A line from 1 to 3."}


def test_svg_stands_alone_and_says_what_it_shows():
    picture = Picture(new_figure(4, 2), '1 < 2 & "quoted"', words=["a < b", "c"])
    root = ElementTree.fromstring(picture.svg)
    assert (root.get("role"), root.get("width"), root.get("height")) == ("img", "384", "192")
    assert root.find(f"{SVG}title").text == '1 < 2 & "quoted"'
    assert root.find(f"{SVG}desc").text == "a < b\nc"
    assert root.find(f"{SVG}rect").get("fill") == "#ffffff", "a viewer in dark mode shows it on its own paper"
    assert "currentColor" not in picture.svg and "var(" not in picture.svg
    assert picture.text == '1 < 2 & "quoted"\n- a < b\n- c'
    assert "<desc>" not in curve().svg


def test_pixels_show_the_same_on_white():
    pixels = shown(curve())
    assert pixels.shape == (288, 576, 3)
    assert (pixels[0] == 255).all() and (pixels[:, 0] == 255).all()
    for colour in (*COLOURS[:2], "#000000"):
        channels = [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
        assert (abs(pixels - channels).max(axis=2) <= 8).sum() > 20, colour


def test_areas_keep_their_colour():
    tints = ("#d7e8f3", "#dbefea", "#eaeaea")  # alike, and each means another kind of box
    figure = new_figure(3, 1)
    for place, tint in enumerate(tints):
        figure.add_artist(Rectangle((place / 3, 0), 1 / 3, 1, color=tint, transform=figure.transFigure))
    pixels = shown(Picture(figure, "Tints."))
    for place, tint in enumerate(tints):
        assert "#" + bytes(pixels[70, 70 + 144 * place].tolist()).hex() == tint


def test_pixels_of_more_colours_than_a_palette_holds_stay_close():
    rng = np.random.default_rng(0)
    base = rng.random((8, 8, 3))
    with style():
        figure = new_figure(2, 2)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.imshow(base, interpolation="bilinear")
        axes.set_axis_off()
        picture = Picture(figure, "Colours.")
    exact = np.asarray(picture.pixels()).astype(int)
    assert len(np.unique(exact.reshape(-1, 3), axis=0)) > 256
    assert abs(shown(picture) - exact).mean() < 8


def test_a_picture_too_sharp_for_its_bytes_is_stored_less_sharp():
    with style():
        figure = new_figure(10, 8)
        for place, word in enumerate(f"word {number}" for number in range(1500)):
            figure.text(place % 15 / 15, place // 15 / 100, word, fontsize=6)
    picture = Picture(figure, "Words.")
    assert shown(picture).shape == (768, 960, 3)
    assert picture.pixels().size == (1440, 1152)
    assert len(picture._repr_mimebundle_()[0]["image/png"]) <= LARGEST


def test_a_very_long_picture_has_no_more_pixels_than_a_page_shows():
    pixels = shown(Picture(new_figure(1, 100), "Long."))
    assert pixels.shape[0] == 8000 and pixels.shape[1] == 80


def test_nothing_leaks_onto_the_page():
    svg = curve().svg
    assert "<style" not in svg
    assert "<metadata" not in svg
    assert "<?xml" not in svg
    assert "matplotlib" not in svg


def test_ids_are_referenced_and_belong_to_one_picture():
    one, other = curve().svg, curve(points=4).svg
    ids = set(re.findall(r'\bid="([^"]+)"', one))
    assert ids, "this picture has a hatch and a clip path"
    assert ids == set(re.findall(r"(?:url\(#|href=\"#)([^)\"]+)", one))
    assert not ids & set(re.findall(r'\bid="([^"]+)"', other))


def test_text_is_text_and_names_no_matplotlib_font():
    svg = curve().svg
    assert '>a &lt; b &amp; "c"</text>' in svg
    assert svg.count("font-family") == 1


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("page", [ON_WHITE, ON_BLACK])
def test_colours_read_on_light_and_dark(colour, page):
    assert _contrast(colour, page) >= 3


def test_the_contrast_rule_can_fail():
    assert _contrast("#e69f00", ON_WHITE) < 3
    assert _contrast("#000080", ON_BLACK) < 3


def test_lines_differ_without_colour():
    with style():
        axes = new_figure(4, 2).add_subplot()
        lines = [axes.plot([0, 1])[0] for _ in COLOURS]
    assert len({(line.get_marker(), str(line._dash_pattern)) for line in lines}) == len(COLOURS)


def test_pyplot_figures_are_closed_and_settings_stay():
    plt = pytest.importorskip("matplotlib.pyplot")
    before = dict(plt.rcParams)
    figure, axes = plt.subplots()
    axes.plot([1, 2])
    assert "stroke" in Picture(figure, "A line.").svg
    assert not plt.fignum_exists(figure.number)
    assert dict(plt.rcParams) == before


def test_same_figure_gives_the_same_bytes_in_every_process():
    code = "from test_pictures import curve; print(curve()._repr_mimebundle_())"
    runs = []
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parent)}
        run = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, timeout=120
        )
        runs.append(run.stdout)
    assert runs[0] == runs[1] == f"{curve()._repr_mimebundle_()}\n"


def test_alt_text_is_required():
    with pytest.raises(ValueError, match="alt text"):
        Picture(new_figure(1, 1), "  ")


def test_a_picture_too_big_is_refused_with_advice():
    with style():
        figure = new_figure(4, 4)
        noise = np.random.default_rng(0).random((300, 300, 3))
        figure.add_subplot().imshow(noise, interpolation="none")
    with pytest.raises(PictureTooBigError, match=r"takes \d+ KB; a page carries at most 150 KB .* fewer"):
        Picture(figure, "Noise.")
    assert LARGEST == 150_000


def test_pixels_are_made_when_they_are_asked_for_and_then_held_to_the_same(monkeypatch):
    drawn = []
    monkeypatch.setattr(pictures, "rastered", lambda *given: drawn.append(given) or Image.new("RGB", (8, 8)))
    picture = Picture(new_figure(1, 1), "Nothing.")
    assert not drawn
    picture._repr_mimebundle_()
    assert picture.png and len(drawn) == 1
    monkeypatch.setattr(pictures, "as_png", lambda image: bytes(LARGEST))
    with pytest.raises(PictureTooBigError, match="at most 150 KB"):
        Picture(new_figure(1, 1), "Nothing.")._repr_mimebundle_()


def test_saved_file_stands_alone(tmp_path):
    picture = Picture(new_figure(3, 1.5), "Alt & more.", words=["first", "second"])
    path = picture.save(tmp_path / "new" / "picture.svg")
    root = ElementTree.parse(path).getroot()
    assert root.find(f"{SVG}title").text == "Alt & more."
    assert root.find(f"{SVG}desc").text == "first\nsecond"
    assert root.find(f"{SVG}rect").get("fill") == "#ffffff"
    assert (root.get("width"), root.get("height")) == ("288", "144")
    assert "currentColor" not in path.read_text()
    assert "var(" not in path.read_text()
    assert [entry.name for entry in path.parent.iterdir()] == ["picture.svg"]
    first = path.read_bytes()
    assert Picture(new_figure(3, 1.5), "Alt & more.", words=["first", "second"]).save(path).read_bytes() == first


def test_a_failing_save_leaves_the_old_file(tmp_path, monkeypatch):
    path = curve().save(tmp_path / "picture.svg")
    before = path.read_bytes()

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(pictures.os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        curve(points=5).save(path)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["picture.svg"]


def test_only_svg_files_are_written(tmp_path):
    with pytest.raises(ValueError, match=r"picture\.svg"):
        curve().save(tmp_path / "picture.png")


def _contrast(one, other):
    bright, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _luminance(colour):
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
