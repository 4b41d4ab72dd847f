"""A file is written whole or not at all, and who may read it does not change."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from functional_course import writing
from functional_course.writing import PART, write_bytes_whole, write_whole

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")


@pytest.fixture
def private() -> Iterator[None]:
    """As for a teacher whose files nobody else may read."""
    before = os.umask(0o077)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("mask", [0o077, 0o022, 0o002])
@pytest.mark.parametrize("proc", [True, False])
def test_a_new_file_is_for_whom_the_umask_says(tmp_path: Path, private: None, mask, proc, monkeypatch):
    if not proc:
        monkeypatch.setattr(writing, "open", lambda *_: (_ for _ in ()).throw(OSError()), raising=False)
    os.umask(mask)
    write_whole(tmp_path / "folder" / "grades.csv", "ann\r\nbob é\n")
    plain = tmp_path / "plain"
    plain.write_text("")
    assert mode(tmp_path / "folder" / "grades.csv") == mode(plain) == 0o666 & ~mask
    assert (tmp_path / "folder" / "grades.csv").read_bytes() == "ann\r\nbob é\n".encode()
    assert os.umask(mask) == mask


@pytest.mark.parametrize("old", [0o600, 0o640, 0o664])
def test_an_old_file_keeps_its_mode(tmp_path: Path, old: int):
    path = tmp_path / "grades.csv"
    path.write_text("old")
    path.chmod(old)
    write_bytes_whole(path, b"new")
    assert mode(path) == old and path.read_bytes() == b"new"


def test_what_cannot_be_written_leaves_the_old_one_and_no_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "grades.csv"
    path.write_text("old")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        write_whole(path, "new")
    assert [each.name for each in tmp_path.iterdir()] == ["grades.csv"] and path.read_text() == "old"


def test_a_part_of_a_killed_process_is_known_by_its_name(tmp_path: Path):
    code = (
        "import os, signal; from functional_course.writing import write_whole; "
        "os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL); write_whole('grades.csv', 'new')"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path)
    assert done.returncode == -signal.SIGKILL
    assert [path.read_text() for path in tmp_path.rglob(f"*{PART}")] == ["new"]
    assert not (tmp_path / "grades.csv").exists()
