"""A kernel without channels: ipykernel's own, whose messages become the outputs of the cell that runs."""

from __future__ import annotations

import builtins
import getpass
import os
import shutil
import sys
import types
from typing import Any

from functional_course.grading.executing import commands
from functional_course.grading.executing.outputs import Outputs

from ipykernel.inprocess.ipkernel import InProcessInteractiveShell, InProcessKernel
from IPython.core.error import StdinNotImplementedError, UsageError
from IPython.utils.text import LSString, SList
from jupyter_client.session import Session
from traitlets import Any as AnyTrait
from traitlets import Type, default
from traitlets.config import Config

_FOR_COMMANDS = {
    # There is no network, and no need to look for it again and again.
    "PIP_RETRIES": "0",
    "PIP_DEFAULT_TIMEOUT": "5",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_NO_INPUT": "1",
    "UV_OFFLINE": "1",
    "CONDA_REMOTE_MAX_RETRIES": "0",
    "DEBIAN_FRONTEND": "noninteractive",
    "GIT_TERMINAL_PROMPT": "0",
}


class _Session(Session):
    """Takes what a kernel sends to its frontend."""

    outputs: Any = None

    def send(self, stream: Any, msg_or_type: Any, content: Any = None, *_: Any, **__: Any) -> None:
        """Keep a message that shows something; let all others go."""
        if isinstance(msg_or_type, dict):
            kind, content = msg_or_type.get("msg_type"), msg_or_type.get("content")
        else:
            kind = msg_or_type
        if kind == "clear_output":
            self.outputs.clear(bool(content.get("wait")))
        elif kind in ("display_data", "update_display_data", "execute_result"):
            data, metadata = content.get("data") or {}, content.get("metadata") or {}
            shown_as = (content.get("transient") or {}).get("display_id")
            if kind == "update_display_data":
                self.outputs.replace(shown_as, data, metadata)
                return
            output = {"output_type": kind, "data": data, "metadata": metadata}
            if kind == "execute_result":
                output["execution_count"] = content.get("execution_count")
            self.outputs.add(output, len(str(data)), shown_as)


class Shell(InProcessInteractiveShell):
    """The shell of a notebook's kernel. Its commands have no terminal: what they print comes through a pipe."""

    outputs: Any = None
    last_error: BaseException | None = None

    async def run_cell_async(self, *arguments: Any, **more: Any) -> Any:
        """Run a cell, and remember what it raised."""
        result = await super().run_cell_async(*arguments, **more)
        self.last_error = result.error_before_exec or result.error_in_exec
        return result

    def init_environment(self) -> None:
        """As a kernel does it, and with what commands need to know here."""
        super().init_environment()
        for name, value in _FOR_COMMANDS.items():
            os.environ.setdefault(name, value)
        if "SHELL" not in os.environ and (bash := shutil.which("bash")):
            os.environ["SHELL"] = bash

    def enable_gui(self, gui: Any = None) -> None:
        """Accept what a kernel accepts; no window is ever drawn."""
        from ipykernel.eventloops import loop_map

        if gui not in loop_map and gui != "inline":
            raise UsageError(f"Invalid GUI request {gui!r}, valid ones are: {list(loop_map)}")
        super().enable_gui(gui)

    def system(self, cmd: str) -> None:
        """Run a command; what it prints goes to the cell."""
        self._run(cmd, lambda text: print(text, end=""), depth=2)

    system_piped = system_raw = system

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> SList | LSString:
        """Run a command and return what it prints."""
        parts: list[str] = []
        self._run(cmd, parts.append, depth=depth + 2)
        text = "".join(parts)
        return SList(text.splitlines()) if split else LSString(text)

    def _run(self, cmd: str, heard: Any, depth: int) -> None:
        if cmd.rstrip().endswith("&"):
            raise OSError("Background processes not supported.")  # IPython's words
        sys.stdout.flush()
        code = commands.run(self.var_expand(cmd, depth=depth), heard)
        self.user_ns["_exit_code"] = code
        if self.system_raise_on_error and code != 0:
            import subprocess

            raise subprocess.CalledProcessError(code, cmd)

    def ask_exit(self) -> None:
        """Go on: the cells that follow are graded, too."""

    def _showtraceback(self, etype: type[BaseException], evalue: BaseException, stb: list[str]) -> None:
        lines = [str(line)[:10_000] for line in (stb or [])]
        lines = lines if len(lines) <= 20 else [*lines[:10], "...", *lines[-9:]]
        try:
            said = str(evalue)[:10_000]
        except BaseException:  # an error of a learner's own class may not know what to say
            said = ""
        self._last_traceback = lines
        output = {"output_type": "error", "ename": etype.__name__[:200], "evalue": said, "traceback": lines}
        self.outputs.add(output, sum(map(len, lines)))


class Kernel(InProcessKernel):
    """A kernel that nobody is connected to."""

    shell_class = Type(Shell)
    # Neither threads nor sockets: messages go no further than the session.
    iopub_thread = AnyTrait()
    iopub_socket = AnyTrait()
    stdout = AnyTrait()
    stderr = AnyTrait()
    debugger_class = AnyTrait(lambda *_, **__: None)
    shell_channel_thread = AnyTrait(types.SimpleNamespace(parent_thread=None))

    @default("session")
    def _default_session(self) -> Session:
        return _Session(parent=self, key=b"")

    def begin_cell(self) -> None:
        """Take what is shown from here on as the next cell's."""
        assert self.session is not None  # the default one
        self.set_parent([], self.session.msg("execute_request", {"code": ""}))

    def raw_input(self, prompt: object = "") -> str:
        """Nobody is there."""
        raise StdinNotImplementedError("nobody answers `input()` here: give the value in the cell itself")

    def getpass(self, prompt: str = "", stream: Any = None, *, echo_char: str | None = None) -> str:
        """Nobody is there."""
        return self.raw_input(prompt)

    # IPython's kernel does so at once, too, where its base class returns a coroutine.
    def do_shutdown(self, restart: bool) -> dict[str, Any]:  # type: ignore[override]
        """Go on: the cells that follow are graded, too."""
        return {"status": "ok", "restart": restart}


def started(outputs: Outputs) -> tuple[Kernel, Shell]:
    """The kernel and the shell of this process, with the extensions and the path that a notebook's kernel has.

    Args:
        outputs: where its cells' outputs go.
    """
    settings = Config()
    settings.HistoryManager.enabled = False
    settings.InteractiveShell.colors = "nocolor"
    kernel = Kernel.instance(config=settings)
    shell, session = kernel.shell, kernel.session
    assert isinstance(shell, Shell) and isinstance(session, _Session)  # as the class says
    session.outputs = shell.outputs = outputs
    assert shell.extension_manager is not None  # a shell makes one when it starts
    shell.extension_manager.load_extension("storemagic")
    # Also between cells, when a function is called: a kernel does it for the time of a cell.
    builtins.input, getpass.getpass = kernel.raw_input, kernel.getpass
    _show_working_folder()
    return kernel, shell


def _show_working_folder() -> None:
    """Have the working folder's modules imported, as a kernel does: after the standard library's."""
    if "" not in sys.path:
        packages = [os.path.basename(path) in ("site-packages", "dist-packages") for path in sys.path]
        sys.path.insert(packages.index(True) if True in packages else 0, "")
