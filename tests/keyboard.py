"""What a reader meets who has no mouse: which of a page's controls the Tab key leads to, and whether they show it."""

from __future__ import annotations

from typing import Any

from browsers import AT_ONCE

# Controls that somebody with a mouse can use; what takes the focus by a script alone (-1) is left out.
_MARK = """() => {
    const kinds = "a[href], button, input, select, textarea, summary, [tabindex]:not([tabindex='-1'])";
    const shown = [...document.querySelectorAll(kinds)].filter(each => !each.disabled
        && each.checkVisibility({visibilityProperty: true})
        && each.getBoundingClientRect().width > 0);
    shown.forEach((each, number) => {
        each.dataset.control = number;
        each.dataset.shadow = getComputedStyle(each).boxShadow;
    });
    return shown.map(each => each.outerHTML.slice(0, 100));
}"""

# Where the focus is, and whether anybody can see it there.
_FOCUSED = """() => {
    const one = document.activeElement;
    if (one === null || one === document.body) return null;
    const style = getComputedStyle(one);
    const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
    const marked = outlined || style.boxShadow !== (one.dataset.shadow ?? "none");
    const seen = one.checkVisibility({opacityProperty: true, visibilityProperty: true});
    return [one.dataset.control ?? "", marked && seen, one.outerHTML.slice(0, 120)];
}"""


def faults(browser: Any, address: str, size: tuple[int, int]) -> list[str]:
    """What the keyboard doesn't reach of a page, and where the focus can't be seen, a line each.

    Args:
        browser: Chromium, as Playwright drives it.
        address: of the page.
        size: width and height of the window, in CSS pixels.
    """
    tab = browser.new_page(viewport=dict(zip(("width", "height"), size, strict=True)))
    try:
        tab.goto(address)
        tab.add_style_tag(content=AT_ONCE)
        controls = tab.evaluate(_MARK)
        reached, found = set(), {}
        # Some show only when they have the focus, such as the link to the content: there are more stops than controls.
        for _ in range(2 * len(controls) + 20):
            tab.keyboard.press("Tab")
            focused = tab.evaluate(_FOCUSED)
            if focused is None:
                break
            number, visible, said = focused
            reached.add(number)
            if not visible:
                found[said] = f"the focus can't be seen on {said}"
    finally:
        tab.close()
    lost = (said for number, said in enumerate(controls) if str(number) not in reached)
    return [f"the keyboard doesn't reach {said}" for said in lost] + list(found.values())
