"""A piece of Python as lines of tokens in which names that a learner chose, texts, comments and layout do not show.

The lexer is Pygments' one: it takes what is no Python too. It still may take long, so that texts of learners are read
in a process with limits.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from pygments.lexers import PythonLexer
from pygments.token import Comment, Literal, Name, Text

SIZE = 3
"""Tokens in a row that are compared. Two are in every answer, and of five a copy with a changed number has fewer."""

MOST_LINES, LONGEST_TEXT = 400, 20_000
"""Of one answer. What is longer is cut: ordinary ones have a twentieth of that."""

_OWN_NAME, _OWN_TEXT = "V", "S"
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_WORD = re.compile(r"\w+")
_LEXER = PythonLexer()

Gram = tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """A statement, however many lines of text it takes.

    Attributes:
        text: as the learner wrote it, on one line.
        tokens: what is compared.
    """

    text: str
    tokens: tuple[str, ...]

    @property
    def grams(self) -> Iterator[Gram]:
        """The runs of :data:`SIZE` tokens; all tokens, if there are fewer. None goes from one statement to the next, so
        that their order does not matter."""
        for start in range(max(1, len(self.tokens) - SIZE + 1)):
            yield self.tokens[start : start + SIZE]


def words(texts: Iterable[str]) -> frozenset[str]:
    """The words of texts that were given to all: names of these, learners did not choose."""
    return frozenset(word for text in texts for word in _WORD.findall(text))


def lines(source: str, given: Collection[str]) -> list[Line]:
    """The statements of a piece of Python.

    A name that stands in nothing that was given becomes one and the same token, whatever it is called, and so does a
    text. What follows a dot stays: an attribute is the library's.

    Args:
        source: the text.
        given: words that learners did not choose.

    Example:

    >>> [line.tokens for line in lines("mine = layers.Dense(16)  # hm", {"layers"})]
    [('V', '=', 'layers', '.', 'Dense', '(', '16', ')')]
    """
    found: list[Line] = []
    tokens: list[str] = []
    parts: list[str] = []
    depth, before = 0, ""
    for kind, text in _LEXER.get_tokens(source[:LONGEST_TEXT]):
        if kind in Comment or kind in Literal.String.Doc:
            continue
        if kind in Text:
            parts.append(" ")
            if "\n" in text and not depth and tokens:
                found.append(_line(parts, tokens))
                tokens, parts, before = [], [], ""
            continue
        parts.append(text)
        depth = max(0, depth + (text in _OPENING) - (text in _CLOSING))
        token = _token(kind, text, before, given)
        if not (token == before == _OWN_TEXT):  # a quotation mark is a token of its own
            tokens.append(token)
        before = token
    if tokens:
        found.append(_line(parts, tokens))
    return found[:MOST_LINES]


def _line(parts: list[str], tokens: list[str]) -> Line:
    return Line(" ".join("".join(parts).split()), tuple(tokens))


def _token(kind: object, text: str, before: str, given: Collection[str]) -> str:
    if kind in Literal.String:
        return text if text in given else _OWN_TEXT
    if kind in Name and kind not in Name.Builtin and before != "." and text not in given:
        return _OWN_NAME
    return text
