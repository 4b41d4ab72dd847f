"""From what a learner handed in to a clean notebook: whose each cell is, who runs it, and what was put right."""
