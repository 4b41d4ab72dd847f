"""What an error says, in a line for learners: without the stack, the nodes and the devices that TensorFlow adds."""

from __future__ import annotations

import re
from collections.abc import Iterator

_BOLD = re.compile(r"\x1b\[[0-9;]*m")
_ADDRESS = re.compile(r"(?: at)? 0x[0-9a-fA-F]{6,}")
_OF_TENSORFLOW = re.compile(
    r"\{\{(?:function_)?node |Graph execution error|Stack trace for op definition|in user code:"
)
_OF_ITS_STACK = re.compile(
    r'Graph execution error:|Detected at node |Stack trace for op definition|<stack traces unavailable>|File "|\[\['
    r"|in user code:|tf2xla conversion failed|Arguments received by |• |\[Op:"
)
_OF_ITS_NODES = re.compile(r"\s*(?:for '\{\{node [^']*'|\{\{\w*node [^}]*\}\}|\[Op:\w*\](?: name:.*)?)")
_CALLED = "Exception encountered when calling"
_MOST = 400


def said_by(error: object) -> str:
    """What an error says, in one line. Of TensorFlow's, the first line that says what was wrong.

    Args:
        error: an error, or its text.

    Example:

    >>> said_by("{{function_node __wrapped__AddV2}} Incompatible shapes: [2,3] vs. [3,2] [Op:AddV2] name: ")
    'Incompatible shapes: [2,3] vs. [3,2]'
    """
    # Where an object stands in memory is another place in each run.
    text = _ADDRESS.sub("", " ".join(lines_of(error)))
    return text if len(text) <= _MOST else text[: _MOST - 3] + "..."


def lines_of(error: object) -> list[str]:
    """The lines of what an error says that are for learners; Keras sets parts of them in bold, for a terminal."""
    text = _BOLD.sub("", str(error))
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not _OF_TENSORFLOW.search(text):
        return lines
    plain = list(_without_its_own(lines))
    if "in user code:" in text:  # after the stack, and after lines of code from it
        return plain[-1:]
    # Keras says first which layer it was.
    return plain[: 2 if plain and plain[0].startswith(_CALLED) else 1]


def _without_its_own(lines: list[str]) -> Iterator[str]:
    for line in lines:
        plain = _OF_ITS_NODES.sub("", line).strip()
        if plain and not _OF_ITS_STACK.match(line):
            yield plain
