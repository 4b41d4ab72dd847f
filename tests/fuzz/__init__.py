"""Messages that no learner's side would send, against the judging side's end of the boundary.

``python -m tests.fuzz --seconds 600`` for a long run; ``tests/test_fuzz.py`` has a short one.
"""
