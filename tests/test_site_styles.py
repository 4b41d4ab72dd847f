"""What book/_ext makes of the site's styles, scripts and pictures, on pages of a few lines."""

from __future__ import annotations

import base64
import importlib
import io
import re
import sys
from pathlib import Path

import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "book" / "_ext"))
icons, loading, styles, tokens = map(importlib.import_module, ("icons", "loading", "styles", "tokens"))
sys.path.pop(0)

NAMES = {"a", "div", "html", "kept", "top", "x-Red-y"}
SHEETS = {
    "a class, an id and an element": (".kept,#top,a,.lost,#lost,video{top:0}", ".kept,#top,a{top:0}"),
    "a class beside one that is lost": (".kept.lost{top:0}.kept .lost>a{top:0}", ""),
    "brackets aren't asked": (".kept:not(.lost,#lost)::before{top:0}", ".kept:not(.lost,#lost)::before{top:0}"),
    "a part of a class": ("div[class*=-Red]{top:0} div[class*=-Blue]{top:0}", "div[class*=-Red]{top:0}"),
    "any other attribute": ('a[href^="lost"]{top:0}', 'a[href^="lost"]{top:0}'),
    "a selector's spaces mean something": (".kept :hover  >\n a { top : 0 }", ".kept :hover  > a{top:0}"),
    "a query": ("@media (width > 1px) { .kept {top:0} .lost {top:0} }", "@media (width > 1px){.kept{top:0}}"),
    "a query that holds nothing more": ("@supports (top: 0) { @media print { .lost {top:0} } }", ""),
    "comments and the last semicolon": (
        "/* x */ a { /* y */ top: 0; left: 0 !important; }",
        "a{top:0;left:0!important}",
    ),
    "a rule inside a rule": (".kept { top: 0; .lost { top: 1px } a { top: 2px } }", ".kept{top:0;a{top:2px}}"),
    "properties that nobody reads": (
        "html{--one:var(--two);--two:1px;--three:var(--four);--four:0}a{top:var(--one)}",
        "html{--one:var(--two);--two:1px}a{top:var(--one)}",
    ),
    "an empty property": ("html{--none:;}a{top:var(--none)}", "html{--none: }a{top:var(--none)}"),
    "animations": (
        "@keyframes go{from{top:0}to{top:1px}}@keyframes idle{50%{top:0}}a{animation:go 1s}",
        "@keyframes go{from{top:0}to{top:1px}}a{animation:go 1s}",
    ),
    "a font": (
        '@charset "utf-8";@font-face{font-family:"F";src:url(f.woff)}',
        '@font-face{font-family:"F";src:url(f.woff)}',
    ),
}


@pytest.mark.parametrize("what", SHEETS)
def test_of_a_style_sheet_stays_what_the_pages_can_use(what: str) -> None:
    sheet, used = SHEETS[what]
    assert styles.used_styles(sheet, NAMES) == used


def test_what_the_pages_own_styles_read_stays() -> None:
    sheet = "html{--one:1px;--two:2px}@keyframes go{from{top:0}}"
    assert styles.used_styles(sheet, NAMES, 'style="top:var(--two);animation:go"') == (
        "html{--two:2px}@keyframes go{from{top:0}}"
    )


def test_a_style_sheet_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(ValueError, match="line 2 of the styles"):
        styles.used_styles("a{top:0}\n}", NAMES)


PAGE = """<html><head>
<link href="{0}_static/styles/theme.css?digest=1" rel="stylesheet" />
<link rel="preload" as="script" href="{0}_static/scripts/bootstrap.js" />
<link rel="stylesheet" type="text/css" href="{0}_static/course.css?v=2" />
<link rel="icon" href="{0}_static/favicon.svg"/>
<script src="{0}_static/options.js"></script>
<script>let early = 1;</script>
<script>DOCUMENTATION_OPTIONS.pagename = 'one';</script>
<script defer src="{0}_static/scripts/fontawesome.js"></script>
<script src="{0}_static/copybutton.js"></script>
</head><body class="kept">{1}</body></html>
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Two pages as Sphinx leaves them."""
    files = {
        "index.html": PAGE.format("", '<div class="highlight-text notranslate"><pre>x</pre></div>'),
        "book/one.html": PAGE.format("../", '<img alt="A" src="../_images/a.svg"/> <img src="b.svg" width="1" />'),
        "_images/a.svg": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 17"><path d="M0 0"/></svg>',
        "_static/basic.css": ".kept { background: url(file.png) } .made { top: 0 } .lost { top: 0 }",
        "_static/styles/theme.css": '@import "../basic.css"; .kept { src: url("../vendor/f.woff"), url(data:,x) }',
        "_static/course.css": "p.kept { top: 0 } .show { top: 0 } .modal { top: 0 }",
        "_static/options.js": "// A comment\nconst  OPTIONS  =  {};\n/* Another */\nx.className = 'made';\n",
        "_static/copybutton.js": "",
        "_static/scripts/bootstrap.js": "var classes = 'modal lost';",
        "_static/webpack-macros.html": '<link href="x/_static/styles/theme.css" rel="stylesheet" />',
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    loading.lighten(tmp_path)
    return tmp_path


def test_all_styles_become_one_sheet_that_stands_last_in_the_head(site: Path) -> None:
    sheet = (site / "_static" / loading.SHEET).read_text(encoding="utf-8")
    assert sheet.removeprefix(loading.ORIGIN) == (
        '.kept{background:url("../file.png")}.made{top:0}.kept{src:url("../vendor/f.woff"), url(data:,x)}.show{top:0}'
    )
    for page, to_root in (("index.html", ""), ("book/one.html", "../")):
        text = (site / page).read_text(encoding="utf-8")
        linked = re.findall(r'<link[^>]*stylesheet[^>]*href="([^"?]*)\?v=\w{8}" />\n</head>', text)
        assert linked == [f"{to_root}_static/{loading.SHEET}"]
        assert text.count("<link") == 2 and "favicon.svg" in text and "preload" not in text
    assert "theme.css" in (site / "_static" / "webpack-macros.html").read_text(encoding="utf-8")


def test_scripts_wait_and_those_without_work_are_left_out(site: Path) -> None:
    found = re.findall(r"<script.*", (site / "index.html").read_text(encoding="utf-8"))
    assert found == [
        '<script defer src="_static/options.js"></script>',
        "<script>let early = 1;</script>",
        "<script type=\"module\">DOCUMENTATION_OPTIONS.pagename = 'one';</script>",
        '<script defer src="_static/copybutton.js"></script>',
    ]
    assert "copybutton" not in (site / "book" / "one.html").read_text(encoding="utf-8")
    assert (site / "_static" / "options.js").read_text(encoding="utf-8").splitlines() == [
        "const OPTIONS={};x.className='made';"
    ]


def test_pictures_say_their_size_and_come_when_they_are_near(site: Path) -> None:
    assert re.findall("<img.*?>", (site / "book" / "one.html").read_text(encoding="utf-8")) == [
        '<img alt="A" src="../_images/a.svg" width="32" height="17" loading="lazy"/>',
        '<img src="b.svg" width="1" />',
    ]


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10 gets an older theme, with other icons")
def test_the_icons_are_those_of_the_installed_theme() -> None:
    written = icons.STYLES.read_text(encoding="utf-8")
    assert written == icons.styles(icons.fonts_of_the_theme()), "run python book/_ext/icons.py"


def test_the_font_has_the_characters_that_it_says() -> None:
    from fontTools.ttLib import TTFont

    faces = re.findall(
        r"unicode-range: (.*?);.*?base64,([\w+/=]+)", icons.STYLES.read_text(encoding="utf-8"), re.DOTALL
    )
    assert len(faces) == len(icons.FACES)
    for said, data in faces:
        font = TTFont(io.BytesIO(base64.b64decode(data)))
        assert ["U+20", *(f"U+{each:x}" for each in sorted(font.getBestCmap()))] == said.split(", ")


HIGHLIGHTED = """
html[data-theme="light"] .highlight{color:#111}html[data-theme="dark"] .highlight{color:#eee}
html[data-theme="light"] .highlight .n{color:#111}html[data-theme="dark"] .highlight .n{color:#eee}
html[data-theme="light"] .highlight .k{color:#00f}html[data-theme="dark"] .highlight .k{color:#eee}
html[data-theme="light"] .highlight .b{color:#111;font-weight:bold}
.highlight .x{color:#111}div.highlight pre{margin:0}
"""


def test_a_mark_is_plain_where_no_theme_shows_it() -> None:
    assert tokens.plain_tokens(HIGHLIGHTED) == {"n"}


def test_code_without_marks_is_the_same_code() -> None:
    block = '<pre><span></span>\n<span class="k">def</span> <span class="n">f</span><span class="n o">(</span></pre>'
    page = f'{block}<p><span class="n">f</span></p>'
    assert tokens.without_marks(page, {"n"}) == page.replace('<span class="n">f</span><span', "f<span", 1)
