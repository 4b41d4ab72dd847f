"""What the course adds to nbgrader. Imports nbgrader, so only a teacher's installation has it."""
