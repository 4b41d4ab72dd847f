"""Pictures side by side: all of them, in order, each with its heading and its words, as one picture."""

import base64
import io
from xml.etree import ElementTree

from functional_course.figures.panels import WIDEST, Panels
from functional_course.figures.pictures import Picture, PictureTooBigError
from functional_course.figures.rasters import SHARPER
from functional_course.figures.style import new_figure

import numpy as np
import pytest
from PIL import Image

SVG = "{http://www.w3.org/2000/svg}"
RED, BLUE = "#ee0000", "#0000ee"


def picture(word: str, colour: str = "#000000", width: float = 2, height: float = 1) -> Picture:
    figure = new_figure(width, height)
    figure.text(0.5, 0.5, word)
    figure.add_axes((0, 0, 1, 0.4), facecolor=colour, xticks=[], yticks=[]).bar([0], [1], 2, color=colour)
    return Picture(figure, f"The word {word}.", [f"{word} is short"])


def pixels(panels: Panels) -> np.ndarray:
    data, _ = panels._repr_mimebundle_()
    with Image.open(io.BytesIO(base64.b64decode(data["image/png"]))) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def where(image: np.ndarray, colour: str) -> tuple[float, float]:
    """The middle of what is drawn in a colour, in pixels as they are shown."""
    channels = [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
    rows, columns = np.nonzero(abs(image - channels).max(axis=2) <= 8)
    assert len(rows) > 500
    return columns.mean() / SHARPER, rows.mean() / SHARPER


def test_each_picture_stands_under_its_heading():
    panels = Panels({"a < b": picture("one"), "second": picture("two")})
    root = ElementTree.fromstring(panels.svg)
    assert [group.findtext(f"{SVG}text") for group in root.findall(f"{SVG}g")] == ["a < b", "second"]
    inner = [group.find(f"{SVG}svg") for group in root.findall(f"{SVG}g")]
    assert [each.findtext(f"{SVG}title") for each in inner] == ["The word one.", "The word two."]
    assert [each.findtext(f"{SVG}desc") for each in inner] == ["one is short", "two is short"]
    assert panels.svg.index(">one</text>") < panels.svg.index(">two</text>")


def test_they_are_one_picture_for_every_viewer():
    panels = Panels({"first": picture("one", RED), "second": picture("two", BLUE)})
    data, said = panels._repr_mimebundle_()
    assert set(data) == {"image/svg+xml", "image/png", "text/plain"}
    assert said["image/png"]["alt"] == "first. The word one. second. The word two." == panels.alt
    assert (said["image/png"]["width"], said["image/png"]["height"]) == (panels.width, panels.height)
    root = ElementTree.fromstring(panels.svg)
    assert root.findtext(f"{SVG}title") == panels.alt
    assert root.find(f"{SVG}rect").get("fill") == "#ffffff"
    assert len(root.findall(f"{SVG}rect")) == 1


def test_the_pixels_lie_where_the_drawing_says():
    panels = Panels({"first": picture("one", RED), "second": picture("two", BLUE)})
    image = pixels(panels)
    assert image.shape[:2] == (round(panels.height * SHARPER), round(panels.width * SHARPER))
    for group, colour in zip(ElementTree.fromstring(panels.svg).findall(f"{SVG}g"), (RED, BLUE), strict=True):
        inner = group.find(f"{SVG}svg")
        x, y, width, height = (int(inner.get(name)) for name in ("x", "y", "width", "height"))
        middle, low = where(image, colour)
        assert middle == pytest.approx(x + width / 2, abs=2) and low == pytest.approx(y + 0.8 * height, abs=2)
        heading = image[round(SHARPER * (y - 20)) : round(SHARPER * y), round(SHARPER * x) : round(SHARPER * (x + 40))]
        assert (heading < 100).any(), "there is no heading above it"


def test_a_row_that_is_full_goes_on_below():
    wide = Panels({str(number): picture("w", width=4) for number in range(4)})
    assert wide.width <= WIDEST and wide.height > 2 * 96
    places = [each for each in ElementTree.fromstring(wide.svg).iter(f"{SVG}svg") if each.get("x")]
    assert [(int(each.get("x")) > 384, int(each.get("y")) > 96) for each in places] == [
        (False, False),
        (True, False),
        (False, True),
        (True, True),
    ]


def test_a_heading_wider_than_its_picture_has_room():
    panels = Panels({"A heading of several words": picture("one", width=0.5), "b": picture("two", width=0.5)})
    second = [each for each in ElementTree.fromstring(panels.svg).iter(f"{SVG}svg") if each.get("x")][1]
    assert int(second.get("x")) > 200


def test_the_words_say_the_same():
    panels = Panels({"first": picture("one"), "second": picture("two")})
    assert panels.text == "first. The word one.\n- one is short\n\nsecond. The word two.\n- two is short"
    assert repr(panels) == panels._repr_mimebundle_()[0]["text/plain"] == panels.text


def test_nothing_to_show_is_refused():
    with pytest.raises(ValueError, match="no pictures to lay side by side"):
        Panels({})


def test_too_much_together_is_refused():
    def noise() -> Picture:
        figure = new_figure(2, 2)
        pixels = np.random.default_rng(0).random((120, 120))
        figure.add_axes((0, 0, 1, 1)).imshow(pixels, cmap="gray", interpolation="none")
        return Picture(figure, "Noise.")

    assert Panels({"one": noise()}).width == 208
    with pytest.raises(PictureTooBigError, match="150 KB"):
        Panels({str(number): noise() for number in range(8)})
