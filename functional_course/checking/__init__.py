"""Check an exercise notebook for whoever works on it: what passes, what doesn't, and why. Needs no nbgrader."""

from functional_course.checking.check import check_notebook
from functional_course.checking.reading import answers_digest, read_exercise
from functional_course.checking.reports import Report, TaskReport
from functional_course.checking.verdicts import Result, result_of

__all__ = ["Report", "Result", "TaskReport", "answers_digest", "check_notebook", "read_exercise", "result_of"]
