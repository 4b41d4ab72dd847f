"""The ``course`` command: what learners, teachers and contributors call.

Nothing here imports Keras, nbformat or nbgrader before a command needs it, so that ``course --help`` answers at once.
"""

from __future__ import annotations

import sys

from functional_course import __version__
from functional_course.cli import classes, console, contributors, courses, experiments, learners

import click


class _Commands(click.Group):
    """The commands; what a course's own settings lack is said in a sentence, whichever command reads them."""

    def invoke(self, ctx: click.Context) -> object:
        from functional_course.own_course.repository import RepositoryError

        try:
            return super().invoke(ctx)
        except RepositoryError as error:
            console.refuse(str(error))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="course")
def main() -> None:
    """The Keras Functional API, a course: check your exercises, release them, execute the book."""
    # jsonschema, and so nbformat, compiles a grammar for international addresses when it is imported. No notebook has
    # any, and it takes longer than everything else that a command does before it begins.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # None: it can't be imported


for _command in (
    learners.check,
    learners.start,
    learners.progress,
    courses.init,
    courses.new_chapter,
    courses.release,
    classes.grade,
    classes.export,
    classes.collect,
    classes.give_back,
    classes.report_class,
    classes.likeness,
    contributors.notebooks,
    contributors.pretrain,
    contributors.convert_lite0,
    experiments.reproduce,
):
    main.add_command(_command)
