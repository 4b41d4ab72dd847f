"""What later criteria of a task owe to those that failed: names that nobody made, and errors that were told."""

from __future__ import annotations

import re

from functional_course.rubric.origin import frames_of, is_of_the_test, names_made_in


class RestsOnEarlier(Exception):
    """In the place of an error that a test meets with for want of what it makes in a criterion that failed."""


class Earlier:
    """Remembers the criteria of one task that failed."""

    def __init__(self) -> None:
        self._errors: set[str] = set()
        self._unmade: set[str] = set()

    def failed(self, error: BaseException) -> None:
        """A criterion failed, so that names may be missing that the test gives from there on."""
        frames = frames_of(error)
        if frames:
            self._unmade |= names_made_in(frames[0])

    def missed(self, error: BaseException) -> bool:
        """Whether the test itself met with an error because it lacks what it makes in a criterion that failed."""
        return isinstance(error, NameError) and error.name in self._unmade and is_of_the_test(error)

    def unless_said_before(self, message: str) -> str:
        """What to say of an error: its message, or that it is the one of an earlier criterion."""
        # Keras numbers the layers that it names itself: a second call of one function names others.
        said = re.sub(r"_\d+", "", message)
        if said in self._errors:
            return "the same error as above"
        self._errors.add(said)
        return message
