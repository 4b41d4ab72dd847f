"""The constraints files pin all that the course needs, for each Python; the site's environment is the same in all."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pins
import pytest
import yaml
from conftest import ROOT
from packaging.requirements import Requirement

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

BOOK = "book/constraints.txt"
WHOLE = "constraints.txt"
FILES = (BOOK, WHOLE)

ELSEWHERE = {"gpu", "jax", "torch"}


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def asked(name: str) -> list[Requirement]:
    """What is installed with a constraints file."""
    site = pins.lines(text("book/requirements.txt"))
    if name == BOOK:
        return site
    project = tomllib.loads(text("pyproject.toml"))
    extras = project["tool"]["setuptools"]["dynamic"]["optional-dependencies"]
    # What takes another device or backend is in no run of the tests, and its packages are many.
    files = [file for name, extra in extras.items() if name not in ELSEWHERE for file in extra["file"]]
    assert "book/requirements.txt" in files
    named = [each for file in files for each in pins.lines(text(file))]
    return [*map(Requirement, project["project"]["dependencies"]), *named]


# --- the pins ---------------------------------------------------------------------------------------------------------


def test_the_pythons_are_those_of_the_project() -> None:
    supported = tomllib.loads(text("pyproject.toml"))["project"]["requires-python"]
    known = Requirement(f"python{supported}").specifier
    assert [f"3.{minor}" for minor in range(6, 30) if known.contains(f"3.{minor}")] == list(pins.PYTHONS)


@pytest.mark.parametrize("name", FILES)
def test_all_that_is_asked_for_is_pinned_for_every_python(name: str) -> None:
    assert list(pins.faults(text(name), asked(name))) == []


@pytest.mark.parametrize(
    ("pattern", "new", "says"),
    [
        (r"^keras==.*\n", "", "keras is not pinned on Python 3.10, linux"),
        (r"^keras==3\.12.*\n", "", "keras is not pinned on Python 3.10, linux"),
        (r"^(keras==)3\.12[.\d]*", r"\g<1>3.11.3", "keras 3.11.3 is not <4,>=3.12 on Python 3.10"),
        (r"^(sphinx-sitemap)==.*", r"\1==3.0", "sphinx-sitemap 3.0 is not <3,>=2.6 on Python 3.13"),
        (r"^(click==.*)", r"\1\nclick==1.0", "click is pinned to"),
        (r"^(pytest)==.*", r"\1>=8", "pytest>=8 is not one version"),
        (r"^(pytest)==.*", r"\1==9.*", "pytest==9.* is not one version"),
        (r"^(ruff==.*)", r"\1 ; sys_platform == 'linux'", "ruff is not pinned on Python 3.10, darwin"),
    ],
)
def test_a_planted_fault_among_the_pins_is_found(pattern: str, new: str, says: str) -> None:
    changed, times = re.subn(pattern, new, text(WHOLE), flags=re.MULTILINE)
    assert times > 0
    assert says in "\n".join(pins.faults(changed, asked(WHOLE)))


def of_this_environment(name: str) -> tuple[str, list[str]]:
    return metadata.version(name), metadata.requires(name) or []


@pytest.mark.parametrize("name", FILES)
def test_what_comes_along_is_pinned_too(name: str) -> None:
    place = pins.where(".".join(platform.python_version_tuple()[:2]), sys.platform)
    assert pins.unpinned(pins.versions(text(name), place), asked(name), place, of_this_environment) == []


def test_what_comes_along_unpinned_is_found() -> None:
    packages = {
        "a": ("1", ["b>=2", "c; python_version < '3.11'", "d; extra == 'more'"]),
        "b": ("2", ["a", "e"]),
        "d": ("4", ["f"]),
        # Another version than the pinned one, whose requirements say nothing of it.
        "g": ("8", ["h"]),
    }
    pinned = {"a": ["1"], "b": ["2"], "d": ["4"], "g": ["7"]}

    def found(asked: str, python: str) -> list[str]:
        return pins.unpinned(pinned, pins.lines(asked), pins.where(python), packages.__getitem__)

    assert found("a\ng", "3.12") == ["e"]
    assert found("a", "3.10") == ["c", "e"]
    assert found("a\na[more]", "3.12") == ["e", "f"]


# --- one site ---------------------------------------------------------------------------------------------------------


def test_the_site_is_built_with_the_same_versions_by_every_python() -> None:
    assert list(pins.differences(text(BOOK))) == []


@pytest.mark.parametrize(("name", "newer"), [("sphinx", "3.11"), ("sphinx", "3.13"), ("sphinx-book-theme", "3.12")])
def test_another_version_for_one_python_is_found(name: str, newer: str) -> None:
    *_, line = re.findall(rf"^{name}==.*", text(BOOK), re.MULTILINE)
    pin = line.partition(" ;")[0]
    held, other = f"{pin} ; python_version < '{newer}'", f"{name}==9 ; python_version >= '{newer}'"
    book = re.sub(rf"^{name}==.*\n", "", text(BOOK), flags=re.MULTILINE)
    (found,) = set(pins.differences(f"{book}{held}\n{other}\n"))
    assert found.startswith(f"{name}: ['{pin.partition('==')[2]}']") and found.endswith(f"['9'] on {newer}")
    (found,) = set(pins.differences(f"{book}{held}\n"))
    assert found.endswith(f"None on {newer}")


def parted(book: str, whole: str) -> list[str]:
    """What makes the pages, by the Makefile, and is tested in another version than the site is built with."""
    makes_pages = re.search(r"^MAKES_PAGES := (.*)", text("Makefile"), re.MULTILINE).group(1)
    found = []
    for python in pins.PYTHONS:
        here, there = (pins.versions(each, pins.where(python)) for each in (book, whole))
        held = [name for name in here if re.match(makes_pages, name)]
        assert len(held) > 20
        found += [f"{name} on Python {python}" for name in held if here[name] != there.get(name)]
    return found


def test_what_makes_the_pages_is_tested_as_it_is_published() -> None:
    assert parted(text(BOOK), text(WHOLE)) == []


def test_a_theme_that_is_tested_in_another_version_is_found() -> None:
    changed = re.sub(r"^(sphinx-book-theme)==.*", r"\1==9", text(WHOLE), flags=re.MULTILINE)
    assert parted(text(BOOK), changed) == [f"sphinx-book-theme on Python {python}" for python in pins.PYTHONS]


# --- who uses them ----------------------------------------------------------------------------------------------------


def installs(folder: Path, makefile: str, *words: str) -> list[str]:
    """What `make` would install the course and the site with, without doing so."""
    for name in ("book", "solutions", "tests"):
        (folder / name).mkdir()
        shutil.copyfile(ROOT / name / "requirements.txt", folder / name / "requirements.txt")
    for name in ("pyproject.toml", "solutions/cluster.txt", *FILES):
        shutil.copyfile(ROOT / name, folder / name)
    (folder / "Makefile").write_text(makefile)
    command = ["make", "--dry-run", f"PYTHON={sys.executable}", ".venv/installed", ".venv-book/installed", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return re.findall(r"pip install .*?(?:-e '\.\[[\w,]+\]'|-r \S+)(.*?) *\\?$", done.stdout, re.MULTILINE)


def test_make_installs_what_was_tested(tmp_path: Path) -> None:
    assert installs(tmp_path, text("Makefile")) == [f" -c {WHOLE}", f" -c {BOOK}"]


def test_make_installs_the_newest_if_it_is_told_so(tmp_path: Path) -> None:
    assert installs(tmp_path, text("Makefile"), "CONSTRAINTS=") == ["", ""]


@pytest.mark.parametrize("name", ["$(CONSTRAINTS)", "$(BOOK_CONSTRAINTS)"])
def test_an_environment_without_its_constraints_is_seen(tmp_path: Path, name: str) -> None:
    assert f"$(addprefix -c ,{name})" in text("Makefile")
    changed = text("Makefile").replace(f"$(addprefix -c ,{name})", "")
    assert "" in installs(tmp_path, changed)


def unheld(workflow: str) -> set[str]:
    """The jobs of a workflow that leave a constraints file out."""
    found = set()
    for job, content in yaml.safe_load(workflow)["jobs"].items():
        for step in content["steps"]:
            command = step.get("run", "")
            by_hand = re.search(r"pip install .*-e ", command) and f"-c {WHOLE}" not in command
            if (
                by_hand
                or "CONSTRAINTS=" in command
                or "CONSTRAINTS" in {**content.get("env", {}), **step.get("env", {})}
            ):
                found.add(job)
    return found


def test_one_job_alone_takes_the_newest_versions() -> None:
    workflows = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    assert {(path.name, job) for path in workflows for job in unheld(path.read_text())} == {("weekly.yml", "newest")}


@pytest.mark.parametrize(
    ("name", "old", "new", "job"),
    [
        ("gpu.yml", f"-c {WHOLE} ", "", "notebooks"),
        ("ci.yml", "run: make evidence", "run: make evidence CONSTRAINTS=", "evidence"),
        (
            "ci.yml",
            "          COURSE_NEEDS_SANDBOX:",
            '          CONSTRAINTS: ""\n          COURSE_NEEDS_SANDBOX:',
            "test",
        ),
    ],
)
def test_a_job_that_leaves_them_out_is_seen(name: str, old: str, new: str, job: str) -> None:
    workflow = text(f".github/workflows/{name}")
    assert old in workflow
    assert job in unheld(workflow.replace(old, new))
