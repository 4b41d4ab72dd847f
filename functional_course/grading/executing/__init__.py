"""The processes in which cells run: how they are started and ended, what a cell may take, and what it shows."""
