"""A report as one HTML page without scripts or anything from elsewhere. Texts of others are shown as text.

The pages are Jinja2 templates with autoescape: no text is HTML already, and nothing but a template writes markup.
"""

from __future__ import annotations

from typing import Any

from functional_course.grading.reporting.plain_text import LONGEST_TEXT, one_line, pieces

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

_HERE = "functional_course.grading.reporting"


def rendered(package: str, name: str, **values: Any) -> str:
    """A page from a template.

    Args:
        package: the package that the template lies in. It may extend ``layout.html``, which shows its block ``body``,
            or ``chapters.html``, which shows its block ``chapter`` for each of ``chapters``, and import from
            ``parts.html``, all of this package.
        name: the template.
        **values: what it shows; texts as they are.

    Raises:
        jinja2.UndefinedError: the template shows what there is not.
    """
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package, ""), PackageLoader(_HERE, "")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(one_line=one_line, pieces=pieces)
    environment.globals.update(longest_text=LONGEST_TEXT)
    return environment.get_template(name).render(values)
