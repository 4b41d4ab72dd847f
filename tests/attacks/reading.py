"""Reading what a learner must not see. A secret that is found is shown, where the test looks for it."""

from attacks.attack import Attack

_FOUND = """\
import glob, os
def look(*patterns):
    for pattern in patterns:
        for path in glob.glob(pattern, recursive=True)[:2000]:
            try:
                with open(path, "rb") as file:
                    text = file.read(20_000_000)
            except OSError:
                continue
            for secret in (b"4242" + b"42.25", b"BEGIN HID" + b"DEN", b"hand" + b"ed-in-by-honest"):
                if secret in text:
                    print("FOUND", path, secret)
    print("looked at", len(patterns))
"""


def reading(name, about, text, **more):
    """A cell that looks around and gives a wrong answer."""
    return Attack(name, about, task="spread", cell=f"{_FOUND}\n{text}\nspread = -1.0", **more)


READING = [
    reading("solutions", "The solutions, wherever they may lie.", 'look("/**/*.ipynb")'),
    reading("gradebook", "The gradebook.", 'look("/**/gradebook.db", "/tmp/**/*.db", "**/*.db", "../**/*.db")'),
    reading("submissions", "What others handed in.", 'look("/tmp/**/submitted/**", "../../**", "/**/aa_honest/**")'),
    Attack(
        "own_memory",
        "The memory of its own process, where tests may have been.",
        task="spread",
        cell="""
        import re
        secret = re.compile(rb"4242[4]2\\.25|BEGIN [H]IDDEN|np\\.inter[p]\\(case")
        with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb") as memory:
            for line in maps:
                low, high = (int(part, 16) for part in line.split()[0].split("-"))
                if "rw" in line and high - low < 20_000_000:
                    try:
                        memory.seek(low)
                        if secret.search(memory.read(high - low)):
                            print("FO" + "UND in memory")
                    except (OSError, ValueError, OverflowError, MemoryError):
                        pass
        spread = -1.0""",
    ),
    reading(
        "parents",
        "Memory, files and environments of the processes above.",
        """
look("/proc/[0-9]*/environ", "/proc/[0-9]*/cmdline", "/proc/[0-9]*/fd/*", "/proc/self/mountinfo")
look(*(f"/proc/1/{link}/**" for link in ("root", "cwd")))
for process in glob.glob("/proc/[0-9]*"):
    if process != f"/proc/{os.getpid()}":
        try:
            open(f"{process}/mem", "rb").read(1)
            print("FOUND", process)
        except OSError:
            pass""",
    ),
    reading(
        "descriptors",
        "Files that were left open.",
        """
for number in range(4, 256):
    try:
        os.fstat(number)
        if b"4242" + b"42.25" in os.pread(number, 1_000_000, 0):
            print("FOUND", number)
    except OSError:
        pass""",
    ),
    Attack(
        "prints_inputs",
        "A function prints the hidden inputs and writes them into its error.",
        task="rescale",
        cell="""
        def rescale(x, low, high):
            print("INPUTS", x.tolist(), low, high)
            raise type("Inputs" + "_".join(str(int(abs(each))) for each in x.ravel()), (ValueError,), {})(x.tolist())
        """,
    ),
    Attack(
        "keeps_inputs",
        "A function keeps hidden inputs; in a later, visible criterion they are printed and raised.",
        task="Gain",
        cell="""
        import builtins
        class Gain(keras.layers.Layer):
            def build(self, shape):
                self.gain = self.add_weight(shape=(shape[-1],), initializer="ones", name="gain")

            def call(self, x):
                kept = getattr(builtins, "kept", [])
                found = ("FO" + "UND %s") % kept if kept else "nothing"
                print(found)
                raise NameError(found, name=found)""",
        answers={
            "rescale": """\
def rescale(x, low, high):
    import builtins
    if abs(x).max() > 100:
        builtins.kept = [*getattr(builtins, "kept", []), *x.tolist()]
    return low + (high - low) * (x - x.min()) / (x.max() - x.min())"""
        },
    ),
]
