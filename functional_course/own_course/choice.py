"""``course.yml``: which chapters and notebooks a teacher uses, which tasks are left out, and which get other points."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import yaml

FILE = "course.yml"
MOST_POINTS = 1000
"""A cell's result is shown with six digits, and more points with two decimals would need more."""

_POINTS = re.compile(r"\d+(?:\.\d{1,2})?")

_HEAD = """\
# The exercises that your course uses. After a change, run `course init .` in this folder.
#
# Take out the lines of a chapter or a notebook that you don't use, and put them back to use it again. Below a notebook,
# `drop: [task, task]` leaves tasks out and `points: {task: 8}` gives tasks other points. The comments say which tasks
# there were, with their points, when this file was made.

chapters:
"""

Offered = Mapping[str, Mapping[str, Mapping[str, float]]]
"""What the course has: by chapter and notebook, the points of each task."""


class ChoiceError(ValueError):
    """``course.yml`` asks for what there is not. The message says what, in which line, and what to write instead."""


@dataclass(frozen=True)
class NotebookChoice:
    """What a teacher wants of one notebook.

    Attributes:
        drop: the tasks that are left out.
        points: what tasks are worth, of those that get other points.
        line: the line of the file that names the notebook.
    """

    drop: tuple[str, ...] = ()
    points: Mapping[str, float] = field(default_factory=dict)
    line: int = 0


Choices = dict[str, dict[str, NotebookChoice]]
"""By chapter and notebook."""


def written(offered: Offered, chapters: Iterable[str] = ()) -> str:
    """The text of a ``course.yml`` that uses chapters as they are.

    Args:
        offered: what the course has.
        chapters: which to use; all if left out.

    Raises:
        ChoiceError: there is no such chapter.
    """
    chosen = set(chapters) or set(offered)
    for chapter in sorted(chosen - set(offered)):
        raise ChoiceError(f"There is no chapter {chapter}. {_instead(chapter, offered, 'The chapters are')}")
    lines = []
    for chapter in sorted(chosen):
        lines.append(f"  {chapter}:")
        for notebook, tasks in offered[chapter].items():
            lines += [f"    {notebook}:", *_listed(tasks)]
    return _HEAD + "\n".join(lines) + "\n"


def _listed(tasks: Mapping[str, float]) -> Iterator[str]:
    line = "      #"
    for place, (task, points) in enumerate(tasks.items()):
        part = f" {task} {points:g}" + ("," if place < len(tasks) - 1 else "")
        if len(line) + len(part) > 120:
            yield line
            line = "      #"
        line += part
    yield line


def read_choices(path: Path, offered: Offered) -> Choices:
    """Read a ``course.yml``.

    Args:
        path: the file.
        offered: what the course has.

    Raises:
        ChoiceError: it can't be read, or as :func:`choices_in` says.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ChoiceError(f"{path.name} can't be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ChoiceError(f"{path.name} is not UTF-8 (byte {error.start}). Save it as UTF-8.") from error
    return choices_in(text, offered)


def choices_in(text: str, offered: Offered) -> Choices:
    """What the text of a ``course.yml`` chooses.

    Args:
        text: of the file.
        offered: what the course has.

    Raises:
        ChoiceError: it is no YAML, or asks for a chapter, a notebook, a task or points that there can't be.
    """
    try:
        # Nodes know their lines, and a name in them is a text even if it looks like a number.
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        said = getattr(error, "problem", None) or str(error)
        raise ChoiceError(f"{FILE}{where} is no YAML: {said}. Look at the indentation and the colons.") from error
    return _Reader(offered).choices(root)


class _Reader:
    """Reads the nodes of one file."""

    def __init__(self, offered: Offered) -> None:
        self._offered = offered

    def choices(self, root: yaml.Node | None) -> Choices:
        if root is None:
            raise ChoiceError(f"{FILE} is empty. It needs `chapters:`, and below it the chapters that you use.")
        chapters: yaml.Node | None = None
        for key, value in self._pairs(root, "the file", "chapters"):
            self._known(key, ("chapters",), "The one key here is")
            chapters = value
        found: Choices = {}
        for key, value in self._pairs(chapters, "`chapters`", "01_sequential_vs_functional"):
            notebooks = self._offered[self._known(key, self._offered, "The chapters are", "chapter ")]
            found[key.value] = dict(self._notebooks(key.value, value, notebooks))
            if not found[key.value]:  # the chapter alone means all of it
                found[key.value] = {name: NotebookChoice(line=_line(key)) for name in notebooks}
        if not found:
            raise ChoiceError(f"{FILE} names no chapter. Write one below `chapters:`, with a colon after it.")
        return found

    def _notebooks(
        self, chapter: str, node: yaml.Node, notebooks: Mapping[str, Mapping[str, float]]
    ) -> Iterator[tuple[str, NotebookChoice]]:
        for key, value in self._pairs(node, chapter, "build"):
            tasks = notebooks[self._known(key, notebooks, f"{chapter} has", "notebook ")]
            place = f"{chapter}/{key.value}"
            drop: tuple[str, ...] = ()
            points: dict[str, float] = {}
            for what, content in self._pairs(value, place, "drop"):
                self._known(what, ("drop", "points"), "Below a notebook there can be")
                if what.value == "drop":
                    drop = tuple(self._dropped(content, place, tasks))
                else:
                    points = dict(self._weighed(content, place, tasks))
            for task in sorted(set(drop) & set(points)):
                self._refuse(value, f"{task} in {place} is under `drop` and under `points`. Take one of them out.")
            if set(drop) >= set(tasks):
                self._refuse(key, f"no task of {place} is left. Take out the notebook's lines instead.")
            yield key.value, NotebookChoice(drop, points, _line(key))

    def _dropped(self, node: yaml.Node, place: str, tasks: Mapping[str, float]) -> Iterator[str]:
        if _is_empty(node):
            return
        items = node.value if isinstance(node, yaml.SequenceNode) else [node]
        for item in items:
            if not isinstance(item, yaml.ScalarNode):
                self._refuse(item, f"`drop` of {place} takes the names of tasks, as in `drop: [{next(iter(tasks))}]`.")
            yield self._known(item, tasks, f"{place} has", "task ")

    def _weighed(self, node: yaml.Node, place: str, tasks: Mapping[str, float]) -> Iterator[tuple[str, float]]:
        for key, value in self._pairs(node, f"`points` of {place}", next(iter(tasks))):
            task = self._known(key, tasks, f"{place} has", "task ")
            text = value.value if isinstance(value, yaml.ScalarNode) else ""
            if not _POINTS.fullmatch(text) or not 0 < float(text) <= MOST_POINTS:
                self._refuse(
                    value,
                    f"{task} in {place} can't be worth {text or 'that'}. Points are a number above 0, with at most two "
                    f"decimals and at most {MOST_POINTS}. To leave the task out, name it under `drop`.",
                )
            yield task, float(text)

    def _pairs(self, node: yaml.Node | None, where: str, example: str) -> Iterator[tuple[yaml.ScalarNode, yaml.Node]]:
        if node is None or _is_empty(node):
            return
        if not isinstance(node, yaml.MappingNode):
            self._refuse(node, f"below {where} there are names with a colon after them, such as `{example}:`.")
        seen: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._refuse(key, f"below {where} there are names with a colon after them, such as `{example}:`.")
            if key.value in seen:
                self._refuse(key, f"{key.value} is there twice below {where}. Put what you want of it in one place.")
            seen.add(key.value)
            yield key, value

    def _known(self, node: yaml.ScalarNode, known: Iterable[str], list_begins: str, what: str = "") -> str:
        if node.value not in known:
            self._refuse(node, f"there is no {what}{node.value}. {_instead(node.value, known, list_begins)}")
        return str(node.value)

    def _refuse(self, node: yaml.Node, why: str) -> NoReturn:
        raise ChoiceError(f"{FILE}, line {_line(node)}: {why}")


def _instead(name: str, known: Iterable[str], list_begins: str) -> str:
    near = difflib.get_close_matches(name, list(known), 1)
    return f"Did you mean {near[0]}?" if near else f"{list_begins} {', '.join(known)}."


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _is_empty(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"
