"""Warm kernels: they do what cold ones do, sooner; nothing stays behind; where they cannot be had, cold ones start."""

from __future__ import annotations

import json
import os
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel
from jupyter_client.provisioning import KernelProvisionerFactory
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

pytestmark = pytest.mark.skipif(os.name != "posix", reason="a process can be forked on POSIX only")

from functional_course.grading.judging.execution import environment  # noqa: E402
from functional_course.kernels import fingerprint as fingerprints  # noqa: E402
from functional_course.kernels import forkserver, warm_process  # noqa: E402
from functional_course.kernels.fingerprint import fingerprint  # noqa: E402


@pytest.fixture
def warm(monkeypatch: pytest.MonkeyPatch):
    """Kernels are forked from a warm process of this test's own, which has imported nothing heavy."""
    tmp_path = Path(tempfile.mkdtemp(prefix="warm-"))  # not pytest's: the path of a socket has about a hundred letters
    KernelProvisionerFactory.clear_instance()
    monkeypatch.setenv("JUPYTER_DEFAULT_PROVISIONER_NAME", "warm-provisioner")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("FUNCTIONAL_COURSE_PRELOAD", "ipykernel.kernelapp,numpy,matplotlib.pyplot,json.tool")
    monkeypatch.setenv("FUNCTIONAL_COURSE_IDLE_SECONDS", "30")
    yield tmp_path / f"functional-course-{os.getuid()}"
    KernelProvisionerFactory.clear_instance()
    for pid in servers(tmp_path):
        os.kill(pid, signal.SIGKILL)
    shutil.rmtree(tmp_path, ignore_errors=True)


def servers(folder: Path) -> list[int]:
    """The warm processes whose socket is in a folder."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command, status = (entry / "cmdline").read_bytes(), (entry / "stat").read_text()
        except OSError:
            continue
        if b"functional_course.kernels.forkserver" in command and str(folder).encode() in command:
            parents[int(entry.name)] = int(status.rsplit(")", 1)[1].split()[1])
    return [pid for pid, parent in parents.items() if parent not in parents]  # a fork has its parent's command line


def children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # it may end while it's read
        return False


def wait_until(condition, seconds: float = 20.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def executed(*sources: str, **options) -> list:
    """The outputs of some cells, executed in one kernel."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    NotebookClient(notebook, kernel_name="python3", **options).execute(stderr=subprocess.DEVNULL)
    return [cell.outputs for cell in notebook.cells]


CELLS = (
    "import sys, os; print('json.tool' in sys.modules)",
    "import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.show()",
    "os.getcwd(), sys.argv[1:2], __name__, os.environ['MPLBACKEND'], sys.path[0], os.getpid() == os.getpgid(0)",
    "print('to stderr', file=sys.stderr)",
    "!echo from a shell",
    "%matplotlib inline\nplt.rcParams['backend']",
)


def test_a_warm_process_can_be_started_before_it_is_needed(warm: Path):
    warm_process.start(os.environ)
    (server,) = servers(warm)
    warm_process.start(os.environ)
    assert servers(warm) == [server]
    assert wait_until(lambda: not children(server))


def test_a_warm_kernel_does_what_a_cold_one_does(warm: Path, monkeypatch: pytest.MonkeyPatch):
    made_warm = executed(*CELLS)
    assert len(servers(warm)) == 1
    monkeypatch.setenv("JUPYTER_DEFAULT_PROVISIONER_NAME", "local-provisioner")
    KernelProvisionerFactory.clear_instance()
    made_cold = executed(*CELLS)
    assert "True" in made_warm[0][0].text and "False" in made_cold[0][0].text  # it was warm, it was cold
    assert made_warm[1:] == made_cold[1:]


def test_kernels_of_one_warm_process_have_random_numbers_of_their_own(warm: Path):
    cell = "import random, numpy; print(random.random(), numpy.random.random(), os.getpid())"
    texts = [executed("import os\n" + cell)[0][0].text.split() for _ in range(3)]
    assert len(servers(warm)) == 1
    for column in zip(*texts, strict=True):
        assert len(set(column)) == 3


def test_interrupt_restart_and_shutdown(warm: Path):
    manager, client = start_new_kernel(kernel_name="python3", stderr=subprocess.DEVNULL)
    try:
        (server,) = servers(warm)
        first = manager.provisioner.pid
        assert children(server) == [first]
        asked = client.execute("import time\nvalue = 1\ntime.sleep(60)")
        time.sleep(0.5)
        manager.interrupt_kernel()
        reply = client.get_shell_msg(timeout=20)
        while reply["parent_header"]["msg_id"] != asked:
            reply = client.get_shell_msg(timeout=20)
        assert reply["content"]["ename"] == "KeyboardInterrupt"
        manager.restart_kernel(now=False)
        client.wait_for_ready(timeout=30)
        second = manager.provisioner.pid
        assert second != first and not alive(first)
        reply = client.execute("value", reply=True, timeout=20)
        assert reply["content"]["ename"] == "NameError"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert wait_until(lambda: not alive(second))


@pytest.mark.parametrize("end", ["os._exit(7)", "os.kill(os.getpid(), 9)", "import ctypes; ctypes.string_at(0)"])
def test_a_kernel_that_dies_is_noticed(warm: Path, end: str):
    with pytest.raises(DeadKernelError):
        executed("import os", end, "1 + 1", timeout=60)
    (server,) = servers(warm)
    assert children(server) == []


def test_no_process_is_left_when_whoever_started_the_kernel_is_killed(warm: Path):
    starts = (
        "import subprocess, sys, time; from jupyter_client.manager import start_new_kernel;"
        "manager, client = start_new_kernel(kernel_name='python3', stderr=subprocess.DEVNULL);"
        'client.execute(\'import subprocess; subprocess.Popen(["sleep", "300"])\', reply=True);'
        "print(manager.provisioner.pid, flush=True); time.sleep(300)"
    )
    starter = subprocess.Popen([sys.executable, "-c", starts], stdout=subprocess.PIPE, text=True)
    kernel = int(starter.stdout.readline())
    family = [kernel, *children(kernel)]
    assert len(family) == 2 and all(map(alive, family))
    starter.kill()
    starter.wait()
    starter.stdout.close()
    assert wait_until(lambda: not any(map(alive, family)))


def test_kernels_end_when_the_warm_process_is_killed(warm: Path):
    manager, client = start_new_kernel(kernel_name="python3", stderr=subprocess.DEVNULL)
    (server,) = servers(warm)
    kernel = manager.provisioner.pid
    os.kill(server, signal.SIGKILL)
    assert wait_until(lambda: not manager.is_alive())
    assert wait_until(lambda: not alive(kernel))
    client.stop_channels()
    manager.shutdown_kernel(now=True)  # which closes what is left of it
    assert "3" in executed("1 + 2")[0][0].data["text/plain"]  # the next kernel gets a new one
    assert servers(warm) != [server]


def test_a_process_whose_server_is_gone_was_killed_and_leaves_no_socket_open():
    ours, theirs = socket.socketpair()
    process = warm_process.WarmProcess(ours, pid=0)
    assert process.poll() is None
    theirs.close()
    assert process.wait(timeout=5) == process.poll() == -signal.SIGKILL
    assert ours.fileno() == -1


def test_the_warm_process_ends_when_idle(warm: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FUNCTIONAL_COURSE_IDLE_SECONDS", "2")
    executed("1")
    (server,) = servers(warm)
    assert wait_until(lambda: not alive(server))
    assert list(warm.glob("*.sock")) == []


def test_another_set_of_packages_or_variables_gets_another_warm_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    before = fingerprint({"PATH": "/bin"})
    assert fingerprint({"PATH": "/usr/bin", "HOME": "/"}) == before
    assert fingerprint({"KERAS_BACKEND": "jax"}) != before
    site = tmp_path / "site-packages"
    (site / "keras-3.15.1.dist-info").mkdir(parents=True)
    monkeypatch.setattr(sys, "path", [*sys.path, str(site)])
    installed = fingerprint({})
    assert installed != before
    (site / "keras-3.15.1.dist-info").rename(site / "keras-3.16.0.dist-info")
    upgraded = fingerprint({})
    assert upgraded not in (before, installed)
    os.utime(site / "keras-3.16.0.dist-info", (1, 1))
    assert fingerprint({}) not in (before, installed, upgraded)


def test_a_cold_kernel_starts_where_the_warm_process_cannot(warm: Path, capfd: pytest.CaptureFixture):
    warm.mkdir(mode=0o777)
    warm.chmod(0o777)  # anybody could put a socket there
    with pytest.raises(warm_process.NoWarmProcess, match="this user alone"):
        warm_process.server_folder()
    assert "3" in executed("1 + 2")[0][0].data["text/plain"]
    assert servers(warm) == []
    assert capfd.readouterr() == ("", "")


def test_a_warm_process_that_does_not_start_is_replaced_by_a_cold_kernel(warm: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(warm_process, "START_SECONDS", 0.001)
    with pytest.raises(warm_process.NoWarmProcess, match="did not start"):
        warm_process.fork("json.tool", [], cwd="/", env=dict(os.environ), descriptors=[])
    assert "3" in executed("1 + 2")[0][0].data["text/plain"]


def test_what_the_process_returns_is_passed_on(warm: Path, tmp_path: Path):
    script = tmp_path / "ends.py"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    for text, code in (("", 0), ("import sys; sys.exit(5)", 5), ("raise SystemExit('no')", 1), ("1 / 0", 1)):
        script.write_text(text)
        with open(os.devnull, "r+b") as nothing:
            process = warm_process.fork("ends", [], cwd=tmp_path, env=environment, descriptors=[nothing.fileno()] * 3)
        assert process.wait(timeout=30) == process.poll() == code
    script.write_text("import time; time.sleep(60)")
    with open(os.devnull, "r+b") as nothing:
        process = warm_process.fork("ends", [], cwd=tmp_path, env=environment, descriptors=[nothing.fileno()] * 3)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=0.1)
    process.terminate()
    assert process.wait(timeout=30) == -signal.SIGTERM


def test_an_edit_of_a_module_of_the_course_makes_another_warm_process(tmp_path: Path, monkeypatch):
    for name in ("quiet.py", "sandbox/entry.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    monkeypatch.setattr(fingerprints, "OWN_SOURCES", tmp_path)
    seen = {fingerprint({})}
    for name in ("quiet.py", "sandbox/entry.py"):
        os.utime(tmp_path / name, ns=(1, 1))
        seen.add(fingerprint({}))
    (tmp_path / "sandbox" / "more.py").write_text("")
    assert len({*seen, fingerprint({})}) == 4


def test_every_module_of_the_course_in_a_warm_process_is_looked_at():
    code = (
        "import json, sys; from functional_course.kernels import forkserver; forkserver.preload(); "
        "print(json.dumps([m.__file__ for n, m in sys.modules.items() if n.startswith('functional_course')]))"
    )
    given = {name: value for name, value in os.environ.items() if name != "FUNCTIONAL_COURSE_PRELOAD"}
    done = subprocess.run([sys.executable, "-c", code], env=given, capture_output=True, text=True, check=True)
    loaded = [Path(name) for name in json.loads(done.stdout)]
    assert len(loaded) > 50
    assert [path for path in loaded if not path.is_relative_to(fingerprints.OWN_SOURCES)] == []


def run_in_a_fork(code: str, folder: Path) -> None:
    """Run a line of code in a process that is forked from the warm one, in this folder."""
    with open(os.devnull, "r+b") as nothing:
        process = warm_process.fork(
            "timeit", ["-n1", "-r1", code], cwd=folder, env=environment(), descriptors=[nothing.fileno()] * 3
        )
        try:
            assert process.wait(timeout=120) == 0
        finally:
            process.close()


def test_the_first_error_of_a_notebook_is_shown_as_soon_as_all_others(tmp_path: Path):
    """Its traceback once took longer than the cell: IPython imports what reads sources when it needs it."""
    code = "import json, sys; json.dump('stack_data.core' in sys.modules, open('there.json', 'w'))"
    run_in_a_fork(code, tmp_path)
    assert json.loads((tmp_path / "there.json").read_text()) is True


def test_what_is_preloaded_exists():
    assert "keras" in forkserver.PRELOADED
    from importlib.util import find_spec

    assert all(find_spec(module.split(".")[0]) for module in forkserver.PRELOADED)


@pytest.mark.parametrize("side", ["executing.learner_side", "judging.judging_side", "judging.provisional_side"])
def test_a_side_of_the_grading_imports_nothing_large_that_the_warm_process_has_not(side: str, tmp_path: Path):
    """Each submission would pay for it again: nbformat alone once took more than the judging itself."""
    code = (
        f"import json, sys; before = set(sys.modules); import functional_course.grading.{side};"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names);"
        "json.dump(sorted(new), open('new.json', 'w'))"
    )
    run_in_a_fork(code, tmp_path)
    assert json.loads((tmp_path / "new.json").read_text()) in ([], ["functional_course"])


def test_a_fork_that_fails_is_said_and_the_server_goes_on(monkeypatch: pytest.MonkeyPatch):
    ours, theirs = socket.socketpair()
    server = forkserver.ForkServer(ours)

    def no_fork() -> int:
        raise OSError("Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", no_fork)
    connection = forkserver._Connection(ours, received=b'{"module": "json.tool"}\n')
    server.connections[ours.fileno()] = connection
    server.selector.register(ours, selectors.EVENT_READ)
    server._fork(connection)
    assert json.loads(theirs.recv(4096)) == {"error": "Resource temporarily unavailable"}
    assert theirs.recv(1) == b""
    assert server.connections == {}
    theirs.close()


def test_the_folder_of_a_notebook_may_be_a_relative_path(warm: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path)
    source = "import os; print(os.getcwd())"
    ((output,),) = executed(source, resources={"metadata": {"path": "notebooks"}})
    assert output["text"].strip() == str(tmp_path / "notebooks")


@pytest.mark.parametrize(
    ("before", "untouched"), [("", True), ("tf.constant(1)", False)], ids=["as it is", "planted: a tensor"]
)
def test_no_device_is_touched_before_a_fork(before: str, untouched: bool):
    """A process in which CUDA has begun can't be forked. TensorFlow lets its threads be set until it has a device."""
    code = (
        "from functional_course.kernels import forkserver; forkserver.preload(); import tensorflow as tf\n"
        f"{before}\n"
        "try:\n    tf.config.threading.set_inter_op_parallelism_threads(3)\nexcept RuntimeError:\n    print('begun')\n"
    )
    given = {name: value for name, value in os.environ.items() if name != "FUNCTIONAL_COURSE_PRELOAD"}
    done = subprocess.run([sys.executable, "-c", code], env=given, capture_output=True, text=True, check=True)
    assert (done.stdout.split() == []) is untouched
