"""The Chromium or Chrome of this machine, for tests of what a reader sees."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

AT_ONCE = "*, *::before, *::after { transition: none !important; animation: none !important }"
"""A style for pages: a colour that is on its way to another is neither, and nobody looks at a page halfway."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def browser() -> str | None:
    """Where Chromium or Chrome is on this machine."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def lacking(**modules: str) -> str | None:
    """What the machine lacks for a test in a browser: the browser itself, Playwright, or another module by its name."""
    if browser() is None:
        return f"no Chromium: none of {', '.join(BROWSERS)} was found"
    for module, name in {**modules, "playwright": "Playwright"}.items():
        if importlib.util.find_spec(module) is None:
            return f"no {name}: pip install {module}"
    return None


@contextmanager
def started() -> Iterator[object]:
    """A browser without a window, as Playwright drives it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # Inside a container there is no sandbox for the browser; it opens pages of these tests alone.
        chromium = playwright.chromium.launch(executable_path=browser(), args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()
