"""A file whose tests judge in their own process leaves Keras and TensorFlow as it found them."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from functional_course.kernels import shortcuts

import keras  # noqa: F401
import keras_as_it_was
import pytest
from keras_as_it_was import is_of_kernels, restore


def changed() -> list[str]:
    """Every name of Keras and TensorFlow that holds a function of the kernels' rooms, wherever it is."""
    found = set()
    for module in [each for name, each in sys.modules.items() if name.startswith(("keras.", "tensorflow.python."))]:
        for name, held in list(vars(module).items()):
            if is_of_kernels(held):
                found.add(f"{module.__name__}.{name}")
            elif inspect.isclass(held) and held.__module__ == module.__name__:
                inside = [each for each, function in vars(held).items() if is_of_kernels(function)]
                found |= {f"{module.__name__}.{held.__name__}.{each}" for each in inside}
    return sorted(found)


@pytest.fixture(autouse=True)
def new() -> Iterator[None]:
    restore()
    yield
    restore()


def test_nothing_that_judging_installs_is_left():
    assert changed() == []
    shortcuts.install()
    assert len(changed()) >= 8
    restore()
    assert changed() == []


def test_what_the_list_lacks_is_found(monkeypatch: pytest.MonkeyPatch):
    (place, names), *others = keras_as_it_was.CHANGED.items()
    monkeypatch.setattr(keras_as_it_was, "CHANGED", {place: names[1:]} | dict(others))
    shortcuts.install()
    restore()
    monkeypatch.undo()
    assert [each.rpartition(".")[2] for each in changed()] == [names[0]]


def test_each_file_of_tests_begins_with_a_new_keras(root: Path, tmp_path: Path):
    (tmp_path / "conftest.py").write_text((root / "tests/conftest.py").read_text())
    (tmp_path / "test_a.py").write_text(
        "import keras\nfrom functional_course.kernels import shortcuts\n\n\n"
        "def test_judges():\n    shortcuts.install()\n"
    )
    (tmp_path / "test_b.py").write_text(
        "import keras_as_it_was\n\n\ndef test_finds_nothing():\n"
        "    assert not [n for h, n in keras_as_it_was.holders() if hasattr(getattr(h, n), '__wrapped__')]\n"
        "    assert list(keras_as_it_was.holders())\n"
    )
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", "-p", "no:randomly", str(tmp_path)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{root / 'tests'}:{root}"},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stdout
    assert ended.stdout.count("PASSED") == 2
