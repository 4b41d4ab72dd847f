"""Without a sandbox, too, what a submission started ends with it: it may leave its session and its parent behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from functional_course import cli
from functional_course.grading.judging.execution import NONE, Job, execute, policy
from functional_course.grading.taking_in.cell import Cell
from functional_course.grading.taking_in.roles import Role

import pytest
from click.testing import CliRunner

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells where orphans go")

LEAVING = """\
import os, signal, subprocess, sys, time
def noted(pid):
    with open({noted!r}, "a") as file:
        file.write(f"{{pid}}\\n")
def sleeping(*words, **more):
    noted(subprocess.Popen([*words, "sleep", "300"], **more).pid)
sleeping()
sleeping("nohup", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
sleeping(start_new_session=True)
sleeping("setsid")
script = "trap '' HUP TERM INT; nohup sleep 300 >/dev/null 2>&1 & echo $!"
noted(subprocess.run(["sh", "-c", script], stdout=subprocess.PIPE, text=True).stdout.strip())
script = "setsid sh -c 'sleep 300 & echo $! >> \\"$0\\"; wait' \\"$0\\" >/dev/null 2>&1 &"
subprocess.run(["sh", "-c", script, {noted!r}])
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT, signal.SIGUSR2):
            signal.signal(number, signal.SIG_IGN)
        noted(os.getpid())
        for end in range(3):
            os.dup2(os.open(os.devnull, os.O_RDWR), end)
        if os.fork() == 0:
            noted(os.getpid())
        time.sleep(300)
    os._exit(0)
began = time.monotonic()
while len(open({noted!r}).read().split()) < 8 and time.monotonic() < began + 30:
    time.sleep(0.05)
"""
HOW_MANY = 8


def leaving(folder: Path) -> tuple[str, Path]:
    """Code that leaves processes behind in many ways, and where it writes their numbers."""
    noted = folder / "noted"
    return LEAVING.format(noted=str(noted)), noted


def still_there(noted: Path, seconds: float = 0.0) -> list[int]:
    """Which of them still run, after some seconds at most."""
    pids = [int(word) for word in noted.read_text().split()]
    assert len(pids) == HOW_MANY
    until = time.monotonic() + seconds
    while (left := [pid for pid in pids if runs(pid)]) and time.monotonic() < until:
        time.sleep(0.05)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    return left


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


PROGRAM = """\
import os, signal, sys, time
from functional_course import sandbox
signal.signal(signal.SIGINT, signal.default_int_handler)
keeper = os.fork()
if keeper == 0:
    sandbox.keep_together()
    {code}
    print("ready", flush=True)
    {then}
print(keeper, flush=True)
print(os.waitstatus_to_exitcode(os.waitpid(keeper, 0)[1]), flush=True)
"""


@pytest.mark.parametrize(
    ("then", "status"),
    [
        ("os._exit(7)", 7),
        ("os.abort()", -signal.SIGABRT),
        ("os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
    ],
)
def test_the_keeper_ends_as_its_child_after_all_that_it_started(tmp_path: Path, then: str, status: int):
    code, noted = leaving(tmp_path)
    program = PROGRAM.format(code="\n    ".join(code.splitlines()), then=then)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stdout.split()[-1] == str(status), done.stderr
    assert not still_there(noted)


@pytest.mark.parametrize("how", ["END", "SIGINT", "the forking process ends"])
def test_the_keeper_is_told_to_end_all_and_does_so_when_nobody_waits_for_it(tmp_path: Path, how: str):
    from functional_course.sandbox import END

    code, noted = leaving(tmp_path)
    program = PROGRAM.format(code="\n    ".join(code.splitlines()), then="time.sleep(300)")
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        said = {process.stdout.readline().strip() for _ in range(2)}
        (keeper,) = said - {"ready"}
        if how == "the forking process ends":
            process.kill()
        else:
            os.kill(int(keeper), END if how == "END" else signal.SIGINT)
        process.wait(timeout=30)
    assert not still_there(noted, seconds=0 if how != "the forking process ends" else 20)


def test_a_submission_that_is_graded_without_a_sandbox_leaves_nothing_running(tmp_path: Path):
    code, noted = leaving(tmp_path)
    cell = Cell(0, Role.ADDED, code, 60, name="cell 0")
    result = execute(Job([cell], NONE, policy(NONE)))
    assert not result.trouble and not result.outputs[0], result
    assert not still_there(noted)


def test_a_notebook_that_is_checked_without_a_sandbox_leaves_nothing_running(write_exercise, tmp_path: Path):
    code, noted = leaving(tmp_path)
    done = CliRunner().invoke(cli.main, ["check", str(write_exercise(f"{code}\nvalue = 42")), "--no-sandbox"])
    assert done.exit_code == 0, done.output
    assert not still_there(noted)
