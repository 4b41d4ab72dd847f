"""Instructor's answers changed the way learners go wrong, each of which the tests of its task should refuse."""
