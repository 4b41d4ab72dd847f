"""Who in the course the users of Canvas or Moodle are, from a table that the system exports.

A number decides, and the name beside it has to be that of the same user: a group's number may be a user's as well.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from functional_course.grading.exporting.rosters import (
    CANVAS_NUMBER,
    WORKSHEET_NAMES,
    RosterError,
    is_worksheet,
    moodle_columns,
    normalized,
    number_in,
    table,
)
from functional_course.lms.names import Handed


@dataclass(frozen=True)
class Person:
    """A user, as the roster has them.

    Attributes:
        learner: their id in the course.
        name: what they are called.
        number: the system's number for them.
    """

    learner: str
    name: str
    number: str


class People:
    """Finds the course's id of whoever handed in a file.

    Args:
        known: everybody in the roster.
    """

    def __init__(self, known: Sequence[Person]) -> None:
        known = list(dict.fromkeys(known))  # somebody in two sections has two rows
        self._by_number: dict[str, list[Person]] = {}
        for person in known:
            self._by_number.setdefault(person.number, []).append(person)
        self._with_id = Counter(person.learner.casefold() for person in known)

    def __call__(self, handed: Handed) -> str:
        """The id.

        Raises:
            LookupError: saying why there is none.
        """
        there = self._by_number.get(handed.number, [])
        if not there:
            raise LookupError("isn't in the roster")
        found = [person for person in there if normalized(handed.person) in _ways_to_say(person.name)]
        if not found:
            raise LookupError(
                f"has the number of {there[0].name} in the roster, but another name: a group's, or a new one? "
                "Export the roster again"
            )
        if len(found) > 1 or self._with_id[found[0].learner.casefold()] > 1:
            raise LookupError("is of somebody whose number or id somebody else has as well")
        if not found[0].learner:
            raise LookupError("is of somebody who has no id in the roster")
        return found[0].learner

    @property
    def numbers(self) -> dict[str, str]:
        """From the numbers of all users to their ids."""
        return {number: people[0].learner for number, people in self._by_number.items()}


def canvas_people(roster: Path) -> People:
    """Canvas's users: by their SIS login or, where they have none, by Canvas's own number, as ``canvas-12``.

    Args:
        roster: a gradebook exported from Canvas.

    Raises:
        RosterError: it is something else.
    """
    header, *rows = table(roster)
    titles = [normalized(title) for title in header]
    names = [titles.index(title) for title in ("student", "lastname", "firstname") if title in titles]
    if not {"id", "section"} <= set(titles) or not names:
        raise RosterError(
            f"{roster} isn't a Canvas gradebook: it has no columns Student, ID and Section. In Canvas: Gradebook, "
            "Export, Export Entire Gradebook."
        )
    number = titles.index("id")
    login = titles.index("sisloginid") if "sisloginid" in titles else None
    return People(
        [
            Person(
                (login is not None and row[login]) or CANVAS_NUMBER + row[number],
                " ".join(row[place] for place in names),
                row[number],
            )
            for row in rows
            if row[number].isdecimal()  # Points Possible and its like have no number
        ]
    )


def moodle_people(roster: Path) -> People:
    """Moodle's users, by their username, email address or ID number, whichever the roster has first.

    Args:
        roster: the grading worksheet of the assignment: the numbers in the archive hold for this one alone.

    Raises:
        RosterError: it is something else, or doesn't say who is who.
    """
    header, *rows = table(roster)
    titles = [normalized(title) for title in header]
    ids = next((column for column in moodle_columns(header) if column is not None), None)
    if not is_worksheet(header):
        raise RosterError(
            f"{roster} isn't a grading worksheet: it has no columns Identifier, Grade and Last modified (grade). In "
            "Moodle, with English as its language: the assignment, its list of submissions, Download grading worksheet."
        )
    if ids is None or "fullname" not in titles:
        raise RosterError(f"{roster} doesn't say who is who: {WORKSHEET_NAMES}")
    key, name = titles.index("identifier"), titles.index("fullname")
    return People([Person(row[ids], row[name], number_in(row[key])) for row in rows])


PEOPLE = {"canvas": canvas_people, "moodle": moodle_people}
"""How each system's users are found."""


def _ways_to_say(name: str) -> set[str]:
    """A name as it may stand in an archive, without blanks: ``Doe, Jane``, ``Jane Doe`` and so on."""
    words = [normalized(word) for word in re.split(r"[\s,]+", name)]
    return {"".join(words[place:] + words[:place]) for place in range(len(words))}
