"""Answers in the forms in which people write them; README.md says how they are kept."""
