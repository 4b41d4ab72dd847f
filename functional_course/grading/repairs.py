"""What was put right, left out or refused in a submission: one plain sentence each to learner and teacher."""

from __future__ import annotations

from dataclasses import dataclass

NOTE, REPAIRED, SUSPICIOUS, REFUSED = "note", "repaired", "suspicious", "refused"
"""How much a repair matters. Suspicious is what a teacher should look at; it may still be an accident."""


@dataclass(frozen=True)
class Repair:
    """Something about a submission that was put right, left out or refused.

    Attributes:
        kind: one word for programs.
        severity: ``note``, ``repaired``, ``suspicious`` or ``refused``.
        notebook: the released notebook that it is about; empty for the folder.
        cell: the grade id, or several with commas between them; empty for the file.
        learner: a sentence to the learner.
        teacher: a sentence to the teacher.
    """

    kind: str
    severity: str
    notebook: str
    cell: str
    learner: str
    teacher: str
