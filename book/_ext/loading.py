"""Sphinx extension: what a page makes a browser load before it shows anything, itself and one small style sheet.

The theme and the extensions link nine style sheets and a dozen scripts that a page waits for. When all pages are
written, the style sheets become one, with the rules that the pages can use (``styles``). Scripts wait until the page is
there, in the order in which they stand, and a page doesn't load one that finds nothing to do on it. Pictures say how
large they are, so that nothing moves when they come. Code has no marks that can't be seen (``tokens``).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import imagesize
import rjsmin
from sphinx.application import Sphinx
from styles import names_in_page, names_in_script, used_styles
from tokens import plain_tokens, without_marks

SHEET = "styles/site.css"
"""The one style sheet, in ``_static``."""

NEEDED_BY = {
    "clipboard.min.js": r'class="highlight',
    "copybutton.js": r'class="highlight',
    "togglebutton.js": r'class="(?:[^"]* )?(?:toggle|admonition [^"]*\bdropdown)[ "]',
    "design-tabs.js": r'class="(?:[^"]* )?sd-tab-set[ "]',
    # Icons as scripts, in the place of which the theme's styles have them as a font.
    "fontawesome.js": r"(?!)",
}
"""Scripts that not every page needs, and what a page that does holds."""

GIVEN_BY_BOOTSTRAP = {
    *("active", "collapsed", "collapsing", "disabled", "fade", "hide", "hiding", "show", "showing"),
    *("bs-tooltip-auto", "bs-tooltip-bottom", "bs-tooltip-end", "bs-tooltip-start", "bs-tooltip-top"),
    *("tooltip", "tooltip-arrow", "tooltip-inner"),
    *("dropdown", "dropdown-menu", "dropdown-menu-dark", "dropdown-toggle"),
}
"""Classes that Bootstrap's script gives to what the theme uses of it. Its other words would keep half of Bootstrap."""

ORIGIN = "/* Made of the style sheets in and above this folder, which name their authors and licences. */\n"

_LINK = re.compile(r'[ \t]*<link\b[^>]*?\bhref="(?P<to_root>[^":]*)_static/(?P<file>[^"?]+\.(?:css|js))[^"]*"[^>]*>\n?')
_SCRIPT = re.compile(r'[ \t]*<script(?P<how>[^>]*?)\bsrc="(?P<address>[^"]+)"(?P<more>[^>]*)></script>\n?')
_OPTION = re.compile(r"<script>(?=\s*DOCUMENTATION_OPTIONS\.)")
_OWN_STYLE = re.compile(r'style="[^"]*"|<style>.*?</style>', re.DOTALL)
_PICTURE = re.compile(r'<img\b(?![^>]*\b(?:width|height)=)[^>]*?\bsrc="(?P<address>[^"]+)"[^>]*?(?=\s*/?>)')


def lighten(site: Path) -> None:
    """Rewrite the pages, the styles and the scripts of a built site.

    Args:
        site: the folder that Sphinx wrote.
    """
    paths = [path for path in site.rglob("*.html") if "_static" not in path.relative_to(site).parts[0]]
    pages = {path: path.read_text(encoding="utf-8") for path in sorted(paths)}
    static = site / "_static"
    sheets = {name: None for page in pages.values() for name in _linked(page, "stylesheet")}
    scripts = [path for path in sorted(static.rglob("*.js")) if path.name not in {"bootstrap.js", "fontawesome.js"}]
    names = set().union(*map(names_in_page, pages.values()))
    names |= GIVEN_BY_BOOTSTRAP
    names |= set().union(*(names_in_script(path.read_text(encoding="utf-8")) for path in scripts))
    own = "".join("".join(_OWN_STYLE.findall(page)) for page in pages.values())
    whole = ORIGIN + used_styles("".join(_sheet(static / name, static) for name in sheets), names, own)
    (static / SHEET).write_text(whole, encoding="utf-8")
    version = hashlib.sha256(whole.encode()).hexdigest()[:8]
    for path in scripts:
        if not path.name.endswith(".min.js"):
            path.write_text(rjsmin.jsmin(path.read_text(encoding="utf-8"), keep_bang_comments=True), encoding="utf-8")
    plain = plain_tokens(whole)
    for path, page in pages.items():
        path.write_text(_light(without_marks(page, plain), path, version), encoding="utf-8")


def _light(page: str, path: Path, version: str) -> str:
    linked = [found for found in _LINK.finditer(page) if 'rel="stylesheet"' in found[0]]
    # Scripts that wait need no preloading, which would come before the styles.
    page = _LINK.sub(lambda found: "" if re.search(r'rel="(?:stylesheet|preload)"', found[0]) else found[0], page)
    page = _SCRIPT.sub(lambda found: _waiting(found, page), page)
    # A module waits with the scripts: the options that it sets are made by one of them.
    page = _OPTION.sub('<script type="module">', page)
    page = _PICTURE.sub(lambda found: _sized(found, path), page)
    if not linked:
        return page
    link = f'  <link rel="stylesheet" href="{linked[0]["to_root"]}_static/{SHEET}?v={version}" />\n'
    # After the short scripts in the head, which would wait for it.
    return page.replace("</head>", f"{link}</head>", 1)


def _linked(page: str, kind: str) -> Iterable[str]:
    return [found["file"] for found in _LINK.finditer(page) if f'rel="{kind}"' in found[0]]


def _waiting(found: re.Match[str], page: str) -> str:
    needed = NEEDED_BY.get(urlsplit(found["address"]).path.rpartition("/")[2])
    if needed is not None and not re.search(needed, page):
        return ""
    if re.search(r"\b(?:defer|async|module)\b", found["how"] + found["more"]):
        return found[0]
    return found[0].replace("<script", "<script defer", 1)


def _sized(found: re.Match[str], page: Path) -> str:
    """A picture of the site with its width and height; it is loaded when a reader comes near to it."""
    file = page.parent / unquote(urlsplit(found["address"]).path)
    width, height = _size(file) if file.is_file() else (-1, -1)
    size = f' width="{round(width)}" height="{round(height)}"' if width > 0 and height > 0 else ""
    lazy = "" if "loading=" in found[0] else ' loading="lazy"'
    return f"{found[0]}{size}{lazy}"


def _size(picture: Path) -> tuple[float, float]:
    """Width and height in pixels, as far as they can be told; -1 where not."""
    if picture.suffix != ".svg":
        return imagesize.get(picture)
    *_, width, height = map(float, ElementTree.parse(picture).getroot().get("viewBox", "-1 -1").split())
    return width, height


def _sheet(file: Path, static: Path) -> str:
    """A style sheet with those that it imports, its addresses as they are seen from the one sheet's folder."""
    text = file.read_text(encoding="utf-8")

    def moved(found: re.Match[str]) -> str:
        address = found[2].strip()
        if re.match(r"[a-z]+:|[#/]", address):
            return found[0]
        target = (file.parent / address).resolve()
        return f'url("../{target.relative_to(static.resolve()).as_posix()}")'

    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r"url\((['\"]?)([^'\")]+)\1\)", moved, text)
    return re.sub(
        r"@import\s+['\"]([^'\"]+)['\"]\s*;", lambda found: _sheet((file.parent / found[1]).resolve(), static), text
    )


def _finish(app: Sphinx, error: Exception | None) -> None:
    if error is None and app.builder.name == "html":
        lighten(Path(app.outdir))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx, after what else writes pages."""
    app.connect("build-finished", _finish, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
