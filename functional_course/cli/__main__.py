"""``python -m functional_course.cli``: the ``course`` command."""

from functional_course.cli import main

main()
