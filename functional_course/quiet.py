"""Keep TensorFlow from writing to stderr, in one place for the whole course.

nbgrader gives 0 points to a test cell with any stderr output, and TensorFlow's C++ part logs there when it is
imported and when it first runs. ``TF_CPP_MIN_LOG_LEVEL`` silences the running part. What is logged while the
library loads comes before TensorFlow reads that variable, so the import itself runs with file descriptor 2 put
aside. If the import fails, what was put aside is written out after all.

TensorFlow's Python part warns when it compiles several programs in a row. A page that compares several models has to
compile several programs, so of that part only errors are let through.
"""

from __future__ import annotations

import contextlib
import importlib.abc
import importlib.machinery
import importlib.util
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from types import ModuleType

_STDERR = 2


def install() -> None:
    """Arrange for a later ``import tensorflow`` to write nothing to stderr.

    Does nothing if TensorFlow is already imported. A log level that you set yourself is left alone, and
    with ``TF_CPP_MIN_LOG_LEVEL=0`` nothing is silenced.
    """
    level = os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    already = "tensorflow" in sys.modules or any(isinstance(finder, _QuietFinder) for finder in sys.meta_path)
    if level != "0" and not already:
        sys.meta_path.insert(0, _QuietFinder())


@contextlib.contextmanager
def stderr_put_aside() -> Iterator[None]:
    """Send file descriptor 2 to a temporary file for a while; write it out if the body raises."""
    try:
        saved = os.dup(_STDERR)
    except OSError:  # no stderr at all, as under pythonw
        yield
        return
    with tempfile.TemporaryFile() as aside:
        os.dup2(aside.fileno(), _STDERR)
        try:
            yield
        except BaseException:
            os.dup2(saved, _STDERR)
            aside.seek(0)
            os.write(_STDERR, aside.read())
            raise
        finally:
            os.dup2(saved, _STDERR)
            os.close(saved)


class _QuietLoader(importlib.abc.Loader):
    def __init__(self, loader: importlib.abc.Loader) -> None:
        self._loader = loader

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        # The module must not remember this wrapper: resources and reloads ask the real loader.
        assert module.__spec__ is not None  # a module that is imported through a finder has one
        module.__loader__ = module.__spec__.loader = self._loader
        with stderr_put_aside():
            self._loader.exec_module(module)
        logging.getLogger("tensorflow").setLevel(logging.ERROR)


class _QuietFinder(importlib.abc.MetaPathFinder):
    """Finds ``tensorflow`` once, as the finders behind it would, and wraps its loader."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> importlib.machinery.ModuleSpec | None:
        if name != "tensorflow":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            spec.loader = _QuietLoader(spec.loader)
        return spec
