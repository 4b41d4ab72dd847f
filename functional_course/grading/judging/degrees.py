"""How doubtful the verdict on a test is; :mod:`functional_course.grading.judging.doubt` says what leads to each degree.

Imports neither Keras nor nbgrader: the process that runs the grader reads the degrees too.
"""

from __future__ import annotations

UNJUDGED = "unjudged"
"""The test met what did not come across."""

DOUBTFUL = "doubtful"
"""It may have failed because of what stands for the answer, or because it reaches into the learner's kernel."""

LENIENT = "lenient"
"""It passed, and looked at what an answer has changed, or may have."""
