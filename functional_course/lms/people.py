"""Who in the course the users of Canvas or Moodle are, from a table that the system exports.

A number decides, and the name beside it has to be that of the same user: a group's number may be a user's as well.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from functional_course.grading.rosters import (
    MOODLE_IDS,
    WORKSHEET_NAMES,
    RosterError,
    is_worksheet,
    moodle_columns,
    plain,
    table,
)
from functional_course.lms.names import Handed


@dataclass(frozen=True)
class Person:
    """A user, as the roster has them.

    Attributes:
        learner: their id in the course.
        name: what they are called.
        number: the system's number for them; None where the roster has none.
    """

    learner: str
    name: str
    number: str | None = None


class People:
    """Finds the course's id of whoever handed in a file.

    Args:
        known: everybody in the roster; None without one, where a user's number is their id.
    """

    def __init__(self, known: Sequence[Person] | None) -> None:
        self._known = known

    def __call__(self, readings: Sequence[Handed]) -> tuple[str, Handed]:
        """The id, and the reading of the file's name that holds.

        Args:
            readings: the ways in which the name can be read, at least one.

        Raises:
            LookupError: saying why there is none.
        """
        if self._known is None:
            found = [(handed.number, handed) for handed in readings]
        else:
            found = [
                (person.learner, handed) for handed in readings for person in self._known if _is_of(handed, person)
            ]
        if len(found) == 1:
            if not found[0][0]:
                raise LookupError("has no id in the roster")
            return found[0]
        if found and self._known is None:
            raise LookupError("can be read in two ways: give a roster, which says who is who")
        if found:
            raise LookupError("may be more than one person's in the roster")
        if any(handed.number == person.number for handed in readings for person in self._known or ()):
            raise LookupError("has the number of somebody in the roster, but another name: is it a group's?")
        raise LookupError("isn't in the roster")

    @property
    def everybody(self) -> set[str]:
        """All ids that are known."""
        return {person.learner for person in self._known or () if person.learner}


def canvas_people(roster: Path | None) -> People:
    """Canvas's users: by their SIS login or, where they have none or there is no roster, by Canvas's own number.

    Args:
        roster: a gradebook exported from Canvas.

    Raises:
        RosterError: it is something else.
    """
    if roster is None:
        return People(None)
    header, *rows = table(roster)
    titles = [plain(title) for title in header]
    names = [titles.index(title) for title in ("student", "lastname", "firstname") if title in titles]
    if not {"id", "section"} <= set(titles) or not names:
        raise RosterError(
            f"{roster} isn't a Canvas gradebook: it has no columns Student, ID and Section. In Canvas: Gradebook, "
            "Export, Export Entire Gradebook."
        )
    number = titles.index("id")
    login = titles.index("sisloginid") if "sisloginid" in titles else number
    people = (
        Person(row[login] or row[number], " ".join(row[place] for place in names), row[number])
        for row in rows
        if row[number].isdecimal()  # Points Possible and its like have no number
    )
    return People(list(dict.fromkeys(people)))


def moodle_people(roster: Path | None) -> People:
    """Moodle's users, by their username, email address or ID number, whichever the roster has first.

    Args:
        roster: the assignment's grading worksheet, which has the numbers of the archive; or grades or participants,
            whose names alone decide.

    Raises:
        RosterError: there is none, or it doesn't say who is who.
    """
    if roster is None:
        raise RosterError(
            "The numbers in Moodle's archive hold for one assignment alone, so a roster has to say whose they are. "
            "Give the assignment's grading worksheet with --roster FILE."
        )
    header, *rows = table(roster)
    titles = [plain(title) for title in header]
    ids = next((column for column in moodle_columns(header) if column is not None), None)
    names = [titles.index(title) for title in ("fullname", "firstname", "lastname", "surname") if title in titles]
    worksheet = is_worksheet(header)
    if worksheet and (ids is None or not names):
        raise RosterError(f"{roster} doesn't say who is who: {WORKSHEET_NAMES}")
    if ids is None or not names:
        raise RosterError(
            f"{roster} needs the columns First name and Last name, and one of {', '.join(MOODLE_IDS)}; it has "
            f"{', '.join(header[:8])}. In Moodle, in English: the assignment's grading worksheet."
        )
    people = (
        Person(
            row[ids],
            " ".join(row[place] for place in names),
            # "Participant 678", in whatever language
            re.sub(r"^.*?([0-9]*)$", r"\1", row[titles.index("identifier")]) if worksheet else None,
        )
        for row in rows
    )
    return People(list(dict.fromkeys(people)))


PEOPLE = {"canvas": canvas_people, "moodle": moodle_people}
"""How each system's users are found."""


def _is_of(handed: Handed, person: Person) -> bool:
    return person.number in (None, handed.number) and _letters(handed.person) == _letters(person.name)


def _letters(name: str) -> list[str]:
    """A name without its order, blanks and signs: the archive has it without blanks, the roster maybe turned round."""
    return sorted(plain(name))
