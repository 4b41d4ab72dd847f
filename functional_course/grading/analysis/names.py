"""Which names the text of a learner's defines, told line by line; for the release's see :mod:`.scope`.

The two have no mechanism in common, because :mod:`.scope` parses, and a learner's text is never parsed: Python's parser
can be brought down by what it is given. Nor would it help where it matters. A text with one slip in it has no tree, so
with a parser and this as a fallback, the names of an answer would be told in another way from the moment that somebody
forgot a bracket in another line. Told line by line, a slip costs its own line, and an answer still has a name.
"""

from __future__ import annotations

import re
from typing import Any

_DEFINED = re.compile(r"(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)")
_ASSIGNED = re.compile(r"([*(\[]*[A-Za-z_]\w*(?:[ \t,*()\[\]]+[A-Za-z_]\w*)*[)\], \t]*)(?::[^=\n]*)?=(?!=)")
_ONLY_DEFINES = re.compile(r"(?:async[ \t]+def|def|class|import|from)[ \t]|[)\]}]")
_CALL = re.compile(r"\w[(\[]")
_LONGEST_LINE, _LONGEST_TEXT, _LONGEST_CHAIN = 300, 200_000, 8

_CELL_MAGIC = re.compile(r"%%([\w!]+)(.*)")
_NO_PYTHON = frozenset(
    re.findall(
        r"\S+",
        "! HTML SVG bash cmd cython file html javascript js latex markdown perl pypy python python2 python3 R ruby "
        "script sh svg sx system timeit writefile",
    )
)
"""Cell magics whose cell is a program or a text of another kind, or binds nothing in the notebook."""

_KEPT_IN = re.compile(r"--(?:out|err|proc)(?:=|[ \t]+)([A-Za-z_]\w*)")
_CAPTURED_IN = re.compile(r"(?:[ \t]+--\S+)*[ \t]+([A-Za-z_]\w*)")
_RUN_HERE = re.compile(r"%(?:time|prun)[ \t]+(?:-\w+(?:[ \t]+\d+)?[ \t]+)*")
_CHANGES_NOTHING = re.compile(
    r"%(?:matplotlib|config|autosave|pip|conda|mamba|micromamba|uv|cd|ls|ll|pwd|mkdir|env|set_env|load_ext|reload_ext|"
    r"autoreload|who|whos|precision|xmode|tensorboard)\b"
)


def defined(text: str) -> frozenset[str]:
    """The names that the unindented lines of a text define as functions, classes or variables."""
    return functions(text) | variables(text)


def functions(text: str) -> frozenset[str]:
    """The functions and classes among them."""
    return frozenset(found[1] for line in _lines(text) if (found := _DEFINED.match(line)))


def variables(text: str) -> frozenset[str]:
    """The variables among them."""
    names: set[str] = set()
    for line in _lines(text):
        for _ in range(_LONGEST_CHAIN):
            found = _ASSIGNED.match(line)
            if not found or _CALL.search(found[1]):
                break
            names.update(re.findall(r"\w+", found[1]))
            line = line[found.end() :].lstrip()
    return frozenset(names)


def _lines(text: str) -> list[str]:
    """The unindented lines of Python: what IPython's magics run or bind stands there as if it were plain Python."""
    lines = _tidied(text[:_LONGEST_TEXT])
    for _ in range(_LONGEST_CHAIN):
        magic = _CELL_MAGIC.match(lines[0][:_LONGEST_LINE]) if lines else None
        if magic is None:
            break
        kept = kept_by(lines[0])
        lines = [] if magic[1] in _NO_PYTHON else _tidied("\n".join(lines[1:]))
        lines += ["pass"] if magic[1] == "timeit" else []  # it binds nothing, and yet it may train a model
        lines += [f"{name} = 0" for name in kept]
    found = []
    for line in lines:
        line = _RUN_HERE.sub("", line[:_LONGEST_LINE], count=1) if line.startswith("%") else line[:_LONGEST_LINE]
        if line and line[0] not in " \t#!?" and not _CHANGES_NOTHING.match(line):
            found.append(line)
    return found


def _tidied(text: str) -> list[str]:
    """The lines, without the indentation and the prompts that IPython takes off a cell before it runs it."""
    lines = text.splitlines(keepends=True)
    begins = text.lstrip()[:3]
    if text[:1].isspace() or begins in ("In ", ">>>", "..."):
        from IPython.core.inputtransformer2 import TransformerManager

        manager: Any = TransformerManager()  # whose lists hold what mypy takes for plain objects
        for tidy in manager.cleanup_transforms:
            lines = tidy(lines)
    return [line.rstrip("\r\n") for line in lines]


def kept_by(line: str) -> list[str]:
    """The names in which the magic of a whole cell keeps what the cell prints.

    Example:

    >>> kept_by("%%capture shown"), kept_by("%%bash --out listed"), kept_by("%%time")
    (['shown'], ['listed'], [])
    """
    magic = _CELL_MAGIC.match(line[:_LONGEST_LINE])
    if magic is None:
        return []
    captured = _CAPTURED_IN.match(magic[2]) if magic[1] == "capture" else None
    return [*_KEPT_IN.findall(magic[2]), *([captured[1]] if captured else [])]


def acts(text: str) -> bool:
    """Whether a text does more than define functions and classes: then it may change what earlier cells made.

    Example:

    >>> acts("def line():\\n    return 1"), acts("line.fit(x, y)")
    (False, True)
    """
    return any(not _ONLY_DEFINES.match(line) for line in _lines(text))


def mentions(text: str, names: frozenset[str]) -> bool:
    """Whether one of the names stands anywhere in a text."""
    return any(re.search(rf"\b{re.escape(name)}\b", text) for name in names)
