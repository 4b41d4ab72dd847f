"""nbgrader's settings for the course: solutions/ -> exercises/ -> submitted/ -> autograded/ -> feedback/."""

from functional_course.grading.gradebook.hiding import HideTests
from functional_course.grading.releasing.listing import ListTasks

from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor, TagRemovePreprocessor
from nbgrader import preprocessors as steps

c = get_config()  # noqa: F821  (nbgrader gives it)

c.CourseDirectory.course_id = "functional_course"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"

# --- generate_assignment ---------------------------------------------------------------------------------------------
# nbgrader's own steps, less InstantiateTests (it starts a kernel, and no test here asks for it), plus two: what only
# the instructor sees goes, and the notebook lists its tasks for `course check`.
c.TagRemovePreprocessor.enabled = True
c.TagRemovePreprocessor.remove_cell_tags = {"solution-only"}
c.GenerateAssignment.preprocessors = [
    steps.IncludeHeaderFooter,
    TagRemovePreprocessor,
    ListTasks,
    steps.LockCells,
    steps.ClearSolutions,
    steps.ClearOutput,
    steps.CheckCellMetadata,
    steps.ComputeChecksums,
    steps.SaveCells,
    steps.ClearHiddenTests,
    steps.ClearMarkScheme,
    steps.ComputeChecksums,
    steps.CheckCellMetadata,
]

# --- autograde -------------------------------------------------------------------------------------------------------
# A cell that imports TensorFlow takes longer than nbgrader's 30 s on a slow machine. Seconds a cell.
c.Execute.timeout = 180
c.Execute.interrupt_on_timeout = True
# Output on stderr is no mistake: without this, nbgrader gives 0 points to a test cell that has any.
c.IgnorePattern.enabled = True
c.IgnorePattern.pattern = r"[\s\S]"

# --- generate_feedback -----------------------------------------------------------------------------------------------
# Pages for learners show verdicts, messages and points, and not the text of the hidden tests.
c.GenerateFeedback.preprocessors = [steps.GetGrades, HideTests, CSSHTMLHeaderPreprocessor]

# --- course grade ----------------------------------------------------------------------------------------------------
# What an option of `course grade` sets for one run, a line here sets for every run: c.CourseGrade.memory = 4096 is
# --memory 4096, in MiB. The guide "Teach with the course" lists the settings; the course leaves each at its default.
