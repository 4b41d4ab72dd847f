"""Pictures: themed, accessible, deterministic, small, and shown once."""

import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

from functional_course import pictures
from functional_course.pictures import COLOURS, LARGEST, Picture, PictureTooBigError, new_figure, style

import numpy as np
import pytest

ON_WHITE, ON_BLACK = "#ffffff", "#121212"


def curve(points=3, alt="A line from 1 to 3."):
    with style():
        figure = new_figure(4, 2)
        axes = figure.add_subplot()
        axes.plot(range(1, points + 1), color=COLOURS[0])
        axes.bar([0], [1], hatch="//", color=COLOURS[1])
        axes.set_title('a < b & "c"')
    return Picture(figure, alt)


def html(picture):
    return picture._repr_mimebundle_()["text/html"]


def test_bundle_holds_the_picture_and_its_words():
    picture = curve()
    assert set(picture._repr_mimebundle_()) == {"text/html", "text/plain"}
    assert picture._repr_mimebundle_()["text/plain"] == "A line from 1 to 3." == repr(picture)
    assert html(picture).startswith('<figure class="course-picture"')
    assert '<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="A line from 1 to 3."' in html(picture)


def test_markup_is_well_formed_and_alt_text_is_escaped():
    picture = curve(alt='1 < 2 & "quoted"')
    root = ElementTree.fromstring(html(picture))
    assert root.find(".//*[@role='img']").get("aria-label") == '1 < 2 & "quoted"'


def test_words_stand_in_details_and_in_plain_text():
    picture = Picture(new_figure(1, 1), "Two boxes.", words=["a < b", "c"])
    assert "<summary>The picture in words</summary><ul><li>a &lt; b</li><li>c</li></ul>" in html(picture)
    assert picture.text == "Two boxes.\n- a < b\n- c"
    assert "<details>" not in html(curve())


def test_ink_and_paper_follow_the_page():
    with style():
        figure = new_figure(2, 1)
        figure.text(0.5, 0.5, "ink")
        figure.text(0.5, 0.2, "paper", color=pictures.PAPER)
        figure.add_subplot()
    svg = Picture(figure, "Ink.").svg
    assert "currentColor" in svg and "fill:var(--course-paper)" in svg
    assert not re.search(r"#000000|#ffffff|\bblack\b|\bwhite\b", svg)


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


def test_picture_scrolls_rather_than_shrinks_and_is_reached_by_keyboard():
    wide, small = html(Picture(new_figure(9, 2), "Wide.")), html(Picture(new_figure(2, 2), "Small."))
    assert "max-width:864px" in wide and "min-width:648px" in wide
    assert '<div style="overflow-x:auto" tabindex="0">' in wide
    assert 'tabindex="0"' not in small


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
    assert "currentColor" in Picture(figure, "A line.").svg
    assert not plt.fignum_exists(figure.number)
    assert dict(plt.rcParams) == before


def test_same_figure_gives_the_same_bytes_in_every_process():
    code = "from test_pictures import curve; print(curve()._repr_html_())"
    runs = []
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parent)}
        run = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, timeout=120
        )
        runs.append(run.stdout)
    assert runs[0] == runs[1] == html(curve()) + "\n"


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


def test_saved_file_stands_alone(tmp_path):
    picture = Picture(new_figure(3, 1.5), "Alt & more.", words=["first", "second"])
    path = picture.save(tmp_path / "new" / "picture.svg")
    root = ElementTree.parse(path).getroot()
    name = "{http://www.w3.org/2000/svg}"
    assert root.find(f"{name}title").text == "Alt & more."
    assert root.find(f"{name}desc").text == "first\nsecond"
    assert root.find(f"{name}rect").get("fill") == "#ffffff"
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
