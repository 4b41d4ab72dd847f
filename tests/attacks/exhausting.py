"""Taking more than there is: time, memory, disk, processes, output. The other tasks are answered well."""

from attacks.attack import Attack, breaking, rescaling


def exhausting(name, about, text, **more):
    """A cell that takes too much."""
    return Attack(name, about, task="spread", cell=f"import os, signal, time\n{text}\nspread = -1.0", **more)


EXHAUSTING = [
    exhausting("sleep", "A cell that does not end.", "time.sleep(3600)"),
    exhausting(
        "deaf",
        "A cell that does not end and hears no alarm.",
        """
signal.setitimer(signal.ITIMER_REAL, 0)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM, signal.SIGINT, signal.SIGTERM})
while True:
    time.sleep(3600)""",
        says="took too long",
    ),
    exhausting("print", "Printing for ever.", 'while True:\n    print("x" * 10_000)'),
    exhausting(
        "display",
        "A picture of 50 MB and a thousand others.",
        """
from IPython.display import Image, display
display({"image/png": "A" * 50_000_000, "text/plain": "x"}, raw=True)
for _ in range(1000):
    display({"image/png": "A" * 100_000}, raw=True)""",
    ),
    exhausting(
        "fork",
        "Processes that make processes.",
        """
try:
    while True:
        if os.fork() == 0:
            time.sleep(100)
except OSError:
    pass""",
    ),
    exhausting(
        "memory",
        "Memory without end.",
        """
held = []
try:
    while True:
        held.append(bytearray(1 << 27))
except MemoryError:
    held.clear()""",
    ),
    exhausting(
        "memory_of_many",
        "Memory without end, in many processes.",
        """
for _ in range(8):
    if os.fork() == 0:
        held = np.ones(70_000_000)
        time.sleep(100)
while True:
    time.sleep(1)""",
    ),
    exhausting(
        "disk",
        "Files without end.",
        """
try:
    for place in range(10_000):
        with open(f"/tmp/{place}", "wb") as file:
            file.write(bytes(1 << 24))
except OSError:
    pass""",
    ),
    exhausting("_exit", "A cell that ends Python.", "os._exit(0)", says="ended its Python process"),
    exhausting("abort", "A cell that crashes Python.", "import ctypes; ctypes.string_at(0)", says="ended its Python"),
    exhausting("close", "The line to the judging side is closed.", "os.close(3)", says="ended its Python process"),
    rescaling(
        "close_later",
        "The line is closed when a function is called.",
        """
        import os
        os.close(3)""",
    ),
    rescaling(
        "exit_later",
        "A function ends Python.",
        """
        import os
        os._exit(0)""",
    ),
    rescaling(
        "loop_later",
        "A function does not end.",
        """
        while True:
            pass""",
    ),
    rescaling(
        "deep",
        "A nest of lists that is too deep, and numbers that are too long.",
        """
        deep = []
        for _ in range(100_000):
            deep = [deep]
        return [deep, 10 ** 100_000]""",
    ),
    rescaling(
        "cyclic",
        "A list that holds itself.",
        """
        round_ = []
        round_.append(round_)
        return {"x": round_}""",
    ),
    rescaling("large", "An array of 3 GB.", "return np.broadcast_to(0.0, (400_000_000,)) * 1"),
    Attack(
        "drip",
        "One byte a second.",
        task="spread",
        cell="""
        import os, struct, time
        os.write(3, struct.pack("!IQ", 100_000, 0))
        while True:
            os.write(3, b" ")
            time.sleep(1)""",
        deserved=breaking("spread"),
    ),
    Attack(
        "slow_test",
        "A model that takes the tests for ever to run.",
        task="skip",
        cell="""
        row = keras.Input((4,), name="row")
        x = keras.layers.Reshape((2, 2, 1))(row)
        for _ in range(3):
            x = keras.layers.UpSampling2D(64)(x)
        skip = keras.Model(row, x)""",
    ),
]
