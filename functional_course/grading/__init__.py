"""From what a class hands in to its points, in rooms that CONTRIBUTING.md lists: each imports from earlier ones only.

What runs and judges a notebook (``analysis``, ``taking_in``, ``executing``, ``judging``) does without nbgrader.
"""
