"""Take the marks off code that look like no mark: names, brackets and spaces in the colour that the code has anyway.

Pygments marks every token, and styles give half of them the colour of the text around them. A browser lays out each
mark, and on a page with much code marks are most of what it has to lay out.
"""

from __future__ import annotations

import re

_RULE = re.compile(r"(?P<selectors>[^{}]+)\{(?P<declarations>[^{}]*)\}")
_BLOCK = re.compile(r"<pre>.*?</pre>", re.DOTALL)
_MARK = re.compile(r'<span class="(?P<token>\w+)">(?P<text>[^<]*)</span>')
_COLOUR = re.compile(r"(?:^|;)\s*color\s*:\s*([^;]+)")


def plain_tokens(sheet: str) -> set[str]:
    """Pygments' classes that a style sheet mentions, and to which it gives nothing but the colour of the code around.

    Args:
        sheet: a style sheet in which ``.highlight`` has a colour in each theme.
    """
    around: dict[str, str] = {}
    tokens: dict[str, list[tuple[str, str]]] = {}
    for rule in _RULE.finditer(sheet):
        for selector in rule["selectors"].split(","):
            theme, _, token = selector.strip().partition(".highlight")
            if not token.strip():
                found = _COLOUR.search(rule["declarations"])
                around[theme] = found[1].strip() if found else around.get(theme, "")
            elif re.fullmatch(r" \.\w+", token):
                tokens.setdefault(token.removeprefix(" ."), []).append((theme, rule["declarations"].strip()))
    return {
        token
        for token, rules in tokens.items()
        if all(around.get(theme) and declared == f"color:{around[theme]}" for theme, declared in rules)
    }


def without_marks(page: str, tokens: set[str]) -> str:
    """A page whose code has no marks for these classes."""

    def unmarked(block: re.Match[str]) -> str:
        return _MARK.sub(lambda mark: mark["text"] if mark["token"] in tokens else mark[0], block[0])

    return _BLOCK.sub(unmarked, page)
