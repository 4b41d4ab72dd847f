"""How alike two answers are in what they do not share with the text of the task, the solution, or most of the class.

An answer is a bag of runs of three tokens, see :mod:`.tokens`. Runs that were given to all, or that the instructor's
answer has, count for nothing; the others are weighted by how few of the class have them (scikit-learn's TF-IDF), and
two answers are compared by the cosine. So an order of statements does not matter, nor what things are called, and a
habit that everybody has weighs little.

Why not copydetect (MIT, 0.5.0), which looks for this first of all. It writes every name as one letter, those of layers
too, and then compares runs of 25 characters: longer than most lines of these answers, so that a copy with its
statements in another order falls apart, while shorter runs are in every answer. ``benchmarks/likeness.py`` measures
both on the answers in ``tests/answers``, each against a copy of it with other names and other order, and all others
against each other. When this was chosen, with five answers a task, this here found 155 of 199 copies from a likeness
of 0.8 on, and listed 2 of 870 other pairs, both of them variants by one author. copydetect found as many copies, 169,
only from 0.5 on, where it listed 113 of the other pairs too; from 0.9 on it listed 21 and found 53.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass

from functional_course.likeness.answers import Answers
from functional_course.likeness.tokens import Gram, Line

from sklearn.feature_extraction.text import TfidfVectorizer

ALIKE = 0.8
"""From this likeness on a pair is listed."""

LEAST = 8
"""An answer with fewer runs of its own, given and solution aside, cannot be told from a copy."""

_SAME_LINE = 0.5


@dataclass(frozen=True)
class Pair:
    """Two answers to one task that are alike.

    Attributes:
        notebook: the notebook's name.
        task: the task's.
        first: one learner.
        second: the other one.
        likeness: the cosine, from 0 to 1.
        lines: the statements that are alike, side by side, in the order of the first.
    """

    notebook: str
    task: str
    first: str
    second: str
    likeness: float
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class TaskLikeness:
    """What can be told of one task.

    Attributes:
        notebook: the notebook's name.
        task: the task's.
        answers: how many answered.
        comparable: how many of them have enough of their own.
        pairs: those that are alike, the most alike first.
    """

    notebook: str
    task: str
    answers: int
    comparable: int
    pairs: tuple[Pair, ...]

    @property
    def can_tell(self) -> bool:
        """Whether there is anything to compare."""
        return self.comparable > 1


def compared(answers: Answers) -> TaskLikeness:
    """Compare the answers to one task, each with each."""
    given = grams_of(answers.given)
    expected = given | grams_of(answers.solution)
    by_student = {student: mine for student, mine in sorted(answers.by_student.items()) if grams_of(mine) - given}
    own = {student: [gram for gram in _all(mine) if gram not in expected] for student, mine in by_student.items()}
    comparable = [student for student, grams in own.items() if len(set(grams)) >= LEAST]
    pairs = []
    if len(comparable) > 1:
        # The runs are made already: the vectorizer only counts and weighs them.
        weights = TfidfVectorizer(analyzer=list, sublinear_tf=True).fit_transform(own.values())
        cosines = dict(zip(own, (weights @ weights.T).toarray(), strict=True))
        places = {student: place for place, student in enumerate(own)}
        for first, second in itertools.combinations(comparable, 2):
            likeness = round(float(cosines[first][places[second]]), 3)
            if likeness >= ALIKE:
                sides = side_by_side(by_student[first], by_student[second], expected)
                pairs.append(Pair(answers.notebook, answers.task, first, second, likeness, sides))
    pairs.sort(key=lambda pair: (-pair.likeness, pair.first, pair.second))
    return TaskLikeness(answers.notebook, answers.task, len(own), len(comparable), tuple(pairs))


def grams_of(statements: Iterable[Line]) -> set[Gram]:
    """The runs of tokens in some statements."""
    return set(_all(statements))


def side_by_side(first: Sequence[Line], second: Sequence[Line], given: Set[Gram]) -> tuple[tuple[str, str], ...]:
    """The statements that two answers have in common beyond what was given, each of them once."""
    left = [(line, set(line.grams) - given) for line in second]
    found = []
    for line in first:
        grams = set(line.grams) - given
        scores = [len(grams & theirs) / len(grams | theirs) if grams | theirs else 0.0 for _, theirs in left]
        best = max(range(len(left)), key=scores.__getitem__, default=None)
        if best is not None and scores[best] >= _SAME_LINE:
            found.append((line.text, left.pop(best)[0].text))
    return tuple(found)


def _all(statements: Iterable[Line]) -> Iterator[Gram]:
    return itertools.chain.from_iterable(line.grams for line in statements)
