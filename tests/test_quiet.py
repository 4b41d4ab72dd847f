"""TensorFlow stays silent, and importing the package imports neither it nor Keras."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


def run(code: str, *path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    env = {**inherited, **environment, "PYTHONPATH": os.pathsep.join(map(str, path))}
    return subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=300)


@pytest.fixture
def loud(tmp_path: Path) -> Path:
    """A package called tensorflow that writes to file descriptor 2 when it is imported."""
    package = tmp_path / "tensorflow"
    package.mkdir()
    (package / "__init__.py").write_text("import os\nos.write(2, b'I0000 loud\\n')\nif os.getenv('BROKEN'): 1 / 0\n")
    return tmp_path


def test_the_package_imports_neither_keras_nor_tensorflow():
    modules = "functional_course, functional_course.cli, functional_course.checking, functional_course.rubric"
    code = f"import sys, {modules}\nprint(sorted({{'keras', 'tensorflow', 'nbgrader'}} & set(sys.modules)))"
    assert run(code).stdout == "[]\n"


def test_keras_trains_without_a_word_on_stderr():
    code = (
        "import functional_course, keras, numpy\n"
        "model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])\n"
        "model.compile('adam', 'mse')\n"
        "model.fit(numpy.zeros((4, 2)), numpy.zeros((4, 1)), verbose=0)\n"
        "print('trained')"
    )
    done = run(code)
    assert done.stdout == "trained\n"
    assert done.stderr == ""


def test_what_tensorflow_writes_while_it_loads_is_put_aside(loud: Path):
    assert run("import tensorflow", loud).stderr == "I0000 loud\n"
    assert run("import functional_course, tensorflow, os; os.write(2, b'after\\n')", loud).stderr == "after\n"


def test_a_failing_import_shows_what_was_put_aside(loud: Path):
    done = run("import functional_course, tensorflow", loud, BROKEN="1")
    assert "I0000 loud" in done.stderr
    assert "ZeroDivisionError" in done.stderr


def test_a_log_level_of_zero_silences_nothing(loud: Path):
    assert run("import functional_course, tensorflow", loud, TF_CPP_MIN_LOG_LEVEL="0").stderr == "I0000 loud\n"


def test_compiling_several_models_in_a_row_writes_nothing():
    code = (
        "import {first}, keras, numpy\n"
        "for number in range(6):\n"
        "    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])\n"
        "    model.predict_on_batch(numpy.zeros((1, 1)))\n"
    )
    assert "retracing" in run(code.format(first="os")).stderr
    assert run(code.format(first="functional_course")).stderr == ""
