"""A rubric: criteria with points, one printed line each, and the points as the cell's result.

nbgrader reads partial credit from a cell's result and nowhere else, gives 0 to a test cell that raises, and shows
a learner nothing but what the cell printed. So a criterion never raises, prints its own verdict, and
:meth:`Rubric.score` stands last in the cell.

A test cell needs nothing but what is here. The grader takes the rest from where it is:

- :mod:`.criteria`: a task's criteria, and its points.
- :mod:`.drawing`: the random numbers of a test, the same in every run.
- :mod:`.verdict`: what became of them, as programs read it.
- :mod:`.telling`: how a verdict is told, with :mod:`.explaining` for the error that a criterion met, :mod:`.origin` for
  who met it, and :mod:`.earlier` for what follows from criteria that failed.
- :mod:`.hidden` and :mod:`.sayable`: whether an answer may have seen hidden inputs, and what may be said then.
- :mod:`.listening` and :mod:`.doubting`: where the grader hears what is said, and says whether it was judged at all.
- :mod:`.wording`: the texts that are the same whatever the answer is.
"""

from functional_course.rubric.criteria import Rubric
from functional_course.rubric.verdict import MIME_TYPE, Points, Verdict

__all__ = ["MIME_TYPE", "Points", "Rubric", "Verdict"]
