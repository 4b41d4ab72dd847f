"""``python book/_ext/icons.py`` writes ``book/_static/icons.css``: the icons of the theme's own parts as a small font.

The theme's fonts hold 1,900 icons in 150 kB and more. A browser takes from this font of 5 kB what it has, because it
says which characters these are and is named last, and fetches the theme's only for a page that shows another icon.
Needs the theme, and fontTools, which comes with Matplotlib.
"""

from __future__ import annotations

import base64
import io
from pathlib import Path

SOLID = (
    "f002 f010 f019 f03a f042 f04b f057 f058 f059 f05a f062 f064 f065 f06a f071 f0c9 f0eb f0f3 f104 f105 f106 f107 f121"
    " f135 f15b f185 f186 f1c1 f303 f35d"
)
"""Icons of the theme's buttons, menus and admonitions, by the numbers of their characters."""

BRANDS = "f09b f296"
"""GitHub's and GitLab's, for the button that leads to the repository."""

FACES = (
    ("Free", 900, "fa-solid-900.ttf", SOLID),
    ("Brands", 400, "fa-brands-400.ttf", BRANDS),
)
STYLES = Path(__file__).resolve().parent.parent / "_static" / "icons.css"
LICENCE = "Icons by Font Awesome, fontawesome.com: font under SIL OFL 1.1. Made by book/_ext/icons.py."


def part_of(font: Path, characters: list[int]) -> bytes:
    """A font in WOFF with some characters of another."""
    from fontTools import subset

    options = subset.Options(flavor="woff", hinting=False, layout_features=[], name_IDs=[0, 1, 2, 13])
    loaded = subset.load_font(str(font), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(loaded)
    written = io.BytesIO()
    subset.save_font(loaded, written, options)
    return written.getvalue()


def styles(fonts: Path) -> str:
    """The style sheet.

    Args:
        fonts: the folder of the theme's fonts.
    """
    rules = [f"/* {LICENCE} */"]
    for family, weight, file, icons in FACES:
        # The space isn't in it. A browser asks a font for it to measure a line, and would fetch the theme's for that.
        characters = [0x20, *(int(icon, 16) for icon in icons.split())]
        data = base64.b64encode(part_of(fonts / file, characters)).decode()
        rules.append(
            f'@font-face {{ font-family: "Font Awesome 6 {family}"; font-weight: {weight}; font-display: block;\n'
            f"  unicode-range: {', '.join(f'U+{each:x}' for each in characters)};\n"
            f'  src: url("data:font/woff;base64,{data}") format("woff"); }}'
        )
    return "\n".join(rules) + "\n"


def fonts_of_the_theme() -> Path:
    """The folder of the installed theme's fonts."""
    import pydata_sphinx_theme

    theme = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme"
    return theme / "static" / "vendor" / "fontawesome" / "webfonts"


if __name__ == "__main__":
    STYLES.write_text(styles(fonts_of_the_theme()), encoding="utf-8")
