"""What the course prints to a terminal: texts that others wrote are letters there, and neither commands nor markup."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import rich.console
from rich.segment import Segment
from rich.text import Text

# What a terminal does something for: control characters but line break and tab, with all of a sequence that ESC or
# its one-byte form begins, and what turns the direction of writing. Half a character cannot be written at all.
_SEQUENCE = re.compile(
    r"(?:\x1b\]|\x9d|\x1bP|\x90|\x1b[_^X]|[\x9e\x9f\x98])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|\x1b[ -/]*[0-~]?"
)
_ALONE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]")
_HALF = re.compile(r"[\ud800-\udfff]")


def without_controls(text: str) -> str:
    """A text without what a terminal would do rather than show.

    Example:

    >>> without_controls("a\\x1b[2Jb\\x1b]0;title\\x07c\\rd")
    'abcd'
    """
    return _HALF.sub("?", _ALONE.sub("", _SEQUENCE.sub("", text)))


class Console(rich.console.Console):
    """A console on which a text is a text: no markup, no emoji codes, no sequences that steer the terminal.

    Style comes by rich's own objects and arguments. All that is printed goes through here, titles of tables and
    names of progress bars too.
    """

    def render_str(self, text: str, **options: Any) -> Text:
        """A text as it stands."""
        return super().render_str(without_controls(text), **{**options, "markup": False, "emoji": False})

    def render(self, renderable: Any, options: rich.console.ConsoleOptions | None = None) -> Iterable[Segment]:
        """The pieces of anything; what steers the terminal is rich's own."""
        for segment in super().render(renderable, options):
            if segment.control or segment.text.isprintable():
                yield segment
            else:
                yield segment._replace(text=without_controls(segment.text))
