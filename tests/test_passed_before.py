"""The dearest tests are skipped only where they passed on all that they rest on, as it is now."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import passed_before
import pytest
from conftest import ROOT
from passed_before import DEAREST, digest

DEAR = "import pytest\nimport shared\n\n\n" + "\n\n".join(
    (
        "def test_one():\n    assert shared.ONE == 1",
        "@pytest.mark.skipif(not shared.THERE, reason='not here')\ndef test_two():\n    assert shared.THERE",
    )
)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with two dear files of tests, of which one imports from the other, and a cheap one."""
    root = tmp_path / "checkout"
    for folder in ("tests", "functional_course", "solutions", "exercises", "book/chapters"):
        (root / folder).mkdir(parents=True)
        (root / folder / "some.txt").write_text(folder)
    (root / "pyproject.toml").write_text("[tool.pytest.ini_options]\n")
    (root / "nbgrader_config.py").write_text("")
    (root / "tests" / "shared.py").write_text("ONE, THERE = 1, False\n")
    (root / "tests" / "test_grading.py").write_text(DEAR)
    (root / "tests" / "test_tempting.py").write_text("import test_grading\n\n\ndef test_it():\n    pass\n")
    (root / "tests" / "test_cheap.py").write_text("def test_cheap():\n    pass\n")
    return root


def executed(root: Path, again: bool = False, *words: str, **settings: str) -> str:
    """What pytest with the plugin says of a run on two workers."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("COURSE_", "PYTEST_"))}
    environment |= {
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}",
        **settings,
    }
    if again:
        environment["COURSE_AGAIN"] = "1"
    plugins = ["-p", "xdist.plugin", "-p", "no:cacheprovider", "-p", "tests.passed_before", "-n", "2"]
    command = [sys.executable, "-m", "pytest", "-q", "-rs", *plugins, *(words or ["tests"])]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=120)
    return done.stdout + done.stderr


def written(root: Path) -> dict:
    path = root / "tests" / "passed.json"
    return json.loads(path.read_text()) if path.exists() else {}


# --- what a file rests on ---------------------------------------------------------------------------------------------


def changed(path: str) -> Callable[[Path, pytest.MonkeyPatch], None]:
    return lambda root, _: (root / path).write_text("another = 1\n")


def another_library(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    find = passed_before.importlib.metadata.distributions
    one = next(each for each in find() if each.name == "pytest")
    monkeypatch.setattr(type(one), "version", property(lambda self: "0"))


@pytest.mark.parametrize(
    "change",
    [
        changed("tests/test_tempting.py"),
        changed("tests/test_grading.py"),
        changed("tests/shared.py"),
        changed("tests/more.json"),
        changed("functional_course/some.txt"),
        changed("functional_course/more.py"),
        changed("solutions/some.txt"),
        changed("exercises/some.txt"),
        changed("nbgrader_config.py"),
        changed("pyproject.toml"),
        lambda root, _: (root / "solutions" / "some.txt").rename(root / "solutions" / "other.txt"),
        lambda root, _: (root / "tests" / "some.txt").unlink(),
        lambda _, monkeypatch: monkeypatch.setattr(passed_before.sys, "version_info", (3, 99, 0)),
        lambda _, monkeypatch: monkeypatch.setenv("KERAS_BACKEND", "another"),
        lambda _, monkeypatch: monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "another"),
        lambda _, monkeypatch: monkeypatch.setattr(passed_before.sandbox, "available", lambda: "switched off"),
        another_library,
    ],
)
def test_what_it_rests_on_decides(checkout: Path, monkeypatch: pytest.MonkeyPatch, change: Callable):
    before = digest("test_tempting", checkout)
    change(checkout, monkeypatch)
    passed_before._common.cache_clear()
    assert digest("test_tempting", checkout) != before


def test_a_setting_that_is_not_followed_is_named(checkout: Path):
    assert "neither followed nor written with COURSE_DATA set" in executed(checkout, COURSE_DATA="/data")


def test_what_else_is_on_the_path_does_not(checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    before = digest("test_tempting", checkout)
    (tmp_path / "vendored" / "more-1.0.dist-info").mkdir(parents=True)
    (tmp_path / "vendored" / "more-1.0.dist-info" / "METADATA").write_text("Name: more\nVersion: 1.0\n")
    monkeypatch.syspath_prepend(tmp_path / "vendored")
    passed_before._common.cache_clear()
    assert digest("test_tempting", checkout) == before


@pytest.mark.parametrize("path", ["tests/test_cheap.py", "tests/passed.json", "book/chapters/some.txt", "README.md"])
def test_nothing_else_does(checkout: Path, path: str):
    before = digest("test_tempting", checkout)
    (checkout / path).write_text("another = 1\n")
    passed_before._common.cache_clear()
    assert digest("test_tempting", checkout) == before


def test_what_is_named_beside_a_file_decides_on_it_alone(checkout: Path):
    shutil.copy(checkout / "tests" / "test_cheap.py", checkout / "tests" / "test_backends.py")
    before, other = digest("test_backends", checkout), digest("test_tempting", checkout)
    (checkout / "book" / "chapters" / "some.txt").write_text("another")
    assert digest("test_backends", checkout) != before and digest("test_tempting", checkout) == other


def test_every_dear_file_is_there_and_names_what_is_there():
    for name, more in DEAREST.items():
        assert (ROOT / "tests" / f"{name}.py").is_file()
        assert all((ROOT / each).exists() for each in (*passed_before.COMMON, *more))


def test_no_dear_file_leads_to_what_writes_pages():
    """Which its digest leaves out."""
    files = {path for name in DEAREST for path in passed_before._imported(name, ROOT)} | set(
        passed_before._shared(ROOT)
    )
    python = [path for path in files if path.suffix == ".py"]
    assert len(python) > 60
    assert [path.name for path in python if re.search(r"^ *(?:from|import) \w+_page\b", path.read_text(), re.M)] == []


# --- a run ------------------------------------------------------------------------------------------------------------


def test_what_passed_is_skipped_and_what_could_not_run_is_run(checkout: Path):
    assert "3 passed, 1 skipped" in executed(checkout)
    assert written(checkout) == {}
    assert "3 passed, 1 skipped" in executed(checkout, True)
    assert set(written(checkout)) == {"test_grading", "test_tempting"}
    assert written(checkout)["test_grading"]["skipped"] == ["test_two"]
    said = executed(checkout)
    assert "1 passed, 3 skipped" in said and said.count("passed before") == 2 and "not here" in said
    assert "3 passed, 1 skipped" in executed(checkout, True)
    # A setting that chooses among tests: what was written down isn't what it asks for.
    assert "3 passed, 1 skipped" in executed(checkout, COURSE_ATTACKS="one")
    (checkout / "tests" / "shared.py").write_text("ONE, THERE = 2, True\n")
    assert "1 failed, 3 passed" in executed(checkout)


def test_a_file_in_which_one_test_fails_is_not_written_down(checkout: Path):
    (checkout / "tests" / "test_tempting.py").write_text(
        "def test_it():\n    pass\n\n\ndef test_other():\n    assert 1 == 2\n"
    )
    said = executed(checkout, True)
    assert "1 failed" in said and "test_tempting: not written down, 1 of 2 passed" in said
    assert set(written(checkout)) == {"test_grading"}


def test_what_fails_is_taken_out(checkout: Path):
    executed(checkout, True)
    (checkout / "book" / "chapters" / "some.txt").write_text("another")
    (checkout / "tests" / "test_tempting.py").write_text("def test_it():\n    assert 1 == 2\n")
    assert "test_tempting: not written down, 0 of 1 passed" in executed(
        checkout, True, "tests/test_tempting.py::test_it"
    )
    assert set(written(checkout)) == {"test_grading"}


def test_what_is_saved_while_it_is_tested_was_not_tested(checkout: Path):
    (checkout / "tests" / "test_tempting.py").write_text(
        "from pathlib import Path\n\n\ndef test_it():\n    Path(__file__).with_name('more.py').touch()\n"
    )
    assert "test_tempting: not written down, what it rests on was changed meanwhile" in executed(checkout, True)
    assert written(checkout) == {}


@pytest.mark.parametrize(
    "words",
    [
        ("tests", "-k", "one"),
        ("tests/test_grading.py::test_one",),
        ("tests", "--deselect", "tests/test_grading.py::test_two", "--deselect", "tests/test_tempting.py::test_it"),
    ],
)
def test_a_part_of_a_file_is_not_written_down(checkout: Path, words: tuple[str, ...]):
    assert "test_grading: not written down, a part was run" in executed(checkout, True, *words)
    assert written(checkout) == {}


def test_a_file_of_which_nothing_could_run_is_not_written_down(checkout: Path):
    (checkout / "tests" / "test_tempting.py").write_text(
        "import pytest\n\n\n@pytest.mark.skip(reason='not here')\ndef test_it():\n    pass\n"
    )
    assert "test_tempting: not written down, 0 of 1 passed" in executed(checkout, True)


def test_a_file_that_reads_what_its_digest_leaves_out_is_not_written_down(checkout: Path):
    (checkout / "tests" / "test_tempting.py").write_text(
        "from pathlib import Path\n\n\ndef test_it():\n    Path('book/chapters/some.txt').read_text()\n"
    )
    assert "test_tempting: not written down, it reads book/chapters/some.txt" in executed(checkout, True)
    assert set(written(checkout)) == {"test_grading"}
