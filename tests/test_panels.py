"""Pictures side by side: all of them, in order, each with its heading and its words."""

from functional_course.panels import Panels
from functional_course.pictures import Picture, new_figure

import pytest


def picture(word: str) -> Picture:
    figure = new_figure(2, 1)
    figure.text(0.5, 0.5, word)
    return Picture(figure, f"The word {word}.", [f"{word} is short"])


def test_each_picture_stands_under_its_heading():
    panels = Panels({"a < b": picture("one"), "second": picture("two")})
    markup = panels._repr_html_()
    places = [markup.index(text) for text in ("a &lt; b", ">one</text>", "one is short", "second", ">two</text>")]
    assert places == sorted(places)
    assert markup.count("<svg") == markup.count('aria-label="The word ') == 2
    assert markup.count("<div") == markup.count("</div>")


def test_the_words_say_the_same():
    panels = Panels({"first": picture("one"), "second": picture("two")})
    assert panels.text == "first. The word one.\n- one is short\n\nsecond. The word two.\n- two is short"
    assert repr(panels) == panels._repr_mimebundle_()["text/plain"] == panels.text


def test_nothing_to_show_is_refused():
    with pytest.raises(ValueError, match="no pictures to lay side by side"):
        Panels({})
