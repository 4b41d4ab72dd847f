"""The site: it builds without a warning, its pages hold what site_checks asks for, and make says what it lacks."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from functional_course.notebooks.course_root import chapter_notebooks, page_notebooks

import keyboard
import pytest
import site_checks
import yaml
from browsers import AT_ONCE, lacking, started
from bs4 import BeautifulSoup
from site_checks import Page

# One worker builds the site, and the others leave it alone.
pytestmark = pytest.mark.xdist_group("site")

# book/requirements.txt says what for. The site that is published is built with a newer Python.
of_the_theme = pytest.mark.skipif(
    sys.version_info < (3, 11), reason="Python 3.10 can't have the theme that passes: run this with a newer one"
)

ROOT = Path(__file__).resolve().parent.parent
BUILD = "from jupyter_book.cli.main import main; main()"

# Bytes of a first visit, uncompressed. The theme's own styles and scripts are 0.24 MB of it.
PAGE_BUDGET = 1_000_000

MOST_PRINTED = 25  # pages that a lesson takes


def tracked_files() -> list[Path]:
    """What a clone would hold, with the content of this working tree."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [Path(name) for name in listing.split("\0") if name and (ROOT / name).is_file()]


def copy_course(target: Path) -> Path:
    """A copy of the tracked files, as a clone would be."""
    for name in tracked_files():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target / name)
    return target


def build(course: Path) -> subprocess.CompletedProcess[str]:
    """Build the site as ``make book`` does, in this environment."""
    arguments = ["build", ".", "--toc", "book/_toc.yml", "--all", "-W", "-n", "--keep-going", "--quiet"]
    return subprocess.run([sys.executable, "-c", BUILD, *arguments], cwd=course, capture_output=True, text=True)


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built copy of the course."""
    target = copy_course(tmp_path_factory.mktemp("clone"))
    result = build(target)
    assert result.returncode == 0, result.stdout + result.stderr
    return target


@pytest.fixture(scope="session")
def site(course: Path) -> Path:
    """The folder of the built site."""
    return course / "_build" / "html"


@pytest.fixture
def small_book(tmp_path: Path) -> Path:
    """A book with the course's configuration and two pages, to plant faults in."""
    for name in tracked_files():
        if name == Path("_config.yml") or name.parts[:2] in {
            ("book", "_ext"),
            ("book", "_static"),
            ("book", "_templates"),
        }:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, tmp_path / name)
    shutil.copyfile(ROOT / "book" / "references.bib", tmp_path / "book" / "references.bib")
    links = "[The page](page.ipynb) and [its exercise](../exercises/one/build.ipynb)"
    (tmp_path / "book" / "index.md").write_text(f"# A small book\n\n{links}\n")
    notebook = {
        "cells": [{"cell_type": "markdown", "id": "a", "metadata": {}, "source": "# A page"}],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (tmp_path / "exercises" / "one").mkdir(parents=True)
    for name in ("book/page.ipynb", "exercises/one/build.ipynb"):
        (tmp_path / name).write_text(json.dumps(notebook))
    write_toc(tmp_path, "book/page")
    return tmp_path


def write_toc(course: Path, *names: str) -> None:
    toc = {"format": "jb-book", "root": "book/index", "chapters": [{"file": name} for name in names]}
    (course / "book" / "_toc.yml").write_text(yaml.safe_dump(toc))


# --- the site as it is ------------------------------------------------------------------------------------------------


@of_the_theme
def test_every_page_holds_what_a_reader_needs(site: Path) -> None:
    assert site_checks.faults(site) == []


def test_the_pictures_of_a_page_stand_in_it_in_the_colours_of_the_theme(site: Path) -> None:
    for path in page_notebooks(ROOT):
        stored = sum(
            "image/svg+xml" in output.get("data", {})
            for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
            for output in cell.get("outputs", ())
        )
        content = Page.read(site, path.relative_to(ROOT).with_suffix(".html")).content
        shown = content.select("div.course-panels, figure.course-picture:not(.course-panels *)")
        assert len(shown) == stored > 0, path.name
        assert content.select(".cell_output img") == [], "a picture that follows no theme"
        assert all(svg["fill"] == "currentColor" for svg in content.select("figure.course-picture > div > svg"))


def test_every_entry_of_the_contents_became_a_page(site: Path) -> None:
    toc = yaml.safe_load((ROOT / "book" / "_toc.yml").read_text())
    entries = [toc["root"], *(chapter["file"] for part in toc["parts"] for chapter in part["chapters"])]
    assert [entry for entry in entries if not (site / f"{entry}.html").is_file()] == []
    # What exists and is not in the contents would be lost to the reader.
    written = {
        path.relative_to(ROOT).with_suffix("").as_posix()
        for path in [*page_notebooks(ROOT), *(ROOT / "book" / "guides").glob("*.md"), *(ROOT / "book").glob("*.md")]
    }
    assert written <= set(entries)


def test_the_site_names_no_folder_of_this_machine(course: Path, site: Path) -> None:
    assert site_checks.machine_paths(site, course, ROOT, Path.home()) == []


def test_a_clone_elsewhere_builds_the_same_site(site: Path, tmp_path: Path) -> None:
    other = copy_course(tmp_path / "a folder" / "deeper" / "course")
    assert build(other).returncode == 0
    first, second = (
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        for folder in (site, other / "_build" / "html")
    )
    assert sorted(first) == sorted(second)
    assert [str(name) for name in first if first[name] != second[name]] == []


@of_the_theme
def test_pages_stay_light(site: Path) -> None:
    pages = site_checks.read_pages(site)
    assert site_checks.heavy_pages(pages, PAGE_BUDGET) == {}
    assert min(map(site_checks.page_weight, pages)) > 150_000, "the theme's files were not counted"


def needless_marks(page: Page) -> list[str]:
    """Marks of code that the theme shows as the code around: names and punctuation."""
    return [page.fault(f"a needless mark, {name!r}") for name in "np" if page.soup.select(f'span[class="{name}"]')]


@of_the_theme
def test_code_has_the_marks_alone_that_the_theme_shows(site: Path) -> None:
    for page in site_checks.read_pages(site):
        assert needless_marks(page) == []
    assert '<span class="kn">import</span> draw' in (site / "book/chapters/02_multiple_inputs.html").read_text("utf-8")


def test_only_the_search_page_loads_the_index_of_all_words(site: Path) -> None:
    loading = [
        path.relative_to(site).as_posix() for path in site.rglob("*.html") if "searchindex.js" in path.read_text()
    ]
    assert loading == ["search.html"]


# --- in a browser -----------------------------------------------------------------------------------------------------

in_a_browser = pytest.mark.skipif(lacking() is not None, reason=str(lacking()))


@pytest.fixture(scope="module")
def chromium() -> Iterator[object]:
    with started() as browser:
        yield browser


def printed_pages(chromium, address: str) -> int:
    """How many sheets of A4 a page of the site takes."""
    tab = chromium.new_page()
    tab.goto(address)
    pdf = tab.pdf(format="A4")
    tab.close()
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


@in_a_browser
def test_a_link_to_a_section_leads_there_although_those_above_had_no_height_yet(site: Path, chromium) -> None:
    tab = chromium.new_page(viewport={"width": 1280, "height": 900})
    tab.goto((site / "book/chapters/03_shared_layers.html").as_uri() + "#what-the-gradient-does")
    tab.wait_for_timeout(1000)
    top = tab.evaluate("document.querySelector('#what-the-gradient-does').getBoundingClientRect().top")
    tab.close()
    assert 0 <= top < 200


NO_AXE = lacking(axe_playwright_python="axe")
with_axe = pytest.mark.skipif(NO_AXE is not None, reason=str(NO_AXE))
LAID_OUT = "section { content-visibility: visible !important }"
"""A section far below the window has no place on the page yet, but axe asks what lies under its text."""
MODES = {"wide": ("light", (1280, 900)), "phone": ("light", (390, 844)), "dark": ("dark", (1280, 900))}


@with_axe
@of_the_theme
@pytest.mark.parametrize("mode", MODES)
def test_every_page_is_accessible(site: Path, chromium, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import accessibility

    monkeypatch.setattr(accessibility, "AT_ONCE", accessibility.AT_ONCE + LAID_OUT)
    addresses = [(site / page.path).as_uri() for page in site_checks.read_pages(site)]
    assert len(addresses) > 20
    found = {
        address.rpartition("/")[2]: accessibility.violations(chromium, address, *MODES[mode]) for address in addresses
    }
    assert {name: each for name, each in found.items() if each} == {}


INACCESSIBLE = """\
<!doctype html>
<html lang="en"><head><title>A page</title><style>
@media (prefers-color-scheme: dark) {{ body {{ background: #222; color: #fff }} .dim {{ color: #444 }} }}
.small {{ width: 60px; height: 40px }}
@media (max-width: 400px) {{ .small {{ width: 9px; height: 9px; padding: 0; border: 0 }} }}
</style><script>
const dark = matchMedia("(prefers-color-scheme: dark)").matches && {follows};
document.documentElement.dataset.theme = dark ? "dark" : "light";
</script></head><body><main><h1>A page</h1>{content}</main></body></html>
"""
BARRIERS = {
    "a picture without words": ("image-alt", '<img src="data:,">', set(MODES) - {"dark"}),
    "grey on grey in the dark": ("color-contrast", '<p class="dim">Dim</p>', {"dark"}),
    "grey code, the second of its kind": (
        "color-contrast",
        '<div class="highlight"><pre>{0}{0}</pre></div>'.format('<span class="k dim">if</span> '),
        {"dark"},
    ),
    "small buttons on a phone": ("target-size", '<button class="small" aria-label="a"></button>' * 3, {"phone"}),
    "a colour on its way": (
        "",
        '<p id="slow" style="color: #bbb; transition: color 60s">Text</p>'
        "<script>slow.offsetWidth; slow.style.color = 'inherit'</script>",
        set(),
    ),
    "none": ("", "<p>Text</p>", set()),
}


@with_axe
@pytest.mark.parametrize("barrier", BARRIERS)
def test_a_barrier_is_seen_where_it_is(chromium, tmp_path: Path, barrier: str) -> None:
    from accessibility import violations

    rule, content, where = BARRIERS[barrier]
    page = tmp_path / "page.html"
    page.write_text(INACCESSIBLE.format(content=content, follows="true"))
    found = {mode: violations(chromium, page.as_uri(), *how) for mode, how in MODES.items()}
    assert {mode for mode, each in found.items() if each} == where
    assert all(line.startswith(f"{rule} at ") for each in found.values() for line in each)


@with_axe
def test_a_page_that_stays_light_in_the_dark_is_refused(chromium, tmp_path: Path) -> None:
    from accessibility import violations

    page = tmp_path / "page.html"
    page.write_text(INACCESSIBLE.format(content="", follows="false"))
    with pytest.raises(ValueError, match="asked for the dark theme; found light"):
        violations(chromium, page.as_uri(), *MODES["dark"])


READ_WITHOUT_MOUSE = ("book/index", "book/chapters/04_siamese_similarity", "search")


@in_a_browser
@pytest.mark.parametrize("page", READ_WITHOUT_MOUSE)
def test_the_keyboard_reaches_all_controls_and_shows_where_it_is(site: Path, chromium, page: str) -> None:
    for mode in ("wide", "phone"):
        assert keyboard.faults(chromium, (site / f"{page}.html").as_uri(), MODES[mode][1]) == [], mode


@in_a_browser
@pytest.mark.parametrize(
    ("control", "fault"),
    [
        ('<button tabindex="-1" onclick="go()">Go</button>', "the keyboard doesn't reach <button"),
        ('<a href="#" style="outline: none">Go</a>', "the focus can't be seen on <a"),
        ('<button style="opacity: 0">Go</button>', "the focus can't be seen on <button"),
        ('<p>Text</p><a href="#">Go</a><details><summary>More</summary><a href="#b">In it</a></details>', None),
    ],
)
def test_what_a_mouse_alone_can_do_is_seen(chromium, tmp_path: Path, control: str, fault: str | None) -> None:
    page = tmp_path / "page.html"
    page.write_text(f'<!doctype html><html lang="en"><body><a href="#a">First</a>{control}</body></html>')
    found = keyboard.faults(chromium, page.as_uri(), (1280, 900))
    assert [line[: len(fault or "")] for line in found] == ([fault] if fault else [])


@in_a_browser
def test_what_is_folded_opens_without_scripts(site: Path, chromium) -> None:
    context = chromium.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto((site / "book/chapters/04_siamese_similarity.html").as_uri())
    folds = tab.locator("article details")
    assert folds.count() > 10
    for number in range(folds.count()):
        fold = folds.nth(number)
        if fold.get_attribute("open") is None:
            fold.locator("summary").first.click()
        assert fold.locator(":scope > :not(summary)").first.is_visible(), fold.inner_text()[:80]
    context.close()


@in_a_browser
def test_a_lesson_prints_to_few_pages(site: Path, chromium) -> None:
    pages = {
        path.stem: printed_pages(chromium, (site / path.relative_to(ROOT)).with_suffix(".html").as_uri())
        for path in chapter_notebooks(ROOT)
    }
    assert {name: number for name, number in pages.items() if not 3 < number <= MOST_PRINTED} == {}


@in_a_browser
def test_a_page_that_prints_to_more_is_seen(chromium, tmp_path: Path) -> None:
    page = tmp_path / "long.html"
    page.write_text('<p style="break-after: page">A sheet</p>' * (MOST_PRINTED + 1))
    assert printed_pages(chromium, page.as_uri()) > MOST_PRINTED


def cut_plots(chromium, address: str, style: str = "") -> list[str]:
    """Plots of a page that scroll on a phone, so that the names at the ends of their lines are out of sight."""
    tab = chromium.new_page(viewport={"width": 390, "height": 844})
    tab.goto(address)
    if style:
        tab.add_style_tag(content=style)
    cut = tab.evaluate(
        """() => {
            document.querySelectorAll("details").forEach(each => each.open = true);
            const plots = [...document.querySelectorAll(".course-picture > div")]
                .filter(each => parseInt(each.firstElementChild.style.maxWidth) <= 480);
            return [plots.length, plots.filter(each => each.scrollWidth > each.clientWidth + 1)
                .map(each => each.firstElementChild.getAttribute("aria-label"))];
        }"""
    )
    tab.close()
    assert cut[0] > 3, "no plots on the page"
    return cut[1]


@in_a_browser
def test_a_plot_fits_a_phone(site: Path, chromium) -> None:
    for path in chapter_notebooks(ROOT)[-3:]:
        address = (site / path.relative_to(ROOT)).with_suffix(".html").as_uri()
        assert cut_plots(chromium, address) == []
    assert cut_plots(chromium, address, ".bd-article div.cell { margin: 0 !important; }") != []


def test_every_page_is_described_by_its_first_paragraph(site: Path) -> None:
    found = {}
    for path in (site / "book").rglob("*.html"):
        page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        (said,) = (tag["content"] for tag in page.find_all("meta", attrs={"name": "description"}))
        found[path.relative_to(site).as_posix()] = said
    assert len(found) > 25 and all(20 < len(said) <= 160 for said in found.values()), found
    assert len(set(found.values())) == len(found)


@in_a_browser
def test_no_page_ends_a_script_with_an_error(site: Path, chromium) -> None:
    tab = chromium.new_page()
    said: list[str] = []
    tab.on("pageerror", lambda error: said.append(str(error)))
    for page in ("index", "chapters/02_multiple_inputs", "guides/teach"):
        tab.goto((site / f"book/{page}.html").as_uri())
    assert said == []
    tab.evaluate("setTimeout(() => { throw new Error('planted') })")
    tab.wait_for_timeout(200)
    assert [each.rpartition(" ")[2] for each in said] == ["planted"]
    tab.close()


def loaded_files(chromium, page: Path) -> set[Path]:
    """The files that a browser asks for when it shows a page of the site to its end."""
    tab = chromium.new_page()
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(page.as_uri())
    tab.evaluate("document.querySelectorAll('img').forEach(each => each.loading = 'eager')")
    tab.wait_for_load_state("networkidle")
    tab.close()
    return {Path(unquote(urlsplit(each).path)) for each in asked if each.startswith("file:")}


@in_a_browser
@of_the_theme
def test_a_browser_loads_what_a_page_is_weighed_with_and_no_font_of_the_theme(site: Path, chromium) -> None:
    for name in ("book/index", "book/chapters/02_multiple_inputs", "book/evidence/03_shared_layers", "genindex"):
        files = loaded_files(chromium, site / f"{name}.html")
        weight = sum(file.stat().st_size for file in files)
        page = Page.read(site, Path(f"{name}.html"))
        icon = (site / "_static" / "favicon.svg").stat().st_size
        assert site_checks.page_weight(page) - weight in {0, icon}, sorted(files)
        assert [file.name for file in files if file.suffix.startswith((".ttf", ".woff"))] == []
    # An icon that isn't among the course's own.
    page = (site / "genindex.html").read_text(encoding="utf-8")
    style = "<style>i.fa-other::before { content: '\\f005' }</style>"
    other = site / "other_icon.html"
    other.write_text(page.replace("</main>", f"{style}<i class='fa-solid fa-other'></i></main>"), encoding="utf-8")
    try:
        assert "fa-solid-900.woff2" in {file.name for file in loaded_files(chromium, other)}
    finally:
        other.unlink()


@in_a_browser
def test_what_goes_on_beyond_the_edge_fades_there_until_its_end(site: Path, chromium) -> None:
    tab = chromium.new_page(viewport={"width": 390, "height": 844})
    tab.goto((site / "book/reference/tested_claims.html").as_uri())
    found = tab.evaluate(
        """async () => {
            const boxes = [...document.querySelectorAll(".bd-article .pst-scrollable-table-container")];
            const fade = box => getComputedStyle(box).getPropertyValue("--course-fade");
            const wide = boxes.filter(box => box.scrollWidth > box.clientWidth + 1);
            const before = wide.map(fade);
            wide.forEach(box => box.scrollLeft = box.scrollWidth);
            await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
            return [before, wide.map(fade), boxes.filter(box => !wide.includes(box)).map(fade)]
                .map(each => [...new Set(each.map(parseFloat))]);
        }"""
    )
    tab.close()
    wide, at_its_end, fitting = found
    assert len(wide) == 1 and wide[0] > 0
    assert at_its_end == [0] and fitting == [0]


def menus(chromium, address: str, width: int, style: str = "") -> dict[str, str]:
    """What each button for a menu does that a reader sees, by the button's class: open a dialog, fold, or nothing."""
    tab = chromium.new_page(viewport={"width": width, "height": 844})
    tab.goto(address)
    tab.add_style_tag(content=f"{AT_ONCE} {style}")
    found = {}
    for name in ("primary-toggle", "secondary-toggle"):
        for button in tab.locator(f".{name}").all():
            if not button.is_visible():
                continue
            button.click()
            tab.wait_for_timeout(300)
            sheet = tab.locator("dialog[open]")
            folded = tab.locator("#pst-primary-sidebar.pst-sidebar-hidden").count()
            found[name] = "opens" if sheet.count() else "folds" if folded else "nothing"
            if sheet.count() and name == "secondary-toggle":
                sheet.locator('a[href^="#"]').last.click()
                found[name] = "opens, and closes" if not tab.locator("dialog[open]").count() else "stays"
            if sheet.count():
                tab.keyboard.press("Escape")
    tab.close()
    return found


@in_a_browser
@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10 gets an older theme, with other menus")
def test_the_buttons_for_menus_open_them(site: Path, chromium, tmp_path: Path) -> None:
    address = (site / "book/chapters/02_multiple_inputs.html").as_uri()
    assert menus(chromium, address, 390) == {"primary-toggle": "opens", "secondary-toggle": "opens, and closes"}
    assert menus(chromium, address, 1280)["primary-toggle"] == "folds"
    # As it was: the theme's scripts take the first buttons, in a bar that nobody sees.
    page = (site / "book/chapters/02_multiple_inputs.html").read_text(encoding="utf-8")
    bar = "<button class='primary-toggle'></button><button class='secondary-toggle'></button>"
    broken = site / "book/chapters/broken_menus.html"
    broken.write_text(re.sub(r"(<header id=.pst-header.[^>]*>)", rf"\1{bar}", page), encoding="utf-8")
    try:
        assert set(menus(chromium, broken.as_uri(), 390).values()) == {"nothing"}
    finally:
        broken.unlink()


@in_a_browser
def test_opening_an_output_opens_its_explanation_and_no_other(site: Path, chromium, tmp_path: Path) -> None:
    fold = "<details class='{}'><summary>{}</summary>Words</details>"
    cell = f"<div class='cell'>{fold.format('hide below-input', 'Output')}</div>"
    body = "".join(cell + "<p>Text</p>" * (number == 1) + fold.format("course-explain", number) for number in range(3))
    script = (site / "_static" / "predict.js").read_text(encoding="utf-8")
    (tmp_path / "page.html").write_text(f"<body>{body}{cell}<script>{script}</script></body>")
    tab = chromium.new_page()
    tab.goto((tmp_path / "page.html").as_uri())
    opened = "[...document.querySelectorAll('.course-explain')].map(each => each.open)"
    assert tab.evaluate(opened) == [False] * 3
    tab.locator(".cell summary").nth(1).click()
    tab.wait_for_function(f"{opened}[1]")
    assert tab.evaluate(opened) == [False, True, False]
    tab.locator(".cell summary").nth(3).click()  # nothing explains it
    tab.locator(".cell summary").nth(1).click()
    tab.wait_for_function(f"!{opened}[1]")
    assert tab.evaluate(opened) == [False] * 3
    tab.close()


# --- faults are refused -----------------------------------------------------------------------------------------------

PLANTED: dict[str, tuple[Callable[[Page], list[str]], str, str, str]] = {
    "no alt text": (site_checks.nameless_pictures, r'<img alt="[^"]+"', "<img", "no alt text"),
    "empty alt text": (site_checks.nameless_pictures, r'<img alt="[^"]+"', '<img alt=""', "no alt text"),
    "nameless svg": (site_checks.nameless_pictures, "</article>", '<svg role="img"></svg></article>', "inline SVG"),
    "svg without role": (
        site_checks.nameless_pictures,
        "</article>",
        "<svg><title>A model</title></svg></article>",
        "inline SVG",
    ),
    "second h1": (site_checks.headings_out_of_order, "</article>", "<h1>More</h1></article>", "2 headings"),
    "no h1": (site_checks.headings_out_of_order, "<h1>(.*?)</h1>", r"<p>\1</p>", "0 headings"),
    "left-out level": (site_checks.headings_out_of_order, "</article>", "<h4>Deep</h4></article>", "h4 after h2"),
    "no language": (site_checks.missing_frame, '<html lang="en"', "<html", "language"),
    "no title": (site_checks.missing_frame, "<title>.*?</title>", "", "no title"),
    "second main": (site_checks.missing_frame, "</body>", "<main></main></body>", "main landmarks"),
    "no skip link": (site_checks.missing_frame, 'href="#main-content"', 'href="#"', "skips"),
    "no viewport": (site_checks.missing_frame, 'name="viewport"', 'name="other"', "phone"),
    "empty link": (site_checks.unnamed_controls, "</article>", '<a href="x"></a></article>', "no text"),
    "no summary": (site_checks.unnamed_controls, "</article>", "<details>Because</details></article>", "no summary"),
    "id twice": (site_checks.unnamed_controls, "</article>", '<p id="start"></p></article>', "'start' is used twice"),
    "code with needless marks": (needless_marks, "</article>", '<span class="n">x</span></article>', "needless mark"),
    "script from elsewhere": (
        site_checks.external_requests,
        "</head>",
        '<script src="https://cdn.example.org/x.js"></script></head>',
        "cdn.example.org",
    ),
    "style from elsewhere": (
        site_checks.external_requests,
        "</head>",
        '<link rel="stylesheet" href="//fonts.example.org/x.css"/></head>',
        "fonts.example.org",
    ),
    "one of several pictures from elsewhere": (
        site_checks.external_requests,
        "</article>",
        '<img srcset="a.png 1x, https://cdn.example.org/b.png 2x"/></article>',
        "cdn.example.org/b.png",
    ),
    "imported style from elsewhere": (
        site_checks.external_requests,
        "</head>",
        "<style>@import 'https://fonts.example.org/x.css';</style></head>",
        "fonts.example.org/x.css",
    ),
    "font from elsewhere": (
        site_checks.external_requests,
        "</head>",
        '<style>@font-face { src: url( "https://fonts.example.org/x.woff2" ) }</style></head>',
        "fonts.example.org/x.woff2",
    ),
    "background from elsewhere": (
        site_checks.external_requests,
        "</article>",
        '<p style="background: url(//cdn.example.org/x.png)"></p></article>',
        "cdn.example.org/x.png",
    ),
    "picture in a drawing from elsewhere": (
        site_checks.external_requests,
        "</article>",
        '<svg><image href="https://cdn.example.org/x.png"/></svg></article>',
        "cdn.example.org/x.png",
    ),
    "script that the page waits for": (
        site_checks.render_blocking,
        "</head>",
        '<script src="../_static/more.js"></script></head>',
        "nothing is shown before ../_static/more.js is loaded",
    ),
    "second style sheet": (
        site_checks.render_blocking,
        "</head>",
        '<link rel="stylesheet" href="more.css"/></head>',
        "nothing is shown before more.css is loaded",
    ),
    "picture without a size": (
        site_checks.unsized_pictures,
        "</article>",
        '<img alt="A" src="a.png" width="3"/></article>',
        "a.png has no width and height",
    ),
    "dead link": (
        lambda page: site_checks.broken_links([page]),
        "</article>",
        '<a href="guides/nowhere.html">x</a></article>',
        "guides/nowhere.html leads to no file",
    ),
    "dead anchor": (
        lambda page: site_checks.broken_links([page]),
        "</article>",
        '<a href="#nowhere">x</a></article>',
        "no such place",
    ),
    "dead picture": (
        lambda page: site_checks.broken_links([page]),
        r'src="\.\./_images/01\.svg"',
        'src="../_images/lost.svg"',
        "lost.svg leads to no file",
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found(site: Path, name: str) -> None:
    check, old, new, expected = PLANTED[name]
    path = Path("book/index.html")
    page = Page.read(site, path)
    before = (site / path).read_text(encoding="utf-8")
    after = re.sub(old, new, before, flags=re.DOTALL)
    assert after != before, "nothing was planted"
    spoiled = Page(site, path, type(page.soup)(after, "html.parser"))
    assert expected not in "\n".join(check(page))
    assert expected in "\n".join(check(spoiled))


def test_a_stylesheet_of_the_site_that_fetches_from_elsewhere_is_found(tmp_path: Path) -> None:
    (tmp_path / "x.css").write_text("/* url(https://a.org) */ @import url(https://b.org/x.css); p { src: url(y.woff) }")
    (tmp_path / "page.html").write_text('<link rel="stylesheet" href="x.css?v=1"/>')
    page = Page.read(tmp_path, Path("page.html"))
    assert site_checks.external_requests(page) == ["page.html: the page fetches https://b.org/x.css from elsewhere"]


def test_a_page_over_its_weight_is_found(tmp_path: Path) -> None:
    (tmp_path / "large.png").write_bytes(b"x" * 900)
    places = ("guide.html", "large.png"), ("light.html", ""), ("evidence/one.html", "../large.png")
    for path, source in places:
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(f'<p>A page</p><img src="{source}"/>')
    pages = site_checks.read_pages(tmp_path)
    assert list(site_checks.heavy_pages(pages, 500)) == [Path("evidence/one.html"), Path("guide.html")]
    assert site_checks.heavy_pages(pages, 1000) == {}


@pytest.mark.parametrize("homes", site_checks.HOMES)
def test_a_planted_machine_path_is_found(homes: str, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<p>File /somewhere/clone/x.py</p>")
    (tmp_path / "other.html").write_text(f"<p>File /{homes}/somebody/x.py</p>")
    assert len(site_checks.machine_paths(tmp_path, Path("/somewhere/clone"))) == 2


def test_a_heavier_page_weighs_more(site: Path, tmp_path: Path) -> None:
    page = Page.read(site, Path("book/index.html"))
    lighter = Page(site, page.path, type(page.soup)(str(page.soup), "html.parser"))
    for picture in lighter.soup.find_all("img"):
        picture.decompose()
    assert site_checks.page_weight(page) > site_checks.page_weight(lighter)


def test_the_build_refuses_a_broken_link(small_book: Path) -> None:
    (small_book / "book" / "index.md").write_text(
        "# A small book\n\n[Lost](guides/nowhere.md), [too](../exercises/one/lost.ipynb)\n"
    )
    result = build(small_book)
    assert result.returncode != 0
    assert "guides/nowhere.md" in result.stdout + result.stderr
    assert "exercises/one/lost" in result.stdout + result.stderr


def test_a_link_may_lead_to_a_place_in_a_table_and_to_none_that_is_not_there(small_book: Path) -> None:
    (small_book / "book" / "other.md").write_text(
        '# Another page\n\n| claim |\n|---|\n| <a id="row"></a>One, see [below](#more) |\n\n## 1 · More\n\n'
        "[Up](#row)\n\n```{glossary}\nbatch axis\n  The first.\n```\n"
    )
    links = [f"[{place}](other.md#{place})" for place in ("row", "more", "term-batch-axis", "nowhere")]
    (small_book / "book" / "index.md").write_text(f"# A small book\n\n{' '.join(links)}\n")
    write_toc(small_book, "book/page", "book/other")
    result = build(small_book)
    assert result.returncode != 0
    assert re.findall(r"local id not found in doc '\S+': '([\w-]+)'", result.stdout + result.stderr) == ["nowhere"]


def test_the_build_refuses_an_entry_without_a_file(small_book: Path) -> None:
    write_toc(small_book, "book/page", "book/nowhere")
    result = build(small_book)
    assert result.returncode != 0
    assert "book/nowhere" in result.stdout + result.stderr


# --- the public address -----------------------------------------------------------------------------------------------

PUBLIC = ("colab.research.google.com", "mybinder.org", "/edit/main/", "/issues/new", "source-repository-button")
FOLLOW = ("404.html", "sitemap.xml")


def test_without_an_address_no_button_needs_one(site: Path) -> None:
    assert not yaml.safe_load((ROOT / "_config.yml").read_text())["repository"]["url"], (
        "published: turn this test round"
    )
    unwanted = (*PUBLIC, 'property="og:')
    assert [page for page in site.rglob("*.html") if any(name in page.read_text() for name in unwanted)] == []
    assert [name for name in FOLLOW if (site / name).exists()] == []


def test_an_address_that_is_not_of_github_is_refused(small_book: Path) -> None:
    config = small_book / "_config.yml"
    config.write_text(config.read_text().replace('  url: ""', '  url: "https://example.org/course"'))
    result = build(small_book)
    assert result.returncode != 0
    assert "give it as https://github.com/owner/name" in result.stdout + result.stderr


def test_with_an_address_all_that_needs_one_is_there_and_an_exercise_is_a_download(small_book: Path) -> None:
    config = small_book / "_config.yml"
    text = config.read_text()
    planted = text.replace('  url: ""', '  url: "https://github.com/somebody/functional-course"')
    assert planted != text
    config.write_text(planted)
    result = build(small_book)
    assert result.returncode == 0, result.stdout + result.stderr
    html = (small_book / "_build" / "html" / "book" / "page.html").read_text()
    assert [name for name in PUBLIC if name not in html] == []
    assert "colab.research.google.com/github/somebody/functional-course/blob/main/book/page.ipynb" in html
    site = "https://somebody.github.io/functional-course/"
    head = BeautifulSoup(html, "html.parser").head
    properties = {tag.get("property") or tag.get("name"): tag["content"] for tag in head.select("meta[content]")}
    assert properties["og:url"] == f"{site}book/page.html"
    assert properties["og:title"] == "A page"
    assert properties["og:image"] == f"{site}_static/preview.png" and properties["og:image:alt"]
    assert (small_book / "_build" / "html" / "_static" / "preview.png").is_file()
    assert head.select_one("link[rel=canonical]")["href"] == f"{site}book/page.html"
    listed = re.findall(r"<loc>(.*?)</loc>", (small_book / "_build" / "html" / "sitemap.xml").read_text())
    assert sorted(listed) == [f"{site}book/index.html", f"{site}book/page.html"]
    # Shown under any address, so from the root of the site.
    lost = BeautifulSoup((small_book / "_build" / "html" / "404.html").read_text(), "html.parser")
    leads = [tag["href"] for tag in lost.select("article a[href]")] + [tag["src"] for tag in lost.select("script[src]")]
    assert all(each.startswith("/functional-course/") for each in leads) and len(leads) > 3
    assert "/functional-course/book/index.html" in leads
    # An exercise is no page of the book; the plain link that works in Jupyter leads to its file.
    index = Page.read(small_book / "_build" / "html", Path("book/index.html"))
    assert [link["href"].rsplit("/", 1)[1] for link in index.soup.select("a.download")] == ["build.ipynb"]
    assert site_checks.broken_links([index]) == []


# --- make -------------------------------------------------------------------------------------------------------------


def fake(path: Path, script: str) -> Path:
    """An executable that stands in for Python."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n" + script)
    path.chmod(0o755)
    return path


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """What the targets of the Makefile start from."""
    shutil.copyfile(ROOT / "Makefile", tmp_path / "Makefile")
    for folder in ("book", "solutions", "tests"):
        (tmp_path / folder).mkdir()
        shutil.copyfile(ROOT / folder / "requirements.txt", tmp_path / folder / "requirements.txt")
    for name in ("pyproject.toml", "constraints.txt", "book/constraints.txt", "solutions/cluster.txt"):
        shutil.copyfile(ROOT / name, tmp_path / name)
    return tmp_path


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )


OLD = 'case "$*" in *version_info*) exit 1;; -V) echo Python 3.9.2;; esac; exit 0\n'
NO_VENV = 'case "$*" in *ensurepip*) exit 1;; esac; exit 0\n'
DEAD = "exit 127\n"
TOO_NEW = 'case "$*" in *"(3, 14)"*) exit 1;; -V) echo Python 3.14.0;; esac; exit 0\n'


@pytest.mark.parametrize(
    ("target", "script", "expected"),
    [
        ("book", OLD, "Python 3.9.2, the course needs 3.10 or newer"),
        ("book", NO_VENV, "has no venv module"),
        ("book", DEAD, "does not run"),
        ("book", None, "was not found"),
        ("test", OLD, "Python 3.9.2, the course needs 3.10 or newer"),
        ("test", TOO_NEW, "Python 3.14.0, and TensorFlow has no build for it: name 3.10 to 3.13"),
    ],
    ids=["too old", "no venv", "dead", "missing", "too old for the tests", "too new for the tests"],
)
def test_make_says_in_one_line_what_is_wrong_with_python(
    bare: Path, target: str, script: str | None, expected: str
) -> None:
    python = bare / "bin" / "python3"
    if script:
        fake(python, script)
    result = make(bare, target, f"PYTHON={python}")
    assert result.returncode == 2
    assert result.stdout == ""
    assert expected in result.stderr
    assert "PYTHON=" in result.stderr, "it must say what to do"
    assert len(result.stderr.splitlines()) == 1
    assert not list(bare.glob(".venv*"))


def installed(bare: Path) -> Path:
    """An environment that is already there, whose Python writes down what it is asked."""
    log = bare / "log"
    fake(
        bare / ".venv-book" / "bin" / "python",
        f'echo "$*" >> "{log}"\n'
        'case "$*" in *jupyter-book*) mkdir -p _build/html; echo The book > _build/html/index.html;;\n'
        f'*pip*) ;; *) exec "{sys.executable}" "$@";; esac\n',
    )
    (bare / ".venv-book" / "installed").touch()
    return log


@pytest.mark.parametrize("changed", ["requirements.txt", "constraints.txt"])
def test_a_second_make_book_installs_nothing(bare: Path, changed: str) -> None:
    log = installed(bare)
    result = make(bare, "book", "PYTHON=/nowhere/python3")
    assert result.returncode == 0, result.stderr
    assert "pip" not in log.read_text()
    assert f"{bare.as_uri()}/_build/html/index.html" in result.stdout
    # Other requirements or other versions are another environment.
    later = time.time() + 10
    os.utime(bare / "book" / changed, (later, later))
    assert "was not found" in make(bare, "book", "PYTHON=/nowhere/python3").stderr


def test_make_serve_says_its_address_and_serves(bare: Path) -> None:
    installed(bare)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = make(bare, "serve", f"PORT={port}")
        assert result.returncode != 0
        assert f"port {port} is taken" in result.stderr
    command = ["make", "--no-print-directory", "serve", f"PORT={port}"]
    with subprocess.Popen(command, cwd=bare, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as serve:
        try:
            lines = iter(serve.stdout.readline, "")
            assert any(f"http://127.0.0.1:{port}/" in line for line in lines)
            assert b"The book" in ask(f"http://127.0.0.1:{port}/")
        finally:
            # make's child is the server: both get the signal that Ctrl-C would send.
            subprocess.run(["pkill", "-INT", "-P", str(serve.pid)], check=False)
            serve.terminate()


def ask(address: str) -> bytes:
    """The answer of a server that may still be starting."""
    for _ in range(50):
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:
                return answer.read()
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"no answer from {address}")


def test_make_alone_lists_the_commands(bare: Path) -> None:
    lines = make(bare).stdout.splitlines()
    for command in ("book", "serve"):
        assert any(line.startswith(f"make {command} ") for line in lines)
