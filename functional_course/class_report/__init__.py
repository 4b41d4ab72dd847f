"""``course report``: what a graded class says of the tasks, how hard each was and whom it told apart."""
