"""What must hold on every page of the site, as functions on HTML.

Each function returns a list of faults, one line each, that says the page and what is wrong on it; an empty list means
that all is well. They read files and change nothing, so that a test can plant a fault in a single page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

from bs4 import BeautifulSoup, Tag

# What a page may load from elsewhere. MathJax comes from a CDN, and only to pages with formulas.
ALLOWED_ORIGINS = ("https://cdn.jsdelivr.net/npm/mathjax@3/",)

# Attributes that make a browser fetch something when it shows the page (a link that is clicked is another matter).
FETCHED = {
    "audio": "src",
    "embed": "src",
    "iframe": "src",
    "img": "src",
    "object": "data",
    "script": "src",
    "source": "src",
    "video": "src",
}
FETCHED_LINKS = {"stylesheet", "icon", "preload", "modulepreload", "preconnect", "dns-prefetch", "prefetch"}

# Folders of a person or of a test run, that a published page must not show.
HOMES = ("home", "Users", "root")
MACHINE_PATH = re.compile(rf"(?<![\w.])(?:/(?:{'|'.join(HOMES)})/|[A-Z]:\\Users\\)[\w.-]+|/site-packages/|/pytest-of-")


@dataclass(frozen=True)
class Page:
    """A page of the built site.

    Args:
        site: the folder of the site.
        path: the page's path in it.
        soup: the parsed HTML.
    """

    site: Path
    path: Path
    soup: BeautifulSoup

    @classmethod
    def read(cls, site: Path, path: Path) -> Page:
        """Parse the page at ``site / path``."""
        return cls(site, path, BeautifulSoup((site / path).read_text(encoding="utf-8"), "html.parser"))

    @property
    def content(self) -> Tag:
        """The article without the theme's frame; the whole page if it has none (the search page)."""
        return self.soup.select_one("article.bd-article") or self.soup

    def fault(self, what: str) -> str:
        """One line for a report."""
        return f"{self.path.as_posix()}: {what}"


def read_pages(site: Path) -> list[Page]:
    """All pages of a site, except the one at its root, which only redirects.

    Args:
        site: the folder that holds ``index.html``.

    Returns:
        The parsed pages in the order of their paths.
    """
    paths = sorted(path.relative_to(site) for path in site.rglob("*.html"))
    return [Page.read(site, path) for path in paths if path.parts[0] != "_static" and path != Path("index.html")]


def _is_internal(target: str) -> bool:
    parts = urlsplit(target)
    return not parts.scheme and not parts.netloc


def broken_links(pages: list[Page]) -> list[str]:
    """Links, pictures, scripts and styles of the site itself that lead nowhere, anchors included."""
    ids = {page.site / page.path: {tag["id"] for tag in page.soup.find_all(id=True)} for page in pages}
    faults = []
    for page in pages:
        for tag in page.soup.find_all(["a", "img", "link", "script", "source", "iframe"]):
            target = tag.get("href") or tag.get("src")
            if not target or not _is_internal(target):
                continue
            address, anchor = urldefrag(target)
            address = unquote(urlsplit(address).path)
            file = ((page.site / page.path).parent / address).resolve() if address else page.site / page.path
            if file.is_dir():
                file = file / "index.html"
            if not file.is_relative_to(page.site.resolve()) or not file.is_file():
                faults.append(page.fault(f"{target} leads to no file of the site"))
            elif anchor and file in ids and unquote(anchor) not in ids[file]:
                faults.append(page.fault(f"{target} leads to no such place on its page"))
    return faults


def nameless_pictures(page: Page) -> list[str]:
    """Pictures that a screen reader can't say anything about: ``img`` without alt text, ``svg`` without a name."""
    faults = []
    for image in page.content.find_all("img"):
        if not (image.get("alt") or "").strip() and image.get("role") != "presentation":
            faults.append(page.fault(f"the picture {image.get('src', '')[:60]} has no alt text"))
    for picture in page.content.find_all("svg"):
        if picture.get("aria-hidden") == "true" or picture.find_parent("svg"):
            continue
        title = picture.find("title", recursive=False)
        named = picture.get("aria-label") or picture.get("aria-labelledby") or (title and title.get_text(strip=True))
        if picture.get("role") != "img" or not named:
            faults.append(page.fault('an inline SVG picture needs role="img" and a name (aria-label or title)'))
    return faults


def headings_out_of_order(page: Page) -> list[str]:
    """Anything but one h1, first, and no step that leaves out a level."""
    levels = [
        (int(tag.name[1]), tag.get_text(" ", strip=True)) for tag in page.content.find_all(re.compile("^h[1-6]$"))
    ]
    faults = []
    count = sum(level == 1 for level, _ in levels)
    if count != 1:
        faults.append(page.fault(f"the page has {count} headings of the first level, not one"))
    before = 0
    for level, text in levels:
        if level > before + 1:
            faults.append(page.fault(f"the heading {text[:40]!r} is h{level} after h{before}"))
        before = level
    return faults


def missing_frame(page: Page) -> list[str]:
    """What a screen reader needs to find its way: language, title, one main landmark, a way to skip to it."""
    faults = []
    if not page.soup.html or page.soup.html.get("lang") != "en":
        faults.append(page.fault('the page does not say its language (html lang="en")'))
    if not page.soup.title or not page.soup.title.get_text(strip=True):
        faults.append(page.fault("the page has no title"))
    mains = page.soup.find_all("main")
    if len(mains) != 1:
        faults.append(page.fault(f"the page has {len(mains)} main landmarks, not one"))
    if not page.soup.select('a[href^="#main"]'):
        faults.append(page.fault("the page has no link that skips to its content"))
    if not page.soup.select_one('meta[name="viewport"]'):
        faults.append(page.fault("the page does not fit a phone (no viewport)"))
    return faults


def unnamed_controls(page: Page) -> list[str]:
    """Links without words, folded text without a summary, headings of tables that are missing, and ids used twice."""
    faults = []
    for link in page.content.find_all("a", href=True):
        image = link.find("img")
        if not (link.get_text(strip=True) or link.get("aria-label") or (image and image.get("alt"))):
            faults.append(page.fault(f"the link to {link['href']} has no text"))
    for details in page.content.find_all("details"):
        summary = details.find("summary", recursive=False)
        if summary is None or not summary.get_text(strip=True):
            faults.append(page.fault("folded text (details) has no summary"))
    seen: set[str] = set()
    for tag in page.soup.find_all(id=True):
        if tag["id"] in seen:
            faults.append(page.fault(f"the id {tag['id']!r} is used twice"))
        seen.add(tag["id"])
    return faults


def external_requests(page: Page, allowed: tuple[str, ...] = ALLOWED_ORIGINS) -> list[str]:
    """What the browser would fetch from elsewhere when it shows the page, outside ``allowed``."""
    targets = [tag.get(FETCHED[tag.name]) for tag in page.soup.find_all(list(FETCHED))]
    targets += [tag.get("href") for tag in page.soup.find_all("link") if FETCHED_LINKS & set(tag.get("rel") or [])]
    targets += [tag.get("poster") for tag in page.soup.find_all("video")]
    targets += [tag.get("href") or tag.get("xlink:href") for tag in page.soup.find_all(["image", "use"])]
    for tag in page.soup.find_all(lambda tag: tag.has_attr("srcset") or tag.has_attr("imagesrcset")):
        # Addresses with what they are for, with commas in between: "small.png 1x, large.png 2x".
        several = tag.get("srcset") or tag.get("imagesrcset")
        targets += [each.split()[0] for each in several.split(",") if each.split()]
    styles = [tag.get_text() for tag in page.soup.find_all("style")]
    styles += [tag["style"] for tag in page.soup.find_all(style=True)]
    styles += [file.read_text(encoding="utf-8") for file in _stylesheets(page)]
    targets += [address for style in styles for address in _fetched_by_style(style)]
    return [
        page.fault(f"the page fetches {target} from elsewhere")
        for target in targets
        if target and urlsplit(target).netloc and not target.startswith(allowed)
    ]


def _stylesheets(page: Page) -> list[Path]:
    """The files of the site that style the page."""
    links = [tag.get("href") for tag in page.soup.find_all("link") if "stylesheet" in (tag.get("rel") or [])]
    files = [(page.site / page.path).parent / urlsplit(link).path for link in links if link and _is_internal(link)]
    return [file for file in files if file.is_file()]


def _fetched_by_style(style: str) -> list[str]:
    """The addresses in ``url(...)`` and ``@import "..."``."""
    style = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    found = re.findall(r"""url\(\s*(?:"([^"]*)"|'([^']*)'|([^)"']*))\s*\)|@import\s+(?:"([^"]*)"|'([^']*)')""", style)
    return ["".join(each).strip() for each in found]


def machine_paths(site: Path, *private: Path) -> list[str]:
    """Files of the site that name a folder of the machine that built it.

    Args:
        site: the folder of the site.
        private: folders that must not be named, besides what looks like somebody's home.
    """
    faults = []
    names = [str(path) for path in private]
    for file in sorted(site.rglob("*")):
        if file.suffix not in {".html", ".js", ".txt", ".ipynb", ".md", ".svg", ".css"} or not file.is_file():
            continue
        text = file.read_text(encoding="utf-8", errors="replace")
        found = [name for name in names if name in text]
        # The theme's own scripts may contain what looks like a path.
        if "_static" not in file.relative_to(site).parts:
            found += [match.group() for match in [MACHINE_PATH.search(text)] if match]
        faults += [f"{file.relative_to(site).as_posix()}: names {name}, a path of one machine" for name in found[:1]]
    return faults


def page_weight(page: Page) -> int:
    """Bytes that a first visit loads: the page, its styles, scripts and pictures, uncompressed.

    The icons stand in the styles. A page that shows one that isn't there makes a browser fetch a font of the theme,
    which only a browser tells.
    """
    files = {page.site / page.path}
    for tag in page.soup.find_all(["img", "script", "link"]):
        if tag.name == "link" and not FETCHED_LINKS & set(tag.get("rel") or []):
            continue
        target = tag.get("src") or tag.get("href")
        if target and _is_internal(target):
            files.add(((page.site / page.path).parent / urlsplit(target).path).resolve())
    return sum(file.stat().st_size for file in files if file.is_file())


def heavy_pages(pages: list[Page], budget: int) -> dict[Path, int]:
    """The pages that weigh more than ``budget`` bytes, with their weight."""
    weights = {page.path: page_weight(page) for page in pages}
    return {path: weight for path, weight in weights.items() if weight > budget}


def render_blocking(page: Page) -> list[str]:
    """What a browser loads before it shows anything of the page, besides one style sheet."""
    scripts = [
        tag["src"]
        for tag in page.soup.find_all("script", src=True)
        if not tag.has_attr("defer") and not tag.has_attr("async") and tag.get("type") != "module"
    ]
    sheets = [tag.get("href") for tag in page.soup.find_all("link") if "stylesheet" in (tag.get("rel") or [])]
    return [page.fault(f"nothing is shown before {each} is loaded") for each in [*scripts, *sheets[1:]]]


def unsized_pictures(page: Page) -> list[str]:
    """Pictures that move the text below them when they come, because the page doesn't say how large they are."""
    return [
        page.fault(f"the picture {image.get('src', '')[:60]} has no width and height")
        for image in page.soup.find_all("img")
        if not (image.has_attr("width") and image.has_attr("height"))
    ]


def faults(site: Path) -> list[str]:
    """All faults of a built site, by the checks above."""
    pages = read_pages(site)
    found = broken_links(pages)
    for page in pages:
        for check in (
            missing_frame,
            headings_out_of_order,
            nameless_pictures,
            unnamed_controls,
            external_requests,
            render_blocking,
            unsized_pictures,
        ):
            found += check(page)
    return found
