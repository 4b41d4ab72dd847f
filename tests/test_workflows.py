"""The GitHub workflows: valid, pinned, bounded, and allowed no more than they need."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import needs
import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))

PINNED = re.compile(r"[\w.-]+(?:/[\w.-]+)+@[0-9a-f]{40} # v\d+(?:\.\d+)*")
# The jobs that may write, and what.
MAY_WRITE = {("pages.yml", "publish"): {"pages", "id-token"}, ("weekly.yml", "tell"): {"issues"}}


def schema_faults(*files: Path) -> str:
    """What SchemaStore's schema for workflows says against the files; empty if it accepts them.

    The schema comes with the package check-jsonschema, so nothing is fetched.
    """
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows"]
    result = subprocess.run([*command, *map(str, files)], capture_output=True, text=True)
    return "" if result.returncode == 0 else result.stdout + result.stderr


def faults(name: str, text: str) -> list[str]:
    """What is wrong with a workflow beyond its form, one line each."""
    found = []
    for line in text.splitlines():
        used = re.match(r"\s*(?:- )?uses:\s*(.*)", line)
        if used and not PINNED.fullmatch(used.group(1).strip()):
            found.append(f"{used.group(1)} is not pinned to a commit with its version in a comment")

    workflow = yaml.safe_load(text)
    if workflow.get("permissions") != {"contents": "read"}:
        found.append("the workflow's permissions are not just contents: read")
    if "concurrency" not in workflow:
        found.append("no concurrency: runs would pile up")
    for job, content in workflow["jobs"].items():
        if not isinstance(content.get("timeout-minutes"), int):
            found.append(f"{job} has no timeout-minutes")
        permissions = content.get("permissions", {})
        writes = {key for key, value in permissions.items() if value == "write"} if permissions else set()
        if writes - MAY_WRITE.get((name, job), set()):
            found.append(f"{job} may write {sorted(writes)}")
        for step in content.get("steps", []):
            checkout = step.get("uses", "").startswith("actions/checkout@")
            if checkout and step.get("with", {}).get("persist-credentials") is not False:
                found.append(f"{job} leaves the token in the checkout (persist-credentials)")
            if "${{ github.event" in step.get("run", ""):
                found.append(f"{job} puts text from outside into a shell")
    return found


def test_there_is_one_workflow_for_each_purpose() -> None:
    assert [path.name for path in WORKFLOWS] == ["ci.yml", "gpu.yml", "pages.yml", "weekly.yml"]


def test_the_workflows_fit_the_schema() -> None:
    assert schema_faults(*WORKFLOWS) == ""


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_the_workflows_are_pinned_and_bounded(path: Path) -> None:
    assert faults(path.name, path.read_text()) == []


def test_an_action_has_one_version() -> None:
    versions: dict[str, set[str]] = {}
    for path in WORKFLOWS:
        for action, pin in re.findall(r"uses: ([\w./-]+)@(.*)", path.read_text()):
            versions.setdefault(action, set()).add(pin)
    assert {action: pins for action, pins in versions.items() if len(pins) > 1} == {}


def test_ci_covers_what_the_course_promises() -> None:
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())["jobs"]
    matrix = jobs["test"]["strategy"]["matrix"]["include"]
    linux = {entry["python"] for entry in matrix if entry["system"].startswith("ubuntu")}
    assert linux == {"3.10", "3.12", "3.13"}
    assert sum(entry["system"].startswith("macos") for entry in matrix) == 1
    commands = [step.get("run") for step in jobs["test"]["steps"]]
    assert commands.index("make test AGAIN=1") < commands.index("make book")
    # `make test` executes no page of evidence: a job beside it does.
    assert "make evidence" in [step.get("run") for step in jobs["evidence"]["steps"]]
    # Nor does it run on a backend that the course doesn't install, unless it is told to.
    assert jobs["backends"]["strategy"]["matrix"]["backend"] == ["jax", "torch"]
    assert "make test BACKEND=${{ matrix.backend }}" in [step.get("run") for step in jobs["backends"]["steps"]]
    assert any(step.get("env") == {"COURSE_NEEDS_SANDBOX": "1"} for step in jobs["backends"]["steps"])


def recipe(*words: str) -> str:
    """What a call of make would run, in an environment that is installed."""
    command = ["make", "--no-print-directory", "--dry-run", "--old-file", ".venv/installed", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_all_is_tested_on_another_backend_with_one_command(backend: str) -> None:
    executed, tested = recipe("backend", f"BACKEND={backend}"), recipe("test", f"BACKEND={backend}")
    assert f"-r solutions/{backend}.txt" in executed and f"KERAS_BACKEND={backend} " in executed
    assert "-p tests.backends " in executed and "book/chapters book/reference solutions" in executed
    # The same, and then the solutions are graded there.
    assert tested.startswith(executed)
    (graded,) = [line for line in tested[len(executed) :].splitlines() if "test_graded_solutions" in line]
    assert graded.startswith(f"KERAS_BACKEND={backend} ")


def test_tensorflow_is_what_make_test_runs_on() -> None:
    usual = recipe("test")
    assert usual == recipe("test", "BACKEND=tensorflow")
    assert "ruff check" in usual and "KERAS_BACKEND" not in usual


def test_ci_lints_and_builds_the_images_and_tries_both() -> None:
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())["jobs"]
    runs = [step["run"] for step in jobs["images"]["steps"] if "run" in step]
    order = ["make .venv/installed", "hadolint ", "docker build --target sandbox", "--state | diff", "course start"]
    assert [next(i for i, run in enumerate(runs) if text in run) for text in order] == [0, 1, 2, 3, 4]


def lost_modules(text: str) -> list[str]:
    """The modules of the course that a text has Python run and that aren't there."""
    named = set(re.findall(r"-m ((?:functional_course|tests)(?:\.\w+)*)", text))
    places = {name: ROOT.joinpath(*name.split(".")) for name in named}
    return sorted(
        name
        for name, place in places.items()
        if not place.with_suffix(".py").is_file() and not (place / "__main__.py").is_file()
    )


def test_the_modules_that_are_run_are_there() -> None:
    files = [*WORKFLOWS, *(ROOT / name for name in ("Makefile", "Dockerfile", "README.md", "CONTRIBUTING.md"))]
    assert {path.name: lost_modules(path.read_text()) for path in files} == {path.name: [] for path in files}
    assert lost_modules("python -m functional_course.grading.contained --state") == [
        "functional_course.grading.contained"
    ]


def test_ci_skips_no_test_of_the_sandbox_on_linux() -> None:
    steps = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())["jobs"]["test"]["steps"]
    names = [step.get("name") for step in steps]
    allow, test = steps[names.index("Allow the sandbox")], steps[names.index("Test")]
    assert names.index("Allow the sandbox") < names.index("Test")
    assert allow["if"] == "runner.os == 'Linux'"
    assert allow["run"] == "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
    assert test["env"][needs.SETTING] == "${{ runner.os == 'Linux' && '1' || '0' }}"


def without_sandbox(jobs: dict) -> list[str]:
    """The jobs whose tests need a sandbox and that don't allow it first, or take its absence for a reason to skip."""
    found = []
    for name, job in jobs.items():
        allowed = False
        for step in job["steps"]:
            run = step.get("run") or ""
            allowed |= "apparmor_restrict_unprivileged_userns=0" in run
            if run.startswith(("make test", "make answers")) and not (allowed and needs.SETTING in step.get("env", {})):
                found.append(name)
    return found


def test_no_job_skips_what_needs_a_sandbox() -> None:
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        assert without_sandbox(yaml.safe_load(path.read_text())["jobs"]) == []


@pytest.mark.parametrize("left_out", ["Allow the sandbox", "env"])
def test_a_job_that_would_skip_them_is_found(left_out: str) -> None:
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())["jobs"]
    for step in jobs["answers"]["steps"]:
        step.pop(left_out, None)
    jobs["answers"]["steps"] = [step for step in jobs["answers"]["steps"] if step.get("name") != left_out]
    assert without_sandbox(jobs) == ["answers"]


def test_the_weekly_run_has_all_that_takes_long_and_tells_if_it_is_red() -> None:
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "weekly.yml").read_text())["jobs"]
    commands = {name: [step.get("run") for step in job["steps"]] for name, job in jobs.items()}
    for name, command in (
        ("newest", "make test AGAIN=1 CONSTRAINTS="),
        ("newest", "make book CONSTRAINTS="),
        ("mutants", "make mutants"),
        ("trials", "make trials"),
    ):
        assert command in commands[name]
    assert red(jobs) == {"newest", "mutants", "trials"} and jobs["tell"]["if"] == "failure()"
    assert any("tests.next_book" in (command or "") for command in commands["next_book"])


def red(jobs: dict) -> set[str]:
    """The jobs that make the weekly run red, and of which an issue tells."""
    blocking = {name for name, job in jobs.items() if not job.get("continue-on-error")} - {"tell"}
    assert set(jobs["tell"]["needs"]) == blocking, "an issue tells of what is red, and of nothing else"
    return blocking


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    continue-on-error: true\n", ""),
        ("needs: [newest, mutants, trials]", "needs: [newest, mutants, trials, next_book]"),
        ("needs: [newest, mutants, trials]", "needs: [newest, mutants]"),
    ],
)
def test_a_job_that_blocks_untold_and_one_that_is_told_of_and_blocks_nothing_are_seen(old: str, new: str) -> None:
    text = (ROOT / ".github" / "workflows" / "weekly.yml").read_text()
    assert text.count(old) == 1
    with pytest.raises(AssertionError, match="an issue tells of what is red"):
        red(yaml.safe_load(text.replace(old, new))["jobs"])


@pytest.mark.parametrize(
    ("known", "asked"), [("", "issue create --title The weekly run is red"), ("7", "issue comment 7")]
)
def test_a_red_week_opens_one_issue_and_then_adds_to_it(tmp_path: Path, known: str, asked: str) -> None:
    step = yaml.safe_load((ROOT / ".github" / "workflows" / "weekly.yml").read_text())["jobs"]["tell"]["steps"][0]
    stand_in, calls = tmp_path / "gh", tmp_path / "calls"
    stand_in.write_text(f'#!/bin/sh\necho "$@" >> {calls}\n[ "$2" != list ] || echo "{known}"\n')
    stand_in.chmod(0o755)
    given = {"PATH": f"{tmp_path}:/usr/bin:/bin", "RESULTS": "newest failure", "RUN": "https://example.org/runs/1"}
    subprocess.run(["bash", "-eo", "pipefail", "-c", step["run"]], env=given, check=True)
    listed, done = calls.read_text().splitlines()
    assert listed.startswith("issue list --state open")
    assert done.startswith(asked) and done.endswith("--body newest failure: https://example.org/runs/1")


def test_the_gpu_run_is_skipped_aloud_and_fails_without_a_gpu() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "gpu.yml").read_text())
    skipped, notebooks = workflow["jobs"]["skipped"], workflow["jobs"]["notebooks"]
    assert skipped["if"] == "vars.GPU_RUNNER == ''"
    assert "::notice" in skipped["steps"][0]["run"]
    assert notebooks["if"] == "vars.GPU_RUNNER != ''"
    assert "vars.GPU_RUNNER" in notebooks["runs-on"]
    runs = [step["run"] for step in notebooks["steps"] if "run" in step]
    order = ["nvidia-smi", "[gpu,grade,test]", "sees no GPU", "--nbval ", "course reproduce mnist"]
    assert [next(i for i, run in enumerate(runs) if text in run) for text in order] == [0, 1, 2, 3, 4]


PYTHON = """#!/bin/sh
case "$*" in
  "-m venv"*|"-m pip"*|"-m pytest"*) echo "python $*" >> calls ;;
  *) PYTHONPATH="$PWD" exec {python} "$@" ;;
esac
"""
TENSORFLOW = """
class config:
    list_physical_devices = staticmethod(lambda kind: {devices})


__version__ = "a stand-in"
"""


@pytest.mark.parametrize(
    ("smi", "devices", "ran"),
    [
        (0, ["one"], 5),
        (0, [], 2),  # a card, and a TensorFlow that can't use it
        (9, ["one"], 0),
    ],
    ids=["a GPU", "none for TensorFlow", "no driver"],
)
def test_the_gpu_run_goes_to_its_end_with_a_gpu_alone(tmp_path: Path, smi: int, devices: list[str], ran: int) -> None:
    """With stand-ins for the driver, TensorFlow and what is executed, because no test can count on a GPU."""
    programs = {
        "nvidia-smi": f"#!/bin/sh\nexit {smi}\n",
        "python": PYTHON.format(python=sys.executable),
        ".venv/bin/python": PYTHON.format(python=sys.executable),
        ".venv/bin/course": '#!/bin/sh\necho "course $*" >> calls\n',
        "tensorflow.py": TENSORFLOW.format(devices=devices),
    }
    for name, text in programs.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    steps = yaml.safe_load((ROOT / ".github" / "workflows" / "gpu.yml").read_text())["jobs"]["notebooks"]["steps"]
    done = 0
    for step in (step for step in steps if "run" in step):
        command, given = ["bash", "-eo", "pipefail", "-c", step["run"]], {"PATH": f"{tmp_path}:/usr/bin:/bin"}
        if subprocess.run(command, cwd=tmp_path, env=given, capture_output=True).returncode != 0:
            break
        done += 1
    assert done == ran
    if ran == 5:
        calls = (tmp_path / "calls").read_text()
        assert calls.index("[gpu,grade,test]") < calls.index("--nbval") < calls.index("course reproduce mnist")


SCHEMA_FAULTS = [
    ("ci.yml", "runs-on:", "run-on:"),
    ("gpu.yml", "timeout-minutes: 90", "timeout-minutes: [90]"),
    ("pages.yml", "pages: write", "pages: all"),
]


@pytest.mark.parametrize(("name", "old", "new"), SCHEMA_FAULTS)
def test_the_schema_refuses_a_planted_fault(tmp_path: Path, name: str, old: str, new: str) -> None:
    text = (ROOT / ".github" / "workflows" / name).read_text()
    assert old in text
    (tmp_path / name).write_text(text.replace(old, new))
    assert name in schema_faults(tmp_path / name)


CHECKOUT = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1"


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("ci.yml", f"{CHECKOUT} # v7.0.1", "actions/checkout@v7", "not pinned"),
        ("ci.yml", f"{CHECKOUT} # v7.0.1", CHECKOUT, "not pinned"),
        ("ci.yml", f"{CHECKOUT} # v7.0.1", f"{CHECKOUT[:-1]} # v7.0.1", "not pinned"),
        ("ci.yml", "contents: read", "contents: write", "contents: read"),
        ("pages.yml", "pages: write", "contents: write", "may write"),
        ("ci.yml", "    timeout-minutes: 60\n", "", "timeout"),
        ("ci.yml", "concurrency:\n", "defaults:\n", "concurrency"),
        ("ci.yml", "          persist-credentials: false\n", "          fetch-depth: 1\n", "persist-credentials"),
        ("ci.yml", "run: make test", "run: echo ${{ github.event.head_commit.message }}", "from outside"),
    ],
)
def test_a_planted_fault_is_found(name: str, old: str, new: str, expected: str) -> None:
    text = (ROOT / ".github" / "workflows" / name).read_text()
    assert old in text
    assert expected in "\n".join(faults(name, text.replace(old, new)))
