"""Sphinx extension: all that needs the course's public address follows from ``repository.url``.

These are the buttons that lead to the repository, to Colab and to Binder, the page for addresses that lead nowhere, the
sitemap, and what a link to a page looks like where it is shared. Jupyter Book and the extensions ask for each address
by itself. Here they come and go together: the address stands in one place, ``_config.yml``, and an unpublished course
has no dead link.
"""

from __future__ import annotations

import re

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ConfigError

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
EXTENSIONS = ("notfound.extension", "sphinx_sitemap", "sphinxext.opengraph")
LOST = """\
<h1>This page isn't here</h1>
<p>The address may be mistyped, or the page may have moved. <a href="{root}book/index.html">Begin at the first
page</a>, or <a href="{root}search.html">search the course</a>.</p>
"""


def published(repository: str) -> str:
    """Where GitHub Pages shows the site of a repository.

    Args:
        repository: its address.

    Returns:
        The site's address, which ends with a slash.

    Raises:
        ConfigError: the repository is not one of GitHub's.
    """
    parts = re.fullmatch(r"https://github\.com/([\w.-]+)/([\w.-]+?)(?:\.git)?/?", repository)
    if parts is None:
        raise ConfigError(f"repository.url in _config.yml is {repository!r}: give it as https://github.com/owner/name")
    owner, name = parts.groups()
    own = name.lower() == f"{owner.lower()}.github.io"
    return f"https://{owner.lower()}.github.io/" + ("" if own else f"{name}/")


def follow(app: Sphinx, config: Config) -> None:
    """Switch on what the book's public address allows, if it has one."""
    repository = config.html_theme_options.get("repository_url")
    if not repository:
        return
    config.html_theme_options.update(BUTTONS)
    site = published(repository)
    for each in EXTENSIONS:
        app.setup_extension(each)
    root = "/" + site.split("/", 3)[3]
    config.html_baseurl = config.ogp_site_url = site
    config.sitemap_url_scheme = "{link}"
    config.sitemap_excludes = ["404.html", "genindex.html", "index.html", "search.html"]
    config.notfound_urls_prefix = root
    config.notfound_context = {"title": "Not found", "body": LOST.format(root=root)}
    config.ogp_site_name = config.html_title
    config.ogp_image = f"{site}_static/preview.png"
    config.ogp_image_alt = "A model with two inputs: an image and a question are joined and answer yes or no."
    config.ogp_social_cards = {"enable": False}


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx, ahead of the theme, which reads its options at the same event."""
    app.connect("config-inited", follow, priority=1)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
