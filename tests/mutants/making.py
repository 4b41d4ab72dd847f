"""The mutants of an answer: each operator at each of its places, none twice."""

from __future__ import annotations

import ast
import hashlib
import itertools
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mutants.operators import OPERATORS, Operator, changed

PER_OPERATOR = 2
"""At most so many mutants of one answer by one operator, spread over its places."""


@dataclass(frozen=True)
class Mutant:
    """One answer with one slip.

    Attributes:
        chapter: the chapter's folder.
        notebook: the notebook's name.
        task: the task.
        operator: the slip's kind.
        change: what was taken out and what was put in.
        source: the text of the answer's cell.
        told_by: words that name the fault.
    """

    chapter: str
    notebook: str
    task: str
    operator: str
    change: str
    source: str
    told_by: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What says which mutant it is, also when another operator or task is added."""
        return f"{self.chapter[:2]} {self.notebook} {self.task} · {self.operator} · {self.change}"


@dataclass(frozen=True)
class Uses:
    """What the test of a task does with one function of the answer.

    Attributes:
        hidden: how often hidden tests call it; what they never call can't be hard-coded unseen.
        can_change: whether it is given anything that a function can change.
    """

    hidden: int = 0
    can_change: bool = False


def mutants(
    chapter: str, notebook: str, task: str, answer: str, uses: Mapping[str, Uses], text: str
) -> Iterator[Mutant]:
    """The mutants of one answer, in the order of the catalogue.

    Args:
        chapter: the chapter's folder.
        notebook: the notebook's name.
        task: the task.
        answer: the instructor's.
        uses: what the test does with the answer's functions.
        text: what the task asks for, as learners read it.
    """
    tree = ast.parse(answer)
    before = ast.unparse(tree)
    seen = {before}
    keys: Counter[tuple[str, str]] = Counter()
    for operator in OPERATORS:
        made = []
        for changes in operator.of(tree):
            try:
                after = ast.unparse(ast.fix_missing_locations(changed(tree, changes)))
                compile(after, "mutant", "exec")
            except (SyntaxError, ValueError, TypeError, AttributeError):
                continue
            if after in seen or not _of_use(after, uses) or not _said(operator, before, after, text):
                continue
            seen.add(after)
            made.append(after)
        for source in _spread(made):
            change = _change(before, source)
            keys[operator.name, change] += 1
            if keys[operator.name, change] > 1:
                change += f" ({keys[operator.name, change]})"
            yield Mutant(chapter, notebook, task, operator.name, change, source, operator.told_by)


def _of_use(after: str, uses: Mapping[str, Uses]) -> bool:
    around = _wrapped(after)
    if not around:
        return True
    use = uses.get(around, Uses())
    return use.hidden > 0 if f"SHOWN_{around}" in after else use.can_change


def _said(operator: Operator, before: str, after: str, text: str) -> bool:
    if operator.only_if_said != "it":
        return operator.only_if_said in text
    old, new = (re.findall(r"""(['"])(.*?)\1""", each) for each in (before, after))
    changed_one = next((pair[0][1] for pair in zip(old, new, strict=True) if pair[0] != pair[1]), "")
    return re.search(rf"\b{re.escape(changed_one)}\b", text) is not None


def _wrapped(after: str) -> str:
    """The function around which something was written; empty if there is none."""
    found = re.search(r"def (\w+)\(\*given, \*\*named\)", after)
    return found.group(1) if found else ""


def _spread(made: list[str]) -> list[str]:
    if len(made) <= PER_OPERATOR:
        return made
    # By digest, so that a line more in an answer does not change the choice in all that follows.
    return sorted(made, key=lambda source: hashlib.sha256(source.encode()).digest())[:PER_OPERATOR]


def _change(before: str, after: str) -> str:
    """What was taken out and what was put in, with a few words around them."""
    old, new = (re.findall(r"\w+|\s+|[^\w\s]", text) for text in (before, after))
    if _wrapped(after):
        return f"around {_wrapped(after)}"
    same = list(itertools.takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
    begin = len(same)
    rest = zip(old[:begin:-1], new[:begin:-1], strict=False)
    end = len(list(itertools.takewhile(lambda pair: pair[0] == pair[1], rest)))
    parts = ("".join(part[max(begin - 8, 0) : len(part) - max(end - 4, 0)]) for part in (old, new))
    return " -> ".join(" ".join(part.split()) for part in parts)
