"""``course grade --sandbox container``: everywhere with a stand-in for the engine; with a real one where it answers.

The environment variable ``COURSE_TEST_IMAGE`` names an image that holds the course, for the tests with a real engine.
Without it they use an empty image into which this machine's Python is mounted, where the engine can do that.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

from functional_course import sandbox
from functional_course.grading.executing import sides
from functional_course.grading.executing.contained import state
from functional_course.grading.judging import execution
from functional_course.grading.judging.basis import why
from functional_course.grading.judging.execution import CONTAINER, policy
from functional_course.grading.running.conditions import Conditions
from functional_course.grading.running.run import Run
from functional_course.sandbox import Policy, container

import nbformat
import pytest
from conftest import ROOT
from small_course import ANSWERS, ASSIGNMENT, POINTS, hand_in, make_course

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="the engines here are shell scripts"),
    pytest.mark.xdist_group("grading"),
]

RIGHT = {task: answer for task, (_, answer) in ANSWERS.items()}
HALF = POINTS / 2
ENDLESS = "import signal, time\nsignal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])\ntime.sleep(600)"


def put_on_path(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str, name: str = "podman") -> None:
    """Have a shell script be the first engine that is found."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture(autouse=True)
def found_anew() -> Iterator[None]:
    """Engines are looked for once in a process: forget what was found, before and after."""
    container.available_engine.cache_clear()
    yield
    container.available_engine.cache_clear()


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return make_course(tmp_path / "course")


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a stand-in engine that is the first on PATH."""
    folder = tmp_path / "engine"
    folder.mkdir()
    script = Path(__file__).with_name("stand_in_engine.py")
    put_on_path(tmp_path / "bin", monkeypatch, f"exec '{sys.executable}' '{script}' '{folder}' \"$@\"")
    return folder


def grade(course: Path, image: str = "course", sandbox: str = CONTAINER, **options):
    from functional_course.grading.running.grade import grade_class

    return grade_class(course, ASSIGNMENT, workers=1, sandbox=sandbox, image=image, feedback=False, **options)


def calls(engine: Path) -> list[list[str]]:
    return [json.loads(line) for line in (engine / "calls.txt").read_text().splitlines()]


def running(engine: Path) -> list[str]:
    return [path.name for path in engine.glob("course-grade-*")]


def test_scores_are_those_of_namespaces(course: Path, engine: Path):
    hand_in(course, "ann")
    noisy = "import os\nos.write(1, b'x' * 5000)\nos.system('echo out; echo err >&2')\nprint('shown')\ntotal = 41"
    hand_in(course, "bob", {**RIGHT, "total": noisy})
    contained = grade(course)
    assert [(row.student, row.points) for row in contained.rows] == [("ann", POINTS), ("bob", HALF + 1)]
    assert contained.warnings == ()
    if sandbox.available() is None:
        other = grade(course, sandbox="namespaces")
        assert [(row.points, row.repairs) for row in other.rows] == [
            (row.points, row.repairs) for row in contained.rows
        ]
        assert other.tasks == contained.tasks
    shown = nbformat.read(course / "autograded" / "bob" / ASSIGNMENT / "small.ipynb", 4)
    # As in a kernel, what programs write is seen, too; it comes after what Python prints, and between no messages.
    texts = [output.text for cell in shown.cells if cell.id == "total" for output in cell.outputs]
    assert texts == ["shown\n" + "x" * 5000 + "out\n"]
    started = [words for words in calls(engine) if words[0] == "run" and "--state" not in words]
    assert len(started) == 2
    names = [next(word for word in words if word.startswith("--name=")) for words in started]
    assert len(set(names)) == 2
    memory = f"--memory={Policy().memory_bytes + sides.KERAS_BYTES}"
    assert all(memory in words and "--network=none" in words for words in started)
    assert running(engine) == []


def test_a_killed_container_takes_no_other_cell_along(course: Path, engine: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(execution, "available", lambda: "switched off")  # for the side that judges, either
    hand_in(course, "ann", {**RIGHT, "total": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"})
    (row,) = grade(course).rows
    assert row.points == HALF
    (ended,) = row.repairs
    assert ended.cell == "total" and "more memory than there is" in ended.learner


def test_a_container_that_does_not_end_is_killed_by_its_name(course: Path, engine: Path):
    hand_in(course, "ann", {**RIGHT, "total": ENDLESS})
    began = time.monotonic()
    (row,) = grade(course, cell_seconds=2).rows
    assert row.points == HALF and time.monotonic() - began < 300
    (ended,) = row.repairs
    assert ended.cell == "total" and "took too long" in ended.learner
    killed = [words[-1] for words in calls(engine) if words[0] == "kill"]
    assert killed and all(name.startswith("course-grade-") for name in killed)
    assert running(engine) == []


def test_a_container_that_falls_over_costs_nobody_points(course: Path, engine: Path):
    from functional_course.grading.running.grade import GradeError

    hand_in(course, "ann")
    with pytest.raises(GradeError, match=r"ann/small could not be executed: the learner's side did not start.*125"):
        grade(course, image="falls")
    assert grade(course).rows[0].points == POINTS


def test_leftovers_of_killed_runs_are_removed(engine: Path):
    over = subprocess.Popen(["true"])
    over.wait()
    left = subprocess.Popen(["sleep", "600"], start_new_session=True)
    begin = sides._names()
    (engine / f"{begin}{over.pid}-0").write_text(str(left.pid))
    (engine / f"{begin}{os.getpid()}-0").write_text("0")
    (engine / "course-grade-elsewhere-1-0").write_text("0")
    try:
        sides.remove_leftovers("podman")
        assert left.wait(timeout=10) == -signal.SIGKILL
    finally:
        left.kill()
    assert sorted(running(engine)) == sorted([f"{begin}{os.getpid()}-0", "course-grade-elsewhere-1-0"])


@pytest.mark.parametrize(
    ("image", "said"),
    [
        ("nowhere", r"podman has no image called nowhere\. Build the image"),
        ("bare", r"does not run the course: python: No module named functional_course\. Build the image"),
        ("old", r"another state of the course: course 0, keras 0, not course \w+, keras [\d.]+\. Build the image"),
    ],
)
def test_an_image_that_will_not_do_is_refused(course: Path, engine: Path, image: str, said: str):
    from functional_course.grading.running.grade import GradeError

    hand_in(course, "ann")
    with pytest.raises(GradeError, match=said):
        grade(course, image=image)
    assert running(engine) == []


def test_without_an_engine_nothing_is_graded(course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from functional_course.grading.running.grade import GradeError

    hand_in(course, "ann")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GradeError, match="neither podman nor docker is installed"):
        grade(course)
    put_on_path(tmp_path / "bin", monkeypatch, "echo 'Is the daemon running?' >&2; exit 1", "docker")
    with pytest.raises(GradeError, match=r"docker is installed but does not answer: Is the daemon running\?\. Start"):
        grade(course)


def test_where_there_are_no_namespaces_the_container_is_named(course: Path, monkeypatch: pytest.MonkeyPatch):
    from functional_course.grading.running.grade import GradeError

    monkeypatch.setattr(sandbox, "available", lambda: "user namespaces are switched off")
    with pytest.raises(GradeError, match=r"switched off.*--sandbox container.*--sandbox none"):
        grade(course, sandbox="namespaces")


def test_the_command_takes_the_image(course: Path, engine: Path, monkeypatch: pytest.MonkeyPatch):
    from functional_course.cli import main

    from click.testing import CliRunner

    monkeypatch.chdir(course)
    hand_in(course, "ann")
    refused = CliRunner().invoke(main, ["grade", ASSIGNMENT, "--sandbox", "container"])
    assert refused.exit_code == 2 and "no image called functional-course" in " ".join(refused.output.split())
    words = ["grade", ASSIGNMENT, "--sandbox", "container", "--image", "cold", "--no-feedback"]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    assert "6 of 6" in done.output


# A real engine.


def _folders() -> list[str]:
    """What this Python needs, as an image would hold it."""
    wanted = ["/usr", "/bin", "/lib", "/lib64", "/etc/ld.so.cache", sys.base_prefix, sys.prefix]
    wanted += [str(Path(os.path.realpath(sys.executable)).parent.parent), str(ROOT / "functional_course")]
    there = [Path(path) for path in dict.fromkeys(wanted) if os.path.exists(path)]
    return [str(path) for path in there if not any(other in path.parents for other in there)]


@pytest.fixture
def image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An image of a real engine that holds this very course; without one, tests are skipped."""
    name = os.environ.get("COURSE_TEST_IMAGE")
    real = container.available_engine()
    if name:
        yield name
        return
    if real is None or sys.platform != "linux":
        pytest.skip("no container engine answers on this machine")
    name = "functional-course-test-empty"
    with tarfile.open(tmp_path / "empty.tar", "w") as empty:
        empty.add(tmp_path, "nothing", recursive=False)
    subprocess.run([real, "import", tmp_path / "empty.tar", name], check=True, capture_output=True, timeout=60)
    # The words are the course's own. Added is what an image would hold; and a limit on processes, for an engine that
    # runs in a container itself may not have the right to its default.
    shown = [f"--mount=type=bind,source={path},target={path},readonly" for path in _folders()]
    shown += [f"--env=PATH={Path(sys.executable).parent}:/usr/bin:/bin", f"--env=PYTHONPATH={ROOT}"]
    shown += ["--ulimit=nproc=4096"]
    more = " ".join(f"'{word}'" for word in shown)
    script = f'if [ "$1" = run ]; then shift; set -- run {more} "$@"; fi\nexec \'{shutil.which(real)}\' "$@"'
    put_on_path(tmp_path / "bin", monkeypatch, script, real)
    try:
        why = container.why_not(name, Policy.from_json(policy(CONTAINER)), [*sides.PROGRAM, "--state"], state())
        if why is not None:
            pytest.skip(f"no container holds this machine's Python: {why}")
        yield name
    finally:
        container.asked(real, "image", "rm", "--force", name)


ATTACKS = {
    "network": ("import socket\nsocket.create_connection(('192.0.2.1', 80), 5)\ntotal = 42", HALF, None),
    "files": (
        "import os, pathlib\n"
        "seen = [path for path in {places!r} if os.path.exists(path)]\n"
        "assert not seen, seen\n"
        "pathlib.Path('/usr/mine').write_text('x')\ntotal = 42",
        HALF,
        None,
    ),
    "memory": ("total = 42\nkept = [b'x' * 50_000_000 for _ in range(100)]", HALF, "more memory than there is"),
    "processes": ("import subprocess\nkept = [subprocess.Popen(['sleep', '60']) for _ in range(999)]", HALF, None),
    "endless": (ENDLESS, HALF, "took too long"),
    "honest": ("import os\nassert os.getuid() == 65534\nopen('mine.txt', 'w').write('x')\ntotal = 42", POINTS, None),
}
"""By name: the first answer, the points of the notebook, and what is said of it."""


def test_a_real_container_holds(course: Path, image: str, monkeypatch: pytest.MonkeyPatch):
    from functional_course.grading.running import conditions

    small = {**json.loads(policy(CONTAINER)), "memory_bytes": 256 * 1024**2}
    monkeypatch.setattr(conditions, "policy", lambda *_: json.dumps(small))
    places = [str(course), str(course / "solutions"), os.path.expanduser("~/.bashrc"), str(ROOT / "solutions")]
    for name, (source, _, _) in ATTACKS.items():
        hand_in(course, name, {**RIGHT, "total": source.replace("{places!r}", repr(places))})
    rows = {row.student: row for row in grade(course, image=image, cell_seconds=20).rows}
    notebooks = {name: course / "autograded" / name / ASSIGNMENT / "small.ipynb" for name in ATTACKS}
    errors = {
        name: [output.ename for cell in nbformat.read(path, 4).cells if cell.id == "total" for output in cell.outputs]
        for name, path in notebooks.items()
    }
    assert errors == {
        "network": ["OSError"],
        "files": ["OSError"],
        "memory": ["RuntimeError"],
        "processes": ["BlockingIOError"],
        "endless": ["RuntimeError"],
        "honest": [],
    }
    assert {name: row.points for name, row in rows.items()} == {name: each[1] for name, each in ATTACKS.items()}
    for name, (_, _, said) in ATTACKS.items():
        heard = " ".join(repair.learner for repair in rows[name].repairs)
        assert heard == "" if said is None else said in heard, (name, heard)
    assert sides._names() not in container.asked(container.available_engine(), "ps", "--all").stdout


def test_verdicts_rest_on_the_image_itself_and_not_on_its_name(course: Path, engine: Path):
    before = Run(course, ASSIGNMENT, Conditions(CONTAINER, "course")).assignment.basis
    assert why(before, Run(course, ASSIGNMENT, Conditions(CONTAINER, "course")).assignment.basis) == ""
    (engine / "built").write_text("anew")
    said = why(before, Run(course, ASSIGNMENT, Conditions(CONTAINER, "course")).assignment.basis)
    assert re.fullmatch(
        r"the sandbox \(container course \((\w{12})\) → container course \((?!\1)\w{12}\)\) changed", said
    )
    # What no engine knows here, such as an image of a cluster's workers, has only its name.
    assert Run(course, ASSIGNMENT, Conditions(CONTAINER, "away")).assignment.basis["the sandbox"] == "container away"
