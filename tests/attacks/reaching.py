"""Getting at other processes, other submissions, the network, and what comes after."""

from attacks.attack import Attack


def reaching(name, about, text, **more):
    """A cell that does something and gives a wrong answer."""
    return Attack(name, about, task="spread", cell=f"import os, signal\n{text}\nspread = -1.0", **more)


REACHING = [
    reaching(
        "network",
        "A connection to this machine and to others.",
        """
import socket
for address in (("127.0.0.1", 8888), ("1.1.1.1", 53)):
    try:
        socket.create_connection(address, timeout=1).close()
        print("FOUND", address)
    except OSError:
        pass""",
    ),
    reaching(
        "kill_all",
        "Every process that can be seen is killed.",
        """
for number in (signal.SIGTERM, signal.SIGKILL):
    try:
        os.kill(-1, number)
    except OSError:
        pass""",
    ),
    reaching(
        "kill_parent",
        "The process that watches is killed.",
        """
for process in (os.getppid(), 1):
    try:
        os.kill(process, signal.SIGKILL)
    except OSError:
        pass""",
    ),
    reaching(
        "warm_process",
        "The warm process is asked for a process without a sandbox.",
        """
import glob, json, socket
for path in glob.glob("/tmp/functional-course-*/*.sock") + glob.glob("/run/**/*.sock", recursive=True):
    asked = socket.socket(socket.AF_UNIX)
    asked.connect(path)
    asked.sendall(json.dumps({"module": "os", "argv": [], "cwd": "/", "env": {}}).encode() + b"\\n")
    print("FOUND", path)""",
    ),
    reaching(
        "files_left",
        "Files where others would find them.",
        """
import site
for folder in ("/tmp", "/dev/shm", ".", *site.getsitepackages(), os.path.dirname(checks.__file__), "/var/tmp", "/"):
    for name in ("numpy.py", "sitecustomize.py", "usercustomize.py"):
        try:
            with open(os.path.join(folder, name), "w") as file:
                file.write("raise SystemExit('attacked')")
        except OSError:
            pass""",
    ),
    reaching(
        "links_left",
        "Links to the gradebook in the place of its own files.",
        """
for target in ("../../gradebook.db", "/etc/passwd"):
    for name in ("build.ipynb", "autograded", "feedback"):
        try:
            os.symlink(target, name)
        except OSError:
            pass""",
    ),
    reaching(
        "privileges",
        "New namespaces, mounts and root's programs.",
        """
import ctypes, glob, subprocess
library = ctypes.CDLL(None, use_errno=True)
if library.unshare(0x10000000) == 0 or library.mount(b"none", b"/tmp", b"tmpfs", 0, None) == 0:
    print("FOUND privileges")
if library.setuid(0) == 0 and glob.glob(os.path.join(os.path.expanduser("~root"), ".*")):
    print("FOUND root")""",
    ),
    reaching(
        "survivor",
        "A process that outlives the notebook, in a session of its own.",
        """
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        import time
        time.sleep(3600)
    os._exit(0)""",
    ),
    reaching(
        "threads",
        "Threads that stay and meddle.",
        """
import sys, threading, time
def meddle():
    while True:
        for module in list(sys.modules.values()):
            if getattr(module, "__name__", "") == "numpy":
                module.allclose = lambda *_: True
        time.sleep(0.05)
threading.Thread(target=meddle, daemon=True).start()""",
    ),
    reaching(
        "commands",
        "Commands of the shell that stay, write where they should not, and speak for the notebook.",
        """
commands = [
    "(setsid sleep 600 >/dev/null 2>&1 &)", "nohup sleep 600 >/dev/null 2>&1 & disown",
    "exec 3>&- 4>&-", "printf 'xxxx' >&3", "echo x > /proc/$PPID/mem", "echo 1 > /proc/$PPID/oom_score_adj",
    "kill -STOP 1", "kill -9 1", "ln -s / here; cat here/etc/shadow", "mount --bind / .", "chroot / /bin/sh",
    "yes | head -c 30000000", "cat /dev/tty", "mkdir -p functional_course; echo 'raise SystemExit' > sitecustomize.py",
    "echo 'raise SystemExit' | tee keras.py numpy.py checks.py", "ulimit -n unlimited; ulimit -u unlimited",
    "renice -n -20 $PPID", "python3 -c 'import os; os.kill(os.getppid(), 20)'",
]
for command in commands:
    try:
        get_ipython().system(command)
    except OSError:
        pass
print("tried", len(commands))""",
        ways=18,
    ),
]
