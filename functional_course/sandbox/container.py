"""The fallback where the kernel's own calls are not to be had: a container of docker or podman.

This module only writes the command line. The image must hold Python, the course and its libraries.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from functools import cache

from functional_course.sandbox.policy import Policy, SandboxError

ENGINES = ("podman", "docker")


@cache
def available_engine() -> str | None:
    """The first engine of :data:`ENGINES` that is installed and answers, or None."""
    for engine in ENGINES:
        if shutil.which(engine) is None:
            continue
        try:
            answer = subprocess.run([engine, "info"], stdin=subprocess.DEVNULL, capture_output=True, timeout=20)
        except (OSError, subprocess.TimeoutExpired):
            continue
        if answer.returncode == 0:
            return engine
    return None


def command(engine: str, image: str, policy: Policy, program: Sequence[str], name: str | None = None) -> list[str]:
    """The command line that runs ``program`` in a container under ``policy``, connected by stdin and stdout.

    Memory is a true total here. ``address_space_bytes`` and ``cgroup`` have no counterpart and are left out.

    Args:
        engine: ``"docker"`` or ``"podman"``.
        image: the image's name; it is not downloaded.
        policy: its ``read`` is mounted read-only at the same places.
        program: what to start, and its arguments.
        name: the container's name, to end it with ``docker kill NAME``.

    Raises:
        SandboxError: the policy hides something within a folder that it shows; a container cannot do that here.
        ValueError: an unknown engine, or a path that a command line cannot carry.
    """
    if engine not in ENGINES:
        raise ValueError(f"the engine is one of {', '.join(ENGINES)}, got {engine!r}")
    if not program:
        raise ValueError("there is no program to run")
    for hidden in policy.hide:
        for shown in policy.read:
            if shown == hidden or shown in hidden.parents:
                raise SandboxError(f"a container that shows {shown} cannot hide {hidden}")
    places = f"rw,nosuid,nodev,size={policy.scratch_bytes},mode=1777"
    scratch = str(policy.scratch)
    environment = {"HOME": scratch, "TMPDIR": scratch, "KERAS_HOME": f"{scratch}/.keras"}
    environment |= {"MPLCONFIGDIR": f"{scratch}/.matplotlib", **policy.environment}
    words = [engine, "run", "--rm", "--interactive", "--init", "--pull=never", "--log-driver=none"]
    if name is not None:
        words.append(f"--name={name}")
    if not policy.network:
        words.append("--network=none")
    words += [
        "--read-only",
        "--cap-drop=ALL",
        "--security-opt=no-new-privileges",
        "--user=65534:65534",
        "--hostname=sandbox",
        "--ipc=private",
        f"--shm-size={policy.scratch_bytes}",
        f"--tmpfs={scratch}:{places}",
        f"--tmpfs=/tmp:{places}",
        f"--workdir={scratch}",
        f"--memory={policy.memory_bytes}",
        f"--memory-swap={policy.memory_bytes}",
        f"--pids-limit={policy.processes}",
        "--ulimit=core=0",
        f"--ulimit=nofile={policy.open_files}",
        f"--ulimit=fsize={policy.file_size_bytes}",
        f"--ulimit=cpu={policy.cpu_seconds}",
    ]
    for path in policy.read:
        if "," in str(path):
            raise ValueError(f"a container cannot show a path with a comma: {path}")
        words.append(f"--mount=type=bind,source={path},target={path},readonly")
    words += [f"--env={key}={value}" for key, value in environment.items()]
    return [*words, f"--entrypoint={program[0]}", image, *program[1:]]
