"""A new gradebook at once. nbgrader starts Alembic's command for each, 3 s, to hear which version its tables have."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable

_slow: list[Callable[[], str]] = []


@functools.cache
def version() -> str:
    """The version of a new gradebook's tables, from the files in which ``alembic heads`` looks it up."""
    from alembic.script import ScriptDirectory
    from nbgrader.dbutil import ALEMBIC_DIR

    return str(ScriptDirectory(ALEMBIC_DIR).get_current_head())


def make_quick() -> None:
    """Have nbgrader use :func:`version` in this process, and in what is forked from it, once nbgrader is imported."""
    api = sys.modules.get("nbgrader.api")
    if not _slow and api is not None:
        _slow.append(api.get_alembic_version)
        api.get_alembic_version = version


def nbgraders_own() -> Callable[[], str]:
    """The function of nbgrader's that :func:`version` stands in for."""
    from nbgrader import api

    make_quick()
    assert api.get_alembic_version is version
    return _slow[0]
