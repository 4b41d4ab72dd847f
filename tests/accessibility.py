"""What axe-core finds on a page in a real browser: WCAG 2.2 A and AA, and axe's own best practices.

https://github.com/dequelabs/axe-core/blob/develop/doc/rule-descriptions.md says what each rule asks for.
"""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from browsers import AT_ONCE

WIDE, PHONE = (1280, 900), (390, 844)
"""Widths and heights of windows, in CSS pixels."""

ASKED = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]

# The same on a phone, or in the other theme.
OF_COLOURS = ["color-contrast", "link-in-text-block"]

# Most of a lesson's elements are pieces of code, and looking at the colours under each takes most of the time. All of
# a class have one colour, so the first of a page stands for them.
_UNMARK_REPEATED_CODE = """() => {
    const seen = new Set();
    for (const piece of document.querySelectorAll(".highlight pre span[class]")) {
        const kind = piece.className + " in " + piece.closest("[class*=highlight-]")?.className;
        if (seen.has(kind)) piece.replaceWith(...piece.childNodes);
        seen.add(kind);
    }
}"""


def violations(browser: Any, address: str, scheme: str, size: tuple[int, int]) -> list[str]:
    """What a page does wrong, a line each: the rule and where.

    All rules are asked of the light theme in a wide window and on a phone, and in the dark those of colours, in a wide
    window.

    Args:
        browser: Chromium, as Playwright drives it.
        address: of the page.
        scheme: ``"light"`` or ``"dark"``, which a reader's system prefers.
        size: width and height of the window, in CSS pixels.

    Raises:
        ValueError: the page is shown in another theme, or axe looked at nothing.
    """
    rules: dict[str, Any] = {"runOnly": {"type": "tag", "values": ASKED}}
    if scheme == "dark":
        rules = {"runOnly": {"type": "rule", "values": OF_COLOURS}}
    elif size == PHONE:
        rules["rules"] = {name: {"enabled": False} for name in OF_COLOURS}
    tab = browser.new_page(color_scheme=scheme, viewport=dict(zip(("width", "height"), size, strict=True)))
    try:
        tab.goto(address)
        shown = tab.evaluate("document.documentElement.dataset.theme")
        if shown != scheme:
            raise ValueError(f"{address}: asked for the {scheme} theme; found {shown}")
        tab.add_style_tag(content=AT_ONCE)
        tab.evaluate(_UNMARK_REPEATED_CODE)
        said = Axe().run(tab, options={"resultTypes": ["violations"], **rules}).response
    finally:
        tab.close()
    if not said["passes"] and not said["violations"]:
        raise ValueError(f"{address}: axe found nothing to look at")
    found = [(each["id"], node) for each in said["violations"] for node in each["nodes"]]
    return [f"{rule} at {node['target']}: {node['html'][:200]}" for rule, node in found]
