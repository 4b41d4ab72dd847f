"""Sphinx extension: the buttons that need the course's public address follow from ``repository.url``.

Jupyter Book asks for each button by itself and stops when the address is missing. Here they come and go together, so
that the address stands in one place, ``_config.yml``, and an unpublished course has no dead link.
"""

from __future__ import annotations

from sphinx.application import Sphinx
from sphinx.config import Config

BUTTONS = {
    "use_repository_button": True,
    "use_edit_page_button": True,
    "use_issues_button": True,
    "launch_buttons": {
        "notebook_interface": "jupyterlab",
        "binderhub_url": "https://mybinder.org",
        "colab_url": "https://colab.research.google.com",
    },
}


def show_buttons(app: Sphinx, config: Config) -> None:
    """Switch the buttons on if the book has a public address."""
    if config.html_theme_options.get("repository_url"):
        config.html_theme_options.update(BUTTONS)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx, ahead of the theme, which reads its options at the same event."""
    app.connect("config-inited", show_buttons, priority=1)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
