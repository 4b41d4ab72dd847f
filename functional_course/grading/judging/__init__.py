"""One notebook executed and judged: tests in a process of their own, and what could not be judged safely."""
