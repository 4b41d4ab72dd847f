"""Which answers of a class are alike, beyond what was given to all: a reason to look, and no verdict."""
