"""A report as one HTML page without scripts or anything from elsewhere. Texts of others are shown as text."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

LONGEST_MESSAGE = 400

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem }}
table {{ border-collapse: collapse; margin: 1.5rem 0 }}
caption {{ text-align: left; font-weight: bold; padding: .3rem 0 }}
th, td {{ text-align: left; vertical-align: top; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid #8886 }}
.bar {{ display: inline-block; height: .8em; background: #3b6ea5 }}
.warning {{ border-left: .3rem solid #c0392b; padding-left: .8rem; font-weight: bold }}
</style>
</head>
<body>
{body}
</body>
</html>
"""


def page(title: str, parts: Iterable[str]) -> str:
    """The whole page from its parts, which are HTML already."""
    return _PAGE.format(title=html.escape(plain(title)), body="\n".join(parts))


def plain(text: str, most: int = LONGEST_MESSAGE) -> str:
    """A text on one line without anything that a terminal would obey."""
    line = " ".join(text[: 4 * most].split())
    line = "".join(letter if letter.isprintable() else "?" for letter in line)
    return line if len(line) <= most else line[: most - 1] + "…"


def html_table(caption: str, titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of texts under a caption; caption and titles are ours, the cells are anybody's."""
    lines = [f"<table><caption>{caption}</caption>", f"<tr>{''.join(f'<th>{title}</th>' for title in titles)}</tr>"]
    lines += [f"<tr>{''.join(f'<td>{html_text(cell)}</td>' for cell in row)}</tr>" for row in rows]
    return "\n".join([*lines, "</table>"])


def html_text(text: str, most: int = 1000) -> str:
    """A text on one line as HTML, in which nothing but what stands between backticks is markup."""
    parts = html.escape(plain(text, most)).split("`")
    if len(parts) % 2 == 0:
        return "`".join(parts)
    return "".join(f"<code>{part}</code>" if place % 2 else part for place, part in enumerate(parts))
