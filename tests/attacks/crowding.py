"""Taking what others need beside it, and texts that cost whoever looks at them."""

from __future__ import annotations

from attacks.attack import ANSWERS, Attack
from attacks.exhausting import exhausting

_BUFFERS = """
import mmap, socket
held = []
def sockets():
    one, other = socket.socketpair()
    one.setblocking(False)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 27)
    held.extend([one, other])
    try:
        one.send(bytes(1 << 22))
    except BlockingIOError:
        pass

def pipes():
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    os.write(writing, bytes(1 << 16))

def files():
    held.append(os.memfd_create("x"))
    os.write(held[-1], bytes(1 << 24))

def shared():
    held.append(mmap.mmap(-1, 1 << 26))
    held[-1].write(bytes(1 << 26))

for take in (sockets, pipes, files, shared):
    try:
        for _ in range(60):
            take()
    except (OSError, ValueError, MemoryError):
        pass
held.clear()"""

_RIGHTS = """
import resource
for wanted in (-20, -5):
    try:
        os.nice(wanted)
        print("FO" + "UND", wanted)
    except OSError:
        pass
try:
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))
    print("FO" + "UND real time")
except OSError:
    pass
for name in ("RLIMIT_NPROC", "RLIMIT_NOFILE", "RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_FSIZE"):
    kind = getattr(resource, name)
    soft, hard = resource.getrlimit(kind)
    try:
        if hard != resource.RLIM_INFINITY:
            resource.setrlimit(kind, (hard + 1, hard + 1))
            print("FO" + "UND", name)
    except (OSError, ValueError, OverflowError):
        pass"""

_BUSY = """
import threading
def busy():
    end = time.monotonic() + 0.5
    while time.monotonic() < end:
        pass
for _ in range(100):
    try:
        if os.fork() == 0:
            os.setsid()
            busy()
            os._exit(0)
    except OSError:
        break
for _ in range(10):
    try:
        threading.Thread(target=busy, daemon=True).start()
    except RuntimeError:
        break"""

_PICTURE = """
import base64, struct, zlib
from IPython.display import display
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
size = struct.pack(">IIBBBBB", 30000, 30000, 1, 0, 0, 0, 0)
data = b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", size) + chunk(b"IDAT", zlib.compress(bytes(750200)))
display({"image/png": base64.b64encode(data + chunk(b"IEND", b"")).decode(), "text/plain": "x"}, raw=True)"""


def _heavy(name: str, about: str, before: dict[str, str], after: dict[str, str] | None = None) -> Attack:
    """Right answers, with texts before and after them that are hard to look at."""
    after = after or {}
    texts = {task: f"{before.get(task, '')}\n{right}\n{after.get(task, '')}" for task, right in ANSWERS.items()}
    full = dict.fromkeys(ANSWERS, 3.0)
    ways = len(before) + len(after)
    return Attack(name, about, task="spread", cell=texts.pop("spread"), answers=texts, deserved=full, ways=ways)


CROWDING = [
    exhausting("busy_tree", "Busy children, each in a session of its own, and busy threads.", _BUSY, ways=2),
    exhausting("buffers", "Full buffers of sockets and pipes, files in memory, shared memory.", _BUFFERS, ways=4),
    exhausting("rights", "A higher priority, and higher limits.", _RIGHTS, ways=8),
    _heavy(
        "heavy_texts",
        "Empty lines, comments, long lines, brackets and backslashes by the thousand.",
        {
            "spread": "\n" * 12_000,
            "rescale": "# x\n" * 12_000,
            "skip": "# " + "x" * 60_000,
            "twin": "# " + "(" * 9_000 + "\nx = '" + "[" * 9_000 + "'",
            "Gain": "\n".join(f"x = '{chr(92) * 400}'" for _ in range(40)),
        },
    ),
    _heavy(
        "heavy_marks",
        "Marks of nbgrader's, of HTML and of Markdown, what steers a terminal, formulas, and a picture of 10**9 dots.",
        {"spread": "### BEGIN HIDDEN TESTS", "rescale": "# " + "<b>&amp;*_`[](" * 3_000},
        {
            "spread": "### END HIDDEN TESTS\n### BEGIN SOLUTION\n### END SOLUTION",
            "skip": "print('\\x1b[2J\\x1b]0;x\\x07\\u202e', '=1+1;@x', '+cmd|x!A0')",
            "twin": _PICTURE,
            "Gain": "### BEGIN HIDDEN TESTS",
        },
    ),
]
