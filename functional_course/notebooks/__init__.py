"""Notebook files: read one with care, execute it, bring it into the form in which the course stores it.

Nothing here imports Keras.
"""

CELL_TIMEOUT = 120
"""Seconds that one cell may take, unless told otherwise."""
