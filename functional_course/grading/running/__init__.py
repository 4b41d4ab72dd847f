"""The grading of a class: what is done in which order, what is remembered, and what resumes."""
