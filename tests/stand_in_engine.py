"""A stand-in for docker or podman: it keeps to their words, and runs a container's program directly on this machine.

``stand_in_engine.py FOLDER WORD ...``. In FOLDER lie ``calls.txt`` with all that it was asked for, one JSON a line, and
for each container that runs a file with its name that holds a process id. It knows the images ``cold`` (whose Python
starts as in a container), ``course`` (the same, forked from the warm process: sooner), ``old`` (one of another state of
the course), ``bare`` (one without the course) and ``falls`` (whose containers end at once).
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

IMAGES = ("cold", "course", "old", "bare", "falls")
FAILED, NEVER_RAN = 1, 125


def run(folder: Path, words: list[str]) -> int:
    """``run OPTIONS IMAGE ARGUMENTS``: every option is one word."""
    place = next(index for index, word in enumerate(words) if not word.startswith("--"))
    options, image, arguments = words[:place], words[place], words[place + 1 :]
    given = [word.partition("=")[::2] for word in options]
    of = dict(given)
    assert {"--rm", "--interactive", "--network", "--read-only", "--memory", "--user"} <= set(of), options
    assert of["--entrypoint"] == "python" and of["--pull"] == "never", options
    environment = dict(value.partition("=")[::2] for name, value in given if name == "--env")
    assert not {"PATH", "PYTHONPATH"} & set(environment), "an image has its own"
    if "--state" in arguments and image in ("old", "bare"):
        print("course 0, keras 0" if image == "old" else "python: No module named functional_course")
        return 0 if image == "old" else FAILED
    if "--state" not in arguments and image == "falls":
        return NEVER_RAN
    for name in ("HOME", "TMPDIR", "KERAS_HOME", "MPLCONFIGDIR"):
        environment[name] = str(folder)
    environment |= {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).resolve().parent.parent)}
    if image == "course" and "--state" not in arguments:
        # Here, for an engine is asked for much that needs neither.
        from functional_course.grading.judging import execution
        from functional_course.kernels.warm_process import fork

        _, module, *words = arguments
        process = fork(module, words, cwd=folder, env=execution.environment(), descriptors=(0, 1, 2))
    else:
        program = [sys.executable, *arguments]
        process = subprocess.Popen(program, env=environment, cwd=folder, start_new_session=True)
    running = folder / of.get("--name", "trial")
    running.write_text(str(process.pid))
    status = process.wait()
    running.unlink(missing_ok=True)
    return status if status >= 0 else 128 - status


def end(folder: Path, name: str) -> int:
    """``kill NAME``, ``rm --force NAME``."""
    try:
        os.killpg(int((folder / name).read_text()), signal.SIGKILL)
        (folder / name).unlink(missing_ok=True)
    except (OSError, ValueError):
        return FAILED
    return 0


def main(folder: Path, words: list[str]) -> int:
    """Do what an engine does."""
    with (folder / "calls.txt").open("a") as calls:
        calls.write(json.dumps(words) + "\n")
    if words == ["info"]:
        return 0
    if words[:2] == ["image", "inspect"]:
        if words[-1] in IMAGES and "--format={{.Id}}" in words:
            built = folder / "built"  # what stands in it makes another image of the same name
            print(f"sha256:{hashlib.sha256(built.read_bytes() if built.exists() else b'').hexdigest()}")
        return 0 if words[-1] in IMAGES else FAILED
    if words[0] == "run":
        return run(folder, words[1:])
    if words[0] == "ps":
        begin = next(word.removeprefix("--filter=name=") for word in words if word.startswith("--filter"))
        print(*(path.name for path in folder.glob(f"{begin}*")), sep="\n")
        return 0
    if words[0] in ("kill", "rm"):
        return end(folder, words[-1])
    raise AssertionError(f"no engine would know {words}")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
