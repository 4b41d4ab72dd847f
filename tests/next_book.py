"""``python -m tests.next_book JUPYTER-BOOK``: what the site would lose with Jupyter Book 2, as a table in Markdown.

The course stays on 1.x, whose build refuses every warning. Here the checked-in files are copied, 2.x takes their
settings over, as it offers to, and reads the pages; what it then says against them is counted by kind. It needs the
command of an installed Jupyter Book 2, and of Python the standard library alone.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 600

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_SAID = re.compile(r"(?:⚠|⛔)\ufe0f?\s+(?P<page>[\w./-]+?)(?::\d+)?\s+(?P<words>.+)")
_NAMED = re.compile(r'"[^"]*"|<[^>]*>|`[^`]*`|\bdoi:\S+')
_BUILT = re.compile(r"Built (\d+) pages? for project")
_ADVICE = "best practice"


class NotBuilt(Exception):
    """Jupyter Book 2 did not come to read the pages."""


def listed(toc: str) -> int:
    """How many pages a table of contents (``_toc.yml``) names."""
    return len(re.findall(r"^\s*(?:- )?(?:file|root): \S", toc, re.MULTILINE))


def said(log: str) -> Iterator[tuple[str, str]]:
    """What a build says against pages: the page, and the kind of fault, without what it names or quotes.

    Advice on something that works is left out.

    Example:

    >>> list(said('⚠️  book/a.md:7 unexpected option "gutter" provided (in grid)'))
    [('book/a.md', 'unexpected option … provided (in grid)')]
    """
    for line in _COLOUR.sub("", log).splitlines():
        found = _SAID.match(line)
        if found and _ADVICE not in line:
            yield found["page"], _NAMED.sub("…", found["words"]).partition(": ")[0].rstrip(" :")


def built(log: str) -> int:
    """How many pages a build read.

    Raises:
        NotBuilt: the build didn't come so far; the message has its last lines.
    """
    found = _BUILT.search(_COLOUR.sub("", log))
    if not found:
        raise NotBuilt("\n".join(["Jupyter Book 2 read no pages. It ended with:", *log.splitlines()[-20:]]))
    return int(found[1])


def report(log: str, toc: str, config: str) -> str:
    """The table: pages, what is said against them by kind, and the course's own extensions, which only Sphinx reads."""
    pages, kinds = {}, Counter()
    for page, kind in said(log):
        kinds[kind] += 1
        pages.setdefault(kind, set()).add(page)
    extensions = len(re.findall(r"^ +\w+: \"?book/_ext\"?$", config, re.MULTILINE))
    rows = [
        ("pages that are not built", listed(toc) - built(log), ""),
        ("extensions that are not read", extensions, ""),
    ]
    rows += [(kind, count, len(pages[kind])) for kind, count in kinds.most_common()]
    lines = [f"| {what.replace('|', ' ')} | {count} | {on} |" for what, count, on in rows]
    return "\n".join(["| lost with Jupyter Book 2 | times | on pages |", "|---|--:|--:|", *lines])


def log_of(command: Path, folder: Path) -> str:
    """What Jupyter Book 2 says of a copy of the course, which it changes."""
    # It looks for the table of contents beside the settings.
    shutil.copyfile(folder / "book" / "_toc.yml", folder / "_toc.yml")
    text = ""
    # It asks whether to take over the settings, then whether to serve the site.
    for words, answers in ((["init"], "y\nn\n"), (["build", "--site", "--ci"], "")):
        done = subprocess.run(
            [command, *words],
            cwd=folder,
            input=answers,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=SECONDS,
        )
        text += done.stdout
    return text


def copied(folder: Path) -> None:
    """Copy the checked-in files of the course."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)


def main(command: str) -> int:
    """Print the table."""
    toc, config = ((ROOT / name).read_text(encoding="utf-8") for name in ("book/_toc.yml", "_config.yml"))
    with tempfile.TemporaryDirectory() as folder:
        copied(Path(folder))
        try:
            print(report(log_of(Path(command).absolute(), Path(folder)), toc, config))
        except NotBuilt as error:
            print(error, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Name the command of Jupyter Book 2: python -m tests.next_book .venv-next/bin/jupyter-book")
    sys.exit(main(sys.argv[1]))
