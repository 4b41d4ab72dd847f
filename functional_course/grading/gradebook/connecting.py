"""Open a gradebook many times for the price of once.

nbgrader opens the gradebook for each step of its own, some ten times for one submission. Each time it makes an engine,
looks whether all tables are there, and has SQLAlchemy compile the same SQL again, which takes longer than to run it.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbgrader.api import Base, Gradebook
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.orm import scoped_session, sessionmaker
from sqlalchemy.pool import NullPool


class KeptEngine:
    """An engine for gradebooks that are SQLite files with all their tables, and all SQL that it has compiled.

    It holds no connection between two openings, so it can be carried into a fork, which then finds compiled what was
    compiled before.

    Args:
        database: the gradebook's file.
    """

    def __init__(self, database: Path) -> None:
        self.database = database
        # Any URL of SQLite's: the compiled SQL belongs to the engine, and the file may change under it.
        self._engine = create_engine("sqlite://", creator=self._connect, poolclass=NullPool)

    @classmethod
    def of(cls, url: str) -> KeptEngine | None:
        """The engine for a gradebook; None if it isn't a SQLite file and nothing else."""
        made = make_url(url)
        plain = made.drivername in ("sqlite", "sqlite+pysqlite") and not made.query
        if not plain or not made.database or made.database == ":memory:":
            return None
        return cls(Path(made.database))

    def gradebook(self, course_id: str) -> Gradebook:
        """Open the gradebook with this engine, in any thread.

        Only one that nbgrader opened before in its own way, which makes the tables and the course's row.
        """
        return self._open(Gradebook.__new__(Gradebook), course_id)

    @contextlib.contextmanager
    def opening(self) -> Iterator[None]:
        """Have nbgrader itself open its gradebook so, whatever it calls it, in a process with a single thread."""
        in_its_own_way = Gradebook.__init__

        def opened(
            gradebook: Gradebook, db_url: str, course_id: str = "default_course", authenticator: Any = None
        ) -> None:
            self._open(gradebook, course_id, authenticator)

        Gradebook.__init__ = opened
        try:
            yield
        finally:
            Gradebook.__init__ = in_its_own_way

    def _open(self, gradebook: Gradebook, course_id: str, authenticator: Any = None) -> Gradebook:
        gradebook.engine = self._engine
        gradebook.db = scoped_session(sessionmaker(autoflush=True, bind=self._engine, future=True))
        gradebook.course_id, gradebook.authenticator = course_id, authenticator
        return gradebook

    @contextlib.contextmanager
    def elsewhere(self, database: Path) -> Iterator[None]:
        """Work on another, new gradebook meanwhile."""
        own, self.database = self.database, database
        try:
            Base.metadata.create_all(bind=self._engine)
            yield
        finally:
            self.database = own

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.database)
