"""The teacher's report of a run."""
