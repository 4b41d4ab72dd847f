"""The images of the course: linted, with the tested versions, without solutions, and nobody in them is root.

No engine is needed, because the Dockerfile is read here and not built. CI builds it.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pins
import pytest
import yaml
from conftest import ROOT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
IGNORED = (ROOT / ".dockerignore").read_text(encoding="utf-8")
GUIDE = (ROOT / "book" / "guides" / "teach.md").read_text(encoding="utf-8")
TARGETS = ("sandbox", "classroom")
CONSTRAINED = "--constraint /opt/course/constraints.txt"

Stages = dict[str, list[tuple[str, str]]]


def lint(text: str) -> str:
    """What hadolint says against a Dockerfile; empty if it has nothing to say, not even in matters of style."""
    command = [str(Path(sys.executable).with_name("hadolint")), "--no-color", "--failure-threshold", "style", "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=60)
    assert (done.returncode == 0) == (done.stdout.strip() == ""), done.stderr
    return done.stdout.strip()


def stages_of(text: str) -> Stages:
    """By name, the instructions of each stage with their words; its ``FROM`` is the first of them."""
    found: Stages = {}
    name = ""
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    for line in lines.replace("\\\n", " ").splitlines():
        if line.strip():
            instruction, words = line.split(None, 1)
            if instruction == "FROM":
                name = words.rpartition(" AS ")[2]
            found.setdefault(name, []).append((instruction, " ".join(words.split())))
    return found


def lineage(stages: Stages, target: str) -> list[tuple[str, str]]:
    """All instructions that make a target, those of the stages that it stands on first."""
    base = stages[target][0][1].split()[0]
    return [*(lineage(stages, base) if base in stages else []), *stages[target]]


def copied(stages: Stages) -> list[tuple[str, str]]:
    """What is copied out of the folder of the course, each with the place that it goes to."""
    found = []
    for instruction, words in (each for stage in stages.values() for each in stage):
        if instruction in ("COPY", "ADD") and "--from=" not in words:
            *sources, place = [word for word in shlex.split(words) if not word.startswith("--")]
            found += [(source, place) for source in sources]
    return found


def lets_in(ignored: str, path: str) -> bool:
    """Whether a ``.dockerignore`` lets a file into the build: the last line that fits decides."""
    parts = path.split("/")
    above = ["/".join(parts[:number]) for number in range(1, len(parts) + 1)]
    found = True
    for line in map(str.strip, ignored.splitlines()):
        if not line or line.startswith("#"):
            continue
        pattern = line.removeprefix("!")
        anywhere = pattern.removeprefix("**/") if pattern.startswith("**/") else None
        fits = [
            fnmatch(each.rpartition("/")[2], anywhere)
            if anywhere
            else each.count("/") == pattern.count("/") and fnmatch(each, pattern)
            for each in above
        ]
        if any(fits):
            found = line.startswith("!")
    return found


def faults(text: str, ignored: str = IGNORED) -> list[str]:
    """What is wrong with the images beyond what a linter knows, one line each."""
    stages = stages_of(text)
    found = []
    if missing := set(TARGETS) - set(stages):
        return [f"there is no target {name}" for name in sorted(missing)]
    (python,) = [words.removeprefix("PYTHON=") for kind, words in stages[""] if kind == "ARG" and "PYTHON" in words]
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    if python not in pins.PYTHONS or f"python={python}" not in environment:
        found.append(f"Python {python} is not that of environment.yml")
    for name, instructions in stages.items():
        base = instructions[0][1].split()[0]
        if name and base not in stages and not re.fullmatch(r"docker\.io/library/python:\$\{PYTHON\}-slim-\w+", base):
            found.append(f"{name} stands on {base}")
        found += [
            f"{name} installs other versions: {words}"
            for kind, words in instructions
            if kind == "RUN" and "pip install" in words and CONSTRAINED not in words
        ]
    for target in TARGETS:
        instructions = lineage(stages, target)
        if ("COPY", "constraints.txt /opt/course/") not in instructions:
            found.append(f"{target} has no constraints.txt")
        users = [words for kind, words in instructions if kind == "USER"]
        if not users or not re.fullmatch(r"[1-9]\d*(:[1-9]\d*)?", users[-1]):
            found.append(f"{target} may be root: {users[-1:] or 'no user'}")
    for source, _ in copied(stages):
        if not (ROOT / source).exists():
            found.append(f"{source} is copied, and is not there")
        elif not lets_in(ignored, source):
            found.append(f".dockerignore keeps {source} out")
    return found


def test_the_linter_has_nothing_against_it():
    assert lint(DOCKERFILE) == ""


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("USER 65534:65534", "USER root", "DL3002"),
        ("-slim-trixie AS course", "-slim-trixie AS wheel", "DL3024"),
        ("WORKDIR /tmp", "WORKDIR tmp", "DL3000"),
        ("pip install --no-cache-dir", "pip install", "DL3042"),
        ("docker.io/library/python:${PYTHON}-slim-trixie", "docker.io/library/python", "DL3006"),
        ("docker.io/library/python:${PYTHON}-slim-trixie", "docker.io/library/python:latest", "DL3007"),
        ("CMD [", "CMD python [", "DL3025"),
        ("set -- /opt/course/*.whl", "set -- $(ls /opt/course/*.whl)", "SC2046"),
    ],
)
def test_the_linter_finds_a_planted_fault(old: str, new: str, rule: str):
    assert old in DOCKERFILE
    assert rule in lint(DOCKERFILE.replace(old, new))


def test_the_images_are_what_they_should_be():
    assert faults(DOCKERFILE) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("AS sandbox", "AS box", "there is no target sandbox"),
        ("PYTHON=3.12", "PYTHON=3.9", "Python 3.9 is not that of environment.yml"),
        ("PYTHON=3.12", "PYTHON=3.13", "Python 3.13 is not that of environment.yml"),
        (
            "docker.io/library/python:${PYTHON}-slim-trixie AS course",
            "ubuntu:24.04 AS course",
            "stands on ubuntu:24.04",
        ),
        (f"{CONSTRAINED} jupyterlab", "jupyterlab", "classroom installs other versions"),
        ("COPY constraints.txt", "COPY book/constraints.txt", "sandbox has no constraints.txt"),
        ("COPY constraints.txt", "COPY book/constraints.txt", ".dockerignore keeps book/constraints.txt out"),
        ("USER 65534:65534\n", "", "sandbox may be root: no user"),
        ("USER 1000:1000", "USER 0:0", "classroom may be root"),
        ("COPY exercises /", "COPY solutions /", ".dockerignore keeps solutions out"),
        ("COPY exercises /", "COPY . /", ".dockerignore keeps . out"),
        ("COPY exercises /", "COPY excercises /", "excercises is copied, and is not there"),
    ],
)
def test_a_planted_fault_is_found(old: str, new: str, said: str):
    assert old in DOCKERFILE
    assert said in "\n".join(faults(DOCKERFILE.replace(old, new)))


def test_the_wheel_is_made_of_all_that_the_project_reads():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["tool"]["setuptools"]["dynamic"]["optional-dependencies"]
    read = {file for extra in extras.values() for file in extra["file"]} | {project["project"]["readme"]}
    into = dict(copied({"wheel": stages_of(DOCKERFILE)["wheel"]}))
    assert read <= set(into)
    assert all(into[file] == (f"{Path(file).parent}/" if "/" in file else "./") for file in read)


SECRET = (
    "solutions/01_sequential_vs_functional/build.ipynb",
    "tests/answers/01_sequential_vs_functional/build/right_1.py",
    "tests/conftest.py",
    "submitted/ann/01_sequential_vs_functional/build.ipynb",
    "my_work/01_sequential_vs_functional/build.ipynb",
    "gradebook.db",
    ".course/checks/x.json",
    ".git/config",
    ".venv/bin/python",
    "exercises/01_sequential_vs_functional/.ipynb_checkpoints/build-checkpoint.ipynb",
)


def secrets_let_in(ignored: str) -> list[str]:
    return [path for path in SECRET if lets_in(ignored, path)]


def test_no_secret_gets_into_the_build():
    assert secrets_let_in(IGNORED) == []
    assert lets_in(IGNORED, "exercises/01_sequential_vs_functional/build.ipynb")
    assert lets_in(IGNORED, "functional_course/grading/running/run.py") and lets_in(IGNORED, "solutions/gpu.txt")


@pytest.mark.parametrize(
    ("old", "new", "let_in"),
    [
        ("!solutions/*.txt", "!solutions", SECRET[0]),
        ("!tests/requirements.txt", "!tests", SECRET[1]),
        ("\n*\n", "\n", "gradebook.db"),
        ("**/.ipynb_checkpoints\n", "", SECRET[-1]),
    ],
)
def test_a_secret_that_is_let_in_is_found(old: str, new: str, let_in: str):
    assert old in IGNORED
    assert let_in in secrets_let_in(IGNORED.replace(old, new))


def told(guide: str) -> list[str]:
    """What the guide for teachers lacks of the images, or says beside the file."""
    builds = list(re.findall(r"^docker build (.*?) *(?:#.*)?$", guide, re.MULTILINE))
    found = [f"no command builds {target}" for target in TARGETS if not any(f"--target {target}" in b for b in builds)]
    found += [f"--target {name}: there is no such target" for name in re.findall(r"--target (\w+)", guide)
              if name not in stages_of(DOCKERFILE)]  # fmt: skip
    if re.search(r"^(FROM|COPY|RUN) ", guide, re.MULTILINE):
        found.append("a second recipe")
    return found


def test_the_guide_builds_the_images_from_the_file_alone():
    assert told(GUIDE) == []
    assert "no command builds sandbox" in told(GUIDE.replace("--target sandbox", "--target box"))
    assert "a second recipe" in told(GUIDE + "\nFROM python:3.11-slim\n")


def test_the_extras_are_what_an_image_can_be_given():
    extras = {}
    for name in ("gpu", "jax", "torch"):
        (extras[name],) = pins.lines((ROOT / "solutions" / f"{name}.txt").read_text(encoding="utf-8"))
        assert f"EXTRAS={name}" in DOCKERFILE
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (here,) = [each for each in pins.lines("\n".join(project["dependencies"])) if each.name == "tensorflow"]
    assert extras["gpu"].extras == {"and-cuda"} and extras["gpu"].specifier == here.specifier
    assert [extras[name].name for name in ("jax", "torch")] == ["jax", "torch"]


def test_the_classroom_starts_what_a_learner_needs():
    ((_, command),) = [each for each in stages_of(DOCKERFILE)["classroom"] if each[0] == "CMD"]
    shell, option, line = json.loads(command)
    assert (shell, option) == ("sh", "-c") and line.startswith("course start && exec jupyter lab ")
    # The token, without which whoever reaches the port could run programs, stays on.
    assert "token" not in line and "password" not in line
