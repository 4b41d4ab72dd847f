"""Which names the text of a learner's defines, told line by line; for the release's see :mod:`.scope`."""

from __future__ import annotations

import re

# A learner's text is read line by line and never parsed: Python's parser can be brought down by what it is given,
# and an answer with a slip in it still has a name.
_DEFINED = re.compile(r"(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)")
_ASSIGNED = re.compile(r"([*(\[]*[A-Za-z_]\w*(?:[ \t,*()\[\]]+[A-Za-z_]\w*)*[)\], \t]*)(?::[^=\n]*)?=(?!=)")
_ONLY_DEFINES = re.compile(r"(?:async[ \t]+def|def|class|import|from)[ \t]|[)\]}]")
_CALL = re.compile(r"\w[(\[]")
_LONGEST_LINE, _LONGEST_TEXT, _LONGEST_CHAIN = 300, 200_000, 8


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
    return [line[:_LONGEST_LINE] for line in text[:_LONGEST_TEXT].splitlines() if line and line[0] not in " \t#%!"]


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
