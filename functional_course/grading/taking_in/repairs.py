"""What was put right, left out or refused in a submission: one plain sentence each to learner and teacher.

``python -m functional_course.grading.taking_in.repairs`` prints the catalogue as a table, to be read in one go.
"""

from __future__ import annotations

from dataclasses import dataclass

NOTE, REPAIRED, WAITING, SUSPICIOUS, REFUSED = "note", "repaired", "waiting", "suspicious", "refused"
"""How much a repair matters. What waits needs a teacher's points in formgrader.
Suspicious is what a teacher should look at; it may still be an accident."""


@dataclass(frozen=True)
class Repair:
    """Something about a submission that was put right, left out or refused.

    Attributes:
        kind: one word for programs.
        severity: ``note``, ``repaired``, ``waiting``, ``suspicious`` or ``refused``.
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


@dataclass(frozen=True)
class RepairKind:
    """A kind of repair in the catalogue: how much it matters, and what is said of it.

    ``{cell}`` in a sentence is the cell, the other words in braces are facts of the case.
    """

    kind: str
    severity: str
    learner: str
    teacher: str


_YET = "Your submission could not be scored yet; your teacher has been told."

CATALOGUE: dict[str, RepairKind] = {
    # Of a submission's files.
    "folder-missing": RepairKind(
        "folder",
        NOTE,
        "Your submission could not be opened: it {reason}. {advice}",
        "The submission's folder (or one on the way to it) {reason}; nothing in it was read.",
    ),
    "folder": RepairKind(
        "folder",
        REFUSED,
        "Your submission could not be opened: it {reason}. {advice}",
        "The submission's folder (or one on the way to it) {reason}; nothing in it was read.",
    ),
    "failed": RepairKind(
        "failed",
        REFUSED,
        "`{notebook}.ipynb` could not be taken in; your teacher has been told.",
        "Taking in `{notebook}.ipynb` failed ({error}). This is a fault of the grader: please report it. The released "
        "notebook was graded without answers.",
    ),
    "missing": RepairKind(
        "missing",
        NOTE,
        "There was no `{notebook}.ipynb` in what you handed in, so it was graded without answers.",
        "There was no `{notebook}.ipynb`; the released notebook was graded without answers, 0 points.",
    ),
    "missing-but-near": RepairKind(
        "missing",
        REFUSED,  # perhaps it is there, but only a person finds it
        "There was no `{notebook}.ipynb` in what you handed in, so it was graded without answers. If it is in "
        "`{place}`, hand in the notebook itself.",
        "There was no `{notebook}.ipynb`; the released notebook was graded without answers, 0 points. Look at "
        "`{place}`: it may be in there.",
    ),
    "unreadable": RepairKind(
        "unreadable",
        REFUSED,
        "`{label}` could not be graded: it {reason}. {advice}",
        "`{label}` {reason}; the released notebook was graded without answers, 0 points.",
    ),
    "renamed": RepairKind(
        "renamed",
        REPAIRED,
        "Your file `{label}` was graded as `{notebook}.ipynb`.",
        "`{label}` was taken as `{notebook}.ipynb`, by its {by}.",
    ),
    "several-files": RepairKind(
        "several-files",
        REPAIRED,
        "You handed in more than one file for `{notebook}`; `{label}` was graded, and {listed} was not.",
        "There was more than one file for `{notebook}`; `{label}` was graded, and {listed} was not.",
    ),
    "hard-link": RepairKind(
        "hard-link",
        NOTE,
        "`{label}` has more than one name on the disk; it was read as it is.",
        "`{label}` is a hard link: the file has {links} names on the disk. It was read as it is.",
    ),
    "timestamp": RepairKind(
        "timestamp",
        REPAIRED,
        "The file with the time of your submission could not be read; your answers were graded anyway.",
        "`timestamp.txt` {reason}; the time of the submission is not known, and no lateness was counted.",
    ),
    "files": RepairKind(
        "files",
        NOTE,
        "Only the notebooks are graded; these other files were left out: {names}.{cut}",
        "Other files were left out: {names}.{cut}{linked}",
    ),
    # Of a notebook's cells.
    "cut-text": RepairKind(
        "cut-text",
        REFUSED,
        "{count:,} of your cells were left out, because a notebook may have {most:,} characters.",
        "{count:,} cells were left out, because a notebook may have {most:,} characters.",
    ),
    "encoding": RepairKind(
        "encoding",
        REPAIRED,
        "Your file {remark}; it was graded anyway.",
        "The file {remark}.",
    ),
    "format": RepairKind(
        "format",
        REPAIRED,
        "Your file {remark}; it was graded anyway.",
        "The file {remark}.",
    ),
    "cut": RepairKind(
        "cut",
        REPAIRED,
        "Your file {remark}; it was graded anyway.",
        "The file {remark}.",
    ),
    "kernel": RepairKind(
        "kernel",
        NOTE,
        "Your notebook asked for the kernel `{label}`; it was run with `{kernel}`, as released.",
        "The notebook asked for the kernel `{label}`; it was run with `{kernel}`.",
    ),
    "editor": RepairKind(
        "editor",
        NOTE,
        "What {editor} added to your notebook was left out; your answers were graded.",
        "The settings of {editor} were left out.",
    ),
    "other-chapter": RepairKind(
        "other-chapter",
        REPAIRED,
        "Your file says that it belongs to `{label}`; what belongs to `{chapter}` was graded.",
        "The file says that it belongs to `{label}`; what belongs to `{chapter}` was graded.",
    ),
    "retagged": RepairKind(
        "retagged",
        REPAIRED,
        "The cell `{cell}` had another cell's name; it was recognised by its text.",
        "The cell `{cell}` had the grade id `{other}`; it was recognised by its text.",
    ),
    "cell-type": RepairKind(
        "cell-type",
        REPAIRED,
        "The cell `{cell}` was no longer a code cell; it was put back.",
        "The cell `{cell}` was no longer a code cell; it was put back.",
    ),
    "order": RepairKind(
        "order",
        REPAIRED,
        "The cells were in a different order; they were put back into the released order.",
        "The cells were in a different order; they were put back into the released order.",
    ),
    "copied-cell": RepairKind(
        "copied-cell",
        REPAIRED,
        "Some of the notebook's own cells were in it more than once; each counts only once: {names}.",
        "Released cells were in the notebook more than once; each counts only once: {names}.",
    ),
    "changed-given": RepairKind(
        "changed-given",
        NOTE,
        "You changed the given cell `{cell}`, so the original ran first, and then yours.",
        "The given cell `{cell}` had a different text, so the original ran first, and then the learner's.",
    ),
    "changed-test": RepairKind(
        "changed-test",
        SUSPICIOUS,
        "The text of the test cell `{cell}` had changed; the released text was used. Put your own code "
        "into cells of your own.",
        "The test cell `{cell}` had a different text; the released one was used. Editors such as Colab do"
        " not lock cells, so it may be an accident.",
    ),
    "changed-locked": RepairKind(
        "changed-locked",
        REPAIRED,
        "The text of the given cell `{cell}` had changed; the released text was used. Put your own code "
        "into cells of your own.",
        "The read-only cell `{cell}` had a different text; the released one was used.",
    ),
    "added-to-cell": RepairKind(
        "added-to-cell",
        REPAIRED,
        "What you added to the given cell `{cell}` was run in a cell of its own.",
        "The cell `{cell}` had more text than the released one; the added text was run in a cell of its own.",
    ),
    "points": RepairKind(
        "points",
        SUSPICIOUS,
        "The points of the cell `{cell}` had changed; the released ones count.",
        "The points of the cell `{cell}` were {told} instead of {released}; the released ones count.",
    ),
    "settings": RepairKind(
        "settings",
        SUSPICIOUS,
        "The grader's settings for the cell `{cell}` had changed ({words}); the released ones were used.",
        "The settings for the cell `{cell}` had changed ({words}); the released ones were used.",
    ),
    "tag": RepairKind(
        "tag",
        SUSPICIOUS,
        "The test cell `{cell}` was tagged not to run; it was run anyway.",
        "The test cell `{cell}` was tagged `skip-execution`; it was run anyway.",
    ),
    "added-points": RepairKind(
        "added-points",
        SUSPICIOUS,
        "The cell `{cell}` is not part of this notebook, so it earns no points.",
        "There was a graded cell `{cell}` that was never released; it earns no points.",
    ),
    "answer-type": RepairKind(
        "cell-type",
        REPAIRED,
        "Your answer `{cell}` was in a {type} cell; it was run as code.",
        "The answer `{cell}` was in a {type} cell, which was turned back into a code cell.",
    ),
    "copied-answer": RepairKind(
        "copied-answer",
        REPAIRED,
        "There was more than one copy of the cell `{cell}`; the last one was graded.",
        "There was more than one copy of the answer `{cell}`; the last one was graded.",
    ),
    "split": RepairKind(
        "split",
        REPAIRED,
        "Your answer `{cell}` was split into several cells; they were joined.",
        "The answer `{cell}` was split into several cells; they were joined.",
    ),
    "found-by-name": RepairKind(
        "found-by-name",
        REPAIRED,
        "Your answer `{cell}` was in a different cell; it was found by the names that it defines.",
        "The answer `{cell}` was found in a different cell, by the names that it defines.",
    ),
    "merged": RepairKind(
        "merged",
        REPAIRED,
        "Your answer `{cell}` was in the cell `{home}`; it was graded from there.",
        "The answer `{cell}` was in the cell `{home}`; it was graded from there.",
    ),
    "missing-answer": RepairKind(
        "missing-answer",
        REPAIRED,
        "These cells for answers were missing, and were graded as not answered: {names}.",
        "Cells for answers were missing, and were graded as not answered: {names}.",
    ),
    "restored": RepairKind(
        "restored",
        REPAIRED,
        "These cells were missing, and were put back: {names}.",
        "Released cells were missing, and were put back: {names}.",
    ),
    "tags-lost": RepairKind(
        "tags-lost",
        REPAIRED,
        "The cells had lost the grader's names; they were recognised by their text and by what they define.",
        "The cells had lost nbgrader's metadata; they were recognised by their text and by what they define.",
    ),
    "cut-answer": RepairKind(
        "cut-answer",
        REFUSED,
        "Your answer `{cell}` was left out, because a notebook may have {most:,} characters of code.",
        "The answer `{cell}` has {length:,} characters and was left out, because a notebook may have {most:,}.",
    ),
    "cut-cells": RepairKind(
        "cut-cells",
        REFUSED,
        "{count:,} of the cells that you added were left out, because a notebook may have {most_cells} of "
        "them and {most:,} characters of code.",
        "{count:,} added cells were left out; {most_cells} cells and {most:,} characters are kept.",
    ),
    # Of its execution, its scores and its pages.
    "ended": RepairKind("ended", REPAIRED, "{label}: {text}", "{label} was left out and the rest graded: {text}"),
    "trouble": RepairKind(
        "trouble",
        REFUSED,
        "Your notebook could not be graded as it is: {why}. Run it from top to bottom.",
        "No test was judged: {why}.",
    ),
    "unjudged": RepairKind(
        "unjudged", REPAIRED, "`{answer}` could not be judged: {text}", "`{answer}` could not be judged: {text}"
    ),
    "provisional": RepairKind(
        "provisional",
        WAITING,
        "Your teacher looks at this one: `{cell}` could not be judged safely. Until then it counts {points:g} of "
        "{most:g} points.",
        "`{cell}` could not be judged safely. Until then it counts {points:g} of {most:g} points; formgrader shows it "
        "among the cells to grade by hand.",
    ),
    "no-name": RepairKind(
        "unscored",
        REFUSED,
        _YET,
        "The name of this student's folder in submitted/ {why}. Rename the folder, and run the command again.",
    ),
    "not-taken-in": RepairKind(
        "unscored",
        REFUSED,
        _YET,
        "This submission could not be taken in: {why}. It has no score; the rest of the class was graded. Look at its "
        "files, because ordinary notebooks need a hundredth of that.",
    ),
    "unscored": RepairKind(
        "unscored",
        REFUSED,
        _YET,
        "nbgrader could not score this submission ({why}). Run the command again, and if it says the same, look at "
        "this student's folders.",
    ),
    "simpler-pages": RepairKind(
        "simpler-pages",
        REPAIRED,
        "",
        "The feedback pages were made without {without}: {why}. The scores are not affected.",
    ),
}
"""What may be noted of a submission. Most are called as their kind; several entries may be of one. What is said to
nobody is empty."""


def noted(entry: str, notebook: str = "", cell: str = "", **facts: object) -> Repair:
    """A repair of the catalogue.

    Args:
        entry: its name there.
        notebook: the released notebook that it is about; empty for the folder.
        cell: the grade id, or what else the cell is called.
        facts: what stands in braces in its sentences.
    """
    about = CATALOGUE[entry]
    learner, teacher = (
        sentence.format(notebook=notebook, cell=cell, **facts) for sentence in (about.learner, about.teacher)
    )
    return Repair(about.kind, about.severity, notebook, cell, learner, teacher)


def as_table() -> str:
    """The catalogue as a table in Markdown, what matters most first."""
    order = (REFUSED, SUSPICIOUS, WAITING, REPAIRED, NOTE)
    lines = ["| entry | kind | severity | to the learner | to the teacher |", "|---|---|---|---|---|"]
    for name, about in sorted(CATALOGUE.items(), key=lambda item: order.index(item[1].severity)):
        lines.append(f"| {name} | {about.kind} | {about.severity} | {about.learner or '–'} | {about.teacher or '–'} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(as_table(), end="")
