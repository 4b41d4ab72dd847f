"""Sphinx extension: what a page's head says of it, and doesn't load.

A page is described by its first paragraph, which search engines show. Jupyter Book brings sphinx-thebe, which runs
cells on a server that this book doesn't have; its scripts are left out, since they come in twice and the second ends
with an error on every page.
"""

from __future__ import annotations

import html
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

LONGEST = 160
"""Letters of a description. Search engines cut what is longer."""


def description(document: nodes.document) -> str:
    """The first paragraph of a page, cut after a word; empty if there is none."""
    paragraph = next(document.findall(nodes.paragraph), None)
    text = " ".join(paragraph.astext().split()) if paragraph else ""
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rpartition(" ")[0].rstrip(",;:") + "…"


def _head(app: Sphinx, page: str, template: str, context: dict[str, Any], document: nodes.document | None) -> None:
    for name in ("script_files", "css_files"):
        context[name] = [each for each in context.get(name, ()) if "thebe" not in _said(each)]
    if document is not None and (said := description(document)):
        context["metatags"] = (
            f'{context.get("metatags", "")}\n<meta name="description" content="{html.escape(said)}" />'
        )


def _said(file: Any) -> str:
    """A script's or a style's address and text."""
    body = getattr(file, "attributes", {}).get("body") or ""
    return f"{getattr(file, 'filename', None) or file} {body}".lower()


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to Sphinx, after what adds scripts."""
    app.connect("html-page-context", _head, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
