"""What a sandboxed process may do: data only, so that it can be stored, sent and compared."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

MIB = 1024**2
GIB = 1024**3
USUAL_PATH = "/usr/local/bin:/usr/bin:/bin"
"""Where a sandboxed process finds commands."""
USUAL_LANG = "C.UTF-8"
KERAS_THREADS = 32 + 4 * (os.cpu_count() or 1)
"""Threads that Keras with TensorFlow starts by itself: 25 to 30 with everything in use on two processors."""


class SandboxError(RuntimeError):
    """The sandbox could not be set up. Nothing of a learner may run in a process that got this error."""


def _default_hidden() -> tuple[Path, ...]:
    # nbgrader's default exchange and Jupyter's system-wide configuration (the gradebook's address may stand in it)
    # lie below folders that Python needs.
    places = dict.fromkeys([sys.prefix, sys.base_prefix, "/usr/local", "/usr"])
    return tuple(Path(place) / name for place in places for name in ("share/nbgrader", "etc/jupyter"))


@dataclass(frozen=True)
class Policy:
    """Limits of a sandboxed process and all that it starts.

    Args:
        scratch: the only folder that can be written to, apart from ``/tmp`` and ``/dev/shm``: working directory,
            ``HOME`` and ``TMPDIR``. It is a fresh folder in memory. A folder of that name outside is not seen,
            nothing in it arrives outside, nothing is left of it.
        read: folders and files that can be read, besides the Python that runs, this package and the system's
            libraries. One that lies in ``scratch`` is shown there, read-only.
        beside: files and folders that are shown, read-only, in ``scratch``, by these names, wherever they lie.
        hide: folders and files that cannot, though they lie in one that can. ``hide`` wins over ``read``.
        memory_bytes: memory on top of what the process had when it entered. The kernel holds each process to it
            (``MemoryError``); the outer half looks after all processes together and ends them when they are above.
        address_space_bytes: address space on top of what was mapped. TensorFlow reserves far more than it uses.
        scratch_bytes: what ``scratch``, ``/tmp`` and ``/dev/shm`` hold together.
        file_size_bytes: the largest file.
        processes: processes and threads together: by default 64, and what Keras with TensorFlow starts by itself.
        nice: how far its processes step back behind others, from 1 to 19.
        open_files: open files a process.
        cpu_seconds: processor time of all processes together, ended ones included. The kernel holds each process to
            it, too (``SIGXCPU``).
        network: whether the network can be reached.
        environment: environment variables, besides the few that are always set. No others are seen.
    """

    scratch: Path = Path("/scratch")
    read: tuple[Path, ...] = ()
    beside: Mapping[str, Path] = field(default_factory=dict)
    hide: tuple[Path, ...] = field(default_factory=_default_hidden)
    memory_bytes: int = 2 * GIB
    address_space_bytes: int = 16 * GIB
    scratch_bytes: int = 256 * MIB
    file_size_bytes: int = 64 * MIB
    processes: int = 64 + KERAS_THREADS
    nice: int = 5
    open_files: int = 256
    cpu_seconds: int = 600
    network: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("read", "hide"):
            object.__setattr__(self, name, _paths(getattr(self, name)))
        object.__setattr__(self, "scratch", Path(self.scratch))
        object.__setattr__(self, "environment", dict(self.environment))
        object.__setattr__(self, "beside", {name: Path(path) for name, path in self.beside.items()})
        for name in self.beside:
            if name in ("", ".", "..") or "/" in name or "\0" in name:
                raise ValueError(f"what lies in the scratch folder has a plain name, got {name!r}")
        for path in (self.scratch, *self.read, *self.hide, *self.beside.values()):
            if not path.is_absolute() or ".." in path.parts:
                raise ValueError(f"a sandbox's paths are absolute and without '..', got {str(path)!r}")
        if self.scratch == Path("/") or self.scratch.parts[1] in ("proc", "dev", "etc", "sys", "usr", "lib", "lib64"):
            raise ValueError(f"the scratch folder cannot be {str(self.scratch)!r}")
        for item in fields(self):
            value = getattr(self, item.name)
            if item.type == "int" and (type(value) is not int or value <= 0):
                raise ValueError(f"{item.name} must be a whole number above 0, got {value!r}")

    def to_json(self) -> str:
        """The policy as JSON text."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_json(cls, text: str) -> Policy:
        """The policy that :meth:`to_json` wrote.

        Raises:
            ValueError: the text is not JSON, or not a policy's.
        """
        values = json.loads(text)
        known = {item.name for item in fields(cls)}
        if not isinstance(values, dict) or not set(values) <= known:
            raise ValueError("this is not a sandbox policy")
        return cls(**values)


def _paths(values: Iterable[str | Path]) -> tuple[Path, ...]:
    return tuple(Path(value) for value in values)
