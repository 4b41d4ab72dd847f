"""nbgrader's part of grading a submission: its folders, its scores and its feedback pages."""
