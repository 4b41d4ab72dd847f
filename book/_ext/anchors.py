"""Sphinx extension: a Markdown link may lead to any place that a page marks, also one inside a table.

By itself, MyST finds headings only. Here ``[words](../evidence/page.ipynb#place)`` also finds ``<a id="place"></a>``,
which every viewer of notebooks understands and shows nothing of, a term of the glossary (``#term-embedding``), and a
heading by the name that the site gives it. A link to a place that no page marks is still refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

_MARK = re.compile(r'<a id="([\w-]+)">')


class KnownPlaces(SphinxTransform):
    """Tell MyST the places of a page before it looks for them."""

    default_priority = 870  # MyST's own transform has 879

    def apply(self, **_: object) -> None:
        """Add each place to the page's table: name -> (line, id, words that a link without its own would get)."""
        table = {place: (0, place, words) for place, words in marked_places(self.document)}
        for known in (getattr(self.document, "myst_slugs", None), self._of_the_book()):
            if known is not None:
                known.update(table)

    def _of_the_book(self) -> dict[str, tuple[int, str, str]]:
        return self.env.metadata[self.env.docname].setdefault("myst_slugs", {})


def marked_places(document: nodes.document) -> Iterator[tuple[str, str]]:
    """The places of a page: their ids, and their titles where they have one."""
    for node in document.findall():
        if isinstance(node, nodes.raw):
            for place in _MARK.findall(node.astext()):
                yield place, ""
        elif isinstance(node, nodes.term):
            for place in node["ids"]:
                yield place, node.astext()
        elif isinstance(node, nodes.section):
            for place in node["ids"]:
                yield place, node[0].astext()


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.add_transform(KnownPlaces)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
