"""From instructors' notebooks to those that learners get."""
