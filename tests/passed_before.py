"""``-p tests.passed_before``: the dearest tests aren't run again while all that they rest on is as it was.

They grade whole classes, train, and wait for attackers, and take most of the time of all tests. A file of them rests on
itself and the files of tests that it imports, on everything else in ``tests/`` that is no file of tests, on the
course's package, its exercises and their solutions, the settings, whatever :data:`DEAREST` names beside it, and on the
installed libraries, one Python and one kind of processor. As long as all that is what it was when the file passed, its
tests are skipped, by name and with this reason; a test that couldn't run then is run now.

With ``COURSE_AGAIN=1`` (``make test AGAIN=1``, as CI does) nothing is skipped, and what passes is written to
``tests/passed.json``, and what doesn't is taken out of it. A file of tests that opens something of the checkout that
its digest leaves out isn't written down, and that is said; what a process of its own opens isn't seen. What
test_answers.py and test_answer_forms.py have plain nbgrader grade has digests of its own (graded_before.py).
"""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import json
import os
import platform
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from functional_course import sandbox
from functional_course.writing import write_whole

import pytest

DEAREST: dict[str, tuple[str, ...]] = {
    "test_answer_forms": ("tests/test_answers.py",),
    "test_attacks": (),
    "test_backbones": (),
    "test_backend_facts": (),
    "test_backends": ("book/chapters", "book/reference"),
    "test_boundary": (),
    "test_boundary_forms": (),
    "test_cells": (),
    "test_check_kept": (),
    "test_check_whole": (),
    "test_class_report": (),
    "test_containers": (),
    "test_diagnosis": (),
    "test_diagrams": (),
    "test_fuzz": (),
    "test_given": (),
    "test_grading": (),
    "test_heavy_texts": (),
    "test_intake": (),
    "test_keras_as_it_was": (),
    "test_kernel_epochs": (),
    "test_kernel_steps": (),
    "test_kernel_traces": (),
    "test_kernels": (),
    "test_leaks": (),
    "test_likeness": (),
    "test_margins": (),
    "test_mutants": ("book/results",),
    "test_naming": (),
    "test_nbgrader_flow": (),
    "test_output_checks": (),
    "test_pictures": (),
    "test_portraits": (),
    "test_provisional": (),
    "test_questions": (),
    "test_quiet": (),
    "test_reproduce": (),
    "test_reproduce_age_gender": (),
    "test_running": (),
    "test_seeds": (),
    "test_similarity_checks": (),
    "test_status": (),
    "test_tempting": (),
    "test_trials": (),
    "test_types": (),
}
"""The files of tests, each with what it reads of the checkout beside :data:`COMMON`."""

COMMON = ("functional_course", "solutions", "exercises", "nbgrader_config.py", "pyproject.toml")
"""What all of them rest on, with everything in ``tests/`` that is no file of tests."""

SETTINGS = ("FUNCTIONAL_COURSE_", "TF_ENABLE_ONEDNN_OPTS")
"""How the environment variables begin that change what is computed."""
NO_LIBRARIES = {"functional-course", "pip", "setuptools", "wheel"}
WRITTEN = Path("tests", "passed.json")
REASON = "passed before, and nothing that it rests on has changed; make test AGAIN=1 for all"
AGAIN = "COURSE_AGAIN"
STRICTER = "COURSE_NEEDS_SANDBOX"
"""Another setting, with which nothing may be skipped for want of a sandbox."""
OF_RUNS = ("passed.json", "graded.json")
"""What is written of earlier runs, under names in ``tests/``."""


# --- what a file of tests rests on ------------------------------------------------------------------------------------


def digest(name: str, root: Path) -> str:
    """A digest of all that decides whether a file of tests passes.

    Args:
        name: the file's, without ``.py``.
        root: the checkout.

    Returns:
        20 hexadecimal digits.
    """
    found = hashlib.sha256(_common(root))
    for file in (*sorted(_imported(name, root)), *_files(root, DEAREST[name])):
        found.update(_of_file(file, root))
    return found.hexdigest()[:20]


@cache
def _common(root: Path) -> bytes:
    backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    # Where they are installed, and not on sys.path: setuptools puts its own there once a test imports it.
    places = sorted({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})
    found = [(each.name, each.version) for each in importlib.metadata.distributions(path=places)]
    installed = {name.lower().replace("_", "-"): version for name, version in found if name}
    libraries = sorted((name, version) for name, version in installed.items() if name not in NO_LIBRARIES)
    settings = sorted((name, value) for name, value in os.environ.items() if name.startswith(SETTINGS))
    machine = [platform.system(), platform.machine(), sandbox.available() is None]
    made_with = [*sys.version_info[:2], *machine, backend, libraries, settings]
    found = hashlib.sha256(json.dumps(made_with).encode())
    for file in (*_files(root, COMMON), *_shared(root)):
        found.update(_of_file(file, root))
    return found.digest()


def _of_file(file: Path, root: Path) -> bytes:
    return file.relative_to(root).as_posix().encode() + hashlib.sha256(file.read_bytes()).digest()


def _files(root: Path, names: Iterable[str]) -> Iterator[Path]:
    """The files that are named, and those in the folders that are."""
    for name in names:
        for path in sorted([root / name, *(root / name).rglob("*")]):
            if path.is_file() and not _is_made(path, root):
                yield path


def _is_made(path: Path, root: Path) -> bool:
    """Whether a file is none of the checkout's own: Python, a tool or an installation made it."""
    parts = path.relative_to(root).parts
    return any(part == "__pycache__" or part.startswith(".") or part.endswith(".egg-info") for part in parts)


def _shared(root: Path) -> list[Path]:
    """What files of tests share. Not what was written of earlier runs, nor what writes pages of the book, nor this."""
    others = ("test_*.py", "*_page.py", *OF_RUNS, Path(__file__).name)
    return [path for path in _files(root, ["tests"]) if not any(path.match(other) for other in others)]


def _imported(name: str, root: Path) -> set[Path]:
    """A file of tests, and the files of tests that it imports, and they."""
    found, waiting = set(), [name]
    while waiting:
        path = root / "tests" / f"{waiting.pop()}.py"
        if path not in found and path.is_file():
            found.add(path)
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                named = [node.module] if isinstance(node, ast.ImportFrom) else []
                named += [each.name for each in node.names] if isinstance(node, ast.Import) else []
                waiting += [each for each in named if each and each.startswith("test_")]
    return found


# --- what is written of earlier runs ----------------------------------------------------------------------------------


class PassedBefore:
    """What is written of the files of tests that passed.

    Args:
        root: the checkout.
    """

    def __init__(self, root: Path) -> None:
        self._root, self._file = root, root / WRITTEN
        self._written = json.loads(self._file.read_text(encoding="utf-8")) if self._file.exists() else {}
        self._digests: dict[str, str] = {}

    def rests_on(self, name: str) -> str:
        """The digest of a file of tests, as it was when it was first asked for."""
        if name not in self._digests:
            self._digests[name] = digest(name, self._root)
        return self._digests[name]

    def holds(self, name: str, test: str) -> bool:
        """Whether a test passed on all that it rests on now."""
        entry = self._written.get(name)
        return entry is not None and test not in entry["skipped"] and entry["rests_on"] == self.rests_on(name)

    def write(self, name: str, skipped: Iterable[str]) -> None:
        """Write that a file passed, on what it rested on when that was first asked for, but for what couldn't run."""
        self._written[name] = {"rests_on": self.rests_on(name), "skipped": sorted(skipped)}
        self._store()

    def take_out(self, name: str) -> None:
        """Write that a file didn't pass."""
        if self._written.pop(name, None) is not None:
            self._store()

    def _store(self) -> None:
        write_whole(self._file, json.dumps(dict(sorted(self._written.items())), indent=1) + "\n")


# --- the plugin -------------------------------------------------------------------------------------------------------


def _plain(item: pytest.Item) -> str:
    """A test's own name in its file, without the group that xdist writes behind it."""
    mark, name = item.get_closest_marker("xdist_group"), item.nodeid.partition("::")[2]
    group = (mark.args[0] if mark.args else mark.kwargs.get("name", "")) if mark else ""
    return name.removesuffix(f"@{group}") if group else name


@dataclass
class Seen:
    """What a process saw of one file of tests."""

    collected: set[str] = field(default_factory=set)
    passed: set[str] = field(default_factory=set)
    skipped: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    opened: set[str] = field(default_factory=set)

    def add(self, other: dict[str, list[str]]) -> None:
        """Add what another process saw."""
        for name, values in other.items():
            getattr(self, name).update(values)

    def as_json(self) -> dict[str, list[str]]:
        """As JSON can hold it."""
        return {name: sorted(values) for name, values in vars(self).items()}

    @property
    def whole(self) -> bool:
        """Whether every test of the file has ended, and none failed."""
        return bool(self.passed) and not self.failed and self.passed | self.skipped == self.collected


class _Watch:
    """In a process that runs tests: how they end, and what they open."""

    def __init__(self, root: Path) -> None:
        self._root, self._running = root, ""
        self.seen: dict[str, Seen] = {}
        sys.addaudithook(self._open)

    def _open(self, event: str, given: tuple) -> None:
        if event == "open" and self._running and isinstance(given[0], str):
            path = os.path.abspath(given[0])
            if path.startswith(f"{self._root}{os.sep}"):
                self.seen[self._running].opened.add(path)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            if item.path.stem in DEAREST:
                self.seen.setdefault(item.path.stem, Seen()).collected.add(_plain(item))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[Any]:
        self._running = item.path.stem if item.path.stem in DEAREST else ""
        result = yield
        self._running = ""
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Iterator[Any]:
        report = yield
        if item.path.stem in DEAREST:
            seen = self.seen[item.path.stem]
            if report.failed or (report.skipped and hasattr(report, "wasxfail")):
                seen.failed.add(_plain(item))
            elif report.skipped:
                seen.skipped.add(_plain(item))
            elif report.when == "call":
                seen.passed.add(_plain(item))
        return report

    def result(self) -> dict[str, dict[str, list[str]]]:
        """What was seen, with the files of the checkout that a digest leaves out."""
        for name, seen in self.seen.items():
            own = (*_imported(name, self._root), *_files(self._root, (*COMMON, *DEAREST[name])))
            covered = {*own, *_shared(self._root)}
            opened = {Path(each) for each in seen.opened if Path(each).is_file()}
            seen.opened = {
                path.relative_to(self._root).as_posix()
                for path in opened - covered
                if not _is_made(path, self._root) and path.name not in OF_RUNS
            }
        return {name: seen.as_json() for name, seen in self.seen.items()}


_ALL, _OWN, _BEFORE = pytest.StashKey[dict[str, Seen]](), pytest.StashKey[_Watch](), pytest.StashKey[PassedBefore]()


def _runs_again() -> bool:
    return os.environ.get(AGAIN, "") not in ("", "0")


def _chosen() -> list[str]:
    """The settings that choose among tests or what they do."""
    return [name for name in os.environ if name.startswith("COURSE_") and name not in (AGAIN, STRICTER)]


def pytest_configure(config: pytest.Config) -> None:
    """Watch what passes, where everything is run."""
    config.stash[_ALL], config.stash[_BEFORE] = {}, PassedBefore(config.rootpath)
    if _runs_again() and not hasattr(config, "workerinput"):
        # What is tested is what is there now, and not what somebody saves while it is tested.
        for name in DEAREST:
            if (config.rootpath / "tests" / f"{name}.py").is_file():
                config.stash[_BEFORE].rests_on(name)
    if _runs_again() and (hasattr(config, "workerinput") or not config.getoption("numprocesses", None)):
        config.stash[_OWN] = _Watch(config.rootpath)
        config.pluginmanager.register(config.stash[_OWN])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what passed before."""
    # What other settings choose or leave out isn't what was written down.
    if _runs_again() or _chosen():
        return
    before = config.stash[_BEFORE]
    for item in items:
        if item.path.stem in DEAREST and before.holds(item.path.stem, _plain(item)):
            item.add_marker(pytest.mark.skip(reason=REASON))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """What a process saw goes to the one that writes."""
    config = session.config
    watch = config.stash.get(_OWN, None)
    if watch is not None and hasattr(config, "workeroutput"):
        config.workeroutput["passed_before"] = watch.result()
    elif watch is not None:
        _add(config, watch.result())


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Add what a worker saw; one that came down has seen nothing."""
    _add(node.config, getattr(node, "workeroutput", {}).get("passed_before", {}))


def _add(config: pytest.Config, found: dict[str, dict[str, list[str]]]) -> None:
    for name, seen in found.items():
        config.stash[_ALL].setdefault(name, Seen()).add(seen)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Write down what passed, take out what didn't, and say so."""
    seen, before, root = config.stash[_ALL], config.stash[_BEFORE], config.rootpath
    if settings := _chosen():
        terminalreporter.write_line(f"{WRITTEN} is neither followed nor written with {', '.join(settings)} set")
    if not seen or settings:
        return
    part = any(config.getoption(option, None) for option in ("keyword", "markexpr", "deselect", "lf", "stepwise"))
    part |= any("::" in each for each in config.args)
    terminalreporter.section(f"{WRITTEN}")
    _common.cache_clear()
    for name, each in sorted(seen.items()):
        count = f"{len(each.passed)} of {len(each.collected)} passed"
        if each.failed or each.opened:
            before.take_out(name)
            why = f"it reads {', '.join(sorted(each.opened))}" if each.opened else count
            terminalreporter.write_line(f"{name}: not written down, {why}")
        elif part or not each.whole:
            terminalreporter.write_line(f"{name}: not written down, {'a part was run' if part else count}")
        elif before.rests_on(name) != digest(name, root):
            terminalreporter.write_line(f"{name}: not written down, what it rests on was changed meanwhile")
        else:
            before.write(name, each.skipped)
            terminalreporter.write_line(f"{name}: {len(each.passed)} passed")
