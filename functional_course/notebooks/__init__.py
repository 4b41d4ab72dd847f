"""Notebook files: read one with care, execute it, bring it into the form in which the course stores it.

Nothing here imports Keras.
"""
