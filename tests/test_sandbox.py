"""Each promise of the sandbox: an attack that succeeds in a bare process fails in a sandboxed one."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import mmap
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

if sys.platform != "linux":
    # Alone, that is no test at all, which pytest calls an error: `make test` runs the policies' tests along with these.
    pytest.skip("the sandbox needs Linux", allow_module_level=True)

import resource

from functional_course import sandbox
from functional_course.sandbox import cgroup, filesystem, kernel, landlock, limits, namespaces, reaper, seccomp, usage

import needs
import sandboxes
from sandboxes import DEADLINE, SECRET, Running, World, run

pytestmark = needs.sandboxed()

MIB = 1024**2
ROOT = os.geteuid() == 0
IDENTITIES = {"oneself": sandboxes.as_oneself} | ({"ordinary": sandboxes.as_ordinary_user} if ROOT else {})


@pytest.fixture(scope="module", params=IDENTITIES.values(), ids=IDENTITIES)
def identity(request: pytest.FixtureRequest) -> Callable[[], None]:
    """As who the sandbox is entered: as this user and, if that is root, as one without any right too."""
    return request.param


@pytest.fixture(scope="module")
def world(identity: Callable[[], None]) -> Iterator[World]:
    """What must not be reached."""
    with sandboxes.world(identity) as made:
        yield made


libc = ctypes.CDLL(None, use_errno=True)


def call(name: str, *arguments: object) -> int:
    """Call the C library; an OSError if it says -1."""
    words = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    function = getattr(libc, name)
    function.restype = ctypes.c_long if name in ("syscall", "ptrace", "process_vm_readv") else ctypes.c_int
    result = function(*words)
    if result == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


# Reading.


def read_file(name: str) -> Callable[[World], object]:
    return lambda world: world.secrets[name].read_text() == SECRET


def read_own_home(world: World) -> object:
    # Of whoever runs the tests: the folder is not empty there.
    return sorted(set(os.listdir(Path(sandboxes.__file__).resolve().parent.parent)) - {"functional_course", ".venv"})


def leave_by_dots(world: World) -> object:
    return Path("/proc/self/cwd/" + "../" * 30 + str(world.secrets["gradebook"])).read_text() == SECRET


def leave_by_proc_root(world: World) -> object:
    found = [Path(f"/proc/{pid}/root{world.secrets['gradebook']}") for pid in (1, os.getppid(), world.victim)]
    return any(path.read_text() == SECRET for path in found if readable(path))


def readable(path: Path) -> bool:
    try:
        return path.exists() and os.access(path, os.R_OK)
    except OSError:
        return False


def read_inherited_file(world: World) -> object:
    return os.pread(world.open_file, 100, 0).decode() == SECRET


def open_files_of_the_caller(world: World) -> object:
    kept = [f"/proc/self/fd/{number}" for number in range(3, 200)]
    return [path for path in kept if os.path.lexists(path) and not os.readlink(path).startswith("pipe:")]


def other_processes(world: World) -> object:
    return [pid for pid in os.listdir("/proc") if pid.isdigit() and int(pid) not in (1, os.getpid())]


def environment_of_another(world: World) -> object:
    return SECRET.encode() in Path(f"/proc/{world.victim}/environ").read_bytes()


def memory_of_another(world: World) -> object:
    for pid in (1, os.getppid(), world.victim):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/mem", "rb"):
            return True
    return False


def memory_of_another_by_call(world: World) -> object:
    buffer, other = ctypes.create_string_buffer(8), ctypes.create_string_buffer(8)
    here = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 8)
    there = (ctypes.c_void_p * 2)(ctypes.addressof(other), 8)
    child = sleeping_child()
    try:
        return call("process_vm_readv", child, ctypes.byref(here), 1, ctypes.byref(there), 1, 0) == 8
    finally:
        os.kill(child, signal.SIGKILL)


def sleeping_child() -> int:
    child = os.fork()
    if child == 0:
        time.sleep(20)
        os._exit(0)
    return child


def inherited_environment(world: World) -> object:
    return os.environ.get("SANDBOX_TEST_SECRET") == SECRET


def first_environment(world: World) -> object:
    return Path("/proc/self/environ").read_bytes().strip(b"\0").decode(errors="replace")


# Reaching others.


def tcp(world: World) -> object:
    with socket.create_connection(world.tcp, timeout=5):
        return True


def udp(world: World) -> object:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        return one.sendto(b"hello", world.udp)


def unix_by_path(world: World) -> object:
    with socket.socket(socket.AF_UNIX) as one:
        one.connect(world.unix)
        return True


def unix_abstract(world: World) -> object:
    with socket.socket(socket.AF_UNIX) as one:
        one.connect(world.abstract)
        return True


def virtual_machine_socket(world: World) -> object:
    with socket.socket(40, socket.SOCK_STREAM):  # AF_VSOCK: no network namespace covers it
        return True


def signal_another(world: World) -> object:
    os.kill(world.victim, signal.SIGCONT)
    return True


def trace_another(world: World) -> object:
    child = sleeping_child()
    try:
        for pid in (world.victim, child):
            with contextlib.suppress(OSError):
                call("ptrace", 16, pid, 0, 0)  # attach
                os.waitpid(pid, 0)
                call("ptrace", 17, pid, 0, 0)  # detach
                return True
        return False
    finally:
        os.kill(child, signal.SIGKILL)


# Leaving something behind.


def write_there(world: World) -> object:
    (world.folder / "new").write_text("x")
    return True


def overwrite(world: World) -> object:
    with open(world.material / "data.txt", "r+b") as file:
        return file.write(b"data")


def rename(world: World) -> object:
    path = world.material / "data.txt"
    path.rename(path.with_suffix(".old"))
    path.with_suffix(".old").rename(path)
    return True


def write_to_the_package(world: World) -> object:
    with tempfile.NamedTemporaryFile(dir=Path(sandbox.__file__).parent):
        return True


def hard_link(world: World) -> object:
    for folder in (world.folder, tempfile.gettempdir(), "."):
        with contextlib.suppress(OSError):
            link = Path(folder, f"link-{world.folder.name}")
            os.link(world.material / "data.txt", link)
            link.unlink()
            return True
    return False


# Taking too much. Outside, each takes a little more than the policy allows.


def many_processes(world: World) -> object:
    children = []
    try:
        for _ in range(world.policy().processes + 10):
            children.append(sleeping_child())
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    return len(children)


def many_threads(world: World) -> object:
    end = threading.Event()
    try:
        for _ in range(world.policy().processes + 10):
            threading.Thread(target=end.wait).start()
    finally:
        end.set()
    return True


def much_memory(world: World) -> object:
    return len(bytearray(world.policy().memory_bytes + 8 * MIB))


def memory_of_many(world: World) -> object:
    children = []
    for _ in range(3):
        children.append(os.fork())
        if children[-1] == 0:
            block = b"x" * (world.policy().memory_bytes * 2 // 3)
            time.sleep(2)
            os._exit(len(block) % 2)
    return all(os.waitpid(child, 0)[1] == 0 for child in children)


def shared_memory(world: World) -> object:
    block = mmap.mmap(-1, world.policy().memory_bytes + 64 * MIB)
    for start in range(0, len(block), 4096):
        block[start] = 1
    time.sleep(2)
    return True


def uncounted_memory(world: World) -> object:
    os.close(os.memfd_create("x"))
    return True


def unmapped_memory(world: World) -> object:
    # Shared memory stays, whole, while one page of it is mapped.
    with open("/dev/zero", "r+b") as zero:
        address = call_for_address("mmap", None, 8 * MIB, 3, mmap.MAP_SHARED, zero.fileno(), 0)
    ctypes.memset(address, 1, 8 * MIB)
    return call("munmap", ctypes.c_void_p(address + 4096), ctypes.c_size_t(8 * MIB - 4096)) == 0


def call_for_address(name: str, *arguments: object) -> int:
    function = getattr(libc, name)
    function.restype = ctypes.c_void_p
    function.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
    address = function(*arguments)
    if address in (None, ctypes.c_void_p(-1).value):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return address


def huge_pages(world: World) -> object:
    call_for_address("mmap", None, 2 * MIB, 3, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x40000, -1, 0)
    return True


def fill_socket(one: socket.socket) -> None:
    one.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:
            one.send(b"x" * 65536)


def full_sockets(world: World) -> object:
    """In each of many processes, as many sockets as one may open."""
    for _ in range(20):
        if os.fork() == 0:
            kept = []
            with contextlib.suppress(OSError):
                for _ in range(28):
                    kept += socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
                    for one in kept[-2:]:
                        fill_socket(one)
            time.sleep(2)
            os._exit(0)
    time.sleep(2.5)
    return True


def larger_buffer(world: World) -> object:
    with socket.socket(socket.AF_UNIX) as one:
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            one.setsockopt(socket.SOL_SOCKET, option, 1 << 20)
    return True


def larger_pipe(world: World) -> object:
    ends = os.pipe()
    try:
        return fcntl.fcntl(ends[0], 1031, 1 << 19)
    finally:
        for end in ends:
            os.close(end)


def pages_in_a_pipe(world: World) -> object:
    block, ends = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS), os.pipe()
    block[0] = 1
    there = (ctypes.c_void_p * 2)(ctypes.addressof(ctypes.c_char.from_buffer(block)), 4096)
    return call("vmsplice", ends[1], ctypes.byref(there), 1, 0)


def system_v_memory(world: World) -> object:
    segment = call("shmget", 0, MIB, 0o1600)
    call("shmctl", segment, 0, 0)
    return True


def fill(folder: str) -> Callable[[World], object]:
    def attack(world: World) -> object:
        with tempfile.TemporaryDirectory(dir=folder or None) as place:
            for number in range(5):
                Path(place, str(number)).write_bytes(bytes(2 * MIB))
        return True

    return attack


def many_files(world: World) -> object:
    with tempfile.TemporaryDirectory() as folder:
        for number in range(2000):
            Path(folder, str(number)).touch()
    return True


def large_file(world: World) -> object:
    with tempfile.TemporaryFile() as file:
        return file.write(bytes(world.policy().file_size_bytes + MIB)) and file.seek(0, 2) > 3 * MIB


def many_open_files(world: World) -> object:
    return len([os.dup(0) for _ in range(world.policy().open_files + 10)])


# Getting more rights.


def user_namespace(world: World) -> object:
    call("unshare", 0x10000000)
    return True


def user_namespace_by_clone(world: World) -> object:
    child = call("syscall", {"x86_64": 56, "aarch64": 220}[kernel.MACHINE], 0x10000000 | signal.SIGCHLD, 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return True


def mount(world: World) -> object:
    call("unshare", 0x00020000)
    call("mount", b"tmpfs", b"/tmp", b"tmpfs", 0, None)
    return True


def become_root(world: World) -> object:
    os.setuid(0)
    return os.getuid() == 0


def program_of_root(world: World) -> object:
    return sandboxes.program(str(world.material / "id-of-root"), "-u").strip() == "0"


def io_uring(world: World) -> object:
    buffer = ctypes.create_string_buffer(256)
    os.close(call("syscall", 425, 4, ctypes.byref(buffer)))
    return True


def core_file(world: World) -> object:
    with tempfile.TemporaryDirectory() as folder:
        child = os.fork()
        if child == 0:
            os.chdir(folder)
            with contextlib.suppress(ValueError):
                resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            os.abort()
        return os.WCOREDUMP(os.waitpid(child, 0)[1])


ATTACKS: dict[str, Callable[[World], object]] = {
    **{f"read {name}": read_file(name) for name in ("solution", "other submission", "gradebook", "exchange", "home")},
    **{f"read {name}": read_file(name) for name in ("hidden folder", "hidden file")},
    "read the course's folder": read_own_home,
    "leave by ..": leave_by_dots,
    "leave by /proc/…/root": leave_by_proc_root,
    "read an inherited open file": read_inherited_file,
    "list inherited open files": open_files_of_the_caller,
    "see other processes": other_processes,
    "read another's environment": environment_of_another,
    "open another's memory": memory_of_another,
    "read another's memory": memory_of_another_by_call,
    "read the inherited environment": inherited_environment,
    "read the first environment": first_environment,
    "connect by TCP": tcp,
    "send by UDP": udp,
    "connect to a unix socket": unix_by_path,
    "connect to an abstract unix socket": unix_abstract,
    "open a socket to the host machine": virtual_machine_socket,
    "send a signal": signal_another,
    "trace": trace_another,
    "write outside": write_there,
    "overwrite": overwrite,
    "rename": rename,
    "write to the package": write_to_the_package,
    "make a hard link to what is shown": hard_link,
    "start many processes": many_processes,
    "start many threads": many_threads,
    "take much memory": much_memory,
    "take much memory in several processes": memory_of_many,
    "take much shared memory": shared_memory,
    "take memory that no limit counts": uncounted_memory,
    "take System V memory": system_v_memory,
    "take memory that nobody maps any more": unmapped_memory,
    "take huge pages": huge_pages,
    "fill sockets": full_sockets,
    "make a socket's buffer larger": larger_buffer,
    "make a pipe larger": larger_pipe,
    "keep pages in a pipe": pages_in_a_pipe,
    "fill the disk": fill(""),
    "fill /tmp": fill("/tmp"),
    "fill /dev/shm": fill("/dev/shm"),
    "make many files": many_files,
    "write a large file": large_file,
    "open many files": many_open_files,
    "make a user namespace": user_namespace,
    "make a user namespace by clone": user_namespace_by_clone,
    "mount": mount,
    "become root": become_root,
    "run a program of root": program_of_root,
    "use io_uring": io_uring,
    "leave a core file": core_file,
}
# What a bare process cannot do either, here: as an ordinary user, or because this machine has no such thing.
NOT_BARE = {
    "ordinary": {"become root", "mount", "write to the package", "leave by /proc/…/root"},
    "always": {"leave a core file", "use io_uring", "open a socket to the host machine", "take huge pages"},
}
ENDED = {"take much memory in several processes", "fill sockets"}


def state(world: World) -> dict[Path, bytes]:
    """What lies outside now."""
    return {path: path.read_bytes() if path.is_file() else b"" for path in world.folder.rglob("*")}


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_fails_inside_and_succeeds_outside(name, world, identity, monkeypatch):
    monkeypatch.setenv("SANDBOX_TEST_SECRET", SECRET)
    if name == "run a program of root" and not ROOT:
        pytest.skip("only root can make such a program")
    attack = ATTACKS[name]
    before = state(world)
    inside = run(attack, world, identity, world.policy())
    assert state(world) == before, "something arrived outside"
    assert not inside.succeeded, f"this got out: {inside}"
    assert not str(inside.error).startswith(("SandboxError", "no end")), inside
    if name in ENDED:
        assert os.waitstatus_to_exitcode(inside.status) == sandbox.OUT_OF_MEMORY, inside
    else:
        assert inside.status == 0, inside
    outside = run(attack, world, identity)
    ordinary = identity is sandboxes.as_ordinary_user or not ROOT
    may_fail = NOT_BARE["always"] | (NOT_BARE["ordinary"] if ordinary else set())
    assert outside.succeeded or name in may_fail, f"this attack does not even work outside: {outside}"


@pytest.mark.parametrize("attack", [memory_of_another, leave_by_proc_root])
def test_the_first_process_is_closed_before_the_learner_runs(attack, world, identity, monkeypatch):
    fork = os.fork

    def slow_to_return_in_the_parent() -> int:
        child = fork()
        if child:
            time.sleep(0.3)
        return child

    monkeypatch.setattr(os, "fork", slow_to_return_in_the_parent)
    inside = run(attack, world, identity, world.policy())
    assert not inside.succeeded and inside.status == 0, inside


# Ends.


def daemon(world: World) -> object:
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
                signal.signal(number, signal.SIG_IGN)
            time.sleep(1.5)  # it holds the pipe open meanwhile
        os._exit(0)
    os.wait()
    return True


@pytest.mark.parametrize("inside", [True, False], ids=["inside", "outside"])
def test_nothing_survives_the_end(inside, world, identity):
    process = Running(daemon, world, identity, world.policy() if inside else None)
    os.waitpid(process.pid, 0)
    began = time.monotonic()
    assert process.read(10) is not None
    os.close(process.answers)
    assert (time.monotonic() - began < 0.5) is inside


def endless(world: World) -> object:
    daemon(world)
    os.write(world.started, b"1")
    time.sleep(20)
    return True


def started(function, world, identity, policy) -> Running:
    """Start ``function``, which writes to ``world.started`` when it runs."""
    ready, world.started = os.pipe()
    os.set_inheritable(world.started, True)
    process = Running(function, world, identity, policy, (world.started,))
    os.close(world.started)
    assert os.read(ready, 1) == b"1"
    os.close(ready)
    return process


@pytest.mark.parametrize(
    ("sent", "exit_code"),
    [
        (signal.SIGKILL, -signal.SIGKILL),
        (signal.SIGTERM, -signal.SIGTERM),
        (signal.SIGHUP, -signal.SIGHUP),
        (reaper.END, -signal.SIGKILL),
    ],
)
def test_a_signal_to_the_outer_process_ends_all(sent, exit_code, world, identity):
    process = started(endless, world, identity, world.policy())
    os.kill(process.pid, sent)
    began = time.monotonic()
    assert os.waitstatus_to_exitcode(os.waitpid(process.pid, 0)[1]) == exit_code
    assert process.read(10) == b""
    assert time.monotonic() - began < 1
    os.close(process.answers)


def test_an_interrupt_reaches_python(world, identity):
    def interrupted(world: World) -> object:
        with contextlib.suppress(KeyboardInterrupt):
            os.write(world.started, b"1")
            time.sleep(20)
            return False
        return True

    process = started(interrupted, world, identity, world.policy())
    os.kill(process.pid, signal.SIGINT)
    assert process.wait().got is True


def test_all_dies_with_the_process_that_forked_it(world, identity):
    def server(world: World) -> object:
        child = os.fork()
        if child == 0:
            sandbox.enter(world.policy(), [world.started])
            endless(world)
        time.sleep(20)
        return True

    alive, world.started = os.pipe()
    process = Running(server, world, identity)
    os.close(world.started)
    assert os.read(alive, 1) == b"1"
    os.kill(process.pid, signal.SIGKILL)
    assert select.select([alive], [], [], 5)[0], "a sandboxed process holds its end of the pipe open"
    assert os.read(alive, 1) == b""
    os.close(alive)
    assert process.wait().error == "ended without a word"


def kill_children(target: int) -> None:
    child = sleeping_child()
    os.kill(target, signal.SIGKILL)
    os.waitpid(child, 0)


@pytest.mark.parametrize(
    ("end", "exit_code"),
    [
        (lambda world: os._exit(7), 7),
        (lambda world: os.kill(os.getpid(), signal.SIGKILL), -signal.SIGKILL),
        (lambda world: os.abort(), -signal.SIGABRT),
        (lambda world: ctypes.string_at(0), -signal.SIGSEGV),
        (lambda world: kill_children(-1) or os._exit(3), 3),
        (lambda world: os.kill(1, signal.SIGKILL) or time.sleep(0.1) or os._exit(4), 4),
    ],
    ids=["exit", "kill", "abort", "segfault", "kill all", "kill the first"],
)
def test_the_outer_process_ends_as_the_learners_does(end, exit_code, world, identity):
    outcome = run(end, world, identity, world.policy())
    assert os.waitstatus_to_exitcode(outcome.status) == exit_code
    assert not os.WCOREDUMP(outcome.status)
    os.kill(world.victim, 0)


def test_processor_time_is_limited(world, identity):
    def busy(world: World) -> object:
        while True:
            pass

    outcome = run(busy, world, identity, world.policy(cpu_seconds=1))
    assert os.waitstatus_to_exitcode(outcome.status) == -signal.SIGXCPU


def busy_for_a_while() -> None:
    until = time.process_time() + 1.5
    while time.process_time() < until:
        pass
    os._exit(0)


def busy_children(world: World) -> object:
    """Each child keeps a processor busy, none for longer than a process may, all in the learner's own session."""
    while True:
        children = [os.fork() or busy_for_a_while() for _ in range(4)]
        for child in children:
            os.waitpid(child, 0)


def busy_strangers(world: World) -> object:
    """The same by orphans, each in a session of its own."""
    while True:
        for _ in range(4):
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    busy_for_a_while()
                os._exit(0)
            os.wait()
        time.sleep(1)


def busy_and_forgotten(world: World) -> object:
    """The same by children for which nobody waits: the kernel tells nobody what they took."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        with contextlib.suppress(OSError):
            if os.fork() == 0:
                busy_for_a_while()
        time.sleep(0.2)


@pytest.mark.parametrize("busy", [busy_children, busy_strangers, busy_and_forgotten])
def test_processor_time_is_limited_for_all_together(busy, world, identity):
    outcome = run(busy, world, identity, world.policy(cpu_seconds=2))
    assert os.waitstatus_to_exitcode(outcome.status) == sandbox.OUT_OF_TIME, outcome


def test_memory_is_limited_for_files_and_processes_together(world, identity):
    def fill_both(world: World) -> object:
        block = b"x" * MIB
        for number in range(3):
            with open(f"/tmp/{number}", "wb") as file:
                for _ in range(60):
                    file.write(block)
        held = b"y" * (60 * MIB)
        time.sleep(2)
        return len(held)

    policy = world.policy(memory_bytes=300 * MIB, scratch_bytes=512 * MIB, file_size_bytes=64 * MIB)
    assert run(fill_both, world, identity, policy).got, "both together are not too much here"
    tight = world.policy(memory_bytes=90 * MIB, scratch_bytes=512 * MIB, file_size_bytes=64 * MIB)
    outcome = run(fill_both, world, identity, tight)
    assert os.waitstatus_to_exitcode(outcome.status) == sandbox.OUT_OF_MEMORY, outcome


def test_a_process_waits_for_others_and_cannot_change_that(world, identity):
    def look(world: World) -> object:
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, 0, 0)
        return os.getpriority(os.PRIO_PROCESS, 0)

    assert run(look, world, identity, world.policy(nice=12)).got == 12


def test_a_session_of_its_own_gains_no_weight(world, identity):
    def look(world: World) -> object:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.setsid()
            os.write(writing, b"x")
            time.sleep(20)
        os.read(reading, 1)
        # It is looked at a few times a second, and on a busy machine, or where the kernel lets wait, less often.
        until = time.monotonic() + 15
        while time.monotonic() < until:
            own, other = (Path(f"/proc/{pid}/autogroup").read_text().split()[-1] for pid in ("self", child))
            if [own, other] == ["12", "19"]:
                break
            time.sleep(0.1)
        os.kill(child, signal.SIGKILL)
        return [own, other]

    if not Path("/proc/self/autogroup").exists():
        pytest.skip("this kernel gives sessions no share of their own")
    assert run(look, world, identity, world.policy(nice=12)).got == ["12", "19"]


def test_orphans_do_not_pile_up(world, identity):
    def orphans(world: World) -> object:
        for _ in range(world.policy().processes * 2):
            if os.fork() == 0:
                if os.fork() == 0:
                    os._exit(0)
                os._exit(0)
            os.wait()
            time.sleep(0.002)
        return True

    assert run(orphans, world, identity, world.policy()).got is True


# What must still work.


def test_an_honest_program_finds_what_it_needs(world, identity):
    def honest(world: World) -> object:
        import getpass
        import sqlite3
        import xml.dom.minidom

        Path("notes").mkdir()
        Path("notes/a.txt").write_text("å")
        os.symlink("notes", "link")
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"x")
            beside = Path(file.name).parent
        left, right = socket.socketpair()
        left.send(b"x")
        thread = threading.Thread(target=right.recv, args=(1,))
        thread.start()
        thread.join()
        with open("/dev/null", "w") as nothing:
            nothing.write("x")
        words = [sys.executable, "-c", "import os; print(os.getcwd(), len(os.urandom(4)))"]
        printed = subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        assert sqlite3.connect("a.db").execute("select 1").fetchone() == (1,)
        assert xml.dom.minidom
        return {
            "material": (world.material / "data.txt").read_text(),
            "listed": sorted(os.listdir(".")),
            "user": [getpass.getuser(), os.getuid(), Path.home().as_posix(), str(beside)],
            "printed": printed.stdout + printed.stderr,
            "hidden": [(world.material / "hidden.txt").read_bytes().decode(), os.listdir(world.material / "hidden")],
            "host": socket.gethostname(),
        }

    before = sorted(world.folder.rglob("*"))
    inside = run(honest, world, identity, world.policy(scratch=world.folder / "scratch", environment={"A": "1"}))
    assert inside.error is None, inside
    scratch = str(world.folder / "scratch")
    assert inside.got == {
        "material": "data",
        "listed": ["a.db", "link", "notes"],
        "user": ["learner", 1000, scratch, scratch],
        "printed": f"{scratch} 4\n",
        "hidden": ["", []],
        "host": "sandbox",
    }
    assert sorted(world.folder.rglob("*")) == before, "something was left outside"


def test_a_readable_folder_may_lie_in_the_scratch(world, identity):
    def look(world: World) -> object:
        Path("new.txt").write_text("x")
        return sorted(os.listdir(".")), Path("material/data.txt").read_text()

    inside = run(look, world, identity, world.policy(scratch=world.folder))
    assert inside.got == [["material", "new.txt"], "data"]
    assert not (world.folder / "new.txt").exists()


def test_the_network_can_be_allowed(world, identity):
    assert run(tcp, world, identity, world.policy(network=True)).succeeded
    assert not run(unix_abstract, world, identity, world.policy(network=True)).succeeded or landlock.version() < 6


def test_sockets_of_others_do_not_count_where_the_network_is_outside_s(world, identity):
    def stay(world: World) -> object:
        with socket.create_connection(world.tcp, timeout=5):
            time.sleep(1.5)  # until it has been looked at
            return True

    with contextlib.ExitStack() as others:
        for _ in range(400):  # which would hold more than the policy allows
            others.enter_context(socket.socket())
        assert run(stay, world, identity, world.policy(network=True)).got is True


def test_own_sockets_count_where_the_network_is_outside_s(world, identity):
    outcome = run(full_sockets, world, identity, world.policy(network=True))
    assert not outcome.succeeded
    assert os.waitstatus_to_exitcode(outcome.status) == sandbox.OUT_OF_MEMORY


def test_the_streams_are_nothing_and_no_right_is_left(world, identity):
    def look(world: World) -> object:
        status = Path("/proc/self/status").read_text()
        lines = dict(line.split(":\t") for line in status.splitlines() if ":\t" in line)
        names = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp")
        streams = [os.path.realpath(f"/proc/self/fd/{number}") for number in range(3)]
        return [lines[name] for name in names], streams, os.getsid(0) == os.getpid(), os.environ.get("A")

    inside = run(look, world, identity, world.policy(environment={"A": "1"}))
    assert inside.got == [["0" * 16] * 5 + ["1", "2"], ["/dev/null"] * 3, True, "1"]


def test_every_layer_is_in_force(world, identity):
    def look(world: World) -> object:
        try:
            os.listdir("/")  # the new root's own list: only Landlock is in its way
            landlocked = False
        except PermissionError:
            landlocked = True
        files = ("/proc/sys/user/max_user_namespaces", "/proc/self/oom_score_adj")
        mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
        writable = sorted(words[1] for words in mounts if "ro" not in words[3].split(","))
        return [landlocked, writable, os.getpid(), *(Path(file).read_text().strip() for file in files)]

    expected = [landlock.version() > 0, ["/dev/shm", "/scratch", "/tmp"], 2, "0", "1000"]
    assert run(look, world, identity, world.policy()).got == expected


# The layers, one by one.


def test_landlock_holds_alone(world, identity):
    def look(world: World) -> object:
        kernel.prctl("no_new_privs", kernel.PR_SET_NO_NEW_PRIVS, 1)
        allowed = world.material / "data.txt"
        if not landlock.restrict([str(allowed)], [], [], network=False):
            return None
        got = [allowed.read_text()]
        for attack in (read_file("gradebook"), write_there, unix_abstract, tcp):
            try:
                got.append(attack(world))
            except OSError as error:
                got.append(error.errno)
        return got

    inside = run(look, world, identity)
    if inside.got is None and inside.error is None:
        pytest.skip("this kernel has no Landlock")
    assert inside.got[:3] == ["data", errno.EACCES, errno.EACCES]
    abi = landlock.version()
    assert inside.got[3:] == [errno.EPERM if abi >= 6 else True, errno.EACCES if abi >= 4 else True]


def test_the_filter_of_system_calls_holds_alone(world, identity):
    def look(world: World) -> object:
        kernel.prctl("no_new_privs", kernel.PR_SET_NO_NEW_PRIVS, 1)
        assert seccomp.install()
        got = []
        for attack in (user_namespace, user_namespace_by_clone, uncounted_memory, virtual_machine_socket, tcp):
            try:
                got.append(attack(world))
            except OSError as error:
                got.append(error.errno)
        thread = threading.Thread(target=got.append, args=("thread",))
        thread.start()
        thread.join()
        try:
            call("syscall", 435, 0, 0)  # clone3
        except OSError as error:
            got.append(error.errno)
        return got

    expected = [errno.EPERM] * 3 + [errno.EAFNOSUPPORT, True, "thread", errno.ENOSYS]
    assert run(look, world, identity).got == expected


# Refusals.


def refused(world, identity, policy, keep=(), before=lambda: None) -> str:
    def never(world: World) -> object:
        return True

    def become() -> None:
        identity()
        before()

    outcome = run(never, world, become, policy, keep)
    assert outcome.got is None and outcome.error.startswith("SandboxError: "), outcome
    return outcome.error.removeprefix("SandboxError: ")


def test_a_folder_cannot_be_kept_open(world, identity):
    place = os.open(world.folder, os.O_RDONLY)
    try:
        assert f"file descriptor {place} is a folder" in refused(world, identity, world.policy(), (place,))
    finally:
        os.close(place)


def test_a_closed_file_cannot_be_kept(world, identity):
    assert "file descriptor 999 is to be kept" in refused(world, identity, world.policy(), (999,))


def test_what_is_missing_cannot_be_shown(world, identity):
    said = refused(world, identity, world.policy(read=(world.folder / "nowhere",)))
    assert f"{world.folder}/nowhere, which does not exist" in said


@pytest.mark.parametrize("path", ["home", "/"])
def test_a_home_folder_cannot_be_shown(path, world, identity):
    home = world.folder / "home"
    policy = world.policy(read=(world.folder if path == "home" else Path("/"),))
    assert "the home folder" in refused(world, identity, policy, before=lambda: os.environ.update(HOME=str(home)))


def test_a_kernel_without_user_namespaces_is_explained(world, identity):
    def switch_off() -> None:
        # In a namespace where one may say so: the setting holds for what is below.
        namespaces.new_user_and_pid()
        Path("/proc/sys/user/max_user_namespaces").write_text("0")

    said = refused(world, identity, world.policy(), before=switch_off)
    assert "user namespaces are switched off: user.max_user_namespaces = 0" in said


def test_in_a_sandbox_there_is_no_sandbox_and_it_says_why(world, identity):
    def look(world: World) -> object:
        sandbox.available.cache_clear()
        return sandbox.available()

    assert "Operation not permitted" in run(look, world, identity, world.policy()).got


# Numbers.


def test_memory_of_a_tree_is_counted_once():
    ready, say = os.pipe()
    child = os.fork()
    if child == 0:
        block = b"x" * (64 * MIB)
        grandchildren = [sleeping_child() for _ in range(2)]
        os.write(say, bytes([len(grandchildren), len(block) % 2]))
        time.sleep(20)
    os.read(ready, 2)
    try:
        counted = sandbox.total_memory(child)
        at_most = sum(limits.resident(pid) for pid in limits.tree(child))
    finally:
        for pid in reversed(list(limits.tree(child))):
            os.kill(pid, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(ready)
        os.close(say)
    assert 64 * MIB <= counted < 80 * MIB + limits.own_memory()
    assert at_most >= 3 * 64 * MIB


def test_time_of_ended_processes_is_kept():
    def times(own: float, waited: float = 0.0) -> usage.Times:
        return usage.Times(own, waited)

    used = usage.UsedTime()
    assert used.seconds({(2, 1): times(1.0), (3, 1): times(5.0), (4, 1): times(7.0)}) == 13
    # The parent waited for one; nobody waited for the other; a third came and went unseen.
    assert used.seconds({(2, 1): times(1.0, waited=5.5)}) == pytest.approx(13.0, abs=0.6)
    assert used.seconds({(2, 1): times(2.0, waited=5.5), (3, 9): times(0.25)}) == pytest.approx(14.25, abs=0.6)
    assert used.seconds({(2, 1): times(2.0, waited=5.75)}) == pytest.approx(14.25, abs=0.6)


@pytest.mark.skipif(not ROOT, reason="only root can make a control group here")
def test_a_group_holds_the_learners_processes_and_is_removed(monkeypatch):
    tree = cgroup.mounted()
    if tree is None or not os.access(tree, os.W_OK):
        pytest.skip("no control groups of version 2")
    folder = tree / f"functional-course-test-{os.getpid()}"
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("no control group can be made")

    def without_controllers(base: Path | None, memory: int, processes: int) -> Path:
        made = folder / str(os.getpid())
        made.mkdir()
        return made

    monkeypatch.setattr(cgroup, "make", without_controllers)
    ready, say = os.pipe()
    child = os.fork()
    if child == 0:
        sandbox.enter(sandbox.Policy(), [say])
        os.write(say, b"1")
        time.sleep(0.5)
        os._exit(5)
    try:
        assert os.read(ready, 1) == b"1"
        processes = (folder / str(child) / "cgroup.procs").read_text().split()
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 5
        assert len(processes) == 2 and str(child) not in processes, "the one that watches stays outside"
        assert not (folder / str(child)).exists()
    finally:
        folder.rmdir()
        os.close(ready)
        os.close(say)


def test_processor_time_of_a_tree_is_kept_and_is_nobody_elses(monkeypatch):
    child = os.fork()
    if child == 0:
        if os.fork() == 0:
            busy_for_a_while()
        os.wait()
        time.sleep(20)
    time_of = usage.ProcessorTime(child)
    until = time.monotonic() + DEADLINE
    while time_of.seconds() < 1.5 and time.monotonic() < until:
        time.sleep(0.05)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    used = time_of.seconds()
    assert 1.5 <= used < 3
    # As if the number were given to another process, which has used much more.
    monkeypatch.setattr(usage, "parsed", lambda pid, stat: ((child, -1), usage.Times(100.0, 0.0)))
    monkeypatch.setattr(limits, "tree", lambda pid: [pid])
    monkeypatch.setattr(Path, "read_bytes", lambda path: b"")
    assert time_of.seconds() == used


def test_the_description_tells_what_holds(world):
    text = " ".join(sandbox.describe(world.policy()))
    for fact in ("no network", "8 MiB in memory", "96 MiB a process", "24 processes", "Landlock"):
        assert fact in text
    assert "the network can be reached" in " ".join(sandbox.describe(world.policy(network=True)))


def test_what_is_shown_is_little(world):
    shown = filesystem.readable(world.policy())
    assert str(world.material) in shown
    assert not {"/", "/home", "/root", "/tmp", "/var", "/etc", "/dev", "/proc"} & set(shown)


def test_collapsing_memory_changes_no_data():
    block = bytearray(os.urandom(1024) * 8192)
    before = bytes(block)
    assert sandbox.collapse_memory() >= 0
    assert bytes(block) == before


def test_the_filter_is_for_this_architecture_only():
    assert seccomp.program("riscv64") is None
    for machine in ("x86_64", "aarch64"):
        code = seccomp.program(machine)
        lines = [struct.unpack_from("=HBBI", code, start) for start in range(0, len(code), 8)]
        for place, (kind, then, otherwise, _) in enumerate(lines):
            if kind & 7 == 5:  # a jump never leaves the program
                assert place + 1 + max(then, otherwise) < len(lines)
        assert lines[-1][0] == 6
