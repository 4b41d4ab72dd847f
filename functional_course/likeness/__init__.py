"""``course likeness``: which answers of a class are alike, beyond what was given to all. No verdict."""
