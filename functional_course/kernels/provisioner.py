"""jupyter_client's extension point: kernels that are forked warm instead of started cold.

Source: https://jupyter-client.readthedocs.io/en/stable/provisioning.html
"""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner

_KERNEL = "ipykernel_launcher"

COLD = "COURSE_COLD_KERNEL"
"""A kernel with this environment variable is started by the process that asks for it, and is its child."""


class WarmProvisioner(LocalProvisioner):
    """Forks the kernel from a process in which Keras is imported; where that cannot be, starts it as usual.

    Registered as ``warm-provisioner``. nbgrader, nbval, nbclient and JupyterLab use it for a kernel whose
    specification names it, or for every kernel with ``JUPYTER_DEFAULT_PROVISIONER_NAME=warm-provisioner``.
    """

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork the kernel that ``cmd`` would start."""
        process = self._warm(cmd, kwargs)
        if process is None:
            return await super().launch_kernel(cmd, **kwargs)
        self.process = process
        self.pid = self.pgid = process.pid
        self.cwd = kwargs.get("cwd") or pathlib.Path.cwd()
        return self.connection_info

    def _warm(self, cmd: list[str], kwargs: dict[str, Any]):
        """The forked process, or None if this kernel is not one that can be forked."""
        if (
            os.name != "posix"
            or cmd[1:3] != ["-m", _KERNEL]
            or not _is_this_python(cmd[0])
            or kwargs.get("independent")
            or COLD in (kwargs.get("env") or {})
        ):
            return None
        wanted = {name: kwargs.get(name) for name in ("stdout", "stderr")}
        if any(value == subprocess.PIPE for value in wanted.values()):
            return None
        from functional_course.kernels.warm_process import NoWarmProcess, fork

        env = dict(kwargs.get("env") or os.environ)
        env["JPY_PARENT_PID"] = str(os.getpid())
        with open(os.devnull, "r+b") as nothing:
            descriptors = [nothing.fileno(), *(_descriptor(wanted[name], name, nothing) for name in wanted)]
            try:
                return fork(_KERNEL, cmd[3:], cwd=kwargs.get("cwd") or os.getcwd(), env=env, descriptors=descriptors)
            except NoWarmProcess as reason:
                self.log.debug("A kernel starts cold: %s", reason)
                return None


def _is_this_python(executable: str) -> bool:
    return os.path.abspath(executable) == os.path.abspath(sys.executable)


def _descriptor(wanted: Any, name: str, nothing: Any) -> int:
    """The file that the kernel's stdout or stderr goes to, as :class:`subprocess.Popen` takes it."""
    if wanted == subprocess.DEVNULL:
        return nothing.fileno()
    if wanted is None:
        try:
            return getattr(sys, f"__{name}__").fileno()
        except (AttributeError, OSError, ValueError):
            return nothing.fileno()
    return wanted if isinstance(wanted, int) else wanted.fileno()
