"""Sphinx extension: a link to a notebook that is no page of the book, such as an exercise, becomes a download.

The same Markdown link then works in Jupyter, on GitHub and in the book. By itself, MyST looks for a page and warns.
"""

from __future__ import annotations

from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx


def offer_downloads(app: Sphinx, doctree: nodes.document) -> None:
    """Turn links to notebooks outside the book into downloads; links to nothing stay, and are warned of."""
    for link in list(doctree.findall(addnodes.pending_xref)):
        name = f"{link.get('reftarget')}.ipynb"
        outside = link.get("refdomain") == "doc" and link["reftarget"] not in app.project.docnames
        if outside and (Path(app.srcdir) / name).is_file():
            download = addnodes.download_reference("", "", *link.children, reftarget=f"/{name}", refdoc=link["refdoc"])
            link.replace_self(download)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx, ahead of its own collection of downloads at the same event."""
    app.connect("doctree-read", offer_downloads, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
