"""The parts of the sandbox that need no kernel: policies, container command lines, control groups, other systems."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

from functional_course import sandbox
from functional_course.sandbox import Policy, SandboxError, cgroup, container, elsewhere

import needs
import pytest
from conftest import ROOT


def test_a_policy_survives_json():
    policy = Policy(
        scratch=Path("/somewhere"),
        read=(Path("/data"), Path("/more")),
        hide=(Path("/data/tests"),),
        memory_bytes=1,
        network=True,
        environment={"A": "1"},
    )
    assert Policy.from_json(policy.to_json()) == policy
    assert Policy.from_json(Policy().to_json()) == Policy()


@pytest.mark.parametrize("text", ["[]", '{"scratch": "/x", "networks": true}', "no JSON"])
def test_what_is_not_a_policy_is_refused(text):
    with pytest.raises(ValueError, match=r"not a sandbox policy|Expecting value"):
        Policy.from_json(text)


@pytest.mark.parametrize(
    "wrong",
    [
        {"scratch": "scratch"},
        {"scratch": "/"},
        {"scratch": "/proc/x"},
        {"scratch": "/usr"},
        {"read": ("data",)},
        {"read": ("/data/../etc",)},
        {"hide": ("x",)},
        {"processes": 0},
        {"memory_bytes": -1},
        {"cpu_seconds": 1.5},
        {"open_files": True},
        {"file_size_bytes": "1"},
    ],
    ids=str,
)
def test_a_policy_that_cannot_hold_is_refused(wrong):
    with pytest.raises(ValueError, match=r"absolute|the scratch folder cannot|a whole number above 0"):
        Policy(**wrong)


def test_the_default_hides_nbgraders_exchange_and_the_configuration():
    hidden = set(Policy().hide)
    assert {Path("/usr/local/share/nbgrader"), Path(sys.prefix, "etc/jupyter")} <= hidden


def test_importing_the_sandbox_loads_nothing_heavy():
    code = (
        "import sys; from functional_course import sandbox; print(*{'keras', 'numpy', 'tensorflow'} & set(sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "\n"


@pytest.mark.skipif(sys.platform != "linux", reason="the sandbox needs Linux")
def test_where_another_program_gets_namespaces_the_sandbox_works():
    # So that the attacks are never skipped because of a fault of ours.
    words = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount", "--mount-proc", "--net", "true"]
    try:
        other = subprocess.run(words, capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("there is no 'unshare' to compare with")
    reason = sandbox.available()
    if other.returncode != 0:
        needs.refuse(f"no namespaces on this machine: {other.stderr.strip()}")
        pytest.skip(f"no namespaces on this machine: {other.stderr.strip()}; the sandbox says: {reason}")
    assert reason is None or reason.startswith("it needs Linux"), reason


# Containers.

POLICY = Policy(
    read=(Path("/data"), Path("/more")),
    memory_bytes=1000,
    scratch_bytes=2000,
    file_size_bytes=3000,
    processes=40,
    open_files=50,
    cpu_seconds=60,
    environment={"A": "x y"},
)


@pytest.mark.parametrize("engine", container.ENGINES)
def test_the_container_has_every_limit(engine):
    words = container.command(engine, "image", POLICY, ["python", "-m", "grader", "--x"], name="one")
    assert words[:2] == [engine, "run"]
    assert words[-5:] == ["--entrypoint=python", "image", "-m", "grader", "--x"]
    options = words[2:-4]
    for option in (
        "--rm",
        "--init",
        "--pull=never",
        "--log-driver=none",
        "--name=one",
        "--network=none",
        "--read-only",
        "--cap-drop=ALL",
        "--security-opt=no-new-privileges",
        "--user=65534:65534",
        "--ipc=private",
        "--shm-size=2000",
        "--tmpfs=/scratch:rw,nosuid,nodev,size=2000,mode=1777",
        "--tmpfs=/tmp:rw,nosuid,nodev,size=2000,mode=1777",
        "--workdir=/scratch",
        "--memory=1000",
        "--memory-swap=1000",
        "--pids-limit=40",
        "--ulimit=core=0",
        "--ulimit=nofile=50",
        "--ulimit=fsize=3000",
        "--ulimit=cpu=60",
        "--mount=type=bind,source=/data,target=/data,readonly",
        "--mount=type=bind,source=/more,target=/more,readonly",
        "--env=HOME=/scratch",
        "--env=A=x y",
    ):
        assert options.count(option) == 1, option
    assert not [
        word for word in options if word.startswith(("--privileged", "--volume", "-v", "--device", "--cap-add"))
    ]
    assert all(word.endswith(",readonly") for word in options if word.startswith("--mount"))


def test_only_a_policy_with_network_gives_the_container_one():
    words = container.command("docker", "image", Policy(network=True), ["x"])
    assert not [word for word in words if word.startswith("--network")]


def test_a_container_that_cannot_be_had_is_refused():
    with pytest.raises(ValueError, match="podman, docker, got 'lxc'"):
        container.command("lxc", "image", Policy(), ["x"])
    with pytest.raises(ValueError, match="no program"):
        container.command("docker", "image", Policy(), [])
    with pytest.raises(ValueError, match="comma"):
        container.command("docker", "image", Policy(read=("/a,readonly=false",)), ["x"])
    with pytest.raises(SandboxError, match="cannot hide /a/tests"):
        container.command("docker", "image", Policy(read=("/a",), hide=("/a/tests",)), ["x"])


@pytest.mark.skipif(os.name != "posix", reason="the stand-in for an engine is a shell script")
@pytest.mark.parametrize(("status", "found"), [(0, "docker"), (1, None)])
def test_an_engine_counts_only_if_it_answers(status, found, tmp_path, monkeypatch):
    script = tmp_path / "docker"
    script.write_text(f"#!/bin/sh\nexit {status}\n")
    script.chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", str(tmp_path))
    container.available_engine.cache_clear()
    try:
        assert container.available_engine() == found
    finally:
        container.available_engine.cache_clear()


# Control groups, in a folder that stands for the kernel's.


def group(folder: Path, controllers: str) -> Path:
    folder.mkdir(parents=True)
    for name in ("controllers", "subtree_control"):
        (folder / f"cgroup.{name}").write_text(controllers)
    (folder / "cgroup.procs").write_text("12\n")
    return folder


def member(folder: Path, path: str) -> Path:
    (folder / "membership").write_text(f"4:memory:/old\n0::{path}\n")
    return folder / "membership"


def test_a_user_makes_groups_only_where_the_tree_was_handed_over(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    root, membership = tmp_path / "root", member(tmp_path, "/user/course.scope")
    assert cgroup.base(root, membership) is None
    made = group(root / "user/course.scope", "cpu memory pids\n")
    assert cgroup.base(root, membership) is None, "other programs may live there"
    monkeypatch.setattr(os, "getxattr", lambda path, name: b"1")
    assert cgroup.base(root, membership) == made
    assert cgroup.base(root, member(tmp_path, "/user/course.scope/warm")) == made, "when it has moved aside"
    (made / "cgroup.controllers").write_text("cpu pids\n")
    assert cgroup.base(root, membership) is None, "without a limit on memory it is of no use"
    group(root / "x", "memory pids")
    assert cgroup.base(root / "x", member(tmp_path, "/")) is None, "every program of the machine lives there"


def test_root_makes_groups_where_the_system_has_them(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert cgroup.base(tmp_path / "nothing", member(tmp_path, "/")) is None
    assert (
        cgroup.base(group(tmp_path / "root", "memory pids"), member(tmp_path, "/"))
        == tmp_path / "root/functional-course"
    )
    assert cgroup.base(group(tmp_path / "hybrid", "hugetlb"), member(tmp_path, "/")) is None


def test_a_submissions_group_has_its_limits(tmp_path):
    made = group(tmp_path / "scope", "cpu memory pids")
    left, busy = made / "4194305", made / str(os.getppid())  # no process has such a number
    left.mkdir()
    busy.mkdir()
    one = cgroup.make(made, memory_bytes=1000, processes=10)
    assert one is not None and not left.exists() and busy.exists()
    assert (made / "warm/cgroup.procs").read_text() == "12"
    assert (made / "cgroup.subtree_control").read_text() == "+memory +pids +cpu"
    assert (one / "pids.max").read_text() == "13" and int((one / "memory.max").read_text()) > 1000
    (one / "memory.events").write_text("low 0\noom 1\noom_kill 0\n")
    assert not cgroup.out_of_memory(one)
    (one / "memory.events").write_text("low 0\noom 1\noom_kill 2\n")
    assert cgroup.out_of_memory(one)


def test_where_no_group_can_be_made_there_is_none(tmp_path):
    assert cgroup.make(None, 1000, 10) is None
    (tmp_path / "file").write_text("")
    assert cgroup.make(tmp_path / "file", 1000, 10) is None
    cgroup.join(tmp_path / "nowhere")
    cgroup.remove(tmp_path / "nowhere")
    assert not cgroup.out_of_memory(tmp_path / "nowhere")


# Elsewhere.


def sandbox_suite() -> list[str]:
    """The files that `make test` runs in processes of their own."""
    lines = (ROOT / "Makefile").read_text().splitlines()
    [line] = [
        line for line in lines if "$(PYTEST)" in line and " tests/test_sandbox.py" in line and "--ignore" not in line
    ]
    return [word for word in line.split() if word.startswith("tests/")]


def collected_on(platform: str, *files: str) -> int:
    """How pytest ends that looks for tests in these files on another system."""
    code = (
        f"import sys, pytest; sys.platform = {platform!r}; "
        "sys.exit(pytest.main(['--collect-only', '-q', '-p', 'no:cacheprovider', *sys.argv[1:]]))"
    )
    return subprocess.run([sys.executable, "-c", code, *files], cwd=ROOT, capture_output=True).returncode


def test_the_suite_of_the_sandbox_is_not_red_where_there_is_none():
    assert collected_on("darwin", "tests/test_sandbox.py") == pytest.ExitCode.NO_TESTS_COLLECTED
    assert collected_on("darwin", *sandbox_suite()) == 0


def test_where_a_sandbox_is_needed_its_tests_are_not_skipped():
    assert needs.skip("no namespaces", {}).args == (True,)
    assert needs.skip("no namespaces", {needs.SETTING: "0"}).args == (True,)
    assert needs.skip(None, {needs.SETTING: "1"}).args == (False,)
    with pytest.raises(pytest.fail.Exception, match="there is no sandbox: no namespaces"):
        needs.skip("no namespaces", {needs.SETTING: "1"})


def test_every_suite_that_can_be_skipped_asks_in_one_place():
    for name in ("sandbox", "grading", "attacks"):
        assert "needs.sandboxed()" in (ROOT / "tests" / f"test_{name}.py").read_text()


def test_other_systems_refuse(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert elsewhere.available() == "it needs Linux, and this is darwin"
    with pytest.raises(SandboxError, match="needs Linux"):
        elsewhere.enter(Policy())
    assert "No sandbox" in elsewhere.describe(Policy())[0]
    assert elsewhere.collapse_memory() == 0
