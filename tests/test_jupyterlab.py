"""A page in JupyterLab, as everyone who clones the course opens it: not trusted, and with pictures all the same."""

from __future__ import annotations

import copy
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator

from functional_course.notebooks.course_root import chapter_notebooks
from functional_course.notebooks.reading import read_notebook

import nbformat
import numpy as np
import pytest
from browsers import lacking, started
from conftest import ROOT
from PIL import Image

START_SECONDS = 120
PICTURES = ".jp-OutputArea-output img"


LACKING = lacking(jupyterlab="JupyterLab")

pytestmark = [
    pytest.mark.skipif(LACKING is not None, reason=str(LACKING)),
    # It waits for a browser, and would time others that measure.
    pytest.mark.xdist_group("jupyterlab"),
]


def small(change=lambda output: None) -> nbformat.NotebookNode:
    """The first picture of the first chapter, as the page stores it."""
    page = read_notebook(chapter_notebooks(ROOT)[0])
    cell = next(
        cell
        for cell in page.cells
        if cell.cell_type == "code" and any("image/png" in output.get("data", {}) for output in cell.outputs)
    )
    result = copy.deepcopy(page)
    result.cells = [copy.deepcopy(cell)]
    result.cells[0].metadata = {}
    result.cells[0].outputs = [each for each in result.cells[0].outputs if "image/png" in each.get("data", {})]
    for output in result.cells[0].outputs:
        change(output)
    return result


def without_png(output: nbformat.NotebookNode) -> None:
    output.data.pop("image/png")


def as_html(output: nbformat.NotebookNode) -> None:
    output.data = {"text/html": f"<figure>{output.data['image/svg+xml']}</figure>", "text/plain": "words"}
    output.metadata = {}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a JupyterLab that has seen none of its notebooks before."""
    folder = tmp_path_factory.mktemp("lab")
    work = folder / "work"
    work.mkdir()
    shutil.copyfile(chapter_notebooks(ROOT)[0], work / "page.ipynb")
    nbformat.write(small(without_png), work / "without_png.ipynb")
    nbformat.write(small(as_html), work / "as_html.ipynb")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    own = {f"JUPYTER_{name}_DIR": str(folder / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    environment = {**os.environ, **own, "HOME": str(folder), "IPYTHONDIR": str(folder / "ipython")}
    options = [
        "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0",
        "--IdentityProvider.token=", f"--ServerApp.root_dir={work}", "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]  # fmt: skip
    log = folder / "log"
    with log.open("wb") as stream:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            cwd=work, env=environment, stdout=stream, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                urllib.request.urlopen(f"{address}/api", timeout=5).close()
                break
            except OSError:
                assert server.poll() is None and time.monotonic() < deadline, log.read_text(errors="replace")
                time.sleep(0.2)
        yield address
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


@pytest.fixture(scope="module")
def chromium() -> Iterator[object]:
    with started() as browser:
        yield browser


def opened(lab: str, chromium, name: str):
    """A tab with the notebook, once its outputs are there."""
    tab = chromium.new_page(viewport={"width": 1280, "height": 900})
    tab.set_default_timeout(START_SECONDS * 1000)
    tab.goto(f"{lab}/lab/tree/{name}?reset")
    tab.wait_for_selector(".jp-Notebook .jp-OutputArea-output", state="attached")
    return tab


def is_trusted(tab) -> bool:
    """What the status bar says of the notebook."""
    said = tab.wait_for_selector("#jp-main-statusbar [title*='trusted']", state="attached").get_attribute("title")
    return "not trusted" not in said


def test_a_page_that_is_not_trusted_shows_its_pictures(lab: str, chromium):
    stored = [
        output.metadata["image/png"]
        for cell in read_notebook(chapter_notebooks(ROOT)[0]).cells
        for output in cell.get("outputs", ())
        if "image/png" in output.get("data", {})
    ]
    tab = opened(lab, chromium, "page.ipynb")
    assert not is_trusted(tab)
    first = tab.locator(PICTURES).first
    first.scroll_into_view_if_needed()
    assert first.evaluate("image => image.decode().then(() => image.naturalWidth)") > stored[0]["width"]
    assert first.get_attribute("src").startswith("data:image/png;base64,")
    seen = np.asarray(Image.open(io.BytesIO(first.screenshot())).convert("L"))
    assert seen.min() < 60 and seen.max() > 240, "the picture is not dark on light"
    assert seen.shape[1] <= stored[0]["width"] + 2
    tab.close()


@pytest.mark.parametrize("name", ["without_png", "as_html"])
def test_the_browser_shows_no_picture_of_a_page_stored_otherwise(lab: str, chromium, name: str):
    tab = opened(lab, chromium, f"{name}.ipynb")
    tab.wait_for_function("document.querySelector('.jp-OutputArea-output').textContent.length > 3")
    assert not is_trusted(tab)
    assert tab.locator(PICTURES).count() == tab.locator(".jp-OutputArea-output svg").count() == 0
    tab.close()
