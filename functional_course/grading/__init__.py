"""Release, take in, execute, score and report. Only what writes scores or releases imports nbgrader."""
