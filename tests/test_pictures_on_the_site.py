"""The site's own form of the stored pictures: in the theme's colours, on a phone, with their words under them."""

from __future__ import annotations

import importlib.util
import json
import re
from types import SimpleNamespace
from xml.etree import ElementTree

from functional_course.figures import Panels, Picture
from functional_course.figures.style import COLOURS, PAPER, new_figure, style
from functional_course.notebooks.course_root import page_notebooks

import pytest
import site_checks
from bs4 import BeautifulSoup
from conftest import ROOT

_spec = importlib.util.spec_from_file_location("book_pictures", ROOT / "book" / "_ext" / "pictures.py")
extension = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(extension)


def picture(width: float = 4, alt: str = "A line.", words: tuple[str, ...] = ()) -> Picture:
    with style():
        figure = new_figure(width, 2)
        figure.text(0.5, 0.5, "paper", color=PAPER)
        axes = figure.add_subplot()
        axes.plot([1, 2, 3], color=COLOURS[0])
        axes.bar([0], [1], hatch="//", color=COLOURS[1])
        axes.set_title('a < b & "c"')
    return Picture(figure, alt, words)


def on_page(shown: Picture | Panels) -> str:
    return extension.on_page(shown.svg)


def read(notebook: dict, name: str = "page.ipynb") -> str:
    """What Sphinx is given to read instead of a page."""
    source = [json.dumps(notebook)]
    extension.show_pictures(SimpleNamespace(env=SimpleNamespace(doc2path=lambda docname: name)), "page", source)
    return source[0]


def page(*data: dict) -> dict:
    outputs = [{"output_type": "display_data", "data": each, "metadata": {}} for each in data]
    return {"cells": [{"cell_type": "markdown", "source": "Hello"}, {"cell_type": "code", "outputs": outputs}]}


def test_alt_text_and_words_are_there_and_escaped():
    root = ElementTree.fromstring(on_page(picture(alt='1 < 2 & "quoted"', words=("a < b", "c"))))
    assert root.find(".//*[@role='img']").get("aria-label") == '1 < 2 & "quoted"'
    details = root.find("details")
    assert details.findtext("summary") == "The picture in words"
    assert [each.text for each in details.iter("li")] == ["a < b", "c"]
    assert "<details>" not in on_page(picture())
    assert "<title>" not in on_page(picture()), "it would be read twice, and hang under the mouse"


def test_ink_and_paper_follow_the_page():
    markup = on_page(picture())
    assert "stroke:currentColor" in markup and "fill:var(--course-paper)" in markup
    assert not re.search(r"#000000|#ffffff|\bblack\b|\bwhite\b", markup)
    assert '<rect width="100%"' not in markup, "the page is the paper"
    css = (ROOT / "book" / "_static" / "course.css").read_text()
    assert "--course-paper: var(--pst-color-background" in css, "no paper for the picture"


def test_words_in_a_picture_are_left_alone():
    figure = new_figure(2, 1)
    figure.text(0.5, 0.5, "#000000 is black")
    assert ">#000000 is black</text>" in on_page(Picture(figure, "Black."))


def test_the_drawing_is_the_stored_one():
    def drawing(markup: str) -> list[tuple[str, str | None]]:
        root = ElementTree.fromstring(markup)
        return [
            (element.tag.rpartition("}")[2], element.get("d") or element.text)
            for element in root.iter()
            if element.tag.rpartition("}")[2] in ("path", "text", "use", "image", "clipPath")
        ]

    shown = picture()
    assert drawing(on_page(shown)) == drawing(shown.svg)
    assert len(drawing(shown.svg)) > 10


def test_picture_scrolls_rather_than_shrinks_and_is_reached_by_keyboard():
    wide, small = on_page(picture(9)), on_page(picture(2))
    assert "max-width:864px" in wide and "min-width:648px" in wide
    assert '<div tabindex="0"><svg' in wide
    assert 'tabindex="0"' not in small
    css = (ROOT / "book" / "_static" / "course.css").read_text()
    assert re.search(r"\.course-picture > div \{\s*overflow-x: auto;", css)
    assert re.search(r"\.course-picture > div > svg \{[^}]*width: 100%;\s*height: auto;", css)


def test_several_in_one_stand_below_each_other_where_they_must():
    panels = Panels({"a < b": picture(words=("first",)), "second": picture(2)})
    soup = BeautifulSoup(on_page(panels), "html.parser")
    (row,) = soup.select("div.course-panels")
    parts = row.find_all("div", recursive=False)
    assert [part["style"] for part in parts] == ["flex:288 1 288px", "flex:144 1 144px"]
    assert [part.p.get_text() for part in parts] == ["a < b", "second"]
    assert [len(part.select("figure.course-picture svg[role=img][aria-label]")) for part in parts] == [1, 1]
    assert [len(part.select("details li")) for part in parts] == [1, 0]
    assert not soup.select("svg svg")
    assert "#000000" not in str(soup)
    css = (ROOT / "book" / "_static" / "course.css").read_text()
    assert re.search(r"\.course-panels \{[^}]*flex-wrap: wrap;", css)


def test_ids_are_used_once():
    soup = BeautifulSoup(on_page(picture()) + on_page(Panels({"a": picture(3), "b": picture(2)})), "html.parser")
    ids = [tag["id"] for tag in soup.find_all(id=True)]
    assert ids and len(ids) == len(set(ids))
    assert set(re.findall(r"(?:url\(#|href=\"#)([^)\"]+)", str(soup))) == set(ids)


def test_a_page_is_read_with_the_picture_in_its_place():
    data, _ = picture(words=("first",))._repr_mimebundle_()
    other = {"image/svg+xml": "<svg><path/></svg>", "text/plain": "other"}
    lines = [line + "\n" for line in data["image/svg+xml"].split("\n")]
    written = json.loads(read(page(data, other, data | {"image/svg+xml": lines}, {"text/html": "<b>x</b>"})))
    shown = [output["data"] for output in written["cells"][1]["outputs"]]
    assert [set(each) for each in shown] == [
        {"text/html", "text/plain"},
        {"image/svg+xml", "text/plain"},
        {"text/html", "text/plain"},
        {"text/html"},
    ]
    assert shown[0]["text/html"] == extension.on_page(data["image/svg+xml"])
    assert shown[1] == other
    assert written["cells"][0] == page()["cells"][0]


def test_a_page_that_is_no_notebook_is_read_as_it_is():
    source = ["# No JSON"]
    extension.show_pictures(SimpleNamespace(env=SimpleNamespace(doc2path=lambda docname: "page.md")), "page", source)
    assert source == ["# No JSON"]


@pytest.mark.parametrize("path", page_notebooks(ROOT), ids=lambda path: path.stem)
def test_every_stored_picture_of_a_page_gets_its_form(path):
    stored = json.loads(path.read_text(encoding="utf-8"))
    drawn = [
        output
        for cell in stored["cells"]
        for output in cell.get("outputs", ())
        if "image/png" in output.get("data", {})
    ]
    assert drawn, "a chapter without a picture"
    soup = BeautifulSoup(
        "".join(
            "".join(output["data"].get("text/html", ""))
            for cell in json.loads(read(stored))["cells"]
            for output in cell.get("outputs", ())
            if "data" in output
        ),
        "html.parser",
    )
    assert len(soup.select("figure.course-picture")) >= len(drawn)
    assert len(soup.select("div.course-panels, figure.course-picture:not(.course-panels *)")) == len(drawn)
    assert not soup.select("img")
    assert site_checks.nameless_pictures(site_checks.Page(ROOT, path, soup)) == []
