"""The fallback where the kernel's own calls are not to be had: a container of docker or podman.

The image must hold Python, the course and its libraries. Nothing is downloaded.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from functional_course.sandbox.policy import Policy, SandboxError

ENGINES = ("podman", "docker")
ANSWER_SECONDS = 20
TRIAL_SECONDS = 120
BUILD = "Build the image anew, as the guide 'Teach with the course' says"


@cache
def available_engine() -> str | None:
    """The first engine of :data:`ENGINES` that is installed and answers, or None."""
    for engine in ENGINES:
        if shutil.which(engine) is not None and asked(engine, "info").returncode == 0:
            return engine
    return None


def asked(*words: str, seconds: float = ANSWER_SECONDS) -> subprocess.CompletedProcess[str]:
    """What an engine answers; one that cannot be started, or is silent, answers as one that fails."""
    try:
        return subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=seconds
        )
    except OSError as error:
        return subprocess.CompletedProcess(words, 127, "", str(error))
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(words, 124, "", f"no answer within {seconds:g} seconds")


def why_not(image: str, policy: Policy, program: Sequence[str], expected: str) -> str | None:
    """Why no container of this image will do, and what to do about it; None if one does. Tries one.

    Args:
        image: its name.
        policy: the container's.
        program: what to try: it prints which state of the course it is of.
        expected: the state that it should be of.
    """
    engine = available_engine()
    installed = [each for each in ENGINES if shutil.which(each)]
    if engine is None and not installed:
        return f"neither {' nor '.join(ENGINES)} is installed. Install one of them"
    if engine is None:
        silent = installed[0]
        return f"{silent} is installed but does not answer: {_last(asked(silent, 'info'))}. Start its service"
    if asked(engine, "image", "inspect", image).returncode != 0:
        return f"{engine} has no image called {image}. {BUILD}"
    trial = asked(*command(engine, image, policy, program), seconds=TRIAL_SECONDS)
    if trial.returncode != 0:
        return f"a container of {image} does not run the course: {_last(trial)}. {BUILD}"
    if trial.stdout.strip() != expected:
        return f"the image {image} holds another state of the course: {_last(trial)}, not {expected}. {BUILD}"
    return None


def identified(image: str) -> str:
    """An image's name with what tells it from an earlier one of the same name, where an engine knows it here."""
    engine = available_engine()
    if engine is None:
        return image
    told = asked(engine, "image", "inspect", "--format={{.Id}}", image)
    number = told.stdout.strip().removeprefix("sha256:")[:12] if told.returncode == 0 else ""
    return f"{image} ({number})" if number else image


def _last(answer: subprocess.CompletedProcess[str]) -> str:
    """The last line of what an engine said, which is where the reason stands."""
    lines = (answer.stderr.strip() or answer.stdout.strip()).splitlines()
    return lines[-1][:500].rstrip(".") if lines else f"exit code {answer.returncode}"


def command(engine: str, image: str, policy: Policy, program: Sequence[str], name: str | None = None) -> list[str]:
    """The command line that runs ``program`` in a container under ``policy``, connected by stdin and stdout.

    Memory is a true total here. ``address_space_bytes`` and ``nice`` have no counterpart and are left out.

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
    mounts: list[tuple[Path, Path | str]] = [(path, path) for path in policy.read]
    mounts += [(path, f"{scratch}/{name}") for name, path in policy.beside.items()]
    for path, target in mounts:
        if "," in f"{path}{target}":
            raise ValueError(f"a container cannot show a path with a comma: {path}")
        words.append(f"--mount=type=bind,source={path},target={target},readonly")
    words += [f"--env={key}={value}" for key, value in environment.items()]
    return [*words, f"--entrypoint={program[0]}", image, *program[1:]]
