"""What Python text says about names and criteria, without running it."""
