"""What a graded class says of the test: how each task did, and which answers are alike."""
